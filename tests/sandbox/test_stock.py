"""Products and stock of the TikTok side over HTTP: paging, limits, and what a stock update refuses, SKU by SKU."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from shoptui.sandbox.world.stock_model import Offer, OfferState, StockLock

from .caller import START_AT, Caller, Reply

PRODUCTS = "/product/202309/products/search"
STOCK = "/product/202309/inventory/search"


@pytest.fixture
async def caller(http: httpx.AsyncClient) -> AsyncIterator[Caller]:
    async with running_sandbox(
        seed=7, stores=2, orders=60, start_at=START_AT, frozen=True, settings=Settings(calls_per_s=0)
    ) as live:
        yield Caller(live, http)


def offers(caller: Caller) -> list[Offer]:
    world = caller.sandbox.world
    return list(world.stock.offers_of(world.stores[caller.shop.id]).values())


async def update(caller: Caller, offer: Offer, *rows: Any) -> Reply:
    return await caller.post(f"/product/202309/products/{offer.sku.product_id}/inventory/update", {"skus": list(rows)})


def row(offer: Offer, *quantities: object) -> dict[str, Any]:
    inventory = [
        {"warehouse_id": place.warehouse.id, "quantity": quantity}
        for place, quantity in zip(offer.places, quantities, strict=False)
    ]
    return {"id": offer.sku.id, "inventory": inventory}


async def test_products_are_paged_and_found_again(caller: Caller) -> None:
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        reply = await caller.post(
            PRODUCTS, {"status": "ALL"}, page_size="3", **({"page_token": token} if token else {})
        )
        assert reply.code == 0 and len(reply.data["products"]) <= 3
        found += reply.data["products"]
        token = reply.data["next_page_token"]
        if not token:
            break
    assert reply.data["total_count"] == len(found) == len({product["id"] for product in found})
    skus = {sku["id"]: sku for product in found for sku in product["skus"]}
    assert skus.keys() == {offer.sku.id for offer in offers(caller)}
    one = offers(caller)[4]
    assert [place["quantity"] for place in skus[one.sku.id]["inventory"]] == [place.quantity for place in one.places]
    by_sku = await caller.post(PRODUCTS, {"seller_skus": [one.sku.code]}, page_size="10")
    assert [product["id"] for product in by_sku.data["products"]] == [one.sku.product_id]
    detail = (await caller.get(f"/product/202309/products/{one.sku.product_id}")).data
    assert one.sku.variant in [sku["sales_attributes"][0]["value_name"] for sku in detail["skus"]]


async def test_both_ends_of_a_products_window_count(caller: Caller) -> None:
    at = offers(caller)[0].updated_at
    for window, fits in (((at, at), True), ((at + 1, at + 5), False), ((at - 5, at - 1), False)):
        body = {"update_time_ge": window[0], "update_time_le": window[1]}
        found = (await caller.post(PRODUCTS, body, page_size="100")).data["products"]
        assert (offers(caller)[0].sku.product_id in [product["id"] for product in found]) is fits


async def test_stock_is_told_by_warehouse_and_with_what_is_committed(caller: Caller) -> None:
    offer = offers(caller)[0]
    offer.places[0].floor = 20
    data = (await caller.post(STOCK, {"sku_ids": [offer.sku.id], "product_ids": ["1"]})).data
    (sku,) = data["inventory"][0]["skus"]
    assert sku["total_available_quantity"] == offer.shows
    assert [house["available_quantity"] for house in sku["warehouse_inventory"]] == [p.quantity for p in offer.places]
    assert sku["total_committed_quantity"] == sum(house["committed_quantity"] for house in sku["warehouse_inventory"])
    assert sku["total_available_inventory_distribution"]["campaign_inventory"][0]["quantity"] == 20
    by_product = (await caller.post(STOCK, {"product_ids": [offer.sku.product_id]})).data["inventory"]
    assert len(by_product[0]["skus"]) > 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"sku_ids": [str(n) for n in range(601)]}, 12019087),
        ({"product_ids": [str(n) for n in range(101)]}, 12019120),
        ({}, 36009004),
        ({"sku_ids": ["1"]}, 12019150),
        ({"product_ids": ["1"]}, 12052032),
        ({"product_ids": ["x"]}, 12019008),
    ],
)
async def test_what_a_stock_search_does_not_take(caller: Caller, body: Any, code: int) -> None:
    assert (await caller.post(STOCK, body)).code == code


async def test_a_stock_update_sets_every_warehouse_and_is_journalled(caller: Caller) -> None:
    offer = offers(caller)[0]
    before = [place.quantity for place in offer.places]
    reply = await update(caller, offer, row(offer, 12, 3))
    assert (reply.code, reply.data) == (0, {})
    assert [place.quantity for place in offer.places] == [12, 3]
    entries = [entry for entry in caller.sandbox.journal() if entry["op"] == "set_stock"]
    goods = f"{offer.sku.product_id}/{offer.sku.id}"
    assert [(entry["target"], entry["text"]) for entry in entries] == [
        (f"{goods}@{place.warehouse.id}", f"{was}>{now}")
        for place, was, now in zip(offer.places, before, (12, 3), strict=True)
    ]


async def test_refused_skus_stand_in_a_successful_answer(caller: Caller) -> None:
    product = next(
        group
        for group in caller.sandbox.world.stock.products_of(caller.sandbox.world.stores[caller.shop.id]).values()
        if len(group) >= 3
    )
    one, two, three = product[:3]
    one.lock = StockLock.BUNDLE
    two.places[0].floor = 10
    rows = [row(one, 1, 1), row(two, 5, 100_000), row(three, 4, 4), {"id": "7", "inventory": [{"quantity": 1}]}]
    rows[3]["inventory"][0]["warehouse_id"] = one.places[0].warehouse.id
    reply = await update(caller, one, *rows)
    assert reply.code == 0
    errors = {error["detail"]["sku_id"]: error for error in reply.data["errors"]}
    assert {sku_id: error["code"] for sku_id, error in errors.items()} == {
        one.sku.id: 12052850, two.sku.id: 12052990, "7": 12052260,
    }  # fmt: skip
    extra = {each["warehouse_id"]: each["code"] for each in errors[two.sku.id]["detail"]["extra_errors"]}
    assert extra == {two.places[0].warehouse.id: 12052393, two.places[1].warehouse.id: 12052055}
    assert [place.quantity for place in three.places] == [4, 4] and one.places[0].quantity != 1


async def test_all_warehouses_must_be_named_where_there_are_several(caller: Caller) -> None:
    offer = offers(caller)[0]
    reply = await update(caller, offer, row(offer, 5))
    assert reply.data["errors"][0]["code"] == 12019028
    thai = caller.for_region("TH")
    single = offers(thai)[0]
    assert (await update(thai, single, {"id": single.sku.id, "inventory": [{"quantity": 5}]})).data == {}
    assert single.places[0].quantity == 5


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], 12052902),
        ([{"inventory": []}], 12052036),
        ([{"id": "1"}, {"id": "1"}], 12052553),
        ([{"id": "SKU", "inventory": [{"quantity": "5", "warehouse_id": "1"}]}], 36009004),
    ],
)
async def test_what_a_stock_update_does_not_take(caller: Caller, rows: list[dict[str, Any]], code: int) -> None:
    offer = offers(caller)[0]
    named = [one | {"id": offer.sku.id} if one.get("id") == "SKU" else one for one in rows]
    assert (await update(caller, offer, *named)).code == code


async def test_a_product_taken_down_takes_no_stock(caller: Caller) -> None:
    offer = offers(caller)[0]
    caller.sandbox.world.stock.set_state(offer, OfferState.BLOCKED, START_AT)
    assert (await update(caller, offer, row(offer, 1, 1))).code == 12052901
    found = (await caller.post(PRODUCTS, {"status": "PLATFORM_DEACTIVATED"}, page_size="10")).data["products"]
    assert [product["id"] for product in found] == [offer.sku.product_id]


async def test_reading_needs_one_permission_and_writing_another(caller: Caller) -> None:
    caller.sandbox.poke("revoke_scope", shop_id=caller.shop.id, scope="seller.product.write")
    offer = offers(caller)[0]
    assert (await update(caller, offer, row(offer, 1, 1))).code == 105005
    assert (await caller.post(PRODUCTS, None, page_size="1")).code == 0


async def test_the_sandbox_can_be_used_without_its_stock(caller: Caller) -> None:
    live: LiveSandbox = caller.sandbox
    assert not live.world.stock.is_open
    live.poke("new_orders", shop_id=caller.shop.id, count=3)
    assert not live.world.stock.is_open
