"""Why a verb cannot be done on an order of Shopee; None where it can."""

from __future__ import annotations

from shoptui.adapters import reasons
from shoptui.adapters.base import Unsupported
from shoptui.adapters.reasons import NOT_PHYSICAL
from shoptui.adapters.stages import COLLECTED
from shoptui.domain.orders import Flag, Order, ShippingType, Status

_BY_PLATFORM = reasons.fulfilled_by("Shopee")
_NOT_TO_SHIP = reasons.not_to_ship(Unsupported("Shopee still holds the order; it opens by itself.", "on_hold"))


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
        return NOT_PHYSICAL[order.shipping_type]
    if order.status in {Status.UNPAID, Status.ON_HOLD, Status.CANCELLED}:
        return _NOT_TO_SHIP[order.status]
    if order.status in COLLECTED:
        return reasons.LABEL_LATE
    return reasons.CANCEL_REQUESTED if order.flags & Flag.CANCEL_REQUESTED else None


def cancel(order: Order) -> Unsupported | None:
    return reasons.cancel(order, _BY_PLATFORM)


def answer_cancel(order: Order) -> Unsupported | None:
    return reasons.answer_cancel(order)


def split(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if (reason := _state(order)) is not None:
        return reason
    if len(order.packages) > 1:
        return Unsupported("The order is split already.", "no_split")
    if sum(line.status is Status.TO_SHIP for line in order.lines) < 2:
        return reasons.ONE_ITEM
    return None


def _arrange(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    if order.shipping_type is ShippingType.STORE_PICKUP:
        return NOT_PHYSICAL[order.shipping_type]
    return _state(order)


def _state(order: Order) -> Unsupported | None:
    if order.status is Status.UNKNOWN:
        return reasons.unknown_status(order, "Shopee")
    if order.status in _NOT_TO_SHIP:
        return _NOT_TO_SHIP[order.status]
    if order.flags & Flag.CANCEL_REQUESTED:
        return reasons.CANCEL_REQUESTED
    return reasons.no_parcel(order)
