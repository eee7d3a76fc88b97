"""The header's numbers of pools."""

from __future__ import annotations

import sqlite3

from shoptui.domain.clocks import HOUR_S
from shoptui.store.kept_counts import KeptCounts


def count_hot(db: sqlite3.Connection, now: int) -> tuple[int, int]:
    """Pools sold beyond what there is, and pools that run out or get there within two hours."""
    row = db.execute(
        """
        SELECT count(*) FILTER (WHERE missed_group = 0), count(*) FILTER (WHERE next_at > ? AND next_at <= ?)
        FROM pool INDEXED BY pool_by_loss WHERE missed_group = 0 OR (missed_group = 1 AND next_at <= ?)
        """,
        (now, now + 2 * HOUR_S, now + 2 * HOUR_S),
    ).fetchone()
    return int(row[0]), int(row[1])


STOCK_COUNTS = KeptCounts("kept_stock_counts", "missed, under_2h", count_hot)
