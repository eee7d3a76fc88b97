"""What a house claims that no statement shows: goods lost on their way, or not back as they were sent."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.anomalies import Anomaly, AnomalyKind, price_of
from shoptui.domain.money import Money
from shoptui.domain.orders import Order, Status
from shoptui.domain.parcel_check import NOT_AS_SENT, ParcelCondition
from shoptui.domain.returns import ReturnAsk, ReturnRequest, ReturnState


class ClaimWhy(StrEnum):
    """What happened."""

    PARCEL_LOST = "parcel_lost"
    PARCEL_DAMAGED = "parcel_damaged"
    NOT_PAID = "not_paid"
    GOODS_NOT_BACK = "goods_not_back"
    NOT_AS_SENT = "not_as_sent"
    UNFOUNDED = "unfounded"


#: What may be said of each kind of claim.
WHYS: Mapping[AnomalyKind, tuple[ClaimWhy, ...]] = MappingProxyType(
    {
        AnomalyKind.ORDER_LOSS: (ClaimWhy.PARCEL_LOST, ClaimWhy.PARCEL_DAMAGED, ClaimWhy.NOT_PAID),
        AnomalyKind.RETURN_LOSS: (ClaimWhy.GOODS_NOT_BACK, ClaimWhy.NOT_AS_SENT, ClaimWhy.UNFOUNDED),
    }
)

#: Nothing was sold, or nothing has left the house: nothing is lost.
_NOTHING_LOST = frozenset({Status.UNPAID, Status.ON_HOLD, Status.TO_SHIP, Status.CANCELLED})
#: The buyer gets nothing by a request that ended so.
_NOTHING_PAID = frozenset({ReturnState.REFUSED, ReturnState.WITHDRAWN})


def order_claim(order: Order, now: int) -> Anomaly:
    """The claim about an order: what the buyer pays for its goods. Its difference is 0 where nothing can be lost."""
    lost = 0 if order.status in _NOTHING_LOST else price_of(order)
    why = ClaimWhy.PARCEL_LOST
    if order.status in {Status.DELIVERED, Status.COMPLETED}:
        why = ClaimWhy.NOT_PAID
    return _claim(AnomalyKind.ORDER_LOSS, order.store_id, order.order_no, Money(lost, order.total.currency), why, now)


def return_claim(request: ReturnRequest, condition: ParcelCondition | None, now: int) -> Anomaly:
    """The claim about a return: what the buyer is paid by it. `condition` is how the goods came back, None unchecked.

    Its difference is 0 where the buyer gets nothing, and for wishes to cancel, which are their orders' matter.
    """
    nothing = request.state in _NOTHING_PAID or request.ask is ReturnAsk.CANCEL
    value = Money(0, request.value.currency) if nothing else request.value
    why = ClaimWhy.UNFOUNDED
    if condition in NOT_AS_SENT:
        why = ClaimWhy.NOT_AS_SENT
    elif condition is None and request.state is ReturnState.REFUNDED and request.goods_come_back:
        why = ClaimWhy.GOODS_NOT_BACK
    return _claim(AnomalyKind.RETURN_LOSS, request.store_id, request.order_no, value, why, now)


def _claim(kind: AnomalyKind, store_id: str, order_no: str, value: Money, why: ClaimWhy, now: int) -> Anomaly:
    return Anomaly(kind, store_id, "", order_no, value, Money(0, value.currency), why.value, (), now)
