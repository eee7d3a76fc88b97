"""Stock: opening its list over many SKUs on a pseudo-terminal."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.orders import bench_credentials, bench_stores, bench_tokens
from benchmarks.report import Report
from benchmarks.screen import measure_first_visits
from shoptui.domain.counting import CountLine
from shoptui.domain.stock import Listing, ListingState, StockAt
from shoptui.domain.stores import Store
from shoptui.engine.enrol import enrol
from shoptui.paths import DataDir
from shoptui.queries.sorting import StockSort
from shoptui.queries.stock_filter import parse_stock
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer

_PAGE = 2000


def measure_stock(skus: int, report: Report, times: int = 3) -> None:
    """Opening Stock the first time in several cockpits; no engine runs."""
    with tempfile.TemporaryDirectory(prefix="shoptui-bench-") as root:
        house, first = asyncio.run(_big_stock(Path(root), skus))
        measure_first_visits(report, house.root, f"Stock, {skus:,} SKUs,", "k", first, times)


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
