"""Packing, handing over, packing again, the seller's own fleet, and the older calls for the same."""

from __future__ import annotations

import pytest

from shoptui.sandbox.world.model import FlawKind, OrderStatus, PackageStatus, Shipping

from .caller import Caller, compact


async def test_an_order_is_packed_and_handed_over(caller: Caller) -> None:
    order = caller.packable(units=2)[0]
    rows = await caller.pack(order)
    assert {row["item_err_code"] for row in rows} == {"0"}
    package_id, tracking = rows[0]["package_id"], rows[0]["tracking_number"]
    assert {row["package_id"] for row in rows} == {package_id}
    units = await caller.items(order)
    assert {(row["status"], row["package_id"], row["tracking_code"]) for row in units} == {
        ("packed", package_id, tracking)
    }
    assert await caller.ready(package_id) == {package_id: "0"}
    assert set(await caller.statuses(order)) == {"ready_to_ship_pending"}
    caller.sandbox.advance(6)
    units = await caller.items(order)
    assert {(row["status"], row["tracking_code"]) for row in units} == {("ready_to_ship", tracking)}
    assert await caller.ready(package_id) == {package_id: "700000"}
    caller.sandbox.poke("collect", package_id=package_id)
    assert set(await caller.statuses(order)) == {"shipped"}
    caller.sandbox.poke("deliver", package_id=package_id)
    assert set(await caller.statuses(order)) == {"delivered"}
    seen = [(entry["op"], entry["target"], entry["effect"], entry["code"]) for entry in caller.sandbox.journal()]
    assert seen == [
        ("pack", package_id, "applied", "0"),
        ("rts", package_id, "applied", "0"),
        ("rts", package_id, "already", "700000"),
    ]


async def test_two_packings_split_an_order_into_two_parcels(caller: Caller) -> None:
    order = caller.packable(units=2)[0]
    first, *rest = [line.id for line in order.lines]
    one = (await caller.pack(order, [first]))[0]["package_id"]
    assert set(await caller.statuses(order)) == {"packed", "pending"}
    rows = await caller.pack(order, [first, *rest])
    assert [row["item_err_code"] for row in rows] == ["700026"] + ["0"] * len(rest)
    assert rows[0]["package_id"] is None
    two = rows[1]["package_id"]
    assert one != two
    assert await caller.ready(one) == {one: "0"}
    assert order.status is OrderStatus.PARTLY_ARRANGED
    assert await caller.ready(two, "FP1") == {two: "0", "FP1": "600001"}
    assert [entry["effect"] for entry in caller.sandbox.journal()] == [
        "applied",
        "already",
        "applied",
        "applied",
        "applied",
        "refused",
    ]


async def test_packing_again_gives_another_parcel(caller: Caller) -> None:
    order = caller.packable()[0]
    old = (await caller.pack(order))[0]["package_id"]
    assert await caller.batch("/order/package/repack", "rePackReq", [old]) == {old: "0"}
    assert set(await caller.statuses(order)) == {"repacked"}
    assert await caller.ready(old) == {old: "600002"}
    new = (await caller.pack(order))[0]["package_id"]
    assert new != old
    assert set(await caller.statuses(order)) == {"packed"}
    assert await caller.ready(new) == {new: "0"}
    assert await caller.batch("/order/package/repack", "rePackReq", [new]) == {new: "700000"}


async def test_units_that_cannot_be_packed_say_why(caller: Caller) -> None:
    mine = caller.packable()[0]
    held = caller.packable()[1]
    caller.sandbox.poke("buyer_cancel_request", order_id=held.id)
    assert {row["item_err_code"] for row in await caller.pack(held)} == {"700026"}
    unpaid = caller.orders(OrderStatus.UNPAID)[0]
    assert {row["item_err_code"] for row in await caller.pack(unpaid)} == {"700026"}
    assert (await caller.pack(mine, [held.lines[0].id]))[0]["item_err_code"] == "700025"
    fbl = caller.packable()[2]
    fbl.is_platform_fulfilled = True
    assert {row["item_err_code"] for row in await caller.pack(fbl)} == {"700027"}
    assert {row["item_err_code"] for row in await caller.pack(mine, shipping_allocate_type="NTFS")} == {"700016"}
    carrier = mine.store.carriers[0].id
    assert {row["item_err_code"] for row in await caller.pack(mine, shipment_provider_code=carrier)} == {"700004"}
    theirs = caller.sandbox.world.orders_of(caller.sandbox.shops[1].id)[0]
    assert {row["item_err_code"] for row in await caller.pack(theirs)} == {"700021"}
    assert not mine.packages


