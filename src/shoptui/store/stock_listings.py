"""Writing listings and their stock into the cache; the pools they belong to are made anew with them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence

from shoptui.adapters.stock import StockNow
from shoptui.domain.money import Money
from shoptui.domain.pools import pool_key
from shoptui.domain.stock import Listing, ListingState, StockAt, target_parts
from shoptui.store.database import transaction
from shoptui.store.stock_basis import one_text
from shoptui.store.stock_pools import ListingKey, StockDesk, ensure, refresh, seen

_COLUMNS = (
    "pool_key",
    "sku",
    "product_id",
    "sku_id",
    "product_name",
    "variant_name",
    "state",
    "raw_state",
    "price_minor",
    "currency",
    "updated_at",
    "why_locked",
)
_PUT = f"""
INSERT INTO listing (store_id, listing_id, {", ".join(_COLUMNS)}, seen_at) VALUES (?, ?{", ?" * len(_COLUMNS)}, ?)
ON CONFLICT (store_id, listing_id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in _COLUMNS)}, seen_at = max(seen_at, excluded.seen_at)
RETURNING row_id
"""
_FIND_STATE = "SELECT row_id, pool_key, state, why_locked FROM listing WHERE store_id = ? AND listing_id = ?"
# Many at once, in one statement each: between statements the thread may have to wait for its turn.
_FIND_MANY = """
SELECT json_group_array(json_array(l.listing_id, l.row_id, l.pool_key)) FROM json_each(?) j
CROSS JOIN listing l ON l.store_id = ? AND l.listing_id = j.value
"""
_SHOW_MANY = """
UPDATE listing_stock SET shows = one.value ->> 2 FROM json_each(?) one
WHERE listing_row = one.value ->> 0 AND warehouse_id = one.value ->> 1
"""
_FIND = "SELECT row_id, pool_key, updated_at FROM listing WHERE store_id = ? AND listing_id = ?"


def put(db: sqlite3.Connection, listings: Sequence[Listing], desk: StockDesk, now: int) -> tuple[int, ...]:
    """Write listings with their stock; returns the rows of the pools that changed. A copy older than ours is left."""
    keys: dict[str, None] = {}
    with transaction(db):
        for listing in listings:
            known = db.execute(_FIND, (listing.store_id, listing.listing_id)).fetchone()
            if known is not None and None not in (known[2], listing.updated_at) and listing.updated_at < known[2]:
                continue
            key = pool_key(listing.sku)
            # One row is returned, and read, so that the statement has ended before the next begins.
            ((row_id,),) = db.execute(
                _PUT, (listing.store_id, listing.listing_id, key, *_values(listing), now)
            ).fetchall()
            _put_stock(db, row_id, listing.stock)
            if known is not None:
                keys.setdefault(known[1])
            if key:
                ensure(db, key, listing.sku.strip())
                keys.setdefault(key)
        return refresh(db, keys, desk, now)


def _values(listing: Listing) -> tuple[object, ...]:
    price = listing.price or Money(0, "")
    return (
        listing.sku,
        listing.product_id,
        listing.sku_id,
        listing.product_name,
        listing.variant_name,
        listing.state.value,
        listing.raw_state,
        None if listing.price is None else price.minor,
        price.currency,
        listing.updated_at,
        listing.why_locked,
    )


def _put_stock(db: sqlite3.Connection, row_id: int, stock: Sequence[StockAt]) -> bool:
    """Write a listing's stock; False when it is here already."""
    fresh = {(at.warehouse_id, at.shows, at.reserved, at.floor, int(at.ours)) for at in stock}
    here = set(
        db.execute(
            "SELECT warehouse_id, shows, reserved, floor, ours FROM listing_stock WHERE listing_row = ?", (row_id,)
        )
    )
    if fresh == here:
        return False
    db.execute("DELETE FROM listing_stock WHERE listing_row = ?", (row_id,))
    db.executemany("INSERT OR REPLACE INTO listing_stock VALUES (?, ?, ?, ?, ?, ?)", [(row_id, *one) for one in fresh])
    return True


def put_stock(
    db: sqlite3.Connection, store_id: str, stocks: Sequence[StockNow], desk: StockDesk, now: int
) -> tuple[int, ...]:
    """Write stock as it was just re-read; returns the rows of the pools that changed. Unknown listings are left."""
    changed: dict[str, None] = {}
    same: dict[str, None] = {}
    with transaction(db):
        for one in stocks:
            known = db.execute(_FIND_STATE, (store_id, one.listing_id)).fetchone()
            if known is None:
                continue
            row_id, key, was = known[0], known[1], known[2:]
            state = was[0] if one.state is None else one.state.value
            why_locked = was[1] if one.why_locked is None else one.why_locked
            differs = _put_stock(db, row_id, one.stock) or (state, why_locked) != was
            db.execute(
                "UPDATE listing SET state = ?, why_locked = ?, seen_at = ? WHERE row_id = ?",
                (state, why_locked, now, row_id),
            )
            (changed if differs else same).setdefault(key)
        seen(db, [key for key in same if key not in changed])
        return refresh(db, changed, desk, now)


