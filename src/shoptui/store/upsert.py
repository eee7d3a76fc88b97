"""Writing orders into the cache: the path every synced order takes, thousands a second."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from pydantic_core import to_json

from shoptui.domain.clocks import Clock
from shoptui.domain.codec import CodecError, decode_order, encode_order, order_fields
from shoptui.domain.orders import Order, Recipient
from shoptui.store.codes import NEVER
from shoptui.store.database import transaction
from shoptui.store.order_columns import (
    COLUMNS,
    LOSS_COLUMNS,
    OrderText,
    codes_of,
    column_values,
    loss_of,
    loss_values,
    masked,
    text_of,
    with_known_packages,
)
from shoptui.store.order_hooks import OrderChange, OrderHook
from shoptui.store.results import Upserted

StoreAndNo = tuple[str, str]

_CONTENT_BYTES = 12

_FIND = """
SELECT order_no, row_id, updated_at, content FROM orders
WHERE store_id = ? AND order_no IN (SELECT value FROM json_each(?))
"""
_BODY = "SELECT body FROM order_body WHERE row_id = ?"
_INSERT = (
    f"INSERT INTO orders (row_id, store_id, order_no, {', '.join(COLUMNS)}) VALUES (?, ?, ?{', ?' * len(COLUMNS)})"
)
_UPDATE = f"UPDATE orders SET {', '.join(f'{column} = ?' for column in COLUMNS)} WHERE row_id = ?"
_UPDATE_LOSS = f"UPDATE orders SET {', '.join(f'{column} = ?' for column in LOSS_COLUMNS)} WHERE row_id = ?"
_PUT_BODY = "INSERT OR REPLACE INTO order_body (row_id, body) VALUES (?, ?)"
_SEEN = "UPDATE orders SET seen_at = max(seen_at, ?) WHERE row_id = ?"
_ADD_CODE = "INSERT OR IGNORE INTO order_code (kind, code, row_id) VALUES (?, ?, ?)"
_DROP_CODE = "DELETE FROM order_code WHERE kind = ? AND code = ? AND row_id = ?"
_ADD_TEXT = "INSERT INTO order_text (rowid, buyer, goods, notes) VALUES (?, ?, ?, ?)"
_DROP_TEXT = "DELETE FROM order_text WHERE rowid = ?"


@dataclass(slots=True)
class Sealed:
    """An order ready for the cache: masked, encoded, and told apart from other contents by a keyed digest.

    `recipient` is the full one when the marketplace showed it, for the vault; None when there is nothing to keep.
    """

    order: Order
    body: str
    content: bytes
    ship_block: str
    recipient: Recipient | None


@dataclass(slots=True)
class _Work:
    """What one transaction will write."""

    inserts: list[tuple[object, ...]] = field(default_factory=list)
    updates: list[tuple[object, ...]] = field(default_factory=list)
    bodies: list[tuple[int, str]] = field(default_factory=list)
    codes: list[tuple[int, str, int]] = field(default_factory=list)
    lost_codes: list[tuple[int, str, int]] = field(default_factory=list)
    texts: list[tuple[int, str, str, str]] = field(default_factory=list)
    lost_texts: list[tuple[int]] = field(default_factory=list)
    seen: list[tuple[int, int]] = field(default_factory=list)


class Sealer:
    """Makes orders ready for the cache.

    The digest that tells whether a copy differs covers the full address too; it is keyed with a salt from the vault,
    so that nobody who reads the cache can try out addresses or phone numbers against it.
    """

    def __init__(self, salt: bytes) -> None:
        self._salt = salt

    def seal(self, order: Order, ship_block: str) -> Sealed:
        """The order without what the cache must not have."""
        full = order.recipient
        hidden = masked(full)
        if hidden is full:
            return self._sealed(order, ship_block, None)
        return self._sealed(replace(order, recipient=hidden), ship_block, full)

    def resealed(self, sealed: Sealed, order: Order) -> Sealed:
        """The same with another order whose recipient is masked already."""
        return self._sealed(order, sealed.ship_block, sealed.recipient)

    def _sealed(self, order: Order, ship_block: str, full: Recipient | None) -> Sealed:
        # The text of `encode_order`, in a third of its time.
        body = to_json(order_fields(order))
        digest = blake2b(body, digest_size=_CONTENT_BYTES, key=self._salt)
        digest.update(b"\0" + ship_block.encode())
        if full is not None:
            parts = (full.name, full.phone, full.street, full.city, full.postal_code, full.region)
            digest.update("\0".join(("", *parts)).encode())
        return Sealed(order, body.decode(), digest.digest(), ship_block, full)


def seal_all(
    db: sqlite3.Connection, sealer: Sealer, orders: Sequence[Order], ship_blocks: Mapping[StoreAndNo, str]
) -> tuple[list[Sealed], list[tuple[str, str, Recipient]]]:
    """Make orders ready, and name the full recipients the vault must have before the cache says it has the order."""
    sealed_orders = [sealer.seal(order, ship_blocks.get((order.store_id, order.order_no), "")) for order in orders]
    for_vault = []
    shown = [sealed for sealed in sealed_orders if sealed.recipient is not None]
    cached = _cached(db, shown)
    for sealed in shown:
        assert sealed.recipient is not None
        order = sealed.order
        found = cached.get((order.store_id, order.order_no))
        if found is None or (order.updated_at >= found[1] and sealed.content != found[2]):
            for_vault.append((order.store_id, order.order_no, sealed.recipient))
    return sealed_orders, for_vault


def _cached(db: sqlite3.Connection, sealed_orders: Iterable[Sealed]) -> dict[StoreAndNo, tuple[int, int, bytes]]:
    """Row, version and contents of those that the cache has, by store and number; one look-up a store."""
    by_store: dict[str, list[str]] = {}
    for sealed in sealed_orders:
        by_store.setdefault(sealed.order.store_id, []).append(sealed.order.order_no)
    return {
        (store_id, order_no): (row_id, updated_at, content)
        for store_id, order_nos in by_store.items()
        for order_no, row_id, updated_at, content in db.execute(_FIND, (store_id, json.dumps(order_nos)))
    }


def upsert(
    db: sqlite3.Connection,
    sealer: Sealer,
    sealed_orders: Sequence[Sealed],
    seen_at: int,
    now: int,
    hooks: Sequence[OrderHook] = (),
) -> Upserted:
    """Write the copies that are newer, or of the same version with other contents; one transaction with the hooks'."""
    work = _Work()
    written: list[Sealed] = []
    changes: list[OrderChange] = []
    changed: list[int] = []
    new = same = stale = 0
    with transaction(db):
        next_row = db.execute("SELECT coalesce(max(row_id), 0) + 1 FROM orders").fetchone()[0]
        latest = _latest(sealed_orders)
        stale += len(sealed_orders) - len(latest)
        cached = _cached(db, latest)
        for sealed in latest:
            order = sealed.order
            found = cached.get((order.store_id, order.order_no))
            if found is None:
                _insert(work, next_row, sealed, seen_at, now)
                changed.append(next_row)
                written.append(sealed)
                changes.append(OrderChange(next_row, order, None, new=True))
                next_row += 1
                new += 1
                continue
            row_id, updated_at, content = found
            if order.updated_at < updated_at:
                stale += 1
                continue
            if content == sealed.content:
                work.seen.append((seen_at, row_id))
                same += 1
                continue
            known = _known(db, row_id)
            ready = sealed
            if known is not None and order.updated_at == updated_at:
                merged = with_known_packages(order, known)
                if merged is not order:
                    ready = sealer.resealed(sealed, merged)
                    if ready.content == content:
                        work.seen.append((seen_at, row_id))
                        same += 1
                        continue
            _update(work, row_id, ready, known, seen_at, now)
            changed.append(row_id)
            written.append(ready)
            changes.append(OrderChange(row_id, ready.order, known, new=False))
        _run(db, work)
        for hook in hooks:
            hook(db, changes, now)
        _no_longer_aside(db, written)
    return Upserted(tuple(changed), new, same, stale)


