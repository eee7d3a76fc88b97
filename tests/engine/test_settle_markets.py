"""A ship order whose answer is lost, at each marketplace: looked for when its evidence can be trusted, sent once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.marketplaces import MARKETPLACES
from tests.engine.support import BEGIN_AT, accept, bench, shippable


@dataclass(frozen=True, slots=True)
class Step:
    """A call on a parcel's way and the journal's word for its effect; after the last one the parcel goes."""

    marketplace: str
    path: str
    effect: str
    is_last: bool = True


STEPS = (
    Step("tiktok", r"/packages/([0-9]+/)?ship$", "ship"),
    Step("shopee", r"/logistics/(mass_)?ship_order$", "ship"),
    Step("lazada", r"/order/fulfill/pack$", "pack", is_last=False),
    Step("lazada", r"/order/package/rts$", "rts"),
)


def test_every_marketplace_is_here() -> None:
    assert {step.marketplace for step in STEPS} == set(MARKETPLACES)


@pytest.mark.parametrize("how", ["drop_after", "drop_before"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.marketplace}-{step.effect}")
async def test_a_lost_answer_is_settled_by_what_the_marketplace_shows(tmp_path: Path, step: Step, how: str) -> None:
    async with bench(tmp_path, stores=1, orders=60, regions=("TH",), markets=(step.marketplace,)) as made:
        engine = await made.engine()
        await made.synced(engine)
        (store,) = made.stores
        orders = (await shippable(engine, store.store_id))[:2]
        for parcel in made.live.world.packages.values():
            parcel.flaw = None
        intents = await accept(engine, orders, hold_s=0)
        assert len(intents) >= 2
        made.live.faults.replace([{"match": {"path": step.path, "times": 1}, "do": {how: True}}])
        await made.until_quiet(engine)

        settled = await engine.house.writer.batch("b1")
        assert {intent.state for intent in settled} == {IntentState.DONE}
        gone = Counter(
            str(row["order_id"])
            for row in made.live.journal()
            if row["op"] == step.effect and row["effect"] == "applied"
        )
        assert gone == Counter(order.order_no for order in orders), "each parcel went once"
        rule = engine.lanes[store.store_id].market.desks[Verb.SHIP].rule
        looked_after = max(int(intent.settled_at or 0) for intent in settled) - BEGIN_AT
        assert looked_after >= rule.first_look_s, "evidence is not trusted before its time"
        tries = max(intent.attempts for intent in settled)
        assert tries == (1 if how == "drop_after" and step.is_last else 2)
