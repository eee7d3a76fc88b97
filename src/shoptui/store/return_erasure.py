"""Forgetting a buyer's words in returns: notes, pictures, names and what was written in their histories.

What was asked, when, for how much and how it ended stays. It is written down in the ledger first, so that copies read
again, and a cache built anew, come without the words.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from shoptui.domain.return_codec import decode_return
from shoptui.domain.returns import ReturnEvent, ReturnRequest
from shoptui.store.database import transaction
from shoptui.store.desk import OrderKey
from shoptui.store.migrations import Migration

LEDGER_FORGOTTEN_RETURNS = Migration(
    "0010 forgotten returns",
    (
        """
        CREATE TABLE return_erased (
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            erased_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_no)
        ) STRICT, WITHOUT ROWID
        """,
    ),
)


def note(db: sqlite3.Connection, key: OrderKey, now: int) -> None:
    """Write down that the buyer of an order is forgotten."""
    with transaction(db):
        db.execute("INSERT OR REPLACE INTO return_erased VALUES (?, ?, ?)", (*key, now))


def erased(db: sqlite3.Connection, keys: Collection[OrderKey]) -> dict[OrderKey, int]:
    """When the buyers of these orders were forgotten (epoch s); those that were not are left out."""
    rows = db.execute(
        """
        SELECT e.store_id, e.order_no, e.erased_at FROM json_each(?) j
        CROSS JOIN return_erased e ON e.store_id = j.value ->> 0 AND e.order_no = j.value ->> 1
        """,
        (json.dumps([list(key) for key in keys]),),
    )
    return {(store_id, order_no): erased_at for store_id, order_no, erased_at in rows}


def without_words(request: ReturnRequest, erased_at: Mapping[OrderKey, int]) -> ReturnRequest:
    """The request as it may be kept; one that was asked after its buyer was forgotten keeps its words."""
    at = erased_at.get((request.store_id, request.order_no))
    if at is None or request.created_at > at:
        return request
    return replace(request, buyer_note="", buyer_name="", evidence=())


def events_without_words(events: Sequence[ReturnEvent], at: int | None) -> list[ReturnEvent]:
    """The events likewise: what happened up to that moment loses notes and links."""
    return [event if at is None or event.at > at else replace(event, note="", links=()) for event in events]


def requests_of(db: sqlite3.Connection, key: OrderKey) -> list[ReturnRequest]:
    """An order's requests as they are here."""
    rows = db.execute("SELECT return_id, body FROM return_request WHERE store_id = ? AND order_no = ?", key)
    return [decode_return(body, key[0], return_id) for return_id, body in rows.fetchall()]


def forget_events(db: sqlite3.Connection, key: OrderKey, at: int) -> None:
    """Take notes and links out of what happened to an order's requests, and merge the index where words still stand."""
    with transaction(db):
        db.execute(
            """
            UPDATE return_event SET note = '', links = '[]' WHERE at <= ? AND row_id IN (
                SELECT row_id FROM return_request WHERE store_id = ? AND order_no = ?
            )
            """,
            (at, *key),
        )
        db.execute("INSERT INTO return_text (return_text) VALUES ('optimize')")
