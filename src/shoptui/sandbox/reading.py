"""Reading what was sent, as far as marketplaces agree: pairs, digits, and the address that was called."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from starlette.requests import Request


def is_digits(text: str) -> bool:
    """Whether the text is one or more of the digits 0 to 9 and nothing else."""
    return text.isascii() and text.isdigit()


Window = tuple[int | None, int | None]
"""From when until when (epoch s); None leaves an end open."""


def within(at: int, window: Window) -> bool:
    """Whether a moment lies in a window whose end no longer belongs to it."""
    low, high = window
    return (low is None or at >= low) and (high is None or at < high)


def within_both(at: int, window: Window) -> bool:
    """Whether a moment lies in a window to which both ends belong."""
    low, high = window
    return (low is None or at >= low) and (high is None or at <= high)


def decoded(text: str) -> list[tuple[str, str]]:
    """The pairs of a query or of a form's body in their order, the empty ones too."""
    return parse_qsl(text, keep_blank_values=True)


def parts_of(body: bytes, content_type: str) -> dict[str, bytes]:
    """The parts of a multipart body by name, the files among them as they came; empty for any other body."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        return {}
    head = b"content-type: " + content_type.encode("latin-1") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    found: dict[str, bytes] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = content
    return found


def origin_of(request: Request) -> str:
    """Scheme and authority the caller used."""
    return f"{request.url.scheme}://{request.url.netloc}"
