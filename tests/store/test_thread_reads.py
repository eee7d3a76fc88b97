"""Reading conversations: rows, a thread and what is older, what belongs together, search, how stores answer."""

from __future__ import annotations

from datetime import date

import pytest

from shoptui.domain.answers import Answers
from shoptui.domain.calendar import Source
from shoptui.domain.clocks import DAY_S, HOUR_S
from shoptui.domain.intents import Cause, CauseId, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.messages import MessageKind, Sender
from shoptui.domain.rule_types import Conditions, RateRule
from shoptui.paths import DataDir
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, line, order
from tests.store.thread_factories import KEY, STORE, Within, message, ours, talk, thread


async def test_a_row_says_what_a_line_needs(house: DataDir, writer: Writer) -> None:
    writer.threads.follow(Within())
    row_id = await talk(
        writer,
        [message(1), message(2, text="hello?\n\n  anybody  there"), message(3, Sender.SYSTEM, "The buyer is waiting.")],
        unread=2,
        can_send=None,
        agent="Mika (support)",
    )
    async with await Reader.open(house) as reader:
        (row,) = await reader.threads.rows([row_id, 99], NOW)
    assert (row.marketplace, row.region, row.buyer, row.unread, row.can_send) == ("tiktok", "TH", "somchai99", 2, None)
    assert (row.last_sender, row.last_kind, row.last_words) == ("buyer", "text", "hello? anybody there")
    assert (row.last_message_id, row.asked_at, row.language) == ("m3", message(1).sent_at, "en")
    assert (row.reply_source, row.agent) == ("rule:reply", "Mika (support)")
    assert not row.not_granted


async def test_a_long_text_is_cut_for_the_line_and_kept_for_the_thread(house: DataDir, writer: Writer) -> None:
    row_id = await talk(writer, [message(1, text="word " * 1500)])
    async with await Reader.open(house) as reader:
        (row,) = await reader.threads.rows([row_id], NOW)
        detail = await reader.threads.thread(row_id, NOW)
    assert len(row.last_words) <= 160
    assert detail is not None and detail.messages[0].text == "word " * 1500


async def test_a_thread_opens_with_its_newest_and_pages_back(house: DataDir, writer: Writer) -> None:
    said = [message(number, text=f"word{number}") for number in range(1, 46)]
    row_id = await talk(writer, said)
    await writer.threads.note(KEY, "mei", "on bench 2", NOW)
    async with await Reader.open(house) as reader:
        detail = await reader.threads.thread(row_id, NOW)
        assert detail is not None and detail.older
        assert list(detail.messages) == said[25:]
        assert [(note.operator, note.text) for note in detail.notes] == [("mei", "on bench 2")]
        older = await reader.threads.older_messages(row_id, detail.messages[0].order_key)
        assert older == said[5:25]
        assert await reader.threads.older_messages(row_id, older[0].order_key) == said[:5]
        assert await reader.threads.older_messages(row_id, said[0].order_key) == []
        whole = await reader.threads.thread(row_id, NOW, 45)
        assert whole is not None and not whole.older
        assert await reader.threads.thread(99, NOW) is None
        assert await reader.threads.older_messages(99, "9") == []


async def test_what_the_marketplace_still_has_is_older_too(house: DataDir, writer: Writer) -> None:
    await writer.threads.put_threads([thread()], NOW)
    await writer.threads.put_messages(*KEY, [message(4), message(5)], NOW, complete_from=False)
    async with await Reader.open(house) as reader:
        detail = await reader.threads.thread(1, NOW)
    assert detail is not None and detail.older and len(detail.messages) == 2


