"""Shopee's records as the house's orders, packages and events; outside text is sanitised here, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from shoptui.adapters.shopee.deadlines import clocks_of
from shoptui.adapters.shopee.wire import Item, OrderRecord, PackageDetail, PackagePart, PackedItem, RecipientAddress
from shoptui.domain.money import Money, MoneyError, minor_digits
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
    Status,
    least_advanced,
)
from shoptui.text import sanitise, sanitise_cell

#: Sheet, section 5.4. A failed pick-up has to be arranged again, so it counts as not arranged. IN_CANCEL says nothing
#: of how far the parcels are; they say it themselves.
ORDER_STATUS: dict[str, Status] = {
    "UNPAID": Status.UNPAID,
    "PENDING": Status.ON_HOLD,
    "INVOICE_PENDING": Status.ON_HOLD,
    "READY_TO_SHIP": Status.TO_SHIP,
    "RETRY_SHIP": Status.TO_SHIP,
    "PROCESSED": Status.TO_HAND_OVER,
    "SHIPPED": Status.IN_TRANSIT,
    "TO_CONFIRM_RECEIVE": Status.DELIVERED,
    "IN_CANCEL": Status.TO_SHIP,
    "CANCELLED": Status.CANCELLED,
    "TO_RETURN": Status.RETURNING,
    "COMPLETED": Status.COMPLETED,
}

#: Sheet, section 5.6. A package is cancelled, too, when its carrier gave it up before it was picked up or refused to
#: collect the money.
PACKAGE_STATUS: dict[str, Status] = {
    "LOGISTICS_NOT_START": Status.ON_HOLD,
    "LOGISTICS_NOT_STARTED": Status.ON_HOLD,
    "LOGISTICS_PENDING_ARRANGE": Status.TO_SHIP,
    "LOGISTICS_READY": Status.TO_SHIP,
    "LOGISTICS_PICKUP_RETRY": Status.TO_SHIP,
    "LOGISTICS_REQUEST_CREATED": Status.TO_HAND_OVER,
    "LOGISTICS_PICKUP_DONE": Status.IN_TRANSIT,
    "LOGISTICS_DELIVERY_DONE": Status.DELIVERED,
    "LOGISTICS_INVALID": Status.CANCELLED,
    "LOGISTICS_REQUEST_CANCELED": Status.CANCELLED,
    "LOGISTICS_PICKUP_FAILED": Status.CANCELLED,
    "LOGISTICS_COD_REJECTED": Status.CANCELLED,
    "LOGISTICS_DELIVERY_FAILED": Status.DELIVERY_FAILED,
    "LOGISTICS_LOST": Status.LOST,
}
READY = "LOGISTICS_READY"
PICKUP_RETRY = "LOGISTICS_PICKUP_RETRY"

#: What the urgency badges of packages mean (sheet, section 5.9); 2 and 5 name a moment, which is a clock.
INFO_TAGS: dict[int, str] = {
    1: "will be cancelled within a day",
    2: "must ship in time",
    3: "late",
    4: "must ship this hour",
    5: "will be cancelled",
}

_IN_CANCEL = "IN_CANCEL"
#: Words that say less than the packages do: of a wish to cancel, and of a state that is shown late.
_TOLD_BY_PACKAGES = frozenset({_IN_CANCEL, "READY_TO_SHIP"})
_NO_MODEL = "0"
_BUNDLE = "bundle_deal"
_BY_SHOPEE = "fulfilled_by_shopee"
#: An amount that a sum of floats has left this far beside a whole cent means the cent.
_FLOAT_NOISE = Decimal("0.000001")

# Product names, carriers and prices repeat from order to order.
_cell = lru_cache(maxsize=8192)(sanitise_cell)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to make an order of a record besides the record itself.

    `details` are its packages' own records by number. `own_channels` are the ids of the channels by which sellers ship
    with a carrier of their own; None while they are not known. `arranged` are packages that Shopee has told us lately
    it arranged, which it shows late itself.
    """

    store_id: str
    details: Mapping[str, PackageDetail]
    own_channels: frozenset[str] | None = frozenset()
    arranged: frozenset[str] = frozenset()


