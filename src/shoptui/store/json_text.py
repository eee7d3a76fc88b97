"""Long JSON texts that SQLite made, read quickly."""

from __future__ import annotations

from functools import cache
from typing import Any


def parsed(text: str) -> Any:
    """What the text holds. Raises ValueError for what is no JSON."""
    return _decoder().decode(text)


@cache
def _decoder() -> Any:
    # A cockpit that reads no such text does not spend a part of its start on this.
    import msgspec

    return msgspec.json.Decoder()