def _latest(sealed_orders: Sequence[Sealed]) -> list[Sealed]:
    """Each order once: pages may repeat one, and only its newest copy counts (the later one among equals)."""
    by_key: dict[StoreAndNo, Sealed] = {}
    for sealed in sealed_orders:
        key = (sealed.order.store_id, sealed.order.order_no)
        other = by_key.get(key)
        if other is None or other.order.updated_at <= sealed.order.updated_at:
            by_key[key] = sealed
    return list(by_key.values())


def _known(db: sqlite3.Connection, row_id: int) -> Order | None:
    """The order as cached; None when its body cannot be read, in which case the incoming copy simply replaces it."""
    found = db.execute(_BODY, (row_id,)).fetchone()
    try:
        return None if found is None else decode_order(found[0])
    except CodecError:
        return None


def _insert(work: _Work, row_id: int, sealed: Sealed, seen_at: int, now: int) -> None:
    order = sealed.order
    values = column_values(order, loss_of(order, now), sealed.ship_block, seen_at, sealed.content)
    work.inserts.append((row_id, order.store_id, order.order_no, *values))
    work.bodies.append((row_id, sealed.body))
    work.codes.extend((kind, code, row_id) for kind, code in codes_of(order))
    text = text_of(order)
    work.texts.append((row_id, text.buyer, text.goods, text.notes))


