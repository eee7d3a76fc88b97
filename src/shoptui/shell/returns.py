"""`shoptui returns`: return, refund and cancel requests of all stores, for scripts."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import click

from shoptui.domain.clocks import countdown
from shoptui.domain.money import Money
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnAnswer, ReturnAsk
from shoptui.paths import DataDir
from shoptui.queries.query import Query
from shoptui.queries.return_export import FIELDS, return_record
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import ReturnSort
from shoptui.shell.connect import Stop, ask, engine_client, say
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import How, confirmed, me, opened, parsed
from shoptui.shell.order_options import EXIT_HELP, Decorated, how_options
from shoptui.shell.return_answers import Answering, answer_returns
from shoptui.shell.tables import Column, print_csv, print_table
from shoptui.store.reader import Reader

_ROWS_AT_ONCE = 500
#: One request about returns names at most this many.
_RETURNS_AT_ONCE = 5000
_ANSWERS = [answer.value.replace("_", "-") for answer in ReturnAnswer]
_CONDITIONS = [condition.value.replace("_", "-") for condition in ParcelCondition]


@click.group()
def returns() -> None:
    """List buyers' return, refund and cancel requests, answer them, and check parcels in that came back."""


@dataclass(frozen=True, slots=True)
class Which:
    """The requests a command is about: named ones, or all that match a filter."""

    names: tuple[tuple[str, str], ...] = ()
    query: Query | None = None


def _which_options(command: Decorated) -> Decorated:
    command = click.option("--filter", "filter_text", default="", help="Which requests; the language of the / key.")(
        command
    )
    return click.argument("requests", nargs=-1, metavar="[STORE/RETURN]...")(command)


def _which(requests: Sequence[str], filter_text: str) -> Which:
    if bool(requests) == bool(filter_text):
        raise click.UsageError("Name requests as STORE/RETURN (returns list has them), or give --filter; not both.")
    if filter_text:
        return Which(query=parsed(filter_text, parse_returns))
    return Which(names=tuple(dict.fromkeys(_named(each) for each in requests)))


def _named(text: str) -> tuple[str, str]:
    store_id, slash, return_id = text.partition("/")
    if not (store_id and slash and return_id):
        raise click.UsageError(f"{text!r} names no request; write STORE/RETURN, as returns list has them.")
    return store_id, return_id


async def _ids_of(reader: Reader, wanted: Which, now: int) -> list[int]:
    """The rows wanted, in the list's order. Raises Stop for a named request that is not here."""
    if wanted.query is not None:
        return list((await reader.returns.index(wanted.query, ReturnSort(), now=now, operator=me())).ids)
    ids = []
    for store_id, return_id in wanted.names:
        row_id = await reader.returns.row_of(store_id, return_id)
        if row_id is None:
            say(f"{store_id} has no return {return_id} here.")
            raise Stop(Exit.NOTHING)
        ids.append(row_id)
    return ids


async def _rows_of(reader: Reader, ids: Sequence[int], now: int) -> list[ReturnRow]:
    rows: list[ReturnRow] = []
    for first in range(0, len(ids), _ROWS_AT_ONCE):
        rows += await reader.returns.rows(ids[first : first + _ROWS_AT_ONCE], now)
    return rows


# List.


