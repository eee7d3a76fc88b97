"""Lazada's records as the house's orders, lines and packages; outside text is sanitised here, once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from shoptui.adapters.lazada.deadlines import clocks_of
from shoptui.adapters.lazada.parcels import Parcel, by_age, by_lazada, parcels_of, shipping_type, unit_status
from shoptui.adapters.lazada.times import from_number, moment
from shoptui.adapters.lazada.ventures import offset_s
from shoptui.adapters.lazada.wire import Address, ItemRecord, OrderRecord
from shoptui.domain.money import Money, MoneyError, minor_digits
from shoptui.domain.orders import (
    BEFORE_CARRIER,
    CLOSED,
    STATUS_RANK,
    Flag,
    HistoryEvent,
    Line,
    Order,
    Package,
    Recipient,
    ShippingType,
    Status,
    least_advanced,
)
from shoptui.domain.stores import Store
from shoptui.text import sanitise, sanitise_cell

_CASH_ON_DELIVERY = "COD"
_PRE_SALE = "PRESALE"
_NORMAL = "NORMAL"
#: What `cancel_return_initiator` says when nobody has.
_NOBODY = "null-null"
#: Sums of doubles end in such crumbs; nothing smaller is money.
_CRUMB = Decimal("0.000001")

#: Which kind of shipping speaks for an order whose units have several: what the seller has to do comes first.
_SPEAKS_FIRST = (ShippingType.PLATFORM, ShippingType.SELLER, ShippingType.STORE_PICKUP, ShippingType.DIGITAL)

_NOT_WITH_CARRIER = BEFORE_CARRIER | CLOSED

# Product names, carriers and prices repeat from order to order.
_cell = lru_cache(maxsize=8192)(sanitise_cell)


@lru_cache(maxsize=8192)
def amount(text: str, currency: str) -> Money:
    """An amount as Lazada writes it: `"1,118.00"`, `15.0`, `2.4500000000000002`, `1.0E7`.

    Raises MoneyError for what is none, or has real decimals its currency does not know.
    """
    try:
        return Money.parse(text, currency)
    except MoneyError:
        found = _without_crumbs(text, currency)
        if found is None and "*" in text:
            # Sheet, section 5.6: sensitive data, amounts too, is masked until then.
            words = "is masked: Lazada shows amounts when the app has passed its data security review"
            raise MoneyError(f"{text[:40]!r} {words}") from None
        if found is None:
            raise
        return found


def to_order(record: OrderRecord, units: Sequence[ItemRecord], store: Store) -> Order:
    """The order as the house knows it.

    Raises MoneyError for an amount that is none, and ValueError for a time that is none or an order without items.
    """
    if not units:
        raise ValueError("the order has no items")
    offset = offset_s(store.region)
    units = by_age(units)
    statuses = [unit_status(unit) for unit in units]
    parcels = parcels_of(units)
    lines = lines_of(units, parcels)
    packages = tuple([_package(parcel, lines) for parcel in parcels])
    currency = units[0].currency
    payment_times = [at for unit in units if (at := from_number(unit.payment_time)) is not None]
    paid_at = min(payment_times, default=None)
    created_at = moment(record.created_at, offset)
    versions = [
        moment(record.updated_at, offset),
        *[moment(updated_at, offset) for unit in units if (updated_at := unit.updated_at)],
    ]
    first = packages[0] if packages else None
    address = record.address_shipping
    return Order(
        store_id=store.store_id,
        order_no=record.order_id,
        status=least_advanced(statuses),
        raw_status=_words(units, statuses),
        created_at=created_at,
        # Items are read after their order: what is shown is as new as the newest of them.
        updated_at=max(versions),
        total=_total(record, currency),
        lines=lines,
        packages=packages,
        clocks=clocks_of(record, units, parcels, offset),
        history=_history(units, statuses, created_at, paid_at, offset),
        flags=_flags(record, units, statuses),
        paid_at=paid_at,
        shipping_type=_shipping_type(units, statuses),
        delivery_option=_delivery_option(units),
        carrier_name=first.carrier_name if first else "",
        tracking_number=first.tracking_number if first else "",
        warehouse_id=_cell(record.warehouse_code or units[0].warehouse_code or ""),
        buyer_id=sanitise_cell(units[0].buyer_id or ""),
        buyer_name=sanitise_cell(f"{record.customer_first_name or ''} {record.customer_last_name or ''}"),
        buyer_note=sanitise(record.buyer_note or record.remarks or ""),
        recipient=_recipient(address),
    )


def lines_of(units: Sequence[ItemRecord], parcels: Sequence[Parcel]) -> tuple[Line, ...]:
    """Units of the same SKU, price, parcel and status as one line with a quantity."""
    if len(units) == 1:
        # Nearly half of all orders.
        return (_line(units, parcels[0].parcel_id if parcels else ""),)
    homes = {unit.order_item_id: parcel.parcel_id for parcel in parcels for unit in parcel.units}
    groups: dict[tuple[str | None, ...], list[ItemRecord]] = {}
    for unit in units:
        parcel_id = homes.get(unit.order_item_id, "")
        key = (unit.sku_id or unit.shop_sku, unit.sku, unit.paid_price, parcel_id, unit.status, str(unit_status(unit)))
        groups.setdefault(key, []).append(unit)
    return tuple(_line(group, str(key[3])) for key, group in groups.items())


def _line(group: Sequence[ItemRecord], parcel_id: str) -> Line:
    unit = group[0]
    return Line(
        line_id=unit.order_item_id,
        sku=_cell(unit.sku or ""),
        sku_id=_cell(unit.sku_id or unit.shop_sku or ""),
        product_name=_cell(unit.name or ""),
        variant_name=_cell(unit.variation or ""),
        quantity=len(group),
        unit_price=_unit_price(unit),
        status=unit_status(unit),
        raw_status=_cell(unit.status),
        package_id=parcel_id,
        unit_ids=(unit.order_item_id,) if len(group) == 1 else tuple([each.order_item_id for each in group]),
    )


def _unit_price(unit: ItemRecord) -> Money:
    """What the buyer pays for it; shares of vouchers may not come out even, the price before them does."""
    if unit.paid_price:
        try:
            return amount(unit.paid_price, unit.currency)
        except MoneyError:
            if not unit.item_price:
                raise
    return amount(unit.item_price or "0", unit.currency)


def _total(record: OrderRecord, currency: str) -> Money:
    """What the buyer pays: `price` is before vouchers and shipping (sheet, section 6.3)."""
    minor = amount(record.price, currency).minor
    if record.voucher:
        minor -= amount(record.voucher, currency).minor
    if record.shipping_fee:
        minor += amount(record.shipping_fee, currency).minor
    return Money(minor, currency)


def _package(parcel: Parcel, lines: Sequence[Line]) -> Package:
    return Package(
        package_id=parcel.parcel_id,
        status=parcel.status,
        raw_status=_cell(parcel.words),
        line_ids=tuple([line.line_id for line in lines if line.package_id == parcel.parcel_id]),
        tracking_number=sanitise_cell(parcel.tracking_number),
        carrier_name=_cell(parcel.carrier),
    )


def _words(units: Sequence[ItemRecord], statuses: Sequence[Status]) -> str:
    """Lazada's words, the least advanced first; an order has none of its own. `statuses` are the units'."""
    if len(units) == 1:
        words = [units[0].status]
    else:
        ranked = sorted(range(len(units)), key=lambda at: STATUS_RANK[statuses[at]])
        words = list(dict.fromkeys([units[at].status for at in ranked]))
    if Status.ON_HOLD in statuses:
        words.append("cancel pending")
    return _cell(", ".join(words))


def _shipping_type(units: Sequence[ItemRecord], statuses: Sequence[Status]) -> ShippingType:
    if len(units) == 1:
        return shipping_type(units[0])
    still_open = [unit for unit, status in zip(units, statuses, strict=True) if status not in CLOSED] or units
    found = {shipping_type(unit) for unit in still_open}
    return next(kind for kind in _SPEAKS_FIRST if kind in found)


def _delivery_option(units: Sequence[ItemRecord]) -> str:
    flags = [flag for unit in units if (flag := unit.order_flag) and flag.upper() != _NORMAL]
    return _option(units[0].shipping_provider_type or "", flags[0] if flags else "")


@lru_cache(maxsize=256)
def _option(*words: str) -> str:
    return sanitise_cell(" ".join(word.lower().replace("_", " ") for word in words if word))


def _flags(record: OrderRecord, units: Sequence[ItemRecord], statuses: Sequence[Status]) -> Flag:
    flags = Flag.NONE
    if (record.payment_method or "").upper() == _CASH_ON_DELIVERY:
        flags |= Flag.CASH_ON_DELIVERY
    if record.gift_option:
        flags |= Flag.GIFT
    if record.address_updated_at:
        flags |= Flag.ADDRESS_CHANGED
    if record.need_cancel_confirm:
        flags |= Flag.CANCEL_REQUESTED
    by_platform = True
    for unit, status in zip(units, statuses, strict=True):
        by_platform = by_platform and by_lazada(unit)
        if unit.need_cancel_confirm:
            flags |= Flag.CANCEL_REQUESTED
        if unit.order_type and unit.order_type.upper() == _PRE_SALE:
            flags |= Flag.PRE_ORDER
        if unit.return_status and status is Status.DELIVERED:
            flags |= Flag.RETURN_OPEN
    if by_platform:
        flags |= Flag.FULFILLED_BY_PLATFORM
    if Status.TO_SHIP in statuses and not _NOT_WITH_CARRIER.issuperset(statuses):
        flags |= Flag.PART_SHIPPED
    return flags


def _history(
    units: Sequence[ItemRecord], statuses: Sequence[Status], created_at: int, paid_at: int | None, offset: int
) -> tuple[HistoryEvent, ...]:
    events = [HistoryEvent(created_at, "created")]
    if paid_at is not None:
        events.append(HistoryEvent(paid_at, "paid"))
    if Status.CANCELLED not in statuses:
        return tuple(sorted(events, key=_when))
    cancelled = [
        unit for unit, status in zip(units, statuses, strict=True) if status is Status.CANCELLED and unit.updated_at
    ]
    if cancelled:
        last = max(cancelled, key=lambda unit: moment(unit.updated_at or "", offset))
        who = last.cancel_return_initiator if last.cancel_return_initiator != _NOBODY else ""
        why = sanitise_cell(" ".join(word for word in (who, last.reason, last.reason_detail) if word))
        events.append(HistoryEvent(moment(last.updated_at or "", offset), "cancelled", why))
    return tuple(sorted(events, key=_when))


def _when(event: HistoryEvent) -> int:
    return event.at


def _recipient(address: Address | None) -> Recipient:
    if address is None:
        return Recipient()
    name = sanitise_cell(f"{address.first_name or ''} {address.last_name or ''}")
    phone = sanitise_cell(address.phone or "")
    street = sanitise_cell(address.address1 or "")
    return Recipient(
        name=name,
        phone=phone,
        street=street,
        city=_cell(address.city or address.address3 or ""),
        postal_code=sanitise_cell(address.post_code or ""),
        region=_cell(address.country or ""),
        masked="*" in name or "*" in phone or "*" in street,
    )


def _without_crumbs(text: str, currency: str) -> Money | None:
    try:
        exact = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not exact.is_finite() or abs(exact) >= 10**15:
        return None
    digits = minor_digits(currency)
    rounded = exact.quantize(Decimal(1).scaleb(-digits))
    if abs(exact - rounded) > _CRUMB:
        return None
    return Money(int(rounded.scaleb(digits)), currency)
