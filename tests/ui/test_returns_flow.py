"""Answering returns from the cockpit: a real engine over the sandbox, keys alone."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import pytest_asyncio

from shoptui.command_state import Context
from shoptui.domain.intents import IntentState
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnState
from shoptui.queries.returns import ReturnRow
from shoptui.screens.returns import ReturnsPlace
from shoptui.widgets.scan_app import Scanned
from shoptui.widgets.scan_gate import Place as ScanPlace
from tests.engine.desk_support import AN
from tests.engine.return_support import Asked, asked
from tests.ui.flow_support import FlowCockpit, Served, flow_cockpit, flow_place, serving, stand_on

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Asked, Served]]:
    async with (
        asked(tmp_path_factory.mktemp("returns"), returns=60) as found,
        serving(found.made, found.engine) as served,
    ):
        yield found, served


def returns(
    served: Served, size: tuple[int, int] = (80, 24)
) -> AbstractAsyncContextManager[tuple[FlowCockpit, ReturnsPlace]]:
    return flow_place(served, Context.RETURNS, ReturnsPlace, size)


async def find(under_test: FlowCockpit, place: ReturnsPlace, filter_text: str) -> None:
    """Filter by keys alone; the missed ones count like any others."""
    await under_test.do("filter.open")
    await under_test.press("ctrl+u")
    await under_test.type(filter_text)
    await under_test.press("enter")
    assert place.filter_text == filter_text


async def free(found: Asked, answer: ReturnAnswer, *asks: ReturnAsk) -> list[ReturnRow]:
    """The requests that take this answer now, with none under way; never wishes to cancel."""
    await found.settle()
    return [
        row
        for row in await found.rows("status:ours")
        if answer in row.answers and row.act_state is None and row.ask is not ReturnAsk.CANCEL
        and (not asks or row.ask in asks)
    ]  # fmt: skip


async def again(found: Asked, row: ReturnRow) -> ReturnRow:
    return next(each for each in await found.rows("") if each.row_id == row.row_id)


def strip(under_test: FlowCockpit) -> str:
    """What the strip says."""
    form = under_test.app.frame.strip.form
    assert form is not None
    lines = [form.title(), *form.lines(80, 0), *form.lines_below(80)]
    return "\n".join("".join(piece.text for piece in line) for line in lines)


async def test_small_ones_are_refunded_in_one_batch_with_the_count_typed(house: tuple[Asked, Served]) -> None:
    found, served = house
    filter_text = "status:ours value:<3usd -ask:cancel"
    small = [row for row in await found.rows(filter_text) if ReturnAnswer.REFUND_ONLY in row.answers]
    assert len(small) > 3
    before = len(found.answers_taken())
    async with returns(served) as (under_test, place):
        await find(under_test, place, filter_text)
        await under_test.do("mark.all")
        await under_test.do("return.refund")
        said = strip(under_test)
        assert f"REFUND ONLY {len(small)}" in said
        assert "US$" in said and "buyers keep the goods" in said
        assert f"Type {len(small)} to unlock F9" in said
        await under_test.type("99")
        assert under_test.app.frame.strip.form is not None and not under_test.app.frame.strip.form.does()
        await under_test.press("backspace", "backspace")
        await under_test.type(str(len(small)))
        await under_test.confirm()
        assert not under_test.app.frame.strip.is_open
        left = {row.row_id for row in await found.rows(filter_text)} - {row.row_id for row in small}
        assert set(place.grid.marks) == left, "what was left out stays marked"
        assert len(found.answers_taken()) == before, "held first"
        assert all(row.act_state is IntentState.HELD for row in [await again(found, row) for row in small])
        await under_test.pass_time(11)
        await under_test.to_the_end()
    taken = Counter(entry["target"] for entry in found.answers_taken()[before:])
    assert taken == Counter(row.return_id for row in small), "each once"


async def test_what_is_taken_back_is_marked_again(house: tuple[Asked, Served]) -> None:
    found, served = house
    row = (await free(found, ReturnAnswer.REFUND_ONLY))[0]
    before = len(found.answers_taken())
    async with returns(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.do("mark.toggle")
        await under_test.do("return.refund")
        await under_test.type("1")
        await under_test.confirm()
        assert not len(place.grid.marks)
        await under_test.do("undo.last")
        assert set(place.grid.marks) == {row.row_id}
        await under_test.pass_time(11)
    assert len(found.answers_taken()) == before


async def test_a_refusal_wants_its_reason_first(house: tuple[Asked, Served]) -> None:
    found, served = house
    row = (await free(found, ReturnAnswer.REFUSE))[0]
    async with returns(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.do("return.refuse")
        assert "choose the reason by its digit" in strip(under_test)
        await under_test.type("1")
        if "COMMENT to" in strip(under_test):
            await under_test.type("it is as shown")
            await under_test.press("enter")
        form = under_test.app.frame.strip.form
        assert form is not None and not form.does(), "the count is still to be typed"
        await under_test.type("1")
        assert form.does() == "refuse 1"
        await under_test.confirm()
        await under_test.pass_time(11)
        await under_test.to_the_end()
        await found.polled(5)
    assert (await again(found, row)).state in {ReturnState.REFUSED, ReturnState.JUDGED, ReturnState.CLOSED}


async def test_goods_that_came_back_are_checked_in_and_answered_with_the_same_keys(
    house: tuple[Asked, Served],
) -> None:
    found, served = house
    arrived = await free(found, ReturnAnswer.GOODS_OK)
    assert arrived, "the world has goods that came back"
    row = arrived[0]
    async with returns(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.do("return.agree")
        assert "GOODS OK, PAY 1 return" in strip(under_test)
        assert "nobody has checked the parcel in" in strip(under_test)
        await under_test.press("escape")
        await under_test.do("return.check")
        await under_test.type("4")
        await under_test.type("box crushed")
        await under_test.press("enter")
        assert (await again(found, row)).condition is ParcelCondition.DAMAGED
        assert "Checked in" in under_test.message()
        await under_test.do("return.agree")
        assert "did not come back as it was sent" in strip(under_test)
        await under_test.press("escape")
        await under_test.do("row.open")
        assert "damaged, box crushed" in under_test.pane_text()


async def test_an_offer_is_a_share_or_an_amount(house: tuple[Asked, Served]) -> None:
    found, served = house
    rows = await free(found, ReturnAnswer.OFFER)
    row = rows[0]
    async with returns(served) as (under_test, place):
        await stand_on(under_test, place, row)
        place.do_return_offer("")
        await under_test.settled()
        await under_test.type("lots")
        await under_test.press("enter")
        assert "is no amount" in under_test.screen_text()
        await under_test.press("ctrl+u")
        await under_test.type("30%")
        await under_test.press("enter")
        assert "OFFER A PART 1 return" in strip(under_test)
        await under_test.type("1")
        await under_test.confirm()
        await under_test.pass_time(11)
        await under_test.to_the_end()
        await found.polled(5)
    assert (await again(found, row)).state is not ReturnState.ASKED


async def test_wishes_to_cancel_are_answered_with_returns_in_one_strip(house: tuple[Asked, Served]) -> None:
    found, served = house
    wishes = [row for row in await found.rows("ask:cancel status:open") if row.act_state is None]
    other = (await free(found, ReturnAnswer.AGREE))[:1]
    assert wishes and other
    async with returns(served) as (under_test, place):
        for row in [wishes[0], *other]:
            await stand_on(under_test, place, row)
            await under_test.do("mark.toggle")
        await under_test.do("return.agree")
        said = strip(under_test)
        assert f"AGREE {1 + len(other)} return" in said and "1 cancelled and paid back" in said
        await under_test.type(str(1 + len(other)))
        await under_test.confirm()
        await under_test.pass_time(11)
        await under_test.to_the_end()


async def test_a_colleagues_claim_is_said_and_passed_knowingly(house: tuple[Asked, Served]) -> None:
    found, served = house
    row = (await free(found, ReturnAnswer.REFUND_ONLY))[0]
    await found.ask("claim", AN, on=True, orders=[[row.store_id, row.order_no]])
    async with returns(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.do("return.refund")
        assert "claimed, yet included: an" in strip(under_test)
        await under_test.type("1")
        await under_test.confirm()
        assert (await again(found, row)).act_state is IntentState.HELD
        await under_test.do("undo.last")
        await under_test.settled()


async def test_without_an_engine_nothing_is_asked(house: tuple[Asked, Served]) -> None:
    _found, served = house
    async with returns(served) as (under_test, _place):
        await served.close_door()
        try:
            await under_test.until(lambda: not under_test.app.session.link.up)
            await under_test.press("a")
            assert not under_test.app.frame.strip.is_open
            assert "engine is not running" in under_test.message()
        finally:
            await served.open_door()


async def test_the_list_is_exported_as_it_stands(house: tuple[Asked, Served]) -> None:
    found, served = house
    async with returns(served) as (under_test, _place):
        await under_test.do("list.export")
        folder = under_test.app.session.data_dir.operator_state.parent / "exports"
        (path,) = folder.glob("returns-*.csv")
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            records = list(csv.DictReader(file))
        rows = await found.rows("status:open")
        assert [record["return"] for record in records] == [row.return_id for row in rows]
        assert records[0]["store"] == rows[0].store_id


async def test_the_way_to_the_order_and_back(house: tuple[Asked, Served]) -> None:
    found, served = house
    row = next(each for each in await found.rows("status:open") if each.order_no)
    async with returns(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("g", "o")
        orders = under_test.app.frame.orders
        assert under_test.app.frame.place is orders
        shown = orders.grid.cursor_row
        assert shown is not None and shown.order_no == row.order_no
        await under_test.press("g", "r")
        assert under_test.app.frame.place is place
        assert place.grid.cursor_id is not None


async def test_a_scan_of_a_parcel_that_comes_back_leads_to_its_return(house: tuple[Asked, Served]) -> None:
    found, served = house
    back = next(row for row in await found.rows("") if row.tracking)
    asked_for = next(row for row in await found.rows("") if row.ask is not ReturnAsk.CANCEL and row != back)
    async with flow_cockpit(served) as under_test:
        for code, row in ((back.tracking, back), (asked_for.return_id, asked_for)):
            under_test.app.frame.show_place(Context.ORDERS)
            under_test.app.frame.post_message(Scanned(code, True, ScanPlace.LIST))
            await under_test.settled()
            place = under_test.app.frame.place
            assert isinstance(place, ReturnsPlace)
            assert place.grid.cursor_id == row.row_id
            assert place.in_pane


async def test_a_colleagues_claim_shows_at_once(house: tuple[Asked, Served]) -> None:
    found, served = house
    async with returns(served) as (under_test, place):
        row = next(each for each in await found.rows("status:open") if not each.claimed_by and each.order_no)
        await stand_on(under_test, place, row)
        await found.ask("claim", AN, on=True, orders=[[row.store_id, row.order_no]])
        await under_test.settled()
        shown = place.grid.cursor_row
        assert shown is not None and shown.claimed_by == "an"
