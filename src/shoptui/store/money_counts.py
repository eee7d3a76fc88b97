"""How many stores have money whose clock ran out or soon does: clocks are worked out as balances are read, and kept."""

from __future__ import annotations

import sqlite3

from shoptui.store.kept_counts import KeptCounts


def _as_kept(db: sqlite3.Connection, now: int) -> tuple[int, ...]:
    """What the engine left: only who reads the balances can count anew."""
    return MONEY_COUNTS.kept(db)


MONEY_COUNTS = KeptCounts("kept_money_counts", "missed, under_2h", _as_kept)
