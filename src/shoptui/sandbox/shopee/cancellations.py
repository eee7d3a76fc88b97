"""Cancelling as seller and answering buyers who ask to (sheet, section 5.10)."""

from __future__ import annotations

from ..world import cancelling
from ..world.model import CancelState, Line, Order, OrderStatus, Role
from ..world.refusal import Reason, Refused
from .call import Answer, Call
from .codes import CANCELLING, bad
from .params import Fields
from .render import item_groups

OUT_OF_STOCK = "OUT_OF_STOCK"
REASONS = (OUT_OF_STOCK, "CUSTOMER_REQUEST", "UNDELIVERABLE_AREA", "COD_NOT_SUPPORTED")
_UNDELIVERABLE_REGIONS = frozenset({"TW", "MY"})


def cancel_order(call: Call) -> Answer:
    """POST cancel_order: all of an order, or some units of it where the market allows that."""
    body = call.body
    order_sn, reason = body.needed("order_sn"), body.needed("cancel_reason", REASONS)
    named, parts = body.objects("item_list"), body.objects("partial_cancel_item_list")
    if reason == OUT_OF_STOCK and not named and not parts:
        raise bad("item_list", "is required when the cancel reason is OUT_OF_STOCK")

    def cancel() -> Order:
        order = call.order(order_sn)
        for part in named:
            _units(call, order, part)
        if order.status not in (OrderStatus.CANCELLED, OrderStatus.COMPLETED):
            _check_reason(order, reason)
        lines = _chosen(call, order, parts) if parts else None
        cancelling.cancel_by_seller(call.world, order, reason, lines, call.now)
        return order

    order = call.act(CANCELLING, "cancel", order_sn, order_sn, cancel)
    return Answer({"update_time": order.updated_at})


def _check_reason(order: Order, reason: str) -> None:
    """Raises Refused for a reason that does not fit the order's region or payment."""
    if reason == "UNDELIVERABLE_AREA" and order.store.region not in _UNDELIVERABLE_REGIONS:
        raise Refused(Reason.REASON_MISFIT, "UNDELIVERABLE_AREA is not available in this region")
    if reason == "COD_NOT_SUPPORTED" and not order.is_cod:
        raise Refused(Reason.REASON_MISFIT, "COD_NOT_SUPPORTED is for cash on delivery only")


def _units(call: Call, order: Order, part: Fields) -> list[Line]:
    """The units an entry names by item and model. Raises Refused when the order has none of them."""
    wanted = (part.needed_integer("item_id"), part.integer("model_id") or 0)
    group = part.integer("promotion_group_id")
    found = [
        line
        for number, lines in item_groups(order)
        if group is None or group == number
        for line in lines
        if call.side.renderer.ids(order.store, line) == wanted
    ]
    if not found:
        raise Refused(Reason.BAD_LINES, f"item {wanted[0]} with model {wanted[1]} is not in the order")
    return found


def _chosen(call: Call, order: Order, parts: list[Fields]) -> list[Line]:
    """The open units to cancel. Raises Refused when there are not so many."""
    chosen: list[Line] = []
    for part in parts:
        quantity = part.needed_integer("model_quantity", 1, 1000)
        left = [line for line in _units(call, order, part) if line.cancelled_at is None and line not in chosen]
        if len(left) < quantity:
            raise Refused(Reason.BAD_LINES, f"there are only {len(left)} units of this item to cancel")
        chosen += left[:quantity]
    return chosen


def handle_buyer_cancellation(call: Call) -> Answer:
    """POST handle_buyer_cancellation: the buyer's open request is accepted or rejected."""
    order_sn = call.body.needed("order_sn")
    accept = call.body.needed("operation", ("ACCEPT", "REJECT")) == "ACCEPT"

    def answer() -> Order:
        order = call.order(order_sn)
        request = order.cancel_request
        if request is None:
            raise Refused(*_why_none(call, order, accept=accept))
        if accept:
            cancelling.approve(call.world, request, call.now)
        else:
            cancelling.reject(call.world, request, "", call.now)
        return order

    order = call.act(CANCELLING, "approve_cancel" if accept else "reject_cancel", order_sn, order_sn, answer)
    return Answer({"update_time": order.updated_at})


def _why_none(call: Call, order: Order, *, accept: bool) -> tuple[Reason, str]:
    """Why there is nothing to answer: it was accepted before, or there is no open request."""
    earlier = [one for one in call.world.shelves[order.store.id].cancels.values() if one.order is order]
    done = (CancelState.ACCEPTED, CancelState.REFUNDED)
    if accept and any(one.by is Role.BUYER and one.state in done for one in earlier):
        return Reason.ALREADY_APPROVED, "the buyer's cancellation has been accepted already"
    return Reason.REQUEST_FINISHED, "the order is not waiting for an answer to a cancellation"
