"""What readers see of units: Lazada's item status words, tracking numbers and who ended a unit (section 6.2)."""

from __future__ import annotations

from ..world import shipping
from ..world.model import Line, Order, OrderStatus, Package, PackageStatus, Role, Shipping
from ..world.world import World

PENDING, REPACKED, PACKED = "pending", "repacked", "packed"
READY_PENDING, READY, CANCELED = "ready_to_ship_pending", "ready_to_ship", "canceled"
SHIPPED, FAILED, DELIVERED, CONFIRMED, UNPAID = "shipped", "failed_delivery", "delivered", "confirmed", "unpaid"

PACKABLE = frozenset({PENDING, REPACKED})

NAMED = "named"
"""How a parcel of the seller's own fleet is handed over when the seller named its carrier."""

_ALIASES = {
    "topack": {PENDING, REPACKED},
    "toship": {PACKED, READY_PENDING, READY},
    "shipping": {SHIPPED},
    "failed": {FAILED},
    "lost": {"lost_by_3pl"},
    "pending": {PENDING, REPACKED},
    "ready_to_ship": {READY_PENDING, READY},
    "delivered": {DELIVERED, CONFIRMED},
}
_FILTERS = (
    "unpaid pending packed canceled ready_to_ship delivered returned shipped failed topack toship shipping lost "
    "lost_by_3pl damaged_by_3pl failed_delivery shipped_back shipped_back_success shipped_back_failed package_scrapped"
)
FILTERS: dict[str, frozenset[str]] = {word: frozenset(_ALIASES.get(word, {word})) for word in _FILTERS.split()}
"""What the order list can be filtered by, and the item statuses each word stands for."""

_WAITING = frozenset({OrderStatus.TO_SHIP, OrderStatus.PARTLY_ARRANGED})
COARSE: dict[str, frozenset[OrderStatus]] = {
    UNPAID: frozenset({OrderStatus.UNPAID}),
    PENDING: _WAITING,
    REPACKED: _WAITING,
    PACKED: _WAITING,
    READY_PENDING: _WAITING | {OrderStatus.ARRANGED},
    READY: _WAITING | {OrderStatus.ARRANGED},
}
"""In which of the world's order states units of a status can be; a status not named may be in any."""

_CONFIRMING = frozenset({"SG", "MY", "ID"})
_INITIATOR = {
    Role.BUYER: "cancellation-customer",
    Role.SELLER: "cancellation-seller",
    Role.SYSTEM: "cancellation-internal",
}


def line_status(order: Order, line: Line, now: int, repacked: set[str]) -> str:
    """The item status of a unit; `repacked` are the ids of units whose parcel was dissolved."""
    if order.strange_status:
        return order.strange_status
    if line.cancelled_at is not None:
        return CANCELED
    if order.status is OrderStatus.UNPAID:
        return UNPAID
    package = line.package
    if package is None:
        return REPACKED if line.id in repacked else PENDING
    match package.status:
        case PackageStatus.TO_ARRANGE:
            return PACKED
        case PackageStatus.ARRANGED | PackageStatus.COLLECTED if package.delivery_failure:
            return FAILED
        case PackageStatus.ARRANGED:
            return READY_PENDING if now < (package.tracking_known_at or 0) else READY
        case PackageStatus.COLLECTED:
            return SHIPPED
        case PackageStatus.DELIVERED:
            done = order.status is OrderStatus.COMPLETED and order.store.region in _CONFIRMING
            return CONFIRMED if done else DELIVERED
    return CANCELED


def statuses(order: Order, now: int, repacked: set[str]) -> list[str]:
    """The distinct item statuses of an order, in the order of its units."""
    return list(dict.fromkeys(line_status(order, line, now, repacked) for line in order.lines))


def tracking(world: World, package: Package) -> str:
    """The number a parcel has from packing on."""
    return package.tracking or shipping.platform_tracking(world, package)


def provider(package: Package) -> str:
    """The shipment provider's name: a carrier, or the seller's own fleet until it names another."""
    if package.orders[0].shipping is Shipping.SELLER and package.handover != NAMED:
        return package.orders[0].option.name
    return package.carrier.name


def initiator(line: Line) -> str:
    """`cancel_return_initiator`: who ended a unit, `null-null` while nobody did."""
    return "null-null" if line.cancelled_by is None else _INITIATOR[line.cancelled_by]
