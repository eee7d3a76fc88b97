"""Sync and ship through the whole path: sandbox over HTTP, adapter, engine, store, socket."""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shoptui.queries.preview import ship_preview
from shoptui.store.reader import Reader, Sort

from benchmarks.report import Figure, Report
from shoptui.client import EngineClient
from shoptui.demo import enrol_sandbox
from shoptui.domain.intents import IntentState
from shoptui.paths import DataDir
from shoptui.queries.filter import parse


@contextmanager
def sandbox(stores: int, orders: int) -> Iterator[dict[str, Any]]:
    """A sandbox process whose world stands still; yields its announcement."""
    command = [sys.executable, "-m", "shoptui.sandbox", "--port=0", "--rate=0", "--seed=5", "--exit-with-parent"]
    process = subprocess.Popen(
        [*command, f"--stores={stores}", f"--orders={orders}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def empty_house() -> Iterator[DataDir]:
    root = Path(tempfile.mkdtemp(prefix="shoptui-bench-"))
    try:
        yield DataDir(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def engine_command(house: DataDir, *flags: str) -> list[str]:
    return [sys.executable, "-m", "shoptui", "--data-dir", str(house.root), "engine", *flags]


def measure_sync(orders: int, report: Report) -> None:
    """`engine --once` on an empty house against a sandbox with `orders` orders."""
    with sandbox(12, orders) as announced, empty_house() as house:
        asyncio.run(enrol_sandbox(house, announced))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun_at = time.monotonic()
        subprocess.run(engine_command(house, "--once"), check=True, stdout=subprocess.DEVNULL)
        elapsed = time.monotonic() - begun_at
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        synced = asyncio.run(_count(house))
        report.add(Figure("orders synced", synced, "orders", orders, at_least=True, note="sandbox to cache, 12 stores"))
        report.add(
            Figure("sync, whole path, per second of the engine's CPU", synced / cpu_s, "orders/s", 5000, at_least=True)
        )
        report.add(
            Figure("sync, whole path, by the wall", synced / elapsed, "orders/s", note="sandbox shares the 2 cores")
        )
        bare_s = asyncio.run(_bare(announced, house))
        report.add(
            Figure("bare parse, map and insert", synced / bare_s, "orders/s", note="same pages, no HTTP, one core")
        )
        report.add(Figure("share of bare speed kept (CPU)", bare_s / cpu_s * 100, "%"))


async def _count(house: DataDir) -> int:
    async with await Reader.open(house) as reader:
        return await reader.count(parse(""), now=int(time.time()), operator="bench")


async def _bare(announced: dict[str, Any], house: DataDir) -> float:
    """CPU seconds to parse, map and insert the same orders from bytes already here."""
    from benchmarks.bare import bare_insert_s

    return await bare_insert_s(announced)


def measure_batch(report: Report, parcels: int = 500, stores: int = 4) -> None:
    """A batch of `parcels` from the end of its hold to the last one settled."""
    with sandbox(stores, parcels * 8) as announced, empty_house() as house:
        asyncio.run(enrol_sandbox(house, announced))
        subprocess.run(engine_command(house, "--once"), check=True, stdout=subprocess.DEVNULL)
        engine = subprocess.Popen(engine_command(house), stdin=subprocess.DEVNULL)
        try:
            asyncio.run(_ship(house, announced, parcels, report))
        finally:
            engine.terminate()
            engine.wait(30)


async def _ship(house: DataDir, announced: dict[str, Any], parcels: int, report: Report) -> None:
    client = await _connected(house)
    async with client, await Reader.open(house) as reader:
        now = int(time.time())
        ids: list[int] = []
        async for chunk in reader.index(parse("status:to_ship"), Sort.parse("next"), now=now, operator="bench"):
            ids.extend(chunk.ids)
        ready = ship_preview(await reader.ship_candidates(ids, now, "bench"), now).ready[:parcels]
        calls_before = _calls(announced)
        await client.subscribe()
        answer = await client.request(
            "order",
            batch_id=(batch_id := str(uuid.uuid4())),
            verb="ship",
            origin="bench",
            hold_s=1,
            intents=[
                {
                    "store_id": target.store_id,
                    "order_no": target.order_no,
                    "target_kind": "package",
                    "target_id": target.package_id,
                    "args": {},
                    "clock_due_at": target.next_at,
                }
                for target in ready
            ],
        )
        if not answer.ok:
            raise RuntimeError(answer.say)
        released_at = float(answer.body["release_at"])
        open_states = {IntentState.HELD, IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN}
        while any(intent.state in open_states for intent in await reader.intents_of(batch_id)):
            await client.next_notice()
        elapsed = time.time() - released_at
        intents = await reader.intents_of(batch_id)
        done = sum(intent.state is IntentState.DONE for intent in intents)
        calls = _calls(announced) - calls_before
        report.add(
            Figure(
                f"{len(intents)}-order batch: release to last settled",
                elapsed,
                "s",
                note=f"{done} shipped, {calls} write calls",
            )
        )


async def _connected(house: DataDir) -> EngineClient:
    from shoptui.client import EngineGone

    for _ in range(200):
        try:
            return await EngineClient.connect(house, program="bench")
        except EngineGone:
            await asyncio.sleep(0.05)
    raise RuntimeError("the engine did not come up within 10 s")


def _calls(announced: dict[str, Any]) -> int:
    """How many state-changing calls the sandbox has answered (distinct request ids in its journal)."""
    with urllib.request.urlopen(announced["admin_url"] + "/journal", timeout=10) as answer:
        entries = json.load(answer)
    rows = entries["entries"] if isinstance(entries, dict) else entries
    return len({row["request_id"] for row in rows})
