"""Sellers cancel units or whole parcels; buyers ask and are answered."""

from __future__ import annotations

import pytest

from shoptui.sandbox.world.model import Order, OrderStatus

from .caller import Caller, Reply


async def _cancel(caller: Caller, order: Order, line_ids: list[str], reason_id: str = "10000021") -> Reply:
    return await caller.get(
        "/order/reverse/cancel/create",
        order_id=order.id,
        order_item_id_list=f"[{','.join(line_ids)}]",
        reason_id=reason_id,
    )


async def test_reasons_come_first_then_the_cancellation(caller: Caller) -> None:
    order = caller.packable()[0]
    ids = [line.id for line in order.lines]
    checked = await caller.get(
        "/order/reverse/cancel/validate", order_id=order.id, order_item_id_list=f"[{','.join(ids)}]"
    )
    reasons = {row["reason_id"]: row["reason_name"] for row in checked.data["reason_options"]}
    assert checked.data["tip_type"] == "warning" and reasons["10000021"] == "Out of Stock"
    assert (await _cancel(caller, order, ids)).data["tip_type"] == "success"
    rows = await caller.items(order)
    assert {(row["status"], row["reason"], row["cancel_return_initiator"]) for row in rows} == {
        ("canceled", "Out of Stock", "cancellation-seller")
    }
    assert (await _cancel(caller, order, ids)).code == "123"


async def test_single_units_go_alone_until_they_are_packed(caller: Caller) -> None:
    order, other = caller.packable(units=2)[:2]
    ids = [line.id for line in order.lines]
    assert (await _cancel(caller, order, ids[:1])).code == "0"
    assert (await caller.statuses(order)) == ["canceled"] + ["pending"] * (len(ids) - 1)
    package_id = (await caller.pack(other))[0]["package_id"]
    await caller.ready(package_id)
    assert (await _cancel(caller, other, [other.lines[0].id])).code == "123"
    caller.sandbox.advance(6)
    assert (await _cancel(caller, other, [other.lines[0].id])).code == "0"
    assert set(await caller.statuses(other)) == {"canceled"}
    assert await caller.ready(package_id) == {package_id: "600002"}


@pytest.mark.parametrize("status", [OrderStatus.UNPAID, OrderStatus.IN_TRANSIT, OrderStatus.COMPLETED])
async def test_sellers_cannot_end_what_is_unpaid_or_has_left(caller: Caller, status: OrderStatus) -> None:
    order = caller.orders(status)[0]
    ids = [line.id for line in order.lines]
    checked = await caller.get(
        "/order/reverse/cancel/validate", order_id=order.id, order_item_id_list=f"[{','.join(ids)}]"
    )
    assert (checked.data["tip_type"], checked.data["reason_options"]) == ("error", [])
    assert (await _cancel(caller, order, ids)).code == "123"


async def test_bad_cancellations_are_named(caller: Caller) -> None:
    order, other = caller.packable()[:2]
    theirs = caller.sandbox.world.orders_of(caller.sandbox.shops[1].id)[0]
    mine = [order.lines[0].id]
    assert (await _cancel(caller, order, mine, "1")).code == "104"
    assert (await _cancel(caller, theirs, mine)).code == "122"
    assert (await _cancel(caller, order, [other.lines[0].id])).code == "124"
    assert (await _cancel(caller, order, ["7"])).code == "123"
    path = "/order/reverse/cancel/create"
    assert (await caller.get(path, order_item_id_list="[1]", reason_id="10000021")).code == "115"
    assert (await caller.get(path, order_id=order.id, order_item_id_list="1", reason_id="10000021")).code == "102"
    caller.sandbox.poke("buyer_cancel_request", order_id=order.id)
    assert (await _cancel(caller, order, mine)).code == "122"


@pytest.mark.parametrize("agree", [True, False])
async def test_a_buyers_wish_is_answered_once(caller: Caller, agree: bool) -> None:
    order = caller.packable()[0]
    reverse_id = str(caller.sandbox.poke("buyer_cancel_request", order_id=order.id)["cancel_id"])
    path = "/order/reverse/cancel/seller/decide"
    params = {"reverse_order_id": reverse_id, "agree_cancel": str(agree).lower()}
    reply = await caller.post(path, **params)
    assert (reply.code, reply.data) == ("0", None)
    row = (await caller.items(order))[0]
    assert row["need_cancel_confirm"] is False
    assert (row["status"], row["cancel_return_initiator"]) == (
        ("canceled", "cancellation-customer") if agree else ("pending", "null-null")
    )
    assert (await caller.post(path, **params)).code == "131"
    last = caller.sandbox.journal()[-1]
    assert last["effect"] == ("already" if agree else "refused")


async def test_silence_cancels(caller: Caller) -> None:
    order = caller.packable()[0]
    caller.sandbox.poke("buyer_cancel_request", order_id=order.id)
    caller.sandbox.advance(48 * 3600 + 1)
    side = caller.side
    side.grants.refresh(side.access(caller.shop.id).refresh_token, caller.sandbox.world.clocks.world_now())
    assert set(await caller.statuses(order)) == {"canceled"}


async def test_decisions_need_a_request(caller: Caller) -> None:
    path = "/order/reverse/cancel/seller/decide"
    assert (await caller.get(path, reverse_order_id="x", agree_cancel="true")).code == "105"
    assert (await caller.get(path, reverse_order_id="1", agree_cancel="true")).code == "106"
    assert (await caller.get(path, reverse_order_id="1", agree_cancel="maybe")).code == "InvalidParameter"


async def test_the_older_call_takes_one_unit(caller: Caller) -> None:
    order = caller.packable(units=2)[0]
    line = order.lines[0]
    reply = await caller.post("/order/cancel", order_item_id=line.id, reason_id="10000019")
    assert reply.body["success"] is True and line.cancelled_at is not None
    assert (await caller.post("/order/cancel", order_item_id=line.id, reason_id="10000019")).code == "123"
    assert (await caller.post("/order/cancel", order_item_id="7", reason_id="10000019")).code == "20"
