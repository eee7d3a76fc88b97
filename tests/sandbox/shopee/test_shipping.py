"""Arranging: methods and inputs, state rules, batches, the lag of reads, tracking, faults and the journal."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.sandbox.shopee.states import channel
from shoptui.sandbox.world.model import OrderStatus, PackageStatus, Shipping

from .caller import Caller, named

LAG_S = 20 * 60
SHIPPED = " logistics.package_already_shipped"
NOT_READY = "logistics.ship_order_not_ready_to_ship"


async def _parameter(caller: Caller, order_sn: str, **more: Any) -> Any:
    return await caller.get("logistics/get_shipping_parameter", order_sn=order_sn, **more)


async def test_reads_lag_behind_an_arrangement_and_the_update_time_follows(caller: Caller) -> None:
    package = caller.shippable()[0]
    order_sn, arranged_at = package.orders[0].id, caller.sandbox.clocks.world_now()
    reply = await caller.ship(package)
    assert (reply.error, reply.data) == ("", None)
    assert package.status is PackageStatus.ARRANGED
    caller.sandbox.advance(14 * 60)
    before = await caller.order(order_sn)
    assert before["order_status"] == "READY_TO_SHIP"
    assert before["package_list"][0]["logistics_status"] == "LOGISTICS_READY"
    assert (await caller.package(package.id))["is_shipment_arranged"] is False
    assert (await caller.ship(package, dropoff={})).error == SHIPPED

    caller.sandbox.advance(6 * 60)
    after = await caller.order(order_sn)
    assert after["order_status"] == "PROCESSED"
    assert arranged_at + 15 * 60 <= after["update_time"] <= arranged_at + LAG_S
    assert (await caller.package(package.id))["fulfillment_status"] == "LOGISTICS_REQUEST_CREATED"
    assert caller.effects("ship") == [(package.id, "applied", ""), (package.id, "already", SHIPPED)]


async def test_the_lag_is_a_setting(caller: Caller) -> None:
    caller.sandbox.settings.change({"state_lag_min_s": 0, "state_lag_max_s": 0})
    package = caller.shippable()[0]
    await caller.ship(package)
    assert (await caller.order(package.orders[0].id))["order_status"] == "PROCESSED"


async def test_a_carriers_scan_is_seen_at_once(caller: Caller) -> None:
    package = caller.shippable()[0]
    await caller.ship(package)
    caller.sandbox.poke("collect", package_id=package.id)
    row = await caller.order(package.orders[0].id, "package_list,pickup_done_time")
    assert row["order_status"] == "SHIPPED" and row["pickup_done_time"] > 0


async def test_parameters_of_an_arranged_parcel_end_in_two_generic_errors(caller: Caller) -> None:
    package = caller.shippable()[0]
    await caller.ship(package)
    reply = await _parameter(caller, package.orders[0].id)
    assert (reply.status, reply.error) == (200, "error_other") and "rescheduling" in reply.message
    caller.sandbox.poke("collect", package_id=package.id)
    reply = await _parameter(caller, package.orders[0].id)
    assert reply.error == "error_param" and "ready to be shipped" in reply.message


async def test_every_channel_ships_by_what_its_parameters_offer(caller: Caller) -> None:
    seen: set[str] = set()
    for shop in caller.sandbox.shops:
        one = Caller(caller.sandbox, caller.client, shop)
        for package in one.shippable():
            needed = (await _parameter(one, package.orders[0].id)).data["info_needed"]
            for method, inputs in needed.items():
                seen.add(f"{method}:{','.join(inputs)}")
            if "sender_real_name" not in needed.get("dropoff", []):
                assert (await one.ship(package)).error == ""
    assert seen == {
        "pickup:address_id,pickup_time_id",
        "dropoff:",
        "dropoff:branch_id",
        "dropoff:sender_real_name",
    }


async def _with_inputs(caller: Caller, method: str, inputs: list[str]) -> tuple[Caller, Any]:
    """A shop with a waiting parcel whose method needs exactly these inputs."""
    for shop in caller.sandbox.shops:
        one = Caller(caller.sandbox, caller.client, shop)
        for package in one.shippable():
            if (await _parameter(one, package.orders[0].id)).data["info_needed"].get(method) == inputs:
                return one, package
    raise AssertionError(f"no parcel with {method} {inputs}")


@pytest.mark.parametrize(
    ("method", "inputs", "given", "error"),
    [
        ("pickup", ["address_id", "pickup_time_id"], {}, "logistics.ship_order_need_address_pickup_time"),
        (
            "pickup",
            ["address_id", "pickup_time_id"],
            {"address_id": 1, "pickup_time_id": "1"},
            "logistics.no_supported_pickup_address",
        ),
        ("dropoff", ["branch_id"], {}, "logistics.ship_order_need_branch_id"),
        ("dropoff", ["branch_id"], {"branch_id": 1}, "logistics.no_supported_dropoff_branch"),
        ("dropoff", ["branch_id"], {"branch_id": "1"}, "error_param"),
        ("dropoff", ["sender_real_name"], {}, "logistics.ship_order_need_sender_real_name"),
        ("dropoff", ["sender_real_name"], {"sender_real_name": "x" * 65}, "error_param"),
        ("dropoff", ["sender_real_name"], {"sender_real_name": "Ayu"}, ""),
        ("dropoff", [], {}, ""),
    ],
)
async def test_inputs_are_asked_for(
    caller: Caller, method: str, inputs: list[str], given: dict[str, Any], error: str
) -> None:
    one, package = await _with_inputs(caller, method, inputs)
    assert (await one.ship(package, **{method: given})).error == error
    assert (package.status is PackageStatus.ARRANGED) is (error == "")


async def test_pickup_times_come_from_the_offer_and_may_be_gone(caller: Caller) -> None:
    one, package = await _with_inputs(caller, "pickup", ["address_id", "pickup_time_id"])
    wish = await one.wish(package)
    wrong = {"pickup": {**wish["pickup"], "pickup_time_id": "123"}}
    assert (await one.ship(package, **wrong)).error == "logistics.ship_order_pickup_time_invalid"
    caller.sandbox.poke("flaw", package_id=package.id, kind="slot_gone")
    assert (await one.ship(package, **wish)).error == "logistics.ship_order_pickup_time_invalid"
    caller.sandbox.poke("flaw", package_id=package.id, kind="no_slot")
    assert (await one.ship(package, **wish)).error == "logistics.no_available_time_slot"
    caller.sandbox.poke("flaw", package_id=package.id, kind=None)
    assert (await one.ship(package, **wish)).error == ""
    assert package.slot is not None and str(package.slot[0]) == wish["pickup"]["pickup_time_id"]


async def test_exactly_one_possible_method_is_wanted(caller: Caller) -> None:
    package = caller.shippable()[0]
    body = {"order_sn": package.orders[0].id}
    ship = "logistics/ship_order"
    assert (await caller.post(ship, body)).error == "error_param"
    both = {**body, "pickup": {}, "dropoff": {}}
    assert (await caller.post(ship, both)).error == "logistics.ship_order_only_support_one_type"
    own = {**body, "non_integrated": {"tracking_number": "AB1234"}}
    assert (await caller.post(ship, own)).error == "logistics.ship_order_unsupport_non_integrated"
    assert package.status is PackageStatus.TO_ARRANGE


async def test_a_sellers_own_parcel_is_on_its_way_at_once(caller: Caller) -> None:
    one = caller.with_own_fleet()
    package = one.shippable(Shipping.SELLER)[0]
    order_sn = package.orders[0].id
    assert (await _parameter(one, order_sn)).data["info_needed"] == {"non_integrated": ["tracking_no"]}
    missing = await one.ship(package, non_integrated={})
    assert missing.error == "logistics.ship_order_need_tracking_number"
    assert (await one.ship(package, dropoff={})).error == "logistics.ship_order_unsupport_dropoff"
    spoilt = await one.ship(package, non_integrated={"tracking_number": "no!"})
    assert spoilt.error == "logistics.tracking_number_invalid"
    assert (await one.ship(package, non_integrated={"tracking_number": "FLEET-7"})).error == ""
    assert package.status is PackageStatus.COLLECTED
    number = await one.get("logistics/get_tracking_number", order_sn=order_sn)
    assert number.data["tracking_number"] == "FLEET-7"
    caller.sandbox.advance(LAG_S)
    assert (await one.order(order_sn))["package_list"][0]["logistics_status"] == "LOGISTICS_PICKUP_DONE"


async def test_what_must_not_ship_is_refused_and_stays(caller: Caller) -> None:
    poke = caller.sandbox.poke
    asked, cancelled, platform, heavy, frozen = caller.shippable()[:5]
    poke("buyer_cancel_request", order_id=asked.orders[0].id)
    poke("cancel_order", order_id=cancelled.orders[0].id)
    platform.orders[0].is_platform_fulfilled = True
    poke("weight", package_id=heavy.id, weight_g=99_000)
    poke("flaw", package_id=frozen.id, kind="frozen", lasts_s=60)
    wishes: dict[str, Any] = {one.id: await caller.wish(one) for one in (heavy, frozen)}
    wanted = {asked: NOT_READY, cancelled: NOT_READY, platform: NOT_READY, heavy: "logistics.error_param"}
    for package, error in wanted.items():
        assert (await caller.ship(package, **wishes.get(package.id, {"dropoff": {}}))).error == error
    allocated = await caller.ship(frozen, **wishes[frozen.id])
    assert allocated.error == "logistics.error_param" and "being allocated" in allocated.message
    assert (await caller.post("logistics/ship_order", {"order_sn": "x", "dropoff": {}})).error == "error_not_found"
    caller.sandbox.advance(60)
    assert (await caller.ship(frozen)).error == ""


async def test_package_numbers_are_for_split_orders_only(caller: Caller) -> None:
    package = caller.shippable()[0]
    body = {"order_sn": package.orders[0].id, **(await caller.wish(package))}
    ship = "logistics/ship_order"
    error = (await caller.post(ship, {**body, "package_number": package.id})).error
    assert error == "logistics.ship_order_not_need_pacakge_number"
    assert (await caller.post(ship, {**body, "package_number": ""})).error == "error_param"
    unknown = {**body, "package_number": "OFG1"}
    assert (await caller.post(ship, unknown)).error == "logistics.package_number_not_exist"
    split = next(
        order
        for shop in caller.sandbox.shops
        for order in caller.sandbox.world.orders_of(shop.id, OrderStatus.TO_SHIP)
        if len(order.open_packages) > 1
    )
    one = Caller(caller.sandbox, caller.client, caller.sandbox.sandbox.access(split.store.id))
    error = (await _parameter(one, split.id)).error
    assert error == "logistics.ship_order_need_pacakge_number"
    assert (await one.post(ship, {"order_sn": split.id, "dropoff": {}})).error == error
    for part in split.open_packages:
        assert (await one.ship(part)).error == ""
    assert {part.status for part in split.open_packages} == {PackageStatus.ARRANGED}


async def test_tracking_numbers_come_later_as_empty_text_first(caller: Caller) -> None:
    package = caller.shippable()[0]
    await caller.ship(package)
    query: dict[str, Any] = {"order_sn": package.orders[0].id, "response_optional_fields": "last_mile_tracking_number"}
    first = (await caller.get("logistics/get_tracking_number", **query)).data
    assert first["tracking_number"] == "" and first["hint"]
    caller.sandbox.advance(5)
    later = (await caller.get("logistics/get_tracking_number", **query)).data
    assert later["tracking_number"] == later["last_mile_tracking_number"] == package.tracking != ""
    assert "plp_number" not in later
    body = {"package_list": [{"package_number": package.id}, {"package_number": "OFG1"}]}
    many = (await caller.post("logistics/get_mass_tracking_number", body)).data
    assert [row["tracking_number"] for row in many["success_list"]] == [package.tracking]
    assert [row["package_number"] for row in many["fail_list"]] == ["OFG1"]


async def test_the_way_of_a_parcel_is_told_newest_first(caller: Caller) -> None:
    package = caller.shippable()[0]
    await caller.ship(package)
    for poke in ("collect", "deliver"):
        caller.sandbox.advance(600)
        caller.sandbox.poke(poke, package_id=package.id)
    info = (await caller.get("logistics/get_tracking_info", order_sn=package.orders[0].id)).data
    assert [row["logistics_status"] for row in info["tracking_info"]] == ["DELIVERED", "PICKED_UP", "ORDER_CREATED"]
    assert info["logistics_status"] == "LOGISTICS_DELIVERY_DONE"
    unknown = await caller.get("logistics/get_tracking_info", order_sn="2601010000000X")
    assert unknown.error == "logistics.invalid_error"


def _alike(caller: Caller) -> list[Any]:
    """Waiting parcels of one channel and one warehouse."""
    groups: dict[tuple[int, str], list[Any]] = {}
    for package in caller.shippable():
        order = package.orders[0]
        groups.setdefault((channel(order)[0], order.warehouse.id), []).append(package)
    return max(groups.values(), key=len)


async def test_all_parcels_of_a_channel_go_in_the_same_ways(caller: Caller) -> None:
    ways: dict[int, set[str]] = {}
    for package in caller.shippable():
        needed = (await _parameter(caller, package.orders[0].id)).data["info_needed"]
        ways.setdefault(channel(package.orders[0])[0], set()).add(str(sorted(needed.items())))
    assert len(ways) > 3 and all(len(found) == 1 for found in ways.values())


async def test_a_mass_call_takes_parcels_of_one_channel_and_tells_them_apart(caller: Caller) -> None:
    alike = _alike(caller)[:3]
    stranger = next(one for one in caller.shippable() if channel(one.orders[0]) != channel(alike[0].orders[0]))
    wish = await caller.wish(alike[0])
    done = alike[1]
    await caller.ship(done)
    numbers = [one.id for one in [*alike, stranger]]
    body = {"package_list": [{"package_number": number} for number in [*numbers, "OFG1"]], **wish}
    reply = await caller.post("logistics/mass_ship_order", body)
    assert reply.error == ""
    assert [row["package_number"] for row in reply.data["success_list"]] == [alike[0].id, alike[2].id]
    assert {row["package_number"] for row in reply.data["fail_list"]} == {done.id, stranger.id, "OFG1"}
    assert stranger.status is PackageStatus.TO_ARRANGE
    again = await caller.post("logistics/mass_ship_order", {**body, "package_list": body["package_list"][:1]})
    assert again.error == "common.batch_api_all_failed"
    assert "already been shipped" in again.data["fail_list"][0]["fail_reason"]
    too_many = {**body, "package_list": [{"package_number": f"OFG{number}"} for number in range(51)]}
    assert (await caller.post("logistics/mass_ship_order", too_many)).error == "error_param"


async def test_mass_parameters_leave_out_what_cannot_go(caller: Caller) -> None:
    alike = _alike(caller)[:2]
    await caller.ship(alike[0])
    body = {"package_list": [{"package_number": one.id} for one in alike]}
    data = (await caller.post("logistics/get_mass_shipping_parameter", body)).data
    assert [row["package_number"] for row in data["success_list"]] == [alike[1].id]
    assert [row["package_number"] for row in data["fail_list"]] == [alike[0].id] and data["info_needed"]
    none = await caller.post("logistics/get_mass_shipping_parameter", {"package_list": body["package_list"][:1]})
    assert none.error == "common.batch_api_all_failed" and none.data["fail_list"]


@pytest.mark.parametrize("wrapped", [False, True])
async def test_own_tracking_numbers_of_a_mass_call_come_in_either_shape(caller: Caller, wrapped: bool) -> None:
    one = caller.with_own_fleet()
    package = one.shippable(Shipping.SELLER)[0]
    rows = [{"package_number": package.id, "tracking_number": "FLEET-9"}]
    body = {
        "package_list": [{"package_number": package.id}],
        "non_integrated": {"tracking_number": rows} if wrapped else rows,
    }
    assert (await one.post("logistics/mass_ship_order", body)).error == ""
    assert package.tracking == "FLEET-9"


async def test_the_older_batch_warns_of_rows_that_failed(caller: Caller) -> None:
    alike = _alike(caller)[:2]
    wish = await caller.wish(alike[0])
    rows = [{"order_sn": one.orders[0].id} for one in alike]
    body = {"order_list": [rows[0], {"order_sn": "2601010000000X"}], **wish}
    reply = await caller.post("logistics/batch_ship_order", body)
    assert reply.error == "" and [row["fail_error"] for row in reply.data["result_list"]] == ["", "error_not_found"]
    assert reply.body["warning"] == [{"order_sn": "2601010000000X", "package_number": ""}]
    again = await caller.post("logistics/batch_ship_order", {**body, "order_list": rows[:1]})
    assert (again.error, again.data["result_list"][0]["fail_error"]) == ("common.batch_api_all_failed", SHIPPED)


async def test_a_call_dropped_after_its_effect_is_found_by_its_repetition(caller: Caller) -> None:
    package = caller.shippable()[0]
    wish = await caller.wish(package)
    rule = {"match": {"path": "ship_order$", "times": 1}, "do": {"drop_after": True}}
    caller.sandbox.faults.replace([rule])
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.ship(package, **wish)
    assert (await caller.order(package.orders[0].id))["order_status"] == "READY_TO_SHIP"
    assert (await caller.ship(package, **wish)).error == SHIPPED
    assert [effect for _, effect, _ in caller.effects("ship")] == ["applied", "already"]


async def test_places_and_channels_agree_with_the_orders(caller: Caller) -> None:
    addresses = (await caller.get("logistics/get_address_list")).data["address_list"]
    assert addresses[0]["address_type"] == ["DEFAULT_ADDRESS", "PICK_UP_ADDRESS"]
    assert addresses[-1]["address_type"] == ["RETURN_ADDRESS"]
    channels = (await caller.get("logistics/get_channel_list")).data["logistics_channel_list"]
    by_id = {row["logistics_channel_id"]: row for row in channels}
    assert len(by_id) == len(channels)
    for package in caller.shippable()[:5]:
        part = (await caller.order(package.orders[0].id))["package_list"][0]
        row = by_id[part["logistics_channel_id"]]
        assert row["logistics_channel_name"] == part["shipping_carrier"]
        parent = row["mask_channel_id"]
        assert parent == 0 or by_id[parent]["mask_channel_id"] == 0
    assert named(caller.shippable()[0]) == {}


async def test_a_missed_pickup_is_agreed_anew(caller: Caller) -> None:
    one, package = await _with_inputs(caller, "pickup", ["address_id", "pickup_time_id"])
    order_sn = package.orders[0].id
    first = await one.wish(package)
    await one.ship(package, **first)
    again = {"order_sn": order_sn, **first}
    assert (await one.post("logistics/update_shipping_order", again)).error == "error_param"
    caller.sandbox.advance(LAG_S)
    caller.sandbox.poke("miss_pickup", package_id=package.id)
    row = await one.order(order_sn)
    assert row["order_status"] == "RETRY_SHIP"
    assert row["package_list"][0]["logistics_status"] == "LOGISTICS_PICKUP_RETRY"
    waiting = (await one.get("order/get_shipment_list", page_size=100)).data["order_list"]
    assert {"order_sn": order_sn, "package_number": package.id} in waiting
    caller.sandbox.advance(6 * 3600)
    one.renew()
    assert package.status is PackageStatus.ARRANGED
    offer = (await _parameter(one, order_sn)).data
    assert list(offer["info_needed"]) == ["pickup"]
    assert (await one.post("logistics/update_shipping_order", again)).error.endswith("pickup_time_invalid")
    wish = {"order_sn": order_sn, **(await one.wish(package))}
    assert (await one.post("logistics/update_shipping_order", wish)).error == ""
    assert (await one.order(order_sn))["order_status"] == "PROCESSED"
    caller.sandbox.advance(4 * 86_400)
    assert package.status is not PackageStatus.ARRANGED
    assert [effect for _, effect, _ in one.effects("update_shipping")] == ["refused", "refused", "applied"]
