"""Following the first sync of stores that have just come, until their orders are here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import click

from shoptui.client import EngineClient, EngineGone
from shoptui.paths import DataDir
from shoptui.queries.types import StoreRow
from shoptui.shell.connect import open_reader
from shoptui.shell.exits import Exit
from shoptui.shell.saying import say
from shoptui.words.stores import first_sync_words


async def follow_first_sync(client: EngineClient, house: DataDir, store_ids: Sequence[str], timeout_s: float) -> Exit:
    """Say how far the first sync is until it is over in every store: OK, FAILED, or UNDECIDED when time is up.

    Ctrl-C leaves; the engine goes on.
    """
    await client.subscribe()
    say("Reading the orders. Ctrl-C leaves this; the engine goes on reading.")
    progress = _Progress()
    async with await open_reader(house) as reader:
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    rows = [row for row in await reader.stores() if row.store_id in store_ids]
                    progress.show(rows)
                    if all(_is_over(row) for row in rows):
                        break
                    await client.next_notice()
        except (TimeoutError, EngineGone):
            progress.end()
            say("Not all is read yet; shoptui stores list tells how far it is.")
            return Exit.UNDECIDED
        finally:
            progress.end()
        rows = [row for row in await reader.stores() if row.store_id in store_ids]
    for row in rows:
        feed = row.feed
        if feed is not None and feed.failures:
            say(f"{row.store_id}: {feed.error}")
        elif feed is not None:
            say(f"{row.store_id}: {feed.fetched:,} orders read, {row.open_orders:,} of them open.")
    return Exit.FAILED if any(row.feed is not None and row.feed.failures for row in rows) else Exit.OK


def _is_over(row: StoreRow) -> bool:
    # A store that fails goes on being tried by the engine; waiting here for it would not help.
    return row.feed is not None and (row.feed.first_done or row.feed.failures > 0)


class _Progress:
    """One line that is written over on a terminal; in a log only what changed, a line each."""

    def __init__(self) -> None:
        self._over = sys.stderr.isatty()
        self._shown = ""

    def show(self, rows: Sequence[StoreRow]) -> None:
        running = [
            f"{row.store_id} {first_sync_words(row.feed) if row.feed else '...'}" for row in rows if not _is_over(row)
        ]
        line = "; ".join(running[:2]) + (f"; {len(running) - 2} more" if len(running) > 2 else "")
        if not self._over or line == self._shown:
            return
        click.echo("\r\x1b[K" + line, err=True, nl=False)
        self._shown = line

    def end(self) -> None:
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._shown = ""
