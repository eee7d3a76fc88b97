"""What operators decide about threads, in the ledger: assignment, escalation, snooze, done, links, notes, claims.

The cache repeats what lists look at; the ledger is written first, and `all_rows` brings a cache up to date that a crash
or a rebuild left behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from shoptui.store.database import transaction
from shoptui.store.thread_fold import ReplyRules, refresh
from shoptui.store.thread_lookups import ThreadKey, thread_row
from shoptui.store.threads import erase

#: What the cache repeats of a desk row, in both tables' columns.
_REPEATED = (
    ("linked_no", "order_no"),
    ("assignee", "assignee"),
    ("escalated_to", "escalated_to"),
    ("escalation_due_at", "escalation_due_at"),
    ("snoozed_until", "snoozed_until"),
    ("snoozed_for_buyer", "snoozed_for_buyer"),
    ("snooze_key", "snooze_key"),
    ("done_key", "done_key"),
    ("erased_at", "erased_at"),
)
_CACHE_COLUMNS = ", ".join(mine for mine, _ in _REPEATED)
_DESK_COLUMNS = ", ".join(theirs for _, theirs in _REPEATED)
#: A thread nobody decided anything about.
_NOTHING: tuple[str | int | None, ...] = ("", "", "", None, None, 0, "", "", None)

DeskRow = tuple[str | int | None, ...]
#: Columns of a desk row with what they shall be.
Values = Mapping[str, str | int | None]


def change(db: sqlite3.Connection, changes: Mapping[ThreadKey, Values], told: Sequence[str]) -> list[ThreadKey]:
    """Set columns of threads' desk rows; returns the threads where one of the columns in `told` changed.

    Who did it and when is among the values, but no change by itself: then nothing is written.
    """
    changed = []
    with transaction(db):
        for key, values in changes.items():
            db.execute("INSERT OR IGNORE INTO thread_desk (store_id, thread_id) VALUES (?, ?)", key)
            assignments = ", ".join(f"{column} = ?" for column in values)
            differs = " OR ".join(f"{column} IS NOT ?" for column in told)
            done = db.execute(
                f"UPDATE thread_desk SET {assignments} WHERE store_id = ? AND thread_id = ? AND ({differs})",
                (*values.values(), *key, *(values[column] for column in told)),
            )
            if done.rowcount:
                changed.append(key)
    return changed


def desk_rows(db: sqlite3.Connection, keys: Sequence[ThreadKey]) -> dict[ThreadKey, DeskRow]:
    """What the cache repeats of these threads; those nobody decided anything about are left out."""
    found = {}
    for key in keys:
        row = db.execute(f"SELECT {_DESK_COLUMNS} FROM thread_desk WHERE store_id = ? AND thread_id = ?", key)
        if (values := row.fetchone()) is not None:
            found[key] = tuple(values)
    return found


def linked_no(row: DeskRow) -> str:
    """The order a desk row links its thread to."""
    return str(row[[mine for mine, _ in _REPEATED].index("linked_no")])


def all_rows(db: sqlite3.Connection) -> dict[ThreadKey, DeskRow]:
    """As `desk_rows`, of all threads."""
    rows = db.execute(f"SELECT store_id, thread_id, {_DESK_COLUMNS} FROM thread_desk")
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def repeat(db: sqlite3.Connection, desk: Mapping[ThreadKey, DeskRow], rules: ReplyRules, now: int) -> tuple[int, ...]:
    """Write desk rows into the cache where they differ; returns the rows that changed."""
    changed = []
    with transaction(db):
        for key, values in desk.items():
            row_id = thread_row(db, key)
            if row_id is None:
                continue
            here = db.execute(f"SELECT {_CACHE_COLUMNS} FROM thread WHERE row_id = ?", (row_id,)).fetchone()
            if tuple(here) == values:
                continue
            assignments = ", ".join(f"{mine} = ?" for mine, _ in _REPEATED)
            db.execute(f"UPDATE thread SET {assignments} WHERE row_id = ?", (*values, row_id))
            if isinstance(erased_at := values[-1], int):
                erase(db, row_id, erased_at)
            refresh(db, row_id, rules, now)
            changed.append(row_id)
    return tuple(changed)


def repeat_all(db: sqlite3.Connection, desk: Mapping[ThreadKey, DeskRow], rules: ReplyRules, now: int) -> None:
    """Bring all of the cache in step with the ledger, also where the ledger has nothing (it was restored)."""
    rows = db.execute(f"SELECT store_id, thread_id, {_CACHE_COLUMNS} FROM thread WHERE thread_id <> ''")
    behind = {}
    for row in rows.fetchall():
        key, here = (row[0], row[1]), tuple(row[2:])
        there = desk.get(key, _NOTHING)
        if here != there:
            behind[key] = there
    if behind:
        repeat(db, behind, rules, now)


def newest_keys(db: sqlite3.Connection, keys: Sequence[ThreadKey]) -> dict[ThreadKey, str]:
    """The order key of each thread's newest message, from the cache; "" for those without any."""
    found = {}
    for key in keys:
        row = db.execute("SELECT last_key FROM thread WHERE store_id = ? AND thread_id = ?", key).fetchone()
        found[key] = "" if row is None else str(row[0])
    return found


