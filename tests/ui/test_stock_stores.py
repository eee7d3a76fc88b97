"""The columns of Stock that show single stores: which fit, what a cell says, what W turns, on an invented house."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.command_state import Context
from shoptui.paths import DataDir
from shoptui.protocol import Changed
from shoptui.queries.stock import PoolRow, StoreShows
from shoptui.screens.stock import StockPlace
from shoptui.screens.stock_store_columns import store_columns, store_pages, stores_by_need
from shoptui.store.writer import Writer
from shoptui.widgets.columns import CellContext, CellText, Column
from shoptui.widgets.roles import Role
from tests.ui.app_support import NOW, cockpit
from tests.ui.stock_support import make_stock, some_listings

pytestmark = pytest.mark.usefixtures("always_mei")

EIGHTEEN = [f"{market}-{region}-{number}" for market in ("lz", "sp", "tt") for region in ("th", "my") for number in
            (1, 2, 3)]  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(make_stock(tmp_path))


def pool(*stores: StoreShows) -> PoolRow:
    return PoolRow(
        row_id=1, key="bag", sku="BAG", name="bag", hand=20, reserved=2, listed=30, listings=3, sold_24h=1, sold_7d=7,
        week_units=7, cover_s=None, oversold=0, step=0, next_at=None, next_kind="", then_at=None, then_kind="",
        missed=0, last_missed_at=None, last_missed_kind="", counted_at=NOW, figures_at=NOW, seen_at=NOW, stores=stores,
    )  # fmt: skip


def cells(row: PoolRow, shown: list[str], stores: list[str], silent: tuple[str, ...] = ()) -> dict[str, CellText]:
    """What stands in each column, by its heading."""
    found = {}
    for column in store_columns(shown, stores, silent):
        assert isinstance(column, Column)
        cell = column.cell(row, CellContext(width=column.width))
        assert isinstance(cell, CellText)
        found[column.heading] = cell
    return found


@pytest.mark.parametrize(
    ("stores", "room", "pages"),
    [
        (EIGHTEEN[:6], 36, [6]),
        (EIGHTEEN[:6], 35, [4, 2]),
        (EIGHTEEN, 41, [5, 5, 5, 3]),
        (EIGHTEEN, 108, [18]),
        (EIGHTEEN, 11, [0]),
    ],
)
def test_as_many_stores_stand_side_by_side_as_fit(stores: list[str], room: int, pages: list[int]) -> None:
    assert [len(page) for page in store_pages(stores, room)] == pages


@given(st.integers(0, 40), st.integers(0, 300))
def test_every_store_is_in_one_of_the_sets_and_each_set_fits(count: int, room: int) -> None:
    stores = [f"tt-th-{number}" for number in range(count)]
    pages = store_pages(stores, room)
    assert sorted(store for page in pages for store in page) in (sorted(stores), [])
    for page in pages:
        columns = store_columns(page, stores, ())
        assert not page or sum(column.width + 1 for column in columns) <= room


def test_a_cell_says_what_is_shown_and_whether_the_rule_gives_more_or_less() -> None:
    row = pool(
        StoreShows("tt-th-1", 12, 8),
        StoreShows("tt-th-2", 4, 9),
        StoreShows("sp-my-1", 7),
        StoreShows("sp-my-2", 21000),
    )
    assert cells(row, ["sp-my-1", "sp-my-2", "tt-th-1", "tt-th-2", "tt-vn-1"], [], silent=("sp-my-1",)) == {
        "spmy1": CellText("~7 ", Role.QUIET),
        "spmy2": CellText("21k ", Role.TEXT),
        "ttth1": CellText("12-", Role.SOON),
        "ttth2": CellText("4+", Role.NEAR),
        "ttvn1": CellText(""),
    }


def test_what_does_not_fit_is_counted_and_added_up() -> None:
    row = pool(StoreShows("a-1", 5), StoreShows("b-1", 3, 1), StoreShows("c-1", 2))
    found = cells(row, ["a-1"], ["a-1", "b-1", "c-1", "d-1"])
    assert found == {"a1": CellText("5 ", Role.TEXT), "+3": CellText("5-", Role.SOON)}
    assert cells(replace(row, stores=None), ["a-1"], ["a-1"]) == {"a1": CellText("")}, "not read yet"
    # Of several stores the sign is what they gain or lose together.
    for give, sign, role in ((3, "-", Role.SOON), (4, " ", Role.TEXT), (5, "+", Role.NEAR)):
        mixed = pool(StoreShows("a-1", 5), StoreShows("b-1", 3, 1), StoreShows("c-1", 2, give))
        assert cells(mixed, ["a-1"], ["a-1", "b-1", "c-1"])["+2"] == CellText(f"5{sign}", role)


def test_stores_with_the_most_to_push_come_first() -> None:
    rows = [
        pool(StoreShows("a-1", 5), StoreShows("b-1", 3, 1), StoreShows("c-1", 2)),
        pool(StoreShows("a-1", 5), StoreShows("b-1", 3), StoreShows("d-1", 2, 4)),
        replace(pool(), stores=None),
    ]
    assert stores_by_need(rows) == ("b-1", "d-1", "a-1", "c-1")
    assert stores_by_need([]) == ()


async def test_at_two_hundred_cells_each_store_has_a_column(house: DataDir) -> None:
    async with cockpit(house, (200, 50)) as under_test:
        await under_test.press("g", "k", "0")
        place = under_test.app.frame.place
        assert isinstance(place, StockPlace)
        heads = next(line for line in under_test.screen_text().splitlines() if "SKU" in line)
        stores = sorted(store.store_id for store in place.session.house.stores)
        assert all(store.replace("-", "") in heads for store in stores)
        row = place.grid.cursor_row
        assert row is not None and row.stores
        line = next(line for line in under_test.screen_text().splitlines() if line.startswith("►"))
        assert all(str(one.shows) in line for one in row.stores), (line, row.stores)
        await under_test.press("W")
        assert "COUNTED" in under_test.screen_text() and "ttth1" not in under_test.screen_text()
        await under_test.press("W")
        assert "ttth1" in under_test.screen_text()


async def test_what_a_store_shows_now_comes_without_a_key(house: DataDir) -> None:
    async with cockpit(house, (200, 50)) as under_test:
        await under_test.press("g", "k", "0")
        place = under_test.app.frame.place
        assert isinstance(place, StockPlace) and place.grid.cursor_row is not None
        row = place.grid.cursor_row
        listing = next(one for one in some_listings() if one.sku == row.sku and one.stock[0].shows)
        writer = await Writer.open(house, NOW)
        try:
            now_ = replace(listing, stock=(replace(listing.stock[0], shows=777),), updated_at=NOW)
            rows = await writer.stock.put_listings([now_], NOW)
        finally:
            await writer.close()
        place.changed(Changed(pools=rows))
        await under_test.settled()
        assert "777" in under_test.screen_text()


async def test_a_terminal_that_grows_reads_what_stores_show(house: DataDir) -> None:
    async with cockpit(house, (80, 24)) as under_test:
        await under_test.press("g", "k", "0")
        place = under_test.app.frame.place
        assert isinstance(place, StockPlace) and place.grid.cursor_row is not None
        assert place.grid.cursor_row.stores is None, "nothing is read that has no column"
        await under_test.pilot.resize_terminal(200, 50)
        await under_test.settled()
        assert place.grid.cursor_row.stores
        assert "ttth1" in under_test.screen_text()


async def test_a_list_made_ready_out_of_sight_knows_what_stores_show(house: DataDir) -> None:
    async with cockpit(house, (200, 50)) as under_test:
        frame = under_test.app.frame
        frame.prepare_place(Context.STOCK)
        await under_test.settled()
        place = frame.places[Context.STOCK]
        assert isinstance(place, StockPlace) and frame.place is not place
        assert place.first_stores
        assert all(row.stores is not None for row in place.window.rows())
