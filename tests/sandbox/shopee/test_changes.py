"""Cancelling, answering buyers, splitting and taking a split back."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.sandbox.world.model import CancelState, Order, OrderStatus, PackageStatus, Packing

from .caller import Caller

CANCEL = "order/cancel_order"
ANSWER = "order/handle_buyer_cancellation"
SPLIT = "order/split_order"


async def _items(caller: Caller, order: Order) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await caller.order(order.id, "item_list"))["item_list"]
    return rows


async def test_a_seller_cancels_before_hand_over_with_a_reason(caller: Caller) -> None:
    waiting, arranged = caller.shippable()[:2]
    await caller.ship(arranged)
    items = [
        {"item_id": row["item_id"], "model_id": row["model_id"]} for row in await _items(caller, waiting.orders[0])
    ]
    body = {"order_sn": waiting.orders[0].id, "cancel_reason": "OUT_OF_STOCK"}
    assert (await caller.post(CANCEL, body)).error == "error_param"
    assert (await caller.post(CANCEL, {**body, "item_list": [{"item_id": 1}]})).error == "error_param"
    done = await caller.post(CANCEL, {**body, "item_list": items})
    assert (done.error, done.data["update_time"]) == ("", waiting.orders[0].updated_at)
    row = await caller.order(waiting.orders[0].id, "cancel_by,cancel_reason,buyer_cancel_reason,package_list")
    assert (row["order_status"], row["cancel_by"], row["cancel_reason"]) == ("CANCELLED", "seller", "OUT_OF_STOCK")
    assert row["buyer_cancel_reason"] == ""
    assert [one["logistics_status"] for one in row["package_list"]] == ["LOGISTICS_INVALID"]

    wish = {"order_sn": arranged.orders[0].id, "cancel_reason": "CUSTOMER_REQUEST"}
    assert (await caller.post(CANCEL, wish)).error == ""
    row = await caller.order(arranged.orders[0].id)
    assert [one["logistics_status"] for one in row["package_list"]] == ["LOGISTICS_REQUEST_CANCELED"]
    assert (await caller.post(CANCEL, wish)).error == "order.error_limit"
    assert [effect for _, effect, _ in caller.effects("cancel")] == ["refused", "applied", "applied", "refused"]


@pytest.mark.parametrize(
    ("region", "reason", "cod", "error"),
    [
        ("MY", "UNDELIVERABLE_AREA", False, ""),
        ("VN", "UNDELIVERABLE_AREA", False, "error_param"),
        ("VN", "COD_NOT_SUPPORTED", True, ""),
        ("VN", "COD_NOT_SUPPORTED", False, "error_param"),
        ("VN", "NO_MOOD", False, "error_param"),
    ],
)
async def test_reasons_fit_region_and_payment(caller: Caller, region: str, reason: str, cod: bool, error: str) -> None:
    one = caller.for_region(region)
    order = next(package.orders[0] for package in one.shippable() if package.orders[0].is_cod is cod)
    reply = await one.post(CANCEL, {"order_sn": order.id, "cancel_reason": reason})
    assert reply.error == error
    assert (order.status is OrderStatus.CANCELLED) is (error == "")


async def test_what_is_with_the_carrier_cannot_be_cancelled(caller: Caller) -> None:
    for status in (OrderStatus.IN_TRANSIT, OrderStatus.COMPLETED):
        order = caller.orders(status)[0]
        reply = await caller.post(CANCEL, {"order_sn": order.id, "cancel_reason": "CUSTOMER_REQUEST"})
        assert reply.error == "order.error_limit" and order.status is status
    unknown = await caller.post(CANCEL, {"order_sn": "2601010000000X", "cancel_reason": "CUSTOMER_REQUEST"})
    assert unknown.error == "error_not_found"


async def test_some_units_are_cancelled_where_the_region_allows_it(caller: Caller) -> None:
    order = next(package.orders[0] for package in caller.shippable() if len(package.lines) > 1)
    row = (await _items(caller, order))[0]
    part = {"item_id": row["item_id"], "model_id": row["model_id"], "model_quantity": 1}
    body = {"order_sn": order.id, "cancel_reason": "OUT_OF_STOCK", "partial_cancel_item_list": [part]}
    assert (await caller.post(CANCEL, {**body, "partial_cancel_item_list": [{**part, "model_quantity": 99}]})).error
    assert (await caller.post(CANCEL, body)).error == ""
    assert order.status is OrderStatus.TO_SHIP
    assert (await _items(caller, order))[0]["cancelled_qty"] == 1
    vietnam = caller.for_region("VN")
    order = next(package.orders[0] for package in vietnam.shippable() if len(package.lines) > 1)
    row = (await _items(vietnam, order))[0]
    part = {"item_id": row["item_id"], "model_id": row["model_id"], "model_quantity": 1}
    refused = await vietnam.post(CANCEL, {**body, "order_sn": order.id, "partial_cancel_item_list": [part]})
    assert refused.error == "order.error_limit"


@pytest.mark.parametrize(
    ("operation", "status", "state"),
    [("ACCEPT", "CANCELLED", CancelState.ACCEPTED), ("REJECT", "READY_TO_SHIP", CancelState.CLOSED)],
)
async def test_a_buyers_wish_is_answered_once(caller: Caller, operation: str, status: str, state: CancelState) -> None:
    order = caller.shippable()[0].orders[0]
    body = {"order_sn": order.id, "operation": operation}
    assert (await caller.post(ANSWER, body)).error == "order.cancel_order_invalid_status"
    cancel_id = caller.sandbox.poke("buyer_cancel_request", order_id=order.id)["cancel_id"]
    asked = await caller.order(order.id, "buyer_cancel_reason")
    assert asked["order_status"] == "IN_CANCEL" and asked["buyer_cancel_reason"]
    own = await caller.post(CANCEL, {"order_sn": order.id, "cancel_reason": "CUSTOMER_REQUEST"})
    assert own.error == "order.error_limit"
    assert (await caller.post(ANSWER, {**body, "operation": "MAYBE"})).error == "error_param"
    assert (await caller.post(ANSWER, body)).data["update_time"] == order.updated_at
    assert (await caller.order(order.id))["order_status"] == status
    assert caller.sandbox.world.cancels[cancel_id].state is state
    assert (await caller.post(ANSWER, body)).error == "order.cancel_order_invalid_status"
    op = "approve_cancel" if operation == "ACCEPT" else "reject_cancel"
    last = "already" if operation == "ACCEPT" else "refused"
    assert [effect for _, effect, _ in caller.effects(op)] == ["refused", "applied", last]


async def test_the_marketplace_answers_for_a_seller_who_does_not(caller: Caller) -> None:
    order = caller.shippable()[0].orders[0]
    caller.sandbox.poke("buyer_cancel_request", order_id=order.id)
    caller.sandbox.advance(48 * 3600)
    caller.renew()
    row = await caller.order(order.id, "cancel_by")
    assert (row["order_status"], row["cancel_by"]) == ("CANCELLED", "buyer")


# --- splitting --------------------------------------------------------------------------------------------


def _splittable(caller: Caller) -> Order:
    return next(
        package.orders[0]
        for package in caller.shippable()
        if len({line.sku.id for line in package.lines if not line.is_gift}) > 1
    )


def _wish(order: Order, rows: list[dict[str, Any]], cut: int = 1) -> dict[str, Any]:
    names = ("item_id", "model_id", "order_item_id", "promotion_group_id")
    items = [{name: row[name] for name in names} for row in rows]
    # Units of one model stay together, whatever they cost.
    first = (
        [item for item in items if item["model_id"] == items[0]["model_id"]] if items[0]["model_id"] else items[:cut]
    )
    rest = [item for item in items if item not in first]
    return {"order_sn": order.id, "package_list": [{"item_list": first}, {"item_list": rest}]}


async def test_a_split_makes_parcels_that_ship_alone_and_can_be_taken_back(caller: Caller) -> None:
    order = _splittable(caller)
    old = order.packages[0].id
    assert (await caller.package(old))["can_split_order"] is True
    made = await caller.post(SPLIT, _wish(order, await _items(caller, order)))
    assert made.error == "" and made.data["order_sn"] == order.id
    numbers = [row["package_number"] for row in made.data["package_list"]]
    assert len(set(numbers)) == 2 and old not in numbers
    row = await caller.order(order.id, "package_list,split_up")
    assert row["split_up"] is True and [one["package_number"] for one in row["package_list"]] == numbers
    again = await caller.post(SPLIT, _wish(order, await _items(caller, order)))
    assert again.error == "order.order_has_been_split"
    detail = await caller.package(numbers[0])
    assert (detail["is_split_up"], detail["can_unsplit_order"], detail["can_split_order"]) == (True, True, False)

    assert (await caller.post("order/unsplit_order", {"order_sn": order.id})).data is None
    assert [one.packing for one in order.open_packages] == [Packing.DEFAULT]
    assert (await caller.post("order/unsplit_order", {"order_sn": order.id})).error == "order.order_cannot_undo_split"

    await caller.post(SPLIT, _wish(order, await _items(caller, order)))
    first = order.open_packages[0]
    assert (await caller.ship(first)).error == "" and first.status is PackageStatus.ARRANGED
    assert (await caller.post("order/unsplit_order", {"order_sn": order.id})).error == "order.order_cannot_undo_split"
    caller.sandbox.advance(1200)
    assert (await caller.order(order.id))["order_status"] == "READY_TO_SHIP"
    assert [effect for _, effect, _ in caller.effects("unsplit")] == ["applied", "refused", "refused"]


async def test_a_split_has_to_be_whole(caller: Caller) -> None:
    order = _splittable(caller)
    wish = _wish(order, await _items(caller, order))
    first, second = (part["item_list"] for part in wish["package_list"])

    async def error(*parts: list[dict[str, Any]]) -> str:
        body = {"order_sn": order.id, "package_list": [{"item_list": part} for part in parts]}
        return (await caller.post(SPLIT, body)).error

    assert await error([*first, *second]) == "error_param"
    assert await error(*[first] * 6) == "error_param"
    assert await error(first, first) == "order.order_split_duplicate_item"
    assert await error(first, [{"item_id": 1, "model_id": 2}]) == "order.order_split_item_not_exist"
    assert await error(first, []) == "error_param"
    wrong = [{**first[0], "model_quantity": 77}, *first[1:]]
    assert await error(wrong, second) == "order.order_split_wrong_item_quantity"
    assert order.open_packages[0].packing is Packing.DEFAULT


async def test_no_item_may_be_left_out(caller: Caller) -> None:
    callers = [Caller(caller.sandbox, caller.client, shop) for shop in caller.sandbox.shops]
    one, order = next(
        (one, package.orders[0])
        for one in callers
        for package in one.shippable()
        if len({line.sku.id for line in package.lines}) > 2
    )
    parts = [
        {"item_list": [{"item_id": row["item_id"], "model_id": row["model_id"]}]} for row in await _items(one, order)
    ]
    body = {"order_sn": order.id, "package_list": parts[:2]}
    assert (await one.post(SPLIT, body)).error == "order.order_split_package_missing_item"


async def test_orders_of_one_kind_or_under_way_are_not_split(caller: Caller) -> None:
    single = next(package.orders[0] for package in caller.shippable() if len(package.lines) == 1)
    item = (await _items(caller, single))[0]
    part = {"item_list": [{"item_id": item["item_id"], "model_id": item["model_id"]}]}
    body = {"order_sn": single.id, "package_list": [part, part]}
    assert (await caller.post(SPLIT, body)).error == "order.order_cannot_split"
    order = _splittable(caller)
    wish = _wish(order, await _items(caller, order))
    await caller.ship(order.packages[0])
    assert (await caller.post(SPLIT, wish)).error == "order.order_cannot_split"
