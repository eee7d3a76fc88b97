"""Reading the shop's money: statements, their transactions, what is not settled, payments, withdrawals (section 13)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..reading import is_digits
from ..world.finance import Book
from ..world.finance_model import Entry, Estimate, MoveKind, Statement
from ..world.index import Key
from ..world.regions import money_text
from . import finance_render as render
from .call import Answer, Call
from .codes import ApiError, bad
from .paging import page_of

NO_SUCH_STATEMENT = 22002001
NOT_IN_THIS_MARKET = 22005003

_TYPES = {"WITHDRAW": MoveKind.WITHDRAWN, "SETTLE": MoveKind.SETTLED, "TRANSFER": None, "REVERSE": None}
_SORTED_KEPT = 8

T = TypeVar("T")


class Ledgers:
    """Long lists in the order pages are made of, kept between the pages of one reader."""

    def __init__(self) -> None:
        self._sorted: dict[tuple[str, int], list[tuple[Key, Entry]]] = {}
        self._totals: dict[tuple[str, int, bool], dict[str, Any]] = {}
        self._unsettled: dict[tuple[str, int, int], list[tuple[Key, Estimate]]] = {}

    def entries(self, book: Book, one: Statement) -> list[tuple[Key, Entry]]:
        """A closed statement's entries by the creation of their orders; they never change."""
        name = (book.store.id, one.number)
        rows = self._sorted.get(name)
        if rows is None:
            rows = [((entry.order.created_at if entry.order else 0, entry.id), entry) for entry in book.entries_of(one)]
            rows.sort(key=lambda row: row[0])
            while len(self._sorted) >= _SORTED_KEPT:
                del self._sorted[next(iter(self._sorted))]
            self._sorted[name] = rows
        return rows

    def totals(self, book: Book, one: Statement, now: int, *, flat: bool) -> dict[str, Any]:
        """What stands above each page of a statement's transactions; nothing of it changes."""
        name = (book.store.id, one.number, flat)
        if name not in self._totals:
            while len(self._totals) >= _SORTED_KEPT:
                del self._totals[next(iter(self._totals))]
            made = render.totals(book, one, now) if flat else render.nested_totals(book, one)
            self._totals[name] = made
        return self._totals[name]

    def unsettled(self, book: Book, since: int, until: int, *, anew: bool) -> list[tuple[Key, Estimate]]:
        """What is not settled, as it was when the first page was asked for."""
        name = (book.store.id, since, until)
        if anew or name not in self._unsettled:
            self._unsettled.clear()
            found = [((one.order.created_at, one.order.id), one) for one in book.unsettled(since, until)]
            self._unsettled[name] = found
        return self._unsettled[name]


def statements(call: Call) -> Answer:
    """GET /finance/202309/statements."""
    descending = _sorting(call, "statement_time")
    since, until = _window(call, "statement_time")
    status = call.query.text("payment_status", "", ("", "PAID", "FAILED", "PROCESSING"))
    book = call.world.finance.book(call.store)
    rows = [
        ((one.end_at, render.statement_id(book, one)), one) for one in book.statements if since <= one.end_at < until
    ]
    found, token, _ = _page(call, rows, "statement_time", descending=descending)
    listed = [render.statement(book, one, call.now) for one in found]
    return {
        "next_page_token": token,
        "statements": [row for row in listed if status in ("", row["payment_status"])],
    }


def transactions(call: Call) -> Answer:
    """GET /finance/{202309,202501}/statements/{statement_id}/statement_transactions."""
    descending = _sorting(call, "order_create_time")
    book = call.world.finance.book(call.store)
    wanted = call.params["statement_id"]
    one = next((one for one in book.statements if render.statement_id(book, one) == wanted), None)
    if one is None:
        raise ApiError(NO_SUCH_STATEMENT, f"statement {wanted} does not exist in this shop")
    rows = call.side.ledgers.entries(book, one)
    found, token, total = _page(call, rows, "order_create_time", descending=descending)
    flat = call.version == "202309"
    top = call.side.ledgers.totals(book, one, call.now, flat=flat)
    shown = render.flat if flat else render.nested
    listed = [shown(entry, book.region) for entry in found]
    name = "statement_transactions" if flat else "transactions"
    return {**top, "total_count": total, "next_page_token": token, name: listed}


