"""Orders in TikTok Shop's wire shape, with its field names, money strings and masking."""

from __future__ import annotations

import json
from typing import Any

from ..world.model import (
    Buyer,
    Carrier,
    Line,
    Order,
    OrderStatus,
    Package,
    PackageStatus,
    Packing,
    Shipping,
    Sku,
)
from ..world.regions import REGIONS, Region, money_text

ORDER_STATUS = {
    OrderStatus.UNPAID: "UNPAID",
    OrderStatus.ON_HOLD: "ON_HOLD",
    OrderStatus.TO_SHIP: "AWAITING_SHIPMENT",
    OrderStatus.PARTLY_ARRANGED: "PARTIALLY_SHIPPING",
    OrderStatus.ARRANGED: "AWAITING_COLLECTION",
    OrderStatus.IN_TRANSIT: "IN_TRANSIT",
    OrderStatus.DELIVERED: "DELIVERED",
    OrderStatus.COMPLETED: "COMPLETED",
    OrderStatus.CANCELLED: "CANCELLED",
}
PACKAGE_STATUS = {
    PackageStatus.TO_ARRANGE: "TO_FULFILL",
    PackageStatus.ARRANGED: "PROCESSING",
    PackageStatus.COLLECTED: "FULFILLING",
    PackageStatus.DELIVERED: "COMPLETED",
    PackageStatus.CANCELLED: "CANCELLED",
}
_LINE_STATUS = {
    PackageStatus.TO_ARRANGE: "AWAITING_SHIPMENT",
    PackageStatus.ARRANGED: "AWAITING_COLLECTION",
    PackageStatus.COLLECTED: "IN_TRANSIT",
    PackageStatus.DELIVERED: "DELIVERED",
    PackageStatus.CANCELLED: "CANCELLED",
}
_HIDDEN = frozenset({OrderStatus.UNPAID, OrderStatus.ON_HOLD})
_CONTACT_KEPT_S = 30 * 86_400

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def mask_words(text: str) -> str:
    """Each word keeps its first character: `Nguyễn Lan` becomes `N*** L***`."""
    return " ".join(word[0] + "***" for word in text.split())


def mask_phone(phone: str) -> str:
    """Country code, two digits, five stars and the last two digits: `(+84)98*****21`."""
    prefix, _, digits = phone.partition(")")
    return f"{prefix}){digits[:2]}*****{digits[-2:]}"


def is_masked(order: Order, now: int) -> bool:
    """Platform-shipped and platform-fulfilled orders are masked, seller-shipped ones are not.

    In the US contact data of cancelled orders, and of completed ones after 30 days, are masked too.
    """
    if order.shipping is not Shipping.SELLER or order.is_platform_fulfilled:
        return True
    if order.store.region != "US":
        return False
    if order.status is OrderStatus.CANCELLED:
        return True
    return order.completed_at is not None and now - order.completed_at > _CONTACT_KEPT_S


def known_tracking(package: Package, now: int) -> str:
    """The tracking number as readers see it: empty before shipping and for a while after."""
    if package.tracking_known_at is None or now < package.tracking_known_at:
        return ""
    return package.tracking


class OrderRenderer:
    """Builds and keeps the JSON of orders; an order is encoded again only when it changed."""

    def __init__(self, cache_bytes: int = 384 * 1024 * 1024) -> None:
        """`cache_bytes` bounds the kept JSON; beyond it the oldest entries go first."""
        self._cache: dict[str, tuple[int, bool, bytes]] = {}
        self._cached = 0
        self._limit = cache_bytes
        self._addresses: dict[tuple[str, bool], str] = {}
        self._goods: dict[str, str] = {}
        self._carriers: dict[str, str] = {}

    def order_json(self, order: Order, now: int) -> bytes:
        masked = is_masked(order, now)
        kept = self._cache.get(order.id)
        if kept is not None:
            if kept[0] == order.version and kept[1] is masked:
                return kept[2]
            self._cached -= len(kept[2])
            del self._cache[order.id]
        text = self._order(order, now, masked)
        encoded = (_broken(text, order.malformed) if order.malformed else text).encode()
        self._cache[order.id] = (order.version, masked, encoded)
        self._cached += len(encoded)
        while self._cached > self._limit:
            oldest = next(iter(self._cache))
            self._cached -= len(self._cache.pop(oldest)[2])
        return encoded

    def _order(self, order: Order, now: int, masked: bool) -> str:
        """The order's JSON; the parts that repeat from order to order (address, goods) are encoded once."""
        region = REGIONS[order.store.region]
        address = EMPTY_ADDRESS_JSON if order.status in _HIDDEN else self._address_json(order, region, masked)
        lines = ",".join(self._line(line, order, region, now) for line in order.lines)
        head = encode(_head(order, region, now))[:-1]
        return f'{head},"recipient_address":{address},"line_items":[{lines}]}}'

    def _address_json(self, order: Order, region: Region, masked: bool) -> str:
        key = (order.buyer.id, masked)
        found = self._addresses.get(key)
        if found is None:
            found = self._addresses[key] = encode(address_of(order.buyer, region, masked))
        return found

    def _line(self, line: Line, order: Order, region: Region, now: int) -> str:
        """One `line_items` entry. Everything put in by hand here is made of digits, capitals and points."""
        package = line.package
        goods = self._goods.get(line.sku.id)
        if goods is None:
            goods = self._goods[line.sku.id] = _goods(line.sku, region)
        carrier = NO_CARRIER_JSON if package is None else self._carrier_json(package.carrier)
        optional = ""
        if line.is_gift:
            optional += f',"gift_retail_price":"{money_text(line.sku.price_minor, region)}"'
        if package is not None and package.arranged_at is not None:
            optional += f',"rts_time":{package.arranged_at}'
        if line.cancelled_by is not None:
            reason = encode(line.cancel_reason)
            optional += f',"cancel_user":"{line.cancelled_by.upper()}","cancel_reason":{reason}'
        return (
            f'{{"id":"{line.id}",{goods}'
            f',"original_price":"{money_text(line.price_minor, region)}"'
            f',"seller_discount":"{money_text(line.seller_discount_minor, region)}"'
            f',"platform_discount":"{money_text(line.platform_discount_minor, region)}"'
            f',"sale_price":"{money_text(line.paid_minor, region)}"'
            f',"display_status":"{_display_status(line, order)}"'
            f',"package_id":"{package.id if package else ""}"'
            f',"package_status":"{PACKAGE_STATUS[package.status] if package else ""}"'
            f',"tracking_number":"{known_tracking(package, now) if package else ""}"'
            f',{carrier},"is_gift":{"true" if line.is_gift else "false"},"is_dangerous_good":false{optional}}}'
        )

    def _carrier_json(self, carrier: Carrier) -> str:
        found = self._carriers.get(carrier.id)
        if found is None:
            named = {"shipping_provider_id": carrier.id, "shipping_provider_name": carrier.name}
            found = self._carriers[carrier.id] = encode(named)[1:-1]
        return found


