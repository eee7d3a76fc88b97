"""Response rates: what a question counts as, that counts add up, and how many misses are left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.answers import Answers, judge, total

COUNTS = st.builds(Answers, st.integers(0, 500), st.integers(0, 500), st.integers(0, 50))


@pytest.mark.parametrize(
    ("answered_at", "due_at", "expected"),
    [
        (None, 101, Answers(waiting=1)),
        (None, 100, Answers(late=1)),
        (None, None, Answers(waiting=1)),
        (50, 60, Answers(in_time=1)),
        (60, 60, Answers(in_time=1)),
        (61, 60, Answers(late=1)),
        (61, None, Answers(in_time=1)),
    ],
)
def test_a_question_counts_once(answered_at: int | None, due_at: int | None, expected: Answers) -> None:
    assert judge(answered_at, due_at, now=100) == expected


@pytest.mark.parametrize(
    ("in_time", "late", "percent", "left"),
    [
        (0, 0, 80, None),
        (90, 10, 90, 0),
        (91, 9, 90, 1),
        (100, 0, 90, 11),
        (80, 20, 90, 0),
        (10, 0, 100, 0),
        (0, 3, 50, 0),
    ],
)
def test_misses_left_before_the_threshold(in_time: int, late: int, percent: int, left: int | None) -> None:
    assert Answers(in_time, late).misses_left(percent) == left


@given(COUNTS, st.integers(1, 100))
def test_so_many_misses_more_keep_the_rate_and_one_more_does_not(counts: Answers, percent: int) -> None:
    left = counts.misses_left(percent)
    decided = counts.in_time + counts.late
    if left is None:
        assert decided == 0 and counts.rate is None
        return
    if left:
        assert counts.in_time * 100 >= percent * (decided + left)
    assert counts.in_time * 100 < percent * (decided + left + 1)


@given(st.lists(st.tuples(st.none() | st.integers(0, 200), st.none() | st.integers(0, 200)), max_size=30), st.data())
def test_rates_merge_however_the_questions_are_split(
    asked: list[tuple[int | None, int | None]], data: st.DataObject
) -> None:
    counted = [judge(answered_at, due_at, now=100) for answered_at, due_at in asked]
    cut = data.draw(st.integers(0, len(counted)))
    assert total(counted[:cut]) + total(counted[cut:]) == total(counted)
    everything = total(counted)
    assert everything.in_time + everything.late + everything.waiting == len(asked)
