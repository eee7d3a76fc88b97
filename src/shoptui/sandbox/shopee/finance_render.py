"""Settled amounts in Shopee's wire shape: an order's income, wallet rows, income rows. Amounts are JSON numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..world.finance import Book
from ..world.finance_model import Entry, EntryKind, Move, MoveKind, Piece
from ..world.model import Order
from ..world.regions import Region
from .render import Renderer, item_groups, money

#: Fields of `order_income` that are nothing here.
_ALWAYS_ZERO = (
    "buyer_transaction_fee",
    "campaign_fee",
    "coins",
    "credit_card_promotion",
    "cross_border_tax",
    "delivery_seller_protection_fee_premium_amount",
    "drc_adjustable_refund",
    "escrow_tax",
    "final_escrow_product_gst",
    "final_escrow_shipping_gst",
    "final_return_to_seller_shipping_fee",
    "order_ams_commission_fee",
    "overseas_return_service_fee",
    "payment_promotion",
    "reverse_shipping_fee",
    "rsf_seller_protection_fee_claim_amount",
    "sales_tax_on_lvg",
    "seller_coin_cash_back",
    "seller_lost_compensation",
    "seller_return_refund",
    "seller_shipping_discount",
    "shipping_fee_discount_from_3pl",
    "shipping_seller_protection_fee_amount",
    "voucher_from_seller",
    "voucher_from_shopee",
)
#: Money withheld as tax is split over two fields where there are two taxes.
_TWO_TAXES = frozenset({"VN"})


def escrow(book: Book, order: Order, sale: Mapping[Piece, int], later: list[Entry], render: Renderer) -> dict[str, Any]:
    """The answer of get_escrow_detail: `sale` is the order's settlement or its estimate, `later` what came after."""
    region = book.region
    return {
        "order_sn": order.id,
        "buyer_user_name": order.buyer.nickname,
        "return_order_sn_list": [entry.return_id for entry in later if entry.return_id],
        "order_income": _income(book, order, sale, later, render),
        "buyer_payment_info": {
            "buyer_payment_method": _method(order),
            "buyer_total_amount": money(_paid(order), region),
            "merchant_subtotal": money(sum(line.paid_minor for line in order.open_lines), region),
            "shipping_fee": money(order.shipping_fee_minor - order.shipping_discount_minor, region),
            "seller_voucher": 0,
            "shopee_voucher": 0,
            "shopee_coins_redeemed": 0,
            "is_paid_by_credit_card": False,
        },
    }


def _method(order: Order) -> str:
    return "Cash on Delivery" if order.is_cod else "Online Banking"


def _paid(order: Order) -> int:
    carriage = order.shipping_fee_minor - order.shipping_discount_minor
    return sum(line.paid_minor for line in order.open_lines) + carriage


def _income(
    book: Book, order: Order, sale: Mapping[Piece, int], later: list[Entry], render: Renderer
) -> dict[str, Any]:
    region, lines = book.region, order.open_lines
    net, adjusted = sum(sale.values()), sum(entry.net for entry in later)
    listed = sum(line.price_minor for line in lines)
    seller = sum(line.seller_discount_minor for line in lines)
    shopee = sum(line.platform_discount_minor for line in lines)
    tax = -sale.get(Piece.TAX, 0)
    vat = tax * 2 // 3 if region.code in _TWO_TAXES else 0
    carriage = -sale.get(Piece.SHIPPING, 0)
    amounts = {
        "escrow_amount": net,
        "escrow_amount_after_adjustment": net + adjusted,
        "total_adjustment_amount": adjusted,
        "buyer_total_amount": _paid(order),
        "order_original_price": listed,
        "original_price": listed,
        "order_selling_price": listed,
        "order_discounted_price": listed - seller,
        "order_seller_discount": seller,
        "seller_discount": seller,
        "shopee_discount": shopee,
        "original_shopee_discount": shopee,
        "cost_of_goods_sold": listed - seller,
        "original_cost_of_goods_sold": listed - seller,
        "buyer_paid_shipping_fee": sale.get(Piece.SHIPPING_BUYER, 0),
        "estimated_shipping_fee": order.shipping_fee_minor,
        "actual_shipping_fee": carriage,
        "final_shipping_fee": sale.get(Piece.SHIPPING_BUYER, 0) + sale.get(Piece.SUBSIDY, 0) - carriage,
        "shopee_shipping_rebate": sale.get(Piece.SUBSIDY, 0),
        "commission_fee": -sale.get(Piece.COMMISSION, 0),
        "service_fee": -sale.get(Piece.SERVICE, 0),
        "seller_transaction_fee": -sale.get(Piece.PAYMENT, 0),
        "credit_card_transaction_fee": -sale.get(Piece.PAYMENT, 0),
        "seller_order_processing_fee": -sale.get(Piece.ORDER_FEE, 0),
        "withholding_tax": 0 if region.code in _TWO_TAXES else tax,
        "withholding_vat_tax": vat,
        "withholding_pit_tax": tax - vat if region.code in _TWO_TAXES else 0,
        **dict.fromkeys(_ALWAYS_ZERO, 0),
    }
    return {
        **{name: money(amount, region) for name, amount in amounts.items()},
        "buyer_payment_method": _method(order),
        "instalment_plan": "N/A",
        "seller_voucher_code": [],
        "order_chargeable_weight": sum(line.sku.weight_g for line in lines),
        "order_adjustment": [
            {
                "amount": money(entry.net, region),
                "date": entry.at,
                "currency": region.currency,
                "adjustment_reason": "Return refund" if entry.kind is EntryKind.REFUND else "Order income",
            }
            for entry in later
        ],
        "items": _items(order, region, render),
    }


