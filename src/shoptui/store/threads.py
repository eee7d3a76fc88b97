"""Writing conversations into the cache: threads as a marketplace lists them, and their messages in whatever order."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from shoptui.domain.language import language_of_talk
from shoptui.domain.messages import Message, MessageState, Sender, Thread
from shoptui.store.codes import NEVER, moment
from shoptui.store.database import transaction
from shoptui.store.erasure import erased_message, erased_thread
from shoptui.store.fulltext import indexed
from shoptui.store.results import MessagesPut
from shoptui.store.thread_codes import NO_STATE, first_number, search_number
from shoptui.store.thread_fold import ReplyRules, refold, refresh
from shoptui.store.thread_lookups import MESSAGE_COLUMNS, ThreadKey, thread_row
from shoptui.store.thread_words import add_words, drop_words, renew_words

#: A buyer's language is told from so many of the newest messages.
_LANGUAGE_OF = 8

_INSERT = f"INSERT INTO message (thread_row, {MESSAGE_COLUMNS}, search_no) VALUES ({', '.join('?' * 15)})"
_BY_ID = f"SELECT {MESSAGE_COLUMNS}, search_no FROM message WHERE thread_row = ? AND message_id = ?"
_ADD_TEXT = "INSERT INTO message_text (rowid, text) VALUES (?, ?)"
_DROP_TEXT = "INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', ?, ?)"

_PUT_THREAD = """
INSERT INTO thread
(store_id, thread_id, buyer_id, buyer, market_no, agent, can_send, unread, last_at, language, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?)
ON CONFLICT (store_id, thread_id) DO UPDATE SET
    buyer_id = excluded.buyer_id, buyer = excluded.buyer, market_no = excluded.market_no, agent = excluded.agent,
    can_send = excluded.can_send, unread = excluded.unread, last_at = excluded.last_at, seen_at = excluded.seen_at
