"""A strip with a list of a few lines, of which one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, fit_line, plain, text, wrap
from shoptui.screens.strip import HEIGHT_NARROW, HEIGHT_WIDE
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role

_WIDE = 120
_DIGITS = 10
#: Cells before each line: the cursor, its digit, a blank.
_LEAD = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list in the strip: what it says, and what Enter does on it.

    `digit` chooses it at once where lines have numbers of their own; None for that of its place.
    """

    line: Line
    chosen: Callable[[], None]
    digit: str | None = None


class ListForm(Form):
    """Some lines of which one is chosen by arrows and Enter, or by its digit while there is one for it."""

    takes_room = True

    def __init__(
        self,
        title: str,
        entries: Sequence[Entry],
        *,
        more: Mapping[str, tuple[str, Callable[[], None]]] | None = None,
        empty: str = "",
        cursor: int = 0,
        head: Line = (),
    ) -> None:
        """`more` has further keys with what each says and does; `empty` is said where there is no line.

        `head` stands above the lines, () for nothing.
        """
        super().__init__()
        self._title = title
        self._entries = list(entries)
        self._more = dict(more or {})
        self._empty = empty
        self._head = head
        self.cursor = max(0, min(cursor, len(self._entries) - 1))

    def title(self) -> Line:
        return plain(self._title)

    def lines(self, width: int, now: int) -> list[Line]:
        if not self._entries:
            return wrap(f" {self._empty}", width, Role.QUIET, 1)
        lines: list[Line] = [fit_line((text(" " * _LEAD), *self._head), width)] if self._head else []
        room = (HEIGHT_WIDE if width >= _WIDE else HEIGHT_NARROW) - 1 - len(lines)
        first = max(0, min(self.cursor - room // 2, len(self._entries) - room))
        for place, entry in enumerate(self._entries[first : first + room], start=first):
            sign = "►" if place == self.cursor else " "
            lines.append(fit_line((text(f"{sign}{self._digit(place):>1} ", Role.INFO), *entry.line), width))
        return lines

    def _digit(self, place: int) -> str:
        """The digit that chooses a line, "" for none."""
        own = self._entries[place].digit
        if own is not None:
            return own
        return str((place + 1) % 10) if place < _DIGITS else ""

    def hints(self) -> list[KeyHint]:
        hints = []
        if self._entries:
            digits = sorted(digit for place in range(len(self._entries)) if (digit := self._digit(place)) > "0")
            if digits:
                hints.append(KeyHint(digits[0] if len(digits) == 1 else f"{digits[0]}-{digits[-1]}", _("open")))
            hints.append(KeyHint("Enter", _("open")))
        hints += [KeyHint(key, words) for key, (words, _do) in self._more.items()]
        return [*hints, KeyHint("◄", _("leave"))]

    def key(self, key: str, character: str | None) -> bool:
        if key in {"down", "up"} or character in {"j", "k"}:
            step = 1 if key == "down" or character == "j" else -1
            self.cursor = (self.cursor + step) % max(1, len(self._entries))
            self.changed()
            return True
        if key == "enter":
            self._choose(self.cursor)
            return True
        if character is not None and character.isdigit() and character.isascii():
            for place in range(len(self._entries)):
                if self._digit(place) == character:
                    self._choose(place)
                    break
            return True
        if character is not None and character in self._more:
            self.close()
            self._more[character][1]()
            return True
        return False

    def _choose(self, place: int) -> None:
        if place < len(self._entries):
            self.close()
            self._entries[place].chosen()
