"""Orders and parcels in Shopee's wire shape, with its field names, float amounts and masking."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..world.model import Buyer, Line, Order, OrderStatus, Package, PackageStatus, Role, Shipping, Store
from ..world.regions import REGIONS, Region
from ..world.world import World
from .market import DAYS_TO_SHIP
from .states import PENDING, channel, location_id, logistics_status, order_status

BREAKAGES = ("missing_id", "bad_time", "bad_money", "null_lines", "not_an_object")

_CANCEL_BY = {Role.BUYER: "buyer", Role.SELLER: "seller", Role.SYSTEM: "system"}
_CONTACT_SHOWN = frozenset({OrderStatus.TO_SHIP, OrderStatus.PARTLY_ARRANGED, OrderStatus.ARRANGED})
_HOUR = 3600
_DAY = 86_400


def money(minor: int, region: Region) -> float:
    """An amount as a JSON number in major units, without a needless `.0`."""
    if region.minor_digits == 0 or minor % 100 == 0:
        return minor if region.minor_digits == 0 else minor // 100
    return minor / 100


def masked(text: str) -> str:
    """First and last character with stars between: `M******g`."""
    return f"{text[:1]}******{text[-1:]}" if len(text) > 1 else "****"


class Renderer:
    """Builds the JSON objects of one marketplace's orders and parcels."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._models: dict[str, Counter[str]] = {}

    # --- orders -------------------------------------------------------------------------------------------

    def order(self, order: Order, now: int, wanted: set[str], *, pending: bool) -> dict[str, Any]:
        """One row of `get_order_detail`: what comes always, and what was asked for."""
        region = REGIONS[order.store.region]
        status = order_status(order, now, pending=pending)
        data: dict[str, Any] = {
            "order_sn": order.id,
            "region": region.code,
            "currency": region.currency,
            "cod": order.is_cod,
            "order_status": status,
            "message_to_seller": order.buyer_message,
            "create_time": order.created_at,
            "update_time": order.updated_at,
            "days_to_ship": days_to_ship(order),
            "ship_by_date": order.deadlines.arrange_by or 0,
        }
        if status == PENDING:
            data["pending_terms"] = ["SYSTEM_PENDING"]
            data["pending_description"] = ["The order is being checked and cannot be shipped yet."]
        optional = self._optional(order, region, now)
        data.update({name: optional[name] for name in optional if name in wanted})
        if order.malformed:
            _spoil(data, order.malformed)
        return data

    def _optional(self, order: Order, region: Region, now: int) -> dict[str, Any]:
        carrier = channel(order)[1]
        fee = order.shipping_fee_minor - order.shipping_discount_minor
        delivered = order.delivered_at is not None
        paid_at = order.paid_at if not order.is_cod else order.delivered_at
        by_seller = order.cancelled_by is not None and order.cancelled_by is not Role.BUYER
        open_request = order.cancel_request
        buyer_reason = open_request.reason if open_request is not None else order.cancel_reason
        data: dict[str, Any] = {
            "buyer_user_id": int(order.buyer.id),
            "buyer_username": order.buyer.nickname,
            "estimated_shipping_fee": money(fee, region),
            "actual_shipping_fee": money(fee if delivered else 0, region),
            "actual_shipping_fee_confirmed": delivered,
            "reverse_shipping_fee": 0,
            "goods_to_declare": False,
            "note": order.seller_note,
            "note_update_time": order.seller_note_at or 0,
            "pay_time": paid_at,
            "dropshipper": None,
            "dropshipper_phone": None,
            "split_up": len(order.open_packages) > 1,
            "cancel_by": "" if order.cancelled_by is None else _CANCEL_BY[order.cancelled_by],
            "cancel_reason": order.cancel_reason,
            "buyer_cancel_reason": "" if by_seller else buyer_reason,
            "buyer_cpf_id": None,
            "fulfillment_flag": ("fulfilled_by_shopee" if order.is_platform_fulfilled else "fulfilled_by_local_seller"),
            "pickup_done_time": order.collected_at or 0,
            "shipping_carrier": carrier,
            "checkout_shipping_carrier": order.option.name,
            "payment_method": "Cash on Delivery" if order.is_cod else "Online Banking",
            "invoice_data": None,
            "order_chargeable_weight_gram": sum(line.sku.weight_g for line in order.open_lines),
            "prescription_images": None,
            "prescription_check_status": 0,
            "advance_package": False,
            "can_full_cancel_order": can_cancel(order),
            "can_partial_cancel_order": can_cancel(order) and self._may_cancel_lines(order),
            "recipient_address": address(order, order.buyer, region),
            "item_list": self._items(order, region),
            "package_list": [self._package_part(one, now) for one in order.open_packages or order.packages],
        }
        if order.is_cod or order.paid_at is not None:
            total = sum(line.paid_minor for line in order.lines) + fee
            data["total_amount"] = money(total, region)
        if order.completed_at is not None:
            data["return_request_due_date"] = order.completed_at + 15 * _DAY
        return data

    def _may_cancel_lines(self, order: Order) -> bool:
        market = self._world.market_of(order.store)
        return market.seller_may_cancel_lines(REGIONS[order.store.region]) and len(order.open_lines) > 1

    def _items(self, order: Order, region: Region) -> list[dict[str, Any]]:
        rows = []
        for number, (group, lines) in enumerate(item_groups(order)):
            line = lines[0]
            item_id, model_id = self.ids(order.store, line)
            cancelled = sum(1 for one in lines if one.cancelled_at is not None)
            promotion = "add_on_deal_sub" if line.is_gift else "product_promotion" if line.seller_discount_minor else ""
            rows.append(
                {
                    "item_id": item_id,
                    "item_name": line.sku.product_name,
                    "item_sku": line.sku.code if model_id == 0 else line.sku.code.rpartition("-")[0],
                    "model_id": model_id,
                    "model_name": line.sku.variant if model_id else "",
                    "model_sku": line.sku.code if model_id else "",
                    "model_quantity_purchased": len(lines),
                    "model_original_price": money(line.price_minor, region),
                    "model_discounted_price": money(line.price_minor - line.seller_discount_minor, region),
                    "wholesale": False,
                    "weight": line.sku.weight_g / 1000,
                    "add_on_deal": line.is_gift,
                    "main_item": False,
                    "add_on_deal_id": 0,
                    "promotion_type": promotion,
                    "promotion_id": 779_222_207_758_537 if promotion else 0,
                    "order_item_id": item_id,
                    "promotion_group_id": group,
                    "line_item_id": number + 1,
                    "image_info": {"image_url": line.sku.image},
                    "product_location_id": [location_id(order.store, order.warehouse.id)],
                    "is_prescription_item": False,
                    "is_b2c_owned_item": False,
                    "active_qty": len(lines) - cancelled,
                    "cancelled_qty": cancelled,
                }
            )
        return rows

    def ids(self, store: Store, line: Line) -> tuple[int, int]:
        """`item_id` and `model_id` of a line; the model is 0 where the listing has no variations."""
        models = self._models.get(store.id)
        if models is None:
            models = self._models[store.id] = Counter(sku.product_id for sku in store.skus)
        return int(line.sku.product_id), int(line.sku.id) if models[line.sku.product_id] > 1 else 0

    # --- parcels ------------------------------------------------------------------------------------------

    def _package_part(self, package: Package, now: int) -> dict[str, Any]:
        order = package.orders[0]
        channel_id, name = channel(order)
        return {
            "package_number": package.id,
            "logistics_status": logistics_status(package, now),
            "logistics_channel_id": channel_id,
            "shipping_carrier": name,
            "allow_self_design_awb": True,
            "parcel_chargeable_weight_gram": package.weight_g,
            "group_shipment_id": None,
            "item_list": self.package_items(package),
        }

    def package_items(self, package: Package) -> list[dict[str, Any]]:
        """What lies in a parcel; the place is plain text here, while orders tell it as a list."""
        order = package.orders[0]
        inside = set(package.lines)
        rows = []
        for group, lines in item_groups(order):
            quantity = sum(1 for line in lines if line in inside)
            if quantity:
                item_id, model_id = self.ids(order.store, lines[0])
                rows.append(
                    {
                        "item_id": item_id,
                        "model_id": model_id,
                        "model_quantity": quantity,
                        "order_item_id": item_id,
                        "promotion_group_id": group,
                        "product_location_id": location_id(order.store, order.warehouse.id),
                    }
                )
        return rows


