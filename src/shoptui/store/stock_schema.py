"""The schemas of stock: what marketplaces list and orders sell, and what this house counted, ruled and pushed."""

from __future__ import annotations

from shoptui.store.codes import NEVER
from shoptui.store.migrations import Migration

#: All orders are counted: larger than any row.
COUNTED_ALL = (1 << 63) - 1

# One narrow row per pool, made of the tables below whenever one of them changes. `counted` and `counted_at` repeat the
# ledger's newest count, `rule` its rule ("" for the house's). `week_units` is the speed, `left_units` what can still be
# sold: free units, or without a count what is listed. `cover_s` is how long that lasts. `step` is how many units the
# rule would offer and nobody offers. `over_since` is when it was first seen to be sold out and still on offer.
_POOL = """
CREATE TABLE pool (
    row_id INTEGER PRIMARY KEY,
    pool_key TEXT NOT NULL UNIQUE,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    counted INTEGER,
    counted_at INTEGER,
    rule TEXT NOT NULL DEFAULT '',
    hand INTEGER,
    reserved INTEGER NOT NULL DEFAULT 0,
    left_units INTEGER NOT NULL DEFAULT 0,
    sold_24h INTEGER NOT NULL DEFAULT 0,
    sold_7d INTEGER NOT NULL DEFAULT 0,
    week_units INTEGER NOT NULL DEFAULT 0,
    cover_s INTEGER NOT NULL DEFAULT {never},
    listed INTEGER NOT NULL DEFAULT 0,
    listings INTEGER NOT NULL DEFAULT 0,
    oversold INTEGER NOT NULL DEFAULT 0,
    step INTEGER NOT NULL DEFAULT 0,
    over_since INTEGER,
    figures_at INTEGER NOT NULL DEFAULT 0,
    seen_at INTEGER NOT NULL DEFAULT 0,
    missed_group INTEGER NOT NULL DEFAULT 1,
    next_at INTEGER NOT NULL DEFAULT {never},
    next_kind TEXT NOT NULL DEFAULT '',
    then_at INTEGER,
    then_kind TEXT NOT NULL DEFAULT '',
    missed INTEGER NOT NULL DEFAULT 0,
    last_missed_at INTEGER,
    last_missed_kind TEXT NOT NULL DEFAULT ''
) STRICT
"""

# Order of the first four: the default sort. The rest are the columns filters look at.
_BY_LOSS = """
CREATE INDEX pool_by_loss ON pool (
    missed_group, next_at, oversold DESC, sku, row_id,
    cover_s, left_units, step, hand, listed, week_units, pool_key
)
"""

CACHE_STOCK = Migration(
    "0007 stock",
    (
        """
        CREATE TABLE listing (
            row_id INTEGER PRIMARY KEY,
            store_id TEXT NOT NULL,
            listing_id TEXT NOT NULL,
            pool_key TEXT NOT NULL,
            sku TEXT NOT NULL,
            product_id TEXT NOT NULL,
            sku_id TEXT NOT NULL,
            product_name TEXT NOT NULL,
            variant_name TEXT NOT NULL,
            state TEXT NOT NULL,
            raw_state TEXT NOT NULL,
            price_minor INTEGER,
            currency TEXT NOT NULL,
            updated_at INTEGER,
            why_locked TEXT NOT NULL,
            seen_at INTEGER NOT NULL,
            UNIQUE (store_id, listing_id)
        ) STRICT
        """,
        "CREATE INDEX listing_by_pool ON listing (pool_key, store_id, listing_id)",
        "CREATE INDEX listing_by_store ON listing (store_id, pool_key)",
        """
        CREATE TABLE listing_stock (
            listing_row INTEGER NOT NULL,
            warehouse_id TEXT NOT NULL,
            shows INTEGER NOT NULL,
            reserved INTEGER,
            floor INTEGER NOT NULL,
            ours INTEGER NOT NULL,
            PRIMARY KEY (listing_row, warehouse_id)
        ) STRICT, WITHOUT ROWID
        """,
        # What orders did to pools, added up: units ordered per hour, units in open orders, units that left the house.
        """
        CREATE TABLE sold_hour (
            pool_key TEXT NOT NULL,
            hour INTEGER NOT NULL,
            store_id TEXT NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (pool_key, hour, store_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE stock_reserved (
            pool_key TEXT NOT NULL,
            store_id TEXT NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (pool_key, store_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE stock_left (
            pool_key TEXT NOT NULL,
            left_at INTEGER NOT NULL,
            store_id TEXT NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (pool_key, left_at, store_id)
        ) STRICT, WITHOUT ROWID
        """,
        _POOL.format(never=NEVER),
        _BY_LOSS,
        f"CREATE INDEX pool_ahead ON pool (next_at) WHERE next_at < {NEVER}",
        "CREATE INDEX pool_selling ON pool (figures_at) WHERE week_units > 0",
        """
        CREATE VIRTUAL TABLE pool_text USING fts5(
            sku, name, columnsize = 0,
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
        )
        """,
        # One row: the header's numbers of stock as the engine last counted them.
        """
        CREATE TABLE kept_stock_counts (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            missed INTEGER NOT NULL,
            under_2h INTEGER NOT NULL
        ) STRICT
        """,
        # Orders that were cached before stock was are counted by and by, up to this row so far.
        f"""
        INSERT OR REPLACE INTO meta
        SELECT 'stock_counted_to', CASE WHEN EXISTS (SELECT 1 FROM orders) THEN 0 ELSE {COUNTED_ALL} END
        """,
    ),
)

LEDGER_STOCK = Migration(
    "0009 stock",
    (
        # What was in the house by a count, by whom and by what; the newest of a pool counts, by the time of counting.
        """
        CREATE TABLE stock_count (
            count_id INTEGER PRIMARY KEY,
            pool_key TEXT NOT NULL,
            sku TEXT NOT NULL,
            counted INTEGER NOT NULL,
            counted_at INTEGER NOT NULL,
            source TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX stock_count_by_pool ON stock_count (pool_key, counted_at, count_id)",
        """
        CREATE TABLE pool_rule (
            pool_key TEXT PRIMARY KEY,
            rule TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        # What an operator saw and ordered when a pool was pushed; the answers are in the outbox, by the batch.
        """
        CREATE TABLE stock_push (
            push_id INTEGER PRIMARY KEY,
            pool_key TEXT NOT NULL,
            batch_id TEXT NOT NULL,
            free INTEGER,
            buffer INTEGER NOT NULL,
            proposed INTEGER NOT NULL,
            promised INTEGER NOT NULL,
            rule TEXT NOT NULL,
            shares TEXT NOT NULL,
            operator TEXT NOT NULL,
            at INTEGER NOT NULL,
            UNIQUE (pool_key, batch_id)
        ) STRICT
        """,
        "CREATE INDEX outbox_by_listing ON outbox (store_id, target_id, intent_id) WHERE target_kind = 'listing'",
    ),
)
