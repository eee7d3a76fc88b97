"""The table of operations: path without the gateway's prefix, methods, the group of the API, handler."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from . import (
    cancellations,
    chats,
    documents,
    finance,
    handing,
    legacy,
    orders,
    packing,
    returns,
    sellers,
    stock,
    tracing,
)
from .call import Answer, Call
from .codes import NO_SUCH_API, ApiError

Handler: TypeAlias = Callable[[Call], Answer]

_GATEWAY = re.compile(r"(?:/(?P<country>sg|my|th|vn|ph|id))?/rest(?P<path>/.*)")


@dataclass(frozen=True, slots=True)
class Route:
    """`scope` is the group of the API; None marks calls without an access token.

    `calls_per_s` is a limit of the call's own, 0 where only the common one applies.
    """

    handler: Handler
    scope: str | None
    calls_per_s: int = 0


ROUTES = {
    "/auth/token/create": Route(sellers.token_create, None),
    "/auth/token/createWithOpenId": Route(sellers.token_create, None),
    "/auth/token/refresh": Route(sellers.token_refresh, None),
    "/seller/get": Route(sellers.seller, "seller"),
    "/seller/metrics/get": Route(sellers.metrics, "seller"),
    "/orders/get": Route(orders.order_list, "order"),
    "/order/get": Route(orders.order_detail, "order"),
    "/order/items/get": Route(orders.order_items, "order"),
    "/orders/items/get": Route(orders.several_items, "order"),
    "/order/fulfill/pack": Route(packing.fulfil_pack, "fulfillment"),
    "/order/shipment/providers/get": Route(packing.providers, "fulfillment", calls_per_s=1),
    "/order/package/rts": Route(handing.ready_to_ship, "fulfillment"),
    "/order/package/repack": Route(packing.repack, "fulfillment"),
    "/order/package/document/get": Route(documents.package_document, "fulfillment"),
    "/order/package/sof/collect": Route(handing.fleet_collected, "fulfillment"),
    "/order/package/sof/delivered": Route(handing.fleet_delivered, "fulfillment"),
    "/order/package/sof/failed_delivery": Route(handing.fleet_failed, "fulfillment"),
    "/order/digital/delivered": Route(handing.digital_delivered, "fulfillment"),
    "/order/pack": Route(legacy.pack, "order"),
    "/order/rts": Route(legacy.ready_to_ship, "order"),
    "/order/repack": Route(legacy.repack, "order"),
    "/order/cancel": Route(legacy.cancel, "order"),
    "/order/failure_reason/get": Route(legacy.failure_reasons, "order"),
    "/order/sof/delivered": Route(legacy.fleet_delivered, "order"),
    "/order/sof/failed_delivery": Route(legacy.fleet_failed, "order"),
    "/order/document/get": Route(documents.order_document, "order"),
    "/order/document/awb/pdf/get": Route(documents.awb_pdf, "order"),
    "/order/document/awb/html/get": Route(documents.awb_html, "order"),
    "/shipment/providers/get": Route(legacy.providers, "logistics", calls_per_s=1),
    "/logistic/order/trace": Route(tracing.trace, "logistics"),
    "/order/reverse/cancel/validate": Route(cancellations.validate, "reverse"),
    "/order/reverse/cancel/create": Route(cancellations.create, "reverse"),
    "/order/reverse/cancel/seller/decide": Route(cancellations.decide, "reverse"),
    "/products/get": Route(stock.products, "product"),
    "/product/item/get": Route(stock.product, "product"),
    "/product/stock/sellable/update": Route(stock.update_sellable, "product", calls_per_s=50),
    "/product/stock/sellable/adjust": Route(stock.adjust_sellable, "product", calls_per_s=50),
    "/product/price_quantity/update": Route(stock.update_price_quantity, "product", calls_per_s=50),
    "/seller/warehouse/get": Route(stock.warehouses, "seller"),
    "/finance/payout/status/get": Route(finance.payouts, "finance"),
    "/finance/transaction/details/get": Route(finance.transactions, "finance"),
    "/finance/transaction/accountTransactions/query": Route(finance.account, "finance"),
    "/reverse/getreverseordersforseller": Route(returns.reverse_orders, "reverse"),
    "/order/reverse/return/detail/list": Route(returns.detail, "reverse"),
    "/order/reverse/return/history/list": Route(returns.history, "reverse"),
    "/order/reverse/reason/list": Route(returns.reasons, "reverse"),
    "/order/reverse/return/update": Route(returns.update, "reverse"),
    "/order/reverse/onlyrefund/seller/decide": Route(returns.only_refund, "reverse"),
    "/image/upload": Route(returns.upload_image, "product"),
    "/im/session/list": Route(chats.session_list, "im"),
    "/im/session/get": Route(chats.session_get, "im"),
    "/im/session/read": Route(chats.session_read, "im"),
    "/im/session/open": Route(chats.session_open, "im"),
    "/im/message/list": Route(chats.message_list, "im"),
    "/im/message/send": Route(chats.message_send, "im"),
    "/im/message/recall": Route(chats.message_recall, "im"),
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
