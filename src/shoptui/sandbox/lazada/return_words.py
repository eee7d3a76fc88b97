"""Lazada's words for reverse orders: statuses, buyers' reasons, sellers' reasons for a no (sheet, section 9)."""

from __future__ import annotations

from ..world.market import IdSeries
from ..world.returns_model import Ask, ReasonWord, ReturnCase, ReturnRules, ReturnUnit, Stage, Trouble

_HOUR = 3600

RULES = ReturnRules(
    words={
        Trouble.BROKEN: ReasonWord("10000227", "Item is defective or not working"),
        Trouble.WRONG_ITEM: ReasonWord("10000229", "Wrong item was sent"),
        Trouble.NOT_AS_SHOWN: ReasonWord("10000231", "Item does not match description"),
        Trouble.MISSING: ReasonWord("10000233", "Missing item or parts"),
        Trouble.DAMAGED_BOX: ReasonWord("10000235", "Item arrived damaged"),
        Trouble.WRONG_SIZE: ReasonWord("10000237", "Item does not fit me"),
        Trouble.NO_LONGER_WANTED: ReasonWord("10000239", "Change of mind"),
        Trouble.NOT_RECEIVED: ReasonWord("10000241", "Parcel not received"),
    },
    ids=IdSeries(803_551_900_128_842, 2_291_700),
    unit_step=100_000,
    answer_s=48 * _HOUR,
    inspect_s=48 * _HOUR,
    replaces=False,
    offers=False,
    pays_shipping=False,
    platform_checks_share=0.15,
)

TYPES = {Ask.REFUND: "ONLY_REFUND", Ask.RETURN: "RETURN", Ask.REPLACE: "RETURN"}

SELLER_REASONS = {
    10000901: "The item was used or washed",
    10000903: "The item is not the one that was sold",
    10000905: "The buyer's reason is not true",
    10000907: "Agreed otherwise with the buyer",
}
"""What a seller may refuse for, by id."""

_STATUS = {
    Stage.ASKED: "REQUEST_INITIATE",
    Stage.BUYER_SENDS: "SELLER_AGREE_RETURN",
    Stage.ON_WAY: "BUYER_RETURN_ITEM",
    Stage.ARRIVED: "BUYER_RETURN_ITEM",
    Stage.JUDGED: "CS_APPROVING",
    Stage.REFUNDED: "REFUND_SUCCESS",
    Stage.GOODS_REFUSED: "SELLER_REJECT_REFUND",
    Stage.WITHDRAWN: "REQUEST_CANCEL",
    Stage.REPLACED: "REQUEST_COMPLETE",
}


def status(case: ReturnCase, unit: ReturnUnit) -> str:
    """`reverse_status` of one unit; units are answered one by one."""
    if case.strange_status:
        return case.strange_status
    money_only = case.ask is Ask.REFUND
    refused = unit in case.dropped or case.unit_answers.get(unit.id) is False
    if refused or case.stage is Stage.REFUSED:
        return "SELLER_REJECT_REFUND" if money_only or case.arrived_at is not None else "SELLER_REJECT_RETURN"
    if case.unit_answers.get(unit.id):
        return "REFUND_PENDING"
    if case.stage is Stage.ACCEPTED:
        return "SELLER_AGREE_REFUND" if case.arrived_at is not None else "REFUND_AUTHORIZED"
    return _STATUS[case.stage]


def ofc_status(case: ReturnCase) -> str:
    """`ofc_status`: where the goods are."""
    if case.stage is Stage.WITHDRAWN:
        return "RETURN_CANCELED"
    return "RETURN_DELIVERED" if case.arrived_at is not None else "INITIAL"


def sla_ms(case: ReturnCase) -> int:
    """`sla` in milliseconds: until when the seller has to act; 0 when it is not their turn."""
    waits = case.stage in (Stage.ASKED, Stage.ARRIVED) and case.due_at is not None and not case.platform_checks
    return (case.due_at or 0) * 1000 if waits else 0
