"""`shoptui orders pick-list` and `save-labels`: what goes onto paper or into files."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import datetime
from pathlib import Path

import click

from shoptui.cockpit.label_files import LabelFile, labels_folder, write_labels
from shoptui.cockpit.pick_files import pick_csv, pick_sheet
from shoptui.cockpit.shelf_file import ShelfFile
from shoptui.paths import DataDir
from shoptui.queries.admission import label_is_stored
from shoptui.queries.filter import Query
from shoptui.queries.pick_list import PickLine, PickList, pick_list
from shoptui.shell.connect import ask, end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import candidates_of, matching, opened
from shoptui.shell.rows import parsed, read_rows
from shoptui.shell.saying import say
from shoptui.shell.tables import Column, print_table
from shoptui.store.reader import Sort

#: Labels in one answer of the engine; what does not fit is asked for again.
_LABELS_AT_ONCE = 50


@click.command("pick-list")
@click.option("--filter", "filter_text", required=True, help="Which orders; the language of the / key.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "pdf"]), default="table", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output, if left out.")
@click.pass_context
def pick_list_command(context: click.Context, /, filter_text: str, form: str, out: Path | None) -> None:
    """What to fetch from the shelves for these orders. Reads the cache; needs no engine."""
    if form == "pdf" and out is None and sys.stdout.isatty():
        raise click.UsageError("A PDF does not belong on a terminal: add --out FILE.")
    end_with(_pick(house_of(context), parsed(filter_text), form, out))


async def _pick(house: DataDir, query: Query, form: str, out: Path | None) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        ids = await matching(reader, query, Sort.parse("next"), now)
        orders = await read_rows(reader.order_lines, ids)
    shelf_file = ShelfFile(house)
    picks = pick_list(orders, shelf_file.look())
    if shelf_file.fault:
        say(shelf_file.fault)
    if not picks.lines:
        say("Nothing is to be fetched for these orders.")
        return Exit.NOTHING
    try:
        _write_picks(picks, form, out)
    except OSError as error:
        say(f"{out} cannot be written: {error.strerror or error}.")
        return Exit.FAILED
    return Exit.OK


def _write_picks(picks: PickList, form: str, out: Path | None) -> None:
    if form == "table":
        columns: list[Column[PickLine]] = [
            Column("FROM", lambda line: line.warehouse),
            Column("PIECES", lambda line: f"{line.quantity:,}", right=True),
            Column("SKU", lambda line: line.sku),
            Column("NAME", lambda line: line.name),
            Column("ORDERS", lambda line: f"{line.orders:,}", right=True),
            Column("PARCELS", lambda line: f"{line.parcels:,}", right=True),
        ]
        if picks.has_shelves:
            columns.insert(1, Column("SHELF", lambda line: line.shelf))
        if out is None:
            print_table(columns, picks.lines, sys.stdout)
            return
        with out.open("w", encoding="utf-8") as file:
            print_table(columns, picks.lines, file)
        return
    if form == "csv":
        content = pick_csv(picks)
    else:
        content, lost = pick_sheet(picks, datetime.now())
        if lost:
            say(f"{lost} names have letters no font of this machine can draw: go by their SKUs.")
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)


@click.command("save-labels")
@click.option("--filter", "filter_text", required=True, help="Which orders; the language of the / key.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="The exports folder, if left out.")
@click.pass_context
def save_labels(context: click.Context, /, filter_text: str, folder: Path | None) -> None:
    """Write labels that are in the house to files: PDFs as one in list order, other formats one by one."""
    end_with(_save(house_of(context), parsed(filter_text), folder))


async def _save(house: DataDir, query: Query, folder: Path | None) -> int:
    now = int(time.time())
    async with opened(house) as reader:
        candidates = await candidates_of(reader, await matching(reader, query, Sort.parse("next"), now), now)
    targets = [
        [candidate.store_id, parcel.package_id]
        for candidate in candidates
        for parcel in candidate.parcels
        if label_is_stored(candidate, parcel.package_id)
    ]
    if outdated := sum(parcel.label_outdated for candidate in candidates for parcel in candidate.parcels):
        say(f"{outdated} not saved: their tracking numbers have changed; shoptui orders label fetches them anew.")
    if not targets:
        if not outdated:
            say("No label of these orders is in the house; shoptui orders label fetches them.")
        return Exit.NOTHING
    labels: list[LabelFile] = []
    async with engine_client(house) as client:
        while targets:
            answer = await ask(client, "documents", targets=targets[:_LABELS_AT_ONCE])
            labels += [LabelFile.from_answer(item) for item in answer.body["documents"]]
            targets = [*answer.body.get("left", []), *targets[_LABELS_AT_ONCE:]]
    if not labels:
        say("None of these labels is in the house any more.")
        return Exit.NOTHING
    said = await asyncio.to_thread(write_labels, labels, folder or labels_folder(house), datetime.now())
    click.echo(said)
    return Exit.OK
