"""`shoptui orders split` and `combine`: what goes into which parcel."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

import click

from shoptui.domain.intents import Verb
from shoptui.domain.orders import CLOSED
from shoptui.domain.verbs import BadArguments, CombineChoice, SplitChoice, read_args, write_args
from shoptui.paths import DataDir
from shoptui.queries.filter import Query
from shoptui.queries.ordering import same_for_all
from shoptui.queries.types import OrderLines
from shoptui.shell.connect import Stop
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import Job, matching, opened
from shoptui.shell.order_options import EXIT_HELP, how_options, run_filtered, which_options
from shoptui.shell.rows import parsed
from shoptui.store.reader import Sort


@click.command("split", epilog=EXIT_HELP)
@which_options
@click.option(
    "--apart",
    multiple=True,
    required=True,
    metavar="SKU[,SKU]",
    help="These go into a parcel of their own; may be repeated. The rest stays together.",
)
@how_options
@click.pass_context
def split(context: click.Context, /, filter_text: str, apart: Sequence[str], **options: Any) -> None:
    """Split one order into several parcels, where the marketplace offers it."""
    query = parsed(filter_text)
    try:
        orders = asyncio.run(_lines(house_of(context), query))
    except Stop as stop:
        sys.exit(stop.code)
    if len(orders) != 1:
        raise click.UsageError(f"The filter matches {len(orders)} orders; a split is for one: use order:NUMBER.")
    groups = split_groups(orders[0], [tuple(part.split(",")) for part in apart])
    args = SplitChoice(groups)
    try:
        read_args(Verb.SPLIT, write_args(args))
    except BadArguments as error:
        raise click.UsageError(str(error)) from error
    run_filtered(context, filter_text, Job((Verb.SPLIT,), arguments={Verb.SPLIT: same_for_all(args)}), options)


def split_groups(order: OrderLines, apart: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The line ids of each parcel: one for each group of SKUs, and one for the rest. Raises UsageError.

    What is cancelled goes into none.
    """
    by_sku: dict[str, list[str]] = {}
    for line in order.lines:
        if line.status in CLOSED:
            continue
        by_sku.setdefault(line.sku, []).append(line.line_id)
    groups: list[tuple[str, ...]] = []
    for skus in apart:
        group: list[str] = []
        for sku in (name.strip() for name in skus):
            if sku not in by_sku:
                there = ", ".join(sorted({line.sku for line in order.lines if line.status not in CLOSED}))
                raise click.UsageError(f"Order {order.order_no} has no SKU {sku} left to put apart; it has {there}.")
            group += by_sku.pop(sku)
        groups.append(tuple(group))
    rest = tuple(line_id for line_ids in by_sku.values() for line_id in line_ids)
    return (*groups, rest) if rest else tuple(groups)


async def _lines(house: DataDir, query: Query) -> list[OrderLines]:
    async with opened(house) as reader:
        ids = await matching(reader, query, Sort.parse("next"), int(time.time()), 2)
        return list(await reader.order_lines(ids))


@click.command("combine", epilog=EXIT_HELP)
@which_options
@click.option("--with", "package_ids", multiple=True, required=True, metavar="PACKAGE", help="May be repeated.")
@how_options
@click.pass_context
def combine(context: click.Context, /, filter_text: str, package_ids: Sequence[str], **options: Any) -> None:
    """Put other parcels of the same buyer into an order's parcel; orders reasons --verb combine lists them."""
    args = CombineChoice(tuple(package_ids))
    try:
        read_args(Verb.COMBINE, write_args(args))
    except BadArguments as error:
        raise click.UsageError(str(error)) from error
    run_filtered(context, filter_text, Job((Verb.COMBINE,), arguments={Verb.COMBINE: same_for_all(args)}), options)
