"""Reading what was sent, as far as marketplaces agree: pairs, digits, and the address that was called."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request


def is_digits(text: str) -> bool:
    """Whether the text is one or more of the digits 0 to 9 and nothing else."""
    return text.isascii() and text.isdigit()


def decoded(text: str) -> list[tuple[str, str]]:
    """The pairs of a query or of a form's body in their order, the empty ones too."""
    return parse_qsl(text, keep_blank_values=True)


def origin_of(request: Request) -> str:
    """Scheme and authority the caller used."""
    return f"{request.url.scheme}://{request.url.netloc}"
