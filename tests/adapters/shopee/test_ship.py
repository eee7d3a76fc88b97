"""Arranging shipment: alone and together, what refusals mean, and what a lost answer comes to."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from shoptui.adapters.base import Effect, HandoverOptions, RateLimited, Temporary, Unsupported, Verdict
from shoptui.adapters.desks import Outcome, Request
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Settling, ShipChoice, Verb
from shoptui.domain.orders import Status
from shoptui.domain.verbs import OwnShipping
from tests.adapters.shopee.support import (
    DETAIL,
    PACKAGE,
    PACKAGES,
    STORE,
    ScriptedShop,
    no,
    ok,
    order,
    package,
    part,
    reading,
)

PARAMETERS = "/logistics/get_shipping_parameter"
MASS_PARAMETERS = "/logistics/get_mass_shipping_parameter"
SHIP = "/logistics/ship_order"
MASS_SHIP = "/logistics/mass_ship_order"
AGAIN = "/logistics/update_shipping_order"

DROP_OFF = ok({"info_needed": {"dropoff": []}, "dropoff": {"branch_list": None}, "pickup": None})
OWN = ok({"info_needed": {"non_integrated": ["tracking_no"]}, "dropoff": None, "pickup": None})


def name(place: int) -> tuple[str, str]:
    return f"251009T4K7WQ{place:02d}", f"OFG1900244177035{place:02d}"


def request(place: int = 0, args: Any = None) -> Request:
    order_sn, number = name(place) if place else ("251009T4K7WQ2P", PACKAGE)
    return Request(order_sn, number, args or ShipChoice(), f"key-{place}")


def shelf(*places: int, channel: int = 20021, **over: Any) -> dict[str, Any]:
    """The script of several orders with a package each."""
    orders, packages = [], []
    for place in places:
        order_sn, number = name(place)
        orders.append(order(order_sn, package_list=[part(number, logistics_channel_id=channel)], **over))
        packages.append(package(number, order_sn=order_sn))
    return reading(*orders, packages=packages)


async def send(shop: ScriptedShop, *requests: Request, verb: Verb = Verb.SHIP) -> list[Outcome]:
    return list(await shop.shop.desks[verb].send(STORE, requests))


def mass(done: list[str], failed: dict[str, str] | None = None) -> dict[str, Any]:
    rows = [{"package_number": number, "fail_reason": why} for number, why in (failed or {}).items()]
    return {"success_list": [{"package_number": number} for number in done], "fail_list": rows}


async def test_a_single_parcel_is_asked_for_and_sent_without_a_package_number(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {**reading(order()), PARAMETERS: DROP_OFF, SHIP: ok()})
    assert [answer.verdict for answer in await send(shop, request())] == [Verdict.DONE]
    assert "package_number" not in next(one for one in shop.asked if one.url.path.endswith(PARAMETERS)).url.params
    assert shop.bodies(SHIP) == [{"order_sn": "251009T4K7WQ2P", "dropoff": {}}]


async def test_a_split_order_names_its_package(clock: DrivenClock) -> None:
    parts = [part(PACKAGE), part("OFG190024417703557", item_list=[])]
    script = {**reading(order(package_list=parts)), PARAMETERS: DROP_OFF, SHIP: ok()}
    shop = ScriptedShop(clock, script)
    await send(shop, request())
    assert shop.bodies(SHIP) == [{"order_sn": "251009T4K7WQ2P", "package_number": PACKAGE, "dropoff": {}}]


@pytest.mark.parametrize(
    ("code", "is_split", "numbers"),
    [
        ("logistics.ship_order_need_pacakge_number", False, ["", PACKAGE]),
        ("logistics.ship_order_not_need_pacakge_number", True, [PACKAGE, ""]),
    ],
)
async def test_whether_an_order_counts_as_split_is_shopees_to_say(
    clock: DrivenClock, code: str, is_split: bool, numbers: list[str]
) -> None:
    parts = [part(PACKAGE), *([part("OFG190024417703557", item_list=[])] if is_split else [])]
    script: dict[str, Any] = {
        **reading(order(package_list=parts)),
        PARAMETERS: DROP_OFF,
        SHIP: [no(code), ok()],
    }
    shop = ScriptedShop(clock, script)
    assert [answer.verdict for answer in await send(shop, request())] == [Verdict.DONE]
    assert [body.get("package_number", "") for body in shop.bodies(SHIP)] == numbers


@pytest.mark.parametrize(
    ("over", "verdict", "cause"),
    [
        ({"order_status": "CANCELLED"}, Verdict.REFUSED, CauseId.CANCELLED),
        ({"order_status": "IN_CANCEL"}, Verdict.REFUSED, CauseId.CANCEL_REQUESTED),
        ({"package_list": [part("OFG1")]}, Verdict.REFUSED, CauseId.NOT_OURS),
        ({"package_list": [part(logistics_status="LOGISTICS_REQUEST_CREATED")]}, Verdict.ALREADY, None),
        ({"package_list": [part(logistics_status="LOGISTICS_PICKUP_DONE")]}, Verdict.ALREADY, None),
    ],
)
async def test_what_the_order_says_first_decides_without_a_ship_call(
    clock: DrivenClock, over: dict[str, Any], verdict: Verdict, cause: CauseId | None
) -> None:
    shop = ScriptedShop(clock, reading(order(**over), packages=[]))
    (answer,) = await send(shop, request())
    assert (answer.verdict, answer.cause.id if answer.cause else None) == (verdict, cause)
    assert not {PARAMETERS, SHIP} & set(shop.paths())


@pytest.mark.parametrize(
    ("refusal", "verdict", "cause"),
    [
        (no(" logistics.package_already_shipped", "Already arranged."), Verdict.ALREADY, None),
        (no("error_other", "This parcel has already been shipped"), Verdict.ALREADY, None),
        (no("logistics.ship_order_not_ready_to_ship"), Verdict.REFUSED, CauseId.WRONG_STATE),
        (no("logistics.error_param", "order is being allocated"), Verdict.WAIT, CauseId.NOT_READY),
        (no("logistics.ship_order_pickup_time_invalid"), Verdict.REFUSED, CauseId.SLOT_GONE),
        (no("logistics.lack_of_invoice_data"), Verdict.REFUSED, CauseId.INVOICE),
        (no("logistics.error_booking_order"), Verdict.REFUSED, CauseId.FULFILLED_BY_PLATFORM),
    ],
)
async def test_what_a_refusal_of_the_ship_call_means(
    clock: DrivenClock, refusal: httpx.Response, verdict: Verdict, cause: CauseId | None
) -> None:
    shop = ScriptedShop(clock, {**reading(order()), PARAMETERS: DROP_OFF, SHIP: refusal})
    (answer,) = await send(shop, request())
    assert (answer.verdict, answer.cause.id if answer.cause else None) == (verdict, cause)


@pytest.mark.parametrize(
    "told",
    [
        no("error_other", "This order is not eligible for rescheduling."),
        no("error_param", "Shipping parameters can only be obtained when package is ready to be shipped."),
    ],
)
async def test_parameters_that_are_refused_for_an_arranged_parcel_mean_that_it_is_done(
    clock: DrivenClock, told: httpx.Response
) -> None:
    shop = ScriptedShop(clock, {**reading(order()), PARAMETERS: told})
    assert [answer.verdict for answer in await send(shop, request())] == [Verdict.ALREADY]
    assert SHIP not in shop.paths()


async def test_parcels_of_one_channel_and_warehouse_go_in_one_call(clock: DrivenClock) -> None:
    numbers = [name(place)[1] for place in (1, 2, 3)]
    script = {
        **shelf(1, 2, 3),
        MASS_PARAMETERS: ok({"info_needed": {"dropoff": []}, **mass(numbers)}),
        MASS_SHIP: ok(mass(numbers)),
    }
    shop = ScriptedShop(clock, script)
    answers = await send(shop, request(1), request(2), request(3))
    assert [answer.verdict for answer in answers] == [Verdict.DONE] * 3
    assert shop.bodies(MASS_SHIP) == [
        {
            "package_list": [{"package_number": number} for number in numbers],
            "logistics_channel_id": 20021,
            "product_location_id": "MYZ",
            "dropoff": {},
        }
    ]
    assert SHIP not in shop.paths()


async def test_different_choices_channels_and_warehouses_do_not_mix(clock: DrivenClock) -> None:
    one, two, three = (name(place) for place in (1, 2, 3))
    orders = [
        order(one[0], package_list=[part(one[1])]),
        order(two[0], package_list=[part(two[1], logistics_channel_id=20022)]),
        order(three[0], package_list=[part(three[1])]),
    ]
    packages = [package(each[1], order_sn=each[0]) for each in (one, two, three)]
    script = {**reading(*orders, packages=packages), PARAMETERS: DROP_OFF, SHIP: ok()}
    shop = ScriptedShop(clock, script)
    answers = await send(shop, request(1), request(2), request(3, ShipChoice("DROP_OFF")))
    assert [answer.verdict for answer in answers] == [Verdict.DONE] * 3
    assert sorted(body["order_sn"] for body in shop.bodies(SHIP)) == [one[0], two[0], three[0]]


async def test_a_mass_answer_is_taken_apart_row_by_row(clock: DrivenClock) -> None:
    numbers = [name(place)[1] for place in range(1, 6)]
    failed = {
        numbers[1]: "This parcel has already been shipped",
        numbers[2]: "No shipping service takes 31700 g.",
        numbers[3]: "Something went wrong.",
    }
    script = {
        **shelf(*range(1, 6)),
        MASS_PARAMETERS: ok({"info_needed": {"dropoff": []}, **mass(numbers)}),
        # Lists beside `response` instead of inside, as the schema has them.
        MASS_SHIP: ok(**mass([numbers[0]], failed)),
    }
    answers = await send(ScriptedShop(clock, script), *(request(place) for place in range(1, 6)))
    assert [(answer.verdict, answer.whole_call) for answer in answers] == [
        (Verdict.DONE, False),
        (Verdict.ALREADY, False),
        (Verdict.REFUSED, False),
        # Words that say nothing to us: asked for by itself the parcel gets a code.
        (Verdict.REFUSED, True),
        # In neither list.
        (Verdict.WAIT, False),
    ]
    assert answers[2].cause is not None
    assert answers[2].cause.id is CauseId.TOO_HEAVY


async def test_when_all_rows_fail_their_reasons_are_still_read(clock: DrivenClock) -> None:
    numbers = [name(place)[1] for place in (1, 2)]
    failed = dict.fromkeys(numbers, "This parcel has already been shipped")
    script = {
        **shelf(1, 2),
        MASS_PARAMETERS: ok({"info_needed": {"dropoff": []}, **mass(numbers)}),
        MASS_SHIP: no("common.batch_api_all_failed", "All packages failed.", response=mass([], failed)),
    }
    answers = await send(ScriptedShop(clock, script), request(1), request(2))
    assert [answer.verdict for answer in answers] == [Verdict.ALREADY] * 2


async def test_what_the_mass_parameters_leave_out_is_asked_for_by_itself(clock: DrivenClock) -> None:
    numbers = [name(place)[1] for place in (1, 2, 3)]
    script = {
        **shelf(1, 2, 3),
        MASS_PARAMETERS: ok({"info_needed": {"dropoff": []}, **mass(numbers[:2], {numbers[2]: "Not the same."})}),
        MASS_SHIP: ok(mass(numbers[:2])),
        PARAMETERS: no("error_other", "This order is not eligible for rescheduling."),
    }
    answers = await send(ScriptedShop(clock, script), request(1), request(2), request(3))
    assert [answer.verdict for answer in answers] == [Verdict.DONE, Verdict.DONE, Verdict.ALREADY]


async def test_parameters_that_cannot_be_asked_end_the_batch_before_anything_is_sent(clock: DrivenClock) -> None:
    script = {**reading(order()), PARAMETERS: httpx.ReadTimeout("late")}
    shop = ScriptedShop(clock, script)
    with pytest.raises(Temporary) as caught:
        await send(shop, request())
    assert caught.value.effect is Effect.NONE
    assert SHIP not in shop.paths()


async def test_a_lost_answer_of_one_call_leaves_the_other_calls_answers_standing(clock: DrivenClock) -> None:
    one, two, three = (name(place) for place in (1, 2, 3))
    channel = {one[0]: 20021, two[0]: 20022, three[0]: 20023}
    orders = [order(sn, package_list=[part(no, logistics_channel_id=channel[sn])]) for sn, no in (one, two, three)]
    packages = [package(number, order_sn=order_sn) for order_sn, number in (one, two, three)]

    def ship(asked: httpx.Request) -> httpx.Response:
        order_sn = json.loads(asked.content)["order_sn"]
        if order_sn == two[0]:
            raise httpx.ReadTimeout("late")
        return no("error_rate_limit") if order_sn == three[0] else ok()

    script = {**reading(*orders, packages=packages), PARAMETERS: DROP_OFF, SHIP: ship}
    answers = await send(ScriptedShop(clock, script), request(1), request(2), request(3))
    assert [(answer.verdict, answer.whole_call) for answer in answers] == [
        (Verdict.DONE, False),
        # May have happened: read back, not before 20 minutes.
        (Verdict.WAIT, False),
        # Cannot have: asked again at once.
        (Verdict.REFUSED, True),
    ]


async def test_a_rate_limit_that_stops_everything_is_told_as_one(clock: DrivenClock) -> None:
    script = {**reading(order()), PARAMETERS: DROP_OFF, SHIP: no("error_rate_limit")}
    with pytest.raises(RateLimited):
        await send(ScriptedShop(clock, script), request())


async def test_a_failed_pickup_is_arranged_again_by_its_own_call(clock: DrivenClock) -> None:
    word = "LOGISTICS_PICKUP_RETRY"
    record = order(order_status="RETRY_SHIP", package_list=[part(logistics_status=word)])
    offered = {
        "info_needed": {"pickup": ["address_id", "pickup_time_id"]},
        "pickup": {
            "address_list": [{"address_id": 7, "time_slot_list": [{"date": 1760200000, "pickup_time_id": "a"}]}]
        },
    }
    detail = package(fulfillment_status=word, tracking_number="SPXMY0123456789")
    shop = ScriptedShop(clock, {**reading(record, packages=[detail]), PARAMETERS: ok(offered), AGAIN: ok()})
    assert [answer.verdict for answer in await send(shop, request())] == [Verdict.DONE]
    assert shop.bodies(AGAIN) == [{"order_sn": "251009T4K7WQ2P", "pickup": {"address_id": 7, "pickup_time_id": "a"}}]
    (evidence,) = await shop.shop.desks[Verb.SHIP].read_back(STORE, [request()])
    assert evidence.verdict is Verdict.NOT_DONE


async def test_what_was_just_arranged_shows_as_arranged_while_shopee_lags(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {**reading(order()), PARAMETERS: DROP_OFF, SHIP: ok()})

    async def status() -> Status:
        return (await shop.shop.orders_by_no(STORE, ["251009T4K7WQ2P"])).orders[0].status

    assert await status() is Status.TO_SHIP
    await send(shop, request())
    assert await status() is Status.TO_HAND_OVER
    clock.advance(20 * 60 + 1)
    assert await status() is Status.TO_SHIP


def test_no_verdict_before_twenty_minutes_and_one_resend_at_most(clock: DrivenClock) -> None:
    rule = ScriptedShop(clock, {}).shop.desks[Verb.SHIP].rule
    assert (rule.settling, rule.first_look_s, rule.resends) == (Settling.READ_BACK_LATE, 1200, 1)
    assert rule.give_up_s > 2 * 1200


@pytest.mark.parametrize(
    ("detail", "over", "verdict"),
    [
        ({}, {}, Verdict.NOT_DONE),
        ({"tracking_number": "SPXMY01"}, {}, Verdict.DONE),
        ({"is_shipment_arranged": True}, {}, Verdict.DONE),
        ({"fulfillment_status": "LOGISTICS_REQUEST_CREATED"}, {}, Verdict.DONE),
        ({"fulfillment_status": "LOGISTICS_PICKUP_DONE"}, {}, Verdict.DONE),
        ({"fulfillment_status": "LOGISTICS_INVALID"}, {}, Verdict.NOT_DONE),
        ({"fulfillment_status": "LOGISTICS_ORBIT"}, {}, Verdict.UNDECIDED),
        ({"tracking_number": "SPXMY01"}, {"order_status": "CANCELLED"}, Verdict.NOT_DONE),
    ],
)
async def test_what_reading_back_says(
    clock: DrivenClock, detail: dict[str, Any], over: dict[str, Any], verdict: Verdict
) -> None:
    shop = ScriptedShop(clock, reading(order(**over), packages=[package(**detail)]))
    (evidence,) = await shop.shop.desks[Verb.SHIP].read_back(STORE, [request()])
    assert evidence.verdict is verdict
    assert evidence.facts["order_status"] == over.get("order_status", "READY_TO_SHIP")


async def test_a_package_that_is_not_shown_decides_nothing(clock: DrivenClock) -> None:
    script = {**reading(order()), PACKAGES: no("error_not_found")}
    (evidence,) = await ScriptedShop(clock, script).shop.desks[Verb.SHIP].read_back(STORE, [request()])
    assert evidence.verdict is Verdict.UNDECIDED


# -- with the seller's own carrier ------------------------------------------------------------------------------------


def own(number: str = "JNT-0042") -> Request:
    return request(0, OwnShipping(number))


async def test_an_own_carriers_number_goes_with_the_ship_call(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {**reading(order()), PARAMETERS: OWN, SHIP: ok()})
    assert [answer.verdict for answer in await send(shop, own(), verb=Verb.SHIP_OWN)] == [Verdict.DONE]
    assert shop.bodies(SHIP) == [{"order_sn": "251009T4K7WQ2P", "non_integrated": {"tracking_number": "JNT-0042"}}]


async def test_a_platform_channel_refuses_it_before_anything_is_sent(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {**reading(order()), PARAMETERS: DROP_OFF})
    (answer,) = await send(shop, own(), verb=Verb.SHIP_OWN)
    assert answer.verdict is Verdict.REFUSED
    assert SHIP not in shop.paths()


@pytest.mark.parametrize(
    ("number", "verdict"), [("jnt-0042", Verdict.ALREADY), ("OTHER-1", Verdict.REFUSED), ("", Verdict.WAIT)]
)
async def test_already_shipped_is_done_only_with_our_number(clock: DrivenClock, number: str, verdict: Verdict) -> None:
    gone = package(fulfillment_status="LOGISTICS_PICKUP_DONE", tracking_number=number)
    record = order(order_status="SHIPPED", package_list=[part(logistics_status="LOGISTICS_PICKUP_DONE")])
    shop = ScriptedShop(clock, reading(record, packages=[gone]))
    (answer,) = await send(shop, own(), verb=Verb.SHIP_OWN)
    assert answer.verdict is verdict
    (evidence,) = await shop.shop.desks[Verb.SHIP_OWN].read_back(STORE, [own()])
    expected = {Verdict.ALREADY: Verdict.DONE, Verdict.REFUSED: Verdict.NOT_DONE, Verdict.WAIT: Verdict.WAIT}
    assert evidence.verdict is expected[verdict]


# -- what there is to choose from -------------------------------------------------------------------------------------


async def test_the_windows_of_a_package_are_asked_for_by_its_order(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {PACKAGES: ok({"package_list": [package()]}), PARAMETERS: DROP_OFF})
    found = await shop.shop.handover_options(STORE, PACKAGE)
    assert found == HandoverOptions(can_pickup=False, can_drop_off=True, slots=())
    assert shop.asked[-1].url.params["order_sn"] == "251009T4K7WQ2P"


@pytest.mark.parametrize(
    "script",
    [
        {PACKAGES: no("error_not_found")},
        {PACKAGES: ok({"package_list": [package()]}), PARAMETERS: no("error_other", "not eligible for rescheduling")},
    ],
)
async def test_why_there_are_none_is_an_answer(clock: DrivenClock, script: dict[str, Any]) -> None:
    assert isinstance(await ScriptedShop(clock, script).shop.handover_options(STORE, PACKAGE), Unsupported)


async def test_carrier_events_of_all_packages_come_oldest_first(clock: DrivenClock) -> None:
    parts = [part(PACKAGE), part("OFG190024417703557", item_list=[])]
    events = {
        PACKAGE: [{"update_time": 30, "description": "Picked up"}, {"update_time": 10, "description": "Ready"}],
        "OFG190024417703557": [{"update_time": 20, "description": "", "logistics_status": "ORDER_CREATED"}],
    }

    def info(asked: httpx.Request) -> httpx.Response:
        return ok({"tracking_info": events[asked.url.params["package_number"]]})

    script = {**reading(order(package_list=parts)), "/logistics/get_tracking_info": info}
    shop = ScriptedShop(clock, script)
    found = await shop.shop.tracking(STORE, "251009T4K7WQ2P")
    assert [(event.at, event.detail) for event in found] == [(10, "Ready"), (20, "ORDER_CREATED"), (30, "Picked up")]
    assert DETAIL in shop.paths()
