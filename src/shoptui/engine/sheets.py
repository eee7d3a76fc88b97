"""Owns making one file for a printer of many documents: PDFs merged page by page, in order, unchanged in size.

Pure: bytes in, bytes out. A damaged document is named and left out; the others are printed without it.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from shoptui.queries.labels import StoredDocument

# Its warnings quote the document, and a label is a buyer's name and address: they belong in no log.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_HEAD = b"%PDF-"
_TAIL = b"%%EOF"
#: Where a PDF's first and last words may stand: readers allow that much around them (ISO 32000-1, annex H).
_AROUND = 1024

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_TAIL = b"IEND\xaeB`\x82"


class Way(StrEnum):
    """How a format gets to a printer."""

    #: Merged with its neighbours.
    MERGED = "merged"
    #: A job of its own, converted by CUPS.
    ALONE = "alone"
    #: A job of its own, in the printer's own language.
    RAW = "raw"


#: What is not in here cannot be printed: it can be saved and opened.
WAYS = {"pdf": Way.MERGED, "png": Way.ALONE, "zpl": Way.RAW}


class Damaged(ValueError):
    """A document that must not be printed; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A document that was left out: its place in the order given, and what is wrong with it."""

    place: int
    why: str


def check(document: StoredDocument) -> None:
    """Raise Damaged unless the bytes are those that came, and begin and end as their format does."""
    content = document.content
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise Damaged("its bytes have changed since they were fetched")
    if not content.strip():
        raise Damaged("it is empty")
    if document.format == "pdf":
        if _HEAD not in content[:_AROUND]:
            raise Damaged("it does not begin as a PDF")
        if _TAIL not in content[-_AROUND:]:
            raise Damaged("it ends early")
    elif document.format == "png":
        if not content.startswith(_PNG_HEAD):
            raise Damaged("it does not begin as a PNG picture")
        if not content.rstrip(b"\0").endswith(_PNG_TAIL):
            raise Damaged("it ends early")


def merge(parts: Sequence[bytes], out: BinaryIO) -> tuple[Bad, ...]:
    """Write one PDF of many into `out`, in the order given; returns those that were left out.

    Nothing is written when all were. Takes time in proportion to the pages: call it on a thread.
    """
    # Takes a sixth of a second to load, and many houses never print.
    from pypdf import PdfReader, PdfWriter

    bad = tuple(Bad(place, why) for place, content in enumerate(parts) if (why := _fault(content)))
    left_out = {one.place for one in bad}
    if len(left_out) < len(parts):
        writer = PdfWriter()
        for place, content in enumerate(parts):
            if place not in left_out:
                writer.append(PdfReader(io.BytesIO(content)), import_outline=False)
        writer.write(out)
    return bad


def pages(content: bytes) -> int:
    """How many pages a PDF has. Raises Damaged."""
    from pypdf import PdfReader

    if why := _fault(content):
        raise Damaged(why)
    return len(PdfReader(io.BytesIO(content)).pages)


def _fault(content: bytes) -> str:
    """Why a PDF cannot be printed, "" when it can."""
    from pypdf import PdfReader, PdfWriter

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return "it is locked with a password"
        found = list(reader.pages)
        for page in found:
            if page.mediabox.width <= 0 or page.mediabox.height <= 0:
                return "a page has no size"
            contents = page.get_contents()
            if contents is not None:
                contents.get_data()
        # Much is only looked at when it is written.
        alone = PdfWriter()
        alone.append(reader, import_outline=False)
        alone.write(io.BytesIO())
    except Exception as error:
        # A reader of other people's files fails in any way it likes, and the answer is always the same.
        return f"it cannot be read ({type(error).__name__})"
    return "" if found else "it has no page"


def in_jobs(sizes: Iterable[tuple[bool, int]], *, most: int, most_octets: int) -> list[tuple[int, ...]]:
    """Cut a list into jobs: places that go together, in order.

    `sizes` are (may be merged, octets) per document. What cannot be merged is a job of its own and keeps its place.
    """
    jobs: list[list[int]] = []
    octets = 0
    open_job = False
    for place, (merges, size) in enumerate(sizes):
        if not (merges and open_job and len(jobs[-1]) < most and octets + size <= most_octets):
            jobs.append([])
            octets = 0
        jobs[-1].append(place)
        octets += size
        open_job = merges
    return [tuple(job) for job in jobs]
