"""What readers see of orders and parcels: Shopee's words, which lag behind an arrangement by some minutes."""

from __future__ import annotations

from ..world.model import DeliveryOption, Order, OrderStatus, Package, PackageStatus, Shipping, Store
from ..world.world import World

READY = "READY_TO_SHIP"
RETRY = "RETRY_SHIP"
PENDING = "PENDING"
ORDER_STATUSES = (
    "UNPAID",
    READY,
    "PROCESSED",
    "SHIPPED",
    "COMPLETED",
    "IN_CANCEL",
    "CANCELLED",
    "INVOICE_PENDING",
)
"""What the order list can be filtered by; other states come back only without a filter."""

_FIXED = {
    OrderStatus.UNPAID: "UNPAID",
    OrderStatus.COMPLETED: "COMPLETED",
    OrderStatus.CANCELLED: "CANCELLED",
}
_STAGE = {
    PackageStatus.TO_ARRANGE: 0,
    PackageStatus.ARRANGED: 1,
    PackageStatus.COLLECTED: 2,
    PackageStatus.DELIVERED: 3,
    PackageStatus.CANCELLED: 0,
}
_STATUS_OF_STAGE = (READY, "PROCESSED", "SHIPPED", "TO_CONFIRM_RECEIVE")
_LOGISTICS = {
    PackageStatus.TO_ARRANGE: "LOGISTICS_READY",
    PackageStatus.ARRANGED: "LOGISTICS_REQUEST_CREATED",
    PackageStatus.COLLECTED: "LOGISTICS_PICKUP_DONE",
    PackageStatus.DELIVERED: "LOGISTICS_DELIVERY_DONE",
}


def lag_s(world: World, package: Package) -> int:
    """How long this parcel's arrangement stays invisible to readers."""
    low, high = world.settings.state_lag_min_s, world.settings.state_lag_max_s
    return world.between(low, high, "state lag", package.id)


def shown(package: Package, now: int) -> PackageStatus:
    """The parcel's state as reads tell it. A carrier's scan is seen at once, an arrangement by the seller late."""
    lagging = package.status is PackageStatus.ARRANGED or (
        package.self_shipped and package.status is PackageStatus.COLLECTED
    )
    if lagging and package.shown_at is not None and now < package.shown_at:
        return PackageStatus.TO_ARRANGE
    return package.status


def must_retry(package: Package) -> bool:
    """Whether the carrier came in vain and another pickup has to be agreed."""
    return package.status is PackageStatus.ARRANGED and package.pickup_missed_at is not None


def order_status(order: Order, now: int, *, pending: bool) -> str:
    """The order's word; without `pending` one that Shopee still holds is told as ready (older mapping)."""
    if order.strange_status:
        return order.strange_status
    if order.status in _FIXED and not (order.has_open_return and order.status is OrderStatus.COMPLETED):
        return _FIXED[order.status]
    if order.status is OrderStatus.ON_HOLD:
        return PENDING if pending else READY
    if order.cancel_request is not None:
        return "IN_CANCEL"
    if order.has_open_return:
        return "TO_RETURN"
    stages = [
        0 if line.package is None else _STAGE[shown(line.package, now)]
        for line in order.lines
        if line.cancelled_at is None
    ]
    lowest = min(stages, default=0)
    if lowest == 1 and any(must_retry(one) for one in order.open_packages):
        return RETRY
    return _STATUS_OF_STAGE[lowest]


def logistics_status(package: Package, now: int) -> str:
    """`logistics_status` of order details, `fulfillment_status` of package details."""
    if package.status is PackageStatus.CANCELLED:
        return "LOGISTICS_INVALID" if package.arranged_at is None else "LOGISTICS_REQUEST_CANCELED"
    if must_retry(package):
        return "LOGISTICS_PICKUP_RETRY"
    if package.orders[0].status in (OrderStatus.UNPAID, OrderStatus.ON_HOLD):
        return "LOGISTICS_NOT_START"
    return _LOGISTICS[shown(package, now)]


def known_tracking(package: Package, now: int) -> str:
    """The tracking number as readers see it: empty before shipping and for a while after."""
    if package.tracking_known_at is None or now < package.tracking_known_at:
        return ""
    return package.tracking


def channel(order: Order) -> tuple[int, str]:
    """Id and name of the logistics channel: a carrier's, couriers within hours, or the seller's own fleet.

    All parcels of one channel can be handed over in the same ways.
    """
    if order.shipping is Shipping.SELLER or is_hurried(order.option):
        return int(order.option.id), order.option.name
    return int(order.carrier.id), order.carrier.name


def is_hurried(option: DeliveryOption) -> bool:
    """Whether a courier comes within hours, so that nothing can be dropped off."""
    return option.arrange_s is not None and option.arrange_s <= 12 * 3600


def location_id(store: Store, warehouse_id: str) -> str:
    """The place of a warehouse as Shopee names it: `MYZ` for the first one."""
    number = next((at for at, one in enumerate(store.warehouses) if one.id == warehouse_id), 0)
    return f"{store.region}Z" if number == 0 else f"{store.region}{number:04d}Z"
