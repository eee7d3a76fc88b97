"""A store's local weeks, which stand for statements where a marketplace only has a wallet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_PREFIX = "wallet-"
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Monday by the store's clock, as epoch seconds; the end is not in it."""

    name: str
    start_at: int
    end_at: int


def week_of(monday: date, zone: ZoneInfo) -> Week:
    """The week that begins on this Monday."""
    year, number, _ = monday.isocalendar()
    return Week(f"{_PREFIX}{year}-W{number:02d}", _midnight(monday, zone), _midnight(monday + _WEEK, zone))


def weeks_ending(since: int, until: int, zone: ZoneInfo) -> Iterator[Week]:
    """The weeks that end in `[since, until)` (epoch s), oldest first."""
    day = datetime.fromtimestamp(since, zone).date()
    monday = day - timedelta(days=day.weekday()) - _WEEK
    while True:
        week = week_of(monday, zone)
        if week.end_at >= until:
            return
        if week.end_at >= since:
            yield week
        monday += _WEEK


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