def wrote(
    db: sqlite3.Connection, store_id: str, written: Sequence[tuple[str, int]], desk: StockDesk, now: int
) -> tuple[int, ...]:
    """Show what was just written, by target; returns the rows of the pools that changed."""
    of_place = {target_parts(target_id): shows for target_id, shows in written}
    listings = json.dumps(list(dict.fromkeys(listing_id for listing_id, _ in of_place)))
    with transaction(db):
        found = one_text(db, _FIND_MANY, (listings, store_id))
        rows = {listing_id: row_id for listing_id, row_id, _ in found}
        places = [
            [rows[listing_id], warehouse_id, shows]
            for (listing_id, warehouse_id), shows in of_place.items()
            if listing_id in rows
        ]
        db.execute(_SHOW_MANY, (json.dumps(places),))
        return refresh(db, dict.fromkeys(key for _, _, key in found), desk, now)


def drop(
    db: sqlite3.Connection, store_id: str, listing_ids: Collection[str], desk: StockDesk, now: int
) -> tuple[int, ...]:
    """Forget listings that are gone; returns the rows of the pools that changed."""
    with transaction(db):
        rows = db.execute(
            """
            SELECT l.row_id, l.pool_key FROM json_each(?) j
            JOIN listing l ON l.store_id = ? AND l.listing_id = j.value
            """,
            (json.dumps(sorted(listing_ids)), store_id),
        ).fetchall()
        for row_id, _ in rows:
            db.execute("DELETE FROM listing_stock WHERE listing_row = ?", (row_id,))
            db.execute("DELETE FROM listing WHERE row_id = ?", (row_id,))
        return refresh(db, dict.fromkeys(key for _, key in rows), desk, now)


def ids_of_store(db: sqlite3.Connection, store_id: str) -> set[str]:
    """The listings of a store that are here."""
    return {row[0] for row in db.execute("SELECT listing_id FROM listing WHERE store_id = ?", (store_id,))}


def ids_of_pools(db: sqlite3.Connection, keys: Collection[str], read_before: int) -> dict[str, list[str]]:
    """The listings of pools per store that were last read before a moment; none of a store that needs no reading."""
    found: dict[str, list[str]] = {}
    rows = db.execute(
        """
        SELECT l.store_id, l.listing_id, l.seen_at < ? FROM json_each(?) j JOIN listing l ON l.pool_key = j.value
        ORDER BY l.store_id, l.listing_id
        """,
        (read_before, json.dumps(sorted(keys))),
    )
    for store_id, listing_id, is_old in rows:
        of_store = found.setdefault(store_id, [])
        if is_old:
            of_store.append(listing_id)
    return found


def listings(db: sqlite3.Connection, keys: Collection[ListingKey]) -> dict[ListingKey, Listing]:
    """Listings as they are here; those that are not are left out."""
    found = ((key, _listing(db, key)) for key in keys)
    return {key: one for key, one in found if one is not None}


def _listing(db: sqlite3.Connection, key: ListingKey) -> Listing | None:
    row = db.execute(
        f"SELECT row_id, {', '.join(_COLUMNS)} FROM listing WHERE store_id = ? AND listing_id = ?", key
    ).fetchone()
    if row is None:
        return None
    stock = db.execute(
        """
        SELECT warehouse_id, shows, reserved, floor, ours FROM listing_stock WHERE listing_row = ?
        ORDER BY warehouse_id
        """,
        (row[0],),
    )
    return Listing(
        store_id=key[0],
        listing_id=key[1],
        sku=row[2],
        product_id=row[3],
        sku_id=row[4],
        product_name=row[5],
        variant_name=row[6],
        state=ListingState(row[7]),
        raw_state=row[8],
        stock=tuple(StockAt(at[0], at[1], at[2], at[3], bool(at[4])) for at in stock),
        price=None if row[9] is None else Money(row[9], row[10]),
        updated_at=row[11],
        why_locked=row[12],
    )


def forget(db: sqlite3.Connection, store_id: str, desk: StockDesk, most: int) -> int:
    """Drop up to `most` listings of a store, at the end what its orders did to pools; how many listings there were."""
    with transaction(db):
        (now,) = db.execute("SELECT coalesce(max(figures_at), 0) FROM pool").fetchone()
        rows = db.execute(
            "SELECT row_id, pool_key FROM listing WHERE store_id = ? LIMIT ?", (store_id, most)
        ).fetchall()
        for row_id, _ in rows:
            db.execute("DELETE FROM listing_stock WHERE listing_row = ?", (row_id,))
            db.execute("DELETE FROM listing WHERE row_id = ?", (row_id,))
        keys = dict.fromkeys(key for _, key in rows)
        if len(rows) < most:
            for table in ("sold_hour", "stock_reserved", "stock_left"):
                keys |= dict.fromkeys(
                    key
                    for (key,) in db.execute(f"SELECT DISTINCT pool_key FROM {table} WHERE store_id = ?", (store_id,))
                )
                db.execute(f"DELETE FROM {table} WHERE store_id = ?", (store_id,))
        refresh(db, keys, desk, now)
    return len(rows)
