"""How a parcel may be handed over: which methods its channel has and which inputs each of them needs (section 6.3)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ..world import shipping
from ..world.dice import between
from ..world.model import Order, Package, Shipping, Store, Warehouse
from ..world.regions import REGIONS
from ..world.shipping import SelfShipment, Slot
from ..world.world import World
from . import codes
from .codes import ApiError, bad
from .params import Fields
from .shops import place
from .states import is_hurried, must_retry

METHODS = ("pickup", "dropoff", "non_integrated")
_UNSUPPORTED = {name: f"logistics.ship_order_unsupport_{name}" for name in METHODS}
_MAX_TEXT = 64
_BRANCHES = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """How the seller wants a parcel to go. `slot` is in epoch seconds, None where nobody picks it up."""

    method: str
    slot: tuple[int, int] | None = None
    own: SelfShipment | None = None


def info_needed(order: Order) -> dict[str, list[str]]:
    """The methods possible for an order with the inputs each needs; no inputs is an empty list."""
    if order.shipping is Shipping.SELLER:
        return {"non_integrated": ["tracking_no"]}
    pickup = {"pickup": ["address_id", "pickup_time_id"]}
    if is_hurried(order.option):
        return pickup
    number = order.store.carriers.index(order.carrier)
    if number == 0:
        return {"dropoff": [], **pickup}
    if number == 1:
        return {"dropoff": ["branch_id"], **pickup}
    return {"dropoff": ["sender_real_name"] if order.store.region == "ID" else []}


def pickup_houses(store: Store) -> list[Warehouse]:
    """The places parcels can be fetched from; the last warehouse takes returns only."""
    return [one for one in store.warehouses if not one.is_return]


def free_slots(world: World, package: Package, now: int) -> list[Slot]:
    return [one for one in shipping.slots(world, package, now) if one.free]


def branches(store: Store, carrier_id: str) -> list[dict[str, Any]]:
    """The counters of a carrier near the seller."""
    house = store.warehouses[0]
    first = between(0, 100_000, 899_999, "branch", store.id, carrier_id)
    return [
        {"branch_id": first + at, **place(store, house), "address": f"Counter {at + 1}, {house.district}"}
        for at in range(_BRANCHES)
    ]


def offers(world: World, package: Package, now: int) -> dict[str, Any]:
    """What there is to choose from, per method; null where a method is not possible or needs nothing."""
    order = package.orders[0]
    needed = info_needed(order)
    if must_retry(package):
        # Nothing but another pickup is left to choose.
        needed = {"pickup": ["address_id", "pickup_time_id"]}
    data: dict[str, Any] = {"info_needed": needed, "dropoff": None, "pickup": None}
    if "dropoff" in needed:
        counters = branches(order.store, order.carrier.id) if "branch_id" in needed["dropoff"] else None
        data["dropoff"] = {"branch_list": counters}
    if "pickup" in needed:
        slots = [_slot(at, one, order) for at, one in enumerate(free_slots(world, package, now))]
        data["pickup"] = {
            "address_list": [
                {
                    "address_id": int(house.id),
                    **place(order.store, house),
                    "address_flag": ["default_address", "pickup_address"] if house.is_default else ["pickup_address"],
                    "time_slot_list": slots,
                }
                for house in pickup_houses(order.store)
            ]
        }
    return data


def _slot(at: int, slot: Slot, order: Order) -> dict[str, Any]:
    data: dict[str, Any] = {"date": slot.start_at, "pickup_time_id": str(slot.start_at)}
    if order.carrier is order.store.carriers[0]:
        offset_s = REGIONS[order.store.region].utc_offset_s
        data["time_text"] = " - ".join(
            time.strftime("%H:%M", time.gmtime(edge + offset_s)) for edge in (slot.start_at, slot.end_at)
        )
    data["flags"] = ["recommended"] if at == 0 else []
    return data


def chosen(fields: Fields) -> str:
    """The one method object a body has; an empty object counts. Raises ApiError for none or several."""
    given = [name for name in METHODS if fields.values.get(name) is not None]
    if len(given) > 1:
        raise ApiError(codes.ONE_METHOD_ONLY, "Only one of pickup, dropoff and non_integrated can be given.")
    if not given:
        raise bad("pickup", "or dropoff or non_integrated is required")
    return given[0]


def read_wish(world: World, package: Package, method: str, inputs: Fields, now: int) -> Wish:
    """What a method object asks for, checked against what the parcel's channel needs. Raises ApiError."""
    order = package.orders[0]
    needed = info_needed(order)
    if method not in needed:
        raise ApiError(_UNSUPPORTED[method], f"The channel of this order does not support {method}.")
    if method == "pickup":
        return Wish(method, slot=read_pickup(world, package, inputs, now))
    if method == "non_integrated":
        tracking = _short(inputs, "tracking_number")
        if not tracking:
            raise ApiError(codes.NEED_TRACKING, "tracking_number is required for this channel.")
        return Wish(method, own=SelfShipment(tracking, order.carrier.id))
    branch_id = inputs.integer("branch_id")
    if "branch_id" in needed[method]:
        if branch_id is None:
            raise ApiError(codes.NEED_BRANCH, "branch_id is required for this channel.")
        if branch_id not in [one["branch_id"] for one in branches(order.store, order.carrier.id)]:
            raise ApiError(codes.NO_BRANCH, "The branch_id is not a branch of this channel.")
    sender = _short(inputs, "sender_real_name")
    if "sender_real_name" in needed[method] and not sender:
        raise ApiError(codes.NEED_SENDER, "sender_real_name is required for this channel.")
    return Wish(method)


def _short(inputs: Fields, name: str) -> str:
    text = inputs.text(name)
    if len(text) > _MAX_TEXT:
        raise bad(inputs.name(name), f"may have {_MAX_TEXT} characters at most")
    return text


def read_pickup(world: World, package: Package, inputs: Fields, now: int) -> tuple[int, int]:
    """The pickup window a `pickup` object names, as start and end in epoch seconds. Raises ApiError."""
    address_id, time_id = inputs.integer("address_id"), inputs.text("pickup_time_id")
    if address_id is None or not time_id:
        raise ApiError(codes.NEED_PICKUP, "address_id and pickup_time_id are required for pickup.")
    if str(address_id) not in [house.id for house in pickup_houses(package.store)]:
        raise ApiError(codes.NO_PICKUP_ADDRESS, "The address_id is not a pickup address of this shop.")
    for slot in free_slots(world, package, now):
        if str(slot.start_at) == time_id:
            return slot.start_at, slot.end_at
    if not free_slots(world, package, now):
        raise ApiError("logistics.no_available_time_slot", "There is no available time slot.")
    raise ApiError(codes.BAD_PICKUP_TIME, "The pickup_time_id is invalid or not available any more.")
