"""A month of Shopee's orders: what its lists show and hide, in which order it is read, and how few calls it takes."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from shoptui.adapters.base import OrderPage, TooMany
from shoptui.clock import DrivenClock
from tests.adapters.shopee.support import CHANNELS, DETAIL, LIST, STORE, ScriptedShop, channels, ok, order

SEARCH = "/order/search_package_list"
DAY_S = 86400


def number(place: int) -> str:
    return f"260101{place:08d}"


class Shelf:
    """Orders by number with status and time of change; those in `parcels` have a waiting package."""

    def __init__(self, orders: dict[str, tuple[str, int]], parcels: tuple[str, ...] = ()) -> None:
        self.orders = orders
        self.parcels = parcels
        self.changes_when_listed: dict[str, int] = {}

    def listing(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        start, end, wanted = int(params["time_from"]), int(params["time_to"]), params.get("order_status")
        found = [
            (each, word)
            for each, (word, at) in sorted(self.orders.items(), key=lambda row: -row[1][1])
            if start <= at <= end and wanted in (None, word)
        ]
        at = int(params.get("cursor") or 0)
        rows = [{"order_sn": each, "order_status": word} for each, word in found[at : at + 100]]
        more = len(found) > at + 100
        for changed, changed_at in self.changes_when_listed.items():
            self.orders[changed] = (self.orders[changed][0], changed_at)
        return ok({"order_list": rows, "more": more, "next_cursor": str(at + 100) if more else ""})

    def search(self, request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content)["pagination"]["page_size"] == 100
        rows = [{"order_sn": each, "package_number": f"OFG{each}"} for each in self.parcels]
        return ok({"packages_list": rows, "pagination": {"more": False, "next_cursor": ""}})

    def details(self, request: httpx.Request) -> httpx.Response:
        rows = [
            order(each, order_status=self.orders[each][0], update_time=self.orders[each][1], package_list=None)
            for each in request.url.params["order_sn_list"].split(",")
        ]
        return ok({"order_list": rows})

    def script(self) -> dict[str, Any]:
        return {LIST: self.listing, SEARCH: self.search, DETAIL: self.details, CHANNELS: channels()}


async def month(shop: ScriptedShop, clock: DrivenClock, *, days: int = 30, **rest: Any) -> list[OrderPage]:
    until = int(clock.now())
    options = {"known": frozenset[str](), "at_most": 3000, **rest}
    return [page async for page in shop.shop.month(STORE, until - days * DAY_S, until, **options)]


def numbers_of(pages: list[OrderPage]) -> list[str]:
    return [found.order_no for page in pages for found in page.orders]


async def test_what_is_open_comes_first_and_details_fifty_at_a_time(clock: DrivenClock) -> None:
    now = int(clock.now())
    words = ["COMPLETED", "READY_TO_SHIP", "SHIPPED", "CANCELLED"]
    orders = {number(place): (words[place % 4], now - 60 * (place + 1)) for place in range(230)}
    old = number(999)
    orders[old] = ("PROCESSED", now - 90 * DAY_S)
    shop = ScriptedShop(clock, (shelf := Shelf(orders, parcels=(old,))).script())
    pages = await month(shop, clock)
    came = numbers_of(pages)
    still_open = [each for each, (word, _) in shelf.orders.items() if word == "READY_TO_SHIP"]
    assert came[0] == old
    assert set(came[1 : len(still_open) + 1]) == set(still_open)
    assert sorted(came) == sorted(orders)
    assert sum(page.total or 0 for page in pages) == len(orders)
    assert shop.paths().count(DETAIL) == 5
    # Three pages of the newer half of the month, one of the older.
    assert shop.paths().count(LIST) == 4


async def test_known_orders_are_counted_but_not_read_again(clock: DrivenClock) -> None:
    now = int(clock.now())
    orders = {number(place): ("COMPLETED", now - 60 * (place + 1)) for place in range(60)}
    shop = ScriptedShop(clock, Shelf(orders).script())
    pages = await month(shop, clock, known=frozenset(map(number, range(50))))
    assert sorted(numbers_of(pages)) == [number(place) for place in range(50, 60)]
    assert sum(page.total or 0 for page in pages) == 60
    assert shop.paths().count(DETAIL) == 1


async def test_an_order_that_leaves_the_list_costs_no_other(clock: DrivenClock) -> None:
    """One of the first page changes before the second is listed: all others move up, one of them over the border."""
    now = int(clock.now())
    shelf = Shelf({number(place): ("COMPLETED", now - 60 * (place + 1)) for place in range(250)})
    shelf.changes_when_listed = {number(3): now + 5}
    pages = await month(ScriptedShop(clock, shelf.script()), clock)
    assert sorted(numbers_of(pages)) == sorted(shelf.orders)
    assert sum(page.total or 0 for page in pages) == 250


async def test_orders_without_a_parcel_are_found_however_few_days_are_read(clock: DrivenClock) -> None:
    now = int(clock.now())
    shelf = Shelf({number(1): ("UNPAID", now - 9 * DAY_S), number(2): ("COMPLETED", now - 9 * DAY_S)})
    assert numbers_of(await month(ScriptedShop(clock, shelf.script()), clock, days=2)) == [number(1)]


async def test_too_many_are_said_before_any_is_read(clock: DrivenClock) -> None:
    now = int(clock.now())
    shelf = Shelf({number(place): ("COMPLETED", now - 60 * (place + 1)) for place in range(250)})
    shop = ScriptedShop(clock, shelf.script())
    with pytest.raises(TooMany):
        await month(shop, clock, at_most=150)
    assert DETAIL not in shop.paths()
