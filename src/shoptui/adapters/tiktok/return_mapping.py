"""TikTok Shop's return requests in the house's vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.amounts import read_amount
from shoptui.adapters.chat_text import message_text, web_link
from shoptui.adapters.return_answers import ASK_ANSWERS, NO_ANSWERS, goods_come_back
from shoptui.adapters.tiktok.return_wire import HistoryRecord, NextAction, ReturnLineRecord, ReturnRecord
from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.returns import (
    OUR_TURN,
    ReturnAnswer,
    ReturnAsk,
    ReturnEvent,
    ReturnLine,
    ReturnRequest,
    ReturnState,
)
from shoptui.text import sanitise_cell

#: Words of TikTok Shop (sheet, section 9.2); an exchange is a replacement by another variant.
ASKS: Mapping[str, ReturnAsk] = MappingProxyType(
    {
        "REFUND": ReturnAsk.REFUND,
        "RETURN_AND_REFUND": ReturnAsk.RETURN,
        "REPLACEMENT": ReturnAsk.REPLACE,
        "EXCHANGE": ReturnAsk.REPLACE,
    }
)
#: Words of TikTok Shop (sheet, section 9.3). `BUYER_SHIPPED_ITEM` stays until the seller has looked at the goods.
STATES: Mapping[str, ReturnState] = MappingProxyType(
    {
        "RETURN_OR_REFUND_REQUEST_PENDING": ReturnState.ASKED,
        "AWAITING_BUYER_RESPONSE": ReturnState.OFFERED,
        "AWAITING_BUYER_SHIP": ReturnState.BUYER_SENDS,
        "BUYER_SHIPPED_ITEM": ReturnState.ON_WAY_BACK,
        "RETURN_OR_REFUND_REQUEST_SUCCESS": ReturnState.REFUNDED,
        "RETURN_OR_REFUND_REQUEST_COMPLETE": ReturnState.REFUNDED,
        "REFUND_OR_RETURN_REQUEST_REJECT": ReturnState.REFUSED,
        "REJECT_RECEIVE_PACKAGE": ReturnState.REFUSED,
        "RETURN_OR_REFUND_REQUEST_CANCEL": ReturnState.WITHDRAWN,
        "REPLACEMENT_REQUEST_PENDING": ReturnState.ASKED,
        "REPLACEMENT_REQUEST_REJECT": ReturnState.REFUSED,
        "REPLACEMENT_REQUEST_REFUND_SUCCESS": ReturnState.REFUNDED,
        "REPLACEMENT_REQUEST_CANCEL": ReturnState.WITHDRAWN,
        "REPLACEMENT_REQUEST_COMPLETE": ReturnState.CLOSED,
        "EXCHANGE_REQUEST_PENDING": ReturnState.ASKED,
        "EXCHANGE_REQUEST_REFUND_SUCCESS": ReturnState.REFUNDED,
        "EXCHANGE_REQUEST_CANCEL": ReturnState.WITHDRAWN,
        "EXCHANGE_REQUEST_COMPLETE": ReturnState.CLOSED,
    }
)
#: Statuses in which something is still to come, for the full sweep.
OPEN_STATUSES = (
    "RETURN_OR_REFUND_REQUEST_PENDING",
    "AWAITING_BUYER_RESPONSE",
    "AWAITING_BUYER_SHIP",
    "BUYER_SHIPPED_ITEM",
    "REPLACEMENT_REQUEST_PENDING",
    "EXCHANGE_REQUEST_PENDING",
)
IN_ARBITRATION = "IN_PROGRESS"
_RECEIVE = "SELLER_RESPOND_RECEIVE_PACKAGE"
_SOURCE = "tiktok:seller_next_action_response.deadline"
_WHO = MappingProxyType({"BUYER": "buyer", "SELLER": "store", "OPERATOR": "platform", "SYSTEM": "system"})


def to_request(record: ReturnRecord, store_id: str) -> ReturnRequest:
    """Raises ValueError for a sum that is no exact amount."""
    total = read_amount(record.refund_amount.refund_total, record.refund_amount.currency)
    actions = record.seller_next_action_response or []
    disputed = bool(record.arbitration_status)
    state = _state(record, actions)
    ask = ASKS.get(record.return_type, ReturnAsk.RETURN)
    offered = _offered(record)
    wire: list[tuple[str, str]] = [("type", sanitise_cell(record.return_type))]
    if offered is not None:
        wire.append(("offered", str(offered.minor)))
    if record.buyer_rejected_partial_refund:
        wire.append(("offer_declined", "1"))
    address = record.return_warehouse_address
    return ReturnRequest(
        store_id=store_id,
        return_id=record.return_id,
        order_no=record.order_id,
        ask=ask,
        state=state,
        raw_state=sanitise_cell(record.return_status),
        value=offered if state is ReturnState.OFFERED and offered is not None else total,
        created_at=record.create_time,
        updated_at=record.update_time,
        reason_id=sanitise_cell(record.return_reason or ""),
        reason=sanitise_cell(record.return_reason_text or "") or _words_of(record.return_reason or ""),
        lines=tuple(_line(each) for each in record.return_line_items or ()),
        answers=_answers(record, ask, state),
        goods_come_back=goods_come_back(ask, state, keeps=bool(record.can_buyer_keep_item)),
        tracking_number=sanitise_cell(record.return_tracking_number or ""),
        carrier_name=sanitise_cell(record.return_provider_name or ""),
        ship_to=sanitise_cell((address.full_address if address else None) or ""),
        disputed=disputed,
        clocks=_clocks(record.return_id, state, actions),
        wire=tuple(wire),
    )


def to_event(record: HistoryRecord) -> ReturnEvent:
    """A record of the request's history; a time that cannot be read is 0."""
    links = [picture.url for picture in record.images or ()] + [video.url for video in record.videos or ()]
    return ReturnEvent(
        at=record.create_time or 0,
        who=_WHO.get(record.role or "", "system"),
        what=sanitise_cell(record.description or record.event or ""),
        note=message_text(record.note or record.reason_text or ""),
        links=tuple(link for raw in links if (link := web_link(raw or ""))),
    )


