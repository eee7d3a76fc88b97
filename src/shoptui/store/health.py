"""Looking the databases through from outside, beside a running engine and without changing anything."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from shoptui.paths import DataDir
from shoptui.store.database import read_only_uri

#: The cache is looked at for so long, seconds: all of a big one takes minutes, and it is rebuilt when it breaks.
_CACHE_WITHIN_S = 3.0
_KEPT_WITHIN_S = 30.0
_STEPS = 1000


def look_through(data_dir: DataDir) -> dict[str, str | None]:
    """For each database "" when it is whole, None when it is not there or may not be read, else what is wrong."""
    return {
        data_dir.ledger.name: _look(data_dir.ledger, _KEPT_WITHIN_S),
        data_dir.vault.name: _look(data_dir.vault, _KEPT_WITHIN_S),
        data_dir.cache.name: _look(data_dir.cache, _CACHE_WITHIN_S),
    }


def _look(path: Path, within_s: float) -> str | None:
    if not os.access(path, os.R_OK) or not path.stat().st_size:
        return None
    end_at = time.monotonic() + within_s
    try:
        with closing(sqlite3.connect(read_only_uri(path), uri=True, isolation_level=None, timeout=1.0)) as db:
            db.set_progress_handler(lambda: time.monotonic() > end_at, _STEPS)
            found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            # Nothing was wrong with as much as could be seen in that time.
            return ""
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY):
            return None
        return str(error)
    return "" if found == "ok" else found.splitlines()[-1]
