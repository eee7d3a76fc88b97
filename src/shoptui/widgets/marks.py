"""Marks: the rows an operator has chosen, by id, whatever list they are shown in."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

from shoptui.domain.records import dataclass

_DENSE_LIMIT = 1 << 24
"""Ids below this are one byte each in a table that grows with the largest of them; the cache's row ids are such."""


@dataclass(frozen=True, slots=True)
class MarkSnapshot:
    """What "all that match" meant when it was asked for: how many rows, and when (epoch seconds)."""

    count: int
    taken_at: int


class Marks:
    """A set of row ids that stays small and quick at a million of them.

    Marking all of a list only remembers the list (which must not change afterwards; a `RowIndex` never does) and the
    exceptions. The table of single ids is made when a question needs it that the list alone cannot answer.

    `revision` changes with every change, for whoever draws or counts marks. `anchor` is the row a range starts from:
    the last one toggled, None before that. `snapshot` is what the last `mark_all` covered, None once marks changed.
    """

    __slots__ = ("_count", "_flags", "_others", "_unmarked", "_whole", "anchor", "revision", "snapshot")

    def __init__(self) -> None:
        self._flags = bytearray()
        self._others: set[int] = set()
        self._count = 0
        self._whole: Sequence[int] | None = None
        self._unmarked: set[int] = set()
        self.anchor: int | None = None
        self.snapshot: MarkSnapshot | None = None
        self.revision = 0

    def __contains__(self, row_id: int) -> bool:
        self._settle()
        if 0 <= row_id < len(self._flags):
            return self._flags[row_id] == 1
        return row_id in self._others

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        """The marked ids: in the order of the list after `mark_all`, else ascending, very large ones last."""
        if self._whole is not None:
            yield from (row_id for row_id in self._whole if row_id not in self._unmarked)
            return
        found = self._flags.find(1)
        while found >= 0:
            yield found
            found = self._flags.find(1, found + 1)
        yield from sorted(self._others)

    def is_marked(self, row_id: int, ids: Sequence[int]) -> bool:
        """Whether a row of the list `ids` is marked: at once even right after all of that list was."""
        if self._whole is not None and ids is self._whole:
            return row_id not in self._unmarked
        return row_id in self

    def toggle(self, row_id: int, ids: Sequence[int] | None = None) -> bool:
        """Mark or unmark one row, make it the anchor; True when it is marked now. `ids` is the list it stands in."""
        if self._whole is not None and ids is self._whole:
            marked = row_id in self._unmarked
            if marked:
                self._unmarked.discard(row_id)
            else:
                self._unmarked.add(row_id)
            self._count += 1 if marked else -1
        else:
            marked = row_id not in self
            self._set((row_id,), marked)
        self.anchor = row_id
        self._changed()
        return marked

    def add(self, row_ids: Iterable[int]) -> None:
        """Mark these rows as well."""
        self._settle()
        self._set(row_ids if isinstance(row_ids, Sequence) else tuple(row_ids), True)
        self._changed()

    def discard(self, row_ids: Iterable[int]) -> None:
        """Unmark these rows; ids that are not marked do not matter."""
        self._settle()
        self._set(row_ids if isinstance(row_ids, Sequence) else tuple(row_ids), False)
        self._changed()

    def mark_range(self, ids: Sequence[int], first: int, last: int) -> None:
        """Mark the rows at positions `first` to `last` of `ids`, both included, in either direction."""
        self._settle()
        low, high = min(first, last), max(first, last)
        self._set(ids[low : high + 1], True)
        self._changed()

    def mark_all(self, ids: Sequence[int], taken_at: int) -> MarkSnapshot:
        """Mark every row of a list as it is at `taken_at`; rows that come later are not among them."""
        if self._count == 0:
            self._take_whole(ids)
        else:
            self._settle()
            self._set(ids, True)
        self._changed()
        self.snapshot = MarkSnapshot(len(ids), taken_at)
        return self.snapshot

    def invert(self, ids: Sequence[int]) -> None:
        """Swap marked and unmarked within a list; marks outside it stay."""
        if self._count == 0:
            self._take_whole(ids)
        elif self._whole is not None and ids is self._whole:
            unmarked = tuple(self._unmarked)
            self._forget()
            self._set(unmarked, True)
        else:
            self._settle()
            was = self.within(ids)
            self._set(ids, True)
            self._set(was, False)
        self._changed()

    def clear(self) -> None:
        """Unmark everything."""
        self._forget()
        self.anchor = None
        self._changed()

    def within(self, ids: Sequence[int]) -> Sequence[int]:
        """The marked ids of a list, in its order."""
        if self._whole is not None and ids is self._whole:
            if not self._unmarked:
                return ids
            return array("q", [row_id for row_id in ids if row_id not in self._unmarked])
        self._settle()
        if not ids or self._count == 0:
            return array("q")
        if self._others or min(ids) < 0 or max(ids) >= len(self._flags):
            return array("q", [row_id for row_id in ids if row_id in self])
        return array("q", compress(ids, map(self._flags.__getitem__, ids)))

    def _changed(self) -> None:
        self.snapshot = None
        self.revision += 1

    def _forget(self) -> None:
        self._flags = bytearray()
        self._others = set()
        self._whole = None
        self._unmarked = set()
        self._count = 0

    def _take_whole(self, ids: Sequence[int]) -> None:
        self._forget()
        if ids:
            self._whole = ids
            self._count = len(ids)

    def _settle(self) -> None:
        """Turn "all of that list but these" into single ids."""
        if self._whole is None:
            return
        whole, unmarked = self._whole, tuple(self._unmarked)
        self._forget()
        self._set(whole, True)
        self._set(unmarked, False)

    def _set(self, ids: Sequence[int], marked: bool) -> None:
        if not ids:
            return
        value = 1 if marked else 0
        flags = self._table_for(ids)
        if flags is not None:
            for row_id in ids:
                flags[row_id] = value
        else:
            for row_id in ids:
                self._set_one(row_id, marked)
        self._count = self._flags.count(1) + len(self._others)

    def _set_one(self, row_id: int, marked: bool) -> None:
        if 0 <= row_id < len(self._flags):
            self._flags[row_id] = 1 if marked else 0
        elif marked:
            self._others.add(row_id)
        else:
            self._others.discard(row_id)

    def _table_for(self, ids: Sequence[int]) -> bytearray | None:
        """The table, grown to hold all of `ids`; None when some of them are negative or too large for it."""
        highest = max(ids)
        if highest >= _DENSE_LIMIT or min(ids) < 0:
            return None
        flags = self._flags
        if highest >= len(flags):
            flags.extend(bytes(highest + 1 - len(flags)))
            # Ids kept aside while the table did not reach them move in, so that each lives in one place.
            for row_id in [other for other in self._others if 0 <= other < len(flags)]:
                flags[row_id] = 1
                self._others.discard(row_id)
        return flags
