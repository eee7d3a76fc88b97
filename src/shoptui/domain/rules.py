"""The rule book: fills the deadlines marketplaces leave open, extends them, and says why a clock shows its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.calendar import BusinessCalendar, Source
from shoptui.domain.clock_source import extended_source, is_extended, is_ours, is_rule, read_source, rule_source
from shoptui.domain.clocks import Clock, ClockKind, Consequence, StopEvent
from shoptui.domain.orders import CLOSED, STATUS_RANK, Flag, Order, Status
from shoptui.domain.records import dataclass
from shoptui.domain.rule_merge import check_calendars, check_unambiguous, digest_of, merge
from shoptui.domain.rule_text import StepArgs, StepId, sentence
from shoptui.domain.rule_time import Trace, extend, in_force, local_day, reach, zone_for
from shoptui.domain.rule_types import (
    ORDER_MOMENTS,
    AnyEntry,
    AnyRule,
    BaseRule,
    Conditions,
    Extension,
    Moment,
    RateRule,
    RuleFile,
    RuleT,
    winner,
)
from shoptui.domain.stores import Store

#: Orders for which the seller has nothing to do yet, or nothing at all, so that no rule may start a clock.
_NOT_YET = frozenset({Status.UNPAID, Status.ON_HOLD})
#: Pre-orders count from a release date that orders do not carry: no time is better than a wrong one.
_NOT_OURS = Flag.FULFILLED_BY_PLATFORM | Flag.PRE_ORDER

#: The least advanced status in which an event has happened to the whole order.
_REACHED: Mapping[StopEvent, int] = MappingProxyType(
    {
        StopEvent.ARRANGED: STATUS_RANK[Status.TO_HAND_OVER],
        StopEvent.COLLECTED: STATUS_RANK[Status.IN_TRANSIT],
        StopEvent.DELIVERED: STATUS_RANK[Status.DELIVERED],
    }
)


class Basis(StrEnum):
    """Where a clock's time comes from before anything extends it."""

    FIELD = "field"
    RULE = "rule"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Step:
    """One step towards a clock's time: an id with arguments for those who translate, and the sentence."""

    id: StepId
    args: StepArgs
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a clock shows its time.

    `rule_id` is the base rule, or the extension on top of a field; "" when no rule took part. `extension_id` is the
    extension that moved the time, "" without one. `source` says who says so, `source_date` when that was read, None for
    a field or a decision of the house. `on` is the local day by which the rule was judged to be in force, None without
    a rule.
    """

    rule_id: str
    base: Basis
    steps: tuple[Step, ...]
    source: str
    source_date: date | None = None
    on: date | None = None
    extension_id: str = ""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What may apply to the stores of one marketplace and region.

    `kinds_unasked` are the kinds an order can have that its buyer does not want to cancel: nearly every order.
    """

    bases: tuple[tuple[ClockKind, tuple[BaseRule, ...]], ...] = ()
    kinds: frozenset[ClockKind] = frozenset()
    kinds_unasked: frozenset[ClockKind] = frozenset()
    extensions: Mapping[ClockKind, tuple[Extension, ...]] = field(default_factory=lambda: MappingProxyType({}))
    field_kinds: frozenset[ClockKind] = frozenset()


_EMPTY_SHELF = _Shelf()


