"""Orders and their units in Lazada's wire shape, with its odd mixture of types and its masking (sections 5.6 and 6)."""

from __future__ import annotations

import json
import time
from typing import Any

from ..world.model import Buyer, Line, Order, OrderStatus, Shipping
from ..world.regions import REGIONS, Region
from ..world.world import World
from . import return_words
from .states import initiator, line_status, provider, statuses, tracking

BREAKAGES = ("missing_id", "bad_time", "bad_money", "null_lines", "not_an_object")

HOSTS = {
    "SG": "lazada.sg",
    "MY": "lazada.com.my",
    "TH": "lazada.co.th",
    "VN": "lazada.vn",
    "PH": "lazada.com.ph",
    "ID": "lazada.co.id",
}
"""Where each country's shop front and gateway live."""

_FORGOTTEN_OFFSET = 0.1
_FLAG = {24 * 3600: "GUARANTEE", 12 * 3600: "GLOBAL_COLLECTION"}


def number(minor: int, region: Region) -> float:
    """An amount as a JSON number in major units; zero is a whole number."""
    if minor == 0:
        return 0
    return minor / 100 if region.minor_digits else float(minor)


def text(minor: int, region: Region) -> str:
    """An amount as text with commas between thousands."""
    whole, rest = divmod(minor, 100) if region.minor_digits else (minor, 0)
    return f"{whole:,}.{rest:02d}"


