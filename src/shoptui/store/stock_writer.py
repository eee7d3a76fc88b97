"""The writer's side of stock, `Writer.stock`: one transaction per database and method unless it says more."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from shoptui.adapters.stock import StockNow
from shoptui.domain.counting import Booked, CountLine
from shoptui.domain.intents import Intent
from shoptui.domain.pools import pool_key
from shoptui.domain.shares import ShareRule, Simulation
from shoptui.domain.stock import Listing
from shoptui.queries.stock import OpenWrite, PoolCandidate, PushRow, StockFact
from shoptui.store import stock_counters, stock_counts, stock_desk, stock_listings, stock_pools, stock_reads
from shoptui.store.database import Database
from shoptui.store.order_hooks import OrderChange, OrderHook
from shoptui.store.stock_pools import ListingKey, SharedPool, StockDesk

#: So much is worked through in one transaction: others wait for it some tens of milliseconds.
_CHUNK = 200
#: Later than any reading.
_EVER = 2**62


class StockWriter:
    """Everything the engine changes about stock. A pool is named by `pool_key` of its code."""

    def __init__(self, cache: Database, ledger: Database) -> None:
        self._cache = cache
        self._ledger = ledger
        self._desk = StockDesk()
        self._open = stock_desk.OpenWrites()

    def follow(self, rule: ShareRule, gap_s: float) -> None:
        """Judge pools by the house's rule and gap from now on; `recompute_all` applies them to what is here already."""
        self._desk = StockDesk(rule, gap_s)

    def order_hook(self, changed: list[int]) -> OrderHook:
        """What adds orders up as they are written; the rows of pools that changed go into `changed`."""
        desk = self._desk

        def hook(db: sqlite3.Connection, changes: Sequence[OrderChange], now: int) -> None:
            touched: dict[str, None] = {}
            stock_counters.follow_orders(db, changes, now, lambda key: touched.setdefault(key))
            changed.extend(stock_pools.refresh(db, touched, desk, now))

        return hook

    # What marketplaces say

    async def put_listings(self, listings: Sequence[Listing], now: int) -> tuple[int, ...]:
        """Write listings with their stock, some per transaction; returns the rows of the pools that changed."""
        changed: dict[int, None] = {}
        for first in range(0, len(listings), _CHUNK):
            chunk = listings[first : first + _CHUNK]
            changed |= dict.fromkeys(await self._cache.run(stock_listings.put, chunk, self._desk, now))
            # A pool that is new here may have been counted, or ruled, before any store listed it.
            rows = await self._ledger.run(stock_desk.repeated, {pool_key(listing.sku) for listing in chunk} - {""})
            if rows:
                changed |= dict.fromkeys(await self._cache.run(stock_desk.repeat, rows, self._desk, now))
        return tuple(changed)

    async def put_stock(self, store_id: str, stocks: Sequence[StockNow], now: int) -> tuple[int, ...]:
        """Write stock as it was re-read; returns the rows of the pools that changed. Unknown listings are left."""
        return await self._cache.run(stock_listings.put_stock, store_id, stocks, self._desk, now)

    async def drop_listings(self, store_id: str, listing_ids: Collection[str], now: int) -> tuple[int, ...]:
        """Forget listings that are gone; returns the rows of the pools that changed."""
        return await self._cache.run(stock_listings.drop, store_id, listing_ids, self._desk, now)

    # What the engine asks

    async def listings(self, keys: Collection[ListingKey]) -> dict[ListingKey, Listing]:
        """Listings as they are here; those that are not are left out."""
        return await self._cache.run(stock_listings.listings, keys)

    async def listing_ids(self, store_id: str) -> set[str]:
        """The store's listings that are here."""
        return await self._cache.run(stock_listings.ids_of_store, store_id)

    async def listings_of(self, keys: Collection[str], *, read_before: int | None = None) -> dict[str, list[str]]:
        """The listings of pools per store, to be re-read.

        With `read_before` (epoch s) those last read before it, which may be none of a store.
        """
        return await self._cache.run(stock_listings.ids_of_pools, keys, _EVER if read_before is None else read_before)

    async def pool(self, key: str, now: int, silent: frozenset[str] = frozenset()) -> PoolCandidate | None:
        """A pool as it is shared out, with the rule that applies; None for one that is not here.

        `silent` are stores that do not answer: what they show stays promised and is not written.
        """
        return (await self.pools([key], now, silent)).get(key)

    async def pools(
        self, keys: Collection[str], now: int, silent: frozenset[str] = frozenset()
    ) -> dict[str, PoolCandidate]:
        """As `pool`, of several; those that are not here are left out."""
        return await self._cache.run(stock_reads.of_keys, keys, now, silent, self._desk)

    async def as_read(self, keys: Collection[str], now: int) -> dict[str, SharedPool]:
        """Pools as their listings were read last, to judge what may be raised; those that are not here are left out."""
        return await self._cache.run(stock_pools.shared, keys, now)

    async def open_writes(self, keys: Collection[str]) -> list[OpenWrite]:
        """What pushes have ordered of these pools that is not settled, in all stores."""
        return await self._ledger.run(self._open.of_pools, keys)

    async def overtaken(self, since: int) -> list[Intent]:
        """Writes of pushes that sales overtook or whose answer was lost since a moment, and that nobody has seen to."""
        return await self._ledger.run(stock_desk.overtaken, since)

    async def push_of(self, key: str, batch_id: str) -> PushRow | None:
        """What was seen and ordered of a pool with a batch, None when it was no push."""
        return await self._ledger.run(stock_desk.push_of, key, batch_id)

    async def wrote(self, store_id: str, written: Sequence[tuple[str, int]], now: int) -> tuple[int, ...]:
        """Show what was just written (targets with their numbers); the next reading tells. Returns the pools' rows."""
        return await self._cache.run(stock_listings.wrote, store_id, written, self._desk, now)

    async def rows(self, listings: Sequence[ListingKey]) -> tuple[int, ...]:
        """The rows of the pools these listings are of, for change notices."""
        return await self._cache.run(stock_reads.rows_of_listings, listings)

    async def next_clock_at(self, now: int) -> int | None:
        """When `pass_clocks` or `age` has something to do next (epoch s), None while nothing sells."""
        return await self._cache.run(stock_pools.next_clock_at, now)

    async def pass_clocks(self, now: int) -> tuple[int, ...]:
        """Make the pools anew whose next loss has come; returns the rows that changed."""
        return await self._cache.run(stock_pools.pass_clocks, self._desk, now)

    async def age(self, now: int) -> AsyncIterator[tuple[int, ...]]:
        """Take hours that have passed out of the speeds, some pools per transaction; to be called once an hour.

        Yields the rows that changed.
        """
        await self._cache.run(stock_counters.forget_old, now)
        done = False
        while not done:
            changed, done = await self._cache.run(stock_pools.age, self._desk, now, _CHUNK)
            if changed:
                yield changed

    async def count_cached_orders(self, now: int) -> AsyncIterator[tuple[int, ...]]:
        """Add up orders that were cached before stock was, some per transaction; nothing to do the second time.

        Yields the rows of the pools that changed. Orders that come meanwhile are counted once all the same.
        """
        done = False
        while not done:
            keys, done = await self._cache.run(stock_counters.count_cached, _CHUNK, now)
            changed = await self._cache.run(stock_pools.refresh_all, keys, self._desk, now)
            if changed:
                yield changed

    async def recompute_all(self, now: int) -> AsyncIterator[tuple[int, ...]]:
        """Make all pools anew (after a change of rules), some per transaction; yields the rows that changed."""
        after: int | None = 0
        while after is not None:
            after, changed = await self._cache.run(stock_pools.recompute, self._desk, after, _CHUNK, now)
            if changed:
                yield changed

    async def facts(self, low_units: int, low_cover_s: int) -> list[StockFact]:
        """What alerts are about now: pools under so many units, or that last less than so long, and those promised
        beyond what there is or not offered as the rule says."""
        return await self._cache.run(stock_reads.facts, low_units, low_cover_s)

    # What people do

    async def books(self) -> dict[str, Booked]:
        """What is on the books of every pool, by its key, to compare a count with."""
        return await self._cache.run(stock_desk.books)

    async def count(
        self, lines: Sequence[CountLine], counted_at: int, source: str, operator: str, now: int
    ) -> tuple[int, ...]:
        """Take a count over: what was in the house at a moment (epoch s), by what and entered by whom.

        What left the house since that moment is taken off. Returns the rows of the pools that changed. Several
        transactions of the cache; the ledger has all of it before the first.
        """
        keys = await self._ledger.run(stock_desk.count, lines, counted_at, source, operator, now)
        return await self._repeat(keys, now)

    async def put_rule(self, keys: Sequence[str], rule: ShareRule | None, operator: str, now: int) -> tuple[int, ...]:
        """Give pools a rule of their own, None for the house's; returns the rows of the pools that changed."""
        changed = await self._ledger.run(stock_desk.put_rule, keys, rule, operator, now)
        return await self._repeat(changed, now)

    async def log_pushes(
        self, pushes: Mapping[str, tuple[Simulation, ShareRule]], batch_id: str, operator: str, now: int
    ) -> int:
        """Note what was seen of each pool that a batch pushes, by what rule; how many the batch had not noted yet."""
        return await self._ledger.run(stock_desk.log_pushes, pushes, batch_id, operator, now)

    async def _repeat(self, keys: Sequence[str], now: int) -> tuple[int, ...]:
        changed: dict[int, None] = {}
        for first in range(0, len(keys), _CHUNK):
            chunk = keys[first : first + _CHUNK]
            rows = await self._ledger.run(stock_desk.repeated, chunk)
            rows = {key: rows.get(key, (key, None, None, "")) for key in chunk}
            changed |= dict.fromkeys(await self._cache.run(stock_desk.repeat, rows, self._desk, now))
        return tuple(changed)

    # With the rest of the house

    async def keep_counts(self, now: int) -> tuple[int, ...]:
        """The header's numbers of stock as Counts has them, also left in the cache for readers."""
        return await self._cache.run(stock_counts.STOCK_COUNTS.keep, now)

    async def catch_up(self, now: int) -> None:
        """Bring the cache in step with the ledger: a crash or a restore may have come between them."""
        rows = await self._ledger.run(stock_desk.all_repeated)
        behind = await self._cache.run(stock_desk.behind, rows)
        if behind:
            await self._cache.run(stock_desk.repeat, behind, self._desk, now)

    async def forget(self, store_id: str) -> None:
        """Drop a store's listings from the cache, and what its orders did to pools; several transactions."""
        while await self._cache.run(stock_listings.forget, store_id, self._desk, _CHUNK) == _CHUNK:
            pass
