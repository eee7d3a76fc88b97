"""Products and stock of the Lazada side over HTTP: pages, payloads as XML and JSON, summary errors, the arithmetic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import running_sandbox
from shoptui.sandbox.world.stock_model import NOTHING_RESERVED, Offer, OfferState, StockLock

from .caller import START_AT, Caller, Reply, compact

UPDATE, ADJUST = "/product/stock/sellable/update", "/product/stock/sellable/adjust"
TOTAL = "/product/price_quantity/update"


@pytest.fixture
async def caller(http: httpx.AsyncClient) -> AsyncIterator[Caller]:
    async with running_sandbox(
        seed=7,
        stores=2,
        orders=120,
        start_at=START_AT,
        frozen=True,
        markets=("lazada",),
        regions=("MY", "VN"),
        settings=Settings(calls_per_s=0),
    ) as live:
        yield Caller(live, http)


def offers(caller: Caller) -> list[Offer]:
    world = caller.sandbox.world
    return list(world.stock.offers_of(world.stores[caller.shop.id]).values())


def row(offer: Offer, **fields: Any) -> dict[str, Any]:
    return {"ItemId": offer.sku.product_id, "SkuId": offer.sku.id, **fields}


def in_json(*rows: dict[str, Any]) -> str:
    return compact({"Request": {"Product": {"Skus": {"Sku": list(rows)}}}})


async def write(caller: Caller, path: str, *rows: dict[str, Any]) -> Reply:
    return await caller.post(path, payload=in_json(*rows))


async def test_products_are_counted_and_paged_by_offset(caller: Caller) -> None:
    data = (await caller.get("/products/get", filter="live", limit="3", offset="2")).data
    everything = (await caller.get("/products/get", filter="all", limit="50", options="1")).data
    assert data["total_products"] == everything["total_products"] == len(everything["products"])
    assert data["products"] == [
        {**one, "skus": [{key: sku[key] for key in data["products"][0]["skus"][0]} for sku in one["skus"]]}
        for one in everything["products"][2:5]
    ]
    assert "multiWarehouseInventories" not in data["products"][0]["skus"][0]
    wanted = offers(caller)[4].sku
    found = await caller.get("/products/get", filter="all", sku_seller_list=compact([wanted.code]))
    assert [one["item_id"] for one in found.data["products"]] == [int(wanted.product_id)]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"filter": "some"}, "InvalidParameter"),
        ({"filter": "all", "limit": "51"}, "19"),
        ({"filter": "all", "offset": "10001"}, "14"),
        ({"filter": "all", "update_after": "yesterday"}, "17"),
        ({"filter": "all", "sku_seller_list": "MUG"}, "70"),
    ],
)
async def test_what_the_list_does_not_take(caller: Caller, params: dict[str, str], code: str) -> None:
    assert (await caller.get("/products/get", **params)).code == code


async def test_total_is_sellable_and_what_orders_hold(caller: Caller) -> None:
    reserved = caller.sandbox.world.stock.reserved(offers(caller)[0].store)
    key = next(key for key, held in reserved.items() if held.paid)
    offer = next(one for one in offers(caller) if one.sku.id == key[0])
    item = (await caller.get("/product/item/get", item_id=offer.sku.product_id)).data
    (house,) = next(sku for sku in item["skus"] if sku["SkuId"] == int(key[0]))["multiWarehouseInventories"]
    held = reserved[key]
    assert (house["occupyQuantity"], house["withholdQuantity"]) == (held.paid, held.unpaid)
    assert house["totalQuantity"] == house["sellableQuantity"] + held.paid + held.unpaid
    assert (await write(caller, TOTAL, row(offer, Quantity=held.paid + held.unpaid + 9))).data == {}
    assert offer.shows == 9
    assert (await write(caller, ADJUST, row(offer, SellableQuantity=-4))).data == {} and offer.shows == 5
    refused = await write(caller, ADJUST, row(offer, SellableQuantity=-6))
    assert refused.code == "501" and "negative" in refused.body["detail"][0]["message"] and offer.shows == 5


async def test_a_payload_may_be_xml(caller: Caller) -> None:
    one, two = offers(caller)[0], offers(caller)[5]
    skus = "".join(
        f"<Sku><ItemId>{offer.sku.product_id}</ItemId><SkuId>{offer.sku.id}</SkuId>"
        f"<SellableQuantity>{units}</SellableQuantity></Sku>"
        for offer, units in ((one, 4), (two, 0))
    )
    reply = await caller.post(UPDATE, payload=f"<Request><Product><Skus>{skus}</Skus></Product></Request>")
    assert reply.data == {} and (one.shows, two.shows) == (4, 0)
    entries = [entry["text"] for entry in caller.sandbox.journal() if entry["op"] == "set_stock"]
    assert [text.partition(">")[2] for text in entries] == ["4", "0"]


async def test_the_summary_names_the_refused_and_the_others_are_written(caller: Caller) -> None:
    held, bundle, fine = offers(caller)[0], offers(caller)[3], offers(caller)[6]
    held.places[0].floor, bundle.lock = 20, StockLock.BUNDLE
    reply = await write(caller, UPDATE, *(row(offer, SellableQuantity=5) for offer in (held, bundle, fine)))
    assert (reply.code, reply.body["type"]) == ("501", "ISP")
    assert [each["seller_sku"] for each in reply.body["detail"]] == [held.sku.code, bundle.sku.code]
    assert reply.body["detail"][0]["message"] == "negative sellable on channel inventory"
    assert fine.shows == 5 and held.shows != 5
    assert (await write(caller, TOTAL, row(held, Quantity=500))).code == "AppCallLimit"


async def test_warehouses_are_named_where_there_are_several_and_nowhere_else(caller: Caller) -> None:
    def placed(code: str, units: int) -> dict[str, Any]:
        return {
            "MultiWarehouseInventories": {
                "MultiWarehouseInventory": [{"WarehouseCode": code, "SellableQuantity": units}]
            }
        }

    single = offers(caller)[0]
    assert (await write(caller, UPDATE, row(single, **placed("dropshipping", 3)))).code == "501"
    vietnamese = caller.for_region("VN")
    modules = (await vietnamese.get("/seller/warehouse/get", addressTypes='["warehouse"]')).body["result"]["module"]
    offer = offers(vietnamese)[0]
    assert [module["code"] for module in modules] == [f"WH-{place.warehouse.id}" for place in offer.places]
    assert (await write(vietnamese, UPDATE, row(offer, SellableQuantity=3))).code == "501"
    assert (await write(vietnamese, UPDATE, row(offer, **placed(modules[1]["code"], 3)))).data == {}
    assert offer.places[1].quantity == 3
    offer.places[1].quantity = 0
    item = (await vietnamese.get("/product/item/get", item_id=offer.sku.product_id)).data
    shown = next(sku for sku in item["skus"] if sku["SkuId"] == int(offer.sku.id))["multiWarehouseInventories"]
    reserved = caller.sandbox.world.stock.reserved(offer.store).get(
        (offer.sku.id, offer.places[1].warehouse.id), NOTHING_RESERVED
    )
    assert len(shown) == (2 if reserved.unpaid + reserved.paid else 1)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("<Request>", "5"),
        ("{", "5"),
        (in_json(), "70"),
        (in_json({"SellerSku": "MUG", "SellableQuantity": 1}), "4193"),
        (in_json({"SellableQuantity": 1}), "200"),
        (in_json(*({"ItemId": 1, "SkuId": n, "SellableQuantity": 1} for n in range(51))), "4171"),
        (in_json({"ItemId": 1, "SkuId": 2, "SellableQuantity": "many"}), "5"),
        (in_json({"ItemId": 1, "SkuId": 2, "SellableQuantity": 1}), "501"),
        ("", "MissingParameter"),
    ],
)
async def test_what_a_payload_may_not_be(caller: Caller, payload: str, code: str) -> None:
    assert (await caller.post(UPDATE, payload=payload)).code == code


async def test_products_that_are_gone_and_permissions(caller: Caller) -> None:
    offer = offers(caller)[0]
    caller.sandbox.world.stock.set_state(offer, OfferState.DELETED, START_AT)
    assert (await caller.get("/product/item/get", item_id=offer.sku.product_id)).code == "208"
    other = offers(caller.for_region("VN"))[0]
    reply = await caller.get("/product/item/get", item_id=other.sku.product_id)
    assert reply.code == "EDIT_ITEM_NOT_BELONG_SELLER"
    caller.sandbox.poke("revoke_scope", shop_id=caller.shop.id, scope="product")
    assert (await caller.get("/products/get", filter="all")).code == "InsufficientPermission"
