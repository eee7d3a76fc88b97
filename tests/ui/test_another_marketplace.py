"""A fourth marketplace: its own package and one line in the table of marketplaces, and everything else finds it.

Its order numbers are the same in each of its shops, as happens between marketplaces: they stay different orders.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts.capabilities import adapters, table

from shoptui.domain import marketplaces
from shoptui.domain.marketplaces import MarketplaceLine
from shoptui.domain.rule_format import parse_rule_file
from shoptui.queries.filter import parse
from tests.bazaar.yard import YARDS, Sale, Yard
from tests.ui.flow_support import FlowCockpit, Served, flow, flow_cockpit

_YARD = "https://yard.bazaar.example"
_HOUR = 3600
_RULES = """
format = 1

[[rule]]
id = "bazaar-arrange"
marketplace = "bazaar"
kind = "arr"
consequence = "late_dispatch"
stopped_by = "arranged"
from = "paid"
hours = 24
[rule.source]
who = "shoptui"
title = "invented"
seen = 2026-11-22
"""


@pytest.fixture(autouse=True)
def bazaar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line."""
    line = MarketplaceLine("bz", "Bazaar", "Bazaar of Samarkand", "tests.bazaar")
    monkeypatch.setitem(marketplaces._LINES, "bazaar", line)


@pytest.fixture
def yards() -> Iterator[dict[str, Yard]]:
    yield YARDS
    YARDS.clear()


async def connect(served: Served, under_test: FlowCockpit) -> None:
    """Set up the app and take its shops in, as `stores add bazaar` does."""
    link = under_test.app.link
    addresses = {"base_url": _YARD, "auth_url": _YARD}
    await link.ask("app_add", app="bazaar", marketplace="bazaar", app_key="k", app_secret="s", **addresses)
    state = (await link.ask("sign_in_begin", marketplace="bazaar")).body["state"]
    offered = (await link.ask("sign_in_code", state=state, pasted="open sesame")).body["shops"]
    shops = [[shop["shop_id"], shop["store_id"]] for shop in offered]
    await link.ask("store_add", state=state, shops=shops)
    await served.made.synced(served.engine)
    await served.engine.house.writer.counts(int(served.made.clock.now()))
    await under_test.settled()


def open_yard(served: Served) -> Yard:
    """Two shops with 25 sales each, the numbers of one being those of the other."""
    now = int(served.made.clock.now())
    yard = Yard({"7": "TH", "8": "VN"}, lambda: int(served.made.clock.now()))
    yard.sales = [
        Sale(shop_id, f"10040{number:03d}", now - 60 * number, now + number * _HOUR)
        for shop_id in yard.regions
        for number in range(1, 26)
    ]
    return yard


async def words_of(served: Served, number: str) -> dict[str, str]:
    """The marketplace's word for each store's order with this number, as it is cached."""
    writer = served.engine.house.writer
    stores = [store.store_id for store in await writer.stores()]
    orders = [order for store_id in stores for order in await writer.orders_by_no(store_id, [number])]
    return {order.store_id: order.raw_status for order in orders}


async def narrow(under_test: FlowCockpit, filter_text: str) -> None:
    await under_test.do("filter.open")
    await under_test.press("ctrl+u")
    await under_test.type(filter_text)
    await under_test.press("enter")
    await under_test.settled()


async def test_it_syncs_shows_filters_and_ships_beside_the_others(tmp_path: Path, yards: dict[str, Yard]) -> None:
    async with flow(tmp_path, stores=1, orders=30) as served, flow_cockpit(served) as under_test:
        yard = yards[_YARD] = open_yard(served)
        assert "bazaar" in (await under_test.app.link.ask("apps")).body["marketplaces"]
        await connect(served, under_test)
        orders = under_test.app.frame.orders
        assert len(orders.listed_ids) > 50
        for words in ("market:bz", "market:bazaar"):
            await narrow(under_test, words)
            assert len(orders.listed_ids) == 50
        assert "bz-th-1" in under_test.screen_text() and "bz-vn-1" in under_test.screen_text()

        await under_test.do("mark.all")
        await under_test.do("order.cancel")
        assert "CANCEL none of 50 orders" in under_test.screen_text()
        assert "At Bazaar a deal is a deal." in under_test.screen_text()
        await under_test.do("strip.leave")
        await under_test.do("mark.none")

        await narrow(under_test, "market:bz order:10040007 store:bz-vn-1")
        assert len(orders.listed_ids) == 1
        await under_test.do("order.ship")
        assert "Bazaar 1" in under_test.screen_text()
        await under_test.confirm()
        await under_test.to_the_end()
        assert yard.shipped == [("8", "10040007")]
        assert await words_of(served, "10040007") == {"bz-th-1": "BOUGHT", "bz-vn-1": "ON_THE_CART"}


async def test_a_number_two_stores_share_leads_to_both_orders(tmp_path: Path, yards: dict[str, Yard]) -> None:
    async with flow(tmp_path, stores=1, orders=30) as served, flow_cockpit(served, (120, 40)) as under_test:
        yards[_YARD] = open_yard(served)
        await connect(served, under_test)
        await narrow(under_test, "10040007")
        assert "10040007 fits 2 orders." in under_test.line("message")
        seen = {}
        for _row in range(2):
            row = under_test.app.frame.orders.grid.cursor_row
            assert row is not None
            await under_test.do("row.open", 1)
            seen[row.store_id] = under_test.pane_text()
            await under_test.do("go.back")
            await under_test.do("row.down")
        for store_id, price in (("bz-th-1", "฿12.50"), ("bz-vn-1", "₫1.250")):
            assert f"10040007  {store_id}" in seen[store_id]
            assert price in seen[store_id]


def test_its_words_are_in_filters_rules_and_the_table_of_capabilities() -> None:
    assert parse("market:bz") == parse("market:bazaar")
    head, _, *rows = table(adapters()).splitlines()
    assert head.endswith("| Bazaar of Samarkand |")
    assert any(row.endswith("At Bazaar a deal is a deal.") for row in rows)
    assert parse_rule_file(tomllib.loads(_RULES), "bazaar.toml")
