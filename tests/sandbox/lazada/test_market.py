"""What Lazada's rules make of the world: no holds, parcels by packing only, the look of ids, equal worlds."""

from __future__ import annotations

import re

from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.sides import SIDES
from shoptui.sandbox.world.model import FlawKind, Order, OrderStatus, PackageStatus, Shipping

from .caller import START_AT


def _orders(seed: int = 3, stores: int = 6) -> list[Order]:
    sandbox = Sandbox(seed=seed, stores=stores, orders=900, start_at=START_AT, frozen=True, markets=("lazada",))
    return list(sandbox.world.orders.values())


def test_the_first_orders_are_in_all_of_lazadas_states() -> None:
    orders = _orders()
    assert {order.status for order in orders} == set(OrderStatus) - {OrderStatus.ON_HOLD}
    waiting = [order for order in orders if order.status is OrderStatus.TO_SHIP]
    packed = [order for order in waiting if order.packages]
    assert 0.1 < len(packed) / len(waiting) < 0.4
    assert all(one.status is PackageStatus.TO_ARRANGE for order in packed for one in order.packages)
    flaws = {one.flaw.kind for order in packed for one in order.packages if one.flaw is not None}
    assert flaws == {FlawKind.FROZEN, FlawKind.NOT_READY}
    assert any(one.weight_g > order.option.weight_limit_g for order in packed for one in order.packages)
    assert any(order.cancel_request for order in waiting) and any(order.is_platform_fulfilled for order in waiting)
    assert {order.shipping for order in waiting} == set(Shipping)


def test_part_of_an_order_may_be_on_its_way() -> None:
    partly = [order for order in _orders() if order.status is OrderStatus.PARTLY_ARRANGED]
    assert partly
    for order in partly:
        assert {line.package is None for line in order.lines} == {True, False}


def test_ids_look_like_lazadas_and_units_are_steps_above_their_order() -> None:
    orders = _orders()
    for order in orders:
        assert re.fullmatch(r"\d{15}", order.id)
        steps = [(int(line.id) - int(order.id)) / 100_000 for line in order.lines]
        assert steps == list(range(1, len(order.lines) + 1))
    packages = [one.id for order in orders for one in order.packages]
    assert all(re.fullmatch(r"FP\d{15}", one) for one in packages)
    ids = [order.id for order in orders] + [line.id for order in orders for line in order.lines]
    assert len(set(ids)) == len(ids)


def test_equal_seeds_make_equal_worlds() -> None:
    def sight(orders: list[Order]) -> list[object]:
        return [(one.id, one.status, one.updated_at, [package.id for package in one.packages]) for one in orders]

    assert sight(_orders()) == sight(_orders()) != sight(_orders(seed=4))


def test_all_marketplaces_may_share_a_world() -> None:
    sandbox = Sandbox(seed=2, stores=6, orders=300, start_at=START_AT, frozen=True, markets=tuple(SIDES))
    assert len(sandbox.world.orders) == 300
    assert {store.marketplace for store in sandbox.world.stores.values()} == set(SIDES)
