"""`shoptui money`: balances and statements of all stores, for scripts."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from shoptui.domain.clocks import countdown
from shoptui.domain.money import Money
from shoptui.domain.stores import Store
from shoptui.paths import DataDir
from shoptui.queries.money import BalanceRow, StatementRow, totals_of
from shoptui.queries.money_export import BALANCE_COLUMNS, STATEMENT_COLUMNS, balance_cells, statement_cells
from shoptui.queries.money_fields import parse_money
from shoptui.queries.money_views import filtered, names_anomalies
from shoptui.queries.query import Query
from shoptui.queries.sheets import Cell, Kind
from shoptui.queries.sheets import Column as SheetColumn
from shoptui.shell.connect import ask, end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.export import stores_of, terms_of
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import confirmed, opened
from shoptui.shell.rows import Names, parsed, print_records, read_rows, yes_option
from shoptui.shell.saying import say
from shoptui.shell.tables import Column, print_table
from shoptui.store.reader import Reader
from shoptui.words import stores_count

_FORMATS = click.Choice(["table", "json", "csv"])
_NAMES = Names("statement", "STORE/STATEMENT", "money statements", parse_money)


@click.group()
def money() -> None:
    """Balances and statements: what each store has, what was compared, what was verified."""


@money.command("list")
@click.option("--filter", "filter_text", default="", help="The language of / in Money: status:negative, store:sp-*.")
@click.option("--format", "form", type=_FORMATS, default="table", show_default=True)
@click.pass_context
def list_balances(context: click.Context, filter_text: str, form: str) -> None:
    """Every store's balance, next loss first. Reads the cache; needs no engine. Exit code 3: nothing matches."""
    query = parsed(filter_text, parse_money)
    if names_anomalies(query):
        raise click.UsageError("This filter is about differences; write: shoptui export anomalies --filter ...")
    end_with(_list(house_of(context), query, form))


async def _list(house: DataDir, query: Query, form: str) -> int:
    now = int(time.time())
    book, rates = terms_of(house)
    async with opened(house) as reader:
        told = await reader.money.balances(now, book, rates)
        stores = [
            Store(row.store_id, row.marketplace, row.region, row.shop_id, row.name, row.time_zone, row.currency, "")
            for row in await reader.stores()
        ]
    rows = filtered(told.rows, query, stores)
    if form == "table":
        print_table(_balance_columns(now), rows, sys.stdout)
        for total, count in totals_of(rows):
            say(f"{total.currency} {total.plain()} in {stores_count(count)}")
        if told.converted is not None and told.rates_date is not None and not query.root:
            total = told.converted.total
            without = f", without {', '.join(told.converted.left_out)}" if told.converted.left_out else ""
            day = told.rates_date.isoformat()
            say(f"= {total.currency} {total.plain()} at rates of {day}{without} ({told.rates_source})")
    else:
        _print(form, BALANCE_COLUMNS, [balance_cells(row) for row in rows])
    return Exit.OK if rows else Exit.NOTHING


def _balance_columns(now: int) -> list[Column[BalanceRow]]:
    def left(row: BalanceRow) -> str:
        at = row.next_at if row.next_at is not None else row.last_missed_at
        return countdown(at, now, seconds=False).text if at is not None else ""

    def payout(row: BalanceRow) -> str:
        if row.next_payout_at is None:
            return ""
        day = datetime.fromtimestamp(row.next_payout_at).astimezone().strftime("%Y-%m-%d")
        amount = row.next_payout.plain() if row.next_payout is not None else ""
        return f"{'was due ' if row.payout_overdue else ''}{day} {amount}".rstrip()

    return [
        Column("", lambda row: "!" if row.missed else ""),
        Column("NEXT LOSS", left, right=True),
        Column("KIND", lambda row: row.next_kind if row.next_at is not None else row.last_missed_kind),
        Column("STORE", lambda row: row.store_id),
        Column("BALANCE", lambda row: row.balance.plain() if row.balance is not None else "", right=True),
        Column("", lambda row: f"{row.currency}{' derived' if row.derived else ''}"),
        Column("NEXT PAYOUT", payout),
        Column("UNVERIFIED", lambda row: str(row.unverified), right=True),
        Column("DIFFERENCES", lambda row: str(row.anomalies), right=True),
        Column("MISSING", lambda row: row.missing.plain() if row.missing.minor else "", right=True),
        Column("DAYS BELOW 0", lambda row: f"{row.debt.days} of {row.debt.of_days}" if row.debt else ""),
    ]


@money.command("statements")
@click.option("--store", "pattern", default="*", show_default=True, metavar="GLOB", help="Only these stores.")
@click.option("--unverified", is_flag=True, help="Only those nobody marked.")
@click.option("--format", "form", type=_FORMATS, default="table", show_default=True)
@click.pass_context
def statements(context: click.Context, pattern: str, unverified: bool, form: str) -> None:
    """The statements of stores, newest first, with what was found in them. Exit code 3: there is none."""
    end_with(_statements(house_of(context), pattern, unverified, form))


