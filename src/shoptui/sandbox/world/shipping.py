"""Getting parcels on their way: slots, arranging, buying labels, marking as shipped, correcting, delivering."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .invent import pack
from .model import (
    Carrier,
    FlawKind,
    Flow,
    Line,
    Order,
    OrderStatus,
    Package,
    PackageStatus,
    Shipping,
    Store,
)
from .refusal import Reason, Refused
from .world import World

_TRACKING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{3,49}")
_MAX_ORDERS_PER_TRACKING = 20
_CORRECTION_WINDOW_S = 72 * 3600


@dataclass(frozen=True, slots=True)
class Slot:
    """A pickup window in epoch seconds."""

    start_at: int
    end_at: int
    free: bool


@dataclass(frozen=True, slots=True)
class SelfShipment:
    """A parcel the seller sends with a carrier of their own."""

    tracking: str
    carrier_id: str


@dataclass(frozen=True, slots=True)
class Service:
    """A label on offer. `price_minor` is charged when it is bought."""

    id: str
    name: str
    carrier: Carrier
    price_minor: int
    earliest_days: int
    latest_days: int


def slots(world: World, package: Package, at: int) -> list[Slot]:
    """Pickup windows of the coming three local days that do not begin within the hour."""
    region = world.region_of(package.store)
    today = (at + region.utc_offset_s) // 86_400
    flaw = live_flaw(package, at)
    found: list[Slot] = []
    for day in range(today, today + 4):
        for hour in (9, 13, 16):
            start_at = day * 86_400 + hour * 3600 - region.utc_offset_s
            if start_at < at + 3600:
                continue
            free = world.chance("slot", package.store.id, start_at) > 0.08
            if flaw is FlawKind.NO_SLOT or (flaw is FlawKind.SLOT_GONE and not found):
                free = False
            found.append(Slot(start_at, start_at + 3 * 3600, free))
    return found[:9]


def live_flaw(package: Package, at: int) -> FlawKind | None:
    """The parcel's flaw while it lasts."""
    flaw = package.flaw
    if flaw is None or (flaw.until is not None and at >= flaw.until):
        return None
    return flaw.kind


def check_can_leave(package: Package) -> None:
    """Everything about state that stands in the way of any kind of shipping. Raises Refused."""
    match package.status:
        case PackageStatus.CANCELLED:
            raise Refused(Reason.CANCELLED, "the order of this package is cancelled")
        case PackageStatus.ARRANGED:
            raise Refused(Reason.ALREADY_ARRANGED, "the package has already been shipped")
        case PackageStatus.COLLECTED:
            raise Refused(Reason.ALREADY_COLLECTED, "the package is already with the carrier")
        case PackageStatus.DELIVERED:
            raise Refused(Reason.ALREADY_DELIVERED, "the package has been delivered")
    for order in package.orders:
        _check_order_can_ship(order)


def _check_order_can_ship(order: Order) -> None:
    if order.status is OrderStatus.CANCELLED:
        raise Refused(Reason.CANCELLED, "the order is cancelled")
    if order.status in (OrderStatus.UNPAID, OrderStatus.ON_HOLD):
        raise Refused(Reason.WRONG_STATE, f"the order is {order.status} and cannot be shipped yet")
    if order.is_platform_fulfilled:
        raise Refused(Reason.PLATFORM_FULFILLED, "the order is fulfilled by the platform")
    if order.cancel_request is not None:
        raise Refused(Reason.AFTER_SALE_OPEN, "a cancellation request is open on this order")


_FLAW_REASON = {
    FlawKind.FROZEN: (Reason.FROZEN, "the package is frozen"),
    FlawKind.BAD_POSTCODE: (Reason.BAD_POSTCODE, "the buyer's postcode is invalid"),
    FlawKind.ADDRESS_TOO_LONG: (Reason.ADDRESS_TOO_LONG, "the buyer's address is too long"),
    FlawKind.NO_SLOT: (Reason.NO_SLOT, "no pickup slot is available"),
    FlawKind.NOT_READY: (Reason.NOT_READY, "the package is not complete yet"),
}


