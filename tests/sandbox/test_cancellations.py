"""Cancelling: buyers ask, sellers answer or cancel themselves, the platform decides what nobody answers."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.sandbox.world.model import OrderStatus

from .caller import Caller

STOCK = "seller_cancel_reason_out_of_stock"
PACKED = "seller_reject_apply_product_has_been_packed"


async def _search(caller: Caller, body: dict[str, Any], version: str = "202309", **params: str) -> dict[str, Any]:
    reply = await caller.post(f"/return_refund/{version}/cancellations/search", body, **params)
    assert reply.code == 0, reply.message
    data: dict[str, Any] = reply.data
    return data


def _ask(caller: Caller) -> tuple[str, str]:
    """A buyer's fresh request: order id and cancel id."""
    order = caller.shippable()[0].orders[0]
    return order.id, str(caller.sandbox.poke("buyer_cancel_request", order_id=order.id)["cancel_id"])


@pytest.mark.parametrize("version", ["202309", "202602"])
async def test_a_buyers_request_shows_with_its_deadline(caller: Caller, version: str) -> None:
    order_id, cancel_id = _ask(caller)
    now = caller.sandbox.world.clocks.world_now()
    row = (await _search(caller, {"cancel_ids": [cancel_id]}, version))["cancellations"][0]
    assert (row["cancel_type"], row["cancel_status"], row["role"]) == (
        "BUYER_CANCEL",
        "CANCELLATION_REQUEST_PENDING",
        "BUYER",
    )
    assert row["seller_next_action_response"] == [
        {"action": "SELLER_RESPOND_BUYER_CANCEL", "deadline": now + 48 * 3600}
    ]
    order = await caller.order(order_id)
    assert order["is_buyer_request_cancel"] is True and order["request_cancel_time"] == now
    found = (await caller.search({"is_buyer_request_cancel": True}, page_size="100")).data["orders"]
    assert order_id in {one["id"] for one in found}


async def test_approving_cancels_and_refunds_and_is_idempotent_by_key(caller: Caller) -> None:
    order_id, cancel_id = _ask(caller)
    path = f"/return_refund/202309/cancellations/{cancel_id}/approve"
    assert (await caller.post(path, idempotency_key="k1")).code == 0
    assert (await caller.order(order_id))["status"] == "CANCELLED"
    assert (await caller.post(path, idempotency_key="k1")).code == 0
    assert (await caller.post(path, idempotency_key="k2")).code == 25020010
    assert (await caller.post(path)).code == 25020010
    assert [(row["effect"], row["code"]) for row in caller.sandbox.journal()] == [
        ("applied", 0),
        ("already", 0),
        ("already", 25020010),
        ("already", 25020010),
    ]
    state = (await _search(caller, {"order_ids": [order_id]}))["cancellations"][0]["cancel_status"]
    assert state == "CANCELLATION_REQUEST_SUCCESS"
    caller.sandbox.advance(3600)
    state = (await _search(caller, {"order_ids": [order_id]}))["cancellations"][0]["cancel_status"]
    assert state == "CANCELLATION_REQUEST_COMPLETE"


