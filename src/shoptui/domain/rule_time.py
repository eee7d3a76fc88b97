"""The arithmetic of rules: from a start to the moment a deadline lies at, in the rule's own time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from shoptui.domain.calendar import BusinessCalendar, Known
from shoptui.domain.clocks import HOUR_S
from shoptui.domain.rule_text import StepArgs, StepId, closed_days_argument, plain_time
from shoptui.domain.rule_types import (
    AnyEntry,
    AnyRule,
    BaseRule,
    Conditions,
    Extension,
    RuleError,
    Span,
    Unit,
    at_local,
    window_of,
    zone_of,
)
from shoptui.domain.stores import Store

#: The steps taken, in order; filled only when somebody asked why.
Trace = list[tuple[StepId, StepArgs]]

_ONE_DAY = timedelta(days=1)


def zone_for(rule: AnyEntry, store: Store) -> str:
    """The name of the time zone a rule's days and dates are of."""
    return rule.time_zone or store.time_zone


def is_for(conditions: Conditions, store: Store) -> bool:
    """True when a store meets the conditions on some day."""
    if conditions.marketplace != store.marketplace:
        return False
    if conditions.regions is not None and store.region not in conditions.regions:
        return False
    return conditions.cities is None or store.ship_from_city.strip().casefold() in conditions.cities


def in_force(rule: AnyEntry, at: int | None, store: Store) -> bool:
    """True when a moment lies on a rule's days; None, where nobody knows it, on none but all days."""
    conditions = rule.conditions
    if conditions.first_day is None and conditions.last_day is None:
        return True
    if at is None:
        return False
    from_at, until_at = window_of(conditions.first_day, conditions.last_day, zone_for(rule, store))
    return from_at <= at < until_at


def local_day(at: int, zone_name: str) -> date:
    """The day on which an epoch second lies in a time zone."""
    return datetime.fromtimestamp(at, zone_of(zone_name)).date()


def reach(
    rule: BaseRule, started_at: int, store: Store, calendar: BusinessCalendar | None, trace: Trace | None = None
) -> int:
    """When a base rule's deadline lies for a start, both epoch seconds.

    Hours are elapsed time. Days keep the local time of day, or end at the rule's. The day of the start is not counted.
    A count of business days that keeps the time of day runs only while days are open: a start on a closed day, or
    after the cut-off, starts at the next open midnight. That way a later start never has an earlier deadline.
    """
    zone_name = zone_for(rule, store)
    count, unit = rule.span.count, rule.span.unit
    if unit is Unit.HOURS:
        due_at = started_at + count * HOUR_S
        _note(trace, StepId.HOURS, count=count, at=due_at, zone=zone_name)
        return due_at
    zone = zone_of(zone_name)
    local = datetime.fromtimestamp(started_at, zone)
    day, time_of_day = local.date(), local.time()
    if rule.cut_off is not None and time_of_day >= rule.cut_off:
        day, time_of_day = day + _ONE_DAY, time.min
        _note(trace, StepId.CUT_OFF, cut_off=plain_time(rule.cut_off), day=day.isoformat())
    if unit is Unit.CALENDAR_DAYS:
        due_at = at_local(day + timedelta(days=count), rule.ends_at or time_of_day, zone)
        _note(trace, StepId.CALENDAR_DAYS, count=count, at=due_at, zone=zone_name)
        return due_at
    calendar = _needed(calendar, rule)
    if rule.ends_at is None or rule.day_zero_open:
        first = calendar.first_open(day)
        if first != day:
            day, time_of_day = first, time.min
            _note(trace, StepId.OPENS, day=day.isoformat(), region=calendar.region)
    last = calendar.add(day, count)
    due_at = at_local(last, rule.ends_at or time_of_day, zone)
    _note_business_days(trace, calendar, (day, last), count, due_at, zone_name)
    return due_at


def extend(
    extension: Extension, due_at: int, store: Store, calendar: BusinessCalendar | None, trace: Trace | None = None
) -> int:
    """A deadline moved by an extension. Days move it to the same time of day in the rule's time zone."""
    zone_name = zone_for(extension, store)
    moved_at = _moved(extension, due_at, zone_name, calendar, trace)
    if trace is not None:
        conditions = extension.conditions
        trace.append(
            (
                StepId.EXTENDED,
                {
                    "rule_id": extension.rule_id,
                    "count": extension.span.count,
                    "unit": extension.span.unit.value,
                    "dated_by": conditions.dated_by.value,
                    "first_day": conditions.first_day.isoformat() if conditions.first_day else "",
                    "last_day": conditions.last_day.isoformat() if conditions.last_day else "",
                    "cities": store.ship_from_city if conditions.cities else "",
                    "at": moved_at,
                    "zone": zone_name,
                },
            )
        )
        source = extension.source
        _note(trace, StepId.EXTENSION_SOURCE, who=source.who, title=source.title, seen=source.seen.isoformat())
    return moved_at


def _moved(
    extension: Extension, due_at: int, zone_name: str, calendar: BusinessCalendar | None, trace: Trace | None
) -> int:
    span: Span = extension.span
    if span.unit is Unit.HOURS:
        return due_at + span.count * HOUR_S
    zone = zone_of(zone_name)
    local = datetime.fromtimestamp(due_at, zone)
    if span.unit is Unit.CALENDAR_DAYS:
        return at_local(local.date() + timedelta(days=span.count), local.time(), zone)
    calendar = _needed(calendar, extension)
    last = calendar.add(local.date(), span.count)
    _note_calendar(trace, calendar, (local.date(), last))
    return at_local(last, local.time(), zone)


def _needed(calendar: BusinessCalendar | None, rule: AnyRule) -> BusinessCalendar:
    if calendar is None:
        raise RuleError(f"{rule.file}: {rule.rule_id!r}: counts business days without a calendar; set calendar")
    return calendar


def _note(trace: Trace | None, step: StepId, **args: str | int) -> None:
    if trace is not None:
        trace.append((step, args))


def _note_business_days(
    trace: Trace | None, calendar: BusinessCalendar, days: tuple[date, date], count: int, due_at: int, zone: str
) -> None:
    _note_calendar(trace, calendar, days)
    _note(trace, StepId.BUSINESS_DAYS, count=count, region=calendar.region, at=due_at, zone=zone)


def _note_calendar(trace: Trace | None, calendar: BusinessCalendar, days: tuple[date, date]) -> None:
    """Say which days were left out, and which years the calendar does not know well enough."""
    if trace is None:
        return
    closed = calendar.closed_between(*days)
    if closed:
        _note(trace, StepId.CLOSED_DAYS, days=closed_days_argument(closed))
    for year in range(days[0].year, days[1].year + 1):
        known = calendar.known(year)
        if known is not Known.ALL:
            _note(trace, StepId.CALENDAR_GAP, region=calendar.region, year=year, known=known.value)
