"""Clocks: what the next loss is, what a countdown says, and when it says something else."""

from __future__ import annotations

import dataclasses
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.clock_source import ClockSource, extended_source, read_source, rule_source
from shoptui.domain.clocks import (
    CHINESE_UNITS,
    DAY_S,
    HOUR_S,
    MINUTE_S,
    Clock,
    ClockKind,
    Consequence,
    Countdown,
    Urgency,
    countdown,
    next_loss,
    urgency,
)
from tests.domain.builders import a_clock

NOW = 1_790_000_000
#: Left times where the form changes are drawn as often as any others.
EDGES = [0, MINUTE_S, 10 * MINUTE_S, HOUR_S, 2 * HOUR_S, 10 * HOUR_S, 12 * HOUR_S, DAY_S, 10 * DAY_S]
LEFT = st.one_of(
    st.integers(min_value=-30 * DAY_S, max_value=30 * DAY_S),
    st.builds(
        lambda edge, near, sign: sign * edge + near,
        st.sampled_from(EDGES),
        st.integers(-3, 3),
        st.sampled_from([1, -1]),
    ),
)

CLOCKS = st.lists(
    st.builds(
        lambda kind, due, stopped, advice: a_clock(
            kind,
            NOW + due,
            stopped_at=NOW - 5 if stopped else None,
            consequence=Consequence.ADVICE if advice else Consequence.LATE_DISPATCH,
        ),
        st.sampled_from([kind.value for kind in ClockKind]),
        st.integers(min_value=-4, max_value=4),  # few moments, so that many clocks share one
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
)


def said(text: str) -> int:
    """How many seconds an English countdown text stands for."""
    if match := re.fullmatch(r"(\d+):(\d\d)", text):
        return int(match[1]) * MINUTE_S + int(match[2])
    parts = re.findall(r"(\d+)([dhm])", text)
    assert "".join(number + unit for number, unit in parts) == text.removeprefix("-"), text
    return sum(int(number) * {"d": DAY_S, "h": HOUR_S, "m": MINUTE_S}[unit] for number, unit in parts)


@pytest.mark.parametrize(
    ("left", "seconds", "text"),
    [
        (12 * DAY_S + 5, True, "12d"),
        (10 * DAY_S, True, "10d"),
        (10 * DAY_S - 1, True, "9d23h"),
        (2 * DAY_S + 4 * HOUR_S + 59 * MINUTE_S, True, "2d04h"),
        (DAY_S, True, "1d00h"),
        (DAY_S - 1, True, "23h59m"),
        (14 * HOUR_S + 20 * MINUTE_S + 59, True, "14h20m"),
        (3 * HOUR_S + 5 * MINUTE_S, True, "3h05m"),
        (HOUR_S, True, "1h00m"),
        (HOUR_S - 1, True, "59m"),
        (18 * MINUTE_S + 30, True, "18m"),
        (10 * MINUTE_S, True, "10m"),
        (9 * MINUTE_S + 58, True, "9:58"),
        (9 * MINUTE_S + 58, False, "9m"),
        (1, True, "0:01"),
        (59, False, "0m"),
        (0, True, "-0m"),
        (-42 * MINUTE_S, True, "-42m"),
        (-(3 * HOUR_S + 10 * MINUTE_S), False, "-3h10m"),
        (-(14 * HOUR_S + 10 * MINUTE_S), False, "-14h"),
        (-(2 * DAY_S + 4 * HOUR_S), False, "-2d04h"),
        (-12 * DAY_S, False, "-12d"),
    ],
)
def test_the_forms_of_a_countdown(left: int, seconds: bool, text: str) -> None:
    assert countdown(NOW + left, NOW, seconds=seconds).text == text


def test_chinese_keeps_the_form_and_changes_the_letters() -> None:
    texts = [
        countdown(NOW + left, NOW, seconds=True, units=CHINESE_UNITS).text
        for left in (
            2 * DAY_S + 4 * HOUR_S,
            14 * HOUR_S + 20 * MINUTE_S,
            18 * MINUTE_S,
            598,
            -(3 * HOUR_S + 10 * MINUTE_S),
        )
    ]
    assert texts == ["2天04时", "14时20分", "18分", "9:58", "-3时10分"]


@given(LEFT, st.booleans())
def test_a_countdown_never_promises_more_than_there_is(left: int, seconds: bool) -> None:
    shown = countdown(NOW + left, NOW, seconds=seconds)
    if left > 0:
        assert said(shown.text) <= left
        assert not shown.text.startswith("-")
    else:
        assert said(shown.text) <= -left
        assert shown.text.startswith("-")


@given(LEFT, st.booleans())
def test_it_is_off_by_less_than_its_last_unit(left: int, seconds: bool) -> None:
    shown = countdown(NOW + left, NOW, seconds=seconds).text
    unit = {"d": DAY_S, "h": HOUR_S, "m": MINUTE_S}.get(shown[-1], 1)
    assert 0 <= abs(left) - said(shown) < unit


@given(LEFT, st.booleans())
def test_changes_at_is_the_first_second_with_another_text(left: int, seconds: bool) -> None:
    due_at = NOW + left
    shown = countdown(due_at, NOW, seconds=seconds)
    assert shown.changes_at is not None
    assert shown.changes_at > NOW
    same = countdown(due_at, shown.changes_at - 1, seconds=seconds)
    other = countdown(due_at, shown.changes_at, seconds=seconds)
    assert (same.text, same.urgency) == (shown.text, shown.urgency), "it changed before"
    assert other.text != shown.text, "it has not changed yet"


@given(LEFT, st.booleans())
def test_an_english_countdown_fits_six_cells_and_a_chinese_one_eight(left: int, seconds: bool) -> None:
    assert len(countdown(NOW + left, NOW, seconds=seconds).text) <= 6
    chinese = countdown(NOW + left, NOW, seconds=seconds, units=CHINESE_UNITS).text
    assert sum(2 if ord(letter) > 0x2E80 else 1 for letter in chinese) <= 8


@given(LEFT, LEFT)
def test_less_time_left_never_looks_calmer(one: int, other: int) -> None:
    calm = [Urgency.MISSED, Urgency.SOON, Urgency.NEAR, Urgency.DAY, Urgency.QUIET]
    lower, higher = sorted((one, other))
    assert calm.index(urgency(lower)) <= calm.index(urgency(higher))


def test_a_countdown_is_missed_in_the_very_second_its_clock_is() -> None:
    clock = a_clock(due_at=NOW)
    assert [clock.missed(at) for at in (NOW - 1, NOW)] == [False, True]
    before, then = (countdown(NOW, at, seconds=True) for at in (NOW - 1, NOW))
    assert before == Countdown("0:01", NOW, Urgency.SOON)
    assert then.urgency is Urgency.MISSED


def test_a_stopped_clock_is_neither_running_nor_missed() -> None:
    clock = a_clock(due_at=NOW - 100, stopped_at=NOW - 50)
    assert not clock.running
    assert not clock.missed(NOW)


def test_next_loss_names_the_nearest_the_next_later_and_the_latest_missed() -> None:
    loss = next_loss(
        [
            a_clock("cxl", NOW + 500),
            a_clock("arr", NOW + 100),
            a_clock("hand", NOW + 100),
            a_clock("dlv", NOW - 10),
            a_clock("fast", NOW - 900),
            a_clock("pick", NOW + 1, stopped_at=NOW - 1),
            a_clock("arr", NOW + 5, consequence=Consequence.ADVICE),
        ],
        NOW,
    )
    assert (loss.at, loss.kind) == (NOW + 100, "arr")
    assert (loss.then_at, loss.then_kind) == (NOW + 500, "cxl")
    assert (loss.missed, loss.last_missed_at, loss.last_missed_kind) == (2, NOW - 10, "dlv")


def test_nothing_to_lose() -> None:
    loss = next_loss([a_clock(due_at=NOW - 5, stopped_at=NOW - 6)], NOW)
    assert (loss.at, loss.kind, loss.then_at, loss.then_kind) == (None, "", None, "")
    assert (loss.missed, loss.last_missed_at, loss.last_missed_kind) == (0, None, "")


def test_of_two_clocks_missed_together_always_the_same_is_named() -> None:
    together = [a_clock("arr", NOW - 5), a_clock("pick", NOW - 5)]
    assert next_loss(together, NOW) == next_loss(reversed(together), NOW)


@given(CLOCKS, st.randoms(use_true_random=False))
def test_next_loss_does_not_depend_on_the_order_of_clocks(clocks: list[Clock], random: Random) -> None:
    shuffled = list(clocks)
    random.shuffle(shuffled)
    assert next_loss(shuffled, NOW) == next_loss(clocks, NOW)


@given(CLOCKS)
def test_every_counting_clock_is_ahead_or_missed(clocks: list[Clock]) -> None:
    loss = next_loss(clocks, NOW)
    counting = [clock for clock in clocks if clock.running and clock.consequence is not Consequence.ADVICE]
    ahead = [clock.due_at for clock in counting if clock.due_at > NOW]
    assert loss.missed == len(counting) - len(ahead)
    assert loss.at == min(ahead, default=None)
    assert loss.then_at == min((due_at for due_at in ahead if due_at != loss.at), default=None)


@given(CLOCKS, st.integers(min_value=1, max_value=10))
def test_time_passing_turns_ahead_into_missed_and_loses_none(clocks: list[Clock], passed_s: int) -> None:
    before, after = next_loss(clocks, NOW), next_loss(clocks, NOW + passed_s)
    assert after.missed >= before.missed
    if before.at is not None and before.at > NOW + passed_s:
        assert after == before


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("tiktok:rts_sla_time", ClockSource(marketplace="tiktok", field="rts_sla_time")),
        ("rule:tiktok-us-hand-over", ClockSource(rule_id="tiktok-us-hand-over")),
        ("ours:wave 3", ClockSource(ours="wave 3")),
        ("ship_by_date", ClockSource(field="ship_by_date")),
        (
            "shopee:ship_by_date+rule:flood-2026@1772593200",
            ClockSource(marketplace="shopee", field="ship_by_date", rule_id="flood-2026", field_due_at=1772593200),
        ),
    ],
)
def test_a_source_is_taken_apart(source: str, parts: ClockSource) -> None:
    assert read_source(source) == parts


def test_sources_are_read_as_they_were_written() -> None:
    assert read_source(rule_source("gb-1")).rule_id == "gb-1"
    moved = read_source(extended_source("tiktok:tts_sla_time", "flood-2026", NOW))
    assert dataclasses.astuple(moved) == ("tiktok", "tts_sla_time", "flood-2026", NOW, "")
