"""The rule files' format: turns mappings read from TOML into rules and calendars, and refuses what it does not know.

A file holds `format = 1` and any of `[[rule]]`, `[[extension]]`, `[[rate]]`, `[[calendar]]` and `switched_off`. Every
refusal is a RuleError whose sentence names the file, the rule and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from types import MappingProxyType
from typing import TypeVar

from shoptui.domain.calendar import BusinessCalendar, CalendarError, Source
from shoptui.domain.clocks import ClockKind, Consequence, StopEvent
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.orders import ShippingType
from shoptui.domain.returns import ReturnAsk
from shoptui.domain.rule_reader import TableReader
from shoptui.domain.rule_types import (
    END_OF_DAY,
    ORDER_MOMENTS,
    RETURN_KINDS,
    RETURN_MOMENTS,
    AnyEntry,
    BaseRule,
    Conditions,
    Extension,
    Moment,
    RateRule,
    RuleError,
    RuleFile,
    Span,
    Unit,
    zone_of,
)
from shoptui.domain.stores import REGIONS

FORMAT = 1

_ReadT = TypeVar("_ReadT", BaseRule, Extension, RateRule)

_CONDITION_KEYS = (
    "marketplace",
    "regions",
    "cities",
    "shipping_types",
    "priorities",
    "first_day",
    "last_day",
    "dated_by",
    "asks",
)
_SPAN_KEYS = tuple(unit.value for unit in Unit)
_RULE_KEYS = (
    "id",
    *_CONDITION_KEYS,
    "kind",
    "consequence",
    "stopped_by",
    "from",
    *_SPAN_KEYS,
    "ends",
    "cut_off",
    "day_zero",
    "calendar",
    "time_zone",
    "weekends",
    "robots_answer",
    "source",
)
_EXTENSION_KEYS = (
    "id",
    *_CONDITION_KEYS,
    "kinds",
    *_SPAN_KEYS,
    "on_top_of_field",
    "calendar",
    "time_zone",
    "source",
)
_RATE_KEYS = (
    "id",
    "marketplace",
    "regions",
    "cities",
    "first_day",
    "last_day",
    "least_percent",
    "days",
    "time_zone",
    "source",
)
_CALENDAR_KEYS = ("region", "weekend", "years", "provisional_years", "holidays", "working_days", "source")

_LONGEST = {Unit.HOURS: 366 * 24, Unit.CALENDAR_DAYS: 366, Unit.BUSINESS_DAYS: 261}
_RULE_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REGION = re.compile(r"[A-Z]{2}")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS_OF_END = {"same_time": None, "end_of_day": END_OF_DAY}
_RETURN_WORDS = ", ".join(sorted(RETURN_KINDS))
#: What rules are for that are not for orders, by what their dates are judged by.
_OF_WHAT: Mapping[Moment, tuple[str, str]] = MappingProxyType(
    {Moment.ASKED: ("conversation", "buyer's message"), Moment.REQUESTED: ("return", "buyer's request")}
)
#: What an order can say about itself; `answered` is for threads and returns.
_STOPS_OF_ORDERS = frozenset({StopEvent.ARRANGED, StopEvent.COLLECTED, StopEvent.DELIVERED, StopEvent.CLOSED})


def parse_rule_file(data: Mapping[str, object], file: str) -> RuleFile:
    """Read one file's mapping; `file` is the name shown in errors. Raises RuleError."""
    top = TableReader(data, file, ("format", "rule", "extension", "rate", "calendar", "switched_off"))
    if (version := top.integer("format")) != FORMAT:
        raise top.error(f"format {version} is not known to this version of shoptui; write format = {FORMAT}")
    rules = _each(top, "rule", _RULE_KEYS, file, _rule)
    extensions = _each(top, "extension", _EXTENSION_KEYS, file, _extension)
    rates = _each(top, "rate", _RATE_KEYS, file, _rate)
    calendars = tuple(
        _calendar(TableReader(table, f"{file}: calendar {table.get('region', number)!r}", _CALENDAR_KEYS))
        for number, table in enumerate(top.tables("calendar"), start=1)
    )
    every: tuple[AnyEntry, ...] = (*rules, *extensions, *rates)
    _refuse_twice([each.rule_id for each in every], "id", top)
    _refuse_twice([calendar.region for calendar in calendars], "calendar", top)
    return RuleFile(
        file=file,
        rules=rules,
        extensions=extensions,
        calendars=calendars,
        rates=rates,
        switched_off=frozenset(top.texts("switched_off") or ()),
    )


