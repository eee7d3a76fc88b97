"""Items and stock of the Shopee side over HTTP: offsets, limits, places, and failures beside successes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.shopee.states import location_id
from shoptui.sandbox.testing import running_sandbox
from shoptui.sandbox.world.stock_model import Offer, OfferState, StockLock

from .caller import START_AT, Caller, Reply


@pytest.fixture
async def caller(http: httpx.AsyncClient) -> AsyncIterator[Caller]:
    async with running_sandbox(
        seed=7,
        stores=2,
        orders=60,
        start_at=START_AT,
        frozen=True,
        markets=("shopee",),
        regions=("MY", "VN"),
        settings=Settings(calls_per_s=0),
    ) as live:
        yield Caller(live, http)


def product(caller: Caller, size: int) -> list[Offer]:
    world = caller.sandbox.world
    products = world.stock.products_of(world.stores[caller.shop.id]).values()
    return next(group for group in products if len(group) == size or len(group) > size > 1)


async def update(caller: Caller, offers: list[Offer], *rows: Any) -> Reply:
    return await caller.post("product/update_stock", {"item_id": int(offers[0].sku.product_id), "stock_list": rows})


def row(offer: Offer, stock: object, *, model: bool = True, place: str = "") -> dict[str, Any]:
    entry = {"stock": stock} | ({"location_id": place} if place else {})
    return ({"model_id": int(offer.sku.id)} if model else {}) | {"seller_stock": [entry]}


async def test_ids_are_paged_by_offset_until_there_are_no_more(caller: Caller) -> None:
    found: list[int] = []
    offset = 0
    while True:
        data = (
            await caller.get("product/get_item_list", offset=offset, page_size=2, item_status=["NORMAL", "UNLIST"])
        ).data
        found += [one["item_id"] for one in data["item"]]
        if not data["has_next_page"]:
            break
        offset = data["next_offset"]
    assert len(found) == len(set(found)) == data["total_count"] > 4
    info = (await caller.get("product/get_item_base_info", item_id_list=",".join(map(str, found[:3])))).data
    assert [item["item_id"] for item in info["item_list"]] == found[:3]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("product/get_item_list", {"offset": 0, "page_size": 101, "item_status": "NORMAL"}),
        ("product/get_item_list", {"offset": 0, "page_size": 10}),
        ("product/get_item_list", {"offset": 0, "page_size": 10, "item_status": "SOLD"}),
        ("product/get_item_base_info", {"item_id_list": "[1,2]"}),
        ("product/get_item_base_info", {"item_id_list": ",".join(str(number) for number in range(51))}),
    ],
)
async def test_what_lists_do_not_take(caller: Caller, operation: str, params: dict[str, Any]) -> None:
    assert (await caller.get(operation, **params)).error == "error_param"


async def test_stock_lives_at_the_item_or_at_its_models(caller: Caller) -> None:
    single, models = product(caller, 1), product(caller, 2)
    ids = f"{single[0].sku.product_id},{models[0].sku.product_id}"
    one, many = (await caller.get("product/get_item_base_info", item_id_list=ids)).data["item_list"]
    assert (one["has_model"], many["has_model"]) == (False, True)
    assert one["stock_info_v2"]["summary_info"]["total_available_stock"] == single[0].shows
    assert "price_info" in one and "price_info" not in many
    data = (await caller.get("product/get_model_list", item_id=models[0].sku.product_id)).data
    assert [each["model_id"] for each in data["model"]] == [int(offer.sku.id) for offer in models]
    options = data["tier_variation"][0]["option_list"]
    assert [options[each["tier_index"][0]]["option"] for each in data["model"]] == [o.sku.variant for o in models]


async def test_failures_stand_beside_successes_under_an_error(caller: Caller) -> None:
    models = product(caller, 3)
    models[0].lock = StockLock.AUCTION
    models[1].places[0].floor = 10
    reply = await update(caller, models, row(models[0], 1), row(models[1], 9), row(models[2], 5))
    assert reply.error == "product.error_busi_update_stock_failed"
    assert [each["model_id"] for each in reply.data["failure_list"]] == [int(offer.sku.id) for offer in models[:2]]
    assert reply.data["success_list"] == [{"model_id": int(models[2].sku.id), "location_id": "MYZ", "stock": 5}]
    assert models[2].shows == 5
    entries = [(entry["effect"], entry["text"]) for entry in caller.sandbox.journal() if entry["op"] == "set_stock"]
    assert entries[-1][0] == "applied" and entries[-1][1].endswith(">5")


async def test_places_are_named_where_there_are_several_and_nowhere_else(caller: Caller) -> None:
    (single,) = product(caller, 1)
    assert (await update(caller, [single], row(single, 4, model=False, place="MYZ"))).error == "error_auth"
    assert (await update(caller, [single], row(single, 4, model=False))).error == "" and single.shows == 4
    vietnamese = caller.for_region("VN")
    models = product(vietnamese, 2)
    assert (await update(vietnamese, models, row(models[0], 4))).error == "error_busi"
    assert (await update(vietnamese, models, row(models[0], 4, place="MYZ"))).error == "error_auth"
    second = location_id(models[0].store, models[0].places[1].warehouse.id)
    assert (await update(vietnamese, models, row(models[0], 4, place=second))).error == ""
    assert models[0].places[1].quantity == 4


async def test_what_a_stock_update_does_not_take(caller: Caller) -> None:
    single, models = product(caller, 1), product(caller, 2)
    for offers, rows, error in (
        (models, [row(models[0], 4, model=False)], "product.error_edit_item_stock_for_item_has_model"),
        (models, [row(models[0], 4), row(models[0], 5)], "product.error_param"),
        (models, [{"model_id": 5, "seller_stock": [{"stock": 1}]}], "product.error_param"),
        (single, [row(single[0], "4", model=False)], "error_param"),
        (single, [row(single[0], -1, model=False)], "error_param"),
        (single, [], "error_param"),
    ):
        assert (await update(caller, offers, *rows)).error == error
    caller.sandbox.world.stock.set_state(single[0], OfferState.BLOCKED, START_AT)
    assert (await update(caller, single, row(single[0], 1, model=False))).error == "product.error_item_uneditable"
    gone = await caller.post("product/update_stock", {"item_id": 5, "stock_list": [row(single[0], 1, model=False)]})
    assert gone.error == "product.error_item_not_found"
    caller.sandbox.poke("revoke_scope", shop_id=caller.shop.id, scope="product")
    assert (await caller.get("product/get_model_list", item_id=5)).error == "error_api_permission"