def to_order(record: OrderRecord, reading: Reading) -> Order:
    """The order as the house knows it. Raises MoneyError for an amount that is none."""
    raw_status = _cell(record.order_status)
    status = ORDER_STATUS.get(record.order_status, Status.UNKNOWN)
    parts = [(part, reading.details.get(part.package_number)) for part in record.package_list or ()]
    stands = [_part_status(part, detail, reading, status) for part, detail in parts]
    if record.order_status in _TOLD_BY_PACKAGES and stands:
        status = least_advanced(stands)
    by_id = {part.package_number: own for (part, _), own in zip(parts, stands, strict=True)}
    lines = _lines(record, by_id, status, raw_status)
    packages = tuple([_package(part, detail, own, lines) for (part, detail), own in zip(parts, stands, strict=True)])
    first = packages[0] if packages else None
    details = [detail for _, detail in parts if detail is not None]
    return Order(
        store_id=reading.store_id,
        order_no=record.order_sn,
        status=status,
        raw_status=raw_status,
        created_at=record.create_time,
        updated_at=record.update_time,
        total=_total(record, lines),
        lines=lines,
        packages=packages,
        clocks=clocks_of(record, details, packages, status),
        history=_history(record),
        flags=_flags(record, details, packages),
        paid_at=record.pay_time or None,
        shipping_type=_shipping_type(record, reading.own_channels),
        delivery_option=_cell(record.checkout_shipping_carrier or record.shipping_carrier or ""),
        carrier_name=(first.carrier_name if first else "") or _cell(record.shipping_carrier or ""),
        tracking_number=first.tracking_number if first else "",
        warehouse_id=_cell(next((item.product_location_id for item in record.item_list), None) or ""),
        buyer_id=sanitise_cell(record.buyer_user_id or ""),
        buyer_name=sanitise_cell(record.buyer_username or ""),
        buyer_note=sanitise(record.message_to_seller or ""),
        seller_note=sanitise(record.note or ""),
        recipient=_recipient(record.recipient_address),
    )


def package_status(word: str | None, order_status: Status) -> Status:
    """The canonical status of a package from its own word, as far as its order allows."""
    if order_status is Status.CANCELLED:
        return order_status
    status = PACKAGE_STATUS.get(word, Status.UNKNOWN) if word else order_status
    if status in {Status.TO_SHIP, Status.ON_HOLD} and order_status in {Status.UNPAID, Status.ON_HOLD}:
        return order_status
    if status is Status.DELIVERED and order_status in {Status.COMPLETED, Status.RETURNING}:
        return order_status
    return status


def is_arranged(detail: PackageDetail | None) -> bool:
    """Whether a package's record says more than its state: a tracking number comes only with an arrangement."""
    return detail is not None and bool(detail.tracking_number or detail.is_shipment_arranged)


def item_key(item: Item | PackedItem) -> tuple[str, str, str, str]:
    """What tells one line of an order from another: goods, variation, bundle and promotion group."""
    own = item.order_item_id if item.order_item_id not in {None, _NO_MODEL} else item.item_id
    return item.item_id, item.model_id, own or item.item_id, item.promotion_group_id or _NO_MODEL


def line_id_of(item: Item | PackedItem) -> str:
    """The id of a line, made of the ids Shopee tells lines apart by."""
    item_id, model_id, bundle, group = item_key(item)
    usual = bundle == item_id and group == _NO_MODEL
    return f"{item_id}-{model_id}" if usual else f"{item_id}-{model_id}-{bundle}-{group}"


def amount(text: str | None, currency: str) -> Money | None:
    """An amount as it stands on the wire, None where there is none. Raises MoneyError."""
    if text is None:
        return None
    return _amount(text, currency)


@lru_cache(maxsize=8192)
def _amount(text: str, currency: str) -> Money:
    try:
        value = Decimal(text)
        if not value.is_finite():
            raise ValueError
        whole = round(value, minor_digits(currency))
    except (InvalidOperation, ValueError):
        raise MoneyError(f"{text!r} is no amount of money") from None
    # Sums that were made with floats come with a tail far behind the last digit; more than that is no amount.
    near = whole if abs(value - whole) <= _FLOAT_NOISE else value
    return Money.parse(f"{near:f}", currency)


def _word(part: PackagePart, detail: PackageDetail | None) -> str | None:
    return (detail.fulfillment_status if detail is not None else None) or part.logistics_status


