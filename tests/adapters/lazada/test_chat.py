"""Lazada's chat over HTTP through an app of its own: threads and messages, sending, lost answers, missing consent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pytest

from shoptui.adapters.base import AppCredentials, Marketplace, ScopeError, Temporary, Unsupported, Verdict
from shoptui.adapters.chat import Chat, ChatFigure
from shoptui.adapters.desks import Evidence, Outcome, Request
from shoptui.adapters.http import HttpClients
from shoptui.adapters.lazada.adapter import Lazada
from shoptui.adapters.two_apps import with_chat_app
from shoptui.domain.intents import CauseId, Settling, Verb
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender, Thread
from shoptui.domain.reply_check import RefusalId, refusals
from shoptui.domain.stores import CHAT_APP, Store, chat_tokens_of
from shoptui.domain.verbs import ReadMark, ReplyText
from shoptui.sandbox.lazada.side import LazadaSide
from shoptui.sandbox.world.chat_model import ChatThread, Speaker, TalkKind
from tests.adapters.lazada.sandboxed import House, house
from tests.adapters.sandboxed import START_AT, tokens_of

LIST, MESSAGES, SEND = "/im/session/list$", "/im/message/list$", "/im/message/send$"
DAY = 86_400
WORDS = "It leaves today.\nThank you for waiting! ขอบคุณค่ะ 🚚"

T = TypeVar("T")


@dataclass(frozen=True)
class Talks:
    """A house with both of Lazada's apps; `market` is what the engine works with."""

    at: House
    chat_app: Lazada
    market: Marketplace
    store: Store

    @property
    def chat(self) -> Chat:
        assert self.market.chat is not None
        return self.market.chat

    @property
    def side(self) -> LazadaSide:
        side = self.at.sandbox.sandbox.sides["lazada"]
        assert isinstance(side, LazadaSide)
        return side

    @property
    def world_threads(self) -> list[ChatThread]:
        world = self.at.sandbox.world
        return world.chats.threads_of(world.stores[self.store.shop_id])

    @property
    def waiting(self) -> ChatThread:
        return next(thread for thread in self.world_threads if thread.is_waiting and thread.unread)

    @property
    def longest(self) -> ChatThread:
        return max(self.world_threads, key=lambda thread: len(thread.messages))

    async def threads(self, since: int = 0) -> list[Thread]:
        return [thread async for page in self.chat.threads(self.store, since) for thread in page.threads]

    async def messages(self, thread: ChatThread) -> list[Message]:
        return [message async for page in self.chat.messages(self.store, thread.id) for message in page.messages]

    async def send(self, verb: Verb, *requests: Request) -> list[Outcome]:
        return list(await self.market.desks[verb].send(self.store, list(requests)))

    async def look(self, request: Request, verb: Verb = Verb.REPLY) -> Evidence:
        (evidence,) = await self.market.desks[verb].read_back(self.store, [request])
        return evidence

    async def told(self, request: Request) -> tuple[Verdict, CauseId | None, str]:
        (outcome,) = await self.send(Verb.REPLY, request)
        cause = outcome.cause
        return outcome.verdict, cause.id if cause else None, cause.message if cause else ""

    def faults(self, *rules: tuple[str, Mapping[str, Any]]) -> None:
        self.at.sandbox.faults.replace([{"match": {"path": path, "times": 1}, "do": dict(do)} for path, do in rules])


@pytest.fixture
async def talks() -> AsyncIterator[Talks]:
    async with house(orders=260, chats=60) as at:
        access = at.sandbox.sandbox.sides["lazada"].chat_access()
        assert access is not None
        (shop,) = access.shops
        at.vault.tokens[chat_tokens_of(at.store.store_id)] = tokens_of(shop)
        app = AppCredentials(
            "talks", "lazada", access.app_key, access.app_secret, at.sandbox.base_url, at.sandbox.auth_url
        )
        chat_app = Lazada(app, vault=at.vault, clock=at.clock, http=HttpClients(at.clock, at.budget))
        store = replace(at.store, wire={CHAT_APP: "talks"})
        try:
            yield Talks(at, chat_app, with_chat_app(at.shop, chat_app), store)
        finally:
            await chat_app.close()