class RuleBook:
    """All rules in force, indexed by marketplace and region. Immutable; build one with `from_files`."""

    __slots__ = ("_by_id", "_holidays_alone", "_shelves", "calendars", "digest", "extensions", "rates", "rules")

    def __init__(
        self,
        rules: Sequence[BaseRule],
        extensions: Sequence[Extension],
        calendars: Iterable[BusinessCalendar],
        rates: Sequence[RateRule] = (),
    ) -> None:
        self.rules = tuple(rules)
        self.extensions = tuple(extensions)
        self.rates = tuple(rates)
        self.calendars: Mapping[str, BusinessCalendar] = MappingProxyType({one.region: one for one in calendars})
        check_unambiguous(self.rules)
        check_unambiguous(self.extensions)
        check_unambiguous(self.rates)
        every: tuple[AnyRule, ...] = (*self.rules, *self.extensions)
        check_calendars(every, self.calendars)
        self._by_id: dict[str, AnyRule] = {rule.rule_id: rule for rule in every}
        self._shelves = _shelve(self.rules, self.extensions)
        self._holidays_alone = {region: one.without_weekends() for region, one in self.calendars.items()}
        #: Changes whenever any rule, extension, rate or calendar does, so that stored clocks are known to be stale.
        self.digest = digest_of((*every, *self.rates, *self.calendars.values()))

    @classmethod
    def from_files(cls, files: Sequence[RuleFile]) -> RuleBook:
        """Merge files; a later one replaces rules by id and calendars by region. Raises RuleError."""
        return cls(*merge(files))

    def clocks_for(self, order: Order, store: Store) -> tuple[Clock, ...]:
        """The order's clocks with gaps filled and extensions applied; the same tuple when there is nothing to do.

        A marketplace's own field wins over a rule of the same kind; advice is no deadline and leaves the gap open.
        Clocks that an earlier rule book computed or moved are computed anew, so applying it twice changes nothing.
        """
        shelf = self._shelf_for(store)
        clocks = order.clocks
        present: set[ClockKind] = set()
        touched = False
        for clock in clocks:
            source = clock.source
            if is_rule(source):
                touched = True
                continue
            if is_extended(source):
                touched = True
            if clock.consequence is not Consequence.ADVICE and not is_ours(source):
                present.add(clock.kind)
        extensible = not shelf.field_kinds.isdisjoint(present)
        asked = bool(order.flags & Flag.CANCEL_REQUESTED)
        if not touched and not extensible and (shelf.kinds if asked else shelf.kinds_unasked) <= present:
            return clocks
        kept = _own(clocks) if touched else clocks
        if extensible:
            kept = tuple(self._extended(clock, order, store, shelf) for clock in kept)
        added = self._fill(order, store, shelf, present)
        return (*kept, *added) if added or touched or extensible else clocks

    def explain(self, clock: Clock, order: Order, store: Store, language: str = "en") -> Explanation:
        """Why `clock` shows its time; `language` beginning with `zh` gives Chinese sentences, anything else English."""
        origin = read_source(clock.source)
        trace: Trace = []
        if origin.ours:
            trace.append((StepId.HOUSE, {"what": origin.ours, "at": clock.due_at, "zone": store.time_zone}))
            return Explanation("", Basis.HOUSE, steps_of(trace, language), origin.ours)
        rule = self._by_id.get(origin.rule_id)
        if origin.field:
            return self._explain_field(clock, order, store, rule, language)
        if not isinstance(rule, BaseRule):
            trace.append((StepId.GONE, {"rule_id": origin.rule_id}))
            return Explanation(origin.rule_id, Basis.RULE, steps_of(trace, language), "")
        due_at, extension = self._compute(rule, order, store, self._shelf_for(store), trace)
        if due_at != clock.due_at:
            trace.append(
                (StepId.MOVED, {"at": due_at, "zone": zone_for(rule, store)})
                if due_at is not None
                else (StepId.NOT_STARTED, {"moment": rule.counts_from.value})
            )
        return by_rule(rule, extension, trace, language, _judged_on(rule, order, store))

    def _explain_field(
        self, clock: Clock, order: Order, store: Store, rule: AnyRule | None, language: str
    ) -> Explanation:
        origin = read_source(clock.source)
        said_at = clock.due_at if origin.field_due_at is None else origin.field_due_at
        trace: Trace = [
            (
                StepId.FIELD,
                {"marketplace": origin.marketplace, "field": origin.field, "at": said_at, "zone": store.time_zone},
            )
        ]
        own = f"{origin.marketplace}:{origin.field}"
        if not origin.rule_id:
            return Explanation("", Basis.FIELD, steps_of(trace, language), own)
        if not isinstance(rule, Extension):
            trace.append((StepId.GONE, {"rule_id": origin.rule_id}))
            return Explanation(origin.rule_id, Basis.FIELD, steps_of(trace, language), own, extension_id=origin.rule_id)
        due_at = extend(rule, said_at, store, self.calendar_for(rule, store), trace)
        if due_at != clock.due_at:
            trace.append((StepId.MOVED, {"at": due_at, "zone": zone_for(rule, store)}))
        return Explanation(
            rule_id=rule.rule_id,
            base=Basis.FIELD,
            steps=steps_of(trace, language),
            source=said_by(rule.source),
            source_date=rule.source.seen,
            on=_judged_on(rule, order, store),
            extension_id=rule.rule_id,
        )

    def rule(self, rule_id: str) -> AnyRule | None:
        """The rule or extension of that id, None when there is none any more."""
        return self._by_id.get(rule_id)

    def calendar_for(self, rule: AnyRule, store: Store) -> BusinessCalendar | None:
        """Whose business days a rule counts for a store, None where nobody knows them."""
        holidays_alone = isinstance(rule, BaseRule) and rule.weekends_open
        return (self._holidays_alone if holidays_alone else self.calendars).get(rule.calendar or store.region)

    def _shelf_for(self, store: Store) -> _Shelf:
        shelves = self._shelves
        found = shelves.get((store.marketplace, store.region))
        return found if found is not None else shelves.get((store.marketplace, ""), _EMPTY_SHELF)

    def _extended(self, clock: Clock, order: Order, store: Store, shelf: _Shelf) -> Clock:
        """A field's clock as an extension moves it, if one may."""
        if clock.kind not in shelf.field_kinds or clock.consequence is Consequence.ADVICE or is_ours(clock.source):
            return clock
        extension = winner(
            one for one in shelf.extensions[clock.kind] if one.on_top_of_field and _matches(one, order, store)
        )
        if extension is None:
            return clock
        due_at = extend(extension, clock.due_at, store, self.calendar_for(extension, store))
        return _with(clock, due_at, extended_source(clock.source, extension.rule_id, clock.due_at))

    def _fill(self, order: Order, store: Store, shelf: _Shelf, present: set[ClockKind]) -> tuple[Clock, ...]:
        """The clocks of rules for kinds the marketplace gave no field for."""
        if not shelf.bases or order.status in _NOT_YET or order.flags & _NOT_OURS:
            return ()
        added: list[Clock] = []
        asked = order.flags & Flag.CANCEL_REQUESTED
        for kind, candidates in shelf.bases:
            if kind in present or (kind is ClockKind.CANCEL_REQUEST and not asked):
                continue
            rule = winner(_matching(candidates, order, store))
            if rule is None:
                continue
            due_at, _ = self._compute(rule, order, store, shelf)
            if due_at is None:
                continue
            added.append(
                Clock(
                    kind=kind,
                    due_at=due_at,
                    consequence=rule.consequence,
                    stopped_by=rule.stopped_by,
                    source=rule_source(rule.rule_id),
                    stopped_at=stopped_at(order, rule.stopped_by),
                )
            )
        return tuple(added)

    def _compute(
        self, rule: BaseRule, order: Order, store: Store, shelf: _Shelf, trace: Trace | None = None
    ) -> tuple[int | None, Extension | None]:
        """When the rule's clock is due, and the extension that moved it; None while its moment has not come."""
        started_at = moment_of(order, rule.counts_from)
        if started_at is None:
            return None, None
        if trace is not None:
            if rule.counts_from is Moment.PAID and order.paid_at is None:
                trace.append((StepId.CASH_ON_DELIVERY, {}))
            shown = {"moment": rule.counts_from.value, "at": started_at, "zone": zone_for(rule, store)}
            trace.append((StepId.START, shown))
        extension = winner(_matching(shelf.extensions.get(rule.kind, ()), order, store))
        return self.due_at(rule, started_at, extension, store, trace), extension

    def due_at(
        self, rule: BaseRule, started_at: int, extension: Extension | None, store: Store, trace: Trace | None = None
    ) -> int:
        """When a rule's deadline lies for a start, moved by an extension (all epoch seconds)."""
        due_at = reach(rule, started_at, store, self.calendar_for(rule, store), trace)
        if extension is not None:
            due_at = extend(extension, due_at, store, self.calendar_for(extension, store), trace)
        return due_at


