"""The order feed on good days and bad ones, over HTTP, with driven time."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shoptui.adapters.base import TokenSet
from shoptui.domain.orders import BEFORE_CARRIER, Order, Status
from shoptui.engine.core import Engine
from shoptui.engine.side_feed import SideFeed
from shoptui.store.results import Upserted
from shoptui.store.writer import Writer
from tests.engine.support import Bench, accept, bench, shippable

SEARCH = {"path": r"orders/search$"}
#: The sandbox's own words for orders the carrier does not have yet.
BEFORE = {"unpaid", "on_hold", "to_ship", "partly_arranged", "arranged"}


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path, orders=160) as found:
        yield found


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str, int]]:
    """How often each version of an order was given to the cache."""
    counts: Counter[tuple[str, str, int]] = Counter()
    write = Writer.upsert_orders

    async def counting(writer: Writer, orders: Sequence[Order], **rest: Any) -> Upserted:
        counts.update((order.store_id, order.order_no, order.updated_at) for order in orders)
        return await write(writer, orders, **rest)

    monkeypatch.setattr(Writer, "upsert_orders", counting)
    return counts


@pytest.fixture
async def engine(made: Bench) -> Engine:
    found = await made.engine()
    await made.synced(found)
    return found


def shop_of(made: Bench, number: int = 0) -> str:
    return made.stores[number].shop_id


def world_orders(made: Bench, number: int = 0) -> dict[str, str]:
    """The marketplace's truth: order numbers and their statuses."""
    shop = shop_of(made, number)
    return {order.id: str(order.status) for order in made.live.world.orders.values() if order.store.id == shop}


async def cached(engine: Engine, store_id: str, order_no: str) -> Status | None:
    found = await engine.house.writer.orders_by_no(store_id, [order_no])
    return found[0].status if found else None


async def later(made: Bench, engine: Engine, seconds: int = 70) -> None:
    """Time passes; then everything due happens."""
    made.advance(seconds)
    await engine.turn()


def alerts(engine: Engine) -> set[str]:
    return {alert.alert_id for alert in engine.house.alerts.standing()}


async def test_the_first_sync_brings_every_order_of_the_month_and_counts_them(made: Bench, engine: Engine) -> None:
    for number, store in enumerate(made.stores):
        truth = world_orders(made, number)
        month_ago = made.clock.now() - 30 * 86400
        recent = {
            order.id
            for order in made.live.world.orders.values()
            if order.store.id == store.shop_id and (str(order.status) in BEFORE or order.updated_at >= month_ago)
        }
        found = {order.order_no for order in await engine.house.writer.orders_by_no(store.store_id, sorted(truth))}
        assert recent <= found
        here = await engine.house.writer.open_order_nos(store.store_id)
        assert here == {number for number, status in truth.items() if status in BEFORE}
        feed = engine.lanes[store.store_id].sync.feed
        assert (feed.first_done, feed.failures, feed.here) == (True, 0, feed.there)
    assert alerts(engine) == set()


async def test_the_first_sync_gives_each_open_order_to_the_cache_once(
    written: Counter[tuple[str, str, int]], made: Bench, engine: Engine
) -> None:
    for store in made.stores:
        waiting = await engine.house.writer.open_order_nos(store.store_id)
        counts = [count for (_, order_no, _), count in written.items() if order_no in waiting]
        assert len(counts) >= len(waiting) > 0
        assert set(counts) == {1}


