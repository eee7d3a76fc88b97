"""Cancelling as seller and answering buyers who ask to (sheet, section 8)."""

from __future__ import annotations

from ..failing import Dialect
from ..reading import is_digits
from ..world import cancelling
from ..world.model import Line, Order, Role
from ..world.refusal import Reason, Refused
from .call import Answer, Call, data
from .codes import ApiError
from .states import CANCELED, PACKED, PENDING, READY, REPACKED

REASONS = {
    "10000019": "Sourcing Delay",
    "10000021": "Out of Stock",
    "10000023": "Wrong Price or Pricing Error",
}
"""What a seller may cancel for, by id."""

REFUSALS = Dialect({Reason.BAD_LINES: "123", Reason.CANCELLED: "123"}, "122")
"""The codes of a refused cancellation: about the units, or about the order as a whole."""

_DECISIONS: Dialect[str] = Dialect({}, "131")
_STOCK_GOES = "After the cancellation the stock of the cancelled items may be set to 0."
_ENDABLE = frozenset({PENDING, REPACKED, PACKED, READY})


def validate(call: Call) -> Answer:
    """GET /order/reverse/cancel/validate: whether the units can be cancelled, and for which reasons."""
    order, lines = _units(call)
    try:
        check_lines(call, order, lines)
    except Refused as refused:
        return data({"tip_content": refused.detail, "tip_type": "error", "reason_options": []})
    options = [{"reason_id": number, "reason_name": name} for number, name in REASONS.items()]
    return data({"tip_content": _STOCK_GOES, "tip_type": "warning", "reason_options": options})


def create(call: Call) -> Answer:
    """GET /order/reverse/cancel/create, which changes things although it is documented as GET."""
    order, lines = _units(call)
    reason = REASONS.get(call.params.needed("reason_id"))
    if reason is None:
        raise ApiError("104", "E104: reason id is invalid")

    def cancel() -> None:
        cancelling.cancel_by_seller(call.world, order, reason, check_lines(call, order, lines), call.now)

    call.act(REFUSALS, "cancel", order.id, order.id, cancel)
    return data({"tip_content": "The items are cancelled.", "tip_type": "success"})


def _units(call: Call) -> tuple[Order, list[Line]]:
    """The order and its units named. Raises ApiError."""
    if not call.params.text("order_id"):
        raise ApiError("115", "E115: order id is null")
    order = call.world.order_of(call.store, call.params.number("order_id"))
    if order is None:
        raise ApiError("122", "E122: trade order is invalid")
    ids = call.params.ids("order_item_id_list")
    if ids is None:
        raise ApiError("102", "E102: order item ids are invalid")
    lines: list[Line] = []
    for one in dict.fromkeys(ids):
        found = next((line for line in order.lines if line.id == one), None)
        if found is None:
            known = any(call.side.line_of(store, one) for store in call.world.stores_of(call.side.name))
            raise ApiError("124" if known else "123", "E124: a line is another seller's" if known else "E123: no line")
        lines.append(found)
    return order, lines


def check_lines(call: Call, order: Order, lines: list[Line]) -> list[Line]:
    """The units that go with those named, which are whole parcels once packed. Raises Refused."""
    if any(call.status(order, line) == CANCELED for line in lines):
        raise Refused(Reason.CANCELLED, "an item is cancelled already")
    parcels = {line.package for line in lines if line.package is not None}
    others = [word for line in lines if (word := call.status(order, line)) not in _ENDABLE]
    if others:
        raise Refused(Reason.BAD_LINES, f"an item is {others[0]} and cannot be cancelled")
    if order.cancel_request is not None:
        raise Refused(Reason.REQUEST_RUNNING, "the buyer's cancellation request has to be answered first")
    return [line for line in order.open_lines if line in lines or line.package in parcels]


def decide(call: Call) -> Answer:
    """GET /order/reverse/cancel/seller/decide: agree to a buyer's request or turn it down; `data` is null."""
    text = call.params.needed("reverse_order_id")
    if not is_digits(text):
        raise ApiError("105", "E105: reverse order id is invalid")
    agree = call.params.flag("agree_cancel")
    request = call.world.shelves[call.store.id].cancels.get(text)
    if request is None:
        raise ApiError("106", "E106: internal error")

    def answer() -> None:
        if request.by is not Role.BUYER:
            raise Refused(Reason.REQUEST_FINISHED, "there is nothing to decide")
        if agree:
            cancelling.approve(call.world, request, call.now)
        else:
            cancelling.reject(call.world, request, call.params.text("reason_code") or "seller", call.now)

    call.act(_DECISIONS, "approve_cancel" if agree else "reject_cancel", text, request.order.id, answer)
    return data(None)
