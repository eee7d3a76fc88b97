"""Settled amounts in TikTok Shop's wire shape: flat (202309), nested (202501), by order, unsettled, statements."""

from __future__ import annotations

from typing import Any

from ..world.finance import Book
from ..world.finance_model import Entry, EntryKind, Estimate, Move, MoveKind, Piece, Statement, pieces_by_line
from ..world.market import IdSeries
from ..world.model import Line, Order
from ..world.regions import Region, money_text

_STATEMENT_IDS = IdSeries(7_490_804_564_097_517_339, 1_103)
_PAYMENT_IDS = IdSeries(3_459_275_187_040_700_849, 8_209)
_PER_STORE = 100_000
#: What an estimate promises an order that is not completed.
_USUAL_WAIT = "Delivered + 8 days"

TYPES = {
    EntryKind.ORDER: "ORDER",
    EntryKind.REFUND: "ORDER",
    EntryKind.ADS: "GMV_PAYMENT_FOR_ADS",
    EntryKind.PENALTY: "PLATFORM_PENALTY",
    EntryKind.COMPENSATION: "LOGISTICS_REIMBURSEMENT",
}
REVENUE = (Piece.ITEM, Piece.SELLER_DISCOUNT, Piece.REFUND)
CARRIAGE = (Piece.SHIPPING, Piece.SHIPPING_BUYER, Piece.SUBSIDY, Piece.SHIPPING_BACK)
FEES = (Piece.COMMISSION, Piece.PAYMENT, Piece.SERVICE, Piece.ORDER_FEE)
ADJUSTMENTS = (Piece.ADS, Piece.PENALTY, Piece.COMPENSATION)

_FLAT = {
    "gross_sales_amount": Piece.ITEM,
    "gross_sales_refund_amount": Piece.REFUND,
    "seller_discount_amount": Piece.SELLER_DISCOUNT,
    "platform_commission_amount": Piece.COMMISSION,
    "transaction_fee_amount": Piece.PAYMENT,
    "dynamic_commission_amount": Piece.SERVICE,
    "order_processing_fee_amount": Piece.ORDER_FEE,
    "actual_shipping_fee_amount": Piece.SHIPPING,
    "customer_paid_shipping_fee_amount": Piece.SHIPPING_BUYER,
    "shipping_fee_subsidy_amount": Piece.SUBSIDY,
    "return_shipping_fee_amount": Piece.SHIPPING_BACK,
    "withholding_tax_amount": Piece.TAX,
}
#: Amounts every flat row has, whether the market knows them or not.
_ALWAYS_ZERO = (
    "referral_fee_amount",
    "affiliate_commission_amount",
    "affiliate_ads_commission_amount",
    "affiliate_partner_commission_amount",
    "credit_card_handling_fee_amount",
    "flash_sales_service_fee_amount",
    "live_specials_fee_amount",
    "refund_administration_fee_amount",
    "retail_delivery_fee_amount",
    "sales_tax_amount",
    "sales_tax_payment_amount",
    "sales_tax_refund_amount",
    "voucher_xtra_service_fee_amount",
    "bonus_cashback_service_fee_amount",
)
_REVENUE_NAMES = {
    "subtotal_before_discount_amount": Piece.ITEM,
    "seller_discount_amount": Piece.SELLER_DISCOUNT,
    "refund_subtotal_before_discount_amount": Piece.REFUND,
}
_CARRIAGE_NAMES = {
    "actual_shipping_fee_amount": Piece.SHIPPING,
    "customer_paid_shipping_fee_amount": Piece.SHIPPING_BUYER,
    "shipping_fee_discount_amount": Piece.SUBSIDY,
    "return_shipping_fee_amount": Piece.SHIPPING_BACK,
}
_FEE_NAMES = {
    "platform_commission_amount": Piece.COMMISSION,
    "transaction_fee_amount": Piece.PAYMENT,
    "dynamic_commission_amount": Piece.SERVICE,
    "order_processing_fee_amount": Piece.ORDER_FEE,
}
_TAX_NAMES = {"withholding_tax_amount": Piece.TAX}


