"""What a reader takes for one character: where it begins and ends among the characters of a text, and what Backspace
takes of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

JOINER = "\u200d"
#: What changes the character before it without being one: variation selectors, the keycap, skin tones.
_CHANGERS = frozenset("\ufe0e\ufe0f\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_FLAG_FIRST, _FLAG_LAST = "\U0001f1e6", "\U0001f1ff"


def next_boundary(line: str, column: int) -> int:
    """Where what begins at or around `column` ends; the line's length at its end."""
    return next((end for _start, end in _clusters(line) if end > column), len(line))


def previous_boundary(line: str, column: int) -> int:
    """Where what ends at or around `column` begins; 0 at the line's beginning."""
    return max((start for start, _end in _clusters(line) if start < column), default=0)


def backspace_to(line: str, column: int) -> int:
    """What Backspace leaves in front of `column`: an emoji goes as a whole, of a letter its last mark first."""
    if not column:
        return 0
    last = line[column - 1]
    if _is_mark(last) and last not in _CHANGERS:
        return column - 1
    return previous_boundary(line, column)


def _clusters(line: str) -> Iterator[tuple[int, int]]:
    at, length = 0, len(line)
    while at < length:
        start = at
        at += 1
        if _is_flag_half(line[start]) and at < length and _is_flag_half(line[at]):
            at += 1
        while at < length:
            if _is_mark(line[at]):
                at += 1
            elif line[at] == JOINER:
                at = min(at + 2, length)
            else:
                break
        yield start, at


def _is_mark(char: str) -> bool:
    return char in _CHANGERS or unicodedata.category(char) in ("Mn", "Me")


def _is_flag_half(char: str) -> bool:
    return _FLAG_FIRST <= char <= _FLAG_LAST
