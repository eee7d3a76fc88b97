"""What differs between TikTok Shop's markets, and whether an order can be shipped from here."""

from __future__ import annotations

from shoptui.adapters.base import Unsupported
from shoptui.domain.orders import Flag, Order, ShippingType, Status
from shoptui.domain.stores import Store

#: Local sellers' choice of pick-up or drop-off is ignored here since 30 Oct 2024; the warehouse setting decides.
SEA = frozenset({"ID", "MY", "PH", "SG", "TH", "VN"})

#: Here a package comes into being by buying its label (Create Packages), which costs money and cannot be told apart
#: from a second purchase when the answer is lost.
LABEL_BUYING = frozenset({"US", "JP"})

_NOT_SHIPPABLE_NOW = {
    Status.UNPAID: Unsupported("The buyer has not paid yet.", "unpaid"),
    Status.ON_HOLD: Unsupported(
        "The order is on hold while the buyer may still cancel freely; it opens by itself.", "on_hold"
    ),
    Status.TO_HAND_OVER: Unsupported("Shipment is arranged already; hand the parcel over.", "to_hand_over"),
    Status.IN_TRANSIT: Unsupported("The carrier has the parcel already.", "in_transit"),
    Status.DELIVERY_FAILED: Unsupported("The carrier has had the parcel already.", "shipped"),
    Status.RETURNING: Unsupported("The parcel is on its way back.", "shipped"),
    Status.DELIVERED: Unsupported("The parcel is delivered.", "shipped"),
    Status.COMPLETED: Unsupported("The order is completed.", "closed"),
    Status.LOST: Unsupported("The parcel is lost.", "closed"),
    Status.CANCELLED: Unsupported("The order is cancelled.", "closed"),
}


def buys_labels(region: str) -> str:
    """Why packages cannot be shipped by us in this market, "" where they can."""
    if region in LABEL_BUYING:
        return f"In {region} shipping means buying a label in Seller Center; shoptui does not buy labels."
    return ""


def why_not_ship(store: Store, order: Order) -> Unsupported | None:
    """None if the order's packages can be shipped by a ship call, else the first reason against it."""
    return _not_this_kind(order) or _not_in_this_state(order) or _not_here(store, order)


def _not_this_kind(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return Unsupported("TikTok fulfils this order itself.", "fulfilled_by_platform")
    match order.shipping_type:
        case ShippingType.DIGITAL:
            return Unsupported("Digital goods are not shipped.", "digital")
        case ShippingType.STORE_PICKUP:
            return Unsupported("The buyer fetches this order in the store.", "store_pickup")
        case ShippingType.SELLER:
            return Unsupported(
                "Your own carrier ships this order; give its tracking number instead.", "seller_shipping"
            )
        case ShippingType.UNKNOWN:
            return Unsupported(
                "TikTok Shop's shipping type of this order is not known to shoptui; ship it in Seller Center.",
                "unknown_shipping",
            )
        case ShippingType.PLATFORM:
            return None


def _not_in_this_state(order: Order) -> Unsupported | None:
    if order.status is Status.UNKNOWN:
        return Unsupported(
            f"TikTok Shop calls this order {order.raw_status}, which shoptui does not know.", "unknown_status"
        )
    if order.status in _NOT_SHIPPABLE_NOW:
        return _NOT_SHIPPABLE_NOW[order.status]
    if order.flags & Flag.CANCEL_REQUESTED:
        return Unsupported("The buyer asks to cancel; answer that first.", "cancel_requested")
    if order.flags & Flag.RETURN_OPEN:
        return Unsupported("A return or refund is open; settle it first.", "return_open")
    return None


def _not_here(store: Store, order: Order) -> Unsupported | None:
    if reason := buys_labels(store.region):
        return Unsupported(reason, "buys_labels")
    if not any(package.status is Status.TO_SHIP for package in order.packages):
        return Unsupported("The order has no package that waits to be shipped; read it again.", "no_package")
    return None