def _goods(sku: Sku, region: Region) -> str:
    """The part of a line that every order of the SKU shares, without the braces."""
    return encode(
        {
            "product_id": sku.product_id,
            "product_name": sku.product_name,
            "sku_id": sku.id,
            "sku_name": sku.variant,
            "seller_sku": sku.code,
            "sku_image": sku.image,
            "currency": region.currency,
        }
    )[1:-1]


def _head(order: Order, region: Region, now: int) -> dict[str, Any]:
    """Every field of an order but its address and its lines."""
    packages = order.open_packages or order.packages
    tracking = next((number for one in packages if (number := known_tracking(one, now))), "")
    carrier = packages[0].carrier if packages else None
    packings = {one.packing for one in packages}
    tag = "COMBINED" if Packing.COMBINED in packings else ("SPLIT" if Packing.SPLIT in packings else "")
    by_platform = order.is_platform_fulfilled
    data: dict[str, Any] = {
        "id": order.id,
        "status": order.strange_status or ORDER_STATUS[order.status],
        "create_time": order.created_at,
        "update_time": order.updated_at,
        "user_id": order.buyer.id,
        "buyer_email": f"v{int(order.buyer.id) % 10**9:x}@chat.seller.tiktok.com",
        "buyer_nickname": order.buyer.nickname,
        "buyer_message": order.buyer_message,
        "seller_note": order.seller_note,
        "fulfillment_type": "FULFILLMENT_BY_TIKTOK" if by_platform else "FULFILLMENT_BY_SELLER",
        "shipping_type": "SELLER" if order.shipping is Shipping.SELLER else "TIKTOK",
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": order.option.id,
        "delivery_option_name": order.option.name,
        "shipping_provider_id": carrier.id if carrier else "",
        "shipping_provider": carrier.name if carrier else "",
        "tracking_number": tracking,
        "warehouse_id": order.warehouse.id,
        "split_or_combine_tag": tag,
        "payment_method_name": "Cash on delivery" if order.is_cod else "Card",
        "is_cod": order.is_cod,
        "is_on_hold_order": order.hold_until is not None,
        "is_buyer_request_cancel": order.cancel_request is not None,
        "has_updated_recipient_address": order.address_changed,
        "is_sample_order": False,
        "is_replacement_order": False,
        "is_exchange_order": False,
        "order_type": "NORMAL" if order.release_at is None else "PRE_ORDER",
        "packages": [{"id": one.id} for one in packages],
        "payment": _payment(order, region),
    }
    _add_deadlines(data, order, region)
    for name, value in (
        ("paid_time", order.paid_at),
        ("rts_time", order.arranged_at),
        ("collection_time", order.collected_at),
        ("delivery_time", order.delivered_at),
        ("request_cancel_time", order.cancel_requested_at),
        ("cancel_time", order.cancelled_at),
        ("release_date", order.release_at),
    ):
        if value is not None:
            data[name] = value
    if order.cancelled_by is not None:
        data["cancellation_initiator"] = order.cancelled_by.upper()
        data["cancel_reason"] = order.cancel_reason
    if region.is_sea:
        data["fulfillment_priority_level"] = order.option.priority
    if region.code == "ID":
        data["commerce_platform"] = "TOKOPEDIA" if int(order.id) % 4 == 0 else "TIKTOK_SHOP"
    return data