def arrange(
    world: World,
    package: Package,
    *,
    handover: str,
    slot: tuple[int, int] | None,
    self_shipment: SelfShipment | None,
    at: int,
) -> None:
    """Arrange shipment of one parcel. Raises Refused with nothing changed when its state does not allow it."""
    check_can_leave(package)
    order = package.orders[0]
    region = world.region_of(package.store)
    if world.market_of(package.store).flow_for(region, order.shipping) is not Flow.ARRANGE:
        raise Refused(Reason.WRONG_FLOW, "packages of this delivery option are not shipped with this call")
    flaw = live_flaw(package, at)
    # Without a pick-up slot a parcel can still be brought to the counter.
    if flaw in _FLAW_REASON and not (flaw is FlawKind.NO_SLOT and handover == "DROP_OFF"):
        reason, text = _FLAW_REASON[flaw]
        raise Refused(reason, text)
    if package.weight_g > order.option.weight_limit_g:
        raise Refused(
            Reason.NO_SERVICE,
            f"no shipping service takes {package.weight_g} g, the limit is {order.option.weight_limit_g} g",
        )
    if order.shipping is Shipping.SELLER:
        if self_shipment is None:
            raise Refused(Reason.BAD_TRACKING, "self_shipment with tracking number and carrier is required")
        carrier = _check_self_shipment(world, package.store, self_shipment, [o.id for o in package.orders])
        package.carrier, package.tracking = carrier, self_shipment.tracking
        package.self_shipped = True
    elif slot is not None or (flaw is FlawKind.SLOT_GONE and handover != "DROP_OFF"):
        _check_slot(world, package, slot, at)
    package.flaw = None
    package.handover, package.slot = handover, slot
    _send_off(world, package, at)


def _check_slot(world: World, package: Package, slot: tuple[int, int] | None, at: int) -> None:
    offered = {(one.start_at, one.end_at): one.free for one in slots(world, package, at)}
    if not any(offered.values()):
        raise Refused(Reason.NO_SLOT, "no pickup slot is available")
    if slot is None or not offered.get(slot, False):
        raise Refused(Reason.OUTSIDE_SLOT, "the pickup slot is not available, choose another one")


def _check_self_shipment(world: World, store: Store, shipment: SelfShipment, order_ids: list[str]) -> Carrier:
    """The carrier named, once number and carrier are fit for these orders. Raises Refused."""
    carrier = next((one for one in store.carriers if one.id == shipment.carrier_id), None)
    if carrier is None:
        raise Refused(Reason.BAD_CARRIER, "shipping_provider_id is not a carrier of this delivery option")
    if not _TRACKING.fullmatch(shipment.tracking):
        raise Refused(Reason.BAD_TRACKING, "tracking_number must have 4 to 50 letters, digits, - _ or .")
    users = world.tracking_users.setdefault(shipment.tracking, set())
    others = users.difference(order_ids)
    buyers = {world.orders[order_id].buyer for order_id in order_ids}
    if any(world.orders[other].buyer not in buyers for other in others):
        raise Refused(Reason.TRACKING_REUSED, "tracking_number is used for another recipient")
    if len(users.union(order_ids)) > _MAX_ORDERS_PER_TRACKING:
        raise Refused(Reason.TRACKING_OVERUSED, "tracking_number is used for 20 orders already")
    users.update(order_ids)
    return carrier


def _send_off(world: World, package: Package, at: int) -> None:
    """The parcel is arranged: number, label and collection follow in their time."""
    package.status = PackageStatus.ARRANGED
    package.arranged_at = at
    if not package.tracking:
        package.tracking = platform_tracking(world, package)
    delay_s = 0 if package.self_shipped else world.settings.tracking_delay_s
    package.tracking_known_at = at + delay_s
    package.label_ready_at = at + world.settings.label_delay_s
    for order in package.orders:
        if order.arranged_at is None:
            order.arranged_at = at
    world.touch_package(package, at)
    if delay_s:
        world.schedule(at + delay_s, "tracking_known", package.id)
    world.schedule(collection_at(world, package, at), "collect", package.id)
    for order in package.orders:
        if order.deadlines.cancel_uncollected_at is not None:
            world.schedule(order.deadlines.cancel_uncollected_at, "cancel_uncollected", order.id)


def send_all(world: World, order: Order, at: int) -> None:
    """Arrange everything of an order without asking whether a seller could."""
    loose = [line for line in order.open_lines if line.package is None]
    if loose:
        world.add_package(pack(world, order, loose, at))
    for package in order.open_packages:
        if package.status is PackageStatus.TO_ARRANGE:
            package.self_shipped = order.shipping is Shipping.SELLER
            _send_off(world, package, at)


