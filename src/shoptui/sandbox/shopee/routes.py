"""The table of operations: method, path, who is asked for, handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from . import (
    arranging,
    cancellations,
    channels,
    chats,
    documents,
    finance,
    health,
    orders,
    packages,
    returns,
    shops,
    splitting,
    stock,
    tracking,
)
from .call import Answer, Call
from .codes import NOT_FOUND, ApiError

Handler: TypeAlias = Callable[[Call], Answer]

PREFIX = "/api/v2/"


@dataclass(frozen=True, slots=True)
class Route:
    """`is_public` calls are signed without token and shop; the body of those that take files is no JSON."""

    handler: Handler
    is_public: bool = False
    takes_files: bool = False


ROUTES = {
    ("POST", "auth/token/get"): Route(shops.token_get, is_public=True),
    ("POST", "auth/access_token/get"): Route(shops.token_refresh, is_public=True),
    ("GET", "public/get_shops_by_partner"): Route(shops.shops_by_partner, is_public=True),
    ("GET", "public/get_merchants_by_partner"): Route(shops.merchants_by_partner, is_public=True),
    ("GET", "public/get_shopee_ip_ranges"): Route(shops.shopee_ip_ranges, is_public=True),
    ("GET", "shop/get_shop_info"): Route(shops.shop_info),
    ("GET", "shop/get_profile"): Route(shops.profile),
    ("GET", "shop/get_warehouse_detail"): Route(shops.warehouse_detail),
    ("GET", "order/get_order_list"): Route(orders.order_list),
    ("GET", "order/get_order_detail"): Route(orders.order_detail),
    ("GET", "order/get_shipment_list"): Route(orders.shipment_list),
    ("POST", "order/set_note"): Route(orders.set_note),
    ("POST", "order/search_package_list"): Route(packages.search),
    ("GET", "order/get_package_detail"): Route(packages.detail),
    ("POST", "order/cancel_order"): Route(cancellations.cancel_order),
    ("POST", "order/handle_buyer_cancellation"): Route(cancellations.handle_buyer_cancellation),
    ("POST", "order/split_order"): Route(splitting.split_order),
    ("POST", "order/unsplit_order"): Route(splitting.unsplit_order),
    ("GET", "logistics/get_shipping_parameter"): Route(arranging.shipping_parameter),
    ("POST", "logistics/get_mass_shipping_parameter"): Route(arranging.mass_shipping_parameter),
    ("POST", "logistics/ship_order"): Route(arranging.ship_order),
    ("POST", "logistics/mass_ship_order"): Route(arranging.mass_ship_order),
    ("POST", "logistics/update_shipping_order"): Route(arranging.update_shipping_order),
    ("POST", "logistics/batch_ship_order"): Route(arranging.batch_ship_order),
    ("GET", "logistics/get_tracking_number"): Route(tracking.tracking_number),
    ("POST", "logistics/get_mass_tracking_number"): Route(tracking.mass_tracking_number),
    ("GET", "logistics/get_tracking_info"): Route(tracking.tracking_info),
    ("POST", "logistics/get_shipping_document_parameter"): Route(documents.parameter),
    ("POST", "logistics/create_shipping_document"): Route(documents.create),
    ("POST", "logistics/get_shipping_document_result"): Route(documents.result),
    ("POST", "logistics/download_shipping_document"): Route(documents.download),
    ("GET", "logistics/get_address_list"): Route(channels.address_list),
    ("GET", "logistics/get_channel_list"): Route(channels.channel_list),
    ("GET", "product/get_item_list"): Route(stock.item_list),
    ("GET", "product/get_item_base_info"): Route(stock.base_info),
    ("GET", "product/get_model_list"): Route(stock.model_list),
    ("POST", "product/update_stock"): Route(stock.update_stock),
    ("GET", "returns/get_return_list"): Route(returns.return_list),
    ("GET", "returns/get_return_detail"): Route(returns.return_detail),
    ("GET", "returns/get_available_solutions"): Route(returns.available_solutions),
    ("GET", "returns/get_return_dispute_reason"): Route(returns.dispute_reasons),
    ("GET", "returns/get_reverse_tracking_info"): Route(returns.reverse_tracking),
    ("GET", "returns/query_proof"): Route(returns.query_proof),
    ("POST", "returns/confirm"): Route(returns.confirm),
    ("POST", "returns/offer"): Route(returns.offer),
    ("POST", "returns/accept_offer"): Route(returns.accept_offer),
    ("POST", "returns/dispute"): Route(returns.dispute),
    ("POST", "returns/cancel_dispute"): Route(returns.cancel_dispute),
    ("POST", "returns/convert_image"): Route(returns.convert_image, takes_files=True),
    ("POST", "returns/upload_proof"): Route(returns.upload_proof),
    ("GET", "payment/get_escrow_list"): Route(finance.escrow_list),
    ("GET", "payment/get_escrow_detail"): Route(finance.escrow_detail),
    ("POST", "payment/get_escrow_detail_batch"): Route(finance.escrow_detail_batch),
    ("GET", "payment/get_wallet_transaction_list"): Route(finance.wallet),
    ("GET", "payment/get_income_overview"): Route(finance.income_overview),
    ("GET", "payment/get_income_detail"): Route(finance.income_detail),
    ("GET", "sellerchat/get_conversation_list"): Route(chats.conversation_list),
    ("GET", "sellerchat/get_one_conversation"): Route(chats.one_conversation),
    ("GET", "sellerchat/get_message"): Route(chats.messages),
    ("GET", "sellerchat/get_unread_conversation_count"): Route(chats.unread_count),
    ("POST", "sellerchat/send_message"): Route(chats.send),
    ("POST", "sellerchat/send_autoreply_message"): Route(chats.send_autoreply),
    ("POST", "sellerchat/delete_message"): Route(chats.delete_message),
    ("POST", "sellerchat/read_conversation"): Route(chats.read),
    ("POST", "sellerchat/unread_conversation"): Route(chats.unread),
    ("POST", "sellerchat/pin_conversation"): Route(chats.pin),
    ("POST", "sellerchat/unpin_conversation"): Route(chats.unpin),
    ("POST", "sellerchat/mute_conversation"): Route(chats.mute),
    ("GET", "account_health/get_shop_performance"): Route(health.shop_performance),
}


def find(method: str, path: str) -> Route:
    """The operation of a path. Raises ApiError with HTTP status 404 for any other."""
    route = ROUTES.get((method, path.removeprefix(PREFIX)))
    if route is None:
        raise ApiError(NOT_FOUND, "", 404)
    return route