def _each(
    top: TableReader, key: str, keys: tuple[str, ...], file: str, read: Callable[[TableReader, str, str], _ReadT]
) -> tuple[_ReadT, ...]:
    found = []
    for number, table in enumerate(top.tables(key), start=1):
        rule_id = table.get("id")
        if not isinstance(rule_id, str) or not _RULE_ID.fullmatch(rule_id):
            raise RuleError(
                f"{file}: {key} number {number}: give it an id of lower-case letters, digits and hyphens, "
                f"such as id = 'gb-hand-over-2024'"
            )
        found.append(read(TableReader(table, f"{file}: {key} {rule_id!r}", keys), rule_id, file))
    return tuple(found)


def _refuse_twice(names: list[str], what: str, top: TableReader) -> None:
    for name in names:
        if names.count(name) > 1:
            raise top.error(f"the {what} {name!r} is given twice; rename or remove one")


def _rule(table: TableReader, rule_id: str, file: str) -> BaseRule:
    counts_from = table.choice("from", Moment)
    stopped_by = table.choice("stopped_by", StopEvent)
    is_request = counts_from is Moment.CANCEL_REQUESTED
    if is_request and stopped_by is not StopEvent.ANSWERED:
        raise table.error("a wish to cancel is stopped by its answer; set stopped_by to answered")
    if counts_from in ORDER_MOMENTS and not is_request and stopped_by not in _STOPS_OF_ORDERS:
        raise table.error(
            f"counts from {counts_from}, a moment of an order, but an order is never {stopped_by}; "
            f"set stopped_by to one of {', '.join(sorted(_STOPS_OF_ORDERS))}"
        )
    kind = table.choice("kind", ClockKind)
    _check_return(table, kind, counts_from, stopped_by)
    is_reply = kind is ClockKind.REPLY
    if is_reply and counts_from is not Moment.ASKED:
        raise table.error("a reply clock counts from the buyer's message; write from = 'asked'")
    if table.has("robots_answer") and not is_reply:
        raise table.error("robots_answer goes with reply clocks; remove it or set kind to rply")
    span = _span(table)
    ends_at, cut_off, day_zero_open = _ends(table, span)
    conditions = _conditions(table, _dated_by(kind))
    return BaseRule(
        rule_id=rule_id,
        file=file,
        conditions=conditions,
        kind=kind,
        consequence=table.choice("consequence", Consequence),
        stopped_by=stopped_by,
        counts_from=counts_from,
        span=span,
        source=_source(table),
        ends_at=ends_at,
        cut_off=cut_off,
        day_zero_open=day_zero_open,
        calendar=_calendar_name(table, span),
        time_zone=_time_zone(table),
        weekends_open=_weekends_open(table, span),
        robots_answer=table.flag("robots_answer"),
    )


def _check_return(table: TableReader, kind: ClockKind, counts_from: Moment, stopped_by: StopEvent) -> None:
    """Refuse a rule of returns that counts from, or is stopped by, what returns do not have."""
    if kind not in RETURN_KINDS:
        if counts_from in RETURN_MOMENTS:
            raise table.error(f"{counts_from} is a moment of a return; set kind to one of {_RETURN_WORDS}")
        return
    starts = Moment.REQUESTED if kind is ClockKind.RETURN else Moment.GOODS_BACK
    if counts_from is not starts:
        raise table.error(f"a clock of kind {kind} counts from the return's own moment; write from = {starts.value!r}")
    if stopped_by is not StopEvent.ANSWERED:
        raise table.error("a return is stopped by its answer; set stopped_by to answered")


def _dated_by(kind: ClockKind) -> Moment:
    """The moment by which the dates of a rule of this kind are judged."""
    if kind in RETURN_KINDS:
        return Moment.REQUESTED
    return Moment.ASKED if kind is ClockKind.REPLY else Moment.CREATED


