"""The world itself: equal seeds, a believable mix, indexes that agree with scans, life that goes on."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.settings import Settings
from shoptui.sandbox.tiktok.market import TIKTOK
from shoptui.sandbox.tiktok.render import OrderRenderer
from shoptui.sandbox.tiktok.side import TikTokSide
from shoptui.sandbox.world.index import StatusIndex, TimeIndex
from shoptui.sandbox.world.market import IdSeries
from shoptui.sandbox.world.model import OrderStatus, Shipping
from shoptui.sandbox.world.regions import REGIONS, local_day_end, money_text
from shoptui.sandbox.world.world import World, settled_status

from .caller import START_AT

HOUR = 3600


def make(seed: int = 5, stores: int = 12, orders: int = 3000, rate: float = 0.0) -> Sandbox:
    return Sandbox(seed=seed, stores=stores, orders=orders, rate=rate, start_at=START_AT, frozen=True)


@pytest.fixture(scope="module")
def full() -> Sandbox:
    return make()


def picture(sandbox: Sandbox) -> list[bytes]:
    now = sandbox.world.clocks.world_now()
    side = sandbox.sides["tiktok"]
    assert isinstance(side, TikTokSide)
    return [side.renderer.order_json(order, now) for order in sandbox.world.orders.values()]


def test_equal_seeds_make_equal_worlds_now_and_later() -> None:
    one, two, other = make(stores=3, orders=200, rate=2), make(stores=3, orders=200, rate=2), make(6, 3, 200)
    assert picture(one) == picture(two) != picture(other)
    assert one.shops() == two.shops() != other.shops()
    for step_s in (HOUR, 7 * HOUR, 24 * HOUR):
        for sandbox in (one, two):
            sandbox.clocks.advance(step_s)
            sandbox.world.catch_up()
        assert picture(one) == picture(two)


def test_small_steps_and_one_large_step_lead_to_the_same_world() -> None:
    walked, jumped = make(stores=2, orders=150), make(stores=2, orders=150)
    for _ in range(48):
        walked.clocks.advance(HOUR)
        walked.world.catch_up()
    jumped.clocks.advance(48 * HOUR)
    jumped.world.catch_up()
    assert picture(walked) == picture(jumped)


def test_the_default_world_has_every_kind_of_order(full: Sandbox) -> None:
    world, now = full.world, START_AT
    assert Counter(store.region for store in world.stores.values())["VN"] == 3
    assert {store.region for store in world.stores.values()} == set(REGIONS)
    orders = list(world.orders.values())
    assert {order.status for order in orders} == set(OrderStatus)
    due = [
        order.deadlines.arrange_by - now
        for order in orders
        if order.status is OrderStatus.TO_SHIP and order.deadlines.arrange_by
    ]
    windows = ((-48, 0, 3), (0, 2, 40), (2, 12, 120), (12, 24, 120), (24, 96, 200))
    for low, high, least in windows:
        assert sum(low * HOUR <= one < high * HOUR for one in due) >= least, (low, high)
    for feature in (
        [order for order in orders if order.cancel_request],
        [order for order in orders if order.buyer_message],
        [order for order in orders if any(line.is_gift for line in order.lines)],
        [order for order in orders if order.is_cod],
        [order for order in orders if len(order.packages) > 1],
        [order for order in orders if order.shipping is Shipping.SELLER],
        [order for order in orders if order.is_platform_fulfilled],
        [order for order in orders if order.release_at],
        [package for package in world.packages.values() if package.flaw],
        [one for one in world.packages.values() if one.weight_g > one.orders[0].option.weight_limit_g],
    ):
        assert feature


def test_nothing_lies_in_the_future_and_times_follow_each_other(full: Sandbox) -> None:
    for order in full.world.orders.values():
        steps = [
            order.created_at,
            order.paid_at,
            order.arranged_at,
            order.collected_at,
            order.delivered_at,
            order.completed_at,
        ]
        known = [at for at in steps if at is not None]
        assert known == sorted(known)
        assert max(known) <= order.updated_at <= START_AT
        assert order.status is settled_status(order)


def test_ids_never_repeat(full: Sandbox) -> None:
    world = full.world
    lines = [line.id for order in world.orders.values() for line in order.lines]
    everything = [*world.orders, *world.packages, *world.cancels, *world.stores, *lines]
    assert len(everything) == len(set(everything))
    assert {len(order_id) for order_id in world.orders} == {18}


@given(st.lists(st.integers(0, 10**6), min_size=2, unique=True))
def test_a_series_gives_each_number_its_own_id(numbers: list[int]) -> None:
    for series in (TIKTOK.order_ids, TIKTOK.package_ids, IdSeries(1, 4096)):
        assert len({series.nth(number) for number in numbers}) == len(numbers)


keys = st.tuples(st.integers(0, 30), st.text("0123456789", min_size=1, max_size=3))


@given(st.sets(keys), st.integers(0, 30) | st.none(), st.integers(0, 30) | st.none(), st.booleans(), keys | st.none())
def test_the_time_index_walks_like_a_sorted_scan(
    rows: set[tuple[int, str]],
    ge: int | None,
    lt: int | None,
    descending: bool,
    after: tuple[int, str] | None,
) -> None:
    index = TimeIndex()
    for row in rows:
        index.add(row)
    window = [row for row in sorted(rows) if (ge is None or row[0] >= ge) and (lt is None or row[0] < lt)]
    assert index.count(ge, lt) == len(window)
    expected = [row for row in window if after is None or (row < after if descending else row > after)]
    if descending:
        expected.reverse()
    assert list(index.walk(ge=ge, lt=lt, descending=descending, after=after)) == expected
    for row in rows:
        index.discard(row)
    assert len(index) == 0


def test_loading_at_once_and_adding_one_by_one_agree() -> None:
    rows = [("b", "new", 5, 9), ("a", "new", 5, 7), ("c", "old", 1, 9)]
    loaded, added = StatusIndex(), StatusIndex()
    loaded.load(rows)
    for row in rows:
        added.add(*row)
    for index in (loaded, added):
        index.discard("b", "new", 5, 9)
        everything = index.lookup("updated", None).walk(ge=None, lt=None, descending=False, after=None)
        assert list(everything) == [(7, "a"), (9, "c")]
        assert len(index.lookup("created", "new")) == 1


def test_indexes_stay_true_while_the_world_lives() -> None:
    sandbox = make(stores=3, orders=300, rate=1)
    world: World = sandbox.world
    before = len(world.orders)
    for _ in range(60):
        sandbox.clocks.advance(HOUR)
        world.catch_up()
    assert len(world.orders) > before
    for shop_id in world.stores:
        mine = [order for order in world.orders.values() if order.store.id == shop_id]
        for status in OrderStatus:
            expected = sorted(order.id for order in mine if order.status is status)
            assert sorted(order.id for order in world.orders_of(shop_id, status)) == expected
        shelf = world.shelves[shop_id].orders.lookup("updated", None)
        listed = list(shelf.walk(ge=None, lt=None, descending=False, after=None))
        assert listed == sorted((order.updated_at, order.id) for order in mine)
        for order in mine:
            assert all(package.id in world.packages for package in order.packages)


def test_a_jump_of_the_clock_brings_no_flood_of_new_orders() -> None:
    sandbox = make(stores=1, orders=10, rate=5)
    sandbox.clocks.advance(30 * 24 * HOUR)
    sandbox.world.catch_up()
    assert 10 < len(sandbox.world.orders) < 10 + 2 * 5 * 60


@pytest.mark.parametrize(("rate", "minutes"), [(10, 60), (1200, 1)])
def test_orders_arrive_at_about_the_rate(rate: int, minutes: int) -> None:
    sandbox = make(stores=2, orders=0, rate=rate)
    for _ in range(minutes):
        sandbox.clocks.advance(60)
        sandbox.world.catch_up()
    assert rate * minutes * 0.75 <= len(sandbox.world.orders) <= rate * minutes * 1.25


def test_a_waiting_order_survives_no_deadline() -> None:
    sandbox = make(stores=4, orders=400)
    sandbox.clocks.advance(60 * 24 * HOUR)
    sandbox.world.catch_up()
    assert {order.status for order in sandbox.world.orders.values()} == {
        OrderStatus.COMPLETED,
        OrderStatus.CANCELLED,
    }


@pytest.mark.parametrize(
    ("minor", "region", "text"),
    [(249000, "VN", "249000"), (1490, "US", "14.90"), (-5, "GB", "-0.05"), (0, "JP", "0"), (100, "TH", "1.00")],
)
def test_money_text(minor: int, region: str, text: str) -> None:
    assert money_text(minor, REGIONS[region]) == text


def test_the_local_day_ends_at_midnight_of_the_region() -> None:
    # The sheet's sample: created 2026-01-01 00:20 in Vietnam, to be arranged by the end of 2 January.
    assert local_day_end(1_767_200_400, 1, REGIONS["VN"]) == 1_767_373_199
    assert local_day_end(1_767_373_200, 0, REGIONS["VN"]) == 1_767_373_199 + 86_400


def test_the_order_cache_is_bounded() -> None:
    sandbox = make(stores=1, orders=40)
    renderer = OrderRenderer(cache_bytes=20_000)
    pages = [renderer.order_json(order, START_AT) for order in sandbox.world.orders.values()]
    assert sum(map(len, pages)) > 20_000
    again = [renderer.order_json(order, START_AT) for order in sandbox.world.orders.values()]
    assert again == pages


def test_settings_are_independent_per_sandbox() -> None:
    assert Settings() == Settings()
    one, two = make(stores=1, orders=1), make(stores=1, orders=1)
    one.settings.change({"label_delay_s": 99})
    assert two.settings.label_delay_s != 99