async def test_rejecting_needs_a_valid_reason_and_frees_the_order(caller: Caller) -> None:
    order_id, cancel_id = _ask(caller)
    package_id = caller.sandbox.world.orders[order_id].packages[0].id
    path = f"/return_refund/202309/cancellations/{cancel_id}/reject"
    assert (await caller.ship(package_id)).code == 21008044
    assert (await caller.post(path, {})).code == 36009004
    assert (await caller.post(path, {"reject_reason": "because"})).code == 25001014
    reasons = (await caller.get("/return_refund/202309/reject_reasons", return_or_cancel_id=cancel_id)).data["reasons"]
    assert PACKED in {reason["name"] for reason in reasons}
    assert (await caller.post(path, {"reject_reason": PACKED}, idempotency_key="r")).code == 0
    assert (await caller.post(path, {"reject_reason": PACKED}, idempotency_key="r")).code == 0
    assert (await caller.post(path, {"reject_reason": PACKED})).code == 25011011
    approve = f"/return_refund/202309/cancellations/{cancel_id}/approve"
    assert (await caller.post(approve, idempotency_key="r")).code == 25001010
    assert (await caller.ship(package_id)).code == 0
    row = (await _search(caller, {"cancel_ids": [cancel_id]}))["cancellations"][0]
    assert row["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"


async def test_silence_means_consent_after_48_hours(caller: Caller) -> None:
    order_id, cancel_id = _ask(caller)
    caller.sandbox.world.orders[order_id].deadlines.cancel_unarranged_at = None
    caller.sandbox.advance(48 * 3600)
    row = (await _search(caller, {"cancel_ids": [cancel_id]}))["cancellations"][0]
    assert row["cancel_status"] in ("CANCELLATION_REQUEST_SUCCESS", "CANCELLATION_REQUEST_COMPLETE")
    assert (await caller.order(order_id))["status"] == "CANCELLED"


async def test_before_handling_a_buyer_cancels_without_asking(caller: Caller) -> None:
    order = caller.orders(OrderStatus.ON_HOLD)[0]
    caller.sandbox.poke("buyer_cancel_request", order_id=order.id)
    row = await caller.order(order.id)
    assert (row["status"], row["cancellation_initiator"]) == ("CANCELLED", "BUYER")
    listed = (await _search(caller, {"order_ids": [order.id]}))["cancellations"][0]
    assert listed["cancel_type"] == "CANCEL"


@pytest.mark.parametrize("version", ["202309", "202602"])
async def test_a_seller_cancels_an_order(caller: Caller, version: str) -> None:
    order = caller.shippable()[0].orders[0]
    path = f"/return_refund/{version}/cancellations"
    reply = await caller.post(path, {"order_id": order.id, "cancel_reason": STOCK})
    assert reply.data["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    row = await caller.order(order.id)
    assert (row["status"], row["cancellation_initiator"], row["cancel_reason"]) == ("CANCELLED", "SELLER", STOCK)
    assert {line["cancel_user"] for line in row["line_items"]} == {"SELLER"}
    again = await caller.post(path, {"order_id": order.id, "cancel_reason": STOCK})
    assert again.code == 25001051


async def test_seller_cancellations_that_are_refused(caller: Caller) -> None:
    asked, _ = _ask(caller)
    waiting = caller.shippable()[0].orders[0]
    cases = [
        ({"order_id": asked, "cancel_reason": STOCK}, 25001011),
        ({"order_id": "1", "cancel_reason": STOCK}, 25007006),
        ({"order_id": waiting.id, "cancel_reason": "no_such_reason"}, 25001014),
        ({"order_id": waiting.id, "cancel_reason": "seller_cancel_unpaid_reason_wrong_price"}, 25001021),
        ({"order_id": waiting.id, "cancel_reason": "seller_cancel_paid_reason_address_not_deliver"}, 25001021),
        ({"order_id": waiting.id}, 36009004),
        ({"order_id": caller.orders(OrderStatus.IN_TRANSIT)[0].id, "cancel_reason": STOCK}, 25001003),
        ({"order_id": caller.orders(OrderStatus.ARRANGED)[0].id, "cancel_reason": STOCK}, 25001003),
    ]
    for body, code in cases:
        assert (await caller.post("/return_refund/202309/cancellations", body)).code == code, body


async def test_arranged_orders_are_cancelled_by_sellers_in_the_us_only(caller: Caller) -> None:
    us = caller.for_region("US")
    order = us.orders(OrderStatus.ARRANGED)[0]
    reply = await us.post("/return_refund/202309/cancellations", {"order_id": order.id, "cancel_reason": STOCK})
    assert reply.code == 0
    assert (await us.order(order.id))["status"] == "CANCELLED"


async def test_single_items_are_cancelled_in_the_uk_when_out_of_stock(caller: Caller) -> None:
    gb = caller.for_region("GB")
    order = next(package.orders[0] for package in gb.shippable() if len(package.lines) > 1)
    path = "/return_refund/202602/cancellations"
    body = {
        "order_id": order.id,
        "cancel_reason": f"{STOCK}_uk",
        "skus": [{"sku_id": order.lines[0].sku.id, "quantity": 1}],
    }
    assert (await gb.post(path, {**body, "cancel_reason": "seller_cancel_reason_wrong_price_uk"})).code == 25005010
    assert (await gb.post(path, {**body, "skus": [{"sku_id": "5", "quantity": 1}]})).code == 25001001
    assert (await gb.post(path, body)).code == 0
    row = await gb.order(order.id)
    assert row["status"] == "AWAITING_SHIPMENT"
    assert [line["display_status"] for line in row["line_items"]].count("CANCELLED") == 1
    detail = await gb.package(order.packages[0].id)
    assert len(detail["order_line_item_ids"]) == len(order.lines) - 1
    vn_order = next(package.orders[0] for package in caller.shippable() if len(package.lines) > 1)
    vn_body = {"order_id": vn_order.id, "cancel_reason": STOCK, "order_line_item_ids": [vn_order.lines[0].id]}
    assert (await caller.post(path, vn_body)).code == 25005010


@pytest.mark.parametrize("version", ["202512", "202602"])
async def test_eligibility_lists_the_reasons_that_work(caller: Caller, version: str) -> None:
    order = caller.shippable()[0].orders[0]
    path = f"/return_refund/{version}/orders/{order.id}/aftersale_eligibility"
    row = (await caller.get(path, initiate_aftersale_user="SELLER", request_types="CANCEL")).data["sku_eligibility"][0]
    part = row["line_item_eligibility"][0]
    assert part["eligible"] is True
    body = {"order_id": order.id, "cancel_reason": part["available_reason_names"][-1]}
    assert (await caller.post("/return_refund/202309/cancellations", body)).code == 0
    after = (await caller.get(path)).data["sku_eligibility"][0]["line_item_eligibility"][0]
    assert after["eligible"] is False and after["available_reason_names"] == []


async def test_the_first_eligibility_names_no_reasons(caller: Caller) -> None:
    order = caller.shippable()[0].orders[0]
    path = f"/return_refund/202309/orders/{order.id}/aftersale_eligibility"
    part = (await caller.get(path)).data["sku_eligibility"][0]["line_item_eligibility"][0]
    assert part["eligible"] is True and "available_reason_names" not in part


async def test_the_uk_has_no_reason_for_a_buyers_wish(caller: Caller) -> None:
    gb = caller.for_region("GB")
    order = gb.shippable()[0].orders[0]
    path = f"/return_refund/202512/orders/{order.id}/aftersale_eligibility"
    part = (await gb.get(path)).data["sku_eligibility"][0]["line_item_eligibility"][0]
    assert part["available_reason_names"] and all(
        name.endswith("_uk") and "buyer_requested" not in name for name in part["available_reason_names"]
    )


async def test_search_sorts_ascending_pages_and_filters(caller: Caller) -> None:
    _ask(caller)
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        page = await _search(caller, {}, page_size="4", **({"page_token": token} if token else {}))
        rows += page["cancellations"]
        token = page["next_page_token"]
        if not token:
            break
    assert page["total_count"] == len(rows) == len({row["cancel_id"] for row in rows})
    times = [row["create_time"] for row in rows]
    assert times == sorted(times)
    pending = await _search(caller, {"cancel_status": ["CANCELLATION_REQUEST_PENDING"]}, page_size="50")
    assert {row["cancel_id"] for row in pending["cancellations"]} == {
        row["cancel_id"] for row in rows if row["cancel_status"] == "CANCELLATION_REQUEST_PENDING"
    }
    path = "/return_refund/202309/cancellations/search"
    assert (await caller.post(path, {}, page_size="51")).code == 36009004
    assert (await caller.post(path, {"cancel_types": ["WHIM"]})).code == 36009004
