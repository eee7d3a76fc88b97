"""Conversations in the cache: messages in whatever order, questions and their outcomes, clocks, counters."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoptui.domain.clocks import DAY_S, HOUR_S
from shoptui.domain.messages import MessageKind, MessageState, Sender
from shoptui.domain.reply_clock import ReplyBook
from shoptui.paths import DataDir
from shoptui.queries.inbox import ThreadState
from shoptui.rulebook import load_rule_book
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, order
from tests.store.thread_factories import KEY, STORE, Within, message, ours, talk, thread


def columns(house: DataDir, names: str, row_id: int = 1) -> Any:
    """Columns of a thread's row as they are on the disk."""
    db = sqlite3.connect(f"file:{house.cache}?mode=ro", uri=True)
    try:
        return db.execute(f"SELECT {names} FROM thread WHERE row_id = ?", (row_id,)).fetchone()
    finally:
        db.close()


def counted(house: DataDir) -> dict[str, tuple[int, int, int]]:
    """Per store: questions that wait, that were answered in time, that were not."""
    db = sqlite3.connect(f"file:{house.cache}?mode=ro", uri=True)
    try:
        rows = db.execute("SELECT store_id, sum(waiting), sum(in_time), sum(late) FROM answer_hour GROUP BY store_id")
        return {row[0]: row[1:] for row in rows}
    finally:
        db.close()


async def test_a_message_is_seen_once_however_often_it_comes(writer: Writer) -> None:
    await writer.threads.put_threads([thread()], NOW)
    put = await writer.threads.put_messages(*KEY, [message(2), message(1)], NOW, complete_from=True)
    assert [one.message_id for one in put.seen] == ["m1", "m2"]
    again = await writer.threads.put_messages(*KEY, [message(2), message(3), message(3)], NOW, complete_from=False)
    assert [one.message_id for one in again.seen] == ["m3"]
    nothing = await writer.threads.put_messages(*KEY, [message(2)], NOW, complete_from=False)
    assert (nothing.seen, nothing.changed) == ((), False)
    assert [one.message_id for one in await writer.threads.messages_after(*KEY, "m1")] == ["m2", "m3"]


async def test_messages_of_a_thread_that_is_gone_are_left(writer: Writer) -> None:
    put = await writer.threads.put_messages(STORE, "gone", [message(1)], NOW, complete_from=True)
    assert (put.row_id, put.seen) == (None, ())


async def test_the_clock_runs_from_the_oldest_unanswered_message(house: DataDir, writer: Writer) -> None:
    writer.threads.follow(Within())
    await talk(writer, [message(1), ours(2), message(3), message(4)])
    facts = await writer.threads.facts(*KEY)
    assert facts is not None
    assert facts.state is ThreadState.WAITING
    assert facts.asked_at == message(3).sent_at
    assert facts.reply_at == message(3).sent_at + 12 * HOUR_S
    assert columns(house, "next_at, next_kind, missed_group") == (facts.reply_at, "rply", 1)


STOPS = [
    (ours(3), ThreadState.ANSWERED),
    (message(3, Sender.ROBOT), ThreadState.WAITING),
    (message(3, Sender.PLATFORM), ThreadState.WAITING),
    (message(3, Sender.SYSTEM), ThreadState.WAITING),
    (ours(3, state=MessageState.BLOCKED), ThreadState.WAITING),
    (ours(3, state=MessageState.RECALLED), ThreadState.WAITING),
]


@pytest.mark.parametrize(("last", "state"), STOPS, ids=lambda value: getattr(value, "value", None) or "message")
async def test_what_stops_the_clock(writer: Writer, last: Any, state: ThreadState) -> None:
    writer.threads.follow(Within())
    await talk(writer, [message(2), last])
    facts = await writer.threads.facts(*KEY)
    assert facts is not None and facts.state is state