def statement_id(book: Book, statement: Statement) -> str:
    return _STATEMENT_IDS.nth(book.number * _PER_STORE + statement.number)


def payment_id(book: Book, statement: Statement) -> str:
    return _PAYMENT_IDS.nth(book.number * _PER_STORE + statement.number)


def statement(book: Book, one: Statement, now: int) -> dict[str, Any]:
    """One row of the statement list. Outside SEA sales and carriage stand apart, in the US and UK without revenue."""
    region = book.region
    entries = book.entries_of(one)
    paid = one.paid_at is not None and one.paid_at <= now
    carriage = _sum(entries, CARRIAGE)
    fees = _sum(entries, (*FEES, Piece.TAX))
    revenue = _sum(entries, REVENUE)
    row: dict[str, Any] = {
        "id": statement_id(book, one),
        "statement_time": one.end_at,
        "currency": region.currency,
        "settlement_amount": money_text(one.net, region),
        "revenue_amount": "" if region.code in ("US", "GB") else money_text(revenue, region),
        "fee_amount": money_text(fees + carriage if region.is_sea else fees, region),
        "adjustment_amount": money_text(_sum(entries, ADJUSTMENTS), region),
        "payment_status": "PAID" if paid or one.net == 0 else "PROCESSING",
        "payment_id": payment_id(book, one) if paid else "",
        "payment_time": one.paid_at if paid else 0,
    }
    if not region.is_sea:
        row["net_sales_amount"] = money_text(revenue, region)
        row["shipping_cost_amount"] = money_text(carriage, region)
    return row


def totals(book: Book, one: Statement, now: int) -> dict[str, Any]:
    """What stands above the flat transactions of a statement."""
    row = statement(book, one, now)
    entries = book.entries_of(one)
    return {
        "statement_id": row["id"],
        "statement_time": row["statement_time"],
        "currency": row["currency"],
        "settlement_amount": row["settlement_amount"],
        "revenue_amount": money_text(_sum(entries, REVENUE), book.region),
        "net_sales_amount": money_text(_sum(entries, REVENUE), book.region),
        "shipping_cost_amount": money_text(_sum(entries, CARRIAGE), book.region),
        "fee_amount": row["fee_amount"],
        "adjustment_amount": row["adjustment_amount"],
    }


def nested_totals(book: Book, one: Statement) -> dict[str, Any]:
    """What stands above the nested transactions of a statement."""
    region, entries = book.region, book.entries_of(one)
    return {
        "id": statement_id(book, one),
        "create_time": one.end_at,
        "status": "SETTLED",
        "currency": region.currency,
        "payable_amount": money_text(one.net, region),
        "total_reserve_amount": money_text(0, region),
        "total_settlement_amount": money_text(one.net, region),
        "total_settlement_breakdown": {
            "total_revenue_amount": money_text(_sum(entries, REVENUE), region),
            "total_shipping_cost_amount": money_text(_sum(entries, CARRIAGE), region),
            "total_fee_tax_amount": money_text(_sum(entries, (*FEES, Piece.TAX)), region),
            "total_adjustment_amount": money_text(_sum(entries, ADJUSTMENTS), region),
        },
    }


def _sum(entries: list[Entry], pieces: tuple[Piece, ...]) -> int:
    return sum(entry.sum_of(*pieces) for entry in entries)


def _who(entry: Entry) -> dict[str, Any]:
    order = entry.order
    return {
        "id": entry.id,
        "type": TYPES[entry.kind],
        "order_id": order.id if order is not None else "",
        "order_create_time": order.created_at if order is not None else 0,
        "adjustment_id": entry.id if order is None else "",
        "adjustment_order_id": "",
    }


