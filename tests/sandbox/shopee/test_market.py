"""Shopee's part of the world: ids that never repeat, prices as Shopee has them, other markets beside it."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.shopee.market import SHOPEE
from shoptui.sandbox.shopee.states import shown
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from shoptui.sandbox.world.model import Order, PackageStatus

from ..caller import Caller as TikTokCaller
from .caller import START_AT, Caller


@given(first=st.integers(0, 2**40 - 2000), at=st.integers(1_500_000_000, 1_900_000_000))
def test_order_numbers_never_repeat_within_a_day(first: int, at: int) -> None:
    numbers = {SHOPEE.order_ids.nth(first + step, at) for step in range(1000)}
    assert len(numbers) == 1000
    assert all(len(number) == 14 and number.isascii() and number.upper() == number for number in numbers)


def test_ids_fit_the_gateways_and_the_wires_limits() -> None:
    assert int(SHOPEE.shop_ids.nth(500)) < 2**32
    channels = [int(SHOPEE.carrier_ids.nth(at)) for at in range(1500)]
    channels += [int(SHOPEE.option_ids.nth(at)) for at in range(2500)]
    assert len(set(channels)) == len(channels)


@pytest.fixture(scope="module")
def world_orders() -> list[Order]:
    sandbox = Sandbox(stores=6, orders=600, start_at=START_AT, frozen=True, markets=("shopee",))
    return list(sandbox.world.orders.values())


def test_amounts_have_no_decimals_but_in_malaysia_and_singapore(world_orders: list[Order]) -> None:
    seen: dict[str, bool] = {}
    for order in world_orders:
        amounts = [order.shipping_fee_minor, order.shipping_discount_minor]
        amounts += [part for line in order.lines for part in (line.price_minor, line.seller_discount_minor)]
        odd = any(amount % 100 for amount in amounts)
        seen[order.store.region] = seen.get(order.store.region, False) or odd
    assert {region for region, odd in seen.items() if odd and region in ("MY", "SG", "TH", "PH")} == {"MY", "SG"}


def test_reasons_are_shopees_own(world_orders: list[Order]) -> None:
    reasons = {order.cancel_reason for order in world_orders if order.cancel_reason}
    assert reasons and not any("ecom" in reason for reason in reasons)


def test_only_what_a_seller_arranges_lags(world_orders: list[Order]) -> None:
    arranged = [
        package for order in world_orders for package in order.packages if package.status is PackageStatus.ARRANGED
    ]
    assert arranged and all(shown(one, START_AT) is PackageStatus.ARRANGED for one in arranged)


async def test_both_markets_answer_at_one_address(http: httpx.AsyncClient) -> None:
    async with running_sandbox(
        stores=4, orders=80, start_at=START_AT, frozen=True, markets=("shopee", "tiktok")
    ) as live:
        assert live.marketplace == "shopee"
        shopee = Caller(live, http)
        assert (await shopee.listed()).error == ""
        assert {order["order_sn"] for order in (await shopee.listed()).data["order_list"]} <= set(live.world.orders)
        tiktok = _tiktok(live, http)
        assert (await tiktok.search()).code == 0
        paths = {path: http.get(f"{live.origin}{path}") for path in ("/api/v2/token/get", "/api/v2/auth/token/get")}
        answers = {path: (await answer).json() for path, answer in paths.items()}
        assert answers["/api/v2/token/get"]["code"] == 36009004
        assert answers["/api/v2/auth/token/get"] == {"error": "error_not_found"}


def _tiktok(live: LiveSandbox, http: httpx.AsyncClient) -> TikTokCaller:
    """A caller for the TikTok shop of a sandbox whose first market is another one."""
    side = live.sandbox.sides["tiktok"]
    live.app_key, live.app_secret = side.app_key, side.app_secret
    return TikTokCaller(live, http, live.sandbox.shops("tiktok")[0])
