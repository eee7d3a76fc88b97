"""Owns what stock needs beside its feeds: the house's rule applied, hours that pass, old orders counted, alerts."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

from shoptui.domain.clocks import HOUR_S
from shoptui.engine.applied import is_applied, note_applied
from shoptui.engine.house import House
from shoptui.engine.intake import shown
from shoptui.protocol import Changed
from shoptui.queries.stock import StockFact, StockFactKind

log = logging.getLogger(__name__)

_ALERT_EVERY_S = 30
_ALERTS = {
    StockFactKind.OVERSOLD: "stock_oversold",
    StockFactKind.LOW_COVER: "stock_runs_out",
    StockFactKind.LOW_QUANTITY: "stock_low",
    StockFactKind.OUT_OF_STEP: "stock_out_of_step",
}


def follow_settings(house: House) -> None:
    """Judge pools by the settings from now on."""
    stock = house.config.stock
    house.writer.stock.follow(stock.share_rule(), float(stock.gap_s))


class StockWatch:
    """The house's stock as time passes. `step` does what is due."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._aged_hour = house.now() // HOUR_S
        self._alerted_at = 0

    async def step(self) -> float:
        """Make pools anew whose clocks passed, and once an hour those that sell; when to come back (epoch s)."""
        house, stock = self._house, self._house.writer.stock
        now = house.now()
        self._tell(await stock.pass_clocks(now))
        if now // HOUR_S != self._aged_hour:
            async for rows in stock.age(now):
                self._tell(rows)
            self._aged_hour = now // HOUR_S
        if now - self._alerted_at >= _ALERT_EVERY_S:
            self._alerted_at = now
            await self.alert()
        at = await stock.next_clock_at(now)
        return float("inf") if at is None else float(at)

    async def after_start(self) -> None:
        """Count orders that were cached before stock was; apply rules that are others than when the engine ended."""
        house, stock = self._house, self._house.writer.stock
        async for rows in stock.count_cached_orders(house.now()):
            self._tell(rows)
        settings = f"{house.config.stock.share_rule().as_data()} {house.config.stock.gap_s}"
        digest = hashlib.sha256(settings.encode()).hexdigest()[:16]
        if is_applied(house.data_dir, "stock", digest):
            return
        async for rows in stock.recompute_all(house.now()):
            self._tell(rows)
        note_applied(house.data_dir, "stock", digest)

    async def alert(self) -> None:
        """One alert for each kind of trouble, with how many pools it is about and the worst of them.

        What is low, by units or by how long it lasts, the settings say.
        """
        house, low = self._house, self._house.config.stock
        facts = await house.writer.stock.facts(low.low_units, low.low_cover_h * HOUR_S)
        limits = {StockFactKind.LOW_QUANTITY: low.low_units, StockFactKind.LOW_COVER: low.low_cover_h}
        for kind, name in _ALERTS.items():
            found = [fact for fact in facts if fact.kind is kind]
            if found:
                least = {"least": str(limits[kind])} if kind in limits else {}
                await house.alerts.put(name, pools=str(len(found)), sku=_worst(found).sku, **least)
            else:
                await house.alerts.clear(name)

    def _tell(self, rows: Sequence[int]) -> None:
        if rows:
            self._house.hub.publish(Changed(pools=shown(rows), counts=True))


def _worst(facts: Sequence[StockFact]) -> StockFact:
    """What costs something first, then the most units."""
    return min(facts, key=lambda fact: (fact.due_at is None, fact.due_at or 0, -fact.units, fact.sku))
