"""Further goods that several stores sell under one code: the pools whose stock has to be shared out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from random import Random

from .invent import local_price
from .model import Sku, Store
from .more_goods import COLOURS, LANGUAGES, SIZES, THINGS, Colour, Thing
from .stock_model import pool_key
from .world import World

_COLOURS_OF_THING = 3
_VARIANTS = _COLOURS_OF_THING * len(SIZES)

#: How many stores sell a pool's goods, by the share of pools.
_SPREAD = ((0.35, 1, 1), (0.60, 2, 2), (1.0, 3, 6))
#: How much likelier the first goods of such a catalogue are ordered: some sell well, most sell a little.
_SKEW = 1.7


@dataclass(frozen=True, slots=True)
class _Goods:
    """The n-th further goods: a thing of a series in a colour and a size."""

    thing: Thing
    series: int
    colour: Colour
    size: str

    @property
    def code(self) -> str:
        mark = f"-{self.series + 1}" if self.series else ""
        return f"{self.thing.code}-{self.colour.code}-{self.size}{mark}"


def add_catalogue(world: World, pools: int) -> None:
    """Fill the stores' shelves until there are at least so many different codes in the world."""
    stores = list(world.stores.values())
    known = {pool_key(sku.code) for store in stores for sku in store.skus}
    shelves: dict[str, list[_Goods]] = {store.id: [] for store in stores}
    for number in count():
        if len(known) >= pools or not stores:
            break
        goods = _nth(number)
        known.add(pool_key(goods.code))
        rng = Random(f"{world.seed}/pool/{number}")
        for store in rng.sample(stores, min(len(stores), _stores_of(rng))):
            shelves[store.id].append(goods)
    for store in stores:
        # The gift stays last: it is never drawn by itself.
        store.skus[-1:-1] = _skus(world, store, shelves[store.id])
    world.stock.skew = _SKEW


def _nth(number: int) -> _Goods:
    series, place = divmod(number, len(THINGS) * _VARIANTS)
    kind, variant = divmod(place, _VARIANTS)
    colour, size = divmod(variant, len(SIZES))
    return _Goods(THINGS[kind], series, COLOURS[(kind + 3 * colour) % len(COLOURS)], SIZES[size])


def _stores_of(rng: Random) -> int:
    roll = rng.random()
    return next(rng.randint(low, high) for share, low, high in _SPREAD if roll < share)


def _skus(world: World, store: Store, shelf: list[_Goods]) -> list[Sku]:
    market, region = world.market_of(store), world.region_of(store)
    language = LANGUAGES.index(region.language)
    product_ids: dict[tuple[str, int], str] = {}
    skus: list[Sku] = []
    for goods in shelf:
        thing = goods.thing
        product = (thing.code, goods.series)
        if product not in product_ids:
            product_ids[product] = market.product_ids.nth(world.next_number("product"))
        title = thing.names[language] + (f" {goods.series + 1}" if goods.series else "")
        skus.append(
            Sku(
                id=market.sku_ids.nth(world.next_number("sku")),
                product_id=product_ids[product],
                code=goods.code,
                product_name=title,
                variant=f"{goods.colour.names[language]} {goods.size}",
                image=f"https://img.sandbox.invalid/{goods.code.lower()}.jpeg",
                price_minor=local_price(thing.usd_cents, region, market.price_step_for(region)),
                weight_g=thing.weight_g,
            )
        )
    return skus
