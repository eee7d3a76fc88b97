"""The Inbox as it is read: which conversations in which order, what the pane says, what hostile words cannot do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import RenderableType
from textual.screen import Screen

from shoptui.cockpit.link import LinkState
from shoptui.command_state import Context
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender, Thread
from shoptui.domain.reply_clock import ReplyBook
from shoptui.protocol import Changed
from shoptui.rulebook import load_rule_book
from shoptui.screens.inbox import InboxPlace
from shoptui.screens.inbox_desk import snooze_times
from shoptui.screens.thread_lines import ThreadFacts, head_lines
from shoptui.store.operator_state import OperatorState
from shoptui.store.writer import Writer
from tests.ui.app_support import HOUR, NOW, ZONE, Cockpit, cockpit, some_orders
from tests.ui.inbox_support import PICTURE, SILENT, conversations, make_inbox, said, thread
from tests.ui.return_support import request


@asynccontextmanager
async def inbox(
    root: Path, size: tuple[int, int] = (80, 24), extra: list[tuple[Thread, list[Message]]] | None = None
) -> AsyncIterator[tuple[Cockpit, InboxPlace]]:
    """A cockpit on the Inbox of the invented house; an engine is pretended that answers nothing."""
    data_dir = await make_inbox(root, extra or [])
    async with cockpit(data_dir, size) as under_test:
        under_test.app.session.link = replace(under_test.app.session.link, state=LinkState.UP)
        yield under_test, await shown(under_test)


async def shown(under_test: Cockpit) -> InboxPlace:
    under_test.app.frame.show_place(Context.INBOX)
    await under_test.settled()
    place = under_test.app.frame.place
    assert isinstance(place, InboxPlace)
    return place


def listed(place: InboxPlace) -> list[str]:
    rows = (place.window.row(row_id) for row_id in place.window.index.ids)
    return [row.thread_id or row.store_id for row in rows if row is not None]


async def stand_on(under_test: Cockpit, place: InboxPlace, key: tuple[str, str]) -> None:
    place.open_row(key)
    await under_test.settled()


async def test_the_list_is_sorted_by_what_is_lost_next(tmp_path: Path) -> None:
    async with inbox(tmp_path) as (under_test, place):
        # The missed one is folded above; what has no clock comes last.
        assert listed(place) == ["T4", "T1", "T2", "T3", "T6", "T5", SILENT]
        screen = under_test.screen_text()
        assert "1 missed (Enter): tt-uk-1 1" in screen
        assert "[Inbox 5]" in screen
        assert "no chat granted: K" in screen


@pytest.mark.parametrize(
    ("digit", "expected"),
    [
        ("1", ["T4", "T1", "T2", "T3", "T6"]),
        ("2", []),
        ("3", ["T4", "T1", "T2", "T3", "T6", "T5", SILENT]),
        ("5", []),
    ],
)
async def test_the_views_show_their_part(tmp_path: Path, digit: str, expected: list[str]) -> None:
    async with inbox(tmp_path) as (under_test, place):
        await under_test.press(digit)
        found = [name for name in listed(place) if name != SILENT]
        assert found == [name for name in expected if name != SILENT]


async def test_filters_are_those_of_conversations(tmp_path: Path) -> None:
    async with inbox(tmp_path) as (under_test, place):
        await under_test.do("filter.open")
        assert "reply:<2h" in under_test.screen_text()
        await under_test.press("ctrl+u")
        await under_test.type("lang:zh")
        await under_test.press("enter")
        assert listed(place) == ["T1"]
        await under_test.do("filter.open")
        await under_test.press("ctrl+u")
        await under_test.type("sku:BAG")
        await under_test.press("enter")
        assert under_test.app.frame.strip.is_open, "orders' fields are none of the inbox"
        await under_test.press("escape")
        assert listed(place) == ["T1"]


async def test_the_pane_tells_people_robots_and_notes_apart(tmp_path: Path) -> None:
    async with inbox(tmp_path, (120, 40)) as (under_test, place):
        await stand_on(under_test, place, ("tt-my-1", "T1"))
        lines = place.pane.content_text.splitlines()
        text = "\n".join(lines)
        assert "陈*华  tt-my-1  Chinese" in lines[0]
        assert "to_ship" in lines[1] and "RM" in lines[1]
        assert "arr 18m" in lines[2] and "returns: none" in lines[3]
        assert "auto   您好" in text and "does not stop the clock" in text
        assert "[picture 1200x1600: y copies its link]" in text
        assert "; an" in text and "(never leaves us)" in text
        assert text.index("什么时候发货？\n") < text.index("bench 2"), "oldest first"


async def test_the_order_beside_a_conversation_has_its_returns(tmp_path: Path) -> None:
    data_dir = await make_inbox(tmp_path)
    (talk,) = [listed for listed, _messages in conversations() if listed.thread_id == "T1"]
    number = next(place for place, order in enumerate(some_orders()) if order.order_no == talk.order_no)
    asked = request(number, due_s=2 * HOUR, minor=14_900)
    async with await Writer.open(data_dir, NOW) as writer:
        await writer.returns.put_requests([asked], NOW)
    async with cockpit(data_dir, (120, 40)) as under_test:
        place = await shown(under_test)
        await stand_on(under_test, place, ("tt-my-1", "T1"))
        text = place.pane.content_text
        assert "refund" in text and "asked: ours to answer" in text and "149" in text
        assert "returns: none" not in text


async def test_a_message_whose_words_were_forgotten_says_so(tmp_path: Path) -> None:
    silent = thread(70, "tt-vn-1", "", last_message_id="m70-1", last_at=NOW - 60)
    async with inbox(tmp_path, (120, 40), [(silent, [said(70, "tt-vn-1", 1, "", 60)])]) as (under_test, place):
        await stand_on(under_test, place, ("tt-vn-1", "T70"))
        assert "(no words are kept)" in place.pane.content_text


async def test_the_head_says_who_else_is_in_a_conversation(tmp_path: Path) -> None:
    async with inbox(tmp_path, (120, 40)) as (under_test, place):
        await stand_on(under_test, place, ("tt-my-1", "T1"))
        assert "also in it" not in place.pane.content_text
        row = place.grid.cursor_row
        assert row is not None
        lines = head_lines(replace(row, agent="Platform Care"), ThreadFacts(NOW, ZONE, "mei"), 60, full=True)
        assert any("also in it: Platform Care" in "".join(piece.text for piece in line) for line in lines)


async def test_hostile_words_stay_in_their_line(tmp_path: Path) -> None:
    bad = "\x1b[2J\x1b]0;owned\x07" + "\u202e" * 50 + "\u200b" * 3000 + "[bold]" + "\x9b31m" + "x" * 30_000
    messages = [said(9, "tt-vn-1", 1, bad, HOUR), said(9, "tt-vn-1", 2, "👩‍👩‍👧‍👦 ก็ ﷽ é" * 50, HOUR - 60)]
    row = thread(9, "tt-vn-1", "evil\x1b[31m\u202e", last_message_id="m9-2", last_at=NOW - HOUR)
    async with inbox(tmp_path, (120, 40), [(row, messages)]) as (under_test, place):
        await stand_on(under_test, place, ("tt-vn-1", "T9"))
        await under_test.do("pane.focus")
        for line in under_test.screen_text().splitlines():
            assert cell_len(line) == 120
            assert not any(ord(char) < 32 or "\x7f" <= char <= "\x9f" or char in "\u202e\u200b" for char in line)


async def test_recalled_and_blocked_messages_say_so(tmp_path: Path) -> None:
    messages = [
        said(8, "tt-vn-1", 1, "secret", HOUR, state=MessageState.RECALLED),
        said(8, "tt-vn-1", 2, "call me", HOUR - 60, Sender.STORE, state=MessageState.BLOCKED),
        said(8, "tt-vn-1", 3, "", HOUR - 90, kind=MessageKind.OTHER, raw_kind="BUYER_ENTER_FROM_CARD"),
    ]
    row = thread(8, "tt-vn-1", "Lê M***", last_message_id="m8-3", last_at=NOW - HOUR)
    async with inbox(tmp_path, extra=[(row, messages)]) as (under_test, place):
        await stand_on(under_test, place, ("tt-vn-1", "T8"))
        text = place.pane.content_text
        assert "secret" not in text and "(taken back by its sender)" in text
        assert "call me" in text and "(kept from the buyer by the marketplace)" in text
        assert "[message of the kind BUYER_ENTER_FROM_CARD]" in text


async def test_older_messages_come_on_page_up(tmp_path: Path) -> None:
    messages = [said(7, "tt-vn-1", place, f"message {place}", HOUR - place) for place in range(1, 91)]
    row = thread(7, "tt-vn-1", "Lê M***", last_message_id="m7-90", last_at=NOW - HOUR + 90)
    async with inbox(tmp_path, extra=[(row, messages)]) as (under_test, place):
        await stand_on(under_test, place, ("tt-vn-1", "T7"))
        await under_test.do("row.open")
        assert "message 90" in under_test.screen_text(), "newest in view"
        assert "message 70" not in place.pane.content_text
        for _page in range(12):
            await under_test.do("page.up", 1)
        assert [message.text for message in place.messages] == [f"message {number}" for number in range(1, 91)]
        await under_test.do("row.first")
        assert "message 1\n" in place.pane.content_text
        assert "Lê M***" in under_test.screen_text(), "the head stays"
        await under_test.do("row.last")
        assert "message 90" in under_test.screen_text()


async def test_the_store_without_chat_says_what_to_do(tmp_path: Path) -> None:
    async with inbox(tmp_path) as (under_test, place):
        await under_test.do("row.last")
        row = place.grid.cursor_row
        assert row is not None and row.not_granted
        assert f"{SILENT} has not granted chat" in place.pane.content_text
        assert "Partner Center" in place.pane.content_text
        await under_test.do("thread.reply")
        assert "has not granted chat" in under_test.message()
        assert not under_test.app.frame.strip.is_open


async def test_rows_hold_still_while_somebody_writes_and_arrivals_are_counted(tmp_path: Path) -> None:
    async with inbox(tmp_path) as (under_test, place):
        await stand_on(under_test, place, ("tt-th-2", "T2"))
        await under_test.do("thread.reply")
        before = list(place.window.index.ids)
        writer = await Writer.open(under_test.app.session.data_dir, NOW)
        try:
            new = thread(11, "tt-my-1", "Nur A", last_message_id="m11-1", last_at=NOW - 11 * HOUR)
            rows = await writer.threads.put_threads([new], NOW)
            await writer.threads.put_messages(
                "tt-my-1", "T11", [said(11, "tt-my-1", 1, "hello?", 11 * HOUR)], NOW, complete_from=True
            )
        finally:
            await writer.close()
        under_test.app.frame._tell_places(Changed(threads=rows))
        await under_test.settled()
        assert list(place.window.index.ids) == before
        assert "+1 new" in under_test.line("view")
        await under_test.press("escape")
        await under_test.do("list.resort")
        assert "T11" in listed(place)


async def test_what_is_typed_is_on_the_disk_at_once(tmp_path: Path) -> None:
    async with inbox(tmp_path) as (under_test, place):
        await stand_on(under_test, place, ("tt-my-1", "T1"))
        await under_test.do("thread.reply")
        await under_test.type("您好 🙂")
        await under_test.press("enter", "x")

        def kept() -> str:
            state = OperatorState.open(under_test.app.session.data_dir.operator_state, NOW)
            try:
                return state.load("cockpit") or ""
            finally:
                state.close()

        # The composer is still open: this is all that a killed cockpit leaves.
        await under_test.until(lambda: "您好 🙂\\nx" in kept(), rounds=15)
        async with cockpit(under_test.app.session.data_dir) as after:
            after.app.session.link = replace(after.app.session.link, state=LinkState.UP)
            again = await shown(after)
            await stand_on(after, again, ("tt-my-1", "T1"))
            await after.do("thread.reply")
            assert after.app.frame.strip.field_value() == "您好 🙂\nx"
            assert "as you left it" in after.screen_text()


async def test_a_paste_keeps_its_lines_and_loses_its_controls(tmp_path: Path) -> None:
    from textual import events

    async with inbox(tmp_path) as (under_test, place):
        await stand_on(under_test, place, ("tt-my-1", "T1"))
        await under_test.do("thread.reply")
        under_test.app.post_message(events.Paste("one\r\ntwo\x1b[31m\u202e\rthree"))
        await under_test.settled()
        assert under_test.app.frame.strip.field_value() == "one\ntwo\nthree"
        assert "13/" in under_test.screen_text()


async def test_a_scan_is_kept_and_writes_nothing(tmp_path: Path) -> None:
    from shoptui.widgets.scan_app import Scanned
    from shoptui.widgets.scan_gate import Place

    async with inbox(tmp_path) as (under_test, place):
        await stand_on(under_test, place, ("tt-my-1", "T1"))
        await under_test.do("thread.reply")
        under_test.app.screen.post_message(Scanned("1152780044102", True, Place.TEXT_FIELD))
        await under_test.settled()
        assert under_test.app.frame.strip.field_value() == ""
        assert "Scan 1152780044102 is kept" in under_test.message()


async def test_y_copies_the_newest_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with inbox(tmp_path) as (under_test, place):
        copied: list[str] = []
        monkeypatch.setattr(under_test.app, "copy_to_clipboard", copied.append)
        await stand_on(under_test, place, ("tt-my-1", "T1"))
        await under_test.do("row.copy")
        assert copied == [PICTURE]


async def test_the_place_comes_back_as_it_was_left(tmp_path: Path) -> None:
    async with inbox(tmp_path) as (under_test, place):
        await under_test.press("1")
        await stand_on(under_test, place, ("tt-vn-1", "T3"))
        under_test.app.leave()
        await under_test.pilot.pause()
        data_dir = under_test.app.session.data_dir
    async with cockpit(data_dir) as after:
        place_after = after.app.frame.place
        assert isinstance(place_after, InboxPlace)
        assert place_after.view == "1"
        row = place_after.grid.cursor_row
        assert row is not None and row.thread_id == "T3"


def test_snooze_offers_only_what_lies_ahead() -> None:
    for hour in range(48):
        now = NOW + hour * HOUR
        times = [at for _label, at in snooze_times(now, ZONE)]
        assert all(at > now for at in times)
        assert len(set(times)) == len(times)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_an_inbox_made_ready_shows_its_rows_in_the_first_frame(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_inbox(tmp_path)
    async with cockpit(data_dir, size) as under_test:
        frame = under_test.app.frame
        orders = under_test.screen_text()
        frame.prepare_place(Context.INBOX)
        await under_test.settled()
        assert under_test.screen_text() == orders
        assert frame.place.context is Context.ORDERS and frame.focused is frame.orders.grid
        place = frame.places[Context.INBOX]
        assert isinstance(place, InboxPlace) and place.first_rows_are_here
        painted: list[str] = []
        display = under_test.app._display

        def keep(screen: Screen[object], frame_painted: RenderableType | None) -> None:
            painted.append(under_test.screen_text())
            display(screen, frame_painted)

        monkeypatch.setattr(under_test.app, "_display", keep)
        frame.show_place(Context.INBOX)
        await under_test.settled()
        assert frame.place is place
        assert "请问什么时候发货" in painted[0] and ". . ." not in "".join(painted)
        assert "please?" not in painted[0], "what was missed is folded"


async def test_an_inbox_made_ready_has_what_was_missed_above_its_first_row(tmp_path: Path) -> None:
    many = [
        (
            thread(number, "tt-vn-1", f"buyer{number}", last_message_id=f"m{number}-1", last_at=NOW - number),
            [said(number, "tt-vn-1", 1, "Cảm ơn", number)],
        )
        for number in range(20, 60)
    ]
    async with cockpit(await make_inbox(tmp_path, many), (80, 24)) as under_test:
        under_test.app.frame.prepare_place(Context.INBOX)
        await under_test.settled()
        place = await shown(under_test)
        assert place.grid.cursor_line == 2, "below the heads and the line of what was missed"
        assert "1 missed (Enter)" in under_test.screen_text()


async def test_an_inbox_made_ready_begins_on_its_first_row_whatever_came_since(tmp_path: Path) -> None:
    data_dir = await make_inbox(tmp_path)
    async with cockpit(data_dir, (80, 24)) as under_test:
        frame = under_test.app.frame
        frame.prepare_place(Context.INBOX)
        await under_test.settled()
        place = frame.places[Context.INBOX]
        assert isinstance(place, InboxPlace)
        first = place.grid.cursor_id
        writer = await Writer.open(under_test.app.session.data_dir, NOW)
        try:
            writer.threads.follow(ReplyBook(load_rule_book(), await writer.stores()))
            new = thread(11, "tt-my-1", "Nur A", last_message_id="m11-1", last_at=NOW - 12 * HOUR + 300)
            rows = await writer.threads.put_threads([new], NOW)
            asked = said(11, "tt-my-1", 1, "hello?", 12 * HOUR - 300)
            await writer.threads.put_messages("tt-my-1", "T11", [asked], NOW, complete_from=True)
        finally:
            await writer.close()
        frame._tell_places(Changed(threads=rows))
        await under_test.settled()
        assert "T11" in listed(place) and place.grid.cursor_id != first
        frame.remember()
        assert under_test.app.session.memory.places["inbox"].cursor is None
        place = await shown(under_test)
        assert place.grid.cursor_row is not None and place.grid.cursor_row.thread_id == "T11"


async def test_an_inbox_made_ready_takes_up_the_row_it_was_left_on(tmp_path: Path) -> None:
    data_dir = await make_inbox(tmp_path)
    async with cockpit(data_dir, (80, 24)) as under_test:
        place = await shown(under_test)
        await stand_on(under_test, place, ("tt-vn-1", "T6"))
        under_test.app.frame.remember()
        under_test.app.save_memory()
    async with cockpit(data_dir, (80, 24)) as under_test:
        frame = under_test.app.frame
        frame.show_place(Context.ORDERS)
        frame.prepare_place(Context.INBOX)
        await under_test.settled()
        frame.remember()
        assert under_test.app.session.memory.places["inbox"].cursor == ("tt-vn-1", "T6")
        place = await shown(under_test)
        assert place.grid.cursor_row is not None and place.grid.cursor_row.thread_id == "T6"
        # Made once: to make ready what is there changes nothing.
        frame.prepare_place(Context.INBOX)
        await under_test.settled()
        assert frame.places[Context.INBOX] is place


async def test_who_goes_to_the_inbox_while_it_is_made_ready_comes_to_that_one(tmp_path: Path) -> None:
    data_dir = await make_inbox(tmp_path)
    async with cockpit(data_dir, (120, 40)) as under_test:
        frame = under_test.app.frame
        frame.prepare_place(Context.INBOX)
        for _turn in range(1000):
            if frame.query(InboxPlace):
                break
            await asyncio.sleep(0)
        # As a key of the strip does, from outside the frame's own messages, while it is being mounted.
        frame.show_place(Context.INBOX)
        place = await shown(under_test)
        assert len(frame.query(InboxPlace)) == 1 and frame.place is place
        assert listed(place)[0] == "T4"
