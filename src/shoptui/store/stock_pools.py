"""The pool table: figures and next loss of every pool, made anew when something it is made of has changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shoptui.domain.clocks import HOUR_S, NextLoss
from shoptui.domain.pools import PoolFigures, pool_loss, week_units
from shoptui.domain.shares import PoolListing, PoolStock, ShareError, ShareRule, rule_of, unoffered
from shoptui.domain.stock import ListingState
from shoptui.store.codes import NEVER
from shoptui.store.database import transaction
from shoptui.store.fulltext import indexed
from shoptui.store.order_columns import LOSS_COLUMNS, loss_values
from shoptui.store.stock_basis import ListedAt, SoldByStore, listed, one_text, sold

#: A listing is named by its store and its id there.
ListingKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StockDesk:
    """By what pools are judged: the house's rule, and the time from reading a listing to having written it (s)."""

    rule: ShareRule = field(default_factory=ShareRule)
    gap_s: float = 6.0

    def rule_for(self, own: str) -> ShareRule:
        """A pool's own rule as kept, "" for the house's; one that cannot be read counts as none."""
        if not own:
            return self.rule
        try:
            return rule_of(json.loads(own))
        except (ShareError, ValueError):
            return self.rule


@dataclass(frozen=True, slots=True)
class SharedPool:
    """A pool as it is shared out, and its own rule as kept, "" for the house's.

    `read_at` is when each store's listings of it were read last (epoch s).
    """

    row_id: int
    sku: str
    rule: str
    stock: PoolStock
    read_at: Mapping[str, int]


_FIGURES = ("hand", "reserved", "left_units", "sold_24h", "sold_7d", "week_units", "cover_s", "listed", "listings")
_JUDGED = ("oversold", "step")
_LOSS = (*LOSS_COLUMNS, "over_since")
_UPDATE = f"""
UPDATE pool SET {", ".join(f"{column} = ?" for column in (*_FIGURES, *_JUDGED, *_LOSS))}, figures_at = ?, seen_at = ?
WHERE row_id = ?
"""
_SAME = "UPDATE pool SET figures_at = ?, seen_at = ? WHERE row_id = ?"
# What is reserved and what has left since the count are added up here: most pools have neither.
_KNOWN = f"""
SELECT json_group_array(json_array(
    p.pool_key, p.row_id, p.counted, p.counted_at, p.rule, p.over_since, p.sku, p.name, p.next_at,
    (SELECT coalesce(sum(r.units), 0) FROM stock_reserved r WHERE r.pool_key = p.pool_key),
    (SELECT coalesce(sum(g.units), 0) FROM stock_left g WHERE g.pool_key = p.pool_key AND g.left_at > p.counted_at),
    {", ".join(f"p.{column}" for column in (*_FIGURES, *_JUDGED))}
))
FROM json_each(?) j CROSS JOIN pool p ON p.pool_key = j.value
"""
_SHARED = """
SELECT json_group_array(json_array(p.pool_key, p.row_id, p.sku, p.rule, p.hand, p.reserved))
FROM json_each(?) j CROSS JOIN pool p ON p.pool_key = j.value
"""


class _Known(NamedTuple):
    """A pool's row as it stands, but for its figures, and what was added up of its orders."""

    key: str
    row_id: int
    counted: int | None
    counted_at: int | None
    rule: str
    over_since: int | None
    sku: str
    name: str
    next_at: int
    reserved: int
    left: int


#: As it is kept.
_LIVE = ListingState.LIVE.value
_KNOWN_COLUMNS = len(_Known._fields)


def ensure(db: sqlite3.Connection, key: str, sku: str) -> int:
    """The row of a pool, made where there is none."""
    row = db.execute("SELECT row_id FROM pool WHERE pool_key = ?", (key,)).fetchone()
    if row is not None:
        return int(row[0])
    cursor = db.execute("INSERT INTO pool (pool_key, sku, name) VALUES (?, ?, '')", (key, sku))
    row_id = int(cursor.lastrowid or 0)
    db.execute("INSERT INTO pool_text (rowid, sku, name) VALUES (?, ?, '')", (row_id, indexed(sku)))
    return row_id


