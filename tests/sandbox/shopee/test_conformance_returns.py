"""A third-party npm client reads and answers returns of the sandbox's Shopee."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from shoptui.sandbox.world.model import OrderStatus
from shoptui.sandbox.world.returns_model import Stage

from ..npm_packages import drive
from .caller import Caller

pytestmark = pytest.mark.conformance


async def test_shopee_sdk_lists_offers_confirms_and_disputes(caller: Caller, node_modules: Path) -> None:
    world = caller.sandbox.world

    def asked(**about: Any) -> Any:
        order = next(
            one
            for one in world.orders_of(caller.shop.id, OrderStatus.DELIVERED)
            if len(world.returns.free_lines(one)) == len(one.lines)
        )
        caller.sandbox.poke("buyer_returns", order_id=order.id, **about)
        return world.returns.every()[-1]

    money, other, goods = asked(ask="refund"), asked(ask="refund"), asked(ask="return", stage="arrived")
    proof = "https://cf.sandbox.invalid/file/proof"
    world.returns.pictures[proof] = 1
    out = await drive(
        "shopee_returns.mjs",
        node_modules,
        {
            "base_url": caller.sandbox.base_url,
            "app_key": caller.sandbox.app_key,
            "app_secret": caller.sandbox.app_secret,
            "shop": asdict(caller.shop),
            "code": caller.sandbox.poke("authorize", shop_id=caller.shop.id)["code"],
            "money": money.id,
            "other": other.id,
            "goods": goods.id,
            "proof": proof,
        },
    )
    assert set(out["listed"]) == {money.id, other.id, goods.id}
    assert (out["status"], out["creator"]) == ("REQUESTED", "")
    assert [case.stage for case in (money, other, goods)] == [Stage.OFFERED, Stage.ACCEPTED, Stage.JUDGED]
    assert out["again"] == "error_return_status"
