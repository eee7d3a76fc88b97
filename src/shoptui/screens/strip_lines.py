"""Lines that strips have alike: a word and what it is about, the choices by digit, what the filter hides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.cellwidth import cell_width
from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.screens.lines import Line, fit_line, plain, text, wrap
from shoptui.widgets.roles import Role

#: Lines of a strip begin with a word of this width, or with as many blanks.
LEAD = " " * 11


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that a digit turns to its next value."""

    label: str
    value: str
    turn: Callable[[], None]


def labelled(label: str, words: str, role: Role = Role.TEXT) -> Line:
    """A line of a strip: a quiet word, then what it is about."""
    return text(f" {label}{' ' * max(1, len(LEAD) - 1 - cell_width(label))}", Role.QUIET), text(words, role)


def labelled_lines(label: str, words: str, width: int, role: Role = Role.TEXT, most: int | None = None) -> list[Line]:
    """The same for words that may take several lines, `most` at the most: what is cut ends with a sign of it."""
    lines = wrap(LEAD + words, width, role, indent=len(LEAD))
    if most is not None and len(lines) > most:
        last = "".join(piece.text for piece in lines[most - 1])
        lines = [*lines[: most - 1], fit_line(plain(f"{last} {lines[most][0].text.strip()}", role), width)]
    head = labelled(label, lines[0][0].text[len(LEAD) :], role)
    return [head, *lines[1:]]


def option_lines(options: Sequence[Option], width: int) -> list[Line]:
    """The choices there are with their digits, as many in a line as fit; none without any."""
    lines: list[Line] = []
    line: Line = (text(LEAD),)
    used = len(LEAD)
    for number, option in enumerate(options, start=1):
        words = f" {option.label}: {option.value}"
        cells = 4 + cell_width(words)
        if len(line) > 1 and used + cells > width:
            lines.append(line)
            line, used = (text(LEAD),), len(LEAD)
        gap = "   " if len(line) > 1 else ""
        line = (*line, text(f"{gap}{number}", Role.INFO), text(words))
        used += cells
    return [*lines, line] if len(line) > 1 else lines


def out_of_sight_lines(count: int) -> list[Line]:
    """That so many of what is marked are hidden by the filter; nothing for none."""
    if not count:
        return []
    words = _("{count} of the marked are out of sight: filtered out now")
    return [plain(" " + words.format(count=f"{count:,}"), Role.SOON)]