async def _statements(house: DataDir, pattern: str, unverified: bool, form: str) -> int:
    async with opened(house) as reader:
        rows = await _rows(reader, house, await stores_of(reader, pattern))
    rows = [row for row in rows if not (unverified and row.verified)]
    if form == "table":
        print_table(_statement_columns(), rows, sys.stdout)
    else:
        _print(form, STATEMENT_COLUMNS, [statement_cells(row) for row in rows])
    return Exit.OK if rows else Exit.NOTHING


async def _rows(reader: Reader, house: DataDir, stores: Sequence[str]) -> list[StatementRow]:
    book, _rates = terms_of(house)
    rows: list[StatementRow] = []
    for store_id in stores:
        ids = await reader.money.statement_ids(store_id)
        rows += await read_rows(lambda part: reader.money.statements(part, book), ids)
    return rows


def _statement_columns() -> list[Column[StatementRow]]:
    def state(row: StatementRow) -> str:
        if row.mark is not None and row.mark.what == "changed":
            return "changed since it was verified"
        if row.mark is not None and row.verified:
            return f"verified by {row.mark.operator}"
        return "" if row.checked_at is not None else "not compared yet"

    return [
        Column("STATEMENT", lambda row: f"{row.statement.store_id}/{row.statement.statement_id}"),
        Column("ENDED", lambda row: datetime.fromtimestamp(row.statement.end_at).astimezone().strftime("%Y-%m-%d")),
        Column("PAYOUT", lambda row: row.statement.payout.plain(), right=True),
        Column("", lambda row: row.statement.payout.currency),
        Column("ORDERS", lambda row: str(row.orders), right=True),
        Column("DIFFERENCES", lambda row: str(row.anomalies), right=True),
        Column("MISSING", lambda row: row.missing.plain() if row.missing.minor else "", right=True),
        Column("STATE", state),
    ]


@money.command("verify")
@click.argument("names", nargs=-1, metavar="[STORE/STATEMENT]...")
@click.option("--store", "pattern", metavar="GLOB", help="All statements of these stores that agree to the cent.")
@click.option("--off", is_flag=True, help="Take marks off instead.")
@yes_option
@click.pass_context
def verify(context: click.Context, names: tuple[str, ...], pattern: str | None, off: bool, yes: bool) -> None:
    """Mark statements as looked through: named ones, or with --store all that agree to the cent.

    The mark comes off by itself when a statement changes later. Exit code 1: some could not be marked.
    """
    if bool(names) == bool(pattern) or (off and pattern):
        raise click.UsageError("Name statements as STORE/STATEMENT (money statements has them), or give --store.")
    end_with(_verify(house_of(context), [_NAMES.key(name) for name in names], pattern, off, yes))


async def _verify(house: DataDir, keys: Sequence[tuple[str, ...]], pattern: str | None, off: bool, yes: bool) -> int:
    seen_at = int(time.time())
    if pattern is not None:
        async with opened(house) as reader:
            rows = await _rows(reader, house, await stores_of(reader, pattern))
        agreeing = [
            row
            for row in rows
            if row.mark is None and row.checked_at is not None and not row.stale and not row.anomalies
        ]
        keys = [(row.statement.store_id, row.statement.statement_id) for row in agreeing]
    if not keys:
        say("No statement that agrees to the cent is left to verify.")
        return Exit.NOTHING
    if not yes and not confirmed(len(keys), "take the mark off" if off else "verify"):
        return Exit.NOTHING
    async with engine_client(house) as client:
        wanted = [list(key) for key in keys]
        if off:
            answer = await ask(client, "withdraw_marks", statements=wanted)
        else:
            answer = await ask(client, "mark_verified", statements=wanted, seen_at=seen_at)
    refused = answer.body.get("refused", [])
    for each in refused:
        say(str(each["say"]))
    say(f"{len(answer.body['changed'])} {'marks taken off' if off else 'verified'}.")
    return Exit.FAILED if refused else Exit.OK


def _print(form: str, columns: Sequence[SheetColumn], cells: Sequence[Sequence[Cell]]) -> None:
    fields = [column.name for column in columns]
    records = [{column.name: _plain(column, cell) for column, cell in zip(columns, row, strict=True)} for row in cells]
    print_records(form, fields, records)


def _plain(column: SheetColumn, cell: Cell) -> object:
    """A cell as JSON and CSV have it: amounts as decimal texts, moments in UTC."""
    if isinstance(cell, Money):
        return cell.plain()
    if column.kind is Kind.MOMENT and isinstance(cell, int):
        return datetime.fromtimestamp(cell, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return cell
