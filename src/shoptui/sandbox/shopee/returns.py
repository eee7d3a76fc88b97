"""Returns and refunds: lists, details, confirming, offers, disputes with evidence, pictures (sheet, section 7)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ..failing import Dialect
from ..reading import Window, within_both
from ..return_answers import answer_return
from ..world.refusal import Reason, Refused
from ..world.regions import REGIONS, minor_of
from ..world.returns_model import Ask, ReturnCase, Stage
from . import return_words as words
from .call import Answer, Call
from .codes import ApiError, bad
from .render import masked, money

_WINDOW_S = 15 * 86_400
_PICTURE_MAX = 10 * 1024 * 1024
_STATUS_ERROR = "error_return_status"
_NOT_FOUND = "returns.return_not_found"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

_RULED = {
    Reason.NOT_FOUND: _NOT_FOUND,
    Reason.WRONG_STATE: _STATUS_ERROR,
    Reason.REQUEST_FINISHED: _STATUS_ERROR,
    Reason.ALREADY_APPROVED: _STATUS_ERROR,
    Reason.ALREADY_REFUSED: "error_ongoing_dispute",
    Reason.CANNOT_REJECT: _STATUS_ERROR,
    Reason.PLATFORM_DECIDES: "error_ongoing_dispute",
    Reason.AMOUNT: "error_param",
    Reason.NO_OFFER: "error_no_buyer_offer",
}
_ANSWERING = Dialect(_RULED, "error_server")
_DISPUTING = Dialect(
    {
        **_RULED,
        Reason.WRONG_STATE: "dispute.rr.not.allow",
        Reason.CANNOT_REJECT: "dispute.rr.not.allow",
        Reason.EVIDENCE: "dispute.request.param.error",
        Reason.REASON_UNKNOWN: "dispute.request.param.error",
    },
    "error_server",
)


# --- reading --------------------------------------------------------------------------------------------------


def return_list(call: Call) -> Answer:
    """GET get_return_list: page 0 and page 1 are both the first one; the newest request first."""
    page_no = call.query.number("page_no", 0, 10**6)
    size = call.query.number("page_size", 1, 100, 40)
    created, updated = _window(call, "create_time"), _window(call, "update_time")
    if created[0] is not None and updated[0] is not None and updated[0] <= created[0]:
        raise bad("update_time_from", "must be after create_time_from")
    status = call.query.text("status", words.STATUSES)
    negotiation = call.query.text("negotiation_status", words.NEGOTIATIONS)
    proof = call.query.text("seller_proof_status", words.PROOFS)
    compensation = call.query.text("seller_compensation_status", words.COMPENSATIONS)
    found = [
        case
        for case in reversed(call.world.returns.of_store(call.store))
        if (not status or words.status(case) == status)
        and (not negotiation or words.negotiation(case) == negotiation)
        and proof in ("", "NOT_NEEDED")
        and compensation in ("", "COMPENSATION_NOT_APPLICABLE")
        and within_both(case.created_at, created)
        and within_both(case.updated_at, updated)
    ]
    start = max(0, page_no - 1) * size
    rows = [_row(call, case) for case in found[start : start + size]]
    return Answer({"more": start + size < len(found), "return": rows})


def _window(call: Call, name: str) -> Window:
    ends = [call.query.text(f"{name}_{end}") for end in ("from", "to")]
    if not any(ends):
        return None, None
    low, high = (call.query.number(f"{name}_{end}", 0, 2**32 - 1) for end in ("from", "to"))
    if not low < high or high - low > _WINDOW_S:
        raise bad(f"{name}_from", "and its end must be at most 15 days apart")
    return low, high


def return_detail(call: Call) -> Answer:
    """GET get_return_detail: a row of the list and more."""
    case = _case(call, call.query.needed("return_sn"))
    region = REGIONS[case.store.region]
    data = _row(call, case)
    offered = case.offer_minor is not None
    data |= {
        "buyer_videos": [],
        "activity": [],
        "seller_proof": {"seller_proof_status": "NOT_NEEDED", "seller_evidence_deadline": None},
        "seller_compensation": {
            "seller_compensation_status": "NOT_APPLICABLE",
            "seller_compensation_due_date": None,
            "compensation_amount": None,
        },
        "negotiation": {
            "negotiation_status": words.negotiation(case),
            "latest_solution": ("RETURN_REFUND" if case.offer_of_return else "REFUND") if offered else "",
            "latest_offer_amount": money(case.offer_minor or 0, region) if offered else 0,
            "latest_offer_creator": words.offer_creator(case) if offered else "",
            "counter_limit": max(0, 2 - case.offers),
            "offer_due_date": case.due_at if case.stage is Stage.OFFERED else 0,
        },
        "logistics_status": words.logistics(case),
        "reverse_logistic_status": words.logistics(case),
        "reverse_logistic_channel_name": case.carrier.name if case.tracking else "",
        "return_pickup_address": _place(case) if case.goods_move else {},
        "return_address": {"whs_id": case.warehouse.id if case.platform_checks else ""},
        "has_uploaded_shipping_proof": False,
    }
    return Answer(data)


def _place(case: ReturnCase) -> dict[str, str]:
    house = case.warehouse
    return {
        "address": house.street,
        "name": house.contact,
        "phone": house.phone,
        "town": "",
        "district": house.district,
        "city": house.city,
        "state": house.state,
        "region": case.store.region,
        "zipcode": house.postcode,
    }


def _row(call: Call, case: ReturnCase) -> dict[str, Any]:
    region = REGIONS[case.store.region]
    before = sum(unit.line.price_minor for unit in case.units)
    due = case.due_at or 0
    data: dict[str, Any] = {
        "return_sn": case.id,
        "order_sn": case.order.id,
        "status": words.status(case),
        "reason": case.reason.id,
        "text_reason": case.note,
        "reassessed_request_reason": "",
        "image": list(case.pictures),
        "refund_amount": money(case.asked_minor, region),
        "amount_before_discount": money(before, region),
        "currency": region.currency,
        "create_time": case.created_at,
        "update_time": case.updated_at,
        "due_date": due if case.stage is Stage.ASKED else 0,
        "return_ship_due_date": due if case.stage is Stage.BUYER_SENDS else 0,
        "return_seller_due_date": due if case.stage is Stage.ARRIVED else 0,
        "tracking_number": case.tracking,
        "needs_logistics": case.goods_move,
        "dispute_reason": [case.refusal_reason] if case.refusal_reason else [],
        "dispute_text_reason": [case.refusal_comment] if case.refusal_comment else [],
        "user": {
            "username": case.order.buyer.nickname,
            "email": f"******{masked(case.order.buyer.nickname)[-1:]}@buyers.example",
            "portrait": "",
        },
        "item": _items(call, case),
        "negotiation_status": words.negotiation(case),
        "seller_proof_status": "NOT_NEEDED",
        "seller_compensation_status": "COMPENSATION_NOT_APPLICABLE",
        "return_refund_type": "RRAOC" if case.order.completed_at is not None else "RRBOC",
        "return_solution": words.solution(case),
        "return_refund_request_type": 0,
        "validation_type": "warehouse_validation" if case.platform_checks else "seller_validation",
        "is_seller_arrange": False,
        "is_shipping_proof_mandatory": False,
    }
    if case.malformed == "bad_money":
        data["refund_amount"] = "12,3.4.5"
    elif case.malformed == "missing_id":
        del data["return_sn"]
    return data


def _items(call: Call, case: ReturnCase) -> list[dict[str, Any]]:
    """The units, those of one listing together."""
    region = REGIONS[case.store.region]
    rows: dict[tuple[int, int, int], dict[str, Any]] = {}
    for unit in case.units:
        item_id, model_id = call.side.renderer.ids(case.store, unit.line)
        row = rows.setdefault(
            (item_id, model_id, unit.refund_minor),
            {
                "item_id": item_id,
                "model_id": model_id,
                "name": unit.line.sku.product_name,
                "images": [unit.line.sku.image],
                "amount": 0,
                "item_price": money(unit.line.paid_minor, region),
                "refund_amount": 0,
                "is_add_on_deal": False,
                "is_main_item": False,
                "add_on_deal_id": 0,
                "item_sku": unit.line.sku.code,
                "variation_sku": unit.line.sku.code if model_id else "",
            },
        )
        row["amount"] += 1
        row["refund_amount"] = money(unit.refund_minor * row["amount"], region)
    return list(rows.values())


def _case(call: Call, return_sn: str) -> ReturnCase:
    """Raises ApiError for a request that is not the shop's."""
    case = call.world.returns.case_of(call.store, return_sn)
    if case is None:
        raise ApiError(_NOT_FOUND, "The return is not found.")
    return case


