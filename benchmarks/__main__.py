"""`make bench`: measures the budgets with the real program and prints one table. Reports; never fails on a time."""

from __future__ import annotations

import argparse
import asyncio
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import bare, cockpit, inbox, markets, money, pipeline, push, returns, stock
from benchmarks.house import big_house, big_inbox
from benchmarks.report import Report
from shoptui.domain.marketplaces import MARKETPLACES

_PARTS = ("cockpit", "inbox", "money", "stock", "returns", "sync", "batch", "markets", "outage", "datatable")
_FILTERS = (
    ("status:to_ship", "ship"),
    ("due:<4h", "tt-"),
    ("store:tt-th-* status:to_hand_over", "hand"),
    ("sku:LAMP-*", "LAMP"),
    ("is:open -region:TH", "tt-"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="cached orders for the cockpit's part")
    parser.add_argument("--threads", type=int, default=10_000, help="cached conversations for the Inbox's part")
    parser.add_argument("--messages", type=int, default=1_000_000, help="cached messages in them")
    parser.add_argument("--lines", type=int, default=1_000_000, help="cached statement lines for Money's part")
    parser.add_argument("--skus", type=int, default=100_000, help="cached SKUs for Stock's part")
    parser.add_argument("--returns", type=int, default=100_000, help="cached requests for Returns' part")
    parser.add_argument("--sync-orders", type=int, default=30_000, help="orders to sync from the sandbox")
    parser.add_argument("--market-orders", type=int, default=18_000, help="orders of all marketplaces together")
    parser.add_argument("--datatable-rows", type=int, default=100_000, help="rows in the DataTable it is compared with")
    parser.add_argument("--only", choices=_PARTS, action="append", help="measure this part only; may be repeated")
    options = parser.parse_args()
    parts = set(options.only or _PARTS)
    report = Report()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}", flush=True)
    if "cockpit" in parts:
        _cockpit(options.orders, report)
    if "inbox" in parts:
        _inbox(options.threads, options.messages, report)
    if "money" in parts:
        print(f"Money on {options.lines:,} statement lines, 200x50", flush=True)
        money.measure_money(options.lines, report)
    if "stock" in parts:
        print(f"Stock on {options.skus:,} SKUs, 200x50, and a push of 2,000 listings", flush=True)
        stock.measure_stock(options.skus, report)
        push.measure_push(report)
    if "returns" in parts:
        print(f"Returns on {options.returns:,} requests, 200x50", flush=True)
        returns.measure_returns(options.returns, report)
    if "datatable" in parts:
        print(f"A plain DataTable, {options.datatable_rows:,} rows, 200x50", flush=True)
        cockpit.measure_datatable(options.datatable_rows, report)
    if "sync" in parts:
        print(f"Sync of {options.sync_orders:,} orders from the sandbox", flush=True)
        bare.measure_sync(options.sync_orders, report)
    if "batch" in parts:
        print("A batch of 500 orders", flush=True)
        pipeline.measure_batch(report)
    if "markets" in parts:
        print(f"First sync of {markets.STORES} stores over {len(MARKETPLACES)} marketplaces", flush=True)
        markets.measure_first_sync(options.market_orders, report)
    if "outage" in parts:
        print("One marketplace of several fails", flush=True)
        markets.measure_outage(options.market_orders, report)
    print("\n" + report.table())


def _cockpit(orders: int, report: Report) -> None:
    print(f"The cockpit on {orders:,} cached orders, 200x50", flush=True)
    house = asyncio.run(big_house(orders)).root
    cockpit.measure_start(house, report)
    cockpit.measure_keys(house, report, "")
    with _writing(house):
        cockpit.measure_keys(house, report, ", engine syncing")
    cockpit.measure_filters(house, report, _FILTERS)
    cockpit.measure_idle(house, report)


def _inbox(threads: int, messages: int, report: Report) -> None:
    print(f"The Inbox on {threads:,} threads with {messages:,} messages, 200x50", flush=True)
    house = asyncio.run(big_inbox(threads, messages)).root
    inbox.measure_inbox(house, report)
    inbox.measure_arrival(report)


@contextmanager
def _writing(house: Path) -> Iterator[None]:
    """Another process that writes changed orders into the cache all the while, as a syncing engine does."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.write_load", str(house)])
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()
