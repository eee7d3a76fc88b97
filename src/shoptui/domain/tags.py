"""What a tag looks like: one word in small letters, so that it can be typed in a filter."""

from __future__ import annotations


def normal_tag(tag: str) -> str:
    """A tag as it is kept and shown: `Gift wrap` → `gift-wrap`. "" when nothing of it is left."""
    return "-".join(tag.casefold().split())
