"""Reading a list: its ids piece by piece, its size, and where single rows stand in it. Runs on a reader's thread."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from shoptui.queries.query import Query
from shoptui.queries.sorting import IndexChunk, Sort, SortBy, SortKey
from shoptui.store import stores
from shoptui.store.filter_parts import Context, Sql
from shoptui.store.filter_sql import row_set
from shoptui.store.list_sql import LOOKED_AT, LOOKED_EVERY, count_statement, key_statement, list_statement, sort_key

#: Up to this many rows a set of ids is looked up one by one; beyond, walking the index is the shorter way.
NARROW_MAX = 20_000


class ListStream:
    """One list being read: both groups from one snapshot, the missed one first.

    `looked_at` counts the rows that were looked at so far, in steps of some hundreds: an order no index gives, and a
    filter that many rows do not match, answer late.

    Each group is a statement of its own: with the group fixed, the index gives the order and nothing is sorted.
    """

    def __init__(self, query: Query, sort: Sort, now: int, operator: str) -> None:
        self._query = query
        self._sort = sort
        self._now = now
        self._operator = operator
        self._statements: list[tuple[bool, Sql]] | None = None
        self._cursor: sqlite3.Cursor | None = None
        self._missed = False
        self.looked_at = 0

    def next(self, db: sqlite3.Connection, size: int) -> IndexChunk:
        """The next `size` ids, fewer at the end."""
        if self._statements is None:
            db.execute("BEGIN")
            db.create_function(LOOKED_AT, 0, self._looked)
            self._statements = list_statements(db, self._query, self._sort, self._now, self._operator, tells=True)
        ids = array("q")
        missed = 0
        while len(ids) < size:
            if self._cursor is None:
                if not self._statements:
                    return IndexChunk(ids, missed, last=True)
                self._missed, statement = self._statements.pop(0)
                self._cursor = db.execute(statement.text, statement.values)
            rows = self._cursor.fetchmany(size - len(ids))
            if not rows:
                self._cursor = None
                continue
            ids.extend(chain.from_iterable(rows))
            missed += len(rows) if self._missed else 0
        return IndexChunk(ids, missed, last=False)

    def _looked(self) -> int:
        self.looked_at += LOOKED_EVERY
        return 1

    def close(self, db: sqlite3.Connection) -> None:
        """Give up the snapshot."""
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None
        self._statements = []
        if db.in_transaction:
            db.execute("ROLLBACK")


def list_statements(
    db: sqlite3.Connection, query: Query, sort: Sort, now: int, operator: str, *, tells: bool = False
) -> list[tuple[bool, Sql]]:
    """The statements of a list, each with whether it reads the missed group; groups ruled out have none.

    With `tells` those that may take long call `LOOKED_AT` for some of the rows.
    """
    context = _context(db, now, operator)
    narrow = _narrow(db, query, context)
    by_index = sort == Sort() or sort.by is SortBy.PLACED
    tells = tells and (not by_index or (narrow is None and row_set(query, context) is not None))
    found = []
    for missed in (True, False):
        statement = list_statement(query, sort, replace(context, missed=missed), narrow, tells=tells)
        if statement is not None:
            found.append((missed, statement))
    return found


def count(db: sqlite3.Connection, query: Query, now: int, operator: str) -> int:
    """How many orders match."""
    context = _context(db, now, operator)
    narrow = _narrow(db, query, context)
    total = 0
    for missed in (True, False):
        statement = count_statement(query, replace(context, missed=missed), narrow)
        if statement is not None:
            total += db.execute(statement.text, statement.values).fetchone()[0]
    return total


def sort_keys(
    db: sqlite3.Connection, ids: Sequence[int], query: Query, sort: Sort, now: int, operator: str
) -> list[SortKey]:
    """Where those of the rows that match stand in the list."""
    context = replace(_context(db, now, operator), few=True)
    statement = key_statement(query, sort, context, json.dumps(list(ids)))
    return [sort_key(row, sort) for row in db.execute(statement.text, statement.values)]


def _context(db: sqlite3.Connection, now: int, operator: str) -> Context:
    return Context(now=now, operator=operator, stores=tuple(stores.stores(db, "ledger")))


def _narrow(db: sqlite3.Connection, query: Query, context: Context) -> Sql | None:
    """The set that bounds the answer, None when there is none or it is so large that walking the list is cheaper."""
    found = row_set(query, context)
    if found is None:
        return None
    size = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM ({found.text}) LIMIT ?)", (*found.values, NARROW_MAX + 1)
    ).fetchone()[0]
    return found if size <= NARROW_MAX else None
