"""`shoptui returns`: return, refund and cancel requests of all stores, for scripts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from shoptui.domain.clocks import countdown
from shoptui.domain.money import Money
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnAnswer, ReturnAsk
from shoptui.paths import DataDir
from shoptui.queries.return_export import FIELDS, return_record
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import ReturnSort
from shoptui.shell.connect import ask, end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import How, confirmed, opened
from shoptui.shell.order_options import EXIT_HELP, how_options
from shoptui.shell.return_answers import Answering, answer_returns
from shoptui.shell.rows import Listing, Names, Which, in_parts, list_options, me, print_rows, read_rows, yes_option
from shoptui.shell.saying import say
from shoptui.shell.tables import Column
from shoptui.store.reader import Reader

#: One request about returns names at most this many.
_RETURNS_AT_ONCE = 5000
_ANSWERS = [answer.value.replace("_", "-") for answer in ReturnAnswer]
_CONDITIONS = [condition.value.replace("_", "-") for condition in ParcelCondition]
_NAMES = Names("request", "STORE/RETURN", "returns list", parse_returns)


@click.group()
def returns() -> None:
    """List buyers' return, refund and cancel requests, answer them, and check parcels in that came back."""


# List.


@returns.command("list")
@list_options("status:open")
@click.pass_context
def list_returns(context: click.Context, /, **options: Any) -> None:
    """Requests of all stores, next loss first. Reads the cache; needs no engine. Exit code 3: nothing matches."""
    end_with(_list(house_of(context), Listing.of(parse_returns, ReturnSort.parse, options)))


async def _list(house: DataDir, asked: Listing[ReturnSort]) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        found = await reader.returns.index(asked.query, asked.sort, now=now, operator=me())
        rows = await _rows_of(reader, found.ids[: asked.limit], now)
    return print_rows(rows, asked.form, FIELDS, return_record, _columns(now))


async def _rows_of(reader: Reader, ids: Sequence[int], now: int) -> list[ReturnRow]:
    return await read_rows(lambda part: reader.returns.rows(part, now), ids)


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
@_NAMES.options
@click.option("--reason", default="", help="The marketplace's own reason, its id or its words; a wrong one lists them.")
@click.option("--comment", default="", help="A word to the buyer, where the marketplace takes one.")
@click.option("--part", default="", metavar="PART", help="What is offered: 30% or an amount as 12.50.")
@click.option(
    "--picture",
    "pictures",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Hand this picture in with a refusal of one request; may be repeated.",
)
@how_options
@click.pass_context
def answer(
    context: click.Context,
    /,
    answer: str,
    names: tuple[str, ...],
    filter_text: str,
    reason: str,
    comment: str,
    part: str,
    pictures: tuple[Path, ...],
    **options: Any,
) -> None:
    """Answer buyers' requests. This costs money or standing. Held like in the cockpit, then sent.

    ANSWER is agree, refund-only, refuse or offer for what is asked, goods-ok or goods-refused for goods that came back.
    Wishes to cancel are agreed to or refused with the others.
    """
    word = ReturnAnswer(answer.replace("-", "_"))
    if (word is ReturnAnswer.OFFER) != bool(part):
        raise click.UsageError("An offer needs --part (30% or 12.50), and no other answer takes it.")
    if pictures and word not in {ReturnAnswer.REFUSE, ReturnAnswer.GOODS_REFUSED}:
        raise click.UsageError("Pictures go with refuse and goods-refused alone.")
    wanted = _NAMES.wanted(names, filter_text)
    asked = Answering(word, reason.strip(), comment.strip(), part.strip(), pictures)
    end_with(_answer(house_of(context), wanted, asked, How.of(options)))


async def _answer(house: DataDir, wanted: Which, asked: Answering, how: How) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        ids = await _NAMES.ids(reader.returns, ReturnSort(), wanted, now)
        candidates = await reader.returns.candidates(ids, now, me())
        return await answer_returns(house, reader, candidates, asked, how, now)


# Check in.


@returns.command("check-in")
@click.argument("condition", type=click.Choice(_CONDITIONS))
@_NAMES.options
@click.option("--note", default="", help="What was found, for colleagues and for a dispute; it never leaves the house.")
@click.option("--dry-run", is_flag=True, help="Say what would be checked in; change nothing.")
@yes_option
@click.pass_context
def check_in(
    context: click.Context,
    condition: str,
    names: tuple[str, ...],
    filter_text: str,
    note: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Note what was found in parcels that came back. The answer to the buyer is another step."""
    wanted = _NAMES.wanted(names, filter_text)
    word = ParcelCondition(condition.replace("-", "_"))
    end_with(_check_in(house_of(context), wanted, word, note, dry_run=dry_run, yes=yes))


async def _check_in(
    house: DataDir, wanted: Which, condition: ParcelCondition, note: str, *, dry_run: bool, yes: bool
) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        rows = await _rows_of(reader, await _NAMES.ids(reader.returns, ReturnSort(), wanted, now), now)
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
        for part in in_parts(parcels, _RETURNS_AT_ONCE):
            targets = [[row.store_id, row.return_id] for row in part]
            found = await ask(client, "check_in", returns=targets, condition=condition.value, note=note)
            changed += int(found.body["changed"])
    say(f"{changed} checked in")
    return Exit.OK
