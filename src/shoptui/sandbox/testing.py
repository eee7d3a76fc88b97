"""The sandbox as a test fixture: served on a real loopback port by the test's own event loop."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from .access import ShopAccess
from .clock import Clocks
from .faults import FaultBox
from .sandbox import Sandbox
from .serving import serving
from .settings import PLENTY, Settings
from .world.world import World


class LiveSandbox:
    """A served sandbox. Everything in it may be read and turned directly; HTTP sees it at once."""

    def __init__(self, sandbox: Sandbox, origin: str) -> None:
        """The addresses and the app are those of the first marketplace served; `sandbox.sides` has all."""
        self.sandbox = sandbox
        side = next(iter(sandbox.sides.values()))
        self.marketplace = side.name
        addresses = side.addresses(origin)
        self.base_url = addresses["base_url"]
        self.auth_url = addresses["auth_url"]
        self.origin = origin
        self.admin_url = f"{origin}/_sandbox"
        self.app_key = side.app_key
        self.app_secret = side.app_secret

    @property
    def shops(self) -> list[ShopAccess]:
        """All shops of the first marketplace with the tokens they have right now."""
        return self.sandbox.shops(self.marketplace)

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def clocks(self) -> Clocks:
        return self.sandbox.clocks

    @property
    def faults(self) -> FaultBox:
        return self.sandbox.faults

    @property
    def settings(self) -> Settings:
        return self.sandbox.settings

    def journal(self, since: int = 0) -> list[dict[str, object]]:
        """State-changing calls with their effects, oldest first, after the given number."""
        return self.sandbox.journal.since(since)

    def advance(self, seconds: int) -> int:
        """Move world time forward, let what falls due happen, and return the world time."""
        self.clocks.advance(seconds)
        return self.world.catch_up()

    def poke(self, do: str, **arguments: Any) -> Mapping[str, Any]:
        """Do something to the world, as `POST /_sandbox/world` would. Raises PokeError."""
        return self.sandbox.pokes.do({"do": do, **arguments})


@asynccontextmanager
async def running_sandbox(
    *,
    seed: int = 1,
    stores: int = 2,
    orders: int = 60,
    rate: float = 0.0,
    start_at: int | None = None,
    frozen: bool = False,
    regions: tuple[str, ...] = (),
    markets: tuple[str, ...] = ("tiktok",),
    wire: Callable[[], float] = time.time,
    settings: Settings | None = None,
    chats: int = 0,
    chat_rate: float = 0.0,
    returns: int = 0,
    return_rate: float = 0.0,
    skus: int = 0,
    stock: str = PLENTY,
    money_errors: int = 0,
) -> AsyncIterator[LiveSandbox]:
    """Serve a small world for the length of the block.

    `frozen` stops world time, so that only `advance` moves it; `regions` names the stores' countries in turn;
    `wire` replaces the clock that signatures and rate limits see. `chats`, `chat_rate`, `returns`, `return_rate` and
    `money_errors` are as for the program.
    """
    sandbox = Sandbox(
        seed=seed,
        stores=stores,
        orders=orders,
        rate=rate,
        start_at=start_at,
        frozen=frozen,
        regions=regions,
        markets=markets,
        wire=wire,
        settings=settings,
        chats=chats,
        chat_rate=chat_rate,
        returns=returns,
        return_rate=return_rate,
        skus=skus,
        stock=stock,
        money_errors=money_errors,
    )
    async with serving(sandbox) as origin:
        yield LiveSandbox(sandbox, origin)
