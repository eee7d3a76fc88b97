"""Splitting an order over several parcels and putting several orders into one."""

from __future__ import annotations

from collections import defaultdict
from zlib import crc32

from .invent import pack
from .model import Line, Order, OrderStatus, Package, PackageStatus, Packing
from .refusal import Reason, Refused
from .world import World


def why_not_split(world: World, order: Order) -> str:
    """Why the order cannot be split now, empty when it can."""
    if order.status not in (OrderStatus.TO_SHIP, OrderStatus.PARTLY_ARRANGED):
        return "the order is not waiting for shipment"
    if order.cancel_request is not None:
        return "a cancellation request is open on this order"
    waiting = [one for one in order.open_packages if one.status is PackageStatus.TO_ARRANGE]
    if not waiting:
        return "the order has no package to split"
    if any(one.packing is Packing.COMBINED for one in waiting):
        return "the package is combined with other orders"
    lines = [line for one in waiting for line in one.lines if not line.is_gift]
    together = world.market_of(order.store).keeps_sku_together(world.region_of(order.store))
    if len({line.sku.id for line in lines} if together else lines) < 2:
        return "the order has nothing to split"
    return ""


def split(world: World, order: Order, groups: list[list[str]], at: int) -> list[Package]:
    """Distribute the waiting lines over one parcel per group, in the groups' order. Raises Refused."""
    why = why_not_split(world, order)
    if why:
        combined = any(one.packing is Packing.COMBINED for one in order.open_packages)
        raise Refused(Reason.ALREADY_COMBINED if combined else Reason.SPLIT_NOT_ALLOWED, why)
    waiting = [one for one in order.open_packages if one.status is PackageStatus.TO_ARRANGE]
    by_id = {line.id: line for one in waiting for line in one.lines}
    named = [line_id for group in groups for line_id in group]
    if len(groups) < 2 or any(not group for group in groups):
        raise Refused(Reason.BAD_LINES, "a split needs at least two groups with items")
    if sorted(named) != sorted(by_id):
        raise Refused(Reason.BAD_LINES, "every unshipped item must appear in exactly one group")
    if world.market_of(order.store).keeps_sku_together(world.region_of(order.store)):
        _check_skus_together([[by_id[line_id] for line_id in group] for group in groups])
    for old in waiting:
        _dissolve(world, old, at)
    made: list[Package] = []
    for group in groups:
        package = pack(world, order, [by_id[line_id] for line_id in group], at, Packing.SPLIT)
        world.add_package(package)
        made.append(package)
    world.touch(order, at)
    return made


def may_unsplit(order: Order) -> bool:
    """Whether all of a split order still waits and nobody asks to cancel it."""
    parts = order.open_packages
    return (
        len(parts) > 1
        and order.cancel_request is None
        and all(one.packing is Packing.SPLIT and one.status is PackageStatus.TO_ARRANGE for one in parts)
    )


def unsplit(world: World, order: Order, at: int) -> Package:
    """Put a split order back into one parcel while nothing of it is arranged. Raises Refused."""
    parts = order.open_packages
    if not may_unsplit(order):
        raise Refused(Reason.WRONG_STATE, "the order is not split, or not all of it waits to be shipped")
    lines = [line for one in parts for line in one.lines]
    for part in parts:
        _dissolve(world, part, at)
    whole = pack(world, order, lines, at)
    world.add_package(whole)
    world.touch(order, at)
    return whole


def unpack(world: World, package: Package, at: int) -> list[Line]:
    """Take a waiting parcel apart and return its lines, which then lie in none. Raises Refused."""
    if package.status is PackageStatus.CANCELLED:
        raise Refused(Reason.CANCELLED, "the package is cancelled")
    if package.status is not PackageStatus.TO_ARRANGE:
        raise Refused(Reason.WRONG_STATE, "the package has been handed over and cannot be taken apart")
    lines = list(package.lines)
    _dissolve(world, package, at)
    return lines


