"""Reading parcels: the work queue and details by number (sheet, sections 5.8 and 5.9)."""

from __future__ import annotations

from typing import Any

from ..world import packing
from ..world.model import Order, OrderStatus, Package, PackageStatus
from ..world.regions import REGIONS
from . import codes
from .call import Answer, Call, is_split
from .codes import ApiError, bad
from .orders import cursor, read_cursor
from .params import Fields
from .render import address, can_cancel, days_to_ship, info_tag
from .states import channel, is_hurried, known_tracking, location_id, logistics_status, must_retry, shown

MAX_DETAILS = 50
_ALL, _PENDING, _TO_PROCESS, _PROCESSED = 0, 1, 2, 3
_DAY = 86_400


def search(call: Call) -> Answer:
    """POST search_package_list: parcels that are not with the carrier yet, soonest ship-by date first."""
    filters = call.body.object("filter") or Fields({})
    pages, sort = call.body.object("pagination"), call.body.object("sort") or Fields({})
    if pages is None:
        raise bad("pagination", "is required")
    size = pages.needed_integer("page_size", 1, 100)
    after = read_cursor(pages.text("cursor"))
    sort_type = sort.integer("sort_type", 1, 3) or 1
    ascending = sort.flag("ascending", default=True)
    fits = _Filter(filters, call.now)

    def key(package: Package) -> tuple[int, str]:
        order = package.orders[0]
        at = (order.deadlines.arrange_by, order.created_at, order.paid_at)[sort_type - 1]
        return at or 0, package.id

    open_ones = [
        package
        for status in (PackageStatus.TO_ARRANGE, PackageStatus.ARRANGED)
        for package in call.world.packages_of(call.store.id, status)
        if fits(package)
    ]
    rows = sorted(((key(one), one) for one in open_ones), key=lambda pair: pair[0], reverse=not ascending)
    total = len(rows)
    if after is not None:
        rows = [pair for pair in rows if (pair[0] > after if ascending else pair[0] < after)]
    more = len(rows) > size
    page = rows[:size]
    return Answer(
        {
            "packages_list": [_row(call, package) for _, package in page],
            "pagination": {
                "total_count": total,
                "next_cursor": cursor(page[-1][0]) if more else "",
                "more": more,
            },
            "sort": {"sort_type": sort_type, "is_asc": ascending},
        }
    )


def _row(call: Call, package: Package) -> dict[str, Any]:
    order = package.orders[0]
    return {
        "order_sn": order.id,
        "package_number": package.id,
        "logistics_channel_id": channel(order)[0],
        "product_location_id": location_id(package.store, order.warehouse.id),
        "sorting_group": None,
        "is_shipment_arranged": shown(package, call.now) is PackageStatus.ARRANGED,
    }


class _Filter:
    """The conditions of a search, read once."""

    def __init__(self, filters: Fields, now: int) -> None:
        self._now = now
        chosen = filters.integer("package_status", 0, 3)
        self._bucket = _TO_PROCESS if chosen is None else chosen
        self._places = set(filters.texts("product_location_ids"))
        self._channels = set(filters.integers("logistics_channel_ids"))
        kind = filters.integer("fulfillment_type", 0, 2)
        self._fulfilment = 2 if kind is None else kind
        self._order_type = filters.integer("order_type", 0, 2) or 0
        self._pre_order = filters.integer("is_pre_order", 0, 2) or 0
        self._priority = filters.integer("shipping_priority", 0, 3) or 0
        self._invoice = filters.flag("invoice_pending", default=False)
        filters.integer("sorting_group", 0, 2)

    def __call__(self, package: Package) -> bool:
        order = package.orders[0]
        instant = is_hurried(order.option)
        return (
            (self._bucket == _ALL or self._bucket == bucket(package, self._now))
            and (not self._places or location_id(package.store, order.warehouse.id) in self._places)
            and (not self._channels or channel(order)[0] in self._channels)
            and (self._fulfilment == 0 or (self._fulfilment == 1) is order.is_platform_fulfilled)
            and (self._order_type == 0 or (self._order_type == 2) is instant)
            and (self._pre_order == 0 or (self._pre_order == 1) is (order.release_at is not None))
            and (self._priority == 0 or self._priority == _priority(order, self._now))
            # No region of the sandbox has invoices to upload.
            and not self._invoice
        )


def bucket(package: Package, now: int) -> int:
    """Where a parcel stands in the queue: pending, to process or processed."""
    order = package.orders[0]
    if order.status in (OrderStatus.UNPAID, OrderStatus.ON_HOLD) or order.cancel_request is not None:
        return _PENDING
    if must_retry(package):
        return _TO_PROCESS
    return _TO_PROCESS if shown(package, now) is PackageStatus.TO_ARRANGE else _PROCESSED


def _priority(order: Order, now: int) -> int:
    """Overdue, due by the end of today, or due by the end of tomorrow in the shop's clock; 0 for later."""
    due_at = order.deadlines.arrange_by
    if due_at is None:
        return 0
    if due_at < now:
        return 1
    offset_s = REGIONS[order.store.region].utc_offset_s
    days = (due_at + offset_s) // _DAY - (now + offset_s) // _DAY
    return {0: 2, 1: 3}.get(days, 0)


def detail(call: Call) -> Answer:
    """GET get_package_detail: up to 50 parcels; unknown ones are named in the warning."""
    numbers = call.query.listed("package_number_list", MAX_DETAILS)
    found = {number: call.world.package_of(call.store, number) for number in numbers}
    packages = [package for package in found.values() if package is not None]
    missing = [number for number, package in found.items() if package is None]
    if not packages:
        raise ApiError(codes.NOT_FOUND, f"The package {missing[0]} is not found.")
    rows = [_detail(call, package) for package in packages]
    return Answer({"package_list": rows}, {"warning": [{"package_number": number} for number in missing]})


def _detail(call: Call, package: Package) -> dict[str, Any]:
    order = package.orders[0]
    channel_id, name = channel(order)
    visible = shown(package, call.now)
    held = order.status is OrderStatus.ON_HOLD
    return {
        "order_sn": order.id,
        "package_number": package.id,
        "fulfillment_status": logistics_status(package, call.now),
        "update_time": package.updated_at,
        "logistics_channel_id": channel_id,
        "shipping_carrier": name,
        "allow_self_design_awb": True,
        "days_to_ship": days_to_ship(order),
        "ship_by_date": order.deadlines.arrange_by or 0,
        "pending_terms": ["SYSTEM_PENDING"] if held else [],
        "pending_description": ["The order is being checked and cannot be shipped yet."] if held else [],
        "tracking_number": known_tracking(package, call.now),
        "tracking_number_expiration_date": 0,
        "pickup_done_time": package.collected_at or 0,
        "is_split_up": is_split(order),
        "item_list": call.side.renderer.package_items(package),
        "recipient_address": address(order, order.buyer, REGIONS[package.store.region]),
        "parcel_chargeable_weight_gram": package.weight_g,
        "group_shipment_id": None,
        "virtual_contact_number": "",
        "package_query_number": "",
        "sorting_group": "",
        "is_shipment_arranged": visible is PackageStatus.ARRANGED,
        "can_split_order": not is_split(order) and not packing.why_not_split(call.world, order),
        "can_unsplit_order": packing.may_unsplit(order),
        "is_pre_order": order.release_at is not None,
        "status_info_tag": info_tag(order, visible, call.now),
        "preparation_end_time": 0,
        "can_full_cancel_order": can_cancel(order),
    }
