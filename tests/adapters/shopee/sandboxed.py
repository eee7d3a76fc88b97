"""A simulated Shopee with an adapter on it, talking real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shoptui.adapters.base import AppCredentials, Marketplace, OrderPage, TokenSet
from shoptui.adapters.desks import Desk, Outcome, Request
from shoptui.adapters.limits import CallBudget
from shoptui.adapters.registry import build
from shoptui.domain.intents import Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import REGIONS, Store
from shoptui.domain.verbs import VerbArgs
from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from tests.adapters.shopee.support import MemoryVault

#: The moment of the signature vectors.
START_AT = 1760000000
_DAY_S = 86400
#: No service of any simulated market refuses a parcel of this weight.
_ORDINARY_G = 3000


class SandboxClock:
    """World time as the sandbox has it; wire time is real, off by `skew_s`."""

    def __init__(self, sandbox: LiveSandbox) -> None:
        self._sandbox = sandbox
        self.skew_s = 0.0

    def now(self) -> float:
        return self._sandbox.clocks.world_now()

    def wire_now(self) -> float:
        return self._sandbox.clocks.wire_now() + self.skew_s


@dataclass(frozen=True)
class House:
    """A sandbox with an adapter on it."""

    sandbox: LiveSandbox
    shop: Marketplace
    credentials: AppCredentials
    stores: tuple[Store, ...]
    vault: MemoryVault
    clock: SandboxClock

    @property
    def store(self) -> Store:
        return self.stores[0]

    def desk(self, verb: Verb) -> Desk:
        return self.shop.desks[verb]

    async def changed(self, store: Store | None = None, days: int = 45) -> list[OrderPage]:
        now = int(self.clock.now())
        return [page async for page in self.shop.changed_orders(store or self.store, now - days * _DAY_S, now + 60)]

    async def orders(self, store: Store | None = None) -> list[Order]:
        return [order for page in await self.changed(store) for order in page.orders]

    async def order(self, order_no: str) -> Order:
        """The order as Shopee shows it now."""
        return (await self.shop.orders_by_no(self.store, [order_no])).orders[0]

    async def able(self, verb: Verb) -> list[Order]:
        """The orders nothing stands against doing this verb on, in the world's eyes too."""
        found = []
        for order in await self.orders():
            parcels = [self.sandbox.world.packages[package.package_id] for package in order.packages]
            if self.desk(verb).why_not(self.store, order) is not None:
                continue
            if all(parcel.flaw is None and parcel.weight_g <= _ORDINARY_G for parcel in parcels):
                found.append(order)
        return found

    async def waiting(self, verb: Verb, args: VerbArgs) -> list[Request]:
        """One request per package that waits to be shipped and may be."""
        return [
            Request(order.order_no, package.package_id, args, f"key-{order.order_no}")
            for order in await self.able(verb)
            for package in order.packages
            if package.status is Status.TO_SHIP
        ]

    async def send(self, verb: Verb, *requests: Request) -> list[Outcome]:
        return list(await self.desk(verb).send(self.store, list(requests)))

    def effects(self, action: str = "") -> list[tuple[object, object]]:
        """What the calls changed so far: target and effect, of one kind of action if named."""
        return [
            (entry["target"], entry["effect"])
            for entry in self.sandbox.journal()
            if not action or entry["op"] == action
        ]


@asynccontextmanager
async def house(
    *,
    regions: tuple[str, ...] = ("MY",),
    orders: int = 120,
    seed: int = 7,
    settings: Settings | None = None,
) -> AsyncIterator[House]:
    async with running_sandbox(
        seed=seed,
        stores=len(regions),
        orders=orders,
        start_at=START_AT,
        frozen=True,
        regions=regions,
        markets=("shopee",),
        settings=settings,
    ) as sandbox:
        stores: list[Store] = []
        tokens: dict[str, TokenSet] = {}
        for number, access in enumerate(sandbox.shops):
            zone, currency = REGIONS[access.region]
            store = Store(
                store_id=f"sp-{access.region.lower()}-{number}",
                marketplace="shopee",
                region=access.region,
                shop_id=access.id,
                name=access.name,
                time_zone=zone,
                currency=currency,
                app="main",
            )
            stores.append(store)
            tokens[store.store_id] = TokenSet(
                access.access_token,
                access.refresh_token,
                access.access_token_expires_at,
                access.refresh_token_expires_at,
            )
        credentials = AppCredentials(
            "main", "shopee", sandbox.app_key, sandbox.app_secret, sandbox.base_url, sandbox.auth_url
        )
        vault, clock = MemoryVault(tokens), SandboxClock(sandbox)
        shop = build(credentials, vault=vault, clock=clock, budget=CallBudget(clock))
        try:
            yield House(sandbox, shop, credentials, tuple(stores), vault, clock)
        finally:
            await shop.close()
