"""The world's stock: pools over stores, sales that take, cancellations that give back, what the house really has."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.sandbox.poking import PokeError
from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.settings import TIGHT
from shoptui.sandbox.sides import SIDES
from shoptui.sandbox.stock_report import stock_report
from shoptui.sandbox.testing import running_sandbox
from shoptui.sandbox.world import cancelling
from shoptui.sandbox.world.model import OrderStatus, Role
from shoptui.sandbox.world.stock import StockBook
from shoptui.sandbox.world.stock_model import NOTHING_RESERVED, Offer, OfferState

START_AT = 1_767_225_600
HOUR = 3600


def sandbox(**over: Any) -> Sandbox:
    made: dict[str, Any] = {
        "seed": 3, "stores": 9, "orders": 200, "start_at": START_AT, "frozen": True, "markets": tuple(SIDES),
    }  # fmt: skip
    return Sandbox(**(made | over))


def codes(made: Sandbox) -> list[list[str]]:
    return [[sku.code for sku in store.skus] for store in made.world.stores.values()]


def stock(made: Sandbox) -> StockBook:
    made.world.stock.open()
    return made.world.stock


def some_offer(made: Sandbox) -> Offer:
    """One of the first store's offers with two warehouses or more."""
    store = next(store for store in made.world.stores.values() if store.region == "VN")
    return list(stock(made).offers_of(store).values())[2]


def test_who_asks_for_nothing_gets_the_goods_and_orders_as_ever() -> None:
    plain, more = sandbox(), sandbox(skus=120)
    assert codes(plain) == [[code for code in row if code in plain_row] for row, plain_row in zip(
        codes(more), codes(plain), strict=True
    )]  # fmt: skip
    lines = [[line.sku.code for line in order.lines] for order in plain.world.orders.values()]
    stock(plain)
    assert lines == [[line.sku.code for line in order.lines] for order in sandbox().world.orders.values()]


def test_pools_are_shared_by_stores_of_several_marketplaces() -> None:
    made = sandbox(skus=150, stock=TIGHT)
    pools = stock(made).pools.values()
    assert len(pools) == 150
    sizes = Counter(len(pool.offers) for pool in pools)
    assert sizes[1] > 20 and sum(sizes[size] for size in range(3, 7)) > 30
    assert any(len({offer.store.marketplace for offer in pool.offers}) == 3 for pool in pools)
    for store in made.world.stores.values():
        assert store.skus[-1].code == "GIFT-STK" and len({sku.id for sku in store.skus}) == len(store.skus)
    assert codes(made) == codes(sandbox(skus=150))


