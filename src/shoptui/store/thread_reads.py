"""Rows and details of conversations for screens and commands: the cache joined with the desk and the outbox."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from shoptui.domain.codec import decode_order
from shoptui.domain.intents import IntentState
from shoptui.domain.messages import Message
from shoptui.domain.orders import Line, Order
from shoptui.queries.inbox import ThreadDetail, ThreadNote, ThreadRow
from shoptui.store import outbox_reads
from shoptui.store.codes import CODE_BUYER, moment
from shoptui.store.fulltext import match_expression
from shoptui.store.thread_codes import STATE_OF_CODE, thread_of_number
from shoptui.store.thread_lookups import ThreadKey, read_messages

#: How many threads a search names at most, and how many hits it looks at for them: more is a filter's work.
SEARCH_MAX = 1000
_HITS_MAX = 200_000

_ROWS = """
SELECT
    t.row_id, t.store_id, t.thread_id, s.marketplace, s.region, t.buyer, t.buyer_id, t.order_no, t.language, t.state,
    t.unread, t.asked_at, t.next_at, t.next_kind, t.missed, t.last_missed_at, t.last_at, t.last_sender, t.last_words,
    t.last_kind, t.last_message_id, t.can_send, t.assignee, c.operator, t.escalated_to, d.escalated_by,
    d.escalation_reason, t.snoozed, t.snoozed_until, t.snoozed_for_buyer,
    EXISTS (SELECT 1 FROM ledger.thread_note n WHERE n.store_id = t.store_id AND n.thread_id = t.thread_id),
    a.state, a.cause_id, t.seen_at, t.reply_at, t.reply_source, t.agent
FROM thread t
LEFT JOIN ledger.store s ON s.store_id = t.store_id
LEFT JOIN ledger.thread_desk d ON d.store_id = t.store_id AND d.thread_id = t.thread_id
LEFT JOIN ledger.thread_claim c ON c.store_id = t.store_id AND c.thread_id = t.thread_id AND c.until_at > ?
LEFT JOIN ledger.outbox a ON a.intent_id = (
    SELECT x.intent_id FROM ledger.outbox x INDEXED BY outbox_by_thread
    WHERE x.store_id = t.store_id AND x.target_kind = 'thread' AND x.target_id = t.thread_id
    AND x.verb = 'reply' AND x.acked_at IS NULL ORDER BY x.intent_id DESC LIMIT 1
)
WHERE t.row_id IN (SELECT value FROM json_each(?))
"""

_NOTES = "SELECT at, operator, body FROM ledger.thread_note WHERE store_id = ? AND thread_id = ? ORDER BY at, note_id"


def rows(db: sqlite3.Connection, ids: Sequence[int], now: int) -> list[ThreadRow]:
    """The rows with these ids, in this order; ids that are gone are left out."""
    found = {row[0]: _row(row) for row in db.execute(_ROWS, (now, json.dumps(list(ids))))}
    return [found[row_id] for row_id in ids if row_id in found]


def _row(row: Sequence[Any]) -> ThreadRow:
    snoozed = bool(row[27])
    return ThreadRow(
        row_id=row[0],
        store_id=row[1],
        thread_id=row[2],
        marketplace=row[3] or "",
        region=row[4] or "",
        buyer=row[5],
        buyer_id=row[6],
        order_no=row[7],
        language=row[8],
        state=STATE_OF_CODE[row[9]],
        unread=row[10],
        asked_at=row[11],
        next_at=moment(row[12]),
        next_kind=row[13],
        missed=row[14],
        last_missed_at=row[15],
        last_at=row[16],
        last_sender=row[17],
        last_words=row[18],
        last_kind=row[19],
        last_message_id=row[20],
        can_send=None if row[21] is None else bool(row[21]),
        assignee=row[22],
        claimed_by=row[23] or "",
        escalated_to=row[24],
        escalated_by=(row[25] or "") if row[24] else "",
        escalation_reason=(row[26] or "") if row[24] else "",
        snoozed_until=row[28] if snoozed else None,
        snoozed_for_buyer=snoozed and bool(row[29]),
        has_note=bool(row[30]),
        act_state=None if row[31] is None else IntentState(row[31]),
        act_cause=row[32] or "",
        seen_at=row[33],
        reply_at=moment(row[34]),
        reply_source=row[35],
        agent=row[36],
    )


def detail(db: sqlite3.Connection, row_id: int, now: int, newest: int) -> ThreadDetail | None:
    """A thread with its newest messages, None when the row is gone or stands for a store without chat."""
    found = rows(db, [row_id], now)
    if not found or not found[0].thread_id:
        return None
    key = (found[0].store_id, found[0].thread_id)
    # One more than asked for tells whether there are older ones.
    messages = read_messages(db, row_id, key, newest + 1)
    whole = db.execute("SELECT whole_key = '' FROM thread WHERE row_id = ?", (row_id,)).fetchone()[0]
    return ThreadDetail(
        row=found[0],
        messages=tuple(messages[-newest:]),
        older=len(messages) > newest or not whole,
        notes=tuple(ThreadNote(*note) for note in db.execute(_NOTES, key)),
        intents=tuple(outbox_reads.of_thread(db, *key, schema="ledger")),
    )


def older(db: sqlite3.Connection, row_id: int, before_key: str, most: int) -> list[Message]:
    """The messages before an order key, the nearest `most` of them, oldest first."""
    row: ThreadKey | None = db.execute("SELECT store_id, thread_id FROM thread WHERE row_id = ?", (row_id,)).fetchone()
    return [] if row is None else read_messages(db, row_id, row, most, before_key=before_key)


def of_order(db: sqlite3.Connection, store_id: str, order_no: str) -> list[int]:
    """The rows of threads about an order, newest first; without one, those with its buyer."""
    about = db.execute(
        "SELECT row_id FROM thread WHERE store_id = ? AND order_no = ? ORDER BY last_at DESC", (store_id, order_no)
    ).fetchall()
    if about:
        return [row_id for (row_id,) in about]
    order = _order(db, store_id, order_no)
    return [] if order is None or not order.buyer_id else of_buyer(db, store_id, order.buyer_id)


def of_buyer(db: sqlite3.Connection, store_id: str, buyer_id: str) -> list[int]:
    """The rows of a store's threads with a buyer, newest first."""
    rows_ = db.execute(
        "SELECT row_id FROM thread WHERE store_id = ? AND buyer_id = ? ORDER BY last_at DESC", (store_id, buyer_id)
    )
    return [row_id for (row_id,) in rows_]


