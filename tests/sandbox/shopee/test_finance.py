"""Shopee's payment calls as the sheet has them: pages, windows, batches and what an order's income is made of."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.sandbox.world.finance import Book
from shoptui.sandbox.world.finance_model import EntryKind

from .caller import START_AT, Caller

DAY = 86_400


def book_of(caller: Caller) -> Book:
    return caller.sandbox.world.finance.book(caller.sandbox.world.stores[caller.shop.id])


async def wallet(caller: Caller, **params: Any) -> Any:
    window = {"create_time_from": START_AT - 14 * DAY, "create_time_to": START_AT, "page_no": 0, "page_size": 100}
    return await caller.get("payment/get_wallet_transaction_list", **{**window, **params})


async def test_wallet_pages_begin_at_nought_with_the_newest_row(caller: Caller) -> None:
    rows = (await wallet(caller)).data["transaction_list"]
    assert rows[0]["current_balance"] == book_of(caller).balance / 100
    assert [one["create_time"] for one in rows] == sorted((one["create_time"] for one in rows), reverse=True)
    pages = [(await wallet(caller, page_no=number, page_size=3)).data for number in range(-(-len(rows) // 3))]
    assert [one for page in pages for one in page["transaction_list"]] == rows
    assert [page["more"] for page in pages] == [True] * (len(pages) - 1) + [False]
    out = (await wallet(caller, money_flow="MONEY_OUT")).data["transaction_list"]
    assert out == [one for one in rows if one["amount"] < 0]


async def test_the_wallet_takes_fourteen_days(caller: Caller) -> None:
    assert (await wallet(caller)).error == ""
    too_long = await wallet(caller, create_time_from=START_AT - 15 * DAY)
    assert (too_long.error, too_long.message) == ("wallet.time_invalid", "time_period_too_large")
    assert (await wallet(caller, page_size=101)).error == "error_param"


async def test_escrow_is_listed_by_its_release(caller: Caller) -> None:
    sales = [one for one in book_of(caller).entries if one.kind is EntryKind.ORDER]
    window = {"release_time_from": sales[0].at, "release_time_to": sales[-1].at, "page_size": 2}
    found: list[Any] = []
    for number in range(1, 200):
        page = (await caller.get("payment/get_escrow_list", **window, page_no=number)).data
        found += page["escrow_list"]
        if not page["more"]:
            break
    assert [one["escrow_release_time"] for one in found] == [one.at for one in sales]
    refused = await caller.get("payment/get_escrow_list", release_time_from="1.5", release_time_to=START_AT)
    assert "release_time_from" in refused.message


async def test_details_come_by_post_alone_and_not_too_many(caller: Caller) -> None:
    numbers = [one.order.id for one in book_of(caller).entries if one.order is not None][:3]
    batch = "payment/get_escrow_detail_batch"
    rows = (await caller.post(batch, {"order_sn_list": [*numbers, "NOBODYS"]})).data
    assert [one["escrow_detail"]["order_sn"] for one in rows] == numbers
    single = (await caller.get("payment/get_escrow_detail", order_sn=numbers[0])).data
    assert single == rows[0]["escrow_detail"]
    assert (await caller.get(batch, order_sn_list=numbers[0])).status == 404
    assert "order_sn_list is required" in (await caller.post(batch, {})).message
    assert (await caller.post(batch, {"order_sn_list": [str(n) for n in range(51)]})).error == "exceed_max_limit"
    assert (await caller.get("payment/get_escrow_detail", order_sn="NOBODYS")).error == "order_not_found"


@pytest.mark.parametrize("status", ["1", "2"])
async def test_income_rows_page_by_cursor(caller: Caller, status: str) -> None:
    days = {"date_from": "2025-12-19", "date_to": "2026-01-01", "income_status": status}
    found: list[Any] = []
    cursor = ""
    while True:
        page = (await caller.get("payment/get_income_detail", **days, page_size=20, cursor=cursor)).data
        found += page["income_detail_list"]["list"]
        cursor = page["income_detail_list"]["next_page"]["cursor"]
        if not cursor:
            break
    book = book_of(caller)
    if status == "2":
        assert len(found) == sum(1 for _ in book.unsettled(0, START_AT + 1))
    else:
        assert {one["order_sn"] for one in found} == {
            one.order.id for one in book.between(START_AT - 14 * DAY, START_AT + 1) if one.kind is EntryKind.ORDER
            and one.order is not None and one.at >= START_AT - 13 * DAY - 8 * 3600
        }  # fmt: skip


async def test_a_long_span_of_income_is_refused(caller: Caller) -> None:
    days = {"date_from": "2025-12-01", "date_to": "2026-01-01", "income_status": "1", "page_size": 20}
    assert (await caller.get("payment/get_income_detail", **days)).error == "error_param"


async def test_the_overview_has_what_is_pending(caller: Caller) -> None:
    totals = (await caller.get("payment/get_income_overview", income_status="2")).data["total_income"]
    assert totals == {"pending_amount": sum(one.net for one in book_of(caller).unsettled(0, START_AT + 1)) / 100}
