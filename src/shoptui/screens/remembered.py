"""Where an operator was in a list: what the row under the cursor and the marked ones are called, and the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from shoptui.cockpit.memory import MARKS_KEPT, PlaceMemory, RowKey
from shoptui.domain.records import dataclass
from shoptui.screens.list_place import ListPlace
from shoptui.widgets.grid_model import RowWindow

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class RowNames(Generic[RowT]):
    """How rows of a list are named, read by their ids, and found by their names."""

    number_of: Callable[[RowT], int]
    key_of: Callable[[RowT], RowKey]
    rows: Callable[[Sequence[int]], Awaitable[Sequence[RowT]]]
    row_ids: Callable[[Sequence[RowKey]], Awaitable[Mapping[RowKey, int]]]


class Remembered(Generic[RowT]):
    """The names of what is marked, kept while it is marked, and of what is looked for again once its list is there."""

    def __init__(self, place: ListPlace[RowT], window: RowWindow[RowT], names: RowNames[RowT]) -> None:
        self._place = place
        self._window = window
        self._names = names
        self._marked: dict[int, RowKey] = {}
        self.cursor: RowKey | None = None
        """The row to land on when the list is there, None for none."""
        self.marks: tuple[RowKey, ...] = ()
        """The rows to mark when the list is there."""

    def take(self, memory: PlaceMemory) -> None:
        """What is to be found again."""
        self.cursor, self.marks = memory.cursor, memory.marks

    def forget(self) -> None:
        """Nothing is to be found again: the operator has gone elsewhere."""
        self.cursor, self.marks = None, ()

    @property
    def marked(self) -> tuple[RowKey, ...]:
        """What is marked, by name; () while that is being read and for more than is remembered."""
        return tuple(self._marked.values()) if len(self._place.grid.marks) == len(self._marked) else ()

    def marks_changed(self) -> None:
        """Keep the names of what is marked now; those of rows out of memory are read, so that marks outlive them."""
        marks = self._place.grid.marks
        if len(marks) > MARKS_KEPT:
            self._marked = {}
            return
        self._marked = {row_id: key for row_id, key in self._marked.items() if row_id in marks}
        unknown = [row_id for row_id in marks if row_id not in self._marked]
        known = [row for row in map(self._window.row, unknown) if row is not None]
        self._add(known)
        if len(known) < len(unknown):
            self._read_names(unknown)

    def _add(self, rows: Iterable[RowT]) -> None:
        numbered = ((self._names.number_of(row), row) for row in rows)
        marks = self._place.grid.marks
        self._marked |= {number: self._names.key_of(row) for number, row in numbered if number in marks}

    def _read_names(self, row_ids: Sequence[int]) -> None:
        async def read() -> Callable[[], None]:
            rows = await self._names.rows(row_ids)

            def take() -> None:
                self._add(rows)
                self._place.post_message(self._place.StateChanged())

            return take

        self._place.read(read, "names", exclusive=True)

    def find(self, then: Callable[[bool], None]) -> None:
        """Land where the operator was and mark what was marked, as far as it is there; `then` hears if it landed."""
        cursor, marks = self.cursor, self.marks
        self.forget()
        if cursor is None and not marks:
            then(False)
            return

        async def look() -> Callable[[], None]:
            row_ids = await self._names.row_ids([*marks, *([cursor] if cursor is not None else [])])
            return lambda: then(self._take_found(row_ids, cursor, marks))

        self._place.read(look, "again")

    def _take_found(self, row_ids: Mapping[RowKey, int], cursor: RowKey | None, marks: Sequence[RowKey]) -> bool:
        grid = self._place.grid
        found = {row_ids[key]: key for key in marks if key in row_ids}
        if found:
            grid.marks.add(found)
            grid.marks_changed()
            self._marked = found
            grid.hold()
        return cursor is not None and cursor in row_ids and grid.move_to(row_ids[cursor])
