"""The schemas of money: what the marketplaces can be asked for again, and what operators decided about it."""

from __future__ import annotations

from shoptui.domain.orders import Status
from shoptui.store.codes import STATUS_CODE
from shoptui.store.migrations import Migration

#: The statuses of orders that should be settled some day, as SQL literals.
ENDED_SQL = f"{STATUS_CODE[Status.DELIVERED]}, {STATUS_CODE[Status.COMPLETED]}"

# Amounts are minor units of `currency`. From `lines` on, the columns follow from the statement's lines:
# `lines_expected` is how many it should have, NULL where unsaid; `lines_at` when all of them were here, NULL before;
# `reading` numbers the run that reads them and `arrived` how many it has so far, NULL between runs. From `sold` on they
# follow from verification: `checked_at` is NULL before the first, `rules` names the fee book it used, `stale` says that
# something changed since, `checking` how many orders of a run under way are done.
_STATEMENT = """
CREATE TABLE statement (
    row_id INTEGER PRIMARY KEY,
    store_id TEXT NOT NULL,
    statement_id TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    currency TEXT NOT NULL,
    payout INTEGER NOT NULL,
    paid TEXT NOT NULL,
    raw_paid TEXT NOT NULL,
    paid_at INTEGER,
    payment_id TEXT NOT NULL,
    opening INTEGER,
    closing INTEGER,
    revenue INTEGER,
    fees INTEGER,
    refunds INTEGER,
    adjustments INTEGER,
    seen_at INTEGER NOT NULL,
    lines INTEGER NOT NULL DEFAULT 0,
    lines_minor INTEGER NOT NULL DEFAULT 0,
    lines_expected INTEGER,
    lines_at INTEGER,
    reading INTEGER NOT NULL DEFAULT 0,
    arrived INTEGER,
    digest TEXT NOT NULL DEFAULT '',
    sold INTEGER NOT NULL DEFAULT 0,
    expected INTEGER NOT NULL DEFAULT 0,
    orders INTEGER NOT NULL DEFAULT 0,
    agreeing INTEGER NOT NULL DEFAULT 0,
    checked_at INTEGER,
    rules TEXT NOT NULL DEFAULT '',
    stale INTEGER NOT NULL DEFAULT 1,
    checking INTEGER,
    UNIQUE (store_id, statement_id)
) STRICT
"""

# Lines of a statement lie side by side by order number and by time. `parts` is a list of [kind, minor units, the
# marketplace's own name].
_LINE = """
CREATE TABLE statement_line (
    row_id INTEGER PRIMARY KEY,
    statement_row INTEGER NOT NULL,
    line_id TEXT NOT NULL,
    order_no TEXT NOT NULL,
    at INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    parts TEXT NOT NULL,
    raw_kind TEXT NOT NULL,
    sku TEXT NOT NULL,
    sku_id TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    order_line_id TEXT NOT NULL,
    return_id TEXT NOT NULL,
    note TEXT NOT NULL,
    reading INTEGER NOT NULL,
    UNIQUE (statement_row, line_id)
) STRICT
"""

# `about` tells anomalies of one kind apart: the order, or the name of the charge. `size_milli` is the difference
# without its sign in thousandths of the main unit, `size_usd` in thousandths of a dollar by the rates, -1 without.
_ANOMALY = """
CREATE TABLE anomaly (
    row_id INTEGER PRIMARY KEY,
    store_id TEXT NOT NULL,
    statement_id TEXT NOT NULL,
    kind INTEGER NOT NULL,
    fee TEXT NOT NULL,
    order_no TEXT NOT NULL,
    about TEXT NOT NULL,
    expected INTEGER NOT NULL,
    paid INTEGER NOT NULL,
    difference INTEGER NOT NULL,
    currency TEXT NOT NULL,
    size_milli INTEGER NOT NULL,
    size_usd INTEGER NOT NULL,
    why TEXT NOT NULL,
    args TEXT NOT NULL,
    at INTEGER NOT NULL,
    found_at INTEGER NOT NULL,
    UNIQUE (store_id, statement_id, kind, about, fee)
) STRICT
"""

