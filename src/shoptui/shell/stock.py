"""`shoptui stock`: pools of goods over all stores, for scripts."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from shoptui.config import config_path, load_config
from shoptui.domain.clocks import countdown
from shoptui.domain.counting import CountLine, count_differences
from shoptui.domain.shares import UNITS_MAX, ShareError, ShareRule
from shoptui.paths import DataDir
from shoptui.queries.query import Query
from shoptui.queries.sorting import StockSort
from shoptui.queries.stock import PoolCandidate, PoolRow
from shoptui.queries.stock_export import FIELDS, pool_record
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.stock_numbers import NumberError, StockNumber, parse_number
from shoptui.queries.stock_preview import push_preview
from shoptui.settings import StockConfig
from shoptui.shell.connect import ask, end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import How, confirmed, opened, order_parts
from shoptui.shell.order_options import EXIT_HELP, how_options
from shoptui.shell.rows import (
    Listing,
    Names,
    Which,
    in_parts,
    list_options,
    me,
    parsed,
    print_rows,
    read_rows,
    yes_option,
)
from shoptui.shell.saying import say
from shoptui.shell.stock_push import push_pools
from shoptui.shell.tables import Column
from shoptui.stock_count import PROBLEMS_MAX, BadCount
from shoptui.stock_source import CountFile, ListedStock, StockSource
from shoptui.store.reader import Reader
from shoptui.words.stock import keep_words, last_words, listings_count, most_words, pools_count

_COUNTS_AT_ONCE = 2000
#: A store whose orders were read longer ago than this is not pushed over, seconds; the engine judges once more.
_SILENT_S = 900
_SHOWN = 20
_NAMES = Names("SKU", "SKU", "stock list", parse_stock)


@click.group()
def stock() -> None:
    """List what there is of every SKU over all stores, push it to them, set single numbers, check a count in."""


# List.


@stock.command("list")
@list_options(example="risk:any cover:<3d")
@click.pass_context
def list_stock(context: click.Context, /, **options: Any) -> None:
    """SKUs over all stores, what runs out first. Reads the cache; needs no engine. Exit code 3: nothing matches."""
    end_with(_list(house_of(context), Listing.of(parse_stock, StockSort.parse, options)))


async def _list(house: DataDir, asked: Listing[StockSort]) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        found = await reader.stock.index(asked.query, asked.sort, now=now, operator=me())
        rows = await read_rows(reader.stock.rows, found.ids[: asked.limit])
    return print_rows(rows, asked.form, FIELDS, pool_record, _columns(now))


def _columns(now: int) -> list[Column[PoolRow]]:
    def left(row: PoolRow) -> str:
        return "" if row.next_at is None else countdown(row.next_at, now, seconds=False).text

    def number(value: int | None) -> str:
        return "?" if value is None else str(value)

    return [
        Column("", lambda row: "!" if row.missed else ""),
        Column("RUNS OUT", left, right=True),
        Column("KIND", lambda row: row.next_kind),
        Column("SKU", lambda row: row.sku),
        Column("HAND", lambda row: number(row.hand), right=True),
        Column("RSVD", lambda row: number(row.reserved), right=True),
        Column("FREE", lambda row: number(row.free), right=True),
        Column("SOLD/D", lambda row: number(row.sold_per_day), right=True),
        Column("LISTED", lambda row: number(row.listed), right=True),
        Column("OVER", lambda row: number(row.oversold) if row.oversold else "", right=True),
        Column("STEP", lambda row: number(row.step) if row.step else "", right=True),
        Column("ACT", lambda row: "" if row.act_state is None else row.act_state.value),
        Column("NAME", lambda row: row.name),
    ]


# Push.


@stock.command("push", epilog=EXIT_HELP)
@_NAMES.options
@click.option("--keep-back", type=click.IntRange(0, UNITS_MAX), help="Units that are on offer nowhere, for this push.")
@click.option("--last", "last_to", default="", metavar="STORE", help="All units to one store; the others show none.")
@how_options
@click.pass_context
def push(
    context: click.Context,
    /,
    names: tuple[str, ...],
    filter_text: str,
    keep_back: int | None,
    last_to: str,
    **options: Any,
) -> None:
    """Share what is free of SKUs out among all stores. Held like in the cockpit, then sent; what lowers goes first."""
    wanted = _NAMES.wanted(names, filter_text)
    end_with(_push(house_of(context), wanted, keep_back, last_to, How.of(options)))


async def _push(house: DataDir, wanted: Which, keep_back: int | None, last_to: str, how: How) -> int:
    settings = _settings(house)
    rule = settings.share_rule()
    if keep_back is not None:
        rule = ShareRule(keep_back, None, rule.listing_max, rule.last_units, rule.last_to, rule.without)
    if last_to:
        rule = ShareRule(rule.keep_back, rule.keep_back_percent, rule.listing_max, UNITS_MAX, last_to)
    own = rule if keep_back is not None or last_to else None
    async with opened(house) as reader:
        candidates, markets = await _candidates(reader, wanted, settings)
        if last_to and not _lists(candidates, last_to):
            return Exit.USAGE
        found = push_preview(candidates, float(settings.gap_s), markets, own)
        return await push_pools(house, reader, found, own, how)


def _lists(candidates: Sequence[PoolCandidate], store_id: str) -> bool:
    """Whether a store lists any of the SKUs, so that it can get their last units; says which it does not list."""
    stores = {one.sku: {listing.store_id for listing in one.stock.listings} for one in candidates}
    if not any(store_id in there for there in stores.values()):
        known = ", ".join(sorted(set().union(*stores.values()))[:_SHOWN])
        say(f"{store_id} lists none of these SKUs; they are listed by: {known}")
        return False
    for sku in [sku for sku, there in stores.items() if store_id not in there][:_SHOWN]:
        say(f"  {sku} is not listed by {store_id}: its last units go to the store that sells most of it")
    return True


async def _candidates(
    reader: Reader, wanted: Which, settings: StockConfig
) -> tuple[list[PoolCandidate], dict[str, str]]:
    now = int(time.time())
    stores = await reader.stores()
    silent = frozenset(
        store.store_id
        for store in stores
        if store.feed is None or store.feed.last_ok_at is None or now - store.feed.last_ok_at > _SILENT_S
    )
    ids = await _NAMES.ids(reader.stock, StockSort(), wanted, now)
    found = await reader.stock.candidates(ids, now, silent, settings.share_rule())
    return found, {store.store_id: store.marketplace for store in stores}


# Rule.


@stock.command("rule")
@_NAMES.options
@click.option("--keep-back", type=click.IntRange(0, UNITS_MAX), help="Units that are on offer nowhere.")
@click.option("--keep-back-percent", type=click.IntRange(0, 100), help="... or so many of a hundred free units.")
@click.option("--most", "listing_max", type=click.IntRange(0, UNITS_MAX), help="The most one listing shows.")
@click.option("--last-units", type=click.IntRange(0, UNITS_MAX), help="With fewer free units one store gets all.")
@click.option("--last", "last_to", metavar="STORE", help="Which store that is; else the one that sells most.")
@click.option("--without", "without", multiple=True, metavar="STORE", help="A store that gets none; may be repeated.")
@click.option("--off", is_flag=True, help="Share them out by the house's rule again.")
@yes_option
@click.pass_context
def rule(
    context: click.Context, /, names: tuple[str, ...], filter_text: str, off: bool, yes: bool, **options: Any
) -> None:
    """Give SKUs a rule of their own for every push; what is not said is as in the house's rule.

    Nothing is written to a marketplace: stock push does that.
    """
    said = {name: value for name, value in options.items() if value is not None and value != ()}
    if off == bool(said):
        raise click.UsageError("Say at least one part of the rule, or --off.")
    end_with(_rule(house_of(context), _NAMES.wanted(names, filter_text), said, yes=yes))


async def _rule(house: DataDir, wanted: Which, said: dict[str, Any], *, yes: bool) -> int:
    settings = _settings(house)
    async with opened(house) as reader:
        candidates, _markets = await _candidates(reader, wanted, settings)
        known = {store.store_id for store in await reader.stores()}
    stores = {*said.get("without", ()), *([said["last_to"]] if "last_to" in said else [])}
    if unknown := sorted(stores - known):
        say(f"No store is called {unknown[0]}; shoptui stores list has their names.")
        return Exit.USAGE
    asked: ShareRule | None = None
    if said:
        said = {**said, "without": frozenset(said.get("without", ()))}
        try:
            asked = replace(settings.share_rule(), **said)
        except ShareError as error:
            say(str(error))
            return Exit.USAGE
    words = "the house's rule" if asked is None else f"keeps back: {keep_words(asked)}; a listing: {most_words(asked)}"
    if asked is not None:
        words += f"; last units: {last_words(asked)}"
        words += f"; without {', '.join(sorted(asked.without))}" if asked.without else ""
    say(f"RULE of {pools_count(len(candidates))}: {words}")
    # Whoever names SKUs one by one has said which.
    if wanted.query is not None and not yes and not confirmed(len(candidates), "change"):
        say("Nothing was changed.")
        return Exit.NOTHING
    async with engine_client(house) as client:
        for part in in_parts([one.stock.key for one in candidates], _COUNTS_AT_ONCE):
            fields = {} if asked is None else {"rule": asked.as_data()}
            await ask(client, "stock_rule", pools=part, **fields)
    say("Kept: stock push shares them out by it.")
    return Exit.OK


# Set.


@stock.command("set", epilog=EXIT_HELP)
@click.argument("number", metavar="NUMBER")
@_NAMES.options
@click.option("--store", "stores", multiple=True, help="Only at these stores; * stands for anything.")
@how_options
@click.pass_context
def set_stock(
    context: click.Context,
    /,
    number: str,
    names: tuple[str, ...],
    filter_text: str,
    stores: tuple[str, ...],
    **options: Any,
) -> None:
    """Set what listings show: NUMBER is 12, +3, or -2 after a double dash (-- -2). Held, then sent."""
    wanted = _NAMES.wanted(names, filter_text)
    try:
        asked = parse_number(" ".join((number, *stores)))
    except NumberError as error:
        raise click.UsageError(str(error)) from error
    end_with(_set(house_of(context), wanted, asked, How.of(options)))


async def _set(house: DataDir, wanted: Which, asked: StockNumber, how: How) -> int:
    async with opened(house) as reader:
        candidates, markets = await _candidates(reader, wanted, _settings(house))
        try:
            found = asked.wanted(candidates)
        except NumberError as error:
            say(str(error))
            return Exit.NOTHING
        for one, listing, shows in found[:_SHOWN]:
            say(f"  {one.sku}  {listing.store_id} {listing.shows}>{shows}")
        say(f"SET STOCK of {listings_count(len(found))}")
        if how.dry_run:
            return Exit.OK
        if not how.yes and not confirmed(len(found), "set"):
            say("Nothing was ordered.")
            return Exit.NOTHING
        async with engine_client(house) as client:
            _intents, code = await order_parts(client, reader, [asked.part(found, markets)], how)
            return code


# Count.


@stock.command("count")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--sku", default="", help="One code in place of a file, with --units.")
@click.option("--units", type=click.IntRange(0, UNITS_MAX), help="How many of it are in the house.")
@click.option(
    "--listed",
    "filter_text",
    metavar="FILTER",
    help="What listings show and open orders hold, of these SKUs ('' for all), where goods are split among listings.",
)
@click.option("--dry-run", is_flag=True, help="Say what differs from the books; change nothing.")
@yes_option
@click.pass_context
def count(
    context: click.Context,
    file: Path | None,
    sku: str,
    units: int | None,
    filter_text: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Take over what was counted in the house: a CSV or XLSX FILE with SKUs and quantities, or --sku with --units.

    With --listed what the marketplaces show stands for a count.
    """
    if (file is not None) + bool(sku) + (filter_text is not None) != 1 or bool(sku) != (units is not None):
        raise click.UsageError("Give a FILE, or --sku with --units, or --listed; one of them.")
    house = house_of(context)
    if file is not None:
        try:
            source: StockSource = CountFile(file.name, file.read_bytes())
        except OSError as error:
            say(f"{file}: {error}")
            sys.exit(Exit.USAGE)
        end_with(_count_from(house, source, dry_run=dry_run, yes=yes))
    if filter_text is not None:
        end_with(_count_listed(house, parsed(filter_text, parse_stock), dry_run=dry_run, yes=yes))
    end_with(_count(house, [CountLine(sku.strip(), units or 0)], "typed", dry_run=dry_run, yes=yes))


