"""The PyPI client tiktok-shop-api reads and writes the sandbox's stock with nothing but its base URL changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shoptui.sandbox.world.stock_model import Offer

from .caller import Caller
from .published import connect, models

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("published")]


@pytest.fixture
async def client(caller: Caller) -> AsyncIterator[Any]:
    async with connect(caller.sandbox, caller.shop.region) as connected:
        yield connected


def offers(caller: Caller) -> dict[str, Offer]:
    world = caller.sandbox.world
    return dict(world.stock.offers_of(world.stores[caller.shop.id]))


async def test_it_finds_products_and_reads_their_stock(caller: Caller, client: Any) -> None:
    page = (await client.products.search_products(page_size=100, body=models.SearchProductsRequest())).data
    skus = {sku.id: sku for product in page.products for sku in product.skus}
    assert skus.keys() == offers(caller).keys() and page.total_count == len(page.products)
    some = list(skus)[:5]
    offers(caller)[some[0]].places[0].floor = 9
    found = (await client.products.inventory_search(body=models.InventorySearchRequest(sku_ids=some))).data
    stock = {sku.id: sku for product in found.inventory for sku in product.skus}
    assert {sku_id: sku.total_available_quantity for sku_id, sku in stock.items()} == {
        sku_id: offers(caller)[sku_id].shows for sku_id in some
    }
    assert stock[some[0]].total_available_inventory_distribution.campaign_inventory[0].quantity == 9
    detail = (await client.products.get_product(page.products[0].id)).data
    assert [sku.id for sku in detail.skus] == [sku.id for sku in page.products[0].skus]


async def test_it_sets_stock_and_sees_what_is_refused(caller: Caller, client: Any) -> None:
    offer = next(iter(offers(caller).values()))

    async def update(*quantities: int) -> Any:
        inventory = [
            models.UpdateInventoryRequestSkuInventory(quantity=quantity, warehouse_id=place.warehouse.id)
            for place, quantity in zip(offer.places, quantities, strict=False)
        ]
        sku = models.UpdateInventoryRequestSku(id=offer.sku.id, inventory=inventory)
        body = models.UpdateInventoryRequest(skus=[sku])
        return (await client.products.update_inventory(offer.sku.product_id, body=body)).data

    assert not (await update(*range(5, 5 + len(offer.places)))).errors
    assert [place.quantity for place in offer.places] == list(range(5, 5 + len(offer.places)))
    offer.places[0].floor = 4
    (error,) = (await update(*(3 for _ in offer.places))).errors
    assert error.detail.sku_id == offer.sku.id
    assert error.detail.extra_errors[0].warehouse_id == offer.places[0].warehouse.id
