"""A day of TikTok Shop's orders most of which are here already: only the others are read, unless some would be lost."""

from __future__ import annotations

import json
from collections import Counter

import httpx
import pytest

from shoptui.adapters.tiktok.mapping import ORDER_STATUS
from shoptui.adapters.tiktok.orders import CLOSED_STATUSES, OPEN_STATUSES
from shoptui.clock import DrivenClock
from shoptui.domain.orders import BEFORE_CARRIER
from tests.adapters.sandboxed import House
from tests.adapters.tiktok.sandboxed import START_AT, house
from tests.adapters.tiktok.support import SEARCH, ScriptedShop, ok, order, page, store

DAY = 86_400
SINCE, UNTIL = START_AT - DAY, START_AT


def searches(at: House) -> int:
    return sum(row.today for row in at.budget.snapshot() if row.feed in ("orders", "sweep"))


async def changed(at: House, known: dict[str, int]) -> list[str]:
    pages = at.shop.changed_orders(at.store, SINCE, UNTIL, known=known)
    return [order.order_no async for page in pages for order in page.orders]


def test_a_word_is_open_or_closed() -> None:
    assert set(OPEN_STATUSES) | set(CLOSED_STATUSES) == ORDER_STATUS.keys() - {"CANCEL"}
    assert {ORDER_STATUS[word] in BEFORE_CARRIER for word in OPEN_STATUSES} == {True}
    assert {ORDER_STATUS[word] in BEFORE_CARRIER for word in CLOSED_STATUSES} == {False}


async def test_open_orders_that_are_here_fill_no_pages_a_second_time() -> None:
    async with house(orders=1500) as at:
        still_open = {
            order.order_no: order.updated_at async for page in at.shop.open_orders(at.store) for order in page.orders
        }
        of_the_day = {order.id for order in at.sandbox.world.orders.values() if SINCE <= order.updated_at < UNTIL}
        assert len(of_the_day & still_open.keys()) > 700
        before = searches(at)
        found = await changed(at, still_open)
        assert Counter(found) == Counter(of_the_day - still_open.keys())
        # One page of each status and the count, where the whole day has eight pages or more.
        assert searches(at) - before == len(CLOSED_STATUSES) + 1
        before = searches(at)
        assert set(await changed(at, {})) == of_the_day
        assert searches(at) - before == -(-len(of_the_day) // 100) >= 8


class Day:
    """A day with one delivered order and as many in all as it says, None: it does not say."""

    def __init__(self, there: int | None) -> None:
        self.there = there
        self.asked: list[str] = []

    def search(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        word = asked.pop("order_status", "")
        assert asked == {"update_time_ge": SINCE, "update_time_lt": UNTIL}
        if request.url.params["page_size"] == "1":
            self.asked.append("count")
            return ok({"orders": [order(1)]} | ({} if self.there is None else {"total_count": self.there}))
        self.asked.append(word)
        if not word:
            return page(order(1), order(2), order(3), total=self.there)
        return page(order(1), total=1) if word == "DELIVERED" else page(total=0)


@pytest.mark.parametrize(
    ("there", "found", "asked"),
    [
        (601, [1], ["count", *CLOSED_STATUSES]),
        # Some have changed since they were read.
        (560, [1], ["count", *CLOSED_STATUSES]),
        # There are more than have a word that is known here.
        (602, [1, 2, 3], ["count", *CLOSED_STATUSES, ""]),
        (None, [1, 2, 3], ["count", ""]),
    ],
)
async def test_nothing_is_left_out_for_a_word_nobody_knows(
    clock: DrivenClock, there: int | None, found: list[int], asked: list[str]
) -> None:
    day = Day(there)
    shop = ScriptedShop(clock, {SEARCH: day.search})
    known = {str(number): SINCE for number in range(600)} | {"later": UNTIL, "before": SINCE - 1}
    pages = shop.shop.changed_orders(store(), SINCE, UNTIL, known=known)
    assert [each.order_no async for page in pages for each in page.orders] == [order(number)["id"] for number in found]
    assert day.asked[:1] + sorted(day.asked[1:5]) + day.asked[5:] == asked[:1] + sorted(asked[1:5]) + asked[5:]


async def test_where_few_are_known_the_day_is_read_as_a_whole(clock: DrivenClock) -> None:
    day = Day(502)
    known = {str(number): SINCE for number in range(500)}
    pages = ScriptedShop(clock, {SEARCH: day.search}).shop.changed_orders(store(), SINCE, UNTIL, known=known)
    assert [len(page.orders) async for page in pages] == [3]
    assert day.asked == [""]
