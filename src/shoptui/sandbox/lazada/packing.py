"""Packing units into parcels and taking parcels apart again; who carries them (sheet, sections 7.1 and 7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..world import packing
from ..world.invent import pack
from ..world.model import Carrier, Line, Order, Package, Shipping
from . import codes
from .call import Answer, Call, result
from .codes import ResultError, may_retry
from .params import Fields
from .states import CANCELED, NAMED, PACKABLE, UNPAID, provider, tracking

MOST = 20
"""Orders or parcels in one call."""

_PACKED = {
    codes.NO_ORDER: "order not found",
    codes.NO_ITEM: "item not found",
    codes.NOT_PACKABLE: "item current status not allow to pack",
    codes.FBL: "the order is fulfilled by Lazada",
    codes.NO_CARRIER: "3pl allocation failed",
    codes.NO_NTFS_CARRIER: "no available 3pl for NTFS",
    codes.ILLEGAL: "shipment_provider_code must not be given for TFS",
    codes.UNKNOWN_DBS: "the DBS shipment provider code is unknown",
}


def fulfil_pack(call: Call) -> Answer:
    """POST /order/fulfill/pack: a parcel for the units named of each order; every unit has its own code."""
    request = call.params.request("packReq")
    request.needed("delivery_type", ("dropship",))
    allocation = request.needed("shipping_allocate_type", ("TFS", "NTFS"))
    code = request.text("shipment_provider_code")
    parts = [
        (one.id("order_id"), one.ids("order_item_list"))
        for one in request.objects("pack_order_list", MOST, codes.TOO_MANY)
    ]
    rows = []
    for order_id, line_ids in parts:
        order = call.world.order_of(call.store, order_id)
        carrier, stop = _carrier(order, allocation, code)
        done = pack_units(call, order, line_ids, carrier, stop)
        rows.append(
            {
                "order_id": int(order_id),
                "order_item_list": [_pack_row(call, line_id, done[line_id]) for line_id in line_ids],
            }
        )
    return result({"pack_order_list": rows})


def _carrier(order: Order | None, allocation: str, code: str) -> tuple[Carrier | None, str]:
    """The carrier the seller chose, None where the platform does, and the code of what is wrong with the wish."""
    if order is None:
        return None, codes.NO_ORDER
    if allocation == "NTFS":
        return None, codes.NO_NTFS_CARRIER
    if not code:
        return None, ""
    if order.shipping is not Shipping.SELLER:
        return None, codes.ILLEGAL
    found = next((one for one in order.store.carriers if code in (one.id, one.name)), None)
    return found, "" if found is not None else codes.UNKNOWN_DBS


def pack_units(
    call: Call, order: Order | None, line_ids: list[str], carrier: Carrier | None, stop: str = ""
) -> Mapping[str, Package | str]:
    """Put the units that can be packed into one parcel; each unit's parcel, or the code of why it has none.

    `stop` is a code that keeps every unit from being packed. All of it is written into the journal.
    """
    done: dict[str, Package | str] = {}
    lines: list[Line] = []
    for line_id in line_ids:
        line = None if order is None else next((one for one in order.lines if one.id == line_id), None)
        why = stop or _why_not(call, order, line)
        if why or line is None:
            done[line_id] = why
            _record_refusal(call, order, line, line_id, why)
        else:
            lines.append(line)
    if order is None or not lines:
        return done
    if sum(line.sku.weight_g for line in lines) > order.option.weight_limit_g:
        for line in lines:
            done[line.id] = codes.NO_CARRIER
            call.record("pack", line.id, order.id, "refused", codes.NO_CARRIER)
        return done
    package = pack(call.world, order, lines, call.now)
    if carrier is not None:
        package.carrier, package.handover = carrier, NAMED
    package.tracking = tracking(call.world, package)
    call.world.add_package(package)
    call.world.touch(order, call.now)
    for line in lines:
        call.side.repacked.discard(line.id)
        done[line.id] = package
    call.record("pack", package.id, order.id, "applied", "0")
    return done


def _why_not(call: Call, order: Order | None, line: Line | None) -> str:
    """The code of why a unit cannot be packed, empty when it can."""
    if order is None or line is None:
        return codes.NO_ITEM
    if order.is_platform_fulfilled:
        return codes.FBL
    # While a buyer waits for an answer nothing may be packed.
    if order.cancel_request is not None or call.status(order, line) not in PACKABLE:
        return codes.NOT_PACKABLE
    return ""


def _record_refusal(call: Call, order: Order | None, line: Line | None, line_id: str, code: str) -> None:
    is_packed = (
        order is not None
        and line is not None
        and code == codes.NOT_PACKABLE
        and call.status(order, line) not in PACKABLE | {CANCELED, UNPAID}
    )
    call.record("pack", line_id, "" if order is None else order.id, "already" if is_packed else "refused", code)


def _pack_row(call: Call, line_id: str, done: Package | str) -> dict[str, Any]:
    row: dict[str, Any] = {"order_item_id": int(line_id)}
    if isinstance(done, Package):
        return row | {
            "msg": "success",
            "item_err_code": "0",
            "tracking_number": tracking(call.world, done),
            "shipment_provider": provider(done),
            "package_id": done.id,
            "retry": False,
        }
    return row | {
        "msg": _PACKED[done],
        "item_err_code": done,
        "tracking_number": None,
        "shipment_provider": None,
        "package_id": None,
        "retry": may_retry(done),
    }


def providers(call: Call) -> Answer:
    """GET or POST /order/shipment/providers/get: who could carry the orders named."""
    request = call.params.request("getShipmentProvidersReq")
    own_fleet = False
    for part in request.objects("orders", MOST, codes.TOO_MANY):
        order = call.world.order_of(call.store, part.id("order_id"))
        if order is None:
            raise ResultError(codes.NO_ORDER, "order not found")
        mine = {line.id for line in order.lines}
        if part.values.get("order_item_ids") is not None and not mine.issuperset(part.ids("order_item_ids")):
            raise ResultError(codes.NO_ITEM, "item not found")
        own_fleet = own_fleet or order.shipping is Shipping.SELLER
    return result(
        {
            "platform_default": 0 if own_fleet else 1,
            "shipment_providers": [{"name": one.name, "provider_code": one.id} for one in call.store.carriers],
            "shipping_allocate_type": "TFS",
        }
    )


def packages_of(call: Call, name: str) -> list[str]:
    """The ids of the up to 20 parcels a call is about, each once. Raises ResultError."""
    request = call.params.request(name)
    parts: list[Fields] = request.objects("packages", MOST, codes.TOO_MANY)
    return list(dict.fromkeys(one.needed("package_id") for one in parts))


def repack(call: Call) -> Answer:
    """GET or POST /order/package/repack: dissolve packed parcels; their units have to be packed again."""
    rows = [
        call.package_row("repack", one, lambda package: dissolve(call, package))
        for one in packages_of(call, "rePackReq")
    ]
    return result({"packages": rows})


def dissolve(call: Call, package: Package) -> None:
    """Take a parcel that is not handed over apart. Raises Refused."""
    call.side.repacked.update(line.id for line in packing.unpack(call.world, package, call.now))
