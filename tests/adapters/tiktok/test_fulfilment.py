"""Shipping: what is sent, how answers are taken apart, and what reading back proves."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.adapters.base import (
    AdapterError,
    Effect,
    HandoverOptions,
    Malformed,
    RateLimited,
    Temporary,
    Unsupported,
    Verdict,
)
from shoptui.adapters.desks import Desk, Outcome, Request
from shoptui.adapters.tiktok.mapping import to_order
from shoptui.adapters.tiktok.wire import OrderRecord
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Settling, ShipChoice, Verb
from shoptui.domain.orders import HistoryEvent, Slot, Status
from tests.adapters.tiktok.support import (
    DETAIL,
    SHIP_MANY,
    ScriptedShop,
    no,
    ok,
    order,
    package,
    package_path,
    page,
    ship_path,
    store,
    unit,
)

STORE = store()
P1, P2, P3 = "1153132168123859101", "1153132168123859102", "1153132168123859103"


def requests(*package_ids: str, choice: ShipChoice = ShipChoice()) -> list[Request]:
    return [Request(order(number)["id"], each, choice) for number, each in enumerate(package_ids)]


def ship(scripted: ScriptedShop) -> Desk:
    return scripted.shop.desks[Verb.SHIP]


def row(package_id: str | None, code: int | str, message: str = "") -> dict[str, Any]:
    return {"code": code, "message": message, "detail": {"package_id": package_id}}


async def test_one_package_is_shipped_without_a_body(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ship_path(P1): ok({})})
    (answer,) = await ship(shop).send(STORE, requests(P1))
    assert answer == Outcome(Verdict.DONE)
    assert shop.asked[0].content == b""


@pytest.mark.parametrize(
    ("choice", "body"),
    [
        (
            ShipChoice("pickup", 10, 20),
            {"handover_method": "PICKUP", "pickup_slot": {"start_time": 10, "end_time": 20}},
        ),
        (ShipChoice("drop_off"), {"handover_method": "DROP_OFF"}),
        (ShipChoice("drop-off"), {"handover_method": "DROP_OFF"}),
        (ShipChoice(None, 10, 20), {"handover_method": "PICKUP", "pickup_slot": {"start_time": 10, "end_time": 20}}),
    ],
)
async def test_a_choice_is_sent_as_chosen(clock: DrivenClock, choice: ShipChoice, body: dict[str, Any]) -> None:
    shop = ScriptedShop(clock, {ship_path(P1): ok({}), SHIP_MANY: ok({})})
    await ship(shop).send(STORE, requests(P1, choice=choice))
    await ship(shop).send(STORE, requests(P1, P2, choice=choice))
    assert shop.bodies() == [body, {"packages": [{"id": P1, **body}, {"id": P2, **body}]}]


async def test_a_batch_is_one_call_and_its_answer_is_taken_apart(clock: DrivenClock) -> None:
    errors = [row(P2, 21011020, "already shipped"), row(P3, 11021012, "weight over limit"), row("115", "21011008", "")]
    shop = ScriptedShop(clock, {SHIP_MANY: ok({"errors": errors})})
    answers = await ship(shop).send(STORE, requests(P1, P2, P3, "115"))
    verdicts = [Verdict.DONE, Verdict.ALREADY, Verdict.REFUSED, Verdict.WAIT]
    assert [each.verdict for each in answers] == verdicts
    cause = answers[2].cause
    assert cause is not None
    assert (cause.id, cause.code) == (CauseId.TOO_HEAVY, "11021012")
    assert "weight over limit" in cause.message
    assert shop.paths() == [SHIP_MANY]


async def test_answers_stand_in_the_order_of_the_requests_even_for_doubles(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SHIP_MANY: ok({"errors": [row(P1, 21011041)]})})
    answers = await ship(shop).send(STORE, requests(P2, P1, P2))
    assert [each.verdict for each in answers] == [Verdict.DONE, Verdict.REFUSED, Verdict.DONE]
    assert [each["id"] for each in shop.bodies()[0]["packages"]] == [P2, P1]


@pytest.mark.parametrize("stray", [row(None, 10007014, "frozen"), row("999", 10007014), {"code": 10007014}])
async def test_an_error_that_names_none_of_ours_leaves_the_rest_undecided(clock: DrivenClock, stray: Any) -> None:
    shop = ScriptedShop(clock, {SHIP_MANY: ok({"errors": [stray, row(P2, 21011020)]})})
    answers = await ship(shop).send(STORE, requests(P1, P2))
    assert [each.verdict for each in answers] == [Verdict.WAIT, Verdict.ALREADY]


@pytest.mark.parametrize("code", [36009003, 21001003, 36009002])
async def test_a_row_that_met_trouble_inside_is_looked_at_again(clock: DrivenClock, code: int) -> None:
    shop = ScriptedShop(clock, {SHIP_MANY: ok({"errors": [row(P1, code)]})})
    assert (await ship(shop).send(STORE, requests(P1, P2)))[0].verdict is Verdict.WAIT


@pytest.mark.parametrize(
    ("code", "verdict", "cause"),
    [
        (21011020, Verdict.ALREADY, None),
        (21011040, Verdict.ALREADY, None),
        (21011008, Verdict.WAIT, CauseId.NOT_READY),
        (21011041, Verdict.REFUSED, CauseId.CANCELLED),
        (21008044, Verdict.REFUSED, CauseId.CANCEL_REQUESTED),
        (21011054, Verdict.REFUSED, CauseId.NO_SLOT),
        (88888888, Verdict.REFUSED, CauseId.OTHER),
    ],
)
async def test_a_single_refusal_is_an_answer(
    clock: DrivenClock, code: int, verdict: Verdict, cause: CauseId | None
) -> None:
    shop = ScriptedShop(clock, {ship_path(P1): no(code, "words")})
    (answer,) = await ship(shop).send(STORE, requests(P1))
    assert answer.verdict is verdict
    assert (answer.cause.id if answer.cause else None) is cause


@pytest.mark.parametrize(
    ("code", "verdict"), [(21001001, Verdict.REFUSED), (21011020, Verdict.WAIT), (21011008, Verdict.WAIT)]
)
async def test_a_refused_batch_answers_every_row(clock: DrivenClock, code: int, verdict: Verdict) -> None:
    shop = ScriptedShop(clock, {SHIP_MANY: no(code, "words")})
    answers = await ship(shop).send(STORE, requests(P1, P2))
    assert [(each.verdict, each.whole_call) for each in answers] == [(verdict, verdict is Verdict.REFUSED)] * 2


@pytest.mark.parametrize(
    ("reply", "kind", "effect"),
    [
        (httpx.ConnectError("refused"), Temporary, Effect.NONE),
        (httpx.ReadTimeout("slow"), Temporary, Effect.POSSIBLE),
        (httpx.RemoteProtocolError("cut"), Temporary, Effect.POSSIBLE),
        (httpx.Response(502, html="<h1>Bad Gateway</h1>"), Temporary, Effect.POSSIBLE),
        (no(36009003, "internal"), Temporary, Effect.POSSIBLE),
        (httpx.Response(200, text='{"code":0,"da'), Malformed, Effect.POSSIBLE),
        (ok({"errors": "none"}), Malformed, Effect.POSSIBLE),
        (no(36009002, "slow down", status=429), RateLimited, None),
        (httpx.Response(429, text="slow down"), RateLimited, None),
    ],
)
async def test_a_lost_answer_is_an_error_with_its_effect_and_never_sent_again(
    clock: DrivenClock, reply: Any, kind: type[AdapterError], effect: Effect | None
) -> None:
    shop = ScriptedShop(clock, {SHIP_MANY: reply})
    with pytest.raises(kind) as caught:
        await ship(shop).send(STORE, requests(P1, P2))
    assert getattr(caught.value, "effect", None) is effect
    assert len(shop.asked) == 1


async def test_an_order_without_a_package_is_refused_without_a_call(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ship_path(P1): ok({})})
    answers = await ship(shop).send(STORE, requests("", P1))
    assert [each.verdict for each in answers] == [Verdict.REFUSED, Verdict.DONE]
    shop = ScriptedShop(clock, {})
    (answer,) = await ship(shop).send(store(region="US"), requests(""))
    assert answer.cause is not None and "buying a label" in answer.cause.message


async def test_more_than_a_batch_is_refused(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {}, ship_batch_max=2)
    assert ship(shop).batch_max == 2
    with pytest.raises(ValueError, match="at most 2"):
        await ship(shop).send(STORE, requests(P1, P2, P3))
    assert await ship(shop).send(STORE, []) == []


def test_shipping_is_settled_by_reading_back(clock: DrivenClock) -> None:
    rule = ship(ScriptedShop(clock, {})).rule
    assert rule.settling is Settling.READ_BACK
    assert rule.resends > 0
    assert 0 < rule.first_look_s < rule.give_up_s


# Evidence


@pytest.mark.parametrize(
    ("status", "sub_status", "verdict"),
    [
        ("TO_FULFILL", "STOCKING", Verdict.NOT_DONE),
        ("TO_FULFILL", None, Verdict.NOT_DONE),
        ("TO_FULFILL", "RTSING", Verdict.WAIT),
        ("TO_FULFILL", "TSP_PENDING", Verdict.WAIT),
        ("PROCESSING", "RTSING", Verdict.DONE),
        ("PROCESSING", "RTS", Verdict.DONE),
        ("FULFILLING", "TTS", Verdict.DONE),
        ("COMPLETED", "DELIVERED", Verdict.DONE),
        ("CANCELLED", "CANCELLED", Verdict.NOT_DONE),
        ("BEAMED", "UP", Verdict.UNDECIDED),
    ],
)
async def test_the_packages_own_word_decides(
    clock: DrivenClock, status: str, sub_status: str | None, verdict: Verdict
) -> None:
    detail = package(P1, package_status=status, package_sub_status=sub_status, tracking_number="VN1")
    shop = ScriptedShop(clock, {package_path(P1): ok(detail), DETAIL: ok({"orders": []})})
    (evidence,) = await ship(shop).read_back(STORE, requests(P1))
    assert evidence.verdict is verdict
    assert evidence.facts["package_status"] == status
    assert evidence.facts["tracking_number"] == "VN1"


async def evidence(clock: DrivenClock, detail: httpx.Response, record: dict[str, Any] | None) -> Any:
    orders = [] if record is None else [record]
    shop = ScriptedShop(clock, {package_path(P1): detail, DETAIL: ok({"orders": orders})})
    (got,) = await ship(shop).read_back(STORE, requests(P1))
    return got


def with_status(word: str, package_word: str, **over: Any) -> dict[str, Any]:
    item = unit(package_id=P1, package_status=package_word, display_status=word)
    return order(0, status=word, packages=[{"id": P1}], line_items=[item], **over)


async def test_package_and_order_that_disagree_mean_wait(clock: DrivenClock) -> None:
    got = await evidence(clock, ok(package(P1)), with_status("AWAITING_COLLECTION", "PROCESSING", rts_time=1767225500))
    assert got.verdict is Verdict.WAIT
    assert got.facts["order_status"] == "AWAITING_COLLECTION"
    assert got.facts["arranged_at"] == "1767225500"


async def test_a_cancelled_order_was_not_shipped_and_says_by_whom(clock: DrivenClock) -> None:
    record = with_status("CANCELLED", "TO_FULFILL", cancel_time=1767225550, cancellation_initiator="BUYER")
    got = await evidence(clock, ok(package(P1)), record)
    assert got.verdict is Verdict.NOT_DONE
    assert (got.facts["cancelled_at"], got.facts["cancelled_why"]) == ("1767225550", "BUYER")


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (None, Verdict.UNDECIDED),
        (with_status("AWAITING_COLLECTION", "PROCESSING"), Verdict.DONE),
        (with_status("AWAITING_SHIPMENT", "TO_FULFILL"), Verdict.UNDECIDED),
        (with_status("CANCELLED", "CANCELLED"), Verdict.NOT_DONE),
        (
            order(0, status="AWAITING_COLLECTION", packages=[{"id": P2}], line_items=[unit(package_id=P2)]),
            Verdict.UNDECIDED,
        ),
    ],
)
async def test_a_package_that_is_gone_leaves_the_order_as_witness(
    clock: DrivenClock, record: dict[str, Any] | None, verdict: Verdict
) -> None:
    got = await evidence(clock, no(21011028, "package not found"), record)
    assert got.verdict is verdict
    assert "package not found" in got.facts["package"]


async def test_no_package_id_is_never_decided_here(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {DETAIL: ok({"orders": [order(0)]})})
    (got,) = await ship(shop).read_back(store(region="US"), requests(""))
    assert got.verdict is Verdict.UNDECIDED


async def test_evidence_that_cannot_be_had_is_an_error(clock: DrivenClock) -> None:
    shop = ScriptedShop(
        clock, {package_path(P1): httpx.ReadTimeout("slow"), package_path(P2): ok(package(P2)), DETAIL: page()}
    )
    with pytest.raises(Temporary) as caught:
        await ship(shop).read_back(STORE, requests(P1, P2))
    assert caught.value.effect is Effect.NONE


# Packages, slots, tracking


async def test_order_packages_reads_each_package(clock: DrivenClock) -> None:
    record = order(1, packages=[{"id": P1}, {"id": P2}], line_items=[unit(1, package_id=P1), unit(2, package_id=P2)])
    shop = ScriptedShop(
        clock,
        {
            package_path(P1): ok(package(P1, weight={"value": "400", "unit": "GRAM"})),
            package_path(P2): ok(package(P2, package_status="PROCESSING", order_line_item_ids=None)),
        },
    )
    got = await shop.shop.order_packages(STORE, to_order(OrderRecord.model_validate(record), "tt-vn-1"))
    assert [(each.weight_g, each.status) for each in got.packages] == [
        (400, Status.TO_SHIP),
        (600, Status.TO_HAND_OVER),
    ]
    assert got.packages[1].line_ids == (got.lines[1].line_id,)


async def test_a_package_that_cannot_be_read_is_an_error(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {package_path("1153132168123859123"): no(21011028, "not yours")})
    record = to_order(OrderRecord.model_validate(order(1)), "tt-vn-1")
    with pytest.raises(AdapterError, match="not yours"):
        await shop.shop.order_packages(STORE, record)


SLOTS = {
    "can_pickup": True,
    "can_drop_off": False,
    "pickup_slots": [
        {"start_time": 300, "end_time": 400, "avaliable": False},
        {"start_time": 100, "end_time": 200, "avaliable": True},
        {"start_time": 500, "end_time": 600},
    ],
}


@pytest.mark.parametrize(("region", "honoured"), [("VN", False), ("SG", False), ("GB", True), ("MX", True)])
async def test_slots_and_whether_the_choice_counts(clock: DrivenClock, region: str, honoured: bool) -> None:
    shop = ScriptedShop(clock, {package_path(P1) + "/handover_time_slots": ok(SLOTS)})
    got = await shop.shop.handover_options(store(region=region), P1)
    slots = (Slot(100, 200, True), Slot(300, 400, False), Slot(500, 600, True))
    assert got == HandoverOptions(can_pickup=True, can_drop_off=False, slots=slots, honoured=honoured)


async def test_no_package_has_no_slots(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {})
    assert isinstance(await shop.shop.handover_options(store(region="US"), ""), Unsupported)


async def test_tracking_is_told_oldest_first_in_seconds(clock: DrivenClock) -> None:
    events = [
        {"description": "Delivered", "update_time_millis": 1767300000500, "action_code": 5},
        {"description": "Picked up", "update_time_millis": 1767290000000, "action_code": 1},
    ]
    shop = ScriptedShop(clock, {"/fulfillment/202309/orders/577/tracking": ok({"tracking": events})})
    assert await shop.shop.tracking(STORE, "577") == [
        HistoryEvent(1767290000, "carrier", "Picked up"),
        HistoryEvent(1767300000, "carrier", "Delivered"),
    ]


@pytest.mark.parametrize(
    ("over", "region", "words"),
    [
        ({}, "VN", None),
        ({"status": "PARTIALLY_SHIPPING"}, "VN", None),
        ({}, "GB", None),
        ({}, "US", "buying a label"),
        ({}, "JP", "buying a label"),
        ({"shipping_type": "SELLER"}, "VN", "tracking number"),
        ({"shipping_type": "TIKTOK_DIGITAL"}, "VN", "Digital"),
        ({"shipping_type": "IN-STORE PICKUP"}, "VN", "fetches"),
        ({"shipping_type": "PIGEON"}, "VN", "shipping type"),
        ({"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}, "VN", "fulfils this order itself"),
        ({"status": "UNPAID"}, "VN", "not paid"),
        ({"status": "ON_HOLD"}, "VN", "on hold"),
        ({"is_buyer_request_cancel": True}, "VN", "asks to cancel"),
        ({"status": "AWAITING_COLLECTION"}, "VN", "arranged already"),
        ({"status": "CANCELLED"}, "VN", "cancelled"),
        ({"status": "COMPLETED"}, "VN", "completed"),
        ({"status": "AWAITING_DRONE"}, "VN", "AWAITING_DRONE"),
        ({"packages": [], "line_items": [unit(package_id="")]}, "VN", "no parcel"),
    ],
)
def test_what_can_be_shipped(clock: DrivenClock, over: dict[str, Any], region: str, words: str | None) -> None:
    record = to_order(OrderRecord.model_validate(order(1, **over)), "tt-vn-1")
    got = ship(ScriptedShop(clock, {})).why_not(store(region=region), record)
    if words is None:
        assert got is None
    else:
        assert got is not None and words in got.reason
