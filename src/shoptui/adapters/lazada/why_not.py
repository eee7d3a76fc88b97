"""Why a verb cannot be done on an order of Lazada; None where it can."""

from __future__ import annotations

from shoptui.adapters import reasons
from shoptui.adapters.base import Unsupported
from shoptui.adapters.lazada.parcels import PACKABLE
from shoptui.adapters.reasons import NOT_PHYSICAL
from shoptui.adapters.stages import COLLECTED
from shoptui.domain.orders import CLOSED, Flag, Order, ShippingType, Status

_BY_PLATFORM = reasons.fulfilled_by("Lazada")
_IS_PACKED = Unsupported("The items are packed already; take the parcel apart in Seller Center first.", "no_split")
_BEING_CANCELLED = Unsupported("Lazada is cancelling the order and waits for the carrier's word.", "on_hold")


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
        return reasons.IS_CLOSED
    if order.status in COLLECTED:
        return reasons.LABEL_LATE
    return reasons.CANCEL_REQUESTED if order.flags & Flag.CANCEL_REQUESTED else None


def cancel(order: Order) -> Unsupported | None:
    if (reason := reasons.cancel(order, _BY_PLATFORM)) is not None:
        return reason
    return _BEING_CANCELLED if order.status is Status.ON_HOLD else None


def answer_cancel(order: Order) -> Unsupported | None:
    return reasons.answer_cancel(order)


def split(order: Order) -> Unsupported | None:
    return _not_this_kind(order) or _to_go(order) or reasons.one_item(order) or _packed(order)


def _packed(order: Order) -> Unsupported | None:
    """Packing is what splits an order, so what is packed would have to be taken apart first."""
    loose = [line for line in order.lines if line.status is Status.TO_SHIP and line.raw_status in PACKABLE]
    return _IS_PACKED if sum(line.quantity for line in loose) < 2 else None


def _not_this_kind(order: Order) -> Unsupported | None:
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return _BY_PLATFORM
    return NOT_PHYSICAL.get(order.shipping_type)


def _to_go(order: Order) -> Unsupported | None:
    if (reason := _waits(order)) is not None:
        return reason
    if order.status is Status.TO_HAND_OVER:
        return reasons.IS_ARRANGED
    if order.status in CLOSED:
        return reasons.IS_CLOSED
    if order.status in COLLECTED:
        return reasons.WITH_CARRIER
    if order.flags & Flag.CANCEL_REQUESTED:
        return reasons.CANCEL_REQUESTED
    return reasons.no_parcel(order)


def _waits(order: Order) -> Unsupported | None:
    return reasons.not_open(order, "Lazada", _BEING_CANCELLED)
