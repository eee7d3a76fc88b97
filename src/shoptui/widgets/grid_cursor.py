"""Where the cursor and the window of a grid stand: slots (lines of the list), the folded group, and scrolling."""

from __future__ import annotations

from typing import Literal

from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import GroupLine


class GridCursor:
    """Cursor, top line and fold of a list; knows nothing of the screen but the page height it is told.

    A *slot* is a line of the list counted from its first: the group's line if there is one, then the rows that are not
    folded away. `top` is the slot on the first line of the window. The cursor starts on the first row below the group.
    """

    __slots__ = ("_index", "folded", "group", "slot", "top")

    def __init__(self, index: RowIndex, group: GroupLine | None = None) -> None:
        self._index = index
        self.group = group
        self.folded = True
        self.top = 0
        self.slot = self._first_below_group()

    @property
    def hidden(self) -> int:
        """Rows at the head of the index that are folded away."""
        return self.group.size if self.group is not None and self.folded else 0

    @property
    def slot_count(self) -> int:
        return self._head + len(self._index) - self.hidden

    @property
    def on_group(self) -> bool:
        return self.group is not None and self.slot == 0

    @property
    def position(self) -> int | None:
        """The cursor's position in the index, None on the group's line and in an empty list."""
        if self.on_group or self.slot >= self.slot_count:
            return None
        return self.position_at(self.slot)

    @property
    def row_id(self) -> int | None:
        """The row under the cursor, None on the group's line and in an empty list."""
        position = self.position
        return None if position is None else self._index.ids[position]

    def row_id_at(self, slot: int) -> int | None:
        """The row on a slot, None for the group's line."""
        return None if slot < self._head else self._index.ids[self.position_at(slot)]

    def position_at(self, slot: int) -> int:
        """The position in the index of a slot; that of the first row for the group's line."""
        return max(0, slot - self._head) + self.hidden

    def slot_of(self, position: int) -> int:
        """The slot of a position; the group's line for a row that is folded away."""
        return max(0, position - self.hidden + self._head)

    def move_to_slot(self, slot: int, page: int) -> tuple[bool, bool]:
        """Move the cursor; outside the window the list scrolls so that half a page lies before it.

        Returns whether the cursor moved and whether the list scrolled.
        """
        slot = max(0, min(slot, self.slot_count - 1))
        moved = slot != self.slot
        self.slot = slot
        old_top = self.top
        if not self.top <= slot < self.top + page:
            self.top = self._clamp_top(slot - page // 2, page)
        return moved, self.top != old_top

    def turn(self, lines: int, page: int) -> bool:
        """Move window and cursor together by `lines`; False if both stand where they stood."""
        before = (self.slot, self.top)
        self.top = self._clamp_top(self.top + lines, page)
        self.slot = max(0, min(self.slot + lines, self.slot_count - 1))
        self.slot = max(self.top, min(self.slot, self.top + page - 1))
        return (self.slot, self.top) != before

    def fit(self, page: int) -> None:
        """Keep the cursor inside a window of `page` lines, moving the window as little as it takes."""
        self.slot = max(0, min(self.slot, self.slot_count - 1))
        if self.slot < self.top:
            self.top = self.slot
        elif self.slot >= self.top + page:
            self.top = self.slot - page + 1
        self.top = self._clamp_top(self.top, page)

    def toggle_fold(self) -> None:
        """Fold or unfold the group. The cursor keeps its row, or goes to the group's line with a row that vanishes."""
        position = self.position
        self.folded = not self.folded
        if position is not None:
            old_slot = self.slot
            self.slot = self.slot_of(position) if position >= self.hidden else 0
            self.top = max(0, self.top + self.slot - old_slot)

    def replace(
        self,
        index: RowIndex,
        group: GroupLine | None,
        *,
        position: int | None,
        keep: Literal["cursor", "place", "first", "now"],
    ) -> None:
        """Take another index. `position` is where the cursor's row stands in it now, None if it has gone.

        Call `fit` afterwards with the height of the page.
        """
        offset = self.slot - self.top
        was_on_group = self.on_group
        rows_before = max(0, self.slot - self._head)
        at_head = self.top == 0
        self._index = index
        self.group = group
        if keep == "first":
            self.folded = True
            self.top = 0
            self.slot = self._first_below_group()
            return
        if was_on_group and group is not None:
            self.slot = 0
        elif position is not None and position >= self.hidden:
            self.slot = self.slot_of(position)
        else:
            # Gone, or folded away: the row that stands in its place now.
            self.slot = self._head + rows_before
        self.slot = max(0, min(self.slot, self.slot_count - 1))
        # At the head of the list arrivals above the cursor stay in sight; elsewhere its line does not move.
        self.top = 0 if at_head else max(0, self.slot - offset)

    @property
    def _head(self) -> int:
        return 0 if self.group is None else 1

    def _first_below_group(self) -> int:
        return min(self._head, max(0, self.slot_count - 1))

    def _clamp_top(self, top: int, page: int) -> int:
        return max(0, min(top, self.slot_count - page))
