"""Drawing a grid: its lines from the model, its clocks as time passes, and no more of either than has changed.

It is a plain Line API widget and scrolls by itself: `ScrollView` would keep the number of rows in `virtual_size`, whose
every change lays out the whole screen anew, so that one arriving row would cost a full paint.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, Self, TypeVar

from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from shoptui.domain.records import dataclass
from shoptui.widgets.columns import AnyColumn, CellContext, ClockText, Layout, clock_text, lay_out
from shoptui.widgets.grid_cells import Lead, RowPainter
from shoptui.widgets.grid_cursor import GridCursor
from shoptui.widgets.grid_model import GridModel, GroupLine
from shoptui.widgets.grid_seconds import rows_with_seconds
from shoptui.widgets.marks import Marks
from shoptui.widgets.plain_lines import PlainLines
from shoptui.widgets.role_styles import role_styles
from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable

RowT = TypeVar("RowT")

ColumnChoice = Sequence[AnyColumn[RowT]] | Callable[[int], Sequence[AnyColumn[RowT]]]
"""The columns of a list, or a function that chooses them by the width in cells."""

HEAD_LINES = 1

_OWED_LINES_PER_TICK = 4
_BUSY_TICK_LINES = 10
"""A tick that repaints this many clocks leaves the lines owed for later, to stay within 3 KB."""

_GROUNDS = (Ground.BG, Ground.CUR)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a screen line showed when it was last painted; `row_id` is None on the group's line.

    From `changes_at` (epoch seconds) one of its clocks reads otherwise, unless something else changes before.
    """

    row_id: int | None
    clocks: tuple[ClockText, ...]
    marked: bool
    changes_at: float


@dataclass(frozen=True, slots=True)
class _GroupMarks:
    """Whether all `size` rows at the head of `ids` were marked at a revision of the marks."""

    revision: int
    size: int
    ids: array[int]
    all_marked: bool


def _first_change(clocks: Iterable[ClockText]) -> float:
    """When the first of these clocks reads otherwise, infinity for never."""
    return min((clock.changes_at for clock in clocks if clock.changes_at is not None), default=math.inf)


