"""Making stores and orders that look lived in; nothing here knows how far an order has come."""

from __future__ import annotations

import hashlib
from random import Random

from .goods import GIFT, GOODS, SHOP_NAMES, WAREHOUSES
from .market import Market
from .model import (
    Carrier,
    DeliveryOption,
    Line,
    Order,
    OrderStatus,
    Package,
    PackageStatus,
    Packing,
    Sku,
    Store,
    Warehouse,
)
from .people import LOCALES, invent_buyer
from .regions import Region
from .world import World

#: How many orders a free gift comes with.
GIFT_SHARE = 0.06

_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def invent_store(world: World, rng: Random, market: Market, region: Region, number: int, buyers: int) -> Store:
    """A shop with goods, service levels, carriers and a circle of buyers; `number` counts the world's stores."""
    names = SHOP_NAMES[region.code]
    earlier = sum(1 for store in world.stores.values() if store.region == region.code)
    name = names[earlier % len(names)] + (f" {earlier // len(names) + 1}" if earlier >= len(names) else "")
    shop_id = market.shop_ids.nth(number)
    digest = hashlib.blake2b(f"{world.seed}/{shop_id}".encode(), digest_size=15).hexdigest()
    store = Store(
        id=shop_id,
        marketplace=market.name,
        region=region.code,
        name=name,
        code="".join(rng.choice(_CODE_LETTERS) for _ in range(12)),
        cipher=f"{_cluster(region)}_{digest[:12]}AAAAA-{digest[12:24]}_{digest[24:]}==",
        has_hold=market.has_hold(number),
    )
    store.carriers = [
        Carrier(market.carrier_ids.nth(world.next_number("carrier")), carrier, prefix)
        for carrier, prefix in market.carriers_for(region)
    ]
    store.options = [
        DeliveryOption(
            id=market.option_ids.nth(world.next_number("option")),
            name=plan.name,
            kind=plan.kind,
            priority=plan.priority,
            shipping=plan.shipping,
            arrange_s=plan.arrange_s,
            weight_limit_g=region.weight_limit_g,
        )
        for plan in market.options_for(region)
    ]
    store.warehouses = [
        _invent_warehouse(world, rng, market, region, title, default=at == 0)
        for at, title in enumerate(WAREHOUSES[region.code])
    ]
    returns = _invent_warehouse(world, rng, market, region, f"{store.warehouses[0].name} R", default=False)
    returns.is_return = True
    store.warehouses.append(returns)
    store.skus = _invent_skus(world, market, region)
    store.buyers = [
        invent_buyer(rng, region.code, market.buyer_ids.nth(world.next_number("buyer"))) for _ in range(buyers)
    ]
    world.add_store(store)
    return store


def _cluster(region: Region) -> str:
    return {"US": "TTP", "GB": "GCP"}.get(region.code, "ROW")


def _invent_warehouse(
    world: World, rng: Random, market: Market, region: Region, title: str, *, default: bool
) -> Warehouse:
    contact = invent_buyer(rng, region.code, "")
    levels = (*contact.levels, "", "")
    return Warehouse(
        id=market.warehouse_ids.nth(world.next_number("warehouse")),
        name=title,
        state=levels[0],
        city=levels[1],
        district=levels[2],
        street=contact.street,
        postcode=contact.postcode,
        contact=contact.name,
        phone=contact.phone,
        is_default=default,
    )


def _invent_skus(world: World, market: Market, region: Region) -> list[Sku]:
    skus: list[Sku] = []
    for good in (*GOODS[region.language], GIFT):
        product_id = market.product_ids.nth(world.next_number("product"))
        for at, variant in enumerate(good.variants):
            skus.append(
                Sku(
                    id=market.sku_ids.nth(world.next_number("sku")),
                    product_id=product_id,
                    code=good.code if len(good.variants) == 1 else f"{good.code}-{at + 1}",
                    product_name=good.title,
                    variant=variant,
                    image=f"https://img.sandbox.invalid/{good.code.lower()}-{at + 1}.jpeg",
                    price_minor=local_price(good.usd_cents, region, market.price_step_for(region)),
                    weight_g=good.weight_g,
                )
            )
    return skus


def local_price(usd_cents: int, region: Region, smallest: int) -> int:
    """What a price in US money becomes in a region: a round figure, no less than the smallest there is."""
    minor = usd_cents * region.price_factor * float(10**region.minor_digits) / 100
    step = max(smallest, 1000 if region.price_factor > 1000 else (10 if region.price_factor > 10 else 1))
    return max(step, round(minor / step) * step)


