"""The order desk's other verbs over a real engine and the sandbox, with the keys an operator presses."""

from __future__ import annotations

from pathlib import Path

from pypdf import PdfReader
from textual.events import Paste

from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.orders import Flag, Status
from shoptui.engine.printing import PrintRoom
from shoptui.queries.types import OrderRow
from shoptui.screens.order_tracking import TrackingForm
from tests.engine.print_support import Paper
from tests.engine.support import shipped
from tests.ui.flow_support import FlowCockpit, Served, flow, flow_cockpit


async def to_ship(under_test: FlowCockpit) -> list[OrderRow]:
    """The listed orders that the platform's carriers take and that nothing stands against."""
    place = under_test.app.frame.orders
    rows = await under_test.app.house.reader.rows(list(place.listed_ids), place.session.now)
    return [row for row in rows if row.status == "to_ship" and row.shipping_type == "platform" and not row.flags]


async def shows(under_test: FlowCockpit, words: str) -> None:
    """Wait until the screen says something: what a marketplace answers takes its time."""
    await under_test.until(lambda: words in under_test.screen_text())


async def saved(under_test: FlowCockpit, words: str) -> Path:
    """Wait for the file of labels; the message that names it may wait behind another one."""
    folder = under_test.app.session.data_dir.operator_state.parent / "exports"
    await under_test.until(lambda: bool(list(folder.glob("labels-*.pdf"))))
    await under_test.settled()
    for _message in range(3):
        if words in under_test.screen_text():
            break
        await under_test.do("notice.seen")
    assert words in under_test.screen_text()
    (path,) = folder.glob("labels-*.pdf")
    return path


