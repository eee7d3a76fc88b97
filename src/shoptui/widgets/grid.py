"""The grid: the one widget behind every list. It keeps cursor, marks and scroll position by row id and paints little.

It is a plain Line API widget and scrolls by itself: `ScrollView` would keep the number of rows in `virtual_size`, whose
every change lays out the whole screen anew, so that one arriving row would cost a full paint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from shoptui.widgets.columns import AnyColumn, CellContext, ClockText, Layout, clock_text, lay_out
from shoptui.widgets.grid_cells import Lead, RowPainter
from shoptui.widgets.grid_cursor import GridCursor
from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import GridModel, GroupLine
from shoptui.widgets.grid_seconds import rows_with_seconds
from shoptui.widgets.marks import Marks
from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable

RowT = TypeVar("RowT")

Keep = Literal["cursor", "place", "first"]
ColumnChoice = Sequence[AnyColumn[RowT]] | Callable[[int], Sequence[AnyColumn[RowT]]]

HEAD_LINES = 1

_OWED_LINES_PER_TICK = 4
_BUSY_TICK_LINES = 10
"""A tick that repaints this many clocks leaves the lines owed for later, to stay within 3 KB."""


def _component(role: Role, ground: Ground) -> str:
    return f"grid--{ground}-{role}"


def _component_rule(role: Role, ground: Ground) -> str:
    colours = f"color: ${text_variable(role, ground)}; background: ${ground_variable(ground)};"
    return f".{_component(role, ground)} {{ {colours} }}"


_GROUNDS = (Ground.BG, Ground.CUR)
_COMPONENT_CSS = "\n".join(_component_rule(role, ground) for ground in _GROUNDS for role in Role)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a screen line showed when it was last painted; `row_id` is None on the group's line."""

    row_id: int | None
    clocks: tuple[ClockText, ...]
    marked: bool


