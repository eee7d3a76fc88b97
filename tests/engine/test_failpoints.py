"""The engine is killed at every point of drain and settle there is; the next one finishes, and nothing counts twice.

Killing an engine leaves what is durable: the ledger, the vault, the marketplace, and the time. Points that follow one
another with nothing of that changed in between are one place to die, so each such place is visited once.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shoptui.domain.intents import Intent, IntentState, NewIntent, SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.domain.verbs import PrintChoice, write_args
from shoptui.engine import drain, moves, readback, turns
from shoptui.engine.core import Engine
from shoptui.engine.failpoints import KillAt, Killed, Points
from shoptui.engine.moves import Move
from shoptui.engine.turns import in_their_turn
from shoptui.engine.verbs import HOUSE_VERBS
from tests.engine.support import Bench, TunedDesk, bench, new_intents, put_desk, shippable, shipped

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHIP = {"method": "POST", "path": r"packages/ship$"}
SHIP_ONE = {"method": "POST", "path": r"packages/\d+/ship$"}
LOOK = {"method": "GET", "path": r"packages/\d+$"}
LABEL = {"method": "GET", "path": r"/shipping_documents$"}

DONE, FAILED, NOT_DONE = IntentState.DONE, IntentState.FAILED, IntentState.NOT_DONE


@dataclass(frozen=True)
class Scenario:
    """What is ordered on two parcels, what goes wrong, and how each parcel's steps end when nobody kills the engine."""

    faults: Sequence[Mapping[str, Any]]
    ends: tuple[IntentState, ...]
    steps: tuple[Verb, ...] = (Verb.SHIP,)
    #: The second parcel may not leave before the first is done.
    one_after_the_other: bool = False
    #: What the printer does with a label.
    paper: IntentState = DONE


def fault(match: Mapping[str, Any], **do: Any) -> Mapping[str, Any]:
    return {"match": dict(match), "do": do}


CHAIN = (Verb.SHIP, Verb.LABEL, Verb.PRINT)
SCENARIOS: Mapping[str, Scenario] = {
    "all goes well": Scenario([], (DONE,)),
    "one after the other": Scenario(
        [fault({**SHIP_ONE, "nth": 1}, drop_after=True)], (DONE,), one_after_the_other=True
    ),
    "asked to slow down": Scenario([fault({**SHIP, "nth": 1}, status=429)], (DONE,)),
    "request lost": Scenario([fault({**SHIP, "nth": 1}, drop_before=True)], (DONE,)),
    "answer lost": Scenario([fault({**SHIP, "nth": 1}, drop_after=True)], (DONE,)),
    "request, look and answer lost": Scenario(
        [
            fault({**SHIP, "nth": 1}, drop_before=True),
            fault({**LOOK, "nth": 1}, status=500),
            fault({**SHIP, "nth": 2}, drop_after=True),
        ],
        (DONE,),
    ),
    "answer lost, unreadable until a person is asked": Scenario(
        [fault({**SHIP, "nth": 1}, drop_after=True), fault({**LOOK, "times": 10}, status=500)], (DONE,)
    ),
    "every request lost": Scenario([fault({**SHIP, "times": 10}, drop_before=True)], (NOT_DONE,)),
    "shipped, labelled, printed": Scenario([], (DONE, DONE, DONE), CHAIN),
    "the chain breaks at its first link": Scenario(
        [fault(SHIP, code=21011041), fault(SHIP_ONE, code=21011041)], (FAILED, FAILED, FAILED), CHAIN
    ),
    "the chain breaks at its label": Scenario([fault(LABEL, code=11034040)], (DONE, FAILED, FAILED), CHAIN),
    "the chain breaks at its paper": Scenario([], (DONE, DONE, FAILED), CHAIN, paper=FAILED),
    "the chain's answers are lost at every link": Scenario(
        [fault({**SHIP, "nth": 1}, drop_after=True), fault({**LABEL, "times": 2}, drop_after=True)],
        (DONE, DONE, DONE),
        CHAIN,
    ),
    "labels that never come": Scenario([fault(LABEL, code=11034037)], (DONE, FAILED, FAILED), CHAIN),
}
#: TikTok Shop's rules with less patience: few looks, one resend, three labels asked for.
SHIP_RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=8, resends=1)
LABEL_RULE = SettleRule(Settling.REPEAT, first_look_s=3, give_up_s=60, resends=3)
SETTLED = {DONE, FAILED, NOT_DONE}


