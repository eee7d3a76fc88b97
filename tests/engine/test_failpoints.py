"""The engine is killed at every point of drain and settle there is; the next one finishes, and nothing counts twice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from shoptui.domain.intents import Intent, IntentState, SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.engine import drain, moves, readback
from shoptui.engine.core import Engine
from shoptui.engine.failpoints import KillAt, Killed, Points, Recorder
from tests.engine.support import Bench, TunedDesk, accept, bench, put_desk, shippable, shipped

SHIP = {"method": "POST", "path": r"packages/ship$"}
SHIP_ONE = {"method": "POST", "path": r"packages/\d+/ship$"}
LOOK = {"method": "GET", "path": r"packages/\d+$"}


#: The scenario whose second intent may not leave before the first is done.
CHAINED = "one after the other"
#: What goes wrong, and how both intents end when nobody kills the engine.
SCENARIOS: Mapping[str, tuple[Sequence[Mapping[str, Any]], IntentState]] = {
    "all goes well": ([], IntentState.DONE),
    CHAINED: ([{"match": {**SHIP_ONE, "nth": 1}, "do": {"drop_after": True}}], IntentState.DONE),
    "asked to slow down": ([{"match": {**SHIP, "nth": 1}, "do": {"status": 429}}], IntentState.DONE),
    "request lost": ([{"match": {**SHIP, "nth": 1}, "do": {"drop_before": True}}], IntentState.DONE),
    "answer lost": ([{"match": {**SHIP, "nth": 1}, "do": {"drop_after": True}}], IntentState.DONE),
    "request, look and answer lost": (
        [
            {"match": {**SHIP, "nth": 1}, "do": {"drop_before": True}},
            {"match": {**LOOK, "nth": 1}, "do": {"status": 500}},
            {"match": {**SHIP, "nth": 2}, "do": {"drop_after": True}},
        ],
        IntentState.DONE,
    ),
    "answer lost, unreadable until a person is asked": (
        [
            {"match": {**SHIP, "nth": 1}, "do": {"drop_after": True}},
            {"match": {**LOOK, "times": 20}, "do": {"status": 500}},
        ],
        IntentState.DONE,
    ),
    "every request lost": (
        [{"match": {**SHIP, "times": 10}, "do": {"drop_before": True}}],
        IntentState.NOT_DONE,
    ),
}
#: TikTok Shop's rule with less patience: few looks, one resend.
RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=20, resends=1)
SETTLED = {IntentState.DONE, IntentState.FAILED, IntentState.NOT_DONE}


class Killing:
    """One big house; every run takes two fresh orders from it."""

    def __init__(self, made: Bench, orders: Sequence[Order]) -> None:
        self.made = made
        self._orders = iter(orders)
        self._numbers = count()

    async def run(
        self, faults: Sequence[Mapping[str, Any]], points: Points, *, chained: bool = False
    ) -> tuple[list[Intent], dict[str, int]]:
        """Order two, run until the points end the engine or all is settled, and then once more without points."""
        made = self.made
        orders = list(islice(self._orders, 2))
        assert len(orders) == 2, "the world is too small for this many runs"
        made.live.faults.replace([dict(fault) for fault in faults])
        before = shipped(made.live)
        engine = await self._engine(points)
        intents = await accept(engine, orders[:1], batch_id=f"batch {next(self._numbers)}", hold_s=1)
        after = intents[0].intent_id if chained else None
        intents += await accept(engine, orders[1:], batch_id=f"batch {next(self._numbers)}", hold_s=1, after=after)
        store_id = orders[0].store_id
        try:
            await self._work(engine, store_id)
        except Killed:
            # As after `kill -9`: nothing of the old engine's memory is used again.
            await made.close(engine)
            engine = await self._engine(None)
            await self._work(engine, store_id)
        ended = await engine.house.writer.intents([intent.intent_id for intent in intents])
        await made.close(engine)
        made.live.faults.clear()
        after = shipped(made.live)
        return ended, {target: after[target] - before.get(target, 0) for target in after}

    async def _engine(self, points: Points | None) -> Engine:
        engine = await self.made.engine(points=points)
        put_desk(engine, TunedDesk(engine.house.markets["tiktok"].desks[Verb.SHIP], rule=RULE))
        return engine

    async def _work(self, engine: Engine, store_id: str) -> None:
        """The outbox alone, time moved to whatever is due next, until nothing is open."""
        lane = engine.lanes[store_id]
        for _ in range(400):
            next_at = await lane.step_outbox()
            if next_at == float("inf"):
                return
            self.made.advance(max(1, int(next_at - self.made.clock.now())))
        raise AssertionError("the outbox never came to rest")


@pytest.fixture
async def killing(tmp_path: Path) -> AsyncIterator[Killing]:
    async with bench(tmp_path, stores=1, orders=1500, regions=("TH",)) as made:
        # Carriers and buyers stay away: time passes here only so that the engine looks again.
        engine = await made.engine()
        await made.synced(engine)
        orders = await shippable(engine, made.stores[0].store_id)
        await made.close(engine)
        yield Killing(made, orders)


def check(ended: Sequence[Intent], counts: Mapping[str, int], where: str) -> None:
    for intent in ended:
        times = counts.get(intent.target_id, 0)
        assert times <= 1, f"{where}: shipped {times} times"
        assert intent.state in SETTLED, f"{where}: ended as {intent.state}"
        assert (intent.state is IntentState.DONE) == (times == 1), f"{where}: {intent.state}, shipped {times} times"


@pytest.mark.parametrize("name", SCENARIOS)
async def test_killed_at_every_point_each_order_ships_once_and_every_intent_is_accounted_for(
    killing: Killing, name: str
) -> None:
    faults, end = SCENARIOS[name]
    recorder = Recorder()
    chained = name == CHAINED
    ended, counts = await killing.run(faults, recorder, chained=chained)
    check(ended, counts, "without a kill")
    assert [intent.state for intent in ended] == [end, end]
    for index, point in enumerate(recorder.reached):
        kill = KillAt(index)
        ended, counts = await killing.run(faults, kill, chained=chained)
        check(ended, counts, f"killed at {kill.killed_at or point} (number {index})")


async def test_the_scenarios_reach_every_point_there_is(killing: Killing) -> None:
    reached: set[str] = set()
    for name, (faults, _) in SCENARIOS.items():
        recorder = Recorder()
        await killing.run(faults, recorder, chained=name == CHAINED)
        reached.update(recorder.reached)
    sources = (Path(module.__file__) for module in (drain, moves, readback))
    named = {name for path in sources for name in re.findall(r'"((?:drain|settle)\.[a-z_]+)"', path.read_text())}
    named |= {f"drain.record.{state}" for state in ("done", "queued", "unknown", "needs_person", "not_done")}
    assert len(named) > 10
    missing = {f"{name}:{side}" for name in named for side in ("before", "after")} - reached
    assert not missing
