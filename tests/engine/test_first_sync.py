"""The first sync of each marketplace: all that is open and a month, each order once, in few calls, whatever happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from shoptui.config import Config, EngineConfig
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.orders import BEFORE_CARRIER, Order, Status
from shoptui.engine.core import Engine
from shoptui.engine.side_feed import SideFeed
from shoptui.store.results import Upserted
from shoptui.store.writer import Writer
from tests.engine.support import Bench, bench

#: Enough for several pages of a list, with a tenth of the month's days, so that many open orders are older.
ORDERS, DAYS = 420, 1
#: Orders on a page where few calls shall bring many pages.
PAGE = 8
BEFORE = {"unpaid", "on_hold", "to_ship", "partly_arranged", "arranged"}


@dataclass(frozen=True, slots=True)
class Truth:
    """What a first sync has to bring: the orders still open, and those updated within its days."""

    still_open: frozenset[str]
    recent: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.still_open | self.recent


@pytest.fixture(params=sorted(MARKETPLACES))
async def made(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    config = Config(engine=EngineConfig(history_days=DAYS))
    async with bench(
        tmp_path, stores=1, orders=ORDERS, regions=("TH",), markets=(request.param,), config=config
    ) as found:
        yield found


@pytest.fixture(autouse=True)
def orders_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements have orders read that they settle; what the orders' own feed brings is looked at here."""

    async def nothing_due(feed: SideFeed, *, ready: bool) -> float:
        return float("inf")

    monkeypatch.setattr(SideFeed, "step", nothing_due)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int]]:
    """How often each version of an order was given to the cache."""
    counts: Counter[tuple[str, int]] = Counter()
    write = Writer.upsert_orders

    async def counting(writer: Writer, orders: Sequence[Order], **rest: Any) -> Upserted:
        counts.update((order.order_no, order.updated_at) for order in orders)
        return await write(writer, orders, **rest)

    monkeypatch.setattr(Writer, "upsert_orders", counting)
    return counts


def truth_of(made: Bench) -> Truth:
    since = made.clock.now() - made.config.engine.history_days * 86400
    orders = made.live.world.orders.values()
    return Truth(
        frozenset(order.id for order in orders if str(order.status) in BEFORE),
        frozenset(order.id for order in orders if order.updated_at >= since),
    )


async def here(engine: Engine, made: Bench) -> dict[str, Status]:
    found = await engine.house.writer.orders_by_no(made.stores[0].store_id, list(made.live.world.orders))
    return {order.order_no: order.status for order in found}


def calls(engine: Engine) -> int:
    return sum(row.today for row in engine.house.budget.snapshot())


