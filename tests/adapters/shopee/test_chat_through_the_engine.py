"""Shopee's conversations in a real engine: the first sync, the order written from, a reply whose answer was lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shoptui.domain.intents import IntentState
from shoptui.sandbox.shopee.chat_render import shown
from shoptui.sandbox.world.chat_model import ChatThread, Speaker, TalkKind
from tests.engine.chat_support import Talks, talks

WORDS = "It leaves today, thank you for waiting."


@pytest.fixture
async def inbox(tmp_path: Path) -> AsyncIterator[Talks]:
    async with talks(tmp_path, markets=("shopee",), regions=("TH", "MY")) as found:
        yield found


def world_threads(inbox: Talks) -> dict[str, ChatThread]:
    world = inbox.live.world
    every = [each for store in world.stores.values() for each in world.chats.threads_of(store)]
    return {each.id: each for each in every if shown(each)}


async def test_the_first_sync_reads_all_of_them_and_who_waits(inbox: Talks) -> None:
    threads = world_threads(inbox)
    rows = await inbox.rows()
    assert {row.thread_id for row in rows} == set(threads)
    waiting = {each.id for each in threads.values() if each.is_waiting and shown(each)[-1].is_question}
    assert waiting and waiting <= {row.thread_id for row in await inbox.rows("is:waiting")}
    for row in rows:
        facts = await inbox.facts(row.store_id, row.thread_id)
        assert facts.last_message_id == shown(threads[row.thread_id])[-1].id


async def test_a_conversation_is_about_the_order_it_was_written_from(inbox: Talks) -> None:
    row = (await inbox.rows())[0]
    thread = world_threads(inbox)[row.thread_id]
    orders = inbox.live.world.orders_of(thread.store.id)
    other = next(order for order in orders if order.buyer is not thread.buyer)
    chats = inbox.live.world.chats
    at = inbox.live.clocks.world_now()
    chats.say(thread, Speaker.BUYER, "", at, kind=TalkKind.FROM_ORDER, reference=other.id)
    chats.say(thread, Speaker.BUYER, "And where is this one?", at)
    await inbox.polled()
    found = next(each for each in await inbox.rows() if each.row_id == row.row_id)
    assert (found.order_no, found.last_words) == (other.id, "And where is this one?")


@pytest.mark.parametrize(
    ("fault", "state", "sent"), [("drop_after", IntentState.DONE, 1), ("drop_before", IntentState.NEEDS_PERSON, 0)]
)
async def test_a_reply_whose_answer_was_lost_is_sent_once_or_shown_to_a_person(
    inbox: Talks, fault: str, state: IntentState, sent: int
) -> None:
    facts = await inbox.waiting()
    inbox.live.faults.replace([{"match": {"path": "/send_message$", "times": 1}, "do": {fault: True}}])
    assert (await inbox.reply(facts, WORDS))["accepted"] == 1
    await inbox.released()
    for _ in range(4):
        await inbox.polled(60)
    (intent,) = await inbox.batch()
    assert intent.state is state
    assert inbox.said(WORDS) == sent
