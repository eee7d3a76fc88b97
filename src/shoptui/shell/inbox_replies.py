"""Replies and read marks from the shell: previewed, asked about, ordered, and followed until they are settled."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import click

from shoptui.config import ConfigError, config_path, load_config
from shoptui.domain.intents import Verb
from shoptui.domain.reply_values import Subject
from shoptui.domain.templates import QuickReply, TemplateError, unknown_variables
from shoptui.domain.verbs import REPLY_MAX, ReadMark, write_args
from shoptui.paths import DataDir
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.ordering import OrderPart
from shoptui.queries.quick_reply import Candidate, ReplyBatch, prepare, thread_target
from shoptui.quick_replies import house_says, load_quick_replies, quick_replies_path
from shoptui.shell.connect import end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.inbox_threads import NAMES, rows_of
from shoptui.shell.order_batch import How, confirmed, opened, order_parts
from shoptui.shell.order_options import EXIT_HELP, how_options
from shoptui.shell.rows import Which, me
from shoptui.shell.saying import say
from shoptui.store.reader import Reader
from shoptui.words import stores_count
from shoptui.words.quick_replies import left_out_words

#: Words of the writer's own are prepared like a quick reply of this number, which no house has.
_OWN_WORDS = 0


@click.command("reply", epilog=EXIT_HELP)
@NAMES.options
@click.option("--text", "words", default="", help="What to write; {buyer}, {order} and the like are filled in.")
@click.option("--template", type=click.IntRange(1, 99), metavar="N", help="The quick reply with this number.")
@click.option("--take-over", is_flag=True, help="Answer also where a colleague is on it.")
@how_options
@click.pass_context
def reply(
    context: click.Context,
    /,
    names: tuple[str, ...],
    filter_text: str,
    words: str,
    template: int | None,
    take_over: bool,
    **options: Any,
) -> None:
    """Answer buyers, each with the values of their own order. Held like in the cockpit, then sent."""
    if bool(words.strip()) == (template is not None):
        raise click.UsageError("Say what to write with --text, or which quick reply with --template; not both.")
    if len(words) > REPLY_MAX:
        raise click.UsageError(f"--text has {len(words)} characters; at most {REPLY_MAX} are taken anywhere.")
    if unknown := unknown_variables(words):
        raise click.UsageError(f"{{{unknown[0]}}} is no variable; use {{buyer}}, {{order}}, {{tracking}}, {{eta}} …")
    how = How.of(options)
    house, wanted = house_of(context), NAMES.wanted(names, filter_text)
    try:
        replies = _replies(house, words, template)
        number = _OWN_WORDS if template is None else template
        end_with(_reply(house, wanted, number, replies, how, take_over=take_over))
    except (ConfigError, TemplateError) as error:
        say(str(error))
        sys.exit(Exit.USAGE)


def _replies(house: DataDir, words: str, template: int | None) -> Sequence[QuickReply]:
    if template is None:
        return (QuickReply(_OWN_WORDS, "", {"en": words}),)
    return load_quick_replies(quick_replies_path(house))


async def _reply(
    house: DataDir, wanted: Which, number: int, replies: Sequence[QuickReply], how: How, *, take_over: bool
) -> int:
    says = house_says(load_config(config_path(house)))
    now = int(time.time())
    async with opened(house) as reader:
        candidates = await _candidates(reader, await rows_of(reader, wanted, now), take_over=take_over)
        found = prepare(number, replies, candidates, says, operator=me(), now=now)
        _print_preview(found)
        if not found.ready:
            return Exit.NOTHING
        if how.dry_run:
            for each in found.ready:
                click.echo(f"{each.row.store_id}/{each.row.thread_id}\t{each.row.buyer}\t{_one_line(each.text)}")
            return Exit.OK
        if not how.yes and not confirmed(len(found.ready), "reply"):
            say("Nothing was sent.")
            return Exit.NOTHING
        part = found.part() if number != _OWN_WORDS else _without_template(found)
        async with engine_client(house) as client:
            _, code = await order_parts(client, reader, [part], how, take_over=take_over)
    return code


async def _candidates(reader: Reader, rows: Sequence[ThreadRow], *, take_over: bool) -> list[Candidate]:
    zones = {store.store_id: ZoneInfo(store.time_zone) for store in await reader.stores()}
    ids = [row.row_id for row in rows]
    values = await reader.threads.template_values(ids)
    orders = await reader.threads.linked_orders(ids)
    return [
        Candidate(
            replace(row, claimed_by="") if take_over else row,
            Subject(
                row.store_id,
                row.order_no,
                values.get(row.row_id, {}),
                orders.get(row.row_id),
                zones.get(row.store_id, ZoneInfo("UTC")),
            ),
        )
        for row in rows
    ]


def _without_template(found: ReplyBatch) -> OrderPart:
    from shoptui.queries.quick_reply import reply_part

    return reply_part({each.row: each.text for each in found.ready})


def _print_preview(found: ReplyBatch) -> None:
    names = f" {'/'.join(found.names)}" if any(found.names) else ""
    say(f"Reply{names} to {len(found.ready)} of {found.asked} buyers, {stores_count(len(found.stores))}")
    for store_id, count in sorted(Counter(each.row.store_id for each in found.ready).items()):
        say(f"  {store_id}  {count}")
    if found.idle:
        say(f"  {found.idle} of them wait for no answer")
    for group in found.groups():
        say(f"  left out {left_out_words(group, found.asked)}")


def _one_line(text: str) -> str:
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())


@click.command("mark-read", epilog=EXIT_HELP)
@NAMES.options
@how_options
@click.pass_context
def mark_read(context: click.Context, /, names: tuple[str, ...], filter_text: str, **options: Any) -> None:
    """Tell the marketplaces that conversations were read, up to their newest message here."""
    end_with(_mark_read(house_of(context), NAMES.wanted(names, filter_text), How.of(options)))


async def _mark_read(house: DataDir, wanted: Which, how: How) -> int:
    async with opened(house) as reader:
        rows = await rows_of(reader, wanted, int(time.time()))
        unread = {row.row_id: row for row in rows if row.unread and row.last_message_id}
        say(f"Mark {len(unread)} of {len(rows)} as read; the others are")
        if not unread:
            return Exit.NOTHING
        if how.dry_run:
            return Exit.OK
        if not how.yes and not confirmed(len(unread), "mark as read"):
            say("Nothing was changed.")
            return Exit.NOTHING
        part = OrderPart(
            Verb.MARK_READ,
            tuple(thread_target(row, Verb.MARK_READ) for row in unread.values()),
            lambda target: write_args(ReadMark(unread[target.row_id].last_message_id)),
        )
        async with engine_client(house) as client:
            _, code = await order_parts(client, reader, [part], how)
    return code
