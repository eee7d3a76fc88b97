"""The house's rules at work on new messages: shared out by turns, answered by themselves within a cap; and the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from shoptui.config import Config
from shoptui.domain.inbox_rules import AssignRule, AutoReply, Matching, When
from shoptui.domain.intents import IntentState
from shoptui.engine.chat_turns import Turns
from shoptui.engine.fields import Refusal
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.quick_replies import load_quick_replies, quick_replies_path
from shoptui.settings import InboxConfig
from tests.engine.chat_support import Talks, talks
from tests.engine.desk_support import AN

pytestmark = pytest.mark.asyncio(loop_scope="module")

AUTO = "Thank you, {buyer}. Somebody answers soon."
CONFIG = Config(
    inbox=InboxConfig(supervisor="boss", auto_replies=True, auto_reply_most=1, auto_reply_within_h=24),
    assign=(
        AssignRule("refunds", ("an",), Matching(keywords=("refund",))),
        AssignRule("all", ("mei", "bo"), Matching()),
    ),
    auto_reply=(AutoReply("hello", When.ALWAYS, {"en": AUTO}, Matching(keywords=("hello",))),),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talks]:
    async with talks(tmp_path_factory.mktemp("rules"), config=CONFIG, chats=24) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def quiet(inbox: Talks) -> list[ThreadRow]:
    """Conversations in which nothing waits and nobody has a part."""
    await inbox.settle()
    rows = await inbox.rows("is:answered assigned:none")
    return [row for row in rows if row.can_send is not False and row.act_state is None]


async def writes(inbox: Talks, row: ThreadRow, *texts: str) -> ThreadRow:
    for words in texts:
        inbox.poke("buyer_writes", row.store_id, thread_id=row.thread_id, text=words)
    # Lazada wants to be asked rarely.
    await inbox.polled(1000)
    return await now(inbox, row)


async def now(inbox: Talks, row: ThreadRow) -> ThreadRow:
    return next(each for each in await inbox.rows() if each.row_id == row.row_id)


async def test_what_was_there_at_the_first_sync_is_shared_out_but_never_answered_by_itself(inbox: Talks) -> None:
    assert not inbox.said("Somebody answers soon")
    waiting = await inbox.rows("is:waiting")
    assert waiting
    assert all(row.assignee for row in waiting)


async def test_new_conversations_go_to_who_the_first_rule_says_and_by_turns(
    inbox: Talks, quiet: list[ThreadRow]
) -> None:
    assert (await writes(inbox, quiet[0], "I want a refund")).assignee == "an"
    first = (await writes(inbox, quiet[1], "where is it")).assignee
    second = (await writes(inbox, quiet[2], "where is it")).assignee
    assert {first, second} == {"mei", "bo"}
    # Turns go on after a restart.
    assert Turns(inbox.made.data_dir.root / "inbox.turns").last("all") == second
    # Who has it keeps it.
    await inbox.ask("assign", threads=[[quiet[1].store_id, quiet[1].thread_id]], to="zoe")
    assert (await writes(inbox, quiet[1], "a refund then")).assignee == "zoe"


async def test_an_automatic_answer_goes_through_the_outbox_once_a_day_and_is_marked(
    inbox: Talks, quiet: list[ThreadRow]
) -> None:
    row = await writes(inbox, quiet[3], "hello?")
    (intent,) = [each for each in await inbox.engine.house.writer.open_intents() if each.target_id == row.thread_id]
    assert intent.state is IntentState.HELD
    assert intent.operator == "auto reply"
    assert intent.args["automatic"] is True
    words = AUTO.replace("{buyer}", row.buyer)
    await inbox.released()
    assert inbox.said(words) == 1
    newer = await inbox.engine.house.writer.threads.messages_after(row.store_id, row.thread_id, row.last_message_id)
    assert [each.sender.value for each in newer] == ["robot"]
    # Asked again the same day: a person has to answer.
    await writes(inbox, row, "hello, is anybody there?")
    await inbox.released()
    assert inbox.said(words) == 1


async def test_an_automatic_answer_stays_away_when_a_person_was_quicker(inbox: Talks, quiet: list[ThreadRow]) -> None:
    row = await writes(inbox, quiet[4], "hello")
    before = inbox.said("Somebody answers soon")
    inbox.poke("seller_writes", row.store_id, thread_id=row.thread_id, text="I am here")
    inbox.engine.watch_thread(row.store_id, row.thread_id)
    await inbox.engine.turn()
    await inbox.released()
    assert inbox.said("Somebody answers soon") == before


async def test_without_the_switch_nothing_is_answered_by_itself(inbox: Talks, quiet: list[ThreadRow]) -> None:
    house = inbox.engine.house
    house.config = replace(house.config, inbox=replace(house.config.inbox, auto_replies=False))
    before = inbox.said("Somebody answers soon")
    row = await writes(inbox, quiet[5], "hello")
    await inbox.released()
    assert inbox.said("Somebody answers soon") == before
    assert row.state is ThreadState.WAITING
    house.config = CONFIG


async def test_what_operators_decide_is_told_audited_and_checked(inbox: Talks, quiet: list[ThreadRow]) -> None:
    row = await writes(inbox, quiet[6], "where is my parcel")
    thread = [row.store_id, row.thread_id]
    at = int(inbox.made.clock.now())
    up = await inbox.ask("escalate", threads=[thread], reason="asks for money")
    assert (up["to"], up["due_at"]) == ("boss", at + 4 * 3600)
    assert (await now(inbox, row)).escalation_reason == "asks for money"
    await inbox.ask("escalate", threads=[thread], on=False)
    assert (await now(inbox, row)).escalated_to == ""
    await inbox.ask("snooze", threads=[thread], until=at + 7200, for_buyer=True)
    assert (await now(inbox, row)).snoozed_until == at + 7200
    await inbox.ask("snooze", threads=[thread])
    assert (await now(inbox, row)).snoozed_until is None
    await inbox.ask("thread_note", thread=thread, text="called him")
    assert (await now(inbox, row)).has_note
    assert (await inbox.ask("thread_done", threads=[thread]))["changed"] == [thread]
    assert (await now(inbox, row)).state is ThreadState.DONE
    assert (await writes(inbox, row, "and now?")).state is ThreadState.WAITING
    taken = await inbox.ask("claim_thread", threads=[thread])
    assert taken["changed"] == [thread]
    assert (await inbox.ask("claim_thread", AN, threads=[thread], take_over=True))["claimed"] == []
    with pytest.raises(Refusal) as told:
        await inbox.ask("link_order", thread=thread, order_no="nothing")
    assert told.value.reason == "unknown_order"
    for fields in ({"until": at - 1}, {"until": at + 10**9}):
        with pytest.raises(Refusal, match="moment ahead"):
            await inbox.ask("snooze", threads=[thread], **fields)
    with pytest.raises(Refusal) as told:
        await inbox.ask("assign", threads=[thread, [row.store_id, "nowhere"]], to="an")
    assert told.value.reason == "unknown_thread"
    with pytest.raises(Refusal, match="without blanks"):
        await inbox.ask("assign", threads=[thread], to="an bo")
    assert await inbox.engine.check_audit() is None


async def test_quick_replies_are_kept_in_the_houses_file(inbox: Talks) -> None:
    path = quick_replies_path(inbox.made.data_dir)
    count = len(load_quick_replies(path))
    await inbox.ask("put_quick_reply", number=42, name="sold out", texts={"en": "Sorry {buyer}, sold out."})
    (made,) = [each for each in load_quick_replies(path) if each.number == 42]
    assert made.texts["en"] == "Sorry {buyer}, sold out."
    with pytest.raises(Refusal, match="no variable"):
        await inbox.ask("put_quick_reply", number=43, name="x", texts={"en": "{byer}"})
    await inbox.ask("delete_quick_reply", number=42)
    assert len(load_quick_replies(path)) == count
    with pytest.raises(Refusal) as told:
        await inbox.ask("delete_quick_reply", number=42)
    assert told.value.reason == "unknown_reply"


async def test_an_orders_conversation_is_found_or_opened(inbox: Talks) -> None:
    row = next(row for row in await inbox.rows() if row.order_no)
    found = await inbox.ask("open_thread", order=[row.store_id, row.order_no])
    assert found["opened"] is False
    writer = inbox.engine.house.writer
    for order_no in sorted(await writer.open_order_nos(row.store_id)):
        if not await writer.threads.of_order(row.store_id, order_no):
            opened = await inbox.ask("open_thread", order=[row.store_id, order_no])
            assert await writer.threads.facts(row.store_id, opened["thread_id"]) is not None
            return
    raise AssertionError("every order has a conversation already")


@pytest.mark.parametrize("market", ["tiktok", "shopee", "lazada"])
async def test_at_every_marketplace_an_automatic_answer_is_no_persons(tmp_path: Path, market: str) -> None:
    async with talks(tmp_path, config=CONFIG, markets=(market,), stores=1, chats=6, regions=("TH",)) as inbox:
        row = next(row for row in await inbox.rows("is:answered") if row.can_send is not False)
        row = await writes(inbox, row, "hello")
        await inbox.released()
        assert inbox.said("Somebody answers soon") == 1
        newer = await inbox.engine.house.writer.threads.messages_after(row.store_id, row.thread_id, row.last_message_id)
        assert [each.sender.value for each in newer] == ["robot"]
        counts = "robot" in {each.value for each in inbox.answering(row.store_id)}
        assert (await now(inbox, row)).state is (ThreadState.ANSWERED if counts else ThreadState.WAITING)
