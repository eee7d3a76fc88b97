"""A TikTok Shop whose answers the test writes, and the records it answers with."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import httpx

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.adapters.tiktok.adapter import TikTokShop
from shoptui.clock import DrivenClock
from shoptui.domain.stores import Store
from tests.adapters.scripted import Script, Scripted

APP = AppCredentials(
    app="main",
    marketplace="tiktok",
    app_key="6abcd12efgh34",
    app_secret="7f3a9c5e1b2d4f6081a2b3c4d5e6f70819a2b3c4",
    base_url="http://api.test",
    auth_url="http://auth.test",
)
CIPHER = "ROW_k9Xw2AAAAAB-cD_3fG7hJ=="
WEEK_S = 7 * 86400


def store(store_id: str = "tt-vn-1", region: str = "VN", currency: str = "VND") -> Store:
    return Store(
        store_id=store_id,
        marketplace="tiktok",
        region=region,
        shop_id=f"7495{zlib.crc32(store_id.encode()):015d}",
        name="Mug House",
        time_zone="Asia/Ho_Chi_Minh",
        currency=currency,
        app="main",
        wire=MappingProxyType({"cipher": CIPHER}),
    )


def tokens(clock: DrivenClock, name: str = "1", *, lasts_s: float = WEEK_S, consent_s: float = 300 * 86400) -> TokenSet:
    now = int(clock.now())
    return TokenSet(f"ROW_access{name}", f"ROW_refresh{name}", int(now + lasts_s), int(now + consent_s))


def ok(data: Any = None) -> httpx.Response:
    return httpx.Response(200, json={"code": 0, "message": "Success", "request_id": "r1", "data": data})


def no(code: int, message: str = "", *, status: int = 200, headers: Mapping[str, str] | None = None) -> httpx.Response:
    envelope = {"code": code, "message": message, "request_id": "r2", "data": None}
    return httpx.Response(status, json=envelope, headers=dict(headers or {}))


class ScriptedShop(Scripted[TikTokShop]):
    """A TikTok Shop that answers from a script."""

    def __init__(self, clock: DrivenClock, script: Script, **setup: Any) -> None:
        super().__init__(TikTokShop, clock, script, app=APP, tokens={"tt-vn-1": tokens(clock)}, **setup)

    def bodies(self) -> list[Any]:
        return [json.loads(request.content) if request.content else None for request in self.asked]


SEARCH = "/order/202309/orders/search"
DETAIL = "/order/202309/orders"
SHIP_MANY = "/fulfillment/202309/packages/ship"
REFRESH = "/api/v2/token/refresh"


def ship_path(package_id: str) -> str:
    return f"/fulfillment/202309/packages/{package_id}/ship"


def package_path(package_id: str) -> str:
    return f"/fulfillment/202309/packages/{package_id}"


def token_data(clock: DrivenClock, name: str = "2") -> dict[str, Any]:
    fresh = tokens(clock, name)
    return {
        "access_token": fresh.access_token,
        "access_token_expire_in": fresh.access_expires_at,
        "refresh_token": fresh.refresh_token,
        "refresh_token_expire_in": fresh.refresh_expires_at,
        "open_id": "7010736057180325637",
        "user_type": 0,
    }


def unit(number: int = 1, **over: Any) -> dict[str, Any]:
    return {
        "id": f"5770865121238{number:05d}",
        "product_id": "1729582718312380123",
        "sku_id": "1729582718312445659",
        "seller_sku": "MUG-450-BLU",
        "product_name": "Insulated mug 450 ml",
        "sku_name": "Blue, 450 ml",
        "currency": "VND",
        "original_price": "150000",
        "sale_price": "135000",
        "display_status": "AWAITING_SHIPMENT",
        "package_id": "1153132168123859123",
        "package_status": "TO_FULFILL",
        "tracking_number": "",
        "shipping_provider_id": "6841743441349706241",
        "shipping_provider_name": "J&T Express",
        "is_gift": False,
        **over,
    }


def order(number: int = 1, **over: Any) -> dict[str, Any]:
    record = {
        "id": f"5770865121237{number:05d}",
        "status": "AWAITING_SHIPMENT",
        "create_time": 1767222000,
        "paid_time": 1767222120,
        "update_time": 1767225000 + number,
        "user_id": "7494799386964364219",
        "buyer_nickname": "ngoc.anh",
        "buyer_message": "Giao giờ hành chính giúp mình",
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "shipping_type": "TIKTOK",
        "delivery_option_name": "Standard shipping",
        "shipping_provider_id": "6841743441349706241",
        "shipping_provider": "J&T Express",
        "tracking_number": "",
        "warehouse_id": "7272949914115966726",
        "is_cod": False,
        "fulfillment_priority_level": 600,
        "packages": [{"id": "1153132168123859123"}],
        "payment": {"currency": "VND", "total_amount": "242000"},
        "recipient_address": {
            "name": "N*** V** A",
            "phone_number": "(+84)98*****21",
            "address_detail": "1** ***",
            "postal_code": "",
            "region_code": "VN",
            "district_info": [
                {"address_level": "L0", "address_level_name": "Country", "address_name": "Vietnam"},
                {"address_level": "L1", "address_level_name": "Province", "address_name": "Ho Chi Minh City"},
            ],
        },
        "line_items": [unit()],
    }
    record.update(over)
    return record


def page(*orders: Any, token: str = "", total: int | None = None) -> httpx.Response:
    return ok(
        {"orders": list(orders), "next_page_token": token, "total_count": len(orders) if total is None else total}
    )


def package(package_id: str = "1153132168123859123", **over: Any) -> dict[str, Any]:
    return {
        "package_id": package_id,
        "package_status": "TO_FULFILL",
        "package_sub_status": "STOCKING",
        "order_line_item_ids": ["577086512123800001"],
        "tracking_number": "",
        "shipping_provider_id": "6841743441349706241",
        "shipping_provider_name": "J&T Express",
        "weight": {"value": "600", "unit": "GRAM"},
        "update_time": 1767225100,
        **over,
    }
