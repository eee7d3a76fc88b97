"""Shopee's chat over HTTP: reading threads and messages, sending, lost answers, faults, missing permission."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from shoptui.adapters.base import ScopeError, Temporary, Unsupported, Verdict
from shoptui.adapters.chat import Chat, ChatFigure
from shoptui.adapters.desks import Evidence, Outcome, Request
from shoptui.domain.intents import CauseId, Settling, Verb
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender, Thread
from shoptui.domain.orders import Order
from shoptui.domain.verbs import ReadMark, ReplyText
from shoptui.sandbox.shopee.chat_render import shown
from shoptui.sandbox.world.chat_model import ChatThread, Speaker, TalkKind
from tests.adapters.shopee.sandboxed import START_AT, House, house

LIST = "/get_conversation_list$"
MESSAGES = "/get_message$"
SEND = "/send_message$"
DAY = 86_400
WORDS = "It leaves today.\nThank you for waiting!"

T = TypeVar("T")


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(orders=260, chats=60) as found:
        yield found


def chat_of(at: House) -> Chat:
    assert at.shop.chat is not None
    return at.shop.chat


async def threads(at: House, since: int = 0) -> list[Thread]:
    return [thread async for page in chat_of(at).threads(at.store, since) for thread in page.threads]


async def messages(at: House, thread_id: str) -> list[Message]:
    return [message async for page in chat_of(at).messages(at.store, thread_id) for message in page.messages]


def world_threads(at: House) -> list[ChatThread]:
    """Those a shop can see, newest message first."""
    world = at.sandbox.world
    every = [each for each in world.chats.threads_of(world.stores[at.store.shop_id]) if shown(each)]
    return sorted(every, key=lambda each: (shown(each)[-1].sent_at, shown(each)[-1].number), reverse=True)


def waiting(at: House) -> ChatThread:
    return next(thread for thread in world_threads(at) if thread.is_waiting and thread.unread)


def reply(thread: ChatThread, text: str = WORDS, *, order_no: str = "", automatic: bool = False) -> Request:
    return Request(order_no, thread.id, ReplyText(text, shown(thread)[-1].id, automatic=automatic), "key")


async def told(at: House, request: Request) -> tuple[Verdict, CauseId | None]:
    (outcome,) = await at.send(Verb.REPLY, request)
    return outcome.verdict, outcome.cause.id if outcome.cause else None


async def look(at: House, request: Request) -> Evidence:
    (evidence,) = await at.desk(Verb.REPLY).read_back(at.store, [request])
    return evidence


async def all_of(pages: AsyncIterator[T]) -> list[T]:
    return [page async for page in pages]


async def stranger(at: House) -> Order:
    """The newest order of somebody who never wrote."""
    known = {thread.buyer.id for thread in world_threads(at)}
    return max((each for each in await at.orders() if each.buyer_id not in known), key=lambda each: each.created_at)


def fault(path: str, times: int = 1, **do: Any) -> dict[str, Any]:
    return {"match": {"path": path, "times": times}, "do": do}


# --- reading --------------------------------------------------------------------------------------------------


async def test_every_thread_comes_once_newest_first(at: House) -> None:
    found = await threads(at)
    assert [thread.thread_id for thread in found] == [thread.id for thread in world_threads(at)]
    assert [thread.last_at for thread in found] == [shown(thread)[-1].sent_at for thread in world_threads(at)]
    assert [thread.last_message_id for thread in found] == [shown(thread)[-1].id for thread in world_threads(at)]
    assert sum(thread.unread for thread in found) == sum(thread.unread for thread in world_threads(at)) > 0


async def test_a_thread_joins_orders_by_the_buyers_id(at: House) -> None:
    thread = waiting(at)
    found = await chat_of(at).thread(at.store, thread.id)
    assert found is not None and found in await threads(at)
    assert (found.buyer_id, found.buyer, found.can_send) == (thread.buyer.id, thread.buyer.nickname, None)
    assert found.buyer_id in {order.buyer_id for order in await at.orders()}
    assert await chat_of(at).thread(at.store, "1") is None


async def test_what_is_older_than_asked_for_is_not_read(at: House) -> None:
    since = shown(world_threads(at)[3])[-1].sent_at
    at.watch(LIST)
    found = await threads(at, since)
    assert len(found) == sum(shown(thread)[-1].sent_at >= since for thread in world_threads(at))
    assert at.seen() == [1]


async def test_an_old_pinned_thread_on_top_ends_nothing(at: House) -> None:
    oldest = world_threads(at)[-1]
    oldest.is_pinned = True
    since = shown(world_threads(at)[30])[-1].sent_at
    wanted = [thread.id for thread in world_threads(at) if shown(thread)[-1].sent_at >= since]
    assert [thread.thread_id for thread in await threads(at, since)] == wanted
    found = [thread.thread_id for thread in await threads(at)]
    assert len(found) == len(set(found)) == len(world_threads(at))


async def test_overlapping_pages_bring_everything_once(at: House) -> None:
    repeats = at.sandbox.sandbox.sides["shopee"].repeats
    repeats.order(f"{at.store.shop_id}/chats", 2)
    assert [thread.thread_id for thread in await threads(at)] == [thread.id for thread in world_threads(at)]
    thread = max(world_threads(at), key=lambda each: len(each.messages))
    for number in range(60):
        at.sandbox.poke("buyer_writes", thread_id=thread.id, text=f"And {number}?")
    repeats.order(f"{at.store.shop_id}/messages", 2)
    found = await messages(at, thread.id)
    assert [message.message_id for message in found] == [one.id for one in reversed(shown(thread))]
    assert [message.order_key for message in found] == sorted((each.order_key for each in found), reverse=True)


async def test_ids_beyond_what_floats_hold_stay_what_they_are(at: House) -> None:
    thread = waiting(at)
    (newest, *_rest) = await messages(at, thread.id)
    assert int(newest.message_id) > 2**53 and int(newest.message_id) != int(float(newest.message_id))
    assert newest.message_id == shown(thread)[-1].id


async def test_people_robots_and_where_a_buyer_came_from_are_told_apart(at: House) -> None:
    order_nos = {order.order_no for order in await at.orders()}
    every = [message for thread in world_threads(at)[:40] for message in await messages(at, thread.id)]
    kinds = {(message.sender, message.kind) for message in every}
    assert {(Sender.BUYER, MessageKind.TEXT), (Sender.STORE, MessageKind.TEXT)} <= kinds
    came = [message.reference for message in every if message.kind is MessageKind.TEXT and message.reference]
    assert came and set(came) <= order_nos


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[2Jwiped", "wiped"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("hi" + "\u200b" * 5000 + "!", "hi!"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
        ("one\ntwo", "one\ntwo"),
        ('"}{"text":"x"', '"}{"text":"x"'),
    ],
)
async def test_hostile_text_becomes_harmless_and_stays_text(at: House, raw: str, text: str) -> None:
    thread = waiting(at)
    at.sandbox.poke("buyer_writes", thread_id=thread.id, text=raw)
    assert (await messages(at, thread.id))[0].text == text


async def test_an_endless_message_is_cut(at: House) -> None:
    thread = waiting(at)
    at.sandbox.poke("buyer_writes", thread_id=thread.id, text="ว" * 100_000)
    assert len((await messages(at, thread.id))[0].text) == 8000


async def test_what_was_taken_back_is_gone(at: House) -> None:
    thread = waiting(at)
    made = at.sandbox.poke("buyer_writes", thread_id=thread.id, text="My number is 0812")
    at.sandbox.poke("recall_message", message_id=made["message_id"])
    assert made["message_id"] not in [message.message_id for message in await messages(at, thread.id)]
    assert made["message_id"] not in [each.last_message_id for each in await threads(at)]


async def test_what_moderation_kept_back_says_so(at: House) -> None:
    thread = waiting(at)
    thread.messages[-1].is_blocked = True
    assert (await messages(at, thread.id))[0].state is MessageState.BLOCKED


async def test_reading_is_repeated_when_the_line_breaks(at: House) -> None:
    at.sandbox.faults.replace([fault(LIST, drop_after=True), fault(MESSAGES, status=503)])
    assert len(await threads(at)) == len(world_threads(at))
    assert await messages(at, waiting(at).id)


async def test_a_store_without_the_permission_says_so_and_the_rest_works(at: House) -> None:
    thread = waiting(at)
    at.sandbox.poke("chat_access", granted=False)
    chat = chat_of(at)
    for call in (
        lambda: all_of(chat.threads(at.store, 0)),
        lambda: all_of(chat.messages(at.store, thread.id)),
        lambda: chat.thread(at.store, thread.id),
        lambda: chat.open_thread(at.store, "260928K3T7WQ9P", thread.buyer.id),
        lambda: at.send(Verb.REPLY, reply(thread)),
        lambda: at.send(Verb.MARK_READ, Request("", thread.id, ReadMark("1"))),
    ):
        with pytest.raises(ScopeError):
            await call()
    assert await at.orders()


async def test_an_app_type_without_chat_says_so_too(at: House) -> None:
    at.sandbox.poke("revoke_scope", shop_id=at.store.shop_id, scope="sellerchat")
    with pytest.raises(ScopeError):
        await threads(at)


async def test_another_app_serves_conversations_with_tokens_of_its_own(at: House) -> None:
    """The store's orders belong to another app; this one was named for its conversations."""
    thread = waiting(at)
    store = replace(at.store, app="orders", wire={"chat_app": "main"})
    tokens = at.vault.load(at.store.store_id)
    assert tokens is not None
    await at.vault.save(at.store.store_id, replace(tokens, access_token="of-the-orders-app"))
    with pytest.raises(ScopeError, match="sign-in sp-my-0 --chat"):
        await chat_of(at).thread(store, thread.id)
    await at.vault.save(f"{store.store_id}#chat", tokens)
    assert await chat_of(at).thread(store, thread.id) is not None
    (outcome,) = await at.desk(Verb.REPLY).send(store, [reply(thread)])
    assert outcome.verdict is Verdict.DONE
    at.sandbox.poke("chat_access", granted=False)
    with pytest.raises(ScopeError, match="does not let the app main"):
        await chat_of(at).thread(store, thread.id)


