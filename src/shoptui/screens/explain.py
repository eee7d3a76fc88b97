"""The answer to `K`: why each clock shows its time, by the rule book, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shoptui.cockpit.rule_file import RulesInForce
from shoptui.domain.messages import Sender
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.i18n import _, language
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.types import StoreRow
from shoptui.words import consequence_words, kind_advice, kind_word, source_words

if TYPE_CHECKING:
    from shoptui.domain.clocks import Clock
    from shoptui.domain.rule_types import RateRule
    from shoptui.domain.rules import Explanation
    from shoptui.queries.returns import ReturnDetail


async def explain_clocks(rules: RulesInForce, order: Order, store: StoreRow | None) -> list[str]:
    """One paragraph per running clock: its steps, who says so, and what to do. Never empty."""
    running = [
        clock for clock in sorted(order.clocks, key=lambda clock: (clock.is_advice, clock.due_at)) if clock.running
    ]
    if not running:
        return [_("No clock runs on this order: nothing is lost by waiting.")]
    if store is None:
        return [_("The store of this order is not known here.")]
    book = await asyncio.to_thread(rules.look)
    domain_store = _domain_store(store)
    lines: list[str] = []
    for clock in running:
        found = book.explain(clock, order, domain_store, language())
        lines.append(_clock_words(clock, found))
    return [*lines, rules.fault] if rules.fault else lines


async def explain_return(rules: RulesInForce, detail: ReturnDetail, store: StoreRow | None) -> list[str]:
    """Why each running clock of a return request shows its time, and what to do about it. Never empty."""
    from shoptui.domain.return_clock import ReturnBook
    from shoptui.domain.returns import ReturnAsk

    request = detail.request
    running = [clock for clock in sorted(request.clocks, key=lambda clock: clock.due_at) if clock.running]
    if not running:
        return [_("No clock runs on this request: nothing is lost by waiting.")]
    if store is None:
        return [_("The store of this request is not known here.")]
    if request.ask is ReturnAsk.CANCEL and detail.order is not None:
        # The order's own clock, which its rules explain.
        return await explain_clocks(rules, detail.order, store)
    book = await asyncio.to_thread(rules.look)
    domain_store = _domain_store(store)
    returns = ReturnBook(book, [domain_store])
    lines: list[str] = []
    for clock in running:
        found = returns.explain(clock, request, domain_store, detail.row.goods_back_at, language())
        lines.append(_clock_words(clock, found))
    return [*lines, rules.fault] if rules.fault else lines


async def explain_reply(rules: RulesInForce, row: ThreadRow, store: StoreRow | None) -> list[str]:
    """Why a conversation's reply clock shows its time, and what else runs on it. Never empty."""
    lines: list[str] = []
    if row.asked_at is None:
        lines.append(_("No question of the buyer waits: no reply clock runs."))
    elif store is None:
        lines.append(_("The store of this conversation is not known here."))
    else:
        lines += await asyncio.to_thread(_reply_lines, rules, row, _domain_store(store))
    if row.escalated_to:
        words = _("{by} put it before {to}: {reason}")
        lines.append(words.format(by=row.escalated_by, to=row.escalated_to, reason=row.escalation_reason or "-"))
    return lines


def _reply_lines(rules: RulesInForce, row: ThreadRow, store: Store) -> list[str]:
    book = rules.replies(store)
    asked_at = row.asked_at
    assert asked_at is not None
    clock = book.clock(store.store_id, row.thread_id, asked_at)
    if clock is None:
        return [_("No rule says how soon this store must answer: nothing is counted down. Tell an admin.")]
    found = book.explain(clock, asked_at, store, language())
    words = _clock_words(clock, found)
    return [words, rules.fault] if rules.fault else [words]


def _clock_words(clock: Clock, found: Explanation) -> str:
    """A clock's paragraph: what it is, what is lost, its steps, who says so, and what to do."""
    seen = _(", as of {date}").format(date=found.source_date.isoformat()) if found.source_date else ""
    return _("{kind}, {loss}: {steps} ({source}{seen}) {advice}").format(
        kind=kind_word(clock.kind.value),
        loss=consequence_words(clock.consequence),
        steps=" ".join(step.text for step in found.steps),
        source=found.source or source_words(clock.source),
        seen=seen,
        advice=kind_advice(clock),
    )


async def robots_answer(rules: RulesInForce, store: StoreRow | None, now: int) -> bool | None:
    """Whether automatic answers stop a store's reply clock (epoch s), None for a store that is not known here."""
    if store is None:
        return None
    return await asyncio.to_thread(_robots_answer, rules, _domain_store(store), now)


async def rate_rules(rules: RulesInForce, stores: Sequence[StoreRow], now: int) -> dict[str, RateRule]:
    """What share each store must answer in time at a moment (epoch s); stores without a rule are left out."""
    return await asyncio.to_thread(_rate_rules, rules, [_domain_store(store) for store in stores], now)


def _rate_rules(rules: RulesInForce, stores: Sequence[Store], now: int) -> dict[str, RateRule]:
    found = {store.store_id: rules.replies(store).rate_rule(store.store_id, now) for store in stores}
    return {store_id: rule for store_id, rule in found.items() if rule is not None}


def _robots_answer(rules: RulesInForce, store: Store, now: int) -> bool:
    return Sender.ROBOT in rules.replies(store).answering(store.store_id, now)


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
