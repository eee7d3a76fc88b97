"""Owns the turns of stock writes just before they are sent: what lowers goes at once, what raises when that is safe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shoptui.domain.intents import Cause, CauseId, Intent
from shoptui.domain.stock import StockChange, listing_of, product_of
from shoptui.engine.admission import Rechecked
from shoptui.engine.house import House
from shoptui.engine.stock_admission import Target, change_of, may_raise
from shoptui.queries.stock import OpenWrite
from shoptui.store.stock_pools import SharedPool

#: A raise that could not be made safely for so long is decided anew.
RAISE_WAIT_S = 60
#: What waits is looked at again after so long, should nothing have told that its wait is over.
_LOOK_AGAIN_S = 1.0
#: So long the SKUs of a product wait for one of them that must not go yet.
_TOGETHER_S = 3


@dataclass(slots=True)
class RaiseWaits:
    """One store's raises that wait: since when and until when (epoch s), by intent, and what for.

    `pools` are those that something is still to be taken off. `orders` are stores with the moments (epoch s) up to
    which their orders have to be read.
    """

    since: dict[int, int] = field(default_factory=dict)
    until: dict[int, float] = field(default_factory=dict)
    pools: set[str] = field(default_factory=set)
    orders: dict[str, int] = field(default_factory=dict)

    def wait(self, intent: Intent, now: float) -> bool:
        """Let one wait; False when it has waited for too long."""
        began_at = self.since.setdefault(intent.intent_id, int(now))
        self.until[intent.intent_id] = now + _LOOK_AGAIN_S
        return now - began_at < RAISE_WAIT_S

    def keep_only(self, intent_ids: Collection[int]) -> None:
        """Forget what is not open any more."""
        for known in (self.since, self.until):
            for intent_id in [each for each in known if each not in intent_ids]:
                del known[intent_id]

    def lowered(self, pools: Iterable[str]) -> bool:
        """Something was taken off these; whether that ends a wait."""
        if not self.pools.intersection(pools):
            return False
        self.pools.difference_update(pools)
        return self._over()

    def orders_read(self, read_to: Callable[[str], float]) -> bool:
        """Orders were read, of each store up to a moment (epoch s); whether that ends a wait."""
        over = [store_id for store_id, at in self.orders.items() if read_to(store_id) >= at]
        for store_id in over:
            del self.orders[store_id]
        return bool(over) and self._over()

    def _over(self) -> bool:
        """Look again once nothing is waited for any more."""
        if self.pools or self.orders:
            return False
        self.until.clear()
        return True


def in_order(intents: Sequence[Intent]) -> list[Intent]:
    """What may be sent next of these writes: while anything is to be lowered nothing else, so that it comes first."""
    return [intent for intent in intents if not asks_first(intent)] or list(intents)


def asks_first(intent: Intent) -> bool:
    """Whether a push raises a listing by this; the desk sees to it that what was seen is still there."""
    return _raises(change_of(intent))


def _raises(change: StockChange) -> bool:
    return bool(change.pool) and (change.seen is None or change.shows > change.seen)


async def recheck_stock(house: House, intents: Sequence[Intent], waits: RaiseWaits) -> Rechecked:
    """What of these writes may go now; raises that must wait are told to `waits`, and left out.

    To be asked of as many as leave together: a judgement must not be older than their calls.
    """
    found = Rechecked()
    raises: list[tuple[Intent, StockChange]] = []
    for intent in intents:
        change = change_of(intent)
        if _raises(change):
            raises.append((intent, change))
        else:
            found.go(intent, None)
    if not raises:
        return found
    now = house.clock.now()
    keys = {change.pool for _, change in raises}
    writes = await house.writer.stock.open_writes(keys)
    lowering = {write.pool for write in writes if write.lowers}
    pools = await house.writer.stock.as_read(keys - lowering, int(now))
    behind = _orders_behind(house, pools)
    wanted = _by_pool(writes)
    able: list[Intent] = []
    waiting: list[Intent] = []
    for intent, change in raises:
        target, key, pool = (intent.store_id, intent.target_id), change.pool, pools.get(change.pool)
        judged: Cause | bool = False
        if pool is not None and key not in behind:
            judged = may_raise(pool.stock, target, change, wanted.get(key, {}))
        elif pool is None and key not in lowering:
            # The pool is gone from here, and the desk finds out what has become of the listing.
            judged = True
        if isinstance(judged, Cause):
            found.stopped.append((intent, judged))
        elif judged:
            able.append(intent)
        elif waits.wait(intent, now):
            waiting.append(intent)
            if key in behind:
                waits.orders |= behind[key]
            else:
                waits.pools.add(key)
        else:
            say = "What the pool takes off other listings first, or its stores' orders, did not come in time."
            found.stopped.append((intent, Cause(CauseId.STOCK_MOVED, "", say)))
    # What goes in one call waits together, for a moment: a call each would take longer.
    held = {_product(intent) for intent in waiting if now - waits.since[intent.intent_id] < _TOGETHER_S}
    for intent in able:
        if _product(intent) not in held or not waits.wait(intent, now):
            found.go(intent, None)
    return found


def _product(intent: Intent) -> str:
    return product_of(listing_of(intent.target_id))


def lowered_pools(settled: Iterable[Intent]) -> set[str]:
    """The pools of which these writes, now settled, were to take something off a listing."""
    return {change.pool for change in map(change_of, settled) if change.pool and not _raises(change)}


async def open_writes(house: House, key: str) -> dict[Target, int]:
    """What pushes have ordered of a pool and is not settled: the number each listing is to show."""
    return _by_pool(await house.writer.stock.open_writes([key])).get(key, {})


def _by_pool(writes: Iterable[OpenWrite]) -> dict[str, dict[Target, int]]:
    found: dict[str, dict[Target, int]] = {}
    for write in writes:
        found.setdefault(write.pool, {})[(write.store_id, write.target_id)] = write.shows
    return found


def _orders_behind(house: House, pools: Mapping[str, SharedPool]) -> dict[str, dict[str, int]]:
    """Pools with stores whose orders are older than what their listings show, and up to when they must be read.

    They are asked for. What a listing shows less because of an order that is not here yet would else be given away a
    second time.
    """
    behind: dict[str, dict[str, int]] = {}
    store_ids = {store_id for pool in pools.values() for store_id in pool.read_at}
    read_to = {store_id: house.orders_read_to(store_id) for store_id in store_ids}
    for key, pool in pools.items():
        late = {store_id: at for store_id, at in pool.read_at.items() if read_to[store_id] < at}
        if late:
            behind[key] = late
    for store_id in {store_id for stores in behind.values() for store_id in stores}:
        house.look_at_orders(store_id)
    return behind
