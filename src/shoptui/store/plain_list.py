"""Lists whose filters and default order one covering index holds: their ids in order, and where single rows stand.

Runs on a reader's thread. The list's table has the alias `o` and the columns `row_id` and `missed_group`.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import chain, islice
from typing import Any, cast

from shoptui.domain.records import dataclass
from shoptui.queries.query import Query
from shoptui.queries.sorting import ColumnSort, IndexChunk, SortKey
from shoptui.store import stores
from shoptui.store.codes import GROUP_MISSED
from shoptui.store.filter_parts import Context, Sql
from shoptui.store.list_keys import key_of

#: More rows than any list has.
_ALL = 1 << 30


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to sort by. Rows whose value is `empty` (a literal) come last whichever way the sort goes."""

    expression: str
    descending: bool = False
    empty: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What is particular to one list.

    `first` has what each column sorts by, `then` what decides between equals, as the index `by_loss` has it, which is
    also the default order. `condition` puts the list's filters into SQL.
    """

    table: str
    by_loss: str
    first: Mapping[StrEnum, Part]
    then: tuple[Part, ...]
    condition: Callable[[Query, Context], Sql]

    def order(self, sort: ColumnSort[Any]) -> list[tuple[str, bool]]:
        """What to order by, each with whether it descends."""
        # Each list has its own kind of sort, whose column has a default.
        if sort == cast(Any, type(sort))():
            return [(part.expression, part.descending) for part in self.then]
        first = self.first[sort.by]
        found = [] if first.empty is None else [(f"({first.expression} = {first.empty})", False)]
        found.append((first.expression, sort.descending))
        rest = [part for part in self.then if part.expression != first.expression]
        return [*found, *((part.expression, part.descending) for part in rest)]

    def list_statement(self, query: Query, sort: ColumnSort[Any], context: Context) -> Sql:
        """The rows that match, in order, those that missed a clock first."""
        where = self.condition(query, context)
        order = ", ".join(f"{text} DESC" if descending else text for text, descending in self.order(sort))
        text = f"""
        SELECT o.row_id FROM {self.table} o INDEXED BY {self.by_loss}
        WHERE {where.text} ORDER BY o.missed_group, {order}
        """
        return Sql(text, where.values)


class PlainStream:
    """A list being read from one snapshot: the rows that match, in order, those that missed a clock first."""

    def __init__(self, shape: Shape, query: Query, sort: ColumnSort[Any], now: int, operator: str) -> None:
        self._shape = shape
        self._query = query
        self._sort = sort
        self._now = now
        self._operator = operator
        self._cursor: sqlite3.Cursor | None = None
        #: Rows that missed a clock, as long as only such have been read: asking for the group with every row would
        #: take half as long again.
        self._first: set[int] = set()

    def next(self, db: sqlite3.Connection, size: int) -> IndexChunk:
        """The next `size` ids, fewer at the end."""
        if self._cursor is None:
            db.execute("BEGIN")
            shape = self._shape
            missed = f"SELECT row_id FROM {shape.table} INDEXED BY {shape.by_loss} WHERE missed_group = {GROUP_MISSED}"
            self._first = set(chain.from_iterable(db.execute(missed)))
            statement = shape.list_statement(self._query, self._sort, _context(db, self._now, self._operator))
            self._cursor = db.execute(statement.text, statement.values)
        ids = array("q", chain.from_iterable(islice(self._cursor, size)))
        missed_here = next((place for place, row_id in enumerate(ids) if row_id not in self._first), len(ids))
        if missed_here < len(ids):
            self._first = set()
        return IndexChunk(ids, missed_here, last=len(ids) < size)

    def close(self, db: sqlite3.Connection) -> None:
        """Give up the snapshot."""
        if self._cursor is not None:
            self._cursor.close()
        if db.in_transaction:
            db.execute("ROLLBACK")


def index(
    db: sqlite3.Connection, shape: Shape, query: Query, sort: ColumnSort[Any], now: int, operator: str
) -> IndexChunk:
    """The whole list in one piece."""
    stream = PlainStream(shape, query, sort, now, operator)
    try:
        return stream.next(db, _ALL)
    finally:
        stream.close(db)


def count(db: sqlite3.Connection, shape: Shape, query: Query, now: int, operator: str) -> int:
    """How many rows match."""
    where = shape.condition(query, _context(db, now, operator))
    text = f"SELECT count(*) FROM {shape.table} o INDEXED BY {shape.by_loss} WHERE {where.text}"
    return int(db.execute(text, where.values).fetchone()[0])


def sort_keys(
    db: sqlite3.Connection,
    shape: Shape,
    ids: Sequence[int],
    query: Query,
    sort: ColumnSort[Any],
    now: int,
    operator: str,
) -> list[SortKey]:
    """Where those of the rows that match stand in the list: keys compare as the list is ordered."""
    where = shape.condition(query, _context(db, now, operator))
    order = shape.order(sort)
    columns = ", ".join(text for text, _ in order)
    rows = db.execute(
        f"""
        SELECT o.row_id, o.missed_group, {columns} FROM {shape.table} o NOT INDEXED
        WHERE o.row_id IN (SELECT value FROM json_each(?)) AND ({where.text})
        """,
        (json.dumps(list(ids)), *where.values),
    )
    return [key_of(row, order) for row in rows]


def _context(db: sqlite3.Connection, now: int, operator: str) -> Context:
    return Context(now, operator, tuple(stores.stores(db, "ledger")))
