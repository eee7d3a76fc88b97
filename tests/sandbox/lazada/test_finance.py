"""Lazada's finance calls as the sheet has them: all text, days, offsets, and an account with its own envelope."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shoptui.sandbox.world.finance import Book

from .caller import Caller

DETAILS = "/finance/transaction/details/get"
ACCOUNT = "/finance/transaction/accountTransactions/query"
DAYS = {"start_time": "2025-11-20", "end_time": "2026-01-01"}


def book_of(caller: Caller) -> Book:
    return caller.sandbox.world.finance.book(caller.sandbox.world.stores[caller.shop.id])


async def test_payouts_are_text_and_add_up(caller: Caller) -> None:
    rows = (await caller.get("/finance/payout/status/get", created_after="2025-11-01")).data
    assert len(rows) > 2
    closing = Decimal(0)
    for one in rows:
        assert all(isinstance(value, str) for value in one.values())
        number = {name: Decimal(value) for name, value in one.items() if name.endswith(("balance", "total", "1", "2"))}
        assert number["opening_balance"] == min(closing, Decimal(0))
        assert number["subtotal2"] == number["subtotal1"] - Decimal(one["refunds"])
        closing = number["closing_balance"]
        assert closing == number["opening_balance"] + number["subtotal2"]
        assert one["payout"] == f"{max(closing, Decimal('0.00'))} MYR"
    assert {one["paid"] for one in rows} <= {"0", "1"}
    later = (await caller.get("/finance/payout/status/get", created_after=rows[1]["created_at"][:10])).data
    assert later == rows[1:]


async def test_rows_page_by_offset_and_come_to_what_was_settled(caller: Caller) -> None:
    whole = (await caller.get(DETAILS, **DAYS, limit="500")).data
    assert all(isinstance(value, str) for one in whole for value in one.values())
    assert (
        sum(Decimal(one["amount"]) for one in whole) == Decimal(sum(one.net for one in book_of(caller).entries)) / 100
    )
    pages: list[Any] = []
    for offset in range(0, len(whole) + 7, 7):
        pages += (await caller.get(DETAILS, **DAYS, limit="7", offset=str(offset))).data
    assert pages == whole
    assert len({one["transaction_number"] for one in whole}) == len(whole)
    fees = (await caller.get(DETAILS, **DAYS, trans_type="16")).data
    assert fees == [one for one in whole if one["fee_type"] == "16"]
    order_no = fees[0]["order_no"]
    own = (await caller.get(DETAILS, **DAYS, trade_order_id=order_no)).data
    assert own == [one for one in whole if one["order_no"] == order_no]


async def test_what_is_wrong_has_its_code(caller: Caller) -> None:
    for over, code in (
        ({"start_time": "2025-07-05"}, "1000012"),
        ({"trans_type": "424242"}, "1000014"),
        ({"limit": "501"}, "InvalidParameter"),
        ({"start_time": "20251120"}, "InvalidParameter"),
    ):
        assert (await caller.get(DETAILS, **{**DAYS, **over})).code == code


async def test_the_account_has_pages_and_an_envelope_of_its_own(caller: Caller) -> None:
    asked = {"start_time": "20251101", "end_time": "20260101", "page_size": "3"}
    first = (await caller.get(ACCOUNT, **asked, page_num="1")).body
    assert first["success"] is True
    info = first["data"]["page_info"]
    moves = book_of(caller).moves
    assert (info["total_count"], info["total_page"]) == (len(moves), -(-len(moves) // 3))
    assert {one["type"] for one in first["data"]["transactions"]} <= {"Deposit", "Withdrawal"}
    out = (await caller.get(ACCOUNT, **asked, page_num="1", transaction_type="Withdrawal")).body["data"]
    assert {one["sub_type"] for one in out["transactions"]} <= {"Auto Withdrawal"}
    assert (await caller.get(ACCOUNT, **asked, page_num="1", transaction_type="Gift")).code == "InvalidParameter"
