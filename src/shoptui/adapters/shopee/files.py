"""What a downloaded shipping document is: told by its first bytes, and opened where PDFs come packed in a ZIP."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from shoptui.adapters.base import Effect, Malformed

#: What a ZIP of labels may come to: far above what 50 labels need, far below what would fill the memory.
_FILES_MAX = 200
_UNPACKED_MAX = 32 * 1024 * 1024

# A PDF's mark may follow a few stray bytes.
_MARK_WITHIN = 1024
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class File:
    """`format` is `pdf`, `zpl`, `png`, `html` or `zip`."""

    format: str
    content: bytes


def read_file(content: bytes) -> File:
    """The document as it is; a ZIP of nothing but PDFs as one PDF. Raises Malformed for what is no document."""
    if content.startswith(b"PK\x03\x04"):
        return _unpacked(content)
    kind = _kind(content)
    if not kind:
        raise Malformed("Shopee sent something that is no label", effect=Effect.NONE)
    return File(kind, content)


def _kind(content: bytes) -> str:
    if b"%PDF-" in content[:_MARK_WITHIN]:
        return "pdf"
    if content.startswith(_PNG):
        return "png"
    start = content[:_MARK_WITHIN].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"^xa", b"ct~~cd", b"~dg")):
        return "zpl"
    return "html" if start.startswith((b"<!doctype html", b"<html")) else ""


def _unpacked(content: bytes) -> File:
    """The PDFs of a ZIP in the order in which they lie there; a ZIP with anything else in it stays as it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if not entries:
                raise Malformed("Shopee sent an empty ZIP", effect=Effect.NONE)
            if len(entries) > _FILES_MAX or sum(entry.file_size for entry in entries) > _UNPACKED_MAX:
                raise Malformed("Shopee sent a ZIP that is too large to be labels", effect=Effect.NONE)
            parts = [archive.read(entry) for entry in entries]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        raise Malformed(
            f"Shopee sent a ZIP that cannot be opened ({type(error).__name__})", effect=Effect.NONE
        ) from None
    if any(_kind(part) != "pdf" for part in parts):
        return File("zip", content)
    return File("pdf", parts[0] if len(parts) == 1 else _merged(parts))


def _merged(parts: list[bytes]) -> bytes:
    # Labels in a ZIP are rare; an engine that meets none starts without it.
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError

    writer = PdfWriter()
    try:
        for part in parts:
            writer.append(PdfReader(io.BytesIO(part)))
        held = io.BytesIO()
        writer.write(held)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"Shopee sent a PDF that cannot be read ({type(error).__name__})", effect=Effect.NONE) from None
    return held.getvalue()
