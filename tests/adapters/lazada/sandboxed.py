"""A simulated Lazada with an adapter on it, talking real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from shoptui.adapters.base import AppCredentials, Marketplace, OrderPage, TokenSet
from shoptui.adapters.consent import Consent, consent_of
from shoptui.adapters.desks import Desk, Request
from shoptui.adapters.registry import build
from shoptui.domain.intents import ShipChoice, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import REGIONS, Store
from shoptui.domain.verbs import VerbArgs
from shoptui.sandbox.testing import LiveSandbox, running_sandbox

START_AT = 1767225600
#: No service of any simulated venture refuses a parcel of this weight.
_ORDINARY_G = 3000


class MemoryVault:
    """Tokens in memory; `saves` is what was saved, in order."""

    def __init__(self, tokens: Mapping[str, TokenSet]) -> None:
        self.tokens = dict(tokens)
        self.saves: list[tuple[str, TokenSet]] = []

    def load(self, store_id: str) -> TokenSet | None:
        return self.tokens.get(store_id)

    async def save(self, store_id: str, tokens: TokenSet) -> None:
        self.tokens[store_id] = tokens
        self.saves.append((store_id, tokens))


class SandboxClock:
    """World time as the sandbox has it; wire time is the sandbox's, off by `skew_s`."""

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

    @property
    def consent(self) -> Consent:
        consent = consent_of(self.shop)
        assert consent is not None
        return consent

    def desk(self, verb: Verb) -> Desk:
        return self.shop.desks[verb]

    async def changed(self, store: Store | None = None) -> list[OrderPage]:
        return [page async for page in self.shop.changed_orders(store or self.store, 0, START_AT + 10**7)]

    async def orders(self, store: Store | None = None) -> list[Order]:
        return [order for page in await self.changed(store) for order in page.orders]

    async def order(self, order_no: str) -> Order:
        """The order as Lazada shows it now."""
        return (await self.shop.orders_by_no(self.store, [order_no])).orders[0]

    async def able(self, verb: Verb) -> list[Order]:
        """The orders nothing stands against doing this verb on, in the world's eyes too."""
        return [
            order
            for order in await self.orders()
            if self.desk(verb).why_not(self.store, order) is None and self._world_lets(order)
        ]

    async def waiting(self, verb: Verb = Verb.SHIP, args: VerbArgs | None = None) -> list[Request]:
        """One request for each parcel that waits to be shipped and may be."""
        return [
            Request(order.order_no, package.package_id, args or ShipChoice())
            for order in await self.able(verb)
            for package in order.packages
            if package.status is Status.TO_SHIP
        ]

    def effects(self) -> list[tuple[str, str]]:
        """What was done, as operation and effect."""
        return [(str(entry["op"]), str(entry["effect"])) for entry in self.sandbox.journal()]

    def applied(self, op: str) -> int:
        return self.effects().count((op, "applied"))

    def fault(self, path: str, times: int = 1, **do: Any) -> None:
        """Let the next calls to a path go wrong."""
        self.sandbox.faults.replace([{"match": {"path": path, "times": times}, "do": do}])

    def _world_lets(self, order: Order) -> bool:
        real = self.sandbox.world.orders[order.order_no]
        parcels = {line.package for line in real.lines if line.package is not None}
        weights_g = [sum(line.sku.weight_g for line in real.lines), *(parcel.weight_g for parcel in parcels)]
        return max(weights_g) <= _ORDINARY_G and all(parcel.flaw is None for parcel in parcels)


@asynccontextmanager
async def house(
    *, regions: tuple[str, ...] = ("MY",), orders: int = 120, seed: int = 7, page_size: int = 100
) -> AsyncIterator[House]:
    async with running_sandbox(
        seed=seed,
        stores=len(regions),
        orders=orders,
        start_at=START_AT,
        frozen=True,
        regions=regions,
        markets=("lazada",),
    ) as sandbox:
        stores: list[Store] = []
        tokens: dict[str, TokenSet] = {}
        for number, access in enumerate(sandbox.shops):
            zone, currency = REGIONS[access.region]
            store = Store(
                store_id=f"lz-{access.region.lower()}-{number}",
                marketplace="lazada",
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
            "main", "lazada", sandbox.app_key, sandbox.app_secret, sandbox.base_url, sandbox.auth_url
        )
        vault, clock = MemoryVault(tokens), SandboxClock(sandbox)
        shop = build(credentials, vault=vault, clock=clock)
        try:
            yield House(sandbox, shop, credentials, tuple(stores), vault, clock)
        finally:
            await shop.close()
