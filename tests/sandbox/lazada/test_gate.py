"""Who may call: every way of sending parameters, signatures, times, tokens, countries, limits, faults."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.sandbox.lazada.grants import SCOPES
from shoptui.sandbox.lazada.signing import sign
from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox

from .caller import Caller, compact

SYSTEM = ("app_key", "timestamp", "sign_method", "access_token", "sign", "partner_id")


def _split(params: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    system = {name: value for name, value in params.items() if name in SYSTEM}
    return system, {name: value for name, value in params.items() if name not in SYSTEM}


def _encodings(params: dict[str, str]) -> dict[str, dict[str, Any]]:
    system, business = _split(params)
    parts = {name: (None, value) for name, value in business.items()}
    return {
        "a urlencoded body": {"data": params},
        "b multipart": {"params": system, "files": parts},
        "b multipart with a file": {"params": system, "files": {**parts, "image": ("a.png", b"\x89PNG", "image/png")}},
        "c urlencoded business": {"params": system, "data": business},
        "d flat JSON": {"params": system, "json": business},
        "e query and JSON": {"params": params, "json": business},
        "everything in the query": {"params": params},
    }


async def test_all_encodings_of_a_post_are_understood(caller: Caller) -> None:
    for how in _encodings({}):
        order = caller.packable()[0]
        request = {
            "pack_order_list": [{"order_id": int(order.id), "order_item_list": [int(one.id) for one in order.lines]}],
            "delivery_type": "dropship",
            "shipping_allocate_type": "TFS",
        }
        path = "/order/fulfill/pack"
        params = caller.params(path, {"packReq": compact(request)})
        reply = await caller.raw("POST", path, **_encodings(params)[how])
        rows = reply.result["pack_order_list"][0]["order_item_list"]
        assert {row["item_err_code"] for row in rows} == {"0"}, how


async def test_numbers_in_flat_json_are_signed_as_their_text(caller: Caller) -> None:
    order = caller.packable()[0]
    path = "/order/get"
    params = caller.params(path, {"order_id": order.id})
    system, _ = _split(params)
    reply = await caller.raw("POST", path, params=system, json={"order_id": int(order.id)})
    assert reply.data["order_id"] == int(order.id)


async def test_a_wrong_signature_is_refused_with_status_200(caller: Caller) -> None:
    good = caller.params("/seller/get", {})
    cases: list[tuple[dict[str, str], str]] = [
        (good | {"sign": "0" * 64}, "IncompleteSignature"),
        (good | {"extra": "1"}, "IncompleteSignature"),
        (good | {"sign": good["sign"].lower()}, "IncompleteSignature"),
        ({name: value for name, value in good.items() if name != "sign"}, "MissingParameter"),
        ({name: value for name, value in good.items() if name != "app_key"}, "MissingParameter"),
        (good | {"app_key": "1"}, "InvalidAppKey"),
        (good | {"sign_method": "md5"}, "InvalidParameter"),
        (good | {"timestamp": "soon"}, "InvalidParameter"),
    ]
    for params, code in cases:
        reply = await caller.raw("GET", "/seller/get", params=params)
        assert (reply.status, reply.code, reply.body["type"]) == (200, code, "ISV")
    assert (await caller.raw("GET", "/seller/get", params=good)).code == "0"
    assert (await caller.get("/seller/nothing")).code == "InvalidApi"


@pytest.mark.parametrize(("off_s", "code"), [(-7100, "0"), (7100, "0"), (-7300, "IncompleteSignature")])
async def test_the_time_has_a_window_of_two_hours(caller: Caller, off_s: int, code: str) -> None:
    params = caller.params("/seller/get", {})
    params["timestamp"] = f"{int(caller.sandbox.clocks.wire_now()) + off_s}000"
    params["sign"] = sign(caller.sandbox.app_secret, "/seller/get", params)
    assert (await caller.raw("GET", "/seller/get", params=params)).code == code


async def test_a_time_may_be_utc_text(http: httpx.AsyncClient) -> None:
    async with running_sandbox(stores=1, orders=0, markets=("lazada",), wire=lambda: 1_510_401_600.0) as live:
        caller = Caller(live, http)
        params = caller.params("/seller/get", {}) | {"timestamp": "2017-11-11T12:00:00Z"}
        params["sign"] = sign(live.app_secret, "/seller/get", params)
        assert (await caller.raw("GET", "/seller/get", params=params)).code == "0"


async def test_calls_need_a_living_token(caller: Caller) -> None:
    old = caller.params("/seller/get", {})
    assert (await caller.public("/seller/get")).code == "MissingParameter"
    caller.sandbox.poke("expire_token", shop_id=caller.shop.id)
    assert (await caller.raw("GET", "/seller/get", params=old)).code == "IllegalAccessToken"
    other = Caller(caller.sandbox, caller.client, caller.sandbox.shops[1])
    caller.sandbox.poke("revoke_token", shop_id=other.shop.id)
    assert (await other.get("/seller/get")).code == "IllegalAccessToken"


async def test_groups_of_the_api_can_be_closed(caller: Caller) -> None:
    left = caller.sandbox.poke("revoke_scope", shop_id=caller.shop.id, scope="reverse")["scopes"]
    assert set(left) == set(SCOPES) - {"reverse"}
    reply = await caller.get("/order/reverse/cancel/validate", order_id="1", order_item_id_list="[1]")
    assert reply.code == "InsufficientPermission"
    assert (await caller.get("/seller/get")).code == "0"


async def test_too_many_calls_are_refused_for_a_second(http: httpx.AsyncClient) -> None:
    now = 1_767_225_600.0
    settings = Settings(calls_per_s=2)
    async with running_sandbox(stores=1, orders=0, markets=("lazada",), wire=lambda: now, settings=settings) as live:
        caller = Caller(live, http)
        codes = [(await caller.get("/seller/get")).code for _ in range(3)]
        assert codes == ["0", "0", "ApiCallLimit"]
        codes = [(await caller.get("/shipment/providers/get")).code for _ in range(2)]
        assert codes == ["0", "SellerCallLimit"]
        now += 1.5
        assert (await caller.get("/seller/get")).code == "0"


async def test_faults_speak_lazadas_words(caller: Caller) -> None:
    caller.sandbox.faults.replace(
        [
            {"match": {"path": "/seller/get", "times": 1}, "do": {"code": "ApiCallLimit"}},
            {"match": {"path": "/seller/get", "times": 1}, "do": {"status": 429, "retry_after_s": 3}},
            {"match": {"path": "/seller/get", "shop_id": caller.shop.id, "times": 1}, "do": {"expired_token": True}},
        ]
    )
    first = await caller.get("/seller/get")
    assert (first.status, first.code, "message" in first.body) == (200, "ApiCallLimit", False)
    assert (await caller.get("/seller/get")).status == 429
    other = Caller(caller.sandbox, caller.client, caller.sandbox.shops[1])
    assert (await other.get("/seller/get")).code == "0"
    assert (await caller.get("/seller/get")).code == "IllegalAccessToken"


@pytest.mark.parametrize("body", [b"{", b"[1]"])
async def test_a_broken_body_is_named(lazada: LiveSandbox, http: httpx.AsyncClient, body: bytes) -> None:
    caller = Caller(lazada, http)
    headers = {"content-type": "application/json"}
    assert (await caller.raw("POST", "/seller/get", content=body, headers=headers)).code == "InvalidParameter"