def orders_of_buyer(db: sqlite3.Connection, row_id: int, most: int) -> list[int]:
    """The rows of the orders of a thread's buyer in its store, newest first: what it may be linked to."""
    found = db.execute(
        f"""
        SELECT o.row_id FROM thread t
        JOIN order_code c ON c.kind = {CODE_BUYER} AND c.code = t.buyer_id
        JOIN orders o ON o.row_id = c.row_id AND o.store_id = t.store_id
        WHERE t.row_id = ? AND t.buyer_id <> '' ORDER BY o.created_at DESC LIMIT ?
        """,
        (row_id, most),
    )
    return [order_row for (order_row,) in found]


def linked_order(db: sqlite3.Connection, row_id: int) -> Order | None:
    """The order a thread is about, None without one or when it is not in the cache."""
    row = db.execute("SELECT store_id, order_no FROM thread WHERE row_id = ?", (row_id,)).fetchone()
    return None if row is None or not row[1] else _order(db, *row)


_VALUES = """
SELECT t.row_id, t.buyer, t.order_no, {store}, b.body FROM thread t {stores}
LEFT JOIN orders o ON o.store_id = t.store_id AND o.order_no = t.order_no
LEFT JOIN order_body b ON b.row_id = o.row_id
WHERE t.row_id IN (SELECT value FROM json_each(?))
"""


_STORES = "LEFT JOIN ledger.store s ON s.store_id = t.store_id"


def template_values(
    db: sqlite3.Connection, ids: Sequence[int], *, with_stores: bool = True
) -> dict[int, dict[str, str]]:
    """What templates can be filled with, per row, by `templates.VARIABLES`; only what has a value.

    `with_stores` needs the ledger beside the cache, as readers have it.
    """
    sql = _VALUES.format(store="s.name" if with_stores else "''", stores=_STORES if with_stores else "")
    found = {}
    for row_id, buyer, order_no, store, body in db.execute(sql, (json.dumps(list(ids)),)):
        values = {"buyer": buyer, "order": order_no, "store": store or ""}
        if body is not None:
            order = decode_order(body)
            values |= {
                "tracking": order.tracking_number,
                "carrier": order.carrier_name,
                "items": ", ".join(map(_item, order.lines)),
            }
        found[row_id] = {name: value for name, value in values.items() if value}
    return found


def _item(line: Line) -> str:
    name = " ".join(part for part in (line.product_name or line.sku, line.variant_name) if part)
    return name if line.quantity == 1 else f"{line.quantity} × {name}"


def _order(db: sqlite3.Connection, store_id: str, order_no: str) -> Order | None:
    row = db.execute(
        """
        SELECT b.body FROM orders o JOIN order_body b ON b.row_id = o.row_id
        WHERE o.store_id = ? AND o.order_no = ?
        """,
        (store_id, order_no),
    ).fetchone()
    return None if row is None else decode_order(row[0])


def search(db: sqlite3.Connection, text: str, most: int) -> list[int]:
    """The rows of threads in which a text was said, by its newest hit; at most so many."""
    expression = match_expression(text, exact=False)
    if not expression:
        return []
    found: dict[int, None] = {}
    hits = db.execute(
        "SELECT rowid FROM message_text WHERE message_text MATCH ? ORDER BY rowid DESC LIMIT ?",
        (expression, _HITS_MAX),
    )
    for (number,) in hits:
        found.setdefault(thread_of_number(number))
        if len(found) >= most:
            break
    return list(found)
