"""Putting the sandbox together: one world, its journal and faults, and an ASGI app per marketplace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from .admin import Admin
from .clock import Clocks
from .faults import FaultBox
from .journal import Journal
from .pokes import Pokes
from .settings import Settings
from .tiktok.market import TIKTOK
from .tiktok.side import TikTokSide
from .trouble import Connections, TroubleMaker
from .world.build import build_world
from .world.world import World


@dataclass(frozen=True, slots=True)
class ShopAccess:
    """A shop with everything a client needs to work on it. Expiries are epoch seconds in world time."""

    id: str
    cipher: str
    region: str
    name: str
    code: str
    access_token: str
    refresh_token: str
    access_token_expires_at: int
    refresh_token_expires_at: int


class Sandbox:
    """A running world without a server yet; `app` answers for every marketplace and the admin endpoints."""

    def __init__(
        self,
        *,
        seed: int = 1,
        stores: int = 12,
        orders: int = 3000,
        rate: float = 0.0,
        start_at: int | None = None,
        frozen: bool = False,
        regions: tuple[str, ...] = (),
        wire: Callable[[], float] = time.time,
        settings: Settings | None = None,
    ) -> None:
        """`rate` is new orders per world minute; `start_at` world epoch seconds, None for now."""
        self.settings = settings or Settings()
        self.clocks = Clocks(wire, start_at=start_at, frozen=frozen)
        self.world: World
        self.world, self.life = build_world(
            clocks=self.clocks,
            settings=self.settings,
            market=TIKTOK,
            seed=seed,
            stores=stores,
            orders=orders,
            rate=rate,
            regions=regions,
        )
        self.journal = Journal()
        self.faults = FaultBox(seed)
        self.connections = Connections()
        self.tiktok = TikTokSide(self.world, self.life, self.journal)
        self.pokes = Pokes(self.world, self.life, self.tiktok)
        self.app = self._assemble()

    def _assemble(self) -> Starlette:
        side = self.tiktok

        async def tiktok(scope: Scope, receive: Receive, send: Send) -> None:
            await side.answer(scope, receive, send)

        admin = Admin(self.world, self.journal, self.faults, self.pokes)
        troubled = TroubleMaker(tiktok, self.faults, side, self.connections)
        return Starlette(routes=[*admin.routes(), Mount("/", app=troubled)])

    def shops(self) -> list[ShopAccess]:
        """Every TikTok shop with its present tokens."""
        return [self.access(store.id) for store in self.world.stores.values()]

    def access(self, shop_id: str) -> ShopAccess:
        """One shop with its present tokens. Raises KeyError for an unknown one."""
        store = self.world.stores[shop_id]
        grants = self.tiktok.grants
        grant = grants.grant_of(shop_id)
        return ShopAccess(
            id=store.id,
            cipher=store.cipher,
            region=store.region,
            name=store.name,
            code=store.code,
            access_token=grant.access,
            refresh_token=grant.refresh,
            access_token_expires_at=grants.access_expires_at(grant),
            refresh_token_expires_at=grant.expires_at,
        )