def reply(thread: ChatThread, text: str = WORDS) -> Request:
    return Request("", thread.id, ReplyText(text, thread.messages[-1].id), "key")


async def all_of(pages: AsyncIterator[T]) -> list[T]:
    return [page async for page in pages]


# --- reading --------------------------------------------------------------------------------------------------


async def test_every_thread_comes_once_newest_first(talks: Talks) -> None:
    found = await talks.threads()
    assert len(found) > 20
    assert {thread.thread_id for thread in found} == {thread.id for thread in talks.world_threads}
    assert [thread.last_at for thread in found] == sorted((thread.last_at for thread in found), reverse=True)
    assert sum(thread.unread for thread in found) == sum(thread.unread for thread in talks.world_threads) > 0


async def test_a_thread_joins_orders_by_the_buyers_id(talks: Talks) -> None:
    thread = talks.waiting
    found = await talks.chat.thread(talks.store, thread.id)
    assert found is not None and found in await talks.threads()
    assert (found.buyer_id, found.buyer, found.can_send) == (thread.buyer.id, thread.buyer.nickname, None)
    assert found.thread_id == f"{talks.store.shop_id}_2_{thread.buyer.id}_1_103"
    assert found.buyer_id in {order.buyer_id for order in await talks.at.orders()}
    assert await talks.chat.thread(talks.store, "1_2_3_1_103") is None


async def test_what_is_older_than_asked_for_is_not_read(talks: Talks) -> None:
    since = talks.world_threads[3].messages[-1].sent_at
    talks.faults((LIST, {"latency_s": 0}))
    found = await talks.threads(since)
    assert len(found) == sum(thread.messages[-1].sent_at >= since for thread in talks.world_threads)
    assert talks.at.sandbox.faults.report()[0]["seen"] == 1
    assert await talks.threads(START_AT + 1) == []


async def test_messages_come_newest_first_whole_and_in_order(talks: Talks) -> None:
    thread = talks.longest
    for number in range(45):
        talks.at.sandbox.poke("buyer_writes", thread_id=thread.id, text=f"And {number}?")
    found = await talks.messages(thread)
    assert [message.message_id for message in found] == [one.id for one in reversed(thread.messages)]
    assert [message.order_key for message in found] == sorted((each.order_key for each in found), reverse=True)
    assert found[0].text == "And 44?" and found[0].sender is Sender.BUYER
    pages = await all_of(talks.chat.messages(talks.store, thread.id))
    assert all(len(page.messages) <= 20 for page in pages) and len(pages) > 2


async def test_pages_that_overlap_count_once(talks: Talks) -> None:
    talks.side.repeats.order(f"{talks.store.shop_id}/chats", 2)
    found = await talks.threads()
    assert len(found) == len({thread.thread_id for thread in found}) == len(talks.world_threads)
    thread = talks.longest
    for _ in range(45):
        talks.at.sandbox.poke("buyer_writes", thread_id=thread.id, text="Again")
    talks.side.repeats.order(f"{talks.store.shop_id}/messages", 2)
    assert len(await talks.messages(thread)) == len(thread.messages)


async def test_a_thread_that_moves_while_pages_are_read_is_not_lost(talks: Talks) -> None:
    pages = talks.chat.threads(talks.store, 0)
    first = await anext(pages)
    mover = talks.world_threads[30]
    talks.at.sandbox.poke("buyer_writes", thread_id=mover.id, text="Me too")
    rest = [thread.thread_id for page in await all_of(pages) for thread in page.threads]
    seen = {thread.thread_id for thread in first.threads} | set(rest)
    assert {thread.id for thread in talks.world_threads} - seen <= {mover.id}
    assert mover.id in {thread.thread_id for thread in await talks.threads(START_AT)}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[2Jwiped", "wiped"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("hi" + "\u200b" * 5000 + "!", "hi!"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
        ("one\ntwo", "one\ntwo"),
        ('"}{"txt":"x"', '"}{"txt":"x"'),
        ("ว" * 100_000, "ว" * 7999 + "…"),
    ],
)
async def test_hostile_text_becomes_harmless_and_stays_text(talks: Talks, raw: str, text: str) -> None:
    thread = talks.waiting
    talks.at.sandbox.poke("buyer_writes", thread_id=thread.id, text=raw)
    assert (await talks.messages(thread))[0].text == text


