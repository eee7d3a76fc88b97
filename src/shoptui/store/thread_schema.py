"""The schemas of conversations: what the marketplaces can be asked for again, and what only this house knows."""

from __future__ import annotations

from shoptui.store.codes import CODE_BUYER, NEVER
from shoptui.store.migrations import Migration

# One narrow row per conversation. From `asked_key` on, the columns follow from its messages; those from `linked_no` to
# `done_key` repeat `ledger.thread_desk`, so that a list reads one table; the last ones follow from both. `last_key` is
# of the newest message here and `whole_key` says from which message on none is missing ("" from the beginning).
# `uncounted_at` is when an unanswered question will count as answered late. A row without a thread id stands for a
# store that was not granted chat.
_THREAD = """
CREATE TABLE thread (
    row_id INTEGER PRIMARY KEY,
    store_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    buyer TEXT NOT NULL,
    market_no TEXT NOT NULL,
    agent TEXT NOT NULL,
    can_send INTEGER,
    unread INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    language TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    last_key TEXT NOT NULL DEFAULT '',
    last_message_id TEXT NOT NULL DEFAULT '',
    whole_key TEXT,
    asked_key TEXT NOT NULL DEFAULT '',
    asked_at INTEGER,
    answered_at INTEGER,
    last_sender TEXT NOT NULL DEFAULT '',
    last_kind TEXT NOT NULL DEFAULT '',
    last_words TEXT NOT NULL DEFAULT '',
    reply_at INTEGER NOT NULL DEFAULT {never},
    reply_source TEXT NOT NULL DEFAULT '',
    uncounted_at INTEGER NOT NULL DEFAULT {never},
    linked_no TEXT NOT NULL DEFAULT '',
    assignee TEXT NOT NULL DEFAULT '',
    escalated_to TEXT NOT NULL DEFAULT '',
    escalation_due_at INTEGER,
    snoozed_until INTEGER,
    snoozed_for_buyer INTEGER NOT NULL DEFAULT 0,
    snooze_key TEXT NOT NULL DEFAULT '',
    done_key TEXT NOT NULL DEFAULT '',
    order_no TEXT NOT NULL DEFAULT '',
    state INTEGER NOT NULL DEFAULT 1,
    snoozed INTEGER NOT NULL DEFAULT 0,
    escalated INTEGER NOT NULL DEFAULT 0,
    missed_group INTEGER NOT NULL DEFAULT 1,
    next_at INTEGER NOT NULL DEFAULT {never},
    next_kind TEXT NOT NULL DEFAULT '',
    missed INTEGER NOT NULL DEFAULT 0,
    last_missed_at INTEGER,
    UNIQUE (store_id, thread_id)
) STRICT
"""

# Order of the first seven: the default sort. The rest are the columns filters look at.
_BY_LOSS = """
CREATE INDEX thread_by_loss ON thread (
    missed_group, next_at, escalated DESC, unread DESC, last_at DESC, store_id, row_id,
    state, snoozed, assignee, language, last_sender, reply_at
)
"""

