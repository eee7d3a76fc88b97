"""Rows of the house's lists in the shell: which of them a command is about, and how a list of them is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import click

from shoptui.queries.filter import FilterError, parse
from shoptui.queries.query import Query
from shoptui.queries.sorting import IndexChunk
from shoptui.shell.connect import Stop
from shoptui.shell.exits import Exit
from shoptui.shell.saying import say
from shoptui.shell.tables import Column, print_csv, print_table

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
ItemT = TypeVar("ItemT")
RowT = TypeVar("RowT")
SortT = TypeVar("SortT")
AnySortT_contra = TypeVar("AnySortT_contra", contravariant=True)

_ROWS_AT_ONCE = 500

yes_option = click.option("--yes", is_flag=True, help="Do not ask; scripts need it.")


def me() -> str:
    """The operator as the kernel knows them."""
    import getpass

    return getpass.getuser()


def parsed(text: str, read: Callable[[str], Query] = parse) -> Query:
    """The filter; a wrong one ends the command, pointing at what is wrong."""
    try:
        return read(text)
    except FilterError as error:
        pointer = " " * error.position + "^" * max(1, error.length)
        click.echo(f"{text}\n{pointer}", err=True)
        say(error.sentence)
        sys.exit(Exit.USAGE)


def in_parts(items: Sequence[ItemT], size: int) -> Iterator[Sequence[ItemT]]:
    """The items in order, at most `size` at once."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


async def read_rows(read: Callable[[Sequence[int]], Awaitable[Sequence[RowT]]], ids: Sequence[int]) -> list[RowT]:
    """What `read` tells of these rows, asked for some hundred at once."""
    return [row for part in in_parts(ids, _ROWS_AT_ONCE) for row in await read(part)]


# Which rows.


@dataclass(frozen=True, slots=True)
class Which:
    """The rows a command is about: named ones, or all that match a filter."""

    names: tuple[tuple[str, ...], ...] = ()
    query: Query | None = None


class _List(Protocol[AnySortT_contra]):
    """A list of the reader's whose rows have names."""

    async def index(self, query: Query, sort: AnySortT_contra, /, *, now: int, operator: str) -> IndexChunk: ...

    @property
    def row_of(self) -> Callable[..., Awaitable[int | None]]: ...


@dataclass(frozen=True, slots=True)
class Names:
    """How commands name the rows of one list: `Names("conversation", "STORE/THREAD", "inbox list", parse_threads)`."""

    noun: str
    form: str
    listed_by: str
    read: Callable[[str], Query]

    def options(self, command: Decorated) -> Decorated:
        """Names or `--filter`, one of which has to be given; `wanted` reads them."""
        which = f"Which {self.noun}s; the language of the / key."
        command = click.option("--filter", "filter_text", default="", help=which)(command)
        return click.argument("names", nargs=-1, metavar=f"[{self.form}]...")(command)

    def wanted(self, names: Sequence[str], filter_text: str) -> Which:
        """The options as said; neither or both end the command with a sentence."""
        if bool(names) == bool(filter_text):
            form = f" as {self.form}" if "/" in self.form else ""
            raise click.UsageError(f"Name {self.noun}s{form} ({self.listed_by} has them), or give --filter; not both.")
        if filter_text:
            return Which(query=parsed(filter_text, self.read))
        return Which(names=tuple(dict.fromkeys(self.key(each) for each in names)))

    def key(self, text: str) -> tuple[str, ...]:
        """The parts of one name, as many as the form has. Raises UsageError."""
        found = tuple(text.split("/", self.form.count("/")))
        if len(found) <= self.form.count("/") or not all(found):
            raise click.UsageError(f"{text!r} names no {self.noun}; write {self.form}, as {self.listed_by} has them.")
        return found

    def missing(self, key: Sequence[str]) -> Stop:
        """Say that what was named is not here."""
        say(f"There is no {self.noun} {'/'.join(key)} here.")
        return Stop(Exit.NOTHING)

    async def ids(self, listed: _List[SortT], sort: SortT, wanted: Which, now: int) -> Sequence[int]:
        """The rows wanted, in the list's order. Raises Stop for a named one that is not here."""
        if wanted.query is not None:
            return (await listed.index(wanted.query, sort, now=now, operator=me())).ids
        ids = []
        for key in wanted.names:
            row_id = await listed.row_of(*key)
            if row_id is None:
                raise self.missing(key)
            ids.append(row_id)
        return ids


# Printed lists.


@dataclass(frozen=True, slots=True)
class Listing(Generic[SortT]):
    """What a command lists, and how: `form` is table, json or csv, `limit` the most rows, None for all."""

    query: Query
    sort: SortT
    form: str
    limit: int | None

    @classmethod
    def of(
        cls, read: Callable[[str], Query], sort: Callable[[str], SortT], options: Mapping[str, Any]
    ) -> Listing[SortT]:
        """The values of `list_options`; a wrong filter or column ends the command with a sentence."""
        query = parsed(options["filter_text"], read)
        try:
            return Listing(query, sort(options["sort"]), options["form"], options["limit"])
        except ValueError as error:
            raise click.UsageError(str(error)) from error


def list_options(usual: str = "", example: str = "") -> Callable[[Decorated], Decorated]:
    """The options of every `list`; `usual` is the filter where none is given."""

    def put_on(command: Decorated) -> Decorated:
        for option in (
            click.option("--limit", type=click.IntRange(min=1), help="At most this many rows."),
            click.option(
                "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
            ),
            click.option("--sort", default="next", show_default=True, help="A column, with - in front for descending."),
            click.option(
                "--filter",
                "filter_text",
                default=usual,
                show_default=bool(usual),
                help=f"The language of the / key{example and f', as in {example}'}.",
            ),
        ):
            command = option(command)
        return command

    return put_on


def print_rows(
    rows: Sequence[RowT],
    form: str,
    fields: Sequence[str],
    record: Callable[[RowT], Mapping[str, object]],
    columns: Sequence[Column[RowT]],
) -> Exit:
    """Write rows to standard output as a table, JSON or CSV; the exit code of a `list`."""
    if form == "table":
        print_table(columns, rows, sys.stdout)
    else:
        print_records(form, fields, [record(row) for row in rows])
    return Exit.OK if rows else Exit.NOTHING


def print_records(form: str, fields: Sequence[str], records: Sequence[Mapping[str, object]]) -> None:
    """Write records to standard output as JSON or CSV."""
    if form == "json":
        json.dump(records, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    else:
        print_csv(fields, records, sys.stdout)
