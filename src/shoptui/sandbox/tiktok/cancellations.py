"""Cancellations: search, cancel as seller, answer buyers, reasons and eligibility (sheet section 8)."""

from __future__ import annotations

from typing import Any

from ..reading import within
from ..world import cancelling
from ..world.model import CancelRequest, CancelState, Line, Order, OrderStatus
from ..world.refusal import Reason, Refused
from ..world.regions import REGIONS, money_text
from . import return_words
from .call import Answer, Call
from .codes import CANCELLING, NO_SUCH_CANCELLATION, ApiError, bad
from .paging import page_of

_TYPES = ("BUYER_CANCEL", "CANCEL")
_STATUS = {
    CancelState.PENDING: "CANCELLATION_REQUEST_PENDING",
    CancelState.ACCEPTED: "CANCELLATION_REQUEST_SUCCESS",
    CancelState.REFUNDED: "CANCELLATION_REQUEST_COMPLETE",
    CancelState.CLOSED: "CANCELLATION_REQUEST_CANCEL",
}
_SORTS = ("create_time", "update_time")

_OUT_OF_STOCK = "seller_cancel_reason_out_of_stock"
_WRONG_PRICE = "seller_cancel_reason_wrong_price"
_UNDELIVERABLE = "seller_cancel_paid_reason_address_not_deliver"
_BUYER_WISHES = "seller_cancel_paid_reason_buyer_requested_cancellation"
_FRAUD = "seller_cancel_order_reason_potential_fraud"
_UNPAID = (
    "seller_cancel_unpaid_reason_out_of_stock",
    "seller_cancel_unpaid_reason_wrong_price",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed",
    "seller_cancel_unpaid_reason_buyer_requested_cancellation",
)
_REJECT_PREFIX = "order_manage_list_action_respond_popup_reject_reason"
_REJECT = {
    "seller_reject_apply_product_has_been_packed": "The product has been packed",
    f"{_REJECT_PREFIX}_invalid_cancellation_reason": "Invalid reason for cancellation",
    f"{_REJECT_PREFIX}_delivered": "The product has been handed to the carrier",
    f"{_REJECT_PREFIX}_buyer_agree": "Reached an agreement with the buyer",
}


def seller_reasons(order: Order) -> tuple[str, ...]:
    """The reason names a seller may give for this order now, by market and whether it is paid."""
    region = order.store.region
    suffix = "_uk" if region == "GB" else ""
    if order.status is OrderStatus.UNPAID:
        names: tuple[str, ...] = _UNPAID
    elif region in ("US", "PH", "GB", "JP"):
        names = (_OUT_OF_STOCK, _WRONG_PRICE, _UNDELIVERABLE, _BUYER_WISHES)
        # The address reason was withdrawn for South-East Asia at the end of August 2025.
        if region == "PH":
            names = (_OUT_OF_STOCK, _WRONG_PRICE, _BUYER_WISHES)
        if region == "JP":
            names = (*names, _FRAUD)
        # The UK's list has no word for a buyer's wish.
        if region == "GB":
            names = (_OUT_OF_STOCK, _WRONG_PRICE, _UNDELIVERABLE)
    else:
        names = (_OUT_OF_STOCK, _WRONG_PRICE)
    return tuple(name + suffix for name in names)


def reject_reason_names(order: Order) -> dict[str, str]:
    """Names and texts for turning a buyer's request down; UK names carry a suffix but for the first."""
    if order.store.region != "GB":
        return _REJECT
    return {name if at == 0 else f"{name}_uk": text for at, (name, text) in enumerate(_REJECT.items())}


def search(call: Call) -> Answer:
    """POST /return_refund/{202309,202602}/cancellations/search; ascending unless asked otherwise."""
    size = call.query.size(1, 50, 10)
    sort = call.query.text("sort_field", "create_time", _SORTS)
    descending = call.query.text("sort_order", "ASC", ("ASC", "DESC")) == "DESC"
    body = call.body
    cancel_ids, order_ids = set(body.texts("cancel_ids", 100)), set(body.texts("order_ids", 100))
    buyer_ids = set(body.texts("buyer_user_ids", 100))
    types, states = (
        set(body.texts("cancel_types", 10, _TYPES)),
        set(body.texts("cancel_status", 10, tuple(_STATUS.values()))),
    )
    created, updated = body.window("create_time"), body.window("update_time")
    body.text("locale")

    def fits(request: CancelRequest) -> bool:
        return (
            (not cancel_ids or request.id in cancel_ids)
            and (not order_ids or request.order.id in order_ids)
            and (not buyer_ids or request.order.buyer.id in buyer_ids)
            and (not types or _type(request) in types)
            and (not states or _STATUS[request.state] in states)
            and within(request.created_at, created)
            and within(request.updated_at, updated)
        )

    def key(request: CancelRequest) -> tuple[int, str]:
        return (request.created_at if sort == "create_time" else request.updated_at, request.id)

    rows = sorted(
        ((key(one), one) for one in call.world.shelves[call.store.id].cancels.values() if fits(one)),
        key=lambda pair: pair[0],
    )
    page, token, total = page_of(rows, call.query.text("page_token"), sort, size, descending=descending)
    return {
        "cancellations": [_row(request) for request in page],
        "next_page_token": token,
        "total_count": total,
    }


