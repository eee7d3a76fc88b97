"""The table of operations: path without the gateway's prefix, methods, the group of the API, handler."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from . import orders, sellers
from .call import Answer, Call
from .codes import NO_SUCH_API, ApiError

Handler: TypeAlias = Callable[[Call], Answer]

_GATEWAY = re.compile(r"(?:/(?P<country>sg|my|th|vn|ph|id))?/rest(?P<path>/.*)")


@dataclass(frozen=True, slots=True)
class Route:
    """`scope` is the group of the API; None marks calls without an access token."""

    handler: Handler
    scope: str | None


ROUTES = {
    "/auth/token/create": Route(sellers.token_create, None),
    "/auth/token/refresh": Route(sellers.token_refresh, None),
    "/seller/get": Route(sellers.seller, "seller"),
    "/orders/get": Route(orders.order_list, "order"),
    "/order/get": Route(orders.order_detail, "order"),
    "/order/items/get": Route(orders.order_items, "order"),
    "/orders/items/get": Route(orders.several_items, "order"),
}
"""Whether the gateway minds GET or POST is not known (section 1), so both are taken everywhere."""


def split(path: str) -> tuple[str, str] | None:
    """Country and API path of a gateway path, the country empty when the path names none; None for any other path."""
    found = _GATEWAY.fullmatch(path)
    return None if found is None else (found["country"] or "", found["path"])


def find(path: str) -> Route:
    """The operation of an API path. Raises ApiError for any other."""
    route = ROUTES.get(path)
    if route is None:
        raise ApiError(NO_SUCH_API, "The specified API path or version is invalid")
    return route
