"""Reading the shop's money: escrow, the wallet, income (sheet, section 10)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ..reading import is_digits
from ..world.finance import Book
from ..world.finance_model import Entry, EntryKind, Piece, pieces_of_sale
from ..world.model import Order, OrderStatus
from ..world.regions import Region
from . import codes, finance_render
from .call import Answer, Call
from .codes import ApiError, bad
from .params import UINT32
from .render import money

_DAY = 86_400
WALLET_WINDOW_S = 14 * _DAY
INCOME_DAYS = 14
MAX_DETAILS = 50
BAD_WALLET_WINDOW = "wallet.time_invalid"
TOO_MANY = "exceed_max_limit"
NO_SUCH_ORDER = "order_not_found"

_RELEASED, _PENDING = 1, 2
_TABS = (
    "wallet_order_income",
    "wallet_adjustment_filter",
    "wallet_wallet_payment",
    "wallet_refund_from_order",
    "wallet_withdrawals",
    "fast_escrow_repayment",
    "fast_pay",
    "seller_loan",
    "corporate_loan",
    "pix_transactions_filter",
    "open_finance_transactions_filter",
)
_NO_INCOME = frozenset({OrderStatus.UNPAID, OrderStatus.CANCELLED})


def escrow_list(call: Call) -> Answer:
    """GET get_escrow_list: orders whose money was released between two moments, both included; pages from 1."""
    since, until = _moment(call, "release_time_from"), _moment(call, "release_time_to")
    size, page = call.query.number("page_size", 1, 100, 40), call.query.number("page_no", 1, UINT32, 1)
    book = call.world.finance.book(call.store)
    sales = [entry for entry in book.between(since, until + 1) if entry.kind is EntryKind.ORDER]
    start = (page - 1) * size
    rows = [
        {
            "order_sn": entry.order.id,
            "payout_amount": money(entry.net, book.region),
            "escrow_release_time": entry.at,
        }
        for entry in sales[start : start + size]
        if entry.order is not None
    ]
    return Answer({"escrow_list": rows, "more": start + size < len(sales)})


def escrow_detail(call: Call) -> Answer:
    """GET get_escrow_detail: what an order brings or has brought."""
    return Answer(_detail(call, call.query.needed("order_sn")))


def escrow_detail_batch(call: Call) -> Answer:
    """POST get_escrow_detail_batch: up to 50 orders; those that are not the shop's are left out."""
    if not call.body.has("order_sn_list"):
        raise ApiError(codes.PARAM, "order_sn_list is required, format should be string[]")
    numbers = call.body.texts("order_sn_list")
    if not numbers:
        raise ApiError(codes.PARAM, "order_sn_list is required, format should be string[]")
    if len(numbers) > MAX_DETAILS:
        raise ApiError(TOO_MANY, f"order_sn_list may have {MAX_DETAILS} entries at most.")
    rows: list[dict[str, Any]] = []
    for number in dict.fromkeys(numbers):
        try:
            rows.append({"escrow_detail": _detail(call, number)})
        except ApiError:
            continue
    return Answer(rows)


def _detail(call: Call, order_sn: str) -> dict[str, Any]:
    order = call.world.order_of(call.store, order_sn)
    if order is None or order.status in _NO_INCOME:
        raise ApiError(NO_SUCH_ORDER, f"The order {order_sn} is not found.")
    book = call.world.finance.book(call.store)
    sale, later = _settled(book, order)
    return finance_render.escrow(book, order, sale, later, call.side.renderer)


def _settled(book: Book, order: Order) -> tuple[dict[Piece, int], list[Entry]]:
    """An order's first settlement, or the estimate of it, and what was booked about it afterwards."""
    entries = book.of_order(order)
    if not entries:
        return pieces_of_sale(order, book.fees), []
    return dict(entries[0].pieces), [entry for entry in entries[1:] if entry.kind is not EntryKind.ORDER]