async def test_a_message_taken_back_keeps_its_place_and_a_notice_follows(talks: Talks) -> None:
    thread = talks.waiting
    said = talks.at.sandbox.poke("buyer_writes", thread_id=thread.id, text="My number is 0812")
    before = (await talks.messages(thread))[0]
    talks.at.sandbox.poke("recall_message", message_id=said["message_id"])
    notice, recalled = (await talks.messages(thread))[:2]
    assert (recalled.message_id, recalled.order_key) == (before.message_id, before.order_key)
    assert (recalled.state, recalled.text) == (MessageState.RECALLED, "")
    assert (notice.sender, notice.kind) == (Sender.SYSTEM, MessageKind.NOTICE) and notice.text


async def test_cards_say_what_they_are_about(talks: Talks) -> None:
    every = [message for thread in talks.world_threads[:40] for message in await talks.messages(thread)]
    kinds = {(message.sender, message.kind) for message in every}
    assert {(Sender.BUYER, MessageKind.TEXT), (Sender.STORE, MessageKind.TEXT)} <= kinds
    card = next(message for message in every if message.raw_kind == "10007")
    assert card.kind is MessageKind.ORDER
    assert card.reference in {order.order_no for order in await talks.at.orders()}


async def test_reading_is_repeated_when_the_line_breaks(talks: Talks) -> None:
    talks.faults((LIST, {"drop_after": True}), (MESSAGES, {"status": 503}))
    assert len(await talks.threads()) == len(talks.world_threads)
    assert await talks.messages(talks.waiting)


async def test_the_own_figure_is_told_to_the_app_for_orders(talks: Talks) -> None:
    figure = await talks.chat.own_figure(talks.store, START_AT)
    assert isinstance(figure, ChatFigure)
    assert 0 < figure.rate <= 1 and (figure.days, figure.read_at) == (7, START_AT)
    assert talks.chat_app.chat is not None
    assert isinstance(await talks.chat_app.chat.own_figure(talks.store, START_AT), Unsupported)


async def test_a_thread_is_opened_from_an_order_of_the_last_month(talks: Talks) -> None:
    known = talks.waiting
    assert known.order is not None
    assert await talks.chat.open_thread(talks.store, known.order.id, known.buyer.id) == known.id
    taken = {thread.buyer.id for thread in talks.world_threads}
    recent = [order for order in await talks.at.orders() if START_AT - order.created_at < 20 * DAY]
    fresh = next(order for order in recent if order.buyer_id not in taken)
    opened = await talks.chat.open_thread(talks.store, fresh.order_no, "")
    assert opened == f"{talks.store.shop_id}_2_{fresh.buyer_id}_1_103"
    known.order.created_at -= 90 * DAY
    refused = await talks.chat.open_thread(talks.store, known.order.id, known.buyer.id)
    assert isinstance(refused, Unsupported) and "30 days" in refused.reason


# --- two apps -------------------------------------------------------------------------------------------------


async def test_the_app_for_orders_may_not_chat_and_says_what_to_do(talks: Talks) -> None:
    chat = talks.at.shop.chat
    assert chat is not None
    thread = talks.waiting
    for call in (
        lambda: all_of(chat.threads(talks.at.store, 0)),
        lambda: all_of(chat.messages(talks.at.store, thread.id)),
        lambda: chat.thread(talks.at.store, thread.id),
        lambda: talks.at.send(Verb.REPLY, reply(thread)),
        lambda: talks.at.send(Verb.MARK_READ, Request("", thread.id, ReadMark("1"))),
    ):
        with pytest.raises(ScopeError, match=f"apps add lazada.*stores sign-in {talks.store.store_id} --chat"):
            await call()
    assert talks.at.effects("chat_send") == []


