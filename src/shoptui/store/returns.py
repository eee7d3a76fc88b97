"""Writing returns into the cache: requests as marketplaces tell them, their clocks, and what lists are read from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from shoptui.domain.clocks import Clock, next_loss
from shoptui.domain.codec import CodecError
from shoptui.domain.money import Money
from shoptui.domain.orders import Order
from shoptui.domain.return_codec import decode_return, encode_clocks, encode_return
from shoptui.domain.returns import OUR_TURN, ReturnEvent, ReturnRequest, ReturnState
from shoptui.store import cache_reads
from shoptui.store.codes import NEVER
from shoptui.store.database import transaction
from shoptui.store.fulltext import indexed
from shoptui.store.order_columns import loss_values
from shoptui.store.results import ReturnsPut
from shoptui.store.return_codes import ASK_CODE, STATE_CODE, STATE_OF_CODE
from shoptui.store.return_lookups import ReturnKey

_NO_RATE = -1
_NAME_IN_PLACE_OF_SKU = 24


class ReturnRules(Protocol):
    """What the rule book says about answering returns, as the store needs it; pure, called on the database's thread."""

    def clocks(self, request: ReturnRequest, goods_back_at: int | None = None) -> tuple[Clock, ...]:
        """The clocks that count for a request; `goods_back_at` is when the goods were first said to be back."""


class Conversion(Protocol):
    """The day's exchange rates, as `domain.fx.Rates` has them."""

    def convert(self, money: Money, currency: str) -> Money | None:
        """The amount in another currency, None without a rate."""


class NoReturnRules:
    """Stands in until the rule book is known: only what marketplaces say counts."""

    def clocks(self, request: ReturnRequest, goods_back_at: int | None = None) -> tuple[Clock, ...]:
        """The marketplace's own."""
        return request.clocks


@dataclass(frozen=True, slots=True)
class ReturnDesk:
    """By what rows are made of requests."""

    rules: ReturnRules
    rates: Conversion


@dataclass(frozen=True, slots=True)
class _Known:
    """A request as it is here."""

    row_id: int
    request: ReturnRequest | None
    updated_at: int
    body: str
    state: ReturnState
    goods_back_at: int | None
    left_turn_at: int | None


_FIND = """
SELECT row_id, updated_at, body, state, goods_back_at, left_turn_at FROM return_request
WHERE store_id = ? AND return_id = ?
"""
_COLUMNS = (
    "order_no",
    "ask",
    "state",
    "raw_state",
    "value_minor",
    "value_milli",
    "currency",
    "usd_milli",
    "created_at",
    "updated_at",
    "reason_id",
    "reason",
    "buyer",
    "buyer_id",
    "skus",
    "items",
    "tracking",
    "disputed",
    "pictures",
    "goods_come_back",
    "answers",
    "goods_back_at",
    "left_turn_at",
    "body",
)
_LOSS = ("missed_group", "next_at", "next_kind", "missed", "last_missed_at", "last_missed_kind", "answer_at", "clocks")
_INSERT = f"""
INSERT INTO return_request (store_id, return_id, {", ".join((*_COLUMNS, *_LOSS))}, seen_at)
VALUES (?, ?{", ?" * (len(_COLUMNS) + len(_LOSS))}, ?)
"""
_UPDATE = f"""
UPDATE return_request SET {", ".join(f"{column} = ?" for column in (*_COLUMNS, *_LOSS))}, seen_at = max(seen_at, ?)
WHERE row_id = ?
"""
_FOLDED = f"""
SELECT row_id, store_id, return_id, goods_back_at, body, usd_milli, {", ".join(_LOSS)} FROM return_request
"""
_UPDATE_FOLDED = (
    f"UPDATE return_request SET usd_milli = ?, {', '.join(f'{column} = ?' for column in _LOSS)} WHERE row_id = ?"
)
_ADD_TEXT = "INSERT INTO return_text (rowid, buyer, said, goods) VALUES (?, ?, ?, ?)"
_DROP_TEXT = "DELETE FROM return_text WHERE rowid = ?"


def put(db: sqlite3.Connection, requests: Sequence[ReturnRequest], desk: ReturnDesk, now: int) -> ReturnsPut:
    """Write the copies that are newer, or of the same version with other contents; one transaction."""
    with transaction(db):
        return put_within(db, requests, desk, now)


def put_within(db: sqlite3.Connection, requests: Sequence[ReturnRequest], desk: ReturnDesk, now: int) -> ReturnsPut:
    """As `put`, as a part of the caller's transaction."""
    changed: list[int] = []
    turned: list[tuple[int, ReturnState | None, ReturnState]] = []
    new = same = stale = 0
    for incoming in requests:
        key = (incoming.store_id, incoming.return_id)
        known = _known(db, key)
        if known is not None and incoming.updated_at < known.updated_at:
            stale += 1
            continue
        request = _with_buyer(db, incoming)
        if known is not None and known.request is not None and known.updated_at == request.updated_at:
            request = _with_known(request, known.request)
        body = encode_return(request)
        if known is not None and body == known.body:
            same += 1
            db.execute("UPDATE return_request SET seen_at = max(seen_at, ?) WHERE row_id = ?", (now, known.row_id))
            continue
        row_id = _write(db, key, request, body, known, desk, now)
        changed.append(row_id)
        new += known is None
        if known is None or known.state is not request.state:
            turned.append((row_id, None if known is None else known.state, request.state))
    return ReturnsPut(tuple(changed), tuple(turned), new, same, stale)


