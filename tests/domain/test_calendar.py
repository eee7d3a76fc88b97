"""Business calendars: which days are open, how far a count reaches, and what is not known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.calendar import SATURDAY_AND_SUNDAY, BusinessCalendar, CalendarError, Known, Source

SOURCE = Source("an office", "a list", date(2026, 1, 2))
FRIDAY, SATURDAY = 4, 5
DAYS = st.dates(min_value=date(2025, 12, 1), max_value=date(2027, 1, 31))
COUNTS = st.integers(min_value=0, max_value=15)


def calendar(
    *holidays: str, weekend: frozenset[int] = SATURDAY_AND_SUNDAY, working: tuple[str, ...] = ()
) -> BusinessCalendar:
    return BusinessCalendar(
        region="CN",
        weekend=weekend,
        holidays={date.fromisoformat(day): "a holiday" for day in holidays},
        source=SOURCE,
        working_days=frozenset(date.fromisoformat(day) for day in working),
        years=frozenset({2026}),
        provisional_years=frozenset({2027}),
    )


CALENDARS = st.builds(
    lambda holidays, weekend, working: BusinessCalendar(
        region="TH",
        weekend=weekend,
        holidays=dict.fromkeys(holidays, "a holiday"),
        source=SOURCE,
        working_days=working,
    ),
    st.sets(DAYS, max_size=20),
    st.frozensets(st.integers(min_value=0, max_value=6), max_size=3),
    st.frozensets(DAYS, max_size=4),
)


@pytest.mark.parametrize(
    ("start", "count", "reached"),
    [
        ("2026-03-04", 2, "2026-03-06"),  # Wednesday to Friday
        ("2026-03-05", 2, "2026-03-09"),  # Thursday over a weekend
        ("2026-03-06", 1, "2026-03-09"),
        ("2026-03-07", 1, "2026-03-09"),  # Saturday is not counted itself
        ("2026-03-08", 2, "2026-03-10"),
        ("2026-03-04", 0, "2026-03-04"),
        ("2026-03-07", 0, "2026-03-09"),
        ("2026-03-04", 10, "2026-03-18"),
    ],
)
def test_counts_over_weekends(start: str, count: int, reached: str) -> None:
    assert calendar().add(date.fromisoformat(start), count) == date.fromisoformat(reached)


def test_a_holiday_is_skipped_and_named() -> None:
    thanksgiving = calendar("2026-11-26")
    assert thanksgiving.add(date(2026, 11, 25), 2) == date(2026, 11, 30)
    assert thanksgiving.closed_between(date(2026, 11, 25), date(2026, 11, 30)) == (
        (date(2026, 11, 26), "a holiday"),
        (date(2026, 11, 28), ""),
        (date(2026, 11, 29), ""),
    )


def test_a_weekend_can_lie_on_other_days() -> None:
    friday_and_saturday = calendar(weekend=frozenset({FRIDAY, SATURDAY}))
    assert friday_and_saturday.add(date(2026, 3, 5), 1) == date(2026, 3, 8)


def test_a_day_declared_a_working_day_counts_even_on_a_weekend() -> None:
    moved = calendar("2026-02-16", "2026-02-28", working=("2026-02-28",))
    assert moved.is_open(date(2026, 2, 28))
    assert moved.holiday_on(date(2026, 2, 28)) == ""
    assert moved.add(date(2026, 2, 27), 1) == date(2026, 2, 28)
    assert not moved.is_open(date(2026, 2, 16))


@given(CALENDARS, DAYS, COUNTS)
def test_a_count_reaches_an_open_day_with_exactly_that_many_open_days_on_the_way(
    any_calendar: BusinessCalendar, day: date, count: int
) -> None:
    reached = any_calendar.add(day, count)
    assert any_calendar.is_open(reached)
    on_the_way = [day + timedelta(days=ahead) for ahead in range(1, (reached - day).days + 1)]
    if count:
        assert sum(any_calendar.is_open(one) for one in on_the_way) == count
    closed = [one for one, _ in any_calendar.closed_between(day, reached)]
    assert closed == [one for one in on_the_way if not any_calendar.is_open(one)]


@given(CALENDARS, DAYS, st.integers(min_value=0, max_value=20), COUNTS)
def test_a_later_start_never_ends_earlier(any_calendar: BusinessCalendar, day: date, later: int, count: int) -> None:
    assert any_calendar.add(day, count) <= any_calendar.add(day + timedelta(days=later), count)


@given(CALENDARS, DAYS, COUNTS)
def test_one_more_business_day_ends_later(any_calendar: BusinessCalendar, day: date, count: int) -> None:
    fewer, more = any_calendar.add(day, count), any_calendar.add(day, count + 1)
    assert fewer < more or (count == 0 and not any_calendar.is_open(day) and fewer == more)


@given(CALENDARS, DAYS, st.integers(min_value=1, max_value=8), COUNTS)
def test_counting_in_two_goes_is_counting_in_one(
    any_calendar: BusinessCalendar, day: date, first: int, second: int
) -> None:
    assert any_calendar.add(any_calendar.add(day, first), second) == any_calendar.add(day, first + second)


@given(CALENDARS, DAYS)
def test_the_first_open_day_has_only_closed_days_before_it(any_calendar: BusinessCalendar, day: date) -> None:
    first = any_calendar.first_open(day)
    assert any_calendar.is_open(first)
    assert not any(any_calendar.is_open(day + timedelta(days=ahead)) for ahead in range((first - day).days))


@pytest.mark.parametrize(
    ("year", "known", "sentence"),
    [
        (2026, Known.ALL, ""),
        (2027, Known.SOME, "not all holidays of 2027 are known for CN"),
        (2031, Known.NONE, "no holidays known for 2031 in CN"),
    ],
)
def test_a_calendar_says_which_years_it_does_not_know(year: int, known: Known, sentence: str) -> None:
    assert calendar().known(year) is known
    assert calendar().gap_sentence(year) == sentence


def test_a_count_backwards_is_refused() -> None:
    with pytest.raises(CalendarError, match="counted forward, not -1"):
        calendar().add(date(2026, 3, 4), -1)


def test_a_calendar_without_an_open_day_is_refused_instead_of_searched_for_ever() -> None:
    with pytest.raises(CalendarError, match="calendar CN: no business day in the 60 days from 2026-03-05"):
        calendar(weekend=frozenset(range(7))).add(date(2026, 3, 4), 1)
