"""A store's name in all three databases: changed, or forgotten with all that stands under it. May all be repeated."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from shoptui.domain.codec import decode_order, encode_order
from shoptui.store.database import transaction


def rename_in_tables(db: sqlite3.Connection, store_id: str, new_id: str) -> None:
    """Change the name in every table that has a column `store_id`, in one transaction.

    The audit log has none: its entries keep the name the store had.
    """
    with transaction(db):
        # Other tables may refer to rows whose name changes before theirs does.
        db.execute("PRAGMA defer_foreign_keys = ON")
        for table in _tables_by_store(db):
            db.execute(f'UPDATE "{table}" SET store_id = ? WHERE store_id = ?', (new_id, store_id))


def erase_in_vault(db: sqlite3.Connection, store_id: str) -> None:
    """Forget everything of a store's buyers: recipients, raw records, documents, and the salts of their digests."""
    before = f"order {store_id}/"
    with transaction(db):
        for table in _tables_by_store(db):
            db.execute(f'DELETE FROM "{table}" WHERE store_id = ?', (store_id,))
        db.execute("DELETE FROM salt WHERE substr(subject, 1, ?) = ?", (len(before), before))


def _tables_by_store(db: sqlite3.Connection) -> list[str]:
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    return [one for one in tables if "store_id" in {row[1] for row in db.execute(f'PRAGMA table_info("{one}")')}]


def rename_in_vault(db: sqlite3.Connection, store_id: str, new_id: str) -> None:
    """As in the other databases, and the salts of the store's orders, so that their digests still mean something."""
    rename_in_tables(db, store_id, new_id)
    before = f"order {store_id}/"
    with transaction(db):
        db.execute(
            "UPDATE salt SET subject = ? || substr(subject, ?) WHERE substr(subject, 1, ?) = ?",
            (f"order {new_id}/", len(before) + 1, len(before), before),
        )


def rename_orders(db: sqlite3.Connection, store_id: str, new_id: str, count: int) -> int:
    """Move up to `count` cached orders to the new name; returns how many there were."""
    with transaction(db):
        rows = db.execute(
            "SELECT o.row_id, b.body FROM orders o JOIN order_body b USING (row_id) WHERE o.store_id = ? LIMIT ?",
            (store_id, count),
        ).fetchall()
        bodies = [(encode_order(replace(decode_order(body), store_id=new_id)), row_id) for row_id, body in rows]
        db.executemany("UPDATE order_body SET body = ? WHERE row_id = ?", bodies)
        db.executemany("UPDATE orders SET store_id = ? WHERE row_id = ?", [(new_id, row_id) for _, row_id in bodies])
    return len(rows)


def stores_with_leftovers(db: sqlite3.Connection) -> list[str]:
    """The stores the cache still has a feed of: a feed is the last thing that goes when a store is forgotten."""
    return [row[0] for row in db.execute("SELECT DISTINCT store_id FROM feed ORDER BY store_id")]
