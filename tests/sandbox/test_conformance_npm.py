"""Two npm clients work against the sandbox with nothing but the host changed by a small driver of ours."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from shoptui.sandbox.world.model import OrderStatus, PackageStatus, Shipping

from .caller import Caller
from .npm_packages import drive

pytestmark = pytest.mark.conformance


def _config(caller: Caller, **extra: Any) -> dict[str, Any]:
    return {
        "base_url": caller.sandbox.base_url,
        "app_key": caller.sandbox.app_key,
        "app_secret": caller.sandbox.app_secret,
        "shop": asdict(caller.shop),
        **extra,
    }


async def test_tiktok_shop_sdk_lists_reads_ships_and_refreshes(caller: Caller, node_modules: Path) -> None:
    packages = caller.shippable()[:2]
    american = caller.for_region("US")
    order = next(one for one in american.orders(OrderStatus.TO_SHIP, Shipping.PLATFORM) if not one.cancel_request)
    before = {status: {one.id for one in caller.orders(status)} for status in OrderStatus}
    config = _config(
        caller,
        packages=[package.id for package in packages],
        other=asdict(american.shop),
        other_order=order.id,
    )
    out = await drive("tiktok_shop_sdk.cjs", node_modules, config)
    assert out["shops"] == [caller.shop.id]
    assert set(out["listed"]) == set().union(*before.values())
    assert set(out["waiting"]) == before[OrderStatus.TO_SHIP]
    assert out["read"] == out["listed"][:3]
    assert out["price"].isdigit() and out["canPickUp"] is True
    assert {package.status for package in packages} == {PackageStatus.ARRANGED}
    assert out["again"] == 21011020
    assert order.packages[0].id == out["bought"]
    assert {package.orders[0].id for package in packages} <= set(out["afterRefresh"])
    applied = [row["op"] for row in caller.sandbox.journal() if row["effect"] == "applied"]
    assert applied == ["ship", "ship", "create_package", "token_refresh"]


async def test_tiktokshops_api_client_lists_and_reads(caller: Caller, node_modules: Path) -> None:
    package = caller.shippable()[0]
    out = await drive("tiktokshops_api_client.cjs", node_modules, _config(caller, packages=[package.id]))
    assert set(out["listed"]) == {one.id for one in caller.orders(OrderStatus.TO_SHIP)}
    assert out["olderListed"] == out["listed"][:5]
    assert out["read"] == out["listed"][:1]
    assert "avaliable" in out["slots"][0]
    assert out["unsignedBody"] == 106001
    assert package.status is PackageStatus.TO_ARRANGE
