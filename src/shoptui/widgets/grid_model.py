"""What a grid draws from: an index of row ids and a window of rows held in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from shoptui.domain.records import dataclass
from shoptui.widgets.columns import ClockFace
from shoptui.widgets.grid_index import RowIndex

RowT = TypeVar("RowT")
RowT_co = TypeVar("RowT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The rows at the head of the index that are folded into one line: those that have missed a clock.

    `size` rows from position 0 belong to it. `face` counts down to what they lose next, `kind` is that clock's kind;
    the two texts (with the key that changes the state) are drawn from the third column to the edge.
    """

    size: int
    face: ClockFace
    kind: str
    folded_text: str
    unfolded_text: str


class GridModel(Protocol[RowT_co]):
    """The rows of one list. Nothing here may wait: what is not in memory is asked for and drawn when it has come."""

    index: RowIndex
    """The order that is drawn. The grid alone assigns it, so that rows can hold still."""

    @property
    def row_count(self) -> int:
        """Rows in the index."""

    def row_at(self, position: int) -> RowT_co | None:
        """The row at a position of the index, None while it is not in memory."""

    def request(self, first: int, count: int) -> None:
        """Ask for the rows at `count` positions from `first`; returns at once. Asking twice is harmless."""

    def position_of(self, row_id: int) -> int | None:
        """Where a row stands in the index, None if it is not in the list."""


class RowWindow(Generic[RowT]):
    """A `GridModel` over rows fetched by id: keeps the last `capacity` rows and never asks twice for one under way.

    `fetch` is called with the ids to read and must return at once; whoever reads them hands them to `deliver` and then
    tells the grid `rows_changed`. `id_of` gives a row's id.
    """

    def __init__(
        self,
        fetch: Callable[[Sequence[int]], None],
        id_of: Callable[[RowT], int],
        *,
        index: RowIndex | None = None,
        capacity: int = 1024,
    ) -> None:
        self.index = index if index is not None else RowIndex.empty()
        self._fetch = fetch
        self._id_of = id_of
        self._capacity = capacity
        self._rows: OrderedDict[int, RowT] = OrderedDict()
        self._under_way: set[int] = set()
        self._near: int | None = None

    @property
    def row_count(self) -> int:
        return len(self.index)

    def row_at(self, position: int) -> RowT | None:
        return self._rows.get(self.index.ids[position])

    def rows(self) -> list[RowT]:
        """All rows that are in memory."""
        return list(self._rows.values())

    def row(self, row_id: int) -> RowT | None:
        """A row by its id, None while it is not in memory."""
        return self._rows.get(row_id)

    def request(self, first: int, count: int) -> None:
        rows, under_way = self._rows, self._under_way
        missing: list[int] = []
        self._near = first
        for row_id in self.index.ids[max(0, first) : max(0, first + count)]:
            if row_id in rows:
                rows.move_to_end(row_id)
            elif row_id not in under_way:
                missing.append(row_id)
        if missing:
            under_way.update(missing)
            self._fetch(missing)

    def position_of(self, row_id: int) -> int | None:
        return self.index.position_of(row_id, near=self._near)

    def deliver(self, rows: Iterable[RowT], asked: Iterable[int] = ()) -> list[int]:
        """Take rows in, replacing older ones of the same id; returns the ids taken.

        `asked` are the ids of the request this answers: those that did not come may be asked for again.
        """
        taken: list[int] = []
        for row in rows:
            row_id = self._id_of(row)
            self._rows[row_id] = row
            self._rows.move_to_end(row_id)
            self._under_way.discard(row_id)
            taken.append(row_id)
        self._under_way.difference_update(asked)
        while len(self._rows) > self._capacity:
            self._rows.popitem(last=False)
        return taken

    def held(self, row_ids: Iterable[int]) -> list[int]:
        """Those of the ids whose rows are in memory: what a change notice makes worth reading again."""
        return [row_id for row_id in row_ids if row_id in self._rows]

    def forget(self, row_ids: Iterable[int] | None = None) -> None:
        """Drop rows so that they are read again: these, or all of them and what is under way."""
        if row_ids is None:
            self._rows.clear()
            self._under_way.clear()
            return
        for row_id in row_ids:
            self._rows.pop(row_id, None)
