"""Reasons against a verb that are the same at every marketplace; its `why_not` adds its own and puts them in order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.adapters.base import Unsupported
from shoptui.adapters.stages import COLLECTED
from shoptui.domain.orders import CLOSED, Flag, Order, ShippingType, Status

CANCEL_REQUESTED = Unsupported("The buyer asks to cancel; answer that first.", "cancel_requested")
RETURN_OPEN = Unsupported("A return or refund is open; settle it first.", "return_open")
IS_CLOSED = Unsupported("The order is closed.", "closed")
UNPAID = Unsupported("The buyer has not paid yet.", "unpaid")
IS_ARRANGED = Unsupported("Shipment is arranged already; hand the parcel over.", "to_hand_over")
WITH_CARRIER = Unsupported("The carrier has the parcel already.", "in_transit")
LABEL_LATE = Unsupported("There is no label after pick-up.", "label_late")
ONE_ITEM = Unsupported("The order has only one item to ship; there is nothing to split.", "one_item")

NOT_PHYSICAL: Mapping[ShippingType, Unsupported] = MappingProxyType(
    {
        ShippingType.DIGITAL: Unsupported("Digital goods are not shipped.", "digital"),
        ShippingType.STORE_PICKUP: Unsupported("The buyer fetches this order in the store.", "store_pickup"),
    }
)

_NO_PARCEL = Unsupported("The order has no parcel that waits to be shipped; read it again.", "no_package")
_ANSWER_FIRST = Unsupported("The buyer asks to cancel; answer that instead.", "answer_first")
_NO_REQUEST = Unsupported("The buyer has not asked to cancel, or the request is settled.", "no_request")
_RETURN_INSTEAD = Unsupported("The carrier has the parcel; a return takes it from here.", "in_transit")


def fulfilled_by(platform: str) -> Unsupported:
    """The platform, by this name, has the goods and ships them."""
    return Unsupported(f"{platform} fulfils this order itself.", "fulfilled_by_platform")


def unknown_status(order: Order, title: str) -> Unsupported:
    """The marketplace uses a word for the order's status that nobody taught us."""
    return Unsupported(f"{title} calls this order {order.raw_status}, which shoptui does not know.", "unknown_status")


def not_to_ship(on_hold: Unsupported) -> Mapping[Status, Unsupported]:
    """Why an order in each status but TO_SHIP and UNKNOWN is not to be shipped now; `on_hold` is the marketplace's."""
    return MappingProxyType(
        {
            Status.UNPAID: UNPAID,
            Status.ON_HOLD: on_hold,
            Status.TO_HAND_OVER: IS_ARRANGED,
            Status.IN_TRANSIT: WITH_CARRIER,
            Status.DELIVERY_FAILED: Unsupported("The carrier has had the parcel already.", "shipped"),
            Status.RETURNING: Unsupported("The parcel is on its way back.", "shipped"),
            Status.DELIVERED: Unsupported("The parcel is delivered.", "shipped"),
            Status.COMPLETED: Unsupported("The order is completed.", "closed"),
            Status.LOST: Unsupported("The parcel is lost.", "closed"),
            Status.CANCELLED: Unsupported("The order is cancelled.", "closed"),
        }
    )


def not_open(order: Order, title: str, on_hold: Unsupported) -> Unsupported | None:
    """What keeps every kind of handling back before the order is ready, or when its status is unknown."""
    match order.status:
        case Status.UNPAID:
            return UNPAID
        case Status.ON_HOLD:
            return on_hold
        case Status.UNKNOWN:
            return unknown_status(order, title)
        case _:
            return None


def no_parcel(order: Order) -> Unsupported | None:
    """No parcel of the order waits to be shipped."""
    waits = any(package.status is Status.TO_SHIP for package in order.packages)
    return None if waits else _NO_PARCEL


def one_item(order: Order) -> Unsupported | None:
    """Fewer than two units wait to be shipped."""
    units = sum(line.quantity for line in order.lines if line.status is Status.TO_SHIP)
    return ONE_ITEM if units < 2 else None


def cancel(order: Order, by_platform: Unsupported) -> Unsupported | None:
    """Against cancelling: the platform has the goods, the buyer was faster, or it is too late."""
    if order.flags & Flag.FULFILLED_BY_PLATFORM:
        return by_platform
    if order.flags & Flag.CANCEL_REQUESTED:
        return _ANSWER_FIRST
    if order.status in CLOSED:
        return IS_CLOSED
    return _RETURN_INSTEAD if order.status in COLLECTED else None


def answer_cancel(order: Order) -> Unsupported | None:
    """Against answering a buyer who asks to cancel: nobody asks."""
    return None if order.flags & Flag.CANCEL_REQUESTED else _NO_REQUEST