def item_groups(order: Order) -> list[tuple[int, list[Line]]]:
    """The units of an order as its item list shows them: alike in goods and price, with their promotion group.

    Groups of the same goods at different prices count up from 0, which keeps them apart on the wire.
    """
    found: dict[tuple[str, int, int, bool], list[Line]] = {}
    for line in order.lines:
        key = (line.sku.id, line.seller_discount_minor, line.platform_discount_minor, line.is_gift)
        found.setdefault(key, []).append(line)
    seen: Counter[str] = Counter()
    rows = []
    for (sku_id, *_), lines in found.items():
        rows.append((seen[sku_id], lines))
        seen[sku_id] += 1
    return rows


def days_to_ship(order: Order) -> int:
    return DAYS_TO_SHIP if order.option.arrange_s is None else 1


def can_cancel(order: Order) -> bool:
    """Whether the seller may cancel the order now: before hand-over, without a buyer's open request."""
    before_handover = {OrderStatus.UNPAID, OrderStatus.ON_HOLD, *_CONTACT_SHOWN}
    return order.status in before_handover and order.cancel_request is None


def address(order: Order, buyer: Buyer, region: Region) -> dict[str, Any]:
    """The `recipient_address`: all stars before handling, in clear only while a seller's own fleet needs it."""
    levels = (*buyer.levels, "", "", "")
    parts: dict[str, Any] = {
        "name": buyer.name,
        "phone": buyer.phone.replace("(", "").replace(")", "").replace("+", ""),
        "town": "",
        "district": levels[2],
        "city": levels[1],
        "state": levels[0],
        "region": region.code,
        "zipcode": buyer.postcode,
        "full_address": ", ".join((buyer.street, *reversed(buyer.levels), buyer.postcode)),
    }
    if order.status in (OrderStatus.UNPAID, OrderStatus.ON_HOLD):
        return {name: "****" if name != "region" else value for name, value in parts.items()}
    if order.shipping is Shipping.SELLER and order.status in _CONTACT_SHOWN:
        return parts
    return parts | {
        "name": masked(buyer.name),
        "phone": f"******{parts['phone'][-2:]}",
        "full_address": f"{buyer.street[:1]}******",
    }