def collection_at(world: World, package: Package, arranged_at: int) -> int:
    """When the carrier will fetch a parcel arranged at the given time."""
    if package.slot is not None:
        return world.between(package.slot[0], package.slot[1], "collect", package.id)
    low, high = world.settings.collect_min_s, world.settings.collect_max_s
    return arranged_at + world.between(low, high, "collect", package.id)


def platform_tracking(world: World, package: Package) -> str:
    """The number the platform's carrier gives a parcel."""
    number = world.between(0, 999_999_999, "tracking", package.id)
    tail = "".join(char for char in package.id if char.isdigit())[-3:]
    return f"{package.carrier.prefix}{tail}{number:09d}"


def services(world: World, order: Order, weight_g: int) -> list[Service]:
    """Labels that could be bought for a parcel of this weight. Raises Refused when none fits."""
    region = world.region_of(order.store)
    if world.market_of(order.store).flow_for(region, order.shipping) is not Flow.BUY:
        raise Refused(Reason.WRONG_REGION, "labels are not bought in this market")
    if weight_g > order.option.weight_limit_g:
        raise Refused(Reason.NO_SERVICE, f"no shipping service takes {weight_g} g to this address")
    base = round(3.2 * region.price_factor * 10**region.minor_digits * (1 + weight_g / 2000))
    return [
        Service(
            id=f"{int(order.option.id) + at + 1}",
            name=f"{carrier.name} {'Ground' if at == 0 else 'Priority'}",
            carrier=carrier,
            price_minor=base + base * at // 4,
            earliest_days=3 - min(at, 2),
            latest_days=6 - at,
        )
        for at, carrier in enumerate(order.store.carriers)
    ]


def buy_label(
    world: World, order: Order, lines: list[Line], weight_g: int, service_id: str | None, at: int
) -> tuple[Package, Service]:
    """Make a parcel of the lines and buy its label. Raises Refused.

    Nothing recognises a repeated purchase: until the carrier has the goods, every call buys another label.
    """
    _check_order_can_ship(order)
    offered = services(world, order, weight_g)
    if any(line.package is not None and line.package.collected_at is not None for line in lines):
        raise Refused(Reason.ALREADY_BOUGHT, "these items are with the carrier already")
    if service_id is None:
        service = offered[0]
    else:
        found = next((one for one in offered if one.id == service_id), None)
        if found is None:
            raise Refused(Reason.NO_SERVICE, "shipping_service_id is not among the eligible services")
        service = found
    package = pack(world, order, lines, at)
    package.carrier = service.carrier
    package.weight_g = weight_g
    package.label_cost_minor = service.price_minor
    world.add_package(package)
    _send_off(world, package, at)
    return package, service


def mark_shipped(world: World, order: Order, lines: list[Line], shipment: SelfShipment, at: int) -> Package:
    """Report that the seller sent these lines. Raises Refused, ALREADY_MARKED when they were sent before."""
    region = world.region_of(order.store)
    if world.market_of(order.store).flow_for(region, Shipping.SELLER) is not Flow.MARK:
        raise Refused(Reason.WRONG_REGION, "orders of this region are not marked as shipped")
    if order.shipping is not Shipping.SELLER:
        raise Refused(Reason.WRONG_FLOW, "the order is shipped by the platform")
    _check_order_can_ship(order)
    sent = [line for line in lines if line.package is not None and line.package.arranged_at is not None]
    if sent:
        raise Refused(Reason.ALREADY_MARKED, "the items have already been shipped")
    carrier = _check_self_shipment(world, order.store, shipment, [order.id])
    package = _parcel_for(world, order, lines, at)
    package.carrier, package.tracking, package.self_shipped = carrier, shipment.tracking, True
    _send_off(world, package, at)
    return package


def _parcel_for(world: World, order: Order, lines: list[Line], at: int) -> Package:
    """The waiting parcel that holds exactly these lines, cut out of a larger one or made anew."""
    holders = {line.package for line in lines if line.package is not None}
    for holder in holders:
        if set(holder.lines) == set(lines):
            return holder
    for holder in holders:
        holder.lines = [line for line in holder.lines if line not in lines]
        if not holder.lines:
            holder.status = PackageStatus.CANCELLED
        world.touch_package(holder, at)
    package = pack(world, order, lines, at)
    world.add_package(package)
    return package


