"""`shoptui inbox`: buyers' conversations of all stores, for scripts."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

import click

from shoptui.paths import DataDir
from shoptui.queries.inbox import ThreadDetail, ThreadRow
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_export import FIELDS, detail_record, thread_record
from shoptui.queries.thread_filter import parse_threads
from shoptui.shell.connect import ask, end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.inbox_replies import mark_read, reply
from shoptui.shell.inbox_threads import NAMES, decide, listed_rows, moment
from shoptui.shell.order_batch import opened
from shoptui.shell.rows import Listing, list_options, me, print_rows, yes_option
from shoptui.shell.saying import say
from shoptui.shell.tables import Column

_SHOWN_WORDS = 60


@click.group()
def inbox() -> None:
    """List buyers' conversations, answer them, and decide who does."""


inbox.add_command(reply)
inbox.add_command(mark_read)


@inbox.command("list")
@list_options("is:open")
@click.pass_context
def list_threads(context: click.Context, /, **options: Any) -> None:
    """Conversations of all stores, next loss first. Reads the cache; needs no engine. Exit code 3: nothing matches."""
    end_with(_list(house_of(context), Listing.of(parse_threads, ThreadSort.parse, options)))


async def _list(house: DataDir, asked: Listing[ThreadSort]) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        found = await reader.threads.index(asked.query, asked.sort, now=now, operator=me())
        rows = await listed_rows(reader, found.ids[: asked.limit], now)
    return print_rows(rows, asked.form, FIELDS, thread_record, _columns(now))


def _columns(now: int) -> list[Column[ThreadRow]]:
    from shoptui.domain.clocks import countdown

    def left(row: ThreadRow) -> str:
        at = row.next_at if row.next_at is not None else row.last_missed_at
        return countdown(at, now, seconds=False).text if at is not None else ""

    def words(row: ThreadRow) -> str:
        if row.not_granted:
            return "chat is not granted to this store's app"
        return f"{row.last_sender}: {row.last_words or row.last_kind}"[:_SHOWN_WORDS]

    return [
        Column("", lambda row: "!" if row.missed else ""),
        Column("NEXT LOSS", left, right=True),
        Column("KIND", lambda row: row.next_kind),
        Column("STORE", lambda row: row.store_id),
        Column("THREAD", lambda row: row.thread_id),
        Column("BUYER", lambda row: row.buyer),
        Column("STATE", lambda row: "" if row.not_granted else row.state.value),
        Column("NEW", lambda row: str(row.unread) if row.unread else "", right=True),
        Column("LN", lambda row: row.language),
        Column("ORDER", lambda row: row.order_no),
        Column("WHO", lambda row: row.claimed_by or row.assignee),
        Column("ACT", lambda row: row.act_state.value if row.act_state else ""),
        Column("LAST WORDS", words),
    ]


