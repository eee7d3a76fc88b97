"""The schema of cache.db: everything that can be read from the marketplaces again."""

from __future__ import annotations

from shoptui.store.codes import BEFORE_CARRIER_CODES, NEVER
from shoptui.store.migrations import Migration
from shoptui.store.money_schema import CACHE_MONEY, CACHE_MONEY_COUNTS, CACHE_MONEY_SEEN
from shoptui.store.return_schema import CACHE_RETURNS, CACHE_RETURNS_SCANNED
from shoptui.store.stock_schema import CACHE_STOCK
from shoptui.store.thread_schema import CACHE_ERASED, CACHE_THREADS
from shoptui.store.thread_words import CACHE_WORDS

_BEFORE_CARRIER = ", ".join(map(str, BEFORE_CARRIER_CODES))

# One narrow row per order for lists and filters; the whole order lies in order_body, so that reading a list never
# drags bodies through the page cache. `skus` holds every line's SKU, one per text line: its beginning sorts by the
# first SKU. `packages` are the ids still to be arranged. `value_milli` is the value in thousandths of the currency's
# main unit, which makes amounts of currencies with different decimals comparable as numbers.
_ORDERS = """
CREATE TABLE orders (
    row_id INTEGER PRIMARY KEY,
    store_id TEXT NOT NULL,
    order_no TEXT NOT NULL,
    status INTEGER NOT NULL,
    raw_status TEXT NOT NULL,
    flags INTEGER NOT NULL,
    missed_group INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    next_kind TEXT NOT NULL,
    then_at INTEGER,
    then_kind TEXT NOT NULL,
    missed INTEGER NOT NULL,
    last_missed_at INTEGER,
    last_missed_kind TEXT NOT NULL,
    skus TEXT NOT NULL,
    items TEXT NOT NULL,
    carrier TEXT NOT NULL,
    tracking TEXT NOT NULL,
    buyer TEXT NOT NULL,
    shipping_type INTEGER NOT NULL,
    delivery_option TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    value_minor INTEGER NOT NULL,
    value_milli INTEGER NOT NULL,
    currency TEXT NOT NULL,
    ship_block TEXT NOT NULL,
    packages TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (store_id, order_no)
) STRICT
"""

# Order of the first five: the default sort. The rest are the columns filters look at, so that a filter over a million
# orders reads this index and nothing else.
_BY_LOSS = """
CREATE INDEX orders_by_loss ON orders (
    missed_group, next_at, store_id, skus, row_id,
    status, flags, shipping_type, carrier, created_at, value_milli, currency, ship_block, next_kind
)
"""

_FIRST = Migration(
    "0001 orders and feeds",
    (
        _ORDERS,
        _BY_LOSS,
        "CREATE INDEX orders_by_created ON orders (missed_group, created_at)",
        f"CREATE INDEX orders_ahead ON orders (next_at) WHERE next_at < {NEVER}",
        f"CREATE INDEX orders_before_carrier ON orders (store_id, order_no) WHERE status IN ({_BEFORE_CARRIER})",
        "CREATE TABLE order_body (row_id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
        # Order numbers, tracking numbers and package ids, written backwards: the last characters are the prefix.
        """
        CREATE TABLE order_code (
            kind INTEGER NOT NULL,
            code TEXT NOT NULL,
            row_id INTEGER NOT NULL,
            PRIMARY KEY (kind, code, row_id)
        ) STRICT, WITHOUT ROWID
        """,
        # Marks of Thai and other scripts (Mn, Mc) are part of a token here; unicode61 would split at them.
        """
        CREATE VIRTUAL TABLE order_text USING fts5(
            buyer, goods, notes, columnsize = 0,
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
        )
        """,
        """
        CREATE TABLE feed (
            store_id TEXT NOT NULL,
            feed TEXT NOT NULL,
            cursor_at INTEGER,
            last_ok_at INTEGER,
            last_try_at INTEGER,
            next_try_at INTEGER,
            failures INTEGER NOT NULL,
            error TEXT NOT NULL,
            error_code TEXT NOT NULL,
            signed_out INTEGER NOT NULL,
            first_done INTEGER NOT NULL,
            fetched INTEGER NOT NULL,
            expected INTEGER,
            here INTEGER,
            there INTEGER,
            counted_at INTEGER,
            PRIMARY KEY (store_id, feed)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE set_aside (
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            reason TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_no)
        ) STRICT, WITHOUT ROWID
        """,
        # One row: the header's numbers as the engine last counted them.
        """
        CREATE TABLE kept_counts (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            missed INTEGER NOT NULL,
            under_2h INTEGER NOT NULL,
            under_12h INTEGER NOT NULL,
            under_24h INTEGER NOT NULL,
            counted_at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
)

CACHE_MIGRATIONS = (
    _FIRST,
    CACHE_THREADS,
    CACHE_ERASED,
    CACHE_RETURNS,
    CACHE_WORDS,
    CACHE_MONEY,
    CACHE_STOCK,
    CACHE_MONEY_SEEN,
    CACHE_RETURNS_SCANNED,
    CACHE_MONEY_COUNTS,
)
