"""`shoptui logs`: what the engine noted, all rotated files as one, with what was asked for left."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.saying import say

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}) ([A-Z]+) ")
_SPAN = re.compile(r"(\d+) *(s|m|min|h|d)")
_SPAN_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
#: Between two looks while following, seconds.
_LOOK_EVERY_S = 0.5


class _Since(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions of click
    """A span back from now (`90m`, `2h`, `3d`) or a moment (`2026-11-22`, `2026-11-22T03:00`, local time)."""

    name = "since"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value).strip()
        if span := _SPAN.fullmatch(text):
            return time.time() - int(span[1]) * _SPAN_S[span[2]]
        try:
            return datetime.fromisoformat(text).astimezone(UTC).timestamp()
        except ValueError:
            self.fail(f"{text!r} is no time. Write 90m, 2h, 3d, or a moment such as 2026-11-22T03:00.", param, ctx)


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--since", type=_Since(), help="From then on: 90m, 2h, 3d, or 2026-11-22T03:00 (local time).")
@click.option("--store", help="Only lines about this store.")
@click.option("--level", type=click.Choice([level.lower() for level in _LEVELS]), help="Only this grave or graver.")
@click.pass_context
def logs(context: click.Context, follow: bool, since: float | None, store: str | None, level: str | None) -> None:
    """Print the engine's log. It holds no secrets and no buyers' data; four files of 5 MB at most."""
    house = house_of(context)
    wanted = _Wanted(since, store, level)
    try:
        files = _files(house.log)
        if not files and not follow:
            say(f"There is no log yet: no engine has run in {house.root}.")
            sys.exit(Exit.NOTHING)
        for path in files[:-1]:
            with path.open(encoding="utf-8", errors="replace") as file:
                _print(wanted.of(file))
        newest = files[-1].open(encoding="utf-8", errors="replace") if files else None
        if newest is not None:
            _print(wanted.of(newest))
        if follow:
            _follow(house.log, newest, wanted)
    except PermissionError:
        say(f"Only the engine's user may read {house.log}: sudo -u <that user> shoptui logs")
        sys.exit(Exit.NOT_ALLOWED)
    except KeyboardInterrupt:
        sys.exit(Exit.OK)


class _Wanted:
    """Which lines are asked for. A line without a moment of its own belongs to the one before it."""

    def __init__(self, since_at: float | None, store: str | None, level: str | None) -> None:
        self._since_at = since_at
        self._store = None if store is None else re.compile(rf"(?<![\w-]){re.escape(store)}(?![\w-])")
        self._least = _LEVELS.index(level.upper()) if level is not None else 0
        self._last = since_at is None and store is None and level is None

    def of(self, file: TextIO) -> Iterator[str]:
        """The lines of a file that are asked for."""
        for line in file:
            if head := _LINE.match(line):
                self._last = self._fits(line, head)
            if self._last:
                yield line.rstrip("\n")

    def _fits(self, line: str, head: re.Match[str]) -> bool:
        if (
            self._since_at is not None
            and datetime.strptime(head[1], "%Y-%m-%dT%H:%M:%S%z").timestamp() < self._since_at
        ):
            return False
        if self._least and head[2] in _LEVELS and _LEVELS.index(head[2]) < self._least:
            return False
        return self._store is None or self._store.search(line, head.end()) is not None


def _files(log: Path) -> list[Path]:
    """The log and its rotated files, oldest first."""
    rotated = [path for path in log.parent.glob(f"{log.name}.*") if path.suffix[1:].isdigit()]
    return [*sorted(rotated, key=lambda path: -int(path.suffix[1:])), *([log] if log.exists() else [])]


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)


def _follow(log: Path, file: TextIO | None, wanted: _Wanted) -> None:
    """Print what is added to a file that was read to its end, and to those that take its place, for ever."""
    while True:
        if file is not None:
            _print(wanted.of(file))
        if (fresh := _replaced(log, file)) is not None:
            if file is not None:
                # What was written between the last look and the rotation.
                _print(wanted.of(file))
                file.close()
            file = fresh
            continue
        select.select([], [], [], _LOOK_EVERY_S)


def _replaced(log: Path, file: TextIO | None) -> TextIO | None:
    """The file that now has the log's name, None while it is the same or there is none."""
    try:
        fresh = log.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    if file is not None and os.path.sameopenfile(fresh.fileno(), file.fileno()):
        fresh.close()
        return None
    return fresh