@returns.command("list")
@click.option("--filter", "filter_text", default="status:open", show_default=True, help="The language of the / key.")
@click.option("--sort", default="next", show_default=True, help="A column, with - in front for descending.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), help="At most this many rows.")
@click.pass_context
def list_returns(context: click.Context, filter_text: str, sort: str, form: str, limit: int | None) -> None:
    """Requests of all stores, next loss first. Reads the cache; needs no engine. Exit code 3: nothing matches."""
    query = parsed(filter_text, parse_returns)
    try:
        order = ReturnSort.parse(sort)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        sys.exit(asyncio.run(_list(house_of(context), query, order, form, limit)))
    except Stop as stop:
        sys.exit(stop.code)


async def _list(house: DataDir, query: Query, sort: ReturnSort, form: str, limit: int | None) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        found = await reader.returns.index(query, sort, now=now, operator=me())
        rows = await _rows_of(reader, found.ids[:limit], now)
    _print_rows(rows, form, now, sys.stdout)
    return Exit.OK if rows else Exit.NOTHING


def _print_rows(rows: Sequence[ReturnRow], form: str, now: int, out: TextIO) -> None:
    if form == "json":
        json.dump([return_record(row) for row in rows], out, ensure_ascii=False, indent=1)
        out.write("\n")
    elif form == "csv":
        print_csv(FIELDS, [return_record(row) for row in rows], out)
    else:
        print_table(_columns(now), rows, out)


def _columns(now: int) -> list[Column[ReturnRow]]:
    def left(row: ReturnRow) -> str:
        at = row.next_at if row.next_at is not None else row.last_missed_at
        return countdown(at, now, seconds=False).text if at is not None and not row.ended else ""

    def act(row: ReturnRow) -> str:
        if row.elsewhere:
            return "seller centre"
        return f"{row.act_answer} {row.act_state.value}" if row.act_state is not None else ""

    return [
        Column("", lambda row: "!" if row.missed else ""),
        Column("ANSWER IN", left, right=True),
        Column("KIND", lambda row: row.next_kind),
        Column("STORE", lambda row: row.store_id),
        Column("RETURN", lambda row: row.return_id),
        Column("ASKS", lambda row: row.ask.value),
        Column("STATE", lambda row: row.state.value),
        Column("VALUE", lambda row: f"{Money(row.value_minor, row.currency).plain()} {row.currency}", right=True),
        Column("US$", lambda row: "" if row.usd_minor is None else Money(row.usd_minor, "USD").plain(), right=True),
        Column("ORDER", lambda row: row.order_no),
        Column("WHO", lambda row: row.claimed_by),
        Column("ACT", act),
        Column("BUYER", lambda row: row.buyer),
        Column("REASON", lambda row: row.reason),
    ]


# Answer.


@returns.command("answer", epilog=EXIT_HELP)
@click.argument("answer", type=click.Choice(_ANSWERS))
@_which_options
@click.option("--reason", default="", help="The marketplace's own reason, its id or its words; a wrong one lists them.")
@click.option("--comment", default="", help="A word to the buyer, where the marketplace takes one.")
@click.option("--part", default="", metavar="PART", help="What is offered: 30% or an amount as 12.50.")
@how_options
@click.pass_context
def answer(
    context: click.Context,
    /,
    answer: str,
    requests: tuple[str, ...],
    filter_text: str,
    reason: str,
    comment: str,
    part: str,
    **options: Any,
) -> None:
    """Answer buyers' requests. This costs money or standing. Held like in the cockpit, then sent.

    ANSWER is agree, refund-only, refuse or offer for what is asked, goods-ok or goods-refused for goods that came back.
    Wishes to cancel are agreed to or refused with the others.
    """
    word = ReturnAnswer(answer.replace("-", "_"))
    if (word is ReturnAnswer.OFFER) != bool(part):
        raise click.UsageError("An offer needs --part (30% or 12.50), and no other answer takes it.")
    how = How(options["dry_run"], options["yes"], options["wait"], options["timeout"])
    wanted = _which(requests, filter_text)
    asked = Answering(word, reason.strip(), comment.strip(), part.strip())
    try:
        sys.exit(asyncio.run(_answer(house_of(context), wanted, asked, how)))
    except Stop as stop:
        sys.exit(stop.code)


async def _answer(house: DataDir, wanted: Which, asked: Answering, how: How) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        ids = await _ids_of(reader, wanted, now)
        candidates = await reader.returns.candidates(ids, now, me())
        return await answer_returns(house, reader, candidates, asked, how, now)


# Check in.


@returns.command("check-in")
@click.argument("condition", type=click.Choice(_CONDITIONS))
@_which_options
@click.option("--note", default="", help="What was found, for colleagues and for a dispute; it never leaves the house.")
@click.option("--dry-run", is_flag=True, help="Say what would be checked in; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; scripts need it.")
@click.pass_context
def check_in(
    context: click.Context,
    condition: str,
    requests: tuple[str, ...],
    filter_text: str,
    note: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Note what was found in parcels that came back. The answer to the buyer is another step."""
    wanted = _which(requests, filter_text)
    word = ParcelCondition(condition.replace("-", "_"))
    try:
        sys.exit(asyncio.run(_check_in(house_of(context), wanted, word, note, dry_run=dry_run, yes=yes)))
    except Stop as stop:
        sys.exit(stop.code)


async def _check_in(
    house: DataDir, wanted: Which, condition: ParcelCondition, note: str, *, dry_run: bool, yes: bool
) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        rows = await _rows_of(reader, await _ids_of(reader, wanted, now), now)
    parcels = [row for row in rows if row.ask is not ReturnAsk.CANCEL]
    say(f"Check in {len(parcels)} of {len(rows)}: {condition.value.replace('_', ' ')}")
    if not parcels:
        return Exit.NOTHING
    if dry_run:
        return Exit.OK
    # Whoever names requests one by one has said which.
    if wanted.query is not None and not yes and not confirmed(len(parcels), "check in"):
        say("Nothing was changed.")
        return Exit.NOTHING
    changed = 0
    async with engine_client(house) as client:
        for first in range(0, len(parcels), _RETURNS_AT_ONCE):
            targets = [[row.store_id, row.return_id] for row in parcels[first : first + _RETURNS_AT_ONCE]]
            found = await ask(client, "check_in", returns=targets, condition=condition.value, note=note)
            changed += int(found.body["changed"])
    say(f"{changed} checked in")
    return Exit.OK