def _update(work: _Work, row_id: int, sealed: Sealed, known: Order | None, seen_at: int, now: int) -> None:
    order = sealed.order
    values = column_values(order, loss_of(order, now), sealed.ship_block, seen_at, sealed.content)
    work.updates.append((*values, row_id))
    work.bodies.append((row_id, sealed.body))
    old_codes = set() if known is None else codes_of(known)
    codes = codes_of(order)
    work.codes.extend((kind, code, row_id) for kind, code in codes - old_codes)
    work.lost_codes.extend((kind, code, row_id) for kind, code in old_codes - codes)
    text = text_of(order)
    old_text: OrderText | None = None if known is None else text_of(known)
    if text != old_text:
        work.lost_texts.append((row_id,))
        work.texts.append((row_id, text.buyer, text.goods, text.notes))


def _run(db: sqlite3.Connection, work: _Work) -> None:
    db.executemany(_INSERT, work.inserts)
    db.executemany(_UPDATE, work.updates)
    db.executemany(_PUT_BODY, work.bodies)
    db.executemany(_DROP_CODE, work.lost_codes)
    # In the order of the index, so that neighbours go into the same page one after the other.
    db.executemany(_ADD_CODE, sorted(work.codes))
    db.executemany(_DROP_TEXT, work.lost_texts)
    db.executemany(_ADD_TEXT, work.texts)
    db.executemany(_SEEN, work.seen)


def _no_longer_aside(db: sqlite3.Connection, written: Iterable[Sealed]) -> None:
    """A record that could not be read and now can is no longer set aside."""
    if db.execute("SELECT 1 FROM set_aside LIMIT 1").fetchone() is None:
        return
    db.executemany(
        "DELETE FROM set_aside WHERE store_id = ? AND order_no = ?",
        [(sealed.order.store_id, sealed.order.order_no) for sealed in written],
    )


def pass_clocks(db: sqlite3.Connection, now: int) -> tuple[int, ...]:
    """Fold the clocks of every order anew whose next loss has come; returns the row ids."""
    with transaction(db):
        rows = db.execute(
            f"""
            SELECT o.row_id, b.body FROM orders o JOIN order_body b ON b.row_id = o.row_id
            WHERE o.next_at <= ? AND o.next_at < {NEVER}
            """,
            (now,),
        ).fetchall()
        db.executemany(
            _UPDATE_LOSS,
            [(*loss_values(loss_of(decode_order(body), now)), row_id) for row_id, body in rows],
        )
    return tuple(row_id for row_id, _ in rows)


def recompute(
    db: sqlite3.Connection,
    clocks_for: Callable[[Order], tuple[Clock, ...]],
    after_row: int,
    count: int,
    now: int,
    hooks: Sequence[OrderHook] = (),
) -> tuple[int | None, tuple[int, ...]]:
    """Ask for the clocks of the next `count` orders after a row anew; one transaction.

    Returns the last row looked at (None at the end) and the rows that changed. Their content digest is cleared, so
    that the next copy read from the marketplace is written whatever it says.
    """
    changed: list[int] = []
    changes: list[OrderChange] = []
    with transaction(db):
        rows = db.execute(
            "SELECT row_id, body FROM order_body WHERE row_id > ? ORDER BY row_id LIMIT ?", (after_row, count)
        ).fetchall()
        for row_id, body in rows:
            order = decode_order(body)
            clocks = clocks_for(order)
            if clocks == order.clocks:
                continue
            known, order = order, replace(order, clocks=clocks)
            changes.append(OrderChange(row_id, order, known, new=False))
            db.execute(_PUT_BODY, (row_id, encode_order(order)))
            db.execute(_UPDATE_LOSS, (*loss_values(loss_of(order, now)), row_id))
            db.execute("UPDATE orders SET content = x'' WHERE row_id = ?", (row_id,))
            changed.append(row_id)
        for hook in hooks:
            hook(db, changes, now)
    return (rows[-1][0] if rows else None), tuple(changed)