async def _count_listed(house: DataDir, query: Query, *, dry_run: bool, yes: bool) -> int:
    async with opened(house) as reader:
        candidates, _markets = await _candidates(reader, Which(query=query), _settings(house))
    say("Goods that several listings show are counted several times: right only where they are split among listings.")
    source = ListedStock(tuple((one.sku, one.stock) for one in candidates))
    return await _count_from(house, source, dry_run=dry_run, yes=yes)


async def _count_from(house: DataDir, source: StockSource, *, dry_run: bool, yes: bool) -> int:
    try:
        found = await source.counted()
    except BadCount as error:
        say(f"{source.name}: {error}")
        return Exit.USAGE
    for problem in found.problems[:PROBLEMS_MAX]:
        say(f"  {problem}")
    return await _count(house, found.lines, source.name[:120], dry_run=dry_run, yes=yes)


async def _count(house: DataDir, lines: Sequence[CountLine], source: str, *, dry_run: bool, yes: bool) -> int:
    async with opened(house) as reader:
        found = count_differences(lines, await reader.stock.books())
    for one in found.changed[:_SHOWN]:
        was = "?" if one.booked is None else str(one.booked)
        say(f"  {one.sku}  {was}>{one.counted}" + ("" if one.by is None else f"  ({one.by:+d})"))
    say(f"COUNT: {len(found.changed):,} differ, {len(found.same):,} agree, {len(found.unknown):,} unknown codes")
    for line in found.unknown[:_SHOWN]:
        say(f"  left out {line.sku}: no store lists it")
    known = [*found.changed, *found.same]
    if not known:
        say("There is nothing in it to take over.")
        return Exit.NOTHING
    if dry_run:
        return Exit.OK
    if not yes and not confirmed(len(known), "take over"):
        say("Nothing was changed.")
        return Exit.NOTHING
    counts = [{"sku": one.sku, "counted": one.counted} for one in known]
    async with engine_client(house) as client:
        for part in in_parts(counts, _COUNTS_AT_ONCE):
            await ask(client, "stock_count", counts=part, source=source)
    say(f"{pools_count(len(known))} counted")
    return Exit.OK


def _settings(house: DataDir) -> StockConfig:
    """The house's settings of stock; the usual ones where the file is not this user's to read."""
    path = config_path(house)
    try:
        return load_config(path).stock if path.exists() else StockConfig()
    except (OSError, ValueError):
        return StockConfig()
