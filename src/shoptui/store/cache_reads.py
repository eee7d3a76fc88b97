"""Look-ups of whole orders in the cache, as the engine needs them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from shoptui.domain.codec import decode_order
from shoptui.domain.orders import Order
from shoptui.store.codes import BEFORE_CARRIER_CODES, NEVER


def orders_by_no(db: sqlite3.Connection, store_id: str, order_nos: Sequence[str]) -> list[Order]:
    """The named orders of a store, in the order asked for; unknown ones are left out."""
    found = {order_no: decode_order(body) for order_no, body in bodies_by_no(db, store_id, order_nos)}
    return [found[order_no] for order_no in dict.fromkeys(order_nos) if order_no in found]


def bodies_by_no(db: sqlite3.Connection, store_id: str, order_nos: Sequence[str]) -> list[tuple[str, str]]:
    """The named orders of a store as they are kept, each with its number."""
    return db.execute(
        """
        SELECT o.order_no, b.body FROM orders o JOIN order_body b ON b.row_id = o.row_id
        WHERE o.store_id = ? AND o.order_no IN (SELECT value FROM json_each(?))
        """,
        (store_id, json.dumps(list(order_nos))),
    ).fetchall()


def order_by_row(db: sqlite3.Connection, row_id: int) -> Order | None:
    """The order of a row, None when the row is gone."""
    row = db.execute("SELECT body FROM order_body WHERE row_id = ?", (row_id,)).fetchone()
    return None if row is None else decode_order(row[0])


def row_ids(db: sqlite3.Connection, targets: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """The rows of orders given by store and number; unknown ones are left out."""
    found = []
    for target in dict.fromkeys(targets):
        row = db.execute("SELECT row_id FROM orders WHERE store_id = ? AND order_no = ?", target).fetchone()
        if row is not None:
            found.append(row[0])
    return tuple(found)


_BEFORE_CARRIER = ", ".join(map(str, BEFORE_CARRIER_CODES))


def open_order_nos(db: sqlite3.Connection, store_id: str) -> set[str]:
    """Numbers of the store's orders that the carrier does not have yet: what a full sweep is compared with."""
    rows = db.execute(
        f"""
        SELECT order_no FROM orders INDEXED BY orders_before_carrier
        WHERE store_id = ? AND status IN ({_BEFORE_CARRIER})
        """,
        (store_id,),
    )
    return {order_no for (order_no,) in rows}


def open_order_counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many such orders each store has."""
    rows = db.execute(
        f"""
        SELECT store_id, count(*) FROM orders INDEXED BY orders_before_carrier
        WHERE status IN ({_BEFORE_CARRIER}) GROUP BY store_id
        """
    )
    return dict(rows.fetchall())


def next_clock_at(db: sqlite3.Connection) -> int | None:
    """The earliest next loss of all orders (epoch s), None without one: when clocks must be passed next."""
    row = db.execute(f"SELECT min(next_at) FROM orders INDEXED BY orders_ahead WHERE next_at < {NEVER}").fetchone()
    return None if row[0] is None else int(row[0])


def soonest_loss(db: sqlite3.Connection, store_id: str, now: int, before_at: int) -> int | None:
    """The store's earliest next loss after `now` and before `before_at` (epoch s), None if there is none."""
    row = db.execute(
        f"""
        SELECT next_at FROM orders INDEXED BY orders_ahead
        WHERE next_at > ? AND next_at < ? AND next_at < {NEVER} AND store_id = ? ORDER BY next_at LIMIT 1
        """,
        (now, before_at, store_id),
    ).fetchone()
    return None if row is None else int(row[0])


def put_aside(db: sqlite3.Connection, records: Sequence[tuple[str, str, str]], at: int) -> None:
    """Note that records (store, number, reason) could not be read; their raw text lies in the vault."""
    db.executemany("INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?)", [(*record, at) for record in records])


def forget_aside(db: sqlite3.Connection, store_id: str, order_nos: Sequence[str]) -> None:
    """Drop the notes of records that are no longer unreadable, or no longer there."""
    db.executemany(
        "DELETE FROM set_aside WHERE store_id = ? AND order_no = ?", [(store_id, order_no) for order_no in order_nos]
    )


def set_aside_counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many records of each store could not be read; stores without any are left out."""
    return dict(db.execute("SELECT store_id, count(*) FROM set_aside GROUP BY store_id ORDER BY store_id").fetchall())


def set_aside_rows(db: sqlite3.Connection) -> list[tuple[str, str, str, int]]:
    """Store, number, reason and moment of what could not be read, newest first."""
    return db.execute(
        "SELECT store_id, order_no, reason, at FROM set_aside ORDER BY at DESC, store_id, order_no"
    ).fetchall()
