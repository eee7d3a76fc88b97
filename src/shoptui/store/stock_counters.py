"""What orders do to pools, added up as orders are written: never counted when a list is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence

from shoptui.domain.clocks import DAY_S, HOUR_S
from shoptui.domain.codec import decode_order
from shoptui.domain.pools import NO_UNITS, OrderUnits, units_of
from shoptui.store.database import transaction
from shoptui.store.order_hooks import OrderChange
from shoptui.store.stock_schema import COUNTED_ALL

_COUNTED_TO = "stock_counted_to"
#: Hours older than a week are no part of any speed; a count is seldom entered later than this after it was made.
SOLD_KEPT_S = 8 * DAY_S
LEFT_KEPT_S = 60 * DAY_S

_ADD_SOLD = """
INSERT INTO sold_hour VALUES (?, ?, ?, ?)
ON CONFLICT (pool_key, hour, store_id) DO UPDATE SET units = units + excluded.units
"""
_ADD_RESERVED = """
INSERT INTO stock_reserved VALUES (?, ?, ?)
ON CONFLICT (pool_key, store_id) DO UPDATE SET units = units + excluded.units
"""
_ADD_LEFT = """
INSERT INTO stock_left VALUES (?, ?, ?, ?)
ON CONFLICT (pool_key, left_at, store_id) DO UPDATE SET units = units + excluded.units
"""


def follow_orders(
    db: sqlite3.Connection, changes: Sequence[OrderChange], now: int, touched: Callable[[str], None]
) -> None:
    """Add what orders that were just written changed; the keys of pools go to `touched`."""
    counted_to = _counted_to(db)
    for key in _add(db, (change for change in changes if change.row_id <= counted_to), now):
        touched(key)


def count_cached(db: sqlite3.Connection, most: int, now: int) -> tuple[set[str], bool]:
    """Count up to `most` orders that were cached before stock was; the pools, and whether that was all."""
    with transaction(db):
        counted_to = _counted_to(db)
        if counted_to == COUNTED_ALL:
            return set(), True
        rows = db.execute(
            "SELECT row_id, body FROM order_body WHERE row_id > ? ORDER BY row_id LIMIT ?", (counted_to, most)
        ).fetchall()
        changes = (OrderChange(row_id, decode_order(body), None, new=True) for row_id, body in rows)
        keys = _add(db, changes, now)
        done = len(rows) < most
        reached = COUNTED_ALL if done else rows[-1][0]
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_COUNTED_TO, reached))
    return keys, done


def _counted_to(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT value FROM meta WHERE name = ?", (_COUNTED_TO,)).fetchone()
    return 0 if row is None else int(row[0])


def _add(db: sqlite3.Connection, changes: Iterable[OrderChange], now: int) -> set[str]:
    sold: dict[tuple[str, int, str], int] = {}
    reserved: dict[tuple[str, str], int] = {}
    left: dict[tuple[str, int, str], int] = {}
    for change in changes:
        order, known = change.order, change.known
        # A copy that replaces one nobody can read was counted when that came.
        if known is None and not change.new:
            continue
        was = NO_UNITS if known is None else units_of(known)
        now_is = units_of(order)
        store_id = order.store_id
        if order.created_at > now - SOLD_KEPT_S:
            hour = order.created_at // HOUR_S
            for key, units in _difference(was.sold, now_is.sold):
                of_hour = (key, hour, store_id)
                sold[of_hour] = sold.get(of_hour, 0) + units
        for key, units in _difference(was.reserved, now_is.reserved):
            of_store = (key, store_id)
            reserved[of_store] = reserved.get(of_store, 0) + units
        if now_is.left and now_is.left_at > now - LEFT_KEPT_S:
            for key, units in _went(was, now_is):
                of_moment = (key, now_is.left_at, store_id)
                left[of_moment] = left.get(of_moment, 0) + units
    # In the order of each table, so that neighbours go into the same page one after the other.
    db.executemany(_ADD_SOLD, sorted([(*key, units) for key, units in sold.items() if units]))
    db.executemany(_ADD_RESERVED, sorted([(*key, units) for key, units in reserved.items() if units]))
    db.executemany(_ADD_LEFT, sorted([(*key, units) for key, units in left.items() if units]))
    touched = {key for (key, _, _), units in (*sold.items(), *left.items()) if units}
    return touched | {key for (key, _), units in reserved.items() if units}


def _difference(before: Mapping[str, int], after: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    if not before:
        return after.items()
    keys = dict.fromkeys((*before, *after))
    return [(key, by) for key in keys if (by := after.get(key, 0) - before.get(key, 0))]


def _went(before: OrderUnits, after: OrderUnits) -> list[tuple[str, int]]:
    """What left the house with this change. What has left once does not leave again when the order says more of it."""
    return [(key, by) for key, units in after.left.items() if (by := units - before.left.get(key, 0)) > 0]


def forget_old(db: sqlite3.Connection, now: int) -> None:
    """Drop what no figure is made of any more."""
    with transaction(db):
        db.execute("DELETE FROM sold_hour WHERE hour < ?", ((now - SOLD_KEPT_S) // HOUR_S,))
        db.execute("DELETE FROM stock_left WHERE left_at < ?", (now - LEFT_KEPT_S,))
