"""Rows, details and candidates of stock for screens, commands and the engine: pools with their listings and writes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from shoptui.domain.intents import OPEN_STATES, Intent, IntentState, TargetKind, Verb
from shoptui.domain.shares import ShareRule
from shoptui.domain.stock import ListingState, target_parts
from shoptui.queries.stock import (
    ListingRow,
    PoolCandidate,
    PoolDetail,
    PoolRow,
    StockFact,
    StockFactKind,
    StoreShare,
)
from shoptui.store import outbox_reads, stock_desk
from shoptui.store.codes import moment
from shoptui.store.stock_basis import SoldByStore, one_text, sold
from shoptui.store.stock_pools import ListingKey, StockDesk, shared

#: How many counts, pushes and writes a detail shows.
_SHOWN_MAX = 20

# A target is a listing and its warehouse with an @ between: as a range of an index, everything that begins so.
_OF_LISTING = f"""
x.store_id = l.store_id AND x.target_kind = '{TargetKind.LISTING.value}'
AND x.target_id >= l.listing_id || '@' AND x.target_id < l.listing_id || 'A'
AND x.verb = '{Verb.SET_STOCK.value}' AND x.state <> '{IntentState.TAKEN_BACK.value}'
"""

_ROWS = f"""
SELECT
    p.row_id, p.pool_key, p.sku, p.name, p.hand, p.reserved, p.listed, p.listings, p.sold_24h, p.sold_7d, p.week_units,
    p.cover_s, p.oversold, p.step, p.next_at, p.next_kind, p.then_at, p.then_kind, p.missed, p.last_missed_at,
    p.last_missed_kind, p.counted_at, p.figures_at, p.seen_at, p.rule <> '', a.state, a.cause_id
FROM pool p
LEFT JOIN ledger.outbox a ON a.intent_id = (
    SELECT x.intent_id FROM listing l INDEXED BY listing_by_pool
    CROSS JOIN ledger.outbox x INDEXED BY outbox_by_listing
    WHERE l.pool_key = p.pool_key AND {_OF_LISTING} AND x.acked_at IS NULL
    ORDER BY x.state = 'done', x.intent_id DESC LIMIT 1
)
WHERE p.row_id IN (SELECT value FROM json_each(?))
"""

_LISTINGS = """
SELECT l.store_id, s.marketplace, s.region, l.listing_id, coalesce(t.warehouse_id, ''), l.state, l.raw_state,
    coalesce(t.shows, 0), t.reserved, coalesce(t.floor, 0), coalesce(t.ours, 1), l.why_locked, l.price_minor,
    l.currency, l.seen_at, l.product_name, l.variant_name
FROM listing l
LEFT JOIN listing_stock t ON t.listing_row = l.row_id
LEFT JOIN ledger.store s ON s.store_id = l.store_id
WHERE l.pool_key = ? ORDER BY l.store_id, l.listing_id, t.warehouse_id
"""

_WRITES = f"""
SELECT x.intent_id, x.store_id, x.target_id, x.state, coalesce(x.cause_id, ''), json_extract(x.args, '$.shows'),
    coalesce(x.settled_at, x.created_at), x.evidence
