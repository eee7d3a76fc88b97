"""Stores with more products than one search gives: read in windows of time, each once and none left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

import httpx
import pytest

from shoptui.adapters.lazada import stock as lazada_stock
from shoptui.adapters.shopee import stock as shopee_stock
from shoptui.adapters.stock import Stock
from shoptui.adapters.tiktok import stock as tiktok_stock
from shoptui.clock import DrivenClock
from shoptui.domain.stores import Store
from tests.adapters.conftest import START_AT
from tests.adapters.lazada.support import STORE as LAZADA_STORE
from tests.adapters.lazada.support import ScriptedShop as LazadaShop
from tests.adapters.shopee.support import STORE as SHOPEE_STORE
from tests.adapters.shopee.support import ScriptedShop as ShopeeShop
from tests.adapters.tiktok.support import ScriptedShop as TikTokShop
from tests.adapters.tiktok.support import store as tiktok_store

#: So many results one search gives in these tests.
MOST = 120

Products = Mapping[int, int]
"""Product numbers with when they changed."""


def within(products: Products, since: int, until: int) -> list[int]:
    return [number for number, at in sorted(products.items()) if since <= at <= until]


def tiktok(clock: DrivenClock, products: Products) -> tuple[Stock | None, Store]:
    def search(request: httpx.Request) -> httpx.Response:
        body, params = json.loads(request.content), dict(request.url.params)
        found = within(products, body["update_time_ge"], body["update_time_le"])
        begin, size = int(params.get("page_token", "0")), int(params["page_size"])
        if begin >= MOST:
            return httpx.Response(200, json={"code": 12052180, "message": "too many", "data": None})
        rows = [{"id": str(n), "title": "P", "status": "ACTIVATE", "skus": [{"id": str(n)}]} for n in found]
        token = str(begin + size) if begin + size < len(found) else ""
        data = {"products": rows[begin : begin + size], "total_count": len(found), "next_page_token": token}
        return httpx.Response(200, json={"code": 0, "data": data})

    def stock(request: httpx.Request) -> httpx.Response:
        skus = [
            {"id": one, "warehouse_inventory": [{"warehouse_id": "1", "available_quantity": int(one)}]}
            for one in json.loads(request.content)["sku_ids"]
        ]
        rows = [{"product_id": sku["id"], "skus": [sku]} for sku in skus]
        return httpx.Response(200, json={"code": 0, "data": {"inventory": rows}})

    script = {"/product/202309/products/search": search, "/product/202309/inventory/search": stock}
    return TikTokShop(clock, script).shop.stock, tiktok_store()


def shopee(clock: DrivenClock, products: Products) -> tuple[Stock | None, Store]:
    def listed(request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        window = int(params.get("update_time_from", 0)), int(params.get("update_time_to", 2**32))
        found, begin, size = within(products, *window), int(params["offset"]), int(params["page_size"])
        more = begin + size < len(found)
        rows = [{"item_id": number} for number in found[begin : begin + size]]
        answer = {"item": rows, "total_count": len(found), "has_next_page": more, "next_offset": begin + size}
        return httpx.Response(200, json={"error": "", "response": answer})

    def infos(request: httpx.Request) -> httpx.Response:
        ids = dict(request.url.params)["item_id_list"].split(",")
        rows = [
            {"item_id": int(one), "item_status": "NORMAL", "stock_info_v2": {"seller_stock": [{"stock": int(one)}]}}
            for one in ids
        ]
        return httpx.Response(200, json={"error": "", "response": {"item_list": rows}})

    script = {
        "/shop/get_warehouse_detail": httpx.Response(200, json={"error": "warehouse.error_not_in_whitelist"}),
        "/product/get_item_list": listed,
        "/product/get_item_base_info": infos,
    }
    return ShopeeShop(clock, script).shop.stock, SHOPEE_STORE


def lazada(clock: DrivenClock, products: Products) -> tuple[Stock | None, Store]:
    def search(request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)

        def bound(name: str, otherwise: int) -> int:
            return int(datetime.fromisoformat(params[name]).timestamp()) if name in params else otherwise

        found = within(products, bound("update_after", 0), bound("update_before", 2**40))
        begin, size = int(params["offset"]), int(params["limit"])
        rows = [
            {"item_id": n, "status": "Active", "skus": [{"SkuId": n, "SellerSku": f"S{n}", "Available": n}]}
            for n in found[begin : begin + size]
        ]
        return httpx.Response(200, json={"code": "0", "data": {"total_products": len(found), "products": rows}})

    modules = {"success": True, "module": [{"code": "dropshipping"}]}
    script = {
        "/rest/seller/warehouse/get": httpx.Response(200, json={"code": "0", "result": modules}),
        "/rest/products/get": search,
    }
    return LazadaShop(clock, script).shop.stock, LAZADA_STORE


@pytest.mark.parametrize("market", [tiktok, shopee, lazada])
@pytest.mark.parametrize(
    ("count", "span_s", "back_s"),
    [(0, 500, None), (MOST + 1, 500, None), (300, START_AT - 1, None), (300, 10_000, 9_000)],
)
async def test_no_product_is_left_out_and_none_comes_twice(
    market: Callable[[DrivenClock, Products], tuple[Stock | None, Store]],
    count: int,
    span_s: int,
    back_s: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiktok_stock, "RESULTS_MAX", MOST)
    monkeypatch.setattr(shopee_stock, "WINDOW_MAX", MOST)
    monkeypatch.setattr(lazada_stock, "OFFSET_MAX", MOST)
    since = 0 if back_s is None else START_AT - back_s
    # Spread over the span, never more in one second than a search gives.
    products = {number + 1: START_AT - (number * 7919) % span_s for number in range(count)}
    stock, store = market(DrivenClock(START_AT), products)
    assert stock is not None
    found = [listing async for page in stock.listings(store, since) for listing in page.listings]
    assert sorted(int(listing.product_id) for listing in found) == within(products, since, START_AT)
    assert all(listing.shows == int(listing.product_id) for listing in found)
