"""Big houses for benchmarks: built once through the real writer, kept under .state, rebuilt when the recipe changes."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from benchmarks.orders import bench_credentials, bench_stores, bench_tokens, synthetic_orders
from benchmarks.talk import synthetic_talk
from shoptui.domain import codec, messages, orders
from shoptui.domain.reply_clock import ReplyBook
from shoptui.domain.stores import Store
from shoptui.engine.enrol import enrol
from shoptui.paths import DataDir
from shoptui.rulebook import load_rule_book
from shoptui.store import cache_schema, ledger_schema, thread_fold, thread_schema, thread_words, threads, upsert
from shoptui.store.writer import Writer

STATE = Path(__file__).resolve().parent.parent / ".state"
_PAGE = 1000

#: What decides what lies on disk, of orders and of conversations.
_OF_ORDERS = (cache_schema, ledger_schema, upsert, codec, orders)
_OF_TALK = (cache_schema, ledger_schema, thread_schema, thread_words, threads, thread_fold, messages)


def recipe(own: str, sources: Sequence[ModuleType]) -> str:
    """Changes when the code that decides what lies on disk changes: `own`, a module of the benchmarks, and others."""
    digest = hashlib.sha256(Path(__file__).with_name(own).read_bytes())
    for module in sources:
        assert module.__file__ is not None
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()[:12]


async def big_house(count: int, stores: int = 60) -> DataDir:
    """A house with `count` orders in `stores` stores, its clocks set to now.

    Building a million takes minutes; a house made within the last hour by the same code is used again.
    """
    house, made = kept(f"bench-{count}", recipe("orders.py", _OF_ORDERS))
    if made:
        return house
    now = int(time.time())
    shops = bench_stores(stores)
    writer = await enrolled(house, shops, now)
    begun_at = time.monotonic()
    written = 0
    for page in _pages(synthetic_orders(count, shops, now), _PAGE):
        await writer.upsert_orders(page, seen_at=now, now=now, ship_blocks={})
        written += len(page)
        if written % 100_000 == 0:
            rate = written / (time.monotonic() - begun_at)
            print(f"  building the house: {written:,} of {count:,} orders, {rate:,.0f}/s", flush=True)
    await finish(house, writer, now)
    return house


async def big_inbox(count: int, message_count: int, stores: int = 60) -> DataDir:
    """A house with `count` conversations of `message_count` messages together; used again as `big_house` is."""
    house, made = kept(f"talk-{count}-{message_count}", recipe("talk.py", _OF_TALK))
    if made:
        return house
    now = int(time.time())
    shops = bench_stores(stores)
    writer = await enrolled(house, shops, now)
    writer.threads.follow(ReplyBook(load_rule_book(), shops))
    begun_at = time.monotonic()
    talk = synthetic_talk(count, message_count, shops, now)
    for number, (store, thread, said) in enumerate(talk, 1):
        await writer.threads.put_threads([thread], now)
        await writer.threads.put_messages(
            store.store_id, thread.thread_id, said, now, complete_from=True, region=store.region
        )
        if number % 2_000 == 0:
            elapsed_s = time.monotonic() - begun_at
            print(f"  building the house: {number:,} of {count:,} threads, {elapsed_s:.0f} s", flush=True)
    await writer.threads.keep_counts(now)
    await finish(house, writer, now)
    return house


def kept(name: str, recipe: str) -> tuple[DataDir, bool]:
    """The house of that name, and whether it is ready; one that is not is an empty directory."""
    root = STATE / f"{name}-{recipe}"
    made = root / "made"
    if made.exists() and time.time() - made.stat().st_mtime < 3600:
        return DataDir(root), True
    for old in STATE.glob(f"{name}-*"):
        shutil.rmtree(old)
    root.mkdir(parents=True)
    return DataDir(root), False


async def enrolled(house: DataDir, shops: Sequence[Store], now: int) -> Writer:
    """The writer of a house with these stores."""
    await enrol(house, [bench_credentials()], [(store, bench_tokens(now)) for store in shops])
    return await Writer.open(house, now)


async def finish(house: DataDir, writer: Writer, now: int) -> None:
    """Close the writer; the house is ready from now on."""
    await writer.counts(now)
    await writer.close()
    (house.root / "made").touch()


def _pages(found: Iterable[orders.Order], size: int) -> Iterator[tuple[orders.Order, ...]]:
    iterator = iter(found)
    while page := tuple(itertools.islice(iterator, size)):
        yield page
