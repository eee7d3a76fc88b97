"""The signature against the sheet's vectors, and what the wire carries."""

from __future__ import annotations

import httpx
import pytest

from shoptui.adapters.shopee.auth import Signature, sign
from shoptui.clock import DrivenClock
from tests.adapters.shopee.support import APP

AT = 1760000000
SHOP_TOKEN, MERCHANT_TOKEN = "4f6c7a715357776d6b4d6e5a78414142", "71756b654d65726368616e74546f6b31"


@pytest.mark.parametrize(
    ("path", "token", "owner", "expected"),
    [
        ("/api/v2/auth/token/get", "", "", "678ff814febe7cc12c906b0fc379bb2c78afd0e8c4c026dd00e697caf8f99cd1"),
        (
            "/api/v2/order/get_order_list",
            SHOP_TOKEN,
            "224460123",
            "f22edc4dad4c0482aed2bad3a09c69a352878e78bdcc74fd92f385c8513253cc",
        ),
        (
            "/api/v2/merchant/get_shop_list_by_merchant",
            MERCHANT_TOKEN,
            "1000321",
            "d3734021aabcc3421a66ea9eef2d185d7398e6dd9e153e192b90c1b1fbd4917e",
        ),
        ("/api/v2/shop/auth_partner", "", "", "551aeeb5794bd7aaa8441b4a6adeecae96b0c0a59d07efe1312aa237cb516bbe"),
    ],
)
def test_the_vectors_of_the_sheet(path: str, token: str, owner: str, expected: str) -> None:
    assert sign(APP.app_secret, APP.app_key, path, AT, token, owner) == expected


def signed(clock: DrivenClock, token: str, shop_id: str, url: str) -> httpx.Request:
    request = httpx.Request("POST", url, content=b'{"order_sn":"2510097KXN8P4Q"}')
    return next(Signature(APP, clock, token, shop_id).auth_flow(request))


def test_a_shop_call_carries_its_parameters_in_the_query_and_signs_neither_query_nor_body() -> None:
    clock = DrivenClock(AT)
    url = "http://api.test/api/v2/order/get_order_list?order_sn_list=A%2CB&access_token=stale&sign=old"
    request = signed(clock, SHOP_TOKEN, "224460123", url)
    assert dict(request.url.params) == {
        "order_sn_list": "A,B",
        "partner_id": "2007001",
        "timestamp": "1760000000",
        "access_token": SHOP_TOKEN,
        "shop_id": "224460123",
        "sign": "f22edc4dad4c0482aed2bad3a09c69a352878e78bdcc74fd92f385c8513253cc",
    }


def test_a_public_call_names_neither_token_nor_shop() -> None:
    request = signed(DrivenClock(AT), "", "", "http://api.test/api/v2/auth/token/get")
    assert set(request.url.params) == {"partner_id", "timestamp", "sign"}
    assert request.url.params["sign"] == "678ff814febe7cc12c906b0fc379bb2c78afd0e8c4c026dd00e697caf8f99cd1"


def test_the_signature_has_wire_time_even_where_world_time_is_elsewhere() -> None:
    clock = DrivenClock(AT)
    clock.advance_world(86400)
    request = signed(clock, "", "", "http://api.test/api/v2/auth/token/get")
    assert request.url.params["timestamp"] == "1760000000"
