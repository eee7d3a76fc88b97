"""The header's numbers of pools: counted by the engine, left in the cache for readers."""

from __future__ import annotations

import sqlite3

from shoptui.domain.clocks import HOUR_S
from shoptui.store.database import transaction


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


def keep_counts(db: sqlite3.Connection, now: int) -> tuple[int, int]:
    """Count as `count_hot` does and leave the numbers for readers."""
    numbers = count_hot(db, now)
    if kept_counts(db) != numbers:
        with transaction(db):
            db.execute("INSERT OR REPLACE INTO kept_stock_counts VALUES (1, ?, ?)", numbers)
    return numbers


def kept_counts(db: sqlite3.Connection) -> tuple[int, int]:
    """The numbers the engine left last, zeros before it did."""
    row = db.execute("SELECT missed, under_2h FROM kept_stock_counts").fetchone()
    return (0, 0) if row is None else (row[0], row[1])
