"""The PyPI client lazop-sdk works against the sandbox with nothing but its base URL changed."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from typing import Any

import pytest

from shoptui.sandbox.world.model import OrderStatus

from .caller import Caller, compact

pytestmark = pytest.mark.conformance


class Client:
    """The SDK's client, which blocks, beside the loop that serves the sandbox."""

    def __init__(self, sdk: Any, caller: Caller) -> None:
        self._sdk = sdk
        self._caller = caller
        sandbox = caller.sandbox
        self._client = sdk.LazopClient(caller.gateway, sandbox.app_key, sandbox.app_secret)

    async def call(self, method: str, path: str, **params: str) -> Any:
        return await self._execute(method, path, params, self._caller.token)

    async def public(self, path: str, **params: str) -> Any:
        return await self._execute("POST", path, params, None)

    async def _execute(self, method: str, path: str, params: dict[str, str], token: str | None) -> Any:
        request = self._sdk.LazopRequest(path, method)
        for name, value in params.items():
            request.add_api_param(name, value)
        return await asyncio.to_thread(self._client.execute, request, token)


@pytest.fixture
def client(sdk: Any, caller: Caller) -> Client:
    return Client(sdk, caller)


async def test_it_lists_and_reads_every_order(caller: Caller, client: Client) -> None:
    rows: list[dict[str, Any]] = []
    while True:
        page = await client.call(
            "GET", "/orders/get", created_after="2025-01-01T00:00:00+08:00", limit="50", offset=str(len(rows))
        )
        assert page.code == "0" and page.request_id
        rows += page.body["data"]["orders"]
        if len(rows) >= page.body["data"]["countTotal"]:
            break
    assert {str(row["order_id"]) for row in rows} == {one.id for one in caller.sandbox.world.orders_of(caller.shop.id)}
    ids = [row["order_id"] for row in rows[:50]]
    several = (await client.call("GET", "/orders/items/get", order_ids=compact(ids))).body["data"]
    assert [row["order_id"] for row in several] == ids
    one = (await client.call("GET", "/order/items/get", order_id=str(ids[0]))).body["data"]
    assert [row["order_item_id"] for row in one] == [row["order_item_id"] for row in several[0]["order_items"]]


async def test_it_packs_prints_and_hands_over(caller: Caller, client: Client) -> None:
    order = caller.packable(units=2)[0]
    request = {
        "pack_order_list": [{"order_id": int(order.id), "order_item_list": [int(one.id) for one in order.lines]}],
        "delivery_type": "dropship",
        "shipping_allocate_type": "TFS",
    }
    packed = await client.call("POST", "/order/fulfill/pack", packReq=compact(request))
    package_id = packed.body["result"]["data"]["pack_order_list"][0]["order_item_list"][0]["package_id"]
    packages = {"packages": [{"package_id": package_id}]}
    document = await client.call(
        "POST", "/order/package/document/get", getDocumentReq=compact({"doc_type": "PDF", **packages})
    )
    assert b"<iframe" in b64decode(document.body["result"]["data"]["file"])
    ready = await client.call("POST", "/order/package/rts", readyToShipReq=compact(packages))
    assert ready.body["result"]["data"]["packages"][0]["item_err_code"] == "0"
    assert order.status is OrderStatus.ARRANGED


async def test_the_older_calls_work_with_it_too(caller: Caller, client: Client) -> None:
    order = caller.packable()[0]
    how = {"delivery_type": "dropship", "order_item_ids": compact([int(one.id) for one in order.lines])}
    rows = (await client.call("POST", "/order/pack", shipping_provider="LEX MY", **how)).body["data"]["order_items"]
    sent = {"shipment_provider": rows[0]["shipment_provider"], "tracking_number": rows[0]["tracking_number"]}
    assert (await client.call("POST", "/order/rts", **how, **sent)).code == "0"
    assert order.status is OrderStatus.ARRANGED


async def test_it_refreshes_and_sees_refusals(caller: Caller, client: Client) -> None:
    refresh = caller.side.access(caller.shop.id).refresh_token
    fresh = await client.public("/auth/token/refresh", refresh_token=refresh)
    assert fresh.body["access_token"] == caller.token
    refused = await client.call("GET", "/order/get", order_id="1")
    assert (refused.type, refused.code) == ("ISP", "16")
