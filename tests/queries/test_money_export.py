"""Exports of money: what is written reads back with the same amounts, types and texts, and runs nothing."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from shoptui.domain.anomalies import Anomaly, AnomalyKind
from shoptui.domain.clocks import DAY_S
from shoptui.domain.finance import FeeKind
from shoptui.domain.money import Money
from shoptui.queries.money import AnomalyRow, LineRow
from shoptui.queries.money_export import ANOMALY_COLUMNS, LINE_COLUMNS, anomaly_cells, line_cells
from shoptui.queries.sheets import Cell, Column, Kind, SheetError, open_table
from tests.domain.settlement_builders import AT, a_line, a_shop

COLUMNS = (
    Column("order"),
    Column("amount", Kind.MONEY, total=True),
    Column("at", Kind.MOMENT),
    Column("n", Kind.NUMBER),
)
EVIL = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tx", "\x07bell"]


def write(
    path: Path, rows: Sequence[Sequence[Cell]], columns: Sequence[Column] = COLUMNS, *, totals: bool = False
) -> Path:
    with open_table(path, columns, title="lines: of [W46]", totals=totals) as table:
        table.add(rows)
    return path


def sheet(path: Path) -> Any:
    return load_workbook(path).active


def test_an_excel_file_has_typed_cells_a_frozen_header_and_totals(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        ["0012", Money(-150, "MYR"), AT, 3],
        ["0013", Money(4_783, "MYR"), None, None],
        ["0014", Money(88_450_000, "VND"), AT, 1],
    ]
    found = sheet(write(tmp_path / "lines.xlsx", rows))
    assert found.freeze_panes == "A2"
    assert [cell.value for cell in found[1]] == ["order", "amount", "at", "n"] and found["A1"].font.bold
    assert [cell.value for cell in found[2]] == ["0012", -1.5, datetime(2026, 11, 16), 3]
    assert (found["A2"].data_type, found["B2"].number_format, found["B4"].number_format) == ("s", "#,##0.00", "#,##0")
    assert [[cell.value for cell in row[:2]] for row in found.iter_rows(min_row=5)] == [
        ["total MYR", 46.33],
        ["total VND", 88_450_000],
    ]
    assert found.title == "lines  of  W46"


@pytest.mark.parametrize("text", EVIL)
def test_no_text_becomes_a_formula(tmp_path: Path, text: str) -> None:
    found = sheet(write(tmp_path / "a.xlsx", [[text, None, None, None]]))
    assert found["A2"].data_type == "s"
    assert found["A2"].value.endswith(text[1:])
    with write(tmp_path / "a.csv", [[text, None, None, None]]).open(encoding="utf-8-sig", newline="") as file:
        assert not list(csv.reader(file))[1][0].startswith(("=", "+", "-", "@", "\t"))


def test_amounts_a_spreadsheet_would_round_stay_exact_as_text(tmp_path: Path) -> None:
    found = sheet(write(tmp_path / "a.xlsx", [["1", Money(2**62, "VND"), None, 2**60]]))
    assert [cell.value for cell in found[2]] == ["1", str(2**62), None, str(2**60)]


AMOUNTS = st.lists(
    st.tuples(st.integers(-(10**12), 10**12), st.sampled_from(["MYR", "VND", "IDR", "EUR"])), max_size=20
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(AMOUNTS)
def test_files_read_back_with_the_same_sums(tmp_path: Path, amounts: list[tuple[int, str]]) -> None:
    rows: list[list[Cell]] = [[str(n), Money(minor, code), AT, n] for n, (minor, code) in enumerate(amounts)]
    for path in (tmp_path / "s.xlsx", tmp_path / "s.csv", tmp_path / "t.csv"):
        path.unlink(missing_ok=True)
        write(path, rows, totals=path.stem == "t")
    sums: dict[str, int] = {}
    for minor, code in amounts:
        sums[code] = sums.get(code, 0) + minor
    told = list(sheet(tmp_path / "s.xlsx").iter_rows(min_row=2, values_only=True))
    assert [(row[0], round(row[1] * 100)) for row in told[len(rows) :]] == [
        (f"total {code}", minor * (1 if code in ("MYR", "EUR") else 100)) for code, minor in sorted(sums.items())
    ]
    with (tmp_path / "s.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert [Money.parse(row["amount"], code).minor for row, (_, code) in zip(read, amounts, strict=True)] == [
        minor for minor, _ in amounts
    ]
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        summed = list(csv.DictReader(file))
    assert summed[: len(rows)] == read
    assert [(row["order"], row["amount"]) for row in summed[len(rows) :]] == [
        (f"total {code}", Money(minor, code).plain()) for code, minor in sorted(sums.items())
    ]


def test_a_failure_leaves_neither_a_file_nor_a_part_of_one(tmp_path: Path) -> None:
    for name in ("a.csv", "a.xlsx"):
        with pytest.raises(ValueError, match="zip"), open_table(tmp_path / name, COLUMNS, title="x") as table:
            table.add([["too", "few"]])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "says"), [("a.ods", "end its name with"), ("there.csv", "is there already")])
def test_files_that_cannot_be_written_are_said(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "there.csv").write_text("kept")
    with pytest.raises(SheetError, match=says):
        open_table(tmp_path / name, COLUMNS, title="x")
    assert (tmp_path / "there.csv").read_text() == "kept"


def test_a_file_is_for_this_user_and_replaces_only_when_asked(tmp_path: Path) -> None:
    path = write(tmp_path / "in" / "a.csv", [])
    assert path.stat().st_mode & 0o777 == 0o600
    with open_table(path, COLUMNS, title="x", replace=True) as table:
        table.add([["1", None, None, None]])
    assert len(path.read_text(encoding="utf-8-sig").splitlines()) == 2


def test_lines_have_a_column_for_every_kind_of_part() -> None:
    shop = a_shop()
    line = a_line(shop, "1J8C3T", {FeeKind.ITEM: 4783, FeeKind.COMMISSION: -383})
    cells = dict(zip([column.name for column in LINE_COLUMNS], line_cells(LineRow(1, line, None)), strict=True))
    assert (cells["amount"], cells["item"], cells["commission"], cells["tax"]) == (
        Money(4400, "MYR"),
        Money(4783, "MYR"),
        Money(-383, "MYR"),
        None,
    )


def test_anomalies_tell_what_their_reason_is_filled_with() -> None:
    anomaly = Anomaly(
        AnomalyKind.FEE_RATE,
        "sp-my-1",
        "W46",
        "1J8C3T",
        Money(-287, "MYR"),
        Money(-431, "MYR"),
        "rate_differs",
        (("book", "6.00"), ("taken", "9")),
        AT,
        "commission",
    )
    found = exported(anomaly)
    assert (found["difference"], found["facts"], found["dispute"]) == (Money(-144, "MYR"), "book 6.00; taken 9", None)
    assert found["days_late"] is None


def test_what_was_never_settled_says_how_late_it_is() -> None:
    args = (("status", "completed"), ("since", str(AT - 3 * DAY_S)))
    nothing = Money(0, "MYR")
    kind = AnomalyKind.NEVER_SETTLED
    found = exported(Anomaly(kind, "sp-my-1", "", "1J8C3T", Money(624, "MYR"), nothing, "not_settled", args, AT))
    assert found["days_late"] == 12
    day = datetime.fromtimestamp(AT - 3 * DAY_S, UTC).date()
    assert found["facts"] == f"status completed; since {day.isoformat()}"


def exported(anomaly: Anomaly) -> dict[str, Cell]:
    row = AnomalyRow(1, anomaly, anomaly.order_no, None, None, None, None, False)
    return dict(zip([column.name for column in ANOMALY_COLUMNS], anomaly_cells(row, AT + 12 * DAY_S + 5), strict=True))
