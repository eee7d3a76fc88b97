"""`shoptui export`: money as tables for spreadsheets and other programs, also from cron."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import click

from shoptui.domain.fee_rules import FeeBook
from shoptui.domain.fx import Rates
from shoptui.domain.rule_types import RuleError
from shoptui.exchange import load_rates
from shoptui.fee_book import load_fee_book
from shoptui.money_files import MoneyTable, export_money
from shoptui.paths import DataDir
from shoptui.queries.money_fields import parse_money
from shoptui.queries.query import Query
from shoptui.queries.sheets import Format, SheetError
from shoptui.queries.store_names import store_matches
from shoptui.shell.connect import Stop, end_with
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import opened
from shoptui.shell.rows import me, parsed
from shoptui.shell.saying import say
from shoptui.store.reader import Reader

_TO_STDOUT = "-"


@dataclass(frozen=True, slots=True)
class _File:
    """Where an export goes and how; `totals` are for CSV, `quiet` says nothing when it is written."""

    path: Path
    to_stdout: bool
    replace: bool
    totals: bool
    quiet: bool


@click.command()
@click.argument("what", type=click.Choice([table.value for table in MoneyTable]))
@click.option("--format", "form", type=click.Choice([form.value for form in Format]), help="csv, or as FILE ends.")
@click.option("--store", "pattern", default="*", show_default=True, metavar="GLOB", help="Only these stores: sp-my-*.")
@click.option("--since", metavar="DATE", help="Statements, and their lines, that ended from this day on: 2026-07-01.")
@click.option("--filter", "filter_text", default="", help="Which differences (anomalies); the language of / in Money.")
@click.option("-o", "--out", "out", metavar="FILE", help="Where to; - is standard output. Else WHAT-DATE.csv here.")
@click.option("--replace", is_flag=True, help="Write over FILE.")
@click.option("--totals", is_flag=True, help="End a CSV file with a row of sums for each currency, as Excel files do.")
@click.option("--quiet", is_flag=True, help="Say nothing when all went well; for cron.")
@click.pass_context
def export(
    context: click.Context,
    what: str,
    form: str | None,
    pattern: str,
    since: str | None,
    filter_text: str,
    out: str | None,
    replace: bool,
    totals: bool,
    quiet: bool,
) -> None:
    """Write statements, their lines, balances or differences (anomalies) to a file.

    Reads the cache; needs no engine. Amounts are exact; an Excel file ends with a total for each currency. Exit code 3:
    there is nothing to write, and the file has its headings alone.
    """
    table = MoneyTable(what)
    if filter_text and table is not MoneyTable.ANOMALIES:
        raise click.UsageError("--filter is about differences; write: shoptui export anomalies --filter ...")
    query = parsed(filter_text, parse_money)
    file = _File(_path(table, form, out), out == _TO_STDOUT, replace, totals, quiet)
    end_with(_export(house_of(context), table, file, pattern, _moment(since), query))


def terms_of(house: DataDir) -> tuple[FeeBook, Rates]:
    """The house's fee rules and rates; a file that cannot be read ends the command with its sentence."""
    try:
        return load_fee_book(house.root), load_rates(house.root)
    except RuleError as error:
        say(str(error))
        raise Stop(Exit.USAGE) from error


async def stores_of(reader: Reader, pattern: str) -> list[str]:
    """The stores a pattern means. Raises Stop when there is none."""
    found = [row.store_id for row in await reader.stores() if store_matches(pattern, row.store_id)]
    if not found:
        say(f"No store is called {pattern}; shoptui stores list has their names.")
        raise Stop(Exit.NOTHING)
    return found


def _path(table: MoneyTable, form: str | None, out: str | None) -> Path:
    if out in (None, _TO_STDOUT):
        return Path(f"{table.value}-{date.today().isoformat()}.{form or Format.CSV.value}")
    assert out is not None
    path = Path(out).expanduser()
    ending = path.suffix.lower().removeprefix(".")
    if form is None and ending not in {each.value for each in Format}:
        raise click.UsageError(f"{path.name} ends neither with .csv nor with .xlsx; name it so.")
    if form is not None and ending != form:
        raise click.UsageError(f"{path.name} does not end with .{form}; name it so, or leave --format out.")
    return path


def _moment(since: str | None) -> int | None:
    if since is None:
        return None
    try:
        return int(datetime.fromisoformat(since).astimezone().timestamp())
    except ValueError as error:
        raise click.UsageError(f"{since!r} is no day; write it as 2026-07-01.") from error


async def _export(house: DataDir, table: MoneyTable, file: _File, pattern: str, since: int | None, query: Query) -> int:
    book, rates = terms_of(house)
    async with opened(house) as reader:
        stores: Sequence[str] = await stores_of(reader, pattern)
        with tempfile.TemporaryDirectory(prefix="shoptui-export-") as folder:
            target = Path(folder) / file.path.name if file.to_stdout else file.path
            try:
                count = await export_money(
                    reader,
                    table,
                    target,
                    now=int(time.time()),
                    book=book,
                    rates=rates,
                    operator=me(),
                    store_ids=stores,
                    since=since,
                    query=query,
                    replace=file.replace,
                    totals=file.totals,
                )
            except SheetError as error:
                say(str(error))
                raise Stop(Exit.FAILED) from error
            if file.to_stdout:
                with target.open("rb") as written:
                    shutil.copyfileobj(written, sys.stdout.buffer)
                sys.stdout.flush()
            elif not file.quiet:
                say(f"{count:,} rows written to {file.path}")
    return Exit.OK if count else Exit.NOTHING
