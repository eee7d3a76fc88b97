"""`shoptui orders`: the order grid and its verbs for scripts."""

from __future__ import annotations

import time
from typing import Any

import click

from shoptui.domain.money import Money
from shoptui.paths import DataDir
from shoptui.queries.filter import parse
from shoptui.queries.order_export import FIELDS, order_record, shown_status
from shoptui.queries.types import OrderRow
from shoptui.shell.connect import end_with
from shoptui.shell.erase import erase_buyer
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import matching, opened
from shoptui.shell.order_verbs import VERB_COMMANDS
from shoptui.shell.rows import Listing, list_options, print_rows, read_rows
from shoptui.shell.tables import Column
from shoptui.store.reader import Sort


@click.group()
def orders() -> None:
    """List orders, and everything that can be done with them."""


for _command in VERB_COMMANDS:
    orders.add_command(_command)
orders.add_command(erase_buyer)


@orders.command("list")
@list_options("is:open")
@click.pass_context
def list_orders(context: click.Context, /, **options: Any) -> None:
    """Orders of all stores, next loss first. Reads the cache; needs no engine. Exit code 3 when nothing matches."""
    end_with(_list(house_of(context), Listing.of(parse, Sort.parse, options)))


async def _list(house: DataDir, asked: Listing[Sort]) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        ids = await matching(reader, asked.query, asked.sort, now, asked.limit)
        rows = await read_rows(lambda part: reader.rows(part, now), ids)
    return print_rows(rows, asked.form, FIELDS, order_record, _columns(now))


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
