"""The list of conversations: its ids in order, and where single rows stand in it. Runs on a reader's thread."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptui.queries.query import Query
from shoptui.queries.sorting import IndexChunk, SortKey, ThreadSort, ThreadSortBy
from shoptui.store import stores
from shoptui.store.codes import GROUP_MISSED, NEVER
from shoptui.store.filter_parts import Context, Sql
from shoptui.store.list_sql import Backwards
from shoptui.store.thread_filter_sql import condition


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing to sort by. Rows whose value is `empty` (a literal) come last whichever way the sort goes."""

    expression: str
    descending: bool = False
    empty: str | None = None


_FIRST: Mapping[ThreadSortBy, _Part] = {
    ThreadSortBy.NEXT: _Part("o.next_at"),
    ThreadSortBy.STORE: _Part("o.store_id"),
    ThreadSortBy.BUYER: _Part("o.buyer", empty="''"),
    ThreadSortBy.ORDER: _Part("o.order_no", empty="''"),
    ThreadSortBy.WHO: _Part("o.assignee", empty="''"),
    ThreadSortBy.ASKED: _Part(f"coalesce(o.asked_at, {NEVER})", empty=str(NEVER)),
    ThreadSortBy.LAST: _Part("o.last_at"),
    ThreadSortBy.UNREAD: _Part("o.unread"),
    ThreadSortBy.LANGUAGE: _Part("o.language", empty="''"),
}

# What decides between equals, as `thread_by_loss` has it: next loss, escalated, unread, newest.
_THEN = (
    _Part("o.next_at"),
    _Part("o.escalated", descending=True),
    _Part("o.unread", descending=True),
    _Part("o.last_at", descending=True),
    _Part("o.store_id"),
    _Part("o.row_id"),
)


def _order(sort: ThreadSort) -> list[tuple[str, bool]]:
    """What to order by, each with whether it descends."""
    if sort == ThreadSort():
        return [(part.expression, part.descending) for part in _THEN]
    first = _FIRST[sort.by]
    empty = str(NEVER) if sort.by is ThreadSortBy.NEXT else first.empty
    found = [] if empty is None else [(f"({first.expression} = {empty})", False)]
    found.append((first.expression, sort.descending))
    rest = [part for part in _THEN if part.expression != first.expression]
    return [*found, *((part.expression, part.descending) for part in rest)]


def list_statement(query: Query, sort: ThreadSort, context: Context) -> Sql:
    """The rows that match with their groups, in order, those that missed a clock first."""
    where = condition(query, context)
    order = ", ".join(f"{text} DESC" if descending else text for text, descending in _order(sort))
    # One pass for both groups: looking a frequent word up in a million messages costs more than all the rest.
    text = f"""
    SELECT o.row_id, o.missed_group FROM thread o INDEXED BY thread_by_loss
    WHERE {where.text} ORDER BY o.missed_group, {order}
    """
    return Sql(text, where.values)


def index(db: sqlite3.Connection, query: Query, sort: ThreadSort, now: int, operator: str) -> IndexChunk:
    """The whole list: the rows that match, in order; those that missed a clock first."""
    statement = list_statement(query, sort, _context(db, now, operator))
    rows = db.execute(statement.text, statement.values).fetchall()
    missed = sum(1 for _, group in rows if group == GROUP_MISSED)
    return IndexChunk(array("q", [row_id for row_id, _ in rows]), missed, last=True)


def _context(db: sqlite3.Connection, now: int, operator: str) -> Context:
    return Context(now, operator, tuple(stores.stores(db, "ledger")))


def count(db: sqlite3.Connection, query: Query, now: int, operator: str) -> int:
    """How many threads match."""
    where = condition(query, _context(db, now, operator))
    row = db.execute(f"SELECT count(*) FROM thread o WHERE {where.text}", where.values).fetchone()
    return int(row[0])


def sort_keys(
    db: sqlite3.Connection, ids: Sequence[int], query: Query, sort: ThreadSort, now: int, operator: str
) -> list[SortKey]:
    """Where those of the rows that match stand in the list: keys compare as the list is ordered."""
    where = condition(query, _context(db, now, operator))
    order = _order(sort)
    columns = ", ".join(text for text, _ in order)
    rows = db.execute(
        f"""
        SELECT o.row_id, o.missed_group, {columns} FROM thread o NOT INDEXED
        WHERE o.row_id IN (SELECT value FROM json_each(?)) AND ({where.text})
        """,
        (json.dumps(list(ids)), *where.values),
    )
    return [_key(row, order) for row in rows]


def _key(row: Sequence[str | int], order: Sequence[tuple[str, bool]]) -> SortKey:
    row_id, group, *values = row
    key: list[object] = [group]
    for value, (_, descending) in zip(values, order, strict=True):
        if not descending:
            key.append(value)
        else:
            key.append(Backwards(value) if isinstance(value, str) else -value)
    return SortKey(int(row_id), tuple(key), group == GROUP_MISSED)