WHERE excluded.last_at >= last_at
RETURNING row_id
"""

_UNCHANGED = """
SELECT 1 FROM thread WHERE store_id = ? AND thread_id = ? AND buyer_id = ? AND buyer = ? AND market_no = ?
AND agent = ? AND can_send IS ? AND unread = ? AND last_at = ?
"""


def put_threads(
    db: sqlite3.Connection, threads: Sequence[Thread], rules: ReplyRules, now: int
) -> tuple[list[int], list[ThreadKey]]:
    """Write threads as the marketplace lists them; returns the rows that changed and the keys of new ones.

    A copy whose newest message is older than what is known says nothing.
    """
    changed: list[int] = []
    new: list[ThreadKey] = []
    with transaction(db):
        for listed in threads:
            key = (listed.store_id, listed.thread_id)
            thread = erased_thread(listed, _erased_at(db, key))
            facts = (thread.buyer_id, thread.buyer, thread.order_no, thread.agent, thread.can_send, thread.unread)
            if db.execute(_UNCHANGED, (*key, *facts, thread.last_at)).fetchone():
                db.execute(
                    "UPDATE thread SET seen_at = max(seen_at, ?) WHERE store_id = ? AND thread_id = ?", (now, *key)
                )
                continue
            if thread_row(db, key) is None:
                new.append(key)
            # All rows are read, so that the statement has ended before the next begins.
            for (row_id,) in db.execute(_PUT_THREAD, (*key, *facts, thread.last_at, now)).fetchall():
                refresh(db, row_id, rules, now)
                changed.append(row_id)
    return changed, new


def set_unread(db: sqlite3.Connection, key: ThreadKey, unread: int) -> int | None:
    """Note how many messages are unread; the row if that changed anything."""
    with transaction(db):
        row = db.execute(
            "UPDATE thread SET unread = ? WHERE store_id = ? AND thread_id = ? AND unread <> ? RETURNING row_id",
            (unread, *key, unread),
        ).fetchall()
    return row[0][0] if row else None


def put_messages(
    db: sqlite3.Connection,
    key: ThreadKey,
    messages: Sequence[Message],
    rules: ReplyRules,
    now: int,
    *,
    complete_from: bool,
    region: str = "",
) -> MessagesPut:
    """Write messages of one thread: once each, whatever order they come in; edits and recalls replace the text.

    Returns nothing seen for a thread that is not here (any more).
    """
    with transaction(db):
        found = db.execute(
            "SELECT row_id, last_key, whole_key, erased_at FROM thread WHERE store_id = ? AND thread_id = ?", key
        ).fetchone()
        if found is None:
            return MessagesPut(None, (), changed=False)
        row_id, last_key, whole_key, erased_at = found
        batch = {message.message_id: erased_message(message, erased_at) for message in messages}
        taken = _numbers_taken(db, row_id, batch.values())
        seen: list[Message] = []
        touched: list[str] = []
        said: list[str] = []
        joins = words_gone = False
        for message in (_placed(db, row_id, message) for message in batch.values()):
            known = db.execute(_BY_ID, (row_id, message.message_id)).fetchone()
            joins = joins or known is not None
            if known is None:
                touched.append(_insert(db, row_id, message, taken, said))
                seen.append(message)
            elif (kept := _newer(message, known)) is not None:
                touched.extend((_remove(db, row_id, known), _insert(db, row_id, kept, taken, said)))
                words_gone = words_gone or (bool(known[-1]) and known[6] != _searched(kept))
        if batch:
            oldest_key = min(message.order_key for message in batch.values())
            whole = _whole(whole_key, last_key, oldest_key, joins=joins, complete_from=complete_from)
        else:
            whole = "" if complete_from and not last_key else whole_key
        if whole != whole_key:
            db.execute("UPDATE thread SET whole_key = ? WHERE row_id = ?", (whole, row_id))
        if touched:
            if words_gone:
                renew_words(db, row_id)
            else:
                add_words(db, row_id, said)
            _guess_language(db, row_id, region)
            refold(db, row_id, *key, min(touched), rules, now)
            refresh(db, row_id, rules, now)
    seen.sort(key=lambda message: message.order_key)
    return MessagesPut(row_id, tuple(seen), changed=bool(touched) or whole != whole_key)


def _guess_language(db: sqlite3.Connection, row_id: int, region: str) -> None:
    """Note the language of the buyer's newest messages; what cannot be told leaves what was known."""
    texts = db.execute(
        f"""
        SELECT text FROM message WHERE thread_row = ? AND sender = '{Sender.BUYER.value}' AND text <> ''
        ORDER BY order_key DESC LIMIT {_LANGUAGE_OF}
        """,
        (row_id,),
    )
    if language := language_of_talk((text for (text,) in texts), region):
        db.execute("UPDATE thread SET language = ? WHERE row_id = ?", (language, row_id))


def _placed(db: sqlite3.Connection, row_id: int, message: Message) -> Message:
    """The message with an order key of its own, should a marketplace give two messages the same."""
    other = db.execute(
        "SELECT 1 FROM message WHERE thread_row = ? AND order_key = ? AND message_id <> ?",
        (row_id, message.order_key, message.message_id),
    ).fetchone()
    return message if other is None else replace(message, order_key=f"{message.order_key}~{message.message_id}")


def _whole(whole_key: str | None, last_key: str, oldest_key: str, *, joins: bool, complete_from: bool) -> str | None:
    """From which message on none is missing, after a run of messages was added that begins with `oldest_key`."""
    if whole_key is None:
        return "" if complete_from else oldest_key
    if oldest_key > last_key and not joins:
        # Newer than all that is here: unless the caller knows that they follow it, there may be others between.
        return whole_key if complete_from else oldest_key
    if oldest_key < whole_key and complete_from:
        return ""
    return min(whole_key, oldest_key) if joins else whole_key


