"""Splitting and combining: which lines may part, which orders may meet."""

from __future__ import annotations

from typing import Any

from shoptui.sandbox.world.model import Order, OrderStatus, PackageStatus

from .caller import Caller


def _two_skus(caller: Caller) -> Order:
    return next(
        package.orders[0]
        for package in caller.shippable()
        if len({line.sku.id for line in package.lines if not line.is_gift}) > 1
    )


def _groups(order: Order) -> list[dict[str, Any]]:
    first = order.lines[0].sku.id
    return [
        {"id": "a", "order_line_item_ids": [line.id for line in order.lines if line.sku.id == first]},
        {"id": "b", "order_line_item_ids": [line.id for line in order.lines if line.sku.id != first]},
    ]


async def test_an_order_splits_into_packages_that_ship_apart(caller: Caller) -> None:
    order = _two_skus(caller)
    old = order.packages[0]
    listed = await caller.get("/fulfillment/202309/orders/split_attributes", order_ids=order.id)
    assert listed.data["split_attributes"][0]["can_split"] is True
    reply = await caller.post(f"/fulfillment/202309/orders/{order.id}/split", {"splittable_groups": _groups(order)})
    assert [row["splittable_group_id"] for row in reply.data["packages"]] == ["a", "b"]
    ids = [row["id"] for row in reply.data["packages"]]
    row = await caller.order(order.id)
    assert row["split_or_combine_tag"] == "SPLIT"
    assert [one["id"] for one in row["packages"]] == ids
    assert old.status is PackageStatus.CANCELLED
    await caller.ship(ids[0])
    assert (await caller.order(order.id))["status"] == "PARTIALLY_SHIPPING"
    await caller.ship(ids[1])
    assert (await caller.order(order.id))["status"] == "AWAITING_COLLECTION"


async def test_a_split_must_name_every_line_once(caller: Caller) -> None:
    order = _two_skus(caller)
    path = f"/fulfillment/202309/orders/{order.id}/split"
    groups = _groups(order)
    for wrong in (groups[:1], [groups[0], groups[0]], [groups[0], {"id": "b", "order_line_item_ids": []}]):
        assert (await caller.post(path, {"splittable_groups": wrong})).code == 21001001
    assert (await caller.post(path, {})).code == 36009004
    assert order.packages[0].status is PackageStatus.TO_ARRANGE


async def test_units_of_one_sku_stay_together_in_the_south_east_only(caller: Caller) -> None:
    for region, code in (("VN", 21011036), ("GB", 0)):
        shop = caller.for_region(region)
        order = next(
            package.orders[0]
            for package in shop.shippable()
            if len(package.lines) > 1
            and package.lines[0].sku is package.lines[1].sku
            and (region == "GB" or len({line.sku.id for line in package.lines if not line.is_gift}) > 1)
        )
        groups = [
            {"id": "a", "order_line_item_ids": [order.lines[0].id]},
            {"id": "b", "order_line_item_ids": [line.id for line in order.lines[1:]]},
        ]
        reply = await shop.post(f"/fulfillment/202309/orders/{order.id}/split", {"splittable_groups": groups})
        assert reply.code == code, reply.message


async def test_what_is_under_way_cannot_be_split(caller: Caller) -> None:
    order = caller.orders(OrderStatus.IN_TRANSIT)[0]
    listed = await caller.get("/fulfillment/202309/orders/split_attributes", order_ids=order.id)
    assert listed.data["split_attributes"][0]["can_split"] is False
    groups = [{"id": "a", "order_line_item_ids": [order.lines[0].id]}, {"id": "b", "order_line_item_ids": ["1"]}]
    reply = await caller.post(f"/fulfillment/202309/orders/{order.id}/split", {"splittable_groups": groups})
    assert reply.code == 21011035


async def _combinable(caller: Caller) -> list[dict[str, Any]]:
    path = "/fulfillment/202309/combinable_packages/search"
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        page = (await caller.get(path, page_size="1", **({"page_token": token} if token else {}))).data
        rows += page["combinable_packages"]
        token = page["next_page_token"]
        if not token:
            assert page["total_count"] == len(rows)
            return rows


async def _first_group(caller: Caller) -> tuple[Caller, dict[str, Any]]:
    """A shop whose buyers ordered twice, and one such group."""
    for shop in caller.sandbox.shops:
        own = Caller(caller.sandbox, caller.client, shop)
        groups = await _combinable(own)
        if groups:
            return own, groups[0]
    raise AssertionError("this seed has no combinable packages")


async def test_orders_of_one_buyer_combine_ship_and_come_apart(caller: Caller) -> None:
    caller, group = await _first_group(caller)
    buyers = {caller.sandbox.world.orders[order_id].buyer.id for order_id in group["order_ids"]}
    assert len(buyers) == 1 and len(group["order_ids"]) > 1
    path = "/fulfillment/202309/packages/combine"
    reply = await caller.post(path, {"combinable_packages": [group, {"id": "1", "order_ids": []}]})
    assert [error["code"] for error in reply.data["errors"]] == [21011033]
    whole = reply.data["packages"][0]
    assert sorted(whole["order_ids"]) == sorted(group["order_ids"])
    for order_id in group["order_ids"]:
        row = await caller.order(order_id)
        assert row["split_or_combine_tag"] == "COMBINED" and row["packages"] == [{"id": whole["id"]}]
    apart = await caller.post(
        f"/fulfillment/202309/packages/{whole['id']}/uncombine", {"order_ids": [group["order_ids"][0]]}
    )
    assert {order_id for part in apart.data["packages"] for order_id in part["order_ids"]} == set(group["order_ids"])
    for part in apart.data["packages"]:
        assert (await caller.ship(part["id"])).code == 0
    assert {(await caller.order(order_id))["status"] for order_id in group["order_ids"]} == {"AWAITING_COLLECTION"}


async def test_cancelling_one_order_leaves_the_others_of_a_combined_package(caller: Caller) -> None:
    caller, group = await _first_group(caller)
    reply = await caller.post("/fulfillment/202309/packages/combine", {"combinable_packages": [group]})
    package_id = reply.data["packages"][0]["id"]
    gone, *left = group["order_ids"]
    caller.sandbox.poke("cancel_order", order_id=gone)
    detail = await caller.package(package_id)
    assert sorted(order["id"] for order in detail["orders"]) == sorted(left)
    assert (await caller.ship(package_id)).code == 0
    assert (await caller.order(gone))["status"] == "CANCELLED"
    assert (await caller.order(left[0]))["status"] == "AWAITING_COLLECTION"
