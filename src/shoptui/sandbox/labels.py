"""Label bytes: small PDF pages and pictures with a scannable Code 39 bar of the tracking number."""

from __future__ import annotations

import struct
import zlib

_PATTERNS = {
    "0": "nnnwwnwnn", "1": "wnnwnnnnw", "2": "nnwwnnnnw", "3": "wnwwnnnnn", "4": "nnnwwnnnw", "5": "wnnwwnnnn",
    "6": "nnwwwnnnn", "7": "nnnwnnwnw", "8": "wnnwnnwnn", "9": "nnwwnnwnn", "A": "wnnnnwnnw", "B": "nnwnnwnnw",
    "C": "wnwnnwnnn", "D": "nnnnwwnnw", "E": "wnnnwwnnn", "F": "nnwnwwnnn", "G": "nnnnnwwnw", "H": "wnnnnwwnn",
    "I": "nnwnnwwnn", "J": "nnnnwwwnn", "K": "wnnnnnnww", "L": "nnwnnnnww", "M": "wnwnnnnwn", "N": "nnnnwnnww",
    "O": "wnnnwnnwn", "P": "nnwnwnnwn", "Q": "nnnnnnwww", "R": "wnnnnnwwn", "S": "nnwnnnwwn", "T": "nnnnwnwwn",
    "U": "wwnnnnnnw", "V": "nwwnnnnnw", "W": "wwwnnnnnn", "X": "nwnnwnnnw", "Y": "wwnnwnnnn", "Z": "nwwnwnnnn",
    "-": "nwnnnnwnw", ".": "wwnnnnwnn", "*": "nwnnwnwnn",
}  # fmt: skip
_WIDE = 3

SIZES = {"A6": (298, 420), "A5": (420, 595), "A4": (595, 842)}
"""Page sizes in points."""


def bars(text: str) -> list[tuple[int, int]]:
    """Code 39 bars of the text as (offset, width) in narrow units; other characters are left out."""
    found: list[tuple[int, int]] = []
    at = 0
    for char in f"*{''.join(one for one in text.upper() if one in _PATTERNS and one != '*')}*":
        for place, kind in enumerate(_PATTERNS[char]):
            width = _WIDE if kind == "w" else 1
            if place % 2 == 0:
                found.append((at, width))
            at += width
        at += 1
    return found


def _ascii(text: str) -> str:
    printable = "".join(char if " " <= char <= "~" else "?" for char in text)
    return printable.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def pdf(pages: list[tuple[str, list[str]]], size: str) -> bytes:
    """A PDF with one page per (bar text, lines of text); page size by name, empty bar text draws no bar."""
    width, height = SIZES[size]
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids: list[str] = []
    for code, lines in pages:
        stream = _page(code, lines, width, height).encode("ascii")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets: list[int] = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _page(code: str, lines: list[str], width: int, height: int) -> str:
    parts: list[str] = [f"1 w 10 10 {width - 20} {height - 20} re S"]
    y = height - 40
    if code:
        found = bars(code)
        unit = (width - 60) / (found[-1][0] + found[-1][1])
        parts += [f"{30 + at * unit:.2f} {y - 50} {wide * unit:.2f} 60 re f" for at, wide in found]
        y -= 75
    for number, line in enumerate(lines):
        size = 11 if number == 0 else 8
        parts.append(f"BT /F1 {size} Tf 30 {y} Td ({_ascii(line)}) Tj ET")
        y -= size + 6
    return "\n".join(parts)


def png(code: str) -> bytes:
    """A grey-scale picture of the bar, 80 pixels high."""
    found = bars(code)
    width = (found[-1][0] + found[-1][1]) * 2 + 40
    row = bytearray(b"\xff" * width)
    for at, wide in found:
        row[20 + at * 2 : 20 + (at + wide) * 2] = b"\x00" * (wide * 2)
    blank = b"\x00" + b"\xff" * width
    raw = blank * 20 + (b"\x00" + bytes(row)) * 80 + blank * 20
    header = struct.pack(">IIBBBBB", width, 120, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
