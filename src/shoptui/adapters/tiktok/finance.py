"""TikTok Shop's money: statements of days, their transactions, what is not settled, the wallet, a balance added up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shoptui.adapters.amounts import read_if_given
from shoptui.adapters.base import Malformed, Rejected, SetAside, Unsupported
from shoptui.adapters.finance import LinePage, MovePage, StatementPage, UnsettledPage
from shoptui.adapters.http import Answer
from shoptui.adapters.records import Wire
from shoptui.adapters.rows import read_rows
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.finance_mapping import DAY_S, to_line, to_move, to_statement, to_unsettled
from shoptui.adapters.tiktok.finance_wire import (
    StatementRecord,
    StatementsAnswer,
    TransactionsAnswer,
    UnsettledAnswer,
    UnsettledRecord,
    WithdrawalRecord,
    WithdrawalsAnswer,
)
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.finance import Balance, PaidState, Statement
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.stores import Store

RecordT = TypeVar("RecordT", bound=Wire)
T = TypeVar("T")

#: Documented limit of all lists of finance (sheet, section 13.1).
PAGE_MAX = 100
#: How far back a balance is added up: statements are paid within days, a wallet is emptied within weeks.
_STATEMENTS_BACK_S = 45 * DAY_S
_MOVES_BACK_S = 180 * DAY_S
_MOVE_TYPES = "WITHDRAW,SETTLE,TRANSFER,REVERSE"
#: The seller has no wallet yet (sheet, section 13.5).
_NO_WALLET = "22005007"
#: The newer generation is not there for this app or market: its version, or its path, is unknown.
_NOT_SERVED = frozenset({"36009009", "36009014"})
_FEED = "money"


@dataclass(frozen=True, slots=True)
class _Page:
    """Raw rows, the token of the next page ("" on the last one), how many there are, and a sum where asked for."""

    rows: tuple[Any, ...]
    next_token: str
    total: int | None = None
    summed: Any = None


class TikTokFinance:
    """The finance endpoints of one app's stores. Every list is read page by page; nothing is kept."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def statements(self, store: Store, since: int, until: int) -> AsyncIterator[StatementPage]:
        """Statements of days that ended in `[since, until)`, oldest first."""
        if since >= until:
            return
        params = {
            "sort_field": "statement_time",
            "statement_time_ge": str(max(since, 0)),
            "statement_time_lt": str(until),
        }
        path = "/finance/202309/statements"
        async for page in self._pages(store, "finance.statements", path, params, _statements):
            yield StatementPage(*_read(page, store, "id", StatementRecord, to_statement))

    async def lines(self, store: Store, statement: Statement) -> AsyncIterator[LinePage]:
        """A statement's transactions: of the nested generation, or of the flat one where that is not served."""
        name = segment(statement.statement_id)
        params = {"sort_field": "order_create_time"}
        begun = False
        try:
            async for page in self._lines(store, statement, f"/finance/202501/statements/{name}", params):
                begun = True
                yield page
        except Rejected as refusal:
            if begun or refusal.code not in _NOT_SERVED:
                raise
        else:
            return
        async for page in self._lines(store, statement, f"/finance/202309/statements/{name}", params):
            yield page

    async def _lines(
        self, store: Store, statement: Statement, path: str, params: Mapping[str, str]
    ) -> AsyncIterator[LinePage]:
        first = True
        pages = self._pages(store, "finance.transactions", f"{path}/statement_transactions", params, _transactions)
        async for page in pages:
            found, aside = read_rows(page.rows, store.store_id, "id", lambda raw: to_line(raw, statement))
            yield LinePage(found, aside, page.total if first else None)
            first = False

    async def moves(self, store: Store, since: int, until: int) -> AsyncIterator[MovePage]:
        """Settlements and withdrawals of `[since, until)`; nothing for a seller without a wallet."""
        if since >= until:
            return
        params = {"types": _MOVE_TYPES, "create_time_ge": str(max(since, 0)), "create_time_lt": str(until)}
        try:
            async for page in self._pages(
                store, "finance.withdrawals", "/finance/202309/withdrawals", params, _withdrawals
            ):
                yield MovePage(*_read(page, store, "id", WithdrawalRecord, to_move))
        except Rejected as refusal:
            if refusal.code != _NO_WALLET:
                raise

    async def unsettled(self, store: Store, since: int, until: int) -> AsyncIterator[UnsettledPage]:
        """Orders made in `[since, until)` that are not settled, with TikTok's own estimates."""
        if since >= until:
            return
        params = {
            "sort_field": "order_create_time",
            "search_time_ge": str(max(since, 0)),
            "search_time_lt": str(until),
        }
        path = "/finance/202507/orders/unsettled"
        async for page in self._pages(store, "finance.unsettled", path, params, _unsettled):
            yield UnsettledPage(*_read(page, store, "order_id", UnsettledRecord, to_unsettled))

    async def balance(self, store: Store, now: int) -> Balance | Unsupported:
        """Added up, for TikTok tells no balance: what came into the wallet and did not leave, and unpaid statements."""
        currency = store.currency
        wallet, has_wallet = Money(0, currency), False
        async for page in self.moves(store, now - _MOVES_BACK_S, now + 1):
            for move in page.moves:
                has_wallet = True
                if move.done and move.amount.currency == currency:
                    wallet = wallet + move.amount
        unpaid, next_payout = Money(0, currency), None
        async for statements in self.statements(store, now - _STATEMENTS_BACK_S, now + 1):
            for one in statements.statements:
                if one.paid is PaidState.PAID or one.payout.currency != currency:
                    continue
                unpaid = unpaid + one.payout
                if next_payout is None and one.paid is PaidState.PROCESSING:
                    next_payout = one.payout
        return Balance(
            store_id=store.store_id,
            at=now,
            amount=wallet + unpaid,
            derived=True,
            basis="moves" if has_wallet else "statements",
            pending=await self._pending(store, now),
            next_payout=next_payout,
        )

    async def _pending(self, store: Store, now: int) -> Money | None:
        """What TikTok expects to settle of all open orders, None where it does not say."""
        params = {
            "sort_field": "order_create_time",
            "search_time_ge": str(now - _MOVES_BACK_S),
            "search_time_lt": str(now + 1),
            "page_size": "1",
        }
        path = "/finance/202507/orders/unsettled"
        try:
            page = await self._page(store, "finance.unsettled", path, params, _unsettled)
            return read_if_given(page.summed, store.currency)
        except (Rejected, MoneyError):
            # A market without estimates has no figure; the balance itself is known all the same.
            return None

    async def _pages(
        self, store: Store, endpoint: str, path: str, params: Mapping[str, str], read: Callable[[Answer], _Page]
    ) -> AsyncIterator[_Page]:
        token, used = "", set[str]()
        while True:
            asked = {"page_size": str(PAGE_MAX), **params}
            page = await self._page(store, endpoint, path, {**asked, "page_token": token} if token else asked, read)
            yield page
            if not page.next_token:
                return
            if page.next_token in used:
                raise Malformed("TikTok Shop's pages go round in a circle; the rest of this list was not read")
            token = page.next_token
            used.add(token)

    async def _page(
        self, store: Store, endpoint: str, path: str, params: Mapping[str, str], read: Callable[[Answer], _Page]
    ) -> _Page:
        return await self._client.call(store, endpoint, "GET", path, read, feed=_FEED, params=params)


