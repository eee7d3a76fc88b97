"""Marks: a set of ids under every way of marking, also a million at once."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shoptui.widgets.marks import Marks, MarkSnapshot

IDS = st.one_of(st.integers(0, 60), st.integers(-5, -1), st.integers(1 << 40, (1 << 40) + 5))
LISTS = st.lists(IDS, unique=True, max_size=40).map(lambda ids: array("q", ids))


class MarksAgainstSet(RuleBasedStateMachine):
    """Whatever is done, the marks hold what a plain set would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.marks = Marks()
        self.expected: set[int] = set()
        self.shown = array("q", [1, 2, 3])

    @rule(ids=LISTS)
    def show(self, ids: array[int]) -> None:
        self.shown = ids

    @rule(row_id=IDS)
    def toggle(self, row_id: int) -> None:
        assert self.marks.toggle(row_id) == (row_id not in self.expected)
        self.expected ^= {row_id}

    @rule(where=st.integers(0, 50))
    def toggle_shown(self, where: int) -> None:
        if self.shown:
            row_id = self.shown[where % len(self.shown)]
            assert self.marks.toggle(row_id, self.shown) == (row_id not in self.expected)
            assert self.marks.anchor == row_id
            self.expected ^= {row_id}

    @rule(first=st.integers(0, 45), last=st.integers(0, 45))
    def mark_range(self, first: int, last: int) -> None:
        self.marks.mark_range(self.shown, first, last)
        self.expected |= set(self.shown[min(first, last) : max(first, last) + 1])

    @rule()
    def mark_all(self) -> None:
        assert self.marks.mark_all(self.shown, 99) == MarkSnapshot(len(self.shown), 99)
        self.expected |= set(self.shown)

    @rule()
    def invert(self) -> None:
        self.marks.invert(self.shown)
        self.expected ^= set(self.shown)

    @rule(ids=LISTS)
    def add(self, ids: array[int]) -> None:
        self.marks.add(ids)
        self.expected |= set(ids)

    @rule(ids=LISTS)
    def discard(self, ids: array[int]) -> None:
        self.marks.discard(ids)
        self.expected -= set(ids)

    @rule()
    def clear(self) -> None:
        self.marks.clear()
        self.expected.clear()
        assert self.marks.anchor is None

    @rule()
    def ask_one_by_one(self) -> None:
        assert all((row_id in self.marks) == (row_id in self.expected) for row_id in self.shown)

    @rule(ids=LISTS)
    def ask_of_another_list(self, ids: array[int]) -> None:
        assert list(self.marks.within(ids)) == [row_id for row_id in ids if row_id in self.expected]

    @invariant()
    def counts_agree(self) -> None:
        assert len(self.marks) == len(self.expected)
        assert list(self.marks.within(self.shown)) == [row_id for row_id in self.shown if row_id in self.expected]
        assert [row_id for row_id in self.shown if self.marks.is_marked(row_id, self.shown)] == [
            row_id for row_id in self.shown if row_id in self.expected
        ]

    @invariant()
    def iterates_each_once(self) -> None:
        assert sorted(self.marks) == sorted(self.expected)


TestMarksAgainstSet = MarksAgainstSet.TestCase


def test_a_snapshot_is_forgotten_when_marks_change() -> None:
    marks = Marks()
    marks.mark_all(array("q", [1, 2, 3]), taken_at=1_000)
    assert marks.snapshot == MarkSnapshot(3, 1_000)

    marks.toggle(2)
    assert marks.snapshot is None


@given(LISTS)
def test_every_change_counts_the_revision_up(ids: array[int]) -> None:
    marks = Marks()
    revisions = [marks.revision]
    for change in (
        lambda: marks.toggle(1),
        lambda: marks.mark_all(ids, 5),
        lambda: marks.invert(ids),
        lambda: marks.add(ids),
        lambda: marks.discard(ids),
        marks.clear,
    ):
        change()
        revisions.append(marks.revision)

    assert revisions == sorted(set(revisions))


def test_marking_a_million_rows_keeps_the_list_and_no_copy() -> None:
    ids = array("q", range(1, 1_000_001))
    marks = Marks()
    marks.mark_all(ids, 5)
    marks.toggle(7, ids)

    assert len(marks) == 999_999
    assert not marks.is_marked(7, ids)
    assert marks.is_marked(999_999, ids)
    marks.invert(ids)
    assert list(marks) == [7]
    marks.clear()
    marks.mark_all(ids, 5)
    assert marks.within(ids) is ids


def test_a_million_marks_outlive_the_list_they_were_made_in() -> None:
    marks = Marks()
    marks.mark_all(array("q", range(1, 1_000_001)), 5)
    other = array("q", [5, 2_000_000, 1_000_000])

    assert list(marks.within(other)) == [5, 1_000_000]
    assert marks.toggle(2_000_000)
    assert len(marks) == 1_000_001
