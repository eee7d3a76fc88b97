"""`shoptui inbox` beside a running engine: lists, shows, previews and sends what each buyer should read."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shoptui.queries.thread_export import FIELDS
from shoptui.shell.exits import Exit
from tests.engine.support import bench, served
from tests.shell.support import Shell

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Desk(Shell):
    """The commands of the inbox, and what the marketplace knows of replies."""

    def said(self, words: str) -> int:
        """How often the sandbox took a message with these words from a store."""
        return sum(1 for entry in self.running.made.live.journal() if words in str(entry))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shell(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with bench(tmp_path_factory.mktemp("shell"), chats=14, orders=40) as made, served(made) as running:
        found = Desk(running, "inbox")
        await found.until(lambda lane: lane.chat.feed.first_done)
        yield found


async def test_lists_as_table_json_and_csv(shell: Desk) -> None:
    rows = await shell.rows()
    assert rows
    assert {row["store"] for row in rows} == {store.store_id for store in shell.running.made.stores}
    table = await shell.type("list", "--filter", "", "--limit", "2")
    assert table.exit_code == Exit.OK
    assert len(table.stdout.splitlines()) == 3
    assert rows[0]["thread"] in table.stdout
    lines = list(csv.reader(io.StringIO((await shell.type("list", "--filter", "", "--format", "csv")).stdout)))
    assert lines[0] == list(FIELDS)
    assert len(lines) == 1 + len(rows)
    assert (await shell.type("list", "--filter", "buyer:nobody-is-called-so")).exit_code == Exit.NOTHING


@pytest.mark.parametrize(
    ("words", "say"),
    [
        (("list", "--filter", "reply:soon"), "reply"),
        (("list", "--sort", "colour"), "no column"),
        (("reply", "--text", "hi"), "STORE/THREAD"),
        (("reply", "nothing", "--text", "hi"), "names no conversation"),
        (("reply", "tt-th-1/1", "--text", "hi {byer}"), "no variable"),
        (("reply", "tt-th-1/1", "--text", "hi", "--template", "1"), "not both"),
        (("snooze", "tt-th-1/1"), "--until"),
        (("snooze", "tt-th-1/1", "--until", "soon"), "no time"),
        (("escalate", "tt-th-1/1"), "--reason"),
    ],
)
async def test_wrong_usage_says_what_to_write(shell: Desk, words: tuple[str, ...], say: str) -> None:
    found = await shell.type(*words)
    assert found.exit_code == Exit.USAGE
    assert say in found.output


async def test_one_text_reaches_many_buyers_each_with_their_own_values(shell: Desk) -> None:
    text = "About {order}: it is being looked at, {buyer}."
    looked = await shell.type("reply", "--filter", "is:waiting", "--text", text, "--dry-run")
    assert looked.exit_code == Exit.OK
    previews = [line.split("\t") for line in looked.stdout.splitlines()]
    assert previews
    assert not shell.said("it is being looked at")
    asked = await shell.type("reply", "--filter", "is:waiting", "--text", text)
    assert asked.exit_code == Exit.NOTHING
    assert "--yes" in asked.output
    sent = await shell.type("reply", "--filter", "is:waiting", "--text", text, "--yes")
    assert sent.exit_code == Exit.OK, sent.output
    for name, buyer, words in previews:
        assert shell.said(words) == 1, name
        assert buyer in words
    named = {name for name, _, _ in previews}
    # Their clocks stop as soon as the engine has read them again.
    for _ in range(20):
        if not named & {f"{row['store']}/{row['thread']}" for row in await shell.rows("is:waiting")}:
            return
    raise AssertionError("answered conversations still wait")


async def test_a_conversation_is_shown_decided_about_and_noted(shell: Desk) -> None:
    row = (await shell.rows())[0]
    name = f"{row['store']}/{row['thread']}"
    assert (await shell.type("assign", name, "--to", "an")).exit_code == Exit.OK
    assert (await shell.type("snooze", name, "--until", "900d")).exit_code != Exit.OK
    assert (await shell.type("escalate", name, "--reason", "too dear", "--to", "boss")).exit_code == Exit.OK
    assert (await shell.type("note", name, "--text", "called her")).exit_code == Exit.OK
    (now,) = [each for each in await shell.rows("assigned:an") if each["thread"] == row["thread"]]
    assert (now["assignee"], now["escalated_to"]) == ("an", "boss")
    shown = await shell.type("show", name)
    assert "called her" in shown.stdout
    detail = json.loads((await shell.type("show", name, "--format", "json")).stdout)
    assert [note["text"] for note in detail["notes"]] == ["called her"]
    assert detail["messages"]
    assert (await shell.type("show", "tt-th-1/nowhere")).exit_code == Exit.NOTHING
    assert (await shell.type("assign", "--filter", "assigned:an", "--yes")).exit_code == Exit.OK
    assert not await shell.rows("assigned:an")


async def test_read_marks_reach_the_marketplace(shell: Desk) -> None:
    if not await shell.rows("is:unread"):
        row = (await shell.rows())[0]
        shop_id = next(one.shop_id for one in shell.running.made.stores if one.store_id == row["store"])
        shell.running.made.live.poke("buyer_writes", shop_id=shop_id, thread_id=row["thread"], text="hm")
        for _ in range(40):
            shell.running.advance(30)
            await asyncio.sleep(0.01)
    marked = await shell.type("mark-read", "--filter", "is:unread", "--yes")
    assert marked.exit_code == Exit.OK, marked.output
    # Done says that the marketplace took it; the list knows when the conversation was looked at once more.
    for _ in range(100):
        if not await shell.rows("is:unread"):
            break
    assert (await shell.type("mark-read", "--filter", "is:unread", "--yes")).exit_code == Exit.NOTHING
