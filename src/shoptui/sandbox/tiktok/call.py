"""One checked call: who asks, for which shop, with which parameters, and the writing down of its effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ..calling import CheckedCall
from ..world.model import Order, Package
from ..world.refusal import Refused
from .codes import NOT_THIS_SHOPS_ORDER, NOT_THIS_SHOPS_PACKAGE, ApiError
from .grants import Grant
from .params import Fields, Query

if TYPE_CHECKING:
    from .side import TikTokSide

Answer: TypeAlias = dict[str, Any] | bytes
"""`data` of a successful answer: an object, or its JSON ready made."""


@dataclass(slots=True)
class Call(CheckedCall):
    """A signed call of the open API."""

    done_code = 0

    side: TikTokSide
    params: dict[str, str]
    query: Query
    body: Fields
    grant: Grant
    origin: str
    """Scheme and authority the caller used, for links in answers."""
    version: str

    def shop_id(self, target: str) -> str:
        """The shop of the call, or the first of its consent where the call names none."""
        return self.shop.id if self.shop is not None else self.grant.stores[0].id

    def refusal(self, code: int, refused: Refused) -> ApiError:
        return ApiError(code, refused.detail)

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
