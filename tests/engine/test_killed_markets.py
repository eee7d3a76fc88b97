"""The engine is killed on the way of parcels at Shopee and Lazada; the next one finishes, and each goes once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from itertools import count, islice
from pathlib import Path

import pytest
import pytest_asyncio

from shoptui.domain.intents import Intent, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.orders import Order, Status
from shoptui.engine.core import Engine
from shoptui.engine.failpoints import KillAt, Killed, Points
from tests.engine.desk_support import Seen
from tests.engine.support import Bench, bench, shippable

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: What the journal calls each step of a parcel's way; the last one is its going. TikTok Shop has tests of its own.
STEPS = {"shopee": ("create_document", "ship"), "lazada": ("pack", "rts")}
LOST = {"shopee": r"/logistics/(mass_)?ship_order$", "lazada": r"/order/package/rts$"}


class Killing:
    """One house at one marketplace; every run takes two fresh orders from it."""

    def __init__(self, made: Bench, orders: Iterator[Order], marketplace: str) -> None:
        self.made = made
        self.marketplace = marketplace
        self._orders = orders
        self._numbers = count()

    async def run(self, points: Points, *, lost: bool) -> tuple[Sequence[Intent], list[Order]]:
        """Ship two with their labels until the points end the engine or all is settled, then without points."""
        made = self.made
        orders = list(islice(self._orders, 2))
        assert len(orders) == 2, "the world is too small for this many runs"
        engine = await made.engine(points=points)
        chain: list[NewIntent] = []
        for order in orders:
            target = (order.store_id, order.order_no, TargetKind.PACKAGE, order.packages[0].package_id)
            chain += [NewIntent(Verb.SHIP, *target), NewIntent(Verb.LABEL, *target, after_index=len(chain))]
        name, now = f"batch {next(self._numbers)}", engine.house.now()
        await engine.house.writer.accept_batch(name, Verb.SHIP, "mei", "pts/1", chain, [now + 1] * len(chain), now)
        rule = {"match": {"path": LOST[self.marketplace], "times": 1}, "do": {"drop_after": True}}
        made.live.faults.replace([rule] if lost else [])
        try:
            await self._work(engine, orders[0].store_id)
        except Killed:
            await made.close(engine)
            engine = await made.engine()
            await self._work(engine, orders[0].store_id)
        ended = await engine.house.writer.batch(name)
        for order in orders:
            kept = await engine.house.writer.document(order.store_id, order.packages[0].package_id, "label")
            assert kept is not None and kept.content.startswith(b"%PDF")
        await made.close(engine)
        return ended, orders

    async def _work(self, engine: Engine, store_id: str) -> None:
        """The outbox alone, time moved to whatever is due next, until nothing is open."""
        lane = engine.lanes[store_id]
        for _ in range(400):
            next_at = await lane.step_outbox()
            if next_at == float("inf"):
                return
            self.made.advance(max(1, int(next_at - self.made.clock.now())))
        raise AssertionError("the outbox never came to rest")

    def steps(self, orders: Sequence[Order]) -> Counter[tuple[str, str]]:
        """How often each step was really taken for each of these orders."""
        mine = {order.order_no for order in orders}
        return Counter(
            (str(row["op"]), str(row["order_id"]))
            for row in self.made.live.journal()
            if row["effect"] == "applied" and row["order_id"] in mine
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=sorted(STEPS))
async def killing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Killing]:
    marketplace = str(request.param)
    root: Path = tmp_path_factory.mktemp("killed")
    async with bench(root, stores=1, orders=1200, regions=("TH",), markets=(marketplace,)) as made:
        engine = await made.engine()
        await made.synced(engine)
        orders = await shippable(engine, made.stores[0].store_id)
        await made.close(engine)
        world = made.live.world
        for package in world.packages.values():
            package.flaw = None
        fresh = [
            order
            for order in orders
            if len(order.packages) == 1
            and order.packages[0].status is Status.TO_SHIP
            and all(line.package is None or marketplace == "shopee" for line in world.orders[order.order_no].lines)
            and sum(line.sku.weight_g for line in world.orders[order.order_no].lines) < 3000
        ]
        for event in ("arrival", "buyer_asks", "cancel_unarranged", "cancel_uncollected", "collect"):
            # Carriers and buyers stay away: time passes here only so that the engine looks again.
            world.on(event, lambda target, at: None)
        yield Killing(made, iter(fresh), marketplace)


async def test_every_other_marketplace_is_here() -> None:
    assert STEPS.keys() == LOST.keys() == MARKETPLACES.keys() - {"tiktok"}


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
async def test_killed_anywhere_each_parcel_goes_once_and_its_label_is_kept(killing: Killing, lost: bool) -> None:
    made = killing.made
    with closing(Seen(made.data_dir.ledger, lambda: len(made.live.journal()))) as places:
        ended, orders = await killing.run(places, lost=lost)
    once = {(step, order.order_no): 1 for order in orders for step in STEPS[killing.marketplace]}
    assert killing.steps(orders) == once
    assert {intent.state for intent in ended} == {IntentState.DONE}
    assert len(places.first) > 8
    for index in places.first:
        kill = KillAt(index)
        ended, orders = await killing.run(kill, lost=lost)
        where = f"killed at {kill.killed_at or places.reached[index]} (number {index})"
        assert {intent.state for intent in ended} == {IntentState.DONE}, where
        once = {(step, order.order_no): 1 for order in orders for step in STEPS[killing.marketplace]}
        assert killing.steps(orders) == once, where
