"""Drawing one line of a grid: rows, the folded group, placeholders and the head, as strips of exactly the width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from shoptui.cellwidth import Align, cell_width, fit
from shoptui.domain.records import dataclass
from shoptui.widgets.columns import (
    LEAD_CELLS,
    Cell,
    CellContext,
    CellText,
    ClockColumn,
    ClockText,
    Layout,
)
from shoptui.widgets.roles import Role

RowT = TypeVar("RowT")

PLACEHOLDER = ". . ."

RoleStyles = Mapping[Role, Style]
"""One style per role, all on the same ground."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The two cells before the first column."""

    cursor: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class PlacedClock(Generic[RowT]):
    """A clock column with its first cell and width."""

    column: ClockColumn[RowT]
    x: int
    width: int


class LineBuilder:
    """Collects the pieces of a line and joins neighbours: each change of style costs about 40 bytes on the wire."""

    __slots__ = ("_blank", "_closed", "_pieces", "_style", "_text")

    def __init__(self) -> None:
        self._pieces: list[Segment] = []
        self._text = ""
        self._style: Style | None = None
        self._blank = True
        self._closed = False

    def add(self, text: str, style: Style, *, reverse: bool = False) -> None:
        """Append text. Blanks take the style beside them unless that is reversed, as only the ground shows there."""
        if not text:
            return
        blank = not reverse and text.isspace()
        if self._style is None:
            self._text, self._style, self._blank, self._closed = text, style, blank, reverse
        elif reverse == self._closed and (style is self._style or style == self._style):
            self._text += text
            self._blank = self._blank and blank
        elif blank and not self._closed:
            self._text += text
        elif self._blank and not reverse:
            self._text += text
            self._style, self._blank = style, False
        else:
            self._flush()
            self._text, self._style, self._blank, self._closed = text, style, blank, reverse

    def strip(self, width: int) -> Strip:
        """The finished line; the pieces must add up to `width` cells."""
        self._flush()
        return Strip(self._pieces, width)

    def _flush(self) -> None:
        if self._style is not None:
            if self._closed:
                style = self._style + _REVERSE
            elif self._blank:
                style = _ground_only(self._style)
            else:
                style = self._style
            self._pieces.append(Segment(self._text, style))
            self._style = None


_REVERSE = Style(reverse=True)


@lru_cache(maxsize=64)
def _ground_only(style: Style) -> Style:
    """The style without the colour of its text, which blanks do not show."""
    return Style(bgcolor=style.bgcolor)


