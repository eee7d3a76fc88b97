"""The header's numbers: counted by the engine when something changed, left in the cache for readers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from shoptui.domain.records import dataclass
from shoptui.store.database import transaction


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """Some of the numbers. `table` has one row with `columns`, in the order in which `count` gives them."""

    table: str
    columns: str
    count: Callable[[sqlite3.Connection, int], tuple[int, ...]]

    def keep(self, db: sqlite3.Connection, now: int) -> tuple[int, ...]:
        """Count as of `now` and leave the numbers for readers."""
        numbers = self.count(db, now)
        self.leave(db, numbers)
        return numbers

    def leave(self, db: sqlite3.Connection, numbers: tuple[int, ...]) -> bool:
        """Leave numbers for readers; whether they are others than before."""
        if self.kept(db) == numbers:
            return False
        marks = ", ?" * len(numbers)
        with transaction(db):
            db.execute(f"INSERT OR REPLACE INTO {self.table} (only, {self.columns}) VALUES (1{marks})", numbers)
        return True

    def kept(self, db: sqlite3.Connection) -> tuple[int, ...]:
        """The numbers the engine left last, zeros before it did."""
        row: tuple[int, ...] | None = db.execute(f"SELECT {self.columns} FROM {self.table}").fetchone()
        return (0,) * (self.columns.count(",") + 1) if row is None else row