@inbox.command("show")
@click.argument("thread", metavar="STORE/THREAD")
@click.option("--newest", type=click.IntRange(1, 1000), default=20, show_default=True, help="So many messages.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def show(context: click.Context, thread: str, newest: int, form: str) -> None:
    """One conversation with its newest messages and our notes. Reads the cache; needs no engine."""
    end_with(_show(house_of(context), NAMES.key(thread), newest, form))


async def _show(house: DataDir, key: tuple[str, ...], newest: int, form: str) -> int:
    async with opened(house) as reader:
        row_id = await reader.threads.row_of(*key)
        detail = None if row_id is None else await reader.threads.thread(row_id, int(time.time()), newest)
    if detail is None:
        raise NAMES.missing(key)
    if form == "json":
        click.echo(json.dumps(detail_record(detail), ensure_ascii=False, indent=1))
    else:
        _print_detail(detail)
    return Exit.OK


def _print_detail(detail: ThreadDetail) -> None:
    row = detail.row
    order = f", order {row.order_no}" if row.order_no else ""
    click.echo(f"{row.store_id}/{row.thread_id}  {row.buyer}  {row.state.value}{order}")
    for note in detail.notes:
        click.echo(f"[our note {_time(note.at)} {note.operator}] {note.text}")
    if detail.older:
        click.echo("(older messages are left out; --newest shows more)")
    for message in detail.messages:
        who = f"{message.sender.value} {message.name}".strip()
        mark = "" if message.state.value == "normal" else f" ({message.state.value})"
        lines = (message.text or f"({message.kind.value}) {message.link or message.reference}".rstrip()).splitlines()
        click.echo(f"{_time(message.sent_at)}  {who}{mark}: {lines[0] if lines else ''}")
        for line in lines[1:]:
            click.echo(f"    {line}")


def _time(at: int) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


@inbox.command("assign")
@NAMES.options
@click.option("--to", default="", metavar="OPERATOR", help="Nobody, if left out.")
@yes_option
@click.pass_context
def assign(context: click.Context, names: tuple[str, ...], filter_text: str, to: str, yes: bool) -> None:
    """Give conversations to somebody."""
    decide(context, NAMES.wanted(names, filter_text), "assign", {"to": to}, what="assign", yes=yes)


@inbox.command("escalate")
@NAMES.options
@click.option("--reason", default="", help="What the supervisor shall decide.")
@click.option("--to", default="", metavar="OPERATOR", help="The supervisor of the settings, if left out.")
@click.option("--due", default="", metavar="WHEN", help="2h, 3d, 14:00 or 2026-09-22 14:00; as set, if left out.")
@click.option("--end", is_flag=True, help="End the escalation instead.")
@yes_option
@click.pass_context
def escalate(
    context: click.Context,
    names: tuple[str, ...],
    filter_text: str,
    reason: str,
    to: str,
    due: str,
    end: bool,
    yes: bool,
) -> None:
    """Put conversations before a supervisor with a reason and a clock."""
    if not end and not reason.strip():
        raise click.UsageError("Give --reason: what shall the supervisor decide?")
    fields: dict[str, object] = {"on": False} if end else {"reason": reason, "to": to}
    if due and not end:
        fields["due_at"] = moment(due, int(time.time()))
    decide(context, NAMES.wanted(names, filter_text), "escalate", fields, what="escalate", yes=yes)


@inbox.command("snooze")
@NAMES.options
@click.option("--until", default="", metavar="WHEN", help="2h, 3d, 14:00 or 2026-09-22 14:00.")
@click.option("--for-buyer", is_flag=True, help="Until the buyer writes, if that is sooner.")
@click.option("--wake", is_flag=True, help="Wake them instead.")
@yes_option
@click.pass_context
def snooze(
    context: click.Context,
    names: tuple[str, ...],
    filter_text: str,
    until: str,
    for_buyer: bool,
    wake: bool,
    yes: bool,
) -> None:
    """Put conversations aside until a time, or until the buyer writes."""
    if wake == bool(until or for_buyer):
        raise click.UsageError("Say how long with --until or --for-buyer, or --wake to end it.")
    fields: dict[str, object] = {"for_buyer": for_buyer}
    if until:
        fields["until"] = moment(until, int(time.time()))
    decide(context, NAMES.wanted(names, filter_text), "snooze", fields, what="wake" if wake else "snooze", yes=yes)


@inbox.command("done")
@NAMES.options
@click.option("--undo", is_flag=True, help="They wait again.")
@yes_option
@click.pass_context
def done(context: click.Context, names: tuple[str, ...], filter_text: str, undo: bool, yes: bool) -> None:
    """Note that conversations need no answer, until the buyer writes again."""
    decide(context, NAMES.wanted(names, filter_text), "thread_done", {"on": not undo}, what="note as done", yes=yes)


@inbox.command("note")
@click.argument("thread", metavar="STORE/THREAD")
@click.option("--text", "words", required=True, help="What to note; it never leaves the house.")
@click.pass_context
def note(context: click.Context, thread: str, words: str) -> None:
    """Add a note of ours to a conversation."""
    end_with(_note(house_of(context), NAMES.key(thread), words))


async def _note(house: DataDir, key: tuple[str, ...], words: str) -> int:
    async with engine_client(house) as client:
        await ask(client, "thread_note", thread=list(key), text=words)
    say("Noted.")
    return Exit.OK
