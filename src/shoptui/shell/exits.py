"""Exit codes that scripts can rely on; the README lists them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """0 all well · 1 something ordered failed · 2 wrong usage or filter · 3 nothing matched, or nothing could be done ·
    4 no engine to be had · 5 ordered, but some of it is not decided yet · 6 not allowed."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOTHING = 3
    NO_ENGINE = 4
    UNDECIDED = 5
    NOT_ALLOWED = 6
