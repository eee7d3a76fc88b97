"""The Orders place on a real house: list, views, filter, marks, sorting, pane, memory; no engine needed."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.cockpit.memory import CockpitMemory, ViewLook
from shoptui.command_state import Context
from shoptui.domain.orders import Status
from shoptui.paths import DataDir
from shoptui.protocol import Changed
from shoptui.screens.messages import ListFailed, Noticed
from shoptui.screens.orders import OrdersPlace
from shoptui.store.writer import Writer
from tests.ui.app_support import HOUR, MINUTE, NOW, Cockpit, cockpit, make_house, order, some_orders


@pytest.fixture
async def house(tmp_path: Path) -> DataDir:
    return await make_house(tmp_path)


@pytest.fixture
async def at_orders(house: DataDir) -> AsyncIterator[Cockpit]:
    async with cockpit(house) as under_test:
        yield under_test


def orders(under_test: Cockpit) -> OrdersPlace:
    return under_test.app.frame.orders


def tail(under_test: Cockpit) -> str:
    row = orders(under_test).grid.cursor_row
    return "" if row is None else row.order_no[-6:]


async def change(data_dir: DataDir, under_test: Cockpit, *changed_orders: object) -> None:
    """Let "the engine" write orders and say so."""
    writer = await Writer.open(data_dir, NOW)
    try:
        done = await writer.upsert_orders(changed_orders, seen_at=NOW, now=NOW, ship_blocks={})  # type: ignore[arg-type]
    finally:
        await writer.close()
    under_test.app.frame.post_message(Noticed(Changed(orders=done.changed, counts=True)))
    await under_test.settled()


async def test_the_list_starts_on_the_first_row_that_can_still_be_saved(at_orders: Cockpit) -> None:
    assert orders(at_orders).missed == 2
    assert tail(at_orders) == some_orders()[2].order_no[-6:]
    assert "2 missed (Enter)" in at_orders.screen_text()
    assert "40 orders" in at_orders.line("view")


async def test_enter_on_the_folded_line_shows_what_was_missed(at_orders: Cockpit) -> None:
    await at_orders.do("row.up")
    await at_orders.do("row.open", 1)
    assert "2 missed (Enter folds)" in at_orders.screen_text()
    await at_orders.do("row.down")
    assert tail(at_orders) in {made.order_no[-6:] for made in some_orders()[:2]}


async def test_digits_pick_views_and_zero_is_the_default(at_orders: Cockpit) -> None:
    await at_orders.press("2")
    assert "2 next 4 h" in at_orders.line("view")
    assert "due:<4h" in at_orders.line("view")
    # Missed rows lose something else within days, not within four hours.
    assert len(orders(at_orders).listed_ids) < 40
    await at_orders.press("0")
    assert "40 orders" in at_orders.line("view")


async def test_a_view_that_was_missed_shows_its_rows_unfolded(at_orders: Cockpit) -> None:
    await at_orders.press("1")
    assert len(orders(at_orders).listed_ids) == 2
    assert tail(at_orders)


async def test_a_wrong_filter_marks_the_fault_and_leaves_the_list(at_orders: Cockpit) -> None:
    await at_orders.do("filter.open")
    await at_orders.press(*["backspace"] * 10)
    await at_orders.type("due:<4x")
    await at_orders.press("enter")
    text = at_orders.screen_text()
    assert "x is no unit" in text
    assert "^" in text
    assert at_orders.app.frame.strip.is_open
    assert "40 orders" in at_orders.line("view")
    await at_orders.press("backspace", "h", "enter")
    assert not at_orders.app.frame.strip.is_open
    assert orders(at_orders).filter_text == "due:<4h"


async def test_a_filter_is_saved_under_a_digit_and_found_again(house: DataDir, at_orders: Cockpit) -> None:
    await at_orders.do("filter.open", 1)
    await at_orders.press(*["backspace"] * 10)
    await at_orders.type("store:tt-vn-1")
    await at_orders.press("ctrl+s", "5")
    assert len(orders(at_orders).listed_ids) == 7
    await at_orders.press("0")
    await at_orders.press("5")
    assert orders(at_orders).filter_text == "store:tt-vn-1"
    assert at_orders.app.session.memory.saved_views == {"orders": {"5": "store:tt-vn-1"}}


async def test_a_number_in_the_filter_goes_to_the_order(at_orders: Cockpit) -> None:
    wanted = some_orders()[20].order_no
    await at_orders.do("filter.open")
    await at_orders.press(*["backspace"] * 10)
    await at_orders.type(wanted[-6:])
    await at_orders.press("enter")
    assert tail(at_orders) == wanted[-6:]
    assert orders(at_orders).in_pane
    assert wanted in at_orders.screen_text()


async def test_a_number_that_was_filtered_out_is_shown_alone(at_orders: Cockpit) -> None:
    wanted = some_orders()[30].order_no
    await at_orders.press("2")
    orders(at_orders).find(wanted)
    await at_orders.settled()
    await at_orders.settled()
    assert orders(at_orders).filter_text == f"order:{wanted}"
    assert tail(at_orders) == wanted[-6:]


async def test_a_code_that_is_nobodys_stays_in_the_message_line(at_orders: Cockpit) -> None:
    orders(at_orders).find("6291041500213", scanned=True)
    await at_orders.settled()
    assert "6291041500213 is no order" in at_orders.line("message")
    await at_orders.do("notice.seen")
    assert "6291041500213" not in at_orders.line("message")


async def test_marks_are_counted_inverted_and_taken_off(at_orders: Cockpit) -> None:
    await at_orders.do("mark.toggle")
    await at_orders.press("down", "down")
    await at_orders.do("mark.range")
    assert "4 marked" in at_orders.line("view")
    await at_orders.do("mark.invert")
    assert "36 marked" in at_orders.line("view")
    await at_orders.do("mark.all")
    assert "40 marked" in at_orders.line("view")
    await at_orders.do("mark.none")
    assert "marked" not in at_orders.line("view")
    await at_orders.do("mark.none")
    assert "Nothing is marked." in at_orders.line("message")


async def test_sorting_by_another_column_keeps_the_row_and_turns_round_when_chosen_again(at_orders: Cockpit) -> None:
    before = tail(at_orders)
    await at_orders.do("list.sort")
    assert "SORT BY" in at_orders.screen_text()
    await at_orders.press("3")
    assert "by store" in at_orders.line("view")
    assert tail(at_orders) == before
    await at_orders.do("list.sort")
    await at_orders.press("3")
    assert "by -store" in at_orders.line("view")


async def test_each_view_keeps_its_own_sort_and_columns(house: DataDir, at_orders: Cockpit) -> None:
    await at_orders.do("list.sort")
    await at_orders.press("3")
    await at_orders.do("columns.next")
    await at_orders.press("2")
    await at_orders.settled()
    assert at_orders.line("view").startswith("2 ")
    assert "by store" not in at_orders.line("view")
    assert "BUYER" in at_orders.screen_text()
    await at_orders.press("0")
    await at_orders.settled()
    assert "by store" in at_orders.line("view")
    assert "VALUE" in at_orders.screen_text()
    # A filter over the view is looked at as it is, and changes nothing about how the view is kept.
    orders(at_orders).set_filter("store:tt-th-*")
    await at_orders.do("columns.next")
    assert "TRACKING" in at_orders.screen_text()
    await at_orders.press("0")
    await at_orders.settled()
    assert "VALUE" in at_orders.screen_text()
    kept = CockpitMemory.from_json(at_orders.app.session.memory.to_json())
    assert kept.looks["orders"]["0"] == ViewLook("store", 1)


async def test_rows_hold_still_while_marking_and_arrivals_are_counted(house: DataDir, at_orders: Cockpit) -> None:
    await at_orders.do("mark.toggle")
    before = list(orders(at_orders).window.index.ids)
    await change(house, at_orders, order(70, "tt-th-1", due_s=5 * MINUTE))
    assert list(orders(at_orders).window.index.ids) == before
    assert "+1 new" in at_orders.line("view")
    await at_orders.do("list.resort")
    assert len(orders(at_orders).window.index.ids) == 41
    assert "new" not in at_orders.line("view")


async def test_without_marks_the_list_takes_up_what_came_after_five_quiet_seconds(
    house: DataDir, at_orders: Cockpit
) -> None:
    await at_orders.do("row.down")
    kept = tail(at_orders)
    await change(house, at_orders, order(71, "tt-th-1", due_s=5 * MINUTE))
    assert "+1 new" in at_orders.line("view")
    at_orders.clock.advance(4)
    at_orders.app.tick_now()
    assert "+1 new" in at_orders.line("view")
    at_orders.clock.advance(1)
    at_orders.app.tick_now()
    await at_orders.settled()
    assert "new" not in at_orders.line("view")
    assert tail(at_orders) == kept, "the cursor stays on its row"


async def test_a_changed_row_is_read_again_where_it_stands(house: DataDir, at_orders: Cockpit) -> None:
    made = some_orders()[2]
    shipped = replace(
        made, status=Status.TO_HAND_OVER, raw_status="AWAITING_COLLECTION", updated_at=made.updated_at + 9
    )
    await at_orders.do("row.down")
    await change(house, at_orders, shipped)
    line = next(line for line in at_orders.screen_text().splitlines() if made.order_no[-6:] in line)
    assert " hand " in line


async def test_an_order_that_no_longer_matches_leaves_at_the_next_sort(house: DataDir, at_orders: Cockpit) -> None:
    made = some_orders()[3]
    cancelled = replace(
        made, status=Status.CANCELLED, raw_status="CANCELLED", updated_at=made.updated_at + 9, clocks=()
    )
    await change(house, at_orders, cancelled)
    await at_orders.do("list.resort")
    assert len(orders(at_orders).listed_ids) == 39
    assert made.order_no[-6:] not in at_orders.screen_text()


async def test_clocks_run_by_the_clock_that_is_given(at_orders: Cockpit) -> None:
    assert " 7:00 arr" in at_orders.screen_text()
    at_orders.clock.advance(61)
    at_orders.app.tick_now()
    await at_orders.settled()
    text = at_orders.screen_text()
    assert " 5:59 arr" in text
    assert " 17:43 " in text


async def test_the_next_hot_row_is_found_and_the_end_is_said(at_orders: Cockpit) -> None:
    await at_orders.do("row.last")
    await at_orders.do("hot.prev")
    row = orders(at_orders).grid.cursor_row
    assert row is not None
    assert row.next_at is not None
    assert row.next_at - NOW < 2 * HOUR
    await at_orders.do("row.last")
    await at_orders.do("hot.next")
    assert "No further hot row" in at_orders.line("message")


async def test_verbs_say_why_they_are_off_without_an_engine(at_orders: Cockpit) -> None:
    for command_id in ("order.ship", "order.hold", "row.claim", "row.reveal", "undo.last"):
        await at_orders.do(command_id)
        assert not at_orders.app.frame.strip.is_open
        message = at_orders.line("message")
        assert "engine" in message or "Nothing to take back" in message, command_id


async def test_enter_opens_the_order_and_left_comes_back(at_orders: Cockpit) -> None:
    await at_orders.do("row.open", 1)
    text = at_orders.screen_text()
    for section in ("── Clocks", "── Lines", "── Packages", "── Buyer, hidden", "── History"):
        assert section in text
    assert "TikTok rts_sla_time" in text
    assert "12/3" not in text, "the street is masked"
    before = tail(at_orders)
    await at_orders.do("row.next")
    assert tail(at_orders) != before
    assert tail(at_orders) in at_orders.screen_text()
    await at_orders.do("row.prev")
    assert tail(at_orders) == before
    await at_orders.do("go.back")
    assert not orders(at_orders).in_pane
    assert "── Clocks" not in at_orders.screen_text()


async def test_k_explains_each_running_clock(at_orders: Cockpit) -> None:
    await at_orders.do("row.runbook")
    text = at_orders.screen_text()
    assert "Why these times" in text
    assert "rts_sla_time" in text
    assert "Ship it (s)" in text
    await at_orders.do("row.runbook")
    assert "Why these times" not in at_orders.screen_text()


async def test_the_pane_goes_from_peek_to_full_to_off(at_orders: Cockpit) -> None:
    assert "── 5764" in at_orders.screen_text()
    await at_orders.do("pane.size")
    assert "── Clocks" in at_orders.screen_text()
    await at_orders.do("pane.size")
    text = at_orders.screen_text()
    assert "── 5764" not in text
    assert "── Clocks" not in text
    await at_orders.do("pane.size")
    assert "── 5764" in at_orders.screen_text()


async def test_other_columns_replace_the_last_three(at_orders: Cockpit) -> None:
    assert "BUYER" in at_orders.screen_text()
    await at_orders.do("columns.next")
    text = at_orders.screen_text()
    assert "VALUE" in text
    assert "BUYER" not in text
    await at_orders.do("columns.next")
    assert "TRACKING" in at_orders.screen_text()


async def test_an_export_names_its_file(at_orders: Cockpit) -> None:
    await at_orders.do("mark.toggle")
    await at_orders.do("list.export")
    await at_orders.settled()
    assert "1 order written to " in at_orders.line("message") + at_orders.line("message-2")
    folder = at_orders.app.session.data_dir.root / "exports"
    assert len(list(folder.glob("orders-*.csv"))) == 1


async def test_the_same_view_row_and_marks_are_back_after_a_restart(house: DataDir) -> None:
    async with cockpit(house) as first:
        await first.press("3")
        await first.press("down", "down", "down")
        await first.do("mark.toggle")
        left_on = tail(first)
    async with cockpit(house) as second:
        await second.settled()
        assert orders(second).filter_text == "due:<12h"
        assert tail(second) == left_on
        assert "1 marked" in second.line("view")


async def test_marks_outlive_a_rebuilt_cache(house: DataDir) -> None:
    async with cockpit(house) as first:
        await first.do("mark.toggle")
        marked = some_orders()[2].order_no
    house.cache.unlink()
    writer = await Writer.open(house, NOW)
    await writer.upsert_orders(list(reversed(some_orders())), seen_at=NOW, now=NOW, ship_blocks={})
    await writer.close()
    async with cockpit(house) as second:
        await second.settled()
        place = orders(second)
        rows = await second.app.house.reader.rows(list(place.grid.marks), NOW)
        assert [row.order_no for row in rows] == [marked]


async def test_a_scan_opens_the_order_and_is_kept_while_a_question_is_open(at_orders: Cockpit) -> None:
    from textual.events import Paste

    wanted = some_orders()[10].order_no
    await at_orders.do("menu.open")
    await at_orders.press("escape")
    at_orders.app.post_message(Paste(wanted))
    await at_orders.settled()
    assert tail(at_orders) == wanted[-6:]
    await at_orders.do("go.back")
    await at_orders.do("list.sort")
    at_orders.app.post_message(Paste(some_orders()[11].order_no))
    await at_orders.settled()
    assert at_orders.app.frame.strip.is_open
    assert "is kept: a question is open" in at_orders.line("message")
    await at_orders.do("strip.leave")
    await at_orders.do("go.notice")
    await at_orders.settled()
    assert tail(at_orders) == some_orders()[11].order_no[-6:]


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (200, 50)])
async def test_every_size_draws_what_may_never_go(house: DataDir, size: tuple[int, int]) -> None:
    async with cockpit(house, size) as under_test:
        text = under_test.screen_text()
        assert all(len(line) > 0 for line in text.splitlines())
        made = some_orders()[3]
        line = next(line for line in text.splitlines() if made.order_no[-6:] in line)
        assert "18m" in line
        assert made.store_id in line
        assert "ship" in line
        small = size[0] < 80
        assert ("80x24 is wanted" in text) is small


async def test_no_house_yet_says_what_to_do(tmp_path: Path) -> None:
    async with cockpit(DataDir(tmp_path / "nothing")) as under_test:
        assert "There is no shoptui house" in under_test.line("message")
        await under_test.do("row.down")
        assert under_test.app.is_running


async def test_files_of_an_older_engine_are_read_once_it_has_made_way(house: DataDir) -> None:
    with closing(sqlite3.connect(house.cache, isolation_level=None)) as db:
        (newest,) = db.execute("SELECT name FROM migration ORDER BY rowid DESC LIMIT 1").fetchone()
        db.execute("DELETE FROM migration WHERE name = ?", (newest,))
        async with cockpit(house) as under_test:
            assert "older shoptui" in under_test.line("message")
            # The cockpit has begun: it will tell the engine, and shows its usual place meanwhile.
            assert under_test.app.frame.place.context is Context.ORDERS
            assert "Del" not in under_test.line("message")
            db.execute("INSERT INTO migration VALUES (?, 0)", (newest,))
            under_test.app.read_house()
            await under_test.settled()
            assert "40 orders" in under_test.screen_text()


async def test_a_fault_in_a_worker_is_said_and_noted_and_the_cockpit_goes_on(at_orders: Cockpit) -> None:
    async def broken() -> object:
        raise RuntimeError("inside 'secret'")

    at_orders.app.work(broken, "orders-test")  # type: ignore[arg-type]
    await at_orders.settled()
    assert "A fault inside the cockpit" in at_orders.line("message")
    log = at_orders.app.session.data_dir.root / "cockpit.log"
    assert "RuntimeError: inside '…'" in log.read_text(encoding="utf-8")
    assert at_orders.app.frame.place.context is Context.ORDERS


async def test_own_keys_replace_the_usual_ones(house: DataDir) -> None:
    (house.root / "keymap.toml").write_text('[keys]\n"columns.next" = "X"\n', encoding="utf-8")
    async with cockpit(house) as under_test:
        await under_test.press("W")
        assert "BUYER" in under_test.screen_text()
        await under_test.press("X")
        assert "VALUE" in under_test.screen_text()


async def test_a_keymap_that_cannot_be_used_is_said_and_the_usual_keys_stay(house: DataDir) -> None:
    (house.root / "keymap.toml").write_text('[keys]\n"order.ship" = "j"\n', encoding="utf-8")
    async with cockpit(house) as under_test:
        said = under_test.app.session.notices.top
        assert said is not None
        assert "would mean both" in said.said.what
        await under_test.press("W")
        assert "VALUE" in under_test.screen_text()


async def test_a_list_that_cannot_be_read_leaves_the_one_before(at_orders: Cockpit) -> None:
    place = orders(at_orders)
    at_orders.app.frame.orders.post_message(ListFailed(place._wanted, "The disk is full.", stopped=False))
    await at_orders.settled()
    assert "The disk is full." in at_orders.line("message")
    assert "40 orders" in at_orders.line("view")
    await at_orders.do("list.resort")
    assert "reading" not in at_orders.line("view")