def refresh(
    db: sqlite3.Connection, keys: Iterable[str], desk: StockDesk, now: int, *, passed: bool = False
) -> tuple[int, ...]:
    """Make pools anew, as a part of the caller's transaction; returns the rows that changed, those that went included.

    A pool's clocks stay as they are while its figures do, so that they count down; `passed` sets them anew.
    """
    asked = list(dict.fromkeys(keys))
    if not asked:
        return ()
    of_pool = {row[0]: row for row in one_text(db, _KNOWN, (json.dumps(asked),))}
    here = [key for key in asked if key in of_pool]
    listings, sales = listed(db, here), sold(db, here, now)
    changed: list[int] = []
    made: list[tuple[object, ...]] = []
    same: list[tuple[int, int, int]] = []
    for key in here:
        known, before = _Known._make(of_pool[key][:_KNOWN_COLUMNS]), of_pool[key][_KNOWN_COLUMNS:]
        rows = listings[key]
        if not rows and known.counted is None:
            db.execute("DELETE FROM pool_text WHERE rowid = ?", (known.row_id,))
            db.execute("DELETE FROM pool WHERE row_id = ?", (known.row_id,))
            changed.append(known.row_id)
            continue
        figures = _figures(known, rows, sales[key])
        values = [*_values(figures, rows, sales[key]), figures.oversold, _step(known, figures, rows, sales[key], desk)]
        seen_at = min((row.seen_at for row in rows), default=0)
        renamed = _rename(db, known, rows)
        if before == values and not (passed and known.next_at <= now):
            same.append((now, seen_at, known.row_id))
            if renamed:
                changed.append(known.row_id)
            continue
        loss = pool_loss(figures, key, now, known.over_since)
        made.append((*values, *loss_values(loss), _over_since(loss), now, seen_at, known.row_id))
        changed.append(known.row_id)
    db.executemany(_UPDATE, made)
    db.executemany(_SAME, same)
    return tuple(changed)


def refresh_all(db: sqlite3.Connection, keys: Iterable[str], desk: StockDesk, now: int) -> tuple[int, ...]:
    """As `refresh`, in a transaction of its own."""
    with transaction(db):
        return refresh(db, keys, desk, now)


