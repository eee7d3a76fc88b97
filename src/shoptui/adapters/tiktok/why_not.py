"""Why a verb other than ship cannot be done on an order of TikTok Shop; None where it can."""

from __future__ import annotations

from shoptui.adapters import reasons
from shoptui.adapters.base import Unsupported
from shoptui.adapters.reasons import NOT_PHYSICAL
from shoptui.adapters.stages import COLLECTED
from shoptui.adapters.tiktok.markets import BY_PLATFORM, ON_HOLD, SEA, UNKNOWN_SHIPPING
from shoptui.domain.orders import CLOSED, Flag, Order, ShippingType, Status
from shoptui.domain.stores import Store

#: Here sellers cancel until the carrier has the parcel, elsewhere until shipment is arranged (sheet, section 5.3).
CANCEL_ARRANGED = frozenset({"US"})
#: Here a seller's own shipment is a ship call with a tracking number; elsewhere it is marked as shipped (section 6.1).
SELF_SHIPMENT = SEA | {"BR", "MX"}

_NOT_SHIPPED = Unsupported("The order is not shipped yet; there is nothing to correct.", "not_arranged")


def label(order: Order) -> Unsupported | None:
    """An order that waits for shipment passes: its label may follow the shipment that is ordered with it."""
    if (reason := _by_platform_alone(order)) is not None:
        return reason
    if order.status in {Status.UNPAID, Status.ON_HOLD}:
        return _waits(order)
    if order.status is Status.CANCELLED:
        return reasons.IS_CLOSED
    if order.status in COLLECTED:
        return reasons.LABEL_LATE
    return reasons.CANCEL_REQUESTED if order.flags & Flag.CANCEL_REQUESTED else None


def ship_own(store: Store, order: Order) -> Unsupported | None:
    if (reason := _by_seller_alone(order) or _waits(order)) is not None:
        return reason
    if order.status is Status.TO_HAND_OVER:
        return reasons.IS_ARRANGED
    if order.status in COLLECTED:
        return reasons.WITH_CARRIER
    if order.status is Status.CANCELLED:
        return reasons.IS_CLOSED
    if order.flags & Flag.CANCEL_REQUESTED:
        return reasons.CANCEL_REQUESTED
    if order.flags & Flag.RETURN_OPEN:
        return reasons.RETURN_OPEN
    return None if store.region == "US" else reasons.no_parcel(order)


def change_tracking(order: Order) -> Unsupported | None:
    if (reason := _by_seller_alone(order) or _waits(order)) is not None:
        return reason
    if order.status in CLOSED or order.status is Status.DELIVERED:
        return reasons.IS_CLOSED
    # In an order shipped in part some packages can be corrected; the marketplace tells which.
    if order.status is Status.TO_SHIP and not order.flags & Flag.PART_SHIPPED:
        return _NOT_SHIPPED
    return None


def cancel(store: Store, order: Order) -> Unsupported | None:
    if (reason := reasons.cancel(order, BY_PLATFORM)) is not None:
        return reason
    if order.status is Status.TO_HAND_OVER and store.region not in CANCEL_ARRANGED:
        return Unsupported("Shipment is arranged; here sellers cancel only before that.", "arranged")
    return None


def answer_cancel(order: Order) -> Unsupported | None:
    return reasons.answer_cancel(order)


def split(order: Order) -> Unsupported | None:
    return _repack(order) or reasons.one_item(order)


def combine(order: Order) -> Unsupported | None:
    return _repack(order)


def _repack(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return BY_PLATFORM
    if (reason := NOT_PHYSICAL.get(order.shipping_type) or _waits(order)) is not None:
        return reason
    if order.status is Status.TO_HAND_OVER:
        return reasons.IS_ARRANGED
    if order.status in CLOSED:
        return reasons.IS_CLOSED
    if order.status is not Status.TO_SHIP:
        return reasons.WITH_CARRIER
    if order.flags & Flag.CANCEL_REQUESTED:
        return reasons.CANCEL_REQUESTED
    return reasons.no_parcel(order)


def _by_platform_alone(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return BY_PLATFORM
    if order.shipping_type is ShippingType.SELLER:
        return Unsupported("Your own carrier ships this order, so TikTok Shop has no label for it.", "seller_shipping")
    return NOT_PHYSICAL.get(order.shipping_type)


def _by_seller_alone(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return BY_PLATFORM
    if order.shipping_type is ShippingType.PLATFORM:
        return Unsupported("TikTok Shop's carrier ships this order; it takes no number of yours.", "platform_shipping")
    if order.shipping_type is ShippingType.UNKNOWN:
        return UNKNOWN_SHIPPING
    return NOT_PHYSICAL.get(order.shipping_type)


def _waits(order: Order) -> Unsupported | None:
    return reasons.not_open(order, "TikTok Shop", ON_HOLD)