def invent_order(
    world: World,
    rng: Random,
    store: Store,
    created_at: int,
    option: DeliveryOption | None = None,
    min_kinds: int = 1,
    only: tuple[Sku, int] | None = None,
) -> Order:
    """An unpaid order of one of the store's buyers, without parcels. None as option picks one by share.

    `min_kinds` is how many goods are drawn at least; two draws may be of the same; `only` is so many units of one SKU
    and nothing else. An order of a store that has sold out of everything has no lines.
    """
    market = world.market_of(store)
    region = world.region_of(store)
    order_id = market.order_ids.nth(world.next_number("order"), created_at)
    chosen = option if option is not None else pick_option(rng, store, market, region)
    order = Order(
        id=order_id,
        store=store,
        buyer=store.buyers[int(rng.random() * len(store.buyers))],
        status=OrderStatus.UNPAID,
        created_at=created_at,
        updated_at=created_at,
        option=chosen,
        # The last warehouse takes returns only.
        warehouse=store.warehouses[0 if rng.random() < 0.85 else -2],
        carrier=store.carriers[int(rng.random() ** 2 * len(store.carriers))],
    )
    smallest = market.price_step_for(region)
    if only is not None:
        sku, units = only
        order.lines = [
            Line(_line_id(order_id, number, market.line_step), sku, sku.price_minor, 0, 0) for number in range(units)
        ]
    else:
        order.lines = _invent_lines(world, rng, store, order_id, market.line_step, min_kinds, smallest)
    fee = local_price(120 + int(rng.random() * 90), region, smallest)
    order.shipping_fee_minor = fee
    order.shipping_discount_minor = fee // 2 // smallest * smallest if rng.random() < 0.6 else 0
    order.is_cod = region.has_cod and rng.random() < 0.35
    if rng.random() < 0.12:
        messages = LOCALES[region.code].messages
        order.buyer_message = messages[int(rng.random() * len(messages))]
    return order


def pick_option(rng: Random, store: Store, market: Market, region: Region) -> DeliveryOption:
    """One of the store's service levels, by how often orders choose it."""
    plans = market.options_for(region)
    roll = rng.random() * sum(plan.share for plan in plans)
    for option, plan in zip(store.options, plans, strict=True):
        roll -= plan.share
        if roll < 0:
            return option
    return store.options[0]


def _invent_lines(
    world: World, rng: Random, store: Store, order_id: str, step: int, min_kinds: int, smallest: int
) -> list[Line]:
    roll = rng.random()
    kinds = max(min_kinds, 1 if roll < 0.66 else (2 if roll < 0.92 else 3))
    lines: list[Line] = []

    def next_id() -> str:
        return _line_id(order_id, len(lines), step)

    goods = len(store.skus) - 1
    for _ in range(kinds):
        sku = world.stock.draw(store, rng.random(), goods, lines)
        units = 1 if rng.random() < 0.8 else 2 + int(rng.random() * 2)
        if sku is None:
            continue
        units = world.stock.at_most(units, sku, store, lines)
        discount = sku.price_minor // 10 // smallest * smallest if rng.random() < 0.4 else 0
        platform = sku.price_minor // 20 // smallest * smallest if rng.random() < 0.3 else 0
        for _ in range(units):
            lines.append(Line(next_id(), sku, sku.price_minor, discount, platform))
    gift = store.skus[goods]
    if rng.random() < GIFT_SHARE and lines and world.stock.at_most(1, gift, store, lines):
        lines.append(Line(next_id(), gift, 0, 0, 0, is_gift=True))
    return lines


def _line_id(order_id: str, number: int, step: int) -> str:
    """The id of an order's line, counted from 0."""
    return str(int(order_id) + (number + 1) * step) if step else f"{order_id}.{number + 1}"


def pack(world: World, order: Order, lines: list[Line], at: int, packing: Packing = Packing.DEFAULT) -> Package:
    """Put lines into one parcel waiting to be arranged; the caller makes it findable."""
    market = world.market_of(order.store)
    package = Package(
        id=market.package_ids.nth(world.next_number("package"), at),
        store=order.store,
        orders=[order],
        lines=list(lines),
        status=PackageStatus.TO_ARRANGE,
        created_at=at,
        updated_at=at,
        carrier=order.carrier,
        weight_g=sum(line.sku.weight_g for line in lines) + 80,
        packing=packing,
    )
    for line in lines:
        line.package = package
    order.packages.append(package)
    return package


def begin_handling(world: World, order: Order, at: int) -> None:
    """The order may be shipped from now on: its deadlines start to run."""
    order.status = OrderStatus.TO_SHIP
    order.deadlines = world.market_of(order.store).deadlines_for(world.region_of(order.store), order.option, at)


def make_parcels(world: World, order: Order, at: int) -> None:
    """Create the parcels that exist once the buyer has paid, where the market makes them then."""
    region = world.region_of(order.store)
    if world.market_of(order.store).parcel_exists_when_paid(region, order.shipping):
        pack(world, order, order.open_lines, at)