def seen(db: sqlite3.Connection, keys: Sequence[str]) -> None:
    """Note that pools of which nothing changed were read again, as a part of the caller's transaction."""
    db.execute(
        """
        UPDATE pool SET seen_at = coalesce(
            (SELECT min(l.seen_at) FROM listing l WHERE l.pool_key = pool.pool_key AND l.state <> 'deleted'), 0
        ) WHERE pool_key IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(list(keys)),),
    )


def _over_since(loss: NextLoss) -> int | None:
    """Since when a pool is sold out and still promised: the clock of that alone is ever missed."""
    return loss.last_missed_at if loss.missed else None


def _figures(known: _Known, rows: Sequence[ListedAt], sales: SoldByStore) -> PoolFigures:
    hand = None if known.counted is None or known.counted_at is None else known.counted - known.left
    speed = week_units(*_sums(sales))
    on_offer = sum([row.shows for row in rows if row.state == _LIVE and row.ours])
    return PoolFigures(hand, known.reserved, on_offer, speed)


def _sums(sales: SoldByStore) -> tuple[int, int]:
    """Units sold in all stores, in the last 24 hours and the last seven days."""
    return sum([day for day, _ in sales.values()]), sum([week for _, week in sales.values()])


def _values(figures: PoolFigures, rows: Sequence[ListedAt], sales: SoldByStore) -> tuple[object, ...]:
    return (
        figures.hand,
        figures.reserved,
        figures.left,
        *_sums(sales),
        figures.speed,
        NEVER if (lasts_s := figures.cover_s) is None else min(lasts_s, NEVER - 1),
        figures.listed,
        len({(row.store_id, row.listing_id) for row in rows}),
    )


def _step(known: _Known, figures: PoolFigures, rows: Sequence[ListedAt], sales: SoldByStore, desk: StockDesk) -> int:
    """How many units the rule would offer that nobody offers."""
    if figures.hand is None:
        return 0
    stock = PoolStock(known.key, figures.hand, figures.reserved, _listings_of(rows, sales))
    return unoffered(stock, desk.rule_for(known.rule), desk.gap_s)


def _listings_of(
    rows: Sequence[ListedAt], sales: SoldByStore, silent: frozenset[str] = frozenset()
) -> tuple[PoolListing, ...]:
    """The listings of a pool; what has no stock anywhere cannot be written and is left out."""
    found = []
    for row in rows:
        if row.bare:
            continue
        day, week = sales.get(row.store_id, (0, 0))
        found.append(
            PoolListing(
                row.store_id,
                row.listing_id,
                row.warehouse_id,
                row.shows,
                row.floor,
                day,
                week,
                row.state == _LIVE,
                bool(row.ours),
                row.store_id in silent,
                row.why_locked,
            )
        )
    return tuple(found)


def shared(
    db: sqlite3.Connection, keys: Collection[str], now: int, silent: frozenset[str] = frozenset()
) -> dict[str, SharedPool]:
    """Pools as they are shared out; those that are not here are left out. `silent` are stores that do not answer."""
    rows = one_text(db, _SHARED, (json.dumps(list(keys)),))
    here = [row[0] for row in rows]
    listings, sales = listed(db, here), sold(db, here, now)
    return {
        key: SharedPool(
            row_id,
            sku,
            rule,
            PoolStock(key, hand, reserved, _listings_of(listings[key], sales[key], silent)),
            _read_at(listings[key]),
        )
        for key, row_id, sku, rule, hand, reserved in rows
    }


def _read_at(rows: Sequence[ListedAt]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        if row.seen_at > found.get(row.store_id, -1):
            found[row.store_id] = row.seen_at
    return found


def _rename(db: sqlite3.Connection, known: _Known, rows: Sequence[ListedAt]) -> bool:
    """Keep a pool's code and name those of its first listing that sells; True if that changed them."""
    if not rows:
        return False
    first = next((row for row in rows if row.state == _LIVE), rows[0])
    sku = first.sku.strip()
    name = " ".join(part for part in (first.product_name, first.variant_name) if part)
    if (sku, name) == (known.sku, known.name):
        return False
    db.execute("UPDATE pool SET sku = ?, name = ? WHERE row_id = ?", (sku, name, known.row_id))
    db.execute("DELETE FROM pool_text WHERE rowid = ?", (known.row_id,))
    names = " ".join(dict.fromkeys(part for row in rows for part in (row.product_name, row.variant_name) if part))
    db.execute(
        "INSERT INTO pool_text (rowid, sku, name) VALUES (?, ?, ?)", (known.row_id, indexed(sku), indexed(names))
    )
    return True


def pass_clocks(db: sqlite3.Connection, desk: StockDesk, now: int) -> tuple[int, ...]:
    """Make the pools anew whose next loss has come; returns the rows that changed."""
    with transaction(db):
        keys = db.execute(f"SELECT pool_key FROM pool WHERE next_at <= ? AND next_at < {NEVER}", (now,)).fetchall()
        return refresh(db, [key for (key,) in keys], desk, now, passed=True)


def age(db: sqlite3.Connection, desk: StockDesk, now: int, most: int) -> tuple[tuple[int, ...], bool]:
    """Make up to `most` selling pools anew that were last made before this hour; the rows that changed, and if all.

    Hours that pass take sales out of a speed without anything being written.
    """
    with transaction(db):
        keys = db.execute(
            "SELECT pool_key FROM pool INDEXED BY pool_selling WHERE week_units > 0 AND figures_at < ? LIMIT ?",
            (now // HOUR_S * HOUR_S, most),
        ).fetchall()
        return refresh(db, [key for (key,) in keys], desk, now), len(keys) < most


def recompute(
    db: sqlite3.Connection, desk: StockDesk, after_row: int, most: int, now: int
) -> tuple[int | None, tuple[int, ...]]:
    """Make the next `most` pools after a row anew; the last row looked at (None at the end) and those that changed."""
    with transaction(db):
        rows = db.execute(
            "SELECT row_id, pool_key FROM pool WHERE row_id > ? ORDER BY row_id LIMIT ?", (after_row, most)
        ).fetchall()
        changed = refresh(db, [key for _, key in rows], desk, now)
    return (rows[-1][0] if rows else None), changed


def next_clock_at(db: sqlite3.Connection, now: int) -> int | None:
    """When a pool's next loss comes, or the hour ends that its speed is of (epoch s); None while nothing sells."""
    row = db.execute(f"SELECT min(next_at) FROM pool INDEXED BY pool_ahead WHERE next_at < {NEVER}").fetchone()
    selling = db.execute("SELECT 1 FROM pool INDEXED BY pool_selling WHERE week_units > 0 LIMIT 1").fetchone()
    found = [at for at in (row[0], None if selling is None else (now // HOUR_S + 1) * HOUR_S) if at is not None]
    return min(found, default=None)
