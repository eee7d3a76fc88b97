"""The message on its two lines: whole where it fits, else shortened after a word, with all of it in a strip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from shoptui.cellwidth import cell_width, cut_cells
from shoptui.cockpit.notices import Notice
from shoptui.i18n import _
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, plain, width_of, wrap
from shoptui.widgets.columns import CellText
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.line import LineText
from shoptui.widgets.roles import Role

#: Cells of a line that stay free: one at each edge, and one between its left and its right side.
_EDGES = 2
_BETWEEN = 1

MessageLines = tuple[LineText, LineText | None]


def whole_message(message: LineText, width: int) -> MessageLines | None:
    """The message on one line or two, None where two lines of `width` cells do not hold it.

    What to do gets the second line to itself where that is enough.
    """
    first_room, second_room = _rooms(message, width)
    if width_of(message.left) <= first_room:
        return message, None
    if len(message.left) == 2:
        what, todo = message.left
        todo = CellText(todo.text.strip(), todo.role)
        if cell_width(what.text) <= first_room and cell_width(todo.text) <= second_room:
            return replace(message, left=(what,)), LineText((todo,))
    first, rest = _fill(message.left, first_room)
    second, rest = _fill(rest, second_room)
    return None if rest else (replace(message, left=first), LineText(second))


def shortened_message(message: LineText, width: int) -> MessageLines:
    """As much of the message as two lines hold, ended after a word by an ellipsis."""
    first_room, second_room = _rooms(message, width)
    first, rest = _fill(message.left, first_room)
    second, rest = _fill(rest, second_room - 2)
    if rest:
        second = (*second, CellText(" …", second[-1].role if second else Role.TEXT))
    return replace(message, left=first), LineText(second)


def _rooms(message: LineText, width: int) -> tuple[int, int]:
    right = width_of(message.right)
    return width - _EDGES - (right + _BETWEEN if right else 0), width - _EDGES


def _fill(pieces: Line, room: int) -> tuple[Line, Line]:
    """As many words as fit into `room` cells, and what is left. A word as long as a line is broken where it ends."""
    taken: list[CellText] = []
    used = 0
    words = [CellText(word, piece.role) for piece in pieces for word in piece.text.split()]
    for number, word in enumerate(words):
        gap = 1 if taken else 0
        cells = cell_width(word.text)
        if used + gap + cells > room:
            rest = words[number:]
            if cells > room // 2:
                # Chinese, Thai and paths have no blanks: what fits of them stays on this line.
                head, tail = cut_cells(word.text, max(0, room - used - gap))
                if head:
                    taken.append(CellText(" " * gap + head, word.role))
                    rest = [CellText(tail, word.role), *rest[1:]]
            return tuple(taken), tuple(CellText(f"{piece.text} ", piece.role) for piece in rest)
        taken.append(CellText(" " * gap + word.text, word.role))
        used += gap + cells
    return tuple(taken), ()


class MessageForm(Form):
    """A message that is too long for its lines, in full. Enter goes where it leads."""

    def __init__(self, notice: Notice, go: Callable[[], None] | None) -> None:
        """`go` goes where the message leads, None where it leads nowhere."""
        super().__init__()
        self._said = notice.said
        self._go = go

    def title(self) -> Line:
        return plain(_("The whole message"))

    def lines(self, width: int, now: int) -> list[Line]:
        lines = wrap(f" {self._said.what}", width - 1, indent=1)
        return lines + (wrap(f" {self._said.todo}", width - 1, Role.QUIET, indent=1) if self._said.todo else [])

    def hints(self) -> list[KeyHint]:
        back = KeyHint("◄", _("back"))
        return [KeyHint("Enter", _("go there")), back] if self._go is not None else [back]

    def key(self, key: str, character: str | None) -> bool:
        if self._go is None or (key != "enter" and character != "'"):
            return False
        self.close()
        self._go()
        return True