def available_solutions(call: Call) -> Answer:
    """GET get_available_solutions: what may be offered, and between which amounts."""
    case = _case(call, call.query.needed("return_sn"))
    region = REGIONS[case.store.region]
    step = call.world.market_of(case.store).price_step_for(region)
    may = case.stage is Stage.ASKED and not case.platform_checks
    limits = {"max_refund_amount": money(case.asked_minor, region), "min_refund_amount": money(step, region)}
    back = may and case.ask is not Ask.REFUND
    return Answer(
        {
            "return_sn": case.id,
            "offer_return_refund": {"eligibility": back, "refund_amount_adjustable": back, **limits},
            "offer_refund": {"eligibility": may, "refund_amount_adjustable": may, **limits},
        }
    )


def dispute_reasons(call: Call) -> Answer:
    """GET get_return_dispute_reason: the reasons that fit now, with the evidence each wants."""
    case = _case(call, call.query.needed("return_sn"))
    rows = [
        {
            "dispute_reason": str(reason_id),
            "dispute_requirement": text,
            "sample_evidence": [],
            "evidence_module_list": [
                {"module_index": one.index, "requirement": one.requirement, "is_required": one.is_required}
                for one in modules
            ],
        }
        for reason_id, (text, modules) in words.disputes(case).items()
    ]
    return Answer({"dispute_reason_list": rows})


