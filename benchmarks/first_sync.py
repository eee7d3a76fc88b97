"""A first sync by the real engine from the sandbox: until every store's orders of a month are here, and no longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks.pipeline import connected, empty_house, engine_command
from shoptui.client import EngineClient
from shoptui.demo import enrol_sandbox
from shoptui.queries.filter import parse
from shoptui.store.reader import Reader, Sort

_NOT_WITH_CARRIER = "status:unpaid,on_hold,to_ship,to_hand_over"
#: What calls for orders are counted under; messages, returns, stock and money are read beside them.
_ORDER_FEEDS = frozenset({"orders", "sweep", "detail", "channels"})
_WITHIN_S = 900
#: Asking after each notice would take time of the two cores from the engine and the sandbox.
_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Held:
    """What the house has of one store after its first sync; `still_open` are the orders not with the carrier."""

    marketplace: str
    orders: int
    still_open: int
    parcels: int


@dataclass(frozen=True, slots=True)
class FirstSync:
    """A first sync that has come to its end: how long it took, the processor time it cost, and what is there now.

    `cpu_s` is the engine's and `sandbox_cpu_s` the sandbox's, both without what starting them cost. `calls` are those
    made, by marketplace; `refused` came too fast for one.
    """

    seconds: float
    cpu_s: float
    sandbox_cpu_s: float
    calls: Mapping[str, int]
    refused: int
    stores: Sequence[Held]

    @property
    def orders(self) -> int:
        return sum(store.orders for store in self.stores)


async def first_sync(
    announced: Mapping[str, Any], markets: Sequence[str], *, wait_for: Sequence[str] = ()
) -> FirstSync:
    """Read the stores of these marketplaces into an empty house, until those of `wait_for` (or all) are through."""
    part = {**announced, "marketplaces": {name: announced["marketplaces"][name] for name in markets}}
    with empty_house() as house:
        await enrol_sandbox(house, part)
        engine = await asyncio.create_subprocess_exec(*engine_command(house), stdin=asyncio.subprocess.DEVNULL)
        try:
            client = await connected(house)
            begun_at = time.monotonic()
            before_s, sandbox_before_s = _cpu_s(engine.pid), _cpu_s(announced["pid"])
            async with client, await Reader.open(house) as reader:
                await _read_through(client, reader, wait_for or markets)
                seconds = time.monotonic() - begun_at
                cpu_s = _cpu_s(engine.pid) - before_s
                sandbox_cpu_s = _cpu_s(announced["pid"]) - sandbox_before_s
                budgets = (await client.request("status")).body["budgets"]
                held = [store for store in await _held(reader) if store.marketplace in (wait_for or markets)]
        finally:
            engine.kill()
            await engine.wait()
    calls: dict[str, int] = {}
    for row in budgets:
        if row["feed"] not in _ORDER_FEEDS:
            continue
        calls[row["marketplace"]] = calls.get(row["marketplace"], 0) + int(row["today"])
    return FirstSync(seconds, cpu_s, sandbox_cpu_s, calls, sum(int(row["refused_today"]) for row in budgets), held)


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def _read_through(client: EngineClient, reader: Reader, markets: Sequence[str]) -> None:
    await client.subscribe()
    wanted = {store.store_id for store in await reader.stores() if store.marketplace in markets}
    async with asyncio.timeout(_WITHIN_S):
        while True:
            lanes = (await client.request("status")).body["lanes"]
            if all(lane["first_done"] for lane in lanes if lane["store_id"] in wanted):
                return
            await client.next_notice()
            await asyncio.sleep(_LOOK_EVERY_S)


async def _held(reader: Reader) -> list[Held]:
    """Orders and parcels by store, as the cache has them."""
    now = int(time.time())
    found: list[Held] = []
    for store in await reader.stores():
        ids: list[int] = []
        async for chunk in reader.index(
            parse(f"store:{store.store_id}"), Sort.parse("next"), now=now, operator="bench"
        ):
            ids.extend(chunk.ids)
        still_open = await reader.count(parse(f"store:{store.store_id} {_NOT_WITH_CARRIER}"), now=now, operator="bench")
        parcels = 0
        if store.marketplace == "shopee":
            candidates = await reader.candidates(ids, now, "bench", parcels=True)
            parcels = sum(len(candidate.parcels) for candidate in candidates)
        found.append(Held(store.marketplace, len(ids), still_open, parcels))
    return found
