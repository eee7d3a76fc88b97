"""Business days: which days of a region are open, and how far a number of them reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.records import dataclass

_ONE_DAY = timedelta(days=1)
SATURDAY_AND_SUNDAY = frozenset({5, 6})

#: The longest run of closed days looked through before a calendar is called unusable (the longest real one is nine).
MAX_CLOSED_RUN_DAYS = 60


class CalendarError(ValueError):
    """A calendar that has no open day within reach, or a count of days that makes no sense."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so: the person, office or marketplace, the document's title, and the day it was read."""

    who: str
    title: str
    seen: date


class Known(StrEnum):
    """How much a calendar knows of a year's holidays."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The open and closed days of one region.

    `weekend` holds weekdays (Monday is 0). `working_days` are weekend days or holidays that were declared working days
    (China moves them). `years` are those whose holidays are complete, `provisional_years` those of which only the
    certain holidays are listed; in any other year only weekends are closed, which makes a clock early, never late.
    """

    region: str
    weekend: frozenset[int]
    holidays: Mapping[date, str]
    source: Source
    working_days: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    provisional_years: frozenset[int] = frozenset()
    _closed_by_name: Mapping[date, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        closed = {day: name for day, name in self.holidays.items() if day not in self.working_days}
        object.__setattr__(self, "_closed_by_name", MappingProxyType(closed))

    def without_weekends(self) -> BusinessCalendar:
        """The same region where only holidays are closed."""
        return replace(self, weekend=frozenset())

    def is_open(self, day: date) -> bool:
        """True on a business day."""
        if day in self._closed_by_name:
            return False
        return day.weekday() not in self.weekend or day in self.working_days

    def holiday_on(self, day: date) -> str:
        """The holiday's name, "" on a day that is none (a plain weekend day is none)."""
        return self._closed_by_name.get(day, "")

    def first_open(self, day: date) -> date:
        """`day` itself when it is open, else the next open day."""
        candidate = day
        for _ in range(MAX_CLOSED_RUN_DAYS):
            if self.is_open(candidate):
                return candidate
            candidate += _ONE_DAY
        raise CalendarError(
            f"calendar {self.region}: no business day in the {MAX_CLOSED_RUN_DAYS} days from {day.isoformat()}; "
            "check its weekend and holidays"
        )

    def add(self, day: date, business_days: int) -> date:
        """The day that is `business_days` open days after `day`, which itself is not counted.

        With 0 it is `day`, or the next open day when `day` is closed.
        """
        if business_days < 0:
            raise CalendarError(f"business days are counted forward, not {business_days}")
        if business_days == 0:
            return self.first_open(day)
        reached = day
        for _ in range(business_days):
            reached = self.first_open(reached + _ONE_DAY)
        return reached

    def closed_between(self, after: date, until: date) -> tuple[tuple[date, str], ...]:
        """The closed days later than `after` and not later than `until`, each with its holiday's name or ""."""
        closed: list[tuple[date, str]] = []
        day = after + _ONE_DAY
        while day <= until:
            if not self.is_open(day):
                closed.append((day, self.holiday_on(day)))
            day += _ONE_DAY
        return tuple(closed)

    def known(self, year: int) -> Known:
        """Whether the holidays of `year` are all known, only some of them, or none."""
        if year in self.years:
            return Known.ALL
        return Known.SOME if year in self.provisional_years else Known.NONE

    def gap_sentence(self, year: int) -> str:
        """What to tell a person who relies on this calendar in `year`; "" when its holidays are complete."""
        return gap_sentence(self.region, year, self.known(year))


def gap_sentence(region: str, year: int, known: Known) -> str:
    """The sentence for a region's year of which so much is known."""
    match known:
        case Known.ALL:
            return ""
        case Known.SOME:
            return f"not all holidays of {year} are known for {region}"
        case Known.NONE:
            return f"no holidays known for {year} in {region}"
