"""The order of a list: row ids sorted by key, changed by bisection and never sorted again."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, overload


class SortKey(Protocol):
    """Anything that can be ordered: an integer, a text, a tuple of these."""

    def __lt__(self, other: object, /) -> bool: ...


class KeysOnDemand(Sequence[SortKey]):
    """The sort keys of a list that are not kept in memory but asked for one at a time, by row id."""

    __slots__ = ("_ids", "key_of")

    def __init__(self, ids: Sequence[int], key_of: Callable[[int], SortKey]) -> None:
        self._ids = ids
        self.key_of = key_of

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, position: int) -> SortKey: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[SortKey]: ...
    def __getitem__(self, position: int | slice) -> SortKey | Sequence[SortKey]:
        if isinstance(position, slice):
            return [self.key_of(row_id) for row_id in self._ids[position]]
        return self.key_of(self._ids[position])


class RowIndex:
    """Row ids in ascending order of (key, id), with their keys.

    Immutable: a change makes another index, so a worker may prepare it while the old one is drawn. `keys` is either
    an `array('q')` of packed keys beside `ids` (8 more bytes a row) or `KeysOnDemand`; it is None when the order came
    ready-made and can only be replaced as a whole. A descending order negates its keys.
    """

    __slots__ = ("ids", "keys")

    def __init__(self, ids: array[int], keys: array[int] | KeysOnDemand | None = None) -> None:
        if keys is not None and len(keys) != len(ids):
            raise ValueError(f"{len(ids)} row ids but {len(keys)} sort keys: give each row one key")
        self.ids = ids
        self.keys = keys

    @classmethod
    def empty(cls) -> RowIndex:
        """An index without rows."""
        return cls(array("q"), array("q"))

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[int, int]]) -> RowIndex:
        """An index of (row id, key) pairs in any order; sorts them once."""
        ordered = sorted((key, row_id) for row_id, key in pairs)
        return cls(array("q", [row_id for _, row_id in ordered]), array("q", [key for key, _ in ordered]))

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids)

    def position_of(self, row_id: int, *, key: SortKey | None = None, near: int | None = None) -> int | None:
        """Where a row stands, None if it is not in the list.

        With its `key` this is a bisection. Without, the neighbourhood of `near` (its last known position) is looked
        at first and then the whole list, which takes about 10 ms in a million rows.
        """
        ids = self.ids
        if key is not None and self.keys is not None:
            position = self._bisect(key, row_id)
            if position < len(ids) and ids[position] == row_id:
                return position
            return None
        if near is not None and ids:
            low = max(0, min(near, len(ids)) - _NEAR)
            try:
                return ids.index(row_id, low, low + 2 * _NEAR)
            except ValueError:
                pass
        try:
            return ids.index(row_id)
        except ValueError:
            return None

    def insertion_point(self, row_id: int, key: SortKey) -> int:
        """Where a row with this key stands or would stand. Raises ValueError for an index without keys."""
        if self.keys is None:
            raise ValueError("this list has no sort keys: replace it as a whole")
        return self._bisect(key, row_id)

    def apply_changes(self, removed: Mapping[int, SortKey | None], inserted: Mapping[int, SortKey]) -> RowIndex:
        """The index after rows left and others came; this one stays as it is.

        `removed` maps row ids to the key they were sorted by, None where it is not known (found by one pass over the
        list). `inserted` maps row ids to their key; a row that moves is in both. Ids in `removed` that are not in the
        list do not matter; an id in `inserted` that is there already under another key must be removed too. Raises
        ValueError for an index without keys.
        """
        if self.keys is None:
            raise ValueError("this list has no sort keys: replace it as a whole")
        if not removed and not inserted:
            return self
        cuts = self._positions_of(removed) if removed else []
        if isinstance(self.keys, KeysOnDemand):
            return self._changed_on_demand(self.keys, cuts, inserted)
        cut = set(cuts)
        places: list[int] = []
        rows: list[tuple[SortKey, int]] = []
        for key, row_id in sorted((key, row_id) for row_id, key in inserted.items()):
            place = self._bisect(key, row_id)
            if place in cut or place >= len(self.ids) or self.ids[place] != row_id:
                places.append(place)
                rows.append((key, row_id))
        return RowIndex(
            _merge(self.ids, cuts, places, [row_id for _, row_id in rows]),
            _merge(self.keys, cuts, places, [key for key, _ in rows]),
        )

    def _changed_on_demand(self, keys: KeysOnDemand, cuts: Sequence[int], inserted: Mapping[int, SortKey]) -> RowIndex:
        # The rows that left go first: asked for now, their keys may be others than those they were sorted by.
        ids = _merge(self.ids, cuts, [], []) if cuts else self.ids
        base = RowIndex(ids, KeysOnDemand(ids, keys.key_of))
        places: list[int] = []
        rows: list[int] = []
        for key, row_id in sorted((key, row_id) for row_id, key in inserted.items()):
            place = base._bisect(key, row_id)
            if place >= len(ids) or ids[place] != row_id:
                places.append(place)
                rows.append(row_id)
        ids = _merge(ids, [], places, rows) if rows else ids
        return RowIndex(ids, KeysOnDemand(ids, keys.key_of))

    def _bisect(self, key: SortKey, row_id: int) -> int:
        keys = self.keys
        assert keys is not None
        low = bisect_left(keys, key)
        high = bisect_right(keys, key, low)
        return bisect_left(self.ids, row_id, low, high)

    def _positions_of(self, removed: Mapping[int, SortKey | None]) -> list[int]:
        if isinstance(self.keys, KeysOnDemand):
            # A key asked for now may be the changed one, which would lead the bisection astray.
            return [position for position, row_id in enumerate(self.ids) if row_id in removed]
        positions: list[int] = []
        unknown: set[int] = set()
        for row_id, key in removed.items():
            position = None if key is None else self.position_of(row_id, key=key)
            if position is None:
                unknown.add(row_id)
            else:
                positions.append(position)
        if unknown:
            positions.extend(position for position, row_id in enumerate(self.ids) if row_id in unknown)
        positions.sort()
        return positions


_NEAR = 512


def _merge(values: array[int], cuts: Sequence[int], places: Sequence[int], added: Sequence[Any]) -> array[int]:
    """`values` without those at `cuts` and with each of `added` before the place of the same rank, copied in runs.

    `cuts` and `places` are positions in `values`, ascending. The result has its final size from the start: growing it
    would take up to twice the memory of a million rows for a moment.
    """
    result = array("q", [0]) * (len(values) - len(cuts) + len(added))
    events = sorted([(place, 0, number) for number, place in enumerate(places)] + [(cut, 1, 0) for cut in cuts])
    start = written = 0
    with memoryview(values) as source, memoryview(result) as target:
        for position, is_cut, number in events:
            run = position - start
            if run > 0:
                target[written : written + run] = source[start:position]
                written += run
                start = position
            if is_cut:
                start = position + 1
            else:
                target[written] = added[number]
                written += 1
        if start < len(values):
            target[written:] = source[start:]
    return result
