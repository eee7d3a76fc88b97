"""Named migrations: each runs once, in its own transaction, together with the record that it ran."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from shoptui.domain.records import dataclass
from shoptui.store.database import transaction
from shoptui.store.errors import SchemaTooNew, SchemaTooOld

_RECORD = "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema. `name` is for ever; `statements` run in order, then `fill`, for what SQL cannot say."""

    name: str
    statements: tuple[str, ...]
    fill: Callable[[sqlite3.Connection], None] | None = None


def applied(db: sqlite3.Connection, schema: str = "main") -> list[str]:
    """The names of the migrations a database has, oldest first; empty for a file that has none yet."""
    known = db.execute(f"SELECT 1 FROM {schema}.sqlite_schema WHERE type = 'table' AND name = 'migration'").fetchone()
    if known is None:
        return []
    return [name for (name,) in db.execute(f"SELECT name FROM {schema}.migration ORDER BY rowid")]


def refuse_newer(db: sqlite3.Connection, migrations: Sequence[Migration], path: Path, schema: str = "main") -> None:
    """Raise SchemaTooNew when the file has a migration this program does not know."""
    strange = set(applied(db, schema)) - {migration.name for migration in migrations}
    if strange:
        raise SchemaTooNew(
            f"{path.name} was written by a newer shoptui ({', '.join(sorted(strange))}). "
            "Update shoptui on this machine, then start again."
        )


def refuse_older(db: sqlite3.Connection, migrations: Sequence[Migration], path: Path, schema: str = "main") -> None:
    """Raise SchemaTooOld when the file lacks a migration: its engine is older than this program."""
    done = set(applied(db, schema))
    missing = [migration.name for migration in migrations if migration.name not in done]
    if missing:
        raise SchemaTooOld(
            f"{path.name} belongs to an older shoptui ({', '.join(missing)} is missing). "
            "Restart the engine with this version."
        )


def migrate(db: sqlite3.Connection, migrations: Sequence[Migration], path: Path, now: int) -> list[str]:
    """Bring a database up to date; returns the names of what ran. Raises SchemaTooNew before touching anything."""
    refuse_newer(db, migrations, path)
    db.execute(_RECORD)
    done = set(applied(db))
    ran = []
    for migration in migrations:
        if migration.name in done:
            continue
        with transaction(db):
            # Two programs may open the same file at once; whoever comes second finds it done.
            if migration.name in applied(db):
                continue
            for statement in migration.statements:
                db.execute(statement)
            if migration.fill is not None:
                migration.fill(db)
            db.execute("INSERT INTO migration (name, applied_at) VALUES (?, ?)", (migration.name, now))
        ran.append(migration.name)
    return ran