def _type(request: CancelRequest) -> str:
    return "BUYER_CANCEL" if request.needs_consent else "CANCEL"


def _refund(lines: list[Line], order: Order, *, with_shipping: bool) -> dict[str, str]:
    region = REGIONS[order.store.region]
    goods = sum(line.paid_minor for line in lines)
    fee = order.shipping_fee_minor - order.shipping_discount_minor if with_shipping else 0
    return {
        "currency": region.currency,
        "refund_total": money_text(goods + fee, region),
        "refund_subtotal": money_text(goods, region),
        "refund_shipping_fee": money_text(fee, region),
        "refund_tax": money_text(0, region),
    }


def _row(request: CancelRequest) -> dict[str, Any]:
    order = request.order
    data: dict[str, Any] = {
        "cancel_id": request.id,
        "order_id": order.id,
        "cancel_type": _type(request),
        "cancel_status": _STATUS[request.state],
        "role": request.by.upper(),
        "cancel_reason": request.reason,
        "cancel_reason_text": request.reason.rsplit("reason_", 1)[-1].replace("_", " ").capitalize(),
        "create_time": request.created_at,
        "update_time": request.updated_at,
        "refund_amount": _refund(request.lines, order, with_shipping=len(request.lines) == len(order.lines)),
        "cancel_line_items": [
            {
                "cancel_line_item_id": f"{int(line.id) + 7}",
                "order_line_item_id": line.id,
                "sku_id": line.sku.id,
                "sku_name": line.sku.variant,
                "product_name": line.sku.product_name,
                "seller_sku": line.sku.code,
                "refund_amount": _refund([line], order, with_shipping=False),
            }
            for line in request.lines
        ],
        "should_replenish_stock": request.state is not CancelState.CLOSED,
        "seller_next_action_response": [],
    }
    if request.answer_by is not None:
        data["seller_next_action_response"] = [{"action": "SELLER_RESPOND_BUYER_CANCEL", "deadline": request.answer_by}]
    return data


def create(call: Call) -> Answer:
    """POST /return_refund/{202309,202602}/cancellations: cancel as seller."""
    order_id = call.body.needed("order_id")
    reason = call.body.needed("cancel_reason")

    def cancel() -> CancelRequest:
        order = call.world.order_of(call.store, order_id)
        if order is None:
            raise Refused(Reason.NOT_FOUND, f"order {order_id} was not found")
        lines = _chosen_lines(call, order)
        # State before reason: an ended order is refused as such, whatever reason was given.
        if order.status not in (OrderStatus.CANCELLED, OrderStatus.COMPLETED):
            _check_reason(order, reason, partial=lines is not None)
        return cancelling.cancel_by_seller(call.world, order, reason, lines, call.now)

    request = call.act(CANCELLING, "cancel", order_id, order_id, cancel)
    return {"cancel_id": request.id, "cancel_status": _STATUS[request.state]}


def _check_reason(order: Order, reason: str, *, partial: bool) -> None:
    allowed = seller_reasons(order)
    if reason not in allowed:
        base = reason.removesuffix("_uk")
        known = {_OUT_OF_STOCK, _WRONG_PRICE, _UNDELIVERABLE, _BUYER_WISHES, _FRAUD, *_UNPAID}
        kind = Reason.REASON_MISFIT if base in known else Reason.REASON_UNKNOWN
        raise Refused(kind, f"cancel_reason {reason} does not fit this order")
    if partial and not reason.removesuffix("_uk").endswith("out_of_stock"):
        raise Refused(Reason.NO_PARTIAL_CANCEL, "single items can only be cancelled as out of stock")


def _chosen_lines(call: Call, order: Order) -> list[Line] | None:
    """The lines a body names by id or by SKU and quantity; None means the whole order. Raises Refused."""
    by_id = {line.id: line for line in order.open_lines}
    ids = call.body.texts("order_line_item_ids", 500)
    ids += [part.needed("order_line_id") for part in call.body.objects("order_line_list", 500)]
    for part in call.body.objects("skus", 100):
        sku_id, quantity = part.needed("sku_id"), part.integer("quantity")
        if quantity is None or quantity < 1:
            raise bad(part.name("quantity"), "must be at least 1")
        units = [line.id for line in order.open_lines if line.sku.id == sku_id and line.id not in ids]
        if len(units) < quantity:
            raise Refused(Reason.BAD_LINES, f"the order has no {quantity} units of SKU {sku_id} to cancel")
        ids += units[:quantity]
    if not ids:
        return None
    unknown = [line_id for line_id in ids if line_id not in by_id]
    if unknown:
        raise Refused(Reason.BAD_LINES, f"order line item {unknown[0]} cannot be cancelled")
    return [by_id[line_id] for line_id in dict.fromkeys(ids)]