def put_stripped(
    db: sqlite3.Connection, requests: Sequence[ReturnRequest], desk: ReturnDesk, now: int
) -> tuple[int, ...]:
    """Write requests that are here in place of what is kept of them, nothing filled in; returns their rows."""
    with transaction(db):
        found = []
        for request in requests:
            key = (request.store_id, request.return_id)
            known = _known(db, key)
            if known is not None:
                found.append(_write(db, key, request, encode_return(request), known, desk, now))
        return tuple(found)


def _known(db: sqlite3.Connection, key: ReturnKey) -> _Known | None:
    row = db.execute(_FIND, key).fetchone()
    if row is None:
        return None
    try:
        request = decode_return(row[2], *key)
    except CodecError:
        # The incoming copy simply replaces what cannot be read.
        request = None
    return _Known(row[0], request, row[1], row[2], STATE_OF_CODE[row[3]], row[4], row[5])


def _with_known(request: ReturnRequest, known: ReturnRequest) -> ReturnRequest:
    """The copy with details an earlier copy of the same version had: lists tell less than a request read by itself."""
    return replace(
        request,
        reason=request.reason or known.reason,
        buyer_note=request.buyer_note or known.buyer_note,
        evidence=request.evidence or known.evidence,
        lines=request.lines or known.lines,
        ship_to=request.ship_to or known.ship_to,
        tracking_number=request.tracking_number or known.tracking_number,
        carrier_name=request.carrier_name or known.carrier_name,
        goods_come_back=known.goods_come_back if request.goods_come_back is None else request.goods_come_back,
        clocks=request.clocks or known.clocks,
        wire=request.wire or known.wire,
    )


def _with_buyer(db: sqlite3.Connection, request: ReturnRequest) -> ReturnRequest:
    """The request with its order's buyer where the marketplace does not say whose it is."""
    if request.buyer_id and request.buyer_name:
        return request
    order = order_of(db, request.store_id, request.order_no)
    if order is None:
        return request
    return replace(
        request,
        buyer_id=request.buyer_id or order.buyer_id,
        buyer_name=request.buyer_name or order.buyer_name or order.recipient.name,
    )


def order_of(db: sqlite3.Connection, store_id: str, order_no: str) -> Order | None:
    """The order a return is of, None when it is not in the cache or cannot be read."""
    try:
        return next(iter(cache_reads.orders_by_no(db, store_id, [order_no])), None)
    except CodecError:
        return None


def _write(
    db: sqlite3.Connection,
    key: ReturnKey,
    request: ReturnRequest,
    body: str,
    known: _Known | None,
    desk: ReturnDesk,
    now: int,
) -> int:
    goods_back_at = _goods_back_at(request, known)
    left_turn_at = _left_turn_at(request, known)
    values = (
        *_facts(request, desk.rates),
        goods_back_at,
        left_turn_at,
        body,
        *_loss(request, goods_back_at, desk.rules, now),
        now,
    )
    if known is None:
        row_id = int(db.execute(_INSERT, (*key, *values)).lastrowid or 0)
    else:
        row_id = known.row_id
        db.execute(_UPDATE, (*values, row_id))
        db.execute(_DROP_TEXT, (row_id,))
    db.execute(_ADD_TEXT, (row_id, *_text(request)))
    return row_id


def _goods_back_at(request: ReturnRequest, known: _Known | None) -> int | None:
    """Since when the goods are back; a request that is on its way again has not come back yet."""
    before = None if known is None else known.goods_back_at
    if request.state is ReturnState.ARRIVED:
        return request.updated_at if before is None else before
    return None if request.state in (ReturnState.BUYER_SENDS, ReturnState.ON_WAY_BACK) else before


def _left_turn_at(request: ReturnRequest, known: _Known | None) -> int | None:
    if request.state in OUR_TURN or known is None:
        return None
    return request.updated_at if known.state in OUR_TURN else known.left_turn_at


def _facts(request: ReturnRequest, rates: Conversion) -> tuple[object, ...]:
    value = request.value
    skus = list(dict.fromkeys(line.sku.replace("\n", " ") for line in request.lines if line.sku))
    return (
        request.order_no,
        ASK_CODE[request.ask],
        STATE_CODE[request.state],
        request.raw_state,
        value.minor,
        value.milli,
        value.currency,
        _usd_milli(request, rates),
        request.created_at,
        request.updated_at,
        request.reason_id,
        request.reason,
        request.buyer_name,
        request.buyer_id,
        f"\n{chr(10).join(skus)}\n" if skus else "",
        _items(request),
        request.tracking_number,
        request.disputed,
        len(request.evidence),
        None if request.goods_come_back is None else int(request.goods_come_back),
        " ".join(sorted(answer.value for answer in request.answers)),
    )