def moment_of(order: Order, moment: Moment) -> int | None:
    """When it happened to the whole order (epoch seconds), None while it has not or nobody knows.

    Cash on delivery is paid at the door, long after the seller's clocks: such an order counts as paid when created.
    """
    match moment:
        case Moment.CREATED:
            return order.created_at
        case Moment.PAID:
            if order.paid_at is None and order.flags & Flag.CASH_ON_DELIVERY:
                return order.created_at
            return order.paid_at
        case Moment.ARRANGED | Moment.COLLECTED | Moment.DELIVERED:
            event = StopEvent(moment.value)
            return _last(order, event.value) if _reached(order, event) else None
        case Moment.CANCEL_REQUESTED:
            # An answered or withdrawn request leaves its time in the history, but nothing is waiting any more.
            return _last(order, moment.value) if order.flags & Flag.CANCEL_REQUESTED else None
        case _:
            return None


def stopped_at(order: Order, event: StopEvent) -> int | None:
    """When `event` stopped an order's clock, None while the clock runs.

    A closed order stops every clock. When the marketplace does not say when, the moment of its last change is taken:
    it cannot have happened later.
    """
    if order.status in CLOSED:
        for what in (event.value, order.status.value):
            if (at := _last(order, what)) is not None:
                return at
        return order.updated_at
    if not _reached(order, event):
        return None
    at = _last(order, event.value)
    return order.updated_at if at is None else at


def _reached(order: Order, event: StopEvent) -> bool:
    """True when the event has happened to all of the order; one parcel of several does not count."""
    if order.status is Status.UNKNOWN:
        return _last(order, event.value) is not None
    rank = _REACHED.get(event)
    return rank is not None and STATUS_RANK[order.status] >= rank


