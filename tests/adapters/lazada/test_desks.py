"""The desks, row by row: what is asked of Lazada, what its answers mean, and what half-done work goes on from."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.adapters.base import Effect, RateLimited, Temporary, Verdict
from shoptui.adapters.desks import Request
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, ShipChoice, Verb
from shoptui.domain.verbs import OwnShipping, SplitChoice
from tests.adapters.lazada.support import (
    FP,
    ITEMS,
    LOST,
    ORDER_NO,
    PACK,
    PACKED,
    PENDING,
    RTS,
    STORE,
    UNIT_1,
    UNIT_2,
    ScriptedShop,
    item,
    items_of,
    items_row,
    nested,
    no,
    ok,
    pack_answer,
    packed,
    packed_row,
    read_back,
    request,
    result,
    rts_answer,
    send,
    store,
    tokens,
)
from tests.adapters.vault import MemoryVault

OTHER_FP = "FP041220999999999"
READY = items_of(packed(UNIT_1, status="ready_to_ship"), packed(UNIT_2, status="ready_to_ship"))
BOTH_PACKED = pack_answer(packed_row(UNIT_1), packed_row(UNIT_2))
SHIP = Request(ORDER_NO, UNIT_1, ShipChoice())
FLEET: dict[str, Any] = {"delivery_option_sof": 1, "shipping_provider_type": "SELLER_OWN_FLEET"}


async def test_shipping_packs_all_units_of_the_parcel_and_declares_the_package(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ITEMS: PENDING, PACK: BOTH_PACKED, RTS: rts_answer()})
    outcome = await send(shop, SHIP)
    assert (outcome.verdict, dict(outcome.facts)) == (Verdict.DONE, {"package_id": FP})
    assert nested(shop.sent(PACK)[0], "packReq") == {
        "pack_order_list": [{"order_id": int(ORDER_NO), "order_item_list": [int(UNIT_1), int(UNIT_2)]}],
        "delivery_type": "dropship",
        "shipping_allocate_type": "TFS",
    }
    assert nested(shop.sent(RTS)[0], "readyToShipReq") == {"packages": [{"package_id": FP}]}


async def test_what_is_packed_is_not_packed_again_and_what_is_declared_not_declared(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ITEMS: PACKED, RTS: rts_answer()})
    assert (await send(shop, SHIP)).verdict is Verdict.DONE
    assert PACK not in shop.paths()
    ready = ScriptedShop(clock, {ITEMS: READY})
    assert (await send(ready, SHIP)).verdict is Verdict.ALREADY


async def test_a_package_that_lazada_split_is_declared_in_all_its_parts(clock: DrivenClock) -> None:
    rows = pack_answer(packed_row(UNIT_1), packed_row(UNIT_2, package_no=OTHER_FP))
    answers = result({"packages": [{"package_id": each, "item_err_code": "0"} for each in (FP, OTHER_FP)]})
    shop = ScriptedShop(clock, {ITEMS: PENDING, PACK: rows, RTS: answers})
    outcome = await send(shop, SHIP)
    assert (outcome.verdict, outcome.facts["package_id"]) == (Verdict.DONE, f"{FP}, {OTHER_FP}")


async def test_a_lost_answer_half_way_is_read_back_and_goes_on_from_there(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ITEMS: PENDING, PACK: BOTH_PACKED, RTS: LOST})
    with pytest.raises(Temporary) as caught:
        await send(shop, SHIP)
    assert caught.value.effect is Effect.POSSIBLE
    after = ScriptedShop(clock, {ITEMS: PACKED, RTS: rts_answer()})
    assert await read_back(after, SHIP) is Verdict.NOT_DONE
    assert (await send(after, SHIP)).verdict is Verdict.DONE
    assert PACK not in after.paths()


async def test_a_call_asked_to_wait_had_no_effect(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ITEMS: PENDING, PACK: no("SellerCallLimit")})
    with pytest.raises(RateLimited) as caught:
        await send(shop, SHIP)
    assert caught.value.retry_after_s == 3.0
    assert len(shop.sent(PACK)) == 1


@pytest.mark.parametrize(
    ("items", "verdict"),
    [
        (PENDING, Verdict.NOT_DONE),
        (PACKED, Verdict.NOT_DONE),
        (items_of(packed(UNIT_1, status="repacked"), item(UNIT_2)), Verdict.NOT_DONE),
        (items_of(packed(UNIT_1, status="ready_to_ship_pending")), Verdict.WAIT),
        (READY, Verdict.DONE),
        (items_of(packed(UNIT_1, status="shipped")), Verdict.DONE),
        (items_of(packed(UNIT_1, status="ready_to_ship"), item(UNIT_2, status="canceled")), Verdict.DONE),
        (items_of(item(UNIT_1, status="canceled")), Verdict.NOT_DONE),
        (items_of(packed(UNIT_1, status="parked_on_the_moon")), Verdict.UNDECIDED),
        (items_of(item(UNIT_2)), Verdict.UNDECIDED),
        (no("16", "not yours"), Verdict.UNDECIDED),
    ],
)
async def test_what_the_items_say_about_a_shipment(items: httpx.Response, verdict: Verdict, clock: DrivenClock) -> None:
    assert await read_back(ScriptedShop(clock, {ITEMS: items}), SHIP) is verdict


@pytest.mark.parametrize(
    ("code", "retry", "verdict", "cause"),
    [
        ("1003", False, Verdict.REFUSED, CauseId.NO_SERVICE),
        ("700027", False, Verdict.REFUSED, CauseId.FULFILLED_BY_PLATFORM),
        ("700029", False, Verdict.REFUSED, CauseId.MUST_SPLIT),
        ("700031", False, Verdict.REFUSED, CauseId.NOT_READY),
        ("700021", False, Verdict.REFUSED, CauseId.NOT_OURS),
        ("4711", False, Verdict.REFUSED, CauseId.OTHER),
        ("4711", True, Verdict.WAIT, CauseId.OTHER),
        ("6", True, Verdict.WAIT, CauseId.UNREACHABLE),
        ("700024", True, Verdict.WAIT, CauseId.NOT_READY),
    ],
)
async def test_a_refused_row_has_its_own_end(
    code: str, retry: bool, verdict: Verdict, cause: CauseId, clock: DrivenClock
) -> None:
    rows = pack_answer(packed_row(UNIT_1), packed_row(UNIT_2, code, retry=retry, msg="because"))
    shop = ScriptedShop(clock, {ITEMS: PENDING, PACK: rows})
    outcome = await send(shop, SHIP)
    assert outcome.verdict is verdict
    assert outcome.cause is not None
    assert (outcome.cause.id, outcome.cause.code) == (cause, code)
    assert outcome.cause.message.endswith("Lazada says: because")
    # A parcel of which a part is missing does not go.
    assert RTS not in shop.paths()


@pytest.mark.parametrize(
    ("now", "verdict", "declared"),
    [
        (PACKED, Verdict.DONE, True),
        (READY, Verdict.ALREADY, False),
        (items_of(item(UNIT_1, status="canceled"), item(UNIT_2, status="canceled")), Verdict.REFUSED, False),
        (PENDING, Verdict.REFUSED, False),
    ],
)
async def test_not_packable_may_mean_packed_by_somebody_else(
    now: httpx.Response, verdict: Verdict, declared: bool, clock: DrivenClock
) -> None:
    rows = pack_answer(packed_row(UNIT_1, "700026"), packed_row(UNIT_2, "700026"))
    shop = ScriptedShop(clock, {ITEMS: [PENDING, now], PACK: rows, RTS: rts_answer()})
    assert (await send(shop, SHIP)).verdict is verdict
    assert (RTS in shop.paths()) is declared


@pytest.mark.parametrize(
    ("code", "now", "verdict", "cause"),
    [
        ("700000", READY, Verdict.ALREADY, None),
        ("700000", PACKED, Verdict.REFUSED, CauseId.WRONG_STATE),
        ("600001", items_of(packed(UNIT_1, OTHER_FP), packed(UNIT_2, OTHER_FP)), Verdict.WAIT, CauseId.NOT_OURS),
        ("600002", PACKED, Verdict.REFUSED, CauseId.CANCELLED),
    ],
)
async def test_a_package_that_cannot_be_declared_is_looked_at_again(
    code: str, now: httpx.Response, verdict: Verdict, cause: CauseId | None, clock: DrivenClock
) -> None:
    shop = ScriptedShop(clock, {ITEMS: [PACKED, now], RTS: rts_answer(code, msg="package status not allow")})
    outcome = await send(shop, SHIP)
    assert outcome.verdict is verdict
    assert (outcome.cause.id if outcome.cause else None) is cause


@pytest.mark.parametrize(
    ("units", "cause"),
    [
        ([item(UNIT_1, need_cancel_confirm=True)], CauseId.CANCEL_REQUESTED),
        ([item(UNIT_1, is_cancel_pending=True)], CauseId.CANCELLED),
        ([item(UNIT_1, status="canceled")], CauseId.CANCELLED),
        ([item(UNIT_1, status="unpaid")], CauseId.WRONG_STATE),
        ([item(UNIT_1, is_digital=1)], CauseId.WRONG_STATE),
        ([item(UNIT_1, **FLEET)], CauseId.UNSUPPORTED),
        ([item(UNIT_2)], CauseId.NOT_OURS),
    ],
)
async def test_what_must_not_go_is_refused_before_anything_is_sent(
    units: list[dict[str, Any]], cause: CauseId, clock: DrivenClock
) -> None:
    shop = ScriptedShop(clock, {ITEMS: items_of(*units)})
    outcome = await send(shop, SHIP)
    assert outcome.verdict is Verdict.REFUSED
    assert outcome.cause is not None
    assert outcome.cause.id is cause


async def test_parcels_of_one_order_are_packed_apart_and_orders_together(clock: DrivenClock) -> None:
    second = "498120337999999"
    units = ok(
        [
            items_row(item(UNIT_1), item(UNIT_2, warehouse_code="KL-2")),
            items_row(item(second), order_no=second),
        ]
    )

    def pack(asked: httpx.Request) -> httpx.Response:
        orders = nested(dict(httpx.QueryParams(asked.content.decode())), "packReq")["pack_order_list"]
        rows = [
            {
                "order_id": one["order_id"],
                "order_item_list": [packed_row(str(unit), package_no=f"FP{unit}") for unit in one["order_item_list"]],
            }
            for one in orders
        ]
        return result({"pack_order_list": rows})

    def ready(asked: httpx.Request) -> httpx.Response:
        wanted = nested(dict(httpx.QueryParams(asked.content.decode())), "readyToShipReq")["packages"]
        return result({"packages": [{**one, "item_err_code": "0"} for one in wanted]})

    shop = ScriptedShop(clock, {ITEMS: units, PACK: pack, RTS: ready})
    asked = [SHIP, Request(ORDER_NO, UNIT_2, ShipChoice()), Request(second, second, ShipChoice()), SHIP]
    outcomes = await shop.shop.desks[Verb.SHIP].send(STORE, asked)
    assert [each.verdict for each in outcomes] == [Verdict.DONE] * 4
    calls = [nested(call, "packReq")["pack_order_list"] for call in shop.sent(PACK)]
    assert [[one["order_item_list"] for one in call] for call in calls] == [
        [[int(UNIT_1)], [int(second)]],
        [[int(UNIT_2)]],
    ]
    assert len(shop.sent(RTS)) == 1


async def test_a_call_refused_for_several_is_nobodys_fault_yet(clock: DrivenClock) -> None:
    second = "498120337999999"
    units = ok([items_row(item(UNIT_1)), items_row(item(second), order_no=second)])
    refusal = result(None, success=False, code="700004", message="illegal param")
    shop = ScriptedShop(clock, {ITEMS: units, PACK: refusal})
    asked = [SHIP, Request(second, second, ShipChoice())]
    outcomes = await shop.shop.desks[Verb.SHIP].send(STORE, asked)
    assert [(each.verdict, each.whole_call) for each in outcomes] == [(Verdict.REFUSED, True)] * 2
    assert not (await send(shop, SHIP)).whole_call


async def test_cross_border_parcels_name_the_carrier_lazada_offers(clock: DrivenClock) -> None:
    carriers = result({"platform_default": 0, "shipment_providers": [{"name": "FM50", "provider_code": "FM50-CN"}]})
    script = {
        ITEMS: PENDING,
        "/rest/order/shipment/providers/get": carriers,
        PACK: BOTH_PACKED,
        RTS: rts_answer(),
    }
    away = store(allocation="NTFS")
    shop = ScriptedShop(clock, script, vault=MemoryVault({away.store_id: tokens(clock)}))
    (outcome,) = await shop.shop.desks[Verb.SHIP].send(away, [SHIP])
    assert outcome.verdict is Verdict.DONE
    asked = nested(shop.sent(PACK)[0], "packReq")
    assert (asked["shipping_allocate_type"], asked["shipment_provider_code"]) == ("NTFS", "FM50-CN")


OWN = Request(ORDER_NO, UNIT_1, OwnShipping("FLEET-0001", provider_name="own van"))
OWN_RTS = "/rest/order/rts"
CARRIERS = {"/rest/shipment/providers/get": ok({"shipment_providers": [{"name": "Own Van"}, {"name": "GDEX"}]})}


async def test_the_sellers_own_parcel_is_packed_and_declared_with_its_number(clock: DrivenClock) -> None:
    script = {
        **CARRIERS,
        ITEMS: items_of(item(UNIT_1, **FLEET)),
        PACK: pack_answer(packed_row(UNIT_1)),
        OWN_RTS: ok({}),
    }
    shop = ScriptedShop(clock, script)
    assert (await send(shop, OWN, Verb.SHIP_OWN)).verdict is Verdict.DONE
    asked = shop.sent(OWN_RTS)[0]
    assert (asked["tracking_number"], asked["shipment_provider"]) == ("FLEET-0001", "Own Van")
    assert asked["order_item_ids"] == f"[{UNIT_1}]"


@pytest.mark.parametrize(
    ("number", "verdict", "evidence"),
    [("FLEET-0001", Verdict.ALREADY, Verdict.DONE), ("FLEET-0002", Verdict.REFUSED, Verdict.NOT_DONE)],
)
async def test_an_own_parcel_that_has_gone_has_its_number_for_proof(
    number: str, verdict: Verdict, evidence: Verdict, clock: DrivenClock
) -> None:
    gone = items_of(packed(UNIT_1, status="ready_to_ship", tracking_code=number, **FLEET))
    shop = ScriptedShop(clock, {**CARRIERS, ITEMS: gone})
    assert (await send(shop, OWN, Verb.SHIP_OWN)).verdict is verdict
    assert await read_back(shop, OWN, Verb.SHIP_OWN) is evidence


async def test_an_unknown_carrier_and_a_used_number_are_refused_in_words(clock: DrivenClock) -> None:
    units = items_of(packed(UNIT_1, **FLEET))
    shop = ScriptedShop(clock, {**CARRIERS, ITEMS: units, OWN_RTS: no("63", "tracking number used")})
    used = await send(shop, OWN, Verb.SHIP_OWN)
    assert used.cause is not None
    assert used.cause.id is CauseId.TRACKING_USED
    stranger = Request(ORDER_NO, UNIT_1, OwnShipping("FLEET-0001", provider_name="Nobody"))
    unknown = await send(shop, stranger, Verb.SHIP_OWN)
    assert unknown.cause is not None
    assert unknown.cause.message == "Lazada knows no carrier 'Nobody' for this shop; it knows Own Van, GDEX."


async def test_carriers_are_read_again_only_for_one_that_was_not_among_them(clock: DrivenClock) -> None:
    lists = [
        ok({"shipment_providers": [{"name": name} for name in names]}) for names in (["Own Van"], ["Own Van", "Bike"])
    ]
    script = {"/rest/shipment/providers/get": lists, ITEMS: items_of(packed(UNIT_1, **FLEET)), OWN_RTS: ok()}
    shop = ScriptedShop(clock, script)
    bike = Request(ORDER_NO, UNIT_1, OwnShipping("FLEET-0001", provider_name="bike"))
    for asked, read in ((OWN, 1), (OWN, 1), (bike, 2), (bike, 2), (OWN, 2)):
        assert (await send(shop, asked, Verb.SHIP_OWN)).verdict is Verdict.DONE
        assert len(shop.sent("/rest/shipment/providers/get")) == read


SPLIT = request(SplitChoice(((UNIT_1,), (UNIT_2,))))


async def test_splitting_packs_each_group_by_itself_and_goes_on_where_it_stopped(clock: DrivenClock) -> None:
    one, two = item(UNIT_1, sku_id="1"), item(UNIT_2, sku_id="2")
    answers = [pack_answer(packed_row(UNIT_1)), pack_answer(packed_row(UNIT_2, package_no=OTHER_FP))]
    shop = ScriptedShop(clock, {ITEMS: items_of(one, two), PACK: list(answers)})
    outcome = await send(shop, SPLIT, Verb.SPLIT)
    assert (outcome.verdict, outcome.facts["packages"]) == (Verdict.DONE, f"{FP}, {OTHER_FP}")
    half = items_of(packed(UNIT_1, sku_id="1"), two)
    on = ScriptedShop(clock, {ITEMS: half, PACK: answers[1]})
    assert await read_back(on, SPLIT, Verb.SPLIT) is Verdict.NOT_DONE
    assert (await send(on, SPLIT, Verb.SPLIT)).verdict is Verdict.DONE
    packed_then = nested(on.sent(PACK)[0], "packReq")["pack_order_list"]
    assert packed_then == [{"order_id": int(ORDER_NO), "order_item_list": [int(UNIT_2)]}]


@pytest.mark.parametrize(
    ("units", "verdict", "evidence"),
    [
        ([packed(UNIT_1, sku_id="1"), packed(UNIT_2, OTHER_FP, sku_id="2")], Verdict.ALREADY, Verdict.DONE),
        ([packed(UNIT_1, sku_id="1"), packed(UNIT_2, sku_id="2")], Verdict.REFUSED, Verdict.UNDECIDED),
        ([item(UNIT_1)], Verdict.REFUSED, Verdict.NOT_DONE),
    ],
)
async def test_what_is_packed_otherwise_is_a_persons_to_take_apart(
    units: list[dict[str, Any]], verdict: Verdict, evidence: Verdict, clock: DrivenClock
) -> None:
    shop = ScriptedShop(clock, {ITEMS: items_of(*units)})
    assert (await send(shop, SPLIT, Verb.SPLIT)).verdict is verdict
    assert await read_back(shop, SPLIT, Verb.SPLIT) is evidence


async def test_the_carriers_events_come_oldest_first(clock: DrivenClock) -> None:
    rows = [
        {"title": "Shipped", "description": "on its way", "event_time": 1767700000000},
        {"title": "Packed", "description": "", "event_time": 1767600000000},
    ]
    module = [{"ofc_order_id": "1", "package_detail_info_list": [{"logistic_detail_info_list": rows}]}]
    answer = httpx.Response(200, json={"result": {"success": True, "module": module}, "code": "0"})
    shop = ScriptedShop(clock, {"/rest/logistic/order/trace": answer})
    events = await shop.shop.tracking(STORE, ORDER_NO)
    assert [(event.at, event.detail) for event in events] == [
        (1767600000, "Packed"),
        (1767700000, "Shipped: on its way"),
    ]
    early = ScriptedShop(clock, {"/rest/logistic/order/trace": no("Dropshipping invalid", "not yet")})
    assert list(await early.shop.tracking(STORE, ORDER_NO)) == []