class GridView(PlainLines, Generic[RowT]):
    """What a grid shows. `Grid` adds what can be done with it."""

    class TurnsSooner(Message):
        """A clock was painted that turns before the moment `turns_at` told last."""

    DEFAULT_CSS = f"""
    GridView {{
        height: 1fr;
        background: ${ground_variable(Ground.BG)};
        color: ${text_variable(Role.TEXT, Ground.BG)};
    }}
    """

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
        self._rests: LRUCache[object, tuple[RowT, Strip]] = LRUCache(64)
        self._styles: dict[Ground, Mapping[Role, Style]] = {}
        self._drawn: dict[int, _Drawn] = {}
        self._owed: dict[int, int] = {}
        self._near: frozenset[int] = frozenset()
        self._seconds: frozenset[int] = frozenset()
        self._group_marks: _GroupMarks | None = None
        self._request_queued = False
        self._turn_told_at = math.inf
        self._fitted = Size(0, 0)

    @property
    def layout_columns(self) -> tuple[str, ...]:
        """The ids of the columns drawn at this width."""
        return self._painter.layout.ids

    @property
    def cursor_line(self) -> int:
        """The line of this widget on which the cursor is drawn."""
        return HEAD_LINES + self._cursor.slot - self._cursor.top

    def tick(self, now: int) -> None:
        """Let the clocks say what they say at `now` (epoch seconds); repaints only clocks whose text changed.

        A clock that is not at the left costs the whole line, and many turn at the same second since they end at the
        same hour. Those lines are repainted a few at a time: their minute is then some seconds late.
        """
        went_back, self._now = now < self._now, now
        due = [line for line, drawn in self._drawn.items() if went_back or now >= drawn.changes_at]
        if due:
            self._turn_clocks(due)
        elif self._owed:
            self._repaint([], urgent_lines=0)

    def turns_at(self) -> float:
        """When `tick` has something to do next (epoch seconds), infinity for never while nothing else happens.

        `TurnsSooner` is posted when that becomes earlier.
        """
        self._turn_told_at = min((drawn.changes_at for drawn in self._drawn.values()), default=math.inf)
        return self._now + 1 if self._owed else max(self._now + 1, self._turn_told_at)

    def _turn_clocks(self, due: Sequence[int]) -> None:
        """Repaint what reads otherwise now on these lines, and on all where other rows count by the second now."""
        turned = self._read_clocks(due)
        if any(
            old.reverse != new.reverse for olds, news in turned.values() for old, new in zip(olds, news, strict=False)
        ):
            # A row came under ten minutes, or its time is up.
            before = self._seconds
            self._choose_seconds()
            if self._seconds != before:
                turned = self._read_clocks(list(self._drawn))
        places = self._painter.clock_places()
        regions: list[Region] = []
        for line, (olds, news) in turned.items():
            urgent_edge = 0
            for place, old, new in zip(places, olds, news, strict=False):
                if old == new:
                    continue
                edge = place.x + place.width
                if place.column.urgent:
                    urgent_edge = max(urgent_edge, edge)
                else:
                    self._owed[line] = max(self._owed.get(line, 0), edge)
            if urgent_edge:
                # Textual writes a dirty region from the left edge of the widget whatever its own left edge is.
                regions.append(Region(0, line, urgent_edge, 1))
        self._repaint(regions, urgent_lines=len(regions))

    def _read_clocks(self, lines: Iterable[int]) -> dict[int, tuple[tuple[ClockText, ...], tuple[ClockText, ...]]]:
        """What the clocks of these lines said when they were painted, and what they say now."""
        read = {}
        for line in lines:
            drawn = self._drawn[line]
            now = self._clocks_at(self._cursor.top + line - HEAD_LINES, drawn.row_id)
            # A line that is not painted at once is owed, so that nobody has to ask it again before its next turn.
            self._drawn[line] = _Drawn(drawn.row_id, drawn.clocks, drawn.marked, _first_change(now))
            read[line] = (drawn.clocks, now)
        return read

    def _repaint(self, regions: list[Region], *, urgent_lines: int) -> None:
        """Repaint these regions, and of the lines owed as many as still go."""
        if urgent_lines < _BUSY_TICK_LINES:
            for line in sorted(self._owed)[:_OWED_LINES_PER_TICK]:
                regions.append(Region(0, line, self._owed.pop(line), 1))
        if regions:
            self.refresh(*regions)

    def set_columns(self, columns: ColumnChoice[RowT]) -> None:
        """Show other columns."""
        self._columns = columns
        self._lay_out()
        self.refresh()

    def set_context(self, context: CellContext) -> None:
        """Draw with other signs or letters of countdowns."""
        self._cell_context = context
        self._lay_out()
        self.refresh()

    def redraw(self) -> None:
        """Forget every drawn line; for when cells depend on something that changed outside their rows."""
        self._forget_strips()
        self.refresh()

    def _forget_strips(self) -> None:
        self._strips.clear()
        self._rests.clear()

    # Geometry.

    @property
    def _page(self) -> int:
        return max(1, self.size.height - HEAD_LINES)

    def _visible_slots(self) -> list[tuple[int | None, bool]]:
        """Row id (None on the group's line) and whether the cursor is there, for each line of the body."""
        cursor = self._cursor
        last = min(cursor.slot_count, cursor.top + self._page)
        return [(cursor.row_id_at(slot), slot == cursor.slot) for slot in range(cursor.top, last)]

    def _lacking(self) -> int:
        """How many of the rows on the screen are not in memory."""
        slots = enumerate(self._visible_slots(), self._cursor.top)
        return sum(
            1
            for slot, (row_id, _) in slots
            if row_id is not None and self.model.row_at(self._cursor.position_at(slot)) is None
        )

    def _ask_for_rows(self) -> None:
        lacking = self._lacking()
        self._look_ahead()
        if lacking > self._lacking():
            # The model had them at once: nobody tells of what was not waited for.
            self._choose_seconds()
            self._refresh_body()

    def _refresh_line(self, line: int) -> None:
        self._owed.pop(line, None)
        self.refresh(Region(0, line, self.size.width, 1))

    def _refresh_body(self) -> None:
        self._owed.clear()
        self.refresh(Region(0, HEAD_LINES, self.size.width, self._page))

    def _look_ahead(self) -> None:
        """Ask for the page on the screen and one on either side."""
        first = self._cursor.position_at(self._cursor.top) - self._page
        self.model.request(max(0, first), 3 * self._page)

    def _lay_out(self) -> None:
        width = self.size.width
        columns = self._columns(width) if callable(self._columns) else self._columns
        self._painter = RowPainter(lay_out(columns, width, self._cell_context), self._cell_context)
        self._forget_strips()
        self._drawn.clear()
        self._owed.clear()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the columns to the width and keep the cursor's row in view."""
        if self._fit():
            self.refresh()
        self._ask_for_rows()

    def render_lines(self, crop: Region) -> list[Strip]:
        # Textual paints a new size before it tells of it: drawn as it was before, all would be painted twice.
        self._fit()
        return super().render_lines(crop)

    def _fit(self) -> bool:
        """Draw for the size there is now; False where that is so already."""
        if self._fitted == self.size:
            return False
        self._fitted = self.size
        self._cursor.fit(self._page)
        self._lay_out()
        self._choose_seconds()
        return True

    def on_hide(self, event: events.Hide) -> None:
        """What is not on the screen has no clock to turn; it is drawn anew when it comes back."""
        self._drawn.clear()
        self._owed.clear()
        self._fitted = Size(0, 0)
        self._forget(())

    def focus(self, scroll_visible: bool = True) -> Self:
        """Ask for the focus. Unlike Textual's own method it repaints nothing: the grid looks the same without."""
        self.app.call_later(self._request_focus)
        return self

    def _request_focus(self) -> None:
        if self.is_attached:
            self.screen.set_focus(self, scroll_visible=False)

    def on_focus(self, event: events.Focus) -> None:
        """Take the focus without the repaint of Textual's own handler."""
        event.prevent_default()
        self._set_focused(True)

    def on_blur(self, event: events.Blur) -> None:
        """Lose the focus, likewise without a repaint."""
        event.prevent_default()
        self._set_focused(False)

    def _set_focused(self, focused: bool) -> None:
        self.has_focus = focused
        if self.parent is not None:
            note = events.DescendantFocus(self) if focused else events.DescendantBlur(self)
            self.parent.post_message(note)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}
        self._forget_strips()

    def _is_marked(self, row_id: int) -> bool:
        return self.marks.is_marked(row_id, self.model.index.ids)

    def _group_marked(self) -> bool:
        """Whether every row of the group is marked; looked up once for each change of the marks or the index."""
        group, ids = self._cursor.group, self.model.index.ids
        if group is None or group.size == 0 or len(self.marks) < group.size:
            return False
        known = self._group_marks
        if known is None or known.revision != self.marks.revision or known.size != group.size or known.ids is not ids:
            all_marked = all(self._is_marked(row_id) for row_id in ids[: group.size])
            known = self._group_marks = _GroupMarks(self.marks.revision, group.size, ids, all_marked)
        return known.all_marked

    # Painting. Nothing below reads a disk, a setting or a clock.

    def render_line(self, y: int) -> Strip:
        if not self._styles:
            self._styles = {ground: role_styles(self.app, ground) for ground in _GROUNDS}
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
        self._drawn[y] = _Drawn(row_id, clocks, marked, changes_at := _first_change(clocks))
        if changes_at < self._turn_told_at:
            self._turn_told_at = changes_at
            # Painting is the screen's doing: posted from here, the message would end below the screen.
            self.call_next(self._tell_sooner)
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
        strip = self._turned_row(row_id, row, clocks, lead, styles)
        if strip is None:
            strip = self._painter.row(row, clocks, lead, styles)
            self._strips[key] = (row, strip)
        return strip

    def _tell_sooner(self) -> None:
        self.post_message(self.TurnsSooner())

    def _turned_row(
        self, row_id: int, row: RowT, clocks: tuple[ClockText, ...], lead: Lead, styles: Mapping[Role, Style]
    ) -> Strip | None:
        """A row that differs in its first clock alone from the one kept for it, None where there is no such one."""
        if not clocks or not clocks[0].reverse:
            return None
        key = (row_id, lead, clocks[1:])
        kept = self._rests.get(key)
        if kept is not None and kept[0] is row:
            return self._painter.row_with_clock(kept[1], clocks[0], lead, styles)
        strip = self._painter.row(row, clocks, lead, styles)
        self._rests[key] = (row, strip)
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
        self._near = rows_with_seconds(rows, self._painter.layout, self._now)
        self._seconds_at_cursor()

    def _seconds_at_cursor(self) -> None:
        """The cursor's row counts by the second, too; the others stay as they are when only the cursor moves."""
        row_id = self._cursor.row_id
        self._seconds = self._near if row_id is None else self._near | {row_id}

    def _queue_request(self) -> None:
        if not self._request_queued:
            self._request_queued = True
            self.call_next(self._send_request)

    def _send_request(self) -> None:
        self._request_queued = False
        self._ask_for_rows()
