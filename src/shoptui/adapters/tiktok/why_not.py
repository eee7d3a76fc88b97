"""Why a verb other than ship cannot be done on an order of TikTok Shop; None where it can."""

from __future__ import annotations

from shoptui.adapters.base import Unsupported
from shoptui.adapters.tiktok.markets import SEA
from shoptui.domain.orders import CLOSED, Flag, Order, ShippingType, Status
from shoptui.domain.stores import Store

#: Here single items of an order can be cancelled, when they are out of stock (sheet, section 8.3).
PARTIAL_CANCEL = frozenset({"US", "GB"})
#: Here sellers cancel until the carrier has the parcel, elsewhere until shipment is arranged (sheet, section 5.3).
CANCEL_ARRANGED = frozenset({"US"})
#: Here a seller's own shipment is a ship call with a tracking number; elsewhere it is marked as shipped (section 6.1).
SELF_SHIPMENT = SEA | {"BR", "MX"}

_BY_PLATFORM = Unsupported("TikTok fulfils this order itself.", "fulfilled_by_platform")
_CANCEL_REQUESTED = Unsupported("The buyer asks to cancel; answer that first.", "cancel_requested")
_CLOSED = Unsupported("The order is closed.", "closed")
_UNPAID = Unsupported("The buyer has not paid yet.", "unpaid")
_ON_HOLD = Unsupported("The order is on hold while the buyer may still cancel freely; it opens by itself.", "on_hold")
_ARRANGED = Unsupported("Shipment is arranged already; hand the parcel over.", "to_hand_over")
_WITH_CARRIER = Unsupported("The carrier has the parcel already.", "in_transit")
_NOT_SHIPPED = Unsupported("The order is not shipped yet; there is nothing to correct.", "not_arranged")

_NOT_PHYSICAL = {
    ShippingType.DIGITAL: Unsupported("Digital goods are not shipped.", "digital"),
    ShippingType.STORE_PICKUP: Unsupported("The buyer fetches this order in the store.", "store_pickup"),
}
_SHIPPED = frozenset(
    {Status.IN_TRANSIT, Status.DELIVERY_FAILED, Status.RETURNING, Status.DELIVERED, Status.COMPLETED, Status.LOST}
)


def label(order: Order) -> Unsupported | None:
    """An order that waits for shipment passes: its label may follow the shipment that is ordered with it."""
    if (reason := _by_platform_alone(order)) is not None:
        return reason
    if order.status in {Status.UNPAID, Status.ON_HOLD}:
        return _waits(order)
    if order.status is Status.CANCELLED:
        return _CLOSED
    if order.status in _SHIPPED:
        return Unsupported("There is no label after pick-up.", "label_late")
    return _CANCEL_REQUESTED if order.flags & Flag.CANCEL_REQUESTED else None


def ship_own(store: Store, order: Order) -> Unsupported | None:
    if (reason := _by_seller_alone(order) or _waits(order)) is not None:
        return reason
    if order.status is Status.TO_HAND_OVER:
        return _ARRANGED
    if order.status in _SHIPPED:
        return _WITH_CARRIER
    if order.status is Status.CANCELLED:
        return _CLOSED
    if order.flags & Flag.CANCEL_REQUESTED:
        return _CANCEL_REQUESTED
    if order.flags & Flag.RETURN_OPEN:
        return Unsupported("A return or refund is open; settle it first.", "return_open")
    if store.region != "US" and not any(package.status is Status.TO_SHIP for package in order.packages):
        return Unsupported("The order has no package that waits to be shipped; read it again.", "no_package")
    return None


def change_tracking(order: Order) -> Unsupported | None:
    if (reason := _by_seller_alone(order) or _waits(order)) is not None:
        return reason
    if order.status in CLOSED or order.status is Status.DELIVERED:
        return _CLOSED
    # In an order shipped in part some packages can be corrected; the marketplace tells which.
    if order.status is Status.TO_SHIP and not order.flags & Flag.PART_SHIPPED:
        return _NOT_SHIPPED
    return None


def cancel(store: Store, order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if order.flags & Flag.CANCEL_REQUESTED:
        return Unsupported("The buyer asks to cancel; answer that instead.", "answer_first")
    if order.status in CLOSED:
        return _CLOSED
    if order.status is Status.TO_HAND_OVER and store.region not in CANCEL_ARRANGED:
        return Unsupported("Shipment is arranged; here sellers cancel only before that.", "arranged")
    if order.status in _SHIPPED:
        return Unsupported("The carrier has the parcel; a return takes it from here.", "in_transit")
    return None


def answer_cancel(order: Order) -> Unsupported | None:
    if order.flags & Flag.CANCEL_REQUESTED:
        return None
    return Unsupported("The buyer has not asked to cancel, or the request is settled.", "no_request")


def split(order: Order) -> Unsupported | None:
    if (reason := _repack(order)) is not None:
        return reason
    if sum(line.quantity for line in order.lines if line.status is Status.TO_SHIP) < 2:
        return Unsupported("The order has only one item to ship; there is nothing to split.", "one_item")
    return None


def combine(order: Order) -> Unsupported | None:
    return _repack(order)


def _repack(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if (reason := _NOT_PHYSICAL.get(order.shipping_type) or _waits(order)) is not None:
        return reason
    if order.status is Status.TO_HAND_OVER:
        return _ARRANGED
    if order.status in CLOSED:
        return _CLOSED
    if order.status is not Status.TO_SHIP:
        return _WITH_CARRIER
    if order.flags & Flag.CANCEL_REQUESTED:
        return _CANCEL_REQUESTED
    if not any(package.status is Status.TO_SHIP for package in order.packages):
        return Unsupported("The order has no package that waits to be shipped; read it again.", "no_package")
    return None


def _by_platform_alone(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if order.shipping_type is ShippingType.SELLER:
        return Unsupported("Your own carrier ships this order, so TikTok Shop has no label for it.", "seller_shipping")
    return _NOT_PHYSICAL.get(order.shipping_type)


def _by_seller_alone(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if order.shipping_type is ShippingType.PLATFORM:
        return Unsupported("TikTok Shop's carrier ships this order; it takes no number of yours.", "platform_shipping")
    if order.shipping_type is ShippingType.UNKNOWN:
        return Unsupported(
            "TikTok Shop's shipping type of this order is not known to shoptui; ship it in Seller Center.",
            "unknown_shipping",
        )
    return _NOT_PHYSICAL.get(order.shipping_type)


def _waits(order: Order) -> Unsupported | None:
    """What keeps every kind of handling back before the order is ready, or when its status is unknown."""
    if order.status is Status.UNPAID:
        return _UNPAID
    if order.status is Status.ON_HOLD:
        return _ON_HOLD
    if order.status is Status.UNKNOWN:
        words = f"TikTok Shop calls this order {order.raw_status}, which shoptui does not know."
        return Unsupported(words, "unknown_status")
    return None
