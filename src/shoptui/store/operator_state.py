"""An operator's own small database: how the cockpit was left, so that it comes back the same.

Its calls block for as long as a small write takes. Call them from a worker thread; any thread will do.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from shoptui.store import files
from shoptui.store.database import BUSY_MS, transaction, translated
from shoptui.store.errors import LedgerDamaged
from shoptui.store.migrations import Migration, migrate

STATE_MIGRATIONS = (
    Migration(
        "0001 documents",
        (
            """
            CREATE TABLE document (
                name TEXT PRIMARY KEY,
                body TEXT NOT NULL,
                saved_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
        ),
    ),
)


class OperatorState:
    """Named documents of one operator. Several cockpits of the operator may have it open; the last save counts.

    `rebuilt` is True when a damaged file was put aside and the operator starts with the usual views.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, rebuilt: bool) -> None:
        self._db = connection
        self._path = path
        self._lock = threading.Lock()
        self.rebuilt = rebuilt

    @classmethod
    def open(cls, path: Path, now: int) -> OperatorState:
        """Open the operator's state, making it where there is none.

        A damaged file is put aside as `<name>.damaged-<now>`: it holds nothing that cannot be set again.
        Raises SchemaTooNew when a newer shoptui wrote it.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return cls(_connect(path, now), path, rebuilt=False)
        except LedgerDamaged:
            files.put_aside(path, now)
            return cls(_connect(path, now), path, rebuilt=True)

    def load(self, name: str) -> str | None:
        """A document, None when it was never saved."""
        with self._lock, translated(self._path):
            row = self._db.execute("SELECT body FROM document WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def save(self, name: str, body: str, now: int) -> None:
        """Keep a document; on the disk soon, not at once: losing the last second's cursor costs nothing."""
        with self._lock, translated(self._path), transaction(self._db):
            self._db.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (name, body, now))

    def close(self) -> None:
        """Close the file."""
        with self._lock, translated(self._path):
            self._db.close()


def _connect(path: Path, now: int) -> sqlite3.Connection:
    files.prepare_file(path, 0o600)
    db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000, check_same_thread=False)
    try:
        with translated(path):
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            migrate(db, STATE_MIGRATIONS, path, now)
    except BaseException:
        db.close()
        raise
    return db
