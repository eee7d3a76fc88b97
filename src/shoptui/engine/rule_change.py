"""Owns what happens when the rules in force differ from those the cached clocks were computed with."""

from __future__ import annotations

import hashlib
import logging

from shoptui.domain.clocks import Clock
from shoptui.domain.orders import Order
from shoptui.engine.applied import is_applied, note_applied
from shoptui.engine.house import House
from shoptui.engine.intake import shown
from shoptui.protocol import Changed

log = logging.getLogger(__name__)


async def apply_rules(house: House) -> int:
    """Compute all clocks anew if the rules have changed since this was last done; returns how many orders changed."""
    rates = ",".join(f"{currency}={rate}" for currency, rate in sorted(house.rates.per_usd.items()))
    digest = f"{house.rules.digest} {hashlib.sha256(rates.encode()).hexdigest()[:16]}"
    if is_applied(house.data_dir, "rules", digest):
        return 0
    stores = {store.store_id: store for store in await house.writer.stores()}

    def clocks_for(order: Order) -> tuple[Clock, ...]:
        store = stores.get(order.store_id)
        return order.clocks if store is None else house.rules.clocks_for(order, store)

    count = 0
    async for rows in house.writer.recompute_all(clocks_for, house.now()):
        count += len(rows)
        house.hub.publish(Changed(orders=shown(rows), counts=True))
    async for rows in house.writer.threads.recompute_all(house.now()):
        house.hub.publish(Changed(threads=shown(rows), counts=True))
    async for rows in house.writer.returns.recompute_all(house.now()):
        house.hub.publish(Changed(returns=shown(rows), counts=True))
    note_applied(house.data_dir, "rules", digest)
    if count:
        log.info("rules have changed: %d orders have other clocks now", count)
    return count