async def test_what_shopee_wants_of_an_app_is_said(at: House) -> None:
    at.sandbox.poke("chat_access", granted=False)
    with pytest.raises(ScopeError, match="apps add shopee --name shopee-chat"):
        await threads(at)


async def test_the_own_figure_is_a_share_of_thirty_days(at: House) -> None:
    figure = await chat_of(at).own_figure(at.store, START_AT)
    assert isinstance(figure, ChatFigure)
    assert 0.3 < figure.rate <= 1 and (figure.days, figure.read_at) == (30, START_AT)
    for one in (one for thread in world_threads(at) for one in thread.messages):
        one.sent_at -= 90 * DAY
    assert isinstance(await chat_of(at).own_figure(at.store, START_AT), Unsupported)


# --- opening --------------------------------------------------------------------------------------------------


async def test_a_known_thread_is_found_and_nothing_is_sent(at: House) -> None:
    known = world_threads(at)[-1]
    assert known.order is not None
    assert await chat_of(at).open_thread(at.store, known.order.id, known.buyer.id) == known.id
    assert at.effects("chat_send") == []


async def test_a_thread_is_begun_with_the_orders_card_once(at: House) -> None:
    order = await stranger(at)
    at.sandbox.faults.replace([fault(SEND, drop_after=True)])
    with pytest.raises(Temporary):
        await chat_of(at).open_thread(at.store, order.order_no, order.buyer_id)
    opened = await chat_of(at).open_thread(at.store, order.order_no, order.buyer_id)
    assert isinstance(opened, str) and at.effects("chat_send") == [(opened, "applied")]
    (card,) = await messages(at, opened)
    assert (card.kind, card.reference, card.sender) == (MessageKind.ORDER, order.order_no, Sender.STORE)
    found = await chat_of(at).thread(at.store, opened)
    assert found is not None and found.order_no == order.order_no


