"""A simulated marketplace with an adapter on it, talking real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from shoptui.adapters.base import AppCredentials, Marketplace, OrderPage, TokenSet
from shoptui.adapters.consent import Consent, consent_of
from shoptui.adapters.desks import Desk, Outcome, Request
from shoptui.adapters.limits import CallBudget
from shoptui.adapters.registry import build
from shoptui.adapters.returns import Returns
from shoptui.domain.intents import ShipChoice, Verb
from shoptui.domain.marketplaces import short_of
from shoptui.domain.orders import Order, Status
from shoptui.domain.returns import ReturnRequest
from shoptui.domain.stores import REGIONS, Store
from shoptui.domain.verbs import VerbArgs
from shoptui.sandbox.access import ShopAccess
from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from shoptui.sandbox.world.model import OrderStatus
from tests.adapters.vault import MemoryVault

START_AT = 1767225600
#: No service of any simulated market refuses a parcel of this weight.
ORDINARY_G = 3000

HouseT = TypeVar("HouseT", bound="House")


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
    budget: CallBudget
    clock: SandboxClock

    @property
    def store(self) -> Store:
        return self.stores[0]

    @property
    def returns(self) -> Returns:
        assert self.shop.returns is not None
        return self.shop.returns

    @property
    def consent(self) -> Consent:
        consent = consent_of(self.shop)
        assert consent is not None
        return consent

    def desk(self, verb: Verb) -> Desk:
        return self.shop.desks[verb]

    async def send(self, verb: Verb, *requests: Request) -> list[Outcome]:
        return list(await self.desk(verb).send(self.store, list(requests)))

    async def changed(self, store: Store | None = None) -> list[OrderPage]:
        return [page async for page in self.shop.changed_orders(store or self.store, 0, START_AT + 10**8)]

    async def orders(self, store: Store | None = None) -> list[Order]:
        return [order for page in await self.changed(store) for order in page.orders]

    async def order(self, order_no: str, store: Store | None = None) -> Order:
        """The order as the marketplace shows it now."""
        return (await self.shop.orders_by_no(store or self.store, [order_no])).orders[0]

    async def able(self, verb: Verb, store: Store | None = None) -> list[Order]:
        """The orders nothing stands against doing this verb on, in the world's eyes too."""
        at = store or self.store
        return [
            order
            for order in await self.orders(at)
            if self.desk(verb).why_not(at, order) is None and self.world_lets(order)
        ]

    async def waiting(
        self, verb: Verb = Verb.SHIP, args: VerbArgs | None = None, store: Store | None = None
    ) -> list[Request]:
        """One request for each parcel that waits to be shipped and may be."""
        return [
            Request(order.order_no, package.package_id, args or ShipChoice(), f"key-{order.order_no}")
            for order in await self.able(verb, store)
            for package in order.packages
            if package.status is Status.TO_SHIP
        ]

    async def returned(self, return_id: str, store: Store | None = None) -> ReturnRequest:
        """The return request as the marketplace shows it now."""
        (request,) = (await self.returns.by_id(store or self.store, [return_id])).requests
        return request

    def asks(self, ask: str = "refund", store: Store | None = None, **about: Any) -> str:
        """A buyer asks for money or a return (see the sandbox's poke `buyer_returns`); the request's id."""
        world = self.sandbox.world
        shop_id = (store or self.store).shop_id
        order = next(
            order
            for status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
            for order in world.orders_of(shop_id, status)
            if not order.has_open_return and len(world.returns.free_lines(order)) == len(order.lines)
        )
        return str(self.sandbox.poke("buyer_returns", order_id=order.id, ask=ask, **about)["return_id"])

    def watch(self, *paths: str) -> None:
        """Count the calls to paths that end so from now on, instead of any faults; see `seen`."""
        self.sandbox.faults.replace([{"match": {"path": f"{path}$"}, "do": {"latency_s": 0}} for path in paths])

    def seen(self) -> list[int]:
        """How many calls there were to each of the paths that are watched."""
        return [int(rule["seen"]) for rule in self.sandbox.faults.report()]

    def effects(self, action: str = "") -> list[tuple[object, object]]:
        """What the calls changed so far: target and effect, of one kind of action if named."""
        return [
            (entry["target"], entry["effect"])
            for entry in self.sandbox.journal()
            if not action or entry["op"] == action
        ]

    def world_lets(self, order: Order) -> bool:
        """Whether the simulated carriers take all of the order's parcels."""
        parcels = [self.sandbox.world.packages[package.package_id] for package in order.packages]
        return all(parcel.flaw is None and parcel.weight_g <= ORDINARY_G for parcel in parcels)


def store_of(access: ShopAccess, marketplace: str, number: int, wire: Mapping[str, str]) -> Store:
    """A simulated shop as a store of the house."""
    zone, currency = REGIONS[access.region]
    return Store(
        store_id=f"{short_of(marketplace)}-{access.region.lower()}-{number}",
        marketplace=marketplace,
        region=access.region,
        shop_id=access.id,
        name=access.name,
        time_zone=zone,
        currency=currency,
        app="main",
        wire=wire,
    )


def tokens_of(access: ShopAccess) -> TokenSet:
    """What lets a house into a simulated shop."""
    return TokenSet(
        access.access_token, access.refresh_token, access.access_token_expires_at, access.refresh_token_expires_at
    )


@asynccontextmanager
async def house_of(
    kind: type[HouseT],
    marketplace: str,
    *,
    regions: tuple[str, ...],
    orders: int,
    seed: int,
    start_at: int = START_AT,
    settings: Settings | None = None,
    chats: int = 0,
    returns: int = 0,
    wire: Callable[[ShopAccess], Mapping[str, str]] = lambda shop: {},
    make: Callable[[AppCredentials, MemoryVault, SandboxClock, CallBudget], Marketplace] | None = None,
) -> AsyncIterator[HouseT]:
    """One store in each region. `wire` is what a store carries besides its ids; `make` makes the adapter, None: as the
    registry does."""
    async with running_sandbox(
        seed=seed,
        stores=len(regions),
        orders=orders,
        start_at=start_at,
        frozen=True,
        regions=regions,
        markets=(marketplace,),
        settings=settings,
        chats=chats,
        returns=returns,
    ) as sandbox:
        stores: list[Store] = []
        tokens: dict[str, TokenSet] = {}
        for number, access in enumerate(sandbox.shops):
            store = store_of(access, marketplace, number, wire(access))
            stores.append(store)
            tokens[store.store_id] = tokens_of(access)
        credentials = AppCredentials(
            "main", marketplace, sandbox.app_key, sandbox.app_secret, sandbox.base_url, sandbox.auth_url
        )
        vault, clock = MemoryVault(tokens), SandboxClock(sandbox)
        budget = CallBudget(clock)
        if make is None:
            shop = build(credentials, vault=vault, clock=clock, budget=budget)
        else:
            shop = make(credentials, vault, clock, budget)
        try:
            yield kind(sandbox, shop, credentials, tuple(stores), vault, budget, clock)
        finally:
            await shop.close()
