"""What pools' figures are made of, read for many pools at once.

Each reading is one statement with one row, whatever it finds: for each statement and row the thread may have to wait
for its turn, which many pools of few listings would do all the time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from operator import itemgetter
from typing import Any, NamedTuple

from shoptui.domain.clocks import HOUR_S
from shoptui.store.json_text import parsed

#: What an order's store sold of a pool, in the last 24 hours and the last seven days.
SoldByStore = dict[str, tuple[int, int]]

# The first two name the pool and its place in the order of its listings.
_LISTINGS = """
SELECT json_group_array(json_array(
    l.pool_key, l.store_id, l.listing_id, coalesce(s.warehouse_id, ''), coalesce(s.shows, 0), coalesce(s.floor, 0),
    l.state, coalesce(s.ours, 1), l.why_locked, l.sku, l.product_name, l.variant_name, l.seen_at, s.listing_row IS NULL
))
FROM json_each(?) j CROSS JOIN listing l ON l.pool_key = j.value
LEFT JOIN listing_stock s ON s.listing_row = l.row_id
WHERE l.state <> 'deleted'
"""
_SOLD = """
SELECT json_group_array(json_array(pool_key, store_id, day, week)) FROM (
    SELECT s.pool_key, s.store_id, coalesce(sum(s.units) FILTER (WHERE s.hour > ?), 0) AS day, sum(s.units) AS week
    FROM json_each(?) j CROSS JOIN sold_hour s ON s.pool_key = j.value AND s.hour > ?
    GROUP BY s.pool_key, s.store_id
)
"""


class ListedAt(NamedTuple):
    """One listing of a pool at one warehouse, as the cache has it; `bare` for one that has no stock anywhere."""

    store_id: str
    listing_id: str
    warehouse_id: str
    shows: int
    floor: int
    state: str
    ours: int
    why_locked: str
    sku: str
    product_name: str
    variant_name: str
    seen_at: int
    bare: int


_PLACE = itemgetter(0, 1, 2)


def one_text(db: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> Any:
    """What a statement of one row with one JSON text gives."""
    ((text,),) = db.execute(statement, values).fetchall()
    return parsed(text)


def listed(db: sqlite3.Connection, keys: Collection[str]) -> dict[str, list[ListedAt]]:
    """The listings of pools that are not deleted, by store, id and warehouse; pools without any have an empty list."""
    found: dict[str, list[ListedAt]] = {key: [] for key in keys}
    for key, *row in one_text(db, _LISTINGS, (json.dumps(list(found)),)):
        found[key].append(ListedAt._make(row))
    for rows in found.values():
        rows.sort(key=_PLACE)
    return found


def sold(db: sqlite3.Connection, keys: Collection[str], now: int) -> dict[str, SoldByStore]:
    """Units of pools ordered in the last 24 hours and the last seven days, per store; hours that began in the time."""
    this_hour = now // HOUR_S
    found: dict[str, SoldByStore] = {key: {} for key in keys}
    values = (this_hour - 24, json.dumps(list(found)), this_hour - 7 * 24)
    for key, store_id, day, week in one_text(db, _SOLD, values):
        found[key][store_id] = (day, week)
    return found
