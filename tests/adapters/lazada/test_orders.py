"""Reading orders: pages that move under the reader, items in batches, what cannot be read, tokens and errors."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.adapters.base import AuthError, Malformed, OrderPage, RateLimited, Rejected, ScopeError, Temporary
from shoptui.adapters.lazada.times import moment
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId
from shoptui.domain.orders import Status
from tests.adapters.conftest import START_AT
from tests.adapters.lazada.support import (
    ITEMS,
    ORDER,
    ORDER_NO,
    ORDERS,
    REFRESH,
    STORE,
    ScriptedShop,
    item,
    items_of,
    items_row,
    no,
    ok,
    order,
    params_of,
    token_answer,
)

OFFSET_S = 8 * 3600


def stamp(at: int) -> str:
    return f"2026-01-05 09:{at // 60:02d}:{at % 60:02d} +0800"


def number(at: int) -> str:
    return str(498120337100000 + at)


class MovingList:
    """Orders by update time, as `/orders/get` lists them; `moves` happen between its answers."""

    def __init__(self, moments: list[int], moves: list[tuple[str, int]]) -> None:
        self.at = {number(n): at for n, at in enumerate(moments)}
        self._moves = moves

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = params_of(request)
        base = moment("2026-01-05 09:00:00 +0800", OFFSET_S)
        after = moment(asked["update_after"], OFFSET_S) - base
        before = moment(asked["update_before"], OFFSET_S) - base
        rows = sorted((at, no) for no, at in self.at.items() if after <= at <= before)
        start, limit = int(asked["offset"]), int(asked["limit"])
        page = [order(no, updated_at=stamp(at)) for at, no in rows[start : start + limit]]
        if self._moves:
            moved, to = self._moves.pop(0)
            self.at[moved] = to
        return ok({"count": len(page), "countTotal": len(rows), "orders": page})


def all_items(request: httpx.Request) -> httpx.Response:
    wanted = json.loads(params_of(request)["order_ids"])
    return ok([items_row(item(str(one + 1)), order_no=str(one)) for one in wanted])


async def walk(shop: ScriptedShop, since: int = START_AT, until: int = START_AT + 10**7) -> list[OrderPage]:
    return [page async for page in shop.shop.changed_orders(STORE, since, until)]


async def test_orders_that_change_while_they_are_listed_push_none_over_a_border(clock: DrivenClock) -> None:
    # The first three change after the first page: by numbers of rows, three others would be skipped.
    moves = [(number(n), 50 * 60 + n) for n in range(3)]
    listed = MovingList(list(range(20)), moves)
    shop = ScriptedShop(clock, {ORDERS: listed, ITEMS: all_items}, page_size=5)
    pages = await walk(shop)
    assert {found.order_no for page in pages for found in page.orders} == {number(n) for n in range(20)}
    assert pages[0].total == 20
    assert [page.total for page in pages[1:]] == [None] * (len(pages) - 1)


@given(
    moments=st.lists(st.integers(0, 5), min_size=1, max_size=25),
    moves=st.lists(st.integers(0, 24), max_size=8),
    page_size=st.integers(2, 6),
)
@settings(max_examples=40, deadline=None)
def test_whatever_changes_meanwhile_no_order_is_missed(moments: list[int], moves: list[int], page_size: int) -> None:
    # A change only ever moves an order to a later moment than all there were.
    later = [(number(which % len(moments)), 6 + at) for at, which in enumerate(moves)]
    listed = MovingList(moments, later)
    shop = ScriptedShop(DrivenClock(START_AT), {ORDERS: listed, ITEMS: all_items}, page_size=page_size)
    pages = asyncio.run(walk(shop))
    assert {each.order_no for page in pages for each in page.orders} == set(listed.at)


async def test_many_changes_of_one_second_are_counted_through(clock: DrivenClock) -> None:
    listed = MovingList([7] * 12 + [8] * 3, [])
    shop = ScriptedShop(clock, {ORDERS: listed, ITEMS: all_items}, page_size=5)
    found = [order.order_no for page in await walk(shop) for order in page.orders]
    assert sorted(found) == [number(n) for n in range(15)]


async def test_only_the_asked_window_comes_back(clock: DrivenClock) -> None:
    listed = MovingList([0, 1, 2, 3, 4], [])
    shop = ScriptedShop(clock, {ORDERS: listed, ITEMS: all_items})
    base = moment("2026-01-05 09:00:00 +0800", OFFSET_S)
    pages = await walk(shop, base + 1, base + 4)
    assert [found.order_no for page in pages for found in page.orders] == [number(n) for n in (1, 2, 3)]
    asked = shop.sent(ORDERS)[0]
    assert (asked["sort_by"], asked["sort_direction"], asked["limit"]) == ("updated_at", "ASC", "100")
    assert asked["update_before"] == "2026-01-05T09:00:04+08:00"
    assert await walk(shop, base, base) == []


async def test_a_list_that_never_ends_is_given_up(clock: DrivenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shoptui.adapters.lazada.orders.OFFSET_MAX", 500)
    rows = [order(number(n), updated_at=stamp(7)) for n in range(100)]
    shop = ScriptedShop(clock, {ORDERS: ok({"countTotal": 100, "orders": rows}), ITEMS: all_items})
    with pytest.raises(Malformed, match="do not end"):
        await walk(shop)
    assert max(int(asked["offset"]) for asked in shop.sent(ORDERS)) == 500


async def test_items_are_asked_for_fifty_orders_at_once(clock: DrivenClock) -> None:
    rows = [order(number(n), updated_at=stamp(n)) for n in range(60)]
    shop = ScriptedShop(clock, {ORDERS: ok({"countTotal": 60, "orders": rows}), ITEMS: all_items})
    await walk(shop)
    assert [len(json.loads(asked["order_ids"])) for asked in shop.sent(ITEMS)] == [50, 10]


async def test_a_number_of_another_shop_does_not_cost_the_others_their_items(clock: DrivenClock) -> None:
    def items(request: httpx.Request) -> httpx.Response:
        if int(number(3)) in json.loads(params_of(request)["order_ids"]):
            return no("16", "E016: invalid order id")
        return all_items(request)

    rows = [order(number(n), updated_at=stamp(n)) for n in range(8)]
    shop = ScriptedShop(clock, {ORDERS: ok({"countTotal": 8, "orders": rows}), ITEMS: items})
    (page,) = await walk(shop)
    assert [found.order_no for found in page.orders] == [number(n) for n in range(8) if n != 3]
    assert [(aside.order_no, aside.reason) for aside in page.set_aside] == [(number(3), "the order has no items")]


@pytest.mark.parametrize(
    ("record", "unit"),
    [
        ({"price": "a lot"}, {}),
        ({"updated_at": "yesterday evening"}, {}),
        ({"created_at": None}, {}),
        ({}, {"currency": None}),
        ({}, {"status": ""}),
        ({}, {"sla_time_stamp": "NEXT_DAY"}),
        ({}, {"order_item_id": None}),
    ],
)
async def test_what_cannot_be_read_is_set_aside_and_the_page_goes_on(
    record: dict[str, Any], unit: dict[str, Any], clock: DrivenClock
) -> None:
    rows = [order(number(1), **record), order(number(2), updated_at=stamp(2))]
    answer = ok([items_row(item(**unit), order_no=number(1)), items_row(item(), order_no=number(2))])
    shop = ScriptedShop(clock, {ORDERS: ok({"countTotal": 2, "orders": rows}), ITEMS: answer})
    (page,) = await walk(shop)
    assert [found.order_no for found in page.orders] == [number(2)]
    (aside,) = page.set_aside
    assert aside.order_no == number(1)
    assert aside.reason
    assert json.loads(aside.raw)


async def test_the_sweep_counts_an_order_once_however_many_filters_bring_it(clock: DrivenClock) -> None:
    both = order(number(1), statuses=["pending", "packed"])
    shipped = order(number(2), statuses=["shipped"])

    def listed(request: httpx.Request) -> httpx.Response:
        rows = {"pending": [both], "topack": [both], "packed": [both], "toship": [both, shipped]}.get(
            params_of(request)["status"], []
        )
        return ok({"countTotal": len(rows), "orders": rows})

    shop = ScriptedShop(clock, {ORDERS: listed, ITEMS: all_items})
    pages = [page async for page in shop.shop.open_orders(STORE)]
    assert [found.order_no for page in pages for found in page.orders] == [number(1)]
    assert sum(page.total or 0 for page in pages) == 1
    # Nothing is asked about without a time to begin at.
    assert all(asked["created_after"] for asked in shop.sent(ORDERS))


@pytest.mark.parametrize(
    ("word", "code", "fails"), [("topack", "36", False), ("toship", "6", False), ("packed", "36", True)]
)
async def test_a_venture_that_does_not_know_an_alias_is_swept_all_the_same(
    word: str, code: str, fails: bool, clock: DrivenClock
) -> None:
    def listed(request: httpx.Request) -> httpx.Response:
        asked = params_of(request)["status"]
        if asked == word:
            return no(code, "E036: invalid status filter")
        rows = [order(number(1))] if asked == "ready_to_ship" else []
        return ok({"countTotal": len(rows), "orders": rows})

    shop = ScriptedShop(clock, {ORDERS: listed, ITEMS: all_items})
    if fails:
        with pytest.raises(Rejected):
            [page async for page in shop.shop.open_orders(STORE)]
        return
    pages = [page async for page in shop.shop.open_orders(STORE)]
    assert [found.order_no for page in pages for found in page.orders] == [number(1)]


@pytest.mark.parametrize("deep", [False, True])
async def test_orders_by_number_and_those_lazada_does_not_know(deep: bool, clock: DrivenClock) -> None:
    def one(request: httpx.Request) -> httpx.Response:
        asked = params_of(request)["order_id"]
        if asked == number(2):
            return no("16", "E016: invalid order id")
        return ok({"order": order(asked)} if deep else order(asked))

    shop = ScriptedShop(clock, {ORDER: one, ITEMS: all_items})
    page = await shop.shop.orders_by_no(STORE, [number(1), number(2), number(3), number(1)])
    assert [found.order_no for found in page.orders] == [number(1), number(3)]
    assert page.set_aside == ()


async def test_numbers_as_text_booleans_as_text_and_cut_emoji_are_read(clock: DrivenClock) -> None:
    unit = {name: str(value) if isinstance(value, int | float) else value for name, value in item().items()}
    body = json.dumps({"data": order(buyer_note="x"), "code": 0}).replace('"x"', '"nice \\ud83d"')
    shop = ScriptedShop(clock, {ORDER: httpx.Response(200, content=body.encode()), ITEMS: items_of(unit)})
    (found,) = (await shop.shop.orders_by_no(STORE, [ORDER_NO])).orders
    assert found.status is Status.TO_SHIP
    assert found.buyer_note == "nice \ufffd"


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        (no("ApiCallLimit"), RateLimited, "ApiCallLimit"),
        (no("901", "E901: too many requests, retry next second"), RateLimited, "901"),
        (no("InsufficientPermission", "no right"), ScopeError, "InsufficientPermission"),
        (no("ServiceTimeout", "timeout", "ISP"), Temporary, "ServiceTimeout"),
        (no("4711", "odd", "SYSTEM"), Temporary, "4711"),
        (no("4711", "odd", "ISV"), Rejected, "4711"),
        (no("SellerNotActive", "closed"), Rejected, "SellerNotActive"),
        (no("IllegalAccessToken", "expired"), AuthError, "IllegalAccessToken"),
        (httpx.Response(502, text="<html>bad gateway</html>"), Temporary, "502"),
        (httpx.Response(429, json={"error": "slow"}), RateLimited, "429"),
        (httpx.Response(200, text="maintenance"), Malformed, ""),
        (ok(None), Malformed, ""),
    ],
)
async def test_what_went_wrong_is_told_apart(
    reply: httpx.Response, error: type[Exception], code: str, clock: DrivenClock
) -> None:

    shop = ScriptedShop(clock, {ORDERS: reply, REFRESH: token_answer()})
    with pytest.raises(error) as caught:
        await walk(shop)
    assert getattr(caught.value, "code", "") == code
    # Neither tokens nor secrets stand in what people read.
    assert "50000access" not in str(caught.value)


async def test_a_refusal_has_our_sentence_and_lazadas_words(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ORDERS: no("AppWhiteIpLimit", "ip 203.0.113.7 is not\x1b[31m allowed")})
    with pytest.raises(Rejected) as caught:
        await walk(shop)
    assert caught.value.cause.id is CauseId.NO_PERMISSION
    assert caught.value.message.endswith("Lazada says: ip 203.0.113.7 is not allowed")


async def test_a_wrong_signature_from_a_wrong_clock_is_called_that(clock: DrivenClock) -> None:
    early = {"date": "Thu, 01 Jan 2026 05:00:00 GMT"}
    refusal = no("IncompleteSignature", "The request signature does not conform to lazop standards")
    refusal.headers.update(early)
    shop = ScriptedShop(clock, {ORDERS: refusal})
    with pytest.raises(Rejected, match="clock is 18000 s behind"):
        await walk(shop)
