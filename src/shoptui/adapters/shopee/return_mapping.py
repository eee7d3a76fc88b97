"""Shopee's return requests in the house's vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.adapters.amounts import read_amount
from shoptui.adapters.chat_text import message_text, web_link
from shoptui.adapters.return_answers import ASK_ANSWERS, FOR_GOODS, NO_ANSWERS, goods_come_back
from shoptui.adapters.shopee.return_wire import Negotiation, ReturnItem, ReturnRecord
from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnLine, ReturnRequest, ReturnState
from shoptui.text import sanitise_cell

#: Words of Shopee (sheet, section 7.5) whose place needs no look at anything else.
STATES: Mapping[str, ReturnState] = MappingProxyType(
    {
        "REQUESTED": ReturnState.ASKED,
        "ACCEPTED": ReturnState.REFUNDED,
        "REFUND_PAID": ReturnState.REFUNDED,
        "CANCELLED": ReturnState.WITHDRAWN,
        "JUDGING": ReturnState.JUDGED,
        "SELLER_DISPUTE": ReturnState.JUDGED,
        "CLOSED": ReturnState.CLOSED,
        "PROCESSING": ReturnState.BUYER_SENDS,
    }
)
#: Statuses in which something is still to come, for the full sweep.
OPEN_STATUSES = ("REQUESTED", "PROCESSING", "JUDGING", "SELLER_DISPUTE")

_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "NOT_RECEIPT": "Not received",
        "NONRECEIPT": "Not received",
        "DIFF_DESC": "Not as described",
        "DIFFERENT_DESCRIPTION": "Not as described",
        "MUTUAL_AGREE": "By mutual agreement",
        "MUITAL_AGREE": "By mutual agreement",
        "PHYSICAL_DMG": "Damaged",
        "FUNCTIONAL_DMG": "Does not work",
        "CHANGE_MIND": "Changed mind",
        "CHANGE_OF_MIND": "Changed mind",
        "ITEM_NOT_FIT": "Does not fit",
        "ITEM_WRONGDAMAGED": "Wrong or damaged item",
        "ITEM_FAKE": "Counterfeit",
        "NO_REASON": "No reason given",
        "NONE": "No reason given",
    }
)
_BY_WAREHOUSE = "warehouse_validation"


def to_request(record: ReturnRecord, store_id: str) -> ReturnRequest:
    """Raises ValueError for a sum that is no exact amount."""
    total = read_amount(record.refund_amount, record.currency)
    ask = _ask(record)
    state = _state(record, ask)
    offered = _offered(record.negotiation, record.currency)
    countered = state is ReturnState.ASKED and offered is not None and _by_buyer(record.negotiation)
    open_offer = offered is not None and (countered or state is ReturnState.OFFERED)
    note = message_text(record.text_reason or "")
    return ReturnRequest(
        store_id=store_id,
        return_id=record.return_sn,
        order_no=record.order_sn,
        ask=ask,
        state=state,
        raw_state=sanitise_cell(record.status),
        value=offered if open_offer and offered is not None else total,
        created_at=record.create_time,
        updated_at=record.update_time,
        reason_id=sanitise_cell(record.reason or ""),
        reason=reason_text(record.reason or ""),
        buyer_note=note,
        buyer_name=sanitise_cell((record.user.username if record.user else None) or ""),
        lines=tuple(_line(item, record.currency) for item in record.item or ()),
        evidence=tuple(link for raw in record.image or () if (link := web_link(raw))),
        answers=_answers(record, ask, state, countered=countered),
        goods_come_back=goods_come_back(ask, state),
        tracking_number=sanitise_cell(record.tracking_number or ""),
        carrier_name=sanitise_cell(record.reverse_logistics_channel_name or record.reverse_logistic_channel_name or ""),
        disputed=record.status == "SELLER_DISPUTE" or bool(record.dispute_reason),
        clocks=_clocks(record, state),
        wire=_wire(record.negotiation, offered, countered=countered),
    )


def reason_text(word: str) -> str:
    """A buyer's reason in words."""
    if word in _REASONS:
        return _REASONS[word]
    words = sanitise_cell(word.replace("_", " ").lower())
    return words[:1].upper() + words[1:]


def _ask(record: ReturnRecord) -> ReturnAsk:
    """`return_solution` says it where it is told: 0 goods come back, 1 money only."""
    if record.return_solution in (0, 1):
        return ReturnAsk.REFUND if record.return_solution else ReturnAsk.RETURN
    return ReturnAsk.RETURN if record.needs_logistics else ReturnAsk.REFUND


