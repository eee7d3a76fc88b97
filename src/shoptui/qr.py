"""Links as QR codes in half blocks: two modules above each other in one cell, with the quiet zone scanners need."""

from __future__ import annotations

#: Modules of quiet zone on each side: the standard says four, scanners make do with two, and lines are dear.
_QUIET_MODULES = 2


def qr_lines(link: str, *, draw_dark: bool) -> tuple[str, ...]:
    """The code as lines of half blocks, all equally wide.

    `draw_dark`: the dark modules are drawn and the light ones left to the ground, for dark text on a light ground; else
    the light ones are drawn, for light text on a dark ground.
    """
    import segno

    code = segno.make(link, error="l", boost_error=True, micro=False)
    rows = [list(row) for row in code.matrix_iter(border=_QUIET_MODULES)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        cells = zip(upper, lower, strict=True)
        lines.append("".join(_BLOCKS[bool(top) == draw_dark, bool(bottom) == draw_dark] for top, bottom in cells))
    return tuple(lines)


_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
