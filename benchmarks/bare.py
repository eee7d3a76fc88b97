"""The least that any program would have to do with a page: parse it, map it, insert it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from benchmarks.first_sync import first_sync
from benchmarks.pipeline import empty_house, sandbox
from benchmarks.report import Figure, Report
from shoptui.adapters.http import Answer
from shoptui.adapters.registry import build
from shoptui.adapters.tiktok import orders as order_reader
from shoptui.adapters.tiktok.pages import ReadPage, read_orders
from shoptui.clock import SystemClock
from shoptui.demo import enrol_sandbox
from shoptui.engine.secrets import SecretsFile
from shoptui.store.writer import Writer

_STORES = 12


async def bare_insert_s(announced: Mapping[str, Any]) -> float:
    """CPU seconds of this process for parse, map and insert of all pages a sandbox has, fetched beforehand."""
    pages: list[tuple[Answer, str]] = []

    def keep(answer: Answer, store_id: str) -> ReadPage:
        pages.append((answer, store_id))
        return read_orders(answer, store_id)

    with empty_house() as house:
        await enrol_sandbox(house, announced)
        secrets = SecretsFile.open(house.secrets)
        market = build(secrets.apps["tiktok"], vault=secrets, clock=SystemClock())
        now = int(time.time())
        async with await Writer.open(house, now) as writer:
            with patch.object(order_reader, "read_orders", keep):
                for store in await writer.stores():
                    async for _ in market.changed_orders(store, 0, now + 1):
                        await asyncio.sleep(0)
            await market.close()
            begun = time.process_time()
            for answer, store_id in pages:
                page = read_orders(answer, store_id)
                await writer.upsert_orders(page.orders, seen_at=now, now=now, ship_blocks={})
            return time.process_time() - begun


def measure_sync(orders: int, report: Report) -> None:
    """The orders of the stores of one marketplace into an empty house, by the engine and by the least there is to do.

    Messages, returns, stock and money, which are read after them, are no part of it.
    """
    with sandbox(_STORES, orders) as announced:
        synced = asyncio.run(first_sync(announced, ["tiktok"]))
        bare_s = asyncio.run(bare_insert_s(announced))
    note = f"the last 30 days of {orders:,}, {_STORES} stores"
    report.add(Figure("orders synced", synced.orders, "orders", note=note))
    speed = synced.orders / synced.cpu_s
    beside = f"{synced.cpu_s / synced.sandbox_cpu_s:.2f} x the sandbox's own processor time"
    report.add(Figure("sync, whole path: orders per CPU second", speed, "orders/s", 5000, at_least=True, note=beside))
    rate = synced.orders / synced.seconds
    report.add(Figure("sync, whole path: orders per second", rate, "orders/s", note="sandbox beside it"))
    bare = orders / bare_s
    report.add(Figure("bare parse, map and insert, per CPU second", bare, "orders/s", note="pages already here"))
    report.add(Figure("share of the bare speed kept", speed / bare * 100, "%"))
