"""Settled amounts in Lazada's wire shape, all of them text: statements, rows per unit and fee, account movements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from ..world.finance import Book
from ..world.finance_model import Entry, EntryKind, Move, MoveKind, Piece, Statement, pieces_by_line
from ..world.model import Line, Order, Store
from ..world.regions import Region, money_text
from .grants import short_code

_DAY = 86_400
#: From the end of a period to the moment its statement is made.
MADE_AFTER_S = _DAY + 2 * 3600 + 18 * 60 + 40
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_Fee = tuple[str, str, str]
"""Group, `fee_type`, `fee_name` (sheet, appendix A)."""
_SALE: dict[Piece, _Fee] = {
    Piece.ITEM: ("Orders-Sales", "13", "Item Price Credit"),
    Piece.SELLER_DISCOUNT: ("Orders-Marketing Fees", "118", "Promotional Charges Vouchers"),
    Piece.COMMISSION: ("Orders-Lazada Fees", "16", "Commission"),
    Piece.PAYMENT: ("Orders-Lazada Fees", "3", "Payment Fee"),
    Piece.SERVICE: ("Orders-Marketing Fees", "298", "Free Shipping Max Fee"),
    Piece.ORDER_FEE: ("Orders-Lazada Fees", "20", "Other Fee"),
    Piece.SHIPPING_BUYER: ("Orders-Logistics", "8", "Shipping Fee (Paid By Customer)"),
    Piece.SHIPPING: ("Orders-Logistics", "7", "Shipping Fee Paid by Seller"),
    Piece.SUBSIDY: ("Orders-Logistics", "157", "Auto. Shipping fee subsidy (by Lazada)"),
    Piece.REFUND: ("Refunds-Sales", "14", "Reversal Item Price"),
    Piece.SHIPPING_BACK: ("Refunds-Logistics", "200", "Return Shipping Fees"),
    Piece.ADS: ("Other Services-Lazada Fees", "112", "Sponsored Product Fee"),
    Piece.PENALTY: ("Orders-Lazada Fees", "54", "Penalty"),
    Piece.COMPENSATION: ("Refunds-Claims", "85", "Lost Claim"),
}
_REFUND: dict[Piece, _Fee] = {
    **_SALE,
    Piece.COMMISSION: ("Refunds-Lazada Fees", "15", "Reversal Commission"),
    Piece.SERVICE: ("Refunds-Marketing Fees", "299", "Reversal of Free Shipping Max Fee"),
}
FEE_TYPES = frozenset(fee[1] for fee in (*_SALE.values(), *_REFUND.values()))
#: What tax is withheld of: its row has the amount after it.
_TAXED = {EntryKind.ORDER: Piece.ITEM, EntryKind.REFUND: Piece.REFUND}
_VAT_OF_COMMISSION = 6

_REVENUE = (Piece.ITEM,)
_OTHER_REVENUE = (Piece.SHIPPING_BUYER, Piece.SUBSIDY, Piece.COMPENSATION)
_FEES = (
    Piece.SELLER_DISCOUNT,
    Piece.COMMISSION,
    Piece.PAYMENT,
    Piece.SERVICE,
    Piece.ORDER_FEE,
    Piece.SHIPPING,
    Piece.TAX,
    Piece.ADS,
    Piece.PENALTY,
)


def local(at: int, region: Region) -> datetime:
    """The venture's clock on the wall."""
    return datetime.fromtimestamp(at, UTC).astimezone(timezone(timedelta(seconds=region.utc_offset_s)))


def made_at(one: Statement) -> int:
    """When a statement can be seen (epoch s)."""
    return one.end_at + MADE_AFTER_S


def statement_number(store: Store, one: Statement, region: Region) -> str:
    return f"{short_code(store)}-{local(one.end_at, region):%Y-%m%d}"


def period(one: Statement, region: Region) -> str:
    """First and last day, as rows name their statement."""
    return f"{local(one.start_at, region):%d %b %Y} - {local(one.end_at - 1, region):%d %b %Y}"


def statement(book: Book, one: Statement, now: int) -> dict[str, str]:
    """One row of the payout list."""
    region = book.region
    sales = [entry for entry in book.entries_of(one) if entry.kind is not EntryKind.REFUND]
    refunds = [entry for entry in book.entries_of(one) if entry.kind is EntryKind.REFUND]
    revenue = sum(entry.sum_of(*_REVENUE) for entry in sales)
    other = sum(entry.sum_of(*_OTHER_REVENUE) for entry in sales)
    fees = -sum(entry.sum_of(*_FEES) for entry in sales)
    refunded = -sum(entry.net for entry in refunds)
    given_back = sum(entry.net - entry.sum_of(Piece.REFUND, Piece.SHIPPING_BACK) for entry in refunds)
    paid = one.paid_at is not None and one.paid_at <= now
    stamp = f"{local(made_at(one), region):%Y-%m-%d %H:%M:%S}"
    amounts = {
        "opening_balance": one.opening,
        "item_revenue": revenue,
        "other_revenue_total": other,
        "fees_total": fees,
        "subtotal1": revenue + other - fees,
        "refunds": refunded,
        "fees_on_refunds_total": given_back,
        "subtotal2": revenue + other - fees - refunded,
        "shipment_fee": -sum(entry.sum_of(Piece.SHIPPING) for entry in sales),
        "shipment_fee_credit": sum(entry.sum_of(Piece.SHIPPING_BUYER, Piece.SUBSIDY) for entry in sales),
        "guarantee_deposit": 0,
        "closing_balance": one.closing,
    }
    return {
        "statement_number": statement_number(book.store, one, region),
        "created_at": stamp,
        "updated_at": f"{local(one.paid_at, region):%Y-%m-%d %H:%M:%S}" if paid and one.paid_at is not None else stamp,
        **{name: _cents(amount, region) for name, amount in amounts.items()},
        "payout": f"{_cents(one.payout, region)} {region.currency}",
        "paid": "1" if paid else "0",
    }


