"""Splitting an order over parcels and taking that back (sheet, section 5.10)."""

from __future__ import annotations

from typing import Any, TypeAlias

from ..world import packing
from ..world.model import Line, Order, OrderStatus, Package
from ..world.refusal import Reason, Refused
from . import codes
from .call import Answer, Call, is_split
from .codes import SPLITTING, ApiError, bad
from .params import Fields
from .render import item_groups

MOST_PARCELS = 5
_Key: TypeAlias = tuple[int, int, int]
"""Item, model and promotion group."""


def split_order(call: Call) -> Answer:
    """POST split_order: every item in exactly one of two to five parcels, the units of one model together."""
    order_sn = call.body.needed("order_sn")
    parts = [one.objects("item_list", 100) for one in call.body.objects("package_list", MOST_PARCELS)]
    if len(parts) < 2:
        raise bad("package_list", f"must have 2 to {MOST_PARCELS} entries")

    def split() -> list[Package]:
        order = call.order(order_sn)
        if is_split(order):
            raise ApiError(codes.SPLIT_ALREADY, "The order has been split.")
        if order.status is not OrderStatus.TO_SHIP or packing.why_not_split(call.world, order):
            raise Refused(Reason.SPLIT_NOT_ALLOWED, packing.why_not_split(call.world, order) or "it is under way")
        return packing.split(call.world, order, _groups(call, order, parts), call.now)

    made = call.act(SPLITTING, "split", order_sn, order_sn, split)
    rows = [{"package_number": one.id, "item_list": _inside(call, one)} for one in made]
    return Answer({"order_sn": order_sn, "package_list": rows})


def _groups(call: Call, order: Order, parts: list[list[Fields]]) -> list[list[str]]:
    """The ids of the units of each parcel. Raises ApiError naming what is wrong with the wish."""
    left: dict[_Key, list[Line]] = {}
    for group, lines in item_groups(order):
        still = [line for line in lines if line.cancelled_at is None]
        if still:
            left[(*call.side.renderer.ids(order.store, lines[0]), group)] = still
    taken: set[_Key] = set()
    found: list[list[str]] = []
    for part in parts:
        units: list[str] = []
        for item in part:
            key = _key(item, left, taken)
            quantity = item.integer("model_quantity", 1, 1000)
            if quantity is not None and quantity != len(left[key]):
                raise ApiError(codes.SPLIT_QUANTITY, "This shop cannot split the units of one model.")
            taken.add(key)
            units += [line.id for line in left[key]]
        found.append(units)
    if taken != set(left):
        raise ApiError(codes.SPLIT_ITEM_MISSING, "Every item of the order must be in one of the packages.")
    return found


def _key(item: Fields, left: dict[_Key, list[Line]], taken: set[_Key]) -> _Key:
    """Which of the order's items an entry means. Raises ApiError for an unknown one or one named before."""
    wanted = (item.needed_integer("item_id"), item.integer("model_id") or 0)
    group = item.integer("promotion_group_id")
    fitting = [key for key in left if key[:2] == wanted and group in (None, key[2])]
    if not fitting:
        raise ApiError(codes.SPLIT_NO_SUCH_ITEM, f"The item {wanted[0]} does not exist in the order.")
    free = [key for key in fitting if key not in taken]
    if not free:
        raise ApiError(codes.SPLIT_TWICE, f"The item {wanted[0]} is given more than once.")
    return free[0]


def _inside(call: Call, package: Package) -> list[dict[str, Any]]:
    names = ("item_id", "model_id", "order_item_id", "promotion_group_id", "model_quantity")
    return [{name: row[name] for name in names} for row in call.side.renderer.package_items(package)]


def unsplit_order(call: Call) -> Answer:
    """POST unsplit_order: back into one parcel, while nothing of it is arranged."""
    order_sn = call.body.needed("order_sn")

    def unsplit() -> Package:
        return packing.unsplit(call.world, call.order(order_sn), call.now)

    call.act(SPLITTING, "unsplit", order_sn, order_sn, unsplit)
    return Answer()
