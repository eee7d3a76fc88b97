"""Forgetting a buyer: which conversations that reaches, and that nothing of their words is left in the files.

What was said up to that moment loses its words, links and names, in the cache for good: a copy of such a message that
is read again comes without them. Ids, times, who spoke (buyer, store, robot), questions and their counts stay, since
response rates follow from them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shoptui.domain.intents import OPEN_STATES
from shoptui.domain.messages import Message, Thread
from shoptui.store.codes import CODE_BUYER
from shoptui.store.database import transaction
from shoptui.store.thread_lookups import ThreadKey

#: Pages of the full-text index that are merged in one go: others wait for it some milliseconds.
_MERGE_PAGES = 200

_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN_STATES))
#: What a reply's evidence quotes.
_QUOTES = ("$.store_said", "$.said_words", "$.comment")


@dataclass(frozen=True, slots=True)
class ErasedBuyer:
    """What forgetting a buyer reached: the conversations with their rows in the cache.

    `on_their_way` replies of those may have left and are not settled: they keep their words, by which the marketplace
    is read back. Erase again when they are settled.
    """

    threads: tuple[ThreadKey, ...]
    rows: tuple[int, ...]
    on_their_way: int


def erased_message(message: Message, erased_at: int | None) -> Message:
    """The message as it may be kept after its buyer was forgotten at that moment (epoch s), None for never."""
    if erased_at is None or message.sent_at > erased_at:
        return message
    return replace(message, text="", link="")


def erased_thread(thread: Thread, erased_at: int | None) -> Thread:
    """The thread likewise; a buyer who writes again has a name again."""
    return thread if erased_at is None or thread.last_at > erased_at else replace(thread, buyer="")


def threads_of_buyer(db: sqlite3.Connection, store_id: str, order_no: str) -> list[ThreadKey]:
    """The conversations of the buyer of an order, and those about it, by the cache."""
    rows = db.execute(
        f"""
        SELECT t.thread_id FROM orders o JOIN order_code c ON c.row_id = o.row_id AND c.kind = {CODE_BUYER}
        JOIN thread t ON t.store_id = o.store_id AND t.buyer_id = c.code
        WHERE o.store_id = ? AND o.order_no = ?
        UNION SELECT thread_id FROM thread WHERE store_id = ? AND order_no = ?
        ORDER BY 1
        """,
        (store_id, order_no, store_id, order_no),
    )
    return [(store_id, thread_id) for (thread_id,) in rows if thread_id]


def waiting_replies(db: sqlite3.Connection, keys: Sequence[ThreadKey]) -> list[int]:
    """The intents on these conversations that are not settled."""
    return [
        intent_id
        for key in keys
        for (intent_id,) in db.execute(
            f"""
            SELECT intent_id FROM outbox WHERE store_id = ? AND target_kind = 'thread' AND target_id = ?
            AND state IN ({_OPEN})
            """,
            key,
        )
    ]


def forget_talks(db: sqlite3.Connection, keys: Sequence[ThreadKey], now: int) -> int:
    """Take the words out of what the ledger has of conversations: settled replies, notes, reasons.

    Returns how many replies are not settled and keep theirs.
    """
    kept = 0
    with transaction(db):
        for key in keys:
            db.execute("INSERT OR IGNORE INTO thread_desk (store_id, thread_id) VALUES (?, ?)", key)
            db.execute(
                "UPDATE thread_desk SET erased_at = ?, escalation_reason = '' WHERE store_id = ? AND thread_id = ?",
                (now, *key),
            )
            db.execute("UPDATE thread_note SET body = '' WHERE store_id = ? AND thread_id = ?", key)
            db.execute(
                f"""
                UPDATE outbox SET args = json_set(args, '$.text', ''), cause_message = '',
                    evidence = json_remove(evidence, {", ".join(f"'{path}'" for path in _QUOTES)})
                WHERE store_id = ? AND target_kind = 'thread' AND target_id = ? AND state NOT IN ({_OPEN})
                AND json_type(args, '$.text') = 'text'
                """,
                key,
            )
            kept += len(waiting_replies(db, [key]))
    return kept


# The files


def overwrite_deleted(db: sqlite3.Connection, everywhere: bool) -> None:
    """Whether what is deleted is overwritten with zeros everywhere, or only in pages that are written anyway."""
    db.execute(f"PRAGMA secure_delete = {'ON' if everywhere else 'FAST'}")


def merge_index(db: sqlite3.Connection, *, begin: bool) -> bool:
    """Merge some of the conversations' full-text indexes, where words that were deleted still stand; False when all is.

    `begin` makes one piece of all that is there; without it, what was begun goes on.
    """
    before = db.total_changes
    with transaction(db):
        pages = -_MERGE_PAGES if begin else _MERGE_PAGES
        db.execute("INSERT INTO message_text (message_text, rank) VALUES ('merge', ?)", (pages,))
        messages = db.total_changes
        db.execute("INSERT INTO thread_text (thread_text, rank) VALUES ('merge', ?)", (pages,))
    return messages - before >= 2 or db.total_changes - messages >= 2


def empty_log(db: sqlite3.Connection) -> None:
    """Move the write-ahead log into its file and cut it off: the words stand in it, too. A reader may delay that."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