async def test_a_thread_shows_its_replies_and_the_newest_unseen_one(house: DataDir, writer: Writer) -> None:
    row_id = await talk(writer, [message(1)])
    await talk(writer, [message(1, thread_id="T2")])
    for number, thread_id in enumerate(("T1", "T2", "T1")):
        reply = NewIntent(Verb.REPLY, STORE, "", TargetKind.THREAD, thread_id, {"text": f"hello {number}"})
        accepted = await writer.accept_batch(f"b{number}", Verb.REPLY, "mei", "tty", [reply], [NOW], NOW)
        await writer.move(accepted.intent_ids, IntentState.FAILED, now=NOW, cause=Cause(CauseId.OTHER))
    async with await Reader.open(house) as reader:
        detail = await reader.threads.thread(row_id, NOW)
        assert detail is not None
        assert [intent.args["text"] for intent in detail.intents] == ["hello 2", "hello 0"]
        assert (detail.row.act_state, detail.row.act_cause) == (IntentState.FAILED, "other")
        await writer.ack("b2", "mei", NOW)
        await writer.ack("b0", "mei", NOW)
        (row,) = await reader.threads.rows([row_id], NOW)
        assert row.act_state is None


async def test_orders_and_threads_find_each_other(house: DataDir, writer: Writer) -> None:
    await writer.upsert_orders(
        [
            order("111"),
            order("222", created_at=NOW),
            order("333", buyer_id="b9"),
            order("444", store_id="tt-uk-1"),
        ],
        seen_at=NOW,
        now=NOW,
    )
    row_id = await talk(writer, [message(1)])
    async with await Reader.open(house) as reader:
        numbers = [row.order_no for row in await reader.rows(await reader.threads.orders_of_buyer(row_id), NOW)]
        assert numbers == ["222", "111"]
        assert await reader.threads.of_order(STORE, "222") == [row_id]
        assert await reader.threads.of_order(STORE, "111") == [row_id]
        assert await reader.threads.of_order(STORE, "333") == []
        assert await reader.threads.of_order("tt-uk-1", "444") == []
        assert await reader.threads.of_buyer(STORE, "b1") == [row_id]
        assert await reader.threads.row_of(*KEY) == row_id
        linked = await reader.threads.linked_order(row_id)
        assert linked is not None and linked.order_no == "222"
        # A buyer's id is no number people type or scan.
        assert await reader.find("b9") == []


async def test_templates_are_filled_from_the_thread_and_its_order(house: DataDir, writer: Writer) -> None:
    lines = (line(), line("MUG-WH", product_name="Mug", variant_name="", quantity=2))
    await writer.upsert_orders(
        [order("111", lines=lines, tracking_number="TH12", carrier_name="J&T")], seen_at=NOW, now=NOW
    )
    first = await talk(writer, [message(1)])
    second = await talk(writer, [message(1, thread_id="T2")], buyer_id="b2")
    async with await Reader.open(house) as reader:
        values = await reader.threads.template_values([first, second, 99])
        orders = await reader.threads.linked_orders([first, second, 99])
    assert {row_id: found.order_no for row_id, found in orders.items()} == {first: "111"}
    assert orders[first].tracking_number == "TH12"
    assert values == {
        first: {
            "buyer": "somchai99",
            "order": "111",
            "store": "Bangkok bags",
            "tracking": "TH12",
            "carrier": "J&T",
            "items": "Canvas bag red, 2 × Mug",
        },
        second: {"buyer": "somchai99", "store": "Bangkok bags"},
    }


SEARCHES = [
    ("bag", ["T1", "T3"]),
    ("BA", ["T1", "T3"]),
    ("red bag", ["T3"]),
    ("退款", ["T2"]),
    ("款", ["T2"]),
    ("จัดส่ง", ["T2"]),
    ("shop ơi", ["T1"]),
    ("nothing", []),
    ("?!", []),
]


@pytest.mark.parametrize(("text", "found"), SEARCHES)
async def test_search_gives_threads_by_their_newest_hit(
    house: DataDir, writer: Writer, text: str, found: list[str]
) -> None:
    await talk(writer, [message(3, text="red bag", thread_id="T3"), message(90, text="hi", thread_id="T3")])
    await talk(writer, [message(1, text="bag"), message(80, text="a bag", order_key="0"), message(5, text="Shop ơi")])
    await talk(writer, [message(9, text="我要申请退款", thread_id="T2"), message(10, text="ยังไม่จัดส่ง", thread_id="T2")])
    async with await Reader.open(house) as reader:
        rows = await reader.threads.rows(await reader.threads.search(text), NOW)
        assert [row.thread_id for row in rows] == found
        assert len(await reader.threads.search("bag", 1)) == 1


