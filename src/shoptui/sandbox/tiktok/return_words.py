"""TikTok Shop's words for requests: statuses, buyers' reasons, sellers' reasons for a no (sheet section 9)."""

from __future__ import annotations

from ..world.market import IdSeries
from ..world.returns_model import Ask, ReasonWord, ReturnCase, ReturnRules, Stage, Trouble

_RETURN = "ecom_order_delivered_refund_and_return_reason"
_REFUND = "ecom_order_delivered_refund_reason"

RULES = ReturnRules(
    words={
        Trouble.BROKEN: ReasonWord(f"{_RETURN}_defective", "Defective item"),
        Trouble.WRONG_ITEM: ReasonWord(f"{_RETURN}_wrong_item_was_sent", "Wrong item was sent"),
        Trouble.NOT_AS_SHOWN: ReasonWord(f"{_RETURN}_does_not_match_description", "Item does not match description"),
        Trouble.MISSING: ReasonWord(f"{_REFUND}_missing_items", "Missing items or parts"),
        Trouble.DAMAGED_BOX: ReasonWord(f"{_RETURN}_damaged_package", "Item or package is damaged"),
        Trouble.WRONG_SIZE: ReasonWord(f"{_RETURN}_does_not_fit", "Item does not fit"),
        Trouble.NO_LONGER_WANTED: ReasonWord(f"{_RETURN}_no_longer_needed", "No longer needed"),
        Trouble.NOT_RECEIVED: ReasonWord(f"{_REFUND}_not_received", "Package not received"),
    },
    ids=IdSeries(4_036_118_504_086_604_100, 12_582_917),
    answer_s=48 * 3600,
    inspect_s=48 * 3600,
    replace_answer_s=24 * 3600,
    unit_step=65_537,
    platform_checks_share=0.05,
)

TYPES = {Ask.REFUND: "REFUND", Ask.RETURN: "RETURN_AND_REFUND", Ask.REPLACE: "REPLACEMENT"}

_STATUS = {
    Stage.ASKED: "RETURN_OR_REFUND_REQUEST_PENDING",
    Stage.OFFERED: "AWAITING_BUYER_RESPONSE",
    Stage.BUYER_SENDS: "AWAITING_BUYER_SHIP",
    Stage.ON_WAY: "BUYER_SHIPPED_ITEM",
    Stage.ARRIVED: "BUYER_SHIPPED_ITEM",
    Stage.JUDGED: "REFUND_OR_RETURN_REQUEST_REJECT",
    Stage.ACCEPTED: "RETURN_OR_REFUND_REQUEST_SUCCESS",
    Stage.REFUNDED: "RETURN_OR_REFUND_REQUEST_COMPLETE",
    Stage.REFUSED: "REFUND_OR_RETURN_REQUEST_REJECT",
    Stage.GOODS_REFUSED: "REJECT_RECEIVE_PACKAGE",
    Stage.WITHDRAWN: "RETURN_OR_REFUND_REQUEST_CANCEL",
    Stage.REPLACED: "REPLACEMENT_REQUEST_COMPLETE",
}
_REPLACING = {
    Stage.ASKED: "REPLACEMENT_REQUEST_PENDING",
    Stage.ACCEPTED: "REPLACEMENT_REQUEST_REFUND_SUCCESS",
    Stage.REFUNDED: "REPLACEMENT_REQUEST_REFUND_SUCCESS",
    Stage.REFUSED: "REPLACEMENT_REQUEST_REJECT",
    Stage.JUDGED: "REPLACEMENT_REQUEST_REJECT",
    Stage.WITHDRAWN: "REPLACEMENT_REQUEST_CANCEL",
}
STATUSES = tuple(dict.fromkeys((*_STATUS.values(), *_REPLACING.values())))
ARBITRATION = ("IN_PROGRESS", "SUPPORT_BUYER", "SUPPORT_SELLER", "CLOSED")
_VERDICTS = {"buyer": "SUPPORT_BUYER", "seller": "SUPPORT_SELLER"}

REQUEST_REASONS = {
    "seller_reject_apply_item_is_correct": "The item is as described",
    "seller_reject_apply_products_will_be_sent_separately": "The missing products are sent separately",
    "seller_reject_apply_reason_is_unclear_or_lack_of_evidence": "The reason is unclear or lacks evidence",
    "seller_reject_apply_product_functions_well/buyer_use_in_wrong_way": "The product works; it was used wrongly",
    "reverse_reject_request_reason_1": "An agreement was reached with the buyer",
    "reverse_reject_request_reason_2": "The item was used or is damaged by the buyer",
}
GOODS_REASONS = {
    "reverse_reject_return_parcel_reason_1": "The parcel was empty or incomplete",
    "reverse_reject_return_parcel_reason_2": "Another item came back",
    "reverse_reject_return_parcel_reason_3": "The item came back used or damaged",
    "seller_reject_apply_you_have_reached_an_agreement_with_the_buyer": "An agreement was reached with the buyer",
}


def status(case: ReturnCase) -> str:
    """`return_status` of a request."""
    if case.strange_status:
        return case.strange_status
    if case.ask is Ask.REPLACE and case.stage in _REPLACING:
        return _REPLACING[case.stage]
    if case.stage is Stage.JUDGED and case.arrived_at is not None:
        # While the platform checks the goods itself, nobody has refused them.
        return "BUYER_SHIPPED_ITEM" if case.platform_checks else _STATUS[Stage.GOODS_REFUSED]
    return _STATUS[case.stage]


def arbitration(case: ReturnCase) -> str:
    """`arbitration_status`, "" where the platform was never asked."""
    if case.stage is Stage.JUDGED and not case.platform_checks:
        return "IN_PROGRESS"
    return _VERDICTS.get(case.verdict, "") if case.disputed else ""


def next_actions(case: ReturnCase) -> list[dict[str, str | int]]:
    """`seller_next_action_response`: what the seller has to do, with the deadline; empty when it is not their turn."""
    if case.due_at is None:
        return []
    words = {Ask.REFUND: "REFUND", Ask.RETURN: "RETURN", Ask.REPLACE: "REPLACEMENT"}
    if case.stage is Stage.ASKED:
        return [{"action": f"SELLER_RESPOND_{words[case.ask]}", "deadline": case.due_at}]
    if case.stage is Stage.ARRIVED:
        return [{"action": "SELLER_RESPOND_RECEIVE_PACKAGE", "deadline": case.due_at}]
    return []


def reject_reasons(case: ReturnCase) -> dict[str, str]:
    """The names a seller may give for a no now, with texts; numbered ones end in `_uk` in the United Kingdom."""
    reasons = {Stage.ASKED: REQUEST_REASONS, Stage.ARRIVED: GOODS_REASONS}.get(case.stage, {})
    if case.store.region != "GB":
        return dict(reasons)
    return {f"{name}_uk" if name[-1].isdigit() else name: text for name, text in reasons.items()}
