"""The arithmetic of rules: cut-offs, closed days and daylight saving."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.rule_time import extend, reach
from shoptui.domain.rule_types import BaseRule, at_local, zone_of
from tests.domain.builders import a_calendar, a_file, a_rule, a_store, an_extension, local, shown

NEW_YORK = "America/New_York"
ZONES = st.sampled_from([NEW_YORK, "Europe/London", "Asia/Bangkok", "Australia/Lord_Howe", "America/Sao_Paulo"])
#: 2026 with both changes of daylight saving, to the second.
STARTS = st.integers(min_value=local("UTC", "2026-01-01 00:00"), max_value=local("UTC", "2026-12-20 00:00"))

US = {
    date(2026, 5, 25): "Memorial Day",
    date(2026, 7, 3): "Independence Day (observed)",
    date(2026, 11, 26): "Thanksgiving Day",
}
(CALENDAR,) = a_file(calendar=[a_calendar("US", US, years=[2026])]).calendars


def rule_of(**keys: object) -> BaseRule:
    (rule,) = a_file(a_rule(regions=["US"], **keys)).rules
    return rule


def due(start: str, zone: str = NEW_YORK, **keys: object) -> str:
    """When a rule's deadline lies for a local start, as local time."""
    at = reach(rule_of(**keys), local(zone, start), a_store("US", time_zone=zone), CALENDAR)
    return shown(zone, at)


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2026-03-04 10:00", "2026-03-06 23:59:59"),
        ("2026-03-06 10:00", "2026-03-10 23:59:59"),  # Friday; daylight saving begins on Sunday
        ("2026-03-07 10:00", "2026-03-10 23:59:59"),
        ("2026-05-22 18:00", "2026-05-27 23:59:59"),  # over Memorial Day
        ("2026-07-02 00:00", "2026-07-07 23:59:59"),
        ("2026-11-24 23:59", "2026-11-27 23:59:59"),
    ],
)
def test_two_business_days_to_hand_over(start: str, ends: str) -> None:
    assert due(start, business_days=2, ends="end_of_day") == ends


@pytest.mark.parametrize(
    ("start", "any_day", "business_day"),
    [
        ("2026-03-05 13:59", "2026-03-06", "2026-03-06"),  # Thursday before the cut-off
        ("2026-03-05 14:00", "2026-03-09", "2026-03-09"),
        ("2026-03-06 13:59", "2026-03-09", "2026-03-09"),
        ("2026-03-06 14:00", "2026-03-09", "2026-03-10"),  # Friday after it: Saturday, or Monday, is day zero
        ("2026-03-07 10:00", "2026-03-09", "2026-03-10"),
        ("2026-03-09 10:00", "2026-03-10", "2026-03-10"),
    ],
)
def test_a_cut_off_and_the_two_ways_to_start_on_a_closed_day(start: str, any_day: str, business_day: str) -> None:
    found = [
        due(start, business_days=1, ends="18:00", cut_off="14:00", day_zero=zero)
        for zero in ("any_day", "business_day")
    ]
    assert found == [f"{any_day} 18:00:00", f"{business_day} 18:00:00"]


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2026-03-05 15:00", "2026-03-09 15:00:00"),
        ("2026-03-07 10:00", "2026-03-11 00:00:00"),  # counting opens with Monday
        ("2026-03-05 18:00", "2026-03-10 00:00:00"),  # after the cut-off it opens with Friday
    ],
)
def test_business_days_that_keep_the_time_run_only_while_days_are_open(start: str, ends: str) -> None:
    assert due(start, business_days=2, ends="same_time", cut_off="17:00") == ends


def test_the_same_day_before_the_cut_off_and_the_next_after() -> None:
    keys: dict[str, object] = {"calendar_days": 0, "ends": "18:00", "cut_off": "12:00"}
    assert due("2026-03-07 11:59", **keys) == "2026-03-07 18:00:00"
    assert due("2026-03-07 12:00", **keys) == "2026-03-08 18:00:00"
    keys = {"business_days": 0, "ends": "18:00", "cut_off": "12:00"}
    assert due("2026-03-06 11:59", **keys) == "2026-03-06 18:00:00"
    assert due("2026-03-06 12:00", **keys) == "2026-03-09 18:00:00"


def test_hours_are_elapsed_time_and_days_keep_the_wall_clock_over_a_change() -> None:
    before_spring, before_autumn = "2026-03-07 12:00", "2026-10-31 12:00"
    assert due(before_spring, hours=24) == "2026-03-08 13:00:00"
    assert due(before_spring, calendar_days=1, ends="same_time") == "2026-03-08 12:00:00"
    assert due(before_autumn, hours=24) == "2026-11-01 11:00:00"
    assert due(before_autumn, calendar_days=1, ends="same_time") == "2026-11-01 12:00:00"


