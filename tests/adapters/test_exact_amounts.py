"""Amounts of returns, money and listings that come as JSON numbers with a point: to the last digit, however large."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.adapters.base import Marketplace
from shoptui.clock import DrivenClock
from shoptui.domain.finance import PaidState, Statement
from shoptui.domain.money import Money
from shoptui.domain.stores import Store
from tests.adapters.conftest import START_AT
from tests.adapters.lazada import support as lazada
from tests.adapters.scripted import Script
from tests.adapters.shopee import support as shopee
from tests.adapters.tiktok import support as tiktok

HERE = "AMOUNT"
DAY = 86_400


def raw(answer: httpx.Response, number: str) -> httpx.Response:
    """The answer with a number, as it is written, where HERE stands."""
    return httpx.Response(200, text=answer.text.replace(f'"{HERE}"', number))


async def returned(shop: Marketplace, store: Store) -> Money:
    assert shop.returns is not None
    (request,) = (await shop.returns.by_id(store, ["4035318504086604100"])).requests
    return request.value


async def moved(shop: Marketplace, store: Store) -> Money:
    assert shop.finance is not None
    pages: Any = shop.finance.moves(store, START_AT - DAY, START_AT)
    (move,) = [move async for page in pages for move in page.moves]
    return Money(move.amount.minor, move.amount.currency)


async def settled(shop: Marketplace, store: Store) -> Money:
    assert shop.finance is not None
    week = Statement(store.store_id, "749", START_AT - DAY, START_AT, Money(0, store.currency), PaidState.PAID)
    (line,) = [line async for page in shop.finance.lines(store, week) for line in page.lines]
    return line.amount


async def priced(shop: Marketplace, store: Store) -> Money:
    assert shop.stock is not None
    (listing,) = [one async for page in shop.stock.listings(store) for one in page.listings]
    assert listing.price is not None
    return listing.price


def shopee_script(currency: str) -> dict[str, httpx.Response]:
    ok = shopee.ok
    return {
        "/returns/get_return_detail": ok(
            {"return_sn": "4035318504086604100", "order_sn": "260920HB8V2RTC", "status": "REQUESTED",
             "refund_amount": HERE, "currency": currency, "create_time": START_AT, "update_time": START_AT}
        ),
        "/payment/get_wallet_transaction_list": ok(
            {"transaction_list": [{"status": "COMPLETED", "transaction_type": "ESCROW_VERIFIED_ADD", "amount": HERE,
                                   "create_time": START_AT - 9}], "more": False}
        ),
        "/payment/get_escrow_list": ok(
            {"escrow_list": [{"order_sn": "260920HB8V2RTC", "payout_amount": HERE,
                              "escrow_release_time": START_AT - 9}], "more": False}
        ),
        "/payment/get_escrow_detail_batch": ok([]),
        "/shop/get_warehouse_detail": shopee.no("error_not_in_whitelist"),
        "/product/get_item_list": ok({"item": [{"item_id": 1}], "total_count": 1, "has_next_page": False}),
        "/product/get_item_base_info": ok(
            {"item_list": [{"item_id": 1, "item_status": "NORMAL", "has_model": False,
                            "price_info": [{"currency": currency, "current_price": HERE}]}]}
        ),
    }  # fmt: skip


def lazada_script(currency: str) -> dict[str, httpx.Response]:
    account = {"transaction_number": "1", "transaction_time": "2025-12-31 12:00:00", "type": "deposit", "amount": HERE}
    row = {"transaction_number": "1", "transaction_date": "31 Dec 2025", "fee_type": "13", "amount": HERE}
    sku = {"SkuId": 2, "SellerSku": "KETTLE", "price": HERE, "quantity": 1, "Available": 1}
    return {
        "/rest/finance/transaction/accountTransactions/query": lazada.ok({"transactions": [account]}),
        "/rest/finance/transaction/details/get": lazada.ok([row]),
        "/rest/seller/warehouse/get": httpx.Response(
            200, json={"result": {"success": True, "module": []}, "code": "0", "request_id": "r"}
        ),
        "/rest/products/get": lazada.ok(
            {"total_products": 1, "products": [{"item_id": 1, "status": "Active", "skus": [sku]}]}
        ),
    }


def tiktok_script(currency: str) -> dict[str, httpx.Response]:
    ok = tiktok.ok
    request = {
        "return_id": "4035318504086604100", "order_id": "577080000000411117", "return_type": "REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING", "create_time": START_AT, "update_time": START_AT,
        "refund_amount": {"currency": currency, "refund_total": HERE},
    }  # fmt: skip
    money = {"id": "1", "type": "SETTLE", "amount": HERE, "currency": currency, "create_time": START_AT - 9}
    sku = {"id": "2", "price": {"currency": currency, "sale_price": HERE}}
    return {
        "/return_refund/202309/returns/search": ok({"return_orders": [request]}),
        "/return_refund/202309/returns/4035318504086604100/records": ok({"records": []}),
        "/finance/202309/withdrawals": ok({"withdrawals": [money]}),
        "/finance/202501/statements/749/statement_transactions": ok(
            {"transactions": [{"id": "1", "type": "ORDER", "settlement_amount": HERE}]}
        ),
        "/product/202309/products/search": ok({"products": [{"id": "1", "status": "ACTIVATE", "skus": [sku]}]}),
        "/product/202309/inventory/search": ok({"inventory": []}),
    }


Reading = Callable[[Marketplace, Store], Awaitable[Money]]
READINGS: list[tuple[Any, Callable[[str], Script], Reading]] = [
    *((shopee, shopee_script, read) for read in (returned, moved, settled, priced)),
    *((lazada, lazada_script, read) for read in (moved, settled, priced)),
    *((tiktok, tiktok_script, read) for read in (returned, moved, settled, priced)),
]


def read(support: Any, script: Callable[[str], Script], reading: Reading, number: str, currency: str) -> Money:
    answers = {
        path: raw(answer, number) for path, answer in script(currency).items() if isinstance(answer, httpx.Response)
    }

    async def asked() -> Money:
        shop = support.ScriptedShop(DrivenClock(START_AT), answers).shop
        return await reading(shop, support.store(currency=currency))

    return asyncio.run(asked())


@pytest.mark.parametrize(("support", "script", "reading"), READINGS)
@settings(max_examples=12, deadline=None)
@given(minor=st.integers(10**15, 2**63 - 1), currency=st.sampled_from(["MYR", "IDR", "VND"]))
def test_a_number_with_a_point_loses_nothing(
    support: Any, script: Callable[[str], Script], reading: Reading, minor: int, currency: str
) -> None:
    """Doubles have 53 bits: most of these numbers would come out as another amount."""
    plain = Money(minor, currency).plain()
    number = plain if "." in plain else f"{plain}.00"
    assert read(support, script, reading, number, currency) == Money(minor, currency)


@settings(max_examples=12, deadline=None)
@given(minor=st.integers(2**53, 2**63 - 1))
def test_lazadas_cents_are_whole_numbers_however_they_are_written(minor: int) -> None:
    unit = {
        "reverse_order_line_id": 1, "reverse_status": "REQUEST_INITIATE", "refund_amount": HERE,
        "return_order_line_gmt_create": START_AT, "return_order_line_gmt_modified": START_AT,
    }  # fmt: skip
    items = [{"reverse_order_id": 4, "trade_order_id": 5, "request_type": "ONLY_REFUND", "reverse_order_lines": [unit]}]
    listed = {"result": {"success": True, "total": 1, "items": items}, "code": "0", "request_id": "r"}
    script = {
        "/rest/reverse/getreverseordersforseller": httpx.Response(200, json=listed),
        "/rest/order/reverse/return/history/list": lazada.ok({"list": []}),
    }
    for number in (str(minor), f"{minor}.0", f"{minor}.00e0"):
        assert read(lazada, lambda currency: script, returned, number, "MYR") == Money(minor, "MYR")
