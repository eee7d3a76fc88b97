"""One checked call: who asks, for which shop, with which parameters, and the writing down of its effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ..journal import Effect
from ..world.model import Order, Package, Store
from ..world.refusal import ALREADY_DONE, Refused
from ..world.world import World
from .codes import NOT_THIS_SHOPS_ORDER, NOT_THIS_SHOPS_PACKAGE, ApiError, Dialect
from .grants import Grant
from .params import Fields, Query

if TYPE_CHECKING:
    from .side import TikTokSide

T = TypeVar("T")

Answer: TypeAlias = dict[str, Any] | bytes
"""`data` of a successful answer: an object, or its JSON ready made."""


@dataclass(slots=True)
class Call:
    side: TikTokSide
    params: dict[str, str]
    query: Query
    body: Fields
    grant: Grant
    shop: Store | None
    now: int
    request_id: str
    origin: str
    """Scheme and authority the caller used, for links in answers."""
    version: str

    @property
    def world(self) -> World:
        return self.side.world

    @property
    def store(self) -> Store:
        """The shop of a shop-scoped call; the gate let none through without."""
        if self.shop is None:
            raise LookupError("this endpoint takes no shop")
        return self.shop

    def order(self, order_id: str) -> Order:
        """Raises 21008111 for an order that is not the shop's."""
        order = self.world.order_of(self.store, order_id)
        if order is None:
            raise ApiError(NOT_THIS_SHOPS_ORDER, f"order {order_id} does not belong to this shop")
        return order

    def package(self, package_id: str) -> Package:
        """Raises 21011028 for a package that is not the shop's."""
        package = self.world.package_of(self.store, package_id)
        if package is None:
            raise ApiError(NOT_THIS_SHOPS_PACKAGE, f"package {package_id} does not belong to this shop")
        return package

    def record(self, op: str, target: str, order_id: str, effect: Effect, code: int) -> None:
        """Write the effect of a state-changing call into the journal."""
        self.side.journal.add(
            world_at=self.now,
            wire_at=self.world.clocks.wire_now(),
            marketplace=self.side.name,
            shop_id=self.shop.id if self.shop is not None else self.grant.stores[0].id,
            op=op,
            target=target,
            order_id=order_id,
            effect=effect,
            code=code,
            request_id=self.request_id,
        )

    def act(self, dialect: Dialect, op: str, target: str, order_id: str, action: Callable[[], T]) -> T:
        """Run a change and journal what became of it. Raises ApiError in the endpoint's dialect.

        An action that answers False found its work done by an earlier call with the same idempotency key.
        """
        try:
            result = action()
        except Refused as refused:
            code = dialect.code(refused.reason)
            self.record(op, target, order_id, "already" if refused.reason in ALREADY_DONE else "refused", code)
            raise ApiError(code, refused.detail) from refused
        except ApiError as error:
            self.record(op, target, order_id, "refused", error.code)
            raise
        self.record(op, target, order_id, "already" if result is False else "applied", 0)
        return result
