"""Reading orders: windows, pages, the order of changes, sweeps, and records that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Malformed, OrderPage, Rejected
from shoptui.adapters.shopee.orders import WINDOW_MAX_S, windows
from shoptui.clock import DrivenClock
from shoptui.domain.orders import ShippingType
from tests.adapters.shopee.support import (
    CHANNELS,
    DETAIL,
    LIST,
    PACKAGE,
    PACKAGES,
    STORE,
    ScriptedShop,
    channels,
    no,
    ok,
    order,
    package,
    part,
    reading,
    store,
)

SEARCH = "/order/search_package_list"
NOTHING_WAITS = ok({"packages_list": [], "pagination": {"total_count": 0, "more": False, "next_cursor": ""}})
DAY_S = 86400
AT = 1767225600


def number(place: int) -> str:
    return f"260101{place:08d}"


class Shelf:
    """Orders by number with their update times, listed newest first as the real one may do."""

    def __init__(self, times: dict[str, int], page: int = 100) -> None:
        self.times = times
        self.windows: list[tuple[int, int]] = []
        self._page = page
        self.between: Callable[[int], None] = lambda asked: None
        self._asked = 0

    def listing(self, request: httpx.Request) -> httpx.Response:
        self._asked += 1
        start, end = int(request.url.params["time_from"]), int(request.url.params["time_to"])
        assert start < end <= start + WINDOW_MAX_S
        cursor = int(request.url.params.get("cursor") or 0)
        if not cursor:
            self.windows.append((start, end))
        found = sorted((no for no, at in self.times.items() if start <= at <= end), key=self.times.__getitem__)[::-1]
        rows = found[cursor : cursor + self._page]
        more = len(found) > cursor + self._page
        answer = ok(
            {
                "order_list": [{"order_sn": no} for no in rows],
                "more": more,
                "next_cursor": str(cursor + self._page) if more else "",
            }
        )
        self.between(self._asked)
        return answer

    def details(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params["order_sn_list"].split(",")
        assert len(wanted) <= 50
        rows = [order(no, update_time=self.times[no], package_list=None) for no in wanted if no in self.times]
        return ok({"order_list": rows}) if rows else no("error_not_found", "The order is not found.")

    def script(self) -> dict[str, Any]:
        return {LIST: self.listing, DETAIL: self.details, CHANNELS: channels()}


async def changed(shop: ScriptedShop, since: int, until: int) -> list[OrderPage]:
    return [page async for page in shop.shop.changed_orders(STORE, since, until)]


def times_of(pages: list[OrderPage]) -> list[int]:
    return [order.updated_at for page in pages for order in page.orders]


@given(st.integers(0, 2**31), st.integers(0, 10**8))
def test_windows_cover_every_second_once_and_none_is_too_long(since: int, length: int) -> None:
    pieces = windows(since, since + length)
    assert sum(end - start for start, end in pieces) == length
    assert all(0 < end - start <= WINDOW_MAX_S for start, end in pieces)
    assert all(one[1] == other[0] for one, other in pairwise(pieces))


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("Europe/Warsaw", (2026, 3, 20), (2026, 4, 10)),
        ("Europe/Madrid", (2026, 10, 15), (2026, 11, 5)),
        ("America/Sao_Paulo", (2026, 2, 20), (2026, 3, 3)),
        ("Asia/Kuala_Lumpur", (2027, 12, 25), (2028, 3, 2)),
    ],
)
def test_windows_across_months_and_summer_time_are_counted_in_seconds(
    zone: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    since = int(datetime(*first, tzinfo=ZoneInfo(zone)).timestamp())
    until = int(datetime(*last, tzinfo=ZoneInfo(zone)).timestamp())
    pieces = windows(since, until)
    assert (pieces[0][0], pieces[-1][1]) == (since, until)
    assert all(end - start == WINDOW_MAX_S for start, end in pieces[:-1])
    assert len(pieces) == -(-(until - since) // WINDOW_MAX_S)
    assert datetime.fromtimestamp(pieces[0][0], UTC) < datetime.fromtimestamp(pieces[-1][1], UTC)


@pytest.mark.parametrize(("month", "day"), [(10, 25), (3, 29)])
async def test_orders_of_hours_that_come_twice_or_never_come_once(clock: DrivenClock, month: int, day: int) -> None:
    """Sunday night in Madrid, orders every half hour by its clocks, windows that touch right there and at midnight."""
    zone = ZoneInfo("Europe/Madrid")
    local = [datetime(2026, month, day, hour, minute, tzinfo=zone) for hour in range(6) for minute in (0, 30)]
    moments = {int(moment.replace(fold=fold).timestamp()) for moment in local for fold in (0, 1)}
    assert len(moments) == (14 if month == 10 else 10)
    last = int(datetime(2026, month, day, 2, 30, tzinfo=zone).timestamp())
    for until in (last + 1, last + WINDOW_MAX_S, last + 2 * WINDOW_MAX_S + 1800):
        shelf = Shelf({number(place): at for place, at in enumerate(sorted(moments))})
        pages = await changed(ScriptedShop(clock, shelf.script()), until - 3 * WINDOW_MAX_S, until)
        assert times_of(pages) == sorted(at for at in moments if at < until)
        assert len(set(shelf.windows)) == 3


async def test_changes_come_oldest_first_whatever_order_they_are_listed_in(clock: DrivenClock) -> None:
    shelf = Shelf({number(place): AT - place * 7919 for place in range(260)})
    pages = await changed(ScriptedShop(clock, shelf.script()), AT - 40 * DAY_S, AT + 1)
    assert times_of(pages) == sorted(shelf.times.values())
    assert all(len(page.orders) <= 100 for page in pages)
    assert [window[1] - window[0] for window in dict.fromkeys(shelf.windows)] == [
        WINDOW_MAX_S,
        WINDOW_MAX_S,
        10 * DAY_S + 1,
    ]


async def test_an_order_that_changes_while_it_is_read_comes_last_and_only_once(clock: DrivenClock) -> None:
    shelf = Shelf({number(place): AT - 100 * place for place in range(1, 20)})

    def change(asked: int) -> None:
        shelf.times[number(5)] = AT + 500

    shelf.between = change
    pages = await changed(ScriptedShop(clock, shelf.script()), AT - DAY_S, AT)
    assert times_of(pages)[-1] == AT + 500
    assert times_of(pages) == sorted(shelf.times.values())


async def test_orders_pushed_over_a_page_border_are_found_by_listing_again(clock: DrivenClock) -> None:
    """Between two pages one of the first page's orders changes and leaves the window: everything moves up one place."""
    shelf = Shelf({number(place): AT - 10 * place for place in range(1, 251)})
    border = sorted(shelf.times, key=shelf.times.__getitem__)[::-1][100]

    def change(asked: int) -> None:
        if asked == 1:
            shelf.times[number(3)] = AT + 900

    shelf.between = change
    pages = await changed(ScriptedShop(clock, shelf.script()), AT - DAY_S, AT)
    assert border in {order.order_no for page in pages for order in page.orders}
    assert len(times_of(pages)) == 250


