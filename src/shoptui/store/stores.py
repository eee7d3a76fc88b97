"""Stores in the ledger, and the state of their feeds in the cache."""

from __future__ import annotations

import json
import sqlite3
from types import MappingProxyType
from typing import Any

from shoptui.domain.codec import decode_order
from shoptui.domain.stores import Store
from shoptui.queries.types import NOT_GRANTED, FeedRow
from shoptui.store.codes import NEVER
from shoptui.store.database import transaction
from shoptui.store.kept_counts import KeptCounts
from shoptui.store.order_columns import codes_of

_STORE_COLUMNS = "store_id, marketplace, region, shop_id, name, time_zone, currency, app, ship_from_city, paused, wire"
_FEED_COLUMNS = (
    "store_id, feed, cursor_at, last_ok_at, last_try_at, next_try_at, failures, error, error_code, signed_out, "
    "first_done, fetched, expected, here, there, counted_at"
)


#: The feed of a store's conversations.
MESSAGES = "messages"


def put_store(db: sqlite3.Connection, store: Store) -> None:
    """Add a store or bring it up to date; what is known of its tokens stays."""
    with transaction(db):
        db.execute(
            f"""
            INSERT INTO store ({_STORE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (store_id) DO UPDATE SET
                marketplace = excluded.marketplace, region = excluded.region, shop_id = excluded.shop_id,
                name = excluded.name, time_zone = excluded.time_zone, currency = excluded.currency,
                app = excluded.app, ship_from_city = excluded.ship_from_city, paused = excluded.paused,
                wire = excluded.wire
            """,
            (
                store.store_id,
                store.marketplace,
                store.region,
                store.shop_id,
                store.name,
                store.time_zone,
                store.currency,
                store.app,
                store.ship_from_city,
                store.paused,
                json.dumps(dict(store.wire), ensure_ascii=False),
            ),
        )


def stores(db: sqlite3.Connection, schema: str = "main") -> list[Store]:
    """All stores by name."""
    rows = db.execute(f"SELECT {_STORE_COLUMNS} FROM {schema}.store ORDER BY store_id")
    return [_store(row) for row in rows]


def _store(row: tuple[Any, ...]) -> Store:
    return Store(
        store_id=row[0],
        marketplace=row[1],
        region=row[2],
        shop_id=row[3],
        name=row[4],
        time_zone=row[5],
        currency=row[6],
        app=row[7],
        ship_from_city=row[8],
        paused=bool(row[9]),
        wire=MappingProxyType(json.loads(row[10])),
    )


def set_paused(db: sqlite3.Connection, store_id: str, paused: bool) -> bool:
    """Pause or resume a store; True if that changed anything."""
    with transaction(db):
        return (
            db.execute(
                "UPDATE store SET paused = ? WHERE store_id = ? AND paused <> ?", (paused, store_id, paused)
            ).rowcount
            > 0
        )


def put_facts(
    db: sqlite3.Connection, store_id: str, token_expires_at: int | None, authorisation_ends_at: int | None
) -> None:
    """Note when the store's token and its authorisation end (never the token)."""
    with transaction(db):
        db.execute(
            "UPDATE store SET token_expires_at = ?, authorisation_ends_at = ? WHERE store_id = ?",
            (token_expires_at, authorisation_ends_at, store_id),
        )


def remove_store(db: sqlite3.Connection, store_id: str) -> bool:
    """Forget a store; the outbox and the audit log keep what was done in it. True if there was one."""
    with transaction(db):
        return db.execute("DELETE FROM store WHERE store_id = ?", (store_id,)).rowcount > 0


def forget_orders(db: sqlite3.Connection, store_id: str, count: int) -> int:
    """Drop up to `count` cached orders of a store, at the end its feed too; returns how many orders there were."""
    with transaction(db):
        rows = db.execute(
            """
            SELECT o.row_id, b.body FROM orders o JOIN order_body b ON b.row_id = o.row_id
            WHERE o.store_id = ? LIMIT ?
            """,
            (store_id, count),
        ).fetchall()
        ids = [(row_id,) for row_id, _ in rows]
        codes = [(kind, code, row_id) for row_id, body in rows for kind, code in codes_of(decode_order(body))]
        db.executemany("DELETE FROM order_text WHERE rowid = ?", ids)
        db.executemany("DELETE FROM order_code WHERE kind = ? AND code = ? AND row_id = ?", codes)
        db.executemany("DELETE FROM order_body WHERE row_id = ?", ids)
        db.executemany("DELETE FROM orders WHERE row_id = ?", ids)
        if len(rows) < count:
            db.execute("DELETE FROM feed WHERE store_id = ?", (store_id,))
            db.execute("DELETE FROM set_aside WHERE store_id = ?", (store_id,))
    return len(rows)


def feeds(db: sqlite3.Connection) -> list[FeedRow]:
    """The state of all feeds."""
    return [_feed(row) for row in db.execute(f"SELECT {_FEED_COLUMNS} FROM feed")]


def feed(db: sqlite3.Connection, store_id: str, name: str) -> FeedRow | None:
    """The state of one feed, None before its first save."""
    row = db.execute(
        f"SELECT {_FEED_COLUMNS} FROM feed WHERE store_id = ? AND feed = ?",
        (store_id, name),
    ).fetchone()
    return None if row is None else _feed(row)


def save_feed(db: sqlite3.Connection, row: FeedRow) -> None:
    """Keep the state of a feed."""
    with transaction(db):
        db.execute(
            f"INSERT OR REPLACE INTO feed ({_FEED_COLUMNS}) VALUES ({', '.join('?' * 16)})",
            (
                row.store_id,
                row.feed,
                row.cursor_at,
                row.last_ok_at,
                row.last_try_at,
                row.next_try_at,
                row.failures,
                row.error,
                row.error_code,
                row.signed_out,
                row.first_done,
                row.fetched,
                row.expected,
                row.here,
                row.there,
                row.counted_at,
            ),
        )
        if row.feed == MESSAGES:
            # The rules of clocks come with it, which the cockpit's first screen does without.
            from shoptui.store import threads

            threads.mark_granted(db, row.store_id, row.error_code != NOT_GRANTED)


def _feed(row: tuple[object, ...]) -> FeedRow:
    values = list(row)
    values[9], values[10] = bool(values[9]), bool(values[10])
    return FeedRow(*values)  # type: ignore[arg-type]  # columns are STRICT: the types are the table's


def count_ahead(db: sqlite3.Connection, now: int) -> tuple[int, int, int, int]:
    """Orders that missed a clock, and those whose next loss is within 2, 12 and 24 hours."""
    missed = db.execute("SELECT count(*) FROM orders WHERE missed_group = 0").fetchone()[0]
    # One pass over the narrow index: the bands lie inside each other.
    row = db.execute(
        f"""
        SELECT count(*) FILTER (WHERE next_at <= ?), count(*) FILTER (WHERE next_at <= ?), count(*)
        FROM orders INDEXED BY orders_ahead WHERE next_at <= ? AND next_at < {NEVER}
        """,
        (now + 2 * 3600, now + 12 * 3600, now + 24 * 3600),
    ).fetchone()
    return int(missed), int(row[0]), int(row[1]), int(row[2])


ORDER_COUNTS = KeptCounts("kept_counts", "missed, under_2h, under_12h, under_24h", count_ahead)
