"""Pushing and counting stock from the cockpit: a real engine over the sandbox, keys alone."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import pytest_asyncio

from shoptui.command_state import Context
from shoptui.domain.intents import IntentState
from shoptui.queries.stock import PoolRow
from shoptui.screens.stock import StockPlace
from shoptui.screens.stock_push_form import PushForm
from shoptui.screens.stock_set_form import SetForm
from shoptui.widgets.scan_app import Scanned
from shoptui.widgets.scan_gate import Place as ScanPlace
from tests.engine.stock_support import Stocked, stocked
from tests.ui.flow_support import FlowCockpit, Served, flow_place, serving, stand_on

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stocked, Served]]:
    async with stocked(tmp_path_factory.mktemp("stock"), skus=40) as found, serving(found.made, found.engine) as served:
        yield found, served


def stock(
    served: Served, size: tuple[int, int] = (80, 24)
) -> AbstractAsyncContextManager[tuple[FlowCockpit, StockPlace]]:
    return flow_place(served, Context.STOCK, StockPlace, size)


async def pushable(found: Stocked, writes: int = 1) -> PoolRow:
    """A pool that a push changes at so many listings or more."""
    await found.settle()
    for row in await found.rows():
        if row.act_state is None and len((await found.preview([row.sku])).ready) >= writes:
            return row
    raise AssertionError("nothing is left to push")


def lines(under_test: FlowCockpit) -> str:
    return under_test.screen_text()


async def test_a_scan_s_and_f9_push_a_pool_to_all_its_stores(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = await pushable(found, 2)
    async with stock(served) as (under_test, place):
        under_test.app.frame.post_message(Scanned(row.sku.lower(), True, ScanPlace.LIST))
        await under_test.settled()
        assert place.grid.cursor_id == row.row_id
        await under_test.press("s")
        form = under_test.app.frame.strip.form
        assert isinstance(form, PushForm)
        wanted = dict(form.preview.changes)
        assert "who sees" in lines(under_test)
        for share in form.preview.pushes[0].found.shares:
            assert share.listing.store_id in lines(under_test)
        assert ">" in lines(under_test)
        before = len(found.writes())
        await under_test.confirm()
        assert len(found.writes()) == before
        await under_test.to_the_end()
        assert len(found.writes()) - before == len(wanted)
        now = await found.row(row.sku)
        assert now.oversold == 0
        assert now.act_state is IntentState.DONE
        assert "✓" in lines(under_test)


async def test_what_is_sold_while_the_strip_is_open_changes_its_numbers(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = next(row for row in await found.rows() if row.listed > 3 and row.act_state is None and (row.free or 0) > 3)
    async with stock(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("s")
        form = under_test.app.frame.strip.form
        assert isinstance(form, PushForm)
        free = form.preview.pushes[0].found.free
        shop = next(one["shop_id"] for one in found.truth(row.sku)["listings"] if one["shows"] >= 2)
        found.live.poke("sell", shop_id=shop, sku=row.sku, units=2)
        await found.ask("stock_refresh", pools=[row.sku])
        await under_test.pass_time(2)
        assert form.preview.pushes[0].found.free == (free or 0) - 2
        assert "2 sold while this was open" in lines(under_test)
        await under_test.press("escape")


async def test_digits_change_the_rule_and_the_order_goes_by_it(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = await pushable(found)
    async with stock(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("s")
        await under_test.press("2", "2", "2")
        form = under_test.app.frame.strip.form
        assert isinstance(form, PushForm)
        assert form.rule is not None
        assert form.rule.keep_back == 2
        assert "keep 2 back" in lines(under_test)
        await under_test.press("1")
        assert "shared out" in lines(under_test)
        if form.does():
            rule = form.rule
            await under_test.confirm()
            kept = {intent.batch_id for intent in await found.engine.house.writer.open_intents()}
            pushes = [await found.engine.house.writer.stock.push_of(row.key, batch) for batch in kept]
            assert rule in [push.rule for push in pushes if push is not None]
            await under_test.to_the_end()


async def test_a_limit_of_what_a_listing_shows_can_be_kept_from_now_on(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = await pushable(found)
    await found.ask("stock_count", counts=[{"sku": row.sku, "counted": row.reserved + 90}])
    row = await found.row(row.sku)
    async with stock(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("s", "3", "3")
        form = under_test.app.frame.strip.form
        assert isinstance(form, PushForm)
        assert form.rule is not None and form.rule.listing_max == 5
        assert max(share.shows for share in form.preview.pushes[0].found.shares) <= 5
        assert "rule holds: for this push" in lines(under_test)
        await under_test.press("4")
        assert "rule holds: from now on" in lines(under_test)
        await under_test.confirm()
        await under_test.to_the_end()
        kept = await found.row(row.sku)
        assert kept.own_rule
        assert place.detail is None or place.detail.row.row_id == row.row_id
    await found.ask("stock_rule", pools=[row.key])
    assert not (await found.row(row.sku)).own_rule


async def test_the_last_units_go_to_one_store(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = next(row for row in await found.rows() if row.listings > 1 and (row.free or 0) > 2 and row.act_state is None)
    async with stock(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("b")
        form = under_test.app.frame.strip.form
        assert isinstance(form, PushForm)
        (push,) = form.preview.pushes
        assert len({share.listing.store_id for share in push.found.shares if share.shows}) <= 1
        assert "LAST UNITS" in lines(under_test)
        await under_test.press("escape")


async def test_one_number_is_added_to_what_chosen_stores_show(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = next(
        row
        for row in await found.rows()
        if row.act_state is None and all(one["state"] == "live" for one in found.truth(row.sku)["listings"])
    )
    async with stock(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("e")
        form = under_test.app.frame.strip.form
        assert isinstance(form, SetForm)
        await under_test.type("two")
        assert "is no number" in lines(under_test)
        await under_test.press("ctrl+u")
        await under_test.type("+3")
        (part,) = form.parts()
        changes = [part.args(target) for target in part.targets]
        assert all(int(str(change["shows"])) == int(str(change["seen"])) + 3 for change in changes)
        await under_test.press("escape")


async def test_a_count_is_typed_and_bad_ones_are_said(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = (await found.rows())[-1]
    async with stock(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("c", "1")
        await under_test.type("many")
        await under_test.press("enter")
        assert "whole number" in lines(under_test)
        await under_test.press("ctrl+u")
        await under_test.type("77")
        await under_test.press("enter")
        await under_test.settled()
        assert (await found.row(row.sku)).hand == 77
        assert "77 units" in under_test.message()


async def test_a_file_is_compared_with_the_books_before_it_is_taken_over(
    house: tuple[Stocked, Served], tmp_path: Path
) -> None:
    found, served = house
    one, other = (await found.rows())[:2]
    path = tmp_path / "count.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["sku", "qty"], [one.sku, 500], [other.sku, other.hand], ["NOBODY-1", 3], [one.sku, "x"]]
        )
    async with stock(served) as (under_test, _place):
        await under_test.press("c", "2")
        await under_test.type(str(path))
        await under_test.press("enter")
        await under_test.settled()
        shown = lines(under_test)
        assert "500" in shown
        assert "NOBODY-1" in shown
        assert "1 agree" in shown
        await under_test.confirm()
        await under_test.settled()
        assert (await found.row(one.sku)).hand == 500
        assert (await found.row(other.sku)).hand == other.hand
        await under_test.press("c", "2", "ctrl+u")
        await under_test.type(str(tmp_path / "nowhere.csv"))
        await under_test.press("enter")
        assert "no file" in lines(under_test)
        await under_test.press("escape")


async def test_what_listings_show_is_taken_for_a_count_and_said_to_be_so(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = next(row for row in await found.rows() if row.listed > 2)
    async with stock(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("c", "3")
        await under_test.settled()
        assert "right only where they are split" in " ".join(lines(under_test).split())
        await under_test.confirm()
        await under_test.settled()
        counted = (await found.row(row.sku)).hand
        ours = sum(at["shows"] for at in found.truth(row.sku)["listings"])
        assert counted is not None and 0 < counted <= ours + row.reserved


async def test_enter_shows_the_listings_and_from_there_the_orders(house: tuple[Stocked, Served]) -> None:
    found, served = house
    row = next(row for row in await found.rows() if row.reserved and " " not in row.sku)
    async with stock(served) as (under_test, place):
        await stand_on(under_test, place, row)
        await under_test.press("enter")
        pane = under_test.pane_text()
        for listing in found.truth(row.sku)["listings"]:
            assert str(listing["sku_id"])[-6:] in pane
        await under_test.press("K")
        assert "in open orders" in under_test.pane_text()
        await under_test.press("K", "enter")
        orders = under_test.app.frame.orders
        assert under_test.app.frame.place is orders
        assert orders.filter_text == f"sku:{row.sku}"
        assert len(orders.listed_ids) > 0


async def test_a_scan_that_is_no_sku_is_said(house: tuple[Stocked, Served]) -> None:
    _found, served = house
    async with stock(served) as (under_test, place):
        here = place.grid.cursor_id
        under_test.app.frame.post_message(Scanned("NOBODY-9", True, ScanPlace.LIST))
        await under_test.settled()
        top = place.session.notices.top
        assert top is not None
        assert top.key == "scan:NOBODY-9"
        assert place.grid.cursor_id == here


async def test_the_list_is_written_to_a_file(house: tuple[Stocked, Served]) -> None:
    found, served = house
    async with stock(served) as (under_test, place):
        await under_test.press("o")
        await under_test.settled()
        (path,) = sorted((place.session.data_dir.operator_state.parent / "exports").glob("stock-*.csv"))
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["sku"] for row in rows} == {row.sku for row in await found.rows()}


async def test_without_an_engine_nothing_can_be_pushed(house: tuple[Stocked, Served]) -> None:
    _found, served = house
    async with stock(served) as (under_test, _place):
        await served.close_door()
        try:
            await under_test.until(lambda: not under_test.app.session.link.up)
            await under_test.press("s")
            assert not under_test.app.frame.strip.is_open
            assert "engine" in under_test.message()
        finally:
            await served.open_door()