async def test_a_buyer_who_may_not_be_written_to_is_told(at: House) -> None:
    order = await stranger(at)
    for one in at.sandbox.world.orders.values():
        one.created_at -= 40 * DAY
    assert isinstance(await chat_of(at).open_thread(at.store, order.order_no, order.buyer_id), Unsupported)
    assert isinstance(await chat_of(at).open_thread(at.store, order.order_no, ""), Unsupported)


# --- replying -------------------------------------------------------------------------------------------------


async def test_a_reply_is_sent_once_and_read_back(at: House) -> None:
    thread = waiting(at)
    request = reply(thread)
    (outcome,) = await at.send(Verb.REPLY, request)
    assert outcome == Outcome(Verdict.DONE, facts={"message_id": thread.messages[-1].id})
    newest = (await messages(at, thread.id))[0]
    assert (newest.sender, newest.text, newest.message_id) == (Sender.STORE, WORDS, outcome.facts["message_id"])
    assert (await look(at, request)).verdict is Verdict.DONE
    rule = at.desk(Verb.REPLY).rule
    assert rule.settling is Settling.PERSON and rule.resends == 0


async def test_who_is_written_to_is_remembered_from_the_list(at: House) -> None:
    await threads(at)
    at.watch("/get_one_conversation")
    assert await told(at, reply(waiting(at))) == (Verdict.DONE, None)
    assert at.seen() == [0]


