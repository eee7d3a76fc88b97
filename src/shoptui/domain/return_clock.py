"""Clocks of buyers' return requests: how long the store has to answer, why that long, and what happens at zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from shoptui.domain.clock_source import is_ours, is_rule, read_source, rule_source
from shoptui.domain.clocks import Clock, ClockKind, ClockScope
from shoptui.domain.money import Money
from shoptui.domain.records import dataclass
from shoptui.domain.returns import OUR_TURN, ReturnAsk, ReturnRequest, ReturnState
from shoptui.domain.rule_text import StepArgs, StepId
from shoptui.domain.rule_time import Trace, in_force, is_for, local_day, zone_for
from shoptui.domain.rule_types import RETURN_KINDS, AnyRule, BaseRule, Extension, winner
from shoptui.domain.rules import Basis, Explanation, RuleBook, by_rule, steps_of
from shoptui.domain.stores import Store


class AtZero(StrEnum):
    """What the marketplace does when the store has not answered in time."""

    BUYER_PAID = "buyer_paid"
    RETURN_AGREED = "return_agreed"
    REPLACEMENT_AGREED = "replacement_agreed"
    CANCELLED = "cancelled"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Zero:
    """What happens at zero, and the money it costs by itself; None where none is paid at that moment."""

    what: AtZero
    money: Money | None = None


def at_zero(request: ReturnRequest) -> Zero:
    """What happens when nobody answers the request; nothing while it is not the store's turn."""
    if request.state not in OUR_TURN:
        return Zero(AtZero.NOTHING)
    if request.ask is ReturnAsk.CANCEL:
        return Zero(AtZero.CANCELLED, request.value)
    if request.state is ReturnState.ASKED and request.ask is ReturnAsk.REPLACE:
        return Zero(AtZero.REPLACEMENT_AGREED)
    if request.state is ReturnState.ASKED and request.ask is ReturnAsk.RETURN and request.goods_come_back is not False:
        # The money follows when the goods are back.
        return Zero(AtZero.RETURN_AGREED)
    return Zero(AtZero.BUYER_PAID, request.value)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What may apply to one store's returns, whatever the day."""

    store: Store
    rules: tuple[BaseRule, ...]
    extensions: tuple[Extension, ...]


class ReturnBook:
    """The rule book's part about returns, looked up by store. Immutable.

    Dates of its rules are judged by the moment the buyer asked.
    """

    __slots__ = ("_book", "_desks")

    def __init__(self, book: RuleBook, stores: Iterable[Store] = ()) -> None:
        self._book = book
        self._desks: Mapping[str, _Desk] = {store.store_id: _desk(book, store) for store in stores}

    def clocks(self, request: ReturnRequest, goods_back_at: int | None = None) -> tuple[Clock, ...]:
        """The request's clocks, with the one a rule gives where the marketplace set none and it is the store's turn.

        `goods_back_at` is when the goods were first said to be back (epoch s), None while they are not or nobody knows.
        Clocks of an earlier rule book are computed anew. A wish to cancel keeps its order's clocks as they are, and
        when it is not the store's turn only clocks that the marketplace gave remain.
        """
        if request.ask is ReturnAsk.CANCEL:
            return request.clocks
        own = tuple(clock for clock in request.clocks if not is_rule(clock.source))
        desk = self._desks.get(request.store_id)
        started = _started(request, goods_back_at)
        if desk is None or started is None or any(_decides(clock) for clock in own):
            return own
        kind, started_at = started
        rule = winner([one for one in desk.rules if one.kind is kind and _applies(one, request, desk)])
        if rule is None:
            return own
        due_at, _ = self._compute(rule, desk, request, started_at)
        made = Clock(
            kind=kind,
            due_at=due_at,
            consequence=rule.consequence,
            stopped_by=rule.stopped_by,
            source=rule_source(rule.rule_id),
            scope=ClockScope.RETURN,
            scope_id=request.return_id,
        )
        return (*own, made)

    def explain(
        self,
        clock: Clock,
        request: ReturnRequest,
        store: Store,
        goods_back_at: int | None = None,
        language: str = "en",
    ) -> Explanation:
        """Why a request's `clock` shows its time.

        `language` beginning with `zh` gives Chinese sentences, anything else English.
        """
        origin = read_source(clock.source)
        zone = store.time_zone
        trace: Trace = []
        if origin.ours:
            trace.append((StepId.HOUSE, {"what": origin.ours, "at": clock.due_at, "zone": zone}))
            return Explanation("", Basis.HOUSE, steps_of(trace, language), origin.ours)
        if origin.field:
            of_field: StepArgs = {"marketplace": origin.marketplace, "field": origin.field}
            trace.append((StepId.FIELD, {**of_field, "at": clock.due_at, "zone": zone}))
            return Explanation("", Basis.FIELD, steps_of(trace, language), f"{origin.marketplace}:{origin.field}")
        rule = self._book.rule(origin.rule_id)
        started = _started(request, goods_back_at)
        if not isinstance(rule, BaseRule) or started is None:
            trace.append((StepId.GONE, {"rule_id": origin.rule_id, "thing": "return"}))
            return Explanation(origin.rule_id, Basis.RULE, steps_of(trace, language), "")
        zone = zone_for(rule, store)
        step = StepId.REQUESTED if rule.kind is ClockKind.RETURN else StepId.GOODS_BACK
        trace.append((step, {"at": started[1], "zone": zone}))
        due_at, extension = self._compute(rule, _desk(self._book, store), request, started[1], trace)
        if due_at != clock.due_at:
            trace.append((StepId.MOVED, {"at": due_at, "zone": zone, "thing": "return"}))
        return by_rule(rule, extension, trace, language, local_day(request.created_at, zone))

    def _compute(
        self, rule: BaseRule, desk: _Desk, request: ReturnRequest, started_at: int, trace: Trace | None = None
    ) -> tuple[int, Extension | None]:
        extension = winner([one for one in desk.extensions if rule.kind in one.kinds and _applies(one, request, desk)])
        return self._book.due_at(rule, started_at, extension, desk.store, trace), extension


def with_clocks(request: ReturnRequest, clocks: tuple[Clock, ...]) -> ReturnRequest:
    """The request with other clocks; the same object when they are the same."""
    return request if clocks == request.clocks else replace(request, clocks=clocks)


def _started(request: ReturnRequest, goods_back_at: int | None) -> tuple[ClockKind, int] | None:
    """Which clock runs, and from when; None while it is not the store's turn, or nobody knows since when it is."""
    if request.state is ReturnState.ASKED:
        return ClockKind.RETURN, request.created_at
    if request.state is ReturnState.ARRIVED and goods_back_at is not None:
        return ClockKind.INSPECT, goods_back_at
    return None


def _decides(clock: Clock) -> bool:
    """True for a deadline of the marketplace's own that still runs."""
    return clock.running and clock.kind in RETURN_KINDS and not clock.is_advice and not is_ours(clock.source)


def _desk(book: RuleBook, store: Store) -> _Desk:
    return _Desk(
        store,
        rules=tuple(one for one in book.rules if one.kind in RETURN_KINDS and is_for(one.conditions, store)),
        extensions=tuple(one for one in book.extensions if one.kinds <= RETURN_KINDS and is_for(one.conditions, store)),
    )


def _applies(rule: AnyRule, request: ReturnRequest, desk: _Desk) -> bool:
    asks = rule.conditions.asks
    return (asks is None or request.ask in asks) and in_force(rule, request.created_at, desk.store)