async def test_what_can_still_be_lost_comes_before_history_where_a_month_is_too_much_at_once(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shoptui.engine.sync.AT_ONCE_MAX", 20)
    engine = await made.engine()
    await engine.turn()
    for store in made.stores:
        feed = engine.lanes[store.store_id].sync.feed
        assert not feed.first_done
        assert feed.here == feed.there == len(await engine.house.writer.open_order_nos(store.store_id)) > 0


async def test_new_and_changed_orders_arrive_by_cursor(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    before = engine.lanes[store.store_id].sync.feed.cursor_at
    arrived = made.live.poke("new_orders", shop_id=store.shop_id, count=3)["order_ids"]
    gone = next(number for number, status in world_orders(made).items() if status == "to_ship")
    made.live.poke("cancel_order", order_id=gone, by="buyer")
    await later(made, engine)
    assert all([await cached(engine, store.store_id, number) in BEFORE_CARRIER for number in arrived])
    assert await cached(engine, store.store_id, gone) is Status.CANCELLED
    after = engine.lanes[store.store_id].sync.feed.cursor_at
    assert before is not None and after is not None and after > before


async def test_an_idle_look_costs_one_call(made: Bench, engine: Engine) -> None:
    await later(made, engine)
    before = sum(row.today for row in engine.house.budget.snapshot() if row.feed == "orders")
    await later(made, engine)
    after = sum(row.today for row in engine.house.budget.snapshot() if row.feed == "orders")
    assert after - before == len(made.stores)


async def test_the_sweep_finds_what_the_cursor_missed(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    lane = engine.lanes[store.store_id]
    missed = made.live.poke("new_orders", shop_id=store.shop_id, count=2)["order_ids"]
    gone = next(number for number, status in world_orders(made).items() if status == "to_ship")
    made.live.poke("cancel_order", order_id=gone)
    made.advance(1000)
    # A cursor that was moved too far: its overlap does not reach back to the changes any more.
    lane.sync.feed = replace(lane.sync.feed, cursor_at=int(made.clock.now()))
    lane.sync._sweep_at = made.clock.now() + 100
    await engine.turn()
    assert await cached(engine, store.store_id, missed[0]) is None
    await later(made, engine, 200)
    assert all([await cached(engine, store.store_id, number) is not None for number in missed])
    assert await cached(engine, store.store_id, gone) is Status.CANCELLED


async def test_a_cursor_ahead_of_the_clock_waits_and_never_goes_back(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    sync = engine.lanes[store.store_id].sync
    ahead = int(made.clock.now()) + 200
    sync.feed = replace(sync.feed, cursor_at=ahead)
    arrived = made.live.poke("new_orders", shop_id=store.shop_id)["order_ids"]
    await later(made, engine)
    assert sync.feed.cursor_at == ahead
    assert await cached(engine, store.store_id, arrived[0]) is not None


async def test_a_walk_that_breaks_off_keeps_its_pages_and_goes_on_from_there(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    sync = engine.lanes[store.store_id].sync
    made.advance(400)
    first = made.live.poke("new_orders", shop_id=store.shop_id, count=120)["order_ids"]
    made.advance(1)
    last = made.live.poke("new_orders", shop_id=store.shop_id, count=60)["order_ids"]
    before = sync.feed.cursor_at
    made.live.faults.replace([{"match": {**SEARCH, "shop_id": store.shop_id, "nth": 2}, "do": {"status": 500}}])
    await later(made, engine)
    assert sync.feed.failures == 1
    assert before is not None and sync.feed.cursor_at is not None
    assert before < sync.feed.cursor_at <= made.clock.now()
    assert await cached(engine, store.store_id, last[-1]) is None
    made.live.faults.clear()
    await later(made, engine, 30)
    assert sync.feed.failures == 0
    for number in (*first, *last):
        assert await cached(engine, store.store_id, number) is not None


async def test_a_page_repeated_by_the_marketplace_changes_nothing(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    arrived = made.live.poke("new_orders", shop_id=store.shop_id, count=5)["order_ids"]
    made.live.poke("duplicate_page", shop_id=store.shop_id, pages=2)
    box = engine.house.hub.subscribe()
    await later(made, engine)
    told = (await box.take()).orders
    assert told is not None and len(told) == len(set(told))
    assert all([await cached(engine, store.store_id, number) is not None for number in arrived])
    again = await engine.turn()
    assert again > made.clock.now()


@pytest.mark.parametrize("how", ["status", "not_json", "truncate", "drop_before"])
async def test_one_store_that_fails_slows_itself_alone(made: Bench, engine: Engine, how: str) -> None:
    bad, good = (engine.lanes[store.store_id] for store in made.stores)
    fault = {"status": 503} if how == "status" else {how: True}
    made.live.faults.replace([{"match": {"shop_id": bad.store.shop_id}, "do": fault}])
    waits = []
    for _ in range(4):
        now = int(made.clock.now())
        bad.sync.ask_now()
        await engine.turn()
        assert bad.sync.feed.next_try_at is not None
        waits.append(bad.sync.feed.next_try_at - now)
        made.advance(2)
    assert bad.sync.feed.failures == 4
    assert waits == sorted(waits) and waits[-1] > waits[0]
    assert bad.sync.feed.error and "\n" not in bad.sync.feed.error
    assert f"store_silent:{bad.store.store_id}" in alerts(engine)
    assert good.sync.feed.failures == 0
    made.live.faults.clear()
    await later(made, engine, 600)
    assert (bad.sync.feed.failures, bad.sync.feed.error) == (0, "")
    assert alerts(engine) == set()


@pytest.mark.parametrize(("retry_after_s", "least_s"), [(120, 120), (None, 2)])
async def test_a_429_is_waited_out(made: Bench, engine: Engine, retry_after_s: int | None, least_s: int) -> None:
    slow, fast = (engine.lanes[store.store_id] for store in made.stores)
    answer = {"status": 429} | ({"retry_after_s": retry_after_s} if retry_after_s else {})
    made.live.faults.replace([{"match": {**SEARCH, "shop_id": slow.store.shop_id, "times": 1}, "do": answer}])
    await later(made, engine)
    assert slow.sync.feed.failures == 1 and fast.sync.feed.failures == 0
    assert slow.sync.feed.next_try_at is not None
    assert slow.sync.feed.next_try_at - made.clock.now() >= least_s
    assert alerts(engine) == set()


async def test_a_revoked_token_signs_the_store_out_until_somebody_signs_in(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    lane, other = (engine.lanes[found.store_id] for found in made.stores)
    made.live.poke("revoke_token", shop_id=store.shop_id)
    await later(made, engine)
    assert lane.sync.feed.signed_out
    assert f"signed_out:{store.store_id}" in alerts(engine)
    assert other.sync.feed.failures == 0
    # Signing in: a fresh code from the seller, exchanged and kept.
    code = made.live.poke("authorize", shop_id=store.shop_id)["code"]
    tokens = await engine.house.markets["tiktok"].consent.exchange(code)  # type: ignore[attr-defined]  # not every marketplace's
    await engine.house.secrets.save(store.store_id, tokens)
    lane.sync_now()
    await engine.turn()
    assert not lane.sync.feed.signed_out
    assert alerts(engine) == set()


async def test_a_missing_scope_is_said(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    made.live.poke("revoke_scope", shop_id=store.shop_id, scope="seller.order.info")
    await later(made, engine)
    assert f"no_permission:{store.store_id}" in alerts(engine)
    assert not engine.lanes[store.store_id].sync.feed.signed_out


async def test_an_expired_token_is_renewed_and_kept_before_use(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    before = engine.house.secrets.load(store.store_id)
    made.live.poke("expire_token", shop_id=store.shop_id)
    await later(made, engine)
    after = engine.house.secrets.load(store.store_id)
    assert engine.lanes[store.store_id].sync.feed.failures == 0
    assert before is not None and after is not None and after.access_token != before.access_token
    assert type(engine.house.secrets).open(made.data_dir.secrets).load(store.store_id) == after


async def test_tokens_are_renewed_a_day_ahead(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    held = engine.house.secrets.load(store.store_id)
    assert held is not None
    made.advance(int(held.access_expires_at - made.clock.now()) - 80_000)
    await engine.turn()
    renewed = engine.house.secrets.load(store.store_id)
    assert renewed is not None and renewed.access_expires_at > held.access_expires_at


async def test_an_authorisation_that_ends_is_announced(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    held = engine.house.secrets.load(store.store_id)
    assert held is not None
    ends_at = int(made.clock.now()) + 5 * 86400
    await engine.house.secrets.save(
        store.store_id, TokenSet(held.access_token, held.refresh_token, held.access_expires_at, ends_at)
    )
    await later(made, engine)
    assert f"authorisation_ends:{store.store_id}" in alerts(engine)


async def test_a_clock_that_is_off_is_named(made: Bench, engine: Engine) -> None:
    made.clock.wire_off_s = -900
    await later(made, engine)
    feed = engine.lanes[made.stores[0].store_id].sync.feed
    assert feed.failures == 1 and "clock" in feed.error


@pytest.mark.parametrize("how", ["missing_id", "bad_time", "bad_money", "null_lines", "not_an_object"])
async def test_a_record_that_cannot_be_read_is_set_aside_and_counted_as_a_gap(
    made: Bench, engine: Engine, how: str
) -> None:
    store = made.stores[0]
    lane = engine.lanes[store.store_id]
    bad, *good = made.live.poke("new_orders", shop_id=store.shop_id, count=4)["order_ids"]
    made.live.poke("malform_order", order_id=bad, how=how)
    await later(made, engine)
    assert all([await cached(engine, store.store_id, number) is not None for number in good])
    known_as = "" if how == "missing_id" else bad
    assert [row[:2] for row in await engine.house.writer.set_aside_rows()] == [(store.store_id, known_as)]
    raw = await engine.house.writer.raw_set_aside(store.store_id, known_as)
    assert raw and (bad in raw or not known_as)
    lane.sync_now()
    await engine.turn()
    assert lane.sync.feed.there == (lane.sync.feed.here or 0) + 1
    assert alerts(engine) == {f"set_aside:{store.store_id}"}
    await later(made, engine)
    # Still there at the second count: no longer an order that moved while it was counted.
    assert f"gap:{store.store_id}" in alerts(engine)
    made.live.poke("malform_order", order_id=bad, how="")
    await later(made, engine)
    await later(made, engine)
    assert alerts(engine) == set()
    assert await cached(engine, store.store_id, bad) is not None


async def test_a_word_nobody_knows_is_kept_as_it_is(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    number = made.live.poke("new_orders", shop_id=store.shop_id)["order_ids"][0]
    made.live.poke("unknown_status", order_id=number, status="AWAITING_TELEPORT")
    await later(made, engine)
    found = (await engine.house.writer.orders_by_no(store.store_id, [number]))[0]
    assert (found.status, found.raw_status) == (Status.UNKNOWN, "AWAITING_TELEPORT")


async def test_a_paused_store_is_left_alone(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    await engine.house.writer.set_paused(store.store_id, True)
    await engine.reload_store(store.store_id)
    number = made.live.poke("new_orders", shop_id=store.shop_id)["order_ids"][0]
    await later(made, engine, 4000)
    assert await cached(engine, store.store_id, number) is None
    await engine.house.writer.set_paused(store.store_id, False)
    await engine.reload_store(store.store_id)
    await engine.turn()
    assert await cached(engine, store.store_id, number) is not None


async def test_the_next_engine_goes_on_where_this_one_left(made: Bench, engine: Engine) -> None:
    cursors = {store.store_id: engine.lanes[store.store_id].sync.feed.cursor_at for store in made.stores}
    await made.close(engine)
    again = await made.engine()
    assert {store.store_id: again.lanes[store.store_id].sync.feed.cursor_at for store in made.stores} == cursors
    assert all(lane.sync.feed.first_done for lane in again.lanes.values())
    await later(made, again)
    assert sum(row.today for row in again.house.budget.snapshot() if row.feed == "orders") == len(made.stores)


async def test_a_tracking_number_that_comes_late_is_fetched(made: Bench, engine: Engine) -> None:
    made.live.settings.tracking_delay_s = 25
    store = made.stores[0]
    orders = (await shippable(engine, store.store_id))[:2]
    await accept(engine, orders)
    made.advance(11)
    for _ in range(3):
        await engine.turn()
    number = orders[0].order_no
    assert await cached(engine, store.store_id, number) is Status.TO_HAND_OVER
    assert (await engine.house.writer.orders_by_no(store.store_id, [number]))[0].tracking_number == ""
    for _ in range(6):
        await later(made, engine, 8)
    assert (await engine.house.writer.orders_by_no(store.store_id, [number]))[0].tracking_number != ""


async def test_a_clock_that_passes_is_told(made: Bench, engine: Engine) -> None:
    at = await engine.house.writer.next_clock_at()
    assert at is not None
    box = engine.house.hub.subscribe()
    made.advance(int(at - made.clock.now()) + 1)
    next_at = await engine.pass_clocks()
    assert next_at > made.clock.now()
    told = await box.take()
    assert told.counts and told.orders


async def test_intervals_follow_the_nearest_clock(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    lane = engine.lanes[store.store_id]
    soonest = await engine.house.writer.soonest_loss(store.store_id, engine.house.now(), 2**40)
    assert soonest is not None
    made.advance(int(max(0, soonest - 300 - made.clock.now())))
    await engine.turn()
    assert lane.sync.feed.next_try_at is not None
    assert lane.sync.feed.next_try_at - made.clock.now() == made.config.engine.poll_nearest_s


async def test_what_is_read_beside_orders_lets_other_stores_first_orders_come_first_but_not_for_long(
    made: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    async def step(feed: SideFeed, *, ready: bool) -> float:
        asked.append(ready)
        return float("inf")

    monkeypatch.setattr(SideFeed, "step", step)
    first, *_ = engine.lanes.values()

    async def ready() -> bool:
        asked.clear()
        await first.step_sides()
        assert len(set(asked)) == 1
        return asked[0]

    assert await ready()
    engine.house.first_looks.add("another")
    assert not await ready()
    made.advance(20)
    assert not await ready()
    made.advance(20)
    assert await ready()
    engine.house.first_looks.clear()
    assert await ready()


async def test_a_first_look_that_fails_holds_nobody_up(made: Bench) -> None:
    made.live.faults.replace([{"match": SEARCH, "do": {"status": 400}}])
    engine = await made.engine()
    await engine.turn()
    assert all(lane.sync.feed.failures for lane in engine.lanes.values())
    assert engine.house.first_looks == set()
