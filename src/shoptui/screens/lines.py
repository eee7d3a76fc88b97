"""Lines of text with roles: what panes, strips and the one-line bars of the frame are drawn with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from shoptui.cellwidth import cell_width, fit, wrap_cells
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.plain_lines import PlainLines
from shoptui.widgets.role_styles import role_styles
from shoptui.widgets.roles import Ground, Role

Line = tuple[CellText, ...]

BLANK: Line = ()


def text(words: str, role: Role = Role.TEXT) -> CellText:
    """A piece of a line."""
    return CellText(words, role)


def plain(words: str, role: Role = Role.TEXT) -> Line:
    """A line of one piece."""
    return (CellText(words, role),)


def width_of(line: Line) -> int:
    """The cells a line takes."""
    return sum(cell_width(piece.text) for piece in line)


def fit_line(line: Line, width: int) -> Line:
    """A line cut to `width` cells (never padded); what is cut off ends in an ellipsis."""
    left = width
    pieces: list[CellText] = []
    for piece in line:
        if left <= 0:
            break
        cells = cell_width(piece.text)
        if cells > left:
            pieces.append(CellText(fit(piece.text, left), piece.role))
            break
        pieces.append(piece)
        left -= cells
    return tuple(pieces)


def without_least(line: Line, width: int) -> Line:
    """A line without as many of its last pieces as it takes to fit into `width` cells; its first piece stays."""
    while len(line) > 1 and width_of(line) > width:
        line = line[:-1]
    return line


def two_sided(left: Line, right: Line, width: int) -> Line:
    """`left` at the left edge and `right` at the right one; the left side is cut when both do not fit."""
    right_cells = width_of(right)
    kept = fit_line(left, max(0, width - right_cells - (1 if right_cells else 0)))
    gap = max(0, width - width_of(kept) - right_cells)
    return (*kept, CellText(" " * gap), *right)


def rule(width: int, title: Line = (), right: Line = (), glyphs: Glyphs = UNICODE_GLYPHS) -> Line:
    """A section's head: `── title ───────── right ──`."""
    sign = glyphs.rule
    lead: Line = (CellText(sign * 2, Role.QUIET),)
    tail: Line = (CellText(sign * 2, Role.QUIET),)
    if title:
        lead = (CellText(sign * 2 + " ", Role.QUIET), *title, CellText(" ", Role.QUIET))
    if right:
        tail = (CellText(" ", Role.QUIET), *right, CellText(" " + sign * 2, Role.QUIET))
    lead = fit_line(lead, max(2, width - width_of(tail)))
    gap = max(0, width - width_of(lead) - width_of(tail))
    return (*lead, CellText(sign * gap, Role.QUIET), *tail)


def wrap(words: str, width: int, role: Role = Role.TEXT, indent: int = 0) -> list[Line]:
    """Words broken at blanks into lines of at most `width` cells; later lines start with `indent` blanks."""
    return [plain(line, role) for line in wrap_cells(words, width, indent)]


class RoleLines(PlainLines):
    """Some lines on one ground. `show` repaints only those whose text or role changed; it scrolls by itself.

    The first `pinned` lines stay where they are while the others scroll.
    """

    pinned = 0

    DEFAULT_CSS = """
    RoleLines { height: 1fr; }
    """

    def __init__(self, *, ground: Ground = Ground.BG, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._ground = ground
        self._lines: list[Line] = []
        self._first = 0
        self._styles: Mapping[Role, Style] = {}

    @property
    def line_count(self) -> int:
        """All lines, also those out of view."""
        return len(self._lines)

    @property
    def first_line(self) -> int:
        """How many lines are scrolled off at the top."""
        return self._first

    @property
    def content_text(self) -> str:
        """The lines as plain text, for tests and for copying."""
        return "\n".join("".join(piece.text for piece in line) for line in self._lines)

    def show(self, lines: Iterable[Line], *, ground: Ground | None = None) -> None:
        """Show these lines instead; the scroll position is kept."""
        wanted = list(lines)
        if ground is not None and ground is not self._ground:
            self._ground = ground
            self._styles = {}
            self._lines = wanted
            self.refresh()
            return
        before = self._window()
        self._lines = wanted
        self._first = min(self._first, max(0, len(wanted) - 1))
        after = self._window()
        for y in range(max(len(before), len(after))):
            if (before[y] if y < len(before) else None) != (after[y] if y < len(after) else None):
                self.refresh(Region(0, y, self.size.width, 1))

    def turn(self, lines: int) -> bool:
        """Scroll down by `lines` (up if negative); False when that is not possible."""
        last = max(0, len(self._lines) - self.size.height)
        first = max(0, min(self._first + lines, last))
        if first == self._first:
            return False
        self._first = first
        self.refresh()
        return True

    def to_top(self) -> None:
        """Scroll to the first line."""
        self.turn(-self.first_line)

    def to_end(self) -> None:
        """Scroll to the last line."""
        self.turn(len(self._lines))

    def _window(self) -> Sequence[Line]:
        first = self.first_line
        return [*self._lines[: self.pinned], *self._lines[self.pinned + first : first + self.size.height]]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def render_line(self, y: int) -> Strip:
        if not self._styles:
            self._styles = role_styles(self.app, self._ground)
        width = self.size.width
        index = y if y < self.pinned else self.first_line + y
        line = fit_line(self._lines[index], width) if index < len(self._lines) else ()
        segments: list[Segment] = []
        used = 0
        for piece in line:
            cells = cell_width(piece.text)
            segments.append(Segment(fit(piece.text, cells), self._styles[piece.role]))
            used += cells
        if used < width:
            segments.append(Segment(" " * (width - used), self._styles[Role.TEXT]))
        return Strip(segments, width).simplify()
