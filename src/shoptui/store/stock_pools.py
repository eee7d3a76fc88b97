"""The pool table: figures and next loss of every pool, made anew when something it is made of has changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shoptui.domain.clocks import HOUR_S, NextLoss
from shoptui.domain.pools import PoolFigures, pool_loss, week_units
from shoptui.domain.shares import PoolListing, PoolStock, ShareError, ShareRule, rule_of, simulate
from shoptui.domain.stock import ListingState
from shoptui.store.codes import NEVER
from shoptui.store.database import transaction
from shoptui.store.fulltext import indexed
from shoptui.store.order_columns import LOSS_COLUMNS, loss_values
from shoptui.store.stock_counters import left_since, reserved_units, sold_by_store

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


_KNOWN = "SELECT row_id, counted, counted_at, rule, over_since, sku, name, next_at FROM pool WHERE pool_key = ?"
_LISTINGS = """
SELECT l.store_id, l.listing_id, coalesce(s.warehouse_id, ''), coalesce(s.shows, 0), coalesce(s.floor, 0), l.state,
    coalesce(s.ours, 1), l.why_locked, l.sku, l.product_name, l.variant_name, l.seen_at, s.listing_row IS NULL
FROM listing l LEFT JOIN listing_stock s ON s.listing_row = l.row_id
WHERE l.pool_key = ? AND l.state <> 'deleted' ORDER BY l.store_id, l.listing_id, s.warehouse_id
"""
_FIGURES = ("hand", "reserved", "left_units", "sold_24h", "sold_7d", "week_units", "cover_s", "listed", "listings")
_JUDGED = ("oversold", "step")
_LOSS = (*LOSS_COLUMNS, "over_since")
_UPDATE = f"""
UPDATE pool SET {", ".join(f"{column} = ?" for column in (*_FIGURES, *_JUDGED, *_LOSS))}, figures_at = ?, seen_at = ?
WHERE row_id = ?
"""
_SAME = f"SELECT {', '.join((*_FIGURES, *_JUDGED))} FROM pool WHERE row_id = ?"


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
    changed = (_refresh(db, key, desk, now, passed) for key in keys)
    return tuple(row_id for row_id in changed if row_id is not None)


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


def _refresh(db: sqlite3.Connection, key: str, desk: StockDesk, now: int, passed: bool) -> int | None:
    known = db.execute(_KNOWN, (key,)).fetchone()
    if known is None:
        return None
    row_id, counted, counted_at, rule, over_since, sku, name, next_at = known
    sold = sold_by_store(db, key, now)
    rows = db.execute(_LISTINGS, (key,)).fetchall()
    if not rows and counted is None:
        db.execute("DELETE FROM pool_text WHERE rowid = ?", (row_id,))
        db.execute("DELETE FROM pool WHERE row_id = ?", (row_id,))
        return int(row_id)
    figures = _figures(db, key, rows, sold, counted, counted_at, now)
    values = _values(figures, rows, sold)
    judged = (figures.oversold, _step(key, figures, rows, sold, desk, rule))
    seen_at = min((row[11] for row in rows), default=0)
    renamed = _rename(db, row_id, (sku, name), rows)
    if db.execute(_SAME, (row_id,)).fetchone() == (*values, *judged) and not (passed and next_at <= now):
        db.execute("UPDATE pool SET figures_at = ?, seen_at = ? WHERE row_id = ?", (now, seen_at, row_id))
        return int(row_id) if renamed else None
    loss = pool_loss(figures, key, now, over_since)
    db.execute(_UPDATE, (*values, *judged, *loss_values(loss), _over_since(loss), now, seen_at, row_id))
    return int(row_id)


def _over_since(loss: NextLoss) -> int | None:
    """Since when a pool is sold out and still promised: the clock of that alone is ever missed."""
    return loss.last_missed_at if loss.missed else None


def _figures(
    db: sqlite3.Connection,
    key: str,
    rows: Sequence[Sequence[Any]],
    sold: Mapping[str, tuple[int, int]],
    counted: int | None,
    counted_at: int | None,
    now: int,
) -> PoolFigures:
    hand = None if counted is None or counted_at is None else counted - left_since(db, key, counted_at)
    speed = week_units(sum(day for day, _ in sold.values()), sum(week for _, week in sold.values()))
    listed = sum(row[3] for row in rows if row[5] == ListingState.LIVE and row[6])
    return PoolFigures(hand, reserved_units(db, key), listed, speed)


def _values(
    figures: PoolFigures, rows: Sequence[Sequence[Any]], sold: Mapping[str, tuple[int, int]]
) -> tuple[object, ...]:
    return (
        figures.hand,
        figures.reserved,
        figures.left,
        sum(day for day, _ in sold.values()),
        sum(week for _, week in sold.values()),
        figures.speed,
        NEVER if figures.cover_s is None else min(figures.cover_s, NEVER - 1),
        figures.listed,
        len({(row[0], row[1]) for row in rows}),
    )


def _step(
    key: str,
    figures: PoolFigures,
    rows: Sequence[Sequence[Any]],
    sold: Mapping[str, tuple[int, int]],
    desk: StockDesk,
    rule: str,
) -> int:
    """How many units the rule would offer that nobody offers."""
    if figures.hand is None:
        return 0
    stock = PoolStock(key, figures.hand, figures.reserved, listings_of(rows, sold))
    found = simulate(stock, desk.rule_for(rule), desk.gap_s)
    return max(found.total - sum(share.listing.shows for share in found.shares), 0)


def listings_of(
    rows: Sequence[Sequence[Any]],
    sold: Mapping[str, tuple[int, int]],
    silent: frozenset[str] = frozenset(),
) -> tuple[PoolListing, ...]:
    """The listings of rows of `_LISTINGS`; what has no stock anywhere cannot be written and is left out."""
    found = []
    for row in rows:
        if row[12]:
            continue
        day, week = sold.get(row[0], (0, 0))
        found.append(
            PoolListing(
                store_id=row[0],
                listing_id=row[1],
                warehouse_id=row[2],
                shows=row[3],
                floor=row[4],
                sold_24h=day,
                sold_7d=week,
                live=row[5] == ListingState.LIVE,
                ours=bool(row[6]),
                silent=row[0] in silent,
                why_locked=row[7],
            )
        )
    return tuple(found)


def pool_stock(
    db: sqlite3.Connection, key: str, now: int, silent: frozenset[str] = frozenset()
) -> tuple[PoolStock, str] | None:
    """A pool as it is shared out, and its own rule as kept; None for one that is not here."""
    row = db.execute("SELECT hand, reserved, rule FROM pool WHERE pool_key = ?", (key,)).fetchone()
    if row is None:
        return None
    rows = db.execute(_LISTINGS, (key,)).fetchall()
    return PoolStock(key, row[0], row[1], listings_of(rows, sold_by_store(db, key, now), silent)), str(row[2])


def _rename(db: sqlite3.Connection, row_id: int, known: tuple[str, str], rows: Sequence[Sequence[Any]]) -> bool:
    """Keep a pool's code and name those of its first listing that sells; True if that changed them."""
    if not rows:
        return False
    first = next((row for row in rows if row[5] == ListingState.LIVE), rows[0])
    sku, name = str(first[8]).strip(), " ".join(part for part in (first[9], first[10]) if part)
    if (sku, name) == known:
        return False
    db.execute("UPDATE pool SET sku = ?, name = ? WHERE row_id = ?", (sku, name, row_id))
    db.execute("DELETE FROM pool_text WHERE rowid = ?", (row_id,))
    names = " ".join(dict.fromkeys(part for row in rows for part in (row[9], row[10]) if part))
    db.execute("INSERT INTO pool_text (rowid, sku, name) VALUES (?, ?, ?)", (row_id, indexed(sku), indexed(names)))
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