def test_an_hour_left_out_moves_on_and_an_hour_that_comes_twice_is_its_first() -> None:
    assert due("2026-03-07 02:30", calendar_days=1, ends="same_time") == "2026-03-08 03:30:00"
    twice = reach(
        rule_of(calendar_days=1, ends="same_time"),
        local(NEW_YORK, "2026-10-31 01:30"),
        a_store("US", time_zone=NEW_YORK),
        CALENDAR,
    )
    assert datetime.fromtimestamp(twice, ZoneInfo(NEW_YORK)).fold == 0
    assert shown(NEW_YORK, twice) == "2026-11-01 01:30:00"


SHAPES = st.sampled_from(
    [
        rule_of(hours=48),
        rule_of(calendar_days=2, ends="end_of_day"),
        rule_of(calendar_days=1, ends="09:00", cut_off="18:00"),
        rule_of(calendar_days=0, ends="18:00", cut_off="12:00"),
        rule_of(business_days=0, ends="18:00", cut_off="12:00"),
        rule_of(business_days=2, ends="end_of_day"),
        rule_of(business_days=2, ends="17:00", cut_off="14:00"),
        rule_of(business_days=2, ends="17:00", cut_off="14:00", day_zero="business_day"),
        rule_of(business_days=3, ends="same_time", cut_off="14:00"),
    ]
)


@given(SHAPES, ZONES, STARTS, st.integers(min_value=0, max_value=5 * 86400))
def test_a_later_start_never_has_an_earlier_deadline(rule: BaseRule, zone: str, start: int, later: int) -> None:
    store = a_store("US", time_zone=zone)
    first, second = (reach(rule, at, store, CALENDAR) for at in (start, start + later))
    # The hour that a clock put back repeats is the one exception: there the same wall time comes twice.
    slack = 3600 if rule.ends_at is None else 0
    assert first <= second + slack


@given(SHAPES, ZONES, STARTS)
def test_a_deadline_lies_after_its_start(rule: BaseRule, zone: str, start: int) -> None:
    assert reach(rule, start, a_store("US", time_zone=zone), CALENDAR) > start


@given(ZONES, STARTS, st.integers(min_value=1, max_value=30))
def test_calendar_days_keep_the_wall_clock_unless_that_hour_is_left_out(zone: str, start: int, days: int) -> None:
    rule = rule_of(calendar_days=days, ends="same_time")
    end = reach(rule, start, a_store("US", time_zone=zone), CALENDAR)
    started, ended = (datetime.fromtimestamp(at, ZoneInfo(zone)) for at in (start, end))
    assert ended.date() == started.date() + timedelta(days=days)
    wanted = datetime.combine(ended.date(), started.time(), tzinfo=ZoneInfo(zone))
    exists = datetime.fromtimestamp(wanted.timestamp(), ZoneInfo(zone)).time() == started.time()
    assert (ended.time() == started.time()) is exists


@given(ZONES, STARTS, st.integers(min_value=1, max_value=10))
def test_the_end_of_a_day_is_its_last_second(zone: str, start: int, days: int) -> None:
    end = reach(rule_of(business_days=days, ends="end_of_day"), start, a_store("US", time_zone=zone), CALENDAR)
    this, following = (datetime.fromtimestamp(at, ZoneInfo(zone)) for at in (end, end + 1))
    assert following.date() == this.date() + timedelta(days=1)
    assert CALENDAR.is_open(this.date())


@pytest.mark.parametrize(
    ("keys", "moved"),
    [
        ({"hours": 24}, "2026-03-08 13:00:00"),
        ({"calendar_days": 1}, "2026-03-08 12:00:00"),
        ({"business_days": 1}, "2026-03-09 12:00:00"),
        ({"business_days": 2, "calendar": "US"}, "2026-03-10 12:00:00"),
    ],
)
def test_an_extension_moves_to_the_same_time_of_a_later_day(keys: dict[str, object], moved: str) -> None:
    (extension,) = a_file(extension=[an_extension(regions=["US"], **keys)]).extensions
    at = extend(extension, local(NEW_YORK, "2026-03-07 12:00"), a_store("US", time_zone=NEW_YORK), CALENDAR)
    assert shown(NEW_YORK, at) == moved


@given(ZONES, STARTS)
def test_local_wall_time_is_found_again(zone: str, at: int) -> None:
    wall = datetime.fromtimestamp(at, ZoneInfo(zone))
    found = at_local(wall.date(), wall.time(), zone_of(zone))
    assert found == at or wall.fold == 1
