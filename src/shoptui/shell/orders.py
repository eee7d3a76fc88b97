"""`shoptui orders`: the order grid and its verbs for scripts."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TextIO

import click

from shoptui.client import EngineClient, EngineGone
from shoptui.domain.intents import IntentState
from shoptui.domain.money import Money
from shoptui.engine_start import EngineNotStarted, ensure_engine
from shoptui.paths import DataDir
from shoptui.queries.filter import FilterError, Query, parse
from shoptui.queries.order_export import FIELDS, order_cells, order_record, shown_status
from shoptui.queries.preview import Preview, ship_preview
from shoptui.queries.types import OrderRow
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.tables import Column, print_table
from shoptui.store.reader import NoHouse, Reader, Sort
from shoptui.words import left_out_sentence

#: One ship order carries at most this many intents; more are ordered as several batches.
_INTENTS_PER_ORDER = 2000


@click.group()
def orders() -> None:
    """List and ship orders."""


def _parse(text: str) -> Query:
    try:
        return parse(text)
    except FilterError as error:
        pointer = " " * error.position + "^" * max(1, error.length)
        click.echo(f"{text}\n{pointer}\n{error.sentence}", err=True)
        sys.exit(Exit.USAGE)


@orders.command("list")
@click.option("--filter", "filter_text", default="is:open", show_default=True, help="The language of the / key.")
@click.option("--sort", default="next", show_default=True, help="A column, with - in front for descending.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), help="At most this many rows.")
@click.pass_context
def list_orders(context: click.Context, filter_text: str, sort: str, form: str, limit: int | None) -> None:
    """Orders of all stores, next loss first. Reads the cache; needs no engine. Exit code 3 when nothing matches."""
    query = _parse(filter_text)
    try:
        order = Sort.parse(sort)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    sys.exit(asyncio.run(_list(house_of(context), query, order, form, limit)))


async def _list(house: DataDir, query: Query, sort: Sort, form: str, limit: int | None) -> int:
    now = int(time.time())
    try:
        reader = await Reader.open(house)
    except NoHouse as error:
        click.echo(str(error), err=True)
        return Exit.NOTHING
    async with reader:
        ids = await _matching(reader, query, sort, now, limit)
        rows: list[OrderRow] = []
        for start in range(0, len(ids), 500):
            rows.extend(await reader.rows(ids[start : start + 500], now))
    _print_rows(rows, form, now, sys.stdout)
    return Exit.OK if rows else Exit.NOTHING


async def _matching(reader: Reader, query: Query, sort: Sort, now: int, limit: int | None) -> list[int]:
    ids: list[int] = []
    async for chunk in reader.index(query, sort, now=now, operator=_me()):
        ids.extend(chunk.ids)
        if limit is not None and len(ids) >= limit:
            return ids[:limit]
    return ids


def _me() -> str:
    import getpass

    return getpass.getuser()


def _print_rows(rows: Sequence[OrderRow], form: str, now: int, out: TextIO) -> None:
    if form == "json":
        json.dump([order_record(row) for row in rows], out, ensure_ascii=False, indent=1)
        out.write("\n")
    elif form == "csv":
        writer = csv.writer(out)
        writer.writerow(FIELDS)
        writer.writerows(order_cells(row) for row in rows)
    else:
        print_table(_columns(now), rows, out)


def _columns(now: int) -> list[Column[OrderRow]]:
    from shoptui.domain.clocks import countdown

    def left(row: OrderRow) -> str:
        moment = row.next_at if row.next_at is not None else row.last_missed_at
        return countdown(moment, now, seconds=False).text if moment is not None else ""

    return [
        Column("", lambda row: "!" if row.missed else ""),
        Column("NEXT LOSS", left, right=True),
        Column("KIND", lambda row: row.next_kind or row.last_missed_kind),
        Column("STORE", lambda row: row.store_id),
        Column("ORDER", lambda row: row.order_no),
        Column("STATUS", shown_status),
        Column("ACT", lambda row: row.act_state.value if row.act_state else ""),
        Column("ITEMS", lambda row: row.items),
        Column("CARRIER", lambda row: row.carrier),
        Column("VALUE", lambda row: f"{Money(row.value_minor, row.currency).plain()} {row.currency}", right=True),
        Column("BUYER", lambda row: row.buyer),
    ]


@orders.command("ship")
@click.option("--filter", "filter_text", required=True, help="Which orders; the language of the / key.")
@click.option("--method", type=click.Choice(["pickup", "drop-off"]), help="As the store's setting says, if left out.")
@click.option("--dry-run", is_flag=True, help="Say what would be shipped and what is left out; order nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; scripts need it.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until every parcel is settled.")
@click.option("--timeout", type=click.FloatRange(min=1), default=600, show_default=True, help="Seconds to wait.")
@click.pass_context
def ship_orders(
    context: click.Context, filter_text: str, method: str | None, dry_run: bool, yes: bool, wait: bool, timeout: float
) -> None:
    """Arrange shipment for every order that matches. Held for 10 s like in the cockpit, then sent.

    Exit codes: 0 all shipped, 1 some failed, 3 nothing to ship, 4 no engine, 5 some not decided yet, 6 not allowed.
    """
    query = _parse(filter_text)
    sys.exit(asyncio.run(_ship(house_of(context), query, method, dry_run, yes, wait, timeout)))


async def _ship(
    house: DataDir, query: Query, method: str | None, dry_run: bool, yes: bool, wait: bool, timeout_s: float
) -> int:
    now = int(time.time())
    try:
        reader = await Reader.open(house)
    except NoHouse as error:
        click.echo(str(error), err=True)
        return Exit.NOTHING
    async with reader:
        ids = await _matching(reader, query, Sort.parse("next"), now, None)
        candidates = await reader.candidates(ids, now, _me())
        preview = ship_preview(candidates, now)
        _print_preview(preview, len(ids))
        if not preview.ready:
            return Exit.NOTHING
        if dry_run:
            return Exit.OK
        if not yes and not _confirmed(len(preview.ready)):
            click.echo("Nothing was ordered.", err=True)
            return Exit.NOTHING
        return await _order(house, reader, preview, method, wait, timeout_s)


def _print_preview(preview: Preview, matched: int) -> None:
    stores = Counter(target.store_id for target in preview.ready)
    orders_ready = len({(target.store_id, target.order_no) for target in preview.ready})
    click.echo(f"SHIP {orders_ready} of {matched} orders, {len(preview.ready)} parcels, {len(stores)} stores", err=True)
    for store_id, count in sorted(stores.items()):
        click.echo(f"  {store_id}  {count}", err=True)
    for reason_id, arguments, rows in preview.left_out:
        click.echo(f"  left out {len(rows)}: {left_out_sentence(reason_id, arguments)}", err=True)


def _confirmed(count: int) -> bool:
    if not sys.stdin.isatty():
        click.echo("Not a terminal: add --yes to order, or --dry-run to look.", err=True)
        return False
    answer: str = click.prompt(f"Type {count} to ship, anything else leaves", default="", show_default=False, err=True)
    return answer.strip() == str(count)


async def _order(
    house: DataDir, reader: Reader, preview: Preview, method: str | None, wait: bool, timeout_s: float
) -> int:
    try:
        await ensure_engine(house)
        client = await EngineClient.connect(house, program="shell")
    except (EngineNotStarted, EngineGone) as error:
        click.echo(str(error), err=True)
        return Exit.NO_ENGINE
    arguments = {} if method is None else {"method": {"pickup": "PICKUP", "drop-off": "DROP_OFF"}[method]}
    batches: list[str] = []
    refused = 0
    async with client:
        for start in range(0, len(preview.ready), _INTENTS_PER_ORDER):
            part = preview.ready[start : start + _INTENTS_PER_ORDER]
            batch_id = str(uuid.uuid4())
            answer = await client.request(
                "order",
                batch_id=batch_id,
                verb="ship",
                origin="shell",
                intents=[
                    {
                        "store_id": target.store_id,
                        "order_no": target.order_no,
                        "target_kind": "package",
                        "target_id": target.target_id,
                        "args": arguments,
                        "clock_due_at": target.next_at,
                    }
                    for target in part
                ],
            )
            if not answer.ok:
                click.echo(answer.say, err=True)
                return Exit.NOT_ALLOWED if answer.reason == "not_allowed" else Exit.FAILED
            batches.append(batch_id)
            for refusal in answer.body["refused"]:
                refused += 1
                target = part[refusal["index"]]
                click.echo(f"  refused {target.store_id} {target.order_no}: {refusal['say']}", err=True)
        click.echo(f"ordered {len(preview.ready) - refused}; batch {' '.join(batches)}", err=True)
        if not wait:
            return Exit.UNDECIDED
        await client.subscribe()
        states = await _settled(reader, client, batches, timeout_s)
    return _report(states, refused)


async def _settled(
    reader: Reader, client: EngineClient, batches: Iterable[str], timeout_s: float
) -> Counter[IntentState]:
    """Follow the batches until every intent is settled or the time is up; how many are in which state."""
    wanted = list(batches)
    moving = {IntentState.HELD, IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN}
    states: Counter[IntentState] = Counter()
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                states = Counter()
                for batch_id in wanted:
                    states.update(intent.state for intent in await reader.intents_of(batch_id))
                if not any(states[state] for state in moving):
                    return states
                await client.next_notice()
    except (TimeoutError, EngineGone):
        return states


def _report(states: Counter[IntentState], refused: int) -> int:
    click.echo(", ".join(f"{count} {state.value}" for state, count in sorted(states.items())), err=True)
    undecided = sum(states.values()) - sum(
        states[state] for state in (IntentState.DONE, IntentState.FAILED, IntentState.NOT_DONE, IntentState.TAKEN_BACK)
    )
    if states[IntentState.FAILED] or states[IntentState.NOT_DONE] or states[IntentState.TAKEN_BACK] or refused:
        return Exit.FAILED
    return Exit.UNDECIDED if undecided else Exit.OK
