"""A third-party npm client works against the sandbox's Lazada with nothing changed but the gateway."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from shoptui.sandbox.world.model import OrderStatus

from ..npm_packages import drive
from .caller import Caller

pytestmark = pytest.mark.conformance


async def test_lazada_open_platform_sdk_lists_reads_packs_and_hands_over(caller: Caller, node_modules: Path) -> None:
    order = caller.packable(units=2)[0]
    out = await drive(
        "lazada_open_platform_sdk.cjs",
        node_modules,
        {
            "gateway": caller.gateway.removeprefix("http://"),
            "app_key": caller.sandbox.app_key,
            "app_secret": caller.sandbox.app_secret,
            "shop": asdict(caller.shop),
            "order": order.id,
            "items": [line.id for line in order.lines],
            "provider": order.store.carriers[0].name,
        },
    )
    assert out["listed"] == [one.id for one in caller.sandbox.world.orders_of(caller.shop.id)]
    assert out["read"] == order.id and out["several"] == out["listed"][:3]
    assert order.packages[0].id == out["package"] and order.status is OrderStatus.ARRANGED
    assert out["again"] == "73"
    effects = [(entry["op"], entry["effect"]) for entry in caller.sandbox.journal()]
    assert effects == [("pack", "applied"), ("rts", "applied"), ("rts", "already")]
