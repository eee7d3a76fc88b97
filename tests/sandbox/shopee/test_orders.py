"""Order lists by windows and cursors, details and their optional fields, notes, the parcels' queue."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.sandbox.world.model import Order, OrderStatus, Shipping
from shoptui.sandbox.world.regions import REGIONS

from .caller import START_AT, Caller

DAY = 86_400
ALWAYS = {
    "order_sn",
    "region",
    "currency",
    "cod",
    "order_status",
    "message_to_seller",
    "create_time",
    "update_time",
    "days_to_ship",
    "ship_by_date",
}


async def _all(caller: Caller, size: int, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        data = (await caller.listed(page_size=size, cursor=cursor, **params)).data
        rows += data["order_list"]
        assert (data["next_cursor"] != "") is data["more"]
        if not data["more"]:
            return rows
        cursor = data["next_cursor"]


def _world(caller: Caller, **window: int) -> set[str]:
    since, until = window.get("since", START_AT - 15 * DAY), window.get("until", START_AT)
    orders = caller.sandbox.world.orders_of(caller.shop.id)
    return {
        order.id for order in orders if since <= order.updated_at <= until and order.status is not OrderStatus.ON_HOLD
    }


async def test_pages_give_every_order_of_the_window_once(caller: Caller) -> None:
    rows = await _all(caller, 7)
    numbers = [row["order_sn"] for row in rows]
    assert set(numbers) == _world(caller) and len(numbers) == len(set(numbers)) > 14
    assert all(set(row) == {"order_sn"} for row in rows)


async def test_numbers_tell_the_day_and_are_no_numbers(caller: Caller) -> None:
    orders = caller.sandbox.world.orders_of(caller.shop.id)
    assert len({order.id for order in orders}) == len(orders)
    assert all(len(order.id) == 14 and order.id[:2] in ("25", "26") for order in orders)
    assert any(not order.id.isdigit() for order in orders)
    assert all(one.id.startswith("OFG") for order in orders for one in order.packages)


@pytest.mark.parametrize(
    "params",
    [
        {"time_from": START_AT - 15 * DAY - 1},
        {"time_from": START_AT},
        {"time_from": START_AT + 5},
    ],
)
async def test_windows_are_of_fifteen_days_at_most(caller: Caller, params: dict[str, int]) -> None:
    assert (await caller.listed(**params)).error == "order.order_list_invalid_time"
    assert (await caller.listed(time_from=START_AT - 1)).error == ""


@pytest.mark.parametrize(
    "params",
    [
        {"page_size": 0},
        {"page_size": 101},
        {"page_size": ""},
        {"time_range_field": "pay_time"},
        {"order_status": "SENT"},
        {"cursor": "what"},
        {"time_to": "tomorrow"},
    ],
)
async def test_bad_list_parameters_are_named(caller: Caller, params: dict[str, Any]) -> None:
    reply = await caller.listed(**params)
    assert (reply.status, reply.error) == (200, "error_param")
    assert next(iter(params)) in reply.message


async def test_a_status_filter_agrees_with_the_status_shown(caller: Caller) -> None:
    rows = await _all(caller, 50, response_optional_fields="order_status")
    for status in ("UNPAID", "READY_TO_SHIP", "PROCESSED", "SHIPPED", "COMPLETED", "CANCELLED", "IN_CANCEL"):
        wanted = {row["order_sn"] for row in rows if row["order_status"] == status}
        assert {row["order_sn"] for row in await _all(caller, 50, order_status=status)} == wanted
    assert "TO_CONFIRM_RECEIVE" in {row["order_status"] for row in rows}
    assert await _all(caller, 50, order_status="INVOICE_PENDING") == []


async def test_pending_orders_appear_only_on_demand(caller: Caller) -> None:
    holding = next(
        Caller(caller.sandbox, caller.client, shop)
        for shop in caller.sandbox.shops
        if caller.sandbox.world.orders_of(shop.id, OrderStatus.ON_HOLD)
    )
    held = {order.id for order in holding.orders(OrderStatus.ON_HOLD)}
    assert held.isdisjoint(row["order_sn"] for row in await _all(holding, 100))
    shown = await _all(holding, 100, request_order_status_pending="true", response_optional_fields="order_status")
    assert {row["order_sn"] for row in shown if row["order_status"] == "PENDING"} == held
    order_sn = min(held)
    detail = await holding.order(order_sn, request_order_status_pending="true")
    assert (detail["order_status"], detail["pending_terms"]) == ("PENDING", ["SYSTEM_PENDING"])
    assert detail["ship_by_date"] == 0
    assert {one["logistics_status"] for one in detail["package_list"]} == {"LOGISTICS_NOT_START"}
    assert (await holding.order(order_sn))["order_status"] == "READY_TO_SHIP"


async def test_a_page_may_begin_with_the_row_before_it(caller: Caller) -> None:
    first = (await caller.listed(page_size=5)).data
    caller.sandbox.poke("duplicate_page", shop_id=caller.shop.id)
    second = (await caller.listed(page_size=5, cursor=first["next_cursor"])).data["order_list"]
    assert second[0] == first["order_list"][-1] and len(second) == 6


async def test_an_order_that_moves_while_pages_are_read_is_found_by_the_next_window(caller: Caller) -> None:
    first = (await caller.listed(page_size=5)).data
    read = [row["order_sn"] for row in first["order_list"]]
    mover = next(one for one in await _all(caller, 100) if one["order_sn"] not in read)["order_sn"]
    caller.sandbox.advance(30)
    await caller.post("order/set_note", {"order_sn": mover, "note": "moved"})
    cursor, window = first["next_cursor"], {"time_from": START_AT - 15 * DAY, "time_to": START_AT}
    while cursor:
        data = (await caller.listed(page_size=5, cursor=cursor, **window)).data
        read += [row["order_sn"] for row in data["order_list"]]
        cursor = data["next_cursor"]
    assert len(read) == len(set(read)) and mover not in read
    later = (await caller.listed(time_from=START_AT, time_to=START_AT + 30)).data["order_list"]
    assert mover in {row["order_sn"] for row in later}
    assert set(read) | {mover} == _world(caller, until=START_AT + 30)


async def test_details_bring_what_was_asked_for_and_nothing_else(caller: Caller) -> None:
    order_sn = caller.orders(OrderStatus.TO_SHIP)[0].id
    assert set(await caller.order(order_sn, "")) == ALWAYS
    assert set(await caller.order(order_sn, "note,item_list,nonsense")) == ALWAYS | {"note", "item_list"}


async def test_unknown_numbers_are_a_warning_among_known_ones(caller: Caller) -> None:
    mine, other = caller.orders(OrderStatus.TO_SHIP)[0].id, caller.sandbox.shops[1]
    foreign = caller.sandbox.world.orders_of(other.id)[0].id
    reply = await caller.get("order/get_order_detail", order_sn_list=f"{mine},{foreign}")
    assert [row["order_sn"] for row in reply.data["order_list"]] == [mine]
    assert reply.body["warning"] == [{"order_sn": foreign}]
    assert (await caller.get("order/get_order_detail", order_sn_list=foreign)).error == "error_not_found"
    many = ",".join(f"2601{number:010d}" for number in range(51))
    assert (await caller.get("order/get_order_detail", order_sn_list=many)).error == "error_param"
    repeated = await caller.get("order/get_order_detail", order_sn_list=[mine, mine])
    assert len(repeated.data["order_list"]) == 1


def _total(order: Order) -> int:
    goods = sum(line.paid_minor for line in order.lines)
    return goods + order.shipping_fee_minor - order.shipping_discount_minor


@pytest.mark.parametrize("region", ["MY", "VN", "TH", "ID"])
async def test_amounts_are_numbers_with_decimals_only_where_shopee_has_them(caller: Caller, region: str) -> None:
    shop = caller.for_region(region)
    for order in shop.orders(OrderStatus.TO_SHIP)[:10]:
        row = await shop.order(order.id, "total_amount,item_list,estimated_shipping_fee")
        digits = REGIONS[region].minor_digits
        assert round(row["total_amount"] * 10**digits) == _total(order)
        prices = [item["model_discounted_price"] for item in row["item_list"]]
        if region != "MY":
            assert all(float(price).is_integer() for price in [*prices, row["total_amount"]])
        assert sum(item["model_quantity_purchased"] for item in row["item_list"]) == len(order.lines)
        assert all(isinstance(item["item_id"], int) for item in row["item_list"])


async def test_unpaid_orders_have_neither_amount_nor_deadline_nor_address(caller: Caller) -> None:
    order = caller.orders(OrderStatus.UNPAID)[0]
    row = await caller.order(order.id, "total_amount,pay_time,recipient_address,package_list")
    assert (row["order_status"], row["pay_time"], row["ship_by_date"]) == ("UNPAID", None, 0)
    assert "total_amount" not in row and row["package_list"] == []
    assert row["recipient_address"]["name"] == row["recipient_address"]["zipcode"] == "****"


async def test_addresses_are_masked_unless_the_seller_delivers(caller: Caller) -> None:
    masked = caller.orders(OrderStatus.TO_SHIP, Shipping.PLATFORM)[0]
    address = (await caller.order(masked.id, "recipient_address"))["recipient_address"]
    assert "******" in address["name"] and address["phone"].startswith("******")
    assert masked.buyer.street not in address["full_address"]
    own = caller.with_own_fleet()
    clear = own.orders(OrderStatus.TO_SHIP, Shipping.SELLER)[0]
    assert (await own.order(clear.id, "recipient_address"))["recipient_address"]["name"] == clear.buyer.name


@pytest.mark.parametrize("how", ["missing_id", "bad_time", "bad_money", "null_lines", "not_an_object"])
async def test_one_broken_record_leaves_the_others_whole(caller: Caller, how: str) -> None:
    broken, whole = caller.orders(OrderStatus.TO_SHIP)[:2]
    caller.sandbox.poke("malform_order", order_id=broken.id, how=how)
    caller.sandbox.poke("unknown_status", order_id=whole.id, status="BEAMED")
    fields = "item_list,package_list,total_amount"
    reply = await caller.get(
        "order/get_order_detail", order_sn_list=f"{broken.id},{whole.id}", response_optional_fields=fields
    )
    first, second = reply.data["order_list"]
    assert second["order_status"] == "BEAMED" and second["order_sn"] == whole.id
    expected = {
        "missing_id": "order_sn" not in first,
        "bad_time": first["create_time"] == "yesterday",
        "bad_money": first["total_amount"] == "12,3.4.5",
        "null_lines": first["item_list"] is None,
        "not_an_object": first["package_list"] == "",
    }
    assert [name for name, is_so in expected.items() if is_so] == [how]


async def test_notes_are_kept_replaced_and_cleared(caller: Caller) -> None:
    order = caller.orders(OrderStatus.IN_TRANSIT)[0]
    caller.sandbox.advance(60)
    reply = await caller.post("order/set_note", {"order_sn": order.id, "note": "Gọi trước khi giao"})
    assert (reply.error, reply.data) == ("", None)
    row = await caller.order(order.id, "note,note_update_time")
    assert (row["note"], row["note_update_time"]) == ("Gọi trước khi giao", START_AT + 60)
    assert row["update_time"] == START_AT + 60
    assert (await caller.post("order/set_note", {"order_sn": order.id, "note": ""})).error == ""
    assert (await caller.order(order.id, "note"))["note"] == ""
    assert (await caller.post("order/set_note", {"order_sn": "2601010000000X", "note": "x"})).error == "error_not_found"
    assert (await caller.post("order/set_note", {"order_sn": order.id})).error == "error_param"
    assert [effect for _, effect, _ in caller.effects("set_note")] == ["applied", "applied", "refused"]


# --- parcels ----------------------------------------------------------------------------------------------


async def _queue(caller: Caller, size: int = 100, **filters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        body = {"filter": filters, "pagination": {"page_size": size, "cursor": cursor}}
        data = (await caller.post("order/search_package_list", body)).data
        rows += data["packages_list"]
        if not data["pagination"]["more"]:
            assert data["pagination"]["total_count"] == len(rows)
            return rows
        cursor = data["pagination"]["next_cursor"]


async def test_the_queue_has_what_waits_soonest_first(caller: Caller) -> None:
    rows = await _queue(caller, 9)
    orders = [caller.sandbox.world.orders[row["order_sn"]] for row in rows]
    due = [order.deadlines.arrange_by or 0 for order in orders]
    assert due == sorted(due) and len(rows) > 18
    assert not any(order.is_platform_fulfilled or order.cancel_request for order in orders)
    everything = {row["package_number"] for row in await _queue(caller, package_status=0, fulfillment_type=0)}
    buckets = [
        {row["package_number"] for row in await _queue(caller, package_status=bucket, fulfillment_type=0)}
        for bucket in (1, 2, 3)
    ]
    assert set().union(*buckets) == everything and sum(len(bucket) for bucket in buckets) == len(everything)
    assert all(row["is_shipment_arranged"] for row in await _queue(caller, package_status=3))


async def test_overdue_parcels_have_the_first_priority(caller: Caller) -> None:
    overdue = await _queue(caller, shipping_priority=1)
    now = caller.sandbox.clocks.world_now()
    for row in overdue:
        assert (caller.sandbox.world.orders[row["order_sn"]].deadlines.arrange_by or now) < now
    caller.sandbox.advance(DAY)
    caller.renew()
    assert len(await _queue(caller, shipping_priority=1)) > len(overdue)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"pagination": {"page_size": 101}},
        {"pagination": {"page_size": "10"}},
        {"pagination": {"page_size": 10}, "filter": {"package_status": 4}},
        {"pagination": {"page_size": 10}, "sort": {"sort_type": 9}},
    ],
)
async def test_bad_searches_are_refused(caller: Caller, body: dict[str, Any]) -> None:
    assert (await caller.post("order/search_package_list", body)).error == "error_param"


async def test_a_parcel_tells_how_urgent_it_is(caller: Caller) -> None:
    package = caller.shippable()[0]
    order = package.orders[0]
    due_at, cancel_at = order.deadlines.arrange_by or 0, order.deadlines.cancel_unarranged_at or 0
    seen: list[tuple[int, int]] = []
    for moment in (due_at - 3601, due_at - 3600, due_at + 1, cancel_at - 3600):
        caller.sandbox.advance(max(0, moment - caller.sandbox.clocks.world_now()))
        caller.renew()
        order.cancel_request = None
        tag = (await caller.package(package.id))["status_info_tag"]
        seen.append((tag["tag_id"], tag["timestamp"]))
    assert seen == [(2, due_at), (4, 0), (seen[2][0], 0), (5, cancel_at)] and seen[2][0] in (1, 3)


async def test_the_older_list_has_what_is_ready(caller: Caller) -> None:
    rows: list[dict[str, str]] = []
    cursor = ""
    while True:
        data = (await caller.get("order/get_shipment_list", page_size=10, cursor=cursor)).data
        rows += data["order_list"]
        if not data["more"]:
            break
        cursor = data["next_cursor"]
    ready = {row["order_sn"] for row in await _all(caller, 100, order_status="READY_TO_SHIP")}
    assert {row["order_sn"] for row in rows} == ready
