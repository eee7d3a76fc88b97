"""Sync and ship through the whole path: sandbox over HTTP, adapter, engine, store, socket."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, Report
from shoptui.adapters.http import HttpSettings
from shoptui.client import EngineClient
from shoptui.demo import enrol_sandbox
from shoptui.domain.intents import Intent, IntentState
from shoptui.paths import DataDir
from shoptui.queries.filter import parse
from shoptui.queries.preview import ship_preview
from shoptui.store.reader import Reader, Sort

#: What the adapter allows itself per app, shop and endpoint (TikTok Shop documents 50).
CALLS_PER_S = HttpSettings().calls_per_s


@contextmanager
def sandbox(
    stores: int,
    orders: int,
    markets: Sequence[str] = ("tiktok",),
    *,
    is_quiet: bool = False,
    chats: int = 0,
    more: Sequence[str] = (),
) -> Iterator[dict[str, Any]]:
    """A sandbox process whose world stands still; yields its announcement, with the process's id as `pid`.

    It has `chats` conversations of buyers with stores; `more` are options of the command. With `is_quiet` it keeps
    to itself what it says of answers nobody waited for.
    """
    command = [
        sys.executable,
        "-m",
        "shoptui.sandbox",
        "--port=0",
        *(f"--market={name}" for name in markets),
        "--rate=0",
        f"--chats={chats}",
        "--seed=5",
        "--exit-with-parent",
    ]
    process = subprocess.Popen(
        [*command, *more, f"--stores={stores}", f"--orders={orders}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if is_quiet else None,
    )
    assert process.stdout is not None
    try:
        yield {**json.loads(process.stdout.readline()), "pid": process.pid}
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
    client = await connected(house)
    async with client, await Reader.open(house) as reader:
        now = int(time.time())
        ids: list[int] = []
        async for chunk in reader.index(parse("status:to_ship"), Sort.parse("next"), now=now, operator="bench"):
            ids.extend(chunk.ids)
        ready = ship_preview(await reader.candidates(ids, now, "bench"), now).ready[:parcels]
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
                    "target_id": target.target_id,
                    "args": {},
                    "clock_due_at": target.next_at,
                }
                for target in ready
            ],
        )
        if not answer.ok:
            raise RuntimeError(answer.say)
        released_at = float(answer.body["release_at"])
        clean_s, intents = await followed(reader, client, batch_id, released_at)
        calls = _calls(announced) - calls_before
        done = sum(intent.state is IntentState.DONE for intent in intents)
        again = sum(intent.attempts > 1 for intent in intents)
        bound_s = 1.1 * calls / CALLS_PER_S + 2 * await round_trip_s(announced)
        report.add(
            Figure(
                f"{len(intents)}-order batch: release to last answer",
                clean_s,
                "s",
                bound_s,
                note=f"{done} shipped, {calls} write calls, {again} sent again one by one or after a look",
            )
        )


async def followed(
    reader: Reader, client: EngineClient, batch_id: str, released_at: float
) -> tuple[float, list[Intent]]:
    """Wait until all is settled; seconds from release until every intent that needed no second look was.

    Some of the sandbox's parcels are made to answer "not ready, ask later": their waiting is the marketplace's.
    """
    open_states = {IntentState.HELD, IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN}
    looked_at: set[int] = set()
    clean_s = 0.0
    while True:
        intents = await reader.intents_of(batch_id)
        looked_at |= {intent.intent_id for intent in intents if intent.state is IntentState.UNKNOWN}
        if clean_s == 0.0 and not any(i.state in open_states for i in intents if i.intent_id not in looked_at):
            clean_s = time.time() - released_at
        if not any(intent.state in open_states for intent in intents):
            return clean_s, intents
        await client.next_notice()


async def round_trip_s(announced: dict[str, Any]) -> float:
    """Seconds of one small request to the sandbox and back."""
    begun_at = time.monotonic()
    await asyncio.to_thread(_calls, announced)
    return time.monotonic() - begun_at


async def connected(house: DataDir) -> EngineClient:
    """A client of the engine that has just been started on this house."""
    from shoptui.client import EngineGone

    for _ in range(200):
        try:
            return await EngineClient.connect(house, program="bench")
        except EngineGone:
            await asyncio.sleep(0.05)
    raise RuntimeError("the engine did not come up within 10 s")


def told(announced: dict[str, Any], path: str) -> Any:
    """What the sandbox tells of itself there; of its journal the rows."""
    with urllib.request.urlopen(announced["admin_url"] + path, timeout=30) as answer:
        found = json.load(answer)
    return found["entries"] if isinstance(found, dict) and "entries" in found else found


def _calls(announced: dict[str, Any]) -> int:
    """How many state-changing calls the sandbox has answered (distinct request ids in its journal)."""
    return len({row["request_id"] for row in told(announced, "/journal")})
