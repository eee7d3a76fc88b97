"""Several marketplaces side by side: what the first sync of a month costs in calls, and what one that fails costs."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

from benchmarks.first_sync import FirstSync, Held, first_sync
from benchmarks.pipeline import CALLS_PER_S, sandbox
from benchmarks.report import Figure, Report
from shoptui.adapters.lazada import orders as lazada
from shoptui.adapters.registry import app_calls_per_s
from shoptui.adapters.tiktok import orders as tiktok
from shoptui.domain.marketplaces import MARKETPLACES, title_of

STORES = 18
_LIST_PAGE, _DETAILS = 100, 50
#: Where the limits come from.
_LIMITS = {
    "tiktok": f"{CALLS_PER_S:.0f} calls/s per shop and endpoint; TikTok Shop documents 50",
    "shopee": "80 calls/s of an app; nothing is published, 100 were seen to pass",
    "lazada": f"{CALLS_PER_S:.0f} calls/s per shop and endpoint, our own caution; nothing is published",
}
#: Endpoints among which a store's calls are spread about evenly.
_ENDPOINTS = {"tiktok": 1, "shopee": 3, "lazada": 2}
_SHOPEE_WINDOWS = 2
#: An answer that does not come while anybody measures.
_HANGS_S = 600


#: The calls that bring a store's orders of the month in full, once each, with the largest pages a marketplace has.
#: Shopee lists two weeks at a time and has orders and parcels in calls of their own, Lazada has each order's items in
#: another.
_FULL_PAGES: Mapping[str, Callable[[Held], int]] = {
    "tiktok": lambda store: _pages(store.orders, _LIST_PAGE),
    "shopee": lambda store: (
        max(_SHOPEE_WINDOWS, _pages(store.orders, _LIST_PAGE))
        + _pages(store.orders, _DETAILS)
        + _pages(store.parcels, _DETAILS)
    ),
    "lazada": lambda store: _pages(store.orders, _LIST_PAGE) + _pages(store.orders, _DETAILS),
}
#: The calls that tell whether something older is still open, which no list of the month shows: at TikTok Shop and
#: Lazada one for each status, at Shopee the list of waiting parcels; there the list of channels besides.
_OLDER: Mapping[str, Callable[[Held], int]] = {
    "tiktok": lambda store: len(tiktok.OPEN_STATUSES),
    "shopee": lambda store: _pages(store.still_open, _LIST_PAGE) + 1,
    "lazada": lambda store: len(lazada.OPEN_FILTERS),
}


def _pages(count: int, size: int) -> int:
    return max(1, ceil(count / size))


def measure_first_sync(orders: int, report: Report) -> None:
    """A month of all marketplaces' orders into an empty house: calls, processor time, and what the limits allow."""
    with sandbox(STORES, orders, tuple(MARKETPLACES)) as announced:
        synced = asyncio.run(first_sync(announced, tuple(MARKETPLACES)))
    what = f"30 days of {len(synced.stores)} stores"
    report.add(Figure(f"{what}: orders", synced.orders, "orders", note=f"of {orders:,} the marketplaces have"))
    for name in MARKETPLACES:
        of_market = [store for store in synced.stores if store.marketplace == name]
        pages = sum(_FULL_PAGES[name](store) for store in of_market)
        older = sum(_OLDER[name](store) for store in of_market)
        made = synced.calls.get(name, 0)
        note = f"{made:,} made; {pages:,} full pages, and {older:,} that show older open orders, would do"
        fewest = pages + older
        report.add(Figure(f"{title_of(name)}: calls against the fewest possible", made / fewest, "x", 1.2, note=note))
        report.add(Figure(f"{title_of(name)}: calls against full pages alone", made / pages, "x"))
    limits = {name: _limit_s(name, synced) for name in MARKETPLACES}
    for name, limit_s in limits.items():
        report.add(Figure(f"{title_of(name)}: what its rate limits alone would take", limit_s, "s", note=_LIMITS[name]))
    took = f"{synced.orders / synced.seconds:,.0f} orders/s; {synced.refused} calls came too fast"
    # Bounded by the limits: the slowest marketplace's take nearly all of the time.
    report.add(Figure(f"{what}: elapsed", synced.seconds, "s", 1.1 * max(limits.values()), note=took))
    per_order = f"{synced.cpu_s / synced.orders * 1e6:,.0f} µs an order, {synced.orders / synced.cpu_s:,.0f} orders/s"
    report.add(Figure(f"{what}: processor time of the engine", synced.cpu_s, "s", max(limits.values()), note=per_order))
    beside = f"{synced.sandbox_cpu_s / synced.orders * 1e6:,.0f} µs an order"
    report.add(Figure(f"{what}: processor time of the sandbox", synced.sandbox_cpu_s, "s", note=beside))


def _limit_s(marketplace: str, synced: FirstSync) -> float:
    """How long the calls made would take at the pace the limits allow, if nothing else took any time.

    Stores run side by side, each shop and endpoint with a limit of its own; an app's limit is shared by all.
    """
    made = synced.calls.get(marketplace, 0)
    stores = sum(store.marketplace == marketplace for store in synced.stores)
    limits_s = [made / stores / _ENDPOINTS[marketplace] / CALLS_PER_S]
    if (of_app := app_calls_per_s(marketplace)) is not None:
        limits_s.append(made / of_app)
    return max(limits_s)


def measure_outage(orders: int, report: Report) -> None:
    """Two marketplaces' first sync without a third, and with a third that answers 503 or not at all."""
    *well, broken = MARKETPLACES
    both = " and ".join(title_of(name) for name in well)
    with sandbox(STORES, orders, tuple(MARKETPLACES), is_quiet=True) as announced:
        alone = asyncio.run(first_sync(announced, well))
        speed = alone.orders / alone.seconds
        report.add(Figure(f"{both} alone: orders per second", speed, "orders/s", note=f"{alone.orders:,} orders"))
        for how, fault in (("answers 503", {"status": 503}), ("hangs", {"latency_s": _HANGS_S})):
            shops = announced["marketplaces"][broken]["shops"]
            with _faults(announced, [{"match": {"shop_id": shop["id"]}, "do": fault} for shop in shops]):
                beside = asyncio.run(first_sync(announced, tuple(MARKETPLACES), wait_for=well))
            share = beside.orders / beside.seconds / speed * 100
            note = f"{beside.orders / beside.seconds:,.0f} orders/s; {len(shops)} stores are down"
            report.add(Figure(f"{title_of(broken)} {how}: speed the others keep", share, "%", note=note))


@contextmanager
def _faults(announced: Mapping[str, Any], rules: Sequence[Mapping[str, object]]) -> Iterator[None]:
    """Put these faults in force for the length of the block."""
    try:
        _tell_faults(announced, rules)
        yield
    finally:
        _tell_faults(announced, [])


def _tell_faults(announced: Mapping[str, Any], rules: Sequence[Mapping[str, object]]) -> None:
    request = urllib.request.Request(
        announced["admin_url"] + "/faults",
        data=json.dumps({"rules": rules}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10):
        pass