def _part_status(part: PackagePart, detail: PackageDetail | None, reading: Reading, order_status: Status) -> Status:
    """Where a package stands by its own record, or by the order's view of it where there is none."""
    word = _word(part, detail)
    status = package_status(word, order_status)
    if status is not Status.TO_SHIP or word != READY:
        return status
    # The state lags behind an arrangement by 15 to 20 minutes (sheet, trap 18).
    arranged = part.package_number in reading.arranged or is_arranged(detail)
    return Status.TO_HAND_OVER if arranged else status


def _package(part: PackagePart, detail: PackageDetail | None, status: Status, lines: Sequence[Line]) -> Package:
    """A package from its own record, or from the order's view of it where there is none."""
    channel = part.logistics_channel_id or (detail.logistics_channel_id if detail is not None else None)
    carrier = (detail.shipping_carrier if detail is not None else None) or part.shipping_carrier
    tag = detail.status_info_tag.tag_id if detail is not None and detail.status_info_tag is not None else None
    weight_g = part.parcel_chargeable_weight_gram or part.parcel_chargeable_weight
    return Package(
        package_id=part.package_number,
        status=status,
        raw_status=_cell(_word(part, detail) or ""),
        line_ids=tuple([line.line_id for line in lines if line.package_id == part.package_number]),
        tracking_number=sanitise_cell((detail.tracking_number if detail is not None else None) or ""),
        carrier_id=_cell(channel or ""),
        carrier_name=_cell(carrier or ""),
        raw_sub_status=INFO_TAGS.get(tag or 0, ""),
        weight_g=weight_g if weight_g and weight_g > 0 else None,
        updated_at=(detail.update_time if detail is not None else None) or None,
    )


def _lines(record: OrderRecord, by_id: Mapping[str, Status], status: Status, raw_status: str) -> tuple[Line, ...]:
    """One line per item, or per package an item is spread over, and one for what of it is cancelled.

    `by_id` are the packages there are, with where each stands.
    """
    packed = packed_in(record)
    lines: list[Line] = []
    used: dict[str, int] = {}
    for item in record.item_list:
        line_id = line_id_of(item)
        used[line_id] = used.get(line_id, 0) + 1
        if used[line_id] > 1:
            # Never seen, but ids must not collide whatever comes.
            line_id = f"{line_id}-{used[line_id]}"
        places = [(number, count) for number, count in packed.get(item_key(item), []) if number in by_id]
        gone = min(max(item.cancelled_qty or 0, 0), item.model_quantity_purchased)
        if not gone and len(places) < 2:
            # Nearly all lines: whole, and in one place.
            number = places[0][0] if places else ""
            own = _line_status(by_id[number] if number else status, status)
            lines.append(_line(item, line_id, record.currency, own, raw_status, number))
            continue
        bare = _line(item, line_id, record.currency, status, raw_status)
        left = bare.quantity - gone
        if gone and not left:
            lines.append(replace(bare, status=Status.CANCELLED))
            continue
        if gone:
            lines.append(replace(bare, line_id=f"{line_id}-cancelled", quantity=gone, status=Status.CANCELLED))
        if len(places) > 1 and all(count for _, count in places):
            for number, count in places:
                part = replace(bare, line_id=f"{line_id}-{number}", quantity=count, package_id=number)
                lines.append(replace(part, status=_line_status(by_id[number], status)))
            continue
        number = places[0][0] if places else ""
        own = by_id[number] if number else status
        lines.append(replace(bare, quantity=left, package_id=number, status=_line_status(own, status)))
    return tuple(lines)


def packed_in(record: OrderRecord) -> dict[tuple[str, str, str, str], list[tuple[str, int]]]:
    """For each item the packages it lies in, with the quantity in each (0 where Shopee does not say)."""
    packed: dict[tuple[str, str, str, str], list[tuple[str, int]]] = {}
    for part in record.package_list or ():
        for item in part.item_list or ():
            packed.setdefault(item_key(item), []).append((part.package_number, item.model_quantity or 0))
    return packed


def _line(item: Item, line_id: str, currency: str, status: Status, raw_status: str, package_id: str = "") -> Line:
    has_model = item.model_id != _NO_MODEL
    return Line(
        line_id=line_id,
        sku=_cell(item.model_sku or item.item_sku or ""),
        sku_id=item.model_id if has_model else item.item_id,
        product_name=_cell(item.item_name or ""),
        variant_name=_cell(item.model_name or ""),
        quantity=item.model_quantity_purchased,
        unit_price=_unit_price(item, currency),
        status=status,
        raw_status=raw_status,
        package_id=package_id,
    )