async def test_ship_and_print_without_a_printer_keeps_the_labels(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("order.print")
        text = under_test.screen_text()
        assert "SHIP, KEEP LABELS 1 of 1 order" in text
        assert "no printer is set up" in text
        await under_test.confirm()
        assert "then SHIP, KEEP LABELS 1 goes out" in under_test.line("message")
        await under_test.to_the_end()
        intents = await served.engine.house.writer.batch(under_test.app.session.house.batches[0].batch_id)
        assert [(intent.verb, intent.state) for intent in intents] == [
            (Verb.SHIP, IntentState.DONE),
            (Verb.LABEL, IntentState.DONE),
        ]
        assert list(shipped(served.made.live).values()) == [1]
        assert [group.count for group in under_test.app.session.house.batches] == [1, 1]
        await saved(under_test, "1 label written to")


async def test_an_order_is_cancelled_only_with_a_reason_and_the_count_typed(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        row = under_test.app.frame.orders.grid.cursor_row
        assert row is not None
        await under_test.do("order.cancel")
        await shows(under_test, "In TH TikTok Shop cancels whole orders only.")
        assert "change" not in under_test.line("keys")
        await under_test.press("2", "enter")
        await shows(under_test, "choose the reason by its digit")
        assert "CANCEL 1 of 1 order" in under_test.screen_text(), "no line can be left out"
        await under_test.confirm()
        assert under_test.app.frame.strip.is_open, "without a reason F9 does nothing"
        await under_test.press("1")
        text = under_test.screen_text()
        assert "Type 1 to unlock F9" in text
        assert "locked" in under_test.line("keys")
        await under_test.confirm()
        assert await served.engine.house.writer.open_intents() == []
        await under_test.press("backspace")
        assert "choose the reason" in under_test.screen_text(), "Backspace goes back to the reasons"
        await under_test.press("1", "1")
        await under_test.confirm()
        await under_test.to_the_end()
        assert "✓ 1 cancelled." in under_test.line("message")
        (found,) = await served.engine.house.writer.orders_by_no(row.store_id, [row.order_no])
        assert found.status is Status.CANCELLED


async def test_buyers_who_ask_to_cancel_are_refused_with_a_reason_or_agreed_to(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        asking = (await to_ship(under_test))[:2]
        for row in asking:
            served.made.live.poke("buyer_cancel_request", order_id=row.order_no)
        await under_test.pass_time(120)
        await under_test.press("8")
        place = under_test.app.frame.orders
        assert place.grid.move_to(asking[0].row_id)
        await under_test.do("request.refuse")
        await shows(under_test, "choose the reason")
        await under_test.press("1", "1")
        assert "REFUSE TO CANCEL 1 of 1 order" in under_test.screen_text()
        await under_test.confirm()
        await under_test.to_the_end()
        assert "✓ 1 request answered." in under_test.line("message")
        await under_test.press("8")
        assert place.grid.move_to(asking[1].row_id)
        await under_test.do("request.accept")
        await under_test.settled()
        assert "AGREE TO CANCEL 1 of 1 order" in under_test.screen_text()
        await under_test.press("1")
        await under_test.confirm()
        await under_test.to_the_end()
        (kept,) = await served.engine.house.writer.orders_by_no(asking[0].store_id, [asking[0].order_no])
        (gone,) = await served.engine.house.writer.orders_by_no(asking[1].store_id, [asking[1].order_no])
        assert (kept.status, bool(kept.flags & Flag.CANCEL_REQUESTED)) == (Status.TO_SHIP, False)
        assert gone.status is Status.CANCELLED


async def test_own_carrier_parcels_take_typed_pasted_and_filed_numbers(tmp_path: Path) -> None:
    async with flow(tmp_path, stores=1, orders=120, regions=("GB",)) as served, flow_cockpit(served) as under_test:
        place = under_test.app.frame.orders
        place.set_filter("ship:seller status:to_ship")
        await under_test.settled()
        rows = await under_test.app.house.reader.rows(list(place.listed_ids), place.session.now)
        assert len(rows) >= 3, "this seed has parcels for own carriers"
        await under_test.do("mark.all")
        await under_test.do("order.edit")
        await shows(under_test, "CHANGE HOW")
        await under_test.press("1")
        await shows(under_test, "choose it by its digit")
        await under_test.press("1")
        await shows(under_test, "tracking number [scan]")
        await under_test.type("GB000001")
        await under_test.press("enter")
        form = under_test.app.frame.strip.form
        assert isinstance(form, TrackingForm)
        pasted = f"{rows[1].order_no}\tGB000002\n{rows[2].order_no}\tGB 000003\n12345\tGB000004\n"
        under_test.app.frame.strip.field.post_message(Paste(pasted))
        await under_test.settled()
        text = under_test.screen_text()
        assert "2 have their numbers" in text
        assert "Line 2: A tracking number has only" in text
        assert "Line 3: order 12345 is not among those chosen" in text
        csv = tmp_path / "numbers.csv"
        csv.write_text(f"order no,awb\n{rows[2].order_no},GB000003\n", encoding="utf-8-sig")
        await under_test.type(str(csv))
        await under_test.press("enter")
        await under_test.settled()
        assert "3 have their numbers" in under_test.screen_text()
        await under_test.confirm()
        await under_test.to_the_end()
        assert "✓ 3 marked as shipped." in under_test.line("message")
        found = await served.engine.house.writer.orders_by_no("tt-uk-1", [row.order_no for row in rows[:3]])
        assert {order.tracking_number for order in found} == {"GB000001", "GB000002", "GB000003"}


async def test_a_note_stays_with_us_where_the_marketplace_has_no_field_for_it(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("mark.toggle")
        await under_test.do("mark.toggle")
        await under_test.do("row.note")
        await under_test.settled()
        text = under_test.screen_text()
        assert "NOTE on 2 orders" in text
        assert "never reaches the marketplace" in text
        await under_test.type("gift, no invoice")
        await under_test.press("enter")
        await under_test.settled()
        assert "Noted on 2 orders, ours only." in under_test.line("message")
        assert await served.engine.house.writer.open_intents() == []
        place = under_test.app.frame.orders
        rows = await under_test.app.house.reader.rows(list(place.listed_ids), place.session.now)
        assert sum(row.has_note for row in rows) == 2


async def test_an_order_goes_into_two_parcels_by_digits(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        row = under_test.app.frame.orders.grid.cursor_row
        assert row is not None
        assert "+1" in row.items
        await under_test.do("menu.open")
        await under_test.type("split")
        await under_test.press("enter")
        await under_test.settled()
        assert "SPLIT 1 of 1 order" in under_test.screen_text()
        assert "F9" not in under_test.line("keys"), "one parcel is no split"
        await under_test.press("down", "2")
        assert "F9 split into 2" in under_test.line("keys")
        await under_test.confirm()
        await under_test.to_the_end()
        assert "✓ 1 split." in under_test.line("message")
        (found,) = await served.engine.house.writer.orders_by_no(row.store_id, [row.order_no])
        assert len(found.packages) == 2


async def test_lines_left_out_of_a_cancellation_stay(tmp_path: Path) -> None:
    async with flow(tmp_path, stores=1, regions=("GB",)) as served, flow_cockpit(served) as under_test:
        row = next(row for row in await to_ship(under_test) if row.items.endswith("+1"))
        assert under_test.app.frame.orders.set_filter(f"order:{row.order_no}") is None
        await under_test.settled()
        await under_test.do("order.cancel")
        await shows(under_test, "a digit leaves a line out")
        await under_test.press("2", "enter")
        await shows(under_test, "CANCEL 1 LINE, 1 of 1 order")
        await shows(under_test, "choose the reason")
        assert "1 Out of stock" in under_test.screen_text() and "Pricing" not in under_test.screen_text()
        assert under_test.line("keys").split()[:2] == ["1", "reason"]
        await under_test.press("1", "1")
        await under_test.confirm()
        (intent,) = await served.engine.house.writer.open_intents()
        assert len(intent.args["line_ids"]) == 1  # type: ignore[arg-type]  # a list of ids


async def test_what_to_fetch_is_listed_and_written_for_paper_and_spreadsheet(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("mark.all")
        await under_test.do("order.pick_list")
        text = under_test.screen_text()
        assert "PICK LIST" in text
        place = under_test.app.frame.orders
        assert place.picks is not None
        rows = await under_test.app.house.reader.rows(list(place.listed_ids), place.session.now)
        assert place.picks.orders + place.picks.left_out == len(rows)
        await under_test.do("list.export")
        await shows(under_test, "Pick list written to")
        folder = place.session.data_dir.operator_state.parent / "exports"
        (pdf,) = folder.glob("pick-list-*.pdf")
        (csv,) = folder.glob("pick-list-*.csv")
        assert pdf.read_bytes().startswith(b"%PDF")
        lines = csv.read_text("utf-8-sig").splitlines()
        assert len(lines) == 1 + len(place.picks.lines)
        assert (pdf.stat().st_mode & 0o777, csv.stat().st_mode & 0o777) == (0o600, 0o600)
        await under_test.do("order.pick_list")
        assert "PICK LIST" not in under_test.screen_text()
        assert len(place.grid.marks) == len(rows), "a look takes no marks off"


async def test_goods_are_shown_with_the_shelves_of_the_shops_own_file(tmp_path: Path) -> None:
    async with flow(tmp_path, stores=1, orders=20) as served:
        house = served.made.data_dir
        house.config.write_text('[pick]\nlocations = "shelves.csv"\n')
        async with flow_cockpit(served) as under_test:
            place = under_test.app.frame.orders
            await under_test.do("mark.all")
            await under_test.do("order.pick_list")
            await shows(under_test, "The shelves cannot be read from")
            assert place.picks is not None and not place.picks.has_shelves
            skus = sorted({line.sku for line in place.picks.lines})
            table = ["sku,location", *(f"{sku},R-{number}" for number, sku in enumerate(skus, start=1))]
            (house.root / "shelves.csv").write_text("\n".join(table))
            await under_test.do("order.pick_list")
            await under_test.do("order.pick_list")
            await shows(under_test, "R-1 ")
            assert [line.shelf for line in place.picks.lines] == [f"R-{n}" for n in range(1, len(skus) + 1)]
            await under_test.do("order.pick_list")
            await under_test.do("row.open")
            detail = place.detail
            assert detail is not None
            sku = detail.order.lines[0].sku
            await shows(under_test, f"{sku} [R-{skus.index(sku) + 1}]")


async def test_stored_labels_are_written_to_one_file_in_list_order(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("mark.toggle")
        await under_test.do("mark.toggle")
        await under_test.do("order.print")
        await shows(under_test, "F9 ship 2, keep labels")
        await under_test.confirm()
        await under_test.to_the_end()
        (await saved(under_test, "2 labels written to")).unlink()
        under_test.app.frame.orders.set_filter("status:to_hand_over is:open")
        await under_test.settled()
        await under_test.do("mark.all")
        under_test.app.frame.orders.do_order_save_labels("")
        path = await saved(under_test, "2 labels written to")
        assert len(PdfReader(path).pages) >= 2
        assert path.stat().st_mode & 0o777 == 0o600
        audit = await under_test.app.house.reader.audit(5)
        assert any("document" in entry.what for entry in audit)


async def printed(served: Served, under_test: FlowCockpit, paper: Paper) -> None:
    """Let everything ordered go out, and the printers print."""
    for _round in range(60):
        served.made.advance(5)
        await served.engine.turn()
        paper.run()
        if not await served.engine.house.writer.open_intents():
            break
    await under_test.settled()
    under_test.app.tick_now()
    await under_test.settled()


async def test_ship_and_print_then_print_again_with_a_reason(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        paper = Paper()
        served.engine.room = PrintRoom(served.engine.house, paper)
        place = under_test.app.frame.orders
        await under_test.do("mark.toggle")
        await under_test.do("mark.toggle")
        await under_test.do("order.print")
        await shows(under_test, "2 to dock1, in list order")
        await under_test.press("1")
        await shows(under_test, "2 to dock2, in list order")
        await under_test.confirm()
        assert "then SHIP AND PRINT 2 goes out" in under_test.line("message")
        await printed(served, under_test, paper)
        assert "✓ 2 shipped, 2 labels sent to dock2." in under_test.line("message")
        assert len(paper.labels("dock2")) == 2
        assert under_test.app.session.memory.printer == "dock2", "the next p proposes the same printer"
        place.set_filter("status:to_hand_over is:open")
        await under_test.settled()
        await under_test.do("mark.all")
        rows = await under_test.app.house.reader.rows(list(place.listed_ids), place.session.now)
        assert [row.label for row in rows].count("printed") == 2
        await under_test.do("order.print")
        await shows(under_test, "2: printed already (P prints again)")
        await under_test.do("strip.leave")
        await under_test.do("order.reprint")
        await shows(under_test, "PRINT AGAIN 2 orders on dock2: why?")
        await under_test.press("enter")
        assert "Say in a few words why" in under_test.screen_text()
        await under_test.type("smeared")
        await under_test.press("enter")
        await shows(under_test, "Type 2 to unlock F9")
        assert "on dock2 by" in under_test.screen_text(), "who printed it before is said"
        await under_test.press("2")
        await under_test.confirm()
        await printed(served, under_test, paper)
        assert len(paper.labels("dock2")) == 4
        assert "✓ 2 labels sent to dock2." in under_test.line("message")
