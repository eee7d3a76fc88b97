"""Lazada's money: weekly statements, the rows they are made of, movements of the account, what is not paid yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from shoptui.adapters.base import Malformed, SetAside, Unsupported
from shoptui.adapters.finance import LinePage, MovePage, StatementPage, UnsettledPage
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.finance_mapping import (
    DAY_S,
    WEEK_S,
    Payout,
    local_day,
    periods,
    to_line,
    to_move,
    to_payout,
    to_statement,
)
from shoptui.adapters.lazada.finance_wire import MoveRecord, PayoutRecord, RowRecord, read_account, read_list
from shoptui.adapters.rows import read_rows
from shoptui.domain.finance import Balance, PaidState, Statement
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.stores import Store

#: Documented limit of a page (sheet, section 12.2).
PAGE_MAX = 500
#: Of a page of the account nothing is documented.
MOVES_PAGE = 100
#: Days that may be asked for at once, where a span is limited to less than 180.
_SPAN = timedelta(days=90)
#: How far before a window payouts are listed, so that the statement before its first one is known.
_BEFORE_S = 45 * DAY_S
_BALANCE_BACK_S = 120 * DAY_S
_PAGES_MAX = 20_000
_FEED = "money"

NO_ESTIMATES = Unsupported("Lazada tells programs nothing of money that is not settled yet.", "no_estimates")


class LazadaFinance:
    """The finance endpoints of one app's stores. Rows are read page by page; nothing is kept."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def statements(self, store: Store, since: int, until: int) -> AsyncIterator[StatementPage]:
        """Statements of periods that ended in `[since, until)`, oldest first; Lazada lists them without pages."""
        if since >= until:
            return
        found, aside = await self._payouts(store, since - _BEFORE_S)
        wanted: list[Statement] = []
        bad = list(aside)
        for one, start_at in periods(found):
            if not since <= one.end_at < until:
                continue
            try:
                wanted.append(to_statement(one, start_at, store))
            except (MoneyError, ValueError) as error:
                record = one.record
                bad.append(SetAside(store.store_id, record.statement_number, str(error), record.model_dump_json()))
        yield StatementPage(tuple(wanted), tuple(bad))

    async def _payouts(self, store: Store, since: int) -> tuple[tuple[Payout, ...], tuple[SetAside, ...]]:
        params = {"created_after": local_day(max(since, 0), store).isoformat()}
        rows = await self._client.get(store, "/finance/payout/status/get", read_list, feed=_FEED, params=params)
        return read_rows(
            rows, store.store_id, "statement_number", lambda raw: to_payout(PayoutRecord.model_validate(raw), store)
        )

    async def lines(self, store: Store, statement: Statement) -> AsyncIterator[LinePage]:
        """The rows of a statement's days; those that name another statement are left to it."""
        params = {
            "start_time": local_day(statement.start_at, store).isoformat(),
            "end_time": local_day(statement.end_at - 1, store).isoformat(),
            "trans_type": "-1",
            "limit": str(PAGE_MAX),
        }
        for number in range(_PAGES_MAX):
            rows = await self._client.get(
                store,
                "/finance/transaction/details/get",
                read_list,
                feed=_FEED,
                params={**params, "offset": str(number * PAGE_MAX)},
            )
            found, aside = read_rows(
                rows,
                store.store_id,
                "transaction_number",
                lambda raw: to_line(RowRecord.model_validate(raw), statement, store),
            )
            if found or aside:
                yield LinePage(found, aside)
            if len(rows) < PAGE_MAX:
                return
        raise Malformed("Lazada's pages do not come to an end; the rest of this statement was not read")

    async def moves(self, store: Store, since: int, until: int) -> AsyncIterator[MovePage]:
        """Movements of the account in `[since, until)`, asked for by days."""
        first, last = local_day(max(since, 0), store), local_day(max(until - 1, 0), store)
        while since < until and first <= last:
            end = min(first + _SPAN, last)
            for number in range(1, _PAGES_MAX):
                page = await self._client.post(
                    store,
                    "/finance/transaction/accountTransactions/query",
                    read_account,
                    feed=_FEED,
                    fields={
                        "start_time": f"{first:%Y%m%d}",
                        "end_time": f"{end:%Y%m%d}",
                        "page_num": str(number),
                        "page_size": str(MOVES_PAGE),
                    },
                    write=False,
                )
                found, aside = read_rows(
                    page.transactions or (),
                    store.store_id,
                    "transaction_number",
                    lambda raw: to_move(MoveRecord.model_validate(raw), store),
                )
                yield MovePage(tuple(move for move in found if since <= move.at < until), aside)
                pages = (page.page_info.total_page if page.page_info is not None else None) or 0
                if number >= pages or not page.transactions:
                    break
            else:
                raise Malformed("Lazada's pages do not come to an end; the rest of the account was not read")
            first = end + timedelta(days=1)

    def unsettled(self, store: Store, since: int, until: int) -> AsyncIterator[UnsettledPage] | Unsupported:
        return NO_ESTIMATES

    async def balance(self, store: Store, now: int) -> Balance | Unsupported:
        """What Lazada holds: payouts that are not paid, or the debt the newest statement ends with."""
        unpaid = Money(0, store.currency)
        next_payout: Money | None = None
        newest: Statement | None = None
        async for page in self.statements(store, now - _BALANCE_BACK_S, now + WEEK_S):
            for one in page.statements:
                newest = one
                if one.paid is PaidState.OPEN and one.payout.minor > 0:
                    unpaid = unpaid + one.payout
                    next_payout = next_payout or one.payout
        if newest is not None and newest.closing is not None and newest.closing.minor < 0:
            # A debt is carried on into the next statement, so only the newest one counts.
            unpaid = unpaid + newest.closing
        return Balance(
            store_id=store.store_id,
            at=now,
            amount=unpaid,
            derived=True,
            basis="statements",
            next_payout=next_payout,
        )
