"""The grid: the one widget behind every list. It keeps cursor, marks and scroll position by row id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeVar

from textual import events
from textual.geometry import Region
from textual.message import Message

from shoptui.widgets.columns import CellContext
from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import GridModel, GroupLine
from shoptui.widgets.grid_view import HEAD_LINES, ColumnChoice, GridView
from shoptui.widgets.marks import Marks

RowT = TypeVar("RowT")

Keep = Literal["cursor", "place", "first", "now"]


class Grid(GridView[RowT], can_focus=True):
    """A list of rows with a cursor.

    The owner gives a model, the columns (a sequence, or a function of the width in cells) and `now` (epoch seconds);
    it calls `tick` as time passes, `replace_index` when the order changed and `rows_changed` when rows did. The grid
    reads no clock, awaits nothing and binds no keys: screens bind its methods.
    """

    class CursorMoved(Message):
        """The cursor stands on another row; `row_id` is None on the group's line and in an empty list."""

        def __init__(self, grid: Grid[Any], row_id: int | None) -> None:
            super().__init__()
            self.grid = grid
            self.row_id = row_id

        @property
        def control(self) -> Grid[Any]:
            return self.grid

    class RowOpened(Message):
        """A row was opened by Enter or a second click on it."""

        def __init__(self, grid: Grid[Any], row_id: int) -> None:
            super().__init__()
            self.grid = grid
            self.row_id = row_id

        @property
        def control(self) -> Grid[Any]:
            return self.grid

    class MarksChanged(Message):
        """Marks were changed through the grid."""

        def __init__(self, grid: Grid[Any]) -> None:
            super().__init__()
            self.grid = grid

        @property
        def control(self) -> Grid[Any]:
            return self.grid

    def __init__(
        self,
        model: GridModel[RowT],
        columns: ColumnChoice[RowT],
        *,
        now: int,
        marks: Marks | None = None,
        context: CellContext | None = None,
        group: GroupLine | None = None,
        name: str | None = None,
        id: str | None = None,  # noqa: A002  # Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(
            model, columns, now=now, marks=marks, context=context, group=group, name=name, id=id, classes=classes
        )
        self._held = False
        self._waiting: tuple[RowIndex, GroupLine | None] | None = None
        self._arrivals = 0

    # What the owner may ask.

    @property
    def cursor_id(self) -> int | None:
        """The row under the cursor, None on the group's line and in an empty list."""
        return self._cursor.row_id

    @property
    def cursor_on_group(self) -> bool:
        """Whether the cursor stands on the folded group's line."""
        return self._cursor.on_group

    @property
    def cursor_row(self) -> RowT | None:
        """The row under the cursor if it is in memory."""
        position = self._cursor.position
        return None if position is None else self.model.row_at(position)

    @property
    def folded(self) -> bool:
        """Whether the group is folded into its line."""
        return self._cursor.folded

    @property
    def arrivals(self) -> int:
        """Rows that came while the list holds still."""
        return self._arrivals

    @property
    def is_held(self) -> bool:
        """Whether the list holds still."""
        return self._held

    # Another order, other rows.

    def look_ahead(self, lines: int) -> None:
        """Ask for the first rows while the grid is out of sight, where it will have up to `lines` lines."""
        self.model.request(self._cursor.position_at(self._cursor.top), lines)

    def replace_index(
        self, index: RowIndex, *, group: GroupLine | None = None, arrived: int = 0, keep: Keep = "cursor"
    ) -> None:
        """Show another order of rows, or another list.

        `keep` says what the cursor does: "cursor" stays on its row, on the same line of the screen if it can, and on
        the place of its row if that has gone; "place" stays on its place; "first" goes to the first row below the
        group, as for a list that has nothing to do with the one before; "now" stays like "cursor", for the rest of the
        list that is shown and for an order of rows that was asked for. While the list is held, "cursor" and "place"
        are kept for `release` and `arrived` rows are added to `arrivals`.
        """
        if self._held and keep in {"cursor", "place"}:
            self._waiting = (index, group)
            self._arrivals += arrived
            return
        self._waiting = None
        self._arrivals = 0
        before = self._visible_slots()
        old_id, old_group = self._cursor.row_id, self._cursor.group
        self.model.index = index
        wanted = self.model.position_of(old_id) if keep in {"cursor", "now"} and old_id is not None else None
        self._cursor.replace(index, group, position=wanted, keep=keep)
        if self.size:
            # Out of sight there is no page yet: fitted to one line, what is above the cursor would be scrolled off.
            self._cursor.fit(self._page)
        after = self._visible_slots()
        if group != old_group and self._cursor.top == 0:
            self._refresh_line(HEAD_LINES)
        for offset in range(self._page):
            old = before[offset] if offset < len(before) else None
            new = after[offset] if offset < len(after) else None
            if old != new:
                self._refresh_line(HEAD_LINES + offset)
        self._choose_seconds()
        self._look_ahead()
        if self._cursor.row_id != old_id:
            self.post_message(self.CursorMoved(self, self._cursor.row_id))

    def rows_changed(self, row_ids: Iterable[int]) -> None:
        """Repaint those of the rows that are on the screen."""
        changed = row_ids if isinstance(row_ids, (set, frozenset, dict)) else set(row_ids)
        for offset, (row_id, _) in enumerate(self._visible_slots()):
            if row_id in changed:
                self._refresh_line(HEAD_LINES + offset)
        self._choose_seconds()

    def hold(self) -> None:
        """Let the order stand still until `release`: rows change where they are, none comes or goes."""
        self._held = True

    def release(self) -> None:
        """Show the order that has come since `hold`."""
        self._held = False
        if self._waiting is not None:
            index, group = self._waiting
            self.replace_index(index, group=group)
        self._arrivals = 0

    # Moving.

    def move_by(self, rows: int) -> None:
        """Move the cursor down, or up if negative; past an edge the list scrolls by half a page."""
        self._move_to_slot(self._cursor.slot + rows)

    def move_page(self, pages: int) -> None:
        """Move cursor and list by whole pages; one paint."""
        self._turn(pages * self._page)

    def move_half_page(self, halves: int) -> None:
        """Move cursor and list by half pages; one paint."""
        self._turn(halves * max(1, self._page // 2))

    def move_first(self) -> None:
        """Go to the first line, the group's if there is one."""
        self._move_to_slot(0)

    def move_last(self) -> None:
        """Go to the last row."""
        self._move_to_slot(self._cursor.slot_count - 1)

    def move_to(self, row_id: int) -> bool:
        """Go to a row, unfolding the group if it is there; False if the list does not hold it."""
        position = self.model.position_of(row_id)
        if position is None:
            return False
        if position < self._cursor.hidden:
            self.toggle_group()
        self._move_to_slot(self._cursor.slot_of(position))
        return True

    def open(self) -> None:
        """What Enter does: unfold or fold the group on its line, open the row elsewhere."""
        if self._cursor.on_group:
            self.toggle_group()
        elif self._cursor.row_id is not None:
            self.post_message(self.RowOpened(self, self._cursor.row_id))

    def toggle_group(self) -> None:
        """Fold the group into its line or show its rows."""
        if self._cursor.group is None:
            return
        self._cursor.toggle_fold()
        self._cursor.fit(self._page)
        self._refresh_body()
        self._look_ahead()
        self.post_message(self.CursorMoved(self, self._cursor.row_id))

    # Marks.

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor; on the group's line all of its rows."""
        ids = self.model.index.ids
        if self._cursor.on_group and self._cursor.group is not None:
            members = ids[: self._cursor.group.size]
            if self._group_marked():
                self.marks.discard(members)
            else:
                self.marks.add(members)
        elif self._cursor.row_id is not None:
            self.marks.toggle(self._cursor.row_id, ids)
        self._after_marking()

    def mark_range(self) -> None:
        """Mark from the row last toggled to the cursor; without one, the cursor's row alone."""
        here = self._cursor.position
        if here is None:
            return
        anchor = self.marks.anchor
        start = None if anchor is None else self.model.position_of(anchor)
        self.marks.mark_range(self.model.index.ids, here if start is None else start, here)
        self._after_marking()

    def mark_all(self) -> None:
        """Mark every row of the list as it is now, folded ones too."""
        self.marks.mark_all(self.model.index.ids, self._now)
        self._after_marking()

    def mark_again(self, row_ids: Iterable[int]) -> None:
        """Mark these rows, wherever they are."""
        self.marks.add(row_ids)
        self._after_marking()

    def invert_marks(self) -> None:
        """Swap marked and unmarked in the list."""
        self.marks.invert(self.model.index.ids)
        self._after_marking()

    def clear_marks(self) -> None:
        """Unmark everything, also what is not in the list."""
        self.marks.clear()
        self._after_marking()

    def marks_changed(self) -> None:
        """Repaint the marks that differ from what is drawn; for when the marks were changed from outside."""
        for line, drawn in self._drawn.items():
            marked = self._group_marked() if drawn.row_id is None else self._is_marked(drawn.row_id)
            if marked != drawn.marked:
                self.refresh(Region(0, line, 2, 1))

    def _after_marking(self) -> None:
        self.marks_changed()
        self.post_message(self.MarksChanged(self))

    # Acting on the cursor.

    def _move_to_slot(self, slot: int) -> None:
        old_line = self.cursor_line
        moved, scrolled = self._cursor.move_to_slot(slot, self._page)
        if not moved:
            return
        if scrolled:
            self._refresh_body()
            self._choose_seconds()
            self._look_ahead()
        else:
            self._refresh_line(old_line)
            self._refresh_line(self.cursor_line)
            self._seconds_at_cursor()
        self.post_message(self.CursorMoved(self, self._cursor.row_id))

    def _turn(self, lines: int) -> None:
        old_line, old_top = self.cursor_line, self._cursor.top
        if not self._cursor.turn(lines, self._page):
            return
        if self._cursor.top == old_top:
            self._refresh_line(old_line)
            self._refresh_line(self.cursor_line)
            self._seconds_at_cursor()
        else:
            self._refresh_body()
            self._choose_seconds()
            self._look_ahead()
        self.post_message(self.CursorMoved(self, self._cursor.row_id))

    # Mouse.

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one on the same row opens it."""
        slot = self._cursor.top + event.y - HEAD_LINES
        if event.y < HEAD_LINES or slot >= self._cursor.slot_count:
            return
        event.stop()
        if event.chain > 1 and slot == self._cursor.slot:
            self.open()
        else:
            self._move_to_slot(slot)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel turns half pages, as every single line would cost a full paint."""
        event.stop()
        self.move_half_page(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move_half_page(-1)
