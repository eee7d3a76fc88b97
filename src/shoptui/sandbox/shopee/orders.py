"""Reading orders: the list by time, details by number, and the seller's note (sheet, sections 5.2 to 5.4, 5.10)."""

from __future__ import annotations

from typing import Any

from ..reading import is_digits
from ..world.index import Key
from ..world.model import Order, OrderStatus
from . import codes
from .call import Answer, Call
from .codes import ApiError, bad
from .params import UINT32
from .states import ORDER_STATUSES, READY, RETRY, channel, order_status

_SORTS = {"create_time": "created", "update_time": "updated"}
MAX_WINDOW_S = 15 * 86_400
MAX_DETAILS = 50
_ARCHIVED_AFTER_S = 90 * 86_400


def order_list(call: Call) -> Answer:
    """GET get_order_list: numbers alone, newest first, of at most 15 days."""
    query = call.query
    field = query.needed("time_range_field", tuple(_SORTS))
    from_at, to_at = query.number("time_from", 0, UINT32), query.number("time_to", 0, UINT32)
    size = query.number("page_size", 1, 100)
    status = query.text("order_status", ORDER_STATUSES)
    with_status = "order_status" in query.texts("response_optional_fields")
    pending = query.flag("request_order_status_pending")
    channel_id = query.text("logistics_channel_id")
    if not from_at < to_at or to_at - from_at > MAX_WINDOW_S:
        raise ApiError(codes.BAD_WINDOW, "Start time must be earlier than end time and within 15 days of it.")
    after = read_cursor(query.text("cursor"))

    def fits(order: Order) -> bool:
        if order.status is OrderStatus.ON_HOLD and not pending:
            return False
        if channel_id and str(channel(order)[0]) != channel_id:
            return False
        return not status or order_status(order, call.now, pending=pending) == status

    def row(order: Order) -> dict[str, Any]:
        data = {"order_sn": order.id}
        if with_status:
            data["order_status"] = order_status(order, call.now, pending=pending)
        return data

    lookup = call.world.shelves[call.store.id].orders.lookup(_SORTS[field], None)
    keys = lookup.walk(ge=from_at, lt=to_at + 1, descending=True, after=after)
    found: list[Order] = []
    last: Key = (0, "")
    more = False
    for key in keys:
        order = call.world.orders[key[1]]
        if not fits(order):
            continue
        if len(found) == size:
            more = True
            break
        found.append(order)
        last = key
    rows = call.side.repeats.page(call.store.id, [row(order) for order in found], follows=after is not None)
    return Answer({"more": more, "next_cursor": cursor(last) if more else "", "order_list": rows})


def cursor(key: Key) -> str:
    """Where a page ended; callers have to treat it as opaque."""
    return f"{key[0]},{key[1]}"


def read_cursor(text: str) -> Key | None:
    """The place a cursor stands for, None for the first page. Raises ApiError for one made elsewhere."""
    if not text:
        return None
    at, comma, thing_id = text.partition(",")
    if not (comma and is_digits(at) and thing_id):
        raise bad("cursor", "is invalid")
    return int(at), thing_id


def order_detail(call: Call) -> Answer:
    """GET get_order_detail: up to 50 orders; those that are not the shop's are named in the warning."""
    numbers = call.query.listed("order_sn_list", MAX_DETAILS)
    wanted = set(call.query.texts("response_optional_fields"))
    pending = call.query.flag("request_order_status_pending")
    orders = {number: call.world.order_of(call.store, number) for number in numbers}
    found = [order for order in orders.values() if order is not None]
    missing = [number for number, order in orders.items() if order is None]
    if not found:
        raise ApiError(codes.NOT_FOUND, f"The order {missing[0]} is not found.")
    renderer = call.side.renderer
    rows = [renderer.order(order, call.now, wanted, pending=pending) for order in found]
    return Answer({"order_list": rows}, {"warning": [{"order_sn": number} for number in missing]})


def shipment_list(call: Call) -> Answer:
    """GET get_shipment_list: orders waiting to be arranged, or arranged anew, with their parcels."""
    size = call.query.number("page_size", 1, 100)
    after = read_cursor(call.query.text("cursor"))
    lookup = call.world.shelves[call.store.id].orders.lookup("created", None)
    rows: list[dict[str, Any]] = []
    last: Key = (0, "")
    for key in lookup.walk(ge=None, lt=None, descending=False, after=after):
        order = call.world.orders[key[1]]
        if order.status is OrderStatus.ON_HOLD:
            continue
        if order_status(order, call.now, pending=False) not in (READY, RETRY):
            continue
        if len(rows) >= size:
            return Answer({"order_list": rows, "more": True, "next_cursor": cursor(last)})
        rows += [{"order_sn": order.id, "package_number": one.id} for one in order.open_packages]
        last = key
    return Answer({"order_list": rows, "more": False, "next_cursor": ""})


def set_note(call: Call) -> Answer:
    """POST set_note: replaces the seller's note; an empty one clears it."""
    order_sn = call.body.needed("order_sn")
    if not call.body.has("note"):
        raise bad("note", "is required")
    note = call.body.text("note")

    def write() -> None:
        order = call.order(order_sn)
        if order.completed_at is not None and call.now - order.completed_at > _ARCHIVED_AFTER_S:
            raise ApiError(codes.ARCHIVED, "The order is archived and cannot be updated.")
        order.seller_note, order.seller_note_at = note, call.now
        call.world.touch(order, call.now)

    call.act(codes.CANCELLING, "set_note", order_sn, order_sn, write)
    return Answer()
