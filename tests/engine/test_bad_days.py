"""Bad days of each marketplace through the engine: a renewal that is lost, an order split elsewhere, a failed label."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shoptui.adapters.base import Unsupported, Verdict
from shoptui.adapters.desks import Request
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.orders import Order, Status
from shoptui.domain.verbs import SplitChoice
from shoptui.engine.core import Engine
from tests.engine.support import Bench, accept, bench, shippable

#: Where tokens are renewed, and for how long Shopee lets an access token that was replaced go on.
RENEWALS = {"shopee": r"/auth/access_token/get$", "lazada": r"/auth/token/refresh$"}
OLD_TOKEN_S = 300
#: No carrier refuses a parcel of this weight.
ORDINARY_G = 3000
#: What the journal calls it when a parcel goes.
GOES = {"tiktok": "ship", "shopee": "ship", "lazada": "rts"}


def alerts(engine: Engine) -> set[str]:
    return {alert.alert_id for alert in engine.house.alerts.standing()}


def gone(made: Bench) -> Counter[str]:
    """The parcels that really went, by their own numbers."""
    rows = made.live.journal()
    return Counter(
        str(row["target"]) for row in rows if row["op"] == GOES[str(row["marketplace"])] and row["effect"] == "applied"
    )


@pytest.mark.parametrize("marketplace", RENEWALS)
async def test_a_store_whose_renewal_was_lost_works_on_and_then_asks_to_be_signed_in(
    tmp_path: Path, marketplace: str
) -> None:
    async with bench(tmp_path, stores=1, orders=30, regions=("TH",), markets=(marketplace,)) as made:
        engine = await made.engine()
        await made.synced(engine)
        (store,) = made.stores
        lane, held = engine.lanes[store.store_id], engine.house.secrets.load(store.store_id)
        signed_out = f"signed_out:{store.store_id}"
        assert held is not None
        made.live.faults.replace([{"match": {"path": RENEWALS[marketplace], "times": 1}, "do": {"drop_after": True}}])
        renew_at = held.access_expires_at - lane.market.capabilities.renew_before_s
        made.advance(renew_at + 60 - int(made.clock.now()))
        await engine.turn()
        assert made.live.faults.report() == [{"kind": "drop_after", "seen": 1, "hits": 1}], "the answer is lost"
        assert engine.house.secrets.load(store.store_id) == held
        (new_order,) = made.live.poke("new_orders", shop_id=store.shop_id, count=1)["order_ids"]
        made.advance(70)
        await engine.turn()
        assert [order.order_no for order in await engine.house.writer.orders_by_no(store.store_id, [new_order])]
        assert not lane.sync.feed.failures and signed_out not in alerts(engine), "the old token serves meanwhile"

        left_s = OLD_TOKEN_S if marketplace == "shopee" else held.access_expires_at - int(made.clock.now())
        made.advance(left_s + 60)
        await engine.turn()
        assert lane.sync.feed.signed_out and signed_out in alerts(engine)
        intents = await accept(engine, (await shippable(engine, store.store_id))[:1], hold_s=0)
        made.advance(600)
        await engine.turn()
        assert {one.state for one in await engine.house.writer.batch("b1")} == {IntentState.QUEUED} and not gone(made)

        code = made.live.poke("authorize", shop_id=store.shop_id)["code"]
        consent = lane.market.consent
        pasted = f"https://house.example/done?code={code}&shop_id={store.shop_id}"
        fresh = await consent.exchange(consent.read_pasted(pasted).code)
        await engine.house.secrets.save(store.store_id, fresh)
        lane.sync_now()
        await made.until_quiet(engine)
        assert not lane.sync.feed.signed_out and signed_out not in alerts(engine)
        assert {one.state for one in await engine.house.writer.batch("b1")} == {IntentState.DONE}
        assert set(gone(made).values()) == {1} and len(gone(made)) == len(intents)


async def splittable(made: Bench, engine: Engine) -> tuple[Order, SplitChoice]:
    """A cached order that the marketplace lets be split, and how."""
    (store,) = made.stores
    lane = engine.lanes[store.store_id]
    for order in await shippable(engine, store.store_id):
        left = [line.line_id for line in order.lines if line.status is Status.TO_SHIP]
        weight_g = sum(line.sku.weight_g for line in made.live.world.orders[order.order_no].lines)
        if (
            len(order.packages) != 1
            or len(left) < 2
            or weight_g > ORDINARY_G
            or lane.market.desks[Verb.SPLIT].why_not(store, order)
        ):
            continue
        if not isinstance(await lane.market.choices(store, Verb.SPLIT, order), Unsupported):
            return order, SplitChoice(((left[0],), tuple(left[1:])))
    raise AssertionError("no order that can be split")


@pytest.mark.parametrize("marketplace", MARKETPLACES)
async def test_an_order_that_was_split_after_it_was_listed_goes_parcel_by_parcel_each_once(
    tmp_path: Path, marketplace: str
) -> None:
    async with bench(tmp_path, stores=1, orders=200, regions=("TH",), markets=(marketplace,)) as made:
        engine = await made.engine()
        await made.synced(engine)
        (store,) = made.stores
        for parcel in made.live.world.packages.values():
            parcel.flaw = None
        order, groups = await splittable(made, engine)
        intents = await accept(engine, [order], hold_s=0)
        # Somebody splits it in Seller Centre while the parcel that was listed waits to be sent.
        split = (
            await engine.lanes[store.store_id]
            .market.desks[Verb.SPLIT]
            .send(store, [Request(order.order_no, order.order_no, groups)])
        )
        assert [answer.verdict for answer in split] == [Verdict.DONE], (split, order)
        assert len(intents) == 1
        await made.until_quiet(engine)
        made.advance(90)
        await engine.turn()
        (known,) = await engine.house.writer.orders_by_no(store.store_id, [order.order_no])
        assert len(known.packages) == 2, "the list has both parcels"
        waiting = [package for package in known.packages if package.status is Status.TO_SHIP]
        assert len(waiting) == 2 - sum(gone(made).values()), "what has not gone still waits, and what has gone does not"

        await accept(engine, [known], batch_id="b2", hold_s=0)
        await made.until_quiet(engine)
        assert {one.state for one in await engine.house.writer.batch("b2")} == {IntentState.DONE}
        assert list(gone(made).values()) == [1, 1], "each parcel once"
        assert {package.id for package in made.live.world.orders[order.order_no].open_packages} == set(gone(made))


async def test_a_label_that_turned_failed_is_made_again_and_kept(tmp_path: Path) -> None:
    async with bench(tmp_path, stores=1, orders=60, regions=("MY",), markets=("shopee",)) as made:
        engine = await made.engine()
        await made.synced(engine)
        (store,) = made.stores
        for parcel in made.live.world.packages.values():
            parcel.flaw = None
        order = next(one for one in await shippable(engine, store.store_id) if len(one.packages) == 1)
        target = (order.store_id, order.order_no, TargetKind.PACKAGE, order.packages[0].package_id)
        chain = [NewIntent(Verb.SHIP, *target), NewIntent(Verb.LABEL, *target, after_index=0)]
        now = engine.house.now()
        await engine.house.writer.accept_batch("b1", Verb.SHIP, "mei", "pts/1", chain, [now] * 2, now)
        made.live.settings.change({"label_fails_every": 1})
        for _ in range(6):
            await engine.turn()
            made.advance(10)
        states = [one.state for one in await engine.house.writer.batch("b1")]
        assert states == [IntentState.DONE, IntentState.QUEUED], "it fails and fails, and is not given up"
        assert await engine.house.writer.document(store.store_id, target[3], "label") is None
        made.live.settings.change({"label_fails_every": 0})
        await made.until_quiet(engine)
        assert {one.state for one in await engine.house.writer.batch("b1")} == {IntentState.DONE}
        kept = await engine.house.writer.document(store.store_id, target[3], "label")
        assert kept is not None and kept.format == "pdf"
        assert gone(made) == {target[3]: 1}