class Places:
    """Notes every point reached, and which of them are the first after something durable has changed."""

    def __init__(self, made: Bench) -> None:
        self._made = made
        self._ledger = sqlite3.connect(f"file:{made.data_dir.ledger}?mode=ro", uri=True)
        self._vault = sqlite3.connect(f"file:{made.data_dir.vault}?mode=ro", uri=True)
        self._entries = 0
        self._last: object = None
        self.reached: list[str] = []
        self.first: list[int] = []

    def reach(self, name: str) -> None:
        durable = self._durable()
        if durable != self._last:
            self.first.append(len(self.reached))
        self._last = durable
        self.reached.append(name)

    def close(self) -> None:
        self._ledger.close()
        self._vault.close()

    def _durable(self) -> object:
        outbox = self._ledger.execute("SELECT * FROM outbox ORDER BY intent_id DESC LIMIT 6").fetchall()
        documents = self._vault.execute("SELECT count(*), max(document_id) FROM document").fetchone()
        budget = [(row.feed, row.today) for row in self._made.opened[-1].house.budget.snapshot()]
        self._entries += len(self._made.live.journal(self._entries))
        return outbox, documents, budget, self._entries, self._made.clock.now()


class Paper:
    """A printer for the house: prints what has its turn, and keeps to a print once it is done."""

    def __init__(self, engine: Engine, end: IntentState, printed: list[str]) -> None:
        self._engine = engine
        self._end = end
        self._printed = printed

    async def step(self, store_id: str) -> bool:
        """Print what may be printed; whether anything moved."""
        house = self._engine.house
        mine = [each for each in await house.writer.open_intents(store_id) if each.verb in HOUSE_VERBS]
        held = [each.intent_id for each in mine if each.state is IntentState.HELD and each.release_at <= house.now()]
        await house.writer.move(held, IntentState.QUEUED, now=house.now())
        queued = [each for each in await house.writer.open_intents(store_id) if each.state is IntentState.QUEUED]
        turn, failed = await in_their_turn(house, [each for each in queued if each.verb in HOUSE_VERBS])
        for intent in turn:
            document = await house.writer.document(store_id, intent.target_id, "label")
            assert document is not None and document.content.startswith(b"%PDF"), "printed without its label"
        for state in (IntentState.SENDING, self._end):
            await house.writer.move([each.intent_id for each in turn], state, now=house.now())
        self._printed += [each.target_id for each in turn]
        await self._fail(failed)
        return bool(held or turn or failed)

    async def _fail(self, failed: Sequence[Move]) -> None:
        for each in failed:
            await self._engine.house.writer.move(
                [each.intent.intent_id], each.state, now=self._engine.house.now(), cause=each.cause
            )


