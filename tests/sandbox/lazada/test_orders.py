"""Reading orders and units: windows, pages, filters, types on the wire."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shoptui.sandbox.world.model import OrderStatus, Shipping
from shoptui.sandbox.world.regions import REGIONS

from .caller import Caller

LONG_AGO = "2025-01-01T00:00:00+08:00"


async def _all(caller: Caller, **params: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = (await caller.get("/orders/get", limit="17", offset=str(len(rows)), **params)).data
        rows += page["orders"]
        if page["count"] < 17:
            assert page["countTotal"] == len(rows)
            return rows


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("sort", ["created_at", "updated_at"])
async def test_pages_hold_every_order_once_in_order(caller: Caller, sort: str, direction: str) -> None:
    rows = await _all(caller, created_after=LONG_AGO, sort_by=sort, sort_direction=direction)
    orders = caller.sandbox.world.orders_of(caller.shop.id)
    wanted = sorted(orders, key=lambda one: (getattr(one, sort), one.id), reverse=direction == "DESC")
    assert [row["order_id"] for row in rows] == [int(one.id) for one in wanted]


async def test_updates_are_found_by_their_window(caller: Caller) -> None:
    order = caller.packable()[0]
    caller.sandbox.advance(7200)
    caller.sandbox.poke("cancel_order", order_id=order.id)
    found = await _all(caller, update_after="2026-01-01T10:00:00+08:00", sort_by="updated_at")
    assert int(order.id) in [row["order_id"] for row in found]
    later = await _all(caller, update_after="2026-01-01T09:00:01+07:00", sort_by="updated_at")
    assert int(order.id) not in [row["order_id"] for row in later]


async def test_filters_ask_for_units_of_a_status(caller: Caller) -> None:
    for word, wanted in (
        ("unpaid", {"unpaid"}),
        ("pending", {"pending"}),
        ("packed", {"packed"}),
        ("ready_to_ship", {"ready_to_ship"}),
        ("shipped", {"shipped"}),
        ("delivered", {"delivered", "confirmed"}),
        ("canceled", {"canceled"}),
        ("topack", {"pending"}),
    ):
        rows = await _all(caller, created_after=LONG_AGO, status=word)
        assert rows and all(wanted & set(row["statuses"]) for row in rows), word
    everything = await _all(caller, created_after=LONG_AGO, status="all")
    assert len(everything) == len(caller.sandbox.world.orders_of(caller.shop.id))
    partly = next(one for one in caller.sandbox.world.orders.values() if one.status is OrderStatus.PARTLY_ARRANGED)
    there = caller.for_region(partly.store.region)
    assert set(await there.statuses(partly)) == {"pending", "ready_to_ship"}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "MissingParameter"),
        ({"created_before": LONG_AGO}, "MissingParameter"),
        ({"created_after": "2025-01-01T00:00:00"}, "17"),
        ({"created_after": "2025-01-01T00:00:00Z"}, "17"),
        ({"created_after": "2025-01-01T00:00:00 08:00"}, "17"),
        ({"created_after": "2025-13-01T00:00:00+08:00"}, "17"),
        ({"created_after": LONG_AGO, "limit": "101"}, "19"),
        ({"created_after": LONG_AGO, "limit": "0"}, "19"),
        ({"created_after": LONG_AGO, "offset": "5001"}, "14"),
        ({"created_after": LONG_AGO, "offset": "-1"}, "14"),
        ({"created_after": LONG_AGO, "status": "cancelled"}, "36"),
        ({"created_after": LONG_AGO, "sort_by": "price"}, "75"),
        ({"created_after": LONG_AGO, "sort_direction": "up"}, "74"),
    ],
)
async def test_bad_lists(caller: Caller, params: dict[str, str], code: str) -> None:
    reply = await caller.get("/orders/get", **params)
    assert (reply.status, reply.code) == (200, code)
    assert set(reply.body) == {"type", "code", "message", "request_id"}


async def test_types_are_those_of_the_wire(caller: Caller) -> None:
    rows = await _all(caller, created_after=LONG_AGO)
    prices = [row["price"] for row in rows]
    assert all(re.fullmatch(r"\d{1,3}(,\d{3})*\.\d\d", one) for one in prices)
    assert any("," in row["price"] for row in await _all(caller.for_region("VN"), created_after=LONG_AGO))
    bare = [row for row in rows if re.fullmatch(r"[\d-]{10} [\d:]{8}", row["created_at"])]
    assert 0 < len(bare) < len(rows) / 3
    assert all(row["created_at"].endswith(" +0800") for row in rows if row not in bare)
    assert "addressDsitrict" in rows[0]["address_shipping"]
    detail = (await caller.get("/order/get", order_id=str(rows[0]["order_id"]))).data
    assert "addressDistrict" in detail["address_shipping"]
    assert {name: detail[name] for name in ("order_id", "price", "statuses", "items_count")} == {
        name: rows[0][name] for name in ("order_id", "price", "statuses", "items_count")
    }


@pytest.mark.parametrize("region", ["MY", "VN"])
async def test_units_are_rows_whose_amounts_add_up(caller: Caller, region: str) -> None:
    caller = caller.for_region(region)
    factor = 10 ** REGIONS[region].minor_digits
    for order in caller.sandbox.world.orders_of(caller.shop.id)[:40]:
        rows = await caller.items(order)
        assert [row["order_item_id"] for row in rows] == [int(line.id) for line in order.lines]
        head = (await caller.get("/order/get", order_id=order.id)).data
        assert float(head["price"].replace(",", "")) == pytest.approx(sum(row["item_price"] for row in rows))
        assert head["voucher"] == pytest.approx(sum(row["voucher_amount"] for row in rows))
        assert head["shipping_fee"] == pytest.approx(sum(row["shipping_amount"] for row in rows))
        paid = sum(line.paid_minor for line in order.lines)
        assert round(sum(row["paid_price"] for row in rows) * factor) == paid
        assert {row["currency"] for row in rows} == {REGIONS[region].currency}


async def test_items_of_several_orders(caller: Caller) -> None:
    world = caller.sandbox.world
    mine = [order.id for order in world.orders_of(caller.shop.id)][:3]
    other = world.orders_of(caller.sandbox.shops[1].id)[0].id
    found = (await caller.get("/orders/items/get", order_ids=f"[{','.join([*mine, other])}]")).data
    assert [row["order_id"] for row in found] == [int(one) for one in mine]
    assert found[0]["order_items"][0]["order_id"] == int(mine[0])
    for ids, code in (
        (",".join(mine), "56"),
        ("[1,x]", "37"),
        (f"[{','.join(['1'] * 51)}]", "38"),
        (f"[{other}]", "39"),
    ):
        assert (await caller.get("/orders/items/get", order_ids=ids)).code == code
    assert (await caller.get("/order/items/get", order_id=other)).code == "16"
    assert (await caller.get("/order/get", order_id=other)).code == "16"


async def test_a_buyers_wish_to_cancel_is_on_the_units(caller: Caller) -> None:
    order = caller.packable()[0]
    request = caller.sandbox.poke("buyer_cancel_request", order_id=order.id)
    rows = await caller.items(order)
    assert all(row["need_cancel_confirm"] is True for row in rows)
    assert {row["reverse_order_id"] for row in rows} == {int(request["cancel_id"])}
    assert {row["cancel_trigger_time"] for row in rows} == {(caller.sandbox.world.clocks.world_now() + 172_800) * 1000}
    head = (await caller.get("/order/get", order_id=order.id)).data
    assert head["need_cancel_confirm"] is True


async def test_deadlines_have_a_colon_in_their_offset(caller: Caller) -> None:
    order = next(one for one in caller.packable() if one.option.kind == "standard")
    row = (await caller.items(order))[0]
    assert re.fullmatch(r"2026-01-\d\dT23:59:59\+08:00", row["sla_time_stamp"])
    assert re.search(r"_-?\d+\.\d hrs_(green|yellow|red)$", row["fulfillment_sla"])


async def test_own_fleet_and_platform_stock_are_marked(caller: Caller) -> None:
    order = caller.orders(OrderStatus.TO_SHIP, Shipping.SELLER)[0]
    row = (await caller.items(order))[0]
    assert (row["delivery_option_sof"], row["shipping_provider_type"]) == (1, "seller_own_fleet")


async def test_duplicated_rows_and_broken_records(caller: Caller) -> None:
    caller.sandbox.poke("duplicate_page", shop_id=caller.shop.id, pages=1)
    first = (await caller.get("/orders/get", created_after=LONG_AGO, limit="5")).data["orders"]
    second = (await caller.get("/orders/get", created_after=LONG_AGO, limit="5", offset="5")).data["orders"]
    assert second[0]["order_id"] == first[-1]["order_id"] and len(second) == 6
    order = caller.packable()[0]
    caller.sandbox.poke("malform_order", order_id=order.id, how="bad_money")
    assert (await caller.get("/order/get", order_id=order.id)).data["price"] == "free"
    caller.sandbox.poke("malform_order", order_id=order.id, how="null_lines")
    assert (await caller.get("/order/items/get", order_id=order.id)).data is None
    caller.sandbox.poke("malform_order", order_id=order.id, how="")
    caller.sandbox.poke("unknown_status", order_id=order.id, status="lost_by_3pl")
    assert await caller.statuses(order) == ["lost_by_3pl"] * len(order.lines)
    assert [row["order_id"] for row in await _all(caller, created_after=LONG_AGO, status="lost")] == [int(order.id)]
