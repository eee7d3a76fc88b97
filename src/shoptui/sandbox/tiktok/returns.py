"""Returns and refunds: search, records, answers, estimates, pictures (sheet section 9)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from ..failing import Dialect
from ..reading import within
from ..return_answers import answer_return
from ..world.model import Line, Order, Role
from ..world.refusal import Reason, Refused
from ..world.regions import REGIONS, Region, minor_of, money_text
from ..world.returns_model import Ask, ReturnCase, Stage
from . import return_words as words
from .call import Answer, Call
from .codes import BAD_BODY_FORMAT, INTERNAL, NO_SUCH_CANCELLATION, ApiError, bad
from .paging import page_of

_TOO_LARGE = 36009021
_MISFIT_STATUS = 25020003
_MISFIT_TYPE = 25020004
_NO_QUICK_REFUND = 25011025
_PICTURE_MAX = 10 * 1024 * 1024
_COMMENT_MAX = 500
_IMAGES_MAX = 6
_USES = ("MAIN_IMAGE", "ATTRIBUTE_IMAGE", "DESCRIPTION_IMAGE", "CERTIFICATION_IMAGE", "SIZE_CHART_IMAGE")
_TYPES = {name: ask for ask, name in words.TYPES.items()}
_SORTS = ("create_time", "update_time")

_COMMON = {
    Reason.NOT_FOUND: NO_SUCH_CANCELLATION,
    Reason.REQUEST_FINISHED: 25001010,
    Reason.ALREADY_APPROVED: 25020010,
    Reason.PLATFORM_DECIDES: 25011010,
    Reason.CANNOT_REJECT: 25011011,
    Reason.ALREADY_REFUSED: 25001010,
    Reason.WRONG_STATE: _MISFIT_STATUS,
    Reason.AMOUNT: 25005005,
    Reason.REASON_UNKNOWN: 25001014,
    Reason.REASON_MISFIT: 25001016,
}
_APPROVING = Dialect(_COMMON, INTERNAL)
_TAKING = Dialect({**_COMMON, Reason.WRONG_STATE: 25011013, Reason.ALREADY_APPROVED: 25020011}, INTERNAL)
_REJECTING = Dialect(_COMMON, INTERNAL)
_SENDING_BACK = Dialect({**_COMMON, Reason.WRONG_STATE: 25011014, Reason.CANNOT_REJECT: 25020012}, INTERNAL)

_APPROVALS = (
    "APPROVE_REFUND",
    "APPROVE_RETURN",
    "APPROVE_RECEIVED_PACKAGE",
    "APPROVE_REPLACEMENT",
    "ISSUE_REPLACEMENT_REFUND",
    "OFFER_PARTIAL_REFUND",
    "DIRECT_REFUND",
)
_OFFER_FOR_GOODS = "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
_REJECTIONS = {
    "REJECT_REFUND": Ask.REFUND,
    "REJECT_RETURN": Ask.RETURN,
    "REJECT_REPLACEMENT": Ask.REPLACE,
    "REJECT_RECEIVED_PACKAGE": None,
}
_FITS = {
    "APPROVE_REFUND": Ask.REFUND,
    "APPROVE_RETURN": Ask.RETURN,
    "APPROVE_REPLACEMENT": Ask.REPLACE,
    "ISSUE_REPLACEMENT_REFUND": Ask.REPLACE,
}


def search(call: Call) -> Answer:
    """POST /return_refund/{202309,202602}/returns/search; ascending unless asked otherwise, no list when empty."""
    size = call.query.size(10, 50, 10)
    sort = call.query.text("sort_field", "create_time", _SORTS)
    descending = call.query.text("sort_order", "ASC", ("ASC", "DESC")) == "DESC"
    body = call.body
    return_ids, order_ids = set(body.texts("return_ids", 100)), set(body.texts("order_ids", 100))
    buyer_ids = set(body.texts("buyer_user_ids", 100))
    types = set(body.texts("return_types", 10, tuple(_TYPES)))
    states = set(body.texts("return_status", 30))
    proposed = body.texts("seller_proposed_return_type", 5, ("PARTIAL_REFUND",))
    arbitration = set(body.texts("arbitration_status", 10, words.ARBITRATION))
    created, updated = body.window("create_time"), body.window("update_time")
    body.text("locale")

    def fits(case: ReturnCase) -> bool:
        return (
            (not return_ids or case.id in return_ids)
            and (not order_ids or case.order.id in order_ids)
            and (not buyer_ids or case.order.buyer.id in buyer_ids)
            and (not types or words.TYPES[case.ask] in types)
            and (not states or words.status(case) in states)
            and (not proposed or case.offer_minor is not None)
            and (not arbitration or words.arbitration(case) in arbitration)
            and within(case.created_at, created)
            and within(case.updated_at, updated)
        )

    def key(case: ReturnCase) -> tuple[int, str]:
        return (case.created_at if sort == "create_time" else case.updated_at, case.id)

    rows = sorted(
        ((key(one), one) for one in call.world.returns.of_store(call.store) if fits(one)),
        key=lambda pair: pair[0],
    )
    page, token, total = page_of(rows, call.query.text("page_token"), sort, size, descending=descending)
    data: dict[str, Any] = {"next_page_token": token, "total_count": total}
    if page:
        data["return_orders"] = [_row(case) for case in page]
    return data


def _amount(subtotal: int, fee: int, region: Region) -> dict[str, str]:
    return {
        "currency": region.currency,
        "refund_total": money_text(subtotal + fee, region),
        "refund_subtotal": money_text(subtotal, region),
        "refund_shipping_fee": money_text(fee, region),
        "refund_tax": money_text(0, region),
    }


def _row(case: ReturnCase) -> dict[str, Any]:
    region = REGIONS[case.store.region]
    lines = [unit.line for unit in case.units]
    nothing = money_text(0, region)
    house = case.warehouse
    data: dict[str, Any] = {
        "return_id": case.id,
        "order_id": case.order.id,
        "role": "BUYER",
        "return_type": words.TYPES[case.ask],
        "return_status": words.status(case),
        "arbitration_status": words.arbitration(case),
        "return_reason": case.reason.id,
        "return_reason_text": case.reason.text,
        "shipment_type": "PLATFORM",
        "handover_method": "DROP_OFF",
        "return_tracking_number": case.tracking,
        "return_provider_id": case.carrier.id if case.tracking else "",
        "return_provider_name": case.carrier.name if case.tracking else "",
        "can_buyer_keep_item": case.ask is Ask.REPLACE or case.keeps_goods,
        "is_combined_return": False,
        "is_quick_refund": case.platform_checks,
        "buyer_rejected_partial_refund": case.offer_declined,
        "seller_next_action_response": words.next_actions(case),
        "create_time": case.created_at,
        "update_time": case.updated_at,
        "refund_amount": _amount(case.asked_minor - case.shipping_minor, case.shipping_minor, region),
        "discount_amount": [
            {
                "currency": region.currency,
                "product_seller_discount": money_text(sum(line.seller_discount_minor for line in lines), region),
                "product_platform_discount": money_text(sum(line.platform_discount_minor for line in lines), region),
                "shipping_fee_seller_discount": nothing,
                "shipping_fee_platform_discount": nothing,
            }
        ],
        "shipping_fee_amount": [
            {
                "currency": region.currency,
                "seller_paid_return_shipping_fee": nothing,
                "platform_paid_return_shipping_fee": nothing,
                "buyer_paid_return_shipping_fee": nothing,
            }
        ],
        "return_line_items": [
            {
                "return_line_item_id": unit.id,
                "order_line_item_id": unit.line.id,
                "sku_id": unit.line.sku.id,
                "sku_name": unit.line.sku.variant,
                "product_name": unit.line.sku.product_name,
                "seller_sku": unit.line.sku.code,
                "product_image": {"url": unit.line.sku.image, "width": 800, "height": 800},
                "refund_amount": _amount(unit.refund_minor, 0, region),
            }
            for unit in case.units
        ],
        "return_warehouse_address": {
            "full_address": ", ".join(part for part in (house.street, house.district, house.city, house.state) if part)
        },
    }
    if case.offer_minor is not None:
        data["seller_proposed_return_type"] = "PARTIAL_REFUND"
        data["partial_refund"] = {"currency": region.currency, "amount": money_text(case.offer_minor, region)}
    if case.malformed == "bad_money":
        data["refund_amount"]["refund_total"] = "12,3.4.5"
    elif case.malformed == "missing_id":
        del data["return_id"]
    return data


# --- one request ----------------------------------------------------------------------------------------------


def _readable(call: Call) -> ReturnCase:
    return_id = call.params["return_id"]
    case = call.world.returns.case_of(call.store, return_id)
    if case is None:
        raise ApiError(NO_SUCH_CANCELLATION, f"return {return_id} was not found")
    return case


_SAYS = {
    "asked": "Buyer requested a return or refund",
    "agreed": "Seller approved the return",
    "auto_agreed": "Return approved automatically",
    "agreed_refund": "Seller approved the refund",
    "auto_agreed_refund": "Refund approved automatically",
    "refused": "Seller rejected the request",
    "goods_refused": "Seller rejected the returned package",
    "offered": "Seller offered a partial refund",
    "took_offer": "Buyer accepted the partial refund",
    "declined_offer": "Buyer rejected the partial refund",
    "sent": "Buyer shipped the items",
    "arrived": "Returned package delivered",
    "goods_ok": "Seller accepted the returned package",
    "auto_goods_ok": "Returned package accepted automatically",
    "complained": "Buyer asked the platform to decide",
    "judged_for_buyer": "Platform decided for the buyer",
    "judged_for_seller": "Platform decided for the seller",
    "withdrawn": "Request cancelled",
    "paid": "Refund completed",
}
_ROLES = {Role.BUYER: "BUYER", Role.SELLER: "SELLER", Role.SYSTEM: "SYSTEM"}


def records(call: Call) -> Answer:
    """GET /return_refund/202309/returns/{return_id}/records: what happened, oldest first."""
    case = _readable(call)
    rows = []
    for moment in case.moments:
        asked = moment.what == "asked"
        rows.append(
            {
                "event": "ORDER_RETURN" if asked else moment.what.upper(),
                "role": "OPERATOR" if moment.what.startswith("judged") else _ROLES[moment.who],
                "description": _SAYS.get(moment.what, moment.what.replace("_", " ").capitalize()),
                "reason_text": case.reason.text if asked else "",
                "note": moment.note,
                "images": [{"url": link, "width": 1080, "height": 1440} for link in moment.pictures],
                "videos": [],
                "create_time": moment.at,
            }
        )
    return {"records": rows}


def approve(call: Call) -> Answer:
    """POST …/returns/{return_id}/approve; the same idempotency key again is a quiet success."""
    decision = call.body.needed("decision", _APPROVALS)
    keep = call.body.flag("buyer_keep_item") or False
    part = call.body.object("partial_refund")
    currency, amount = (part.needed("currency"), part.needed("amount")) if part is not None else ("", "")
    if decision == "OFFER_PARTIAL_REFUND" and part is None:
        raise bad("partial_refund", "is required")
    dialect = _TAKING if decision == "APPROVE_RECEIVED_PACKAGE" else _APPROVING

    def do(case: ReturnCase) -> None:
        returns = call.world.returns
        wanted = _FITS.get(decision)
        if wanted is not None and case.is_open and case.ask is not wanted:
            raise ApiError(_MISFIT_TYPE, f"decision {decision} does not fit the return type")
        match decision:
            case "APPROVE_RECEIVED_PACKAGE":
                returns.accept_goods(case, call.now)
            case "OFFER_PARTIAL_REFUND":
                returns.offer(case, _minor(case, currency, amount), call.now)
            case "DIRECT_REFUND" | "ISSUE_REPLACEMENT_REFUND":
                returns.pay_now(case, call.now)
            case _:
                returns.agree(case, call.now, keep_goods=keep and case.ask is Ask.RETURN)

    return _answer(call, dialect, "approve_return", decision, do)


def reject(call: Call) -> Answer:
    """POST …/returns/{return_id}/reject, in its newest version also with an offer for goods that came back."""
    newest = call.version == "202606"
    decision = call.body.needed("decision", (*_REJECTIONS, *((_OFFER_FOR_GOODS,) if newest else ())))
    reason = call.body.needed("reject_reason")
    comment = call.body.text("comment") or ""
    if len(comment) > _COMMENT_MAX:
        raise bad("comment", f"may have {_COMMENT_MAX} characters at most")
    pictures = tuple(image.needed("image_id") for image in call.body.objects("images", _IMAGES_MAX))
    if any(one not in call.world.returns.pictures for one in pictures):
        raise bad("images", "names an image that was not uploaded")
    part = call.body.object("partial_refund_amount")
    goods = decision in ("REJECT_RECEIVED_PACKAGE", _OFFER_FOR_GOODS)

    def do(case: ReturnCase) -> None:
        returns = call.world.returns
        wanted = _REJECTIONS.get(decision)
        if wanted is not None and case.is_open and case.ask is not wanted:
            raise ApiError(_MISFIT_TYPE, f"decision {decision} does not fit the return type")
        fitting = case.stage is (Stage.ARRIVED if goods else Stage.ASKED)
        if goods and case.platform_checks:
            raise ApiError(_NO_QUICK_REFUND, "a quick refund's package cannot be rejected")
        if fitting and reason not in words.reject_reasons(case):
            known = {**words.REQUEST_REASONS, **words.GOODS_REASONS}
            kind = Reason.REASON_MISFIT if reason.removesuffix("_uk") in known else Reason.REASON_UNKNOWN
            raise Refused(kind, f"reject_reason {reason} does not fit")
        if decision == _OFFER_FOR_GOODS:
            if part is None:
                raise bad("partial_refund_amount", "is required")
            offered = _minor(case, part.needed("currency"), part.needed("partial_refund_total"))
            returns.offer(case, offered, call.now)
        elif goods:
            returns.refuse_goods(case, reason, call.now, comment=comment, pictures=pictures)
        else:
            returns.refuse(case, reason, call.now, comment=comment, pictures=pictures)

    return _answer(call, _SENDING_BACK if goods else _REJECTING, "reject_return", decision, do)


def _answer(call: Call, dialect: Dialect[int], op: str, decision: str, do: Callable[[ReturnCase], None]) -> Answer:
    return_id, key = call.params["return_id"], call.query.key()

    def act(case: ReturnCase) -> bool:
        if key and case.keys.get(key) == decision:
            return False
        do(case)
        if key:
            case.keys[key] = decision
        return True

    answer_return(call, dialect, op, return_id, act, decision)
    return {}


def _minor(case: ReturnCase, currency: str, text: str) -> int:
    """An amount of the request's currency in minor units. Raises 36009004 for anything else."""
    region = REGIONS[case.store.region]
    if currency != region.currency:
        raise bad("currency", f"must be {region.currency}")
    try:
        minor = minor_of(Decimal(text), region)
    except InvalidOperation as error:
        raise bad("amount", "must be a decimal number") from error
    if minor is None:
        raise bad("amount", "is no amount of this currency")
    return minor


