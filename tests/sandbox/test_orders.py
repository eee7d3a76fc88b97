"""Order search and detail: filters, paging over moving data, masking, money, deadlines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.sandbox.tiktok.paging import Place, decode, encode
from shoptui.sandbox.tiktok.render import ORDER_STATUS
from shoptui.sandbox.world.model import OrderStatus, Shipping

from .caller import Caller


async def walk(caller: Caller, body: Any = None, **params: str) -> list[dict[str, Any]]:
    """All pages of a search."""
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        reply = await caller.search(body, **params, **({"page_token": token} if token else {}))
        assert reply.code == 0, reply.message
        rows += reply.data["orders"]
        token = reply.data["next_page_token"]
        if not token:
            assert reply.data["total_count"] == len(rows)
            return rows


@pytest.mark.parametrize("field", ["create_time", "update_time"])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
async def test_pages_together_are_the_whole_shop_in_order(caller: Caller, field: str, order: str) -> None:
    rows = await walk(caller, page_size="7", sort_field=field, sort_order=order)
    times = [row[field] for row in rows]
    assert times == sorted(times, reverse=order == "DESC")
    assert {row["id"] for row in rows} == {one.id for one in caller.sandbox.world.orders_of(caller.shop.id)}
    assert len({row["id"] for row in rows}) == len(rows)


async def test_newest_creation_comes_first_by_default(caller: Caller) -> None:
    times = [row["create_time"] for row in (await caller.search()).data["orders"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("status", list(ORDER_STATUS))
async def test_the_status_filter_agrees_with_the_world(caller: Caller, status: OrderStatus) -> None:
    rows = await walk(caller, {"order_status": ORDER_STATUS[status]}, page_size="50")
    assert sorted(row["id"] for row in rows) == sorted(one.id for one in caller.orders(status))
    assert {row["status"] for row in rows} <= {ORDER_STATUS[status]}


async def test_filters_combine(caller: Caller) -> None:
    everything = await walk(caller, page_size="100")
    middle = sorted(row["update_time"] for row in everything)[len(everything) // 2]
    house = everything[0]["warehouse_id"]
    cases: list[tuple[dict[str, Any], Any]] = [
        ({"update_time_ge": middle}, lambda row: row["update_time"] >= middle),
        ({"update_time_lt": middle}, lambda row: row["update_time"] < middle),
        ({"shipping_type": "SELLER"}, lambda row: row["shipping_type"] == "SELLER"),
        ({"is_buyer_request_cancel": True}, lambda row: row["is_buyer_request_cancel"]),
        ({"buyer_user_id": everything[3]["user_id"]}, lambda row: row["user_id"] == everything[3]["user_id"]),
        (
            {"warehouse_ids": [house], "order_status": "COMPLETED", "create_time_lt": middle},
            lambda row: row["warehouse_id"] == house and row["status"] == "COMPLETED" and row["create_time"] < middle,
        ),
    ]
    for body, test in cases:
        found = await walk(caller, body, page_size="9", sort_field="create_time")
        assert sorted(row["id"] for row in found) == sorted(row["id"] for row in everything if test(row)), body


async def test_rows_that_move_while_paging_neither_hide_nor_repeat_the_others(caller: Caller) -> None:
    world = caller.sandbox.world
    params = {"page_size": "10", "sort_field": "update_time", "sort_order": "ASC"}
    first = (await caller.search(None, **params)).data
    moved = {row["id"] for row in first["orders"][:5]}
    for order_id in moved:
        world.touch(world.orders[order_id], caller.sandbox.advance(1))
    rows = list(first["orders"])
    token = first["next_page_token"]
    while token:
        page = (await caller.search(None, **params, page_token=token)).data
        rows += page["orders"]
        token = page["next_page_token"]
    seen = [row["id"] for row in rows]
    assert set(seen) == {order.id for order in world.orders_of(caller.shop.id)}
    assert {order_id for order_id in seen if seen.count(order_id) > 1} == moved


async def test_page_tokens_hold_characters_that_need_encoding(caller: Caller) -> None:
    token = (await caller.search(page_size="3")).data["next_page_token"]
    assert all(char in token for char in "+/=")
    other = await caller.search(page_size="3", page_token=token, sort_field="update_time")
    assert other.code == 36009004


@given(
    st.sampled_from(["created", "updated"]),
    st.booleans(),
    st.integers(0, 2**40),
    st.integers(10**17, 10**18 - 1),
    st.integers(0, 10**6),
)
def test_a_page_token_says_what_was_put_in(sort: str, descending: bool, at: int, number: int, total: int) -> None:
    place = Place(sort, descending, (at, str(number)), total)
    token = encode(place)
    assert token.startswith("+/") and token.endswith("=")
    assert decode(token, sort, descending=descending) == place


@pytest.mark.parametrize("version", ["202309", "202507"])
async def test_detail_takes_ids_joined_or_repeated(caller: Caller, version: str) -> None:
    ids = [order.id for order in caller.sandbox.world.orders_of(caller.shop.id)[:3]]
    path = f"/order/{version}/orders"
    joined = await caller.get(path, ids=",".join(ids))
    repeated = await caller.call("GET", path, [("ids", order_id) for order_id in ids])
    assert [row["id"] for row in joined.data["orders"]] == ids
    assert repeated.data == joined.data


async def test_detail_refuses_too_many_missing_and_foreign_ids(caller: Caller) -> None:
    path = "/order/202507/orders"
    own = caller.sandbox.world.orders_of(caller.shop.id)
    foreign = caller.sandbox.world.orders_of(caller.sandbox.shops[1].id)[0]
    assert len(own) > 50
    assert (await caller.get(path, ids=",".join(one.id for one in own[:50]))).code == 0
    assert (await caller.get(path, ids=",".join(one.id for one in own[:51]))).code == 36009004
    assert (await caller.get(path)).code == 36009004
    assert (await caller.get(path, ids="abc")).code == 36009004
    assert (await caller.get(path, ids=f"{own[0].id},{foreign.id}")).code == 21008111


async def test_the_search_row_is_the_detail(caller: Caller) -> None:
    row = (await caller.search()).data["orders"][0]
    assert await caller.order(row["id"]) == row


async def test_addresses_are_masked_hidden_or_clear(caller: Caller) -> None:
    for row in await walk(caller, page_size="100"):
        order = caller.sandbox.world.orders[row["id"]]
        address = row["recipient_address"]
        if row["status"] in ("UNPAID", "ON_HOLD"):
            assert address["full_address"] == "" and address["district_info"] == []
        elif row["shipping_type"] == "TIKTOK":
            assert order.buyer.name not in address["name"] and "***" in address["name"]
            assert order.buyer.street not in address["full_address"]
            assert address["phone_number"].count("*") == 5
        else:
            assert address["name"] == order.buyer.name
            assert address["phone_number"] == order.buyer.phone


@pytest.mark.parametrize(("region", "has_point"), [("VN", False), ("JP", False), ("TH", True), ("US", True)])
async def test_money_is_text_and_adds_up(caller: Caller, region: str, has_point: bool) -> None:
    for row in await walk(caller.for_region(region), page_size="100"):
        money = row["payment"]
        assert all(isinstance(value, str) for value in money.values())
        assert ("." in money["total_amount"]) is has_point
        number = {name: int(value.replace(".", "")) for name, value in money.items() if name != "currency"}
        assert number["total_amount"] == number["sub_total"] + number["shipping_fee"] + number["tax"]
        lines = sum(int(line["sale_price"].replace(".", "")) for line in row["line_items"])
        assert lines == number["sub_total"]


async def test_deadlines_follow_the_market(caller: Caller) -> None:
    for region, present, absent in (
        ("VN", ("pick_up_cut_off_time",), ("fast_dispatch_sla_time",)),
        ("GB", (), ("pick_up_cut_off_time", "recommended_shipping_time", "fulfillment_priority_level")),
    ):
        rows = await walk(caller.for_region(region), {"order_status": "AWAITING_SHIPMENT"}, page_size="100")
        for row in rows:
            assert 0 < row["rts_sla_time"] < row["tts_sla_time"] < row["collection_due_time"]
            assert row["rts_sla_time"] < row["shipping_due_time"] == row["cancel_order_sla_time"]
            assert all(row[name] > 0 for name in present)
            assert not any(name in row for name in absent)
    unpaid = await walk(caller, {"order_status": "UNPAID"}, page_size="100")
    assert unpaid and all(row["rts_sla_time"] == 0 for row in unpaid)


async def test_only_next_day_orders_of_thailand_and_the_philippines_have_a_fast_dispatch(caller: Caller) -> None:
    seen = 0
    for region in ("TH", "PH"):
        for row in await walk(caller.for_region(region), page_size="100"):
            assert ("fast_dispatch_sla_time" in row) is (row["fulfillment_priority_level"] == 400)
            seen += "fast_dispatch_sla_time" in row
    assert seen


async def test_packages_exist_where_the_market_makes_them(caller: Caller) -> None:
    for region, shipping, exists in (
        ("VN", Shipping.PLATFORM, True),
        ("GB", Shipping.SELLER, True),
        ("US", Shipping.PLATFORM, False),
        ("US", Shipping.SELLER, False),
        ("JP", Shipping.PLATFORM, False),
        ("JP", Shipping.SELLER, True),
    ):
        for order in caller.for_region(region).orders(OrderStatus.TO_SHIP, shipping):
            row = await caller.for_region(region).order(order.id)
            assert bool(row["packages"]) is exists
            assert all(bool(line["package_id"]) is exists for line in row["line_items"])


async def test_the_price_breakdown_fits_the_order(caller: Caller) -> None:
    row = (await caller.search()).data["orders"][0]
    price = (await caller.get(f"/order/202407/orders/{row['id']}/price_detail")).data
    assert price["payment"] == row["payment"]["total_amount"]
    assert price["subtotal"] == row["payment"]["sub_total"]
    assert [line["id"] for line in price["line_items"]] == [line["id"] for line in row["line_items"]]
    assert (await caller.get("/order/202407/orders/1/price_detail")).code == 21008111


async def test_accidents_in_the_data_on_request(caller: Caller) -> None:
    first, second, third = [row["id"] for row in (await caller.search()).data["orders"][:3]]
    caller.sandbox.poke("malform_order", order_id=first, how="bad_money")
    caller.sandbox.poke("malform_order", order_id=second, how="missing_id")
    caller.sandbox.poke("unknown_status", order_id=third, status="AWAITING_TELEPORT")
    rows = {row.get("id"): row for row in (await caller.search()).data["orders"]}
    assert rows[first]["payment"]["total_amount"] == "12,3.4.5"
    assert None in rows and second not in rows
    assert rows[third]["status"] == "AWAITING_TELEPORT"
    caller.sandbox.poke("malform_order", order_id=first, how="")
    assert (await caller.order(first))["payment"]["total_amount"].isdigit()


async def test_a_row_can_be_made_to_come_twice(caller: Caller) -> None:
    caller.sandbox.poke("duplicate_page", shop_id=caller.shop.id, pages=1)
    one = (await caller.search(page_size="5")).data
    two = (await caller.search(page_size="5", page_token=one["next_page_token"])).data
    three = (await caller.search(page_size="5", page_token=two["next_page_token"])).data
    assert two["orders"][0] == one["orders"][-1] and len(two["orders"]) == 6
    assert three["orders"][0] != two["orders"][-1]
