"""Replies through the outbox before the sandbox: once each, whatever is lost, and never behind a colleague's back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shoptui.domain.intents import CauseId, IntentState
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from shoptui.domain.verbs import ReplyText
from shoptui.engine.chat_admission import answer_in
from shoptui.engine.failpoints import KillAt, Killed, Recorder
from shoptui.engine.fields import Refusal
from shoptui.engine.roles import Role
from shoptui.queries.inbox import ThreadState
from shoptui.store.results import ThreadFacts
from tests.engine.chat_support import Talks, talks
from tests.engine.desk_support import AN, MEI

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKETS = ("tiktok", "shopee", "lazada")
#: Where replies go out, at any of the marketplaces.
SEND = r"/messages$|sellerchat/send_message|/im/message/send"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talks]:
    async with talks(tmp_path_factory.mktemp("replies"), chats=30) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def facts(inbox: Talks) -> ThreadFacts:
    """A conversation that waits, after everything that was ordered before has come to rest."""
    inbox.live.faults.clear()
    await inbox.settle()
    free = [row for row in await inbox.rows("") if row.can_send is not False and row.act_state is None]
    row = next((row for row in free if row.state is ThreadState.WAITING), free[0])
    if row.state is not ThreadState.WAITING:
        inbox.poke("buyer_writes", row.store_id, thread_id=row.thread_id, text="Are you there?")
        await inbox.polled()
    return await inbox.facts(row.store_id, row.thread_id)


def lost(**how: Any) -> dict[str, Any]:
    return {"match": {"method": "POST", "path": SEND, "times": 1}, "do": how}


async def test_a_reply_is_held_sent_once_and_stops_the_clock_at_once(inbox: Talks, facts: ThreadFacts) -> None:
    words = "Good day, it ships today. (1)"
    answer = await inbox.reply(facts, words, batch_id="r1")
    assert answer["accepted"] == 1, answer
    await inbox.engine.turn()
    assert (await inbox.batch("r1"))[0].state is IntentState.HELD
    assert inbox.said(words) == 0
    await inbox.released()
    (intent,) = await inbox.batch("r1")
    assert intent.state is IntentState.DONE
    assert inbox.said(words) == 1
    now = await inbox.facts(facts.store_id, facts.thread_id)
    assert now.state is ThreadState.ANSWERED
    assert now.reply_at is None
    newer = await inbox.engine.house.writer.threads.messages_after(
        facts.store_id, facts.thread_id, facts.last_message_id
    )
    assert [(each.sender, each.text) for each in newer] == [(Sender.STORE, words)]
    assert (intent.evidence or {})["message_id"] == newer[0].message_id


async def test_a_reply_that_is_taken_back_never_leaves(inbox: Talks, facts: ThreadFacts) -> None:
    await inbox.reply(facts, "Not this (2)", batch_id="r2")
    answer = await inbox.ask("take_back", batch_id="r2")
    assert answer["taken_targets"] == 1
    await inbox.released()
    assert inbox.said("Not this (2)") == 0


async def test_a_lost_answer_is_found_among_the_messages_and_nothing_is_sent_twice(
    inbox: Talks, facts: ThreadFacts
) -> None:
    words = "It is on its way (3)"
    inbox.live.faults.replace([lost(drop_after=True)])
    await inbox.reply(facts, words, batch_id="r3")
    await inbox.released()
    assert (await inbox.batch("r3"))[0].state is IntentState.UNKNOWN
    await inbox.made.until_quiet(inbox.engine)
    assert (await inbox.batch("r3"))[0].state is IntentState.DONE
    assert inbox.said(words) == 1


async def test_a_lost_request_is_put_before_a_person_and_never_sent_again_by_itself(
    inbox: Talks, facts: ThreadFacts
) -> None:
    words = "Did this arrive? (4)"
    inbox.live.faults.replace([lost(drop_before=True)])
    await inbox.reply(facts, words, batch_id="r4")
    await inbox.released()
    for _ in range(8):
        await inbox.polled(60)
    (intent,) = await inbox.batch("r4")
    assert intent.state is IntentState.NEEDS_PERSON
    assert inbox.said(words) == 0
    assert "store_said" in (intent.evidence or {})
    # While nobody knows, nothing else is said there by us.
    fresh = await inbox.facts(facts.store_id, facts.thread_id)
    assert (await inbox.reply(fresh, "Again", batch_id="r4b"))["refused"][0]["reason"] == "open_intent"
    await inbox.ask("settle", intent_id=intent.intent_id, done=False)
    await inbox.ask("retry", intent_ids=[intent.intent_id], batch_id="r4c")
    await inbox.released()
    assert (await inbox.batch("r4c"))[0].state is IntentState.DONE
    assert inbox.said(words) == 1


async def test_the_second_of_two_operators_is_told_before_anything_is_sent(inbox: Talks, facts: ThreadFacts) -> None:
    await inbox.ask("claim_thread", threads=[[facts.store_id, facts.thread_id]])
    told = await inbox.reply(facts, "Mine (5)", batch_id="r5", session=AN)
    assert [(no["reason"], no["args"]) for no in told["refused"]] == [("claimed", {"who": "mei"})]
    kept = await inbox.ask("claim_thread", AN, threads=[[facts.store_id, facts.thread_id]])
    assert kept["claimed"] == [[facts.store_id, facts.thread_id, "mei"]]
    await inbox.reply(facts, "From Mei (5)", batch_id="r5m")
    told = await inbox.reply(facts, "From An (5)", batch_id="r5a", session=AN, take_over=True)
    assert told["refused"][0]["reason"] == "open_intent"
    await inbox.released()
    told = await inbox.reply(facts, "From An (5)", batch_id="r5b", session=AN, take_over=True)
    assert told["refused"][0]["reason"] == "thread_moved"
    newest = told["refused"][0]["args"]["newest"]
    again = await inbox.order(facts, ReplyText("From An (5)", newest), batch_id="r5c", session=AN, take_over=True)
    assert again["accepted"] == 1
    await inbox.released()
    assert (inbox.said("From Mei (5)"), inbox.said("From An (5)")) == (1, 1)


async def test_an_answer_given_elsewhere_during_the_hold_stops_ours(inbox: Talks, facts: ThreadFacts) -> None:
    await inbox.reply(facts, "Ours (6)", batch_id="r6")
    inbox.poke("seller_writes", facts.store_id, thread_id=facts.thread_id, text="From Seller Center")
    await inbox.engine.turn()
    await inbox.released()
    (intent,) = await inbox.batch("r6")
    assert intent.state is IntentState.FAILED
    assert intent.cause is not None
    assert intent.cause.id is CauseId.THREAD_MOVED
    assert inbox.said("Ours (6)") == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("x" * 2001, "too_long"),
        ("see www.example.com", "no_links"),
        ("mail me: a@example.com", "no_contacts"),
        ("\u200b", "empty"),
        ("Dear {buyer}", "unfilled"),
    ],
    ids=lambda value: value if "_" in value or value in ("empty", "unfilled") else "",
)
async def test_what_the_marketplace_would_refuse_is_refused_before(
    inbox: Talks, facts: ThreadFacts, words: str, reason: str
) -> None:
    told = await inbox.reply(facts, words, batch_id=f"r7{reason}")
    assert told["refused"][0]["reason"] == reason
    assert "{" not in told["refused"][0]["say"] or reason == "unfilled"
    assert told["accepted"] == 0


async def test_a_conversation_that_takes_no_messages_or_is_unknown_is_refused(inbox: Talks, facts: ThreadFacts) -> None:
    gone = await inbox.order(
        ThreadFactsLike(facts.store_id, "nowhere"),
        ReplyText("Hello", ""),
        batch_id="r8",  # type: ignore[arg-type]  # by its ids
    )
    assert gone["refused"][0]["reason"] == "unknown_thread"
    old = await inbox.order(facts, ReplyText("Hello", "never-seen"), batch_id="r8b")
    assert old["refused"][0]["reason"] == "thread_moved"


@dataclass(frozen=True)
class ThreadFactsLike:
    store_id: str
    thread_id: str


async def test_roles_decide_who_speaks_for_a_store(inbox: Talks, facts: ThreadFacts) -> None:
    packer = type(MEI)(MEI.peer, Role.PACKER)
    with pytest.raises(Refusal, match="needs a agent") as told:
        await inbox.reply(facts, "Hello", batch_id="r9", session=packer)
    assert told.value.reason == "not_allowed"
    for request in ("assign", "escalate", "snooze", "thread_done", "claim_thread"):
        with pytest.raises(Refusal, match="needs a agent"):
            await inbox.ask(request, packer, threads=[[facts.store_id, facts.thread_id]])


async def test_killed_at_every_point_the_buyer_reads_one_answer(inbox: Talks) -> None:
    """Each run replies somewhere else; what the engine had said before it was killed is never said again."""
    inbox.live.faults.clear()
    await inbox.settle()
    points = Recorder()
    await _one_reply(inbox, points, "counted (10)")
    reached = [place for place, name in enumerate(points.reached) if name.startswith(("drain.", "settle."))]
    names = {points.reached[place].partition(":")[0] for place in reached}
    assert {"drain.threads", "drain.sending", "drain.call", "drain.record.done"} <= names
    for index in reached[:: max(1, len(reached) // 14)]:
        await _one_reply(inbox, KillAt(index), f"killed at {index} (10)")


async def _one_reply(inbox: Talks, points: Any, words: str) -> None:
    row = next(row for row in await inbox.rows("") if row.can_send is not False and row.act_state is None)
    facts = await inbox.facts(row.store_id, row.thread_id)
    await inbox.reply(facts, words, batch_id=words)
    # What re-reads the conversation is not the outbox's: only the store's own steps are counted.
    house = inbox.engine.house
    lane = inbox.engine.lanes[facts.store_id]
    inbox.made.advance(11)
    before, house.points = house.points, points
    try:
        for _ in range(3):
            await lane.step_outbox()
    except Killed:
        await inbox.made.close(inbox.engine)
        inbox.engine = await inbox.made.engine()
        inbox.requests = type(inbox.requests)(inbox.engine)
    else:
        house.points = before
    for _ in range(6):
        await inbox.polled(60)
    (intent,) = await inbox.batch(words)
    said = inbox.said(words)
    if intent.state is IntentState.NEEDS_PERSON:
        assert said == 0
        await inbox.ask("settle", intent_id=intent.intent_id, done=False)
    else:
        assert (intent.state, said) == (IntentState.DONE, 1), words
    await inbox.ask("ack", batch_id=words)


@pytest.mark.parametrize("market", MARKETS)
async def test_at_every_marketplace_a_lost_answer_leaves_one_message(tmp_path: Path, market: str) -> None:
    async with talks(tmp_path, markets=(market,), stores=1, chats=4, regions=("TH",)) as inbox:
        facts = await inbox.waiting()
        inbox.live.faults.replace([lost(drop_after=True)])
        await inbox.reply(facts, "Thank you for asking", batch_id="m1")
        await inbox.released()
        assert (await inbox.batch("m1"))[0].state is IntentState.UNKNOWN, market
        await inbox.made.until_quiet(inbox.engine)
        assert (await inbox.batch("m1"))[0].state is IntentState.DONE
        assert inbox.said("Thank you for asking") == 1


async def test_who_joins_from_the_marketplace_answers_nothing_for_the_store(inbox: Talks, facts: ThreadFacts) -> None:
    inbox.poke("platform_joins", facts.store_id, thread_id=facts.thread_id)
    inbox.engine.watch_thread(facts.store_id, facts.thread_id)
    await inbox.settle()
    words = "We look into it (11)"
    told = await inbox.reply(facts, words, batch_id="r11")
    assert told["accepted"] == 1, told
    await inbox.released()
    assert (await inbox.batch("r11"))[0].state is IntentState.DONE
    assert inbox.said(words) == 1


async def test_a_conversation_that_ended_during_the_hold_fails_with_a_cause_of_its_own(
    inbox: Talks, facts: ThreadFacts
) -> None:
    await inbox.reply(facts, "Too late (12)", batch_id="r12")
    threads = inbox.engine.house.writer.threads
    lane = inbox.engine.lanes[facts.store_id]
    assert lane.market.chat is not None
    thread = await lane.market.chat.thread(lane.store, facts.thread_id)
    assert thread is not None
    await inbox.settle()
    await threads.put_threads([replace(thread, can_send=False)], inbox.engine.house.now())
    inbox.made.advance(11)
    await lane.step_outbox()
    (intent,) = await inbox.batch("r12")
    assert (intent.state, intent.cause and intent.cause.id) == (IntentState.FAILED, CauseId.CANNOT_SEND)
    closed = await inbox.reply(await inbox.facts(facts.store_id, facts.thread_id), "Hello", batch_id="r12b")
    assert closed["refused"][0]["reason"] == "cannot_send"
    await threads.put_threads([thread], inbox.engine.house.now())


@pytest.mark.parametrize("state", [MessageState.BLOCKED, MessageState.RECALLED])
async def test_what_no_buyer_can_read_is_nobodys_answer(state: MessageState) -> None:
    said = Message("tt-th-1", "T1", "m1", "1", MessageKind.TEXT, Sender.STORE, 1_760_000_000, "Hello", name="an")
    assert answer_in([said]) is said
    assert answer_in([replace(said, state=state)]) is None