async def test_a_consent_to_chat_that_was_never_given_or_taken_back_leaves_orders_alone(talks: Talks) -> None:
    talks.at.sandbox.poke("chat_access", granted=False)
    with pytest.raises(ScopeError, match="stores sign-in"):
        await talks.threads()
    talks.at.sandbox.poke("chat_access", granted=True)
    talks.side.chat_app.grants.revoke(talks.store.shop_id)
    with pytest.raises(ScopeError, match=r"stores sign-in .* --chat"):
        await talks.threads()
    del talks.at.vault.tokens[chat_tokens_of(talks.store.store_id)]
    with pytest.raises(ScopeError, match=r"stores sign-in .* --chat"):
        await talks.send(Verb.REPLY, reply(talks.waiting))
    assert await talks.at.orders(talks.store)


async def test_tokens_for_chat_are_renewed_and_kept_apart(talks: Talks) -> None:
    orders_tokens = talks.at.vault.tokens[talks.store.store_id]
    talks.side.chat_app.grants.expire_access(talks.store.shop_id, START_AT)
    assert await talks.threads()
    ((saved_for, saved),) = talks.at.vault.saves
    assert saved_for == f"{talks.store.store_id}#chat"
    assert saved.access_token != orders_tokens.access_token
    assert talks.at.vault.tokens[talks.store.store_id] == orders_tokens


# --- replying -------------------------------------------------------------------------------------------------


async def test_a_reply_is_sent_once_and_read_back(talks: Talks) -> None:
    thread = talks.waiting
    request = reply(thread)
    (outcome,) = await talks.send(Verb.REPLY, request)
    assert outcome == Outcome(Verdict.DONE, facts={"message_id": thread.messages[-1].id})
    assert thread.messages[-1].text == WORDS
    newest = (await talks.messages(thread))[0]
    assert (newest.sender, newest.text, newest.message_id) == (Sender.STORE, WORDS, outcome.facts["message_id"])
    assert (await talks.look(request)).verdict is Verdict.DONE
    rule = talks.market.desks[Verb.REPLY].rule
    assert rule.settling is Settling.PERSON and rule.resends == 0


async def test_an_answer_lost_after_the_effect_is_found_again(talks: Talks) -> None:
    thread = talks.waiting
    request = reply(thread)
    talks.faults((SEND, {"drop_after": True}))
    with pytest.raises(Temporary):
        await talks.send(Verb.REPLY, request)
    evidence = await talks.look(request)
    assert evidence.verdict is Verdict.DONE and evidence.facts["message_id"] == thread.messages[-1].id
    assert talks.at.effects("chat_send") == [(thread.id, "applied")]


async def test_a_request_lost_before_the_effect_is_a_persons_to_decide(talks: Talks) -> None:
    request = reply(talks.waiting)
    talks.faults((SEND, {"drop_before": True}))
    with pytest.raises(Temporary):
        await talks.send(Verb.REPLY, request)
    assert await talks.look(request) == Evidence(Verdict.UNDECIDED, {"messages_since": "0", "store_said": "nothing"})
    assert talks.at.effects("chat_send") == []


async def test_others_words_since_are_told_to_the_person(talks: Talks) -> None:
    thread = talks.waiting
    request = reply(thread)
    talks.at.sandbox.poke("seller_writes", thread_id=thread.id, text="Somebody else answered")
    talks.at.sandbox.poke("buyer_writes", thread_id=thread.id, text=WORDS)
    evidence = await talks.look(request)
    assert evidence.verdict is Verdict.UNDECIDED
    assert (evidence.facts["store_said"], evidence.facts["messages_since"]) == ("Somebody else answered", "2")


