"""TikTok Shop's chat over HTTP: reading threads and messages, sending, lost answers, faults, missing permission."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

import pytest

from shoptui.adapters.base import AdapterError, ScopeError, Temporary, Unsupported, Verdict
from shoptui.adapters.chat import Chat, ChatFigure
from shoptui.adapters.desks import Evidence, Outcome, Request
from shoptui.domain.intents import CauseId, Settling, Verb
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender, Thread
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReadMark, ReplyText
from shoptui.sandbox.world.chat_model import ChatThread
from tests.adapters.tiktok.sandboxed import START_AT, House, fault, house

CONVERSATIONS = "/conversations$"
MESSAGES = "/messages$"
DAY = 86_400
WORDS = "It leaves today.\nThank you for waiting!"

T = TypeVar("T")


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(regions=("VN",), orders=260, chats=60) as found:
        yield found


def chat_of(at: House) -> Chat:
    assert at.shop.chat is not None
    return at.shop.chat


async def threads(at: House, since: int = 0, store: Store | None = None) -> list[Thread]:
    return [thread async for page in chat_of(at).threads(store or at.store, since) for thread in page.threads]


async def messages(at: House, thread_id: str) -> list[Message]:
    return [message async for page in chat_of(at).messages(at.store, thread_id) for message in page.messages]


def world_threads(at: House) -> list[ChatThread]:
    world = at.sandbox.world
    return world.chats.threads_of(world.stores[at.store.shop_id])


def waiting(at: House) -> ChatThread:
    return next(thread for thread in world_threads(at) if thread.is_waiting and thread.unread)


def reply(thread: ChatThread, text: str = WORDS, *, after: str | None = None, automatic: bool = False) -> Request:
    seen = thread.messages[-1].id if after is None else after
    return Request("", thread.id, ReplyText(text, seen, automatic=automatic), "key")


async def look(at: House, request: Request) -> Evidence:
    (evidence,) = await at.desk(Verb.REPLY).read_back(at.store, [request])
    return evidence


async def told(at: House, request: Request) -> tuple[Verdict, CauseId | None]:
    (outcome,) = await at.send(Verb.REPLY, request)
    return outcome.verdict, outcome.cause.id if outcome.cause else None


async def all_of(pages: AsyncIterator[T]) -> list[T]:
    return [page async for page in pages]


# --- reading --------------------------------------------------------------------------------------------------


async def test_every_thread_comes_once_newest_first(at: House) -> None:
    found = await threads(at)
    assert [thread.thread_id for thread in found] == [thread.id for thread in world_threads(at)]
    assert [thread.last_at for thread in found] == sorted((thread.last_at for thread in found), reverse=True)
    assert sum(thread.unread for thread in found) == sum(thread.unread for thread in world_threads(at)) > 0


async def test_a_thread_joins_orders_by_the_buyers_id(at: House) -> None:
    thread = waiting(at)
    found = await chat_of(at).thread(at.store, thread.id)
    assert found is not None
    assert (found.buyer_id, found.buyer, found.can_send) == (thread.buyer.id, thread.buyer.nickname, True)
    assert found in await threads(at)
    assert await chat_of(at).thread(at.store, "1") is None


async def test_what_is_older_than_asked_for_is_not_read(at: House) -> None:
    since = world_threads(at)[3].messages[-1].sent_at
    at.watch(CONVERSATIONS)
    found = await threads(at, since)
    assert len(found) == sum(thread.messages[-1].sent_at >= since for thread in world_threads(at))
    assert at.seen() == [1]
    assert await threads(at, START_AT + 1) == []


async def test_messages_come_newest_first_whole_and_in_order(at: House) -> None:
    thread = max(world_threads(at), key=lambda each: len(each.messages))
    for number in range(25):
        at.sandbox.poke("buyer_writes", thread_id=thread.id, text=f"And {number}?")
    found = await messages(at, thread.id)
    assert [message.message_id for message in found] == [one.id for one in reversed(thread.messages)]
    assert [message.order_key for message in found] == sorted((each.order_key for each in found), reverse=True)
    assert found[0].text == "And 24?" and found[0].sender is Sender.BUYER
    pages = await all_of(chat_of(at).messages(at.store, thread.id))
    assert all(len(page.messages) <= 10 for page in pages) and len(pages) > 2


async def test_people_robots_and_notices_are_told_apart(at: House) -> None:
    every = [message for thread in world_threads(at)[:40] for message in await messages(at, thread.id)]
    kinds = {(message.sender, message.kind) for message in every}
    assert {(Sender.BUYER, MessageKind.TEXT), (Sender.STORE, MessageKind.TEXT)} <= kinds
    assert (Sender.BUYER, MessageKind.NOTICE) in kinds
    entered = next(message for message in every if message.raw_kind == "BUYER_ENTER_FROM_ORDER")
    assert entered.reference in {order.order_no for order in await at.orders()} and entered.text == ""
    assert all(message.name for message in every if message.sender is Sender.STORE)


async def test_rows_that_come_twice_count_once(at: House) -> None:
    at.sandbox.sandbox.sides["tiktok"].repeats.order(f"{at.store.shop_id}/chats", 2)
    found = await threads(at)
    assert [thread.thread_id for thread in found] == [thread.id for thread in world_threads(at)]
    thread = max(world_threads(at), key=lambda each: len(each.messages))
    for _ in range(20):
        at.sandbox.poke("buyer_writes", thread_id=thread.id, text="Again")
    at.sandbox.sandbox.sides["tiktok"].repeats.order(f"{at.store.shop_id}/messages", 2)
    assert len(await messages(at, thread.id)) == len(thread.messages)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[2Jwiped", "wiped"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("hi" + "\u200b" * 5000 + "!", "hi!"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
        ("one\ntwo", "one\ntwo"),
        ('"}{"content":"x"', '"}{"content":"x"'),
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


async def test_what_was_taken_back_says_so_and_an_edit_is_read(at: House) -> None:
    thread = waiting(at)
    first = at.sandbox.poke("buyer_writes", thread_id=thread.id, text="My number is 0812")
    second = at.sandbox.poke("buyer_writes", thread_id=thread.id, text="Wehre is it?")
    at.sandbox.poke("recall_message", message_id=first["message_id"])
    at.sandbox.poke("edit_message", message_id=second["message_id"], text="Where is it?")
    edited, recalled = (await messages(at, thread.id))[:2]
    assert (recalled.state, recalled.text) == (MessageState.RECALLED, "")
    assert (edited.state, edited.text) == (MessageState.NORMAL, "Where is it?")


async def test_reading_is_repeated_when_the_line_breaks(at: House) -> None:
    at.sandbox.faults.replace([fault(CONVERSATIONS, drop_after=True), fault(MESSAGES, status=503)])
    assert len(await threads(at)) == len(world_threads(at))
    assert await messages(at, waiting(at).id)


async def test_a_store_without_the_permission_says_so_everywhere(at: House) -> None:
    thread = waiting(at)
    at.sandbox.poke("chat_access", granted=False)
    chat = chat_of(at)
    for call in (
        lambda: all_of(chat.threads(at.store, 0)),
        lambda: all_of(chat.messages(at.store, thread.id)),
        lambda: chat.thread(at.store, thread.id),
        lambda: chat.open_thread(at.store, "1", thread.buyer.id),
        lambda: chat.own_figure(at.store, START_AT),
        lambda: at.send(Verb.REPLY, reply(thread)),
        lambda: at.send(Verb.MARK_READ, Request("", thread.id, ReadMark("1"))),
    ):
        with pytest.raises(ScopeError):
            await call()
    assert await at.orders()


async def test_the_days_budget_ends_in_one_clear_refusal(at: House) -> None:
    at.sandbox.settings.change({"chat_calls_per_day": 1})
    await chat_of(at).thread(at.store, waiting(at).id)
    assert await told(at, reply(waiting(at))) == (Verdict.REFUSED, CauseId.QUOTA)
    with pytest.raises(AdapterError) as raised:
        await threads(at)
    assert raised.value.code == "45101004"


async def test_the_own_figure_is_a_share_of_thirty_days(at: House) -> None:
    figure = await chat_of(at).own_figure(at.store, START_AT)
    assert isinstance(figure, ChatFigure)
    assert 0.5 < figure.rate <= 1 and (figure.days, figure.read_at) == (30, START_AT)
    assert isinstance(await chat_of(at).own_figure(at.store, START_AT - 90 * DAY), Unsupported)


async def test_a_thread_is_opened_from_an_order(at: House) -> None:
    chat, known = chat_of(at), waiting(at)
    assert await chat.open_thread(at.store, "", known.buyer.id) == known.id
    fresh = next(
        order for order in await at.orders() if order.buyer_id not in {each.buyer.id for each in world_threads(at)}
    )
    opened = await chat.open_thread(at.store, fresh.order_no, fresh.buyer_id)
    assert opened in {thread.id for thread in world_threads(at)} | {
        thread.id for thread in at.sandbox.world.chats.threads_of(at.sandbox.world.stores[at.store.shop_id])
    }
    assert isinstance(opened, str) and await messages(at, opened) == []
    assert isinstance(await chat.open_thread(at.store, fresh.order_no, ""), Unsupported)


# --- replying -------------------------------------------------------------------------------------------------


async def test_a_reply_is_sent_once_and_read_back(at: House) -> None:
    thread = waiting(at)
    request = reply(thread)
    (outcome,) = await at.send(Verb.REPLY, request)
    assert outcome == Outcome(Verdict.DONE, facts={"message_id": thread.messages[-1].id})
    assert thread.messages[-1].text == WORDS
    newest = (await messages(at, thread.id))[0]
    assert (newest.sender, newest.text, newest.message_id) == (Sender.STORE, WORDS, outcome.facts["message_id"])
    assert (await look(at, request)).verdict is Verdict.DONE
    assert at.desk(Verb.REPLY).rule.settling is Settling.PERSON and at.desk(Verb.REPLY).rule.resends == 0


async def test_an_answer_lost_after_the_effect_is_found_again(at: House) -> None:
    thread = waiting(at)
    request = reply(thread)
    at.sandbox.faults.replace([fault(MESSAGES, drop_after=True)])
    with pytest.raises(Temporary):
        await at.send(Verb.REPLY, request)
    evidence = await look(at, request)
    assert evidence.verdict is Verdict.DONE
    assert evidence.facts["message_id"] == thread.messages[-1].id
    assert at.effects("chat_send") == [(thread.id, "applied")]


async def test_a_request_lost_before_the_effect_is_a_persons_to_decide(at: House) -> None:
    thread = waiting(at)
    request = reply(thread)
    at.sandbox.faults.replace([fault(MESSAGES, drop_before=True)])
    with pytest.raises(Temporary):
        await at.send(Verb.REPLY, request)
    evidence = await look(at, request)
    assert evidence == Evidence(Verdict.UNDECIDED, {"messages_since": "0", "store_said": "nothing"})
    assert at.effects("chat_send") == []


async def test_others_words_since_are_told_to_the_person(at: House) -> None:
    thread = waiting(at)
    request = reply(thread)
    at.sandbox.poke("seller_writes", thread_id=thread.id, text="Somebody else answered")
    at.sandbox.poke("buyer_writes", thread_id=thread.id, text=WORDS)
    evidence = await look(at, request)
    assert evidence.verdict is Verdict.UNDECIDED
    assert evidence.facts["store_said"] == "Somebody else answered"
    assert evidence.facts["messages_since"] == "2"


async def test_equal_words_from_before_prove_nothing(at: House) -> None:
    thread = waiting(at)
    at.sandbox.poke("seller_writes", thread_id=thread.id, text=WORDS)
    assert (await look(at, reply(thread))).verdict is Verdict.UNDECIDED


async def test_a_reply_taken_back_meanwhile_is_not_sent_again(at: House) -> None:
    """Its words are gone, so a person decides."""
    thread = waiting(at)
    request = reply(thread)
    await at.send(Verb.REPLY, request)
    thread.messages[-1].recalled_at = START_AT
    assert (await look(at, request)).verdict is Verdict.UNDECIDED


async def test_an_automatic_reply_speaks_as_a_robot(at: House) -> None:
    thread = waiting(at)
    request = reply(thread, "We are closed.", automatic=True)
    assert await told(at, request) == (Verdict.DONE, None)
    assert (await messages(at, thread.id))[0].sender is Sender.ROBOT
    assert (await look(at, request)).verdict is Verdict.DONE


@pytest.mark.parametrize(
    ("text", "cause"),
    [("Write me on WhatsApp", CauseId.SENSITIVE), ("See https://mugs.example", CauseId.SENSITIVE)],
)
async def test_what_moderation_refuses_is_named(at: House, text: str, cause: CauseId) -> None:
    assert await told(at, reply(waiting(at), text)) == (Verdict.REFUSED, cause)


async def test_what_is_too_long_is_looked_for_rather_than_sent_again(at: House) -> None:
    # TikTok Shop gives one code for a wrong value and for trouble inside.
    with pytest.raises(Temporary):
        await at.send(Verb.REPLY, reply(waiting(at), "x" * 2001))


async def test_conversations_that_are_not_ours_are_named_so(at: House) -> None:
    assert await told(at, Request("", "1", ReplyText("Hello", ""))) == (Verdict.REFUSED, CauseId.NO_THREAD)


async def test_a_closed_conversation_is_named_so(at: House) -> None:
    thread = waiting(at)
    at.sandbox.clocks.advance(6 * DAY)
    for order in at.sandbox.world.chats.orders_with(thread.store, thread.buyer):
        order.created_at -= 90 * DAY
    for message in thread.messages:
        message.sent_at -= 90 * DAY
    found = await chat_of(at).thread(at.store, thread.id)
    assert found is not None and found.can_send is False
    assert await told(at, reply(thread)) == (Verdict.REFUSED, CauseId.CANNOT_SEND)


async def test_of_several_replies_each_ends_in_its_own_way(at: House) -> None:
    first, second = [thread for thread in world_threads(at) if not thread.is_waiting][:2]
    outcomes = await at.send(Verb.REPLY, reply(first), reply(second, "Write me on WhatsApp"))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.DONE, Verdict.REFUSED]
    at.sandbox.faults.replace([fault(f"{first.id}/messages$", drop_after=True)])
    outcomes = await at.send(Verb.REPLY, reply(first, "And one more"), reply(second, "And one more"))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.WAIT, Verdict.DONE]


# --- read marks -----------------------------------------------------------------------------------------------


async def test_a_read_mark_empties_the_count_of_unread(at: House) -> None:
    thread = waiting(at)
    request = Request("", thread.id, ReadMark(thread.messages[-1].id))
    desk = at.desk(Verb.MARK_READ)
    assert (await desk.read_back(at.store, [request]))[0].verdict is Verdict.NOT_DONE
    assert [outcome.verdict for outcome in await at.send(Verb.MARK_READ, request)] == [Verdict.DONE]
    assert (await desk.read_back(at.store, [request]))[0].verdict is Verdict.DONE
    found = await chat_of(at).thread(at.store, thread.id)
    assert found is not None and found.unread == 0
    assert desk.rule.settling is Settling.REPEAT