def order_transactions(call: Call) -> Answer:
    """GET /finance/{202309,202501}/orders/{order_id}/statement_transactions; nothing for what is not settled."""
    order = call.order(call.params["order_id"])
    book = call.world.finance.book(call.store)
    ends = [one.end_at for one in book.statements]
    entries = []
    for entry in book.of_order(order):
        at = bisect_right(ends, entry.at)
        if at < len(ends):
            entries.append((book.statements[at], entry))
    if call.version == "202309":
        return render.by_order(book, order, entries)
    return render.by_order_nested(book, order, entries)


def unsettled(call: Call) -> Answer:
    """GET /finance/202507/orders/unsettled."""
    descending = _sorting(call, "order_create_time")
    since, until = _window(call, "search_time")
    book = call.world.finance.book(call.store)
    rows = call.side.ledgers.unsettled(book, since, until, anew=not call.query.text("page_token"))
    found, token, total = _page(call, rows, "order_create_time", descending=descending)
    region = book.region

    def whole(amount: Callable[[Estimate], int]) -> str:
        return money_text(sum(amount(one) for _, one in rows), region)

    return {
        "total_count": total,
        "sum_est_settlement_amount": whole(lambda one: one.net),
        "sum_est_revenue_amount": whole(lambda one: sum(one.pieces.get(piece, 0) for piece in render.REVENUE)),
        "sum_est_fee_amount": whole(lambda one: one.net - sum(one.pieces.get(piece, 0) for piece in render.REVENUE)),
        "sum_est_adjustment_amount": money_text(0, region),
        "next_page_token": token,
        "transactions": [render.estimate(one, region) for one in found],
    }


def payments(call: Call) -> Answer:
    """GET /finance/{202309,202605}/payments, which South-East Asia does not have."""
    descending = _sorting(call, "create_time")
    since, until = _window(call, "create_time")
    book = call.world.finance.book(call.store)
    if book.region.is_sea:
        raise ApiError(NOT_IN_THIS_MARKET, "payments are not available in this region")
    made = [render.payment(book, one, call.now) for one in book.statements if one.paid_at is not None]
    rows = [((row["create_time"], row["id"]), row) for row in made if since <= row["create_time"] < until]
    rows = [row for row in rows if row[0][0] <= call.now]
    found, token, total = _page(call, rows, "create_time", descending=descending)
    return {"next_page_token": token, "total_count": total, "payments": found}


def withdrawals(call: Call) -> Answer:
    """GET /finance/202309/withdrawals."""
    words = [part for value in [call.query.needed("types")] for part in value.split(",") if part]
    words += [value for name, value in call.query.pairs if name == "types" and value not in words and "," not in value]
    if any(word not in _TYPES for word in words):
        raise bad("types", f"must be of {', '.join(_TYPES)}")
    kinds = {_TYPES[word] for word in words}
    since, until = _window(call, "create_time")
    book = call.world.finance.book(call.store)
    rows = [((move.at, move.id), move) for move in book.moves_between(since, until) if move.kind in kinds]
    found, token, total = _page(call, rows, "create_time", descending=False)
    return {
        "total_count": total,
        "next_page_token": token,
        "withdrawals": [render.movement(move, book.region) for move in found],
    }


# --- parameters -----------------------------------------------------------------------------------------------


def _sorting(call: Call, only: str) -> bool:
    """Whether to go down; the one legal `sort_field` is required."""
    call.query.needed("sort_field", (only,))
    return call.query.text("sort_order", "ASC", ("ASC", "DESC")) == "DESC"


def _window(call: Call, name: str) -> tuple[int, int]:
    ge, lt = (_seconds(call, f"{name}_{end}") for end in ("ge", "lt"))
    if ge is not None and lt is not None and ge >= lt:
        raise bad(f"{name}_ge", f"must be smaller than {name}_lt")
    return ge or 0, lt if lt is not None else 2**62


def _seconds(call: Call, name: str) -> int | None:
    text = call.query.text(name)
    if text and not (is_digits(text) and len(text) <= 11):
        raise bad(name, "must be a whole number of seconds")
    return int(text) if text else None


def _page(call: Call, rows: Sequence[tuple[Key, T]], sort: str, *, descending: bool) -> tuple[list[T], str, int]:
    size = call.query.size(1, 100, 20)
    return page_of(rows, call.query.text("page_token"), sort, size, descending=descending)
