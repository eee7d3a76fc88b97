"""Orders of Lazada's live through all states by themselves, and no mixture of calls tears them apart."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoptui.sandbox.lazada.signing import sign
from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.settings import Settings
from shoptui.sandbox.world.model import Order, OrderStatus, PackageStatus

from .caller import START_AT, Caller, compact


@pytest.mark.parametrize(
    ("status", "region", "word"),
    [
        ("to_ship", "MY", "pending"),
        ("arranged", "MY", "ready_to_ship"),
        ("in_transit", "TH", "shipped"),
        ("delivered", "VN", "delivered"),
        ("completed", "MY", "confirmed"),
        ("completed", "TH", "delivered"),
        ("cancelled", "SG", "canceled"),
    ],
)
async def test_units_follow_their_order(caller: Caller, status: str, region: str, word: str) -> None:
    there = caller.for_region(region)
    order_id = there.sandbox.poke("new_orders", shop_id=there.shop.id)["order_ids"][0]
    there.sandbox.poke("set_status", order_id=order_id, status=status)
    there.sandbox.advance(6)
    rows = await there.items(there.sandbox.world.orders[order_id])
    assert {row["status"] for row in rows} == {word}
    assert all(bool(row["package_id"]) == (word not in ("pending", "canceled")) for row in rows)


async def test_unpaid_orders_end_after_three_days(caller: Caller) -> None:
    made = caller.sandbox.poke("new_orders", shop_id=caller.shop.id, count=40, paid=False)["order_ids"]
    orders = [caller.sandbox.world.orders[one] for one in made]
    cod = [order for order in orders if order.is_cod]
    assert cod and {order.status for order in cod} == {OrderStatus.TO_SHIP}
    caller.sandbox.advance(73 * 3600)
    never_paid = [order for order in orders if order.paid_at is None]
    assert never_paid and {order.status for order in never_paid} == {OrderStatus.CANCELLED}
    row = (await caller.items(never_paid[0]))[0]
    assert (row["cancel_return_initiator"], row["reason"]) == ("cancellation-internal", "Payment Timeout")


# --- any mixture of calls ---------------------------------------------------------------------------------

_KNOWN = {"pending", "repacked", "packed", "ready_to_ship_pending", "ready_to_ship", "shipped", "delivered", "canceled"}


class _Seller:
    """Works on one order of three units or more, straight through the app."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(
            seed=6,
            stores=1,
            orders=60,
            start_at=START_AT,
            frozen=True,
            markets=("lazada",),
            settings=Settings(calls_per_s=0),
        )
        self.side = self.sandbox.sides["lazada"]
        self.order = next(
            order
            for order in self.sandbox.world.orders.values()
            if order.status is OrderStatus.TO_SHIP
            and not order.packages
            and len(order.lines) > 2
            and not order.cancel_request
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.sandbox.app), base_url="http://127.0.0.1")

    async def call(self, path: str, **business: str) -> dict[str, Any]:
        values = {
            "app_key": self.side.app_key,
            "timestamp": f"{int(self.sandbox.clocks.wire_now())}000",
            "sign_method": "sha256",
            "access_token": self.side.access(self.order.store.id).access_token,
            **business,
        }
        values["sign"] = sign(self.side.app_secret, path, values)
        answer: dict[str, Any] = (await self.client.post(f"/rest{path}", data=values)).json()
        return answer

    async def do(self, what: str, units: list[int]) -> None:
        lines = [self.order.lines[at % len(self.order.lines)] for at in units]
        ids = [int(line.id) for line in lines]
        parcels = compact(
            {"packages": [{"package_id": one.id} for one in self.order.packages] or [{"package_id": "FP1"}]}
        )
        match what:
            case "pack":
                wish = {
                    "pack_order_list": [{"order_id": int(self.order.id), "order_item_list": ids}],
                    "delivery_type": "dropship",
                    "shipping_allocate_type": "TFS",
                }
                await self.call("/order/fulfill/pack", packReq=compact(wish))
            case "repack":
                await self.call("/order/package/repack", rePackReq=parcels)
            case "rts":
                await self.call("/order/package/rts", readyToShipReq=parcels)
            case "cancel":
                listed = compact(ids)
                wanted = {"order_id": self.order.id, "order_item_id_list": listed, "reason_id": "10000019"}
                await self.call("/order/reverse/cancel/create", **wanted)
            case "wait":
                self.sandbox.clocks.advance(6 * 3600)
                self.sandbox.world.catch_up()


def _check(order: Order, rows: list[dict[str, Any]]) -> None:
    for line, row in zip(order.lines, rows, strict=True):
        assert row["status"] in _KNOWN
        if row["status"] in ("pending", "repacked"):
            assert line.package is None and row["package_id"] == ""
        elif row["status"] != "canceled":
            assert line.package is not None and line in line.package.lines and line.package in order.packages
    for package in order.packages:
        if package.status is not PackageStatus.CANCELLED:
            assert package.lines and all(line.package is package for line in package.lines)
            assert all(line.cancelled_at is None for line in package.lines)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pack", "pack", "repack", "rts", "cancel", "wait"]),
        st.lists(st.integers(0, 5), min_size=1, max_size=3),
    ),
    max_size=8,
)


@given(STEPS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_no_mixture_of_calls_tears_an_order_apart(steps: list[tuple[str, list[int]]]) -> None:
    seller = _Seller()
    for what, units in steps:
        await seller.do(what, units)
        _check(seller.order, (await seller.call("/order/items/get", order_id=seller.order.id))["data"])
    sent = Counter(
        str(entry["target"])
        for entry in seller.sandbox.journal.since()
        if (entry["op"], entry["effect"]) == ("rts", "applied")
    )
    assert all(count == 1 for count in sent.values())
    await seller.client.aclose()
