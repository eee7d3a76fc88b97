"""The index: changed by bisection it is always what sorting from scratch would give."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.widgets.grid_index import KeysOnDemand, RowIndex, SortKey

PAIRS = st.dictionaries(st.integers(1, 500), st.integers(0, 20), max_size=80)


def sorted_ids(keys: dict[int, int]) -> list[int]:
    return [row_id for _, row_id in sorted((key, row_id) for row_id, key in keys.items())]


def packed(keys: dict[int, int]) -> RowIndex:
    return RowIndex.from_pairs(keys.items())


def on_demand(keys: dict[int, int]) -> RowIndex:
    ids = array("q", sorted_ids(keys))
    return RowIndex(ids, KeysOnDemand(ids, keys.__getitem__))


@given(PAIRS, PAIRS, st.lists(st.integers(1, 500), max_size=40), st.booleans())
def test_changes_equal_sorting_from_scratch(
    before: dict[int, int], inserted: dict[int, int], left: list[int], keys_known: bool
) -> None:
    index = packed(before)
    removed = {row_id: before.get(row_id) if keys_known else None for row_id in {*left, *inserted}}

    changed = index.apply_changes(removed, inserted)

    after = {row_id: key for row_id, key in before.items() if row_id not in removed} | inserted
    assert list(changed) == sorted_ids(after)
    assert list(changed.keys or ()) == sorted(after.values())
    assert list(index) == sorted_ids(before)


@given(PAIRS, PAIRS, st.lists(st.integers(1, 500), max_size=40))
def test_changes_with_keys_asked_for_one_at_a_time(
    before: dict[int, int], inserted: dict[int, int], left: list[int]
) -> None:
    """The keys asked for are those after the change, as a database would give them."""
    ids = array("q", sorted_ids(before))
    now = {**before, **inserted}
    index = RowIndex(ids, KeysOnDemand(ids, now.__getitem__))

    changed = index.apply_changes(dict.fromkeys({*left, *inserted}), inserted)

    kept = {row_id: key for row_id, key in before.items() if row_id not in {*left, *inserted}}
    assert list(changed) == sorted_ids(kept | inserted)


@given(PAIRS)
@pytest.mark.parametrize("make", [packed, on_demand])
def test_every_row_is_found_where_it_stands(make: Callable[[dict[int, int]], RowIndex], keys: dict[int, int]) -> None:
    index = make(keys)

    for position, row_id in enumerate(index):
        assert index.position_of(row_id, key=keys[row_id]) == position
        assert index.position_of(row_id) == position
        assert index.position_of(row_id, near=len(keys) - position) == position
    assert index.position_of(501) is None
    assert index.position_of(501, key=3) is None


def test_a_row_far_from_where_it_was_is_found() -> None:
    index = RowIndex(array("q", range(10_000)), None)

    assert index.position_of(9_999, near=0) == 9_999
    assert index.position_of(0, near=9_999) == 0


@given(PAIRS)
def test_a_row_inserted_twice_stands_once(keys: dict[int, int]) -> None:
    index = packed(keys)

    assert list(index.apply_changes({}, keys)) == list(index)


def test_keys_may_be_texts() -> None:
    names = {3: "陈", 1: "Ánh", 2: "an"}
    ids = array("q", [2, 1, 3])
    index = RowIndex(ids, KeysOnDemand(ids, lambda row_id: names[row_id]))
    names[4] = "mei"

    assert list(index.apply_changes({}, {4: names[4]})) == [2, 4, 1, 3]


def test_no_change_is_the_same_index() -> None:
    index = packed({1: 5, 2: 3})

    assert index.apply_changes({}, {}) is index
    assert list(index.apply_changes({77: None}, {})) == [2, 1]


def test_without_keys_an_index_says_what_to_do() -> None:
    index = RowIndex(array("q", [3, 1, 2]))

    with pytest.raises(ValueError, match="replace it as a whole"):
        index.apply_changes({}, {4: 1})
    with pytest.raises(ValueError, match="replace it as a whole"):
        index.insertion_point(4, 1)


def test_ids_and_keys_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="give each row one key"):
        RowIndex(array("q", [1, 2]), array("q", [1]))


def test_in_a_million_rows_a_change_compares_few_keys() -> None:
    """Twice a bisection of a million for each row, and the rest is copied in runs."""
    asked = 0

    def key_of(row_id: int) -> SortKey:
        nonlocal asked
        asked += 1
        return row_id * 2

    ids = array("q", range(1_000_000))
    index = RowIndex(ids, KeysOnDemand(ids, key_of))
    changed = index.apply_changes({}, {2_000_000 + number: number * 20_001 for number in range(100)})

    assert len(changed) == 1_000_100
    assert asked <= 100 * 2 * 21
    assert all(changed.ids[changed.insertion_point(5, 10)] == 5 for _ in range(1))
