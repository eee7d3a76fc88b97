"""The schemas of returns: what the marketplaces can be asked for again, and what this house found in parcels."""

from __future__ import annotations

from shoptui.store.codes import NEVER
from shoptui.store.migrations import Migration

# One narrow row per request. `usd_milli` is the value in thousandths of a US dollar by the rates the engine last had,
# -1 without one. `answer_at` is when the store's turn ends, missed or not; `goods_back_at` when the goods were first
# said to be back; `left_turn_at` when it stopped being the store's turn, NULL while it is or never was.
_RETURN = """
CREATE TABLE return_request (
    row_id INTEGER PRIMARY KEY,
    store_id TEXT NOT NULL,
    return_id TEXT NOT NULL,
    order_no TEXT NOT NULL,
    ask INTEGER NOT NULL,
    state INTEGER NOT NULL,
    raw_state TEXT NOT NULL,
    value_minor INTEGER NOT NULL,
    value_milli INTEGER NOT NULL,
    currency TEXT NOT NULL,
    usd_milli INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    reason_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    buyer TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    skus TEXT NOT NULL,
    items TEXT NOT NULL,
    tracking TEXT NOT NULL,
    disputed INTEGER NOT NULL,
    pictures INTEGER NOT NULL,
    goods_come_back INTEGER,
    answers TEXT NOT NULL,
    goods_back_at INTEGER,
    left_turn_at INTEGER,
    seen_at INTEGER NOT NULL,
    missed_group INTEGER NOT NULL DEFAULT 1,
    next_at INTEGER NOT NULL DEFAULT {never},
    next_kind TEXT NOT NULL DEFAULT '',
    missed INTEGER NOT NULL DEFAULT 0,
    last_missed_at INTEGER,
    last_missed_kind TEXT NOT NULL DEFAULT '',
    answer_at INTEGER NOT NULL DEFAULT {never},
    clocks TEXT NOT NULL DEFAULT '[]',
    body TEXT NOT NULL,
    UNIQUE (store_id, return_id)
) STRICT
"""

# Order of the first five: the default sort. The rest are the columns filters look at.
_BY_LOSS = """
CREATE INDEX return_by_loss ON return_request (
    missed_group, next_at, usd_milli DESC, store_id, row_id,
    state, ask, answer_at, value_milli, currency, disputed
)
"""

CACHE_RETURNS = Migration(
    "0004 returns",
    (
        _RETURN.format(never=NEVER),
        _BY_LOSS,
        f"CREATE INDEX return_ahead ON return_request (next_at) WHERE next_at < {NEVER}",
        "CREATE INDEX return_by_order ON return_request (store_id, order_no)",
        "CREATE INDEX return_by_buyer ON return_request (store_id, buyer_id, created_at) WHERE buyer_id <> ''",
        """
        CREATE VIRTUAL TABLE return_text USING fts5(
            buyer, said, goods, columnsize = 0,
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
        )
        """,
        """
        CREATE TABLE return_event (
            row_id INTEGER NOT NULL,
            place INTEGER NOT NULL,
            at INTEGER NOT NULL,
            who TEXT NOT NULL,
            what TEXT NOT NULL,
            note TEXT NOT NULL,
            links TEXT NOT NULL,
            PRIMARY KEY (row_id, place)
        ) STRICT, WITHOUT ROWID
        """,
        # One row: the header's numbers of returns as the engine last counted them.
        """
        CREATE TABLE kept_return_counts (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            waiting INTEGER NOT NULL,
            missed INTEGER NOT NULL,
            under_2h INTEGER NOT NULL
        ) STRICT
        """,
        # Orders that were cached before returns were: their wishes to cancel are looked for once.
        "INSERT OR REPLACE INTO meta VALUES ('wishes_known', 0)",
    ),
)

CACHE_RETURNS_SCANNED = Migration(
    "0009 returns by number",
    (
        # What is scanned is a request's own number or its parcel's, whatever the store.
        "CREATE INDEX return_by_id ON return_request (return_id)",
        "CREATE INDEX return_by_tracking ON return_request (tracking) WHERE tracking <> ''",
        # When the header's numbers were counted was never asked.
        "ALTER TABLE kept_counts DROP COLUMN counted_at",
    ),
)

LEDGER_RETURNS = Migration(
    "0007 returns",
    (
        # What was found in a parcel that came back; looked at twice, the later one counts and the first stays.
        """
        CREATE TABLE return_check (
            check_id INTEGER PRIMARY KEY,
            store_id TEXT NOT NULL,
            return_id TEXT NOT NULL,
            condition TEXT NOT NULL,
            note TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX return_check_by_return ON return_check (store_id, return_id, check_id)",
        "CREATE INDEX outbox_by_return ON outbox (store_id, target_id, intent_id) WHERE target_kind = 'return'",
    ),
)