async def test_robots_answer_where_the_marketplace_counts_them(writer: Writer) -> None:
    writer.threads.follow(Within(answers=frozenset({Sender.STORE, Sender.ROBOT})))
    await talk(writer, [message(2), message(3, Sender.ROBOT)])
    facts = await writer.threads.facts(*KEY)
    assert facts is not None and facts.state is ThreadState.ANSWERED


async def test_each_question_is_judged_by_the_rule_of_its_day(house: DataDir, writer: Writer) -> None:
    """TikTok Shop counted automatic answers in Thailand until August 2025."""
    writer.threads.follow(ReplyBook(load_rule_book(), STORES))
    before = NOW - 300 * DAY_S
    said = [
        message(1, sent_at=before),
        message(2, Sender.ROBOT, sent_at=before + 60),
        message(3, sent_at=before + DAY_S),
        ours(4, sent_at=before + DAY_S + 13 * HOUR_S),
        message(5, ago_s=600),
        message(6, Sender.ROBOT, ago_s=540),
    ]
    await talk(writer, said)
    assert counted(house) == {STORE: (1, 2, 0)}
    facts = await writer.threads.facts(*KEY)
    assert facts is not None and facts.reply_at == NOW - 600 + 12 * HOUR_S


async def test_who_only_came_from_a_product_page_asks_nothing(writer: Writer) -> None:
    await talk(writer, [message(1, kind=MessageKind.NOTICE, text="")])
    facts = await writer.threads.facts(*KEY)
    assert facts is not None and facts.state is ThreadState.ANSWERED


async def test_a_recalled_message_asks_nothing_and_is_found_no_more(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1, text="refund me now")])
    recalled = message(1, text="", state=MessageState.RECALLED)
    put = await writer.threads.put_messages(*KEY, [recalled], NOW, complete_from=False)
    assert (put.seen, put.changed) == ((), True)
    late = await writer.threads.put_messages(*KEY, [message(1, text="refund me now")], NOW, complete_from=False)
    assert not late.changed
    facts = await writer.threads.facts(*KEY)
    assert facts is not None and facts.state is ThreadState.ANSWERED
    assert hits(house, "refund") == []


def hits(house: DataDir, word: str) -> list[int]:
    db = sqlite3.connect(f"file:{house.cache}?mode=ro", uri=True)
    try:
        return [row[0] for row in db.execute("SELECT rowid FROM message_text WHERE message_text MATCH ?", (word,))]
    finally:
        db.close()


async def test_an_edit_replaces_the_words(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1, text="green bag")])
    await writer.threads.put_messages(*KEY, [message(1, text="red bag")], NOW, complete_from=False)
    assert hits(house, "green") == []
    assert len(hits(house, "red")) == 1
    assert columns(house, "last_words") == ("red bag",)


async def test_two_messages_with_one_key_are_both_kept(writer: Writer) -> None:
    first, second = message(1), message(2, order_key="000001")
    await talk(writer, [first, second])
    again = await writer.threads.put_messages(*KEY, [second, first], NOW, complete_from=False)
    assert not again.changed
    assert [one.message_id for one in await writer.threads.messages_after(*KEY, "")] == ["m1", "m2"]


async def test_many_messages_of_one_second_are_all_found(house: DataDir, writer: Writer) -> None:
    flood = [message(number, text="spam", sent_at=NOW) for number in range(600)]
    await talk(writer, flood)
    assert len(hits(house, "spam")) == 600


async def test_a_gap_is_known_until_it_is_filled(writer: Writer) -> None:
    async def whole(*numbers: int, complete_from: bool) -> bool:
        run = [message(number) for number in numbers]
        await writer.threads.put_messages(*KEY, run, NOW, complete_from=complete_from)
        facts = await writer.threads.facts(*KEY)
        assert facts is not None
        return facts.whole

    await writer.threads.put_threads([thread()], NOW)
    assert not await whole(5, 4, complete_from=False)
    assert not await whole(6, 5, complete_from=False)
    assert await whole(4, 3, 2, complete_from=True)
    assert await whole(7, complete_from=True)
    assert not await whole(10, 9, complete_from=False)
    assert await whole(9, 8, 7, 1, complete_from=True)


