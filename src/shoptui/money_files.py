"""Exports of money: reads statements, lines, balances or anomalies page by page and writes them to one file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from pathlib import Path

from shoptui.domain.fee_rules import FeeBook
from shoptui.domain.fx import Rates
from shoptui.queries.money_export import (
    ANOMALY_COLUMNS,
    BALANCE_COLUMNS,
    LINE_COLUMNS,
    STATEMENT_COLUMNS,
    anomaly_cells,
    balance_cells,
    line_cells,
    statement_cells,
)
from shoptui.queries.query import EVERYTHING, Query
from shoptui.queries.sheets import Cell, Column, open_table
from shoptui.store.reader import Reader

_AT_ONCE = 500


class MoneyTable(StrEnum):
    """What can be exported."""

    STATEMENTS = "statements"
    LINES = "lines"
    BALANCES = "balances"
    ANOMALIES = "anomalies"


_COLUMNS: dict[MoneyTable, tuple[Column, ...]] = {
    MoneyTable.STATEMENTS: STATEMENT_COLUMNS,
    MoneyTable.LINES: LINE_COLUMNS,
    MoneyTable.BALANCES: BALANCE_COLUMNS,
    MoneyTable.ANOMALIES: ANOMALY_COLUMNS,
}


async def export_money(
    reader: Reader,
    what: MoneyTable,
    path: Path,
    *,
    now: int,
    book: FeeBook,
    rates: Rates | None = None,
    operator: str = "",
    store_ids: Sequence[str] | None = None,
    since: int | None = None,
    query: Query = EVERYTHING,
    replace: bool = False,
    totals: bool = False,
) -> int:
    """Write a table to `path` (.csv or .xlsx); returns how many rows it has, totals not counted.

    `store_ids` None means all stores. `since` leaves out statements, and lines of statements, that ended before that
    moment (epoch s). `query` narrows anomalies. `totals` are for CSV; an Excel file always has them. Raises SheetError
    when the file cannot be written; then there is none.
    """
    stores = list(store_ids) if store_ids is not None else [store.store_id for store in await reader.stores()]
    count = 0
    with open_table(path, _COLUMNS[what], title=what.value, replace=replace, totals=totals) as table:
        async for rows in _pages(reader, what, stores, now, book, rates, operator, since, query):
            await asyncio.to_thread(table.add, rows)
            count += len(rows)
    return count


async def _pages(
    reader: Reader,
    what: MoneyTable,
    stores: Sequence[str],
    now: int,
    book: FeeBook,
    rates: Rates | None,
    operator: str,
    since: int | None,
    query: Query,
) -> AsyncIterator[list[list[Cell]]]:
    if what is MoneyTable.BALANCES:
        told = await reader.money.balances(now, book, rates)
        yield [balance_cells(row) for row in told.rows if row.store_id in stores]
    elif what is MoneyTable.ANOMALIES:
        chunk = await reader.money.anomaly_index(query, now=now, operator=operator)
        for first in range(0, len(chunk.ids), _AT_ONCE):
            rows = await reader.money.anomalies(chunk.ids[first : first + _AT_ONCE])
            yield [anomaly_cells(row, now) for row in rows if row.anomaly.store_id in stores]
    else:
        for store_id in stores:
            async for page in _statements(reader, what, store_id, book, since):
                yield page


async def _statements(
    reader: Reader, what: MoneyTable, store_id: str, book: FeeBook, since: int | None
) -> AsyncIterator[list[list[Cell]]]:
    ids = await reader.money.statement_ids(store_id, most=1_000_000)
    for first in range(0, len(ids), _AT_ONCE):
        found = await reader.money.statements(ids[first : first + _AT_ONCE], book)
        kept = [row for row in found if since is None or row.statement.end_at >= since]
        if what is MoneyTable.STATEMENTS:
            yield [statement_cells(row) for row in kept]
            continue
        for statement in kept:
            async for chunk in reader.money.line_index(statement.row_id):
                for start in range(0, len(chunk.ids), _AT_ONCE):
                    lines = await reader.money.lines(chunk.ids[start : start + _AT_ONCE])
                    yield [line_cells(row) for row in lines]