def _request(call: Call, cancel_id: str) -> CancelRequest:
    request = call.world.cancels.get(cancel_id)
    if request is None or request.order.store is not call.store:
        raise Refused(Reason.NOT_FOUND, f"cancellation {cancel_id} was not found")
    return request


def _order_id(call: Call, cancel_id: str) -> str:
    request = call.world.cancels.get(cancel_id)
    return request.order.id if request is not None else ""


def approve(call: Call) -> Answer:
    """POST …/cancellations/{cancel_id}/approve; the same idempotency key again is a quiet success."""
    cancel_id, key = call.params["cancel_id"], call.query.key()

    def do() -> bool:
        return cancelling.approve(call.world, _request(call, cancel_id), call.now, key)

    call.act(CANCELLING, "approve_cancel", cancel_id, _order_id(call, cancel_id), do)
    return {}


def reject(call: Call) -> Answer:
    """POST …/cancellations/{cancel_id}/reject with a reason from `reject_reasons`."""
    cancel_id, key = call.params["cancel_id"], call.query.key()
    reason = call.body.needed("reject_reason")
    call.body.text("comment")
    call.body.objects("images", 6)

    def do() -> bool:
        request = _request(call, cancel_id)
        if reason not in reject_reason_names(request.order):
            raise Refused(Reason.REASON_UNKNOWN, f"reject_reason {reason} is not known")
        return cancelling.reject(call.world, request, reason, call.now, key)

    call.act(CANCELLING, "reject_cancel", cancel_id, _order_id(call, cancel_id), do)
    return {}


def reject_reasons(call: Call) -> Answer:
    """GET /return_refund/202309/reject_reasons?return_or_cancel_id=, for a cancellation or a return."""
    case = call.world.returns.case_of(call.store, call.query.text("return_or_cancel_id"))
    if case is not None:
        return {"reasons": [{"name": name, "text": text} for name, text in return_words.reject_reasons(case).items()]}
    request = _readable(call)
    names = reject_reason_names(request.order) if request.state is CancelState.PENDING else {}
    return {"reasons": [{"name": name, "text": text} for name, text in names.items()]}


def decision_eligibility(call: Call) -> Answer:
    """GET /return_refund/202601/decision_eligibility: whether the request may be approved or rejected now."""
    request = _readable(call)
    wanted = call.query.text("check_decisions")
    asked = [part for part in wanted.split(",") if part] or ["APPROVE_CANCEL", "REJECT_CANCEL"]
    pending = request.state is CancelState.PENDING
    return {
        "decision_eligibilities": [
            {
                "decision": name,
                "eligible": pending,
                "ineligible_reason": "" if pending else "The request is closed",
            }
            for name in asked
        ]
    }


def _readable(call: Call) -> CancelRequest:
    cancel_id = call.query.needed("return_or_cancel_id")
    try:
        return _request(call, cancel_id)
    except Refused as refused:
        raise ApiError(NO_SUCH_CANCELLATION, refused.detail) from refused


def aftersale_eligibility(call: Call) -> Answer:
    """GET /return_refund/{202309,202512,202602}/orders/{order_id}/aftersale_eligibility, for cancelling.

    The first version tells whether a request may be made, the later ones also with which reasons.
    """
    call.query.text("initiate_aftersale_user", "SELLER", ("SELLER", "BUYER"))
    order = call.order(call.params["order_id"])
    asked = call.query.text("request_types")
    kinds = [part for part in asked.split(",") if part] or ["CANCEL"]
    if any(kind not in ("CANCEL", "REFUND", "RETURN_AND_REFUND") for kind in kinds):
        raise bad("request_types")
    why = _why_not_cancel(call, order)
    by_sku: dict[str, list[Line]] = {}
    for line in order.lines:
        by_sku.setdefault(line.sku.id, []).append(line)
    rows = []
    for sku_id, lines in by_sku.items():
        parts = []
        for kind in kinds:
            eligible = kind == "CANCEL" and not why
            part: dict[str, Any] = {
                "request_type": kind,
                "order_line_items_ids": [line.id for line in lines],
                "eligible": eligible,
                "ineligible_code": 0 if eligible else 25001003,
                "ineligible_reason": "" if eligible else (why or "The order is not delivered"),
            }
            if call.version != "202309":
                part["available_reason_names"] = list(seller_reasons(order)) if eligible else []
            parts.append(part)
        rows.append({"sku_id": sku_id, "line_item_eligibility": parts})
    return {"sku_eligibility": rows}


def _why_not_cancel(call: Call, order: Order) -> str:
    """Why the seller may not cancel now, empty when they may."""
    allowed = {OrderStatus.UNPAID, OrderStatus.ON_HOLD, OrderStatus.TO_SHIP, OrderStatus.PARTLY_ARRANGED}
    if call.world.market_of(order.store).seller_may_cancel_arranged(REGIONS[order.store.region]):
        allowed.add(OrderStatus.ARRANGED)
    if order.status not in allowed:
        return "The order status does not allow a cancellation"
    if order.cancel_request is not None:
        return "Another request is open"
    return ""
