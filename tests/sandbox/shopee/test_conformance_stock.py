"""A third-party npm client reads and writes the sandbox's Shopee stock with nothing changed but the base URL."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from shoptui.sandbox.world.stock_model import Offer

from ..npm_packages import drive
from .caller import Caller

pytestmark = pytest.mark.conformance

FLOOR = 12


async def test_shopee_sdk_reads_stock_and_sets_it_but_not_below_what_is_reserved(
    caller: Caller, node_modules: Path
) -> None:
    world = caller.sandbox.world
    shop = next(one for one in caller.sandbox.shops if len(world.stores[one.id].warehouses) == 2)
    products = world.stock.products_of(world.stores[shop.id])
    shows: dict[str, Offer] = {
        f"{item_id}/{offer.sku.id if len(offers) > 1 else 0}": offer
        for item_id, offers in products.items()
        for offer in offers
    }
    held = next(name for name in shows if not name.endswith("/0"))
    shows[held].places[0].floor = FLOOR
    before = {name: offer.shows for name, offer in shows.items()}
    out = await drive(
        "shopee_stock.mjs",
        node_modules,
        {
            "base_url": caller.sandbox.base_url,
            "app_key": caller.sandbox.app_key,
            "app_secret": caller.sandbox.app_secret,
            "shop": asdict(shop),
            "code": caller.sandbox.poke("authorize", shop_id=shop.id)["code"],
            "held": held,
            "floor": FLOOR,
        },
    )
    assert {str(item_id) for item_id in out["items"]} == products.keys()
    assert out["stock"] == {name: before[name] for name in out["stock"]} and len(out["stock"]) > 5
    assert (out["above"], out["below"]) == (FLOOR + 3, "product.error_busi_update_stock_failed")
    assert shows[held].shows == FLOOR + 3
