"""Why a verb cannot be done on an order of Shopee; None where it can."""

from __future__ import annotations

from shoptui.adapters.base import Unsupported
from shoptui.domain.orders import CLOSED, Flag, Order, ShippingType, Status

_BY_PLATFORM = Unsupported("Shopee fulfils this order itself.", "fulfilled_by_platform")
_CANCEL_REQUESTED = Unsupported("The buyer asks to cancel; answer that first.", "cancel_requested")
_CLOSED = Unsupported("The order is closed.", "closed")
_NO_PACKAGE = Unsupported("The order has no package that waits to be shipped; read it again.", "no_package")

_NOT_SHIPPABLE_NOW = {
    Status.UNPAID: Unsupported("The buyer has not paid yet.", "unpaid"),
    Status.ON_HOLD: Unsupported("Shopee still holds the order; it opens by itself.", "on_hold"),
    Status.TO_HAND_OVER: Unsupported("Shipment is arranged already; hand the parcel over.", "to_hand_over"),
    Status.IN_TRANSIT: Unsupported("The carrier has the parcel already.", "in_transit"),
    Status.DELIVERY_FAILED: Unsupported("The carrier has had the parcel already.", "shipped"),
    Status.RETURNING: Unsupported("The parcel is on its way back.", "shipped"),
    Status.DELIVERED: Unsupported("The parcel is delivered.", "shipped"),
    Status.COMPLETED: Unsupported("The order is completed.", "closed"),
    Status.LOST: Unsupported("The parcel is lost.", "closed"),
    Status.CANCELLED: Unsupported("The order is cancelled.", "closed"),
}
_SHIPPED = frozenset(
    {Status.IN_TRANSIT, Status.DELIVERY_FAILED, Status.RETURNING, Status.DELIVERED, Status.COMPLETED, Status.LOST}
)


def ship(order: Order) -> Unsupported | None:
    if order.shipping_type is ShippingType.SELLER:
        return Unsupported("Your own carrier ships this order; give its tracking number instead.", "seller_shipping")
    return _arrange(order)


def ship_own(order: Order) -> Unsupported | None:
    """Orders of a channel whose kind is not known pass: Shopee's shipping parameters tell."""
    if order.shipping_type is ShippingType.PLATFORM:
        return Unsupported("Shopee's carrier ships this order; it takes no number of yours.", "platform_shipping")
    return _arrange(order)


def label(order: Order) -> Unsupported | None:
    """An order that waits for shipment passes: its label may follow the shipment that is ordered with it."""
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if order.shipping_type is ShippingType.SELLER:
        return Unsupported("Your own carrier ships this order, so Shopee has no label for it.", "seller_shipping")
    if order.shipping_type is ShippingType.STORE_PICKUP:
        return Unsupported("The buyer fetches this order in the store.", "store_pickup")
    if order.status in {Status.UNPAID, Status.ON_HOLD, Status.CANCELLED}:
        return _NOT_SHIPPABLE_NOW[order.status]
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
    return None


def answer_cancel(order: Order) -> Unsupported | None:
    if order.flags & Flag.CANCEL_REQUESTED:
        return None
    return Unsupported("The buyer has not asked to cancel, or the request is settled.", "no_request")


def split(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if (reason := _state(order)) is not None:
        return reason
    if len(order.packages) > 1:
        return Unsupported("The order is split already.", "no_split")
    if sum(line.status is Status.TO_SHIP for line in order.lines) < 2:
        return Unsupported("The order has only one item to ship; there is nothing to split.", "one_item")
    return None


def _arrange(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if order.shipping_type is ShippingType.STORE_PICKUP:
        return Unsupported("The buyer fetches this order in the store.", "store_pickup")
    return _state(order)


def _state(order: Order) -> Unsupported | None:
    if order.status is Status.UNKNOWN:
        return Unsupported(
            f"Shopee calls this order {order.raw_status}, which shoptui does not know.", "unknown_status"
        )
    if order.status in _NOT_SHIPPABLE_NOW:
        return _NOT_SHIPPABLE_NOW[order.status]
    if order.flags & Flag.CANCEL_REQUESTED:
        return _CANCEL_REQUESTED
    if not any(package.status is Status.TO_SHIP for package in order.packages):
        return _NO_PACKAGE
    return None
