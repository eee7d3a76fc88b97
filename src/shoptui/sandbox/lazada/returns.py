"""Reverse orders: lists, details, history, reasons, answers unit by unit, pictures (sheet, section 9)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..failing import Dialect
from ..reading import Window, is_digits, within_both
from ..return_answers import answer_return
from ..world.model import Role
from ..world.refusal import Reason, Refused
from ..world.regions import REGIONS
from ..world.returns_model import Ask, ReturnCase, ReturnUnit, Stage
from . import return_words as words
from .call import Answer, Call, data
from .codes import ApiError, missing

_PAGE_MAX = 100
_PICTURE_MAX = 2 * 1024 * 1024
_SEES_MS = 10**12

_ANSWERING = Dialect({Reason.NOT_FOUND: "106"}, "114")

_ACTIONS = ("instantRefund", "agreeReturn", "refuseReturn", "confirmDelivery", "agreeRefund", "refuseRefund")
_REFUSALS = frozenset({"refuseReturn", "refuseRefund"})
_FOR_GOODS = frozenset({"confirmDelivery", "agreeRefund", "refuseRefund"})


# --- reading --------------------------------------------------------------------------------------------------


def reverse_orders(call: Call) -> Answer:
    """GET /reverse/getreverseordersforseller: page by page from 1, the newest request first."""
    page_no, size = _count(call, "page_no", "121"), _count(call, "page_size", "120")
    if size > _PAGE_MAX:
        raise ApiError("120", "E120: page size is invalid")
    text = call.params.text
    types, statuses, places = (
        set(_list(call, name)) for name in ("request_type_list", "reverse_status_list", "ofc_status_list")
    )
    to = text("return_to_type")
    asked, changed = _span(call, "ReverseOrderLineTimeRange"), _span(call, "ReverseOrderLineModifiedTimeRange")
    ordered = _span(call, "TradeOrderLineCreatedTimeRange")

    def fits(case: ReturnCase) -> bool:
        return (
            (not text("reverse_order_id") or case.id == text("reverse_order_id"))
            and (not text("trade_order_id") or case.order.id == text("trade_order_id"))
            and (not types or words.TYPES[case.ask] in types)
            and (not statuses or any(words.status(case, unit) in statuses for unit in _units(case)))
            and (not places or words.ofc_status(case) in places)
            and (not to or (to == "RTW") == case.platform_checks)
            and (not text("dispute_in_progress") or (text("dispute_in_progress") == "true") == case.disputed)
            and within_both(case.created_at, asked)
            and within_both(case.updated_at, changed)
            and within_both(case.order.created_at, ordered)
        )

    found = [case for case in reversed(call.world.returns.of_store(call.store)) if fits(case)]
    start = (page_no - 1) * size
    rows = [_row(case) for case in found[start : start + size]]
    content = {"success": True, "page_no": page_no, "page_size": size, "total": len(found), "items": rows}
    return Answer({"result": content})


def _count(call: Call, name: str, code: str, default: int | None = None) -> int:
    value = call.params.text(name)
    if not value and default is not None:
        return default
    if not value:
        raise missing(name)
    if not is_digits(value) or int(value) < 1:
        raise ApiError(code, f"E{code}: {name} is invalid")
    return int(value)


def _list(call: Call, name: str) -> list[str]:
    value = call.params.text(name)
    if not value:
        return []
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, list) or any(not isinstance(one, str) for one in found):
        raise ApiError("6", f"E006: {name} must be a JSON array")
    return found


def _span(call: Call, name: str) -> Window:
    """A time range: documented in milliseconds, sent in seconds by some clients."""
    ends: list[int | None] = []
    for end in ("Start", "End"):
        value = call.params.text(name + end)
        if value and not is_digits(value):
            raise ApiError("17", "E017: time format is invalid")
        number = int(value) if value else None
        ends.append(number // 1000 if number is not None and number >= _SEES_MS else number)
    return ends[0], ends[1]


def _units(case: ReturnCase) -> list[ReturnUnit]:
    """All units ever asked about, those refused by themselves too."""
    return sorted([*case.units, *case.dropped], key=lambda unit: unit.id)


def _money(case: ReturnCase, minor: int) -> int:
    """Whole dong in Vietnam, hundredths everywhere else, Indonesia too."""
    region = REGIONS[case.store.region]
    return minor if region.currency == "VND" or region.minor_digits else minor * 100


def _line(case: ReturnCase, unit: ReturnUnit) -> dict[str, Any]:
    order = case.order
    line: dict[str, Any] = {
        "reverse_order_line_id": int(unit.id),
        "trade_order_line_id": int(unit.line.id),
        "reverse_status": words.status(case, unit),
        "ofc_status": words.ofc_status(case),
        "is_need_refund": True,
        "is_dispute": case.disputed,
        "refund_amount": _money(case, unit.refund_minor),
        "item_unit_price": _money(case, unit.line.price_minor),
        "reason_code": int(case.reason.id),
        "reason_text": case.reason.text,
        "refund_payment_method": "COD" if order.is_cod else "MIXEDCARD",
        "whqc_decision": "return_to_warehouse" if case.platform_checks and case.arrived_at is not None else "",
        "tracking_number": case.tracking,
        "seller_sku_id": unit.line.sku.code,
        "platform_sku_id": unit.line.sku.id,
        # Seconds on the wire, although the documents say milliseconds; `sla` is in milliseconds all the same.
        "trade_order_gmt_create": order.created_at,
        "return_order_line_gmt_create": case.created_at,
        "return_order_line_gmt_modified": case.updated_at,
        "sla": words.sla_ms(case),
    }
    if case.malformed == "bad_money":
        line["refund_amount"] = "12,3.4.5"
    return line


def _row(case: ReturnCase) -> dict[str, Any]:
    house = case.warehouse
    back = ", ".join(part for part in (house.street, house.district, house.city, house.state) if part)
    row: dict[str, Any] = {
        "reverse_order_id": int(case.id),
        "trade_order_id": int(case.order.id),
        "request_type": words.TYPES[case.ask],
        "is_rtm": not case.platform_checks,
        "shipping_type": "PICK_UP" if case.number % 2 else "DROP_OFF",
        "reverse_order_lines": [
            {
                **_line(case, unit),
                "receiver_address": back if case.goods_move else "",
                "product": {"product_id": int(unit.line.sku.product_id), "product_sku": unit.line.sku.id},
                "buyer": {"buyer_id": int(case.order.buyer.id)},
            }
            for unit in _units(case)
        ],
    }
    if case.malformed == "missing_id":
        del row["reverse_order_id"]
    return row


def detail(call: Call) -> Answer:
    """GET /order/reverse/return/detail/list: one reverse order, some of its fields under other names."""
    case = _case(call)
    row = _row(case)
    lines = row.pop("reverse_order_lines")
    row["reverseOrderLineDTOList"] = [
        {
            **{name: value for name, value in line.items() if name not in ("product", "buyer", "receiver_address")},
            "productDTO": {"product_id": line["product"]["product_id"], "sku": line["product"]["product_sku"]},
            "buyer": {"user_id": line["buyer"]["buyer_id"]},
        }
        for line in lines
    ]
    return data(row)


def history(call: Call) -> Answer:
    """GET /order/reverse/return/history/list: what happened to one unit, newest first."""
    case, _ = _unit(call)
    page, size = _count(call, "page_number", "121", 1), _count(call, "page_size", "120", 10)
    names = {Role.BUYER: "BUYER", Role.SELLER: "SELLER", Role.SYSTEM: "SYSTEM"}
    rows = [
        {"operator": names[moment.who], "picture": list(moment.pictures), "time": moment.at}
        for moment in reversed(case.moments)
    ]
    info = {"page_size": size, "current_page_number": page, "total": len(rows)}
    return data({"list": rows[(page - 1) * size : page * size], "page_info": info})


def reasons(call: Call) -> Answer:
    """GET /order/reverse/reason/list: what the seller may refuse for now."""
    case, _ = _unit(call)
    if case.stage not in (Stage.ASKED, Stage.ARRIVED):
        raise ApiError("119", "E119: no reasons are found")
    return data(
        [
            {"reason_id": number, "text": text, "muti_language_text": text}
            for number, text in words.SELLER_REASONS.items()
        ]
    )


def _case(call: Call) -> ReturnCase:
    text = call.params.text("reverse_order_id")
    if not is_digits(text):
        raise ApiError("105", "E105: reverse order id is invalid")
    case = call.world.returns.case_of(call.store, text)
    if case is None:
        raise ApiError("106", "E106: internal error")
    return case


def _unit(call: Call) -> tuple[ReturnCase, ReturnUnit]:
    wanted = call.params.text("reverse_order_line_id")
    for case in call.world.returns.of_store(call.store):
        for unit in _units(case):
            if unit.id == wanted:
                return case, unit
    raise ApiError("103", "E103: reverse order line id is invalid")


# --- answering ------------------------------------------------------------------------------------------------


def update(call: Call) -> Answer:
    """GET /order/reverse/return/update, which changes things although it is documented as GET."""
    action = call.params.text("action")
    if action not in _ACTIONS:
        raise ApiError("107", "E107: action is invalid")
    case, units = _chosen(call)
    if case.ask is Ask.REFUND:
        raise ApiError("114", "E114: the action is not allowed now")
    if action in _REFUSALS:
        _check_refusal(call, units, with_reason=True, with_picture=action == "refuseRefund")
    stage = Stage.ARRIVED if action in _FOR_GOODS else Stage.ASKED
    returns, now = call.world.returns, call.now

    def agree() -> None:
        if stage is Stage.ARRIVED:
            returns.accept_goods(case, now)
        else:
            returns.agree(case, now, keep_goods=action == "instantRefund")

    def refuse() -> None:
        say_no = returns.refuse_goods if stage is Stage.ARRIVED else returns.refuse
        say_no(case, call.params.text("reason_id"), now, comment=call.params.text("comment"), pictures=_pictures(call))

    def do() -> None:
        if action == "confirmDelivery":
            returns.confirm_goods(case, now)
            return
        if stage is Stage.ARRIVED and not case.goods_confirmed:
            raise Refused(Reason.WRONG_STATE, "the delivery is not confirmed yet")
        _decide(call, case, units, action not in _REFUSALS, agree, refuse)

    _act(call, action, case, stage, do)
    return data(
        {
            "reverse_order_id": int(case.id),
            "reverse_order_line": [int(unit.id) for unit in units],
            "reason_info": [],
            "total_refund": sum(_money(case, unit.refund_minor) for unit in units),
        }
    )


def only_refund(call: Call) -> Answer:
    """GET /order/reverse/onlyrefund/seller/decide: one unit nothing is sent back for; `data` is null."""
    action = call.params.text("action")
    if action not in ("agreeRefund", "startDispute"):
        raise ApiError("107", "E107: action is invalid")
    case, units = _chosen(call)
    if len(units) > 1:
        raise ApiError("133", "E133: batch operation is not supported")
    if case.ask is not Ask.REFUND:
        raise ApiError("114", "E114: the action is not allowed now")
    yes = action == "agreeRefund"
    if not yes:
        _check_refusal(call, units, with_reason=False, with_picture=True)
    returns, now = call.world.returns, call.now

    def dispute() -> None:
        """It goes to the platform at once."""
        returns.refuse(case, "dispute", now, comment=call.params.text("comment"), pictures=_pictures(call))
        returns.complain(case, now)

    def do() -> None:
        _decide(call, case, units, yes, lambda: returns.agree(case, now), dispute)

    _act(call, action, case, Stage.ASKED, do)
    return data(None)


def _chosen(call: Call) -> tuple[ReturnCase, list[ReturnUnit]]:
    """The reverse order and those of its units that are named. Raises ApiError."""
    case = _case(call)
    ids = call.params.ids("reverse_order_item_ids") if call.params.text("reverse_order_item_ids") else None
    if ids is None:
        raise ApiError("126", "E126: reverse order lines are invalid")
    units = [unit for unit in case.units if unit.id in ids]
    if len(units) < len(set(ids)):
        others = {unit.id for one in call.world.returns.every() if one.store is not call.store for unit in one.units}
        if others & set(ids):
            raise ApiError("127", "E127: a line is another seller's")
        raise ApiError("112", "E112: no reverse order line is found")
    return case, units


def _check_refusal(call: Call, units: list[ReturnUnit], *, with_reason: bool, with_picture: bool) -> None:
    """One unit at a time, with reason, words and pictures as the action wants them. Raises ApiError."""
    if len(units) > 1:
        raise ApiError("111", "E111: batch refusal is not supported")
    if with_reason and not call.params.text("reason_id"):
        raise ApiError("108", "E108: reason is missing")
    if with_reason and call.params.text("reason_id") not in {str(number) for number in words.SELLER_REASONS}:
        raise ApiError("104", "E104: reason id is invalid")
    if not call.params.text("comment"):
        raise ApiError("109", "E109: comment is missing")
    links = _pictures(call)
    if with_picture and not links:
        raise ApiError("110", "E110: image is missing")
    if any(link not in call.world.returns.pictures for link in links):
        raise ApiError("110", "E110: image is not Lazada's")


def _pictures(call: Call) -> tuple[str, ...]:
    text = call.params.text("image_info") or call.params.text("image_info_list")
    try:
        rows = json.loads(text) if text else []
    except ValueError:
        rows = None
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise ApiError("110", "E110: image info is invalid")
    return tuple(str(row.get("url") or row.get("file_url") or "") for row in rows)


def _decide(
    call: Call,
    case: ReturnCase,
    units: list[ReturnUnit],
    yes: bool,
    agree: Callable[[], None],
    refuse: Callable[[], None],
) -> None:
    """Record the answer for some units; with the last of them the request goes on with those that were agreed to."""
    returns = call.world.returns
    if any(unit.id in case.unit_answers for unit in units):
        raise Refused(Reason.WRONG_STATE, "a line is answered already")
    answers = {**case.unit_answers, **dict.fromkeys((unit.id for unit in units), yes)}
    if len(answers) < len(case.units):
        returns.answer_units(case, answers, call.now)
        return
    refused = [unit for unit in case.units if not answers[unit.id]]
    if len(refused) == len(case.units):
        refuse()
    else:
        returns.drop_units(case, refused)
        agree()


def _act(call: Call, action: str, case: ReturnCase, stage: Stage, do: Callable[[], None]) -> None:
    def run(_: ReturnCase) -> None:
        if case.platform_checks and case.stage in (Stage.ASKED, Stage.ARRIVED):
            raise Refused(Reason.PLATFORM_DECIDES, "the platform handles this return")
        if case.stage is not stage:
            raise Refused(Reason.WRONG_STATE, f"the request is {case.stage}")
        do()

    op = "reject_return" if action in (*_REFUSALS, "startDispute") else "approve_return"
    answer_return(call, _ANSWERING, op, case.id, run, action)


# --- pictures -------------------------------------------------------------------------------------------------


def upload_image(call: Call) -> Answer:
    """POST /image/upload: a picture in the part `image` gets an address of Lazada's."""
    picture = call.parts().get("image")
    if picture is None:
        raise missing("image")
    if len(picture) > _PICTURE_MAX:
        raise ApiError("301", "E301: the image is too large")
    number = len(call.world.returns.pictures)
    link = f"https://my-live.sandbox.invalid/p/{number:08x}.jpg"
    call.world.returns.pictures[link] = len(picture)
    return data({"image": {"hash_code": f"{number:032x}", "url": link}})
