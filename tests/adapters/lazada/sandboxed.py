"""A simulated Lazada with an adapter on it, talking real HTTP."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from shoptui.adapters.base import AppCredentials, Marketplace
from shoptui.adapters.http import HttpClients
from shoptui.adapters.lazada.adapter import Lazada
from shoptui.adapters.limits import CallBudget
from shoptui.domain.orders import Order
from tests.adapters.sandboxed import ORDINARY_G, SandboxClock, house_of
from tests.adapters.sandboxed import House as AnyHouse
from tests.adapters.vault import MemoryVault


@dataclass(frozen=True)
class House(AnyHouse):
    """A sandbox with an adapter on it."""

    def applied(self, op: str) -> int:
        """How many calls of an operation had an effect."""
        return [effect for _, effect in self.effects(op)].count("applied")

    def fault(self, path: str, times: int = 1, **do: Any) -> None:
        """Let the next calls to a path go wrong."""
        self.sandbox.faults.replace([{"match": {"path": path, "times": times}, "do": do}])

    def world_lets(self, order: Order) -> bool:
        real = self.sandbox.world.orders[order.order_no]
        parcels = {line.package for line in real.lines if line.package is not None}
        weights_g = [sum(line.sku.weight_g for line in real.lines), *(parcel.weight_g for parcel in parcels)]
        return max(weights_g) <= ORDINARY_G and all(parcel.flaw is None for parcel in parcels)


def house(
    *,
    regions: tuple[str, ...] = ("MY",),
    orders: int = 120,
    seed: int = 7,
    page_size: int = 100,
    chats: int = 0,
    returns: int = 0,
) -> AbstractAsyncContextManager[House]:
    def make(credentials: AppCredentials, vault: MemoryVault, clock: SandboxClock, budget: CallBudget) -> Marketplace:
        http = HttpClients(clock, budget)
        return Lazada(credentials, vault=vault, clock=clock, http=http, page_size=page_size)

    return house_of(House, "lazada", regions=regions, orders=orders, seed=seed, make=make, chats=chats, returns=returns)