FROM listing l INDEXED BY listing_by_pool CROSS JOIN ledger.outbox x INDEXED BY outbox_by_listing
WHERE l.pool_key = ? AND {_OF_LISTING} ORDER BY x.intent_id DESC
"""


def rows(db: sqlite3.Connection, ids: Sequence[int]) -> list[PoolRow]:
    """The rows with these ids, in this order; ids that are gone are left out."""
    found = {row[0]: _row(row) for row in db.execute(_ROWS, (json.dumps(list(ids)),))}
    return [found[row_id] for row_id in ids if row_id in found]


def _row(row: Sequence[Any]) -> PoolRow:
    return PoolRow(
        row_id=row[0],
        key=row[1],
        sku=row[2],
        name=row[3],
        hand=row[4],
        reserved=row[5],
        listed=row[6],
        listings=row[7],
        sold_24h=row[8],
        sold_7d=row[9],
        week_units=row[10],
        cover_s=moment(row[11]),
        oversold=row[12],
        step=row[13],
        next_at=moment(row[14]),
        next_kind=row[15],
        then_at=row[16],
        then_kind=row[17],
        missed=row[18],
        last_missed_at=row[19],
        last_missed_kind=row[20],
        counted_at=row[21],
        figures_at=row[22],
        seen_at=row[23],
        own_rule=bool(row[24]),
        act_state=None if row[25] is None else IntentState(row[25]),
        act_cause=row[26] or "",
    )


def detail(db: sqlite3.Connection, row_id: int, now: int, house_rule: ShareRule) -> PoolDetail | None:
    """Everything of one pool, None when the row is gone; `house_rule` applies where it has none of its own."""
    found = rows(db, [row_id])
    if not found:
        return None
    row = found[0]
    sales = sold(db, [row.key], now)[row.key]
    writes = db.execute(_WRITES, (row.key,)).fetchall()
    listings = tuple(_listing(one, sales, writes) for one in db.execute(_LISTINGS, (row.key,)))
    own = db.execute("SELECT rule FROM pool WHERE row_id = ?", (row_id,)).fetchone()[0]
    intents = outbox_reads.by_ids(db, [write[0] for write in writes[:_SHOWN_MAX]], "ledger")
    return PoolDetail(
        row=row,
        listings=listings,
        stores=_stores(db, row.key, listings, sales),
        rule=StockDesk(house_rule).rule_for(own),
        counts=tuple(stock_desk.counts_of(db, row.key, _SHOWN_MAX, "ledger")),
        pushes=tuple(stock_desk.pushes_of(db, row.key, _SHOWN_MAX, "ledger")),
        intents=tuple(_newest_first(intents)),
    )


def _newest_first(intents: list[Intent]) -> list[Intent]:
    return sorted(intents, key=lambda intent: -intent.intent_id)


def _listing(row: Sequence[Any], sales: SoldByStore, writes: Sequence[Sequence[Any]]) -> ListingRow:
    store_id, listing_id, warehouse_id = row[0], row[3], row[4]
    write = next(
        (one for one in writes if one[1] == store_id and target_parts(one[2]) == (listing_id, warehouse_id)), None
    )
    facts = _facts_of(write)
    day, week = sales.get(store_id, (0, 0))
    return ListingRow(
        store_id=store_id,
        marketplace=row[1] or "",
        region=row[2] or "",
        listing_id=listing_id,
        warehouse_id=warehouse_id,
        state=ListingState(row[5]),
        raw_state=row[6],
        shows=row[7],
        in_carts=row[8],
        floor=row[9],
        ours=bool(row[10]),
        why_locked=row[11],
        price_minor=row[12],
        currency=row[13],
        sold_24h=day,
        sold_7d=week,
        seen_at=row[14],
        product_name=row[15],
        variant_name=row[16],
        pushed=None if write is None else write[5],
        pushed_at=None if write is None else write[6],
        answer=None if write is None else IntentState(write[3]),
        cause="" if write is None else write[4],
        before=facts.get("before"),
        after=facts.get("after"),
        window_ms=facts.get("window_ms"),
    )


def _facts_of(write: Sequence[Any] | None) -> dict[str, int]:
    """The numbers among what a write's answer told."""
    if write is None or not write[7]:
        return {}
    told = json.loads(write[7])
    if not isinstance(told, dict):
        return {}
    # Desks tell facts as texts.
    return {key: int(value) for key, value in told.items() if isinstance(value, int) or _is_number(value)}


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()


def _stores(
    db: sqlite3.Connection, key: str, listings: Sequence[ListingRow], sales: SoldByStore
) -> tuple[StoreShare, ...]:
    reserved = dict(
        db.execute("SELECT store_id, units FROM stock_reserved WHERE pool_key = ? AND units <> 0", (key,)).fetchall()
    )
    names = sorted({one.store_id for one in listings} | set(sales) | set(reserved))
    shows = {
        name: sum(one.shows for one in listings if one.store_id == name and one.ours and one.state is ListingState.LIVE)
        for name in names
    }
    return tuple(StoreShare(name, shows[name], reserved.get(name, 0), *sales.get(name, (0, 0))) for name in names)