def test_tight_stock_sells_out_and_nobody_can_order_what_a_store_does_not_show() -> None:
    made = sandbox(skus=60, stock=TIGHT, rate=15.0, orders=20)
    before = stock_report(made.world)
    assert before["oversold_orders"] == 0 and sum(pool["listed"] > pool["free"] for pool in before["pools"]) > 3
    for pool in stock(made).pools.values():
        pool.free = pool.free // 100
        for offer in pool.offers:
            for place in offer.places:
                place.quantity //= 50
    for _ in range(3):
        made.clocks.advance(HOUR // 2)
        made.world.catch_up()
    after = stock_report(made.world)
    assert after["oversold_orders"] > 0
    assert all(listing["shows"] >= 0 for pool in after["pools"] for listing in pool["listings"])
    assert sum(pool["listed"] == 0 for pool in after["pools"]) > 3
    assert after["oversold_orders"] == sum(pool["oversold_orders"] for pool in after["pools"])
    assert all(pool["oversold_orders"] > 0 for pool in after["pools"] if pool["free"] < 0)
    assert all(pool["hand"] == pool["free"] + pool["reserved"] for pool in after["pools"])


def test_every_marketplace_has_something_that_cannot_simply_be_written() -> None:
    made = sandbox(skus=90, stock=TIGHT)
    for market in SIDES:
        offers = [offer for store in made.world.stores_of(market) for offer in stock(made).offers_of(store).values()]
        assert {offer.lock for offer in offers} > {None}
        assert {offer.state for offer in offers} >= {OfferState.LIVE, OfferState.OFF, OfferState.BLOCKED}
        assert any(place.floor for offer in offers for place in offer.places) and any(o.platform for o in offers)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.integers(0, 8)),
            st.tuples(st.just("sell"), st.integers(1, 3)),
            st.tuples(st.just("cancel"), st.integers(0, 5)),
            st.tuples(st.just("ship"), st.integers(0, 5)),
        ),
        max_size=12,
    )
)
def test_what_was_written_less_what_sold_is_what_is_shown(steps: list[tuple[str, int]]) -> None:
    made = sandbox(stores=3, orders=6)
    offer = some_offer(made)
    pool = stock(made).pool_of(offer.sku)
    first, house = offer.places[0], offer.places[0].warehouse.id
    for place in offer.places[1:]:
        place.quantity = 0
    stock(made).write(offer, {house: 5}, START_AT)
    free, expected, orders = pool.free, 5, []
    hand = pool.free + stock(made).reserved_of(pool)
    for step, number in steps:
        match step:
            case "write":
                assert stock(made).write(offer, {house: number}, START_AT) == {house: expected}
                expected = number
            case "sell" if number <= expected:
                order = made.life.new_order(offer.store, START_AT, paid=True, only=(offer.sku, number))
                orders.append(order)
                expected, free = expected - number, free - number
            case "sell":
                with pytest.raises(PokeError):
                    made.pokes.do({"do": "sell", "shop_id": offer.store.id, "sku_id": offer.sku.id, "units": number})
            case "cancel" if number < len(orders) and orders[number].status is not OrderStatus.CANCELLED:
                units = len(orders[number].open_lines)
                left_already = orders[number].status in (OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED)
                cancelling.end_order(made.world, orders[number], Role.BUYER, "no_longer_needed", START_AT)
                if not left_already:
                    expected, free = expected + units, free + units
            case "ship" if number < len(orders) and orders[number].status is not OrderStatus.CANCELLED:
                was = orders[number].status
                made.life.bring_to(orders[number], OrderStatus.IN_TRANSIT, START_AT)
                if was is not OrderStatus.IN_TRANSIT and orders[number].status is OrderStatus.IN_TRANSIT:
                    hand -= len(orders[number].open_lines)
    assert (first.quantity, pool.free, pool.free + stock(made).reserved_of(pool)) == (expected, free, hand)


def test_what_is_reserved_follows_the_open_orders() -> None:
    made = sandbox(stores=3, orders=6)
    offer = some_offer(made)

    def reserved() -> tuple[int, int]:
        found = stock(made).reserved(offer.store)
        every = [found.get((offer.sku.id, place.warehouse.id), NOTHING_RESERVED) for place in offer.places]
        return sum(one.unpaid for one in every), sum(one.paid for one in every)

    unpaid, paid = reserved()
    order = made.life.new_order(offer.store, START_AT, paid=False, only=(offer.sku, 2))
    if not order.is_cod:
        assert reserved() == (unpaid + 2, paid)
        made.life.bring_to(order, OrderStatus.TO_SHIP, START_AT)
    assert reserved() == (unpaid, paid + 2)
    made.life.bring_to(order, OrderStatus.IN_TRANSIT, START_AT)
    assert reserved() == (unpaid, paid)


async def test_the_admin_tells_pools_and_pokes_turn_them(http: httpx.AsyncClient) -> None:
    async with running_sandbox(seed=3, stores=2, orders=10, start_at=START_AT, frozen=True) as live:
        offer = next(iter(live.world.stock.offers_of(next(iter(live.world.stores.values()))).values()))
        named = {"shop_id": offer.store.id, "sku": offer.sku.code}
        shown = live.poke("set_stock", **named, shows=3)["shows"]
        assert offer.places[0].quantity == 3 and offer.shows == shown
        live.poke("sell", **named, units=2)
        report = (await http.get(f"{live.admin_url}/stock")).json()
        pool = next(pool for pool in report["pools"] if pool["sku"] == offer.sku.code)
        listing = next(each for each in pool["listings"] if each["sku_id"] == offer.sku.id)
        assert sum(listing["warehouses"].values()) == listing["shows"] == offer.shows == shown - 2 and pool["sold"] == 2
        live.poke("stock_floor", **named, floor=1)
        with pytest.raises(PokeError, match="holds 1"):
            live.poke("set_stock", **named, shows=0)
        live.poke("stock_lock", **named, kind="auction")
        with pytest.raises(PokeError, match="auction"):
            live.poke("set_stock", **named, shows=9)
        live.poke("listing_state", **named, state="off")
        assert offer.shows == 0
