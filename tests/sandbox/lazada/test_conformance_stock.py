"""The PyPI client lazop-sdk reads and writes the sandbox's stock with nothing but its base URL changed."""

from __future__ import annotations

import pytest

from .caller import Caller
from .test_conformance_python import Client, client

__all__ = ["client"]

pytestmark = pytest.mark.conformance


async def test_it_reads_products_and_sets_what_is_sellable(caller: Caller, client: Client) -> None:
    world = caller.sandbox.world
    offers = {int(sku_id): offer for sku_id, offer in world.stock.offers_of(world.stores[caller.shop.id]).items()}
    listed = await client.call("GET", "/products/get", filter="live", limit="50", options="1")
    skus = {sku["SkuId"]: sku for product in listed.body["data"]["products"] for sku in product["skus"]}
    assert {sku_id: sku["Available"] for sku_id, sku in skus.items()} == {
        sku_id: offer.shows for sku_id, offer in offers.items()
    }
    offer = next(offer for offer in offers.values() if len(offer.places) == 1)
    names = f"<ItemId>{offer.sku.product_id}</ItemId><SkuId>{offer.sku.id}</SkuId>"

    async def write(units: int) -> str:
        sku = f"<Sku>{names}<SellableQuantity>{units}</SellableQuantity></Sku>"
        payload = f"<Request><Product><Skus>{sku}</Skus></Product></Request>"
        answer = await client.call("POST", "/product/stock/sellable/update", payload=payload)
        return str(answer.code)

    assert (await write(6), offer.shows) == ("0", 6)
    offer.places[0].floor = 5
    assert (await write(4), offer.shows) == ("501", 6)