def _state(record: ReturnRecord, ask: ReturnAsk) -> ReturnState:
    if record.status == "REQUESTED":
        told = (record.negotiation.negotiation_status if record.negotiation else None) or record.negotiation_status
        return ReturnState.OFFERED if told == "PENDING_BUYER_RESPOND" else ReturnState.ASKED
    if record.status == "CLOSED" and record.dispute_reason:
        return ReturnState.REFUSED
    if record.status != "PROCESSING":
        return STATES.get(record.status, ReturnState.UNKNOWN)
    if ask is ReturnAsk.REFUND:
        # Nothing comes back: what is processed is the money.
        return ReturnState.REFUNDED
    if record.return_seller_due_date or record.logistics_status == "LOGISTICS_DELIVERY_DONE":
        return ReturnState.ARRIVED
    return ReturnState.ON_WAY_BACK if record.tracking_number else ReturnState.BUYER_SENDS


def _answers(record: ReturnRecord, ask: ReturnAsk, state: ReturnState, *, countered: bool) -> frozenset[ReturnAnswer]:
    warehouse = record.validation_type == _BY_WAREHOUSE
    if state is ReturnState.ARRIVED:
        return NO_ANSWERS if warehouse else FOR_GOODS
    if state is not ReturnState.ASKED:
        return NO_ANSWERS
    if warehouse and ask is ReturnAsk.RETURN:
        # Offers are refused for returns that Shopee's own warehouse checks (sheet, section 7.6).
        return frozenset({ReturnAnswer.REFUND_ONLY, ReturnAnswer.REFUSE})
    if not countered:
        return ASK_ANSWERS
    again = record.negotiation is not None and bool(record.negotiation.counter_limit)
    more = frozenset({ReturnAnswer.OFFER}) if again else NO_ANSWERS
    # Paying at once would pay all that was asked for, not what the buyer would take now.
    return more | {ReturnAnswer.AGREE, ReturnAnswer.REFUSE}


def _clocks(record: ReturnRecord, state: ReturnState) -> tuple[Clock, ...]:
    proof = record.seller_proof
    clocks: list[tuple[ClockKind, int | None, str]] = []
    if state is ReturnState.ASKED:
        clocks.append((ClockKind.RETURN, record.due_date, "due_date"))
    if state is ReturnState.ARRIVED:
        clocks.append((ClockKind.INSPECT, record.return_seller_due_date, "return_seller_due_date"))
    if proof is not None and proof.seller_proof_status == "PENDING":
        clocks.append((ClockKind.RETURN, proof.seller_evidence_deadline, "seller_evidence_deadline"))
    return tuple(
        Clock(
            kind,
            due_at,
            Consequence.BUYER_PAID,
            StopEvent.ANSWERED,
            f"shopee:{field}",
            ClockScope.RETURN,
            record.return_sn,
        )
        for kind, due_at, field in clocks
        if due_at is not None and due_at > 0
    )


def _offered(negotiation: Negotiation | None, currency: str) -> Money | None:
    if negotiation is None or not negotiation.latest_offer_amount or not negotiation.latest_solution:
        return None
    return read_amount(negotiation.latest_offer_amount, currency)


def _by_buyer(negotiation: Negotiation | None) -> bool:
    return negotiation is not None and (negotiation.latest_offer_creator or "").upper() == "BUYER"


def _wire(negotiation: Negotiation | None, offered: Money | None, *, countered: bool) -> tuple[tuple[str, str], ...]:
    if negotiation is None or offered is None:
        return ()
    wire = [("offered", str(offered.minor)), ("solution", sanitise_cell(negotiation.latest_solution or ""))]
    if countered:
        wire.append(("countered", "1"))
    if countered or negotiation.negotiation_status == "PENDING_RESPOND":
        wire.append(("offer_declined", "1"))
    return tuple(wire)


def _line(item: ReturnItem, currency: str) -> ReturnLine:
    refund = item.refund_amount
    return ReturnLine(
        line_id=f"{item.item_id}-{item.model_id}",
        order_line_id=f"{item.item_id}-{item.model_id}",
        sku=sanitise_cell(item.variation_sku or item.item_sku or ""),
        sku_id=item.model_id if item.model_id != "0" else item.item_id,
        product_name=sanitise_cell(item.name or ""),
        variant_name="",
        quantity=item.amount or 1,
        refund=read_amount(refund, currency) if refund is not None else None,
    )
