"""Flows of an operator's day over a real engine and the sandbox: ship, take back, fix and retry, come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptui.client import Answer
from shoptui.cockpit.link import NotLinked
from shoptui.command_state import Context
from shoptui.domain.intents import IntentState
from shoptui.queries.preview import ship_preview
from shoptui.screens.activity import ActivityPlace
from tests.engine.support import shipped
from tests.ui.flow_support import FlowCockpit, flow, flow_cockpit


def ordered_count(under_test: FlowCockpit) -> int:
    return sum(group.count for group in under_test.app.session.house.batches)


async def to_be_shipped(under_test: FlowCockpit, count: int) -> list[str]:
    """The first packages that ship would send."""
    place = under_test.app.frame.orders
    found = await under_test.app.house.reader.candidates(list(place.listed_ids), place.session.now, "")
    ready = ship_preview(found, place.session.now).ready
    return [target.target_id for target in ready[:count]]


async def test_ship_everything_due_within_half_a_day_in_six_keys(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        # g o 3 * s F9
        await under_test.do("go.screen")
        await under_test.press("o")
        await under_test.press("3")
        await under_test.do("mark.all")
        await under_test.do("order.ship")
        text = under_test.screen_text()
        assert "── SHIP " in text
        assert "held 10 s, then sent" in text
        assert "left out" in text
        await under_test.confirm()
        assert "then SHIP" in under_test.line("message")
        count = ordered_count(under_test)
        assert count > 3
        assert shipped(served.made.live) == {}, "nothing goes before the hold is over"
        await under_test.pass_time(5)
        assert under_test.line("message").strip().startswith("5 s"), under_test.line("message")
        await under_test.to_the_end()
        assert f"✓ {count} shipped." in under_test.line("message")
        assert len(shipped(served.made.live)) == count
        assert served.shipped_twice() == []
        await under_test.do("notice.seen")
        assert "shipped" not in under_test.line("message")
        batch_id = under_test.app.session.house.batches[0].batch_id
        intents = await served.engine.house.writer.batch(batch_id)
        assert all(intent.state is IntentState.DONE for intent in intents)
        assert await served.engine.house.writer.unacked() == []


async def test_a_letter_digit_space_or_enter_on_the_strip_sends_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("order.ship")
        assert under_test.app.frame.strip.is_open
        await under_test.press("enter", "enter", "space", "y", "s", "5", "tab", "tab", "G")
        assert under_test.app.frame.strip.is_open
        assert await served.engine.house.writer.open_intents() == []


async def test_f9_too_soon_or_not_alone_sends_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("order.ship")
        await under_test.press("f9")
        assert "Not sent: read the strip first" in under_test.line("message")
        frame, now_s = under_test.app.frame, under_test.app.monotonic
        under_test.monotonic_s += 1
        under_test.app.saw_key("a", now_s())
        frame.do_strip_do("f9")
        frame.draw_bars()
        assert "another key came with F9" in under_test.line("message")
        under_test.monotonic_s += 1
        frame.do_strip_do("f9")
        under_test.app.saw_key("b", now_s() + 0.02)
        under_test.monotonic_s += 1
        frame.settle_guard()
        await under_test.settled()
        assert "another key came with F9" in under_test.line("message")
        assert await served.engine.house.writer.open_intents() == []
        await under_test.confirm()
        assert len(await served.engine.house.writer.open_intents()) == 1


async def test_everything_is_taken_back_within_the_hold(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.press("3")
        await under_test.do("mark.all")
        marks = list(under_test.app.frame.orders.grid.marks)
        await under_test.do("order.ship")
        await under_test.confirm()
        assert not len(under_test.app.frame.orders.grid.marks)
        count = ordered_count(under_test)
        await under_test.do("undo.last")
        await under_test.settled()
        assert f"all {count} are as they were" in under_test.line("message")
        assert sorted(under_test.app.frame.orders.grid.marks) == sorted(marks), "marked as they were, too"
        await under_test.to_the_end()
        assert shipped(served.made.live) == {}
        await under_test.do("undo.last")
        assert "Nothing to take back" in under_test.line("message")


async def test_too_late_is_said_as_such(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("order.ship")
        await under_test.confirm()
        last = under_test.app.session.undo.last
        await under_test.to_the_end()
        # The engine's notice has taken the batch off the stack; a key pressed just before it arrives finds it there.
        assert last is not None
        under_test.app.session.undo.push(last)
        under_test.app.frame.do_undo_last("")
        await under_test.settled()
        assert "Too late" in under_test.line("message")


async def test_a_failed_group_is_fixed_and_sent_again(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served, (120, 40)) as under_test:
        flawed = await to_be_shipped(under_test, 3)
        for package_id in flawed:
            served.made.live.poke("flaw", package_id=package_id, kind="frozen")
        await under_test.do("mark.all")
        await under_test.do("order.ship")
        await under_test.confirm()
        await under_test.to_the_end()
        message = under_test.line("message")
        assert message.strip().startswith("✗"), message
        failed_before = under_test.app.session.house.counts.failed
        assert failed_before > 0
        assert "for 1 reason" in message
        for package_id in flawed:
            served.made.live.poke("flaw", package_id=package_id, kind=None)
        # ' e F9: from the result line
        await under_test.do("go.notice")
        place = under_test.app.frame.place
        assert isinstance(place, ActivityPlace)
        row = place.grid.cursor_row
        assert row is not None
        assert row.state is IntentState.FAILED  # type: ignore[union-attr]  # the views of batches hold groups
        await under_test.do("intent.fix")
        assert "FIX AND RETRY" in under_test.screen_text()
        await under_test.confirm()
        assert "goes out" in under_test.line("message")
        await under_test.to_the_end()
        assert served.shipped_twice() == []
        await under_test.press("1")
        # What was ordered again has been seen; giving up on the rest empties the list.
        for _group in range(10):
            if not place.window.row_count:
                break
            await under_test.do("intent.drop")
            await under_test.settled()
        assert place.window.row_count == 0
        assert "Nothing failed" in under_test.screen_text()


async def test_a_slot_that_is_gone_is_fixed_by_the_next_one_on_offer(tmp_path: Path) -> None:
    async with flow(tmp_path, stores=1, orders=80, regions=("GB",)) as served, flow_cockpit(served) as under_test:
        package_id = (await to_be_shipped(under_test, 1))[0]
        served.made.live.poke("flaw", package_id=package_id, kind="slot_gone")
        await under_test.do("mark.all")
        await under_test.do("order.ship")
        await under_test.confirm()
        await under_test.to_the_end()
        assert "failed for" in under_test.line("message"), under_test.line("message")
        await under_test.do("go.notice")
        await under_test.do("intent.fix")
        await under_test.settled()
        text = under_test.screen_text()
        assert "FIX AND RETRY 1 order" in text
        assert "2 slot: " in text, text
        await under_test.do("strip.option", 1)
        await under_test.confirm()
        await under_test.to_the_end()
        assert shipped(served.made.live)[package_id] == 1
        assert served.shipped_twice() == []


async def test_an_unsure_parcel_is_settled_by_a_person_with_the_count_typed(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("order.ship")
        await under_test.confirm()
        writer, now = served.engine.house.writer, int(served.made.clock.now())
        ids = [intent.intent_id for intent in await writer.open_intents()]
        await writer.move(ids, IntentState.QUEUED, now=now)
        await writer.move(ids, IntentState.SENDING, now=now, sent_at=now)
        await writer.move(ids, IntentState.UNKNOWN, now=now, look_at=now + 600)
        await writer.move(ids, IntentState.NEEDS_PERSON, now=now, evidence={"package": "TO_FULFILL"})
        await under_test.do("go.screen")
        await under_test.press("a")
        assert "It cannot be proved" in under_test.screen_text()
        await under_test.do("intent.fix")
        assert "was it done" in under_test.message()
        await under_test.do("intent.settle", 0)
        text = under_test.screen_text()
        assert "IT WAS DONE" in text
        assert "TO_FULFILL" in text
        await under_test.confirm()
        assert (await writer.intents(ids))[0].state is IntentState.NEEDS_PERSON, "locked until the count is typed"
        await under_test.press("1")
        await under_test.confirm()
        assert (await writer.intents(ids))[0].state is IntentState.DONE


async def test_hold_claim_tag_and_note_are_ours_and_can_be_undone(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        place = under_test.app.frame.orders

        def row_text() -> str:
            row = place.grid.cursor_row
            assert row is not None
            return next(line for line in under_test.screen_text().splitlines() if row.order_no[-6:] in line)

        await under_test.do("order.hold")
        await under_test.settled()
        assert " held " in row_text()
        assert "Held 1 order" in under_test.line("message")
        await under_test.do("order.ship")
        assert "on hold: " in under_test.screen_text()
        await under_test.do("strip.leave")
        await under_test.do("undo.last")
        await under_test.settled()
        assert " held " not in row_text()
        await under_test.do("row.claim")
        await under_test.settled()
        assert place.grid.cursor_row is not None
        assert place.grid.cursor_row.claimed_by == under_test.app.session.operator
        await under_test.do("row.tag")
        await under_test.type("fragile")
        await under_test.press("enter")
        await under_test.settled()
        assert place.grid.cursor_row.tags == ("fragile",)
        await under_test.do("row.note")
        await under_test.type("gift, no invoice")
        await under_test.press("enter")
        await under_test.settled()
        await under_test.do("row.open", 1)
        assert "gift, no invoice" in under_test.pane_text()
        assert "fragile" in under_test.pane_text()


async def test_a_reveal_is_recorded_and_hidden_again_when_leaving(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("row.reveal")
        await under_test.settled()
        assert "shown and recorded" in under_test.screen_text()
        audit = await under_test.app.house.reader.audit(10)
        assert "reveal" in audit[0].what
        await under_test.do("go.back")
        await under_test.do("row.open", 1)
        assert "shown and recorded" not in under_test.screen_text()


async def test_the_result_of_a_dropped_link_is_there_when_the_operator_is_back(tmp_path: Path) -> None:
    async with flow(tmp_path) as served:
        async with flow_cockpit(served) as before:
            await before.press("3")
            await before.do("mark.all")
            await before.do("order.ship")
            await before.confirm()
            count = ordered_count(before)
            await before.press("down", "down")
            row = before.app.frame.orders.grid.cursor_row
        served.made.advance(30)
        await served.made.until_quiet(served.engine)
        served.made.advance(300)
        async with flow_cockpit(served) as after:
            message = after.line("message")
            assert message.strip().startswith("Away 5m. SHIP"), message
            assert f"{count} went on: {count} shipped" in message
            assert after.app.frame.orders.filter_text == "due:<12h"
            back_on = after.app.frame.orders.grid.cursor_row
            assert row is not None
            assert back_on is not None
            assert back_on.order_no == row.order_no


async def test_without_an_engine_the_cache_is_shown_and_the_link_comes_back(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await served.close_door()
        await under_test.until(lambda: not under_test.app.session.link.up)
        await under_test.settled()
        assert "NO ENGINE" in under_test.line("status")
        assert "The engine is not running" in under_test.line("message")
        assert under_test.app.frame.orders.listed_ids
        await under_test.do("order.ship")
        assert not under_test.app.frame.strip.is_open
        await served.open_door()
        await under_test.linked()
        assert "NO ENGINE" not in under_test.line("status")
        assert "not running" not in under_test.line("message")


async def test_an_open_menu_follows_the_engine(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await served.close_door()
        await under_test.until(lambda: not under_test.app.session.link.up)
        await under_test.do("menu.open")
        await under_test.press("down")
        off = "nothing can be sent or changed."
        assert off in under_test.screen_text()
        await served.open_door()
        await under_test.linked()
        assert off not in under_test.screen_text()
        assert "Ship what is not shipped yet" in under_test.screen_text(), "the cursor stays on its command"
        await under_test.press("enter")
        form = under_test.app.frame.strip.form
        assert form is not None
        assert form.does().startswith("ship 1")


async def test_an_order_whose_answer_was_lost_is_asked_for_again_with_the_same_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with flow(tmp_path) as served:
        async with flow_cockpit(served) as under_test:
            link = under_test.app.link
            really_ask = link.ask

            async def answer_is_lost(do: str, **fields: object) -> Answer:
                answer = await really_ask(do, **fields)
                if do == "order":
                    raise NotLinked("The engine has closed the connection.")
                return answer

            monkeypatch.setattr(link, "ask", answer_is_lost)
            await under_test.do("order.ship")
            await under_test.confirm()
            assert "is kept and asked for again" in under_test.message()
            assert len(under_test.app.session.memory.pending) == 1
        async with flow_cockpit(served) as again:
            await again.until(lambda: not again.app.session.memory.pending)
            assert len(await served.engine.house.writer.open_intents()) == 1
            await again.to_the_end()
            assert list(shipped(served.made.live).values()) == [1]


async def test_two_cockpits_order_the_same_parcel_once(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as one, flow_cockpit(served) as other:
        await one.do("order.ship")
        await other.do("order.ship")
        await one.confirm()
        await other.confirm()
        # The hold of the first one's batch shows here, too, and the refusal beside it.
        await other.until(lambda: "was refused" in other.message())
        assert other.line("message").strip().startswith("10 s  then SHIP 1 goes out   z takes it back")
        await one.to_the_end()
        assert list(shipped(served.made.live).values()) == [1]


async def test_stores_are_checked_paused_and_let_go_on(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served, (120, 40)) as under_test:
        await under_test.do("go.screen", 1)
        await under_test.press("9")
        assert under_test.app.frame.place.context is Context.STORES
        assert "engine live" in under_test.line("view")
        await under_test.do("store.check")
        await under_test.settled()
        assert "Reading " in under_test.line("message")
        await under_test.do("store.pause")
        await under_test.settled()
        await under_test.settled()
        assert "paused" in under_test.screen_text()
        await under_test.do("undo.last")
        await under_test.settled()
        await under_test.settled()
        assert "goes on" in under_test.line("message")
        text = under_test.screen_text()
        assert f"pid {under_test.app.session.hello.pid}" in text  # type: ignore[union-attr]  # linked


async def test_the_audit_log_is_shown_with_its_chain(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served, (120, 40)) as under_test:
        await under_test.do("order.hold")
        await under_test.do("go.screen")
        await under_test.press("a")
        await under_test.press("7")
        await under_test.settled()
        assert "chain good" in under_test.line("view")
        assert "hold" in under_test.screen_text()
        await under_test.do("go.back")
        assert under_test.app.frame.place.context is Context.ORDERS


async def test_an_alert_is_seen_and_stays_away(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await served.engine.house.alerts.put("signed_out", served.made.stores[0].store_id)
        await under_test.until(lambda: under_test.app.session.notices.count > 0)
        await under_test.settled()
        assert "signed us out" in under_test.line("message")
        await under_test.do("go.notice")
        assert under_test.app.frame.place.context is Context.STORES
        await under_test.do("notice.seen")
        await under_test.settled()
        await under_test.settled()
        assert under_test.app.session.notices.count == 0
        assert await under_test.app.house.reader.alerts() == []


async def test_the_menu_runs_a_command_by_number_and_confirms_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("menu.open", 1)
        assert "F10 menu" in under_test.screen_text()
        await under_test.press("1")
        await under_test.settled()
        assert "── SHIP" in under_test.screen_text()
        await under_test.do("strip.leave")
        await under_test.do("menu.open")
        await under_test.type("hold")
        await under_test.press("enter")
        await under_test.settled()
        await under_test.settled()
        assert "Held 1 order" in under_test.line("message")
