"""What each store shows of pools, and what it would show if they were shared out now: for the columns of stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from shoptui.domain.shares import ShareRule, simulate
from shoptui.queries.stock import PoolCandidate, StoreShows
from shoptui.store.stock_reads import of_rows


def shows(
    db: sqlite3.Connection,
    ids: Sequence[int],
    now: int,
    silent: frozenset[str],
    house_rule: ShareRule,
    gap_s: float,
) -> dict[int, tuple[StoreShows, ...]]:
    """Each store's part of these pools, by row; pools that are gone are left out."""
    return {one.row_id: _by_store(one, gap_s) for one in of_rows(db, ids, now, silent, house_rule)}


def _by_store(one: PoolCandidate, gap_s: float) -> tuple[StoreShows, ...]:
    wanted: dict[str, int] = {}
    changes: set[str] = set()
    for share in simulate(one.stock, one.rule, gap_s).shares:
        store_id = share.listing.store_id
        wanted[store_id] = wanted.get(store_id, 0) + share.shows
        if share.changes:
            changes.add(store_id)
    shown: dict[str, int] = {}
    for each in one.stock.listings:
        if each.live and each.ours:
            shown[each.store_id] = shown.get(each.store_id, 0) + each.shows
    return tuple(
        StoreShows(store_id, units, wanted.get(store_id) if store_id in changes else None)
        for store_id, units in sorted(shown.items())
    )
