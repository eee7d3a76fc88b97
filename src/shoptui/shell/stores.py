"""`shoptui stores`: which stores there are, how they do, and those that come and go."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from shoptui.client import EngineClient, EngineGone
from shoptui.paths import DataDir
from shoptui.queries.filter import parse
from shoptui.queries.types import StoreRow
from shoptui.shell.connect import Stop, ask, end_with, engine_client, open_reader
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.saying import say, typed
from shoptui.shell.tables import Column, print_csv, print_table
from shoptui.words import age_words, feed_words
from shoptui.words.stores import removal_lines

_DAY_S = 86_400
_FIELDS = (
    "store", "marketplace", "region", "name", "shop_id", "link", "error", "last_ok_at", "first_sync_done", "fetched",
    "expected", "open_orders", "here", "there", "waiting", "token_expires_at", "authorisation_ends_at", "paused",
)  # fmt: skip
_FORM = click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)


@click.group()
def stores() -> None:
    """Connect stores, look how they do, let them go."""


@stores.command("add")
@click.argument("marketplace")
@click.option("--app", "app", default="", help="Through which app, where several are set up.")
@click.option("--name", default="", help="The short name of a single store; its settings hold from the first call.")
@click.option("--yes", is_flag=True, help="Take all shops under the proposed names without asking.")
@click.option("--anyway", is_flag=True, help="Also shops another house of this machine holds.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until the first sync is over.")
@click.option("--timeout", type=click.FloatRange(min=1), default=3600, show_default=True, help="Seconds to wait.")
@click.pass_context
def add_stores(
    context: click.Context, marketplace: str, app: str, name: str, yes: bool, anyway: bool, wait: bool, timeout: float
) -> None:
    """Authorise a seller and take the shops in: shows a link, waits for what the browser brings, reads the orders.

    Exit codes: 0 connected, 1 refused or the first sync failed, 3 nothing was chosen, 4 no engine, 5 the first sync
    still runs, 6 not allowed.
    """
    from shoptui.shell.sign_in import Wishes, add_flow

    wishes = Wishes(app, name, yes, anyway)
    end_with(_add(house_of(context), marketplace, wishes, add_flow, wait, timeout))


async def _add(house: DataDir, marketplace: str, wishes: Any, flow: Any, wait: bool, timeout_s: float) -> int:
    async with engine_client(house) as client:
        added: list[str] = await flow(client, house, marketplace, wishes)
        if not added:
            return Exit.NOTHING
        if not wait:
            return Exit.UNDECIDED
        from shoptui.shell.first_sync import follow_first_sync

        return await follow_first_sync(client, house, added, timeout_s)


@stores.command("sign-in")
@click.argument("store_id", metavar="STORE")
@click.option("--chat", is_flag=True, help="Its conversations, through an app of their own (Lazada, Shopee).")
@click.option("--app", "app", default="", help="With --chat: through which app, where several could be it.")
@click.pass_context
def sign_in(context: click.Context, store_id: str, chat: bool, app: str) -> None:
    """Authorise a store again: before its authorisation ends, or after it was signed out. Its own seller has to."""
    if app and not chat:
        raise click.UsageError("--app goes with --chat: a store is signed in again through the app it has.")
    end_with(_sign_in(house_of(context), store_id, chat, app))


async def _sign_in(house: DataDir, store_id: str, chat: bool, app: str) -> int:
    from shoptui.shell.sign_in import sign_in_flow

    async with engine_client(house) as client:
        return Exit.OK if await sign_in_flow(client, store_id, chat=chat, app=app) else Exit.NOTHING


@stores.command("list")
@_FORM
@click.option("--failing", is_flag=True, help="Only stores that cannot be read now.")
@click.option(
    "--expiring", type=click.IntRange(min=0), metavar="DAYS", help="Only authorisations ending in so many days."
)
@click.pass_context
def list_stores(context: click.Context, form: str, failing: bool, expiring: int | None) -> None:
    """All stores: failing ones first, then by the end of their authorisation. Reads the cache; needs no engine.

    Exit code 3 when there are none.
    """
    end_with(_list(house_of(context), form, failing, expiring))


async def _list(house: DataDir, form: str, failing: bool, expiring: int | None) -> int:
    now = int(time.time())
    rows = await _rows(house)
    if failing:
        rows = [row for row in rows if is_failing(row)]
    if expiring is not None:
        rows = [row for row in rows if _ends_at(row) - now <= expiring * _DAY_S]
    _print(rows, form, now)
    return Exit.OK if rows else Exit.NOTHING


async def _rows(house: DataDir) -> list[StoreRow]:
    try:
        async with await open_reader(house) as reader:
            rows = await reader.stores()
    except Stop as stop:
        if stop.code is not Exit.NOTHING:
            sys.exit(stop.code)
        return []
    return sorted(rows, key=lambda row: (not is_failing(row), _ends_at(row), row.store_id))


def _print(rows: Sequence[StoreRow], form: str, now: int) -> None:
    records = [_record(row, now) for row in rows]
    if form == "json":
        click.echo(json.dumps(records, ensure_ascii=False, indent=1))
    elif form == "csv":
        print_csv(_FIELDS, records, sys.stdout)
    else:
        print_table(_columns(now), rows, sys.stdout)


def _record(row: StoreRow, now: int) -> dict[str, object]:
    feed = row.feed
    return {
        "store": row.store_id,
        "marketplace": row.marketplace,
        "region": row.region,
        "name": row.name,
        "shop_id": row.shop_id,
        "link": feed_words(row, now),
        "error": feed.error if feed else "",
        "last_ok_at": feed.last_ok_at if feed else None,
        "first_sync_done": bool(feed and feed.first_done),
        "fetched": feed.fetched if feed else 0,
        "expected": feed.expected if feed else None,
        "open_orders": row.open_orders,
        "here": feed.here if feed else None,
        "there": feed.there if feed else None,
        "waiting": row.waiting_intents,
        "token_expires_at": row.token_expires_at,
        "authorisation_ends_at": row.authorisation_ends_at,
        "paused": row.paused,
    }


def _columns(now: int) -> list[Column[StoreRow]]:
    return [
        Column("", lambda row: "~" if is_failing(row) else "!" if _ends_at(row) - now <= 7 * _DAY_S else ""),
        Column("STORE", lambda row: row.store_id),
        Column("REGION", lambda row: row.region),
        Column("LINK", lambda row: feed_words(row, now)),
        Column("AGE", lambda row: age_words(row.feed.last_ok_at if row.feed else None, now), right=True),
        Column("OPEN", lambda row: f"{row.open_orders:,}", right=True),
        Column("WAIT", lambda row: f"{row.waiting_intents:,}", right=True),
        Column("AUTHORISED UNTIL", lambda row: _until(row.authorisation_ends_at, now)),
        Column("NAME", lambda row: row.name),
    ]


def is_failing(row: StoreRow) -> bool:
    """Whether the store cannot be read now; a paused one is not meant to be."""
    return row.feed is not None and not row.paused and (row.feed.failures > 0 or row.feed.signed_out)


def _ends_at(row: StoreRow) -> int:
    return row.authorisation_ends_at if row.authorisation_ends_at is not None else 1 << 62


def _until(at: int | None, now: int) -> str:
    if at is None:
        return "?"
    days = (at - now) // _DAY_S
    left = f"{days} d" if days >= 1 else f"{max(0, at - now) // 3600} h"
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d} ({left})" if days < 3650 else "no end set"


@stores.command("check")
@click.argument("store_ids", nargs=-1, metavar="[STORE]...")
@_FORM
@click.option("--timeout", type=click.FloatRange(min=1), default=120, show_default=True, help="Seconds to wait.")
@click.pass_context
def check_stores(context: click.Context, store_ids: tuple[str, ...], form: str, timeout: float) -> None:
    """Read stores now, all if none is named, and say how each does.

    Exit codes: 0 all good, 1 some fail, 3 no such store, 4 no engine, 5 some have not answered in time.
    """
    end_with(_check(house_of(context), store_ids, form, timeout))


async def _check(house: DataDir, store_ids: Sequence[str], form: str, timeout_s: float) -> int:
    async with engine_client(house) as client:
        await client.subscribe()
        status = (await ask(client, "status")).body
        wanted = list(store_ids) or [lane["store_id"] for lane in status["lanes"] if not lane["paused"]]
        if wanted:
            await ask(client, "sync_now", store_ids=wanted)
        answered = await _looked(client, wanted, _looks(status), timeout_s)
    # A store whose app is not set up has no lane and cannot be read.
    rows = [row for row in await _rows(house) if not store_ids or row.store_id in store_ids]
    _print(rows, form, int(status["now"]))
    for row in rows:
        if row.feed is not None and row.feed.error and is_failing(row):
            say(f"{row.store_id}: {row.feed.error}")
        if row.messages is not None and row.messages.not_granted:
            say(f"{row.store_id}: {row.messages.error}")
    lanes = {lane["store_id"] for lane in status["lanes"]}
    unserved = [row.store_id for row in rows if row.store_id not in lanes]
    for store_id in unserved:
        say(f"{store_id}: the app it was authorised through is not set up here.")
    if unserved or any(is_failing(row) for row in rows):
        return Exit.FAILED
    if not answered:
        say("Some stores have not answered yet; the table shows what is known.")
        return Exit.UNDECIDED
    return Exit.OK if rows else Exit.NOTHING


async def _looked(client: EngineClient, wanted: Sequence[str], before: Mapping[str, int], timeout_s: float) -> bool:
    """Wait until each store has been looked at more often than before; False when time ran out first."""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                looks = _looks((await ask(client, "status")).body)
                if all(looks.get(store_id, 0) > before.get(store_id, 0) for store_id in wanted):
                    return True
                await client.next_notice()
    except (TimeoutError, EngineGone):
        return False


def _looks(status: Mapping[str, Any]) -> dict[str, int]:
    return {lane["store_id"]: int(lane["looks"]) for lane in status["lanes"]}


@stores.command("rename")
@click.argument("store_id", metavar="STORE")
@click.argument("new_id", metavar="NEW")
@click.pass_context
def rename_store(context: click.Context, store_id: str, new_id: str) -> None:
    """Give a store another short name; orders, notes and history follow it."""
    done = f"{store_id} is {new_id} now."
    end_with(_asked(house_of(context), "store_rename", done, store_id, new_id=new_id))


@stores.command("pause")
@click.argument("store_ids", nargs=-1, required=True, metavar="STORE...")
@click.pass_context
def pause_store(context: click.Context, store_ids: tuple[str, ...]) -> None:
    """Read and send nothing there until it is resumed; what is ordered meanwhile waits."""
    end_with(_paused(house_of(context), store_ids, on=True))


@stores.command("resume")
@click.argument("store_ids", nargs=-1, required=True, metavar="STORE...")
@click.pass_context
def resume_store(context: click.Context, store_ids: tuple[str, ...]) -> None:
    """Let paused stores go on."""
    end_with(_paused(house_of(context), store_ids, on=False))


async def _paused(house: DataDir, store_ids: Sequence[str], *, on: bool) -> int:
    done = "paused: nothing is read or sent there, nothing is lost." if on else "goes on."
    code = int(Exit.OK)
    for store_id in store_ids:
        said = f"{store_id} is {done}" if on else f"{store_id} {done}"
        try:
            await _asked(house, "pause_store", said, store_id, on=on)
        except Stop as over:
            # The others are asked for all the same.
            code = max(code, over.code)
    return code


async def _asked(house: DataDir, do: str, done: str, store_id: str, **fields: object) -> int:
    async with engine_client(house) as client:
        await ask(client, do, store_id=store_id, **fields)
    say(done)
    return Exit.OK


@stores.command("remove")
@click.argument("store_id", metavar="STORE")
@click.option("--yes", is_flag=True, help="Do not ask; scripts need it.")
@click.pass_context
def remove_store(context: click.Context, store_id: str, yes: bool) -> None:
    """Let a store go: tokens, cached orders and all its buyers' data are erased, what waits there is given up.

    Exit codes: 0 removed, 3 left as it is or no such store, 4 no engine, 6 not allowed.
    """
    end_with(_remove(house_of(context), store_id, yes))


async def _remove(house: DataDir, store_id: str, yes: bool) -> int:
    async with engine_client(house) as client:
        queue = (await ask(client, "store_remove", store_id=store_id)).body["queue"]
        row = next((row for row in await _rows(house) if row.store_id == store_id), None)
        count = await _order_count(house, store_id)
        say(f"REMOVE {store_id}  {row.name if row else ''}".rstrip())
        for line in removal_lines(count, queue):
            say(f"  {line}")
        if not yes and not typed(str(max(1, count)), f"Type {max(1, count)} to remove it", "add --yes to remove it."):
            say("Nothing was changed.")
            return Exit.NOTHING
        await ask(client, "store_remove", store_id=store_id, sure=True)
    say(f"{store_id} is removed. The seller can take the app's permission back in the marketplace's seller centre.")
    return Exit.OK


async def _order_count(house: DataDir, store_id: str) -> int:
    async with await open_reader(house) as reader:
        return await reader.count(parse(f"store:{store_id}"), now=int(time.time()), operator="")
