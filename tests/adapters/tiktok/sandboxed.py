"""A simulated TikTok Shop with an adapter on it, talking real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from shoptui.adapters.desks import Desk, Request
from shoptui.domain.intents import Verb
from shoptui.domain.stores import Store
from shoptui.sandbox.access import ShopAccess
from tests.adapters.sandboxed import START_AT as START_AT
from tests.adapters.sandboxed import House as AnyHouse
from tests.adapters.sandboxed import house_of


@dataclass(frozen=True)
class House(AnyHouse):
    """A sandbox with an adapter on it."""

    @property
    def ship(self) -> Desk:
        return self.desk(Verb.SHIP)

    async def shippable(self, store: Store | None = None) -> list[Request]:
        """One request per package that nothing stands against."""
        return await self.waiting(store=store)


def house(
    *, regions: tuple[str, ...] = ("TH",), orders: int = 60, seed: int = 7, chats: int = 0, returns: int = 0
) -> AbstractAsyncContextManager[House]:
    return house_of(
        House, "tiktok", regions=regions, orders=orders, seed=seed, chats=chats, returns=returns, wire=_cipher
    )


def _cipher(shop: ShopAccess) -> Mapping[str, str]:
    return {"cipher": shop.cipher}


def fault(path: str, times: int = 1, **do: Any) -> dict[str, Any]:
    """A rule by which the next calls to a path go wrong."""
    return {"match": {"path": path, "times": times}, "do": do}
