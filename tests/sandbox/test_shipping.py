"""Arranging, marking, buying labels: state rules, codes, batches, delays and the journal."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.sandbox.world.model import OrderStatus, PackageStatus, Shipping

from .caller import Caller


def effects(caller: Caller, op: str) -> list[tuple[object, object, object]]:
    return [(row["target"], row["effect"], row["code"]) for row in caller.sandbox.journal() if row["op"] == op]


async def test_shipping_moves_package_order_label_and_tracking(caller: Caller) -> None:
    package = caller.shippable()[0]
    order_id = package.orders[0].id
    before = await caller.order(order_id)
    assert before["status"] == "AWAITING_SHIPMENT" and before["tracking_number"] == ""
    reply = await caller.ship(package.id)
    assert (reply.code, reply.data) == (0, {})
    detail = await caller.package(package.id)
    assert (detail["package_status"], detail["package_sub_status"]) == ("PROCESSING", "RTSING")
    assert detail["tracking_number"] == ""
    at_once = await caller.order(order_id)
    assert at_once["status"] == "AWAITING_COLLECTION"
    assert at_once["rts_time"] == caller.sandbox.world.clocks.world_now()
    caller.sandbox.advance(5)
    later = await caller.order(order_id)
    assert later["tracking_number"] == later["line_items"][0]["tracking_number"] == package.tracking != ""
    assert later["update_time"] > at_once["update_time"]
    assert (await caller.package(package.id))["package_sub_status"] == "RTS"
    assert effects(caller, "ship") == [(package.id, "applied", 0)]


async def test_shipping_twice_is_told_apart_by_how_far_the_package_is(caller: Caller) -> None:
    package = caller.shippable()[0]
    await caller.ship(package.id)
    assert (await caller.ship(package.id)).code == 21011020
    caller.sandbox.poke("collect", package_id=package.id)
    assert (await caller.ship(package.id)).code == 21011040
    caller.sandbox.poke("deliver", package_id=package.id)
    assert (await caller.ship(package.id)).code == 21011027
    assert [effect for _, effect, _ in effects(caller, "ship")] == ["applied", "already", "already", "already"]


async def test_what_must_not_ship_is_refused_and_stays(caller: Caller) -> None:
    poke = caller.sandbox.poke
    held = caller.orders(OrderStatus.ON_HOLD)[0].packages[0]
    asked, cancelled, fbt, heavy, frozen, post, slotless = caller.shippable()[:7]
    poke("buyer_cancel_request", order_id=asked.orders[0].id)
    poke("cancel_order", order_id=cancelled.orders[0].id)
    fbt.orders[0].is_platform_fulfilled = True
    poke("weight", package_id=heavy.id, weight_g=99_000)
    poke("flaw", package_id=frozen.id, kind="frozen", lasts_s=600)
    poke("flaw", package_id=post.id, kind="bad_postcode")
    poke("flaw", package_id=slotless.id, kind="no_slot")
    foreign = caller.sandbox.world.packages_of(caller.sandbox.shops[1].id)[0]
    wanted = {
        held.id: 21011003,
        asked.id: 21008044,
        cancelled.id: 21011041,
        fbt.id: 21008025,
        heavy.id: 11021009,
        frozen.id: 10007014,
        post.id: 11021010,
        slotless.id: 21011054,
        foreign.id: 21011028,
        "1": 21011028,
    }
    for package_id, code in wanted.items():
        assert (await caller.ship(package_id)).code == code
    assert effects(caller, "ship") == [(package_id, "refused", code) for package_id, code in wanted.items()]
    assert not any(order.status is OrderStatus.ARRANGED for order in (held.orders[0], asked.orders[0]))

    caller.sandbox.advance(600)
    poke("weight", package_id=heavy.id, weight_g=900)
    poke("fix_address", order_id=post.orders[0].id)
    poke("withdraw_cancel", order_id=asked.orders[0].id)
    for package in (frozen, heavy, post, asked):
        assert (await caller.ship(package.id)).code == 0


async def test_a_batch_tells_each_refusal_and_ships_the_rest(caller: Caller) -> None:
    good, bad, other = caller.shippable()[:3]
    caller.sandbox.poke("flaw", package_id=bad.id, kind="frozen")
    reply = await caller.post(
        "/fulfillment/202309/packages/ship",
        {"packages": [{"id": good.id}, {"id": bad.id}, {"id": other.id, "handover_method": "PICKUP"}]},
    )
    assert reply.code == 0
    assert [(row["code"], row["detail"]["package_id"]) for row in reply.data["errors"]] == [(10007014, bad.id)]
    assert (good.status, bad.status, other.status) == (
        PackageStatus.ARRANGED,
        PackageStatus.TO_ARRANGE,
        PackageStatus.ARRANGED,
    )
    assert len(effects(caller, "ship")) == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"packages": []},
        {"packages": [{}]},
        {"packages": [{"id": "1", "handover_method": "FLY"}]},
        {"packages": [{"id": "1"}] * 101},
        {"packages": [{"id": "1", "pickup_slot": {"start_time": 20, "end_time": 10}}]},
        {"packages": [{"id": "1", "self_shipment": {"tracking_number": "AB12"}}]},
    ],
)
async def test_a_batch_that_is_not_understood_ships_nothing(caller: Caller, body: dict[str, Any]) -> None:
    assert (await caller.post("/fulfillment/202309/packages/ship", body)).code == 36009004
    assert caller.sandbox.journal() == []


async def test_slots_are_offered_spelt_as_ever_and_checked(caller: Caller) -> None:
    package, gone = caller.shippable()[:2]
    path = f"/fulfillment/202309/packages/{package.id}/handover_time_slots"
    offered = (await caller.get(path)).data
    assert offered["can_pickup"] is True
    free = [slot for slot in offered["pickup_slots"] if slot["avaliable"]]
    assert all(slot["start_time"] > caller.sandbox.world.clocks.world_now() for slot in free)
    wrong = {"start_time": free[0]["start_time"] + 1, "end_time": free[0]["end_time"]}
    assert (await caller.ship(package.id, {"handover_method": "PICKUP", "pickup_slot": wrong})).code == 21011053
    right = {"start_time": free[0]["start_time"], "end_time": free[0]["end_time"]}
    assert (await caller.ship(package.id, {"handover_method": "PICKUP", "pickup_slot": right})).code == 0
    assert (await caller.package(package.id))["pickup_slot"] == right

    caller.sandbox.poke("flaw", package_id=gone.id, kind="slot_gone")
    path = f"/fulfillment/202309/packages/{gone.id}/handover_time_slots"
    slots = (await caller.get(path)).data["pickup_slots"]
    assert slots[0]["avaliable"] is False
    assert (await caller.ship(gone.id)).code == 21011053
    later = next(slot for slot in slots if slot["avaliable"])
    chosen = {"start_time": later["start_time"], "end_time": later["end_time"]}
    assert (await caller.ship(gone.id, {"pickup_slot": chosen})).code == 0


async def test_the_carrier_comes_then_delivers_then_the_order_completes(caller: Caller) -> None:
    package = caller.shippable()[0]
    order = package.orders[0]
    await caller.ship(package.id)
    seen = []
    for _ in range(14):
        seen.append((await caller.order(order.id))["status"])
        caller.sandbox.advance(24 * 3600)
        caller.renew()
    assert list(dict.fromkeys(seen)) == ["AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"]
    events = (await caller.get(f"/fulfillment/202309/orders/{order.id}/tracking")).data["tracking"]
    assert [row["update_time_millis"] // 1000 for row in events] == [
        order.delivered_at,
        order.collected_at,
        order.arranged_at,
    ]


async def test_an_order_nobody_ships_is_cancelled_by_the_platform(caller: Caller) -> None:
    package = caller.shippable()[0]
    order = package.orders[0]
    due_at = order.deadlines.cancel_unarranged_at
    assert due_at is not None
    caller.sandbox.advance(due_at - caller.sandbox.world.clocks.world_now())
    row = await caller.order(order.id)
    assert (row["status"], row["cancellation_initiator"], row["cancel_time"]) == ("CANCELLED", "SYSTEM", due_at)
    assert (await caller.ship(package.id)).code == 21011041


async def test_seller_shipping_in_the_south_east_needs_own_number_and_carrier(caller: Caller) -> None:
    package, second = caller.shippable(Shipping.SELLER)[:2]
    option = package.orders[0].option.id
    path = f"/logistics/202309/delivery_options/{option}/shipping_providers"
    carrier = (await caller.get(path)).data["shipping_providers"][0]
    assert (await caller.ship(package.id)).code == 21011022

    def own(number: str, carrier_id: str = carrier["id"]) -> dict[str, Any]:
        return {"self_shipment": {"tracking_number": number, "shipping_provider_id": carrier_id}}

    assert (await caller.ship(package.id, own("A B"))).code == 21011022
    assert (await caller.ship(package.id, own("VN123456", "99"))).code == 11028006
    assert (await caller.ship(package.id, own("VN123456"))).code == 0
    assert (await caller.package(package.id))["tracking_number"] == "VN123456"
    if package.orders[0].buyer is not second.orders[0].buyer:
        assert (await caller.ship(second.id, own("VN123456"))).code == 21011025


async def test_a_platform_option_has_no_carriers_to_choose(caller: Caller) -> None:
    option = caller.shippable()[0].orders[0].option.id
    reply = await caller.get(f"/logistics/202309/delivery_options/{option}/shipping_providers")
    assert reply.code == 21008117


@pytest.mark.parametrize("version", ["202309", "202610"])
@pytest.mark.parametrize("region", ["GB", "US", "JP"])
async def test_marking_as_shipped(caller: Caller, region: str, version: str) -> None:
    caller = caller.for_region(region)
    order = next(one for one in caller.orders(OrderStatus.TO_SHIP, Shipping.SELLER) if not one.cancel_request)
    carrier = order.store.carriers[0]
    info = {"tracking_number": "PARCEL-77_1", "shipping_provider_id": carrier.id}
    body = info if version == "202309" else {"shipping_info_list": [info]}
    path = f"/fulfillment/{version}/orders/{order.id}/packages"
    reply = await caller.post(path, body)
    assert reply.code == 0, reply.message
    assert reply.data["order_line_item_ids"] == [line.id for line in order.lines]
    row = await caller.order(order.id)
    assert row["status"] == "AWAITING_COLLECTION"
    assert row["tracking_number"] == "PARCEL-77_1"
    assert row["packages"] == [{"id": reply.data["package_id"]}]
    assert (await caller.post(path, body)).code == 21008099
    assert [effect for _, effect, _ in effects(caller, "mark_shipped")] == ["applied", "already"]


async def test_an_order_may_be_marked_in_parts(caller: Caller) -> None:
    caller = caller.for_region("GB")
    order = next(
        one
        for one in caller.orders(OrderStatus.TO_SHIP, Shipping.SELLER)
        if len(one.lines) > 1 and len(one.packages) == 1 and not one.cancel_request
    )
    carrier = order.store.carriers[0].id
    path = f"/fulfillment/202309/orders/{order.id}/packages"
    first = {"order_line_item_ids": [order.lines[0].id], "tracking_number": "GB-1", "shipping_provider_id": carrier}
    assert (await caller.post(path, {**first, "tracking_number": "G"})).code == 21011022
    assert (await caller.post(path, {**first, "tracking_number": "GB-11"})).code == 0
    assert (await caller.order(order.id))["status"] == "PARTIALLY_SHIPPING"
    rest = {
        "order_line_item_ids": [line.id for line in order.lines[1:]],
        "tracking_number": "GB-12",
        "shipping_provider_id": carrier,
    }
    assert (await caller.post(path, rest)).code == 0
    row = await caller.order(order.id)
    assert row["status"] == "AWAITING_COLLECTION"
    assert {line["tracking_number"] for line in row["line_items"]} == {"GB-11", "GB-12"}


async def test_marking_is_for_some_regions_only(caller: Caller) -> None:
    order = caller.orders(OrderStatus.TO_SHIP)[0]
    info = {"tracking_number": "VN12345", "shipping_provider_id": order.store.carriers[0].id}
    assert (await caller.post(f"/fulfillment/202309/orders/{order.id}/packages", info)).code == 21008106


async def test_tracking_can_be_corrected_once_and_not_late(caller: Caller) -> None:
    caller = caller.for_region("GB")
    first, second = [one for one in caller.orders(OrderStatus.TO_SHIP, Shipping.SELLER) if not one.cancel_request][:2]
    carrier = first.store.carriers[1].id
    caller.sandbox.settings.change({"collect_max_s": 10**7, "collect_min_s": 10**7})
    packages = []
    for number, order in enumerate((first, second)):
        info = {"tracking_number": f"TRACK-{number}", "shipping_provider_id": carrier}
        packages.append((await caller.post(f"/fulfillment/202309/orders/{order.id}/packages", info)).data["package_id"])

    async def update(package_id: str, number: str) -> int:
        info = {"tracking_number": number, "shipping_provider_id": carrier}
        path = f"/fulfillment/202610/packages/{package_id}/shipping_info/update"
        return (await caller.post(path, {"shipping_info_list": [info]})).code

    assert await update(packages[0], "FIXED-0") == 0
    assert (await caller.package(packages[0]))["tracking_number"] == "FIXED-0"
    assert await update(packages[0], "FIXED-1") == 21011051
    caller.sandbox.advance(72 * 3600 + 1)
    assert await update(packages[1], "LATE-1") == 21011050
    platform = caller.shippable()[0]
    assert await update(platform.id, "NOPE-1") == 21011004


@pytest.mark.parametrize("region", ["US", "JP"])
@pytest.mark.parametrize("version", ["202309", "202512"])
async def test_a_label_is_bought_and_a_repeated_call_buys_another(caller: Caller, region: str, version: str) -> None:
    caller = caller.for_region(region)
    order = next(one for one in caller.orders(OrderStatus.TO_SHIP, Shipping.PLATFORM) if not one.cancel_request)
    offered = await caller.post(
        f"/fulfillment/202309/orders/{order.id}/shipping_services/query",
        {"weight": {"value": "1.5", "unit": "POUND"}},
    )
    service = offered.data["shipping_services"][-1]
    assert offered.data["weight"] == {"value": "680", "unit": "GRAM"}
    body = {"order_id": order.id, "shipping_service_id": service["id"], "ship_type": "PLATFORM"}
    path = f"/fulfillment/{version}/packages"
    one, two = await caller.post(path, body), await caller.post(path, body)
    assert (one.code, two.code) == (0, 0)
    assert one.data["package_id"] != two.data["package_id"]
    assert len(order.packages) == 2
    assert sum(package.label_cost_minor for package in order.packages) > 0
    assert [effect for _, effect, _ in effects(caller, "create_package")] == ["applied", "applied"]
    assert (await caller.order(order.id))["status"] == "AWAITING_COLLECTION"
    caller.sandbox.poke("collect", package_id=two.data["package_id"])
    assert (await caller.post(path, body)).code == 21011006


async def test_labels_are_not_bought_where_packages_are_shipped(caller: Caller) -> None:
    order = caller.orders(OrderStatus.TO_SHIP, Shipping.PLATFORM)[0]
    assert (await caller.post("/fulfillment/202512/packages", {"order_id": order.id})).code in (21008106, 21008044)
    reply = await caller.post(f"/fulfillment/202309/orders/{order.id}/shipping_services/query", {})
    assert reply.code == 21008106


async def test_the_own_fleet_reports_deliveries(caller: Caller) -> None:
    parcels = caller.shippable(Shipping.SELLER)[:2]
    for number, package in enumerate(parcels):
        own = {"tracking_number": f"OWN-{number}", "shipping_provider_id": package.store.carriers[0].id}
        assert (await caller.ship(package.id, {"self_shipment": own})).code == 0
    platform = caller.shippable()[0]
    path = "/fulfillment/202309/packages/deliver"
    missing = await caller.post(path, {"packages": [{"id": parcels[0].id, "delivery_type": "DELIVERY_FAILED"}]})
    assert missing.code == 36009004
    reply = await caller.post(
        path,
        {
            "packages": [
                {"id": parcels[0].id, "delivery_type": "DELIVERY_SUCCESS"},
                {
                    "id": parcels[1].id,
                    "delivery_type": "DELIVERY_FAILED",
                    "fail_delivery_reason": "BUYER_REFUSED",
                },
                {"id": platform.id, "delivery_type": "DELIVERY_SUCCESS"},
            ]
        },
    )
    assert [row["code"] for row in reply.data["errors"]] == [21011004]
    assert (await caller.package(parcels[0].id))["package_status"] == "COMPLETED"
    assert (await caller.package(parcels[1].id))["package_sub_status"] == "SHIP_EXCEPTION"


async def test_package_search_pages_filters_and_names(caller: Caller) -> None:
    path = "/fulfillment/202309/packages/search"
    assert (await caller.post(path, {}, page_size="51")).code == 36009004
    assert (await caller.post(path, {"package_status": "SHIPPED"}, page_size="5")).code == 36009004
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        extra = {"page_token": token} if token else {}
        page = (await caller.post(path, {"package_status": "TO_FULFILL"}, page_size="10", **extra)).data
        rows += page["packages"]
        token = page["next_page_token"]
        if not token:
            break
    waiting = caller.sandbox.world.packages_of(caller.shop.id, PackageStatus.TO_ARRANGE)
    assert {row["id"] for row in rows} == {package.id for package in waiting}
    assert page["total_count"] == len(rows)
    detail = await caller.package(rows[0]["id"])
    assert "id" not in detail and "status" not in detail
    assert detail["package_id"] == rows[0]["id"]
    units = sum(sku["quantity"] for order in detail["orders"] for sku in order["skus"])
    assert units == len(detail["order_line_item_ids"])


async def test_warehouses_keep_the_misspelt_name(caller: Caller) -> None:
    houses = (await caller.get("/logistics/202309/warehouses")).data["warehouses"]
    assert {house["type"] for house in houses} == {"SALES_WAREHOUSE", "RETURN_WAREHOUSE"}
    assert all("distict" in house["address"] for house in houses)
    path = f"/logistics/202309/warehouses/{houses[0]['id']}/delivery_options"
    options = (await caller.get(path)).data["delivery_options"]
    assert {"SEND_BY_SELLER", "SAMEDAY"} <= {option["type"] for option in options}
