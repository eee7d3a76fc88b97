"""Bringing a list up to date by bisection gives what reading it anew would give."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from shoptui.cockpit.merge import KeysOf, SortedAs, merge_changes

Rows = dict[int, tuple[int, int]]
"""Row id → (0 for the missed group or 1, due time)."""


def listed(rows: Rows) -> tuple[array[int], int]:
    ids = sorted(rows, key=lambda row_id: (*rows[row_id], row_id))
    return array("q", ids), sum(1 for group, _due in rows.values() if group == 0)


def reader_of(rows: Rows, asked: list[int] | None = None) -> KeysOf:
    async def keys_of(row_ids: Sequence[int]) -> Mapping[int, SortedAs]:
        if asked is not None:
            asked.append(len(row_ids))
        return {row_id: SortedAs((*rows[row_id], row_id), rows[row_id][0] == 0) for row_id in row_ids if row_id in rows}

    return keys_of


rows_strategy = st.dictionaries(st.integers(1, 60), st.tuples(st.integers(0, 1), st.integers(0, 8)), max_size=40)


@given(rows_strategy, rows_strategy)
async def test_a_merged_list_is_the_list_sorted_from_scratch(before: Rows, after: Rows) -> None:
    changed = {row_id for row_id in before.keys() | after.keys() if before.get(row_id) != after.get(row_id)}
    ids, missed = listed(before)
    merged = await merge_changes(ids, missed, changed, reader_of(after))
    assert (merged.ids, merged.missed) == listed(after)
    assert merged.came == len(after.keys() - before.keys())
    assert merged.left == len(before.keys() - after.keys())


@given(rows_strategy, rows_strategy, st.data())
async def test_rows_met_that_no_longer_match_leave_as_well(before: Rows, after: Rows, data: st.DataObject) -> None:
    differing = sorted(row_id for row_id in before.keys() | after.keys() if before.get(row_id) != after.get(row_id))
    known = data.draw(st.sets(st.sampled_from(differing)) if differing else st.just(set()))
    # Only rows that vanished may be unannounced here: one whose key moved unannounced is put right by its own notice.
    known |= {row_id for row_id in differing if row_id in after}
    ids, missed = listed(before)
    merged = await merge_changes(ids, missed, known, reader_of(after))
    staying = [row_id for row_id in merged.ids if row_id in after]
    assert staying == list(listed(after)[0])
    assert len(set(merged.ids)) == len(merged.ids)


async def test_many_changes_in_a_long_list_cost_few_reads() -> None:
    rows: Rows = {row_id: (1, row_id * 10) for row_id in range(1, 50_001)}
    ids, missed = listed(rows)
    changed = set(range(100, 50_000, 250))
    for row_id in changed:
        rows[row_id] = (1, (row_id * 7919) % 500_000)
    asked: list[int] = []
    merged = await merge_changes(ids, missed, changed, reader_of(rows, asked))
    assert merged.ids == listed(rows)[0]
    assert len(asked) <= 20


async def test_nothing_changed_changes_nothing() -> None:
    ids = array("q", [3, 1, 2])
    merged = await merge_changes(ids, 1, set(), reader_of({}))
    assert merged.ids == ids
    assert (merged.missed, merged.came, merged.left) == (1, 0, 0)
