"""What the sandbox asks of a marketplace's side, and which sides there are: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .access import ShopAccess
from .faults import Fault
from .journal import Journal
from .lazada.market import LAZADA
from .lazada.side import LazadaSide
from .shopee.market import SHOPEE
from .shopee.side import ShopeeSide
from .tiktok.market import TIKTOK
from .tiktok.side import TikTokSide
from .world.life import Life
from .world.market import Market
from .world.world import World


class Side(Protocol):
    """One marketplace's server: its app, its consents, its answers. It sees only its own stores of the world."""

    name: str
    app_key: str
    app_secret: str
    breakages: tuple[str, ...]
    """The ways in which a test may have one order rendered broken; the first is the usual one."""

    def takes(self, path: str) -> bool:
        """Whether a call to this path is for this marketplace; where several do, the app in the query decides."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry for any call to this marketplace."""

    def shop_of(self, query: dict[str, str]) -> str:
        """The shop id a request names in its query, empty when it names none."""

    def fault_response(self, fault: Fault) -> Response | None:
        """The answer a fault asks for in this marketplace's words; None when it asks for no answer of its own."""

    def access(self, shop_id: str) -> ShopAccess:
        """A shop with its present tokens. Raises KeyError for a shop that is not this marketplace's."""

    def addresses(self, origin: str) -> dict[str, str]:
        """`base_url` and `auth_url` as an app's configuration wants them."""

    def revoke(self, shop_id: str) -> None:
        """The seller takes the consent back: every token of the shop is dead."""

    def expire_access(self, shop_id: str, now: int) -> None:
        """The shop's access token expires now; its refresh token lives on."""

    def mint_code(self, shop_id: str, now: int) -> str:
        """The code a seller's consent would bring back to the app."""

    def revoke_scope(self, shop_id: str, scope: str) -> list[str]:
        """Take one permission away and return those left. Raises ValueError for one that is not granted."""

    def duplicate_rows(self, shop_id: str, pages: int) -> None:
        """Let the next so many following pages of the shop's order list begin with the row before them."""


@dataclass(frozen=True, slots=True)
class SideKind:
    """A marketplace the sandbox can serve: its rules for the world, and its server."""

    market: Market
    open: Callable[[World, Life, Journal], Side]


SIDES: Mapping[str, SideKind] = MappingProxyType(
    {
        "tiktok": SideKind(TIKTOK, TikTokSide),
        "shopee": SideKind(SHOPEE, ShopeeSide),
        "lazada": SideKind(LAZADA, LazadaSide),
    }
)
