"""`shoptui orders`: the order grid and its verbs for scripts."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
import time
from collections.abc import Sequence
from typing import TextIO

import click

from shoptui.domain.money import Money
from shoptui.paths import DataDir
from shoptui.queries.filter import Query
from shoptui.queries.order_export import FIELDS, order_cells, order_record, shown_status
from shoptui.queries.types import OrderRow
from shoptui.shell.connect import Stop
from shoptui.shell.erase import erase_buyer
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import matching, opened, parsed
from shoptui.shell.order_verbs import VERB_COMMANDS
from shoptui.shell.tables import Column, print_table
from shoptui.store.reader import Sort


@click.group()
def orders() -> None:
    """List orders, and everything that can be done with them."""


for _command in VERB_COMMANDS:
    orders.add_command(_command)
orders.add_command(erase_buyer)


@orders.command("list")
@click.option("--filter", "filter_text", default="is:open", show_default=True, help="The language of the / key.")
@click.option("--sort", default="next", show_default=True, help="A column, with - in front for descending.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), help="At most this many rows.")
@click.pass_context
def list_orders(context: click.Context, filter_text: str, sort: str, form: str, limit: int | None) -> None:
    """Orders of all stores, next loss first. Reads the cache; needs no engine. Exit code 3 when nothing matches."""
    query = parsed(filter_text)
    try:
        order = Sort.parse(sort)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        sys.exit(asyncio.run(_list(house_of(context), query, order, form, limit)))
    except Stop as stop:
        sys.exit(stop.code)


async def _list(house: DataDir, query: Query, sort: Sort, form: str, limit: int | None) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        ids = await matching(reader, query, sort, now, limit)
        rows: list[OrderRow] = []
        for start in range(0, len(ids), 500):
            rows.extend(await reader.rows(ids[start : start + 500], now))
    _print_rows(rows, form, now, sys.stdout)
    return Exit.OK if rows else Exit.NOTHING


def _print_rows(rows: Sequence[OrderRow], form: str, now: int, out: TextIO) -> None:
    if form == "json":
        json.dump([order_record(row) for row in rows], out, ensure_ascii=False, indent=1)
        out.write("\n")
    elif form == "csv":
        writer = csv.writer(out)
        writer.writerow(FIELDS)
        writer.writerows(order_cells(row) for row in rows)
    else:
        print_table(_columns(now), rows, out)


def _columns(now: int) -> list[Column[OrderRow]]:
    from shoptui.domain.clocks import countdown

    def left(row: OrderRow) -> str:
        moment = row.next_at if row.next_at is not None else row.last_missed_at
        return countdown(moment, now, seconds=False).text if moment is not None else ""

    return [
        Column("", lambda row: "!" if row.missed else ""),
        Column("NEXT LOSS", left, right=True),
        Column("KIND", lambda row: row.next_kind or row.last_missed_kind),
        Column("STORE", lambda row: row.store_id),
        Column("ORDER", lambda row: row.order_no),
        Column("STATUS", shown_status),
        Column("ACT", lambda row: row.act_state.value if row.act_state else ""),
        Column("ITEMS", lambda row: row.items),
        Column("CARRIER", lambda row: row.carrier),
        Column("VALUE", lambda row: f"{Money(row.value_minor, row.currency).plain()} {row.currency}", right=True),
        Column("BUYER", lambda row: row.buyer),
    ]
