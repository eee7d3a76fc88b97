"""Which marketplaces a sandbox serves."""

from __future__ import annotations

import pytest

from shoptui.sandbox.cli import StartError, run
from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.sides import SIDES


def test_stores_are_dealt_to_the_marketplaces_in_turn() -> None:
    markets = tuple(SIDES)
    sandbox = Sandbox(stores=2 * len(markets), orders=20, markets=markets)
    for name in markets:
        shops = sandbox.shops(name)
        assert len(shops) == 2
        assert [sandbox.world.stores[shop.id].marketplace for shop in shops] == [name, name]


def test_paths_belong_to_one_marketplace_at_most() -> None:
    sandbox = Sandbox(stores=len(SIDES), orders=0, markets=tuple(SIDES))
    others = [side for side in sandbox.sides.values() if side.name != "tiktok"]
    for path in (
        "/order/202309/orders/search",
        "/api/v2/token/get",
        "/api/v2/order/get_order_list",
        "/rest/orders/get",
    ):
        assert sum(side.takes(path) for side in others) <= 1


def test_an_unknown_marketplace_is_named() -> None:
    with pytest.raises(StartError, match=r"no marketplace 'nix' here: use .*tiktok"):
        run(0, 1, 1, 0, 0.0, None, None, markets=("nix",))
