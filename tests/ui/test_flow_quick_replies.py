"""Quick replies over a real engine and the sandbox: five buyers with six keys, one changed first, own texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shoptui.domain.templates import QuickReply
from shoptui.quick_replies import keep_quick_replies, load_quick_replies, quick_replies_path
from shoptui.screens.inbox import InboxPlace
from tests.engine.chat_support import Talks, talks
from tests.ui.flow_support import FlowCockpit, Served, flow_cockpit, serving

HOUR = 3600
REPLIES = (
    QuickReply(1, "thanks", {"en": "Thank you, {buyer}!"}),
    QuickReply(
        3,
        "ships today",
        {
            "en": "Order {order} leaves at {van}, arrives {eta}.",
            "th": "{order} ออก {van} ถึง {eta}",
            "vi": "Đơn {order} đi lúc {van}, đến {eta}.",
        },
    ),
    QuickReply(4, "tracking", {"en": "It is {tracking}, {buyer}."}),
)


@asynccontextmanager
async def waiting_buyers(root: Path, *, waiting: int = 5) -> AsyncIterator[tuple[Talks, Served]]:
    """A house in which so many buyers ask about orders that are not shipped, with under two hours left to answer."""
    async with talks(root, chats=1, stores=4, regions=("TH", "VN")) as found:
        data_dir = found.made.data_dir
        (data_dir.root / "config.toml").write_text('[inbox]\nvan = "18:00"\n')
        keep_quick_replies(quick_replies_path(data_dir), REPLIES)
        orders = [order for order in found.live.world.orders.values() if order.status == "to_ship"]
        for place, order in enumerate(orders[:waiting]):
            text = "Bao giờ giao hàng vậy shop?" if place % 2 else "เมื่อไหร่จะส่งคะ รอมาสามวันแล้ว"
            found.live.poke("buyer_writes", order_id=order.id, text=text)
        # TikTok Shop gives twelve hours.
        found.made.advance(10 * HOUR + 1800)
        await found.settle()
        async with serving(found.made, found.engine) as served:
            yield found, served


async def go_to_urgent(under_test: FlowCockpit) -> InboxPlace:
    """`g i 1`."""
    await under_test.do("go.screen")
    await under_test.press("i")
    await under_test.press("1")
    place = under_test.app.frame.place
    assert isinstance(place, InboxPlace)
    return place


def replies(found: Talks) -> list[str]:
    """What the sandbox took from stores, in its order."""
    return [str(entry["text"]) for entry in found.live.journal() if entry["op"] == "chat_send"]


async def test_five_urgent_buyers_are_answered_with_six_keys_and_f9(tmp_path: Path) -> None:
    async with waiting_buyers(tmp_path) as (found, served), flow_cockpit(served) as under_test:
        await go_to_urgent(under_test)
        await under_test.do("mark.all")
        await under_test.do("thread.template")
        assert "QUICK REPLY to 6 threads: choose by number" in under_test.screen_text()
        await under_test.press("3")
        text = under_test.screen_text()
        # The sixth asks about a parcel that has left: it lacks a value, and is named with the reason.
        assert 'REPLY 3 "ships today" to 5 of 6 buyers' in text
        assert "{van} is empty for 1 of 6: left already, or never will" in text
        await under_test.confirm()
        assert "then REPLY 5 goes out" in under_test.line("message")
        assert replies(found) == [], "everything is held first"
        await under_test.pass_time(11)
        await under_test.to_the_end()
        sent = replies(found)
        assert len(set(sent)) == len(sent) == 5
        assert all(" 18:00 " in words or "18:00," in words for words in sent)
        assert sum("ออก" in words for words in sent) == 3
        assert sum(words.startswith("Đơn") for words in sent) == 2
        assert "5 replies sent" in under_test.message()
        assert len(await found.rows("reply:<2h")) == 1, "their clocks have stopped"


async def test_each_text_can_be_read_and_everybody_left_out_is_named(tmp_path: Path) -> None:
    async with waiting_buyers(tmp_path, waiting=2) as (_found, served), flow_cockpit(served) as under_test:
        await go_to_urgent(under_test)
        await under_test.do("mark.all")
        await under_test.do("thread.template", 1)
        await under_test.press("3")
        assert "1 of 2" in under_test.screen_text()
        await under_test.press("]")
        assert "2 of 2" in under_test.screen_text()
        await under_test.press("tab")
        assert "{van} is empty: left already, or never will" in under_test.screen_text()
        await under_test.press("4")
        text = under_test.screen_text()
        assert 'REPLY 4 "tracking" to 1 of 3 buyers' in text
        assert "{tracking} is empty for 2 of 3: not shipped yet" in text
        assert "in English: no text in Thai" in text
        await under_test.do("strip.leave")
        assert not under_test.app.frame.strip.is_open


async def test_one_is_changed_before_it_goes_and_f7_brings_other_words(tmp_path: Path) -> None:
    async with waiting_buyers(tmp_path, waiting=1) as (found, served), flow_cockpit(served) as under_test:
        place = await go_to_urgent(under_test)
        await under_test.do("row.down")
        await under_test.do("thread.template")
        await under_test.press("1", "enter")
        await under_test.until(lambda: place.composer is not None)
        await under_test.settled()
        assert place.composer is not None
        assert place.composer.words.startswith("Thank you, ")
        assert 'quick reply 1 "thanks"' in under_test.screen_text()
        await under_test.type(" Bye")
        assert place.composer.words.endswith("! Bye")
        await under_test.do("text.template")
        await under_test.until(lambda: place.composer is not None and "ออก 18:00" in place.composer.words)
        await under_test.do("text.template")
        await under_test.until(lambda: place.composer is not None and place.composer.words.endswith("! Bye"))
        await under_test.confirm()
        await under_test.pass_time(11)
        await under_test.to_the_end()
        (words,) = replies(found)
        assert words.startswith("Thank you, ") and words.endswith("! Bye")


async def test_a_colleague_who_was_faster_leaves_his_buyer_out(tmp_path: Path) -> None:
    async with waiting_buyers(tmp_path, waiting=3) as (found, served), flow_cockpit(served) as under_test:
        await go_to_urgent(under_test)
        await under_test.do("mark.all")
        await under_test.do("thread.template")
        row = (await found.rows("reply:<2h is:unread"))[-1]
        found.poke("seller_writes", row.store_id, thread_id=row.thread_id, text="an was faster")
        await found.polled(120)
        await under_test.press("1")
        await under_test.until(lambda: "has answered since" in under_test.screen_text())
        assert 'REPLY 1 "thanks" to 3 of 4 buyers' in under_test.screen_text()
        await under_test.confirm()
        await under_test.pass_time(11)
        await under_test.to_the_end()
        assert len([words for words in replies(found) if words.startswith("Thank you")]) == 3


async def test_a_quick_reply_is_changed_from_the_strip_and_used(tmp_path: Path) -> None:
    async with waiting_buyers(tmp_path, waiting=1) as (_found, served), flow_cockpit(served) as under_test:
        await go_to_urgent(under_test)
        await under_test.do("thread.template")
        await under_test.press("E")
        await under_test.until(lambda: "3 QUICK REPLIES" in under_test.screen_text())
        await under_test.press("1")
        listed = [line for line in under_test.screen_text().splitlines() if " rply " in line]
        assert len(listed) == 2, "the list stays in view above a long strip"
        await under_test.press("3")
        assert "QUICK REPLY 1 in English" in under_test.screen_text()
        await under_test.type(" {stor}")
        assert "{stor} is no variable: did you mean {store}?" in under_test.screen_text()
        await under_test.press("backspace")
        await under_test.type("e}")
        await under_test.confirm()
        await under_test.until(lambda: "is kept, for everybody" in under_test.screen_text())
        path = quick_replies_path(served.made.data_dir)
        kept = {reply.number: reply for reply in load_quick_replies(path)}
        assert kept[1].texts["en"] == "Thank you, {buyer}! {store}"
        await under_test.do("strip.leave")
        await under_test.do("undo.last")
        assert load_quick_replies(path) == REPLIES


async def test_conversations_are_marked_read_after_a_question(tmp_path: Path) -> None:
    async with waiting_buyers(tmp_path, waiting=3) as (found, served), flow_cockpit(served) as under_test:
        await go_to_urgent(under_test)
        await under_test.do("mark.all")
        unread = len(await found.rows("reply:<2h is:unread"))
        assert unread
        await under_test.do("thread.read")
        assert f"MARK READ {unread} threads" in under_test.screen_text()
        assert "wait for an answer" in under_test.screen_text()
        await under_test.confirm()
        await under_test.to_the_end()
        assert await found.rows("reply:<2h is:unread") == []


async def test_how_stores_answer_stands_under_a_wide_list_and_leads_to_one(tmp_path: Path) -> None:
    async with waiting_buyers(tmp_path, waiting=3) as (_found, served):
        async with flow_cockpit(served, (120, 40)) as under_test:
            await go_to_urgent(under_test)
            await under_test.until(lambda: "Stores: waiting" in under_test.screen_text())
            row = next(line for line in under_test.screen_text().splitlines() if line.startswith(" tt-th-1  "))
            assert row.split()[1] != "-", "somebody waits there"
        async with flow_cockpit(served) as under_test:
            place = await go_to_urgent(under_test)
            assert "Stores: waiting" not in under_test.screen_text()
            await under_test.do("answers.open")
            await under_test.until(lambda: "HOW STORES ANSWER" in under_test.screen_text())
            await under_test.press("enter")
            assert place.filter_text.startswith("store:tt-th-")
