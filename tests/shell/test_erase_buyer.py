"""`shoptui orders erase-buyer`: it says what it reaches, forgets that and no more, and keeps it forgotten."""

from __future__ import annotations

import asyncio
from pathlib import Path

from click.testing import CliRunner, Result

from shoptui.domain.orders import Recipient
from shoptui.engine.roles import LEAST_ROLE, Role
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.shell.exits import Exit
from shoptui.shell.group import cli
from shoptui.store.reader import Reader
from tests.engine.support import BEGIN_AT, Served, bench, served

NOW = BEGIN_AT + 3600


async def _type(running: Served, *words: str) -> Result:
    where = ["--data-dir", str(running.made.data_dir.root), "orders", "erase-buyer"]
    done = asyncio.create_task(asyncio.to_thread(CliRunner().invoke, cli, [*where, *words], catch_exceptions=False))
    while not done.done():
        await asyncio.wait([done], timeout=0.05)
        running.advance(1)
    return done.result()


async def test_a_buyer_is_forgotten_after_it_was_said_what_that_reaches(tmp_path: Path) -> None:
    async with bench(tmp_path, chats=14, orders=40) as made, served(made) as running:
        while not all(lane.chat.feed.first_done for lane in running.engine.lanes.values()):
            await asyncio.sleep(0)
            running.advance(1)
        writer = running.engine.house.writer
        async with await Reader.open(made.data_dir) as reader:
            ids = (await reader.threads.index(parse_threads(""), ThreadSort(), now=NOW, operator="")).ids
            talk = next(row for row in await reader.threads.rows(ids, NOW) if row.order_no)
        store_id, order_no = talk.store_id, talk.order_no
        who = Recipient("Malee Rattanakosin", "+66812345678", "1 Canal Road", "Bangkok", "10200", "TH", False)
        await writer.put_vault(store_id, order_no, who)

        nothing = await _type(running, store_id, "no-such-order", "--yes")
        assert nothing.exit_code == Exit.NOTHING and "Nothing is kept" in nothing.output
        looked = await _type(running, store_id, order_no, "--dry-run")
        assert looked.exit_code == Exit.OK, looked.output
        assert "the full name, phone and address" in looked.output and "1 conversation:" in looked.output
        asked = await _type(running, store_id, order_no)
        assert asked.exit_code == Exit.NOTHING and "--yes" in asked.output
        assert await writer.vault_recipient(store_id, order_no) == who

        done = await _type(running, store_id, order_no, "--yes")
        assert done.exit_code == Exit.OK, done.output
        assert await writer.vault_recipient(store_id, order_no) is None
        threads = await writer.threads.of_order(store_id, order_no)
        assert threads
        for thread_id in threads:
            said = await writer.threads.messages_after(store_id, thread_id, "", 100)
            assert said and not any(message.text for message in said)
        # What the marketplace gives once more is not kept, nor in a house that is opened again.
        await writer.put_vault(store_id, order_no, who)
        assert await writer.vault_recipient(store_id, order_no) is None

        async with await Reader.open(made.data_dir) as reader:
            (entry,) = [entry for entry in await reader.audit() if entry.what == "erase buyer"]
        assert entry.target == f"{store_id}/{order_no}"
        assert entry.detail.startswith("buyer ") and not any(word in entry.detail for word in ("Malee", "Canal", "+66"))
        assert await writer.verify_audit() is None


def test_only_admins_may() -> None:
    assert LEAST_ROLE["erase_buyer"] is Role.ADMIN