class Grid(Widget, Generic[RowT], can_focus=True):
    """A list of rows with a cursor.

    The owner gives a model, the columns (a sequence, or a function of the width in cells) and `now` (epoch seconds);
    it calls `tick` as time passes, `replace_index` when the order changed and `rows_changed` when rows did. The grid
    reads no clock, awaits nothing and binds no keys: screens bind its methods.
    """

    COMPONENT_CLASSES = {_component(role, ground) for ground in _GROUNDS for role in Role}  # noqa: RUF012
    DEFAULT_CSS = f"""
    Grid {{
        height: 1fr;
        background: ${ground_variable(Ground.BG)};
        color: ${text_variable(Role.TEXT, Ground.BG)};
    {_COMPONENT_CSS}
    }}
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
        super().__init__(name=name, id=id, classes=classes)
        self.model = model
        self.marks = marks if marks is not None else Marks()
        self._columns: ColumnChoice[RowT] = columns
        self._cell_context = context if context is not None else CellContext()
        self._now = now
        self._cursor = GridCursor(model.index, group)
        self._painter: RowPainter[RowT] = RowPainter(Layout(0, ()), self._cell_context)
        self._strips: LRUCache[object, tuple[RowT, Strip]] = LRUCache(512)
        self._styles: dict[Ground, dict[Role, Style]] = {}
        self._drawn: dict[int, _Drawn] = {}
        self._owed: dict[int, int] = {}
        self._seconds: frozenset[int] = frozenset()
        self._held = False
        self._waiting: tuple[RowIndex, GroupLine | None] | None = None
        self._arrivals = 0
        self._request_queued = False

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
    def cursor_line(self) -> int:
        """The line of this widget on which the cursor is drawn."""
        return HEAD_LINES + self._cursor.slot - self._cursor.top

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

    @property
    def layout_columns(self) -> tuple[str, ...]:
        """The ids of the columns drawn at this width."""
        return self._painter.layout.ids

    # What changes: time, order, rows, looks.

    def tick(self, now: int) -> None:
        """Let the clocks say what they say at `now` (epoch seconds); repaints only clocks whose text changed.

        A clock that is not at the left costs the whole line, and many turn at the same second since they end at the
        same hour. Those lines are repainted a few at a time: their minute is then some seconds late.
        """
        self._now = now
        self._choose_seconds()
        places = self._painter.clock_places()
        urgent_lines = 0
        for line in range(HEAD_LINES, self.size.height):
            drawn = self._drawn.get(line)
            if drawn is None:
                continue
            clocks = self._clocks_at(self._cursor.top + line - HEAD_LINES, drawn.row_id)
            urgent_edge = 0
            for place, old, new in zip(places, drawn.clocks, clocks, strict=False):
                if old == new:
                    continue
                edge = place.x + place.width
                if place.column.urgent:
                    urgent_edge = max(urgent_edge, edge)
                else:
                    self._owed[line] = max(self._owed.get(line, 0), edge)
            if urgent_edge:
                urgent_lines += 1
                # Textual writes a dirty region from the left edge of the widget whatever its own left edge is.
                self.refresh(Region(0, line, urgent_edge, 1))
        if urgent_lines < _BUSY_TICK_LINES:
            for line in sorted(self._owed)[:_OWED_LINES_PER_TICK]:
                self.refresh(Region(0, line, self._owed.pop(line), 1))

    def replace_index(
        self, index: RowIndex, *, group: GroupLine | None = None, arrived: int = 0, keep: Keep = "cursor"
    ) -> None:
        """Show another order of rows, or another list.

        `keep` says what the cursor does: "cursor" stays on its row, on the same line of the screen if it can, and on
        the place of its row if that has gone; "place" stays on its place; "first" goes to the first row below the
        group, as for a list that has nothing to do with the one before. While the list is held, the first two are
        kept for `release` and `arrived` rows are added to `arrivals`.
        """
        if self._held and keep != "first":
            self._waiting = (index, group)
            self._arrivals += arrived
            return
        self._waiting = None
        self._arrivals = 0
        before = self._visible_slots()
        old_id, old_group = self._cursor.row_id, self._cursor.group
        self.model.index = index
        wanted = self.model.position_of(old_id) if keep == "cursor" and old_id is not None else None
        self._cursor.replace(index, group, position=wanted, keep=keep)
        self._cursor.fit(self._page)
        after = self._visible_slots()
        if group != old_group and self._cursor.top == 0:
            self._refresh_line(HEAD_LINES)
        for offset in range(self._page):
            old = before[offset] if offset < len(before) else None
            new = after[offset] if offset < len(after) else None
            if old != new:
                self._refresh_line(HEAD_LINES + offset)
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

    def set_columns(self, columns: ColumnChoice[RowT]) -> None:
        """Show other columns."""
        self._columns = columns
        self._lay_out()

    def set_context(self, context: CellContext) -> None:
        """Draw with other signs or letters of countdowns."""
        self._cell_context = context
        self._lay_out()

    def redraw(self) -> None:
        """Forget every drawn line; for when cells depend on something that changed outside their rows."""
        self._strips.clear()
        self.refresh()

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

    def _is_marked(self, row_id: int) -> bool:
        return self.marks.is_marked(row_id, self.model.index.ids)

    def _group_marked(self) -> bool:
        group = self._cursor.group
        if group is None or group.size == 0 or len(self.marks) < group.size:
            return False
        return all(self._is_marked(row_id) for row_id in self.model.index.ids[: group.size])

    # Geometry.

    @property
    def _page(self) -> int:
        return max(1, self.size.height - HEAD_LINES)

    def _visible_slots(self) -> list[tuple[int | None, bool]]:
        """Row id (None on the group's line) and whether the cursor is there, for each line of the body."""
        cursor = self._cursor
        last = min(cursor.slot_count, cursor.top + self._page)
        return [(cursor.row_id_at(slot), slot == cursor.slot) for slot in range(cursor.top, last)]

    def _refresh_line(self, line: int) -> None:
        self._owed.pop(line, None)
        self.refresh(Region(0, line, self.size.width, 1))

    def _refresh_body(self) -> None:
        self._owed.clear()
        self.refresh(Region(0, HEAD_LINES, self.size.width, self._page))

    def _move_to_slot(self, slot: int) -> None:
        old_line = self.cursor_line
        moved, scrolled = self._cursor.move_to_slot(slot, self._page)
        if not moved:
            return
        if scrolled:
            self._refresh_body()
            self._look_ahead()
        else:
            self._refresh_line(old_line)
            self._refresh_line(self.cursor_line)
        self._choose_seconds()
        self.post_message(self.CursorMoved(self, self._cursor.row_id))

    def _turn(self, lines: int) -> None:
        old_line, old_top = self.cursor_line, self._cursor.top
        if not self._cursor.turn(lines, self._page):
            return
        if self._cursor.top == old_top:
            self._refresh_line(old_line)
            self._refresh_line(self.cursor_line)
        else:
            self._refresh_body()
            self._look_ahead()
        self._choose_seconds()
        self.post_message(self.CursorMoved(self, self._cursor.row_id))

    def _look_ahead(self) -> None:
        """Ask for the page on the screen and one on either side."""
        first = self._cursor.position_at(self._cursor.top) - self._page
        self.model.request(max(0, first), 3 * self._page)

    def _lay_out(self) -> None:
        width = self.size.width
        columns = self._columns(width) if callable(self._columns) else self._columns
        self._painter = RowPainter(lay_out(columns, width, self._cell_context), self._cell_context)
        self._strips.clear()
        self._drawn.clear()
        self._owed.clear()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the columns to the width and keep the cursor's row in view."""
        self._cursor.fit(self._page)
        self._lay_out()
        self._choose_seconds()
        self._look_ahead()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    # Painting. Nothing below reads a disk, a setting or a clock.

    def render_line(self, y: int) -> Strip:
        if not self._styles:
            self._styles = {
                ground: {role: self.get_component_rich_style(_component(role, ground)) for role in Role}
                for ground in _GROUNDS
            }
        if y < HEAD_LINES:
            return self._painter.head(self._styles[Ground.BG][Role.QUIET])
        slot = self._cursor.top + y - HEAD_LINES
        if slot >= self._cursor.slot_count:
            self._drawn.pop(y, None)
            return Strip.blank(self.size.width, self._styles[Ground.BG][Role.TEXT])
        here = slot == self._cursor.slot
        styles = self._styles[Ground.CUR if here else Ground.BG]
        row_id = self._cursor.row_id_at(slot)
        clocks = self._clocks_at(slot, row_id)
        marked = self._group_marked() if row_id is None else self._is_marked(row_id)
        self._drawn[y] = _Drawn(row_id, clocks, marked)
        lead = Lead(here, marked)
        if row_id is None:
            group = self._cursor.group
            assert group is not None
            text = group.folded_text if self._cursor.folded else group.unfolded_text
            return self._painter.group(clocks[0], group.kind, text, lead, styles)
        row = self.model.row_at(self._cursor.position_at(slot))
        if row is None:
            self._queue_request()
            return self._painter.placeholder(lead, styles)
        key = (row_id, lead, clocks)
        cached = self._strips.get(key)
        if cached is not None and cached[0] is row:
            return cached[1]
        strip = self._painter.row(row, clocks, lead, styles)
        self._strips[key] = (row, strip)
        return strip

    def _clocks_at(self, slot: int, row_id: int | None) -> tuple[ClockText, ...]:
        if row_id is None:
            group = self._cursor.group
            if group is None:
                return ()
            return (clock_text(group.face, self._now, urgent=True, seconds=False, context=self._cell_context),)
        row = self.model.row_at(self._cursor.position_at(slot)) if slot < self._cursor.slot_count else None
        if row is None:
            return ()
        return self._painter.clocks(row, self._now, seconds=row_id in self._seconds)

    def _choose_seconds(self) -> None:
        rows = (
            (row_id, self.model.row_at(self._cursor.position_at(self._cursor.top + offset)))
            for offset, (row_id, _) in enumerate(self._visible_slots())
            if row_id is not None
        )
        self._seconds = rows_with_seconds(rows, self._painter.layout, self._now, self._cursor.row_id)

    def _queue_request(self) -> None:
        if not self._request_queued:
            self._request_queued = True
            self.call_next(self._send_request)

    def _send_request(self) -> None:
        self._request_queued = False
        self._look_ahead()

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
