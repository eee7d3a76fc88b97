"""Reading the seller's money: payouts, the rows of what was settled, movements of the account (sheet, section 12)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..reading import is_digits
from ..world.finance import Book
from ..world.finance_model import Entry, MoveKind
from ..world.regions import Region
from . import finance_render
from .call import Answer, Call, data
from .codes import ApiError, invalid

MAX_LIMIT = 500
MAX_SPAN_DAYS = 180
SPAN_TOO_LONG = "1000012"
NO_SUCH_FEE = "1000014"
_ALL_FEES = "-1"

_TYPES: dict[str, MoveKind | None] = {
    "": None,
    "Deposit": MoveKind.SETTLED,
    "Withdrawal": MoveKind.WITHDRAWN,
    "Payment": None,
}
_SUB_TYPES: dict[str, MoveKind | None] = {
    "": None,
    "Settlement": MoveKind.SETTLED,
    "Auto Withdrawal": MoveKind.WITHDRAWN,
    "Manual Withdrawal": None,
    "Failed Payment": None,
    "Returned Payment": None,
    "Sponsored Solutions Top-up": None,
}
_DAY = 86_400
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PACKED = re.compile(r"\d{8}")


class RowCounts:
    """How many rows the entries of each store's book have up to each of them, so that any page begins at once."""

    def __init__(self) -> None:
        self._ends: dict[str, list[int]] = {}

    def ends(self, book: Book) -> list[int]:
        """After each entry the number of rows so far."""
        ends = self._ends.setdefault(book.store.id, [])
        so_far = ends[-1] if ends else 0
        for entry in book.entries[len(ends) :]:
            so_far += finance_render.row_count(entry)
            ends.append(so_far)
        return ends


def payouts(call: Call) -> Answer:
    """GET /finance/payout/status/get: every statement made since a day, without pages."""
    since = _midnight(_day(call, "created_after", _DATE), call)
    book = call.world.finance.book(call.store)
    made = [one for one in book.statements if since <= finance_render.made_at(one) <= call.now]
    return data([finance_render.statement(book, one, call.now) for one in made])


def transactions(call: Call) -> Answer:
    """GET /finance/transaction/details/get: rows of the days asked for, both included."""
    first, last = _day(call, "start_time", _DATE), _day(call, "end_time", _DATE)
    if not first <= last or (last - first).days >= MAX_SPAN_DAYS:
        raise ApiError(SPAN_TOO_LONG, "The time range must be less than 180 days")
    limit, offset = _number(call, "limit", MAX_LIMIT, MAX_LIMIT), _number(call, "offset", 0, 10**9)
    fee = call.params.text("trans_type") or _ALL_FEES
    if fee != _ALL_FEES and fee not in finance_render.FEE_TYPES:
        raise ApiError(NO_SUCH_FEE, "The transaction type does not exist")
    order_id, line_id = call.params.text("trade_order_id"), call.params.text("trade_order_line_id")
    book = call.world.finance.book(call.store)
    start = bisect_left(book.times, _midnight(first, call))
    end = bisect_left(book.times, _midnight(last, call) + _DAY)
    if fee == _ALL_FEES and not order_id and not line_id:
        return data(_slice(call, book, start, end, limit, offset))
    found: list[dict[str, str]] = []
    for entry in book.entries[start:end]:
        if order_id and (entry.order is None or entry.order.id != order_id):
            continue
        found += [
            row
            for row in _rows(call, book, entry)
            if fee in (_ALL_FEES, row["fee_type"]) and line_id in ("", row["orderItem_no"])
        ]
    return data(found[offset : offset + limit])


def _slice(call: Call, book: Book, start: int, end: int, limit: int, offset: int) -> list[dict[str, str]]:
    """So many rows of the entries from `start` on, found without making those before them."""
    ends = call.side.row_counts.ends(book)
    skipped = ends[start - 1] if start else 0
    at = bisect_right(ends, skipped + offset)
    before = ends[at - 1] if at else 0
    found: list[dict[str, str]] = []
    drop = skipped + offset - before
    while at < end and len(found) < limit + drop:
        found += _rows(call, book, book.entries[at])
        at += 1
    return found[drop : drop + limit]


def _rows(call: Call, book: Book, entry: Entry) -> list[dict[str, str]]:
    number = bisect_right(book.statements, entry.at, key=lambda one: one.end_at)
    one = book.statements[number] if number < len(book.statements) else None
    status = ""
    if entry.order is not None and entry.lines:
        status = call.status(entry.order, entry.lines[0])
    return finance_render.rows(book, entry, status, one, call.now)


def account(call: Call) -> Answer:
    """POST /finance/transaction/accountTransactions/query; pages from 1."""
    first, last = _day(call, "start_time", _PACKED), _day(call, "end_time", _PACKED)
    number, size = _number(call, "page_num", None, 10**6), _number(call, "page_size", None, MAX_LIMIT)
    kind, sub_kind = call.params.text("transaction_type"), call.params.text("sub_transaction_type")
    if kind not in _TYPES:
        raise invalid("transaction_type", "it must be Deposit, Withdrawal or Payment")
    if sub_kind not in _SUB_TYPES:
        raise invalid("sub_transaction_type", "it is not known")
    if number < 1 or size < 1:
        raise invalid("page_num", "pages and their size begin at 1")
    book = call.world.finance.book(call.store)
    moves = [
        move
        for move in book.moves_between(_midnight(first, call), _midnight(last, call) + _DAY)
        if (not kind or move.kind is _TYPES[kind]) and (not sub_kind or move.kind is _SUB_TYPES[sub_kind])
    ]
    page = moves[(number - 1) * size : number * size]
    pages = -(-len(moves) // size)
    content: dict[str, Any] = {
        "page_info": {"page_num": number, "page_size": size, "total_page": pages, "total_count": len(moves)},
        "transactions": [finance_render.movement(move, book.region) for move in page],
    }
    return Answer({"success": True, "msg": "", "error_code": "", "data": content})


def _number(call: Call, name: str, default: int | None, high: int) -> int:
    text = call.params.text(name) if default is not None else call.params.needed(name)
    if not text and default is not None:
        return default
    if not is_digits(text) or int(text) > high:
        raise invalid(name, f"it must be a number up to {high}")
    return int(text)


def _day(call: Call, name: str, form: re.Pattern[str]) -> date:
    text = call.params.needed(name)
    try:
        if form.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise invalid(name, "it must be a day")


def _midnight(day: date, call: Call) -> int:
    region: Region = call.world.region_of(call.store)
    return int(
        (datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(seconds=region.utc_offset_s)).timestamp()
    )
