"""What can go wrong with the databases, each with the sentence an operator reads.

```
StoreError
├── NoHouse             there is nothing to read yet
├── WrongFileSystem     the data directory lies on a network file system
├── SchemaTooNew        a newer shoptui wrote these files
├── SchemaTooOld        the engine that owns these files is older than this program
├── LedgerDamaged       the ledger or the vault cannot be read; nothing is guessed
├── CacheDamaged        the cache broke while in use; it is rebuilt at the next start
├── DiskFull            nothing more can be written; what was being written is undone
└── DatabaseBusy        another process kept the file locked for too long
```
"""

from __future__ import annotations

import sqlite3
from pathlib import Path


class StoreError(Exception):
    """Base of all errors of the store; the message is a sentence for people."""


class NoHouse(StoreError):
    """There is no house at this place yet."""


class WrongFileSystem(StoreError):
    """The directory is on a file system on which SQLite's locks do not hold."""


class SchemaTooNew(StoreError):
    """The files were written by a newer shoptui."""


class SchemaTooOld(StoreError):
    """The files were written by an older shoptui whose engine still has to make way."""


class LedgerDamaged(StoreError):
    """What cannot be rebuilt is damaged; only a backup helps."""


class CacheDamaged(StoreError):
    """The cache is damaged; it can be rebuilt from the marketplaces."""


class DiskFull(StoreError):
    """The disk, or the room the file may take, is full. The transaction was rolled back."""


class DatabaseBusy(StoreError):
    """A lock was not given up in time. The transaction was rolled back."""


class Interrupted(StoreError):
    """A query was stopped because its answer is no longer wanted."""


_FULL = sqlite3.SQLITE_FULL
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def translate(error: sqlite3.Error, path: Path) -> StoreError | None:
    """Our error for one of SQLite's, None for what is a mistake in the program and must stay visible as it is."""
    # Extended codes keep the primary code in the low byte (sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary == _FULL:
        return DiskFull(
            f"The disk is full: {path.name} could not be written and nothing was changed. "
            f"Make room on the disk of {path.parent}; the engine tries again by itself."
        )
    if primary in _BUSY:
        return DatabaseBusy(f"{path.name} is locked by another program. Close what else has it open, then try again.")
    if primary in _DAMAGED:
        if path.name.startswith("cache"):
            return CacheDamaged(
                "cache.db is damaged. Restart the engine: it looks the file through and reads all of it "
                "anew. If that does not help, stop the engine and remove cache.db."
            )
        return LedgerDamaged(damaged_sentence(path, str(error)))
    if primary == sqlite3.SQLITE_INTERRUPT:
        return Interrupted("The query was stopped.")
    return None


def damaged_sentence(path: Path, finding: str) -> str:
    """What to do about a database that cannot be rebuilt."""
    return (
        f"{path.name} is damaged ({finding}). Nothing was changed. Copy {path.parent} to a safe place, "
        f"then put back the newest backup of {path.name} and start again."
    )
