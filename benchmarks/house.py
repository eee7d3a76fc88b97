"""Big houses for benchmarks: built once through the real writer, kept under .state, rebuilt when the recipe changes."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import time
from pathlib import Path

from benchmarks.orders import bench_credentials, bench_stores, bench_tokens, synthetic_orders
from shoptui.domain import codec, orders
from shoptui.engine.enrol import enrol
from shoptui.paths import DataDir
from shoptui.store import cache_schema, ledger_schema, upsert
from shoptui.store.writer import Writer

STATE = Path(__file__).resolve().parent.parent / ".state"
_PAGE = 1000


def _recipe() -> str:
    """Changes when the code that decides what lies on disk changes."""
    sources = (cache_schema, ledger_schema, upsert, codec, orders)
    digest = hashlib.sha256(Path(__file__).with_name("orders.py").read_bytes())
    for module in sources:
        assert module.__file__ is not None
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()[:12]


async def big_house(count: int, stores: int = 60) -> DataDir:
    """A house with `count` orders in `stores` stores, its clocks set to now.

    Building a million takes minutes; a house made within the last hour by the same code is used again.
    """
    root = STATE / f"bench-{count}-{_recipe()}"
    house = DataDir(root)
    made = root / "made"
    if made.exists() and time.time() - made.stat().st_mtime < 3600:
        return house
    for old in STATE.glob(f"bench-{count}-*"):
        shutil.rmtree(old)
    root.mkdir(parents=True)
    now = int(time.time())
    shops = bench_stores(stores)
    await enrol(house, [bench_credentials()], [(store, bench_tokens(now)) for store in shops])
    writer = await Writer.open(house, now)
    begun_at = time.monotonic()
    pages = itertools.batched if hasattr(itertools, "batched") else _batched
    written = 0
    for page in pages(synthetic_orders(count, shops, now), _PAGE):
        await writer.upsert_orders(page, seen_at=now, now=now, ship_blocks={})
        written += len(page)
        if written % 100_000 == 0:
            rate = written / (time.monotonic() - begun_at)
            print(f"  building the house: {written:,} of {count:,} orders, {rate:,.0f}/s", flush=True)
    await writer.counts(now)
    await writer.close()
    made.touch()
    return house


def _batched(orders_in: object, size: int) -> object:
    iterator = iter(orders_in)  # type: ignore[call-overload]
    while page := tuple(itertools.islice(iterator, size)):
        yield page
