"""The shapes of the rule book: conditions, base rules, extensions, and which of two rules is the more specific."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shoptui.domain.calendar import BusinessCalendar, Source
from shoptui.domain.clocks import ClockKind, Consequence, StopEvent
from shoptui.domain.orders import ShippingType
from shoptui.domain.records import dataclass
from shoptui.domain.returns import ReturnAsk

END_OF_DAY = time(23, 59, 59)


class RuleError(ValueError):
    """A rule file, or a store's time zone, that cannot be used; the sentence names the place and what to do."""


class Moment(StrEnum):
    """From when a rule counts. The first six are an order's, `asked` is a buyer's message.

    `cancel_requested` is a buyer's wish to cancel that nobody has answered yet. `requested` and `goods_back` are a
    return's: when the buyer asked for it, and when the goods came back.
    """

    CREATED = "created"
    PAID = "paid"
    ARRANGED = "arranged"
    COLLECTED = "collected"
    DELIVERED = "delivered"
    CANCEL_REQUESTED = "cancel_requested"
    ASKED = "asked"
    REQUESTED = "requested"
    GOODS_BACK = "goods_back"


ORDER_MOMENTS = frozenset(
    {
        Moment.CREATED,
        Moment.PAID,
        Moment.ARRANGED,
        Moment.COLLECTED,
        Moment.DELIVERED,
        Moment.CANCEL_REQUESTED,
    }
)


RETURN_MOMENTS = frozenset({Moment.REQUESTED, Moment.GOODS_BACK})

#: The clocks of returns.
RETURN_KINDS = frozenset({ClockKind.RETURN, ClockKind.INSPECT})


class Unit(StrEnum):
    """What a span is counted in. Hours are elapsed time; days are days of the rule's time zone."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as rules state it."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which orders, conversations or returns a rule is for; None in a set means any.

    `cities` are case-folded names of the city parcels leave from. `first_day` and `last_day` are included, None means
    without end on that side; they are days of the rule's time zone on which the `dated_by` moment lies.
    """

    marketplace: str
    regions: frozenset[str] | None = None
    cities: frozenset[str] | None = None
    shipping_types: frozenset[ShippingType] | None = None
    priorities: frozenset[int] | None = None
    first_day: date | None = None
    last_day: date | None = None
    dated_by: Moment = Moment.CREATED
    asks: frozenset[ReturnAsk] | None = None

    def overlaps(self, other: Conditions) -> bool:
        """True when one order can meet both."""
        return (
            self.marketplace == other.marketplace
            and all(_meet(mine, theirs) for mine, theirs in zip(self._sets(), other._sets(), strict=True))
            and self._starts() <= other._ends()
            and other._starts() <= self._ends()
        )

    def narrower_than(self, other: Conditions) -> bool:
        """True when every condition is at least as narrow as the other's and one is narrower; dates do not count."""
        pairs = list(zip(self._sets(), other._sets(), strict=True))
        return (
            self.marketplace == other.marketplace
            and all(_within(mine, theirs) for mine, theirs in pairs)
            and any(mine != theirs for mine, theirs in pairs)
        )

    @property
    def recency(self) -> tuple[int, int]:
        """Sorts the later start last, and of the same start the shorter range."""
        return (self._starts().toordinal(), -self._ends().toordinal())

    def _sets(self) -> tuple[frozenset[object] | None, ...]:
        return (self.regions, self.cities, self.shipping_types, self.priorities, self.asks)

    def _starts(self) -> date:
        return self.first_day or date.min

    def _ends(self) -> date:
        return self.last_day or date.max


@dataclass(frozen=True, slots=True)
class BaseRule:
    """A deadline the marketplace gives no field for.

    `ends_at` is the time of day at which a count of days ends, None for the time of day it started at. A start at or
    after `cut_off` counts as the following day, None means no cut-off. `day_zero_open`: a start on a closed day counts
    as the next open one before business days are counted. `calendar` names the region whose business days are counted,
    "" the store's; with `weekends_open` only its holidays are closed. `time_zone` is an IANA name, "" the store's.
    `robots_answer` is for reply clocks: an automatic answer stops them, too.
    """

    rule_id: str
    file: str
    conditions: Conditions
    kind: ClockKind
    consequence: Consequence
    stopped_by: StopEvent
    counts_from: Moment
    span: Span
    source: Source
    ends_at: time | None = None
    cut_off: time | None = None
    day_zero_open: bool = False
    calendar: str = ""
    time_zone: str = ""
    weekends_open: bool = False
    robots_answer: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """More time for some orders, keeping the time of day when counted in days.

    It moves what a base rule computed, and a marketplace's own field only with `on_top_of_field`.
    """

    rule_id: str
    file: str
    conditions: Conditions
    kinds: frozenset[ClockKind]
    span: Span
    source: Source
    on_top_of_field: bool = False
    calendar: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class RateRule:
    """What share of its buyers' questions a store must answer in time.

    `least_percent` (1 to 100) is the rate below which the store loses something, over its last `days` days. What is in
    time is said by the reply clocks. `time_zone` is that of its dates, "" the store's.
    """

    rule_id: str
    file: str
    conditions: Conditions
    least_percent: int
    days: int
    source: Source
    time_zone: str = ""


AnyRule = BaseRule | Extension
AnyEntry = AnyRule | RateRule
RuleT = TypeVar("RuleT", BaseRule, Extension, RateRule)


class Conditioned(Protocol):
    """Any rule that holds under conditions."""

    @property
    def conditions(self) -> Conditions: ...


ConditionedT = TypeVar("ConditionedT", bound=Conditioned)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One parsed file. `switched_off` names rules, extensions and rates of earlier files that shall not apply."""

    file: str
    rules: tuple[BaseRule, ...] = ()
    extensions: tuple[Extension, ...] = ()
    calendars: tuple[BusinessCalendar, ...] = ()
    rates: tuple[RateRule, ...] = ()
    switched_off: frozenset[str] = field(default_factory=frozenset)


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """The IANA time zone of that name; RuleError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RuleError(f"{name!r} is no time zone; give an IANA name such as 'Asia/Bangkok'") from error


def at_local(day: date, time_of_day: time, zone: ZoneInfo) -> int:
    """Epoch seconds of a local wall time.

    An hour that occurs twice counts as its first; one that daylight saving leaves out lies as far past the change as
    it was past the hour left out.
    """
    return int(datetime.combine(day, time_of_day, tzinfo=zone).timestamp())


@lru_cache(maxsize=4096)
def window_of(first_day: date | None, last_day: date | None, zone_name: str) -> tuple[int, int]:
    """The epoch seconds from which and before which a moment lies on the given local days, both included."""
    zone = zone_of(zone_name)
    start = at_local(first_day, time.min, zone) if first_day else -(2**62)
    end = at_local(last_day + timedelta(days=1), time.min, zone) if last_day else 2**62
    return start, end


def winner(candidates: Iterable[ConditionedT]) -> ConditionedT | None:
    """The one that applies among rules that all match: the most specific, of several such the latest."""
    rules = list(candidates)
    if len(rules) < 2:
        return rules[0] if rules else None
    narrowest = [rule for rule in rules if not any(other.conditions.narrower_than(rule.conditions) for other in rules)]
    return max(narrowest, key=lambda rule: rule.conditions.recency)


def _meet(mine: frozenset[object] | None, theirs: frozenset[object] | None) -> bool:
    return mine is None or theirs is None or not mine.isdisjoint(theirs)


def _within(mine: frozenset[object] | None, theirs: frozenset[object] | None) -> bool:
    return theirs is None or (mine is not None and mine <= theirs)
