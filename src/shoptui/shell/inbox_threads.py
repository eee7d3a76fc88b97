"""Which conversations a command is about, and its requests about what operators decide on them."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from shoptui.paths import DataDir
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.query import Query
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.shell.connect import Stop, ask, engine_client, say
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import confirmed, me, opened, parsed
from shoptui.store.reader import Reader

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_ROWS_AT_ONCE = 500
#: One request about conversations names at most this many.
_THREADS_AT_ONCE = 5000
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)", re.IGNORECASE)
_SPAN_S = {"m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Which:
    """The conversations a command is about: named ones, or all that match a filter."""

    names: tuple[tuple[str, str], ...] = ()
    query: Query | None = None


def which_options(command: Decorated) -> Decorated:
    """`STORE/THREAD…` or `--filter`, one of which has to be given."""
    command = click.option("--filter", "filter_text", default="", help="Which conversations; the language of /.")(
        command
    )
    return click.argument("threads", nargs=-1, metavar="[STORE/THREAD]...")(command)


def which(threads: Sequence[str], filter_text: str) -> Which:
    """The options as said; neither or both end the command with a sentence."""
    if bool(threads) == bool(filter_text):
        raise click.UsageError("Name conversations as STORE/THREAD (inbox list has them), or give --filter; not both.")
    if filter_text:
        return Which(query=parsed(filter_text, parse_threads))
    return Which(names=tuple(dict.fromkeys(named(each) for each in threads)))


def named(text: str) -> tuple[str, str]:
    """A conversation's store and id from `STORE/THREAD`."""
    store_id, slash, thread_id = text.partition("/")
    if not (store_id and slash and thread_id):
        raise click.UsageError(f"{text!r} names no conversation; write STORE/THREAD, as inbox list has them.")
    return store_id, thread_id


async def rows_of(reader: Reader, wanted: Which, now: int) -> list[ThreadRow]:
    """The rows wanted, in the list's order. Raises Stop for a named conversation that is not here."""
    if wanted.query is not None:
        return [row for row in await matching_rows(reader, wanted.query, ThreadSort(), now) if not row.not_granted]
    ids = []
    for store_id, thread_id in wanted.names:
        row_id = await reader.threads.row_of(store_id, thread_id)
        if row_id is None:
            say(f"{store_id} has no conversation {thread_id} here.")
            raise Stop(Exit.NOTHING)
        ids.append(row_id)
    return await reader.threads.rows(ids, now)


async def matching_rows(
    reader: Reader, query: Query, sort: ThreadSort, now: int, limit: int | None = None
) -> list[ThreadRow]:
    """The rows that match, in the sort's order."""
    found = await reader.threads.index(query, sort, now=now, operator=me())
    ids = found.ids[:limit] if limit is not None else found.ids
    rows: list[ThreadRow] = []
    for first in range(0, len(ids), _ROWS_AT_ONCE):
        rows += await reader.threads.rows(ids[first : first + _ROWS_AT_ONCE], now)
    return rows


def moment(text: str, now: int) -> int:
    """A moment ahead (epoch s) from `2h`, `30min`, `3d`, `14:00` or `2026-09-22 14:00`, in this machine's time."""
    words = text.strip()
    if (span := _SPAN.fullmatch(words)) is not None:
        return now + int(span[1]) * _SPAN_S[span[2].casefold()]
    local = datetime.fromtimestamp(now).astimezone()
    if (clock := _TIME.fullmatch(words)) is not None:
        at = local.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return int((at if at > local else at + timedelta(days=1)).timestamp())
    try:
        found = int(datetime.fromisoformat(words).timestamp())
    except ValueError as error:
        raise click.UsageError(f"{text!r} is no time; write 2h, 3d, 14:00 or 2026-09-22 14:00.") from error
    if found <= now:
        raise click.UsageError(f"{text!r} has passed already.")
    return found


def decide(
    context: click.Context, wanted: Which, do: str, fields: Mapping[str, object], *, what: str, yes: bool
) -> None:
    """Decide the same on all conversations wanted; ends the command with its exit code."""
    try:
        sys.exit(asyncio.run(_decide(house_of(context), wanted, do, fields, what, yes)))
    except Stop as stop:
        sys.exit(stop.code)


async def _decide(house: DataDir, wanted: Which, do: str, fields: Mapping[str, object], what: str, yes: bool) -> int:
    async with opened(house) as reader:
        rows = await rows_of(reader, wanted, int(time.time()))
    if not rows:
        say("No conversation matches.")
        return Exit.NOTHING
    # Whoever names conversations one by one has said which.
    if wanted.query is not None and not yes and not confirmed(len(rows), what):
        say("Nothing was changed.")
        return Exit.NOTHING
    changed = 0
    async with engine_client(house) as client:
        for first in range(0, len(rows), _THREADS_AT_ONCE):
            threads = [[row.store_id, row.thread_id] for row in rows[first : first + _THREADS_AT_ONCE]]
            answer = await ask(client, do, threads=threads, **fields)
            changed += len(answer.body["changed"])
    say(f"{changed} of {len(rows)} changed")
    return Exit.OK
