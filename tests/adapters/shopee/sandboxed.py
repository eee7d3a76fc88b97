"""A simulated Shopee with an adapter on it, talking real HTTP."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from shoptui.adapters.base import OrderPage
from shoptui.domain.stores import CONTACT_EMAIL, Store
from shoptui.sandbox.settings import Settings
from tests.adapters.sandboxed import House as AnyHouse
from tests.adapters.sandboxed import house_of

#: The moment of the signature vectors.
START_AT = 1760000000
_DAY_S = 86400


@dataclass(frozen=True)
class House(AnyHouse):
    """A sandbox with an adapter on it."""

    async def changed(self, store: Store | None = None, days: int = 45) -> list[OrderPage]:
        now = int(self.clock.now())
        return [page async for page in self.shop.changed_orders(store or self.store, now - days * _DAY_S, now + 60)]


def house(
    *,
    regions: tuple[str, ...] = ("MY",),
    orders: int = 120,
    seed: int = 7,
    settings: Settings | None = None,
    chats: int = 0,
    returns: int = 0,
) -> AbstractAsyncContextManager[House]:
    return house_of(
        House,
        "shopee",
        regions=regions,
        orders=orders,
        seed=seed,
        start_at=START_AT,
        settings=settings,
        chats=chats,
        returns=returns,
        wire=lambda shop: {CONTACT_EMAIL: "returns@house.example"},
    )