def _unit_price(item: Item, currency: str) -> Money:
    price = amount(item.model_discounted_price, currency)
    full = amount(item.model_original_price, currency)
    if price is None or (price.minor == 0 and item.promotion_type == _BUNDLE):
        # The price of one piece of a bundle stands in the settlement only; what it costs alone is the nearest.
        price = full
    return price if price is not None else Money(0, currency)


def _line_status(own: Status, order_status: Status) -> Status:
    return order_status if order_status in {Status.CANCELLED, Status.COMPLETED, Status.RETURNING} else own


def _total(record: OrderRecord, lines: Sequence[Line]) -> Money:
    """What the buyer pays; before payment Shopee does not say it, and the goods alone stand for it."""
    total = amount(record.total_amount, record.currency)
    if total is not None:
        return total
    total = Money(0, record.currency)
    for line in lines:
        total += line.unit_price * line.quantity
    return total


def _shipping_type(record: OrderRecord, own_channels: frozenset[str] | None) -> ShippingType:
    if record.is_buyer_shop_collection:
        return ShippingType.STORE_PICKUP
    channels = {part.logistics_channel_id for part in record.package_list or () if part.logistics_channel_id}
    if own_channels is None or not channels:
        # With a carrier named, it is Shopee's way; whether a channel is the seller's own only the channel list says.
        return ShippingType.UNKNOWN if own_channels is None else ShippingType.PLATFORM
    return ShippingType.SELLER if channels <= own_channels else ShippingType.PLATFORM


def _flags(record: OrderRecord, details: Sequence[PackageDetail], packages: Sequence[Package]) -> Flag:
    flags = Flag.NONE
    if record.order_status == _IN_CANCEL:
        flags |= Flag.CANCEL_REQUESTED
    if record.order_status == "TO_RETURN":
        flags |= Flag.RETURN_OPEN
    if record.cod:
        flags |= Flag.CASH_ON_DELIVERY
    if record.fulfillment_flag == _BY_SHOPEE or record.advance_package:
        # An order matched with a parcel sent in advance is not the seller's to arrange either.
        flags |= Flag.FULFILLED_BY_PLATFORM
    if record.affiliate_sample_type:
        flags |= Flag.SAMPLE
    if any(detail.is_pre_order for detail in details):
        flags |= Flag.PRE_ORDER
    if len(packages) > 1 and _shipped_in_part(packages):
        flags |= Flag.PART_SHIPPED
    return flags


def _shipped_in_part(packages: Sequence[Package]) -> bool:
    to_ship = any(package.status is Status.TO_SHIP for package in packages)
    return to_ship and any(package.status not in BEFORE_CARRIER | CLOSED for package in packages)


def _history(record: OrderRecord) -> tuple[HistoryEvent, ...]:
    events = [HistoryEvent(record.create_time, "created")]
    if record.pay_time:
        events.append(HistoryEvent(record.pay_time, "paid"))
    if record.pickup_done_time:
        events.append(HistoryEvent(record.pickup_done_time, "collected"))
    # Shopee gives no moment for these two; the order's latest change is the nearest there is.
    if record.order_status == _IN_CANCEL:
        events.append(HistoryEvent(record.update_time, "cancel_requested", _cell(record.buyer_cancel_reason or "")))
    if record.order_status == "CANCELLED":
        why = f"{record.cancel_by or ''} {record.cancel_reason or record.buyer_cancel_reason or ''}"
        events.append(HistoryEvent(record.update_time, "cancelled", sanitise_cell(why)))
    return tuple(sorted((event for event in events if event.at > 0), key=_moment))


def _moment(event: HistoryEvent) -> int:
    return event.at


def _recipient(address: RecipientAddress | None) -> Recipient:
    if address is None:
        return Recipient()
    name = sanitise_cell(address.name or "")
    phone = sanitise_cell(address.phone or "")
    street = sanitise_cell(address.full_address or "")
    return Recipient(
        name=name,
        phone=phone,
        street=street,
        city=_cell(address.city or address.district or address.state or ""),
        postal_code=sanitise_cell(address.zipcode or ""),
        region=_cell(address.region or ""),
        masked="*" in name or "*" in phone or "*" in street,
    )
