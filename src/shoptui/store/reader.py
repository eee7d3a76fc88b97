"""The reading side of a house, for cockpits and commands: cache.db with ledger.db attached, never written to.

Lists have connections of their own, so that a long one neither holds up the rows on the screen nor is stopped together
with them. When the engine has replaced the cache, the next call notices and opens the other file.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from shoptui.domain.intents import Intent, IntentState
from shoptui.paths import DataDir
from shoptui.queries.labels import LabelRow, PrintedRow
from shoptui.queries.query import Query
from shoptui.queries.sorting import IndexChunk, Sort, SortKey
from shoptui.queries.types import (
    Alert,
    AuditRow,
    BatchRow,
    Candidate,
    Counts,
    OrderDetail,
    OrderLines,
    OrderRow,
    SetAsideRow,
    StoreRow,
)
from shoptui.store import activity_reads, cache_reads, desk, documents, list_reads, order_reads, outbox_reads
from shoptui.store.cache_schema import CACHE_MIGRATIONS
from shoptui.store.database import Database, read_only_uri
from shoptui.store.errors import NoHouse, StoreError
from shoptui.store.files import identity
from shoptui.store.filter_sql import any_like
from shoptui.store.ledger_schema import LEDGER_MIGRATIONS
from shoptui.store.list_reader import Stream
from shoptui.store.list_reads import ListStream
from shoptui.store.migrations import applied, refuse_newer, refuse_older
from shoptui.store.thread_reader import ThreadReader

if TYPE_CHECKING:
    from shoptui.store.money_reader import MoneyReader
    from shoptui.store.return_reader import ReturnReader
    from shoptui.store.stock_reader import StockReader

__all__ = ["NoHouse", "Reader", "Sort"]

P = ParamSpec("P")
T = TypeVar("T")

#: The first piece of a list is what fits a screen many times over and is there at once.
FIRST_CHUNK = 500
CHUNK = 20_000

_ROWS_CACHE_KIB = 8 * 1024
_LIST_CACHE_KIB = 4 * 1024
_IDLE_LISTS_MAX = 2


class Reader:
    """A house as it is on the disk. Open it with `Reader.open`; close it, or use it as a context."""

    def __init__(self, data_dir: DataDir, rows_db: Database, cache_identity: tuple[int, int] | None) -> None:
        self._data_dir = data_dir
        self._rows_db = rows_db
        self._identity = cache_identity
        self._idle: list[Database] = []
        self._reading: set[Database] = set()
        self._opening = asyncio.Lock()
        self._closed = False
        self._stream: ListStream | None = None
        #: Conversations.
        self.threads = ThreadReader(self._run, self._pieces)

    # What no cockpit shows first is imported when it is first asked for: start-up does not wait for it.

    @cached_property
    def returns(self) -> ReturnReader:
        """Returns, refunds and wishes to cancel."""
        from shoptui.store.return_reader import ReturnReader

        return ReturnReader(self._run, self._pieces)

    @cached_property
    def money(self) -> MoneyReader:
        """Balances, statements and what does not agree in them."""
        from shoptui.store.money_reader import MoneyReader

        return MoneyReader(self._run)

    @cached_property
    def stock(self) -> StockReader:
        """Listings, pools and counts."""
        from shoptui.store.stock_reader import StockReader

        return StockReader(self._run, self._pieces)

    @classmethod
    async def open(cls, data_dir: DataDir) -> Reader:
        """Open for reading. Raises NoHouse when there is nothing yet, SchemaTooNew or SchemaTooOld when the files are
        another version's."""
        seen = identity(data_dir.cache)
        return cls(data_dir, await _open(data_dir, _ROWS_CACHE_KIB), seen)

    async def close(self) -> None:
        """Stop what runs and close all connections; one that still reads a list is closed when that has ended."""
        self._closed = True
        self.interrupt()
        idle, self._idle = self._idle, []
        for database in idle:
            await database.close()
        await self._rows_db.close()

    async def __aenter__(self) -> Reader:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def interrupt(self) -> None:
        """Stop all lists and counts being read: their readers get `Interrupted`. Rows and details go on."""
        for database in self._reading:
            database.interrupt()

    async def reopen(self) -> None:
        """Open the files anew, for instance after the engine has rebuilt the cache."""
        async with self._opening:
            seen = identity(self._data_dir.cache)
            fresh = await _open(self._data_dir, _ROWS_CACHE_KIB)
            old, self._rows_db, self._identity = self._rows_db, fresh, seen
            idle, self._idle = self._idle, []
        for database in (old, *idle):
            await database.close()

    # Lists

    async def index(
        self, query: Query, sort: Sort, *, now: int, operator: str, chunk: int = CHUNK
    ) -> AsyncGenerator[IndexChunk, None]:
        """The row ids that match, in order, piece by piece; the missed group first.

        The first piece is small, so that something can be drawn at once. Leaving the iteration stops the query.
        """
        stream = self._stream = ListStream(query, sort, now, operator)
        try:
            async with aclosing(self._pieces(stream, chunk)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            if self._stream is stream:
                self._stream = None

    async def _pieces(self, stream: Stream, chunk: int = CHUNK) -> AsyncGenerator[IndexChunk, None]:
        size = min(FIRST_CHUNK, chunk)
        database = await self._borrow()
        try:
            while True:
                piece = await database.run(stream.next, size)
                yield piece
                if piece.last:
                    return
                size = chunk
        finally:
            # Whatever still runs is for nobody; the connection is then as good as new.
            database.interrupt()
            await database.run(stream.close)
            await self._give_back(database)

    @property
    def looked_at(self) -> int:
        """How many rows the list being read has looked at; 0 without one, and for one whose rows come as they are."""
        return self._stream.looked_at if self._stream is not None else 0

    async def count(self, query: Query, *, now: int, operator: str) -> int:
        """How many orders match."""
        database = await self._borrow()
        try:
            return await database.run(list_reads.count, query, now, operator)
        finally:
            database.interrupt()
            await self._give_back(database)

    async def sort_keys(self, ids: Sequence[int], query: Query, sort: Sort, now: int, operator: str) -> list[SortKey]:
        """Where those of the rows that still match stand in the list."""
        return await self._run(list_reads.sort_keys, ids, query, sort, now, operator)

    async def find(self, text: str) -> list[int]:
        """The orders a scan or a typed text means: number, tracking number, last characters, then full text."""
        return await self._run(order_reads.find, text)

    # Orders

    async def rows(self, ids: Sequence[int], now: int) -> list[OrderRow]:
        """The rows with these ids, in this order; ids that are gone are left out."""
        return await self._run(order_reads.rows, ids, now)

    async def order(self, row_id: int, now: int) -> OrderDetail | None:
        """Everything of one order, None when the row is gone."""
        return await self._run(order_reads.detail, row_id, now)

    async def candidates(
        self, ids: Sequence[int], now: int, operator: str, *, parcels: bool = False
    ) -> list[Candidate]:
        """What the preview of a verb needs of these orders; `claimed_by` is empty for the operator's own claims.

        With `parcels` all their packages, which costs reading each order in full.
        """
        return await self._run(order_reads.candidates, ids, now, operator, parcels=parcels)

    async def order_lines(self, ids: Sequence[int]) -> list[OrderLines]:
        """What was bought in these orders."""
        return await self._run(order_reads.line_facts, ids)

    async def row_ids(self, targets: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The rows of orders given by (store id, order number), for marks kept across a rebuilt cache."""
        return await self._run(order_reads.row_ids, targets)

    async def labels(self, targets: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[LabelRow]]:
        """The documents in the house of orders given by (store id, order number), each with its prints."""
        return await self._run(documents.labels, targets, "ledger")

    async def printed_of(self, store_id: str, order_no: str) -> list[PrintedRow]:
        """All prints of an order's documents, newest first, also of those whose bytes are gone by now."""
        return await self._run(documents.printed_of_order, store_id, order_no, "ledger")

    async def printed_before(self, targets: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], PrintedRow]:
        """The newest print of each (store, package, kind) that may have come out of a printer before."""
        return await self._run(documents.printed_before, targets, "ledger")

    # The rest of the house

    async def counts(self, now: int | None = None) -> Counts:
        """The header's numbers: orders as the engine last counted them, or with `now` counted anew."""
        return await self._run(activity_reads.counts, now)

    async def stores(self) -> list[StoreRow]:
        """One row per store, by name."""
        return await self._run(activity_reads.store_rows)

    async def batches(self, states: Collection[IntentState] | None = None, limit: int = 200) -> list[BatchRow]:
        """The newest batches by state and cause, what needs looking at first."""
        return await self._run(activity_reads.batches, states, limit)

    async def intents_of(self, batch_id: str | None = None, intent_ids: Sequence[int] | None = None) -> list[Intent]:
        """The intents of a batch, or the named ones; oldest first."""
        if batch_id is not None:
            return await self._run(outbox_reads.of_batch, batch_id, "ledger")
        return await self._run(outbox_reads.by_ids, list(intent_ids or ()), "ledger")

    async def ordered_again(self, intent_ids: Sequence[int]) -> set[int]:
        """Those of the intents whose target was ordered again later: what became of it stands there."""
        return await self._run(outbox_reads.ordered_again, list(intent_ids), "ledger")

    async def audit(self, limit: int = 200, before: int | None = None) -> list[AuditRow]:
        """Entries of the audit log, newest first; with `before`, those with smaller numbers."""
        return await self._run(activity_reads.audit_rows, limit, before)

    async def alerts(self) -> list[Alert]:
        """Alerts nobody has seen, newest first."""
        return await self._run(desk.alerts, "ledger")

    async def set_aside_rows(self) -> list[SetAsideRow]:
        """Records that could not be read, newest first."""
        return await self._run(activity_reads.set_aside)

    async def set_aside_counts(self) -> dict[str, int]:
        """How many records of each store could not be read, by store; those without any are left out."""
        return await self._run(cache_reads.set_aside_counts)

    async def operators(self) -> list[str]:
        """Everybody who has done something here, by name."""
        return await self._run(activity_reads.operators)

    # Connections

    async def _run(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        await self._follow_cache()
        return await self._rows_db.run(function, *args, **kwargs)

    async def _follow_cache(self) -> None:
        """Open the files anew when the cache's name means another file; keep the old one until that is readable."""
        seen = identity(self._data_dir.cache)
        if seen is None or seen == self._identity:
            return
        try:
            await self.reopen()
        except (StoreError, sqlite3.OperationalError):
            # The engine is still building it; what we have open is old, but whole.
            return

    async def _borrow(self) -> Database:
        await self._follow_cache()
        database = self._idle.pop() if self._idle else await _open(self._data_dir, _LIST_CACHE_KIB)
        self._reading.add(database)
        return database

    async def _give_back(self, database: Database) -> None:
        self._reading.discard(database)
        if not self._closed and len(self._idle) < _IDLE_LISTS_MAX:
            self._idle.append(database)
        else:
            await database.close()


async def _open(data_dir: DataDir, cache_kib: int) -> Database:
    nothing_yet = NoHouse(
        f"There is no shoptui house in {data_dir.root} yet. Start the engine (shoptui engine), "
        "or name another place with --data-dir."
    )
    if not (data_dir.cache.exists() and data_dir.ledger.exists()):
        raise nothing_yet

    def prepare(db: sqlite3.Connection) -> None:
        # Sorting spills to temporary files beyond the page cache: a cockpit stays small whatever it is asked to sort.
        for pragma in (f"cache_size = -{cache_kib}", "query_only = ON", "trusted_schema = OFF"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("ATTACH DATABASE ? AS ledger", (read_only_uri(data_dir.ledger),))
        for schema, migrations, path in (
            ("main", CACHE_MIGRATIONS, data_dir.cache),
            ("ledger", LEDGER_MIGRATIONS, data_dir.ledger),
        ):
            if not applied(db, schema):
                # An engine is making the house at this moment.
                raise nothing_yet
            refuse_newer(db, migrations, path, schema)
            refuse_older(db, migrations, path, schema)
        db.create_function("any_like", 2, any_like, deterministic=True)

    return await Database.open(data_dir.cache, prepare, read_only=True)
