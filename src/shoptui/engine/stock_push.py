"""Owns what becomes of a push that sales overtook, or whose answer was lost: read again, shared out anew, ordered anew.

A write of stock is never settled and never repeated. While no more has moved than the push kept back, what is worked
out anew goes out by itself; beyond that the push stops, and a person looks at the new numbers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shoptui.domain.intents import OVERTAKEN, CauseId, Intent, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.shares import PoolStock, ShareRule, Simulation, simulate
from shoptui.domain.stock import StockChange, listing_of
from shoptui.domain.verbs import write_args
from shoptui.engine.lanes import describe
from shoptui.engine.stock_admission import Target, change_of, silent_stores, target_of
from shoptui.engine.stock_requests import read_store
from shoptui.engine.stock_turns import lowered_pools, open_writes
from shoptui.protocol import Changed
from shoptui.store.errors import StoreError

if TYPE_CHECKING:
    from shoptui.engine.core import Engine

log = logging.getLogger(__name__)

#: What was overtaken longer ago is left to a person: nobody waits for it any more.
LOOK_BACK_S = 600
#: So often a push may be worked out anew by itself.
AGAIN_MAX = 5
#: Stores whose orders cannot be read for so long count as silent in what is worked out anew, seconds.
_READ_WAIT_S = 30
_POOLS_AT_ONCE = 50
_NEXT_POOLS_S = 1.0
_REST_S = 30.0
#: What stands between a push's batch and the intent for which it was worked out anew.
_MARK = "~"


@dataclass(slots=True)
class _Reading:
    """A pool whose listings were read at a moment (epoch s): its stores, and those that did not answer."""

    read_at: int
    stores: set[str]
    silent: set[str]


class Pushes:
    """Pushes that have to be decided anew, of all stores. `step` does what is due."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        #: Intents that were looked at and left to a person.
        self._left: set[int] = set()
        self._reading: dict[str, _Reading] = {}
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to decide by itself."""
        self._tasks = [
            asyncio.create_task(self._loop(), name="pushes"),
            asyncio.create_task(self._listen(), name="pushes notices"),
        ]

    async def stop(self) -> None:
        """End at once: what was not decided is found in the ledger by the next engine."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        box = self._engine.house.hub.subscribe()
        try:
            while True:
                if not (await box.take()).stores:
                    continue
                for lane in self._engine.lanes.values():
                    lane.orders_read(self._engine.orders_read_to)
                if self._reading:
                    self._woken.set()
        finally:
            self._engine.house.hub.unsubscribe(box)

    def settled(self, writes: Sequence[Intent]) -> None:
        """Writes of stock are over: raises may have waited for them, and what sales overtook is decided anew."""
        if pools := lowered_pools(writes):
            for lane in self._engine.lanes.values():
                lane.lowered(pools)
        if any(intent.cause is not None and intent.cause.id in OVERTAKEN for intent in writes):
            self._woken.set()

    async def _loop(self) -> None:
        house = self._engine.house
        while True:
            self._woken.clear()
            try:
                at = await self.step()
            except StoreError as error:
                log.error("pushes: %s", error)
                at = house.clock.now() + _REST_S
            except Exception as error:
                # A fault of ours must not end the engine; it is logged without values.
                log.error("pushes: unforeseen %s", describe(error))
                at = house.clock.now() + _REST_S
            await house.wait(self._woken, max(at - house.clock.now(), 0.0))

    async def step(self) -> float:
        """Read and decide what is due; returns when to look again (epoch seconds), infinity for never."""
        house = self._engine.house
        by_pool: dict[str, list[Intent]] = {}
        for intent in await self._undecided():
            by_pool.setdefault(change_of(intent).pool, []).append(intent)
        for key in [key for key in self._reading if key not in by_pool]:
            del self._reading[key]
        pools = list(by_pool.items())[:_POOLS_AT_ONCE]
        await self._read([key for key, _ in pools if key not in self._reading])
        for key, intents in pools:
            if self._is_read(key):
                await self._again(key, intents, frozenset(self._reading.pop(key).silent))
        if len(by_pool) > len(pools):
            return house.clock.now() + _NEXT_POOLS_S
        # What is read sooner is told.
        return min((reading.read_at + _READ_WAIT_S for reading in self._reading.values()), default=float("inf"))

    async def undecided(self, batch_id: str) -> int:
        """How many writes of a push, and of what was worked out anew of it, are still to be decided by itself."""
        return sum(intent.batch_id.partition(_MARK)[0] == batch_id for intent in await self._undecided())

    async def _undecided(self) -> list[Intent]:
        house = self._engine.house
        overtaken = await house.writer.stock.overtaken(house.now() - LOOK_BACK_S)
        self._left.intersection_update(intent.intent_id for intent in overtaken)
        return [intent for intent in overtaken if intent.intent_id not in self._left]

    def _leave(self, intents: Sequence[Intent]) -> None:
        """Leave these to a person, and tell whoever follows the push."""
        self._left.update(intent.intent_id for intent in intents)
        self._engine.house.hub.publish(Changed(batches=tuple(dict.fromkeys(intent.batch_id for intent in intents))))

    async def _read(self, keys: Sequence[str]) -> None:
        """Read the listings of pools again, and have the orders of their stores read after that."""
        if not keys:
            return
        engine, stock = self._engine, self._engine.house.writer.stock
        by_store = await stock.listings_of(keys)
        failed = await asyncio.gather(*(read_store(engine, store_id, ids) for store_id, ids in by_store.items()))
        read_at = engine.house.now()
        pools = await stock.pools(keys, read_at)
        for key in keys:
            stores = {one.store_id for one in pools[key].stock.listings} if key in pools else set()
            self._reading[key] = _Reading(read_at, stores, {store_id for store_id in failed if store_id})

    def _is_read(self, key: str) -> bool:
        """Whether all stores' orders were read since the pool's listings were; who takes too long is silent."""
        reading, house = self._reading[key], self._engine.house
        late = {
            store_id
            for store_id in reading.stores - reading.silent
            if (lane := self._engine.lanes.get(store_id)) is None or lane.orders_read_to < reading.read_at
        }
        if late and house.now() - reading.read_at < _READ_WAIT_S:
            return False
        reading.silent |= late
        return True

    async def _again(self, key: str, intents: Sequence[Intent], silent: frozenset[str]) -> None:
        """Share a pool out anew and order what follows from it, or leave it to a person."""
        house = self._engine.house
        now = house.now()
        pool = await house.writer.stock.pool(key, now, silent | silent_stores(self._engine))
        if pool is None:
            self._leave(intents)
            return
        newest = intents[-1]
        push = await house.writer.stock.push_of(key, newest.batch_id)
        rule = pool.rule if push is None else push.rule
        stock = with_open(pool.stock, await open_writes(house, key))
        stock = without_refused(stock, await self._refused(newest.batch_id))
        found = simulate(stock, rule, float(house.config.stock.gap_s))
        moved = moved_units(intents, pool.stock)
        if push is not None and push.free is not None and found.free is not None:
            moved = max(moved, push.free - found.free)
        reserve = max(change_of(intent).reserve for intent in intents)
        if moved > reserve or found.free is None or newest.batch_id.count(_MARK) >= AGAIN_MAX:
            log.info("pool %s: %d moved, %d kept back; left to a person", key, moved, reserve)
            self._leave(intents)
            return
        await self._order(key, intents, found, rule)

    async def _refused(self, batch_id: str) -> set[Target]:
        """What the marketplaces refused of a push so far, and would refuse again."""
        parts = batch_id.split(_MARK)
        family = [_MARK.join(parts[:length]) for length in range(1, len(parts) + 1)]
        return {
            (intent.store_id, intent.target_id)
            for each in family
            for intent in await self._engine.house.writer.batch(each)
            if intent.state is IntentState.FAILED and intent.cause is not None and intent.cause.id not in OVERTAKEN
        }

    async def _order(self, key: str, intents: Sequence[Intent], found: Simulation, rule: ShareRule) -> None:
        house, newest = self._engine.house, intents[-1]
        now = house.now()
        before = {(intent.store_id, intent.target_id): intent.intent_id for intent in intents}
        wanted = push_intents(key, found)
        retry_of = [before.get((intent.store_id, intent.target_id)) for intent in wanted]
        batch_id = f"{newest.batch_id}{_MARK}{newest.intent_id}"
        if wanted:
            detail = f"pool {key}, {len(wanted)} listings, worked out anew"
            await house.writer.audit(now, newest.operator, "engine", "order set_stock", batch_id, detail)
            await house.writer.stock.log_pushes({key: (found, rule)}, batch_id, newest.operator, now)
            # Whoever ordered the push has had the time to think it over.
            await house.writer.accept_batch(
                batch_id,
                Verb.SET_STOCK,
                newest.operator,
                "engine",
                wanted,
                [now] * len(wanted),
                now,
                retry_of_by_index=retry_of,
            )
        # What shows the right number already needs nothing; the rest was ordered again.
        await house.writer.ack_intents([intent.intent_id for intent in intents], newest.operator, now)
        batches = tuple(dict.fromkeys((batch_id, *(intent.batch_id for intent in intents))))
        rows = await house.writer.stock.rows([(intent.store_id, listing_of(intent.target_id)) for intent in intents])
        house.hub.publish(Changed(pools=rows, batches=batches, counts=True))
        for store_id in dict.fromkeys(intent.store_id for intent in wanted):
            self._engine.wake_outbox(store_id)


