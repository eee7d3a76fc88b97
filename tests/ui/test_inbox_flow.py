"""Answering buyers from the cockpit: a real engine over the sandbox, keys alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
import pytest_asyncio

from shoptui.command_state import Context
from shoptui.domain.intents import IntentState
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.screens.inbox import InboxPlace
from tests.engine.chat_support import Talks, talks
from tests.engine.desk_support import AN
from tests.ui.flow_support import FlowCockpit, Served, flow_place, serving, stand_on

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Talks, Served]]:
    async with talks(tmp_path_factory.mktemp("inbox"), chats=24) as found, serving(found.made, found.engine) as served:
        yield found, served


def inbox(
    served: Served, size: tuple[int, int] = (80, 24)
) -> AbstractAsyncContextManager[tuple[FlowCockpit, InboxPlace]]:
    return flow_place(served, Context.INBOX, InboxPlace, size)


async def free(found: Talks) -> ThreadRow:
    """A conversation that waits for an answer and has none under way."""
    await found.settle()
    rows = [row for row in await found.rows("") if row.can_send is not False and row.act_state is None]
    waiting = [row for row in rows if row.state is ThreadState.WAITING]
    if waiting:
        return waiting[0]
    found.poke("buyer_writes", rows[0].store_id, thread_id=rows[0].thread_id, text="Are you there?")
    await found.polled()
    return next(row for row in await found.rows("is:waiting") if row.row_id == rows[0].row_id)


async def write(under_test: FlowCockpit, words: str) -> None:
    """Open the composer and write in it; what is there from a reply that was taken back goes."""
    await under_test.do("thread.reply")
    await under_test.press("ctrl+u")
    await under_test.type(words)


def held(place: InboxPlace) -> str:
    return place.pane.content_text


async def test_a_reply_is_sent_once_and_the_next_thread_comes(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = await free(found)
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await write(under_test, "It ships today (a)")
        assert f"Reply as {row.store_id} to" in under_test.screen_text()
        hello = under_test.app.session.hello
        assert hello is not None
        assert f"18/{hello.replies[row.marketplace].text_max}" in under_test.screen_text()
        await under_test.confirm()
        assert not under_test.app.frame.strip.is_open
        assert place.grid.cursor_id != row.row_id, "on to the next one"
        assert under_test.app.session.memory.drafts == {}
        assert "z takes" in under_test.message()
        assert found.said("It ships today (a)") == 0, "held first"
        await stand_on(under_test, place, row)
        assert "It ships today (a)" in held(place) and "waits, z takes back" in held(place)
        await under_test.pass_time(11)
        await found.settle()
        await under_test.settled()
        assert found.said("It ships today (a)") == 1
        assert held(place).count("It ships today (a)") == 1, "once in the thread, too"


async def test_what_is_taken_back_is_written_on_with(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = await free(found)
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await write(under_test, "Not quite (b)")
        await under_test.confirm()
        await under_test.do("undo.last")
        await under_test.pass_time(11)
        assert found.said("Not quite (b)") == 0
        await stand_on(under_test, place, row)
        await under_test.do("thread.reply")
        assert under_test.app.frame.strip.field_value() == "Not quite (b)"
        await under_test.press("escape")


async def test_an_answer_that_came_between_is_told_before_anything_is_sent(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = await free(found)
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await write(under_test, "Mine all the same (c)")
        found.poke("seller_writes", row.store_id, thread_id=row.thread_id, text="Answered in Seller Center")
        await found.polled()
        await under_test.settled()
        assert "Answered meanwhile" in under_test.screen_text()
        assert "send all the same" in under_test.screen_text()
        await under_test.confirm()
        await under_test.pass_time(11)
        await found.settle()
        assert found.said("Mine all the same (c)") == 1


async def test_a_colleague_on_the_thread_is_told_and_taken_over_from(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = await free(found)
    await found.ask("claim_thread", AN, threads=[[row.store_id, row.thread_id]], on=True)
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await write(under_test, "I take this (d)")
        assert "an is on this conversation" in under_test.screen_text()
        await under_test.confirm()
        assert not under_test.app.frame.strip.is_open
        await under_test.do("undo.last")
    await found.ask("claim_thread", AN, threads=[[row.store_id, row.thread_id]], on=False)


async def test_a_refused_reply_stays_in_the_strip_with_the_reason(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = await free(found)
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await write(under_test, "see {order} soon")
        assert "{order} is still to be filled in" in under_test.screen_text()
        await under_test.do("strip.do")
        assert "still to be filled in" in under_test.message()
        assert under_test.app.frame.strip.field_value() == "see {order} soon"
        await under_test.press("escape")
        assert under_test.app.session.memory.drafts == {
            f"reply:{row.store_id}/{row.thread_id}": "see {order} soon",
        }
        await under_test.do("thread.reply")
        assert under_test.app.frame.strip.field_value() == "see {order} soon"
        await under_test.press("ctrl+u", "escape")
        assert under_test.app.session.memory.drafts == {}


async def test_the_desk_verbs_reach_the_engine_and_z_undoes_them(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = await free(found)
    key = (row.store_id, row.thread_id)

    async def now() -> ThreadRow:
        return next(each for each in await found.rows("") if (each.store_id, each.thread_id) == key)

    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.do("row.claim")
        assert (await now()).claimed_by == under_test.app.session.operator
        await under_test.do("undo.last")
        assert (await now()).claimed_by == ""
        await under_test.do("row.assign")
        await under_test.press("1")
        assert (await now()).assignee == under_test.app.session.operator
        await under_test.do("row.snooze")
        await under_test.press("1")
        asleep = await now()
        assert asleep.snoozed_until is not None and not asleep.snoozed_for_buyer
        await under_test.do("undo.last")
        assert (await now()).snoozed_until is None
        await under_test.do("thread.escalate")
        await under_test.type("refund or not?")
        await under_test.press("enter")
        assert "no supervisor is set" in under_test.message()
        await under_test.do("thread.escalate")
        assert under_test.app.frame.strip.field_value() == "refund or not?", "typed once is enough"
        await under_test.press("ctrl+u")
        await under_test.type("@an refund or replace?")
        await under_test.press("enter")
        escalated = await now()
        assert (escalated.escalated_to, escalated.escalation_reason) == ("an", "refund or replace?")
        await under_test.do("row.note")
        await under_test.type("on bench 2")
        await under_test.press("enter")
        assert (await now()).has_note
        await under_test.settled()
        assert "on bench 2" in held(place) and "never leaves us" in held(place)
        await under_test.do("thread.done")
        assert (await now()).state is ThreadState.DONE
        await under_test.do("undo.last")
        assert (await now()).state is ThreadState.WAITING


async def test_an_order_leads_to_its_buyer_and_back(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = next(each for each in await found.rows("is:linked") if each.order_no and each.act_state is None)
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("g", "o")
        orders = under_test.app.frame.orders
        on_order = orders.grid.cursor_row
        assert on_order is not None and on_order.order_no == row.order_no
        await under_test.press("escape")
        await under_test.do("row.message")
        assert under_test.app.frame.place is place
        assert f"Reply as {row.store_id}" in under_test.screen_text()
        await under_test.press("escape")


async def test_a_failed_reply_is_mended_where_it_stands(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = await free(found)
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await write(under_test, "First try (f)")
        await under_test.confirm()
        found.poke("seller_writes", row.store_id, thread_id=row.thread_id, text="somebody else was first")
        await served.engine.turn()
        await under_test.pass_time(11)
        await served.engine.turn()
        await under_test.settled()
        failed = next(each for each in await found.rows("") if each.row_id == row.row_id)
        assert failed.act_state is IntentState.FAILED
        assert found.said("First try (f)") == 0
        await stand_on(under_test, place, row)
        assert "e mends it" in held(place)
        await under_test.do("thread.mend")
        assert under_test.app.frame.strip.field_value() == "First try (f)"
        await under_test.type("!")
        await under_test.confirm()
        await under_test.pass_time(11)
        await found.settle()
        assert found.said("First try (f)!") == 1


async def test_what_nobody_can_prove_is_settled_by_the_operator(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = await free(found)
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await write(under_test, "Did this arrive? (g)")
        await under_test.confirm()
        lost = {"match": {"method": "POST", "path": r"/messages$", "times": 1}, "do": {"drop_before": True}}
        found.live.faults.replace([lost])
        await under_test.pass_time(11)
        for _look in range(8):
            await found.polled(60)
        await stand_on(under_test, place, row)
        assert "Unsure if it was sent" in held(place)
        await under_test.do("thread.reply")
        assert not under_test.app.frame.strip.is_open, "nothing more is said while nobody knows"
        await under_test.do("thread.settle", 1)
        assert "IT WAS NOT SENT" in under_test.screen_text()
        await under_test.press("1")
        await under_test.confirm()
        await under_test.settled()
        assert "was not done" in held(place) and "e mends it" in held(place)
        assert found.said("Did this arrive? (g)") == 0


async def test_a_conversation_is_linked_to_an_order_and_leads_there(house: tuple[Talks, Served]) -> None:
    found, served = house
    row = next(each for each in await found.rows("is:linked") if each.order_no)
    other = next(
        order.id
        for order in found.live.world.orders.values()
        if order.store.id == found.shop_of(row.store_id) and order.id != row.order_no
    )

    async def about() -> str:
        return (await found.facts(row.store_id, row.thread_id)).order_no

    async with inbox(served) as (under_test, place):

        async def goes_to(order_no: str) -> None:
            await stand_on(under_test, place, row)
            await under_test.do("go.screen")
            await under_test.press("o")
            on_order = under_test.app.frame.orders.grid.cursor_row
            assert on_order is not None and (on_order.store_id, on_order.order_no) == (row.store_id, order_no)
            under_test.app.frame.show_place(Context.INBOX)
            await under_test.settled()

        async def ask() -> None:
            """It is in the menu only."""
            await stand_on(under_test, place, row)
            under_test.app.frame.action_command("thread.link", "")
            await under_test.settled()

        await goes_to(row.order_no)
        await ask()
        assert "WHICH ORDER is it about?" in under_test.screen_text()
        assert f"{row.order_no[-10:]}" in under_test.screen_text() and "(now)" in under_test.screen_text()
        await under_test.press("o")
        await under_test.type("not an order")
        await under_test.press("enter")
        assert await about() == row.order_no and "has no order" in under_test.message()

        await ask()
        await under_test.press("o")
        await under_test.type(other)
        await under_test.press("enter")
        await under_test.settled()
        assert await about() == other and f"It is about order {other}." in under_test.message()
        await goes_to(other)
        await under_test.do("undo.last")
        assert await about() == row.order_no
        linked = found.engine.house.writer.threads.linked
        assert await linked((row.store_id, row.thread_id)) == "", "the marketplace decides again"
        await ask()
        await under_test.press("0")
        await under_test.settled()
        assert "what the marketplace says" in under_test.message() and await about() == row.order_no


async def test_the_engine_knows_which_conversation_is_before_somebody(house: tuple[Talks, Served]) -> None:
    found, served = house
    rows = (await found.rows(""))[:2]

    def opened() -> set[str]:
        return {thread_id for lane in found.engine.lanes.values() for thread_id in lane.chat._open}

    for lane in found.engine.lanes.values():
        lane.chat._open.clear()
    async with inbox(served) as (under_test, place):
        await stand_on(under_test, place, rows[1])
        assert not opened(), "resting on a row opens nothing"
        await stand_on(under_test, place, rows[0])
        await under_test.do("row.open")
        await under_test.settled()
        assert opened() == {rows[0].thread_id}
