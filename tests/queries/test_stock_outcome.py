"""What became of a push: the last of each listing's writes counts, also where it was worked out anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shoptui.domain.intents import Cause, CauseId, Intent, IntentState, TargetKind, Verb
from shoptui.queries.stock import Pushed
from shoptui.queries.stock_outcome import PushEnd, is_undecided, push_outcomes

MOVED = Cause(CauseId.STOCK_MOVED)
LOST = Cause(CauseId.ANSWER_LOST)
LOCKED = Cause(CauseId.LISTING_GONE)


def write(
    number: int, state: IntentState, cause: Cause | None = None, *, target: str = "p/1", seen_to: bool = False
) -> Pushed:
    intent = Intent(
        intent_id=number,
        batch_id="b",
        verb=Verb.SET_STOCK,
        store_id="tt-th-1",
        order_no="",
        target_kind=TargetKind.LISTING,
        target_id=target,
        args={"shows": 3, "seen": 5, "pool": "bag"},
        state=state,
        operator="mei",
        created_at=1,
        release_at=1,
        cause=cause,
    )
    return Pushed(intent, seen_to)


DONE, FAILED = IntentState.DONE, IntentState.FAILED


@pytest.mark.parametrize(
    ("writes", "end", "again"),
    [
        ([write(1, DONE)], PushEnd.DONE, 0),
        ([write(1, FAILED, MOVED, seen_to=True), write(2, DONE)], PushEnd.DONE, 1),
        ([write(1, FAILED, LOST, seen_to=True)], PushEnd.SAME, 0),
        ([write(1, FAILED, MOVED)], PushEnd.LEFT, 0),
        ([write(1, FAILED, MOVED, seen_to=True), write(2, FAILED, MOVED)], PushEnd.LEFT, 1),
        ([write(1, FAILED, LOCKED)], PushEnd.FAILED, 0),
        ([write(1, FAILED, LOCKED, seen_to=True)], PushEnd.FAILED, 0),
        ([write(1, FAILED, MOVED, seen_to=True), write(2, FAILED, LOCKED)], PushEnd.FAILED, 1),
        ([write(1, IntentState.TAKEN_BACK)], PushEnd.TAKEN_BACK, 0),
        ([write(1, IntentState.HELD)], PushEnd.OPEN, 0),
        ([write(1, IntentState.SENDING)], PushEnd.OPEN, 0),
    ],
)
def test_the_last_write_of_a_listing_counts(writes: list[Pushed], end: PushEnd, again: int) -> None:
    (found,) = push_outcomes(writes)
    assert (found.end, found.again) == (end, again)
    assert (found.first, found.last) == (writes[0].intent, writes[-1].intent)
    assert is_undecided(writes[-1]) == (end is PushEnd.LEFT)


def test_each_listing_is_told_once_and_the_window_only_where_it_was_written() -> None:
    done = write(3, DONE, target="p/2")
    done = replace(done, intent=replace(done.intent, evidence={"window_ms": "420"}))
    found = push_outcomes([write(1, FAILED, MOVED), write(2, FAILED, LOCKED, target="p/2"), done])
    assert [(one.last.target_id, one.end, one.window_ms) for one in found] == [
        ("p/1", PushEnd.LEFT, None),
        ("p/2", PushEnd.DONE, 420),
    ]