def key_of(db: sqlite3.Connection, key: ThreadKey, message_id: str) -> str:
    """A message's order key, from the cache; "" for a message that is not here."""
    row = db.execute(
        """
        SELECT m.order_key FROM thread t JOIN message m ON m.thread_row = t.row_id AND m.message_id = ?
        WHERE t.store_id = ? AND t.thread_id = ?
        """,
        (message_id, *key),
    ).fetchone()
    return "" if row is None else str(row[0])


def note(db: sqlite3.Connection, key: ThreadKey, operator: str, text: str, now: int) -> int:
    """Add a note to a thread; returns its id. Notes are never changed, only added to."""
    with transaction(db):
        cursor = db.execute(
            "INSERT INTO thread_note (store_id, thread_id, at, operator, body) VALUES (?, ?, ?, ?, ?)",
            (*key, now, operator, text),
        )
        return int(cursor.lastrowid or 0)


def claim(
    db: sqlite3.Connection, keys: Sequence[ThreadKey], operator: str, on: bool, now: int, for_s: int
) -> list[ThreadKey]:
    """Take threads on, or give up one's own; returns those that changed. A colleague's claim is taken over."""
    with transaction(db):
        db.execute("DELETE FROM thread_claim WHERE until_at <= ?", (now,))
        if on:
            db.executemany(
                "INSERT OR REPLACE INTO thread_claim VALUES (?, ?, ?, ?, ?)",
                [(*key, operator, now, now + for_s) for key in keys],
            )
            return list(keys)
        return [
            key
            for key in keys
            if db.execute(
                "DELETE FROM thread_claim WHERE store_id = ? AND thread_id = ? AND operator = ?", (*key, operator)
            ).rowcount
        ]


def claims(db: sqlite3.Connection, keys: Sequence[ThreadKey], now: int) -> dict[ThreadKey, str]:
    """Who has which of the threads at this moment."""
    rows = db.execute(
        """
        SELECT c.store_id, c.thread_id, c.operator FROM json_each(?) j
        CROSS JOIN thread_claim c ON c.store_id = j.value ->> 0 AND c.thread_id = j.value ->> 1
        WHERE c.until_at > ?
        """,
        (json.dumps(list(keys)), now),
    )
    return {(store_id, thread_id): operator for store_id, thread_id, operator in rows}


def claimed_in(db: sqlite3.Connection, store_id: str, now: int) -> list[str]:
    """The threads of a store that somebody is on at this moment."""
    rows = db.execute(
        "SELECT thread_id FROM thread_claim WHERE store_id = ? AND until_at > ? ORDER BY at DESC", (store_id, now)
    )
    return [thread_id for (thread_id,) in rows]


def log_auto_reply(db: sqlite3.Connection, key: ThreadKey, message_id: str, rule: str, now: int) -> bool:
    """Note that a buyer's message is answered by a rule; False when it was already, and must not be again."""
    with transaction(db):
        done = db.execute("INSERT OR IGNORE INTO auto_reply_log VALUES (?, ?, ?, ?, ?)", (*key, message_id, rule, now))
        return done.rowcount > 0


def auto_replies(db: sqlite3.Connection, key: ThreadKey, since: int) -> list[tuple[str, str, int]]:
    """A thread's automatic answers since a moment (epoch s), oldest first: message answered, rule, when."""
    return db.execute(
        """
        SELECT message_id, rule, at FROM auto_reply_log WHERE store_id = ? AND thread_id = ? AND at >= ?
        ORDER BY at, message_id
        """,
        (*key, since),
    ).fetchall()
