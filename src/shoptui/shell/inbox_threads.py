"""Which conversations a command is about, and its requests about what operators decide on them."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import click

from shoptui.paths import DataDir
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.shell.connect import ask, end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import confirmed, opened
from shoptui.shell.rows import Names, Which, in_parts, read_rows
from shoptui.shell.saying import say
from shoptui.store.reader import Reader

NAMES = Names("conversation", "STORE/THREAD", "inbox list", parse_threads)

#: One request about conversations names at most this many.
_THREADS_AT_ONCE = 5000
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)", re.IGNORECASE)
_SPAN_S = {"m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


async def rows_of(reader: Reader, wanted: Which, now: int) -> list[ThreadRow]:
    """The rows wanted, in the list's order. Raises Stop for a named conversation that is not here."""
    rows = await listed_rows(reader, await NAMES.ids(reader.threads, ThreadSort(), wanted, now), now)
    return [row for row in rows if not row.not_granted]


async def listed_rows(reader: Reader, ids: Sequence[int], now: int) -> list[ThreadRow]:
    """The rows with these ids, in this order."""
    return await read_rows(lambda part: reader.threads.rows(part, now), ids)


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
    end_with(_decide(house_of(context), wanted, do, fields, what, yes))


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
        for part in in_parts(rows, _THREADS_AT_ONCE):
            threads = [[row.store_id, row.thread_id] for row in part]
            answer = await ask(client, do, threads=threads, **fields)
            changed += len(answer.body["changed"])
    say(f"{changed} of {len(rows)} changed")
    return Exit.OK
