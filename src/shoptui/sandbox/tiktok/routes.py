"""The table of endpoints: method, path, versions, scope, shop, handler."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from . import cancellations, chats, documents, finance, logistics, orders, packages, returns, ship, splitting, stock
from .call import Answer, Call
from .codes import BAD_VERSION, NO_SUCH_PATH, WRONG_METHOD, ApiError

Handler: TypeAlias = Callable[[Call], Answer]

_PATH = re.compile(r"/([a-z_]+)/(\d{6})/(.+)")


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    category: str
    resource: str
    versions: frozenset[str]
    scope: str
    takes_shop: bool
    takes_files: bool
    handler: Handler
    pattern: re.Pattern[str]


def _route(
    method: str,
    template: str,
    versions: str,
    scope: str,
    handler: Handler,
    *,
    takes_shop: bool = True,
    takes_files: bool = False,
) -> Route:
    category, resource = template.split(":", 1)
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", resource))
    found = frozenset(versions.split())
    return Route(method, category, resource, found, scope, takes_shop, takes_files, handler, pattern)


_ORDER = "seller.order.info"
_SHIP = "seller.fulfillment.basic"
_SPLIT = "seller.fulfillment.package.split_combine"
_LOGISTICS = "seller.logistics"
_REFUND = "seller.return_refund.basic"
_PRODUCT = "seller.product.basic"
_STOCK = "seller.product.write"
_FINANCE = "seller.finance.info"
_CHAT = "seller.customer_service"
_TALK = "customer_service:conversations/{conversation_id}"

ROUTES = (
    _route(
        "GET", "authorization:shops", "202309", "seller.authorization.info", logistics.authorized_shops,
        takes_shop=False,
    ),
    _route("GET", "seller:shops", "202309", "seller.shop.info", logistics.seller_shops, takes_shop=False),
    _route(
        "GET", "seller:permissions", "202309", "seller.shop.info", logistics.seller_permissions, takes_shop=False
    ),
    _route("POST", "order:orders/search", "202309", _ORDER, orders.search),
    _route("GET", "order:orders", "202309 202507", _ORDER, orders.detail),
    _route("GET", "order:orders/{order_id}/price_detail", "202407", _ORDER, orders.price_detail),
    _route("POST", "fulfillment:packages/search", "202309", _SHIP, packages.search),
    _route("POST", "fulfillment:packages/ship", "202309", _SHIP, ship.ship_batch),
    _route("POST", "fulfillment:packages/deliver", "202309", _SHIP, ship.report_delivery),
    _route("POST", "fulfillment:packages/combine", "202309", _SPLIT, splitting.combine),
    _route("POST", "fulfillment:packages", "202309 202512", _SHIP, ship.create_package),
    _route("GET", "fulfillment:packages/{package_id}", "202309", _SHIP, packages.detail),
    _route("POST", "fulfillment:packages/{package_id}/ship", "202309", _SHIP, ship.ship),
    _route(
        "GET", "fulfillment:packages/{package_id}/handover_time_slots", "202309", _SPLIT,
        packages.handover_time_slots,
    ),
    _route(
        "GET", "fulfillment:packages/{package_id}/shipping_documents", "202309", _SHIP,
        documents.shipping_documents,
    ),
    _route(
        "POST", "fulfillment:packages/{package_id}/shipping_info/update", "202309 202610", _SHIP,
        ship.update_package_shipping,
    ),
    _route("POST", "fulfillment:packages/{package_id}/uncombine", "202309", _SPLIT, splitting.uncombine),
    _route("GET", "fulfillment:orders/split_attributes", "202309", _SPLIT, splitting.split_attributes),
    _route("POST", "fulfillment:orders/{order_id}/split", "202309", _SPLIT, splitting.split),
    _route("GET", "fulfillment:combinable_packages/search", "202309", _SPLIT, splitting.combinable_search),
    _route("POST", "fulfillment:orders/{order_id}/packages", "202309 202610", _SHIP, ship.mark_shipped),
    _route(
        "POST", "fulfillment:orders/{order_id}/shipping_info/update", "202309", _SHIP, ship.update_order_shipping
    ),
    _route("GET", "fulfillment:orders/{order_id}/tracking", "202309", _SHIP, packages.tracking),
    _route(
        "POST", "fulfillment:orders/{order_id}/shipping_services/query", "202309", _SHIP, ship.query_services
    ),
    _route("POST", "return_refund:cancellations/search", "202309 202602", _REFUND, cancellations.search),
    _route("POST", "return_refund:cancellations", "202309 202602", _REFUND, cancellations.create),
    _route(
        "POST", "return_refund:cancellations/{cancel_id}/approve", "202309", _REFUND, cancellations.approve
    ),
    _route("POST", "return_refund:cancellations/{cancel_id}/reject", "202309", _REFUND, cancellations.reject),
    _route("POST", "return_refund:returns/search", "202309 202602", _REFUND, returns.search),
    _route("GET", "return_refund:returns/{return_id}/records", "202309", _REFUND, returns.records),
    _route("POST", "return_refund:returns/{return_id}/approve", "202309", _REFUND, returns.approve),
    _route("POST", "return_refund:returns/{return_id}/reject", "202309 202606", _REFUND, returns.reject),
    _route("POST", "return_refund:refunds/calculate", "202309 202602", _REFUND, returns.calculate),
    _route(
        "POST", "product:images/upload", "202309", "seller.product.basic", returns.upload_image,
        takes_shop=False, takes_files=True,
    ),
    _route("GET", "return_refund:reject_reasons", "202309", _REFUND, cancellations.reject_reasons),
    _route(
        "GET", "return_refund:decision_eligibility", "202601", _REFUND, cancellations.decision_eligibility
    ),
    _route(
        "GET", "return_refund:orders/{order_id}/aftersale_eligibility", "202309 202512 202602", _REFUND,
        cancellations.aftersale_eligibility,
    ),
    _route("POST", "product:products/search", "202309 202502", _PRODUCT, stock.search_products),
    _route("GET", "product:products/{product_id}", "202309", _PRODUCT, stock.product),
    _route("POST", "product:inventory/search", "202309", _PRODUCT, stock.search_stock),
    _route("POST", "product:products/{product_id}/inventory/update", "202309", _STOCK, stock.update_stock),
    _route("GET", "logistics:warehouses", "202309", _LOGISTICS, logistics.warehouses),
    _route(
        "GET", "logistics:warehouses/{warehouse_id}/delivery_options", "202309", _LOGISTICS,
        logistics.delivery_options,
    ),
    _route(
        "GET", "logistics:delivery_options/{delivery_option_id}/shipping_providers", "202309", _LOGISTICS,
        logistics.shipping_providers,
    ),
    _route("GET", "finance:statements", "202309", _FINANCE, finance.statements),
    _route(
        "GET", "finance:statements/{statement_id}/statement_transactions", "202309 202501", _FINANCE,
        finance.transactions,
    ),
    _route(
        "GET", "finance:orders/{order_id}/statement_transactions", "202309 202501", _FINANCE,
        finance.order_transactions,
    ),
    _route("GET", "finance:orders/unsettled", "202507", _FINANCE, finance.unsettled),
    _route("GET", "finance:payments", "202309 202605", _FINANCE, finance.payments),
    _route("GET", "finance:withdrawals", "202309", _FINANCE, finance.withdrawals),
    _route("GET", "customer_service:conversations", "202309", _CHAT, chats.conversations),
    _route("POST", "customer_service:conversations", "202309", _CHAT, chats.open_conversation),
    _route("GET", _TALK, "202601", _CHAT, chats.one_conversation),
    _route("GET", f"{_TALK}/messages", "202309", _CHAT, chats.messages),
    _route("POST", f"{_TALK}/messages", "202309 202606", _CHAT, chats.send),
    _route("POST", f"{_TALK}/messages/read", "202309", _CHAT, chats.mark_read),
    _route("GET", "customer_service:agents/settings", "202309", _CHAT, chats.agent_settings),
    _route("PUT", "customer_service:agents/settings", "202309", _CHAT, chats.change_agent_settings),
    _route("GET", "customer_service:performance", "202407", _CHAT, chats.performance),
)  # fmt: skip

_BY_CATEGORY: dict[str, list[Route]] = {}
for _one in ROUTES:
    # Literal segments win over placeholders: /packages/search is no package id.
    _BY_CATEGORY.setdefault(_one.category, []).append(_one)
for _routes in _BY_CATEGORY.values():
    _routes.sort(key=lambda route: route.resource.count("{"))


def find(method: str, path: str) -> tuple[Route, dict[str, str], str]:
    """The endpoint, its path parameters and the version. Raises 36009009, 36009010 or 36009014."""
    shape = _PATH.fullmatch(path)
    if shape is None:
        raise ApiError(NO_SUCH_PATH, f"no such path: {path}")
    category, version, resource = shape.groups()
    matching = [
        (route, match)
        for route in _BY_CATEGORY.get(category, [])
        if (match := route.pattern.fullmatch(resource)) is not None
    ]
    if not matching:
        raise ApiError(NO_SUCH_PATH, f"no such path: {path}")
    fewest = matching[0][0].resource.count("{")
    closest = [pair for pair in matching if pair[0].resource.count("{") == fewest]
    for route, match in closest:
        if route.method == method:
            if version not in route.versions:
                raise ApiError(BAD_VERSION, f"API version {version} is invalid for this path")
            return route, match.groupdict(), version
    raise ApiError(WRONG_METHOD, f"method {method} is not allowed for this path")
