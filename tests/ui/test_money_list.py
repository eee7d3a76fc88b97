"""Money without an engine: balances, a statement, its lines, all differences, packs and exports as files."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from shoptui.cockpit.money_list import What
from shoptui.command_state import Context
from shoptui.domain.money import Money
from shoptui.paths import DataDir
from shoptui.queries.money import AnomalyRow, BalanceRow
from shoptui.screens.money import MoneyPlace
from shoptui.screens.money_columns import columns_of, sparkline
from shoptui.store.writer import Writer
from shoptui.widgets.columns import CellContext, CellText, Column, lay_out
from shoptui.widgets.glyphs import UNICODE_GLYPHS
from shoptui.words.times import money_words
from tests.ui.app_support import DAY, NOW, Cockpit, cockpit
from tests.ui.money_support import IN_DEBT, SHOP, make_money

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    return await make_money(tmp_path_factory.mktemp("money"))


@pytest_asyncio.fixture(loop_scope="module")
async def open_money(
    house: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Cockpit, MoneyPlace]]:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))
    async with money(house) as found:
        yield found


@asynccontextmanager
async def money(house: DataDir, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Cockpit, MoneyPlace]]:
    async with cockpit(house, size) as under_test:
        # From an order `g m` lands on its store: to the first of all.
        await under_test.press("g", "m")
        await under_test.press("0", "g", "g")
        place = under_test.app.frame.place
        assert isinstance(place, MoneyPlace)
        yield under_test, place


async def test_balances_stand_by_next_loss_with_a_total_that_names_its_rates(
    open_money: tuple[Cockpit, MoneyPlace],
) -> None:
    under_test, place = open_money
    rows = [row for row in place.shown.rows if isinstance(row, BalanceRow)] if place.shown else []
    assert [row.store_id for row in rows[:2]] == [SHOP, IN_DEBT]
    view = under_test.line("view")
    assert view.startswith("0 balances  6 stores")
    assert "= US$ 14,249.74 at rates of 1 Jul 2025" in view
    screen = under_test.screen_text()
    assert "RM 18,204.55d" in screen
    assert "difference -7.46" in under_test.pane_text()
    await under_test.press("down")
    assert "withdrawals freeze" in under_test.pane_text()


async def test_every_currency_has_an_exact_total_besides_the_converted_one(
    open_money: tuple[Cockpit, MoneyPlace],
) -> None:
    under_test, place = open_money
    assert place.shown is not None and place.shown.balances is not None
    totals = place.shown.balances.totals
    assert len(totals) > 2
    await under_test.press("tab")
    lines = under_test.pane_text().splitlines()
    for total in totals:
        (line,) = (line for line in lines if f" {total.currency}  1 store" in line)
        assert money_words(total.minor, total.currency) in line
    assert "at rates of 1 Jul 2025" in under_test.pane_text()


async def test_the_last_statement_is_named_even_where_another_wants_looking_at(
    house: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))
    async with money(house, (200, 50)) as (under_test, _place):
        assert "last statement to 12Jul; 2 not verified" in under_test.pane_text()
        heads = next(line for line in under_test.screen_text().splitlines() if "UNVER" in line)
        row = next(line for line in under_test.screen_text().splitlines() if line.startswith("►"))
        assert row[heads.index("LAST") :].startswith("12Jul")


async def test_files_of_the_house_that_cannot_be_used_are_said_above_the_list(
    house: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))
    rates, fees = house.root / "rates.toml", house.root / "fees.toml"
    async with money(house) as (under_test, place):
        try:
            for path, content, said in (
                (rates, 'format = 1\ndate = 2026-07-14\nsource = "b"\n[per_usd]\nMYR = 4.2\n', "Nothing is converted."),
                (fees, "format = 2\n", "Checked by the packaged fees."),
            ):
                path.write_text(content, encoding="utf-8")
                place.read_list()
                await under_test.settled()
                screen = under_test.screen_text()
                assert f"{said} {path.name}: " in screen
                assert ("= US$" in screen) == (path is fees)
                path.unlink()
            place.read_list()
            await under_test.settled()
            assert "packaged fees" not in under_test.screen_text()
        finally:
            rates.unlink(missing_ok=True)
            fees.unlink(missing_ok=True)


async def test_no_amount_is_cut_within_its_digits(house: DataDir) -> None:
    async with money(house) as (_under_test, place):
        row = place.grid.cursor_row
        assert isinstance(row, BalanceRow)
        huge = replace(
            row,
            balance=Money(-123_456_789_012_345, "VND"),
            next_payout=Money(123_456_789_012, "VND"),
            next_payout_at=NOW + DAY,
        )
        for width, said in ((80, ("-₫123.456.789M", "Wed 15 ₫123.456M")), (74, ("-₫123.456G", "Wed 15 ₫123G"))):
            placed = lay_out(columns_of(What.BALANCES, place.session, width), width, CellContext()).columns
            cells = [
                one.column.cell(huge, CellContext(one.width))
                for one in placed
                if isinstance(one.column, Column) and one.column.id in {"balance", "payout"}
            ]
            assert [cell.text.removesuffix("d") for cell in cells if isinstance(cell, CellText)] == list(said)


async def test_the_tab_counts_stores_whose_money_is_urgent(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as writer:
        assert await writer.money.keep_counts(1, 2)
        assert not await writer.money.keep_counts(1, 2), "nothing new to tell"
    async with cockpit(house) as under_test:
        assert "Money 3" in under_test.line("tabs")
    async with await Writer.open(house, NOW) as writer:
        await writer.money.keep_counts(0, 0)


async def test_enter_opens_what_differs_and_the_way_back_is_by_all_statements(
    open_money: tuple[Cockpit, MoneyPlace],
) -> None:
    under_test, place = open_money
    await under_test.press("enter")
    assert place.key_context() is Context.STATEMENT
    screen = under_test.screen_text()
    assert "sold 504.42   paid 448.60   we expected 456.06   difference -7.46" in screen
    assert "✓ 9 orders agree to the cent" in screen
    row = place.grid.cursor_row
    assert isinstance(row, AnomalyRow)
    assert row.anomaly.difference.plain() == "-3.50"
    await under_test.do("row.next")
    assert place.statement is not None
    assert (place.statement.statement.statement_id, place.statement.anomalies) == ("74900", 0)
    assert "Nothing differs" in under_test.pane_text()
    await under_test.do("row.next")
    assert "oldest" in under_test.message()
    await under_test.do("go.back")
    assert (place.what, len(place.window.index)) == (What.STATEMENTS, 2)
    await under_test.do("go.back")
    assert place.what is What.BALANCES
    assert place.store_here() == SHOP


async def test_lines_and_the_order_behind_one(open_money: tuple[Cockpit, MoneyPlace]) -> None:
    under_test, place = open_money
    await under_test.press("enter")
    await under_test.do("statement.lines")
    assert (place.what, len(place.window.index)) == (What.LINES, 12)
    assert "commission -3.84" in under_test.pane_text()
    await under_test.do("statement.lines")
    assert place.what is What.STATEMENT
    await under_test.press("enter")
    assert under_test.app.frame.place.context is Context.ORDERS
    await under_test.press("h")
    assert under_test.app.frame.place is place
    assert place.what is What.STATEMENT
    place.go_to(f"of:{SHOP}/576461413048000003")
    await under_test.settled()
    assert place.what is What.LINES
    assert place.order_here() == (SHOP, "576461413048000003")


async def test_l_leads_to_the_lines_from_any_list(open_money: tuple[Cockpit, MoneyPlace]) -> None:
    under_test, place = open_money
    await under_test.do("statement.lines")
    assert (place.what, place.store_here()) == (What.LINES, SHOP)
    await under_test.press("1")
    assert place.what is What.ANOMALIES
    await under_test.do("statement.lines")
    assert place.what is What.LINES
    assert place.statement is not None and place.statement.statement.statement_id == "74901"
    await under_test.press("0")
    place.grid.move_to(place.numbers.number("tt-vn-1"))
    await under_test.do("statement.lines")
    assert "tt-vn-1 has no statement yet" in under_test.message()


async def test_differences_of_all_stores_and_their_filters(open_money: tuple[Cockpit, MoneyPlace]) -> None:
    under_test, place = open_money
    await under_test.press("1")
    assert (place.what, len(place.window.index)) == (What.ANOMALIES, 3)
    assert "= -US$ 1.78" in under_test.line("view")
    assert place.set_filter("kind:shipping_over_quote") is None
    await under_test.settled()
    assert len(place.window.index) == 1
    error = place.set_filter("diff:many")
    assert error is not None
    await under_test.press("3")
    rows = [row.store_id for row in (place.shown.rows if place.shown else ()) if isinstance(row, BalanceRow)]
    assert rows == [IN_DEBT]
    await under_test.press("4")
    assert "Nothing of that kind" in under_test.pane_text()
    await under_test.press("9")
    assert "View 9 is empty" in under_test.message()


async def test_what_needs_an_engine_says_so(open_money: tuple[Cockpit, MoneyPlace]) -> None:
    under_test, _place = open_money
    await under_test.press("enter")
    await under_test.do("statement.verify")
    assert "engine" in under_test.message()


async def test_a_balance_has_no_pack_and_no_buyer(open_money: tuple[Cockpit, MoneyPlace]) -> None:
    under_test, place = open_money
    await under_test.do("dispute.pack")
    assert "A pack is made of differences" in under_test.message()
    await under_test.do("row.runbook")
    assert "contested" in under_test.pane_text()
    assert place.in_pane
    await under_test.do("row.runbook")
    assert "contested" not in under_test.pane_text()
    await under_test.do("row.runbook")
    await under_test.press("escape")
    assert "contested" not in under_test.pane_text()


async def test_a_pack_is_written_to_files_also_without_an_engine(open_money: tuple[Cockpit, MoneyPlace]) -> None:
    under_test, place = open_money
    await under_test.press("enter")
    await under_test.do("mark.all")
    await under_test.do("dispute.pack")
    assert "DISPUTE PACK for 3 lines, tt-my-1, RM 7.46" in under_test.screen_text()
    form = under_test.app.frame.strip.form
    assert form is not None
    form.do()
    await under_test.settled()
    assert "Written to" in under_test.message()
    (folder,) = (place.session.data_dir.operator_state.parent / "exports").iterdir()
    assert folder.name == "tt-my-1-2026-07-14"
    letter = (folder / "letter.txt").read_text(encoding="utf-8")
    assert "7.46 MYR" in letter
    with (folder / "amounts.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["difference"] for row in table if row["order"].startswith("576")] == ["-3.50", "-2.52", "-1.44"]
    assert not list(place.grid.marks)


@pytest.mark.parametrize(("presses", "excel", "totals"), [(0, False, False), (1, False, True), (2, True, True)])
async def test_an_export_can_be_read_back(
    open_money: tuple[Cockpit, MoneyPlace], presses: int, excel: bool, totals: bool
) -> None:
    under_test, place = open_money
    await under_test.do("money.export")
    form = under_test.app.frame.strip.form
    assert form is not None
    form.option(1)
    for _ in range(presses):
        form.option(2)
    form.do()
    await under_test.settled()
    assert "3 rows written" in under_test.message()
    (path,) = (place.session.data_dir.operator_state.parent / "exports").iterdir()
    if excel:
        sheet = load_workbook(path).active
        assert sheet is not None
        heads, *rows = list(sheet.iter_rows(values_only=True))
        payouts = [row[list(heads).index("payout")] for row in rows if row[1]]
        assert all(isinstance(amount, int | float) for amount in payouts)
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file))
        payouts = [row["payout"] for row in table if row["statement"]]
        assert any(row["store"].startswith("total ") for row in table) == totals
        assert "448.60" in payouts
    assert len(payouts) == 3


async def test_k_names_the_rule_of_a_difference(open_money: tuple[Cockpit, MoneyPlace]) -> None:
    under_test, _place = open_money
    await under_test.press("enter")
    await under_test.press("down")
    await under_test.do("row.runbook")
    why = " ".join(under_test.pane_text().split())
    assert "Rule tiktok-commission" in why
    assert "commission 6 % of the goods" in why


async def test_it_is_found_again_where_it_was(house: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))
    async with money(house) as (under_test, place):
        await under_test.press("down")
        await under_test.settled()
        under_test.app.save_memory()
    async with cockpit(house) as under_test:
        found = under_test.app.frame.place
        assert isinstance(found, MoneyPlace)
        assert found.store_here() == IN_DEBT
    assert place.what is What.BALANCES


@pytest.mark.parametrize("what", [What.ANOMALIES, What.STATEMENTS, What.STATEMENT, What.LINES])
async def test_what_was_open_and_marked_is_so_again(
    house: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: What
) -> None:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))
    keys = {
        What.ANOMALIES: ["1", "S", "3"],
        What.STATEMENTS: ["enter", "h"],
        What.STATEMENT: ["enter"],
        What.LINES: ["enter", "L"],
    }
    async with money(house) as (under_test, place):
        for key in keys[what]:
            await under_test.press(key)
        await under_test.press("space")
        count = min(2, len(place.window.index))
        await under_test.press("space")
        assert (place.what, len(place.grid.marks)) == (what, count)
        left, sort = place.memory(), place.sort
        assert len(left.marks) == count
        under_test.app.save_memory()
    async with cockpit(house) as under_test:
        found = under_test.app.frame.place
        assert isinstance(found, MoneyPlace)
        assert (found.what, found.memory(), found.sort) == (what, left, sort)


async def test_a_statement_that_is_gone_leaves_the_balances(
    house: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))
    async with money(house) as (under_test, place):
        await under_test.press("enter")
        left = place.memory()
        under_test.app.session.remember_place("money", replace(left, opened=f"{left.opened}-of-old"))
        place.remembers = False
        under_test.app.save_memory()
    async with cockpit(house) as under_test:
        found = under_test.app.frame.place
        assert isinstance(found, MoneyPlace)
        assert (found.what, len(found.grid.marks), found.filter_text) == (What.BALANCES, 0, left.filter_text)


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ((), ""),
        ((None,) * 8, ""),
        (tuple(range(8)), "▁▂▃▄▅▆▇█"),
        ((5,) * 8, "▄" * 8),
        ((None,) * 4 + (-9, 0, 3, 9), "    ▁▄▅█"),
    ],
)
async def test_a_sparkline_goes_from_the_lowest_to_the_highest(days: tuple[int | None, ...], shown: str) -> None:
    assert sparkline(days, 8, UNICODE_GLYPHS) == shown


async def test_from_an_order_it_is_a_key_to_its_money(
    house: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))
    async with cockpit(house) as under_test:
        orders = under_test.app.frame.orders
        orders.set_filter("order:576461413048000002")
        await under_test.settled()
        await under_test.press("g", "m")
        place = under_test.app.frame.place
        assert isinstance(place, MoneyPlace)
        assert (place.what, place.order_here()) == (What.LINES, (SHOP, "576461413048000002"))
        await under_test.press("h", "h")
        assert place.what is What.BALANCES
        await under_test.press("h")
        assert under_test.app.frame.place is orders
        orders.set_filter("")
        await under_test.settled()
        await under_test.press("g", "m")
        assert "No statement has order" in under_test.message()
        assert place.what is What.BALANCES
