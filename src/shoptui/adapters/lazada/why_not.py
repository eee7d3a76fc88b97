"""Why a verb cannot be done on an order of Lazada; None where it can."""

from __future__ import annotations

from shoptui.adapters.base import Unsupported
from shoptui.domain.orders import CLOSED, Flag, Order, ShippingType, Status

_BY_PLATFORM = Unsupported("Lazada fulfils this order itself.", "fulfilled_by_platform")
_CANCEL_REQUESTED = Unsupported("The buyer asks to cancel; answer that first.", "cancel_requested")
_CLOSED = Unsupported("The order is closed.", "closed")
_UNPAID = Unsupported("The buyer has not paid yet.", "unpaid")
_BEING_CANCELLED = Unsupported("Lazada is cancelling the order and waits for the carrier's word.", "on_hold")
_ARRANGED = Unsupported("Shipment is arranged already; hand the parcel over.", "to_hand_over")
_WITH_CARRIER = Unsupported("The carrier has the parcel already.", "in_transit")
_NO_PARCEL = Unsupported("The order has no parcel that waits to be shipped; read it again.", "no_package")

_NOT_PHYSICAL = {
    ShippingType.DIGITAL: Unsupported("Digital goods are not shipped.", "digital"),
    ShippingType.STORE_PICKUP: Unsupported("The buyer fetches this order in the store.", "store_pickup"),
}
_SHIPPED = frozenset({Status.IN_TRANSIT, Status.DELIVERY_FAILED, Status.RETURNING, Status.DELIVERED})


def ship(order: Order) -> Unsupported | None:
    if (reason := _not_this_kind(order)) is not None:
        return reason
    if order.shipping_type is ShippingType.SELLER:
        return Unsupported("Your own fleet brings this order; give its tracking number instead.", "seller_shipping")
    return _to_go(order)


def ship_own(order: Order) -> Unsupported | None:
    if (reason := _not_this_kind(order)) is not None:
        return reason
    if order.shipping_type is not ShippingType.SELLER:
        return Unsupported("Lazada's carrier ships this order; it takes no number of yours.", "platform_shipping")
    return _to_go(order)


def label(order: Order) -> Unsupported | None:
    """An order that waits for shipment passes: its label may follow the shipment that is ordered with it."""
    if (reason := _not_this_kind(order)) is not None:
        return reason
    if order.shipping_type is ShippingType.SELLER:
        return Unsupported("Your own fleet brings this order, so Lazada has no label for it.", "seller_shipping")
    if (reason := _waits(order)) is not None:
        return reason
    if order.status in CLOSED:
        return _CLOSED
    if order.status in _SHIPPED:
        return Unsupported("There is no label after pick-up.", "label_late")
    return _CANCEL_REQUESTED if order.flags & Flag.CANCEL_REQUESTED else None


def cancel(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if order.flags & Flag.CANCEL_REQUESTED:
        return Unsupported("The buyer asks to cancel; answer that instead.", "answer_first")
    if order.status in CLOSED:
        return _CLOSED
    if order.status in _SHIPPED:
        return Unsupported("The carrier has the parcel; a return takes it from here.", "in_transit")
    return _BEING_CANCELLED if order.status is Status.ON_HOLD else None


def answer_cancel(order: Order) -> Unsupported | None:
    if order.flags & Flag.CANCEL_REQUESTED:
        return None
    return Unsupported("The buyer has not asked to cancel, or the request is settled.", "no_request")


def split(order: Order) -> Unsupported | None:
    if (reason := _not_this_kind(order) or _to_go(order)) is not None:
        return reason
    if sum(line.quantity for line in order.lines if line.status is Status.TO_SHIP) < 2:
        return Unsupported("The order has only one item to ship; there is nothing to split.", "one_item")
    return None


def _not_this_kind(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    return _NOT_PHYSICAL.get(order.shipping_type)


def _to_go(order: Order) -> Unsupported | None:
    if (reason := _waits(order)) is not None:
        return reason
    if order.status is Status.TO_HAND_OVER:
        return _ARRANGED
    if order.status in CLOSED:
        return _CLOSED
    if order.status in _SHIPPED:
        return _WITH_CARRIER
    if order.flags & Flag.CANCEL_REQUESTED:
        return _CANCEL_REQUESTED
    if not any(package.status is Status.TO_SHIP for package in order.packages):
        return _NO_PARCEL
    return None


def _waits(order: Order) -> Unsupported | None:
    """What keeps every kind of handling back before the order is ready, or when its status is unknown."""
    if order.status is Status.UNPAID:
        return _UNPAID
    if order.status is Status.ON_HOLD:
        return _BEING_CANCELLED
    if order.status is Status.UNKNOWN:
        words = f"Lazada calls this order {order.raw_status}, which shoptui does not know."
        return Unsupported(words, "unknown_status")
    return None
