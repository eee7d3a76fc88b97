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
    Status.UNPAID: "The buyer has not paid yet.",
    Status.ON_HOLD: "The order is on hold while the buyer may still cancel freely; it opens by itself.",
    Status.TO_HAND_OVER: "Shipment is arranged already; hand the parcel over.",
    Status.IN_TRANSIT: "The carrier has the parcel already.",
    Status.DELIVERY_FAILED: "The carrier has had the parcel already.",
    Status.RETURNING: "The parcel is on its way back.",
    Status.DELIVERED: "The parcel is delivered.",
    Status.COMPLETED: "The order is completed.",
    Status.LOST: "The parcel is lost.",
    Status.CANCELLED: "The order is cancelled.",
}


def buys_labels(region: str) -> str:
    """Why packages cannot be shipped by us in this market, "" where they can."""
    if region in LABEL_BUYING:
        return f"In {region} shipping means buying a label in Seller Center; shoptui does not buy labels."
    return ""


def why_not_ship(store: Store, order: Order) -> Unsupported | None:
    """None if the order's packages can be shipped by a ship call, else the first reason against it."""
    reason = _not_this_kind(order) or _not_in_this_state(order) or buys_labels(store.region)
    if not reason and not any(package.status is Status.TO_SHIP for package in order.packages):
        reason = "The order has no package that waits to be shipped; read it again."
    return Unsupported(reason) if reason else None


def _not_this_kind(order: Order) -> str:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return "TikTok fulfils this order itself."
    match order.shipping_type:
        case ShippingType.DIGITAL:
            return "Digital goods are not shipped."
        case ShippingType.STORE_PICKUP:
            return "The buyer fetches this order in the store."
        case ShippingType.SELLER:
            return "Seller shipping needs your carrier's tracking number; enter it in Seller Center."
        case ShippingType.UNKNOWN:
            return "TikTok Shop's shipping type of this order is not known to shoptui; ship it in Seller Center."
        case ShippingType.PLATFORM:
            return ""


def _not_in_this_state(order: Order) -> str:
    if order.status is Status.UNKNOWN:
        return f"TikTok Shop calls this order {order.raw_status}, which shoptui does not know."
    if order.status in _NOT_SHIPPABLE_NOW:
        return _NOT_SHIPPABLE_NOW[order.status]
    if order.flags & Flag.CANCEL_REQUESTED:
        return "The buyer asks to cancel; answer that first."
    if order.flags & Flag.RETURN_OPEN:
        return "A return or refund is open; settle it first."
    return ""
