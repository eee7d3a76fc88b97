"""Houses with invented money: statements written as an engine writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from shoptui.domain.anomalies import Verified
from shoptui.domain.finance import Statement, StatementLine
from shoptui.domain.fx import Rates
from shoptui.domain.stores import Store
from shoptui.store.money_writer import LinesEnded
from shoptui.store.writer import Writer
from tests.domain.settlement_builders import AT, BOOK, Sale, a_line, a_shop, a_statement, terms_of

SHOP = a_shop()
KEY = (SHOP.store_id, "W46")
NOW = AT + 86_400
RATES = Rates(date(2026, 11, 13), "a bank", {"MYR": "4.20", "PHP": "58", "VND": "26100", "THB": "32.5"})


async def put_statement(
    writer: Writer, statement: Statement, lines: Sequence[StatementLine], page: int = 2
) -> LinesEnded:
    """A statement with its lines, read in pages."""
    key = (statement.store_id, statement.statement_id)
    await writer.money.put_statements([statement], NOW)
    run = await writer.money.begin_lines(key, len(lines))
    assert run is not None
    for first in range(0, len(lines), page):
        await writer.money.put_lines(key, run, lines[first : first + page])
    ended = await writer.money.end_lines(key, run, NOW)
    assert ended is not None
    return ended


async def check(
    writer: Writer, key: tuple[str, str] = KEY, store: Store = SHOP, *, returns_known: bool = True
) -> Verified | None:
    return await writer.money.check(key, terms_of(store), BOOK.digest, RATES, NOW, returns_known=returns_known)


def lines_of(sales: Sequence[Sale], statement_id: str = "W46", store: Store = SHOP) -> list[StatementLine]:
    return [a_line(store, sale.order_no, sale.parts(store), statement_id=statement_id) for sale in sales]


def statement_for(lines: Sequence[StatementLine], statement_id: str = "W46", at: int = AT) -> Statement:
    return a_statement(SHOP, sum(line.amount.minor for line in lines), statement_id, at)


def wrong(line: StatementLine, kind: str, minor: int) -> StatementLine:
    """The line with another amount of one kind."""
    parts = tuple(
        replace(part, amount=replace(part.amount, minor=minor)) if part.kind == kind else part for part in line.parts
    )
    total = sum(part.amount.minor for part in parts)
    return replace(line, parts=parts, amount=replace(line.amount, minor=total))