def _read(
    page: _Page, store: Store, id_field: str, model: type[RecordT], mapped: Callable[[RecordT, str], T | None]
) -> tuple[tuple[T, ...], tuple[SetAside, ...]]:
    return read_rows(page.rows, store.store_id, id_field, lambda raw: mapped(model.model_validate(raw), store.store_id))


def _statements(answer: Answer) -> _Page:
    data = read_envelope(answer, StatementsAnswer, exact=True).data
    return _Page(tuple((data.statements if data else None) or ()), (data.next_page_token if data else None) or "")


def _transactions(answer: Answer) -> _Page:
    data = read_envelope(answer, TransactionsAnswer, exact=True).data
    if data is None:
        return _Page((), "")
    rows = data.transactions if data.transactions is not None else data.statement_transactions
    return _Page(tuple(rows or ()), data.next_page_token or "", data.total_count)


def _unsettled(answer: Answer) -> _Page:
    data = read_envelope(answer, UnsettledAnswer, exact=True).data
    if data is None:
        return _Page((), "")
    return _Page(tuple(data.transactions or ()), data.next_page_token or "", None, data.sum_est_settlement_amount)


def _withdrawals(answer: Answer) -> _Page:
    data = read_envelope(answer, WithdrawalsAnswer, exact=True).data
    return _Page(tuple((data.withdrawals if data else None) or ()), (data.next_page_token if data else None) or "")