async def test_the_language_follows_the_buyers_newest_words(house: DataDir, writer: Writer) -> None:
    row_id = await talk(writer, [message(1, text="请问什么时候发货"), ours(2, "Hello, it goes out today")])
    async with await Reader.open(house) as reader:

        async def language() -> str:
            (row,) = await reader.threads.rows([row_id], NOW)
            return row.language

        assert await language() == "zh"
        await writer.threads.put_messages(*KEY, [message(3, text="12345 👍")], NOW, complete_from=True)
        assert await language() == "zh"


def rate(days: int, least_percent: int = 80) -> RateRule:
    source = Source("an office", "an invented rule", date(2026, 1, 1))
    return RateRule("r", "f.toml", Conditions("tiktok"), least_percent, days, source)


async def test_how_a_store_answers(house: DataDir, writer: Writer) -> None:
    writer.threads.follow(Within(HOUR_S))
    for number in range(9):
        asked = message(1, ago_s=5 * DAY_S, thread_id=f"T{number}")
        answer = ours(2, ago_s=5 * DAY_S - 600, thread_id=f"T{number}")
        await talk(writer, [asked, answer])
    await talk(writer, [message(1, ago_s=2 * HOUR_S, thread_id="late"), ours(2, ago_s=60, thread_id="late")])
    await talk(writer, [message(1, ago_s=600, thread_id="open")])
    await talk(writer, [message(1, ago_s=20 * DAY_S, thread_id="old")])
    await writer.threads.put_own_figure(STORE, 0.97, 30, NOW - 60)
    async with await Reader.open(house) as reader:
        assert (await reader.threads.answers(NOW - 7 * DAY_S))[STORE] == Answers(in_time=9, late=1, waiting=1)
        found = {one.store_id: one for one in await reader.threads.answers_by_store(NOW, {STORE: rate(7)})}
        plain = (await reader.threads.answers_by_store(NOW))[1]
    store = found[STORE]
    assert (store.waiting, store.due_soon) == (2, 1)
    assert (store.rate_24h, store.rate_7d) == (0.0, 0.9)
    assert store.rate_30d == pytest.approx(9 / 11)
    assert (store.official, store.official_days, store.official_at) == (0.97, 30, NOW - 60)
    assert (store.threshold, store.misses_left) == (0.8, 1)
    assert (found["tt-uk-1"].rate_30d, found["tt-uk-1"].threshold) == (None, None)
    assert plain.threshold is None


async def test_the_header_counts_what_waits_but_not_what_sleeps(house: DataDir, writer: Writer) -> None:
    writer.threads.follow(Within(HOUR_S))
    await talk(writer, [message(1, ago_s=600)])
    await talk(writer, [message(1, ago_s=7200, thread_id="T2")])
    await talk(writer, [message(1, ago_s=600, thread_id="T3")])
    await writer.threads.snooze([(STORE, "T3")], "mei", NOW, until=NOW + DAY_S, for_buyer=False)
    counts = await writer.counts(NOW)
    assert (counts.waiting, counts.replies_missed, counts.replies_under_2h, counts.escalated) == (2, 1, 1, 0)
    async with await Reader.open(house) as reader:
        assert await reader.counts() == counts
        assert await reader.counts(NOW) == counts


async def test_pictures_have_a_kind_in_place_of_words(house: DataDir, writer: Writer) -> None:
    picture = message(2, text="", kind=MessageKind.PICTURE, link="https://img.example/1.jpg", width=1200, height=1600)
    row_id = await talk(writer, [message(1), picture])
    async with await Reader.open(house) as reader:
        detail = await reader.threads.thread(row_id, NOW)
    assert detail is not None
    assert (detail.row.last_words, detail.row.last_kind) == ("", "picture")
    assert detail.messages[-1] == picture
