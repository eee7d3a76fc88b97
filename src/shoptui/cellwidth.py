"""How many terminal cells a text takes, and the one way to fit it into a given number of them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from rich.cells import cell_len, split_graphemes

Align = Literal["left", "right", "center"]

ELLIPSIS: Final = "…"

# Controls have no width and would reach the terminal as they are. Outside text is cleaned at the adapter edge; here
# is the last place before the screen, so nothing that slipped through may move the cursor.
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Joiners, the emoji variation selector and skin tones: terminals and Rich disagree on the width of what they make.
_JOINERS = "\u200b-\u200d\u2060\ufeff\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
_UNSAFE = re.compile(f"[{_CONTROLS}{_JOINERS}]")
_SPACES = "\t\n\r\u2028\u2029"


def cell_width(text: str) -> int:
    """The cells `text` takes on the screen as Rich counts them; controls take none."""
    return cell_len(text)


@lru_cache(maxsize=8192)
def fit(text: str, width: int, align: Align = "left", ellipsis: str = ELLIPSIS) -> str:
    """`text` cut or padded to exactly `width` cells.

    A cut text ends in `ellipsis` (one cell; "" cuts without a sign). Where a wide character straddles the cut, a
    space takes the cell that is left over. Tabs and line breaks become spaces; other controls and what changes the
    width of an emoji vanish; a combining mark without a base gets a space to sit on, so that it cannot join the
    neighbouring cell. A `width` of 0 or less gives an empty text.
    """
    if width <= 0:
        return ""
    text = _drawable(text)
    size = cell_len(text)
    if size > width:
        sign = ellipsis if cell_len(ellipsis) <= width else ""
        head, _rest = cut_cells(text, width - cell_len(sign))
        return head + sign + " " * (width - cell_len(head + sign))
    missing = width - size
    if align == "right":
        return " " * missing + text
    if align == "center":
        left = missing // 2
        return " " * left + text + " " * (missing - left)
    return text + " " * missing


def cut_cells(text: str, width: int) -> tuple[str, str]:
    """Split `text` after the last whole character that ends within `width` cells; nothing is lost or padded."""
    spans, total = split_graphemes(text)
    if total <= width:
        return text, ""
    taken = 0
    for start, _end, cells in spans:
        if taken + cells > width:
            return text[:start], text[start:]
        taken += cells
    return text, ""


def _drawable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _UNSAFE.sub(lambda found: " " if found[0] in _SPACES else "", text)
    if text and cell_len(text[0]) == 0:
        return " " + text
    return text


def wrap_cells(words: str, width: int, indent: int = 0, *, cut: bool = True) -> list[str]:
    """Words broken into lines of at most `width` cells; later lines start with `indent` blanks.

    Breaks at blanks. A run without blanks (Chinese, Thai, a long number) is cut where the line ends, or with `cut` off
    left whole, so that an address can still be copied.
    """
    lines: list[str] = []
    for paragraph in words.splitlines() or [""]:
        current = paragraph[: len(paragraph) - len(paragraph.lstrip(" "))]
        for word in paragraph.lstrip(" ").split(" "):
            candidate = f"{current} {word}" if current.strip() else current + word
            if cell_width(candidate) <= width:
                current = candidate
                continue
            if current.strip():
                lines.append(current)
            current = " " * indent + word
            while cut and cell_width(current) > width:
                head, current = cut_cells(current, width)
                if not head:
                    break
                lines.append(head)
                current = " " * indent + current
        lines.append(current)
    return lines