async def test_an_answer_lost_after_the_effect_is_found_again(at: House) -> None:
    thread = waiting(at)
    request = reply(thread)
    at.sandbox.faults.replace([fault(SEND, drop_after=True)])
    with pytest.raises(Temporary):
        await at.send(Verb.REPLY, request)
    evidence = await look(at, request)
    assert evidence.verdict is Verdict.DONE and evidence.facts["message_id"] == thread.messages[-1].id
    assert at.effects("chat_send") == [(thread.id, "applied")]


async def test_a_request_lost_before_the_effect_is_a_persons_to_decide(at: House) -> None:
    thread = waiting(at)
    request = reply(thread)
    at.sandbox.faults.replace([fault(SEND, drop_before=True)])
    with pytest.raises(Temporary):
        await at.send(Verb.REPLY, request)
    assert await look(at, request) == Evidence(Verdict.UNDECIDED, {"messages_since": "0", "store_said": "nothing"})
    assert at.effects("chat_send") == []


async def test_others_words_since_are_told_to_the_person(at: House) -> None:
    thread = waiting(at)
    request = reply(thread)
    at.sandbox.poke("seller_writes", thread_id=thread.id, text="Somebody else answered")
    at.sandbox.poke("buyer_writes", thread_id=thread.id, text=WORDS)
    evidence = await look(at, request)
    assert evidence.verdict is Verdict.UNDECIDED and evidence.facts["store_said"] == "Somebody else answered"


async def test_equal_words_prove_nothing_when_what_was_answered_is_gone(at: House) -> None:
    thread = waiting(at)
    at.sandbox.poke("seller_writes", thread_id=thread.id, text=WORDS)
    asked = at.sandbox.poke("buyer_writes", thread_id=thread.id, text="Hello?")
    request = reply(thread)
    at.sandbox.poke("recall_message", message_id=asked["message_id"])
    evidence = await look(at, request)
    assert evidence.verdict is Verdict.UNDECIDED and evidence.facts["store_said"].startswith("It leaves today.")


async def test_an_automatic_reply_speaks_as_a_robot(at: House) -> None:
    thread = waiting(at)
    request = reply(thread, "We are closed.", automatic=True)
    assert await told(at, request) == (Verdict.DONE, None)
    assert (await messages(at, thread.id))[0].sender is Sender.ROBOT
    assert thread.is_waiting
    assert (await look(at, request)).verdict is Verdict.DONE


@pytest.mark.parametrize(
    ("text", "cause"),
    [("Write me on WhatsApp", CauseId.SENSITIVE), ("x" * 601, CauseId.TOO_LONG)],
)
async def test_what_shopee_refuses_is_named(at: House, text: str, cause: CauseId) -> None:
    assert await told(at, reply(waiting(at), text)) == (Verdict.REFUSED, cause)


async def test_the_same_text_and_the_sixth_in_a_row_are_refused(at: House) -> None:
    thread = waiting(at)
    assert await told(at, reply(thread)) == (Verdict.DONE, None)
    assert await told(at, reply(thread)) == (Verdict.REFUSED, CauseId.SENSITIVE)
    for number in range(4):
        await told(at, reply(thread, f"Part {number}"))
    assert await told(at, reply(thread, "Part 5")) == (Verdict.REFUSED, CauseId.UNANSWERED)


async def test_after_both_windows_nothing_is_taken(at: House) -> None:
    thread = waiting(at)
    for one in thread.messages:
        one.sent_at -= 8 * DAY
    for order in at.sandbox.world.chats.orders_with(thread.store, thread.buyer):
        order.created_at -= 31 * DAY
    assert await told(at, reply(thread)) == (Verdict.REFUSED, CauseId.CANNOT_SEND)