def _state(record: ReturnRecord, actions: Sequence[NextAction]) -> ReturnState:
    if record.arbitration_status == IN_ARBITRATION:
        return ReturnState.JUDGED
    state = STATES.get(record.return_status, ReturnState.UNKNOWN)
    if state is ReturnState.ON_WAY_BACK and any(each.action == _RECEIVE for each in actions):
        return ReturnState.ARRIVED
    return state


def _answers(record: ReturnRecord, ask: ReturnAsk, state: ReturnState) -> frozenset[ReturnAnswer]:
    if record.return_type not in ASKS or record.return_type == "EXCHANGE":
        # No decision is documented for an exchange, and none for what we do not know.
        return NO_ANSWERS
    if state is ReturnState.ARRIVED:
        # The package of a quick refund cannot be refused: its buyer is paid already (sheet, section 9.2).
        goods_no = NO_ANSWERS if record.is_quick_refund else frozenset({ReturnAnswer.GOODS_REFUSED})
        return goods_no | {ReturnAnswer.GOODS_OK}
    if state is not ReturnState.ASKED:
        return NO_ANSWERS
    return ASK_ANSWERS - {ReturnAnswer.OFFER} if ask is ReturnAsk.REPLACE else ASK_ANSWERS


def _clocks(return_id: str, state: ReturnState, actions: Sequence[NextAction]) -> tuple[Clock, ...]:
    if state not in OUR_TURN:
        return ()
    kind = ClockKind.INSPECT if state is ReturnState.ARRIVED else ClockKind.RETURN
    goods = kind is ClockKind.INSPECT
    dues = [each.deadline for each in actions if each.deadline and (each.action == _RECEIVE) == goods]
    if not dues:
        return ()
    due_at = min(dues)
    return (Clock(kind, due_at, Consequence.BUYER_PAID, StopEvent.ANSWERED, _SOURCE, ClockScope.RETURN, return_id),)


def _offered(record: ReturnRecord) -> Money | None:
    if record.partial_refund is None:
        return None
    return read_amount(record.partial_refund.amount, record.partial_refund.currency)


def _line(record: ReturnLineRecord) -> ReturnLine:
    """One unit, as TikTok Shop counts them."""
    amount = record.refund_amount
    return ReturnLine(
        line_id=record.return_line_item_id or "",
        order_line_id=record.order_line_item_id or "",
        sku=sanitise_cell(record.seller_sku or ""),
        sku_id=record.sku_id or "",
        product_name=sanitise_cell(record.product_name or ""),
        variant_name=sanitise_cell(record.sku_name or ""),
        quantity=1,
        refund=read_amount(amount.refund_total, amount.currency) if amount is not None else None,
    )


def _words_of(reason: str) -> str:
    words = sanitise_cell(reason.rsplit("reason_", 1)[-1].replace("_", " "))
    return words[:1].upper() + words[1:]
