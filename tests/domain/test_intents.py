"""Intents: the moves between states, and how long one is held."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.intents import (
    HOLD_S,
    OPEN_STATES,
    SHORT_HOLD_S,
    TRANSITIONS,
    IllegalMove,
    IntentState,
    check_move,
    hold_s,
)

NOW = 1_790_000_000
STATES = st.sampled_from(list(IntentState))
_S = IntentState


def reachable(start: IntentState) -> set[IntentState]:
    found: set[IntentState] = set()
    ahead = [start]
    while ahead:
        for state in TRANSITIONS[ahead.pop()]:
            if state not in found:
                found.add(state)
                ahead.append(state)
    return found


@pytest.mark.parametrize(
    "way",
    [
        [_S.HELD, _S.QUEUED, _S.SENDING, _S.DONE],
        [_S.HELD, _S.TAKEN_BACK],
        [_S.HELD, _S.QUEUED, _S.TAKEN_BACK],
        [_S.HELD, _S.QUEUED, _S.SENDING, _S.QUEUED, _S.SENDING, _S.FAILED],
        [_S.HELD, _S.QUEUED, _S.SENDING, _S.UNKNOWN, _S.NOT_DONE],
        [_S.HELD, _S.QUEUED, _S.SENDING, _S.UNKNOWN, _S.QUEUED],
        [_S.HELD, _S.QUEUED, _S.SENDING, _S.UNKNOWN, _S.NEEDS_PERSON, _S.DONE],
    ],
)
def test_the_ways_an_intent_goes(way: list[IntentState]) -> None:
    for old, new in pairwise(way):
        check_move(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_S.HELD, _S.SENDING),
        (_S.SENDING, _S.TAKEN_BACK),
        (_S.UNKNOWN, _S.FAILED),
        (_S.UNKNOWN, _S.SENDING),
        (_S.NEEDS_PERSON, _S.QUEUED),
        (_S.DONE, _S.QUEUED),
        (_S.HELD, _S.HELD),
    ],
)
def test_moves_that_would_send_twice_or_forget_are_refused(old: IntentState, new: IntentState) -> None:
    with pytest.raises(IllegalMove, match=f"cannot go from {old} to {new}"):
        check_move(old, new)


@given(STATES)
def test_every_state_has_its_row_and_open_means_it_can_move(state: IntentState) -> None:
    assert bool(TRANSITIONS[state]) == (state in OPEN_STATES)
    assert state not in TRANSITIONS[state]


@given(STATES)
def test_no_open_state_is_a_dead_end_and_no_final_one_moves(state: IntentState) -> None:
    if state in OPEN_STATES:
        assert reachable(state) - OPEN_STATES, "it could never be settled"
    else:
        assert reachable(state) == set()


def test_everything_can_be_reached_from_the_hold() -> None:
    assert reachable(_S.HELD) | {_S.HELD} == set(IntentState)


def test_after_a_lost_answer_sending_again_goes_through_the_queue_and_never_through_a_person() -> None:
    assert [state for state in IntentState if _S.SENDING in TRANSITIONS[state]] == [_S.QUEUED]
    assert _S.QUEUED in TRANSITIONS[_S.UNKNOWN]
    assert _S.QUEUED not in reachable(_S.NEEDS_PERSON)


@pytest.mark.parametrize(
    ("left_s", "configured_s", "held_s"),
    [
        (None, 10, 10),
        (3600, 10, 10),
        (60, 10, 10),
        (59, 10, SHORT_HOLD_S),
        (59, 1, 1),
        (1, 10, 1),
        (0, 10, 0),
        (-1, 10, 10),
        (90, 300, 90),
        (3600, 0, 0),
    ],
)
def test_how_long_an_intent_is_held(left_s: int | None, configured_s: int, held_s: int) -> None:
    clock_due_at = None if left_s is None else NOW + left_s
    assert hold_s(clock_due_at, NOW, configured_s) == held_s


@given(st.integers(min_value=0, max_value=7200), st.integers(min_value=0, max_value=600))
def test_a_hold_never_outlives_a_running_clock_nor_the_setting(left_s: int, configured_s: int) -> None:
    held = hold_s(NOW + left_s, NOW, configured_s)
    assert 0 <= held <= min(left_s, configured_s)


def test_the_default_hold_is_ten_seconds() -> None:
    assert hold_s(None, NOW) == HOLD_S == 10