async def test_a_busy_window_is_halved_until_it_can_be_sorted(
    clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shoptui.adapters.shopee.orders._SORTED_MAX", 200)
    shelf = Shelf({number(place): AT - 300 * place for place in range(1, 260)})
    pages = await changed(ScriptedShop(clock, shelf.script()), AT - DAY_S, AT)
    assert times_of(pages) == sorted(shelf.times.values())
    assert len(set(shelf.windows)) == 3


async def test_an_empty_window_asks_nothing(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {})
    assert await changed(shop, AT, AT) == []


async def test_pages_that_go_round_in_a_circle_end_in_an_error(clock: DrivenClock) -> None:
    looping = ok({"order_list": [], "more": True, "next_cursor": "7"})
    with pytest.raises(Malformed, match="circle"):
        await changed(ScriptedShop(clock, {LIST: looping}), AT - DAY_S, AT)


async def test_held_orders_are_asked_for_and_empty_parameters_left_out(clock: DrivenClock) -> None:
    shelf = Shelf({})
    shop = ScriptedShop(clock, shelf.script())
    await changed(shop, AT - DAY_S, AT)
    params = shop.asked[0].url.params
    assert params["request_order_status_pending"] == "true"
    assert "cursor" not in params
    assert "order_status" not in params


async def test_numbers_that_are_not_the_shops_do_not_cost_the_others(clock: DrivenClock) -> None:
    known = {number(place): AT - place for place in (1, 2, 3)}
    shelf = Shelf(known)

    def strict(request: httpx.Request) -> httpx.Response:
        if any(no not in known for no in request.url.params["order_sn_list"].split(",")):
            return no("order.error_not_found", "The order is not found.")
        return shelf.details(request)

    shop = ScriptedShop(clock, {**shelf.script(), DETAIL: strict})
    page = await shop.shop.orders_by_no(STORE, [number(1), "260101STRANGER", number(2), number(3)])
    assert [order.order_no for order in page.orders] == [number(1), number(2), number(3)]
    assert (await shop.shop.orders_by_no(STORE, ["260101STRANGER"])).orders == ()


async def test_what_is_no_number_never_leaves(clock: DrivenClock) -> None:
    with pytest.raises(ValueError, match="no order number"):
        await ScriptedShop(clock, {}).shop.orders_by_no(STORE, ["2601&x=1"])


@pytest.mark.parametrize(
    ("broken", "order_no"),
    [
        (order("260101BAD", create_time="yesterday"), "260101BAD"),
        (order("260101BAD", total_amount="12,3.4.5"), "260101BAD"),
        (order("260101BAD", item_list=None), "260101BAD"),
        (order("260101BAD", package_list=""), "260101BAD"),
        (order("260101BAD", ship_by_date="soon"), "260101BAD"),
        ({key: value for key, value in order().items() if key != "order_sn"}, ""),
        ("nonsense", ""),
    ],
)
async def test_a_record_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(
    clock: DrivenClock, broken: Any, order_no: str
) -> None:
    shop = ScriptedShop(clock, reading(broken, order()))
    page = await shop.shop.orders_by_no(STORE, ["251009T4K7WQ2P", "260101BAD"])
    assert [found.order_no for found in page.orders] == ["251009T4K7WQ2P"]
    (aside,) = page.set_aside
    assert aside.order_no == order_no
    assert aside.reason
    assert json.loads(aside.raw) == broken


async def test_a_package_that_shopee_does_not_show_leaves_the_order_readable(clock: DrivenClock) -> None:
    script = {**reading(order()), PACKAGES: no("error_not_found", "The package is not found.")}
    page = await ScriptedShop(clock, script).shop.orders_by_no(STORE, ["251009T4K7WQ2P"])
    assert page.orders[0].packages[0].package_id == PACKAGE


async def test_packages_are_read_fifty_at_a_time(clock: DrivenClock) -> None:
    parts = [part(f"OFG{place:015d}", item_list=[]) for place in range(120)]

    def packages(request: httpx.Request) -> httpx.Response:
        numbers = request.url.params["package_number_list"].split(",")
        assert len(numbers) <= 50
        return ok({"package_list": [package(each, tracking_number=f"T{each[-4:]}") for each in numbers]})

    shop = ScriptedShop(clock, {**reading(order(package_list=parts)), PACKAGES: packages})
    page = await shop.shop.orders_by_no(STORE, ["251009T4K7WQ2P"])
    assert [each.tracking_number for each in page.orders[0].packages] == [f"T{place:04d}" for place in range(120)]
    assert shop.paths().count(PACKAGES) == 3


async def test_the_channel_list_is_read_once_and_again_for_a_channel_it_lacks(clock: DrivenClock) -> None:
    script: dict[str, Any] = {**reading(order()), CHANNELS: [channels(), channels(20099)]}
    shop = ScriptedShop(clock, script)
    for _ in range(3):
        page = await shop.shop.orders_by_no(STORE, ["251009T4K7WQ2P"])
    assert page.orders[0].shipping_type is ShippingType.PLATFORM
    assert shop.paths().count(CHANNELS) == 1
    strange = ok({"order_list": [order(package_list=[part(logistics_channel_id=20099)])]})
    shop._script[DETAIL] = [strange]
    clock.advance(301)
    page = await shop.shop.orders_by_no(STORE, ["251009T4K7WQ2P"])
    assert page.orders[0].shipping_type is ShippingType.SELLER
    assert shop.paths().count(CHANNELS) == 2


async def test_without_a_channel_list_orders_are_read_all_the_same(clock: DrivenClock) -> None:
    script = {**reading(order()), CHANNELS: no("error_param", "Wrong parameters, detail: shop.")}
    shop = ScriptedShop(clock, script)
    for _ in range(2):
        page = await shop.shop.orders_by_no(STORE, ["251009T4K7WQ2P"])
    assert page.orders[0].shipping_type is ShippingType.UNKNOWN
    assert shop.paths().count(CHANNELS) == 1


# -- the sweep --------------------------------------------------------------------------------------------------------


async def test_the_sweep_takes_waiting_packages_and_what_has_none_yet(clock: DrivenClock) -> None:
    waiting = [number(1), number(2), number(2)]
    listed = {"UNPAID": [number(3)], "IN_CANCEL": [number(2), number(4)]}

    def listing(request: httpx.Request) -> httpx.Response:
        found = listed.get(request.url.params["order_status"], [])
        return ok({"order_list": [{"order_sn": each} for each in found], "more": False, "next_cursor": ""})

    def search(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        assert asked["filter"] == {"package_status": 0, "fulfillment_type": 0}
        at = int(asked["pagination"]["cursor"] or 0)
        rows = [{"order_sn": waiting[at], "package_number": f"OFG{at}"}]
        more = at + 1 < len(waiting)
        pages = {"total_count": 3, "more": more, "next_cursor": str(at + 1) if more else ""}
        return ok({"packages_list": rows, "pagination": pages})

    shelf = Shelf({number(place): AT - place for place in range(1, 5)})
    shop = ScriptedShop(clock, {SEARCH: search, LIST: listing, DETAIL: shelf.details, CHANNELS: channels()})
    pages = [page async for page in shop.shop.open_orders(STORE)]
    assert [order.order_no for page in pages for order in page.orders] == [number(place) for place in range(1, 5)]
    assert all(page.total is None for page in pages)


@pytest.mark.parametrize(("region", "asked"), [("MY", False), ("PH", True)])
async def test_orders_that_wait_for_an_invoice_are_swept_where_there_are_any(
    clock: DrivenClock, region: str, asked: bool
) -> None:
    shop = ScriptedShop(clock, {SEARCH: NOTHING_WAITS, LIST: ok({"order_list": [], "more": False, "next_cursor": ""})})
    assert [page async for page in shop.shop.open_orders(store(region=region))] == []
    statuses = {request.url.params.get("order_status") for request in shop.asked}
    assert ("INVOICE_PENDING" in statuses) is asked


async def test_a_refused_search_ends_the_sweep(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SEARCH: NOTHING_WAITS, LIST: no("error_param", "Wrong parameters.")})
    with pytest.raises(Rejected):
        [page async for page in shop.shop.open_orders(STORE)]
