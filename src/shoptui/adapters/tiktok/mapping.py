"""TikTok Shop's records as the house's orders, packages and events; outside text is sanitised here, once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from shoptui.adapters.tiktok.deadlines import clocks_of
from shoptui.adapters.tiktok.wire import LineItem, OrderRecord, PackageDetail, RecipientAddress, TrackingEvent
from shoptui.domain.money import Money
from shoptui.domain.orders import (
    BEFORE_CARRIER,
    CLOSED,
    Flag,
    HistoryEvent,
    Line,
    Order,
    Package,
    Recipient,
    ShippingType,
    Slot,
    Status,
)
from shoptui.text import sanitise, sanitise_cell

#: Sheet, section 5.3. Lines use the same words but ON_HOLD and PARTIALLY_SHIPPING; webhooks write CANCEL.
ORDER_STATUS: dict[str, Status] = {
    "UNPAID": Status.UNPAID,
    "ON_HOLD": Status.ON_HOLD,
    "AWAITING_SHIPMENT": Status.TO_SHIP,
    "PARTIALLY_SHIPPING": Status.TO_SHIP,
    "AWAITING_COLLECTION": Status.TO_HAND_OVER,
    "IN_TRANSIT": Status.IN_TRANSIT,
    "DELIVERED": Status.DELIVERED,
    "COMPLETED": Status.COMPLETED,
    "CANCELLED": Status.CANCELLED,
    "CANCEL": Status.CANCELLED,
}

#: Sheet, section 6.3. A package's COMPLETED means delivered; the order's means that nothing can come back any more.
PACKAGE_STATUS: dict[str, Status] = {
    "TO_FULFILL": Status.TO_SHIP,
    "PROCESSING": Status.TO_HAND_OVER,
    "FULFILLING": Status.IN_TRANSIT,
    "COMPLETED": Status.DELIVERED,
    "CANCELLED": Status.CANCELLED,
}

#: Finer words of package detail that change the status; the others only refine it and are shown as they are.
PACKAGE_SUB_STATUS: dict[str, Status] = {
    "DELIVERED": Status.DELIVERED,
    "CANCELLED": Status.CANCELLED,
    "SHIP_EXCEPTION": Status.DELIVERY_FAILED,
    "PART_DELIVERED_AND_EXCEPTION": Status.DELIVERY_FAILED,
}

#: Why a parcel did not arrive. `PACKAGE_DAMAGAED` is spelt so by TikTok Shop.
EXCEPTION_STATUS: dict[str, Status] = {
    "PACKAGE_DAMAGAED": Status.LOST,
    "PACKAGE_DAMAGED": Status.LOST,
    "PACKAGE_LOST": Status.LOST,
    "PACKAGE_SCRAP": Status.LOST,
    "RETURNED_TO_SHIPPER": Status.RETURNING,
}

SHIPPING_TYPE: dict[str, ShippingType] = {
    "TIKTOK": ShippingType.PLATFORM,
    "SELLER": ShippingType.SELLER,
    "TIKTOK_DIGITAL": ShippingType.DIGITAL,
    "IN-STORE PICKUP": ShippingType.STORE_PICKUP,
    "IN_STORE_PICKUP": ShippingType.STORE_PICKUP,
}

_BY_SELLER = "FULFILLMENT_BY_SELLER"
_PARTLY = "PARTIALLY_SHIPPING"
_PRE_ORDER = "PRE_ORDER"

# Product names, carriers and prices repeat from order to order.
_cell = lru_cache(maxsize=8192)(sanitise_cell)
_money = lru_cache(maxsize=8192)(Money.parse)

_GRAMS = {"GRAM": Decimal(1), "KILOGRAM": Decimal(1000), "POUND": Decimal("453.59237")}


def to_order(record: OrderRecord, store_id: str) -> Order:
    """The order as the house knows it. Raises MoneyError for an amount that is none."""
    raw_status = _cell(record.status)
    status = ORDER_STATUS.get(record.status, Status.UNKNOWN)
    payment = record.payment
    units = record.line_items
    lines = _lines(units, status, raw_status, payment.currency)
    packages = _packages(record, units, lines, status)
    first = packages[0] if packages else None
    return Order(
        store_id=store_id,
        order_no=record.id,
        status=status,
        raw_status=raw_status,
        created_at=record.create_time,
        updated_at=record.update_time,
        total=_money(payment.total_amount, payment.currency),
        lines=lines,
        packages=packages,
        clocks=clocks_of(record, status),
        history=_history(record),
        flags=_flags(record, units, packages),
        paid_at=record.paid_time or None,
        shipping_type=SHIPPING_TYPE.get(record.shipping_type or "", ShippingType.UNKNOWN),
        delivery_option=_cell(record.delivery_option_name or ""),
        carrier_name=(first.carrier_name if first else "") or _cell(record.shipping_provider or ""),
        tracking_number=(first.tracking_number if first else "") or sanitise_cell(record.tracking_number or ""),
        warehouse_id=_cell(record.warehouse_id or ""),
        buyer_id=sanitise_cell(record.user_id or ""),
        buyer_name=sanitise_cell(record.buyer_nickname or ""),
        buyer_note=sanitise(record.buyer_message or ""),
        seller_note=sanitise(record.seller_note or ""),
        recipient=_recipient(record.recipient_address),
        priority=record.fulfillment_priority_level,
    )


def with_package(order: Order, detail: PackageDetail) -> Order:
    """The order with one package replaced, or added, by its detail."""
    package_id = detail.package_id
    old = next((package for package in order.packages if package.package_id == package_id), None)
    units = set(detail.order_line_item_ids or ())
    line_ids = tuple(line.line_id for line in order.lines if not units.isdisjoint(line.unit_ids))
    slot = detail.pickup_slot
    package = Package(
        package_id=package_id,
        status=package_status(detail, order.status),
        raw_status=_cell(detail.package_status),
        line_ids=line_ids or (old.line_ids if old else ()),
        tracking_number=sanitise_cell(detail.tracking_number or "") or (old.tracking_number if old else ""),
        carrier_id=_cell(detail.shipping_provider_id or "") or (old.carrier_id if old else ""),
        carrier_name=_cell(detail.shipping_provider_name or "") or (old.carrier_name if old else ""),
        raw_sub_status=_cell(detail.package_sub_status or ""),
        handover_method=_cell(detail.handover_method or ""),
        # A slot of zeros means that none is chosen.
        slot=Slot(slot.start_time, slot.end_time) if slot is not None and slot.start_time > 0 else None,
        weight_g=_weight_g(detail),
        updated_at=detail.update_time or None,
    )
    if old is None:
        packages = (*order.packages, package)
    else:
        packages = tuple(package if each is old else each for each in order.packages)
    first = packages[0]
    return replace(
        order,
        packages=packages,
        carrier_name=first.carrier_name or order.carrier_name,
        tracking_number=first.tracking_number or order.tracking_number,
    )


def package_status(detail: PackageDetail, order_status: Status) -> Status:
    """The canonical status of a package from its word, its finer word and what went wrong with it."""
    status = _package_status(detail.package_status, order_status)
    sub_status = detail.package_sub_status or ""
    finer = PACKAGE_SUB_STATUS.get(sub_status)
    if finer is None:
        return status
    if finer is Status.DELIVERY_FAILED:
        return EXCEPTION_STATUS.get(detail.ship_exception_reason or "", finer)
    return status if status in CLOSED else finer


def to_event(event: TrackingEvent) -> HistoryEvent:
    """A carrier's event; its time comes in milliseconds."""
    return HistoryEvent(event.update_time_millis // 1000, "carrier", sanitise_cell(event.description or ""))


def _line_status(unit: LineItem, order_status: Status) -> Status:
    if order_status in {Status.ON_HOLD, Status.CANCELLED}:
        # Lines have no word for "on hold", and no line outlives its cancelled order.
        return order_status
    word = unit.display_status
    return ORDER_STATUS.get(word, Status.UNKNOWN) if word else order_status


def _lines(units: list[LineItem], status: Status, raw_status: str, currency: str) -> tuple[Line, ...]:
    """Units of the same SKU, price, package and status become one line with a quantity."""
    if len(units) == 1:
        return (_line(units, status, raw_status, currency),)
    groups: dict[tuple[str | None, ...], list[LineItem]] = {}
    seen: set[str] = set()
    for unit in units:
        if unit.id in seen:
            continue
        seen.add(unit.id)
        key = (unit.sku_id, unit.sale_price, unit.package_id, unit.display_status, unit.package_status)
        groups.setdefault(key, []).append(unit)
    return tuple(_line(group, status, raw_status, currency) for group in groups.values())


def _line(group: list[LineItem], status: Status, raw_status: str, currency: str) -> Line:
    unit = group[0]
    return Line(
        line_id=unit.id,
        sku=_cell(unit.seller_sku or ""),
        sku_id=unit.sku_id,
        product_name=_cell(unit.product_name or ""),
        variant_name=_cell(unit.sku_name or ""),
        quantity=len(group),
        unit_price=_money(unit.sale_price, unit.currency or currency),
        status=_line_status(unit, status),
        raw_status=_cell(unit.display_status) if unit.display_status else raw_status,
        package_id=unit.package_id or "",
        unit_ids=tuple(each.id for each in group),
    )


def _package_status(word: str | None, order_status: Status) -> Status:
    if order_status is Status.CANCELLED:
        return order_status
    status = PACKAGE_STATUS.get(word, Status.UNKNOWN) if word else order_status
    if status is Status.TO_SHIP and order_status in {Status.UNPAID, Status.ON_HOLD}:
        return order_status
    if status is Status.DELIVERED and order_status is Status.COMPLETED:
        return order_status
    return status


def _packages(
    record: OrderRecord, units: list[LineItem], lines: tuple[Line, ...], order_status: Status
) -> tuple[Package, ...]:
    """The order names its packages by id only; what is known of them stands on their units."""
    first_units: dict[str, LineItem | None] = {reference.id: None for reference in record.packages or ()}
    for each in units:
        if each.package_id and first_units.get(each.package_id) is None:
            first_units[each.package_id] = each
    packages = []
    for package_id, unit in first_units.items():
        if unit is None:
            raw_status, number, carrier_id, carrier = "", "", "", ""
        else:
            raw_status = _cell(unit.package_status or "")
            number = unit.tracking_number or ""
            carrier_id, carrier = unit.shipping_provider_id or "", unit.shipping_provider_name or ""
        if len(first_units) == 1:
            number = number or record.tracking_number or ""
            carrier_id = carrier_id or record.shipping_provider_id or ""
            carrier = carrier or record.shipping_provider or ""
        packages.append(
            Package(
                package_id=package_id,
                status=_package_status(raw_status, order_status),
                raw_status=raw_status,
                line_ids=tuple(line.line_id for line in lines if line.package_id == package_id),
                tracking_number=sanitise_cell(number),
                carrier_id=_cell(carrier_id),
                carrier_name=_cell(carrier),
            )
        )
    return tuple(packages)


def _flags(record: OrderRecord, units: list[LineItem], packages: tuple[Package, ...]) -> Flag:
    flags = Flag.NONE
    if record.is_buyer_request_cancel:
        flags |= Flag.CANCEL_REQUESTED
    if record.is_cod:
        flags |= Flag.CASH_ON_DELIVERY
    if record.has_updated_recipient_address:
        flags |= Flag.ADDRESS_CHANGED
    if record.is_sample_order:
        flags |= Flag.SAMPLE
    if record.order_type == _PRE_ORDER:
        flags |= Flag.PRE_ORDER
    if record.fulfillment_type and record.fulfillment_type != _BY_SELLER:
        flags |= Flag.FULFILLED_BY_PLATFORM
    if any(unit.is_gift for unit in units):
        flags |= Flag.GIFT
    if record.status == _PARTLY or (len(packages) > 1 and _shipped_in_part(packages)):
        flags |= Flag.PART_SHIPPED
    return flags


def _shipped_in_part(packages: tuple[Package, ...]) -> bool:
    to_ship = any(package.status is Status.TO_SHIP for package in packages)
    return to_ship and any(package.status not in BEFORE_CARRIER | CLOSED for package in packages)


def _history(record: OrderRecord) -> tuple[HistoryEvent, ...]:
    events = [HistoryEvent(record.create_time, "created")]
    if record.paid_time:
        events.append(HistoryEvent(record.paid_time, "paid"))
    if record.rts_time:
        events.append(HistoryEvent(record.rts_time, "arranged"))
    if record.collection_time:
        events.append(HistoryEvent(record.collection_time, "collected"))
    if record.delivery_time:
        events.append(HistoryEvent(record.delivery_time, "delivered"))
    if record.request_cancel_time:
        events.append(HistoryEvent(record.request_cancel_time, "cancel_requested"))
    if record.cancel_time:
        why = f"{record.cancellation_initiator or ''} {record.cancel_reason or ''}"
        events.append(HistoryEvent(record.cancel_time, "cancelled", sanitise_cell(why)))
    if len(events) > 2:
        events.sort(key=_moment)
    return tuple(event for event in events if event.at > 0)


def _moment(event: HistoryEvent) -> int:
    return event.at


def _recipient(address: RecipientAddress | None) -> Recipient:
    if address is None:
        return Recipient()
    name = sanitise_cell(address.name or "")
    phone = sanitise_cell(address.phone_number or "")
    street = sanitise_cell(address.address_detail or address.address_line1 or "")
    return Recipient(
        name=name,
        phone=phone,
        street=street,
        city=_cell(address.post_town or _city(address)),
        postal_code=sanitise_cell(address.postal_code or ""),
        region=_cell(address.region_code or ""),
        masked="*" in name or "*" in phone or "*" in street,
    )


def _city(address: RecipientAddress) -> str:
    """The district that calls itself a city, else the one right below the country."""
    below_country = ""
    for district in address.district_info or ():
        if (district.address_level_name or "").lower() == "city":
            return district.address_name or ""
        if district.address_level == "L1":
            below_country = district.address_name or ""
    return below_country


def _weight_g(detail: PackageDetail) -> int | None:
    weight = detail.weight
    if weight is None or weight.unit not in _GRAMS:
        return None
    try:
        grams = Decimal(weight.value) * _GRAMS[weight.unit]
    except InvalidOperation:
        return None
    return round(grams) if grams.is_finite() and 0 < grams < 10**9 else None