def info_tag(order: Order, seen: PackageStatus, now: int) -> dict[str, int]:
    """`status_info_tag`: how urgent a parcel is whose readers see it wait to be arranged."""
    due_at, cancel_at = order.deadlines.arrange_by, order.deadlines.cancel_unarranged_at
    if seen is not PackageStatus.TO_ARRANGE or due_at is None or order.status is OrderStatus.ON_HOLD:
        return {"tag_id": 0, "timestamp": 0}
    if cancel_at is not None and now < cancel_at <= now + _HOUR:
        return {"tag_id": 5, "timestamp": cancel_at}
    if cancel_at is not None and now > due_at and cancel_at <= now + _DAY:
        return {"tag_id": 1, "timestamp": 0}
    if now > due_at:
        return {"tag_id": 3, "timestamp": 0}
    if due_at <= now + _HOUR:
        return {"tag_id": 4, "timestamp": 0}
    return {"tag_id": 2, "timestamp": due_at}


def _spoil(data: dict[str, Any], how: str) -> None:
    """Break one part of a test's order."""
    match how:
        case "missing_id":
            del data["order_sn"]
        case "bad_time":
            data["create_time"] = "yesterday"
        case "bad_money":
            data["total_amount"] = "12,3.4.5"
        case "null_lines":
            data["item_list"] = None
        case "not_an_object":
            data["package_list"] = ""