def _usd_milli(request: ReturnRequest, rates: Conversion) -> int:
    usd = rates.convert(request.value, "USD")
    return _NO_RATE if usd is None else max(usd.milli, 0)


def _items(request: ReturnRequest) -> str:
    """Ready text for the grid: `2x BAG-RD-M +1`, where +1 counts the further lines."""
    if not request.lines:
        return ""
    first = request.lines[0]
    what = first.sku or first.product_name[:_NAME_IN_PLACE_OF_SKU]
    return f"{first.quantity}x {what}" + (f" +{len(request.lines) - 1}" if len(request.lines) > 1 else "")


def _text(request: ReturnRequest) -> tuple[str, str, str]:
    goods = " ".join(
        dict.fromkeys(
            part for line in request.lines for part in (line.product_name, line.variant_name, line.sku) if part
        )
    )
    return indexed(request.buyer_name), indexed(f"{request.reason} {request.buyer_note}"), indexed(goods)


def _loss(request: ReturnRequest, goods_back_at: int | None, rules: ReturnRules, now: int) -> tuple[object, ...]:
    """The values of _LOSS. While it is not the store's turn nothing of the store's is lost, whatever clocks run."""
    clocks = rules.clocks(request, goods_back_at)
    counting = clocks if request.state in OUR_TURN else ()
    loss = next_loss(counting, now)
    missed_group, next_at, next_kind, _, _, missed, last_missed_at, last_missed_kind = loss_values(loss)
    answer_at = min((one.due_at for one in counting if one.running and not one.is_advice), default=NEVER)
    return (
        missed_group,
        next_at,
        next_kind,
        missed,
        last_missed_at,
        last_missed_kind,
        answer_at,
        encode_clocks(clocks),
    )


def put_events(db: sqlite3.Connection, key: ReturnKey, events: Sequence[ReturnEvent]) -> int | None:
    """Keep what happened to a request in place of what was kept before; its row if that changed anything."""
    fresh = [
        (place, event.at, event.who, event.what, event.note, json.dumps(event.links, ensure_ascii=False))
        for place, event in enumerate(events)
    ]
    with transaction(db):
        row = db.execute(_FIND, key).fetchone()
        if row is None:
            return None
        row_id = int(row[0])
        here = db.execute(
            "SELECT place, at, who, what, note, links FROM return_event WHERE row_id = ? ORDER BY place", (row_id,)
        ).fetchall()
        if here == fresh:
            return None
        db.execute("DELETE FROM return_event WHERE row_id = ?", (row_id,))
        db.executemany("INSERT INTO return_event VALUES (?, ?, ?, ?, ?, ?, ?)", [(row_id, *one) for one in fresh])
    return row_id


def pass_clocks(db: sqlite3.Connection, desk: ReturnDesk, now: int) -> tuple[int, ...]:
    """Fold the clocks anew of the requests whose next loss has come; returns their rows."""
    with transaction(db):
        rows = db.execute(f"{_FOLDED} WHERE next_at <= ? AND next_at < {NEVER}", (now,)).fetchall()
        for row in rows:
            _fold(db, row, desk, now)
    return tuple(row[0] for row in rows)


def recompute(
    db: sqlite3.Connection, desk: ReturnDesk, after_row: int, most: int, now: int
) -> tuple[int | None, tuple[int, ...]]:
    """Find clocks and dollars of the next `most` requests after a row anew; one transaction.

    Returns the last row looked at (None at the end) and the rows that changed.
    """
    with transaction(db):
        rows = db.execute(f"{_FOLDED} WHERE row_id > ? ORDER BY row_id LIMIT ?", (after_row, most)).fetchall()
        changed = tuple(row[0] for row in rows if _fold(db, row, desk, now))
    return (rows[-1][0] if rows else None), changed


def _fold(db: sqlite3.Connection, row: Sequence[Any], desk: ReturnDesk, now: int) -> bool:
    """Work out a row's clocks and dollars anew; True if that changed them."""
    row_id, store_id, return_id, goods_back_at, body, *known = row
    request = decode_return(body, store_id, return_id)
    folded = [_usd_milli(request, desk.rates), *_loss(request, goods_back_at, desk.rules, now)]
    if folded == known:
        return False
    db.execute(_UPDATE_FOLDED, (*folded, row_id))
    return True


def forget(db: sqlite3.Connection, store_id: str, most: int) -> int:
    """Drop up to `most` requests of a store; returns how many there were."""
    with transaction(db):
        rows = db.execute("SELECT row_id FROM return_request WHERE store_id = ? LIMIT ?", (store_id, most)).fetchall()
        for row in rows:
            db.execute("DELETE FROM return_event WHERE row_id = ?", row)
            db.execute(_DROP_TEXT, row)
            db.execute("DELETE FROM return_request WHERE row_id = ?", row)
    return len(rows)