def flat(entry: Entry, region: Region) -> dict[str, Any]:
    """A transaction of 202309. Outside SEA `fee_amount` has no carriage in it."""
    carriage, fees = entry.sum_of(*CARRIAGE), entry.sum_of(*FEES, Piece.TAX)
    platform = sum(line.platform_discount_minor for line in entry.lines) if entry.kind is EntryKind.ORDER else 0
    sale = entry.kind is EntryKind.ORDER
    money = {
        "settlement_amount": entry.net,
        "revenue_amount": entry.sum_of(*REVENUE),
        "fee_amount": fees + carriage if region.is_sea else fees,
        "shipping_fee_amount": carriage,
        "adjustment_amount": entry.sum_of(*ADJUSTMENTS),
        "net_sales_amount": entry.sum_of(*REVENUE),
        "platform_discount_amount": platform,
        "customer_payment_amount": sum(line.paid_minor for line in entry.lines) if sale else 0,
        "customer_refund_amount": entry.sum_of(Piece.REFUND),
        **{name: entry.pieces.get(piece, 0) for name, piece in _FLAT.items()},
        **dict.fromkeys(_ALWAYS_ZERO, 0),
    }
    texts = {name: money_text(amount, region) for name, amount in money.items()}
    return {**_who(entry), "currency": region.currency, **texts}


def nested(entry: Entry, region: Region) -> dict[str, Any]:
    """A transaction of 202501."""
    zero = money_text(0, region)
    return {
        **_who(entry),
        **_breakdowns(dict(entry.pieces), region),
        "fee_tax_amount": money_text(entry.sum_of(*FEES, Piece.TAX), region),
        "adjustment_amount": money_text(entry.sum_of(*ADJUSTMENTS), region),
        "reserve_id": "",
        "reserve_status": "",
        "reserve_amount": zero,
        "estimated_release_time": 0,
    }


def _breakdowns(pieces: dict[Piece, int], region: Region) -> dict[str, Any]:
    def total(*names: Piece) -> str:
        return money_text(sum(pieces.get(name, 0) for name in names), region)

    def part(names: dict[str, Piece]) -> dict[str, str]:
        return {name: money_text(pieces.get(piece, 0), region) for name, piece in names.items()}

    return {
        "settlement_amount": money_text(sum(pieces.values()), region),
        "revenue_amount": total(*REVENUE),
        "revenue_breakdown": part(_REVENUE_NAMES),
        "shipping_cost_amount": total(*CARRIAGE),
        "shipping_cost_breakdown": {
            **part(_CARRIAGE_NAMES),
            "supplementary_component": {
                "platform_shipping_fee_discount_amount": total(Piece.SUBSIDY),
                "seller_shipping_fee_discount_amount": money_text(0, region),
            },
        },
        "fee_tax_breakdown": {"fee": part(_FEE_NAMES), "tax": part(_TAX_NAMES)},
    }


def by_order(book: Book, order: Order, entries: list[tuple[Statement, Entry]]) -> dict[str, Any]:
    """The transactions of one order in 202309: one per entry, each with its SKUs."""
    region = book.region
    return {
        "order_id": order.id,
        "order_create_time": order.created_at,
        "statement_transactions": [
            {
                **flat(entry, region),
                "statement_id": statement_id(book, one),
                "statement_time": one.end_at,
                "status": "SETTLED",
                "sku_statement_transactions": [
                    {
                        "sku_id": line.sku.id,
                        "sku_name": line.sku.variant,
                        "product_name": line.sku.product_name,
                        "quantity": units,
                        "settlement_amount": money_text(sum(pieces.values()), region),
                        **{name: money_text(pieces.get(piece, 0), region) for name, piece in _FLAT.items()},
                    }
                    for line, units, pieces in _by_sku(entry)
                ],
            }
            for one, entry in entries
        ],
    }


