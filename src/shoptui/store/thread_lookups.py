"""Looking up conversations and their messages by the marketplace's own ids, as writer and readers do."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from shoptui.queries.inbox import ThreadState
from shoptui.store.codes import moment
from shoptui.store.results import ThreadFacts
from shoptui.store.thread_codes import STATE_CODE, STATE_OF_CODE

#: A thread by store and the marketplace's id.
ThreadKey = tuple[str, str]

MESSAGE_COLUMNS = (
    "order_key, message_id, kind, sender, state, sent_at, text, link, width, height, reference, raw_kind, name"
)


def thread_row(db: sqlite3.Connection, key: ThreadKey) -> int | None:
    """A thread's row, None when it is not here."""
    row = db.execute("SELECT row_id FROM thread WHERE store_id = ? AND thread_id = ?", key).fetchone()
    return None if row is None else int(row[0])


def thread_rows(db: sqlite3.Connection, keys: Sequence[ThreadKey]) -> tuple[int, ...]:
    """The rows of threads; unknown ones are left out."""
    return tuple(row_id for key in dict.fromkeys(keys) if (row_id := thread_row(db, key)) is not None)


def known_threads(db: sqlite3.Connection, store_id: str) -> dict[str, tuple[str, int, int]]:
    """Per thread the newest message that is here with its time (epoch s), "" and 0 for none, and the unread count."""
    rows = db.execute(
        """
        SELECT t.thread_id, t.last_message_id, coalesce(m.sent_at, 0), t.unread
        FROM thread t LEFT JOIN message m ON m.thread_row = t.row_id AND m.order_key = t.last_key
        WHERE t.store_id = ? AND t.thread_id <> ''
        """,
        (store_id,),
    )
    return {thread_id: (message_id, sent_at, unread) for thread_id, message_id, sent_at, unread in rows}


def threads_of_order(db: sqlite3.Connection, store_id: str, order_no: str) -> list[str]:
    """The ids of threads about an order, newest first."""
    rows = db.execute(
        "SELECT thread_id FROM thread WHERE store_id = ? AND order_no = ? AND thread_id <> '' ORDER BY last_at DESC",
        (store_id, order_no),
    )
    return [thread_id for (thread_id,) in rows]


def waiting_threads(db: sqlite3.Connection, store_id: str) -> list[str]:
    """A store's threads that wait for an answer, the one whose clock ends first on top."""
    rows = db.execute(
        "SELECT thread_id FROM thread WHERE store_id = ? AND state = ? AND thread_id <> '' ORDER BY reply_at, row_id",
        (store_id, STATE_CODE[ThreadState.WAITING]),
    )
    return [thread_id for (thread_id,) in rows]


def newest_messages(
    db: sqlite3.Connection, key: ThreadKey, after_message_id: str, most: int, *, before_key: str = ""
) -> list[Message]:
    """A thread's newest messages, at most so many, oldest first: those after a message, or before an order key.

    An unknown message, like "", bounds nothing.
    """
    row_id = thread_row(db, key)
    if row_id is None:
        return []
    after = db.execute(
        "SELECT order_key FROM message WHERE thread_row = ? AND message_id = ?", (row_id, after_message_id)
    ).fetchone()
    return read_messages(db, row_id, key, most, after_key=after[0] if after else "", before_key=before_key)


def knows_message(db: sqlite3.Connection, key: ThreadKey, message_id: str) -> bool:
    """Whether a message of a thread is here; "" stands for the state before any message."""
    row_id = thread_row(db, key)
    if row_id is None:
        return False
    if not message_id:
        return db.execute("SELECT 1 FROM message WHERE thread_row = ?", (row_id,)).fetchone() is None
    found = db.execute("SELECT 1 FROM message WHERE thread_row = ? AND message_id = ?", (row_id, message_id))
    return found.fetchone() is not None


def read_messages(
    db: sqlite3.Connection, row_id: int, key: ThreadKey, most: int, *, after_key: str = "", before_key: str = ""
) -> list[Message]:
    """The newest messages of a row between two order keys ("" sets no bound), oldest first."""
    before = "AND order_key < ?" if before_key else ""
    rows = db.execute(
        f"""
        SELECT {MESSAGE_COLUMNS} FROM message WHERE thread_row = ? AND order_key > ? {before}
        ORDER BY order_key DESC LIMIT ?
        """,
        (row_id, after_key, *([before_key] if before_key else []), most),
    ).fetchall()
    return [_message(key, row) for row in reversed(rows)]


def _message(key: ThreadKey, row: Sequence[Any]) -> Message:
    return Message(
        store_id=key[0],
        thread_id=key[1],
        message_id=row[1],
        order_key=row[0],
        kind=MessageKind(row[2]),
        sender=Sender(row[3]),
        sent_at=row[5],
        text=row[6],
        state=MessageState(row[4]),
        link=row[7],
        width=row[8],
        height=row[9],
        reference=row[10],
        raw_kind=row[11],
        name=row[12],
    )


_FACTS = """
SELECT
    row_id, buyer_id, buyer, order_no, language, unread, can_send, state, asked_at, answered_at, reply_at,
    last_message_id, last_key, whole_key, assignee, snoozed, escalated_to
FROM thread WHERE store_id = ? AND thread_id = ?
"""

#: So many messages are looked through for how many the store has sent since the buyer's last one.
_SENT_WITHIN = 100


def facts(db: sqlite3.Connection, key: ThreadKey) -> ThreadFacts | None:
    """What the engine decides by before it writes into a thread, None for one that is not here."""
    row = db.execute(_FACTS, key).fetchone()
    if row is None:
        return None
    row_id = row[0]
    sent = 0
    senders = db.execute(
        "SELECT sender FROM message WHERE thread_row = ? ORDER BY order_key DESC LIMIT ?", (row_id, _SENT_WITHIN)
    )
    for (sender,) in senders:
        if sender == Sender.BUYER.value:
            break
        sent += sender in (Sender.STORE.value, Sender.ROBOT.value)
    return ThreadFacts(
        row_id=row_id,
        store_id=key[0],
        thread_id=key[1],
        buyer_id=row[1],
        buyer=row[2],
        order_no=row[3],
        language=row[4],
        unread=row[5],
        can_send=None if row[6] is None else bool(row[6]),
        state=STATE_OF_CODE[row[7]],
        asked_at=row[8],
        answered_at=row[9],
        reply_at=moment(row[10]),
        last_message_id=row[11],
        last_key=row[12],
        whole=row[13] == "",
        assignee=row[14],
        snoozed=bool(row[15]),
        escalated_to=row[16],
        sent_since_buyer=sent,
    )