# --- estimates and pictures -----------------------------------------------------------------------------------


def calculate(call: Call) -> Answer:
    """POST /return_refund/{202309,202602}/refunds/calculate: what a refund of an order's items would be."""
    order = call.order(call.body.needed("order_id"))
    lines = _chosen(call, order)
    region = REGIONS[order.store.region]
    fee = order.shipping_fee_minor - order.shipping_discount_minor if len(lines) == len(order.lines) else 0
    return {"order_refund_amount": _amount(sum(line.paid_minor for line in lines), fee, region)}


def _chosen(call: Call, order: Order) -> list[Line]:
    ids = set(call.body.texts("order_line_item_ids", 500))
    counts = {part.needed("sku_id"): part.integer("quantity") or 1 for part in call.body.objects("skus", 100)}
    if not ids and not counts:
        return order.open_lines
    chosen = []
    for line in order.open_lines:
        left = counts.get(line.sku.id, 0)
        if line.id in ids or left > 0:
            counts[line.sku.id] = left - 1
            chosen.append(line)
    if not chosen:
        raise bad("order_line_item_ids", "names nothing of this order")
    return chosen


def upload_image(call: Call) -> Answer:
    """POST /product/202309/images/upload: a picture in the part `data`, kept under its `uri`."""
    parts = call.parts()
    picture = parts.get("data")
    if picture is None:
        raise ApiError(BAD_BODY_FORMAT, "body format must be multipart/form-data with the part data")
    if len(picture) > _PICTURE_MAX:
        raise ApiError(_TOO_LARGE, "the uploaded file is too large")
    use = parts.get("use_case", b"MAIN_IMAGE").decode("utf-8", "replace")
    if use not in _USES:
        raise bad("use_case")
    uri = f"tos-sandbox-i-{len(call.world.returns.pictures):08d}"
    call.world.returns.pictures[uri] = len(picture)
    return {
        "uri": uri,
        "url": f"https://pictures.example/{uri}.jpeg",
        "width": 800,
        "height": 800,
        "use_case": use,
    }