def wallet(call: Call) -> Answer:
    """GET get_wallet_transaction_list: newest first, of at most 14 days; pages from 0."""
    query = call.query
    page, size = query.number("page_no", 0, UINT32), query.number("page_size", 1, 100, 40)
    since = _moment(call, "create_time_from", 0)
    until = _moment(call, "create_time_to", call.now)
    tab = query.text("transaction_tab_type", _TABS)
    flow = query.text("money_flow", ("MONEY_IN", "MONEY_OUT"))
    kind = query.text("transaction_type")
    if ("create_time_from" in query) != ("create_time_to" in query) or since > until:
        raise ApiError(BAD_WALLET_WINDOW, "The time period is invalid.")
    if "create_time_from" not in query:
        since = until - WALLET_WINDOW_S
    if until - since > WALLET_WINDOW_S:
        raise ApiError(BAD_WALLET_WINDOW, "time_period_too_large")
    book = call.world.finance.book(call.store)
    rows = [
        move
        for move in reversed(book.moves_between(since, until + 1))
        if (not tab or finance_render.tab_of(move) == tab)
        and (not kind or finance_render.type_of(move) == kind)
        and (not flow or (move.amount >= 0) is (flow == "MONEY_IN"))
    ]
    shown = rows[page * size : (page + 1) * size]
    listed = [finance_render.wallet_row(move, book.region, call.store.name) for move in shown]
    return Answer({"transaction_list": listed, "more": (page + 1) * size < len(rows)})


def income_overview(call: Call) -> Answer:
    """GET get_income_overview: what was released, and what is still to come."""
    status = call.query.text("income_status", ("0", "1", "2"))
    book = call.world.finance.book(call.store)
    found: dict[str, Any] = {}
    if status in ("", str(_PENDING)):
        found["pending_amount"] = money(sum(one.net for one in book.unsettled(0, call.now + 1)), book.region)
    if status in ("", str(_RELEASED)):
        sales = sum(entry.net for entry in book.entries if entry.kind is EntryKind.ORDER)
        found["released_amount"] = money(sales, book.region)
    return Answer({"total_income": found})


def income_detail(call: Call) -> Answer:
    """GET get_income_detail: rows of what was released between two days, or of what is pending."""
    query = call.query
    status = int(query.needed("income_status", ("0", "1", "2")))
    first, last = _day(call, "date_from"), _day(call, "date_to")
    size = query.number("page_size", 1, 100)
    start = query.number("cursor", 0, UINT32, 0)
    if not first <= last or (last - first).days > INCOME_DAYS:
        raise ApiError(codes.PARAM, "The date range must be within 14 days.")
    book = call.world.finance.book(call.store)
    rows: list[dict[str, Any]] = []
    if status == _RELEASED:
        rows = _released(book, first, last)
    elif status == _PENDING:
        rows = _pending(book, call.now)
    more = start + size < len(rows)
    return Answer(
        {
            "income_detail_list": {
                "list": rows[start : start + size],
                "next_page": {"cursor": str(start + size) if more else "", "page_size": size},
            }
        }
    )


def _released(book: Book, first: date, last: date) -> list[dict[str, Any]]:
    since, until = _midnight(first, book.region), _midnight(last, book.region) + _DAY
    return [
        {
            **_income_row(entry.order, book.region),
            "status": "Released",
            "released_amount": money(entry.net, book.region),
            "actual_payout_time": entry.at,
        }
        for entry in book.between(since, until)
        if entry.kind is EntryKind.ORDER and entry.order is not None
    ]


def _pending(book: Book, now: int) -> list[dict[str, Any]]:
    rows = []
    for one in book.unsettled(0, now + 1):
        row = {
            **_income_row(one.order, book.region),
            "status": "Pending",
            "estimated_escrow_amount": money(one.net, book.region),
        }
        if one.due_at is not None:
            row["estimated_payout_time"] = one.due_at
        rows.append(row)
    return rows


def _income_row(order: Order, region: Region) -> dict[str, Any]:
    return {
        "order_sn": order.id,
        "payment_method": "Cash on Delivery" if order.is_cod else "Online Banking",
        "description": "Order income",
        "currency": region.currency,
        "creation_date": order.created_at,
    }


def _midnight(day: date, region: Region) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - region.utc_offset_s


def _day(call: Call, name: str) -> date:
    text = call.query.needed(name)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad(name, "must be a day such as 2026-01-31") from None


def _moment(call: Call, name: str, default: int | None = None) -> int:
    """Whole seconds; anything else is named with its type, as the gateway does."""
    text = call.query.text(name)
    if not text and default is not None:
        return default
    if text and not is_digits(text):
        raise ApiError(codes.PARAM, f"{name}: Invalid type. Expected: integer, given: string")
    return call.query.number(name, 0, UINT32)
