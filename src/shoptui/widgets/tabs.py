"""The second line of the screen: where one can go, how much is hot there, and where one is."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.records import dataclass
from shoptui.widgets.columns import CellText
from shoptui.widgets.line import BarWidget, LineText
from shoptui.widgets.roles import Role


@dataclass(frozen=True, slots=True)
class Tab:
    """One screen: its name at this width, how many rows are hot (0 is not drawn), its letter ("" is not drawn)."""

    name: str
    hot: int = 0
    letter: str = ""
    here: bool = False


def tabs_text(tabs: Sequence[Tab], *, wide: bool) -> LineText:
    """The tabs side by side, the one we are on in brackets; two cells between them where the screen is `wide`."""
    pieces: list[CellText] = []
    for number, tab in enumerate(tabs):
        if number:
            pieces.append(CellText("  " if wide else " "))
        role = Role.TEXT if tab.here else Role.QUIET
        if tab.here:
            pieces.append(CellText("[", Role.INFO))
        if tab.letter:
            pieces.append(CellText(f"{tab.letter} ", Role.INFO))
        pieces.append(CellText(tab.name, role))
        if tab.hot:
            pieces.append(CellText(f" {tab.hot}", Role.SOON))
        if tab.here:
            pieces.append(CellText("]", Role.INFO))
    return LineText(tuple(pieces))


class TabsLine(BarWidget):
    """The line of tabs."""

    def show(self, tabs: Sequence[Tab], *, wide: bool = False) -> None:
        """Show these tabs; repaints only when they differ from what is shown."""
        self.say(tabs_text(tabs, wide=wide))
