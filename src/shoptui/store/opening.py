"""Opening and closing the three databases: pragmas, checks, migrations, and what is left behind for readers."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from shoptui.paths import DataDir
from shoptui.store import files
from shoptui.store.cache_schema import CACHE_MIGRATIONS
from shoptui.store.database import Database, read_only_uri, translated
from shoptui.store.errors import CacheDamaged, LedgerDamaged, damaged_sentence
from shoptui.store.ledger_schema import LEDGER_MIGRATIONS, VAULT_MIGRATIONS
from shoptui.store.migrations import Migration, migrate

#: Raised with every migration of any of the three files; `protocol.SCHEMA` says the same to those who have no store.
SCHEMA_VERSION = len(CACHE_MIGRATIONS) + len(LEDGER_MIGRATIONS) + len(VAULT_MIGRATIONS)

_WRITER_CACHE_KIB = 64 * 1024
_JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024
# Fewer, larger checkpoints: pages written many times in a burst are copied once.
_CHECKPOINT_PAGES = 8000

_CLEAN = "closed_cleanly"

# A crash does not damage a write-ahead log, a failing disk may. After an unclean stop the cache is looked through for
# as long as an operator hardly notices (a gigabyte takes ten times as long); all of it when it was found damaged.
_CHECK_S = 1.5
_CHECK_STEPS = 1000


async def open_ledger(data_dir: DataDir, now: int) -> tuple[Database, list[str]]:
    """The ledger, checked and migrated. Raises LedgerDamaged when it is not whole or has gone missing."""
    return await _open_kept(data_dir, data_dir.ledger, LEDGER_MIGRATIONS, now, private=False)


async def open_vault(data_dir: DataDir, now: int) -> tuple[Database, list[str]]:
    """The vault, checked and migrated; nobody else may read it. Raises LedgerDamaged like the ledger."""
    return await _open_kept(data_dir, data_dir.vault, VAULT_MIGRATIONS, now, private=True)


def refuse_lost_ledger(data_dir: DataDir) -> None:
    """Raise LedgerDamaged when the cache is there and the ledger is not: promises were lost with it."""
    if _has_content(data_dir.cache) and not _has_content(data_dir.ledger):
        raise LedgerDamaged(
            f"{data_dir.ledger.name} is missing or empty, but {data_dir.cache.name} is there. "
            f"Put back the newest backup of {data_dir.ledger.name}; to start a house from nothing, "
            f"remove {data_dir.cache.name} first."
        )


async def open_cache(data_dir: DataDir, now: int) -> tuple[Database, list[str], bool]:
    """The cache, migrated; a damaged one is put aside and built anew. The last value says whether it was."""
    try:
        database, ran = await _open_cache(data_dir, now)
        return database, ran, False
    except CacheDamaged:
        files.put_aside(data_dir.cache, now)
        data_dir.cache.with_name(f"{data_dir.cache.name}.suspect").unlink(missing_ok=True)
        database, ran = await _open_cache(data_dir, now)
        return database, ran, True


def make_empty_cache(path: Path, now: int) -> None:
    """A cache without an order, closed in good order, that can be read before an engine has ever opened it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, CACHE_MIGRATIONS, path, now)
        _set_clean(db, True)


async def close(database: Database, *, for_readers: bool) -> None:
    """Close a writer's database.

    SQLite removes the write-ahead log with the last connection, and a reader that may not write cannot open the file
    without it. A read-only connection that is closed last cannot remove anything, so the files stay.
    """
    with translated(database.path):
        last = sqlite3.connect(read_only_uri(database.path), uri=True, isolation_level=None) if for_readers else None
        try:
            if last is not None:
                last.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            try:
                await database.run(_checkpoint)
            finally:
                await database.close()
        finally:
            if last is not None:
                last.close()


async def mark_clean(cache: Database) -> None:
    """Note that the cache was closed in good order: the next start needs no full check."""
    await cache.run(_set_clean, True)


def _checkpoint(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA optimize")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


async def _open_kept(
    data_dir: DataDir, path: Path, migrations: tuple[Migration, ...], now: int, *, private: bool
) -> tuple[Database, list[str]]:
    files.prepare_file(path, files.mode_for(data_dir, private=private))
    ran: list[str] = []

    def prepare(db: sqlite3.Connection) -> None:
        _pragmas(db, synchronous="FULL")
        db.execute("PRAGMA foreign_keys = ON")
        finding = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if finding != "ok":
            raise LedgerDamaged(damaged_sentence(path, str(finding).splitlines()[-1]))
        ran.extend(migrate(db, migrations, path, now))

    return await Database.open(path, prepare), ran


async def _open_cache(data_dir: DataDir, now: int) -> tuple[Database, list[str]]:
    path = data_dir.cache
    damage_mark = path.with_name(f"{path.name}.suspect")
    files.prepare_file(path, files.mode_for(data_dir, private=False))
    ran: list[str] = []

    def prepare(db: sqlite3.Connection) -> None:
        _pragmas(db, synchronous="NORMAL")
        # Names and addresses are masked in the cache, buyers' words are not: what is deleted is overwritten where that
        # costs no page more. Forgetting a buyer overwrites all of it (erasure).
        db.execute("PRAGMA secure_delete = FAST")
        if damage_mark.exists():
            _check_cache(db, within_s=None)
        elif not _was_clean(db):
            _check_cache(db, within_s=_CHECK_S)
        ran.extend(migrate(db, CACHE_MIGRATIONS, path, now))
        _set_clean(db, False)
        damage_mark.unlink(missing_ok=True)

    database = await Database.open(path, prepare)
    database.damage_mark = damage_mark
    return database, ran


def _check_cache(db: sqlite3.Connection, *, within_s: float | None) -> None:
    """Raise CacheDamaged when the file is; None looks at all of it, otherwise at what can be seen in that time."""
    if within_s is not None:
        end = time.monotonic() + within_s
        db.set_progress_handler(lambda: time.monotonic() > end, _CHECK_STEPS)
    try:
        finding = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return
    finally:
        db.set_progress_handler(None, 0)
    if finding != "ok":
        raise CacheDamaged(f"cache.db is damaged: {finding}")


def _pragmas(db: sqlite3.Connection, *, synchronous: str) -> None:
    for pragma in (
        "journal_mode = WAL",
        f"synchronous = {synchronous}",
        f"cache_size = -{_WRITER_CACHE_KIB}",
        f"journal_size_limit = {_JOURNAL_LIMIT_BYTES}",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        "temp_store = MEMORY",
        # A file that was tampered with must not run functions through its schema (sqlite.org/security.html).
        "trusted_schema = OFF",
    ):
        db.execute(f"PRAGMA {pragma}")


def _was_clean(db: sqlite3.Connection) -> bool:
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone() is None:
        return False
    row = db.execute("SELECT value FROM meta WHERE name = ?", (_CLEAN,)).fetchone()
    return row is not None and row[0] == 1


def _set_clean(db: sqlite3.Connection, clean: bool) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_CLEAN, int(clean)))