def _items(order: Order, region: Region, render: Renderer) -> list[dict[str, Any]]:
    """Prices are of the whole line, not of a piece."""
    rows = []
    for _number, lines in item_groups(order):
        first, units = lines[0], len(lines)
        item_id, model_id = render.ids(order.store, first)
        price = first.price_minor * units
        rows.append(
            {
                "item_id": item_id,
                "item_name": first.sku.product_name,
                "item_sku": first.sku.code,
                "model_id": model_id,
                "model_name": first.sku.variant if model_id else "",
                "model_sku": first.sku.code if model_id else "",
                "original_price": money(price, region),
                "selling_price": money(price, region),
                "discounted_price": money(price - first.seller_discount_minor * units, region),
                "seller_discount": money(first.seller_discount_minor * units, region),
                "shopee_discount": money(first.platform_discount_minor * units, region),
                "discount_from_coin": 0,
                "discount_from_voucher_shopee": 0,
                "discount_from_voucher_seller": 0,
                "activity_type": "",
                "activity_id": 0,
                "is_main_item": False,
                "quantity_purchased": units,
                "is_b2c_shop_item": False,
                "ams_commission_fee": 0,
            }
        )
    return rows


def _kind_of(move: Move) -> tuple[str, str, str]:
    """Transaction type, tab, and what a person reads."""
    if move.kind is MoveKind.WITHDRAWN or move.entry is None:
        return "WITHDRAWAL_CREATED", "wallet_withdrawals", "Auto withdrawal"
    match move.entry.kind:
        case EntryKind.ORDER:
            word = "ESCROW_VERIFIED_ADD" if move.amount >= 0 else "ESCROW_VERIFIED_MINUS"
            return word, "wallet_order_income", "Income from order"
        case EntryKind.REFUND:
            return "ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED", "wallet_refund_from_order", "Return refund"
        case EntryKind.ADS:
            return "PAID_ADS_CHARGE", "wallet_wallet_payment", "Ads"
        case EntryKind.PENALTY:
            return "ADJUSTMENT_MINUS", "wallet_adjustment_filter", "Penalty"
        case EntryKind.COMPENSATION:
            return "SELLER_COMPENSATE_ADD", "wallet_adjustment_filter", "Compensation for a lost parcel"


def wallet_row(move: Move, region: Region, shop_name: str) -> dict[str, Any]:
    """One row of the wallet; `current_balance` is what was there after it."""
    word, tab, reason = _kind_of(move)
    order = move.entry.order if move.entry is not None else None
    withdrawn = move.kind is MoveKind.WITHDRAWN
    return {
        "status": "COMPLETED",
        "transaction_type": word,
        "amount": money(move.amount, region),
        "current_balance": money(move.balance, region),
        "create_time": move.at,
        "order_sn": order.id if order is not None else "",
        "refund_sn": move.entry.return_id if move.entry is not None else "",
        "withdrawal_type": "AUTO" if withdrawn else "",
        "transaction_fee": 0,
        "description": reason,
        "buyer_name": order.buyer.nickname if order is not None else "",
        "pay_order_list": [],
        "shop_name": shop_name,
        "withdrawal_id": int(move.id) if withdrawn else 0,
        "reason": reason,
        "root_withdrawal_id": 0,
        "transaction_tab_type": tab,
        "money_flow": "MONEY_IN" if move.amount >= 0 else "MONEY_OUT",
    }


def tab_of(move: Move) -> str:
    """The list of the wallet that a row stands in."""
    return _kind_of(move)[1]


def type_of(move: Move) -> str:
    return _kind_of(move)[0]
