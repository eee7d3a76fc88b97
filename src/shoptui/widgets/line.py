"""One line of the screen outside the grid: pieces with a meaning at the left and at the right, a filling between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.style import Style
from textual.strip import Strip

from shoptui.cellwidth import cell_width, fit
from shoptui.domain.records import dataclass
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.grid_cells import LineBuilder
from shoptui.widgets.plain_lines import PlainLines
from shoptui.widgets.role_styles import role_styles
from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable


@dataclass(frozen=True, slots=True)
class LineText:
    """What one line says. `left` is cut where both do not fit, `right` never before it; one cell stays free around.

    With `rule` the line is a rule of the pane or strip with `left` and `right` set into it. With `to_edge` the right
    text reaches the last cell, as the message line's does.
    """

    left: tuple[CellText, ...] = ()
    right: tuple[CellText, ...] = ()
    rule: bool = False
    to_edge: bool = False


def draw_line(text: LineText, width: int, styles: Mapping[Role, Style], glyphs: Glyphs = UNICODE_GLYPHS) -> Strip:
    """A line of exactly `width` cells. `styles` holds one style per role, all on one ground."""
    line = LineBuilder()
    room = width
    border = glyphs.rule * 2 if text.rule else ""
    fill = glyphs.rule if text.rule else " "
    lead = border if text.rule and not text.left else f"{border} "
    room -= _add(line, [CellText(lead)], room, styles, glyphs)
    tail = [*text.right, CellText(f" {border}" if text.rule else "" if text.to_edge else " ")]
    tail_width = sum(cell_width(piece.text) for piece in tail)
    if text.rule and not text.right:
        tail, tail_width = [CellText(border)], len(border)
    # Between two texts at least one cell stays free; a rule shows at least one of its own.
    left_room = max(0, room - tail_width - (1 if text.right or text.rule else 0))
    room -= _add(line, text.left, left_room, styles, glyphs)
    filling = max(0, room - tail_width)
    if text.rule:
        left_space = " " if text.left and filling else ""
        right_space = " " if text.right and filling > len(left_space) else ""
        middle = left_space + fill * (filling - len(left_space) - len(right_space)) + right_space
    else:
        middle = fill * filling
    room -= _add(line, [CellText(middle)], room, styles, glyphs)
    room -= _add(line, tail, room, styles, glyphs)
    line.add(" " * room, styles[Role.TEXT])
    return line.strip(width)


def _add(line: LineBuilder, pieces: Sequence[CellText], room: int, styles: Mapping[Role, Style], glyphs: Glyphs) -> int:
    """Add pieces within `room` cells, cutting the last that does not fit; returns the cells used."""
    used = 0
    for piece in pieces:
        size = min(cell_width(piece.text), room - used)
        if size <= 0:
            if piece.text and used >= room:
                break
            continue
        line.add(fit(piece.text, size, "left", glyphs.ellipsis), styles[piece.role])
        used += size
    return used


class LineWidget(PlainLines):
    """A widget of one line that is repainted only when what it says changes. `GROUND` is what it stands on."""

    GROUND: ClassVar[Ground] = Ground.BG
    DEFAULT_CSS = f"""
    LineWidget {{
        height: 1;
        background: ${ground_variable(Ground.BG)};
        color: ${text_variable(Role.TEXT, Ground.BG)};
    }}
    """

    def __init__(
        self,
        text: LineText | None = None,
        *,
        glyphs: Glyphs = UNICODE_GLYPHS,
        name: str | None = None,
        id: str | None = None,  # noqa: A002  # Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._text = text if text is not None else LineText()
        self._glyphs = glyphs
        self._role_styles: Mapping[Role, Style] = {}
        self._strip: Strip | None = None

    @property
    def text(self) -> LineText:
        """What the line says."""
        return self._text

    @property
    def glyphs(self) -> Glyphs:
        """The signs it is drawn with."""
        return self._glyphs

    def say(self, text: LineText) -> None:
        """Say something else; does nothing where that is what it says already."""
        if text != self._text:
            self._text = text
            self._strip = None
            self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._role_styles = {}
        self._strip = None

    def render_line(self, y: int) -> Strip:
        if not self._role_styles:
            self._role_styles = role_styles(self.app, self.GROUND)
        if y > 0:
            return Strip.blank(self.size.width, self._role_styles[Role.TEXT])
        if self._strip is None or self._strip.cell_length != self.size.width:
            self._strip = draw_line(self._text, self.size.width, self._role_styles, self._glyphs)
        return self._strip


class BarWidget(LineWidget):
    """A line on the ground of the bars: status, tabs and keys."""

    GROUND = Ground.BAR
    DEFAULT_CSS = f"""
    BarWidget {{
        background: ${ground_variable(Ground.BAR)};
        color: ${text_variable(Role.TEXT, Ground.BAR)};
    }}
    """


class ViewLine(LineWidget):
    """The third line: number, name and filter of the view at the left; counts and age at the right."""


class MessageLine(LineWidget):
    """The line above the keys: the newest sticky alert or the last result, and the keys that answer it."""
