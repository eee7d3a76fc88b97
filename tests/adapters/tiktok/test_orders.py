"""Reading orders: windows, pages that misbehave, records that cannot be read, sweeps and chunks."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from shoptui.adapters.base import AdapterError, AuthError, Malformed, OrderPage, Temporary
from shoptui.adapters.tiktok.orders import OPEN_STATUSES
from shoptui.clock import DrivenClock
from shoptui.domain.orders import Status
from shoptui.domain.stores import Store
from tests.adapters.tiktok.support import CIPHER, DETAIL, SEARCH, ScriptedShop, no, ok, order, page, store

STORE = store()
SINCE, UNTIL = 1767139200, 1767225600


async def changed(shop: ScriptedShop) -> list[OrderPage]:
    return [page async for page in shop.shop.changed_orders(STORE, SINCE, UNTIL)]


async def changed_until_error(shop: ScriptedShop) -> tuple[list[OrderPage], AdapterError | None]:
    """The pages there were before the search broke off, and what broke it off."""
    got: list[OrderPage] = []
    try:
        async for each in shop.shop.changed_orders(STORE, SINCE, UNTIL):
            got.append(each)
    except AdapterError as error:
        return got, error
    return got, None


def numbers(pages: list[OrderPage]) -> list[str]:
    return [each.order_no for page in pages for each in page.orders]


def ids(*which: int) -> list[str]:
    return [order(number)["id"] for number in which]


async def test_a_window_is_read_by_update_time_page_by_page(clock: DrivenClock) -> None:
    token = "b2Zmc2V0PTIw+/8="
    shop = ScriptedShop(clock, {SEARCH: [page(order(1), order(2), token=token, total=3), page(order(3), total=3)]})
    pages = await changed(shop)
    assert numbers(pages) == ids(1, 2, 3)
    assert [each.total for each in pages] == [3, None]
    assert shop.bodies() == [{"update_time_ge": SINCE, "update_time_lt": UNTIL}] * 2
    first, second = (request.url.params for request in shop.asked)
    assert (first["page_size"], first["sort_field"], first["sort_order"]) == ("100", "update_time", "ASC")
    assert first["shop_cipher"] == CIPHER
    assert "page_token" not in first
    assert second["page_token"] == token


async def test_an_empty_window_is_not_asked_about(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {})
    assert [page async for page in shop.shop.changed_orders(STORE, UNTIL, UNTIL)] == []


@pytest.mark.parametrize(
    "data", [{}, None, {"orders": None}, {"orders": [], "next_page_token": None, "total_count": 0}]
)
async def test_no_match_may_be_said_in_many_ways(clock: DrivenClock, data: Any) -> None:
    pages = await changed(ScriptedShop(clock, {SEARCH: ok(data)}))
    assert numbers(pages) == []
    assert len(pages) == 1


async def test_one_malformed_order_of_a_hundred_is_set_aside_and_the_page_goes_on(clock: DrivenClock) -> None:
    records = [order(number) for number in range(100)]
    records[41]["update_time"] = "yesterday"
    shop = ScriptedShop(clock, {SEARCH: page(*records)})
    (got,) = await changed(shop)
    assert len(got.orders) == 99
    (aside,) = got.set_aside
    assert (aside.store_id, aside.order_no) == ("tt-vn-1", records[41]["id"])
    assert "update_time" in aside.reason
    assert "yesterday" not in aside.reason
    assert json.loads(aside.raw) == records[41]


@pytest.mark.parametrize(
    "bad", [None, 7, "an order", [], {}, {"id": None}, {"id": {"a": 1}}, {"id": 577, "status": None}]
)
async def test_a_record_that_is_no_order_at_all_is_set_aside(clock: DrivenClock, bad: Any) -> None:
    (got,) = await changed(ScriptedShop(clock, {SEARCH: page(order(1), bad, order(2))}))
    assert numbers([got]) == ids(1, 2)
    assert json.loads(got.set_aside[0].raw) == bad


async def test_an_amount_that_is_none_sets_its_order_aside(clock: DrivenClock) -> None:
    bad = order(2, payment={"currency": "VND", "total_amount": "a lot"})
    (got,) = await changed(ScriptedShop(clock, {SEARCH: page(order(1), bad, order(3))}))
    assert numbers([got]) == ids(1, 3)
    assert got.set_aside[0].order_no == bad["id"]
    assert json.loads(got.set_aside[0].raw) == bad


async def test_a_broken_emoji_does_not_cost_the_order(clock: DrivenClock) -> None:
    body = json.dumps({"code": 0, "data": {"orders": [order(1, buyer_message="ok \ud83d"), order(2)]}}).encode()
    (got,) = await changed(ScriptedShop(clock, {SEARCH: httpx.Response(200, content=body)}))
    assert got.orders[0].buyer_note == "ok \ufffd"
    assert got.set_aside == ()


async def test_stray_bytes_do_not_cost_the_order(clock: DrivenClock) -> None:
    body = (
        json.dumps({"code": 0, "data": {"orders": [order(1, buyer_message="XX")]}}).encode().replace(b"XX", b"\xf0\x9f")
    )
    (got,) = await changed(ScriptedShop(clock, {SEARCH: httpx.Response(200, content=body)}))
    assert got.orders[0].buyer_note == "\ufffd"


async def test_an_unknown_status_is_kept_as_it_is(clock: DrivenClock) -> None:
    (got,) = await changed(ScriptedShop(clock, {SEARCH: page(order(1, status="AWAITING_DRONE"))}))
    assert (got.orders[0].status, got.orders[0].raw_status) == (Status.UNKNOWN, "AWAITING_DRONE")


async def test_an_order_twice_in_a_page_comes_once_in_its_newest_version(clock: DrivenClock) -> None:
    old, new = order(1, update_time=100, buyer_nickname="old"), order(1, update_time=200, buyer_nickname="new")
    for records in ([old, order(2), new], [new, order(2), old]):
        (got,) = await changed(ScriptedShop(clock, {SEARCH: page(*records)}))
        assert sorted(numbers([got])) == sorted(ids(1, 2))
        assert {each.buyer_name for each in got.orders if each.order_no == order(1)["id"]} == {"new"}


async def test_a_page_served_twice_is_read_through(clock: DrivenClock) -> None:
    twice = {"orders": [order(1), order(2)], "total_count": 3}
    script = [
        ok({**twice, "next_page_token": "a"}),
        ok({**twice, "next_page_token": "b"}),
        page(order(3), total=3),
    ]
    pages = await changed(ScriptedShop(clock, {SEARCH: script}))
    assert numbers(pages) == ids(1, 2, 3)


async def test_a_newer_version_on_a_later_page_is_news(clock: DrivenClock) -> None:
    script = [page(order(1, update_time=100), token="a"), page(order(1, update_time=200))]
    pages = await changed(ScriptedShop(clock, {SEARCH: script}))
    assert [each.updated_at for page in pages for each in page.orders] == [100, 200]


async def test_a_token_that_repeats_ends_with_what_was_read_and_an_error(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SEARCH: lambda request: page(order(1), token="same")})
    got, error = await changed_until_error(shop)
    assert numbers(got) == ids(1)
    assert isinstance(error, Malformed)
    assert "circle" in error.message
    assert len(shop.asked) == 2


async def test_fresh_tokens_for_the_same_page_end_too(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SEARCH: lambda request: page(order(1), token=f"t{len(shop.asked)}")})
    with pytest.raises(Malformed, match="circle"):
        await changed(shop)
    assert len(shop.asked) < 10


async def test_a_failure_between_pages_keeps_what_was_read(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SEARCH: [page(order(1), token="a"), httpx.ReadTimeout("slow")]})
    got, error = await changed_until_error(shop)
    assert isinstance(error, Temporary)
    assert numbers(got) == ids(1)


async def test_a_read_survives_trouble_that_passes(clock: DrivenClock) -> None:
    script = [
        httpx.Response(502, html="<h1>Bad Gateway</h1>"),
        no(36009003, "internal"),
        no(36009002, status=429),
        page(order(1)),
    ]
    assert numbers(await changed(ScriptedShop(clock, {SEARCH: script}))) == ids(1)


async def test_a_sweep_asks_for_each_open_status_and_its_totals_add_up(clock: DrivenClock) -> None:
    counts = {"AWAITING_SHIPMENT": 3, "UNPAID": 1}

    def search(request: httpx.Request) -> httpx.Response:
        status = json.loads(request.content)["order_status"]
        count = counts.get(status, 0)
        if count < 2:
            return page(*(order(10 + number, status=status) for number in range(count)), total=count)
        if "page_token" in request.url.params:
            return page(order(3, status=status), total=count)
        return page(order(1, status=status), order(2, status=status), token="more+/=", total=count)

    shop = ScriptedShop(clock, {SEARCH: search})
    pages = [page async for page in shop.shop.open_orders(STORE)]
    assert numbers(pages) == ids(1, 2, 3, 10)
    assert sum(page.total or 0 for page in pages) == 4
    asked = [body["order_status"] for body in shop.bodies()]
    assert sorted(set(asked)) == sorted(OPEN_STATUSES)
    assert set(OPEN_STATUSES) == {"UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION"}


async def test_orders_by_number_are_asked_in_chunks_of_fifty_once_each(clock: DrivenClock) -> None:
    def detail(request: httpx.Request) -> httpx.Response:
        return ok({"orders": [order(int(each[-5:])) for each in request.url.params["ids"].split(",")]})

    shop = ScriptedShop(clock, {DETAIL: detail})
    wanted = ids(*range(120), *range(10))
    got = await shop.shop.orders_by_no(STORE, wanted)
    assert [each.order_no for each in got.orders] == ids(*range(120))
    assert [request.url.params["ids"].count(",") + 1 for request in shop.asked] == [50, 50, 20]
    assert [request.method for request in shop.asked] == ["GET"] * 3


async def test_a_number_of_another_shop_does_not_spoil_the_others(clock: DrivenClock) -> None:
    foreign = set(ids(7, 31))

    def detail(request: httpx.Request) -> httpx.Response:
        asked = request.url.params["ids"].split(",")
        if foreign & set(asked):
            return no(21008111, "an order does not belong to this shop")
        return ok({"orders": [order(int(each[-5:])) for each in asked]})

    got = await ScriptedShop(clock, {DETAIL: detail}).shop.orders_by_no(STORE, ids(*range(50)))
    assert {each.order_no for each in got.orders} == set(ids(*range(50))) - foreign


async def test_no_numbers_are_no_call(clock: DrivenClock) -> None:
    assert await ScriptedShop(clock, {}).shop.orders_by_no(STORE, []) == OrderPage(())


@pytest.mark.parametrize("number", ["", "../shops", "1,2", "1 2", "x" * 65])
async def test_a_number_that_could_change_the_address_is_refused(clock: DrivenClock, number: str) -> None:
    with pytest.raises(ValueError, match="no id of TikTok Shop"):
        await ScriptedShop(clock, {}).shop.orders_by_no(STORE, [number])


async def test_a_store_without_its_cipher_is_signed_out(clock: DrivenClock) -> None:
    bare = Store("tt-vn-1", "tiktok", "VN", "7", "Mug House", "Asia/Ho_Chi_Minh", "VND", "main")
    with pytest.raises(AuthError, match="no shop cipher"):
        await ScriptedShop(clock, {}).shop.orders_by_no(bare, ["1"])


async def test_calls_are_counted_by_what_they_are_for(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SEARCH: page(), DETAIL: page()})
    await changed(shop)
    assert [page async for page in shop.shop.open_orders(STORE)]
    await shop.shop.orders_by_no(STORE, ["1"])
    counted = {row.feed: row.today for row in shop.http.budget.snapshot()}
    assert counted == {"orders": 1, "sweep": 5, "detail": 1}


async def test_errors_carry_no_tokens_or_ciphers(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SEARCH: no(21001001, "bad parameter")})
    with pytest.raises(AdapterError) as caught:
        await changed(shop)
    assert "ROW_" not in str(caught.value)


async def test_a_record_that_is_set_aside_keeps_its_fractions(clock: DrivenClock) -> None:
    bad = {**order(1), "create_time": "some day", "weight": 1.5}
    shop = ScriptedShop(clock, {SEARCH: page(bad, order(2))})
    pages = [found async for found in shop.shop.changed_orders(store(), 0, 10**9)]
    assert [each.order_no for found in pages for each in found.orders] == [order(2)["id"]]
    (aside,) = [each for found in pages for each in found.set_aside]
    assert aside.order_no == bad["id"] and json.loads(aside.raw) == bad
