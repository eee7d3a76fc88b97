"""Pushing many listings through the whole path: sandbox over HTTP, adapter, engine, store, socket."""

from __future__ import annotations

import asyncio
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

import psutil

from benchmarks.pipeline import (
    CALLS_PER_S,
    connected,
    empty_house,
    engine_command,
    round_trip_s,
    sandbox,
    told,
)
from benchmarks.report import Figure, Report
from shoptui.adapters.lazada.stock_desk import LazadaStockDesk
from shoptui.adapters.registry import app_calls_per_s
from shoptui.adapters.shopee.stock import INFO_MAX
from shoptui.adapters.shopee.stock_desk import ShopeeStockDesk
from shoptui.adapters.shopee.stock_mapping import NO_MODEL
from shoptui.adapters.stock_desk import StockDesk
from shoptui.adapters.tiktok.stock_desk import TikTokStockDesk
from shoptui.client import EngineClient
from shoptui.demo import enrol_sandbox
from shoptui.domain.intents import OPEN_STATES, Intent, IntentState, Verb
from shoptui.domain.marketplaces import MARKETPLACES, title_of
from shoptui.domain.shares import ShareRule
from shoptui.domain.stock import listing_of, product_of
from shoptui.domain.verbs import write_args
from shoptui.engine.stock_turns import asks_first
from shoptui.paths import DataDir
from shoptui.queries.ordering import OrderPart, order_requests
from shoptui.queries.sorting import StockSort
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.stock_preview import push_preview
from shoptui.store.reader import Reader

_PAGE = 2000
#: So long a push can be taken back; accepting it takes a part of that.
_HOLD_S = 5
_LOOK_EVERY_S = 0.05
_DESKS: Mapping[str, type[StockDesk]] = {
    "tiktok": TikTokStockDesk,
    "shopee": ShopeeStockDesk,
    "lazada": LazadaStockDesk,
}


def measure_push(report: Report, listings: int = 2000, stores: int = 4) -> None:
    """A push of so many listings from the end of its hold to the last one settled.

    Over stores of all marketplaces, as an operator's pools lie, and at each marketplace by itself; `stores` of each.
    """
    goods = (f"--skus={listings}", "--stock=tight")
    for markets in (tuple(MARKETPLACES), *((market,) for market in MARKETPLACES)):
        with sandbox(stores * len(markets), 50, markets, more=goods) as announced, empty_house() as house:
            asyncio.run(enrol_sandbox(house, announced))
            engine = subprocess.Popen(engine_command(house), stdin=subprocess.DEVNULL)
            try:
                asyncio.run(_push(house, announced, markets, engine.pid, listings, report))
            finally:
                engine.terminate()
                engine.wait(30)


async def _push(
    house: DataDir, announced: dict[str, Any], markets: tuple[str, ...], engine: int, listings: int, report: Report
) -> None:
    client = await connected(house)
    async with client, await Reader.open(house) as reader:
        stores = {store.store_id: store.marketplace for store in await reader.stores()}
        await _read(client)
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
        (request,) = order_requests([part], lambda: str(uuid.uuid4()))
        answer = await client.request("order", **{**request, "hold_s": _HOLD_S})
        if not answer.ok:
            raise RuntimeError(answer.say)

        released_at = float(answer.body["release_at"])
        await asyncio.sleep(max(released_at - time.time(), 0.0))
        before_s, sandbox_before_s = _cpu_s(engine), _cpu_s(announced["pid"])
        took_s = await _settled_at(reader) - released_at
        cpu_s, sandbox_cpu_s = _cpu_s(engine) - before_s, _cpu_s(announced["pid"]) - sandbox_before_s
        intents = await reader.intents_of(request["batch_id"])
        rows = (await asyncio.to_thread(told, announced, "/journal"))[before:]
        calls = Counter({row["request_id"]: str(row["shop_id"]) for row in rows}.values())
        done = sum(intent.state is IntentState.DONE for intent in intents)
        # The marketplaces do not wait for each other: the slowest of them sets the time.
        limits = [
            _limit(market, [intent for intent in intents if stores[intent.store_id] == market]) for market in markets
        ]
        limit_s, fewest = max(limit for limit, _ in limits), sum(calls for _, calls in limits)
        windows = sorted(int(str((intent.evidence or {}).get("window_ms", 0))) for intent in intents)
        where = title_of(markets[0]) if len(markets) == 1 else "all marketplaces"
        what = f"{where}: push of {len(intents):,} listings"
        report.add(
            Figure(
                f"{what}: release to last answer",
                took_s,
                "s",
                1.1 * limit_s + 4 * await round_trip_s(announced),
                note=f"{done} written in {calls.total()} calls, {fewest} needed; the limits alone take {limit_s:.3g} s",
            )
        )
        note = f"{cpu_s / len(intents) * 1e6:,.0f} µs a listing; the sandbox took {sandbox_cpu_s:.3g} s beside it"
        report.add(Figure(f"{what}: processor time of the engine", cpu_s, "s", limit_s, note=note))
        middle, most = windows[len(windows) // 2], windows[-1]
        report.add(Figure(f"{what}: from reading to the answer, median", middle, "ms", note=f"{most} ms at most"))


async def _settled_at(reader: Reader) -> float:
    """Wait until nothing is on its way any more; when that was (epoch s).

    It asks the ledger seldom, for that too takes time, and hears no notices: the last one may come a moment later.
    """
    while any(row.state in OPEN_STATES for row in await reader.batches(limit=1)):  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_EVERY_S)
    return time.time()


def _limit(market: str, intents: Iterable[Intent]) -> tuple[float, int]:
    """How long the fewest write calls take at the pace the limits allow, s, and how many they are.

    What lowers must be answered before what raises. Each store has a limit of its own for writing; where all calls of
    an app share one, readings count too.
    """
    desk = _DESKS[market]
    together: dict[tuple[str, bool, str], set[str]] = {}
    for intent in intents:
        listing = listing_of(intent.target_id)
        product = product_of(listing) if desk.of_one_product else ""
        together.setdefault((intent.store_id, asks_first(intent), product), set()).add(listing)
    calls: Counter[str] = Counter()
    for (store_id, _, _), listings in together.items():
        calls[store_id] += ceil(len(listings) / desk.skus_max)
    if (of_app := app_calls_per_s(market)) is None:
        return max(calls.values(), default=0) / CALLS_PER_S, calls.total()
    # Shopee tells the models of an item in one call, and items without any in groups.
    plain = sum(listing.endswith(f"/{NO_MODEL}") for listings in together.values() for listing in listings)
    readings = calls.total() - plain + ceil(plain / INFO_MAX)
    return (calls.total() + readings) / of_app, calls.total()


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def _read(client: EngineClient) -> None:
    """Wait until the engine has read the listings of all stores."""
    for _ in range(600):
        stores = (await client.request("status")).body["lanes"]
        if stores and all(store["sides"]["stock"]["first_done"] for store in stores):
            return
        await asyncio.sleep(1.0)
    raise RuntimeError("the listings were not read within ten minutes")