def by_order_nested(book: Book, order: Order, entries: list[tuple[Statement, Entry]]) -> dict[str, Any]:
    """The transactions of one order in 202501: one per SKU and statement, fees and taxes under another name."""
    region = book.region
    every = [entry for _, entry in entries]
    return {
        "order_id": order.id,
        "order_create_time": order.created_at,
        "currency": region.currency,
        "revenue_amount": money_text(_sum(every, REVENUE), region),
        "fee_and_tax_amount": money_text(_sum(every, (*FEES, Piece.TAX)), region),
        "shipping_cost_amount": money_text(_sum(every, CARRIAGE), region),
        "settlement_amount": money_text(sum(entry.net for entry in every), region),
        "sku_transactions": [
            {
                "sku_id": line.sku.id,
                "sku_name": line.sku.variant,
                "product_name": line.sku.product_name,
                "quantity": str(units),
                "statement_id": statement_id(book, one),
                "statement_time": one.end_at,
                "fee_tax_amount": money_text(sum(pieces.get(piece, 0) for piece in (*FEES, Piece.TAX)), region),
                **_breakdowns(pieces, region),
            }
            for one, entry in entries
            for line, units, pieces in _by_sku(entry)
        ],
    }


def _by_sku(entry: Entry) -> list[tuple[Line, int, dict[Piece, int]]]:
    found: dict[str, tuple[Line, int, dict[Piece, int]]] = {}
    for line, pieces in zip(entry.lines, pieces_by_line(entry), strict=True):
        first, units, total = found.get(line.sku.id, (line, 0, {}))
        for piece, amount in pieces.items():
            total[piece] = total.get(piece, 0) + amount
        found[line.sku.id] = first, units + 1, total
    return list(found.values())


def estimate(one: Estimate, region: Region) -> dict[str, Any]:
    """An order whose money is still to come."""
    order = one.order
    rows = _breakdowns(dict(one.pieces), region)
    fees = sum(one.pieces.get(piece, 0) for piece in (*FEES, Piece.TAX))
    return {
        "id": f"{order.id}1",
        "type": "ORDER",
        "status": "UNSETTLED",
        "currency": region.currency,
        "order_id": order.id,
        "adjustment_id": "",
        "order_create_time": order.created_at,
        "order_delivery_time": order.delivered_at or 0,
        "estimated_settlement": str(one.due_at) if one.due_at is not None else _USUAL_WAIT,
        "unsettled_reason": "ORDER_NOT_DELIVERED" if order.delivered_at is None else "IN_SETTLEMENT_PERIOD",
        "est_settlement_amount": money_text(one.net, region),
        "est_revenue_amount": rows["revenue_amount"],
        "est_shipping_cost_amount": rows["shipping_cost_amount"],
        "est_fee_tax_amount": money_text(fees, region),
        "est_adjustment_amount": money_text(0, region),
    }


def payment(book: Book, one: Statement, now: int) -> dict[str, Any]:
    """The payout of one statement, where markets have payouts at all."""
    paid = one.paid_at is not None and one.paid_at <= now
    amount = {"value": money_text(one.net, book.region), "currency": book.region.currency}
    return {
        "id": payment_id(book, one),
        "create_time": one.end_at + 8 * 3600,
        "status": "PAID" if paid else "PROCESSING",
        "amount": amount,
        "settlement_amount": amount,
        "reserve_amount": {"value": money_text(0, book.region), "currency": book.region.currency},
        "payment_amount_before_exchange": amount,
        "exchange_rate": "1.000000",
        "paid_time": one.paid_at if paid else 0,
        "bank_account": "4417",
    }


def movement(move: Move, region: Region) -> dict[str, Any]:
    """Money in or out of the wallet; what is withdrawn has no sign, its type says the direction."""
    out = move.kind is MoveKind.WITHDRAWN
    return {
        "id": move.id,
        "type": "WITHDRAW" if out else "SETTLE",
        "amount": money_text(-move.amount if out else move.amount, region),
        "currency": region.currency,
        "status": "SUCCESS",
        "create_time": move.at,
    }
