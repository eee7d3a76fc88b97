"""Invented settlements in the house of the cockpit's tests, as an engine would have left them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from shoptui.domain.finance import Balance, FeeKind, StatementLine
from shoptui.domain.money import Money
from shoptui.domain.negative import day_of
from shoptui.domain.stores import Store
from shoptui.exchange import load_rates
from shoptui.paths import DataDir
from shoptui.store.writer import Writer
from tests.domain.settlement_builders import BOOK, Sale, a_line, a_statement, terms_of
from tests.ui.app_support import DAY, HOUR, NOW, make_house, some_orders, store

#: The store whose newest statements differ, and one whose balance is below zero.
SHOP, IN_DEBT = "tt-my-1", "tt-sg-1"
#: Orders of a statement, and what each of the first is wrong by.
SALES = tuple(Sale(f"57646141304800{number:04d}", 4000 + 37 * number) for number in range(12))


def settled(shop: Store, sales: tuple[Sale, ...], statement_id: str, at: int) -> list[StatementLine]:
    lines = [a_line(shop, sale.order_no, sale.parts(shop), statement_id=statement_id) for sale in sales]
    return [replace(line, at=at) for line in lines]


def wrong(line: StatementLine, kind: FeeKind, more: int) -> StatementLine:
    """The line with so much more of one kind."""
    parts = tuple(
        replace(part, amount=part.amount + Money(more, part.amount.currency)) if part.kind is kind else part
        for part in line.parts
    )
    return replace(line, parts=parts, amount=line.amount + Money(more, line.amount.currency))


async def make_money(root: Path) -> DataDir:
    """A house with balances and statements: one store's differ, one's are verified, one is in debt."""
    data_dir = await make_house(root)
    async with await Writer.open(data_dir, NOW) as writer:
        for store_id, minor in ((SHOP, 1_820_455), ("tt-th-1", 21_248_000), ("tt-vn-1", 88_450_000), (IN_DEBT, -1_450)):
            await put_balances(writer, store(store_id), minor)
        shop = store(SHOP)
        orders = [
            replace(
                sale.order(shop),
                created_at=NOW - 12 * DAY,
                updated_at=NOW - 7 * DAY,
                paid_at=NOW - 12 * DAY,
                buyer_name="Nur Aisyah",
            )
            for sale in SALES
        ]
        await writer.upsert_orders(orders, seen_at=NOW, now=NOW)
        for number, days in enumerate((9, 2)):
            at, name = NOW - days * DAY, f"7490{number}"
            lines = settled(shop, SALES, name, at - HOUR) if number else settled(shop, (Sale("9999"),), name, at - HOUR)
            if number:
                lines[0] = wrong(lines[0], FeeKind.COMMISSION, -144)
                lines[1] = wrong(lines[1], FeeKind.COMMISSION, -252)
                lines[2] = wrong(lines[2], FeeKind.SHIPPING, -350)
            await put_statement(writer, shop, name, at, lines)
        thai = store("tt-th-1")
        await put_statement(writer, thai, "75001", NOW - DAY, settled(thai, (Sale("8888"),), "75001", NOW - DAY))
        await writer.money.mark_verified([("tt-th-1", "75001")], "an", NOW - HOUR)
    return data_dir


async def put_balances(writer: Writer, shop: Store, minor: int) -> None:
    """Thirty days of balances that rise, or fall below zero."""
    for days in range(29, -1, -1):
        share = minor * (30 - days) // 30 if minor > 0 else minor + days * 300
        balance = Balance(shop.store_id, NOW - days * DAY, Money(share, shop.currency), True, "statements")
        await writer.money.put_balance(shop, balance)
    assert day_of(shop, NOW)


async def put_statement(writer: Writer, shop: Store, name: str, at: int, lines: list[StatementLine]) -> None:
    key = (shop.store_id, name)
    total = sum(line.amount.minor for line in lines)
    await writer.money.put_statements([a_statement(shop, total, name, at)], at)
    run = await writer.money.begin_lines(key, len(lines))
    assert run is not None
    await writer.money.put_lines(key, run, lines)
    assert await writer.money.end_lines(key, run, NOW) is not None
    checked = await writer.money.check(
        key, terms_of(shop), BOOK.digest, load_rates(), NOW - 2 * HOUR, returns_known=True
    )
    assert checked is not None


__all__ = ["IN_DEBT", "SALES", "SHOP", "make_money", "some_orders"]
