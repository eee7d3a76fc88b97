"""Lazada's reverse orders in the house's vocabulary; a request stands where the least settled of its units stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.chat_text import web_link
from shoptui.adapters.lazada.return_wire import HistoryStep, ReverseLine, ReverseRecord
from shoptui.adapters.lazada.times import from_number
from shoptui.adapters.return_answers import FOR_GOODS, NO_ANSWERS, goods_come_back
from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.money import Money, MoneyError, minor_digits
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

_S = ReturnState

#: Words of Lazada (sheet, section 9). `CANCEL_SUCCESS` and the like are of wishes to cancel, which are orders' affair.
STATES: Mapping[str, ReturnState] = MappingProxyType(
    {
        "REQUEST_INITIATE": _S.ASKED,
        "REQUEST_REJECT": _S.REFUSED,
        "REQUEST_CANCEL": _S.WITHDRAWN,
        "CANCEL_SUCCESS": _S.CLOSED,
        "REFUND_PENDING": _S.REFUNDED,
        "REFUND_AUTHORIZED": _S.REFUNDED,
        "REFUND_SUCCESS": _S.REFUNDED,
        "REFUND_REJECT": _S.REFUSED,
        "REQUEST_COMPLETE": _S.CLOSED,
        "SELLER_AGREE_RETURN": _S.BUYER_SENDS,
        "SELLER_REJECT_RETURN": _S.REFUSED,
        "BUYER_RETURN_ITEM": _S.ON_WAY_BACK,
        "SELLER_AGREE_REFUND": _S.REFUNDED,
        "SELLER_REJECT_REFUND": _S.REFUSED,
        "CS_APPROVING": _S.JUDGED,
        "AGREE_CANCEL_ORDER": _S.CLOSED,
        "REJECT_CANCEL_ORDER": _S.REFUSED,
    }
)
#: Statuses in which something is still to come, for the full sweep.
OPEN_STATUSES = ("REQUEST_INITIATE", "SELLER_AGREE_RETURN", "BUYER_RETURN_ITEM", "CS_APPROVING")
#: What is asked for by the two kinds of requests that are no wishes to cancel.
ASKS: Mapping[str, ReturnAsk] = MappingProxyType({"RETURN": ReturnAsk.RETURN, "ONLY_REFUND": ReturnAsk.REFUND})

_DELIVERED = "RETURN_DELIVERED"
#: Whose units decide where the whole request stands, the first that has any.
_FIRST = (
    _S.ASKED,
    _S.ARRIVED,
    _S.JUDGED,
    _S.UNKNOWN,
    _S.BUYER_SENDS,
    _S.ON_WAY_BACK,
    _S.REFUNDED,
    _S.REFUSED,
    _S.CLOSED,
    _S.WITHDRAWN,
)
_GONE = frozenset({_S.REFUSED, _S.WITHDRAWN})
_ASKED = frozenset({ReturnAnswer.AGREE, ReturnAnswer.REFUND_ONLY, ReturnAnswer.REFUSE})
_WHO = MappingProxyType({"BUYER": "buyer", "SELLER": "store", "CS": "platform", "SYSTEM": "system"})


def to_request(record: ReverseRecord, store_id: str, currency: str) -> ReturnRequest:
    """Raises ValueError for an amount the currency does not have. `currency` is the store's: Lazada names none."""
    units = [(line, _state(line, to_seller=record.is_rtm is not False)) for line in record.reverse_order_lines]
    states = {state for _, state in units}
    state = next(one for one in _FIRST if one in states)
    counted = [line for line, one in units if one not in _GONE] or [line for line, _ in units]
    value = sum(amount(line.refund_amount, currency).minor for line in counted)
    first = next(line for line, one in units if one is state)
    waiting = [line for line, one in units if one is state]
    ask = ASKS.get(record.request_type, ReturnAsk.RETURN)
    return ReturnRequest(
        store_id=store_id,
        return_id=record.reverse_order_id,
        order_no=record.trade_order_id,
        ask=ask,
        state=state,
        raw_state=sanitise_cell(first.reverse_status),
        value=Money(value, currency),
        created_at=min(from_number(line.return_order_line_gmt_create) or 0 for line, _ in units),
        updated_at=max(from_number(line.return_order_line_gmt_modified) or 0 for line, _ in units),
        reason_id=first.reason_code or "",
        reason=sanitise_cell(first.reason_text or ""),
        buyer_id=(first.buyer.buyer_id if first.buyer else None) or "",
        lines=tuple(_line(line, currency) for line, _ in units),
        answers=_answers(record, state),
        goods_come_back=goods_come_back(ask, state),
        tracking_number=sanitise_cell(next((line.tracking_number for line, _ in units if line.tracking_number), "")),
        ship_to=sanitise_cell(next((line.receiver_address for line, _ in units if line.receiver_address), "")),
        disputed=any(bool(line.is_dispute) for line, _ in units) or first.reverse_status == "CS_APPROVING",
        clocks=_clocks(record.reverse_order_id, state, waiting),
        wire=(
            ("type", sanitise_cell(record.request_type)),
            ("lines", ",".join(line.reverse_order_line_id for line in waiting)),
        ),
    )


