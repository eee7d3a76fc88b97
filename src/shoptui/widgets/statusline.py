"""The first line of the screen: time, clocks, outbox, oldest feed and operator, as groups between bars."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.line import BarWidget, LineText
from shoptui.widgets.roles import Role


def status_text(groups: Sequence[Sequence[CellText]], glyphs: Glyphs = UNICODE_GLYPHS) -> LineText:
    """The pieces of each group with a space between, the groups with a bar; empty groups are left out."""
    pieces: list[CellText] = []
    for group in groups:
        if not group:
            continue
        if pieces:
            pieces.append(CellText(f" {glyphs.bar} ", Role.QUIET))
        for number, piece in enumerate(group):
            if number:
                pieces.append(CellText(" "))
            pieces.append(piece)
    return LineText(tuple(pieces))


class StatusLine(BarWidget):
    """The status line."""

    def show(self, groups: Sequence[Sequence[CellText]]) -> None:
        """Show these groups; repaints only when they differ from what is shown."""
        self.say(status_text(groups, self.glyphs))