def correct_tracking(world: World, package: Package, shipment: SelfShipment, at: int) -> None:
    """Replace carrier and number of a parcel the seller sent: once, within 72 hours. Raises Refused."""
    if package.status is PackageStatus.CANCELLED:
        raise Refused(Reason.CANCELLED, "the order of this package is cancelled")
    if package.orders[0].shipping is not Shipping.SELLER:
        raise Refused(Reason.NOT_SELLER_SHIPPED, "only packages shipped by the seller can be updated")
    if package.arranged_at is None:
        raise Refused(Reason.NOT_SHIPPED, "the package has not been shipped yet")
    if package.status is PackageStatus.DELIVERED:
        raise Refused(Reason.WRONG_STATE, "the package has been delivered")
    if package.corrections:
        raise Refused(Reason.ONLY_ONCE, "the shipping information was updated before")
    if at > package.arranged_at + _CORRECTION_WINDOW_S:
        raise Refused(Reason.TOO_LATE, "the package was shipped more than 72 hours ago")
    order_ids = [order.id for order in package.orders]
    carrier = _check_self_shipment(world, package.store, shipment, order_ids)
    world.tracking_users.get(package.tracking, set()).difference_update(order_ids)
    package.carrier, package.tracking = carrier, shipment.tracking
    package.corrections += 1
    world.touch_package(package, at)


def report_delivery(world: World, package: Package, *, delivered: bool, failure: str, at: int) -> None:
    """The seller's own fleet tells how a delivery went. Raises Refused."""
    if package.orders[0].shipping is not Shipping.SELLER:
        raise Refused(Reason.NOT_SELLER_SHIPPED, "only packages shipped by the seller can be updated")
    if package.status is PackageStatus.DELIVERED:
        raise Refused(Reason.ALREADY_DELIVERED, "the package has been delivered")
    if package.status not in (PackageStatus.ARRANGED, PackageStatus.COLLECTED):
        raise Refused(Reason.NOT_SHIPPED, "the package has not been shipped yet")
    if delivered:
        deliver(world, package, at)
    else:
        package.delivery_failure = failure
        world.touch_package(package, at)


def miss_pickup(world: World, package: Package, at: int) -> None:
    """The carrier does not get an arranged parcel and will not come again by itself. Raises Refused."""
    if package.status is not PackageStatus.ARRANGED:
        raise Refused(Reason.NOT_SHIPPED, "only an arranged package can miss its pickup")
    package.pickup_missed_at = at
    world.touch_package(package, at)


def agree_pickup(world: World, package: Package, slot: tuple[int, int], at: int) -> None:
    """Another pickup after a missed one. Raises Refused."""
    if package.status is not PackageStatus.ARRANGED or package.pickup_missed_at is None:
        raise Refused(Reason.WRONG_STATE, "the package has not missed a pickup")
    _check_slot(world, package, slot, at)
    package.pickup_missed_at = None
    package.slot = slot
    world.touch_package(package, at)
    world.schedule(collection_at(world, package, at), "collect", package.id)


def collect(world: World, package: Package, at: int) -> None:
    """The carrier takes an arranged parcel; anything else stays as it is."""
    if package.status is not PackageStatus.ARRANGED or package.pickup_missed_at is not None:
        return
    package.status = PackageStatus.COLLECTED
    package.collected_at = at
    for order in package.orders:
        order.collected_at = at
    world.touch_package(package, at)
    world.schedule(at + world.between(20 * 3600, 96 * 3600, "deliver", package.id), "deliver", package.id)


def deliver(world: World, package: Package, at: int) -> None:
    """A parcel reaches its buyer; the order completes some days later."""
    if package.status not in (PackageStatus.ARRANGED, PackageStatus.COLLECTED):
        return
    package.status = PackageStatus.DELIVERED
    package.collected_at = package.collected_at or at
    package.delivered_at = at
    for order in package.orders:
        order.delivered_at = at
    world.touch_package(package, at)
    for order in package.orders:
        wait_s = world.between(3 * 86_400, 7 * 86_400, "complete", order.id)
        world.schedule(at + wait_s, "complete", order.id)
