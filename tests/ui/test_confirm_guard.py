"""The confirm guard: one deliberate press on a strip that was read, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.widgets.confirm_guard import ConfirmGuard, Press


def ready() -> ConfirmGuard:
    """A guard whose strip was painted at 10.0."""
    guard = ConfirmGuard()
    guard.strip_painted(10.0)
    return guard


def test_a_press_alone_on_a_read_strip_counts_once() -> None:
    guard = ready()

    assert guard.press(10.31) is Press.PENDING
    assert not guard.confirmed(10.38)
    assert guard.deadline == pytest.approx(10.39)
    assert guard.confirmed(10.391)
    assert not guard.confirmed(10.5)


@pytest.mark.parametrize("pressed_at", [10.0, 10.1, 10.299])
def test_a_press_before_the_strip_could_be_read_does_not_count(pressed_at: float) -> None:
    guard = ready()

    assert guard.press(pressed_at) is Press.TOO_SOON
    assert not guard.confirmed(pressed_at + 1)


def test_a_strip_that_changes_under_a_press_takes_it_back_and_tells() -> None:
    for changes in (lambda guard: guard.strip_painted(10.4), ConfirmGuard.strip_closed):
        guard = ready()
        assert guard.press(10.35) is Press.PENDING
        assert changes(guard)
        assert not guard.confirmed(10.5)
        assert not changes(guard), "it is told once"


def test_a_press_without_a_strip_does_not_count() -> None:
    guard = ConfirmGuard()
    assert guard.press(50.0) is Press.TOO_SOON

    guard = ready()
    guard.strip_closed()
    assert guard.press(50.0) is Press.TOO_SOON


def test_a_strip_whose_numbers_changed_wants_reading_again() -> None:
    guard = ready()
    guard.strip_painted(12.0)

    assert guard.press(12.2) is Press.TOO_SOON


def test_a_change_while_a_press_waits_takes_it_back() -> None:
    guard = ready()
    guard.press(11.0)
    guard.strip_painted(11.05)

    assert not guard.confirmed(12.0)


def test_a_key_right_before_spoils_the_press() -> None:
    guard = ready()
    guard.other_key(11.0)

    assert guard.press(11.079) is Press.NOT_ALONE


def test_a_key_right_after_takes_the_press_back() -> None:
    guard = ready()
    guard.press(11.0)

    assert guard.other_key(11.079)
    assert not guard.confirmed(12.0)


def test_a_key_long_after_leaves_the_press_alone() -> None:
    guard = ready()
    guard.press(11.0)

    assert not guard.other_key(11.081)
    assert guard.confirmed(11.082)


@pytest.mark.parametrize("repeat_every_s", [0.033, 0.092, 0.25, 0.5])
def test_a_key_held_down_counts_once_even_when_the_next_strip_opens(repeat_every_s: float) -> None:
    guard = ready()
    counted = 0
    now_s = 11.0
    while now_s < 20.0:
        guard.press(now_s)
        now_s += repeat_every_s
        if guard.confirmed(now_s):
            counted += 1
            guard.strip_painted(now_s)

    assert counted == 1


def test_a_quick_hand_confirms_one_strip_after_the_other() -> None:
    guard = ready()
    assert guard.press(11.0) is Press.PENDING
    assert guard.confirmed(11.09)
    guard.other_key(11.15)
    guard.strip_painted(11.2)

    assert guard.press(11.6) is Press.PENDING
    assert guard.confirmed(11.7)


def test_a_guard_without_a_strip_keeps_the_rest_of_the_rule() -> None:
    guard = ConfirmGuard(painted_s=0)

    assert guard.press(5.0) is Press.PENDING
    assert guard.confirmed(5.1)
    guard.other_key(6.0)
    assert guard.press(6.05) is Press.NOT_ALONE


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["press", "other"]), st.floats(0.001, 0.079), st.sampled_from(["", "painted", "closed"])
        ),
        max_size=60,
    )
)
def test_nothing_in_a_burst_ever_counts(steps: list[tuple[str, float, str]]) -> None:
    """Whatever a scanner sends around its first character, and whatever strips come and go meanwhile."""
    guard = ready()
    now_s = 20.0
    guard.other_key(now_s)
    for key, pause_s, strip in steps:
        now_s += pause_s
        assert not guard.confirmed(now_s)
        if strip == "painted":
            guard.strip_painted(now_s)
        elif strip == "closed":
            guard.strip_closed()
        if key == "press":
            assert guard.press(now_s) is not Press.PENDING
        else:
            guard.other_key(now_s)
    assert not guard.confirmed(now_s + 10)
