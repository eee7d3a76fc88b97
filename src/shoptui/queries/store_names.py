"""Which names a pattern of `*` and `?` in a filter means, and which stores."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache


@lru_cache(64)
def matcher(glob: str) -> Callable[[str], re.Match[str] | None]:
    """Whether a text matches a pattern of `*` and `?`."""
    text = re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
    # Case is ignored for ASCII letters alone, as SQL's LIKE does.
    return re.compile(text, re.IGNORECASE | re.ASCII | re.DOTALL).fullmatch


def store_matches(pattern: str, store_id: str) -> bool:
    """`tt-uk-*` and `uk-*` both mean `tt-uk-1`: the marketplace in front may be left out."""
    matches = matcher(pattern)
    _, _, behind = store_id.partition("-")
    return matches(store_id) is not None or (behind != "" and matches(behind) is not None)
