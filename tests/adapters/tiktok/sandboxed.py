"""A simulated TikTok Shop with an adapter on it, talking real HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shoptui.adapters.base import AppCredentials, Marketplace, OrderPage, TokenSet
from shoptui.adapters.desks import Desk, Request
from shoptui.adapters.limits import CallBudget
from shoptui.adapters.registry import build
from shoptui.domain.intents import ShipChoice, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import REGIONS, Store
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from tests.adapters.tiktok.support import MemoryVault

START_AT = 1767225600
#: No service of any simulated market refuses a parcel of this weight.
_ORDINARY_G = 3000


class SandboxClock:
    """World time as the sandbox has it; wire time is real, off by `skew_s`."""

    def __init__(self, sandbox: LiveSandbox, skew_s: float = 0.0) -> None:
        self._sandbox = sandbox
        self.skew_s = skew_s

    def now(self) -> float:
        return self._sandbox.clocks.world_now()

    def wire_now(self) -> float:
        return time.time() + self.skew_s


@dataclass(frozen=True)
class House:
    """A sandbox with an adapter on it."""

    sandbox: LiveSandbox
    shop: Marketplace
    stores: tuple[Store, ...]
    vault: MemoryVault
    budget: CallBudget
    clock: SandboxClock

    @property
    def store(self) -> Store:
        return self.stores[0]

    @property
    def ship(self) -> Desk:
        return self.desk(Verb.SHIP)

    def desk(self, verb: Verb) -> Desk:
        return self.shop.desks[verb]

    async def changed(self, store: Store | None = None) -> list[OrderPage]:
        return [page async for page in self.shop.changed_orders(store or self.store, 0, START_AT + 10**8)]

    async def orders(self, store: Store | None = None) -> list[Order]:
        return [order for page in await self.changed(store) for order in page.orders]

    async def shippable(self, store: Store | None = None) -> list[Request]:
        """One request per package that nothing stands against."""
        at = store or self.store
        return [
            Request(order.order_no, package.package_id, ShipChoice())
            for order in await self.orders(at)
            if self.ship.why_not(at, order) is None and self._world_lets_ship(order)
            for package in order.packages
            if package.status is Status.TO_SHIP
        ]

    def _world_lets_ship(self, order: Order) -> bool:
        world = self.sandbox.world
        parcels = [world.packages[package.package_id] for package in order.packages]
        return all(parcel.flaw is None and parcel.weight_g <= _ORDINARY_G for parcel in parcels)

    async def order(self, order_no: str, store: Store | None = None) -> Order:
        """The order as the marketplace shows it now."""
        return (await self.shop.orders_by_no(store or self.store, [order_no])).orders[0]

    def effects(self) -> list[tuple[object, object]]:
        return [(entry["target"], entry["effect"]) for entry in self.sandbox.journal()]


@asynccontextmanager
async def house(*, regions: tuple[str, ...] = ("TH",), orders: int = 60, seed: int = 7) -> AsyncIterator[House]:
    async with running_sandbox(
        seed=seed, stores=len(regions), orders=orders, start_at=START_AT, frozen=True, regions=regions
    ) as sandbox:
        stores: list[Store] = []
        tokens: dict[str, TokenSet] = {}
        for number, access in enumerate(sandbox.shops):
            zone, currency = REGIONS[access.region]
            store = Store(
                store_id=f"tt-{access.region.lower()}-{number}",
                marketplace="tiktok",
                region=access.region,
                shop_id=access.id,
                name=access.name,
                time_zone=zone,
                currency=currency,
                app="main",
                wire=MappingProxyType({"cipher": access.cipher}),
            )
            stores.append(store)
            tokens[store.store_id] = TokenSet(
                access.access_token,
                access.refresh_token,
                access.access_token_expires_at,
                access.refresh_token_expires_at,
            )
        credentials = AppCredentials(
            "main", "tiktok", sandbox.app_key, sandbox.app_secret, sandbox.base_url, sandbox.auth_url
        )
        vault, clock = MemoryVault(tokens), SandboxClock(sandbox)
        budget = CallBudget(clock)
        shop = build(credentials, vault=vault, clock=clock, budget=budget)
        try:
            yield House(sandbox, shop, tuple(stores), vault, budget, clock)
        finally:
            await shop.close()


def fault(path: str, times: int = 1, **do: Any) -> dict[str, Any]:
    """A rule by which the next calls to a path go wrong."""
    return {"match": {"path": path, "times": times}, "do": do}
