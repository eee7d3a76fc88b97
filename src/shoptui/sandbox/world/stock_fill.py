"""Stock that runs short: pools that last hours or weeks, stores that promise too much, and what nobody may write."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

from .invent import GIFT_SHARE
from .regions import ORDER_WEIGHT
from .stock_model import Offer, OfferState, Place, Pool, StockLock
from .world import World

_DAY_MIN = 1440
_UNITS_PER_ORDER = 1.9
#: The days an old world's orders came in; how fast goods sell where no new ones come.
_FIRST_ORDERS_DAYS = 20
#: How long a pool's goods last, from the shortest to the longest: share of pools, hours.
_COVERS = ((0.05, 2, 12), (0.15, 12, 72), (1.0, 72, 40 * 24))
#: In so many pools every store shows all there is, mostly in those that will soon be short.
_SHORT_DAYS = 3.0
_ALL_EVERYWHERE, _ALL_EVERYWHERE_SHORT = 0.05, 0.4
#: In so many more pools one store's figure is simply wrong.
_OUT_OF_STEP = 0.06
_FIRST_HOUSE = 0.85


def make_tight(world: World, rate: float) -> None:
    """Open the stock with so few goods that they sell out at `rate` new orders per world minute."""
    stock = world.stock
    stock.open()
    per_day = rate * _DAY_MIN if rate > 0 else len(world.orders) / _FIRST_ORDERS_DAYS
    speeds = _speeds(world, per_day)
    for key, pool in stock.pools.items():
        days = _cover_days(world, key)
        pool.free = max(1, round(sum(speeds[offer.sku.id] for offer in pool.offers) * days))
        _share_out(world, key, pool, speeds, _ALL_EVERYWHERE_SHORT if days < _SHORT_DAYS else _ALL_EVERYWHERE)
    for offer in (offer for pool in stock.pools.values() for offer in pool.offers):
        offer.is_written = True
    for market in world.markets:
        _plant(world, market)


def _speeds(world: World, orders_per_day: float) -> dict[str, float]:
    """Units a day of each SKU, by how orders are drawn."""
    stores = list(world.stores.values())
    weights = {store.id: ORDER_WEIGHT.get(store.region, 1.0) for store in stores}
    total = sum(weights.values()) or 1.0
    speeds: dict[str, float] = {}
    for store in stores:
        orders = orders_per_day * weights[store.id] / total
        goods = max(1, len(store.skus) - 1)
        for at, sku in enumerate(store.skus):
            low, high = min(1.0, at / goods), min(1.0, (at + 1) / goods)
            share = high ** (1 / world.stock.skew) - low ** (1 / world.stock.skew)
            speeds[sku.id] = orders * (_UNITS_PER_ORDER * share if at < goods else GIFT_SHARE)
    return speeds


def _cover_days(world: World, key: str) -> float:
    roll = world.chance("cover", key)
    low, high = next((low, high) for share, low, high in _COVERS if roll < share)
    return exp(log(low) + (log(high) - log(low)) * world.chance("cover in band", key)) / 24


def _share_out(world: World, key: str, pool: Pool, speeds: dict[str, float], everywhere: float) -> None:
    """Share what is free by how fast each store sells; in the share `everywhere` of pools each store shows it all."""
    roll = world.chance("shares", key)
    weights = [speeds[offer.sku.id] + 0.01 for offer in pool.offers]
    for offer, weight in zip(pool.offers, weights, strict=True):
        share = pool.free if roll < everywhere else int(pool.free * weight / sum(weights))
        _put(offer, share)
    if everywhere <= roll < everywhere + _OUT_OF_STEP:
        _put(pool.offers[0], pool.offers[0].shows + 2 + int(9 * world.chance("out of step", key)))


def _put(offer: Offer, units: int) -> None:
    first, *others = offer.places
    first.quantity = round(units * _FIRST_HOUSE) if others else units
    left = units - first.quantity
    for place in others:
        place.quantity = left
        left = 0


def _plant(world: World, market: str) -> None:
    """In each marketplace one listing of every kind that cannot simply be written."""
    offers = [
        offer
        for store in world.stores_of(market)
        for sku in store.skus[:-1]
        if (offer := world.stock.offers_of(store)[sku.id])
    ]
    spread: Sequence[Offer] = offers[len(offers) // 9 :: max(1, len(offers) // 6)]
    for number, offer in enumerate(spread[:6]):
        match number:
            case 0:
                offer.lock = StockLock.BUNDLE
            case 1:
                offer.lock = StockLock.AUCTION
            case 2:
                place: Place = offer.places[0]
                place.floor = max(1, place.quantity // 2)
            case 3:
                world.stock.set_state(offer, OfferState.OFF, offer.updated_at)
            case 4:
                world.stock.set_state(offer, OfferState.BLOCKED, offer.updated_at)
            case _:
                offer.platform = 12
