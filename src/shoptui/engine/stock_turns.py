"""Owns the turns of stock writes just before they are sent: what lowers goes at once, what raises when that is safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.domain.intents import Cause, CauseId, Intent, Verb
from shoptui.engine.admission import Rechecked
from shoptui.engine.house import House
from shoptui.engine.stock_admission import RAISE_WAIT_S, Target, change_of, may_raise
from shoptui.queries.stock import PoolCandidate
from shoptui.queries.types import FeedRow

#: Raises judged in one go: a judgement must not be older than a call or two when its write leaves.
_RAISES_AT_ONCE = 64
_LATER_S = 1
_NEVER = float("inf")


async def recheck_stock(house: House, intents: Sequence[Intent]) -> Rechecked:
    """What of the queued writes may go now. A raise that must wait is looked at again a second later."""
    found = Rechecked()
    found.going.extend(intent for intent in intents if not _asks_first(intent))
    if found.going:
        # What lowers goes first, and needs no leave.
        found.due_at.update((intent.intent_id, _NEVER) for intent in found.going)
        return found
    intents = intents[:_RAISES_AT_ONCE]
    writes = await _open_writes(house)
    pools: dict[str, PoolCandidate | None] = {}
    feeds: dict[str, FeedRow | None] = {}
    waiting: list[int] = []
    for intent in intents:
        change = change_of(intent)
        target = (intent.store_id, intent.target_id)
        key = change.pool
        if key and key not in pools:
            pools[key] = await house.writer.stock.pool(key, house.now())
        pool = pools.get(key)
        if pool is None:
            found.going.append(intent)
            continue
        others = {other: shows for other, shows in writes.get(key, {}).items() if other != target}
        judged = may_raise(pool.stock, target, change, others)
        if isinstance(judged, Cause):
            found.stopped.append((intent, judged))
        elif not judged or not await _orders_are_read(house, feeds, key, pool, target, change.shows):
            if house.now() - intent.release_at < RAISE_WAIT_S:
                waiting.append(intent.intent_id)
            else:
                say = "What the pool takes off other listings first, or its stores' orders, did not come in time."
                found.stopped.append((intent, Cause(CauseId.STOCK_MOVED, "", say)))
        else:
            found.going.append(intent)
    found.due_at.update((intent.intent_id, _NEVER) for intent in found.going)
    if waiting:
        await house.writer.look_later(waiting, house.now() + _LATER_S)
    return found


def _asks_first(intent: Intent) -> bool:
    """Whether a push raises a listing by this; the desk sees to it that what was seen is still there."""
    change = change_of(intent)
    return bool(change.pool) and (change.seen is None or change.shows > change.seen)


async def _open_writes(house: House) -> Mapping[str, Mapping[Target, int]]:
    """What is ordered and not settled, by pool: the number each listing is to show."""
    found: dict[str, dict[Target, int]] = {}
    for intent in await house.writer.open_of(Verb.SET_STOCK):
        change = change_of(intent)
        if change.pool:
            found.setdefault(change.pool, {})[(intent.store_id, intent.target_id)] = change.shows
    return found


def _is_raise(pool: PoolCandidate, target: Target, shows: int) -> bool:
    return any(
        (one.store_id, f"{one.listing_id}@{one.warehouse_id}") == target and shows > one.shows
        for one in pool.stock.listings
    )


async def _orders_are_read(
    house: House, feeds: dict[str, FeedRow | None], key: str, pool: PoolCandidate, target: Target, shows: int
) -> bool:
    """Whether a raise rests on orders that are as new as what the listings show; where not, they are asked for.

    What a listing shows less because of an order that is not here yet would else be given away a second time.
    """
    if not _is_raise(pool, target, shows):
        return True
    fresh = True
    for store_id, read_at in (await house.writer.stock.read_at(key)).items():
        if store_id not in feeds:
            feeds[store_id] = await house.writer.feed(store_id)
        feed = feeds[store_id]
        if feed is None or feed.last_ok_at is None or (feed.last_ok_at < read_at and not feed.failures):
            house.look_at_orders(store_id)
            fresh = False
    return fresh