def _rate(table: TableReader, rule_id: str, file: str) -> RateRule:
    least_percent, days = table.integer("least_percent"), table.integer("days")
    if not 1 <= least_percent <= 100:
        raise table.error(f"least_percent = {least_percent} is no share; give 1 to 100")
    if not 1 <= days <= 366:
        raise table.error(f"days = {days} is not between 1 and 366; give the days the rate is measured over")
    return RateRule(
        rule_id=rule_id,
        file=file,
        conditions=_conditions(table, Moment.ASKED),
        least_percent=least_percent,
        days=days,
        source=_source(table),
        time_zone=_time_zone(table),
    )


def _extension(table: TableReader, rule_id: str, file: str) -> Extension:
    span = _span(table)
    if span.count == 0:
        raise table.error(f"{span.unit} = 0 extends nothing; give a count of 1 or more, or remove the extension")
    kinds = frozenset(table.choices("kinds", ClockKind) or ()) or table.must("kinds")
    judged_by = {_dated_by(kind) for kind in kinds}
    if len(judged_by) > 1:
        raise table.error(
            "reply clocks belong to conversations, retn and insp to returns, the others to orders; write two extensions"
        )
    return Extension(
        rule_id=rule_id,
        file=file,
        conditions=_conditions(table, judged_by.pop()),
        kinds=kinds,
        span=span,
        source=_source(table),
        on_top_of_field=table.flag("on_top_of_field"),
        calendar=_calendar_name(table, span),
        time_zone=_time_zone(table),
    )


def _conditions(table: TableReader, dated_by: Moment) -> Conditions:
    """What a table says of whom it is for; `dated_by` is the moment its dates are judged by unless it says another."""
    marketplace = table.one_of("marketplace", tuple(MARKETPLACES))
    regions = table.texts_of("regions", tuple(REGIONS))
    cities = table.texts("cities")
    shipping_types = table.choices("shipping_types", ShippingType)
    priorities = table.integers("priorities")
    asks = table.choices("asks", ReturnAsk)
    first_day, last_day = table.day("first_day"), table.day("last_day")
    if first_day and last_day and last_day < first_day:
        raise table.error(f"last_day {last_day} lies before first_day {first_day}; swap or correct them")
    if asks is not None and dated_by is not Moment.REQUESTED:
        raise table.error(f"asks goes with returns; remove it or set kind to one of {_RETURN_WORDS}")
    if dated_by in _OF_WHAT:
        for key in ("shipping_types", "priorities", "dated_by"):
            if table.has(key):
                what, dates = _OF_WHAT[dated_by]
                raise table.error(f"a {what} has no {key}; remove it, its dates are those of the {dates}")
    elif table.has("dated_by"):
        dated_by = table.choice("dated_by", Moment)
        if dated_by not in (Moment.CREATED, Moment.PAID):
            raise table.error(
                "dates are judged by when an order was created or paid; write dated_by = 'created' or 'paid'"
            )
    return Conditions(
        marketplace=marketplace,
        regions=None if regions is None else frozenset(regions),
        cities=None if cities is None else frozenset(city.strip().casefold() for city in cities),
        shipping_types=None if shipping_types is None else frozenset(shipping_types),
        priorities=None if priorities is None else frozenset(priorities),
        first_day=first_day,
        last_day=last_day,
        dated_by=dated_by,
        asks=None if asks is None else frozenset(asks),
    )


def _span(table: TableReader) -> Span:
    given = [unit for unit in Unit if table.has(unit.value)]
    if len(given) != 1:
        raise table.error(f"give exactly one of {', '.join(_SPAN_KEYS)}, such as hours = 48")
    count = table.integer(given[0].value)
    if count < 0 or (count == 0 and given[0] is Unit.HOURS):
        raise table.error(f"{given[0]} = {count} is no length of time; give a count of 1 or more")
    if count > _LONGEST[given[0]]:
        raise table.error(f"{given[0]} = {count} is more than a year; check the number and the unit")
    return Span(count, given[0])


