"""What differs between TikTok Shop's markets, and whether an order can be shipped from here."""

from __future__ import annotations

from shoptui.adapters import reasons
from shoptui.adapters.base import Unsupported
from shoptui.domain.orders import Flag, Order, ShippingType, Status
from shoptui.domain.stores import Store

#: Local sellers' choice of pick-up or drop-off is ignored here since 30 Oct 2024; the warehouse setting decides.
SEA = frozenset({"ID", "MY", "PH", "SG", "TH", "VN"})

#: Here a package comes into being by buying its label (Create Packages), which costs money and cannot be told apart
#: from a second purchase when the answer is lost.
LABEL_BUYING = frozenset({"US", "JP"})

#: Only here may single units of an order be cancelled (sheet, section 8.3).
_CANCELS_UNITS = frozenset({"US", "GB"})

BY_PLATFORM = reasons.fulfilled_by("TikTok")
ON_HOLD = Unsupported("The order is on hold while the buyer may still cancel freely; it opens by itself.", "on_hold")
UNKNOWN_SHIPPING = Unsupported(
    "TikTok Shop's shipping type of this order is not known to shoptui; ship it in Seller Center.", "unknown_shipping"
)
_NOT_TO_SHIP = reasons.not_to_ship(ON_HOLD)


def buys_labels(region: str) -> str:
    """Why packages cannot be shipped by us in this market, "" where they can."""
    if region in LABEL_BUYING:
        return f"In {region} shipping means buying a label in Seller Center; shoptui does not buy labels."
    return ""


def cancels_whole(region: str) -> str:
    """Why single units cannot be cancelled in this market, "" where they can."""
    return "" if region in _CANCELS_UNITS else f"In {region} TikTok Shop cancels whole orders only."


def takes_units(reason_id: str) -> bool:
    """Whether single units may be cancelled for this reason: only when they are out of stock (sheet, section 8.3)."""
    return reason_id.removesuffix("_uk").endswith("out_of_stock")


def why_not_ship(store: Store, order: Order) -> Unsupported | None:
    """None if the order's packages can be shipped by a ship call, else the first reason against it."""
    return _not_this_kind(order) or _not_in_this_state(order) or _not_here(store, order)


def _not_this_kind(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return BY_PLATFORM
    match order.shipping_type:
        case ShippingType.SELLER:
            return Unsupported(
                "Your own carrier ships this order; give its tracking number instead.", "seller_shipping"
            )
        case ShippingType.UNKNOWN:
            return UNKNOWN_SHIPPING
        case kind:
            return reasons.NOT_PHYSICAL.get(kind)


def _not_in_this_state(order: Order) -> Unsupported | None:
    if order.status is Status.UNKNOWN:
        return reasons.unknown_status(order, "TikTok Shop")
    if order.status in _NOT_TO_SHIP:
        return _NOT_TO_SHIP[order.status]
    if order.flags & Flag.CANCEL_REQUESTED:
        return reasons.CANCEL_REQUESTED
    return reasons.RETURN_OPEN if order.flags & Flag.RETURN_OPEN else None


def _not_here(store: Store, order: Order) -> Unsupported | None:
    if reason := buys_labels(store.region):
        return Unsupported(reason, "buys_labels")
    return reasons.no_parcel(order)
