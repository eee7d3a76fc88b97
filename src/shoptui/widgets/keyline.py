"""The last line of the screen: the keys that work now."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.records import dataclass
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.line import BarWidget, LineText
from shoptui.widgets.roles import Role


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key, or a letter and its twin (`s F6`), with what it does; not `enabled` keys are drawn quiet."""

    keys: str
    label: str
    enabled: bool = True


def keys_text(verbs: Sequence[KeyHint], fixed: Sequence[KeyHint], glyphs: Glyphs = UNICODE_GLYPHS) -> LineText:
    """The verbs at the left, two cells apart; a bar and the keys that are always there at the right, one apart."""
    right: list[CellText] = []
    if fixed:
        right = [CellText(f"{glyphs.bar} ", Role.QUIET), *_hints(fixed, " ")]
    return LineText(tuple(_hints(verbs, "  ")), tuple(right))


def _hints(hints: Sequence[KeyHint], between: str) -> list[CellText]:
    pieces: list[CellText] = []
    for number, hint in enumerate(hints):
        if number:
            pieces.append(CellText(between))
        pieces.append(CellText(hint.keys, Role.INFO if hint.enabled else Role.QUIET))
        if hint.label:
            pieces.append(CellText(f" {hint.label}", Role.TEXT if hint.enabled else Role.QUIET))
    return pieces


class KeyLine(BarWidget):
    """The line of keys."""

    def show(self, verbs: Sequence[KeyHint], fixed: Sequence[KeyHint] = ()) -> None:
        """Show these keys; repaints only when they differ from what is shown."""
        self.say(keys_text(verbs, fixed, self.glyphs))
