"""Columns of a grid: what each draws for a row, and which of them fit a given width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Generic, TypeVar

from shoptui.cellwidth import Align
from shoptui.domain.clocks import ENGLISH_UNITS, CountdownUnits, Urgency, countdown
from shoptui.domain.records import dataclass
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.roles import URGENCY_ROLES, Role

RowT = TypeVar("RowT")
RowT_contra = TypeVar("RowT_contra", contravariant=True)

LEAD_CELLS = 2
"""The cursor and the mark, left of the first column."""

SECONDS_UNDER_S = 600
"""Below this time left a clock may count by the second."""


@dataclass(frozen=True, slots=True)
class CellText:
    """A piece of a cell: its text, already free of controls, and what it means."""

    text: str
    role: Role = Role.TEXT


Cell = CellText | tuple[CellText, ...]
"""One piece, or several side by side that together are cut or padded to the column."""


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a cell may depend on besides its row: the width drawn, the signs and the letters of countdowns.

    The time is not among it: only clock columns know it, so that nothing else has to be drawn again as it passes.
    """

    width: int = 0
    glyphs: Glyphs = UNICODE_GLYPHS
    units: CountdownUnits = ENGLISH_UNITS


# Not slotted, unlike everything else here: Python 3.11 cannot call a subscripted class that is both frozen and slotted,
# and `Column[Row](...)` is what one writes.
@dataclass(frozen=True)
class Column(Generic[RowT]):
    """One column.

    `width` is in cells; a `rest` column takes what is left of the line and at least `width`. `gap` empty cells follow
    the column. `drop` ranks what goes when the line is too narrow: the lowest rank goes first, None never goes. A
    column with `shrink_to` is narrowed to that many cells instead. `cell` must depend on its arguments alone.
    """

    id: str
    heading: str
    width: int
    cell: Callable[[RowT, CellContext], Cell]
    align: Align = "left"
    gap: int = 1
    drop: int | None = None
    shrink_to: int | None = None
    rest: bool = False

    def cells(self, context: CellContext) -> int:
        """The width wanted, which for a text column does not depend on the language."""
        return self.width


@dataclass(frozen=True, slots=True)
class ClockFace:
    """What a clock column counts down for one row.

    `due_at` is epoch seconds, None where nothing runs; then `fallback` stands in its place (`=` stopped on hold, `?`
    no time known, "" nothing). `missed` draws the sign of a missed clock although the one counted is still ahead.
    `label` stands before the countdown (the kind, in a second-clock column).
    """

    due_at: int | None
    missed: bool = False
    fallback: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class ClockText:
    """A clock as drawn: its sign (empty where the column has none), its countdown, and what that means.

    `reverse` is set under ten minutes: the cells are then written in reverse. `changes_at` is the epoch second from
    which it says something else, None when it never will; two that look alike are equal whatever it is.
    """

    sign: str
    text: str
    role: Role
    reverse: bool = False
    changes_at: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ClockColumn(Generic[RowT]):
    """A column that counts down, drawn again by `Grid.tick` when its text changes.

    With `urgent` it begins with the sign of the urgency and is the one that counts by the second; a column without it
    counts in minutes at most. Widths are for English; units of two cells widen the column.
    """

    id: str
    heading: str
    face: Callable[[RowT], ClockFace]
    width: int = 7
    align: Align = "right"
    gap: int = 1
    drop: int | None = None
    urgent: bool = True
    shrink_to: int | None = None
    rest: bool = False

    def cells(self, context: CellContext) -> int:
        """The width wanted: two cells more where the units are wide (`14时20分`)."""
        return self.width if context.units.day.isascii() else self.width + 2

    def text(self, row: RowT, now: int, *, seconds: bool, context: CellContext) -> ClockText:
        """What the column says for a row at `now` (epoch seconds); `seconds` lets an urgent clock show them."""
        return clock_text(self.face(row), now, urgent=self.urgent, seconds=seconds, context=context)


AnyColumn = Column[RowT] | ClockColumn[RowT]


def clock_text(face: ClockFace, now: int, *, urgent: bool, seconds: bool, context: CellContext) -> ClockText:
    """What a clock says at `now` (epoch seconds); `seconds` lets an urgent one count by the second."""
    if face.due_at is None:
        band = Urgency.MISSED if face.missed else Urgency.QUIET
        text, left_s, changes_at = face.fallback, SECONDS_UNDER_S, None
    else:
        reading = countdown(face.due_at, now, seconds=seconds and urgent, units=context.units)
        band = Urgency.MISSED if face.missed else reading.urgency
        text, left_s, changes_at = reading.text, face.due_at - now, reading.changes_at
    if face.label and text:
        text = f"{face.label} {text}"
    sign = context.glyphs.urgency(band) if urgent else ""
    is_near = urgent and 0 < left_s < SECONDS_UNDER_S
    return ClockText(sign, text, URGENCY_ROLES[band], is_near, changes_at)


@dataclass(frozen=True, slots=True)
class PlacedColumn(Generic[RowT]):
    """A column with the place it got: first cell `x` (0 is the cursor's cell), `width` cells, `gap` after it."""

    column: AnyColumn[RowT]
    x: int
    width: int
    gap: int


@dataclass(frozen=True, slots=True)
class Layout(Generic[RowT]):
    """The columns that fit a line of `width` cells, left to right."""

    width: int
    columns: tuple[PlacedColumn[RowT], ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(placed.column.id for placed in self.columns)


def lay_out(columns: Sequence[AnyColumn[RowT]], width: int, context: CellContext) -> Layout[RowT]:
    """Choose and place columns for a line of `width` cells.

    Columns go or shrink in the order of their `drop` rank until the rest fits, then the narrowed ones go as well; those
    without a rank are always placed, cut at the edge if need be. What is left over goes to the `rest` column.
    """
    wanted = [column.cells(context) for column in columns]
    kept = [True] * len(columns)

    def total() -> int:
        inner = [index for index, keep in enumerate(kept) if keep]
        gaps = sum(columns[index].gap for index in inner[:-1])
        return LEAD_CELLS + gaps + sum(wanted[index] for index in inner)

    ranked = sorted(
        (index for index, column in enumerate(columns) if column.drop is not None),
        key=lambda index: columns[index].drop or 0,
    )
    for index in ranked:
        excess = total() - width
        if excess <= 0:
            break
        shrink_to = columns[index].shrink_to
        if shrink_to is None:
            kept[index] = False
        else:
            wanted[index] = max(min(shrink_to, wanted[index]), wanted[index] - excess)
    for index in ranked:
        # Narrowed was not enough: what has a rank goes before what has none is cut.
        if total() > width:
            kept[index] = False
    spare = max(0, width - total())
    placed: list[PlacedColumn[RowT]] = []
    x = LEAD_CELLS
    chosen = [index for index, keep in enumerate(kept) if keep]
    for index in chosen:
        column = columns[index]
        if x >= width:
            break
        cells = wanted[index]
        if column.rest:
            cells += spare
            spare = 0
        cells = min(cells, width - x)
        gap = 0 if index == chosen[-1] else min(column.gap, width - x - cells)
        placed.append(PlacedColumn(column, x, cells, gap))
        x += cells + gap
    return Layout(width, tuple(placed))
