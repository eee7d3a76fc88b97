"""Owns what all parts of one running engine share: databases, settings, clock, rules, notices and alerts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shoptui.adapters.base import AppCredentials, Marketplace
from shoptui.adapters.http import StoreHttpOptions
from shoptui.adapters.limits import CallBudget
from shoptui.clock import Clock
from shoptui.config import Config
from shoptui.domain.fee_rules import FeeBook
from shoptui.domain.fx import Rates
from shoptui.domain.intents import Intent
from shoptui.domain.rules import RuleBook
from shoptui.engine.alerts import AlertBoard
from shoptui.engine.chat_turns import Turns
from shoptui.engine.failpoints import Points, Unarmed
from shoptui.engine.notices import NoticeHub
from shoptui.engine.schedule import Pace
from shoptui.engine.secrets import SecretsFile
from shoptui.paths import DataDir
from shoptui.store.writer import Writer


class Wait(Protocol):
    """Waits until woken or until so many seconds have passed; injected, so that tests drive it."""

    async def __call__(self, woken: asyncio.Event, seconds: float) -> None: ...


async def wait_really(woken: asyncio.Event, seconds: float) -> None:
    """Wait on the machine's clock."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await woken.wait()
    except TimeoutError:
        return


@dataclass(slots=True)
class House:
    """One engine's surroundings.

    `markets` has one connection per app that can be used, by the app's name; `connect` makes one. `stores_http` says
    how each store's calls leave; markets look into it at every call. `ask_stop` ends the engine in good order, with the
    reason for its log. `turns` says whom rules gave conversations last. `rates` are the exchange rates
    in force, `fees` what marketplaces take of a sale; `settled` are the
    stores whose statements are read, so that what changes in their orders has them checked anew; `money_changes` counts
    what was read or decided about money, so that its clocks are looked at again. `first_looks` are the stores
    whose orders are being read for the first time right now. `look_at_orders` has a store's changed orders read soon,
    `orders_read_to` says up to when they are here (epoch s), `stock_settled` is told the writes of stock that are over.
    """

    data_dir: DataDir
    config: Config
    clock: Clock
    writer: Writer
    secrets: SecretsFile
    rules: RuleBook
    hub: NoticeHub
    alerts: AlertBoard
    markets: dict[str, Marketplace]
    connect: Callable[[AppCredentials], Marketplace]
    stores_http: dict[str, StoreHttpOptions]
    budget: CallBudget
    ask_stop: Callable[[str], None]
    turns: Turns
    rates: Rates
    fees: FeeBook
    settled: set[str] = field(default_factory=set)
    first_looks: set[str] = field(default_factory=set)
    money_changes: int = 0
    dice: random.Random = field(default_factory=random.Random)
    wait: Wait = wait_really
    points: Points = field(default_factory=Unarmed)
    look_at_orders: Callable[[str], None] = lambda store_id: None
    orders_read_to: Callable[[str], float] = lambda store_id: float("inf")
    stock_settled: Callable[[Sequence[Intent]], None] = lambda writes: None

    def now(self) -> int:
        """World time, whole epoch seconds."""
        return int(self.clock.now())

    @property
    def pace(self) -> Pace:
        engine = self.config.engine
        return Pace(
            nearest_s=engine.poll_nearest_s,
            near_s=engine.poll_near_s,
            usual_s=engine.poll_usual_s,
            sweep_s=engine.sweep_s,
            calls_per_minute=engine.calls_per_minute,
        )
