"""`shoptui money` and `shoptui export` beside an engine: lists, marks, and files that are read back to the cent."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from shoptui.domain.finance import FeeKind
from shoptui.shell.exits import Exit
from shoptui.shell.group import cli
from shoptui.store.reader import Reader
from tests.ui.flow_support import Served, flow

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Shell:
    """Commands typed in a house whose engine runs in this process."""

    def __init__(self, running: Served) -> None:
        self.running = running

    async def type(self, *words: str) -> Result:
        where = ["--data-dir", str(self.running.made.data_dir.root)]
        return await asyncio.to_thread(CliRunner().invoke, cli, [*where, *words], catch_exceptions=False)

    async def records(self, *words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((await self.type(*words, "--format", "json")).stdout)
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shell(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shell]:
    root: Path = tmp_path_factory.mktemp("shell")
    markets, regions = ("tiktok", "shopee"), ("TH", "VN")
    async with flow(root, stores=4, orders=600, regions=regions, markets=markets, money_errors=8) as running:
        for _turn in range(20):
            if await running.engine.turn() > running.made.clock.now():
                break
        yield Shell(running)


async def test_balances_are_listed_and_filtered(shell: Shell) -> None:
    rows = await shell.records("money", "list")
    assert {row["store"] for row in rows} == {store.store_id for store in shell.running.made.stores}
    (below,) = await shell.records("money", "list", "--filter", "status:negative")
    assert Decimal(below["balance"]) < 0
    table = await shell.type("money", "list")
    assert "at rates of" in table.stderr
    for code in {row["currency"] for row in rows}:
        exact = sum((Decimal(row["balance"]) for row in rows if row["currency"] == code), Decimal(0))
        assert f"{code} {exact} in 2 stores" in table.stderr
    none = await shell.type("money", "list", "--filter", "store:zz-*")
    assert none.exit_code == Exit.NOTHING
    wrong = await shell.type("money", "list", "--filter", "kind:fee_rate")
    assert wrong.exit_code == Exit.USAGE
    assert "shoptui export anomalies" in wrong.stderr


async def test_a_converted_total_names_the_currencies_it_is_without(shell: Shell) -> None:
    path: Path = shell.running.made.data_dir.root / "rates.toml"
    try:
        path.write_text('format = 1\ndate = 2026-11-20\nsource = "our bank"\n[per_usd]\nTHB = "32"\n', encoding="utf-8")
        said = " ".join((await shell.type("money", "list")).stderr.split())
        assert "at rates of 2026-11-20, without VND (our bank)" in said
        path.write_text("date = 2026-11-20\n", encoding="utf-8")
        wrong = await shell.type("money", "list")
        assert (wrong.exit_code, "format is missing; add it as format = 1" in wrong.stderr) == (Exit.USAGE, True)
    finally:
        path.unlink()


async def test_statements_are_verified_by_name_and_by_store(shell: Shell) -> None:
    rows = await shell.records("money", "statements", "--store", "tt-*")
    first = next(row for row in rows if row["checked_at"])
    name = f"{first['store']}/{first['statement']}"
    asks = await shell.type("money", "verify", name)
    assert asks.exit_code == Exit.NOTHING
    assert (await shell.type("money", "verify", name, "--yes")).exit_code == Exit.OK
    off = await shell.type("money", "verify", name, "--off", "--yes")
    assert "1 marks taken off" in off.stderr
    agreeing = await shell.type("money", "verify", "--store", "sp-*", "--yes")
    assert agreeing.exit_code == Exit.OK
    left = await shell.records("money", "statements", "--store", "sp-*", "--unverified")
    assert all(row["anomalies"] for row in left)
    again = await shell.type("money", "verify", "--store", "sp-*", "--yes")
    assert again.exit_code == Exit.NOTHING
    unknown = await shell.type("money", "verify", "tt-th-1/none", "--yes")
    assert (unknown.exit_code, "no statement none" in unknown.stderr) == (Exit.FAILED, True)


@pytest.mark.parametrize(
    "words",
    [
        ("money", "verify"),
        ("money", "verify", "tt-th-1", "--yes"),
        ("export", "lines", "-o", "lines.txt"),
        ("export", "lines", "--format", "csv", "-o", "lines.xlsx"),
        ("export", "balances", "--filter", "kind:fee_rate"),
        ("export", "statements", "--since", "yesterday"),
    ],
)
async def test_bad_usage_is_a_sentence(shell: Shell, words: tuple[str, ...]) -> None:
    found = await shell.type(*words)
    assert found.exit_code == Exit.USAGE
    assert len(found.stderr) > 20


async def test_lines_in_csv_add_up_to_the_cent(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    found = await shell.type("export", "lines", "-o", str(path))
    assert found.exit_code == Exit.OK
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [row for row in rows if row["line"]]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in lines:
        sums[row["statement"]] += Decimal(row["amount"])
        assert sum((Decimal(row[kind]) for kind in FeeKind if row[kind]), Decimal()) == Decimal(row["amount"])
    assert sums == await paid(shell)
    assert f"{len(lines):,} rows written" in found.stderr


async def paid(shell: Shell) -> dict[str, Decimal]:
    """What the lines of each statement add up to, by its number."""
    found: dict[str, Decimal] = {}
    async with await Reader.open(shell.running.made.data_dir) as reader:
        for store in shell.running.made.stores:
            for row in await reader.money.statements(await reader.money.statement_ids(store.store_id)):
                if row.lines:
                    name = row.statement.statement_id
                    found[name] = found.get(name, Decimal()) + Decimal(row.lines_sum.plain())
    return found


async def test_differences_in_excel_have_numbers_dates_and_totals(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "differences.xlsx"
    assert (await shell.type("export", "anomalies", "--format", "xlsx", "-o", str(path))).exit_code == Exit.OK
    sheet = load_workbook(path).active
    assert sheet is not None
    heads, *rows = list(sheet.iter_rows(values_only=True))
    at = {str(name): place for place, name in enumerate(heads)}
    found = [row for row in rows if row[at["kind"]]]
    planted = shell.running.made.live.world.finance.planted()
    assert {row[at["order"]] for row in found} == {one.order.id for one in planted}
    assert all(isinstance(row[at["difference"]], int | float) for row in found)
    assert all(isinstance(row[at["at"]], datetime) for row in found)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        sums[f"total {row[at['currency']]}"] += Decimal(str(row[at["difference"]]))
    totals = [row for row in rows if str(row[0]).startswith("total")]
    assert {str(row[0]): Decimal(str(row[at["difference"]])) for row in totals} == sums


async def test_csv_has_totals_where_they_are_asked_for(shell: Shell, tmp_path: Path) -> None:
    for words in ((), ("--totals",)):
        path = tmp_path / f"{len(words)}.csv"
        found = await shell.type("export", "statements", "-o", str(path), *words)
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            if row["statement"]:
                sums[f"total {row['currency']}"] += Decimal(row["payout"])
        totals = {row["store"]: Decimal(row["payout"]) for row in rows if not row["statement"]}
        assert totals == (sums if words else {})
        # Totals are no rows of the table.
        assert f"{len(rows) - len(totals):,} rows written" in found.stderr


async def test_the_manuals_line_for_cron_works_there_and_says_nothing(shell: Shell, tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "manual.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^30 6 \* \* \*  (shoptui export .*)$", manual, re.MULTILINE)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "shoptui"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m shoptui "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    # What cron gives a command: no terminal, no locale, the user's home and little of the search path.
    bare = {"HOME": str(tmp_path), "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "SHELL": "/bin/sh"}

    def run(home: Path) -> subprocess.CompletedProcess[str]:
        env = {**bare, "SHOPTUI_HOME": str(home)}
        return subprocess.run(
            ["/bin/sh", "-c", line], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip

    (tmp_path / line.split(" -o ")[1].split()[0]).write_text("of yesterday", encoding="utf-8")
    done = await asyncio.to_thread(run, shell.running.made.data_dir.root)
    assert (done.returncode, done.stdout, done.stderr) == (Exit.OK, "", "")
    (written,) = tmp_path.glob("*.xlsx")
    sheet = load_workbook(written).active
    assert sheet is not None and sheet.max_row > 2
    # What goes wrong is said, so that cron sends it on.
    failed = await asyncio.to_thread(run, tmp_path / "nowhere")
    assert failed.returncode == Exit.NOTHING and failed.stderr.strip()


async def test_a_file_is_not_written_over_unless_it_is_said(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "balances.csv"
    words = ("export", "balances", "-o", str(path))
    assert (await shell.type(*words)).exit_code == Exit.OK
    again = await shell.type(*words)
    assert (again.exit_code, "is there already" in again.stderr) == (Exit.FAILED, True)
    assert (await shell.type(*words, "--replace")).exit_code == Exit.OK
    assert path.stat().st_mode & 0o077 == 0


async def test_cron_reads_standard_output_and_the_exit_code(shell: Shell) -> None:
    found = await shell.type("export", "statements", "--store", "tt-th-1", "-o", "-")
    rows = list(csv.DictReader(io.StringIO(found.stdout.lstrip("\ufeff"))))
    assert {row["store"] for row in rows if row["statement"]} == {"tt-th-1"}
    later = await shell.type("export", "statements", "--since", "2030-01-01", "-o", "-")
    assert later.exit_code == Exit.NOTHING
    unknown = await shell.type("export", "lines", "--store", "zz-*", "-o", "-")
    assert (unknown.exit_code, "No store is called" in unknown.stderr) == (Exit.NOTHING, True)