def _numbers_taken(db: sqlite3.Connection, row_id: int, messages: Collection[Message]) -> set[int]:
    """The index numbers the thread's messages have from the oldest of these on."""
    if not messages:
        return set()
    lowest = first_number(min(message.sent_at for message in messages))
    rows = db.execute("SELECT search_no FROM message WHERE thread_row = ? AND search_no >= ?", (row_id, lowest))
    return {number for (number,) in rows}


def _newer(message: Message, known: Sequence[Any]) -> Message | None:
    """The message as it is to be kept now; None when the copy says nothing that is not known.

    A recalled message stays recalled, whatever copy of it arrives late.
    """
    if _values(message) == tuple(known[:-1]):
        return None
    recalled = known[4] == MessageState.RECALLED.value and message.state is not MessageState.RECALLED
    return None if recalled else message


def _values(message: Message) -> tuple[object, ...]:
    return (
        message.order_key,
        message.message_id,
        message.kind.value,
        message.sender.value,
        message.state.value,
        message.sent_at,
        message.text,
        message.link,
        message.width,
        message.height,
        message.reference,
        message.raw_kind,
        message.name,
    )


def _searched(message: Message) -> str:
    """What of a message can be searched for."""
    return "" if message.state is MessageState.RECALLED else message.text


def _insert(db: sqlite3.Connection, row_id: int, message: Message, taken: set[int], said: list[str]) -> str:
    """Write a message that is not there; its text is added to `said` as it is indexed. Returns its order key."""
    text = _searched(message)
    number = search_number(message.sent_at, row_id, taken) if text else 0
    db.execute(_INSERT, (row_id, *_values(message), number))
    if number:
        said.append(indexed(text))
        db.execute(_ADD_TEXT, (number, said[-1]))
    return message.order_key


def _remove(db: sqlite3.Connection, row_id: int, known: Sequence[Any]) -> str:
    """Take a message out of the table and of the index; returns its order key."""
    db.execute("DELETE FROM message WHERE thread_row = ? AND order_key = ?", (row_id, known[0]))
    if known[-1]:
        db.execute(_DROP_TEXT, (known[-1], indexed(known[6])))
    return str(known[0])


def _erased_at(db: sqlite3.Connection, key: ThreadKey) -> int | None:
    row = db.execute("SELECT erased_at FROM thread WHERE store_id = ? AND thread_id = ?", key).fetchone()
    return None if row is None else row[0]


def erase(db: sqlite3.Connection, row_id: int, erased_at: int) -> None:
    """Take the words out of a thread's messages up to that moment (epoch s), and its buyer's name.

    Part of the caller's transaction, who refreshes the row.
    """
    db.execute("UPDATE thread SET buyer = '' WHERE row_id = ? AND last_at <= ?", (row_id, erased_at))
    said = db.execute(
        f"""
        SELECT {MESSAGE_COLUMNS}, search_no FROM message
        WHERE thread_row = ? AND sent_at <= ? AND (text <> '' OR link <> '')
        """,
        (row_id, erased_at),
    ).fetchall()
    for known in said:
        _remove(db, row_id, known)
        db.execute(_INSERT, (row_id, *known[:6], "", "", *known[8:-1], 0))
    if said:
        renew_words(db, row_id)


def pass_clocks(db: sqlite3.Connection, rules: ReplyRules, now: int) -> tuple[int, ...]:
    """Fold the threads anew whose next loss has come, or whose question counts as late now; returns their rows."""
    with transaction(db):
        rows = db.execute(
            f"""
            SELECT row_id FROM thread WHERE next_at <= ? AND next_at < {NEVER}
            UNION SELECT row_id FROM thread WHERE uncounted_at <= ? AND uncounted_at < {NEVER}
            """,
            (now, now),
        ).fetchall()
        for (row_id,) in rows:
            refresh(db, row_id, rules, now)
    return tuple(row_id for (row_id,) in rows)


