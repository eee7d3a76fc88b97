"""Stock in the engine: read, counted, written once whatever is lost, and never promised twice while orders come."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shoptui.adapters.stock import StockReading
from shoptui.domain.intents import CauseId, IntentState
from shoptui.domain.shares import ShareRule
from shoptui.domain.stock import StockChange, listing_target
from shoptui.engine.core import Engine
from shoptui.engine.failpoints import KillAt, Killed
from shoptui.engine.fields import Refusal
from shoptui.queries.stock_preview import PushPreview
from shoptui.sandbox.world.stock_model import Offer
from shoptui.settings import StockConfig
from tests.engine.desk_support import PACKER, Seen
from tests.engine.stock_support import Stocked, own_offer, stocked, went_up

WRITE = {"method": "POST", "path": r"/inventory/update$"}
DONE, FAILED = IntentState.DONE, IntentState.FAILED


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Stocked]:
    async with stocked(tmp_path) as found:
        yield found


def fault(match: Mapping[str, Any], **do: Any) -> dict[str, Any]:
    return {"match": dict(match), "do": do}


async def lowering(desk: Stocked) -> tuple[str, PushPreview]:
    """A pool of which a push lowers one listing and does nothing else."""
    for row in await desk.rows():
        found = await desk.preview([row.sku])
        if len(found.ready) == 1 and all(change.shows < (change.seen or 0) for change in found.changes.values()):
            return row.sku, found
    raise AssertionError("no pool is lowered alone")


async def both_ways(desk: Stocked) -> tuple[str, PushPreview]:
    """A pool of which a push lowers one listing and raises another, which nothing hinders."""
    for row in await desk.rows():
        found = await desk.preview([row.sku])
        changes = found.changes.values()
        if any(change.shows > (change.seen or 0) for change in changes) and any(
            change.shows < (change.seen or 0) for change in changes
        ):
            return row.sku, found
    raise AssertionError("no pool is lowered and raised")


def shown(desk: Stocked, sku: str) -> int:
    return int(desk.truth(sku)["listed"])


async def test_listings_are_read_and_a_count_says_what_is_free(desk: Stocked) -> None:
    rows = await desk.rows()
    truth = {pool["sku"]: pool for pool in desk.report()["pools"]}
    assert {row.sku for row in rows} == set(truth)
    for row in rows:
        assert (row.hand, row.reserved) == (truth[row.sku]["hand"], truth[row.sku]["reserved"])
    assert any(row.oversold for row in rows)
    for store in desk.made.stores:
        assert desk.engine.lanes[store.store_id].status()["sides"]["stock"]["first_done"]


async def test_a_push_goes_out_after_its_hold_lowers_first_and_shows_at_once(desk: Stocked) -> None:
    sku, preview = await both_ways(desk)
    ordered = await desk.push(preview)
    assert ordered["accepted"] == len(preview.ready)
    assert desk.writes() == []
    await desk.over()
    intents = await desk.batch()
    assert {intent.state for intent in intents} == {DONE}
    assert len(desk.writes()) == len(preview.ready)
    moves = [tuple(map(int, str(entry["text"]).split(">"))) for entry in desk.writes()]
    assert [after > before for before, after in moves] == sorted(after > before for before, after in moves)
    for intent in intents:
        assert intent.evidence is not None
        assert int(str(intent.evidence["window_ms"])) >= 0
    truth = desk.truth(sku)
    assert truth["listed"] <= truth["free"]
    assert (await desk.row(sku)).listed == truth["listed"]


async def test_what_a_push_saw_and_by_which_rule_is_kept(desk: Stocked) -> None:
    sku, _ = await both_ways(desk)
    rule = ShareRule(keep_back=2)
    preview = await desk.preview([sku], rule)
    await desk.push(preview, rule=rule.as_data())
    kept = await desk.engine.house.writer.stock.push_of(sku.casefold(), "p1")
    assert kept is not None
    assert (kept.operator, kept.rule, kept.buffer) == ("mei", rule, 2)


@pytest.mark.parametrize("lost", ["drop_before", "drop_after"])
async def test_a_lost_answer_is_never_repeated_but_worked_out_anew(desk: Stocked, lost: str) -> None:
    sku, preview = await lowering(desk)
    desk.live.faults.replace([fault({**WRITE, "nth": 1}, **{lost: True})])
    await desk.push(preview)
    await desk.over()
    (first,) = await desk.batch()
    assert first.state is FAILED and first.cause is not None and first.cause.id is CauseId.ANSWER_LOST
    assert first.attempts == 1
    (change,) = preview.changes.values()
    assert len(desk.writes()) == 1
    assert shown(desk, sku) == change.shows
    again = await desk.batch(f"p1~{first.intent_id}")
    # Written after all: nothing is left to do. Not written: a new intent did it.
    assert [intent.state for intent in again] == ([] if lost == "drop_after" else [DONE])
    assert (await desk.row(sku)).act_state is not FAILED


async def test_sales_within_what_is_kept_back_are_followed_and_beyond_it_a_person_looks(desk: Stocked) -> None:
    for sku, units, stops in (("TWL-CT-1", 1, False), ("GLS-SET-1", 4, True)):
        preview = await desk.preview([sku], ShareRule(keep_back=2))
        await desk.push(preview, sku, rule=ShareRule(keep_back=2).as_data())
        shop = next(one["shop_id"] for one in desk.truth(sku)["listings"] if one["shows"] >= units)
        desk.live.poke("sell", shop_id=shop, sku=sku, units=units)
        await desk.over()
        truth, failed = desk.truth(sku), [one for one in await desk.batch(sku) if one.state is FAILED]
        assert {one.cause.id for one in failed if one.cause} <= {CauseId.STOCK_MOVED}
        if stops:
            assert failed
            assert (await desk.row(sku)).act_state is FAILED
            # Pressed again, with the numbers of now.
            await desk.push(await desk.preview([sku]), f"{sku} again")
            await desk.over()
            truth = desk.truth(sku)
        assert truth["listed"] <= truth["free"]
        assert (await desk.row(sku)).act_state is not FAILED


async def test_half_the_listings_refused_leaves_the_others_right(desk: Stocked) -> None:
    preview = await desk.preview()
    shops = {store.store_id: store.shop_id for store in desk.made.stores}
    for target in preview.ready[::2]:
        sku_id = target.target_id.partition("@")[0].partition("/")[2]
        desk.live.poke("stock_lock", shop_id=shops[target.store_id], sku_id=sku_id, kind="auction")
    await desk.push(preview)
    await desk.over(20)
    intents = await desk.batch()
    assert {intent.state for intent in intents} == {DONE, FAILED}
    causes = {intent.cause.id for intent in intents if intent.cause is not None}
    assert CauseId.STOCK_LOCKED in causes
    # What cannot be lowered stays promised, so nothing else of its pool was raised beyond what there is.
    for pool in desk.report()["pools"]:
        raised = [e for e in desk.writes() if went_up(e) and _is_of(e, pool)]
        assert not raised or pool["listed"] <= pool["free"]
    assert not await desk.engine.house.writer.open_intents()


def _is_of(entry: Mapping[str, Any], pool: Mapping[str, Any]) -> bool:
    return any(one["sku_id"] in str(entry["target"]) for one in pool["listings"])


async def test_killed_anywhere_no_number_is_written_twice_and_all_end_right(tmp_path: Path) -> None:
    async with stocked(tmp_path, skus=30, stores=2) as desk:
        waiting = [row.sku for row in await desk.rows()]

        async def next_one() -> PushPreview:
            while True:
                found = await desk.preview([waiting.pop()])
                if len(found.ready) == 1 and all(one.shows < (one.seen or 0) for one in found.changes.values()):
                    return found

        places = Seen(tmp_path / "house" / "ledger.db", lambda: len(desk.writes()))
        await desk.again(places)
        await run_to_end(desk, await next_one(), "whole")
        places.close()
        assert "drain.stock:before" in places.reached
        for index in places.first:
            preview, kill = await next_one(), KillAt(index)
            (change,) = preview.changes.values()
            sku = preview.pushes[0].candidate.sku
            before = len(desk.writes())
            await desk.again(kill)
            with pytest.raises(Killed):
                await run_to_end(desk, preview, f"killed {index}")
            await desk.again()
            await desk.over()
            assert not await desk.engine.house.writer.open_intents()
            assert len(desk.writes()) - before == 1, f"killed at {kill.killed_at}"
            assert shown(desk, sku) == change.shows, f"killed at {kill.killed_at}"
            assert (await desk.row(sku)).act_state is not FAILED, f"killed at {kill.killed_at}"


async def run_to_end(desk: Stocked, preview: PushPreview, batch_id: str) -> None:
    await desk.push(preview, batch_id)
    await desk.over()


class SellsBetween:
    """Has buyers order something between the reading before a write and the write itself."""

    def __init__(self, desk: Stocked, dice: random.Random) -> None:
        self._desk = desk
        self._dice = dice
        self.sold = 0
        #: How many of them came from the marketplaces' own warehouses.
        self.theirs = 0

    def watch(self, engine: Engine) -> None:
        """Every reading of stock from now on may be followed by a sale."""
        for market in engine.house.markets.values():
            stock = market.stock
            assert stock is not None
            real = stock.by_id

            async def by_id(store: Any, listing_ids: Sequence[str], real: Any = real) -> StockReading:
                found: StockReading = await real(store, listing_ids)
                if self._dice.random() < 0.3:
                    self.sell(store.shop_id)
                return found

            stock.by_id = by_id  # type: ignore[method-assign]

    def sell(self, shop_id: str | None = None) -> None:
        """One buyer orders one unit of something that is on offer, wherever it lies."""
        world = self._desk.live.world
        stores = [store for store in world.stores.values() if shop_id in (None, store.id)]
        offers = [offer for store in stores for offer in world.stock.offers_of(store).values()]
        offers = [offer for offer in offers if offer.shows > 0]
        if offers:
            self.sell_of(self._dice.choice(offers))

    def sell_of(self, offer: Offer) -> None:
        """One buyer orders one unit of this, unless it is sold out; what lies in the house goes first."""
        if offer.shows > 0:
            self.theirs += not any(place.quantity for place in offer.places)
            self._desk.live.poke("sell", shop_id=offer.store.id, sku_id=offer.sku.id, units=1)
            self.sold += 1


@pytest.mark.parametrize(
    ("markets", "stores", "skus", "sales"),
    [(("tiktok",), 3, 200, 150), (("shopee", "lazada"), 4, 40, 75)],
    ids=["tiktok", "others"],
)
async def test_with_the_proposed_reserve_nothing_is_sold_twice_while_orders_come(
    tmp_path: Path, markets: tuple[str, ...], stores: int, skus: int, sales: int
) -> None:
    """Pools in several stores: pushed first, then orders come all the time, also while numbers are written."""
    async with stocked(tmp_path, skus=skus, stores=stores, regions=("TH",), markets=markets) as desk:
        dice = random.Random(5)
        await desk.push(await desk.preview(), "first")
        await desk.over(20)
        assert len(desk.report()["pools"]) >= skus
        # What no push can mend: a listing that nobody may write promises more than there is.
        promised = {row.sku for row in await desk.rows("risk:over")}
        assert len(promised) < 8
        buyers = SellsBetween(desk, dice)
        buyers.watch(desk.engine)
        offered = [offer for pool in desk.live.world.stock.pools.values() for offer in pool.offers if offer.platform]
        for number in range(4):
            for _ in range(25):
                buyers.sell()
            for offer in (offer for offer in offered for _ in range(5)):
                buyers.sell_of(offer)
            await desk.push(await desk.preview(), f"push {number}")
            for _ in range(14):
                buyers.sell()
                desk.made.advance(1)
                await desk.settle()
        await desk.over(5)
        assert buyers.sold > sales and buyers.theirs > 5
        now = {pool["sku"]: pool for pool in desk.report()["pools"]}
        assert {sku for sku, pool in now.items() if pool["oversold_orders"]} <= promised
        # Whatever is on offer of the house's own is there.
        over = {sku for sku, pool in now.items() if own_offer(pool) > max(pool["free"], 0)}
        assert over <= promised


# -- what is refused, and what is the house's


async def test_what_cannot_be_written_is_refused_with_a_sentence(desk: Stocked) -> None:
    sku, preview = await lowering(desk)
    (target,) = preview.ready
    store_id, target_id = target.store_id, target.target_id
    listing_id, warehouse_id = target_id.split("@")
    for where, change, reason in (
        ((store_id, listing_target("1/2", "")), StockChange(1), "unknown_listing"),
        ((store_id, "nonsense"), StockChange(1), "bad_request"),
        ((store_id, listing_target(listing_id, "nowhere")), StockChange(1), "warehouse"),
        ((store_id, target_id), StockChange(100_000), "quantity"),
        ((store_id, target_id), StockChange(1, pool="other"), "other_pool"),
        (("tt-th-9", target_id), StockChange(1), "unknown_store"),
    ):
        answered = await desk.set(where, change, batch_id=f"{reason} {where[1]}")
        assert [no["reason"] for no in answered["refused"]] == [reason]
        assert answered["refused"][0]["say"].endswith(".")
    with pytest.raises(Refusal, match="agent"):
        await desk.set((store_id, target_id), StockChange(1), session=PACKER)
    shop = next(store.shop_id for store in desk.made.stores if store.store_id == store_id)
    desk.live.poke("stock_floor", shop_id=shop, sku=sku, warehouse_id=warehouse_id, floor=1)
    await desk.ask("stock_refresh", pools=[sku])
    answered = await desk.set((store_id, target_id), StockChange(0), "floor")
    assert [no["reason"] for no in answered["refused"]] == ["below_floor"]


async def test_a_store_that_does_not_answer_is_not_written_and_its_offer_stays_promised(desk: Stocked) -> None:
    sku, preview = await both_ways(desk)
    store_id = preview.ready[0].store_id
    lane = desk.engine.lanes[store_id]
    desk.live.faults.replace([fault({"path": r"/inventory/search$"}, status=503)])
    for _ in range(8):
        desk.made.advance(300)
        await desk.settle()
    assert lane.stock.feed.failures
    answered = await desk.push(preview)
    assert {no["reason"] for no in answered["refused"]} == {"silent"}
    found = await desk.preview([sku])
    assert found.ready == ()
    assert {group.reason_id for group in found.left_out} == {"silent"}


async def test_a_rule_of_a_pool_is_kept_and_taken_off(desk: Stocked) -> None:
    sku, _ = await both_ways(desk)
    await desk.ask("stock_rule", pools=[sku], rule={"keep_back": 3})
    assert (await desk.row(sku)).own_rule
    assert {push.rule for push in (await desk.preview([sku])).pushes} == {ShareRule(keep_back=3)}
    await desk.ask("stock_rule", pools=[sku])
    assert not (await desk.row(sku)).own_rule
    with pytest.raises(Refusal, match="keep_back"):
        await desk.ask("stock_rule", pools=[sku], rule={"keep_back": -1})
    with pytest.raises(Refusal, match="no SKU"):
        await desk.ask("stock_rule", pools=["nothing"], rule={})


async def test_a_count_is_the_houses_and_bad_ones_are_refused_whole(desk: Stocked) -> None:
    row = (await desk.rows())[0]
    await desk.ask("stock_count", counts=[{"sku": f" {row.sku.lower()} ", "counted": 90}])
    assert (await desk.row(row.sku)).hand == 90
    for counts, words in (
        ([{"sku": row.sku, "counted": -1}], "between 0"),
        ([{"sku": "", "counted": 1}], "own code"),
        ([{"sku": row.sku, "counted": 1}, {"sku": row.sku.lower(), "counted": 2}], "twice"),
    ):
        with pytest.raises(Refusal, match=words):
            await desk.ask("stock_count", counts=counts)
    with pytest.raises(Refusal, match="60 days"):
        await desk.ask("stock_count", counts=[{"sku": row.sku, "counted": 1}], counted_at=1)
    with pytest.raises(Refusal, match="agent"):
        await desk.ask("stock_count", PACKER, counts=[{"sku": row.sku, "counted": 1}])
    assert (await desk.row(row.sku)).hand == 90
    assert desk.writes() == []


async def test_alerts_say_how_many_pools_and_are_cleared(desk: Stocked) -> None:
    desk.made.advance(31)
    await desk.settle()
    found = {alert.kind: alert.args for alert in desk.engine.house.alerts.standing()}
    rows = await desk.rows("risk:over")
    assert found["stock_oversold"]["pools"] == str(len(rows))
    assert found["stock_oversold"]["sku"] in {row.sku for row in rows}
    counts = [{"sku": row.sku, "counted": 5000} for row in await desk.rows()]
    await desk.ask("stock_count", counts=counts)
    desk.made.advance(31)
    await desk.settle()
    assert "stock_oversold" not in {alert.kind for alert in desk.engine.house.alerts.standing()}


async def test_what_is_low_by_units_or_by_how_long_it_lasts_the_settings_say(desk: Stocked) -> None:
    rows = [row for row in await desk.rows() if row.listed]
    counts = [{"sku": row.sku, "counted": row.reserved + (3 if row is rows[0] else 9000)} for row in rows]
    await desk.ask("stock_count", counts=counts)
    house = desk.engine.house
    for low, kinds in (
        (StockConfig(low_units=4, low_cover_h=0), {"stock_low"}),
        (StockConfig(low_units=3, low_cover_h=0), set()),
        (StockConfig(low_units=0, low_cover_h=10**6), {"stock_runs_out"}),
    ):
        house.config = replace(house.config, stock=low)
        desk.made.advance(31)
        await desk.settle()
        found = {alert.kind: alert.args for alert in house.alerts.standing()}
        found = {kind: args for kind, args in found.items() if kind in {"stock_low", "stock_runs_out"}}
        assert set(found) == kinds
        if "stock_low" in found:
            assert found["stock_low"] == {"pools": "1", "sku": rows[0].sku, "least": "4"}


async def test_a_sale_shows_in_its_pool_by_the_order_and_by_what_is_listed(desk: Stocked) -> None:
    before = next(row for row in await desk.rows() if row.listed > 2)
    shop = next(one["shop_id"] for one in desk.truth(before.sku)["listings"] if one["shows"] >= 1)
    desk.live.poke("sell", shop_id=shop, sku=before.sku, units=1)
    desk.made.advance(400)
    await desk.settle()
    after = await desk.row(before.sku)
    assert (after.reserved, after.listed) == (before.reserved + 1, before.listed - 1)


async def test_a_listing_that_is_gone_leaves_its_pool(desk: Stocked) -> None:
    row = next(row for row in await desk.rows() if row.listings == 1)
    (listing,) = desk.truth(row.sku)["listings"]
    desk.live.poke("listing_state", shop_id=listing["shop_id"], sku=row.sku, state="deleted")
    desk.made.advance(400)
    await desk.settle()
    assert (await desk.row(row.sku)).listed == 0
