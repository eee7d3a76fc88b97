"""The answer to `K`: why each clock of an order shows its time, by the rule book, and what to do about it."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING

from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.i18n import _, language
from shoptui.queries.types import StoreRow
from shoptui.words import consequence_words, kind_advice, kind_word, source_words

if TYPE_CHECKING:
    from shoptui.domain.rules import RuleBook


async def explain_clocks(order: Order, store: StoreRow | None, now: int) -> list[str]:
    """One paragraph per running clock: its steps, who says so, and what to do. Never empty."""
    running = [
        clock for clock in sorted(order.clocks, key=lambda clock: (clock.is_advice, clock.due_at)) if clock.running
    ]
    if not running:
        return [_("No clock runs on this order: nothing is lost by waiting.")]
    if store is None:
        return [_("The store of this order is not known here.")]
    book = await asyncio.to_thread(_rule_book)
    domain_store = _domain_store(store)
    lines: list[str] = []
    for clock in running:
        found = book.explain(clock, order, domain_store, language())
        steps = " ".join(step.text for step in found.steps)
        source = found.source or source_words(clock.source)
        seen = _(", as of {date}").format(date=found.source_date.isoformat()) if found.source_date else ""
        words = _("{kind}, {loss}: {steps} ({source}{seen}) {advice}").format(
            kind=kind_word(clock.kind.value),
            loss=consequence_words(clock.consequence),
            steps=steps,
            source=source,
            seen=seen,
            advice=kind_advice(clock),
        )
        lines.append(words)
    return lines


@lru_cache(maxsize=1)
def _rule_book() -> RuleBook:
    # Read when first asked for: most sessions never press K, and start-up must not wait for it.
    from shoptui.rulebook import load_rule_book

    return load_rule_book()


def _domain_store(row: StoreRow) -> Store:
    return Store(
        store_id=row.store_id,
        marketplace=row.marketplace,
        region=row.region,
        shop_id=row.shop_id,
        name=row.name,
        time_zone=row.time_zone,
        currency=row.currency,
        app="",
        paused=row.paused,
    )