async def test_an_older_listing_says_nothing(writer: Writer) -> None:
    await writer.threads.put_threads([thread(unread=3, last_at=NOW)], NOW)
    assert await writer.threads.put_threads([thread(unread=1, last_at=NOW - 60)], NOW) == ()
    assert await writer.threads.put_threads([thread(unread=3, last_at=NOW)], NOW) == ()
    assert await writer.threads.put_threads([thread(unread=0, last_at=NOW)], NOW) == (1,)
    assert await writer.threads.known_threads(STORE) == {"T1": ("", 0, 0)}
    await writer.threads.put_messages(*KEY, [message(4), message(5)], NOW, complete_from=True)
    assert await writer.threads.known_threads(STORE) == {"T1": ("m5", message(5).sent_at, 0)}


async def test_a_listing_whose_time_lags_behind_its_messages_still_counts(writer: Writer) -> None:
    await writer.threads.put_threads([thread(unread=3, last_at=NOW - 60)], NOW)
    await writer.threads.put_messages(*KEY, [message(1, sent_at=NOW)], NOW, complete_from=True)
    assert await writer.threads.put_threads([thread(unread=0, last_at=NOW - 60)], NOW) == (1,)


async def test_reading_here_counts_at_once(writer: Writer) -> None:
    await talk(writer, [message(1)])
    assert await writer.threads.set_unread(*KEY, 0) == 1
    assert await writer.threads.set_unread(*KEY, 0) is None


async def test_a_question_is_late_when_its_time_has_come_even_if_nobody_sees_it(house: DataDir, writer: Writer) -> None:
    writer.threads.follow(Within(HOUR_S))
    await talk(writer, [message(1, ago_s=60)])
    assert counted(house) == {STORE: (1, 0, 0)}
    assert await writer.threads.next_clock_at() == NOW - 60 + HOUR_S
    await writer.threads.done([KEY], "mei", True, NOW)
    assert await writer.threads.next_clock_at() == NOW - 60 + HOUR_S
    assert await writer.threads.pass_clocks(NOW + HOUR_S) == (1,)
    assert counted(house) == {STORE: (0, 0, 1)}
    assert await writer.threads.pass_clocks(NOW + HOUR_S) == ()
    assert await writer.threads.next_clock_at() is None


async def test_a_passed_clock_puts_the_thread_among_the_missed(house: DataDir, writer: Writer) -> None:
    writer.threads.follow(Within(HOUR_S))
    await talk(writer, [message(1, ago_s=60)])
    await writer.threads.pass_clocks(NOW + HOUR_S)
    assert columns(house, "missed_group, missed, last_missed_at") == (0, 1, NOW - 60 + HOUR_S)
    counts = await writer.counts(NOW + HOUR_S)
    assert (counts.waiting, counts.replies_missed, counts.replies_under_2h) == (1, 1, 0)
    await writer.threads.put_messages(*KEY, [ours(2, ago_s=-HOUR_S)], NOW + HOUR_S + 1, complete_from=True)
    assert columns(house, "missed_group, missed, last_missed_at") == (1, 0, None)
    assert counted(house) == {STORE: (0, 0, 1)}


async def test_a_change_of_rules_reaches_questions_and_clocks(house: DataDir, writer: Writer) -> None:
    writer.threads.follow(Within(12 * HOUR_S))
    await talk(writer, [message(1, ago_s=3 * HOUR_S), ours(2, ago_s=HOUR_S), message(3, ago_s=60)])
    assert counted(house) == {STORE: (1, 1, 0)}
    writer.threads.follow(Within(HOUR_S))
    assert [rows async for rows in writer.threads.recompute_all(NOW)] == [(1,)]
    assert counted(house) == {STORE: (1, 0, 1)}
    assert columns(house, "next_at") == (NOW - 60 + HOUR_S,)
    assert [rows async for rows in writer.threads.recompute_all(NOW)] == []


