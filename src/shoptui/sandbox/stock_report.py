"""What the house really has of each pool and what its stores offer of it, as tests and demonstrations are told."""

from __future__ import annotations

from typing import Any

from .world.stock_model import Offer, Pool
from .world.world import World


def stock_report(world: World) -> dict[str, Any]:
    """All pools by their codes, and over all of them how many orders were taken beyond what there was."""
    world.stock.open()
    pools = [_pool(world, pool) for _key, pool in sorted(world.stock.pools.items())]
    return {"oversold_orders": sum(pool["oversold_orders"] for pool in pools), "pools": pools}


def _pool(world: World, pool: Pool) -> dict[str, Any]:
    """`hand` is what lies in the house, `reserved` waits for open orders; `free` below 0 was sold twice."""
    reserved = world.stock.reserved_of(pool)
    return {
        "sku": pool.code,
        "hand": pool.free + reserved,
        "reserved": reserved,
        "free": pool.free,
        "listed": sum(offer.shows for offer in pool.offers),
        "sold": pool.sold,
        "oversold_orders": pool.oversold_orders,
        "listings": [_offer(offer) for offer in pool.offers],
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "marketplace": offer.store.marketplace,
        "shop_id": offer.store.id,
        "product_id": offer.sku.product_id,
        "sku_id": offer.sku.id,
        "state": offer.state,
        "shows": offer.shows,
        "warehouses": {place.warehouse.id: place.quantity for place in offer.places},
    }
