"""The schemas of ledger.db (what operators were promised, never rebuildable) and vault.db (buyers' details)."""

from __future__ import annotations

from shoptui.domain.intents import OPEN_STATES
from shoptui.store.documents import LEDGER_LETTING_GO, LEDGER_PRINTS, VAULT_DOCUMENTS
from shoptui.store.migrations import Migration
from shoptui.store.money_schema import LEDGER_MONEY
from shoptui.store.return_erasure import LEDGER_FORGOTTEN_RETURNS
from shoptui.store.return_schema import LEDGER_RETURNS
from shoptui.store.stock_schema import LEDGER_STOCK
from shoptui.store.thread_schema import LEDGER_ERASED, LEDGER_THREADS

#: The open states as SQL literals, in a fixed order: a partial index is used only where the same text stands.
OPEN_STATES_SQL = ", ".join(f"'{state.value}'" for state in sorted(OPEN_STATES))

_LEDGER_FIRST = Migration(
    "0001 stores, outbox, desk, audit, alerts",
    (
        """
        CREATE TABLE store (
            store_id TEXT PRIMARY KEY,
            marketplace TEXT NOT NULL,
            region TEXT NOT NULL,
            shop_id TEXT NOT NULL,
            name TEXT NOT NULL,
            time_zone TEXT NOT NULL,
            currency TEXT NOT NULL,
            app TEXT NOT NULL,
            ship_from_city TEXT NOT NULL,
            paused INTEGER NOT NULL,
            wire TEXT NOT NULL,
            token_expires_at INTEGER,
            authorisation_ends_at INTEGER
        ) STRICT
        """,
        """
        CREATE TABLE batch (
            batch_id TEXT PRIMARY KEY,
            verb TEXT NOT NULL,
            operator TEXT NOT NULL,
            origin TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            refused TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX batch_by_time ON batch (created_at)",
        """
        CREATE TABLE outbox (
            intent_id INTEGER PRIMARY KEY AUTOINCREMENT,
            batch_id TEXT NOT NULL REFERENCES batch (batch_id),
            verb TEXT NOT NULL,
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            target_kind TEXT NOT NULL,
            target_id TEXT NOT NULL,
            args TEXT NOT NULL,
            state TEXT NOT NULL,
            operator TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            release_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            sent_at INTEGER,
            look_at INTEGER,
            settled_at INTEGER,
            cause_id TEXT,
            cause_code TEXT NOT NULL DEFAULT '',
            cause_message TEXT NOT NULL DEFAULT '',
            evidence TEXT,
            after_intent_id INTEGER REFERENCES outbox (intent_id),
            retry_of INTEGER REFERENCES outbox (intent_id),
            acked_at INTEGER,
            acked_by TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        # The promise that nothing is ordered twice: one open intent per target and verb.
        f"""
        CREATE UNIQUE INDEX outbox_one_open ON outbox (store_id, target_kind, target_id, verb)
        WHERE state IN ({OPEN_STATES_SQL})
        """,
        f"CREATE INDEX outbox_open ON outbox (state, store_id, release_at) WHERE state IN ({OPEN_STATES_SQL})",
        "CREATE INDEX outbox_unacked ON outbox (state, cause_id) WHERE acked_at IS NULL",
        "CREATE INDEX outbox_by_order ON outbox (store_id, order_no, intent_id)",
        "CREATE INDEX outbox_by_batch ON outbox (batch_id, intent_id)",
        """
        CREATE TABLE desk_hold (
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_no)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE desk_claim (
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL,
            until_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_no)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE desk_tag (
            tag TEXT NOT NULL,
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (tag, store_id, order_no)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX desk_tag_by_order ON desk_tag (store_id, order_no)",
        """
        CREATE TABLE desk_note (
            note_id INTEGER PRIMARY KEY,
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            at INTEGER NOT NULL,
            operator TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX desk_note_by_order ON desk_note (store_id, order_no, at)",
        """
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            operator TEXT NOT NULL,
            origin TEXT NOT NULL,
            what TEXT NOT NULL,
            target TEXT NOT NULL,
            detail TEXT NOT NULL,
            link BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX audit_by_target ON audit (target)",
        """
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """,
        """
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """,
        """
        CREATE TABLE alert (
            alert_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            raised_at INTEGER NOT NULL,
            args TEXT NOT NULL,
            seen_by TEXT NOT NULL DEFAULT '',
            seen_at INTEGER
        ) STRICT
        """,
    ),
)

_VAULT_FIRST = Migration(
    "0001 recipients and raw records",
    (
        """
        CREATE TABLE recipient (
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            name TEXT NOT NULL,
            phone TEXT NOT NULL,
            street TEXT NOT NULL,
            city TEXT NOT NULL,
            postal_code TEXT NOT NULL,
            region TEXT NOT NULL,
            masked INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_no)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE set_aside (
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            reason TEXT NOT NULL,
            raw TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_no)
        ) STRICT, WITHOUT ROWID
        """,
        # A salt per subject: with it gone, the digests that refer to the subject say nothing any more.
        "CREATE TABLE salt (subject TEXT PRIMARY KEY, salt BLOB NOT NULL) STRICT, WITHOUT ROWID",
        # The newest audit entry, kept apart from the log: a log cut at its end is noticed.
        """
        CREATE TABLE audit_head (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            seq INTEGER NOT NULL,
            link BLOB NOT NULL
        ) STRICT
        """,
    ),
)

_LEDGER_FOLLOWERS = Migration(
    "0003 what comes after an intent",
    ("CREATE INDEX outbox_after ON outbox (after_intent_id) WHERE after_intent_id IS NOT NULL",),
)

LEDGER_MIGRATIONS = (
    _LEDGER_FIRST,
    LEDGER_PRINTS,
    _LEDGER_FOLLOWERS,
    LEDGER_LETTING_GO,
    LEDGER_THREADS,
    LEDGER_ERASED,
    LEDGER_RETURNS,
    LEDGER_MONEY,
    LEDGER_STOCK,
    LEDGER_FORGOTTEN_RETURNS,
)
VAULT_MIGRATIONS = (_VAULT_FIRST, VAULT_DOCUMENTS)