async def test_soonest_reply_is_of_the_store_and_the_time_asked_for(writer: Writer) -> None:
    writer.threads.follow(Within(HOUR_S))
    await talk(writer, [message(1, ago_s=60)])
    due_at = NOW - 60 + HOUR_S
    assert await writer.threads.soonest_reply(STORE, NOW, due_at + 1) == due_at
    assert await writer.threads.soonest_reply(STORE, NOW, due_at) is None
    assert await writer.threads.soonest_reply("tt-uk-1", NOW, due_at + 1) is None


async def test_which_order_a_thread_is_about(house: DataDir, writer: Writer) -> None:
    await writer.upsert_orders(
        [order("111"), order("222", created_at=NOW), order("333", created_at=NOW + 1, buyer_id="b2")],
        seen_at=NOW,
        now=NOW,
    )
    await talk(writer, [message(1)])
    assert columns(house, "order_no") == ("222",)
    await writer.threads.put_threads([thread(order_no="111", unread=2)], NOW)
    assert columns(house, "order_no") == ("111",)
    card = message(2, kind=MessageKind.ORDER, text="", reference="333")
    await writer.threads.put_messages(*KEY, [card], NOW, complete_from=True)
    assert columns(house, "order_no") == ("333",)
    written_from = message(3, text="And this one?", reference="222")
    await writer.threads.put_messages(*KEY, [written_from], NOW, complete_from=True)
    assert columns(house, "order_no") == ("222",)
    assert await writer.threads.link_order(KEY, "444", "mei", NOW)
    assert columns(house, "order_no") == ("444",)
    assert await writer.threads.of_order(STORE, "444") == ["T1"]
    assert await writer.threads.link_order(KEY, "", "mei", NOW)
    assert columns(house, "order_no") == ("222",)


# Whatever way messages arrive

_SENDERS = st.sampled_from([Sender.BUYER, Sender.BUYER, Sender.STORE, Sender.ROBOT, Sender.SYSTEM])
_THREADS = st.lists(st.tuples(_SENDERS, st.booleans()), min_size=1, max_size=9)


@given(said=_THREADS, data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_arrival_order_changes_nothing(writer: Writer, house: DataDir, said: Any, data: st.DataObject) -> None:
    writer.threads.follow(Within(HOUR_S))
    await writer.threads.forget(STORE)
    messages = [
        message(number, sender, f"word{number}", ago_s=(10 - number) * 2000, kind=_kind(notice))
        for number, (sender, notice) in enumerate(said, start=1)
    ]
    names = "state, asked_at, answered_at, next_at, missed, last_sender, last_words, last_message_id, uncounted_at"
    first = columns(house, names, await talk(writer, messages))
    first_counts = counted(house)
    await writer.threads.forget(STORE)
    assert counted(house) == {}
    await writer.threads.put_threads([thread()], NOW)
    shuffled = data.draw(st.permutations(messages))
    cut = data.draw(st.integers(0, len(shuffled)))
    # A later batch repeats some of an earlier one.
    for batch in (shuffled[:cut], shuffled[max(0, cut - 2) :], shuffled[:1]):
        put = await writer.threads.put_messages(*KEY, batch, NOW, complete_from=False)
    assert put.row_id is not None
    assert columns(house, names, put.row_id) == first
    assert counted(house) == first_counts


def _kind(notice: bool) -> MessageKind:
    return MessageKind.NOTICE if notice else MessageKind.TEXT


async def test_forgetting_a_store_leaves_no_word_behind(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1), ours(2)])
    await talk(writer, [replace(message(1, text="mug"), store_id="tt-uk-1")])
    await writer.remove_store(STORE)
    assert hits(house, "bag") == []
    assert len(hits(house, "mug")) == 1
    assert counted(house).keys() == {"tt-uk-1"}
    assert await writer.threads.known_threads(STORE) == {}
