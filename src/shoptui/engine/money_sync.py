"""Owns one store's feed of money: balance, statements with their lines, the wallet, what is not settled, and checking.

A look reads what is new and then compares every statement that changed with what was sold. Lines stream page by page
from the marketplace into the cache, so that a statement may have any number of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from shoptui.adapters.base import Marketplace, SetAside, Unsupported
from shoptui.adapters.finance import Finance
from shoptui.domain.anomalies import Terms
from shoptui.domain.finance import Statement
from shoptui.domain.money import MoneyError
from shoptui.domain.stores import Store
from shoptui.engine.house import House
from shoptui.engine.intake import take_in
from shoptui.engine.side_feed import DAY_S, SideFeed
from shoptui.protocol import Changed

log = logging.getLogger(__name__)

MONEY = "money"
#: How far back statements and wallets are read at the first look, and orders whose money is still to come.
FIRST_DAYS = 60
#: Statements that ended this lately may still get lines without being told to have changed.
_SETTLING_S = 3 * DAY_S
#: How often money is looked at: marketplaces settle once a day at most.
_EVERY_S = 3600.0
#: Of each statement so many orders that the house does not know are read, and so many at once.
_UNKNOWN_MAX, _UNKNOWN_AT_ONCE = 2000, 50
#: A look repeats this much of the time before it: payments are told days after what they pay.
_BACK_S = 14 * DAY_S


def _lines_of(statement: Statement) -> str:
    """Under which name a statement lies aside whose lines cannot be kept."""
    return f"{statement.statement_id} lines"


def batched(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The items in pieces of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


class MoneySync(SideFeed):
    """The feed `money` of one store. `returns_known`: the store's returns are read, which explain refunds."""

    name = MONEY

    def __init__(self, house: House, store: Store, market: Marketplace, *, returns_known: Callable[[], bool]) -> None:
        super().__init__(house, store, served=market.finance is not None)
        self._market = market
        self._finance = market.finance
        self._returns_known = returns_known

    async def load(self) -> None:
        await super().load()
        if self.feed.first_done:
            self.house.settled.add(self.store.store_id)

    async def look(self, since: int | None) -> int:
        assert self._finance is not None
        began_at = self.house.now()
        first_at = began_at - FIRST_DAYS * DAY_S
        start = first_at if since is None else max(since - _BACK_S, first_at)
        await self._read_balance(self._finance)
        await self._read_statements(self._finance, start, began_at)
        await self._read_moves(self._finance, start, began_at)
        await self._read_unsettled(self._finance, first_at, began_at)
        await self.house.writer.money.put_covered(self.store.store_id, start, began_at)
        self.house.settled.add(self.store.store_id)
        await self.check()
        return began_at

    async def between(self) -> None:
        """Nothing is due between looks: orders that change are checked with the next one."""

    async def interval_s(self) -> float:
        return _EVERY_S

    def notice(self, *, many: bool) -> Changed:
        return Changed(money=True)

    # -- reading ----------------------------------------------------------------------------------------------------

    async def _read_balance(self, finance: Finance) -> None:
        balance = await finance.balance(self.store, self.house.now())
        if not isinstance(balance, Unsupported):
            await self.house.writer.money.put_balance(self.store, balance)

    async def _read_statements(self, finance: Finance, since: int, until: int) -> None:
        """Write statements, then read the lines of those that are new, changed, not whole or still settling."""
        writer, now = self.house.writer.money, self.house.now()
        to_read: dict[str, Statement] = {}
        async for page in finance.statements(self.store, since, until):
            await self.set_aside(page.set_aside, (statement.statement_id for statement in page.statements))
            for statement in page.statements:
                if await writer.put_statements([statement], now) or statement.end_at > until - _SETTLING_S:
                    to_read[statement.statement_id] = statement
        for statement in await writer.without_lines(self.store.store_id):
            to_read.setdefault(statement.statement_id, statement)
        for statement in to_read.values():
            await self._read_lines(finance, statement)

    async def _read_lines(self, finance: Finance, statement: Statement) -> None:
        writer, key = self.house.writer.money, (statement.store_id, statement.statement_id)
        run = await writer.begin_lines(key)
        if run is None:
            return
        told = False
        try:
            async for page in finance.lines(self.store, statement):
                await self.set_aside(page.set_aside, (line.line_id for line in page.lines))
                if page.total is not None and not told:
                    run = await writer.begin_lines(key, page.total) or run
                    told = True
                await writer.put_lines(key, run, page.lines)
                self.house.hub.publish(Changed(money=True))
            ended = await writer.end_lines(key, run, self.house.now())
        except MoneyError as error:
            # One statement that does not fit is said and left until the next look; the others go on.
            log.warning("%s: statement %s cannot be kept: %s", self.store.store_id, statement.statement_id, error)
            lies = SetAside(self.store.store_id, _lines_of(statement), str(error), "")
            await self.set_aside([lies], ())
            return
        await self.set_aside((), [_lines_of(statement)])
        if ended is not None and ended.read.changed:
            await self._read_unknown_orders(key)
        if ended is not None and ended.mark_off:
            self.house.money_changes += 1

    async def _read_unknown_orders(self, key: tuple[str, str]) -> None:
        """Read what was sold where it is older than the house: without it a settlement cannot be compared."""
        house = self.house
        for order_nos in batched(await house.writer.money.unknown_orders(key, _UNKNOWN_MAX), _UNKNOWN_AT_ONCE):
            page = await self._market.orders_by_no(self.store, order_nos)
            await take_in(house, self._market, self.store, page)

    async def _read_moves(self, finance: Finance, since: int, until: int) -> None:
        pages = finance.moves(self.store, since, until)
        if isinstance(pages, Unsupported):
            return
        async for page in pages:
            await self.set_aside(page.set_aside, (move.move_id for move in page.moves))
            await self.house.writer.money.put_moves(self.store, page.moves)

    async def _read_unsettled(self, finance: Finance, since: int, until: int) -> None:
        pages = finance.unsettled(self.store, since, until)
        if isinstance(pages, Unsupported):
            return
        writer, store_id, now = self.house.writer.money, self.store.store_id, self.house.now()
        async for page in pages:
            await self.set_aside(page.set_aside, (row.order_no for row in page.unsettled))
            await writer.put_unsettled(store_id, page.unsettled, now)
        await writer.put_unsettled(store_id, (), now, all_of_them=True)

    # -- checking ---------------------------------------------------------------------------------------------------

    async def check(self) -> None:
        """Compare every statement that changed with what was sold, and look for orders that no statement has."""
        house, store_id = self.house, self.store.store_id
        terms, rules = Terms(self.store, house.fees), house.fees.digest
        returns_known = self._returns_known()
        for key in await house.writer.money.to_check(rules, store_id):
            found = await house.writer.money.check(
                key, terms, rules, house.rates, house.now(), returns_known=returns_known
            )
            if found is not None:
                house.hub.publish(Changed(money=True, counts=True))
        await house.writer.money.find_never_settled(terms, house.rates, house.now())
        house.money_changes += 1
        house.hub.publish(Changed(money=True, counts=True))
