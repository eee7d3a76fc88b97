"""Stock: opening its list over many SKUs on a pseudo-terminal, and pushing many listings through the whole path."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.orders import bench_credentials, bench_stores, bench_tokens
from benchmarks.pipeline import (
    CALLS_PER_S,
    connected,
    empty_house,
    engine_command,
    followed,
    round_trip_s,
    sandbox,
    told,
)
from benchmarks.report import Figure, Report, percentile
from benchmarks.screen import go, ms_until, said, settled
from shoptui.demo import enrol_sandbox
from shoptui.domain.counting import CountLine
from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.shares import ShareRule
from shoptui.domain.stock import Listing, ListingState, StockAt
from shoptui.domain.stores import Store
from shoptui.domain.verbs import write_args
from shoptui.engine.enrol import enrol
from shoptui.paths import DataDir
from shoptui.queries.ordering import OrderPart, order_requests
from shoptui.queries.sorting import StockSort
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.stock_preview import push_preview
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer

_PAGE = 2000
#: Conversations that are read beside the push.
_CHATS = 250


def measure_stock(skus: int, report: Report, times: int = 5) -> None:
    """Opening Stock the first time in several cockpits; no engine runs."""
    with tempfile.TemporaryDirectory(prefix="shoptui-bench-") as root:
        house, first = asyncio.run(_big_stock(Path(root), skus))
        opened = []
        for _ in range(times):
            with settled(house.root) as terminal:
                go(terminal, "k")
                opened.append(ms_until(terminal, "k", said(first.encode()), "Stock"))
        report.add(
            Figure(f"open Stock, {skus:,} SKUs: rows", percentile(opened, 0.5), "ms", 100, note=f"of {times} starts")
        )


async def _big_stock(root: Path, skus: int) -> tuple[DataDir, str]:
    """A house with so many counted SKUs, one listing each; and the code that stands first."""
    house, now = DataDir(root), int(time.time())
    shops = bench_stores(12)
    await enrol(house, [bench_credentials()], [(store, bench_tokens(now)) for store in shops])
    async with await Writer.open(house, now) as writer:
        for first in range(0, skus, _PAGE):
            numbers = range(first, min(first + _PAGE, skus))
            await writer.stock.put_listings([_listing(shops, number, now) for number in numbers], now)
            await writer.stock.count(
                [CountLine(f"SKU-{number:06d}", number % 40) for number in numbers], now, "bench", "bench", now
            )
        await writer.counts(now)
    async with await Reader.open(house) as reader:
        found = await reader.stock.index(parse_stock(""), StockSort(), now=now, operator="bench")
        (row,) = await reader.stock.rows(found.ids[:1])
    return house, row.sku


def _listing(shops: Sequence[Store], number: int, now: int) -> Listing:
    return Listing(
        store_id=shops[number % len(shops)].store_id,
        listing_id=f"{number}/{number}",
        product_id=str(number),
        sku_id=str(number),
        sku=f"SKU-{number:06d}",
        product_name=f"Bedside lamp {number % 97}",
        variant_name="white",
        state=ListingState.LIVE,
        raw_state="ACTIVATE",
        stock=(StockAt("1", number * 7 % 30),),
        updated_at=now,
    )


# A push.


def measure_push(report: Report, listings: int = 2000, stores: int = 4) -> None:
    """A push of so many listings from the end of its hold to the last one settled."""
    goods = (f"--skus={listings}", "--stock=tight")
    with sandbox(stores, 50, chats=_CHATS, more=goods) as announced, empty_house() as house:
        asyncio.run(enrol_sandbox(house, announced))
        engine = subprocess.Popen(engine_command(house), stdin=subprocess.DEVNULL)
        try:
            asyncio.run(_push(house, announced, listings, report))
        finally:
            engine.terminate()
            engine.wait(30)


async def _push(house: DataDir, announced: dict[str, Any], listings: int, report: Report) -> None:
    client = await connected(house)
    async with client, await Reader.open(house) as reader:
        stores = {store.store_id: store.marketplace for store in await reader.stores()}
        await _read(reader, listings)
        pools = (await asyncio.to_thread(told, announced, "/stock"))["pools"]
        counts = [{"sku": pool["sku"], "counted": pool["hand"] + 40} for pool in pools]
        for first in range(0, len(counts), _PAGE):
            await client.request("stock_count", counts=counts[first : first + _PAGE], source="bench")
        now = int(time.time())
        ids = (await reader.stock.index(parse_stock(""), StockSort(), now=now, operator="bench")).ids
        candidates = await reader.stock.candidates(list(ids), now, frozenset(), ShareRule())
        found = push_preview(candidates, 6.0, stores)
        part = OrderPart(Verb.SET_STOCK, found.ready[:listings], lambda target: write_args(found.args(target)))
        before = len(await asyncio.to_thread(told, announced, "/journal"))
        await client.subscribe()
        (request,) = order_requests([part], lambda: str(uuid.uuid4()))
        answer = await client.request("order", **{**request, "hold_s": 1})
        if not answer.ok:
            raise RuntimeError(answer.say)
        took_s, intents = await followed(reader, client, request["batch_id"], float(answer.body["release_at"]))
        rows = (await asyncio.to_thread(told, announced, "/journal"))[before:]
        calls = Counter({row["request_id"]: str(row["shop_id"]) for row in rows}.values())
        busiest = max(calls.values())
        done = sum(intent.state is IntentState.DONE for intent in intents)
        # Each store is allowed its calls by itself, so the busiest one sets the time; each batch reads, then writes.
        bound_s = 1.1 * busiest / CALLS_PER_S + 2 * await round_trip_s(announced)
        report.add(
            Figure(
                f"push of {len(intents):,} listings: release to last answer",
                took_s,
                "s",
                bound_s,
                note=f"{done} written, {calls.total()} write calls, {busiest} of them in one store",
            )
        )


async def _read(reader: Reader, listings: int) -> None:
    """Wait until the engine has read the listings."""
    known = -1
    for _ in range(600):
        found = await reader.stock.index(parse_stock("is:listed"), StockSort(), now=int(time.time()), operator="bench")
        if len(found.ids) == known and known * 2 > listings // 4:
            return
        known = len(found.ids)
        await asyncio.sleep(1.0)
    raise RuntimeError("the listings were not read within ten minutes")
