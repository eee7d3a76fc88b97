"""Reading parcels: search, detail, handover slots and tracking (sheet sections 6.3, 6.5, 6.10)."""

from __future__ import annotations

from typing import Any

from ..reading import within
from ..world import shipping
from ..world.index import Key
from ..world.model import Package, PackageStatus, Packing, Shipping
from ..world.regions import REGIONS
from .call import Answer, Call
from .codes import ApiError
from .paging import Place, decode, encode
from .render import PACKAGE_STATUS, address_of, is_masked, known_tracking, mask_phone

_STATUS_OF_WORD = {word: status for status, word in PACKAGE_STATUS.items()}
_SORTS = {"create_time": "created", "update_time": "updated", "order_pay_time": "created"}
_PACKING_TAG = {Packing.DEFAULT: "DEFAULT", Packing.SPLIT: "SPLIT", Packing.COMBINED: "COMBINE"}


def search(call: Call) -> Answer:
    """POST /fulfillment/202309/packages/search. A parcel is made when its order is paid, so that sort is creation."""
    size = call.query.size(1, 50, None)
    sort = _SORTS[call.query.text("sort_field", "create_time", tuple(_SORTS))]
    descending = call.query.text("sort_order", "DESC", ("ASC", "DESC")) == "DESC"
    status_word = call.body.text("package_status", tuple(_STATUS_OF_WORD))
    created, updated = call.body.window("create_time"), call.body.window("update_time")
    status = _STATUS_OF_WORD[status_word] if status_word else None
    lookup = call.world.shelves[call.store.id].packages.lookup(sort, status)
    (ge, lt), other = (created, updated) if sort == "created" else (updated, created)
    place = decode(call.query.text("page_token"), sort, descending=descending)
    packages = call.world.packages

    def fits(key: Key) -> bool:
        at = packages[key[1]].updated_at if sort == "created" else packages[key[1]].created_at
        return within(at, other)

    if place is not None:
        total = place.total
    elif other == (None, None):
        total = lookup.count(ge, lt)
    else:
        total = sum(1 for key in lookup.walk(ge=ge, lt=lt, descending=False, after=None) if fits(key))
    page: list[Key] = []
    token = ""
    for key in lookup.walk(ge=ge, lt=lt, descending=descending, after=place.key if place else None):
        if not fits(key):
            continue
        if len(page) == size:
            token = encode(Place(sort, descending, page[-1], total))
            break
        page.append(key)
    rows = [_row(packages[key[1]], call.now) for key in page]
    return {"packages": rows, "next_page_token": token, "total_count": total}


def _row(package: Package, now: int) -> dict[str, Any]:
    return {
        "id": package.id,
        "orders": [{"id": order.id} for order in package.orders],
        "create_time": package.created_at,
        "update_time": package.updated_at,
        "status": PACKAGE_STATUS[package.status],
        "tracking_number": known_tracking(package, now),
        "shipping_provider_id": package.carrier.id,
        "shipping_provider_name": package.carrier.name,
        "order_line_item_ids": [line.id for line in package.lines],
    }


def sub_status(package: Package, now: int) -> str:
    """The finer state of a parcel; while its label is produced an arranged one is `RTSING`."""
    if package.delivery_failure:
        return "SHIP_EXCEPTION"
    match package.status:
        case PackageStatus.TO_ARRANGE:
            return "STOCKING"
        case PackageStatus.ARRANGED:
            ready = package.label_ready_at is None or now >= package.label_ready_at
            return "RTS" if ready else "RTSING"
        case PackageStatus.COLLECTED:
            return "TTS"
        case PackageStatus.DELIVERED:
            return "DELIVERED"
        case PackageStatus.CANCELLED:
            return "CANCELLED"