def _last(order: Order, what: str) -> int | None:
    return max((event.at for event in order.history if event.what == what), default=None)


def _own(clocks: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """The clocks as the marketplace and the house gave them: nothing computed, nothing moved."""
    kept: list[Clock] = []
    for clock in clocks:
        if is_rule(clock.source):
            continue
        if is_extended(clock.source):
            origin = read_source(clock.source)
            if origin.field_due_at is not None:
                clock = _with(clock, origin.field_due_at, f"{origin.marketplace}:{origin.field}")
        kept.append(clock)
    return tuple(kept)


def _with(clock: Clock, due_at: int, source: str) -> Clock:
    return Clock(
        kind=clock.kind,
        due_at=due_at,
        consequence=clock.consequence,
        stopped_by=clock.stopped_by,
        source=source,
        scope=clock.scope,
        scope_id=clock.scope_id,
        stopped_at=clock.stopped_at,
    )


def _matching(rules: Iterable[RuleT], order: Order, store: Store) -> list[RuleT]:
    return [rule for rule in rules if _matches(rule, order, store)]


def _matches(rule: AnyEntry, order: Order, store: Store) -> bool:
    """True when the order of this store meets the conditions; the region was looked up already."""
    conditions = rule.conditions
    if conditions.shipping_types is not None and order.shipping_type not in conditions.shipping_types:
        return False
    if conditions.priorities is not None and order.priority not in conditions.priorities:
        return False
    if conditions.cities is not None and store.ship_from_city.strip().casefold() not in conditions.cities:
        return False
    if conditions.first_day is None and conditions.last_day is None:
        return True
    return in_force(rule, moment_of(order, conditions.dated_by), store)


def _judged_on(rule: AnyRule, order: Order, store: Store) -> date | None:
    at = moment_of(order, rule.conditions.dated_by)
    return None if at is None else local_day(at, zone_for(rule, store))


def said_by(source: Source) -> str:
    """Who says so and where, as an explanation shows it."""
    return f"{source.who}, {source.title}"


def by_rule(rule: BaseRule, extension: Extension | None, trace: Trace, language: str, on: date | None) -> Explanation:
    """Why a clock shows its time that a rule gives, by the steps that were taken; `on` is the day it was judged by."""
    return Explanation(
        rule_id=rule.rule_id,
        base=Basis.RULE,
        steps=steps_of(trace, language),
        source=said_by(rule.source),
        source_date=rule.source.seen,
        on=on,
        extension_id=extension.rule_id if extension else "",
    )


def steps_of(trace: Trace, language: str) -> tuple[Step, ...]:
    """The steps of a trace with their sentences."""
    return tuple(
        Step(step_id, MappingProxyType(dict(args)), sentence(step_id, args, language)) for step_id, args in trace
    )


def _shelve(rules: Sequence[BaseRule], extensions: Sequence[Extension]) -> dict[tuple[str, str], _Shelf]:
    """One shelf per marketplace and named region, and one under "" for the regions nobody names."""
    every: tuple[AnyRule, ...] = (*rules, *extensions)
    places = {(rule.conditions.marketplace, "") for rule in every}
    for rule in every:
        places |= {(rule.conditions.marketplace, region) for region in rule.conditions.regions or ()}
    return {place: _shelf(place, rules, extensions) for place in places}


def _shelf(place: tuple[str, str], rules: Sequence[BaseRule], extensions: Sequence[Extension]) -> _Shelf:
    bases: dict[ClockKind, list[BaseRule]] = {}
    for rule in rules:
        if rule.counts_from in ORDER_MOMENTS and _stands_on(rule.conditions, place):
            bases.setdefault(rule.kind, []).append(rule)
    moving: dict[ClockKind, list[Extension]] = {}
    for extension in extensions:
        if _stands_on(extension.conditions, place):
            for kind in extension.kinds:
                moving.setdefault(kind, []).append(extension)
    return _Shelf(
        bases=tuple((kind, tuple(found)) for kind, found in bases.items()),
        kinds=frozenset(bases),
        kinds_unasked=frozenset(bases) - {ClockKind.CANCEL_REQUEST},
        extensions=MappingProxyType({kind: tuple(found) for kind, found in moving.items()}),
        field_kinds=frozenset(kind for kind, found in moving.items() if any(one.on_top_of_field for one in found)),
    )


def _stands_on(conditions: Conditions, place: tuple[str, str]) -> bool:
    marketplace, region = place
    return conditions.marketplace == marketplace and (conditions.regions is None or region in conditions.regions)
