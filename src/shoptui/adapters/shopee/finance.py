"""Shopee's money: weeks of its wallet as statements, released orders with their income, the wallet and its balance."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from shoptui.adapters.amounts import read_if_given
from shoptui.adapters.base import Malformed, Rejected, SetAside, Unsupported
from shoptui.adapters.finance import LinePage, MovePage, StatementPage, UnsettledPage
from shoptui.adapters.records import Wire
from shoptui.adapters.rows import read_rows
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.finance_mapping import counts, to_escrow_line, to_move, to_unsettled, to_wallet_line
from shoptui.adapters.shopee.finance_wire import (
    EscrowDetail,
    EscrowList,
    EscrowRecord,
    IncomeList,
    IncomeOverview,
    IncomeRecord,
    WalletList,
    WalletRecord,
)
from shoptui.adapters.shopee.orders import windows
from shoptui.adapters.shopee.weeks import Week, weeks_ending
from shoptui.adapters.shopee.wire import read_exact_list, read_response
from shoptui.domain.finance import Balance, PaidState, Statement, StatementLine, Unsettled, WalletMove
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.stores import Store

ModelT = TypeVar("ModelT", bound=Wire)

#: Documented limits (sheet, section 10.1).
PAGE_MAX = 100
#: Fifty are allowed, twenty advised.
DETAILS_MAX = 20
_DAY_S = 86_400
#: Fifteen days are documented and break (sheet, section 10.4).
WALLET_WINDOW_S = 14 * _DAY_S
#: How far back a wallet's last row is looked for.
_BALANCE_WINDOWS = 4
_INCOME_DAYS = 14
_PENDING = "2"
#: Pages of one listing; more can only be a server that goes round in a circle.
_PAGES_MAX = 20_000
_FEED = "money"


class ShopeeFinance:
    """The payment endpoints of one app's stores. Every list is read page by page; nothing is kept."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    # --- statements ---------------------------------------------------------------------------------------

    async def statements(self, store: Store, since: int, until: int) -> AsyncIterator[StatementPage]:
        """The store's local weeks that ended in `[since, until)` and in which anything was settled, oldest first.

        Shopee has no statements for programs: a week's sum is that of its wallet, withdrawals and payments apart.
        """
        now = int(self._client.clock.now())
        for week in weeks_ending(since, until, ZoneInfo(store.time_zone)):
            if week.start_at > now:
                return
            found, aside = await self._week(store, week, now)
            if found is not None or aside:
                yield StatementPage((found,) if found is not None else (), aside)

    async def _week(self, store: Store, week: Week, now: int) -> tuple[Statement | None, tuple[SetAside, ...]]:
        payout, rows = Money(0, store.currency), 0
        aside: list[SetAside] = []
        async for records, bad in self._wallet(store, week.start_at, week.end_at):
            aside.extend(SetAside(one.store_id, week.name, one.reason, one.raw) for one in bad)
            for record, move in records:
                if counts(record, move):
                    payout, rows = payout + move.amount, rows + 1
        if not rows:
            return None, tuple(aside)
        is_over = week.end_at <= now
        return (
            Statement(
                store_id=store.store_id,
                statement_id=week.name,
                start_at=week.start_at,
                end_at=week.end_at,
                payout=payout,
                # What is in the wallet is the seller's; when it was withdrawn is another matter.
                paid=PaidState.PAID if is_over else PaidState.OPEN,
                paid_at=week.end_at if is_over else None,
            ),
            tuple(aside),
        )

    async def lines(self, store: Store, statement: Statement) -> AsyncIterator[LinePage]:
        """A week's released orders, one line each, and then what else came over the wallet."""
        params = {
            "release_time_from": str(statement.start_at),
            "release_time_to": str(statement.end_at - 1),
            "page_size": str(PAGE_MAX),
        }
        for number in range(1, _PAGES_MAX):
            listed = await self._get(store, "get_escrow_list", EscrowList, {**params, "page_no": str(number)})
            rows = listed.escrow_list or ()
            for start in range(0, len(rows), DETAILS_MAX):
                yield await self._orders(store, statement, rows[start : start + DETAILS_MAX])
            if not listed.more or not rows:
                break
        else:
            raise _circle()
        async for rows in self._wallet_pages(store, statement.start_at, statement.end_at):
            found, aside = read_rows(
                rows,
                store.store_id,
                "order_sn",
                lambda row: to_wallet_line(WalletRecord.model_validate(row), store, statement.statement_id),
            )
            if found or aside:
                yield LinePage(found, aside)

    async def _orders(self, store: Store, statement: Statement, rows: Sequence[object]) -> LinePage:
        released, aside = read_rows(rows, store.store_id, "order_sn", EscrowRecord.model_validate)
        details, bad = await self._details(store, list(dict.fromkeys(one.order_sn for one in released)))
        lines: list[StatementLine] = []
        unread: list[SetAside] = []
        for one in released:
            try:
                lines.append(to_escrow_line(one, details.get(one.order_sn), store, statement.statement_id))
            except MoneyError as error:
                unread.append(SetAside(store.store_id, one.order_sn, str(error), one.model_dump_json()))
        return LinePage(tuple(lines), (*aside, *bad, *unread))

    async def _details(
        self, store: Store, order_nos: list[str]
    ) -> tuple[Mapping[str, EscrowDetail], tuple[SetAside, ...]]:
        """What the orders brought, by number; those Shopee does not tell are missing."""
        if not order_nos:
            return {}, ()
        # A document calls this a GET since 2026; the gateway takes POST alone (sheet, trap 24).
        rows = await self._client.post(
            store,
            "/payment/get_escrow_detail_batch",
            read_exact_list,
            feed=_FEED,
            body={"order_sn_list": order_nos},
        )
        inner = [row.get("escrow_detail") if isinstance(row, dict) else row for row in rows]
        found, aside = read_rows(inner, store.store_id, "order_sn", EscrowDetail.model_validate)
        return {one.order_sn: one for one in found}, aside

    # --- wallet -------------------------------------------------------------------------------------------

    async def moves(self, store: Store, since: int, until: int) -> AsyncIterator[MovePage]:
        """The wallet's rows of `[since, until)`, window by window, the newest of each first."""
        async for records, aside in self._wallet(store, since, until):
            yield MovePage(tuple(move for _, move in records), aside)

    async def _wallet(
        self, store: Store, since: int, until: int
    ) -> AsyncIterator[tuple[tuple[tuple[WalletRecord, WalletMove], ...], tuple[SetAside, ...]]]:
        def read(raw: object) -> tuple[WalletRecord, WalletMove]:
            record = WalletRecord.model_validate(raw)
            return record, to_move(record, store)

        async for rows in self._wallet_pages(store, since, until):
            yield read_rows(rows, store.store_id, "order_sn", read)

    async def _wallet_pages(self, store: Store, since: int, until: int) -> AsyncIterator[list[object]]:
        """Raw rows of `[since, until)`; pages begin at 0 in each window."""
        for start, end in windows(max(since, 0), until, WALLET_WINDOW_S):
            # The last second asked for is still in it.
            params = {"create_time_from": str(start), "create_time_to": str(end - 1), "page_size": str(PAGE_MAX)}
            for number in range(_PAGES_MAX):
                page = {**params, "page_no": str(number)}
                listed = await self._get(store, "get_wallet_transaction_list", WalletList, page)
                rows = listed.transaction_list or []
                yield rows
                if not listed.more or not rows:
                    break
            else:
                raise _circle()

    async def balance(self, store: Store, now: int) -> Balance | Unsupported:
        """What the wallet's newest row says was there after it; rows may not add up to it, so nothing is added."""
        newest: WalletMove | None = None
        until = now + 1
        for _ in range(_BALANCE_WINDOWS):
            newest = await self._newest(store, until - WALLET_WINDOW_S, until)
            if newest is not None:
                break
            until -= WALLET_WINDOW_S
        if newest is None or newest.balance is None:
            return Unsupported(
                "Shopee shows no movement of this store's wallet in the last eight weeks, so no balance is known.",
                "no_wallet",
            )
        return Balance(
            store_id=store.store_id,
            at=now,
            amount=newest.balance,
            derived=False,
            basis="wallet",
            pending=await self._pending(store),
        )

    async def _newest(self, store: Store, since: int, until: int) -> WalletMove | None:
        """The newest row with a balance: of those of one second, the one that stands first among newest first."""
        newest: WalletMove | None = None
        async for records, _ in self._wallet(store, since, until):
            moves = [move for _, move in records if move.balance is not None]
            falling = bool(moves) and moves[0].at >= moves[-1].at
            for move in moves if falling else reversed(moves):
                if newest is None or move.at > newest.at:
                    newest = move
            if newest is not None and falling:
                return newest
        return newest

    async def _pending(self, store: Store) -> Money | None:
        try:
            found = await self._get(store, "get_income_overview", IncomeOverview, {"income_status": _PENDING})
            totals = found.total_income
            return read_if_given(totals.pending_amount, store.currency) if totals is not None else None
        except (Rejected, MoneyError):
            # Not every market has the overview; the balance itself is known all the same.
            return None

    # --- what is still to come ----------------------------------------------------------------------------

    async def unsettled(self, store: Store, since: int, until: int) -> AsyncIterator[UnsettledPage]:
        """Orders whose income is pending; where Shopee tells their day, those made in `[since, until)`."""
        zone = ZoneInfo(store.time_zone)
        today = datetime.fromtimestamp(self._client.clock.now(), zone).date()
        params = {
            # The days are asked for although they only count for what was released.
            "date_from": (today - timedelta(days=_INCOME_DAYS - 1)).isoformat(),
            "date_to": today.isoformat(),
            "income_status": _PENDING,
            "page_size": str(PAGE_MAX),
        }
        cursor, used = "", set[str]()

        def read(raw: object) -> Unsettled | None:
            record = IncomeRecord.model_validate(raw)
            made_at = record.creation_date
            return to_unsettled(record, store) if made_at is None or since <= made_at < until else None

        while True:
            listed = await self._get(store, "get_income_detail", IncomeList, {**params, "cursor": cursor})
            page = listed.income_detail_list
            rows = (page.rows if page is not None else None) or []
            found, aside = read_rows(rows, store.store_id, "order_sn", read)
            yield UnsettledPage(found, aside)
            following = (page.next_page.cursor if page is not None and page.next_page is not None else None) or ""
            if not following or not rows:
                return
            if following in used:
                raise _circle()
            cursor = following
            used.add(cursor)

    async def _get(self, store: Store, name: str, model: type[ModelT], params: Mapping[str, str]) -> ModelT:
        return await self._client.get(
            store,
            f"/payment/{name}",
            lambda answer: read_response(answer, model, exact=True),
            feed=_FEED,
            params=params,
        )


def _circle() -> Malformed:
    return Malformed("Shopee's pages go round in a circle; the rest of this list was not read")