async def test_the_first_words_follow_the_linked_orders_card(at: House) -> None:
    thread = begun_by_us(at)
    assert thread.order is not None
    assert await told(at, reply(thread)) == (Verdict.REFUSED, CauseId.CANNOT_SEND)
    assert await told(at, reply(thread, order_no=thread.order.id)) == (Verdict.DONE, None)
    card, words = (await messages(at, thread.id))[1::-1]
    assert (card.kind, card.reference, words.text) == (MessageKind.ORDER, thread.order.id, WORDS)


async def test_a_card_whose_answer_was_lost_sends_no_words(at: House) -> None:
    thread = begun_by_us(at)
    assert thread.order is not None
    request = reply(thread, order_no=thread.order.id)
    at.sandbox.faults.replace([{"match": {"path": SEND, "nth": 2}, "do": {"drop_after": True}}])
    with pytest.raises(Temporary):
        await at.send(Verb.REPLY, request)
    assert [one.kind for one in shown(thread)[1:]] == [TalkKind.ORDER]
    evidence = await look(at, request)
    assert evidence.verdict is Verdict.UNDECIDED and evidence.facts["store_said"] == "order"


def begun_by_us(at: House) -> ChatThread:
    """A conversation in which only Shopee has said something."""
    world = at.sandbox.world
    store = world.stores[at.store.shop_id]
    known = {thread.buyer.id for thread in world_threads(at)}
    order = max(
        (each for each in world.orders_of(store.id) if each.buyer.id not in known), key=lambda each: each.created_at
    )
    thread = world.chats.open_thread(store, order, START_AT)
    world.chats.say(thread, Speaker.SYSTEM, "You can chat about this order.", START_AT, kind=TalkKind.NOTICE)
    return thread


async def test_conversations_that_are_not_ours_are_named_so(at: House) -> None:
    assert await told(at, Request("", "1", ReplyText("Hello", ""))) == (Verdict.REFUSED, CauseId.NO_THREAD)
    (outcome,) = await at.send(Verb.MARK_READ, Request("", "1", ReadMark("2")))
    assert outcome.cause is not None and outcome.cause.id is CauseId.NO_THREAD


async def test_of_several_replies_each_ends_in_its_own_way(at: House) -> None:
    first, second, third = [thread for thread in world_threads(at) if not thread.is_waiting][:3]
    outcomes = await at.send(
        Verb.REPLY, reply(first), reply(second, "Write me on WhatsApp"), Request("", "1", ReplyText("Hello", ""))
    )
    assert [outcome.verdict for outcome in outcomes] == [Verdict.DONE, Verdict.REFUSED, Verdict.REFUSED]
    at.sandbox.faults.replace([fault(SEND, drop_after=True)])
    outcomes = await at.send(Verb.REPLY, reply(first, "And one more"), reply(third, "And one more"))
    assert sorted(outcome.verdict for outcome in outcomes) == [Verdict.DONE, Verdict.WAIT]


async def test_taiwan_reads_and_does_not_write(at: House) -> None:
    store = replace(at.store, region="TW")
    thread = waiting(at)
    (outcome,) = await at.desk(Verb.REPLY).send(store, [reply(thread)])
    assert outcome.cause is not None and outcome.cause.id is CauseId.CANNOT_SEND
    assert isinstance(at.desk(Verb.REPLY).why_not(store, await stranger(at)), Unsupported)
    assert isinstance(await chat_of(at).open_thread(store, "1", thread.buyer.id), Unsupported)
    found = await chat_of(at).thread(store, thread.id)
    assert found is not None and found.can_send is False
    assert at.effects("chat_send") == []


# --- read marks -----------------------------------------------------------------------------------------------


async def test_a_read_mark_goes_up_to_a_message(at: House) -> None:
    thread = waiting(at)
    request = Request("", thread.id, ReadMark(shown(thread)[-1].id))
    desk = at.desk(Verb.MARK_READ)
    assert (await desk.read_back(at.store, [request]))[0].verdict is Verdict.NOT_DONE
    assert [outcome.verdict for outcome in await at.send(Verb.MARK_READ, request)] == [Verdict.DONE]
    assert (await desk.read_back(at.store, [request]))[0].verdict is Verdict.DONE
    found = await chat_of(at).thread(at.store, thread.id)
    assert found is not None and found.unread == 0
    at.sandbox.poke("buyer_writes", thread_id=thread.id, text="One more")
    assert (await desk.read_back(at.store, [request]))[0].verdict is Verdict.DONE
    assert desk.rule.settling is Settling.REPEAT
