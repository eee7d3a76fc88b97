"""Shopee's words for returns: statuses, buyers' reasons, reasons of disputes and the evidence they want (section 7)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..world.model import Role
from ..world.returns_model import Ask, ReasonWord, ReturnCase, ReturnRules, Stage, Trouble

_DAY = 86_400
_ID_CLOCK_S = 8 * 3600
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class ReturnNumbers:
    """`return_sn`: the day as YYMMDD and nine characters that look random but never repeat."""

    def nth(self, number: int, at: int = 0) -> str:
        day = time.strftime("%y%m%d", time.gmtime(at + _ID_CLOCK_S))
        # An odd factor permutes the numbers below a power of two.
        mixed = (number * 0x1E_3779_B97F + 0x3_2345_6789) % 32**9
        return day + "".join(_LETTERS[mixed >> shift & 31] for shift in range(40, -1, -5))


RULES = ReturnRules(
    words={
        Trouble.BROKEN: ReasonWord("FUNCTIONAL_DMG", "Does not work"),
        Trouble.WRONG_ITEM: ReasonWord("WRONG_ITEM", "Wrong item"),
        Trouble.NOT_AS_SHOWN: ReasonWord("DIFF_DESC", "Different from the description"),
        Trouble.MISSING: ReasonWord("ITEM_MISSING", "Missing items"),
        Trouble.DAMAGED_BOX: ReasonWord("PHYSICAL_DMG", "Damaged"),
        Trouble.WRONG_SIZE: ReasonWord("ITEM_NOT_FIT", "Does not fit"),
        Trouble.NO_LONGER_WANTED: ReasonWord("CHANGE_MIND", "Changed mind"),
        Trouble.NOT_RECEIVED: ReasonWord("NOT_RECEIPT", "Not received"),
    },
    ids=ReturnNumbers(),
    answer_s=3 * _DAY,
    inspect_s=3 * _DAY,
    send_s=5 * _DAY,
    offer_s=2 * _DAY,
    refusal_is_judged=True,
    replaces=False,
    counters=True,
    platform_checks_share=0.08,
)

STATUSES = ("REQUESTED", "ACCEPTED", "CANCELLED", "JUDGING", "CLOSED", "PROCESSING", "SELLER_DISPUTE")
NEGOTIATIONS = ("PENDING_RESPOND", "PENDING_BUYER_RESPOND", "TERMINATED")
PROOFS = ("NOT_NEEDED", "PENDING", "UPLOADED", "OVERDUE")
COMPENSATIONS = tuple(
    f"COMPENSATION_{word}"
    for word in (
        "NOT_APPLICABLE",
        "INITIAL_STAGE",
        "PENDING_REQUEST",
        "NOT_REQUIRED",
        "REQUESTED",
        "APPROVED",
        "REJECTED",
        "CANCELLED",
        "NOT_ELIGIBLE",
    )
)

_STATUS = {
    Stage.ASKED: "REQUESTED",
    Stage.OFFERED: "REQUESTED",
    Stage.BUYER_SENDS: "PROCESSING",
    Stage.ON_WAY: "PROCESSING",
    Stage.ARRIVED: "PROCESSING",
    Stage.ACCEPTED: "ACCEPTED",
    Stage.REFUNDED: "ACCEPTED",
    Stage.REFUSED: "CLOSED",
    Stage.GOODS_REFUSED: "CLOSED",
    Stage.WITHDRAWN: "CANCELLED",
    Stage.REPLACED: "CLOSED",
}


@dataclass(frozen=True, slots=True)
class Module:
    """A kind of evidence. At most three pictures go into one."""

    index: int
    requirement: str
    is_required: bool


PICTURES_PER_MODULE = 3

_PARCEL = Module(1, "Photos of the returned parcel, closed, with its label", True)
_CONTENT = Module(2, "Photos of what was in the parcel", True)
_CHAT = Module(3, "Screenshots of the chat with the buyer", False)
_PRODUCT = Module(4, "Photos of the product as it was sent", True)

REQUEST_DISPUTES: dict[int, tuple[str, tuple[Module, ...]]] = {
    50: ("The buyer's claim is incorrect", (_PRODUCT, _CHAT)),
    45: ("Outside the time in which goods can be returned", (_CHAT,)),
    55: ("Other concerns", (_PRODUCT, _CHAT)),
}
GOODS_DISPUTES: dict[int, tuple[str, tuple[Module, ...]]] = {
    46: ("The return parcel was not received", ()),
    47: ("The product came back damaged", (_PARCEL, _CONTENT)),
    48: ("The product came back incomplete", (_PARCEL, _CONTENT)),
    49: ("Another product came back", (_PARCEL, _CONTENT, _CHAT)),
    56: ("The product came back used", (_CONTENT,)),
}


def disputes(case: ReturnCase) -> dict[int, tuple[str, tuple[Module, ...]]]:
    """The reasons for a dispute that fit where the request stands, with the evidence each wants."""
    return GOODS_DISPUTES if case.stage in (Stage.ON_WAY, Stage.ARRIVED) else REQUEST_DISPUTES


def status(case: ReturnCase) -> str:
    """`status` of a request."""
    if case.strange_status:
        return case.strange_status
    if case.stage is Stage.JUDGED:
        return "SELLER_DISPUTE" if case.refusal_reason else "JUDGING"
    return _STATUS[case.stage]


def negotiation(case: ReturnCase) -> str:
    """`negotiation_status`: whose turn it is to answer; "" once nothing is to be negotiated."""
    if case.stage is Stage.ASKED:
        return "PENDING_RESPOND"
    if case.stage is Stage.OFFERED:
        return "PENDING_BUYER_RESPOND"
    return "TERMINATED" if case.offers else ""


def logistics(case: ReturnCase) -> str:
    """`logistics_status` of the way back, "" while nothing comes back."""
    if case.stage is Stage.BUYER_SENDS:
        return "LOGISTICS_READY"
    if case.stage is Stage.ON_WAY:
        return "LOGISTICS_PICKUP_DONE"
    return "LOGISTICS_DELIVERY_DONE" if case.arrived_at is not None else ""


def solution(case: ReturnCase) -> int:
    """`return_solution`: 0 goods come back, 1 money only."""
    return 1 if case.ask is Ask.REFUND or case.keeps_goods else 0


def offer_creator(case: ReturnCase) -> str:
    return "SELLER" if case.offer_by is Role.SELLER else "BUYER"