class RowPainter(Generic[RowT]):
    """Draws the lines of one layout. Pure: the same arguments give the same strip."""

    def __init__(self, layout: Layout[RowT], context: CellContext) -> None:
        self.layout = layout
        self.context = context
        # Each cell is told the width it got, which may be less than its column wants.
        self._contexts = [CellContext(placed.width, context.glyphs, context.units) for placed in layout.columns]

    def clocks(self, row: RowT, now: int, *, seconds: bool) -> tuple[ClockText, ...]:
        """What the clock columns say for a row at `now` (epoch seconds), left to right."""
        return tuple(
            placed.column.text(row, now, seconds=seconds, context=self.context)
            for placed in self.layout.columns
            if isinstance(placed.column, ClockColumn)
        )

    def clock_places(self) -> tuple[PlacedClock[RowT], ...]:
        """Where the clock columns are, in the order of `clocks`."""
        return tuple(
            PlacedClock(placed.column, placed.x, placed.width)
            for placed in self.layout.columns
            if isinstance(placed.column, ClockColumn)
        )

    def row(self, row: RowT, clocks: Sequence[ClockText], lead: Lead, styles: RoleStyles) -> Strip:
        """A row with its clocks as they were read."""
        line = self._begin(lead, clocks[0].role if clocks else Role.TEXT, styles)
        remaining = iter(clocks)
        for placed, context in zip(self.layout.columns, self._contexts, strict=True):
            column = placed.column
            if isinstance(column, ClockColumn):
                _add_clock(line, next(remaining), placed.width, column.align, styles, self.context)
            else:
                _add_cell(line, column.cell(row, context), placed.width, column.align, styles, context)
            line.add(" " * placed.gap, styles[Role.TEXT])
        return self._end(line, styles)

    def row_with_clock(self, before: Strip, clock: ClockText, lead: Lead, styles: RoleStyles) -> Strip | None:
        """A row whose first clock has turned, from the row as it was `before`; None where it has to be drawn anew.

        That goes for a clock under ten minutes in the first column, whose cells in reverse join with no others: it
        turns every second, and the rest of its row does not.
        """
        first = self.layout.columns[0] if self.layout.columns else None
        if first is None or not isinstance(first.column, ClockColumn) or not clock.reverse:
            return None
        line = self._begin(lead, clock.role, styles)
        _add_clock(line, clock, first.width, first.column.align, styles, self.context)
        edge = first.x + first.width
        return Strip.join([line.strip(edge), before.crop(edge)])

    def placeholder(self, lead: Lead, styles: RoleStyles) -> Strip:
        """A row that has not been read yet: a sign of it in the clock column."""
        line = self._begin(lead, Role.QUIET, styles)
        if self.layout.columns:
            first = self.layout.columns[0]
            line.add(fit(PLACEHOLDER, first.width, first.column.align, ""), styles[Role.QUIET])
            line.add(" " * (self.layout.width - first.x - first.width), styles[Role.TEXT])
            return line.strip(self.layout.width)
        return self._end(line, styles)

    def group(self, clock: ClockText, kind: str, text: str, lead: Lead, styles: RoleStyles) -> Strip:
        """The line of the folded group: its clock, the kind of it, then a text across the other columns."""
        columns = self.layout.columns
        line = self._begin(lead, clock.role, styles)
        x = LEAD_CELLS
        if columns and isinstance(columns[0].column, ClockColumn):
            first = columns[0]
            _add_clock(line, clock, first.width, first.column.align, styles, self.context)
            x = first.x + first.width
            if len(columns) > 2:
                second, third = columns[1], columns[2]
                line.add(" " * (second.x - x) + fit(kind, third.x - second.x, "left", ""), styles[Role.TEXT])
                x = third.x
            else:
                line.add(" ", styles[Role.TEXT])
                x += 1
        line.add(fit(text, self.layout.width - x, "left", self.context.glyphs.ellipsis), styles[Role.TEXT])
        return line.strip(self.layout.width)

    def head(self, style: Style) -> Strip:
        """The headings. A heading may run over the columns right of it whose own heading is empty."""
        columns = self.layout.columns
        text = " " * LEAD_CELLS
        skip_until = 0
        for number, placed in enumerate(columns):
            if placed.x < skip_until:
                continue
            end = placed.x + placed.width
            following = number + 1
            while following < len(columns) and not columns[following].column.heading:
                end = columns[following].x + columns[following].width
                following += 1
            skip_until = end
            heading, align = placed.column.heading, placed.column.align
            if isinstance(placed.column, ClockColumn):
                # Beside the sign, whose cell stays free; the countdowns below fill the column to its right edge.
                heading, align = (" " if placed.column.urgent else "") + heading, "left"
            text += " " * (placed.x - cell_width(text)) + fit(heading, end - placed.x, align, "")
        return Strip([Segment(fit(text, self.layout.width), style)], self.layout.width)

    def _begin(self, lead: Lead, role: Role, styles: RoleStyles) -> LineBuilder:
        # The lead shares the style of the clock beside it, so that a ticking row is one piece on the wire.
        glyphs = self.context.glyphs
        line = LineBuilder()
        line.add((glyphs.cursor if lead.cursor else " ") + (glyphs.mark if lead.marked else " "), styles[role])
        return line

    def _end(self, line: LineBuilder, styles: RoleStyles) -> Strip:
        used = self.layout.columns[-1] if self.layout.columns else None
        x = used.x + used.width + used.gap if used else LEAD_CELLS
        line.add(" " * (self.layout.width - x), styles[Role.TEXT])
        return line.strip(self.layout.width)


def _add_clock(
    line: LineBuilder, clock: ClockText, width: int, align: Align, styles: RoleStyles, context: CellContext
) -> None:
    text = clock.sign + fit(clock.text, width - len(clock.sign), align, "")
    line.add(fit(text, width, "left", ""), styles[clock.role], reverse=clock.reverse)


def _add_cell(
    line: LineBuilder, cell: Cell, width: int, align: Align, styles: RoleStyles, context: CellContext
) -> None:
    if isinstance(cell, CellText):
        line.add(fit(cell.text, width, align, context.glyphs.ellipsis), styles[cell.role])
        return
    left = width
    for number, piece in enumerate(cell):
        last = number == len(cell) - 1
        size = left if last else min(left, cell_width(piece.text))
        line.add(fit(piece.text, size, "left", context.glyphs.ellipsis), styles[piece.role])
        left -= size
    if left > 0:
        line.add(" " * left, styles[Role.TEXT])
