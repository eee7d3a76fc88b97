"""Reading what Money shows: balances, differences, a store's statements, one statement, its lines; each as a whole."""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.money_terms import MoneyTerms
from shoptui.domain.finance import WalletMove
from shoptui.domain.fx import Sum
from shoptui.domain.records import dataclass
from shoptui.domain.stores import Store
from shoptui.queries.money import AnomalyRow, BalanceRow, Balances, DisputeRow, LineRow, StatementRow
from shoptui.queries.money_views import AnomalySort, filtered
from shoptui.queries.query import EVERYTHING, Query
from shoptui.queries.types import StoreRow
from shoptui.store.reader import Reader

MoneyRow = BalanceRow | StatementRow | AnomalyRow | LineRow

#: So many rows are read with the index: more than a screen shows.
FIRST_ROWS = 60
#: How many anomalies are added up for a line that says what they come to; beyond this the sum is left out.
_SUMMED_MAX = 5000
USUAL_SORT = AnomalySort()
_AT_ONCE = 500
_MOVES = 12
_MORE = 30


class What(StrEnum):
    """The lists of Money."""

    BALANCES = "balances"
    ANOMALIES = "anomalies"
    STATEMENTS = "statements"
    STATEMENT = "statement"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list: of all stores, of one store, or of one statement (by its row). Two equal ones give the same list."""

    what: What
    query: Query = EVERYTHING
    sort: AnomalySort = USUAL_SORT
    store_id: str = ""
    statement_row: int | None = None

    @property
    def within_statement(self) -> bool:
        return self.what in {What.STATEMENT, What.LINES}


@dataclass(frozen=True, slots=True)
class MoneyList:
    """A list as it was read at `read_at` (epoch s); of lines also a part of it, until `last`.

    `ids` are the rows' numbers where they have some (differences, statements, lines), empty for balances, which are all
    in `rows`. `balances` is set for balances alone, `statement` and its `siblings` (all of its store, newest first)
    within a statement. `missing` adds differences below zero up, in dollars where there are rates.
    """

    asked: Asked
    read_at: int
    rows: Sequence[MoneyRow]
    ids: array[int]
    last: bool = True
    balances: Balances | None = None
    statement: StatementRow | None = None
    siblings: tuple[int, ...] = ()
    missing: Sum | None = None


@dataclass(frozen=True, slots=True)
class StoreMoney:
    """More about one store, for the pane: the statement to look at next, its differences, newest moves, disputes."""

    store_id: str
    statement: StatementRow | None
    others: int
    anomalies: tuple[AnomalyRow, ...]
    moves: tuple[WalletMove, ...]
    disputes: tuple[DisputeRow, ...]


def key_of(row: MoneyRow) -> RowKey:
    """What a row of any of the lists is called: its store, and the rest of its name as JSON, "" for a balance."""
    if isinstance(row, BalanceRow):
        return row.store_id, ""
    if isinstance(row, StatementRow):
        return row.statement.store_id, json.dumps([row.statement.statement_id])
    if isinstance(row, LineRow):
        return row.line.store_id, json.dumps([row.line.statement_id, row.line.line_id])
    found = row.anomaly
    return found.store_id, json.dumps([found.statement_id, found.kind.value, row.about, found.fee])


class MoneySource:
    """Reads the lists of Money. Raises StoreError when they cannot be read."""

    def __init__(self, reader: Reader, terms: MoneyTerms, operator: str) -> None:
        self._reader = reader
        self._terms = terms
        self._operator = operator

    async def read(self, asked: Asked, now: int, stores: Sequence[StoreRow]) -> AsyncIterator[MoneyList]:
        """The list; lines come in growing parts."""
        money = self._reader.money
        book, rates = await asyncio.to_thread(self._terms.look)
        if asked.what is What.BALANCES:
            told = await money.balances(now, book, rates)
            rows = filtered(told.rows, asked.query, [domain_store(row) for row in stores])
            yield MoneyList(asked, now, rows, array("q"), balances=told)
            return
        if asked.what is What.STATEMENTS:
            ids = await money.statement_ids(asked.store_id)
            yield MoneyList(asked, now, await money.statements(ids, book), array("q", ids))
            return
        head = MoneyList(asked, now, (), array("q"))
        if asked.statement_row is not None:
            found = await money.statements([asked.statement_row], book)
            if not found:
                yield head
                return
            siblings = tuple(await money.statement_ids(found[0].statement.store_id))
            head = replace(head, statement=found[0], siblings=siblings)
        if asked.what is What.LINES and asked.statement_row is not None:
            read = array("q")
            async for chunk in money.line_index(asked.statement_row):
                first = not len(read)
                # What is drawn never changes: what is read on goes into a copy.
                read = read + chunk.ids
                lines = await money.lines(read[:FIRST_ROWS]) if first else ()
                yield replace(head, rows=lines, ids=read, last=chunk.last)
            return
        index = await money.anomaly_index(
            asked.query, asked.sort, now=now, operator=self._operator, statement_row=asked.statement_row
        )
        rows_now = await money.anomalies(index.ids[:FIRST_ROWS])
        yield replace(head, rows=rows_now, ids=index.ids)
        if asked.what is What.ANOMALIES and rates is not None and FIRST_ROWS < len(index.ids) <= _SUMMED_MAX:
            rows_now = [
                row
                for at in range(0, len(index.ids), _AT_ONCE)
                for row in await money.anomalies(index.ids[at : at + _AT_ONCE])
            ]
        if rates is not None and len(rows_now) == len(index.ids):
            missing = rates.sum_in(
                [row.anomaly.difference for row in rows_now if row.anomaly.difference.minor < 0], "USD"
            )
            yield replace(head, rows=rows_now, ids=index.ids, missing=missing)

    async def rows(self, asked: Asked, ids: Sequence[int]) -> Sequence[MoneyRow]:
        """Rows of a list by their numbers."""
        if asked.what is What.LINES:
            return await self._reader.money.lines(ids)
        if asked.what is What.STATEMENTS:
            book, _rates = await asyncio.to_thread(self._terms.look)
            return await self._reader.money.statements(ids, book)
        return await self._reader.money.anomalies(ids)

    async def row_ids(self, keys: Sequence[RowKey]) -> Mapping[RowKey, int]:
        """The numbers of statements, differences and lines by what they are called, without those that are gone."""
        names = [_name_of(key) for key in keys]
        found = await self._reader.money.row_ids(names)
        return {key: row_id for key, row_id in zip(keys, found, strict=True) if row_id is not None}

    async def about(self, store_id: str, *, now: int) -> StoreMoney:
        """What the pane says about a store."""
        money = self._reader.money
        statements = await self.statements(store_id)
        next_one = statement_to_open(statements)
        anomalies: list[AnomalyRow] = []
        if next_one is not None:
            index = await money.anomaly_index(now=now, operator=self._operator, statement_row=next_one.row_id)
            anomalies = await money.anomalies(index.ids[:_MORE])
        disputes = await money.disputes(store_id, _MORE)
        return StoreMoney(
            store_id,
            next_one,
            max(0, len(statements) - 1),
            tuple(anomalies),
            tuple(await money.moves(store_id, _MOVES)),
            tuple(disputes),
        )

    async def statements(self, store_id: str) -> list[StatementRow]:
        """All statements of a store, newest first."""
        book, _rates = await asyncio.to_thread(self._terms.look)
        return await self._reader.money.statements(await self._reader.money.statement_ids(store_id), book)


def statement_to_open(rows: Sequence[StatementRow]) -> StatementRow | None:
    """Which of a store's statements (newest first) wants looking at: the newest unverified one with differences, else
    the newest unverified, else the newest."""
    unverified = [row for row in rows if not row.verified]
    differing = [row for row in unverified if row.anomalies]
    return next(iter([*differing, *unverified, *rows]), None)


def _name_of(key: RowKey) -> list[str]:
    store_id, rest = key
    try:
        return [store_id, *map(str, json.loads(rest))]
    except (ValueError, TypeError):
        # Kept by another program, or of a balance: there is no such row.
        return [store_id, ""]


def domain_store(row: StoreRow) -> Store:
    """The store as the rules know it."""
    return Store(row.store_id, row.marketplace, row.region, row.shop_id, row.name, row.time_zone, row.currency, "")
