"""A third-party npm client works against the sandbox's Shopee with nothing changed but the base URL."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from shoptui.sandbox.world.model import OrderStatus, PackageStatus

from ..npm_packages import drive
from .caller import Caller

pytestmark = pytest.mark.conformance


async def test_shopee_sdk_signs_in_lists_reads_ships_and_prints(caller: Caller, node_modules: Path) -> None:
    caller.sandbox.settings.change({"tracking_delay_s": 0, "label_delay_s": 0})
    packages = [one for one in caller.shippable() if one.orders[0].carrier is caller.shippable()[0].orders[0].carrier]
    packages = packages[:2]
    listed = {
        order.id
        for order in caller.sandbox.world.orders_of(caller.shop.id)
        if order.status is not OrderStatus.ON_HOLD
        and order.updated_at >= caller.sandbox.clocks.world_now() - 15 * 86_400
    }
    out = await drive(
        "shopee_sdk.mjs",
        node_modules,
        {
            "base_url": caller.sandbox.base_url,
            "app_key": caller.sandbox.app_key,
            "app_secret": caller.sandbox.app_secret,
            "shop": asdict(caller.shop),
            "code": caller.sandbox.poke("authorize", shop_id=caller.shop.id)["code"],
            "packages": [{"order_sn": one.orders[0].id} for one in packages],
            "now": caller.sandbox.clocks.world_now(),
        },
    )
    assert out["expireIn"] == 4 * 3600 and out["shop"] == caller.shop.name
    assert set(out["listed"]) == listed and len(out["listed"]) == len(listed) > 20
    assert {one.orders[0].id for one in packages} <= set(out["ready"]) < listed
    assert out["read"] == out["listed"][:3] and out["items"] >= 1
    assert {package.status for package in packages} == {PackageStatus.ARRANGED}
    assert out["again"] == " logistics.package_already_shipped"
    assert out["tracking"] == packages[0].tracking
    assert (out["state"], out["file"]) == ("READY", "%PDF-")
    assert out["rotated"] is True and out["afterRefresh"] == len(listed)
    applied = [row["op"] for row in caller.sandbox.journal() if row["effect"] == "applied"]
    assert applied == ["token_get", "ship", "ship", "create_document", "token_refresh"]
    query = parse_qs(urlsplit(out["link"]).query)
    assert (query["partner_id"], query["state"]) == ([caller.sandbox.app_key], ["s1"])
    assert "<form" in (await caller.client.get(out["link"])).text
