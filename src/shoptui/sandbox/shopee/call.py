"""One checked call: who asks, for which shop, with which parameters, and the writing down of its effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..calling import CheckedCall
from ..world.model import Order, Package, Packing
from ..world.refusal import Reason, Refused
from . import codes
from .codes import ApiError
from .params import Fields, Query

if TYPE_CHECKING:
    from .side import ShopeeSide


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
class Call(CheckedCall):
    """A signed call, for a shop or a public one."""

    done_code = ""

    side: ShopeeSide
    query: Query
    body: Fields

    def shop_id(self, target: str) -> str:
        """The shop of the call; token calls name no shop but have one as their target."""
        return self.shop.id if self.shop is not None else self.side.shop_of({"shop_id": target})

    def refusal(self, code: str, refused: Refused) -> ApiError:
        return ApiError(code, sentence(refused))

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
