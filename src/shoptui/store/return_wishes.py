"""Buyers' wishes to cancel as rows of Returns, made of orders as they are written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

from shoptui.domain.clocks import ClockKind
from shoptui.domain.codec import decode_order
from shoptui.domain.orders import Flag, HistoryEvent, Order, Status
from shoptui.domain.return_codec import decode_return
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnLine, ReturnRequest, ReturnState
from shoptui.queries.returns import CANCEL_PREFIX
from shoptui.store.database import transaction
from shoptui.store.order_hooks import OrderChange
from shoptui.store.return_codes import ASK_CODE, STATE_CODE
from shoptui.store.return_lookups import row_ids
from shoptui.store.returns import ReturnDesk, put_within

_KNOWN = "wishes_known"
_ANSWERS = frozenset({ReturnAnswer.AGREE, ReturnAnswer.REFUSE})
#: As a plain number: asked of every order that is written.
_ASKED = int(Flag.CANCEL_REQUESTED)

_WITHOUT_BUYER = """
SELECT return_id, body FROM return_request
WHERE store_id = ? AND order_no IN (SELECT value FROM json_each(?)) AND buyer_id = '' AND ask <> ?
ORDER BY row_id
"""


def wish_of(order: Order) -> ReturnRequest:
    """The row of an order whose buyer wants, or wanted, to cancel it.

    An answered wish ends with the order's cancellation (`refunded`) or without it (`closed`): whether the store refused
    or the buyer thought better of it, orders do not say.
    """
    asked = _asked(order)
    open_ = bool(order.flags & Flag.CANCEL_REQUESTED) and order.status is not Status.CANCELLED
    if open_:
        state = ReturnState.ASKED
    else:
        state = ReturnState.REFUNDED if order.status is Status.CANCELLED else ReturnState.CLOSED
    return ReturnRequest(
        store_id=order.store_id,
        return_id=f"{CANCEL_PREFIX}{order.order_no}",
        order_no=order.order_no,
        ask=ReturnAsk.CANCEL,
        state=state,
        raw_state=order.raw_status,
        value=order.total,
        created_at=order.updated_at if asked is None else asked.at,
        updated_at=order.updated_at,
        reason="" if asked is None else asked.detail,
        buyer_note=order.buyer_note,
        buyer_id=order.buyer_id,
        buyer_name=order.buyer_name or order.recipient.name,
        lines=tuple(
            ReturnLine(
                line.line_id,
                line.line_id,
                line.sku,
                line.sku_id,
                line.product_name,
                line.variant_name,
                line.quantity,
                line.unit_price * line.quantity,
            )
            for line in order.lines
        ),
        answers=_ANSWERS if open_ else frozenset(),
        goods_come_back=False,
        clocks=tuple(clock for clock in order.clocks if clock.kind is ClockKind.CANCEL_REQUEST),
    )


def _asked(order: Order) -> HistoryEvent | None:
    found = [event for event in order.history if event.what == "cancel_requested"]
    return max(found, key=lambda event: event.at) if found else None


def follow_orders(
    db: sqlite3.Connection, changes: Sequence[OrderChange], desk: ReturnDesk, now: int, changed: Callable[[int], None]
) -> None:
    """Keep wishes to cancel in step with orders that were just written, and returns with the buyers of new orders."""
    wishes: list[ReturnRequest] = []
    new: dict[str, list[str]] = {}
    for change in changes:
        order, known = change.order, change.known
        if change.new:
            new.setdefault(order.store_id, []).append(order.order_no)
        asks_now = int(order.flags) & _ASKED
        if not asks_now and (change.new or (known is not None and not int(known.flags) & _ASKED)):
            # Nearly all orders: nobody asks, and nobody asked before.
            continue
        if asks_now or _is_here(db, order):
            wishes.append(_with_first_moment(db, wish_of(order)))
    found = [request for store_id, order_nos in new.items() for request in _without_buyer(db, store_id, order_nos)]
    for requests in (found, wishes):
        for row_id in put_within(db, requests, desk, now).changed if requests else ():
            changed(row_id)


def _is_here(db: sqlite3.Connection, order: Order) -> bool:
    return bool(row_ids(db, [(order.store_id, f"{CANCEL_PREFIX}{order.order_no}")]))


def _with_first_moment(db: sqlite3.Connection, wish: ReturnRequest) -> ReturnRequest:
    """The wish with the moment and words it had when it was asked: a later copy of the order may lack them."""
    row = db.execute(
        "SELECT created_at, reason, state FROM return_request WHERE store_id = ? AND return_id = ?",
        (wish.store_id, wish.return_id),
    ).fetchone()
    if row is None:
        return wish
    again = row[2] != STATE_CODE[ReturnState.ASKED] and wish.state is ReturnState.ASKED
    return wish if again else replace(wish, created_at=row[0], reason=wish.reason or row[1])


def _without_buyer(db: sqlite3.Connection, store_id: str, order_nos: Sequence[str]) -> list[ReturnRequest]:
    """Returns of orders that came after them: now their orders tell whose they are."""
    rows = db.execute(_WITHOUT_BUYER, (store_id, json.dumps(order_nos), ASK_CODE[ReturnAsk.CANCEL])).fetchall()
    return [decode_return(body, store_id, return_id) for return_id, body in rows]


def find_wishes(db: sqlite3.Connection, desk: ReturnDesk, now: int) -> None:
    """Make the rows of wishes in orders that were cached before returns were; does nothing the second time."""
    if db.execute("SELECT value FROM meta WHERE name = ?", (_KNOWN,)).fetchone() == (1,):
        return
    with transaction(db):
        bodies = db.execute(
            f"""
            SELECT b.body FROM orders o INDEXED BY orders_by_loss JOIN order_body b ON b.row_id = o.row_id
            WHERE o.missed_group IN (0, 1) AND o.flags & {Flag.CANCEL_REQUESTED.value}
            """
        ).fetchall()
        put_within(db, [wish_of(decode_order(body)) for (body,) in bodies], desk, now)
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, 1)", (_KNOWN,))
