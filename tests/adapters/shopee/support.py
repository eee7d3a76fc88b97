"""A Shopee whose answers the test writes, and the records it answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.adapters.shopee.adapter import Shopee
from shoptui.clock import DrivenClock
from shoptui.domain.stores import Store
from tests.adapters.scripted import Reply, Script, Scripted

#: The app of the sheet's signature vectors.
APP = AppCredentials(
    app="main",
    marketplace="shopee",
    app_key="2007001",
    app_secret="6f3d9a1c5be24870a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778",
    base_url="http://api.test",
    auth_url="http://open.test",
)
FOUR_HOURS_S = 4 * 3600


def store(store_id: str = "sp-my-1", shop_id: str = "224460123", region: str = "MY", currency: str = "MYR") -> Store:
    return Store(
        store_id=store_id,
        marketplace="shopee",
        region=region,
        shop_id=shop_id,
        name="Tote House",
        time_zone="Asia/Kuala_Lumpur",
        currency=currency,
        app="main",
    )


STORE = store()


def tokens(clock: DrivenClock, name: str = "1", *, lasts_s: float = FOUR_HOURS_S) -> TokenSet:
    now = int(clock.now())
    return TokenSet(f"access{name}", f"refresh{name}", int(now + lasts_s), now + 30 * 86400)


def ok(response: Any = None, **beside: Any) -> httpx.Response:
    raw: dict[str, Any] = {"request_id": "e3e3e7f35c0a41d2", "error": "", "message": "", **beside}
    if response is not None:
        raw["response"] = response
    return httpx.Response(200, json=raw)


def no(code: str, message: str = "", *, status: int = 200, response: Any = None) -> httpx.Response:
    raw: dict[str, Any] = {"request_id": "e3e3e7f35c0a41d3", "error": code, "message": message}
    if response is not None:
        raw["response"] = response
    return httpx.Response(status, json=raw)


class ScriptedShop(Scripted[Shopee]):
    """A Shopee that answers from a script."""

    def __init__(self, clock: DrivenClock, script: Script, *, app: AppCredentials = APP, **setup: Any) -> None:
        # Each renewal asks when the consent ends; without a line of its own Shopee does not say.
        told = {INFO: ok(shop_name="Tote House", region="MY"), **script}
        held = {STORE.store_id: tokens(clock)}
        super().__init__(Shopee, clock, told, app=app, tokens=held, root="/api/v2", **setup)

    def bodies(self, path: str) -> list[Any]:
        return [json.loads(request.content) for request in self.asked if request.url.path.endswith(path)]


REFRESH = "/auth/access_token/get"
INFO = "/shop/get_shop_info"
LIST = "/order/get_order_list"
DETAIL = "/order/get_order_detail"
PACKAGES = "/order/get_package_detail"
CHANNELS = "/logistics/get_channel_list"

PACKAGE = "OFG190024417703556"


def token_answer(name: str = "2", expire_in: int = FOUR_HOURS_S) -> httpx.Response:
    return ok(access_token=f"access{name}", refresh_token=f"refresh{name}", expire_in=expire_in, shop_id=224460123)


def item(**over: Any) -> dict[str, Any]:
    return {
        "item_id": 19004417703,
        "item_name": "Linen apron",
        "item_sku": "APRON",
        "model_id": 190044177031,
        "model_name": "Sand,M",
        "model_sku": "APRON-SD-M",
        "model_quantity_purchased": 1,
        "model_original_price": 45.9,
        "model_discounted_price": 38.5,
        "promotion_type": "product_promotion",
        "order_item_id": 19004417703,
        "promotion_group_id": 0,
        "product_location_id": ["MYZ"],
        **over,
    }


def packed(**over: Any) -> dict[str, Any]:
    return {
        "item_id": 19004417703,
        "model_id": 190044177031,
        "model_quantity": 1,
        "order_item_id": 19004417703,
        "promotion_group_id": 0,
        "product_location_id": "MYZ",
        **over,
    }


def part(number: str = PACKAGE, **over: Any) -> dict[str, Any]:
    return {
        "package_number": number,
        "logistics_status": "LOGISTICS_READY",
        "logistics_channel_id": 20021,
        "shipping_carrier": "SPX Express",
        "parcel_chargeable_weight_gram": 640,
        "group_shipment_id": None,
        "item_list": [packed()],
        **over,
    }


def order(order_sn: str = "251009T4K7WQ2P", **over: Any) -> dict[str, Any]:
    return {
        "order_sn": order_sn,
        "region": "MY",
        "currency": "MYR",
        "cod": False,
        "order_status": "READY_TO_SHIP",
        "message_to_seller": "Ring twice please",
        "create_time": 1759990000,
        "update_time": 1759991000,
        "pay_time": 1759990200,
        "days_to_ship": 2,
        "ship_by_date": 1760169599,
        "pickup_done_time": 0,
        "total_amount": 43.5,
        "shipping_carrier": "SPX Express",
        "checkout_shipping_carrier": "Standard Delivery",
        "fulfillment_flag": "fulfilled_by_local_seller",
        "buyer_user_id": 880299331,
        "buyer_username": "suri_tan7",
        "buyer_cancel_reason": "",
        "cancel_by": "",
        "cancel_reason": "",
        "note": "",
        "recipient_address": {
            "name": "S****n",
            "phone": "******77",
            "town": "",
            "district": "",
            "city": "Ipoh",
            "state": "Perak",
            "region": "MY",
            "zipcode": "30000",
            "full_address": "2******",
        },
        "item_list": [item()],
        "package_list": [part()],
        **over,
    }


def package(number: str = PACKAGE, **over: Any) -> dict[str, Any]:
    return {
        "order_sn": "251009T4K7WQ2P",
        "package_number": number,
        "fulfillment_status": "LOGISTICS_READY",
        "update_time": 1759991000,
        "logistics_channel_id": 20021,
        "shipping_carrier": "SPX Express",
        "ship_by_date": 1760169599,
        "tracking_number": "",
        "tracking_number_expiration_date": 0,
        "pickup_done_time": 0,
        "is_split_up": False,
        "is_shipment_arranged": False,
        "is_pre_order": False,
        "can_split_order": True,
        "item_list": [packed()],
        "status_info_tag": {"tag_id": 2, "timestamp": 1760169599},
        "preparation_end_time": 0,
        **over,
    }


def channels(*own: int) -> httpx.Response:
    rows = [
        {
            "logistics_channel_id": number,
            "logistics_channel_name": f"Channel {number}",
            "enabled": True,
            "logistics_capability": {"seller_logistics": number in own},
        }
        for number in (20021, 20022, *own)
    ]
    return ok({"logistics_channel_list": rows})


def reading(*orders: Mapping[str, Any], packages: list[Any] | None = None) -> dict[str, list[Reply] | Reply]:
    """The script of an order being read: details, packages, channels."""
    return {
        DETAIL: ok({"order_list": list(orders)}),
        PACKAGES: ok({"package_list": packages if packages is not None else [package()]}),
        CHANNELS: channels(),
    }