def to_event(step: HistoryStep) -> ReturnEvent:
    """A step of a unit's history; Lazada tells who and when, with pictures, but not what."""
    links = tuple(link for raw in step.picture or () if (link := web_link(raw)))
    who = _WHO.get((step.operator or "").upper(), "system")
    return ReturnEvent(from_number(step.time) or 0, who, sanitise_cell(step.operator or ""), links=links)


def amount(minor: int, currency: str) -> Money:
    """Whole dong in Vietnam, hundredths everywhere else, also where the currency has none (sheet, section 9).

    Raises MoneyError for hundredths that are no whole amount of such a currency.
    """
    if currency == "VND" or minor_digits(currency) == 2:
        return Money(minor, currency)
    whole, rest = divmod(minor, 100)
    if rest:
        raise MoneyError(f"{minor} hundredths have more decimals than {currency} knows")
    return Money(whole, currency)


def _state(line: ReverseLine, *, to_seller: bool) -> ReturnState:
    state = STATES.get(line.reverse_status, _S.UNKNOWN)
    if state is _S.ON_WAY_BACK and line.ofc_status == _DELIVERED:
        state = _S.ARRIVED
    # What goes to Lazada's warehouse is Lazada's to decide.
    return _S.JUDGED if state in OUR_TURN and not to_seller else state


def _answers(record: ReverseRecord, state: ReturnState) -> frozenset[ReturnAnswer]:
    if record.request_type not in ASKS:
        return NO_ANSWERS
    if state is _S.ARRIVED:
        return FOR_GOODS
    return _ASKED if state is _S.ASKED else NO_ANSWERS


def _clocks(return_id: str, state: ReturnState, lines: Sequence[ReverseLine]) -> tuple[Clock, ...]:
    dues = [due_at for line in lines if (due_at := from_number(line.sla)) is not None]
    if state not in OUR_TURN or not dues:
        return ()
    kind = ClockKind.INSPECT if state is _S.ARRIVED else ClockKind.RETURN
    due_at = min(dues)
    return (
        Clock(kind, due_at, Consequence.BUYER_PAID, StopEvent.ANSWERED, "lazada:sla", ClockScope.RETURN, return_id),
    )


def _line(line: ReverseLine, currency: str) -> ReturnLine:
    return ReturnLine(
        line_id=line.reverse_order_line_id,
        order_line_id=line.trade_order_line_id or "",
        sku=sanitise_cell(line.seller_sku_id or ""),
        sku_id=line.platform_sku_id or (line.product.product_sku if line.product else None) or "",
        product_name="",
        variant_name="",
        quantity=1,
        refund=amount(line.refund_amount, currency),
    )