CACHE_MONEY = Migration(
    "0006 money",
    (
        _STATEMENT,
        "CREATE INDEX statement_by_end ON statement (store_id, end_at, row_id)",
        _LINE,
        "CREATE INDEX line_by_time ON statement_line (statement_row, at, row_id)",
        "CREATE INDEX line_by_place ON statement_line (statement_row, order_no, row_id)",
        "CREATE INDEX line_by_order ON statement_line (order_no, statement_row) WHERE order_no <> ''",
        _ANOMALY,
        """
        CREATE INDEX anomaly_by_size ON anomaly (
            size_usd DESC, size_milli DESC, store_id, row_id, statement_id, kind, fee, order_no, difference, currency
        )
        """,
        "CREATE INDEX anomaly_by_order ON anomaly (store_id, order_no)",
        # Orders that ended, by when: those that no statement has are looked for among them.
        f"CREATE INDEX orders_ended ON orders (store_id, updated_at) WHERE status IN ({ENDED_SQL})",
        """
        CREATE TABLE wallet_move (
            store_id TEXT NOT NULL,
            move_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            amount INTEGER NOT NULL,
            currency TEXT NOT NULL,
            balance INTEGER,
            done INTEGER NOT NULL,
            order_no TEXT NOT NULL,
            raw_kind TEXT NOT NULL,
            note TEXT NOT NULL,
            PRIMARY KEY (store_id, move_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX move_by_time ON wallet_move (store_id, at)",
        """
        CREATE TABLE unsettled (
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            amount INTEGER NOT NULL,
            currency TEXT NOT NULL,
            expected_at INTEGER,
            delivered_at INTEGER,
            reason TEXT NOT NULL,
            seen_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_no)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE balance (
            store_id TEXT PRIMARY KEY,
            at INTEGER NOT NULL,
            amount INTEGER NOT NULL,
            currency TEXT NOT NULL,
            derived INTEGER NOT NULL,
            basis TEXT NOT NULL,
            pending INTEGER,
            next_payout INTEGER,
            next_payout_at INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        # The last balance of each local day of the store, by the day's ordinal.
        """
        CREATE TABLE balance_day (
            store_id TEXT NOT NULL,
            day INTEGER NOT NULL,
            amount INTEGER NOT NULL,
            currency TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (store_id, day)
        ) STRICT, WITHOUT ROWID
        """,
        # Between which moments all settlements of a store have been read.
        """
        CREATE TABLE money_covered (
            store_id TEXT PRIMARY KEY,
            from_at INTEGER NOT NULL,
            until_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ),
)

CACHE_MONEY_SEEN = Migration(
    "0008 statements first seen", ("ALTER TABLE statement ADD COLUMN first_at INTEGER NOT NULL DEFAULT 0",)
)

CACHE_MONEY_COUNTS = Migration(
    "0010 the header's numbers of money",
    (
        # One row: stores by the next clock of their money, as the engine last saw it.
        """
        CREATE TABLE kept_money_counts (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            missed INTEGER NOT NULL,
            under_2h INTEGER NOT NULL
        ) STRICT
        """,
    ),
)

LEDGER_MONEY = Migration(
    "0008 money",
    (
        # What was said of a statement, the newest counts: `verified` by an operator, `withdrawn` by one, or `changed`
        # by the house because the statement's lines are no longer those that were verified.
        """
        CREATE TABLE statement_mark (
            mark_id INTEGER PRIMARY KEY,
            store_id TEXT NOT NULL,
            statement_id TEXT NOT NULL,
            what TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL,
            digest TEXT NOT NULL,
            payout INTEGER NOT NULL,
            currency TEXT NOT NULL,
            anomalies INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX statement_mark_newest ON statement_mark (store_id, statement_id, mark_id)",
        """
        CREATE TABLE dispute (
            dispute_id INTEGER PRIMARY KEY,
            store_id TEXT NOT NULL,
            state TEXT NOT NULL,
            made_by TEXT NOT NULL,
            made_at INTEGER NOT NULL,
            language TEXT NOT NULL,
            folder TEXT NOT NULL,
            currency TEXT NOT NULL,
            amount INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX dispute_by_state ON dispute (state, store_id)",
        """
        CREATE TABLE dispute_item (
            dispute_id INTEGER NOT NULL REFERENCES dispute (dispute_id),
            place INTEGER NOT NULL,
            store_id TEXT NOT NULL,
            statement_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            fee TEXT NOT NULL,
            order_no TEXT NOT NULL,
            about TEXT NOT NULL,
            expected INTEGER NOT NULL,
            paid INTEGER NOT NULL,
            PRIMARY KEY (dispute_id, place)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX dispute_item_of ON dispute_item (store_id, statement_id, kind, about, fee)",
        """
        CREATE TABLE dispute_event (
            event_id INTEGER PRIMARY KEY,
            dispute_id INTEGER NOT NULL REFERENCES dispute (dispute_id),
            state TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL,
            note TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX dispute_event_of ON dispute_event (dispute_id, event_id)",
    ),
)
