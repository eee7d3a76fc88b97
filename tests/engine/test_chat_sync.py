"""The messages feed: first sync, changes, edits and recalls, chat that is not granted, budgets, against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from shoptui.adapters.chat import ChatPace
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from shoptui.engine.chat_budget import ChatBudget
from shoptui.engine.chat_sync import taken_back
from tests.engine.chat_support import Talks, read_mark, talks

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talks]:
    async with talks(tmp_path_factory.mktemp("chat")) as found:
        yield found


async def test_the_first_sync_reads_every_conversation_with_its_messages(inbox: Talks) -> None:
    rows = await inbox.rows()
    assert len(rows) == len(inbox.live.world.chats)
    for row in rows:
        assert row.last_message_id and row.buyer
    for lane in inbox.engine.lanes.values():
        assert lane.chat.feed.first_done
        assert lane.chat.feed.cursor_at is not None


async def test_what_a_buyer_writes_is_there_after_one_poll_and_only_its_thread_is_told(inbox: Talks) -> None:
    quiet = (await inbox.rows("is:answered"))[0]
    inbox.poke("buyer_writes", quiet.store_id, thread_id=quiet.thread_id, text="Hello, is it sent?")
    box = inbox.engine.house.hub.subscribe()
    await inbox.polled()
    assert quiet.row_id in ((await box.take()).threads or ())
    inbox.engine.house.hub.unsubscribe(box)
    row = next(row for row in await inbox.rows("is:waiting") if row.row_id == quiet.row_id)
    assert row.last_words == "Hello, is it sent?"
    assert row.unread >= 1
    assert row.reply_at is not None


async def test_a_recall_and_an_edit_replace_what_was_there(inbox: Talks) -> None:
    facts = await inbox.waiting()
    store_id, thread_id = facts.store_id, facts.thread_id
    first = inbox.poke("buyer_writes", store_id, thread_id=thread_id, text="red please")["message_id"]
    second = inbox.poke("buyer_writes", store_id, thread_id=thread_id, text="my card number")["message_id"]
    await inbox.polled()
    inbox.poke("edit_message", store_id, message_id=first, text="blue please")
    inbox.poke("recall_message", store_id, message_id=second)
    inbox.poke("buyer_writes", store_id, thread_id=thread_id, text="thanks")
    await inbox.polled()
    now = {each.message_id: each for each in await _messages(inbox, store_id, thread_id)}
    assert now[second].state is MessageState.RECALLED
    assert now[first].text in ("blue please", "red please")
    assert len(now) == len(await _messages(inbox, store_id, thread_id))


async def _messages(inbox: Talks, store_id: str, thread_id: str) -> list[Message]:
    return await inbox.engine.house.writer.threads.messages_after(store_id, thread_id, "", 500)


async def test_reading_again_writes_nothing_twice(inbox: Talks) -> None:
    before = {row.row_id: row.last_message_id for row in await inbox.rows()}
    facts = await inbox.waiting()
    count = len(await _messages(inbox, facts.store_id, facts.thread_id))
    inbox.engine.lanes[facts.store_id].chat.ask_now()
    inbox.engine.watch_thread(facts.store_id, facts.thread_id)
    await inbox.settle()
    assert {row.row_id: row.last_message_id for row in await inbox.rows()} == before
    assert len(await _messages(inbox, facts.store_id, facts.thread_id)) == count


async def test_a_read_mark_reaches_the_marketplace_and_the_list(inbox: Talks) -> None:
    row = (await inbox.rows("unread"))[0]
    facts = await inbox.facts(row.store_id, row.thread_id)
    answer = await inbox.order(facts, read_mark(facts), batch_id="marks")
    assert answer["accepted"] == 1
    await inbox.engine.turn()
    await inbox.settle()
    assert (await inbox.batch("marks"))[0].state.value == "done"
    assert (await inbox.facts(row.store_id, row.thread_id)).unread == 0


async def test_chat_that_is_not_granted_is_a_state_of_the_store_and_ends_when_it_is(inbox: Talks) -> None:
    store = inbox.made.stores[0]
    other = inbox.made.stores[1]
    inbox.poke("chat_access", store.store_id, granted=False)
    await inbox.polled()
    lane = inbox.engine.lanes[store.store_id]
    assert lane.chat.feed.error_code == "not_granted"
    assert [row for row in await inbox.rows(f"store:{store.store_id}") if row.not_granted]
    assert f"chat_not_granted:{store.store_id}" in {alert.alert_id for alert in inbox.engine.house.alerts.standing()}
    # Orders and the other store's conversations go on.
    assert not lane.failing
    assert not inbox.engine.lanes[other.store_id].chat.feed.failures
    facts = next(row for row in await inbox.rows(f"store:{store.store_id}") if not row.not_granted)
    answer = await inbox.reply(await inbox.facts(store.store_id, facts.thread_id), "Good day")
    assert answer["refused"][0]["reason"] == "not_granted"
    inbox.poke("chat_access", store.store_id, granted=True)
    lane.sync_now()
    await inbox.settle()
    assert lane.chat.feed.error_code == ""
    assert not [row for row in await inbox.rows(f"store:{store.store_id}") if row.not_granted]


async def test_failures_of_messages_slow_messages_alone(inbox: Talks) -> None:
    store_id = inbox.made.stores[0].store_id
    lane = inbox.engine.lanes[store_id]
    inbox.live.faults.replace(
        [{"match": {"method": "GET", "path": r"conversations$", "times": 1}, "do": {"status": 500}}]
    )
    orders_at = lane.sync.feed.last_ok_at
    for each in inbox.engine.lanes.values():
        each.sync_now()
    await inbox.engine.turn()
    failed = [each for each in inbox.engine.lanes.values() if each.chat.feed.failures]
    assert len(failed) == 1
    assert failed[0].sync.feed.failures == 0
    assert (lane.sync.feed.last_ok_at or 0) >= (orders_at or 0)
    await inbox.polled(60)
    assert not failed[0].chat.feed.failures


async def test_the_next_engine_reads_only_what_is_new(inbox: Talks, tmp_path: Path) -> None:
    row = (await inbox.rows())[0]
    await inbox.made.close(inbox.engine)
    inbox.poke("buyer_writes", row.store_id, thread_id=row.thread_id, text="While you were away")
    inbox.made.advance(30)
    inbox.engine = await inbox.made.engine()
    inbox.requests = type(inbox.requests)(inbox.engine)
    calls = inbox.engine.house.budget.snapshot()
    assert not calls
    inbox.made.advance(600)
    await inbox.settle()
    assert [each for each in await inbox.rows() if each.last_words == "While you were away"]
    budget = ChatBudget(inbox.engine.house, "tiktok", lambda: 2)
    # Per store one listing, one figure and what changed: not all conversations again.
    assert budget.used() < len(await inbox.rows())


async def test_looks_become_rare_when_the_days_calls_run_out(inbox: Talks) -> None:
    house = inbox.engine.house
    budget = ChatBudget(house, "tiktok", lambda: 2)
    free = ChatPace(near_s=10, usual_s=60)
    assert budget.interval_s(free, near=True) == 10
    assert budget.interval_s(free, near=False) == 60
    used = budget.used()
    assert used > 0
    tight = ChatPace(near_s=10, usual_s=60, calls_per_day=used)
    roomy = ChatPace(near_s=10, usual_s=60, calls_per_day=used * 1_000_000)
    assert budget.interval_s(roomy, near=True) == 10
    assert budget.interval_s(tight, near=True) > 2 * 86400 / used
    await budget.tell(tight)
    assert "chat_budget:tiktok" in {alert.alert_id for alert in house.alerts.standing()}
    await budget.tell(roomy)
    assert "chat_budget:tiktok" not in {alert.alert_id for alert in house.alerts.standing()}


def said(number: int, at: int, state: MessageState = MessageState.NORMAL) -> Message:
    return Message("tt-th-1", "t", f"m{number}", f"{number:04}", MessageKind.TEXT, Sender.BUYER, at, "words", state)


async def test_what_a_list_without_gaps_lacks_was_taken_back_unless_it_is_young() -> None:
    now = 100_000
    before = [said(1, 1000), said(2, 2000), said(3, 3000), said(4, now - 60), said(5, 5000, MessageState.RECALLED)]
    run = [said(6, now - 5), said(2, 2000)]
    gone = taken_back(before, run, now)
    # 1 is older than the run, 4 may only be late, 5 is known.
    assert [(each.message_id, each.state, each.text) for each in gone] == [("m3", MessageState.RECALLED, "")]
    assert taken_back(before, [], now) == []


async def test_one_conversation_that_cannot_be_read_holds_up_no_other(inbox: Talks) -> None:
    rows = [row for row in await inbox.rows("is:answered") if row.store_id == inbox.made.stores[0].store_id][:2]
    for row in rows:
        inbox.poke("buyer_writes", row.store_id, thread_id=row.thread_id, text="What now?")
    path = rf"{rows[0].thread_id}/messages$"
    inbox.live.faults.replace([{"match": {"method": "GET", "path": path, "times": 2}, "do": {"not_json": True}}])
    await inbox.polled()
    lane = inbox.engine.lanes[rows[0].store_id]
    assert not lane.chat.feed.failures
    words = {row.row_id: row.last_words for row in await inbox.rows()}
    assert words[rows[1].row_id] == "What now?"
    assert words[rows[0].row_id] != "What now?"
    # It is tried again by itself.
    for _ in range(3):
        await inbox.polled(20)
    assert {row.row_id: row.last_words for row in await inbox.rows()}[rows[0].row_id] == "What now?"


async def test_a_recall_that_shopee_tells_nobody_of_is_found_within_the_hour(tmp_path: Path) -> None:
    async with talks(tmp_path, markets=("shopee",), regions=("TH",), stores=1) as inbox:
        quiet, opened, waits = (await inbox.rows("is:answered"))[:3]
        recalled: dict[str, str] = {}
        for row in (quiet, opened, waits):
            words = "forget this: my card number"
            poked = inbox.poke("buyer_writes", row.store_id, thread_id=row.thread_id, text=words)
            recalled[row.thread_id] = str(poked["message_id"])
            inbox.poke("buyer_writes", row.store_id, thread_id=row.thread_id, text="Hello?")
        await inbox.polled()
        keys = [[row.store_id, row.thread_id] for row in (quiet, opened)]
        await inbox.ask("thread_done", threads=keys)

        async def left() -> set[str]:
            """The conversations in which the card number can still be found."""
            return {row.thread_id for row in await inbox.rows('"card number"')}

        for message_id in recalled.values():
            inbox.poke("recall_message", "sp-th-1", message_id=message_id)
        await inbox.polled()
        assert await left() == set(recalled), "nobody tells of it"
        assert await inbox.ask("thread_refresh", thread=keys[1], now=False) == {}
        for _ in range(20):
            await inbox.polled(200)
        assert await left() == {quiet.thread_id}, "what nobody looks at is not read for nothing"
        gone = {each.message_id: each for each in await _messages(inbox, "sp-th-1", waits.thread_id)}
        assert gone[recalled[waits.thread_id]].state is MessageState.RECALLED
        assert (await inbox.facts("sp-th-1", waits.thread_id)).asked_at is not None, "the other question still waits"


async def test_reading_again_keeps_to_a_share_of_the_days_calls(inbox: Talks) -> None:
    budget = ChatBudget(inbox.engine.house, "tiktok", lambda: 2)
    used = max(1, budget.used())
    assert budget.again_most(ChatPace(near_s=10, usual_s=60)) == 0, "where recalls are told nothing is read again"
    assert budget.again_most(ChatPace(near_s=10, usual_s=60, again_s=3600)) == 40
    roomy = used * 2_000
    assert budget.again_most(ChatPace(10, 60, roomy, 3600)) == min(40, roomy // 480)
    assert budget.again_most(ChatPace(10, 60, used, 3600)) == 0


@pytest.mark.parametrize(("market", "count"), [("tiktok", 24), ("shopee", 110), ("lazada", 45)])
async def test_pages_that_overlap_and_come_out_of_order_make_the_same_conversation(
    tmp_path: Path, market: str, count: int
) -> None:
    async with talks(tmp_path, markets=(market,), regions=("TH",), stores=1, chats=6) as inbox:
        (store,) = inbox.made.stores
        thread_id = (await inbox.rows("is:answered"))[0].thread_id
        for number in range(count):
            # Two questions each before an answer.
            says = "seller_writes" if number % 3 == 2 else "buyer_writes"
            inbox.poke(says, store.store_id, thread_id=thread_id, text=f"line {number} of it")
            inbox.made.advance(7)
        for name in ("chats", "messages"):
            inbox.poke("duplicate_page", store.store_id, list=name, pages=20)
            inbox.poke("mix_page", store.store_id, list=name, pages=20)
        await inbox.polled(1000)
        repeats = inbox.live.sandbox.sides[market].repeats
        assert repeats._mixed_left[f"{store.shop_id}/messages"] < 19, "several pages of it were read, all mixed"
        here = await _messages(inbox, store.store_id, thread_id)
        there = inbox.live.world.chats.thread_of(inbox.live.world.stores[store.shop_id], thread_id)
        assert there is not None and len(there.messages) > count
        said = [one.text for one in there.messages if one.text.startswith("line ")]
        assert [one.text for one in here if one.text.startswith("line ")] == said
        assert len({one.message_id for one in here}) == len(here)
        found = await inbox.rows('"line 3 of it"')
        assert [row.thread_id for row in found] == [thread_id]
        threads, now = inbox.engine.house.writer.threads, int(inbox.made.clock.now())
        assert [rows async for rows in threads.recompute_all(now)] == [], (
            "questions are those of the whole conversation"
        )
