"""One SQLite connection on its own thread: whole functions run there, so that a transaction is one hop, not many."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import quote

import aiosqlite

from shoptui.store.errors import CacheDamaged, StoreError, translate

P = ParamSpec("P")
T = TypeVar("T")

#: How long a statement waits for a lock before it gives up.
BUSY_MS = 5000


def read_only_uri(path: Path) -> str:
    """The address that opens a database for reading. Never `immutable`: the engine is writing to it."""
    return f"file:{quote(str(path))}?mode=ro"


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE … COMMIT; anything raised inside undoes all of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # SQLite may have rolled back by itself already, for instance when the disk is full.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        ours = translate(error, path)
        if ours is None:
            raise
        raise ours from error


class Database:
    """A connection and its thread.

    Cancelling an awaited call does not stop the statement: a write still commits or rolls back as a whole. A read that
    nobody wants any more is stopped with `interrupt`.
    """

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path
        #: Made when the file turns out damaged while in use, so that the next start looks it through; None: not done.
        self.damage_mark: Path | None = None

    @classmethod
    async def open(cls, path: Path, prepare: Callable[[sqlite3.Connection], T], *, read_only: bool = False) -> Database:
        """Open `path` and run `prepare` on the connection's thread (pragmas, migrations, checks)."""
        address = read_only_uri(path) if read_only else f"file:{quote(str(path))}?mode=rw"
        connection = aiosqlite.connect(
            address, uri=True, isolation_level=None, timeout=BUSY_MS / 1000, cached_statements=256
        )
        # A reader loses nothing when its process ends, so a list that is still being read must not keep it alive.
        cast(Any, connection)._thread.daemon = read_only
        with translated(path):
            await connection
        database = cls(connection, path)
        try:
            await database.run(prepare)
        except BaseException:
            await database.close()
            raise
        return database

    async def run(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function(connection, …)` on the connection's thread and return its answer."""
        raw = self._raw
        path = self.path

        def call() -> T:
            try:
                with translated(path):
                    return function(raw, *args, **kwargs)
            except CacheDamaged:
                if self.damage_mark is not None:
                    self.damage_mark.touch()
                raise

        # aiosqlite offers single statements only; its queue to the thread is what keeps whole functions in order.
        execute = cast("Callable[[Callable[[], T]], Awaitable[T]]", cast(Any, self._connection)._execute)
        return await execute(call)

    @property
    def _raw(self) -> sqlite3.Connection:
        raw = cast(Any, self._connection)._connection
        if raw is None:
            raise StoreError(f"{self.path.name} has been closed.")
        return cast(sqlite3.Connection, raw)

    def interrupt(self) -> None:
        """Stop the statement that runs now; may be called from any thread, and does nothing when none runs."""
        raw = cast(Any, self._connection)._connection
        if raw is not None:
            raw.interrupt()

    async def close(self) -> None:
        """Close after everything queued has run."""
        await self._connection.close()