class Killing:
    """One house for all scenarios; every run takes two fresh orders from it."""

    def __init__(self, made: Bench, orders: Iterator[Order]) -> None:
        self.made = made
        self._orders = orders
        self._numbers = count()
        #: Of the shop's journal, those of earlier runs; a parcel is ordered in one run only.
        self._entries = 0

    async def run(self, scenario: Scenario, points: Points) -> tuple[list[Intent], dict[str, int]]:
        """Order two, run until the points end the engine or all is settled, and then once more without points."""
        made = self.made
        orders = list(islice(self._orders, 2))
        assert len(orders) == 2, "the world is too small for this many runs"
        made.live.faults.replace([dict(each) for each in scenario.faults])
        engine = await self._engine(points)
        store_id = orders[0].store_id
        ids = await self._order(engine, orders, scenario)
        printed: list[str] = []
        try:
            await self._work(engine, store_id, Paper(engine, scenario.paper, printed))
        except Killed:
            # As after `kill -9`: nothing of the old engine's memory is used again.
            await made.close(engine)
            engine = await self._engine(None)
            await self._work(engine, store_id, Paper(engine, scenario.paper, printed))
        ended = await engine.house.writer.intents(ids)
        await made.close(engine)
        made.live.faults.clear()
        assert len(printed) == len(set(printed)), "printed twice"
        counts = shipped(made.live, self._entries)
        self._entries += len(made.live.journal(self._entries))
        return ended, counts

    async def places(self, scenario: Scenario) -> tuple[list[Intent], dict[str, int], Places]:
        """The scenario to its end, with all points on the way."""
        places = Places(self.made)
        with closing(places):
            return *await self.run(scenario, places), places

    async def _order(self, engine: Engine, orders: Sequence[Order], scenario: Scenario) -> list[int]:
        ids: list[int] = []
        for order in orders:
            (first,) = new_intents([order])
            if ids and scenario.one_after_the_other:
                first = replace(first, after_intent_id=ids[0])
            steps = [first, *(self._step(first, place, scenario) for place in range(1, len(scenario.steps)))]
            now = engine.house.now()
            accepted = await engine.house.writer.accept_batch(
                f"batch {next(self._numbers)}", Verb.SHIP, "mei", "pts/1", steps, [now + 1] * len(steps), now
            )
            ids += accepted.intent_ids
        return ids

    def _step(self, first: NewIntent, place: int, scenario: Scenario) -> NewIntent:
        verb = scenario.steps[place]
        args = write_args(PrintChoice("dock2")) if verb is Verb.PRINT else {}
        return replace(first, verb=verb, args=args, after_index=place - 1, after_intent_id=None)

    async def _engine(self, points: Points | None) -> Engine:
        engine = await self.made.engine(points=points)
        desks = engine.house.markets["tiktok"].desks
        put_desk(engine, TunedDesk(desks[Verb.SHIP], rule=SHIP_RULE))
        put_desk(engine, TunedDesk(desks[Verb.LABEL], rule=LABEL_RULE))
        return engine

    async def _work(self, engine: Engine, store_id: str, paper: Paper) -> None:
        """The outbox and the printer alone, time moved to whatever is due next, until nothing is open."""
        lane = engine.lanes[store_id]
        for _ in range(400):
            next_at = await lane.step_outbox()
            if await paper.step(store_id):
                continue
            if next_at == float("inf"):
                return
            self.made.advance(max(1, int(next_at - self.made.clock.now())))
        raise AssertionError("the outbox never came to rest")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def killing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Killing]:
    root: Path = tmp_path_factory.mktemp("killing")
    async with bench(root, stores=1, orders=2000, regions=("TH",)) as made:
        engine = await made.engine()
        await made.synced(engine)
        orders = [each for each in await shippable(engine, made.stores[0].store_id) if len(each.packages) == 1]
        await made.close(engine)
        world = made.live.world
        for package in world.packages.values():
            package.flaw, package.weight_g = None, 500
        for event in ("arrival", "buyer_asks", "cancel_unarranged", "cancel_uncollected", "collect"):
            # Carriers and buyers stay away: time passes here only so that the engine looks again.
            world.on(event, lambda target, at: None)
        yield Killing(made, iter(orders))


def check(scenario: Scenario, ended: Sequence[Intent], counts: Mapping[str, int], where: str) -> None:
    by_id = {intent.intent_id: intent for intent in ended}
    for intent in ended:
        assert intent.state in SETTLED, f"{where}: {intent.verb} ended as {intent.state}"
        first = by_id.get(intent.after_intent_id or 0)
        if intent.state is DONE and first is not None:
            assert first.state is DONE, f"{where}: {intent.verb} was done without {first.verb}"
        if intent.verb is Verb.SHIP:
            times = counts.get(intent.target_id, 0)
            assert times == (1 if intent.state is DONE else 0), f"{where}: {intent.state}, shipped {times} times"
    assert len(ended) == 2 * len(scenario.steps)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_killed_at_every_point_each_order_ships_once_and_every_intent_is_accounted_for(
    killing: Killing, name: str
) -> None:
    scenario = SCENARIOS[name]
    ended, counts, places = await killing.places(scenario)
    check(scenario, ended, counts, "without a kill")
    assert tuple(intent.state for intent in ended) == scenario.ends * 2, [intent.cause for intent in ended]
    assert len(places.first) > 5
    for index in places.first:
        kill = KillAt(index)
        ended, counts = await killing.run(scenario, kill)
        check(scenario, ended, counts, f"killed at {kill.killed_at or places.reached[index]} (number {index})")


async def test_the_scenarios_reach_every_point_there_is(killing: Killing) -> None:
    reached: set[str] = set()
    for scenario in SCENARIOS.values():
        _, _, places = await killing.places(scenario)
        reached.update(places.reached)
    sources = (Path(module.__file__) for module in (drain, moves, readback, turns))
    named = {name for path in sources for name in re.findall(r'"((?:drain|settle)\.[a-z_]+)"', path.read_text())}
    # Conversations, returns and stock have scenarios of their own.
    named -= {"drain.threads", "drain.returns", "drain.stock"}
    named |= {f"drain.record.{state}" for state in ("done", "queued", "unknown", "needs_person", "not_done", "failed")}
    assert len(named) > 12
    missing = {f"{name}:{side}" for name in named for side in ("before", "after")} - reached
    assert not missing
    assert set(shipped(killing.made.live).values()) == {1}
