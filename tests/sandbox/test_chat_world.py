"""The conversations of the simulated world: what there is at the start, who may write when, how buyers react."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shoptui.sandbox.clock import Clocks
from shoptui.sandbox.settings import Settings
from shoptui.sandbox.sides import SIDES
from shoptui.sandbox.world.build import build_world
from shoptui.sandbox.world.chat_model import ChatRules, ChatThread, Speaker, TalkKind
from shoptui.sandbox.world.languages import TALKS, language_of
from shoptui.sandbox.world.life import Life
from shoptui.sandbox.world.model import Order
from shoptui.sandbox.world.refusal import Reason, Refused
from shoptui.sandbox.world.talk import Topic
from shoptui.sandbox.world.world import World

from .caller import START_AT

DAY = 86_400


def made(
    *, chats: int = 250, chat_rate: float = 0.0, stores: int = 18, orders: int = 1500, seed: int = 1
) -> tuple[World, Life]:
    return build_world(
        clocks=Clocks(start_at=START_AT, frozen=True),
        settings=Settings(),
        markets=[SIDES[name].market for name in SIDES],
        seed=seed,
        stores=stores,
        orders=orders,
        rate=0,
        chats=chats,
        chat_rate=chat_rate,
    )


def threads(world: World) -> list[ChatThread]:
    return [thread for store in world.stores.values() for thread in world.chats.threads_of(store)]


def story(world: World) -> list[tuple[str, ...]]:
    return [
        (thread.id, one.id, one.by, one.kind, one.text, str(one.sent_at))
        for thread in threads(world)
        for one in thread.messages
    ]


@pytest.fixture(scope="module")
def filled() -> World:
    return made()[0]


def small(**options: int) -> tuple[World, Life, Order]:
    world, life = made(chats=0, stores=3, orders=30, **options)
    store = world.stores_of("tiktok")[0]
    return world, life, world.orders_of(store.id)[-1]


def test_a_demo_has_believable_conversations(filled: World) -> None:
    found = threads(filled)
    assert len(found) == 250
    assert 20 <= sum(thread.is_waiting for thread in found) <= 40
    assert {thread.language for thread in found} == {"en", "zh", "th", "vi", "id", "ms", "tl", "ja"}
    assert sum(len(thread.messages) > 3 for thread in found) > 100
    assert all(filled.chats.threads_of(store) for store in filled.stores.values())


def test_conversations_are_about_the_buyers_own_orders_and_in_their_time(filled: World) -> None:
    for thread in threads(filled):
        assert thread.order is not None
        assert thread.order.store is thread.store and thread.order.buyer is thread.buyer
        times = [one.sent_at for one in thread.messages]
        assert times == sorted(times) and times[-1] <= START_AT
        assert times[0] >= thread.order.created_at


def test_newest_activity_stands_first(filled: World) -> None:
    for store in filled.stores.values():
        last = [thread.messages[-1].sent_at for thread in filled.chats.threads_of(store)]
        assert last == sorted(last, reverse=True)


def test_what_waits_is_unread_or_read_and_what_is_answered_is_read(filled: World) -> None:
    assert all(thread.unread == 0 for thread in threads(filled) if not thread.is_waiting)
    waiting = [thread for thread in threads(filled) if thread.is_waiting]
    assert any(thread.unread for thread in waiting) and any(not thread.unread for thread in waiting)


def test_one_store_of_each_large_marketplace_has_no_chat(filled: World) -> None:
    without = [store for store in filled.stores.values() if not filled.chats.is_granted(store)]
    assert sorted(store.marketplace for store in without) == sorted(SIDES)


def test_equal_seeds_tell_equal_stories() -> None:
    assert story(made(chats=30, stores=3, orders=120)[0]) == story(made(chats=30, stores=3, orders=120)[0])
    assert story(made(chats=30, stores=3, orders=120)[0]) != story(made(chats=30, stores=3, orders=120, seed=2)[0])


def test_nobody_talks_unless_asked_for() -> None:
    world, _life, _order = small()
    world.clocks.advance(2 * DAY)
    world.catch_up()
    assert threads(world) == []


@pytest.mark.parametrize("language", sorted(TALKS))
def test_every_language_has_words_for_every_topic(language: str) -> None:
    talk = TALKS[language]
    assert set(talk.subjects) == set(Topic)
    sentences = [
        text
        for subject in talk.subjects.values()
        for texts in (subject.asks, subject.adds, subject.answers, subject.back)
        for text in texts
    ]
    assert len(set(sentences)) == len(sentences) >= 36
    for text in (*sentences, *talk.thanks, *talk.nudges, *talk.closings, talk.robot):
        assert text.format(order="577", item="Mug", store="Mug House").strip()


def test_unknown_regions_write_english() -> None:
    assert language_of("ZZ", 0.5) == "en"


# --- speaking -------------------------------------------------------------------------------------------------


def test_a_question_waits_until_a_person_answers() -> None:
    world, _life, order = small()
    chats = world.chats
    thread = chats.open_thread(order.store, order, START_AT)
    assert not thread.is_waiting
    chats.say(thread, Speaker.BUYER, "", START_AT, kind=TalkKind.FROM_ORDER, reference=order.id)
    assert not thread.is_waiting and thread.unread == 0
    chats.say(thread, Speaker.BUYER, "Hello?", START_AT)
    assert thread.is_waiting and thread.unread == 1
    chats.say_as_store(thread, "We are closed.", START_AT, by=Speaker.ROBOT)
    assert thread.is_waiting and thread.unread == 1
    chats.say_as_store(thread, "It is on its way.", START_AT)
    assert not thread.is_waiting and thread.unread == 0


def test_one_buyer_has_one_conversation_with_a_store() -> None:
    world, _life, order = small()
    first = world.chats.open_thread(order.store, order, START_AT)
    assert world.chats.open_thread(order.store, order, START_AT + 5) is first
    assert world.chats.with_buyer(order.store, order.buyer.id) is first
    other = world.stores_of("tiktok")[-1] if len(world.stores_of("tiktok")) > 1 else world.stores_of("shopee")[0]
    assert world.chats.thread_of(other, first.id) is None


def test_reading_and_unreading() -> None:
    world, _life, order = small()
    thread = world.chats.open_thread(order.store, order, START_AT)
    first = world.chats.say(thread, Speaker.BUYER, "One", START_AT)
    world.chats.say(thread, Speaker.BUYER, "Two", START_AT)
    assert world.chats.mark_read(thread, START_AT, up_to=first) == 2
    assert thread.unread == 1
    assert world.chats.mark_read(thread, START_AT) == 1
    assert thread.unread == 0
    world.chats.mark_unread(thread, START_AT)
    assert thread.unread == 1


def refused(world: World, thread: ChatThread, text: str, at: int) -> Reason | None:
    try:
        world.chats.say_as_store(thread, text, at)
    except Refused as error:
        return error.reason
    return None


def test_a_closed_conversation_opens_again_when_the_buyer_writes() -> None:
    world, _life, order = small()
    thread = world.chats.open_thread(order.store, order, START_AT)
    late = START_AT + 90 * DAY
    assert refused(world, thread, "Hello", late) is Reason.CHAT_CLOSED
    world.chats.say(thread, Speaker.BUYER, "Hello", late)
    assert refused(world, thread, "Hello", late + 29 * DAY) is None
    assert refused(world, thread, "Hello", late + 31 * DAY) is Reason.CHAT_CLOSED


def test_what_the_market_does_not_let_through() -> None:
    world, _life, order = small()
    rules = ChatRules(unanswered_max=2, text_max=20, blocks=("whatsapp",))
    world.markets["tiktok"] = replace(world.markets["tiktok"], chat=rules)
    thread = world.chats.open_thread(order.store, order, START_AT)
    assert refused(world, thread, " ", START_AT) is Reason.CHAT_EMPTY
    assert refused(world, thread, "x" * 21, START_AT) is Reason.CHAT_TOO_LONG
    assert refused(world, thread, "WhatsApp me", START_AT) is Reason.CHAT_SENSITIVE
    assert [refused(world, thread, "Hello", START_AT) for _ in range(3)] == [None, None, Reason.CHAT_UNANSWERED]
    world.chats.say(thread, Speaker.BUYER, "Yes?", START_AT)
    assert refused(world, thread, "Hello", START_AT) is None


def test_a_store_may_not_take_back_what_is_old() -> None:
    world, _life, order = small()
    thread = world.chats.open_thread(order.store, order, START_AT)
    ours = world.chats.say_as_store(thread, "Oops", START_AT)
    with pytest.raises(Refused):
        world.chats.recall(ours, START_AT + 600)
    theirs = world.chats.say(thread, Speaker.BUYER, "Oops", START_AT)
    world.chats.recall(theirs, START_AT + 600)
    assert theirs.recalled_at == START_AT + 600 and not thread.is_waiting


def test_first_answers_in_time_are_counted() -> None:
    world, _life, order = small()
    thread = world.chats.open_thread(order.store, order, START_AT)
    for asked_at, answered_at in ((0, 3600), (2 * DAY, 4 * DAY), (5 * DAY, None)):
        world.chats.say(thread, Speaker.BUYER, "?", START_AT + asked_at)
        if answered_at is not None:
            world.chats.say_as_store(thread, "!", START_AT + answered_at)
    assert world.chats.answered_in_time(order.store, START_AT, START_AT + 5 * DAY) == (2, 1)
    assert world.chats.answered_in_time(order.store, START_AT, START_AT + 7 * DAY) == (3, 1)


# --- life -----------------------------------------------------------------------------------------------------


def test_buyers_react_to_answers_within_minutes_and_some_never() -> None:
    world, _life = made(chats=200, stores=6, orders=900)
    waiting = [thread for thread in threads(world) if thread.is_waiting]
    for thread in waiting:
        world.chats.say_as_store(thread, "It is on its way.", START_AT)
    world.clocks.advance(60)
    world.catch_up()
    at_once = sum(thread.is_waiting for thread in waiting)
    world.clocks.advance(600)
    world.catch_up()
    later = sum(thread.is_waiting for thread in waiting)
    assert at_once <= later
    assert 0 < later < len(waiting)


def test_new_questions_keep_coming_at_their_rate() -> None:
    world, _life = made(chats=0, chat_rate=2.0, stores=6, orders=900)
    world.clocks.advance(3600)
    world.catch_up()
    asked = sum(one.is_question for thread in threads(world) for one in thread.messages)
    assert 90 <= asked <= 260
    assert all(world.chats.is_granted(thread.store) for thread in threads(world))


def test_who_gets_no_answer_asks_again() -> None:
    world, life, order = small()
    life.chats.ask(order, START_AT)
    world.clocks.advance(9 * 3600)
    world.catch_up()
    (thread,) = threads(world)
    said = [one.text for one in thread.messages if one.is_question]
    assert said[-1] in TALKS[thread.language].nudges
