"""Putting the sandbox together: one world, its journal and faults, and an ASGI app per marketplace."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from .access import ShopAccess
from .admin import Admin
from .clock import Clocks
from .faults import FaultBox
from .journal import Journal
from .pokes import Pokes
from .settings import PLENTY, TIGHT, Settings
from .side_base import Side
from .sides import SIDES
from .trouble import Connections, TroubleMaker
from .world.build import build_world
from .world.world import World


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
    ) -> None:
        """`rate` is new orders per world minute; `start_at` world epoch seconds, None for now.

        `chats` is how many conversations with buyers there are, `chat_rate` new questions of buyers per world minute;
        `returns` and `return_rate` are the same for their requests for money or a return. `money_errors` is how many
        known errors there are in what the marketplaces settle; with any, one store's balance is below zero as well.

        `markets` are names of `SIDES`; the stores are dealt to them in turn.
        """
        self.settings = settings or Settings()
        self.clocks = Clocks(wire, start_at=start_at, frozen=frozen)
        self.world: World
        self.world, self.life = build_world(
            clocks=self.clocks,
            settings=self.settings,
            markets=[SIDES[name].market for name in markets],
            seed=seed,
            stores=stores,
            orders=orders,
            rate=rate,
            regions=regions,
            chats=chats,
            chat_rate=chat_rate,
            returns=returns,
            return_rate=return_rate,
            skus=skus,
            is_tight=stock == TIGHT,
        )
        self.world.finance.plant(money_errors)
        self.journal = Journal()
        self.faults = FaultBox(seed)
        self.connections = Connections()
        self.sides: Mapping[str, Side[Any]] = {
            name: SIDES[name].open(self.world, self.life, self.journal) for name in markets
        }
        self.pokes = Pokes(self.world, self.life, self.sides)
        self.app = self._assemble()

    def _assemble(self) -> Starlette:
        troubled = [
            (side, TroubleMaker(side.answer, self.faults, side, self.connections)) for side in self.sides.values()
        ]
        troubled.sort(key=lambda pair: pair[0].takes_the_rest)

        async def marketplaces(scope: Scope, receive: Receive, send: Send) -> None:
            takers = [(side, app) for side, app in troubled if side.takes(scope["path"])]
            if not takers:
                await Response("no marketplace here has this path\n", 404)(scope, receive, send)
                return
            # Consent pages of two marketplaces have one path; there the app decides that the seller's link names.
            named = {value for _name, value in parse_qsl(scope["query_string"].decode("latin-1"))}
            app = next((app for side, app in takers if side.app_keys & named), takers[0][1])
            await app(scope, receive, send)

        admin = Admin(self.world, self.journal, self.faults, self.pokes)
        return Starlette(routes=[*admin.routes(), Mount("/", app=marketplaces)])

    def shops(self, marketplace: str = "tiktok") -> list[ShopAccess]:
        """Every shop of a marketplace with its present tokens."""
        side = self.sides[marketplace]
        return [side.access(store.id) for store in self.world.stores_of(marketplace)]

    def access(self, shop_id: str) -> ShopAccess:
        """One shop with its present tokens. Raises KeyError for an unknown one."""
        return self.sides[self.world.stores[shop_id].marketplace].access(shop_id)
