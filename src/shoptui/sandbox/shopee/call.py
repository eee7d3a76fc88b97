"""One checked call: who asks, for which shop, with which parameters, and the writing down of its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ..journal import Effect
from ..world.model import Order, Package, Packing, Store
from ..world.refusal import ALREADY_DONE, Reason, Refused
from ..world.world import World
from . import codes
from .codes import ApiError, Dialect
from .params import Fields, Query

if TYPE_CHECKING:
    from .side import ShopeeSide

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call brings. None as `response` leaves the key out; `beside` are fields next to `error`.

    `error` together with data is how batches report that every row failed. A `file` has no envelope.
    """

    response: Any = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    message: str = ""
    file: bytes | None = None
    media_type: str = ""


@dataclass(slots=True)
class Call:
    side: ShopeeSide
    query: Query
    body: Fields
    shop: Store | None
    """None on public calls."""
    now: int
    request_id: str

    @property
    def world(self) -> World:
        return self.side.world

    @property
    def store(self) -> Store:
        """The shop of a shop call; the gate let none through without."""
        if self.shop is None:
            raise LookupError("this operation takes no shop")
        return self.shop

    def order(self, order_sn: str) -> Order:
        """Raises Refused for an order that is not the shop's."""
        order = self.world.order_of(self.store, order_sn)
        if order is None:
            raise Refused(Reason.NOT_FOUND, f"The order {order_sn} is not found.")
        return order

    def package(self, order_sn: str, package_number: str) -> Package:
        """The parcel meant: named by its number, or the only one of its order. Raises Refused or ApiError."""
        order = self.order(order_sn)
        if package_number:
            found = next((one for one in order.packages if one.id == package_number), None)
            if found is None:
                raise ApiError(codes.NO_SUCH_PACKAGE, "The package_number does not exist.")
            return found
        if is_split(order):
            raise ApiError(codes.NEED_PACKAGE, "The order is split, please give package_number.")
        parcels = order.open_packages or order.packages
        if not parcels:
            raise ApiError(codes.NOT_READY, "The order is not ready to ship.")
        return parcels[0]

    def record(self, op: str, target: str, order_id: str, effect: Effect, code: str) -> None:
        """Write the effect of a state-changing call into the journal."""
        self.side.record(
            # Token calls name no shop but have one as their target.
            shop_id=self.shop.id if self.shop is not None else self.side.shop_of({"shop_id": target}),
            op=op,
            target=target,
            order_id=order_id,
            effect=effect,
            code=code,
            request_id=self.request_id,
        )

    def act(self, dialect: Dialect, op: str, target: str, order_id: str, action: Callable[[], T]) -> T:
        """Run a change and journal what became of it. Raises ApiError in the operation's dialect."""
        try:
            result = action()
        except Refused as refused:
            code = dialect.code(refused.reason)
            self.record(op, target, order_id, "already" if refused.reason in ALREADY_DONE else "refused", code)
            raise ApiError(code, sentence(refused)) from refused
        except ApiError as error:
            self.record(op, target, order_id, "refused", error.code)
            raise
        self.record(op, target, order_id, "applied", "")
        return result


def sentence(refused: Refused) -> str:
    """The text of a refusal; a parcel arranged before has its own, known words."""
    if refused.reason in (Reason.ALREADY_ARRANGED, Reason.ALREADY_COLLECTED, Reason.ALREADY_DELIVERED):
        return "This parcel has already been shipped"
    if refused.reason is Reason.FROZEN:
        return "The order is being allocated, please try again later."
    detail = refused.detail[:1].upper() + refused.detail[1:]
    return detail if detail.endswith(".") else detail + "."


def is_split(order: Order) -> bool:
    """Whether calls about this order have to name the parcel."""
    return any(one.packing is Packing.SPLIT for one in order.open_packages) or len(order.open_packages) > 1