@pytest.mark.parametrize(
    ("request_text", "code"),
    [
        ("{", "700004"),
        ("[]", "700004"),
        ("{}", "700017"),
        (compact({"delivery_type": "dropship", "shipping_allocate_type": "TFS"}), "700017"),
        (
            compact(
                {
                    "delivery_type": "dropship",
                    "shipping_allocate_type": "TFS",
                    "pack_order_list": [{"order_id": 1, "order_item_list": [1]}] * 21,
                }
            ),
            "700022",
        ),
        (
            compact(
                {
                    "delivery_type": "dropship",
                    "shipping_allocate_type": "TFS",
                    "pack_order_list": [{"order_id": "x", "order_item_list": [1]}],
                }
            ),
            "700004",
        ),
    ],
)
async def test_a_request_that_fails_as_a_whole_says_so_inside(caller: Caller, request_text: str, code: str) -> None:
    reply = await caller.post("/order/fulfill/pack", packReq=request_text)
    assert reply.code == "0"
    assert (reply.body["result"]["success"], reply.body["result"]["errorCode"]) == (False, code)


@pytest.mark.parametrize(
    ("kind", "code", "retry"), [(FlawKind.FROZEN, "700024", True), (FlawKind.NOT_READY, "700031", False)]
)
async def test_flaws_pass_or_stay(caller: Caller, kind: FlawKind, code: str, retry: bool) -> None:
    order = caller.packed()[0]
    package = order.packages[0]
    caller.sandbox.poke("flaw", package_id=package.id, kind=kind, lasts_s=60)
    request = compact({"packages": [{"package_id": package.id}]})
    row = (await caller.post("/order/package/rts", readyToShipReq=request)).result["packages"][0]
    assert (row["item_err_code"], row["retry"]) == (code, retry)
    caller.sandbox.advance(61)
    assert await caller.ready(package.id) == {package.id: "0"}


async def test_too_heavy_parcels_find_no_carrier(caller: Caller) -> None:
    package = caller.packed()[0].packages[0]
    caller.sandbox.poke("weight", package_id=package.id, weight_g=90_000)
    assert await caller.ready(package.id) == {package.id: "1003"}


async def test_the_sellers_own_fleet_reports_deliveries(caller: Caller) -> None:
    callers = [Caller(caller.sandbox, caller.client, shop) for shop in caller.sandbox.shops]
    caller = next(one for one in callers if len(one.packable(Shipping.SELLER)) > 1)
    order, other = caller.packable(Shipping.SELLER)[:2]
    package_id = (await caller.pack(order))[0]["package_id"]
    collect, deliver = (
        ("/order/package/sof/collect", "dbsCollectReq"),
        ("/order/package/sof/delivered", "dbsDeliveryReq"),
    )
    assert await caller.batch(*collect, [package_id]) == {package_id: "700000"}
    assert await caller.ready(package_id) == {package_id: "0"}
    assert await caller.statuses(order) == ["ready_to_ship"] * len(order.lines)
    assert await caller.batch(*collect, [package_id]) == {package_id: "0"}
    assert await caller.batch(*deliver, [package_id]) == {package_id: "0"}
    assert set(await caller.statuses(order)) == {"delivered"}
    named = other.store.carriers[1]
    row = (await caller.pack(other, shipment_provider_code=named.id))[0]
    assert row["shipment_provider"] == named.name
    await caller.ready(row["package_id"])
    failed = await caller.batch("/order/package/sof/failed_delivery", "dbsFailedDeliveryReq", [row["package_id"]])
    assert failed == {row["package_id"]: "0"}
    assert set(await caller.statuses(other)) == {"failed_delivery"}
    platform = caller.packed()[0].packages[0]
    assert await caller.batch(*collect, [platform.id]) == {platform.id: "700009"}


async def test_providers_are_the_platforms_choice(caller: Caller) -> None:
    order, own = caller.packable()[0], caller.packable(Shipping.SELLER)[0]
    for one, default in ((order, 1), (own, 0)):
        request = {"orders": [{"order_id": int(one.id), "order_item_ids": [int(line.id) for line in one.lines]}]}
        reply = await caller.get("/order/shipment/providers/get", getShipmentProvidersReq=compact(request))
        assert reply.result["platform_default"] == default
        assert reply.result["shipment_providers"][0]["name"] == "LEX MY"


