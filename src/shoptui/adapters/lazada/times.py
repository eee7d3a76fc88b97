"""Lazada's ways of writing a moment, as epoch seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from shoptui.adapters.records import YEAR_3000

_USUAL_CHARS = len("2026-01-05 09:14:22 +0800")
_BLANK_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)")
#: Larger numbers are milliseconds; some APIs send seconds where the documents say milliseconds (sheet, section 5.6).
_MILLIS_FROM = 10**11


# A store's month is listed before its items are read: what was read of its orders is still known then.
@lru_cache(maxsize=32_768)
def moment(text: str, offset_s: int) -> int:
    """`2026-01-05 09:14:22 +0800`, `2026-01-07T23:59:59+08:00`, or without an offset: then in the venture's own time.

    Raises ValueError for anything else.
    """
    # The usual form, taken apart without a search.
    usual = len(text) == _USUAL_CHARS and text[19] == " "
    try:
        found = datetime.fromisoformat(text[:19] + text[20:] if usual else _BLANK_BEFORE_OFFSET.sub("", text.strip()))
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no time of Lazada's") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=timezone(timedelta(seconds=offset_s)))
    return int(found.timestamp())


def from_number(number: int | None) -> int | None:
    """Milliseconds, or seconds, as seconds; None for none, for 0 and for what is no moment."""
    if number is None or number <= 0:
        return None
    seconds = number // 1000 if number >= _MILLIS_FROM else number
    return seconds if seconds < YEAR_3000 else None


def wire_time(at: int, offset_s: int) -> str:
    """A moment as parameters want it: ISO 8601 in the venture's time, with its offset."""
    return datetime.fromtimestamp(at, UTC).astimezone(timezone(timedelta(seconds=offset_s))).isoformat()