def _cents(minor: int, region: Region) -> str:
    """Two decimals everywhere: `99303.00` for dong, too."""
    return money_text(minor, region) + ("" if region.minor_digits else ".00")


def row_count(entry: Entry) -> int:
    """How many rows an entry has."""
    return len(_pieces(entry))


def _pieces(entry: Entry) -> list[tuple[Line | None, Piece, int, int]]:
    """Unit, piece, amount and the tax withheld of it, row by row."""
    if not entry.lines:
        return [(None, piece, amount, 0) for piece, amount in entry.pieces.items()]
    rows: list[tuple[Line | None, Piece, int, int]] = []
    for line, pieces in zip(entry.lines, pieces_by_line(entry), strict=True):
        tax = pieces.pop(Piece.TAX, 0)
        taxed = _TAXED.get(entry.kind, Piece.ITEM)
        if tax:
            pieces.setdefault(taxed, 0)
        rows += [(line, piece, amount, tax if piece is taxed else 0) for piece, amount in pieces.items()]
    return rows


def rows(book: Book, entry: Entry, status: str, one: Statement | None, now: int) -> list[dict[str, str]]:
    """Everything settled by one entry: a row for each unit and fee. `one` is None while its period runs.

    `status` is the word of the order's units.
    """
    region, order = book.region, entry.order
    fees = _REFUND if entry.kind is EntryKind.REFUND else _SALE
    paid = one is not None and one.paid_at is not None and one.paid_at <= now
    found = []
    for number, (line, piece, amount, tax) in enumerate(_pieces(entry)):
        group, fee_type, fee_name = fees[piece]
        vat = amount * _VAT_OF_COMMISSION // (100 + _VAT_OF_COMMISSION) if piece is Piece.COMMISSION else 0
        found.append(
            {
                "transaction_number": f"{short_code(book.store)}-{_base36(int(entry.id) * 1000 + number)}",
                "transaction_date": f"{local(entry.at, region):%d %b %Y}",
                "transaction_type": group,
                "fee_type": fee_type,
                "fee_name": fee_name,
                "amount": _cents(amount + tax, region),
                "VAT_in_amount": _cents(vat, region),
                "WHT_amount": _cents(tax, region),
                "WHT_included_in_amount": "Yes" if tax else "No",
                "statement": period(one, region) if one is not None else "",
                "paid_status": "Paid" if paid else "Not paid",
                **_about(order, line, piece, status, region),
            }
        )
    return found


def _about(order: Order | None, line: Line | None, piece: Piece, status: str, region: Region) -> dict[str, str]:
    sku = line.sku if line is not None else None
    return {
        "order_no": order.id if order is not None else "",
        "orderItem_no": line.id if line is not None else "",
        "orderItem_status": status if line is not None else "",
        "seller_sku": sku.code if sku is not None else "",
        "lazada_sku": f"{sku.product_id}_{region.code}-{sku.id}" if sku is not None else "",
        "details": sku.product_name if sku is not None and piece is Piece.ITEM else "",
        "reference": line.id if line is not None else "",
        "comment": "",
        "payment_ref_id": "",
        "shipping_provider": order.carrier.name if order is not None and piece is Piece.SHIPPING else "",
        "shipping_speed": "Standard" if piece is Piece.SHIPPING else "",
        "shipment_type": "Dropshipping" if piece is Piece.SHIPPING else "",
    }


def _base36(number: int) -> str:
    found = ""
    while number:
        number, digit = divmod(number, 36)
        found = _DIGITS[digit] + found
    return found


def movement(move: Move, region: Region) -> dict[str, Any]:
    """Money in or out of the account; what leaves has no sign, its type says so."""
    out = move.kind is MoveKind.WITHDRAWN
    stamp = f"{local(move.at, region):%Y-%m-%d %H:%M:%S}"
    return {
        "transaction_number": move.id,
        "transaction_time": stamp,
        "type": "Withdrawal" if out else "Deposit",
        "sub_type": "Auto Withdrawal" if out else "Settlement",
        "amount": _cents(abs(move.amount), region),
        "currency": region.currency,
        "remarks": "",
        "pmt_reference": f"P{move.id[-10:]}" if out else "",
        "payee_account": {"account": "******4417", "description": "Seller's bank"} if out else {},
        "tracking_list": [{"name": "WITHDRAWAL_COMPLETED", "status": "SUCCESS", "update_time": stamp, "remark": ""}]
        if out
        else [],
    }