def when_first_written(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Have `act` happen once, when the first page of orders is in the cache."""
    write = Writer.upsert_orders
    left = [act]

    async def acting(writer: Writer, orders: Sequence[Order], **rest: Any) -> Upserted:
        done = await write(writer, orders, **rest)
        if orders and left:
            left.pop()()
        return done

    monkeypatch.setattr(Writer, "upsert_orders", acting)


async def test_everything_comes_and_each_order_once(made: Bench, written: Counter[tuple[str, int]]) -> None:
    engine = await made.engine()
    await engine.turn()
    truth = truth_of(made)
    assert truth.still_open - truth.recent, "some open orders are older than the days that are read"
    assert set(await here(engine, made)) == truth.all
    assert set(written.values()) == {1}
    feed = engine.lanes[made.stores[0].store_id].sync.feed
    assert (feed.first_done, feed.failures, feed.fetched) == (True, 0, len(truth.all))
    assert feed.here == feed.there == len(truth.still_open)
    assert not engine.house.alerts.standing()


async def test_it_takes_few_calls(made: Bench) -> None:
    engine = await made.engine()
    await engine.turn()
    truth = truth_of(made)
    recent, every = ceil(len(truth.recent) / 100), ceil(len(truth.all) / 50)
    # Lists; what is asked of open statuses or packages for the sake of older orders; details; a page each to spare.
    older = len(truth.still_open - truth.recent)
    fewest = {
        "tiktok": recent + 5 + ceil(older / 100),
        "shopee": recent + ceil(len(truth.still_open) / 100) + 2 * every + 1,
        "lazada": recent + 6 + ceil(older / 100) + every,
    }[made.stores[0].marketplace]
    assert calls(engine) <= fewest + 4


async def test_windows_bring_the_same_where_it_is_too_much_at_once(
    made: Bench, written: Counter[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shoptui.engine.sync.AT_ONCE_MAX", 20)
    monkeypatch.setattr("shoptui.engine.sync._WINDOW_ORDERS", 60)
    made.config = Config(engine=EngineConfig(history_days=20))
    engine = await made.engine()
    await engine.turn()
    lane = engine.lanes[made.stores[0].store_id]
    truth = truth_of(made)
    assert not lane.sync.feed.first_done
    assert truth.still_open <= set(await here(engine, made))
    await made.synced(engine)
    assert set(await here(engine, made)) == truth.all
    assert set(written.values()) == {1}
    assert lane.sync.feed.fetched == len(truth.all)


async def test_open_orders_fill_no_pages_of_tiktok_shop_a_second_time(
    tmp_path: Path, written: Counter[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shoptui.engine.sync.AT_ONCE_MAX", 20)
    monkeypatch.setattr("shoptui.adapters.tiktok.orders.OrderReader.__init__.__kwdefaults__", {"page_size": PAGE})
    config = Config(engine=EngineConfig(history_days=20))
    async with bench(tmp_path, stores=1, orders=ORDERS, regions=("TH",), markets=("tiktok",), config=config) as made:
        engine = await made.engine()
        await made.synced(engine)
        truth = truth_of(made)
        assert set(await here(engine, made)) == truth.all
        assert set(written.values()) == {1}
        closed = len(truth.all - truth.still_open)
        # Full pages of each kind; besides them the last pages of each status and window, and counts.
        open_pages, closed_pages = len(truth.still_open) // PAGE, closed // PAGE
        assert open_pages + closed_pages < calls(engine) < open_pages + closed_pages + open_pages // 2 + 5


async def test_what_changes_while_it_is_read_is_not_lost(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    truth = truth_of(made)
    waiting = sorted(number for number in truth.still_open if str(made.live.world.orders[number].status) == "to_ship")
    gone = waiting[:: max(1, len(waiting) // 12)]

    def change() -> None:
        made.advance(2)
        for number in gone:
            made.live.poke("cancel_order", order_id=number)
        made.live.poke("new_orders", shop_id=made.stores[0].shop_id, count=3)

    when_first_written(monkeypatch, change)
    engine = await made.engine()
    await engine.turn()
    made.advance(70)
    await engine.turn()
    found = await here(engine, made)
    assert set(found) == truth_of(made).all
    assert {found[number] for number in gone} == {Status.CANCELLED}
    open_here = {number for number, status in found.items() if status in BEFORE_CARRIER}
    assert open_here == truth_of(made).still_open
    made.advance(70)
    await engine.turn()
    # That an app may not chat is no matter of orders.
    assert {alert.kind for alert in engine.house.alerts.standing()} <= {"chat_not_granted"}


async def test_after_a_failure_it_goes_on_with_what_is_lacking(made: Bench, written: Counter[tuple[str, int]]) -> None:
    engine = await made.engine()
    lane = engine.lanes[made.stores[0].store_id]
    path = {
        "tiktok": r"orders/search$",
        "shopee": r"/order/get_order_detail$",
        "lazada": r"/orders/items/get$",
    }[lane.store.marketplace]
    made.live.faults.replace([{"match": {"path": path, "nth": 3}, "do": {"status": 500}}])
    await engine.turn()
    read = len(written)
    assert lane.sync.feed.failures == 1 and read > 0
    before = calls(engine)
    made.live.faults.clear()
    made.advance(60)
    await engine.turn()
    assert lane.sync.feed.first_done
    assert set(await here(engine, made)) >= truth_of(made).all
    assert set(written.values()) == {1}
    if lane.store.marketplace != "tiktok":
        # Its lists bring orders in full; at the others details are what costs.
        assert calls(engine) - before < before + ceil(len(truth_of(made).all) / 50) * 2


async def test_a_record_that_cannot_be_read_is_lacking_in_the_count(made: Bench) -> None:
    bad = sorted(truth_of(made).still_open & truth_of(made).recent)[0]
    made.live.poke("malform_order", order_id=bad, how="bad_money")
    # What changes now is outside the days that are read, which end now.
    made.advance(5)
    engine = await made.engine()
    await engine.turn()
    feed = engine.lanes[made.stores[0].store_id].sync.feed
    assert feed.first_done
    assert (feed.there or 0) - (feed.here or 0) == 1
    assert set(await here(engine, made)) == truth_of(made).all - {bad}