CACHE_THREADS = Migration(
    "0002 conversations",
    (
        _THREAD.format(never=NEVER),
        _BY_LOSS,
        f"CREATE INDEX thread_ahead ON thread (next_at) WHERE next_at < {NEVER}",
        f"CREATE INDEX thread_uncounted ON thread (uncounted_at) WHERE uncounted_at < {NEVER}",
        "CREATE INDEX thread_by_order ON thread (store_id, order_no)",
        "CREATE INDEX thread_by_buyer ON thread (store_id, buyer_id)",
        # The messages of a thread lie side by side in their order: its newest are one short range.
        """
        CREATE TABLE message (
            thread_row INTEGER NOT NULL,
            order_key TEXT NOT NULL,
            message_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            sender TEXT NOT NULL,
            state TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            text TEXT NOT NULL,
            link TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            reference TEXT NOT NULL,
            raw_kind TEXT NOT NULL,
            name TEXT NOT NULL,
            search_no INTEGER NOT NULL,
            PRIMARY KEY (thread_row, order_key)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX message_by_id ON message (thread_row, message_id)",
        # The text itself is in `message`. A row's number tells when it was sent and in which thread (search_numbers).
        """
        CREATE VIRTUAL TABLE message_text USING fts5(
            text, content = '', columnsize = 0,
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
        )
        """,
        # A question is a run of a buyer's messages up to the answer.
        """
        CREATE TABLE question (
            thread_row INTEGER NOT NULL,
            asked_key TEXT NOT NULL,
            asked_at INTEGER NOT NULL,
            answered_at INTEGER,
            due_at INTEGER,
            outcome INTEGER NOT NULL,
            PRIMARY KEY (thread_row, asked_key)
        ) STRICT, WITHOUT ROWID
        """,
        # Questions by the hour in which they were asked: hours add up to days of any store's time zone.
        """
        CREATE TABLE answer_hour (
            store_id TEXT NOT NULL,
            hour INTEGER NOT NULL,
            waiting INTEGER NOT NULL,
            in_time INTEGER NOT NULL,
            late INTEGER NOT NULL,
            PRIMARY KEY (store_id, hour)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE chat_figure (
            store_id TEXT PRIMARY KEY,
            rate REAL NOT NULL,
            days INTEGER NOT NULL,
            read_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        # One row: the inbox's numbers in the header as the engine last counted them.
        """
        CREATE TABLE kept_inbox_counts (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            waiting INTEGER NOT NULL,
            missed INTEGER NOT NULL,
            under_2h INTEGER NOT NULL,
            escalated INTEGER NOT NULL
        ) STRICT
        """,
        # Orders that were cached before conversations were: by whose they are a thread finds its order.
        f"""
        INSERT OR IGNORE INTO order_code (kind, code, row_id)
        SELECT {CODE_BUYER}, json_extract(body, '$[16]'), row_id FROM order_body
        WHERE json_valid(body) AND typeof(json_extract(body, '$[16]')) = 'text' AND json_extract(body, '$[16]') <> ''
        """,
    ),
)

LEDGER_THREADS = Migration(
    "0005 conversations",
    (
        # What operators decided about a thread; "" and NULL where nobody did. `done_key` and `snooze_key` are the
        # order key of the newest message they had before them.
        """
        CREATE TABLE thread_desk (
            store_id TEXT NOT NULL,
            thread_id TEXT NOT NULL,
            assignee TEXT NOT NULL DEFAULT '',
            assigned_by TEXT NOT NULL DEFAULT '',
            assigned_at INTEGER,
            escalated_to TEXT NOT NULL DEFAULT '',
            escalated_by TEXT NOT NULL DEFAULT '',
            escalation_reason TEXT NOT NULL DEFAULT '',
            escalated_at INTEGER,
            escalation_due_at INTEGER,
            snoozed_until INTEGER,
            snoozed_for_buyer INTEGER NOT NULL DEFAULT 0,
            snooze_key TEXT NOT NULL DEFAULT '',
            snoozed_by TEXT NOT NULL DEFAULT '',
            done_key TEXT NOT NULL DEFAULT '',
            done_by TEXT NOT NULL DEFAULT '',
            done_at INTEGER,
            order_no TEXT NOT NULL DEFAULT '',
            linked_by TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (store_id, thread_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE thread_note (
            note_id INTEGER PRIMARY KEY,
            store_id TEXT NOT NULL,
            thread_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            operator TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX thread_note_by_thread ON thread_note (store_id, thread_id, at)",
        """
        CREATE TABLE thread_claim (
            store_id TEXT NOT NULL,
            thread_id TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL,
            until_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, thread_id)
        ) STRICT, WITHOUT ROWID
        """,
        # Automatic answers, each with the buyer's message it answered: no message is answered so twice.
        """
        CREATE TABLE auto_reply_log (
            store_id TEXT NOT NULL,
            thread_id TEXT NOT NULL,
            message_id TEXT NOT NULL,
            rule TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (store_id, thread_id, message_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX outbox_by_thread ON outbox (store_id, target_id, intent_id) WHERE target_kind = 'thread'",
    ),
)

# Up to which moment (epoch s) a conversation's words are forgotten, NULL where its buyer was not. In the ledger because
# the marketplace may give them once more, and repeated on the cache's row like what operators decide.
CACHE_ERASED = Migration("0003 forgotten buyers", ("ALTER TABLE thread ADD COLUMN erased_at INTEGER",))
LEDGER_ERASED = Migration("0006 forgotten buyers", ("ALTER TABLE thread_desk ADD COLUMN erased_at INTEGER",))