async def test_the_sixth_unanswered_message_is_refused_in_lazadas_words(talks: Talks) -> None:
    thread = talks.waiting
    assert talks.chat.limits.unanswered_max == 5
    for number in range(5):
        assert (await talks.told(reply(thread, f"Part {number}")))[0] is Verdict.DONE
    verdict, cause, words = await talks.told(reply(thread, "Part 6"))
    assert (verdict, cause) == (Verdict.REFUSED, CauseId.OTHER) and "5 messages are unanswered" in words
    assert thread.messages[-1].text == "Part 4"
    talks.at.sandbox.poke("buyer_writes", thread_id=thread.id, text="Thanks")
    assert (await talks.told(reply(thread, "Part 6")))[0] is Verdict.DONE


async def test_what_moderation_hides_from_the_buyer_is_no_reply(talks: Talks) -> None:
    thread = talks.waiting
    request = reply(thread, "Write me on WhatsApp")
    verdict, cause, words = await talks.told(request)
    assert (verdict, cause) == (Verdict.REFUSED, CauseId.SENSITIVE) and "keeps the message from the buyer" in words
    assert (await talks.messages(thread))[0].state is MessageState.BLOCKED
    assert thread.is_waiting
    # Nor does it prove, when its answer was lost, that the buyer has one.
    evidence = await talks.look(request)
    assert evidence.verdict is Verdict.UNDECIDED and evidence.facts["kept_back"]
    limits = talks.chat.limits
    assert [refusal.id for refusal in refusals("Write me on WhatsApp", limits)] == [RefusalId.NO_CONTACTS]
    assert [refusal.id for refusal in refusals("see www.example.com", limits)] == [RefusalId.NO_LINKS]


async def test_a_look_at_what_was_sent_that_fails_leaves_it_sent(talks: Talks) -> None:
    thread = talks.waiting
    talks.faults((MESSAGES, {"status": 500}))
    assert (await talks.told(reply(thread)))[0] is Verdict.DONE
    assert talks.at.effects("chat_send") == [(thread.id, "applied")]


async def test_an_unknown_session_is_a_refusal(talks: Talks) -> None:
    verdict, cause, words = await talks.told(Request("", "1_2_3_1_103", ReplyText("Hello", "")))
    assert (verdict, cause) == (Verdict.REFUSED, CauseId.OTHER) and "session not found" in words


async def test_of_several_replies_each_ends_in_its_own_way(talks: Talks) -> None:
    first, second = [thread for thread in talks.world_threads if not thread.is_waiting][:2]
    outcomes = await talks.send(Verb.REPLY, reply(first), Request("", "1", ReplyText("Hello", "")), reply(second))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.DONE, Verdict.REFUSED, Verdict.DONE]


async def test_automatic_answers_are_the_stores_robot(talks: Talks) -> None:
    thread = talks.waiting
    world = talks.at.sandbox.world
    world.chats.say(thread, Speaker.ROBOT, "We answer soon.", START_AT)
    world.chats.say(thread, Speaker.PLATFORM, "We look into it.", START_AT)
    world.chats.say(thread, Speaker.BUYER, "", START_AT, kind=TalkKind.STICKER)
    sticker, platform, robot = (await talks.messages(thread))[:3]
    assert (robot.sender, robot.kind, robot.text) == (Sender.ROBOT, MessageKind.TEXT, "We answer soon.")
    assert (platform.sender, platform.kind) == (Sender.SYSTEM, MessageKind.NOTICE)
    assert (sticker.sender, sticker.kind, sticker.text) == (Sender.BUYER, MessageKind.STICKER, "[happy]")


# --- read marks -----------------------------------------------------------------------------------------------


async def test_a_read_mark_empties_the_count_of_unread(talks: Talks) -> None:
    thread = talks.waiting
    request = Request("", thread.id, ReadMark(thread.messages[-1].id))
    assert (await talks.look(request, Verb.MARK_READ)).verdict is Verdict.NOT_DONE
    talks.faults(("/im/session/read$", {"drop_after": True}))
    with pytest.raises(Temporary):
        await talks.send(Verb.MARK_READ, request)
    assert (await talks.look(request, Verb.MARK_READ)).verdict is Verdict.DONE
    assert [outcome.verdict for outcome in await talks.send(Verb.MARK_READ, request)] == [Verdict.DONE]
    found = await talks.chat.thread(talks.store, thread.id)
    assert found is not None and found.unread == 0