def _add_deadlines(data: dict[str, Any], order: Order, region: Region) -> None:
    """Deadlines the market lacks are absent; those that do not run yet (unpaid, on hold) are 0."""
    due = order.deadlines
    names = [
        ("rts_sla_time", due.arrange_by),
        ("tts_sla_time", due.collect_by),
        ("shipping_due_time", due.cancel_unarranged_at),
        ("collection_due_time", due.cancel_uncollected_at),
        ("delivery_sla_time", due.deliver_by),
        ("delivery_due_time", due.cancel_undelivered_at),
        ("delivery_option_required_delivery_time", due.promised_at),
        ("cancel_order_sla_time", due.cancel_unarranged_at),
    ]
    if region.is_sea:
        names += [("pick_up_cut_off_time", due.pickup_cutoff_at), ("recommended_shipping_time", due.recommended_at)]
        if order.option.kind == "NEXTDAY":
            names += [("fast_rts_sla_time", due.fast_arrange_by), ("fast_collection_sla_time", due.fast_collect_by)]
            if region.code in ("TH", "PH"):
                names.append(("fast_dispatch_sla_time", due.fast_dispatch_by))
    for name, value in names:
        data[name] = value or 0


def _payment(order: Order, region: Region) -> dict[str, str]:
    price = sum(line.price_minor for line in order.lines)
    seller = sum(line.seller_discount_minor for line in order.lines)
    platform = sum(line.platform_discount_minor for line in order.lines)
    shipping = order.shipping_fee_minor - order.shipping_discount_minor
    sub_total = price - seller - platform
    tax = order_tax_minor(order)
    money = {
        "original_total_product_price": price,
        "seller_discount": seller,
        "platform_discount": platform,
        "sub_total": sub_total,
        "original_shipping_fee": order.shipping_fee_minor,
        "shipping_fee_seller_discount": 0,
        "shipping_fee_platform_discount": order.shipping_discount_minor,
        "shipping_fee": shipping,
        "tax": tax,
        "total_amount": sub_total + shipping + tax,
    }
    return {"currency": region.currency} | {name: money_text(value, region) for name, value in money.items()}


def order_tax_minor(order: Order) -> int:
    """Sales tax on top of the price, which only US orders show."""
    if order.store.region != "US":
        return 0
    return sum(line.paid_minor for line in order.lines) * 8 // 100


def _display_status(line: Line, order: Order) -> str:
    if line.cancelled_at is not None:
        return "CANCELLED"
    if order.status in (OrderStatus.UNPAID, OrderStatus.COMPLETED):
        return ORDER_STATUS[order.status]
    if line.package is None:
        return "AWAITING_SHIPMENT"
    return _LINE_STATUS[line.package.status]


_EMPTY_ADDRESS: dict[str, Any] = {
    "name": "",
    "first_name": "",
    "last_name": "",
    "phone_number": "",
    "full_address": "",
    "address_detail": "",
    "address_line1": "",
    "address_line2": "",
    "postal_code": "",
    "region_code": "",
    "district_info": [],
}


EMPTY_ADDRESS_JSON = encode(_EMPTY_ADDRESS)
NO_CARRIER_JSON = '"shipping_provider_id":"","shipping_provider_name":""'


def address_of(buyer: Buyer, region: Region, masked: bool) -> dict[str, Any]:
    """The `recipient_address` of a buyer, masked or in clear."""
    street = mask_words(buyer.street) if masked else buyer.street
    first = mask_words(buyer.first_name) if masked else buyer.first_name
    last = mask_words(buyer.last_name) if masked else buyer.last_name
    levels = [
        {"address_level": f"L{depth}", "address_level_name": title, "address_name": name}
        for depth, (title, name) in enumerate(
            zip(("Country", *region.level_names), (region.name, *buyer.levels), strict=False)
        )
    ]
    data: dict[str, Any] = {
        "name": mask_words(buyer.name) if masked else buyer.name,
        "first_name": first,
        "last_name": last,
        "phone_number": mask_phone(buyer.phone) if masked else buyer.phone,
        "full_address": ", ".join((region.name, *buyer.levels, street)),
        "address_detail": street,
        "address_line1": street,
        "address_line2": "",
        "postal_code": buyer.postcode,
        "region_code": region.code,
        "district_info": levels,
    }
    if region.code == "GB":
        data["post_town"] = buyer.levels[-1]
    if region.code == "JP":
        data["first_name_local_script"], data["last_name_local_script"] = first, last
    return data


def _broken(text: str, how: str) -> str:
    """An order's JSON with one part spoilt, on a test's order."""
    data = json.loads(text)
    match how:
        case "missing_id":
            del data["id"]
        case "bad_time":
            data["create_time"] = "yesterday"
        case "bad_money":
            data["payment"] = {**data["payment"], "total_amount": "12,3.4.5"}
        case "null_lines":
            data["line_items"] = None
        case "not_an_object":
            data["payment"] = []
    return encode(data)


BREAKAGES = ("missing_id", "bad_time", "bad_money", "null_lines", "not_an_object")