def next_clock_at(db: sqlite3.Connection) -> int | None:
    """When threads must be folded next (epoch s), None without a reason to."""
    row = db.execute(
        f"""
        SELECT min(
            (SELECT coalesce(min(next_at), {NEVER}) FROM thread INDEXED BY thread_ahead WHERE next_at < {NEVER}),
            (
                SELECT coalesce(min(uncounted_at), {NEVER}) FROM thread INDEXED BY thread_uncounted
                WHERE uncounted_at < {NEVER}
            )
        )
        """
    ).fetchone()
    return moment(row[0])


def soonest_reply(db: sqlite3.Connection, store_id: str, now: int, before_at: int) -> int | None:
    """A store's earliest reply clock between the two moments (epoch s), None when there is none so soon."""
    row = db.execute(
        f"""
        SELECT min(reply_at) FROM thread INDEXED BY thread_ahead
        WHERE next_at > ? AND next_at < ? AND next_at < {NEVER} AND store_id = ? AND reply_at > ? AND reply_at < ?
        """,
        (now, before_at, store_id, now, before_at),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def recompute(
    db: sqlite3.Connection, rules: ReplyRules, after_row: int, count: int, now: int
) -> tuple[int | None, tuple[int, ...]]:
    """Find the questions and clocks of the next `count` threads after a row anew; one transaction.

    Returns the last row looked at (None at the end) and the rows that changed.
    """
    changed: list[int] = []
    with transaction(db):
        rows = db.execute(
            "SELECT row_id, store_id, thread_id FROM thread WHERE row_id > ? ORDER BY row_id LIMIT ?",
            (after_row, count),
        ).fetchall()
        for row_id, store_id, thread_id in rows:
            before = _folded(db, row_id)
            refold(db, row_id, store_id, thread_id, "", rules, now)
            refresh(db, row_id, rules, now)
            if _folded(db, row_id) != before:
                changed.append(row_id)
    return (rows[-1][0] if rows else None), tuple(changed)


def _folded(db: sqlite3.Connection, row_id: int) -> object:
    return db.execute(
        "SELECT reply_at, reply_source, state, missed_group, next_at, next_kind, missed FROM thread WHERE row_id = ?",
        (row_id,),
    ).fetchone()


def forget(db: sqlite3.Connection, store_id: str, count: int) -> int:
    """Drop up to `count` threads of a store with their messages, at the end its numbers; how many there were."""
    with transaction(db):
        rows = db.execute("SELECT row_id FROM thread WHERE store_id = ? LIMIT ?", (store_id, count)).fetchall()
        for (row_id,) in rows:
            texts = db.execute("SELECT search_no, text FROM message WHERE thread_row = ? AND search_no <> 0", (row_id,))
            db.executemany(_DROP_TEXT, [(number, indexed(text)) for number, text in texts.fetchall()])
            drop_words(db, row_id)
            db.execute("DELETE FROM message WHERE thread_row = ?", (row_id,))
            db.execute("DELETE FROM question WHERE thread_row = ?", (row_id,))
            db.execute("DELETE FROM thread WHERE row_id = ?", (row_id,))
        if len(rows) < count:
            db.execute("DELETE FROM answer_hour WHERE store_id = ?", (store_id,))
            db.execute("DELETE FROM chat_figure WHERE store_id = ?", (store_id,))
    return len(rows)


def mark_granted(db: sqlite3.Connection, store_id: str, granted: bool) -> None:
    """Keep the one row that stands for a store without chat in step; part of the caller's transaction."""
    if granted:
        db.execute("DELETE FROM thread WHERE store_id = ? AND thread_id = ''", (store_id,))
    else:
        db.execute(
            """
            INSERT OR IGNORE INTO thread
            (store_id, thread_id, buyer_id, buyer, market_no, agent, unread, last_at, language, seen_at, state)
            VALUES (?, '', '', '', '', '', 0, 0, '', 0, ?)
            """,
            (store_id, NO_STATE),
        )
