"""The answer to `K`: why each clock shows its time, by the rule book, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from shoptui.domain.messages import Sender
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.i18n import _, language
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.types import StoreRow
from shoptui.words import consequence_words, kind_advice, kind_word, source_words

if TYPE_CHECKING:
    from shoptui.domain.reply_clock import ReplyBook
    from shoptui.domain.rule_types import RateRule
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


async def explain_reply(row: ThreadRow, store: StoreRow | None, now: int) -> list[str]:
    """Why a conversation's reply clock shows its time, and what else runs on it. Never empty."""
    lines: list[str] = []
    if row.asked_at is None:
        lines.append(_("No question of the buyer waits: no reply clock runs."))
    elif store is None:
        lines.append(_("The store of this conversation is not known here."))
    else:
        lines += await asyncio.to_thread(_reply_lines, row, _domain_store(store))
    if row.escalated_to:
        words = _("{by} put it before {to}: {reason}")
        lines.append(words.format(by=row.escalated_by, to=row.escalated_to, reason=row.escalation_reason or "-"))
    return lines


def _reply_lines(row: ThreadRow, store: Store) -> list[str]:
    book = _reply_book(store)
    asked_at = row.asked_at
    assert asked_at is not None
    clock = book.clock(store.store_id, row.thread_id, asked_at)
    if clock is None:
        return [_("No rule says how soon this store must answer: nothing is counted down. Tell an admin.")]
    found = book.explain(clock, asked_at, store, language())
    seen = _(", as of {date}").format(date=found.source_date.isoformat()) if found.source_date else ""
    words = _("{kind}, {loss}: {steps} ({source}{seen}) {advice}").format(
        kind=kind_word(clock.kind.value),
        loss=consequence_words(clock.consequence),
        steps=" ".join(step.text for step in found.steps),
        source=found.source or source_words(clock.source),
        seen=seen,
        advice=kind_advice(clock),
    )
    return [words]


async def robots_answer(store: StoreRow | None, now: int) -> bool | None:
    """Whether automatic answers stop a store's reply clock (epoch s), None for a store that is not known here."""
    if store is None:
        return None
    return await asyncio.to_thread(_robots_answer, _domain_store(store), now)


async def rate_rules(stores: Sequence[StoreRow], now: int) -> dict[str, RateRule]:
    """What share each store must answer in time at a moment (epoch s); stores without a rule are left out."""
    return await asyncio.to_thread(_rate_rules, [_domain_store(store) for store in stores], now)


def _rate_rules(stores: Sequence[Store], now: int) -> dict[str, RateRule]:
    found = {store.store_id: _reply_book(store).rate_rule(store.store_id, now) for store in stores}
    return {store_id: rule for store_id, rule in found.items() if rule is not None}


def _robots_answer(store: Store, now: int) -> bool:
    return Sender.ROBOT in _reply_book(store).answering(store.store_id, now)


def _reply_book(store: Store) -> ReplyBook:
    from shoptui.domain.reply_clock import ReplyBook

    if store.store_id not in _REPLY_BOOKS:
        _REPLY_BOOKS[store.store_id] = ReplyBook(_rule_book(), [store])
    return _REPLY_BOOKS[store.store_id]


#: What the rules say of each store's conversations; they are read once.
_REPLY_BOOKS: dict[str, ReplyBook] = {}


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