def reverse_tracking(call: Call) -> Answer:
    """GET get_reverse_tracking_info: where the goods are on their way back."""
    case = _case(call, call.query.needed("return_sn"))
    steps = [(case.sent_at, "Parcel handed over by the buyer"), (case.arrived_at, "Parcel delivered to the seller")]
    return Answer(
        {
            "return_sn": case.id,
            "reverse_logistics_status": words.logistics(case),
            "tracking_number": case.tracking,
            "post_return_logistics_status": "",
            "tracking_info": [
                {"update_time": at, "tracking_description": text, "epop_image_list": [], "epod_image_list": []}
                for at, text in steps
                if at is not None
            ],
        }
    )


# --- answering ------------------------------------------------------------------------------------------------


def confirm(call: Call) -> Answer:
    """POST confirm: the buyer is paid now, whether goods come back or not."""
    return_sn = call.body.needed("return_sn")

    def do(case: ReturnCase) -> None:
        if case.stage is Stage.ARRIVED:
            call.world.returns.accept_goods(case, call.now)
        else:
            call.world.returns.pay_now(case, call.now)

    answer_return(call, _ANSWERING, "confirm_return", return_sn, do)
    return Answer({"return_sn": return_sn})


def offer(call: Call) -> Answer:
    """POST offer: goods back or money only, for all or a part of the money.

    What the buyer asked for, with all of the money, needs no answer of the buyer's.
    """
    return_sn = call.body.needed("return_sn")
    with_return = call.body.needed("proposed_solution", ("RETURN_REFUND", "REFUND")) == "RETURN_REFUND"
    amount = call.body.values.get("proposed_adjusted_refund_amount")

    def do(case: ReturnCase) -> None:
        if case.platform_checks:
            raise ApiError("error_validation", "The return is checked by the warehouse.")
        if with_return and case.ask is Ask.REFUND:
            raise ApiError("error_return_request_type", "The buyer sends nothing back.")
        minor = case.asked_minor if amount is None else _minor(case, amount)
        if with_return and minor == case.asked_minor:
            call.world.returns.agree(case, call.now)
        else:
            call.world.returns.offer(case, minor, call.now, with_return=with_return)

    answer_return(call, _ANSWERING, "offer_return", return_sn, do)
    return Answer({"return_sn": return_sn})


def accept_offer(call: Call) -> Answer:
    """POST accept_offer: take what the buyer named instead."""
    return_sn = call.body.needed("return_sn")

    def do(case: ReturnCase) -> None:
        if case.stage is Stage.OFFERED:
            raise ApiError("err_data", "The offer is your own.")
        call.world.returns.take_counter(case, call.now)

    answer_return(call, _ANSWERING, "accept_offer", return_sn, do)
    return Answer({"return_sn": return_sn})


