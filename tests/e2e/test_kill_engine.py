"""Real engine processes, killed with SIGKILL at random moments, against one sandbox that keeps the journal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from shoptui.client import EngineClient, EngineGone
from shoptui.domain.intents import OPEN_STATES, Intent, IntentState
from shoptui.engine_start import EngineNotStarted, ensure_engine
from shoptui.paths import DataDir
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from shoptui.store.reader import Reader
from tests.engine.support import enrol_live, shipped

pytestmark = pytest.mark.e2e

PACKAGES_PER_ROUND = 4


class House:
    """One data directory before a living sandbox."""

    def __init__(self, live: LiveSandbox, data_dir: DataDir) -> None:
        self.live = live
        self.data_dir = data_dir
        self.pids: set[int] = set()

    async def connect(self) -> EngineClient:
        await ensure_engine(self.data_dir)
        client = await EngineClient.connect(self.data_dir)
        self.pids.add(client.hello.pid)
        await client.subscribe()
        return client


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path, orders=1600) as made:
        yield made


@asynccontextmanager
async def a_house(tmp_path: Path, *, orders: int) -> AsyncIterator[House]:
    """A house that is enrolled, its engine not yet started; whatever engine runs at the end is stopped."""
    async with running_sandbox(seed=3, stores=2, orders=orders, regions=("TH", "VN")) as live:
        live.settings.calls_per_s = 0
        for package in live.world.packages.values():
            package.flaw, package.weight_g = None, 500
        data_dir = DataDir(tmp_path / "house")
        await enrol_live(live, data_dir)
        data_dir.config.write_text("[engine]\nhold_s = 0\n", encoding="utf-8")
        made = House(live, data_dir)
        try:
            yield made
        finally:
            await asyncio.to_thread(_end_engines, data_dir)


def _end_engines(data_dir: DataDir) -> None:
    """End every engine of this house, also one that started late and found the lock free."""
    name = str(data_dir.root)
    found = [process for process in psutil.process_iter(["cmdline"]) if name in (process.info["cmdline"] or ())]
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=20)
    for process in alive:
        process.kill()


def to_ship(live: LiveSandbox) -> list[dict[str, Any]]:
    """Every package the marketplace waits for, as an intent."""
    shops = {shop.id: f"tt-{shop.region.lower()}-1" for shop in live.shops}
    return [
        {
            "store_id": shops[order.store.id],
            "order_no": order.id,
            "target_kind": "package",
            "target_id": package.id,
            "args": {},
        }
        for order in live.world.orders.values()
        if str(order.status) == "to_ship" and order.cancel_request is None and len(order.packages) == 1
        for package in order.packages
    ]


async def first_sync(house: House) -> None:
    async with await house.connect() as client:
        while True:
            lanes = (await client.request("status")).body["lanes"]
            if all(lane["last_ok_at"] for lane in lanes):
                return
            await client.next_notice()


async def order(client: EngineClient, batch_id: str, intents: Sequence[dict[str, Any]]) -> None:
    answer = await client.request("order", batch_id=batch_id, verb="ship", intents=list(intents))
    assert answer.ok, answer.say


async def ended(client: EngineClient) -> None:
    """Return when the engine at the other end has gone: until then it may still take connections."""
    with contextlib.suppress(EngineGone):
        while True:
            await client.next_notice()


async def round_of_killing(house: House, dice: random.Random, batch_id: str, intents: list[dict[str, Any]]) -> None:
    """Order a few packages and kill the engine somewhere on their way."""
    client = await house.connect()
    try:
        asking = asyncio.create_task(order(client, batch_id, intents))
        if dice.random() < 0.8:
            await asking
        for _ in range(dice.randrange(8)):
            await client.next_notice()
        os.kill(client.hello.pid, signal.SIGKILL)
        await asyncio.gather(asking, return_exceptions=True)
        await ended(client)
    finally:
        await client.close()


async def at_rest(house: House, batches: Sequence[str]) -> list[Intent]:
    """All intents, once the last engine has settled every one of them."""
    async with await house.connect() as client, await Reader.open(house.data_dir) as reader:
        while True:
            intents = [intent for batch_id in batches for intent in await reader.intents_of(batch_id)]
            if not any(intent.state in OPEN_STATES for intent in intents):
                return intents
            await client.next_notice()


async def kill_many(house: House, rounds: int, seed: int) -> None:
    dice = random.Random(seed)
    await first_sync(house)
    waiting = to_ship(house.live)
    dice.shuffle(waiting)
    assert len(waiting) >= rounds * PACKAGES_PER_ROUND, "the world is too small for so many rounds"
    batches = []
    for number in range(rounds):
        batch_id = f"round-{number}"
        batches.append(batch_id)
        part = waiting[number * PACKAGES_PER_ROUND :][:PACKAGES_PER_ROUND]
        await round_of_killing(house, dice, batch_id, part)
    async with asyncio.timeout(120):
        intents = await at_rest(house, batches)
    counts = Counter(shipped(house.live))
    assert counts and set(counts.values()) == {1}
    assert len(house.pids) == rounds + 1
    for intent in intents:
        assert intent.state in (IntentState.DONE, IntentState.FAILED, IntentState.NOT_DONE), intent
        assert (intent.state is IntentState.DONE) == (counts[intent.target_id] == 1), intent
    # Nothing was shipped that is not accounted for.
    assert set(counts) == {intent.target_id for intent in intents if intent.state is IntentState.DONE}
    assert len(intents) >= rounds * PACKAGES_PER_ROUND // 2


async def test_killed_twenty_times_each_order_ships_once(house: House) -> None:
    await kill_many(house, 20, seed=20)


@pytest.mark.soak
async def test_killed_two_hundred_times_each_order_ships_once(tmp_path: Path) -> None:
    async with a_house(tmp_path, orders=8000) as house:
        await kill_many(house, 200, seed=200)


async def test_eight_cockpits_at_once_make_one_engine(house: House) -> None:
    clients = await asyncio.gather(*(house.connect() for _ in range(8)))
    assert len({client.hello.pid for client in clients}) == 1
    for client in clients:
        await client.close()


async def test_term_ends_it_in_good_order_and_the_house_can_be_read_afterwards(house: House) -> None:
    await first_sync(house)
    client = await house.connect()
    process = psutil.Process(client.hello.pid)
    process.terminate()
    await ended(client)
    await client.close()
    await asyncio.to_thread(process.wait, 30)
    assert "engine stopped" in house.data_dir.log.read_text(encoding="utf-8")
    assert not house.data_dir.socket.exists()
    async with await Reader.open(house.data_dir) as reader:
        assert (await reader.counts()).under_24h > 0


async def test_a_shared_house_says_how_its_engine_is_started(tmp_path: Path) -> None:
    with pytest.raises(EngineNotStarted, match="systemctl start"):
        await ensure_engine(DataDir(tmp_path, shared=True))


async def test_an_engine_that_cannot_start_says_why(house: House) -> None:
    house.data_dir.config.write_text("[engine]\nhold = 1\n", encoding="utf-8")
    with pytest.raises(EngineNotStarted, match=r"engine\.hold_s"):
        await ensure_engine(house.data_dir)
