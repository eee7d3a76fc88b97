"""A month of TikTok Shop's orders: searched once, again only where the count says so, with what is open and older."""

from __future__ import annotations

import json

import httpx
import pytest

from shoptui.adapters.base import OrderPage, TooMany
from shoptui.adapters.tiktok.orders import OPEN_STATUSES
from shoptui.clock import DrivenClock
from tests.adapters.tiktok.support import SEARCH, ScriptedShop, order, page, store

STORE = store()
SINCE, UNTIL = 1767139200, 1767225600


async def month(shop: ScriptedShop, *, at_most: int = 3000) -> list[OrderPage]:
    reading = shop.shop.month(STORE, SINCE, UNTIL, known=frozenset(), at_most=at_most)
    return [page async for page in reading]


def numbers(pages: list[OrderPage]) -> list[str]:
    return [each.order_no for page in pages for each in page.orders]


def ids(*which: int) -> list[str]:
    return [order(number)["id"] for number in which]


class Market:
    """Answers the searches of the month with these pages in turn, and those for older orders by their status."""

    def __init__(self, *pages: httpx.Response, older: dict[str, httpx.Response] | None = None) -> None:
        self.pages = list(pages)
        self.older = older or {}
        self.asked_older: list[str] = []

    def search(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if "order_status" not in asked:
            assert asked == {"update_time_ge": SINCE, "update_time_lt": UNTIL}
            assert request.url.params["sort_order"] == "DESC"
            return self.pages.pop(0)
        assert asked["update_time_lt"] == SINCE
        self.asked_older.append(asked["order_status"])
        return self.older.get(asked["order_status"], page(total=0))


async def test_the_month_is_searched_once_and_each_open_status_for_what_is_older(clock: DrivenClock) -> None:
    older = {"ON_HOLD": page(order(9), total=1)}
    market = Market(page(order(1), order(2), token="next", total=3), page(order(3), total=3), older=older)
    pages = await month(ScriptedShop(clock, {SEARCH: market.search}))
    assert numbers(pages) == ids(1, 2, 3, 9)
    assert sorted(market.asked_older) == sorted(OPEN_STATUSES)
    assert sum(each.total or 0 for each in pages) == 4
    assert market.pages == []


async def test_a_search_that_brings_fewer_than_it_counted_is_made_again(clock: DrivenClock) -> None:
    """An order left the month between two pages and drew another one over their border."""
    market = Market(
        page(order(1), order(2), token="next", total=4),
        page(order(4), total=4),
        page(order(1), order(3), token="next", total=3),
        page(order(4), total=3),
    )
    pages = await month(ScriptedShop(clock, {SEARCH: market.search}))
    assert numbers(pages) == ids(1, 2, 4, 3)
    assert sum(each.total or 0 for each in pages) == 4
    assert market.pages == []


async def test_a_count_that_is_never_reached_ends_all_the_same(clock: DrivenClock) -> None:
    market = Market(*(page(order(1), total=2) for _ in range(3)))
    pages = await month(ScriptedShop(clock, {SEARCH: market.search}))
    assert numbers(pages) == ids(1)
    assert sum(each.total or 0 for each in pages) == 2


async def test_too_many_are_said_before_any_is_given(clock: DrivenClock) -> None:
    market = Market(page(order(1), token="next", total=5000), page(order(2), total=5000))
    with pytest.raises(TooMany) as caught:
        await month(ScriptedShop(clock, {SEARCH: market.search}))
    assert caught.value.total == 5000
    assert market.asked_older == []