def _ends(table: TableReader, span: Span) -> tuple[time | None, time | None, bool]:
    """When in the day a count ends, its cut-off, and whether counting begins on an open day."""
    if span.unit is Unit.HOURS:
        for key in ("ends", "cut_off", "day_zero"):
            if table.has(key):
                raise table.error(f"{key} goes with a count of days; remove it or count in {Unit.BUSINESS_DAYS}")
        return None, None, False
    word = table.text("ends")
    ends_at = _WORDS_OF_END[word] if word in _WORDS_OF_END else table.time_of_day("ends")
    cut_off = table.time_of_day("cut_off") if table.has("cut_off") else None
    day_zero_open = False
    if table.has("day_zero"):
        if span.unit is not Unit.BUSINESS_DAYS or ends_at is None:
            raise table.error("day_zero goes with business_days that end at a time of day; remove it")
        day_zero_open = table.one_of("day_zero", ("any_day", "business_day")) == "business_day"
    if span.count == 0 and ends_at is None:
        raise table.error(
            f"{span.unit} = 0 ends the moment it starts; give a count of 1 or more, or ends = 'end_of_day'"
        )
    if span.count == 0 and ends_at != END_OF_DAY and (cut_off is None or ends_at is None or cut_off > ends_at):
        raise table.error("0 days end on the day they start, so give a cut_off that is not later than ends")
    return ends_at, cut_off, day_zero_open


def _source(table: TableReader) -> Source:
    inner = table.table("source", ("who", "title", "seen"))
    seen = inner.day("seen")
    if seen is None:
        raise inner.error("give the day it was read, such as seen = 2026-03-01")
    return Source(who=inner.text("who"), title=inner.text("title"), seen=seen)


def _time_zone(table: TableReader) -> str:
    if not table.has("time_zone"):
        return ""
    name = table.text("time_zone")
    try:
        zone_of(name)
    except RuleError as error:
        raise table.error(str(error)) from error
    return name


def _calendar_name(table: TableReader, span: Span) -> str:
    if not table.has("calendar"):
        return ""
    if span.unit is not Unit.BUSINESS_DAYS:
        raise table.error("calendar goes with business_days; remove it")
    return table.text("calendar")


def _weekends_open(table: TableReader, span: Span) -> bool:
    if not table.has("weekends"):
        return False
    if span.unit is not Unit.BUSINESS_DAYS:
        raise table.error("weekends goes with business_days; remove it")
    return table.one_of("weekends", ("closed", "open")) == "open"


def _calendar(table: TableReader) -> BusinessCalendar:
    region = table.text("region")
    if not _REGION.fullmatch(region):
        raise table.error("region is two capital letters, such as 'TH'")
    years = frozenset(table.integers("years") or ())
    provisional = frozenset(table.integers("provisional_years") or ())
    if both := sorted(years & provisional):
        raise table.error(f"{both[0]} is in years and in provisional_years; keep it in one")
    holidays = _holidays(table, years | provisional)
    weekend = frozenset(_WEEKDAYS.index(word) for word in table.texts_of("weekend", _WEEKDAYS) or ())
    calendar = BusinessCalendar(
        region=region,
        weekend=weekend,
        holidays=MappingProxyType(holidays),
        source=_source(table),
        working_days=frozenset(table.days("working_days")),
        years=years,
        provisional_years=provisional,
    )
    if len(weekend) == len(_WEEKDAYS):
        raise table.error("all seven days are weekend; leave at least one open")
    try:
        for day in holidays:
            calendar.first_open(day)
    except CalendarError as error:
        raise table.error(str(error)) from error
    return calendar


def _holidays(table: TableReader, listed_years: frozenset[int]) -> dict[date, str]:
    holidays: dict[date, str] = {}
    for number, entry in enumerate(table.tables("holidays"), start=1):
        reader = TableReader(entry, f"{table.where}: holiday {number}", ("day", "name"))
        day = reader.day("day")
        if day is None:
            raise reader.error("give its day, such as day = 2026-01-01")
        if day in holidays:
            raise reader.error(f"{day} is listed twice; keep one")
        if day.year not in listed_years:
            raise reader.error(f"{day.year} is in neither years nor provisional_years; add it to one")
        holidays[day] = reader.text("name")
    return holidays
