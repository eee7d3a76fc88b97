"""Keeps changing orders in a house until it is ended: the load of a syncing engine, for the key latency figures."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.orders import bench_stores, synthetic_orders
from shoptui.paths import DataDir
from shoptui.store.writer import Writer

_PAGE = 100
_PAUSE_S = 0.1


async def _write(house: DataDir) -> None:
    now = int(time.time())
    orders = list(synthetic_orders(20_000, bench_stores(60), now))
    async with await Writer.open(house, now) as writer:
        for turn in itertools.count(1):
            for start in range(0, len(orders), _PAGE):
                page = [
                    replace(order, updated_at=order.updated_at + turn * 86400)
                    for order in orders[start : start + _PAGE]
                ]
                await writer.upsert_orders(page, seen_at=now, now=now, ship_blocks={})
                await asyncio.sleep(_PAUSE_S)


asyncio.run(_write(DataDir(Path(sys.argv[1]))))