def with_open(stock: PoolStock, writes: Mapping[Target, int]) -> PoolStock:
    """The pool while writes are on their way: what they may show stays promised, and is not written once more."""
    return replace(
        stock,
        listings=tuple(
            replace(one, shows=max(one.shows, writes[target_of(one)]), silent=True) if target_of(one) in writes else one
            for one in stock.listings
        ),
    )


def without_refused(stock: PoolStock, refused: Collection[Target]) -> PoolStock:
    """The pool without listings whose write was refused: what they show stays promised."""
    return replace(
        stock,
        listings=tuple(
            replace(one, why_locked=one.why_locked or "refused") if target_of(one) in refused else one
            for one in stock.listings
        ),
    )


def moved_units(intents: Sequence[Intent], stock: PoolStock) -> int:
    """By how many units the listings show something else than was seen, or written where an answer was lost."""
    here = {target_of(one): one.shows for one in stock.listings}
    moved = 0
    for intent in intents:
        change, shows = change_of(intent), here.get((intent.store_id, intent.target_id))
        if shows is None or change.seen is None:
            continue
        by = abs(shows - change.seen)
        if intent.cause is not None and intent.cause.id is CauseId.ANSWER_LOST:
            by = min(by, abs(shows - change.shows))
        moved += by
    return moved


def push_intents(key: str, found: Simulation) -> list[NewIntent]:
    """What a simulation says is to be written: what lowers first."""
    shares = sorted((one for one in found.shares if one.changes), key=lambda one: one.shows > one.listing.shows)
    return [
        NewIntent(
            verb=Verb.SET_STOCK,
            store_id=one.listing.store_id,
            order_no="",
            target_kind=TargetKind.LISTING,
            target_id=target_of(one.listing)[1],
            args=write_args(StockChange(one.shows, one.listing.shows, found.buffer, key)),
        )
        for one in shares
    ]