def of_keys(
    db: sqlite3.Connection, keys: Collection[str], now: int, silent: frozenset[str], desk: StockDesk
) -> dict[str, PoolCandidate]:
    """Pools as they are shared out, without what is ordered on them; those that are not here are left out."""
    return {
        key: PoolCandidate(pool.row_id, pool.sku, pool.stock, desk.rule_for(pool.rule), frozenset())
        for key, pool in shared(db, keys, now, silent).items()
    }


def of_rows(
    db: sqlite3.Connection, ids: Sequence[int], now: int, silent: frozenset[str], house_rule: ShareRule
) -> list[PoolCandidate]:
    """As `of_keys`, by their rows and in this order."""
    statement = "SELECT json_group_array(json_array(row_id, pool_key)) FROM json_each(?) JOIN pool ON row_id = value"
    key_of: dict[int, str] = dict(one_text(db, statement, (json.dumps(list(ids)),)))
    found = of_keys(db, list(key_of.values()), now, silent, StockDesk(house_rule))
    return [found[key] for row_id in ids if (key := key_of.get(row_id, "")) in found]


def candidates(
    db: sqlite3.Connection, ids: Sequence[int], now: int, silent: frozenset[str], house_rule: ShareRule
) -> list[PoolCandidate]:
    """What the simulation of a push needs of these pools, in this order."""
    open_states = ", ".join(f"'{state.value}'" for state in sorted(OPEN_STATES))
    found = []
    for one in of_rows(db, ids, now, silent, house_rule):
        acts = db.execute(
            f"""
            SELECT x.store_id, x.target_id
            FROM listing l INDEXED BY listing_by_pool CROSS JOIN ledger.outbox x INDEXED BY outbox_by_listing
            WHERE l.pool_key = ? AND {_OF_LISTING} AND x.state IN ({open_states})
            """,
            (one.stock.key,),
        )
        found.append(replace(one, acts=frozenset(map(tuple, acts))))
    return found


def rows_of_listings(db: sqlite3.Connection, listings: Sequence[ListingKey]) -> tuple[int, ...]:
    """The rows of the pools these listings are of."""
    statement = """
    SELECT json_group_array(DISTINCT p.row_id) FROM json_each(?) s CROSS JOIN json_each(s.value) j
    CROSS JOIN listing l ON l.store_id = s.key AND l.listing_id = j.value
    CROSS JOIN pool p ON p.pool_key = l.pool_key
    """
    of_store: dict[str, list[str]] = {}
    for store_id, listing_id in listings:
        of_store.setdefault(store_id, []).append(listing_id)
    return tuple(one_text(db, statement, (json.dumps(of_store),)))


def row_of(db: sqlite3.Connection, key: str) -> int | None:
    """The row of a pool, None when it is not here."""
    row = db.execute("SELECT row_id FROM pool WHERE pool_key = ?", (key,)).fetchone()
    return None if row is None else int(row[0])


def facts(db: sqlite3.Connection, low_units: int, low_cover_s: int) -> list[StockFact]:
    """What alerts are about, pool by pool; nothing of a pool that nobody offers and nobody ordered."""
    found = []
    read = db.execute(
        """
        SELECT row_id, pool_key, sku, left_units, cover_s, oversold, step, next_at, listed, week_units FROM pool
        WHERE oversold > 0 OR step > 0 OR (listed > 0 AND (left_units < ? OR cover_s < ?)) ORDER BY row_id
        """,
        (low_units, low_cover_s),
    )
    for row_id, key, sku, left, cover_s, oversold, step, next_at, listed, speed in read:
        due_at = moment(next_at)
        if oversold:
            found.append(StockFact(StockFactKind.OVERSOLD, row_id, key, sku, oversold, due_at))
        if step:
            found.append(StockFact(StockFactKind.OUT_OF_STEP, row_id, key, sku, step, None))
        if listed > 0 and left < low_units:
            found.append(StockFact(StockFactKind.LOW_QUANTITY, row_id, key, sku, max(left, 0), due_at))
        if listed > 0 and speed > 0 and cover_s < low_cover_s:
            found.append(StockFact(StockFactKind.LOW_COVER, row_id, key, sku, max(left, 0), due_at))
    return found