def dispute(call: Call) -> Answer:
    """POST dispute: the platform decides; the reason must fit and its evidence be there."""
    return_sn = call.body.needed("return_sn")
    email = call.body.needed("email")
    reason_id = call.body.needed_integer("dispute_reason_id")
    text = call.body.text("dispute_text_reason")
    shown = {part.needed_integer("module_index"): part.texts("image_url") for part in call.body.objects("image_list")}

    def do(case: ReturnCase) -> None:
        if not _EMAIL.fullmatch(email):
            raise Refused(Reason.EVIDENCE, "the email is not valid")
        known = words.disputes(case).get(reason_id)
        if known is None and case.stage in (Stage.ASKED, Stage.ARRIVED):
            raise Refused(Reason.REASON_UNKNOWN, "the dispute reason is not valid")
        for module in known[1] if known is not None else ():
            if module.is_required and not shown.get(module.index):
                raise Refused(Reason.EVIDENCE, f"evidence is missing: {module.requirement}")
        links = [link for pictures in shown.values() for link in pictures]
        if any(len(pictures) > words.PICTURES_PER_MODULE for pictures in shown.values()):
            raise Refused(Reason.EVIDENCE, f"a module takes {words.PICTURES_PER_MODULE} images at most")
        if any(link not in call.world.returns.pictures for link in links):
            raise Refused(Reason.EVIDENCE, "an image was not uploaded by convert_image")
        say_no = call.world.returns.refuse_goods if case.stage is Stage.ARRIVED else call.world.returns.refuse
        say_no(case, str(reason_id), call.now, comment=text, pictures=tuple(links))

    answer_return(call, _DISPUTING, "dispute_return", return_sn, do)
    return Answer({"return_sn": return_sn}, beside={"msg": ""})


def cancel_dispute(call: Call) -> Answer:
    """POST cancel_dispute: only disputes about compensation can be taken back, and there are none here."""
    case = _case(call, call.body.needed("return_sn"))
    call.body.needed("email")
    raise ApiError("dispute.cancel.ineligible", f"The dispute of {case.id} cannot be cancelled.")


def _minor(case: ReturnCase, amount: Any) -> int:
    """An amount in major units as minor ones. Raises ApiError for none, or one the currency does not have."""
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise bad("proposed_adjusted_refund_amount", "must be a number")
    minor = minor_of(Decimal(repr(amount)), REGIONS[case.store.region])
    if minor is None:
        raise bad("proposed_adjusted_refund_amount", "is no amount of this currency")
    return minor


# --- pictures -------------------------------------------------------------------------------------------------


def convert_image(call: Call) -> Answer:
    """POST convert_image: one picture of one request becomes an address."""
    parts = call.parts()
    case = _case(call, parts.get("return_sn", b"").decode("utf-8", "replace"))
    picture = parts.get("upload_image")
    if picture is None:
        raise bad("upload_image", "is required")
    if len(picture) > _PICTURE_MAX:
        raise ApiError("image.upload.fail", "The image is larger than 10 MB.")
    if not picture.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        raise ApiError("format.unsupport", "The format is not supported.")
    number = len(call.world.returns.pictures)
    link = f"https://cf.sandbox.invalid/file/{case.store.region.lower()}-proof-{number}"
    call.world.returns.pictures[link] = len(picture)
    return Answer({"url": link, "thumbnail": f"{link}_tn"})


def upload_proof(call: Call) -> Answer:
    """POST upload_proof: nothing here waits for proof."""
    _case(call, call.body.needed("return_sn"))
    for photo in call.body.objects("photo", 9):
        photo.needed("url")
        photo.needed("thumbnail")
    raise ApiError("return.status.illegal", "The return does not wait for proof.")


def query_proof(call: Call) -> Answer:
    """GET query_proof: the pictures of a refusal."""
    case = _case(call, call.query.needed("return_sn"))
    if case.disputed and case.refusal_pictures:
        pictures = [{"url": link, "thumbnail": f"{link}_tn"} for link in case.refusal_pictures]
        return Answer({"image": pictures, "video": [], "description": case.refusal_comment})
    raise ApiError("no.proof", "There is no proof of this return.")
