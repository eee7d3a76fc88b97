"""Exports of a house's money: every row is in the file, and the sums are those of the house."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from shoptui.domain.finance import Balance
from shoptui.domain.money import Money
from shoptui.money_files import MoneyTable, export_money
from shoptui.paths import DataDir
from shoptui.queries.money_fields import parse_money
from shoptui.queries.sheets import SheetError
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.domain.settlement_builders import AT, BOOK, Sale
from tests.store.money_factories import NOW, RATES, SHOP, check, lines_of, put_statement, statement_for, wrong

SALES = [Sale(f"1J8C3T{number:04d}", 900 + number) for number in range(620)]


@pytest.fixture
async def filled(house: DataDir) -> DataDir:
    lines = lines_of(SALES)
    lines[5] = wrong(lines[5], "commission", -700)
    later = lines_of([Sale("LATER")], "W47")
    async with await Writer.open(house, NOW) as writer:
        await writer.put_store(SHOP)
        await writer.money.put_balance(SHOP, Balance(SHOP.store_id, NOW, Money(-4_200, "MYR"), True, "statements"))
        await put_statement(writer, statement_for(lines), lines, page=300)
        await put_statement(writer, statement_for(later, "W47", AT + 7 * 86_400), later)
        await check(writer)
    return house


async def export(house: DataDir, what: MoneyTable, path: Path, **more: object) -> int:
    async with await Reader.open(house) as reader:
        return await export_money(reader, what, path, now=NOW, book=BOOK, rates=RATES, **more)  # type: ignore[arg-type]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_lines_are_all_there_and_add_up_to_their_statements(filled: DataDir, tmp_path: Path) -> None:
    assert await export(filled, MoneyTable.LINES, tmp_path / "lines.csv") == 621
    lines = read(tmp_path / "lines.csv")
    await export(filled, MoneyTable.STATEMENTS, tmp_path / "statements.csv")
    statements = {row["statement"]: row for row in read(tmp_path / "statements.csv")}
    for number, row in statements.items():
        own = [Money.parse(line["amount"], "MYR").minor for line in lines if line["statement"] == number]
        assert sum(own) == Money.parse(row["sum_of_lines"], "MYR").minor
    assert (statements["W46"]["anomalies"], statements["W47"]["anomalies"]) == ("1", "")
    assert await export(filled, MoneyTable.LINES, tmp_path / "new.csv", since=AT + 86_400) == 1
    assert await export(filled, MoneyTable.LINES, tmp_path / "none.csv", store_ids=["other"]) == 0


async def test_an_excel_file_of_lines_ends_with_their_exact_sum(filled: DataDir, tmp_path: Path) -> None:
    await export(filled, MoneyTable.LINES, tmp_path / "lines.xlsx")
    rows = list(load_workbook(tmp_path / "lines.xlsx", read_only=True).active.iter_rows(min_row=2, values_only=True))
    assert len(rows) == 622 and rows[-1][0] == "total MYR"
    assert round(rows[-1][9] * 100) == sum(round(row[9] * 100) for row in rows[:-1])


async def test_balances_and_anomalies_are_written_as_they_stand(filled: DataDir, tmp_path: Path) -> None:
    assert await export(filled, MoneyTable.BALANCES, tmp_path / "b.csv") == 1
    (row,) = read(tmp_path / "b.csv")
    assert (row["balance"], row["derived_from"], row["days_negative"], row["left_to_limit"]) == (
        "-42.00",
        "statements",
        "1",
        "378.00",
    )
    assert await export(filled, MoneyTable.ANOMALIES, tmp_path / "a.csv") == 1
    (row,) = read(tmp_path / "a.csv")
    assert (row["kind"], row["order"]) == ("fee_rate", SALES[5].order_no)
    assert await export(filled, MoneyTable.ANOMALIES, tmp_path / "c.csv", query=parse_money("diff:>500")) == 0


async def test_a_file_that_is_there_is_kept_unless_replacing_is_asked(filled: DataDir, tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    await export(filled, MoneyTable.BALANCES, path)
    with pytest.raises(SheetError, match="is there already"):
        await export(filled, MoneyTable.BALANCES, path)
    assert await export(filled, MoneyTable.BALANCES, path, replace=True) == 1
