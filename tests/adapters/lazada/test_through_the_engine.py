"""Lazada's stores in a real engine: the first sync, a chain on a parcel that is not packed yet, lost answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.orders import BEFORE_CARRIER, Order, Status
from shoptui.engine.core import Engine
from tests.engine.support import Bench, bench, shippable

REGIONS = ("MY", "VN")
#: No service of the simulated ventures refuses a parcel of this weight.
_ORDINARY_G = 3000


async def ordinary(at: Bench, engine: Engine, store_id: str) -> list[Order]:
    """Cached orders that can be shipped, no part of which is packed yet, and that the world takes."""
    found = []
    for order in await shippable(engine, store_id):
        lines = at.live.world.orders[order.order_no].lines
        weight_g = sum(line.sku.weight_g for line in lines)
        if all(line.package is None for line in lines) and weight_g <= _ORDINARY_G:
            found.append(order)
    return found


def effects(at: Bench, op: str) -> int:
    return sum(1 for entry in at.live.journal() if entry["op"] == op and entry["effect"] == "applied")


async def test_the_first_sync_finds_every_order_and_leaves_no_gap(tmp_path: Path) -> None:
    async with bench(tmp_path, stores=2, orders=120, regions=REGIONS, markets=("lazada",)) as at:
        engine = await at.engine()
        await at.synced(engine)
        for store in at.stores:
            lane = engine.lanes[store.store_id]
            assert not lane.failing
            assert lane.sync.feed.here == lane.sync.feed.there
            real = [order for order in at.live.world.orders.values() if order.store.id == store.shop_id]
            cached = await engine.house.writer.orders_by_no(store.store_id, [order.id for order in real])
            open_here = {order.order_no for order in cached if order.status in BEFORE_CARRIER}
            assert open_here == await engine.house.writer.open_order_nos(store.store_id)


@pytest.mark.parametrize("lost", ["", "/order/fulfill/pack$", "/order/package/rts$"])
async def test_ship_and_label_go_through_on_parcels_that_have_no_number_yet(tmp_path: Path, lost: str) -> None:
    async with bench(tmp_path, stores=1, orders=160, regions=("MY",), markets=("lazada",)) as at:
        engine = await at.engine()
        await at.synced(engine)
        (store,) = at.stores
        orders = (await ordinary(at, engine, store.store_id))[:5]
        assert len(orders) == 5
        chain: list[NewIntent] = []
        for order in orders:
            (package,) = order.packages
            target = (order.store_id, order.order_no, TargetKind.PACKAGE, package.package_id)
            chain.append(NewIntent(Verb.SHIP, *target))
            chain.append(NewIntent(Verb.LABEL, *target, after_index=len(chain) - 1))
        now = engine.house.now()
        writer = engine.house.writer
        accepted = await writer.accept_batch("b1", Verb.SHIP, "mei", "pts/1", chain, [now] * len(chain), now)
        if lost:
            at.live.faults.replace([{"match": {"path": lost, "times": 1}, "do": {"drop_after": True}}])
        await at.until_quiet(engine)
        done = await writer.intents(accepted.intent_ids)
        assert {intent.state for intent in done} == {IntentState.DONE}, [intent.cause for intent in done]
        assert effects(at, "pack") == effects(at, "rts") == len(orders)
        for order in orders:
            (package,) = order.packages
            stored = await writer.document(store.store_id, package.package_id, "label")
            assert stored is not None
            assert stored.format == "pdf"
            # The parcel is still called what it was called when the label was ordered.
            (cached,) = await writer.orders_by_no(store.store_id, [order.order_no])
            assert [each.package_id for each in cached.packages] == [package.package_id]
            assert cached.packages[0].status is Status.TO_HAND_OVER
            assert cached.packages[0].tracking_number == stored.tracking_number