def detail(call: Call) -> Answer:
    """GET /fulfillment/202309/packages/{package_id}: note the names `package_id` and `package_status`."""
    package = call.package(call.params["package_id"])
    order = package.orders[0]
    region = REGIONS[package.store.region]
    address = address_of(order.buyer, region, is_masked(order, call.now))
    house = order.warehouse
    data: dict[str, Any] = {
        "package_id": package.id,
        "orders": [_order_part(package, one.id, [line.id for line in one.lines]) for one in package.orders],
        "order_line_item_ids": [line.id for line in package.lines],
        "package_status": PACKAGE_STATUS[package.status],
        "package_sub_status": sub_status(package, call.now),
        "split_and_combine_tag": _PACKING_TAG[package.packing],
        "has_multi_skus": len({line.sku.id for line in package.lines}) > 1,
        "note_tag": "BUYER_NOTED" if order.buyer_message else "BUYER_UNNOTED",
        "shipping_type": "SELLER" if order.shipping is Shipping.SELLER else "TIKTOK",
        "shipping_provider_id": package.carrier.id,
        "shipping_provider_name": package.carrier.name,
        "delivery_option_id": order.option.id,
        "delivery_option_name": order.option.name,
        "tracking_number": known_tracking(package, call.now),
        "create_time": package.created_at,
        "update_time": package.updated_at,
        "recipient_address": {
            name: value for name, value in address.items() if isinstance(value, str) and "_name" not in name
        },
        "sender_address": {
            "name": house.contact,
            "phone_number": mask_phone(house.phone),
            "postal_code": house.postcode,
            "region_code": region.code,
            "full_address": f"{region.name}, {house.state}, {house.city}, {house.district}, {house.street}",
            "address_detail": house.street,
            "address_line1": house.street,
        },
        "weight": {"value": str(package.weight_g), "unit": "GRAM"},
        "dimension": {"length": "20", "width": "15", "height": "10", "unit": "CM"},
        "warehouse_id": house.id,
    }
    if package.handover:
        data["handover_method"] = package.handover
    if package.slot is not None:
        data["pickup_slot"] = {"start_time": package.slot[0], "end_time": package.slot[1]}
    return data


def _order_part(package: Package, order_id: str, line_ids: list[str]) -> dict[str, Any]:
    mine = set(line_ids)
    units: dict[str, dict[str, Any]] = {}
    for line in package.lines:
        if line.id in mine:
            sku = {"id": line.sku.id, "name": line.sku.variant, "image_url": line.sku.image, "quantity": 0}
            units.setdefault(line.sku.id, sku)["quantity"] += 1
    return {"id": order_id, "skus": list(units.values())}


def handover_time_slots(call: Call) -> Answer:
    """GET …/handover_time_slots; the misspelt `avaliable` is part of the contract."""
    package = call.package(call.params["package_id"])
    if package.status is PackageStatus.CANCELLED:
        raise ApiError(21011041, "the order of this package is cancelled")
    order = package.orders[0]
    if package.weight_g > order.option.weight_limit_g:
        raise ApiError(11021009, "no shipping service is available for the weight of this package")
    offered = shipping.slots(call.world, package, call.now)
    return {
        "can_pickup": True,
        "can_drop_off": True,
        "can_van_collection": package.store.region == "GB",
        "drop_off_point_url": "",
        "pickup_slots": [
            {"start_time": slot.start_at, "end_time": slot.end_at, "avaliable": slot.free} for slot in offered
        ],
    }


def tracking(call: Call) -> Answer:
    """GET /fulfillment/202309/orders/{order_id}/tracking, newest event first; times in milliseconds."""
    order = call.order(call.params["order_id"])
    events: list[tuple[int, str, int]] = []
    for package in order.packages:
        if package.arranged_at is not None:
            events.append((package.arranged_at, "The seller has arranged shipment of your package.", 30101))
        if package.collected_at is not None:
            events.append((package.collected_at, f"{package.carrier.name} has picked up the package.", 40201))
        if package.delivered_at is not None:
            events.append((package.delivered_at, "The package has been delivered.", 50101))
    rows = [
        {"description": text, "update_time_millis": at * 1000, "action_code": code}
        for at, text, code in sorted(events, reverse=True)
    ]
    return {"tracking": rows}