def clock(at: int, region: Region, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment on the country's clocks, without their offset."""
    return time.strftime(form, time.gmtime(at + region.utc_offset_s))


def stamp(at: int, region: Region) -> str:
    """A moment as orders tell it: `2026-01-05 09:14:22 +0800`."""
    return f"{clock(at, region)} +{region.utc_offset_s // 3600:02d}00"


def masked(name: str) -> str:
    """The first letter of every word and stars: `N*** A***`."""
    return " ".join(f"{word[:1]}***" for word in name.split())


def masked_phone(phone: str) -> str:
    digits = "".join(char for char in phone if char.isdigit())
    return f"{digits[:2]}********{digits[-2:]}"


class Renderer:
    """Builds the JSON objects of orders and units. `repacked` are the units whose parcel was dissolved, kept live."""

    def __init__(self, world: World, repacked: set[str]) -> None:
        self._world = world
        self._repacked = repacked

    def statuses(self, order: Order, now: int) -> list[str]:
        return statuses(order, now, self._repacked)

    def order(self, order: Order, now: int, *, in_list: bool) -> dict[str, Any]:
        """An order as the list (`in_list`) or `/order/get` shows it."""
        region = REGIONS[order.store.region]
        seller = sum(line.seller_discount_minor for line in order.lines)
        platform = sum(line.platform_discount_minor for line in order.lines)
        # Some rows of lists tell times without an offset (section 5.6).
        bare = in_list and self._world.chance("bare time", order.id) < _FORGOTTEN_OFFSET
        at = clock if bare else stamp
        request = order.cancel_request
        address = self._address(order.buyer, region, in_list=in_list)
        data: dict[str, Any] = {
            "order_id": int(order.id),
            "order_number": int(order.id),
            "created_at": at(order.created_at, region),
            "updated_at": at(order.updated_at, region),
            "statuses": self.statuses(order, now),
            "items_count": len(order.lines),
            "price": text(sum(line.price_minor for line in order.lines), region),
            "voucher": number(seller + platform, region),
            "voucher_platform": number(platform, region),
            "voucher_seller": number(seller, region),
            "voucher_code": "",
            "shipping_fee": number(order.shipping_fee_minor - order.shipping_discount_minor, region),
            "shipping_fee_original": number(order.shipping_fee_minor, region),
            "shipping_fee_discount_seller": 0,
            "shipping_fee_discount_platform": number(order.shipping_discount_minor, region),
            "payment_method": "COD" if order.is_cod else "MIXEDCARD",
            "customer_first_name": masked(order.buyer.name),
            "customer_last_name": "",
            "gift_option": any(line.is_gift for line in order.lines),
            "gift_message": "",
            "remarks": "",
            "buyer_note": order.buyer_message,
            "delivery_info": "",
            "national_registration_number": "",
            "tax_code": "",
            "branch_number": "",
            "promised_shipping_times": "",
            "warehouse_code": self._house(order),
            "extra_attributes": '{"TaxInvoiceRequested":false}',
            "need_cancel_confirm": request is not None,
            "is_cancel_pending": False,
            "address_billing": address,
            "address_shipping": dict(address),
        }
        if in_list and order.address_changed:
            data["address_updated_at"] = at(order.updated_at, region)
        if order.malformed:
            _spoil(data, order.malformed)
        return data

    def items(self, order: Order, now: int, *, several: bool) -> Any:
        """The units of an order, one row each; `several` for the call that takes many orders."""
        if order.malformed == "null_lines":
            return None
        region = REGIONS[order.store.region]
        shares = _shares(order)
        rows = [self._item(order, line, region, now, shares[at]) for at, line in enumerate(order.lines)]
        tag = "show_gift_wrapping_tag" if several else "show_giftwrapping_tag"
        for row in rows:
            row[tag] = False
        return rows

    def _item(self, order: Order, line: Line, region: Region, now: int, shares: tuple[int, int]) -> dict[str, Any]:
        fee, discount = shares
        sku, package, request = line.sku, line.package, order.cancel_request
        host = HOSTS.get(region.code, "lazada.com")
        asked = request is not None and line in request.lines
        data: dict[str, Any] = {
            "order_item_id": int(line.id),
            "order_id": int(order.id),
            "purchase_order_id": "",
            "purchase_order_number": "",
            "package_id": "" if package is None else package.id,
            "product_id": sku.product_id,
            "sku_id": sku.id,
            "sku": sku.code,
            "shop_sku": f"{sku.product_id}_{region.code}-{sku.id}",
            "shop_id": order.store.name,
            "buyer_id": int(order.buyer.id),
            "name": sku.product_name,
            "variation": f"Variation:{sku.variant}" if sku.variant else "",
            "product_main_image": sku.image,
            "product_detail_url": f"https://www.{host}/products/i{sku.product_id}-s{sku.id}.html",
            "status": line_status(order, line, now, self._repacked),
            "return_status": self._return_status(order, line),
            "reason": request.reason if request is not None and asked else line.cancel_reason,
            "reason_detail": "",
            "cancel_return_initiator": initiator(line),
            "stage_pay_status": "unpaid" if order.status is OrderStatus.UNPAID else "",
            "order_type": "Normal",
            "order_flag": _FLAG.get(order.option.arrange_s or 0, "NORMAL"),
            "currency": region.currency,
            "item_price": number(line.price_minor, region),
            "paid_price": number(line.paid_minor, region),
            "tax_amount": 0,
            "shipping_amount": number(fee - discount, region),
            "shipping_service_cost": 0,
            "shipping_fee_original": number(fee, region),
            "shipping_fee_discount_seller": 0,
            "shipping_fee_discount_platform": number(discount, region),
            "voucher_amount": number(line.seller_discount_minor + line.platform_discount_minor, region),
            "voucher_platform": number(line.platform_discount_minor, region),
            "voucher_seller": number(line.seller_discount_minor, region),
            "voucher_platform_lpi": 0,
            "voucher_seller_lpi": 0,
            "wallet_credits": 0,
            "voucher_code": "",
            "voucher_code_platform": "",
            "voucher_code_seller": "",
            "shipping_type": "Dropshipping",
            "shipping_provider_type": order.option.kind,
            "shipment_provider": "" if package is None else provider(package),
            "tracking_code": "" if package is None else tracking(self._world, package),
            "tracking_code_pre": "",
            "warehouse_code": self._house(order),
            "delivery_option_sof": int(order.shipping is Shipping.SELLER),
            "is_fbl": int(order.is_platform_fulfilled),
            "is_reroute": 0,
            "is_digital": 0,
            "digital_delivery_info": "",
            "pick_up_store_info": {},
            **_sla(order, region, now),
            "promised_shipping_time": "",
            "payment_time": (order.paid_at or 0) * 1000,
            "created_at": stamp(order.created_at, region),
            "updated_at": stamp(order.updated_at, region),
            "invoice_number": "",
            "extra_attributes": "",
            "gift_wrapping": "",
            "personalization": "",
            "show_personalization_tag": False,
            "mp3_order": False,
            "semi_managed": False,
            "biz_group": 70020 if order.is_platform_fulfilled else 70100,
            "need_cancel_confirm": asked,
            "is_cancel_pending": False,
            "can_escalate_pickup": False,
        }
        if asked and request is not None:
            data["reverse_order_id"] = int(request.id)
            data["cancel_trigger_time"] = (request.answer_by or 0) * 1000
        return data

    def _return_status(self, order: Order, line: Line) -> str:
        """Where a unit's return stands, "" for units nothing is asked about."""
        for case in reversed(self._world.returns.of_order(order)):
            for unit in case.units:
                if unit.line is line:
                    return return_words.status(case, unit).lower() if case.is_open else ""
        return ""

    def _house(self, order: Order) -> str:
        """Sellers of one warehouse see a fixed word instead of its code."""
        houses = [one for one in order.store.warehouses if not one.is_return]
        return "dropshipping" if len(houses) < 2 else f"WH-{order.warehouse.id}"

    def _address(self, buyer: Buyer, region: Region, *, in_list: bool) -> dict[str, str]:
        levels = (*buyer.levels, "", "", "")
        # Misspelt in the list only (trap 20).
        district = "addressDsitrict" if in_list else "addressDistrict"
        return {
            "first_name": masked(buyer.name),
            "last_name": "",
            "phone": masked_phone(buyer.phone),
            "phone2": "",
            "address1": masked(buyer.street),
            "address2": "",
            "address3": levels[0],
            "address4": levels[1],
            "address5": levels[2],
            "city": levels[1],
            "post_code": buyer.postcode,
            "country": region.name,
            district: levels[2],
        }


def _sla(order: Order, region: Region, now: int) -> dict[str, str]:
    """The countdown: a moment with a colon in its offset, and prose that nobody should read by machine."""
    due_at = order.deadlines.arrange_by
    if due_at is None:
        return {"sla_time_stamp": "", "fulfillment_sla": "_null_null", "priority_fulfillment_tag": ""}
    hours = (due_at - now) / 3600
    colour = "red" if hours < 2 else ("yellow" if hours < 12 else "green")
    waits = order.status in (OrderStatus.TO_SHIP, OrderStatus.PARTLY_ARRANGED)
    ending = f"{hours:.1f} hrs_{colour}" if waits else "null_null"
    return {
        "sla_time_stamp": f"{clock(due_at, region, '%Y-%m-%dT%H:%M:%S')}+{region.utc_offset_s // 3600:02d}:00",
        "fulfillment_sla": f"Hand over before {clock(due_at, region)}_{ending}",
        "priority_fulfillment_tag": "LEX_SERVICE" if order.option.arrange_s is not None else "",
    }


def _shares(order: Order) -> list[tuple[int, int]]:
    """Each unit's part of the shipping fee and of its discount; the parts add up to the whole."""
    count = len(order.lines)
    fees = [
        order.shipping_fee_minor * (at + 1) // count - order.shipping_fee_minor * at // count for at in range(count)
    ]
    discounts = [
        order.shipping_discount_minor * (at + 1) // count - order.shipping_discount_minor * at // count
        for at in range(count)
    ]
    return list(zip(fees, discounts, strict=True))


def _spoil(data: dict[str, Any], how: str) -> None:
    """Break a record the way a test asked for; units break with `null_lines` alone."""
    match how:
        case "missing_id":
            del data["order_id"], data["order_number"]
        case "bad_time":
            data["created_at"] = data["updated_at"] = "yesterday"
        case "bad_money":
            data["price"] = "free"
        case "not_an_object":
            data["address_shipping"] = json.dumps(data["address_shipping"])
            data["statuses"] = "pending"
