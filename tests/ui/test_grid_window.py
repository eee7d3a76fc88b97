"""The window of rows: asks for what is missing once, keeps what was used last."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import RowWindow

Row = tuple[int, str]


def window(count: int, capacity: int = 100) -> tuple[RowWindow[Row], list[list[int]]]:
    asked: list[list[int]] = []

    def fetch(ids: Sequence[int]) -> None:
        asked.append(list(ids))

    ids = array("q", range(count))
    return RowWindow(fetch, lambda row: row[0], index=RowIndex(ids), capacity=capacity), asked


def test_what_is_missing_is_asked_for_once() -> None:
    rows, asked = window(50)
    rows.request(0, 10)
    rows.request(5, 10)
    rows.request(0, 15)

    assert asked == [list(range(10)), list(range(10, 15))]
    assert rows.row_at(3) is None


def test_rows_that_came_are_not_asked_for_again() -> None:
    rows, asked = window(50)
    rows.request(0, 5)

    assert rows.deliver([(number, "a") for number in range(5)], asked[0]) == [0, 1, 2, 3, 4]
    assert rows.row_at(3) == (3, "a")
    rows.request(0, 5)
    assert len(asked) == 1


def test_rows_that_did_not_come_may_be_asked_for_again() -> None:
    rows, asked = window(50)
    rows.request(0, 3)
    rows.deliver([(0, "a")], asked[0])
    rows.request(0, 3)

    assert asked[1] == [1, 2]


def test_a_newer_row_replaces_the_older() -> None:
    rows, _ = window(5)
    rows.deliver([(2, "old")])
    rows.deliver([(2, "new")])

    assert rows.row(2) == (2, "new")


def test_edges_of_the_list_are_not_asked_beyond() -> None:
    rows, asked = window(10)
    rows.request(-5, 8)
    rows.request(8, 100)
    rows.request(20, 5)

    assert asked == [[0, 1, 2], [8, 9]]


def test_forgotten_rows_are_read_again() -> None:
    rows, asked = window(10)
    rows.deliver([(number, "a") for number in range(10)])
    assert rows.held([3, 4, 99]) == [3, 4]
    rows.forget([3])
    rows.request(0, 10)
    assert asked == [[3]]

    rows.forget()
    rows.request(0, 2)
    assert asked[-1] == [0, 1]


@given(st.lists(st.integers(0, 990), max_size=60))
def test_the_window_stays_small_and_holds_what_was_asked_for_last(jumps: list[int]) -> None:
    rows, asked = window(1_000, capacity=40)
    for first in jumps:
        rows.request(first, 10)
        for ids in asked:
            rows.deliver([(row_id, "x") for row_id in ids], ids)
        asked.clear()
        assert all(rows.row_at(position) == (position, "x") for position in range(first, first + 10))
        assert len(rows.held(range(1_000))) <= 40


def test_positions_are_those_of_the_index() -> None:
    rows, _ = window(1_000)

    assert rows.row_count == 1_000
    assert rows.position_of(777) == 777
    assert rows.position_of(5_000) is None