def _check_skus_together(groups: list[list[Line]]) -> None:
    home: dict[str, int] = {}
    for number, group in enumerate(groups):
        for line in group:
            if home.setdefault(line.sku.id, number) != number:
                raise Refused(Reason.SAME_SKU, "all units of one SKU must stay in one package")


def _dissolve(world: World, package: Package, at: int) -> None:
    """A waiting parcel ends because its lines move elsewhere."""
    package.status = PackageStatus.CANCELLED
    for line in package.lines:
        line.package = None
    for order in package.orders:
        order.packages = [one for one in order.packages if one is not package]
    world.touch_package(package, at)


def combinable(world: World, shop_id: str) -> list[tuple[str, list[Package]]]:
    """Groups of waiting parcels that could become one, each with a stable id."""
    groups: dict[tuple[str, str, str], list[Package]] = defaultdict(list)
    for package in world.packages_of(shop_id, PackageStatus.TO_ARRANGE):
        if _may_combine(package):
            order = package.orders[0]
            groups[order.buyer.id, order.warehouse.id, order.option.id].append(package)
    return [
        (_group_id(key), packages)
        for key, packages in sorted(groups.items())
        if len({package.orders[0].id for package in packages}) > 1
    ]


def _group_id(key: tuple[str, str, str]) -> str:
    return f"1153{crc32('|'.join(key).encode()):010d}{crc32(key[0].encode()) % 100_000:05d}"


def _may_combine(package: Package) -> bool:
    order = package.orders[0]
    return (
        package.packing is Packing.DEFAULT
        and order.status is OrderStatus.TO_SHIP
        and order.cancel_request is None
        and not order.is_platform_fulfilled
        and package.flaw is None
    )


def combine(world: World, shop_id: str, group_id: str, order_ids: list[str], at: int) -> Package:
    """One parcel for several orders of one buyer. Raises Refused when they do not belong together."""
    group = next((packages for found, packages in combinable(world, shop_id) if found == group_id), None)
    if group is None:
        raise Refused(Reason.NOT_COMBINABLE, "the combinable package does not exist any more")
    chosen = [package for package in group if not order_ids or package.orders[0].id in order_ids]
    missing = set(order_ids) - {package.orders[0].id for package in chosen}
    if missing:
        raise Refused(Reason.NOT_COMBINABLE, f"order {min(missing)} does not belong to this package")
    if len(chosen) < 2:
        raise Refused(Reason.NOT_COMBINABLE, "at least two orders are needed")
    orders = [package.orders[0] for package in chosen]
    lines = [line for package in chosen for line in package.lines]
    for package in chosen:
        _dissolve(world, package, at)
    whole = pack(world, orders[0], lines, at, Packing.COMBINED)
    whole.orders = orders
    for order in orders[1:]:
        order.packages.append(whole)
    world.add_package(whole)
    world.touch_package(whole, at)
    return whole


def uncombine(world: World, package: Package, order_ids: list[str], at: int) -> list[Package]:
    """Take orders out of a combined parcel; none named takes it apart. Raises Refused."""
    if package.packing is not Packing.COMBINED or package.status is not PackageStatus.TO_ARRANGE:
        raise Refused(Reason.WRONG_STATE, "only a combined package that is not shipped can be taken apart")
    members = {order.id: order for order in package.orders}
    unknown = [order_id for order_id in order_ids if order_id not in members]
    if unknown:
        raise Refused(Reason.BAD_LINES, f"order {unknown[0]} is not in this package")
    leaving = [members[order_id] for order_id in order_ids] or list(package.orders)
    staying = [order for order in package.orders if order not in leaving]
    groups = [[order] for order in leaving] + ([staying] if staying else [])
    homes = {line.id: order for order in package.orders for line in order.lines}
    lines = list(package.lines)
    _dissolve(world, package, at)
    made: list[Package] = []
    for group in groups:
        own = [line for line in lines if homes[line.id] in group]
        part = pack(world, group[0], own, at, Packing.COMBINED if len(group) > 1 else Packing.DEFAULT)
        part.orders = list(group)
        for order in group[1:]:
            order.packages.append(part)
        world.add_package(part)
        world.touch_package(part, at)
        made.append(part)
    return made