async def test_nothing_is_digital(caller: Caller) -> None:
    order = caller.packable()[0]
    request = {"orders": [{"order_id": int(order.id), "order_item_list": [int(order.lines[0].id)]}]}
    reply = await caller.post("/order/digital/delivered", digitalDeliveryReq=compact(request))
    assert reply.result["orders"][0]["order_item_list"][0]["item_err_code"] == "700020"


# --- the older calls --------------------------------------------------------------------------------------


async def test_the_older_calls_pack_and_hand_over_units(caller: Caller) -> None:
    order = caller.packable(units=2)[0]
    ids = f"[{','.join(line.id for line in order.lines)}]"
    how = {"delivery_type": "dropship", "order_item_ids": ids}
    assert (await caller.post("/order/rts", **how)).code == "73"
    rows = (await caller.post("/order/pack", shipping_provider="LEX MY", **how)).data["order_items"]
    assert len({row["package_id"] for row in rows}) == 1
    assert (await caller.post("/order/pack", **how)).code == "82"
    wrong = await caller.post("/order/rts", tracking_number="XX1", **how)
    assert wrong.code == "26"
    number = rows[0]["tracking_number"]
    done = await caller.post("/order/rts", shipment_provider="LEX MY", tracking_number=number, **how)
    assert [row["order_item_id"] for row in done.data["order_items"]] == [int(line.id) for line in order.lines]
    assert order.packages[0].status is PackageStatus.ARRANGED
    assert (await caller.post("/order/rts", **how)).code == "73"


async def test_the_older_calls_name_what_is_wrong(caller: Caller) -> None:
    one, two = caller.packable()[:2]
    path = "/order/pack"
    for params, code in (
        ({"delivery_type": "fly", "order_item_ids": f"[{one.lines[0].id}]"}, "24"),
        ({"delivery_type": "dropship", "order_item_ids": one.lines[0].id}, "23"),
        ({"delivery_type": "dropship", "order_item_ids": "[1]"}, "20"),
        ({"delivery_type": "dropship", "order_item_ids": f"[{one.lines[0].id},{two.lines[0].id}]"}, "29"),
        (
            {"delivery_type": "dropship", "order_item_ids": f"[{one.lines[0].id}]", "shipping_provider": "Snail"},
            "25",
        ),
    ):
        assert (await caller.post(path, **params)).code == code


async def test_own_fleets_give_their_number_with_the_older_call(caller: Caller) -> None:
    order = caller.packable(Shipping.SELLER)[0]
    how = {"delivery_type": "dropship", "order_item_ids": f"[{','.join(line.id for line in order.lines)}]"}
    await caller.post("/order/pack", **how)
    carrier = order.store.carriers[2].name
    await caller.post("/order/rts", shipment_provider=carrier, tracking_number="OWN-77120", **how)
    row = (await caller.items(order))[0]
    assert (row["status"], row["tracking_code"], row["shipment_provider"]) == ("ready_to_ship", "OWN-77120", carrier)
    done = await caller.post("/order/sof/delivered", order_item_ids=how["order_item_ids"])
    assert done.code == "0" and set(await caller.statuses(order)) == {"delivered"}


async def test_lists_of_the_older_calls(caller: Caller) -> None:
    names = [row["name"] for row in (await caller.get("/order/failure_reason/get")).data]
    assert "Out of Stock" in names
    rows = (await caller.get("/shipment/providers/get")).data["shipment_providers"]
    assert [row["is_default"] for row in rows] == [1, 0, 0]
    order = caller.packable()[0]
    package_id = (await caller.pack(order))[0]["package_id"]
    assert (await caller.post("/order/repack", package_id=package_id)).code == "0"
    assert (await caller.post("/order/repack", package_id=package_id)).code == "600002"


async def test_traces_begin_with_the_handing_over(caller: Caller) -> None:
    order = caller.packable()[0]
    package_id = (await caller.pack(order))[0]["package_id"]
    before = (await caller.get("/logistic/order/trace", order_id=order.id)).body["result"]
    assert (before["success"], before["module"]) == (False, [])
    await caller.ready(package_id)
    caller.sandbox.poke("collect", package_id=package_id)
    after = (await caller.get("/logistic/order/trace", order_id=order.id)).body["result"]
    parcel = after["module"][0]["package_detail_info_list"][0]
    assert [event["status_code"] for event in parcel["logistic_detail_info_list"]] == [
        "PICKUP_SUCCESS",
        "READY_TO_SHIP",
    ]
