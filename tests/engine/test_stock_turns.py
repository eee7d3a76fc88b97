"""The turns of a push's writes: few calls, orders looked at once for many listings, raises that wait and are woken."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from shoptui.adapters.desks import Outcome, Request
from shoptui.adapters.stock_desk import BATCHES_AT_ONCE, StockDesk
from shoptui.domain.intents import Intent, IntentState, TargetKind, Verb
from shoptui.domain.stock import StockChange, listing_of, product_of
from shoptui.domain.stores import Store
from shoptui.domain.verbs import write_args
from shoptui.engine.stock_turns import RAISE_WAIT_S, RaiseWaits, asks_first, in_order
from tests.engine.stock_support import Stocked, own_offer, stocked, went_up


def write(number: int, shows: int, seen: int | None, pool: str = "mug") -> Intent:
    return Intent(
        intent_id=number,
        batch_id="b",
        verb=Verb.SET_STOCK,
        store_id="tt-th-1",
        order_no="",
        target_kind=TargetKind.LISTING,
        target_id=f"1/{number}@w",
        args=write_args(StockChange(shows, seen, 1, pool)),
        state=IntentState.QUEUED,
        operator="mei",
        created_at=0,
        release_at=0,
        attempts=0,
        sent_at=None,
        look_at=None,
        settled_at=None,
        cause=None,
        evidence=None,
        after_intent_id=None,
        retry_of=None,
    )


def test_while_anything_is_lowered_nothing_is_raised() -> None:
    up, down, blind, typed = write(1, 9, 3), write(2, 1, 3), write(3, 4, None), write(4, 9, 3, pool="")
    assert [asks_first(one) for one in (up, down, blind, typed)] == [True, False, True, False]
    assert in_order([up, down, blind, typed]) == [down, typed]
    assert in_order([up, blind]) == [up, blind]


def test_a_wait_ends_when_all_it_was_for_has_come() -> None:
    waits = RaiseWaits()
    first, second = write(1, 9, 3), write(2, 9, 3)
    assert waits.wait(first, 100.0) and waits.wait(second, 100.5)
    assert waits.until == {1: 101.0, 2: 101.5}
    waits.pools.add("mug")
    waits.orders.update({"tt-th-1": 100, "tt-th-2": 101})
    assert not waits.lowered(["bag"])
    assert not waits.lowered(["mug"])
    assert not waits.orders_read(lambda store_id: 100.0)
    assert waits.orders == {"tt-th-2": 101}
    assert waits.until
    assert waits.orders_read(lambda store_id: math.inf)
    # Free to go, and still known to have waited.
    assert waits.until == {} and waits.since == {1: 100, 2: 100}
    assert not waits.orders_read(lambda store_id: math.inf)
    waits.keep_only({2})
    assert waits.since == {2: 100}


def test_a_raise_waits_for_a_minute_and_no_longer() -> None:
    waits = RaiseWaits()
    one = write(1, 9, 3)
    assert waits.wait(one, 50.0)
    assert waits.wait(one, 50.0 + RAISE_WAIT_S - 1)
    assert not waits.wait(one, 50.0 + RAISE_WAIT_S)


@pytest.mark.parametrize("market", ["tiktok", "shopee", "lazada"])
async def test_a_push_takes_few_calls_and_looks_at_orders_once_a_store(tmp_path: Path, market: str) -> None:
    async with stocked(tmp_path, skus=60, stores=2, regions=("TH",), markets=(market,)) as desk:
        preview = await desk.preview()
        await desk.push(preview)
        # What is read while the push is held needs no more than once either.
        desk.made.advance(9)
        await desk.settle()
        before = calls_by_feed(desk)
        await desk.over(4)
        made = calls_by_feed(desk)
        made.subtract(before)
        intents = await desk.batch()
        assert {intent.state for intent in intents} <= {IntentState.DONE, IntentState.FAILED}
        stores, products = len(desk.made.stores), products_of(intents)
        # What lowers goes before what raises.
        fewest = sum(products_of([one for one in intents if asks_first(one) is up]) for up in (True, False))
        if market == "lazada":
            fewest = 2 * stores + len(intents) // 20
        assert 0 < made["set_stock"] <= fewest
        assert made["orders"] <= 4 * stores
        # One reading before so many writes and one after all of them; at Shopee each item is a call.
        assert made["stock"] <= (8 * stores if market != "shopee" else 5 * products)


def calls_by_feed(desk: Stocked) -> Counter[str]:
    return Counter({row.feed: row.today for row in desk.engine.house.budget.snapshot()})


def products_of(intents: list[Intent]) -> int:
    return len({(intent.store_id, product_of(listing_of(intent.target_id))) for intent in intents})


async def test_raises_go_on_as_soon_as_the_orders_they_wait_for_are_read(tmp_path: Path) -> None:
    async with stocked(tmp_path, skus=8, stores=2, regions=("TH",)) as desk:
        engine = desk.engine
        await desk.push(await desk.preview())
        desk.made.advance(11)
        for lane in engine.lanes.values():
            # Listings are known better than orders: nothing may be raised on that.
            await lane.stock.read_now(sorted(await engine.house.writer.stock.listing_ids(lane.store.store_id)))
        for lane in (*engine.lanes.values(), *engine.lanes.values()):
            # What lowers goes, and then nothing else.
            await lane.step_outbox()
        waiting = [lane for lane in engine.lanes.values() if lane.outbox.raises.orders]
        assert waiting
        listener = asyncio.create_task(engine.pushes._listen())
        await asyncio.sleep(0)
        for lane in engine.lanes.values():
            lane.look_at_orders()
            await lane.step_sync()
        await asyncio.sleep(0)
        listener.cancel()
        # No second has passed by the world's clock.
        assert not any(lane.outbox.raises.until for lane in engine.lanes.values())
        for lane in engine.lanes.values():
            await lane.step_outbox()
        assert {intent.state for intent in await desk.batch()} <= {IntentState.DONE, IntentState.FAILED}


async def test_while_a_stores_orders_cannot_be_read_nothing_of_its_pools_is_raised(tmp_path: Path) -> None:
    async with stocked(tmp_path, skus=20, stores=2, regions=("TH",)) as desk:
        silent = desk.made.stores[0]
        # Its listings are read all the while: what they show less is nobody's yet, for the order is not here.
        failing = {"match": {"path": r"/orders/search$", "shop_id": silent.shop_id}, "do": {"status": 503}}
        desk.live.faults.replace([failing])
        offers = list(desk.live.world.stock.offers_of(desk.live.world.stores[silent.shop_id]).values())
        for offer in offers:
            if offer.shows > 2:
                desk.live.poke("sell", shop_id=silent.shop_id, sku_id=offer.sku.id, units=2)
        desk.made.advance(60)
        await desk.settle()
        lane = desk.engine.lanes[silent.store_id]
        await lane.stock.read_now(sorted(await desk.engine.house.writer.stock.listing_ids(silent.store_id)))
        await desk.push(await desk.preview())
        before = lane.sync.feed.failures
        await desk.over(30)
        # It is not asked more often for that.
        assert before <= lane.sync.feed.failures <= before + 4
        assert desk.writes() and not any(map(went_up, desk.writes()))
        desk.live.faults.replace([])
        lane.sync_now()
        await desk.over(60)
        assert any(map(went_up, desk.writes()))
        promised = {row.sku for row in await desk.rows("risk:over")}
        over = {pool["sku"] for pool in desk.report()["pools"] if own_offer(pool) > max(pool["free"], 0)}
        assert over <= promised


async def test_what_was_written_is_read_again_when_the_push_has_ended(tmp_path: Path) -> None:
    async with stocked(tmp_path, skus=8, stores=2, regions=("TH",)) as desk:
        engine = desk.engine
        await desk.push(await desk.preview())
        desk.made.advance(10)
        await desk.settle()
        before = calls_by_feed(desk)["stock"]
        written = [one for one in await desk.batch() if one.state is IntentState.DONE]
        lane = engine.lanes[written[0].store_id]
        desk.made.advance(2)
        lane.stock.were_written([listing_of(written[0].target_id)])
        await desk.settle()
        assert calls_by_feed(desk)["stock"] - before <= len(engine.lanes) - 1
        desk.made.advance(3)
        await desk.settle()
        assert calls_by_feed(desk)["stock"] > before


async def test_a_reading_that_began_before_a_write_does_not_undo_it(tmp_path: Path) -> None:
    async with stocked(tmp_path, skus=8, stores=2, regions=("TH",)) as desk:
        lane = next(iter(desk.engine.lanes.values()))
        stock = lane.market.stock
        assert stock is not None
        pushes = (await desk.preview()).pushes
        sku, listing = next(
            (push.candidate.sku, one) for push in pushes for one in push.candidate.stock.listings if one.shows > 1
        )
        row = await desk.row(sku)
        lane, real = desk.engine.lanes[listing.store_id], stock.by_id

        async def by_id(*asked: object) -> object:
            found = await real(*asked)  # type: ignore[arg-type]
            desk.made.advance(1)
            await desk.engine.house.writer.stock.wrote(
                listing.store_id, [(f"{listing.listing_id}@{listing.warehouse_id}", 1)], int(desk.made.clock.now())
            )
            lane.stock.were_written([listing.listing_id])
            return found

        stock.by_id = by_id  # type: ignore[assignment, method-assign]
        await lane.stock.read_now([listing.listing_id])
        assert (await desk.row(row.sku)).listed == row.listed - listing.shows + 1
        stock.by_id = real  # type: ignore[method-assign]
        desk.made.advance(1)
        await lane.stock.read_now([listing.listing_id])
        assert (await desk.row(row.sku)).listed == row.listed


async def test_a_long_push_lets_pass_what_is_ordered_meanwhile(tmp_path: Path) -> None:
    async with stocked(tmp_path, skus=40, stores=1, regions=("TH",)) as desk:
        (lane,) = desk.engine.lanes.values()
        writing = lane.market.desks[Verb.SET_STOCK]
        assert isinstance(writing, StockDesk)
        writing.calls_max, real = 1, writing.send
        sent: list[int] = []

        async def send(store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
            sent.append(len(requests))
            lane.wake_outbox()
            return await real(store, requests)

        writing.send = send  # type: ignore[method-assign]
        await desk.push(await desk.preview())
        desk.made.advance(11)
        await lane.step_outbox()
        # What was under way ends, and the next step looks at everything anew.
        assert len(sent) == BATCHES_AT_ONCE
        assert any(intent.state is IntentState.QUEUED for intent in await desk.batch())
        await desk.over(8)
        assert {intent.state for intent in await desk.batch()} <= {IntentState.DONE, IntentState.FAILED}
