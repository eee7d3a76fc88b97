"""Notes, cancellations, answers to buyers and splits: what is sent, and what reading back says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.adapters.base import Temporary, Unsupported, Verdict
from shoptui.adapters.desks import Outcome, Request
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.orders import Order
from shoptui.domain.verbs import THREAD_VERBS, CancelAnswer, CancelChoice, SellerNote, SplitChoice, VerbArgs
from tests.adapters.shopee.support import (
    PACKAGE,
    STORE,
    ScriptedShop,
    item,
    no,
    ok,
    order,
    packed,
    part,
    reading,
    store,
)

NOTE = "/order/set_note"
CANCEL = "/order/cancel_order"
ANSWER = "/order/handle_buyer_cancellation"
SPLIT = "/order/split_order"
ORDER = "251009T4K7WQ2P"
OTHER = "OFG190024417703557"
MUG = item(item_id=19004420017, model_id=0, model_quantity_purchased=2, order_item_id=19004420017)
APRON_LINE, MUG_LINE = "19004417703-190044177031", "19004420017-0"
MUG_PACKED = packed(item_id=19004420017, model_id=0, model_quantity=2, order_item_id=19004420017)
TWO_ITEMS = order(item_list=[item(), MUG], package_list=[part(item_list=[packed(), MUG_PACKED])])


def asked(args: VerbArgs) -> Request:
    return Request(ORDER, ORDER, args)


async def send(shop: ScriptedShop, verb: Verb, args: VerbArgs) -> Outcome:
    (answer,) = await shop.shop.desks[verb].send(STORE, [asked(args)])
    return answer


async def looked(shop: ScriptedShop, verb: Verb, args: VerbArgs) -> Verdict:
    (evidence,) = await shop.shop.desks[verb].read_back(STORE, [asked(args)])
    return evidence.verdict


async def read(shop: ScriptedShop) -> Order:
    return (await shop.shop.orders_by_no(STORE, [ORDER])).orders[0]


def seen(outcome: Outcome) -> tuple[Verdict, CauseId | None]:
    return outcome.verdict, outcome.cause.id if outcome.cause else None


# -- notes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Fragile, wrap twice", "易碎", ""])
async def test_a_note_is_written_as_a_whole(clock: DrivenClock, text: str) -> None:
    shop = ScriptedShop(clock, {NOTE: ok()})
    assert (await send(shop, Verb.NOTE, SellerNote(text))).verdict is Verdict.DONE
    assert shop.bodies(NOTE) == [{"order_sn": ORDER, "note": text}]


@pytest.mark.parametrize(
    ("there", "verdict"), [("Fragile", Verdict.DONE), ("Fragile ", Verdict.DONE), ("", Verdict.NOT_DONE)]
)
async def test_the_note_on_the_order_decides(clock: DrivenClock, there: str, verdict: Verdict) -> None:
    shop = ScriptedShop(clock, reading(order(note=there)))
    assert await looked(shop, Verb.NOTE, SellerNote("Fragile")) is verdict


async def test_an_archived_order_takes_no_note(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {NOTE: no("order.error_archived_order_update")})
    assert seen(await send(shop, Verb.NOTE, SellerNote("x"))) == (Verdict.REFUSED, CauseId.TOO_LATE)


# -- cancelling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "lines", "body"),
    [
        ("CUSTOMER_REQUEST", (), {}),
        (
            "OUT_OF_STOCK",
            (),
            {
                "item_list": [
                    {"item_id": 19004417703, "model_id": 190044177031},
                    {"item_id": 19004420017, "model_id": 0},
                ]
            },
        ),
        (
            "OUT_OF_STOCK",
            (MUG_LINE,),
            {
                "partial_cancel_item_list": [
                    {
                        "item_id": 19004420017,
                        "model_id": 0,
                        "order_item_id": 19004420017,
                        "promotion_group_id": 0,
                        "model_quantity": 2,
                    }
                ],
                "item_list": [{"item_id": 19004420017, "model_id": 0}],
            },
        ),
        ("CUSTOMER_REQUEST", (APRON_LINE, MUG_LINE), {}),
    ],
)
async def test_what_a_cancellation_names(
    clock: DrivenClock, reason: str, lines: tuple[str, ...], body: dict[str, Any]
) -> None:
    shop = ScriptedShop(clock, {**reading(TWO_ITEMS), CANCEL: ok({"update_time": 1760000100})})
    assert (await send(shop, Verb.CANCEL, CancelChoice(reason, "", lines))).verdict is Verdict.DONE
    assert shop.bodies(CANCEL) == [{"order_sn": ORDER, "cancel_reason": reason, **body}]


@pytest.mark.parametrize(
    ("record", "lines", "expected"),
    [
        (order(order_status="CANCELLED"), (), (Verdict.ALREADY, None)),
        ({**TWO_ITEMS, "can_partial_cancel_order": False}, (MUG_LINE,), (Verdict.REFUSED, CauseId.WHOLE_ONLY)),
        (TWO_ITEMS, ("1-2",), (Verdict.REFUSED, CauseId.WRONG_STATE)),
    ],
)
async def test_what_the_order_says_first(
    clock: DrivenClock, record: dict[str, Any], lines: tuple[str, ...], expected: tuple[Verdict, CauseId | None]
) -> None:
    shop = ScriptedShop(clock, reading(record))
    assert seen(await send(shop, Verb.CANCEL, CancelChoice("OUT_OF_STOCK", "", lines))) == expected
    assert CANCEL not in shop.paths()


#: Three mugs, two in one parcel and one in another, of which the older way of numbering has no letters.
OLD_NUMBER = "190024417703"
SPREAD = [{**MUG_PACKED, "model_quantity": 2}, {**MUG_PACKED, "model_quantity": 1}]


def spread(other: str = OTHER) -> dict[str, Any]:
    parts = [part(item_list=[packed(), SPREAD[0]]), part(other, item_list=[SPREAD[1]])]
    return {**TWO_ITEMS, "item_list": [item(), {**MUG, "model_quantity_purchased": 3}], "package_list": parts}


@pytest.mark.parametrize("other", [OTHER, OLD_NUMBER])
async def test_of_an_item_in_several_parcels_all_is_cancelled_or_nothing(clock: DrivenClock, other: str) -> None:
    shop = ScriptedShop(clock, {**reading(spread(other)), CANCEL: ok({"update_time": 1760000100})})
    lines = {f"{MUG_LINE}-{PACKAGE}", f"{MUG_LINE}-{other}"}
    assert lines < {line.line_id for line in (await read(shop)).lines}, "a line for each parcel"
    for line_id in lines:
        one = await send(shop, Verb.CANCEL, CancelChoice("CUSTOMER_REQUEST", "", (line_id,)))
        assert seen(one) == (Verdict.REFUSED, CauseId.WHOLE_ONLY)
    assert CANCEL not in shop.paths(), "what lies in the other parcel was not to be cancelled"
    assert (await send(shop, Verb.CANCEL, CancelChoice("CUSTOMER_REQUEST", "", tuple(lines)))).verdict is Verdict.DONE
    (body,) = shop.bodies(CANCEL)
    assert [(each["item_id"], each["model_quantity"]) for each in body["partial_cancel_item_list"]] == [
        (19004420017, 3)
    ]


async def test_an_item_that_is_split_over_parcels_meanwhile_is_cancelled_whole(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {**reading(spread()), CANCEL: ok({"update_time": 1760000100})})
    choice = CancelChoice("CUSTOMER_REQUEST", "", (MUG_LINE,))
    assert await looked(shop, Verb.CANCEL, choice) is Verdict.NOT_DONE, "its line has other names now, and is there"
    assert (await send(shop, Verb.CANCEL, choice)).verdict is Verdict.DONE
    assert shop.bodies(CANCEL)[0]["partial_cancel_item_list"][0]["model_quantity"] == 3


async def test_a_line_of_a_parcel_that_was_put_together_again_is_looked_at_anew(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, reading(TWO_ITEMS))
    choice = CancelChoice("CUSTOMER_REQUEST", "", (f"{MUG_LINE}-{OTHER}",))
    assert seen(await send(shop, Verb.CANCEL, choice)) == (Verdict.REFUSED, CauseId.WRONG_STATE)
    assert await looked(shop, Verb.CANCEL, choice) is Verdict.NOT_DONE
    assert CANCEL not in shop.paths()


async def test_a_refused_cancellation_of_an_order_that_is_cancelled_by_now_is_done(clock: DrivenClock) -> None:
    script: dict[str, Any] = {**reading(order()), CANCEL: no("order.error_limit", "cannot cancel")}
    details = script["/order/get_order_detail"]
    script["/order/get_order_detail"] = [details, ok({"order_list": [order(order_status="CANCELLED")]})]
    assert (await send(ScriptedShop(clock, script), Verb.CANCEL, CancelChoice("CUSTOMER_REQUEST"))).verdict is (
        Verdict.ALREADY
    )
    still = ScriptedShop(clock, {**reading(order()), CANCEL: no("order.error_limit", "cannot cancel")})
    assert seen(await send(still, Verb.CANCEL, CancelChoice("CUSTOMER_REQUEST"))) == (
        Verdict.REFUSED,
        CauseId.WRONG_STATE,
    )


@pytest.mark.parametrize(
    ("record", "lines", "verdict"),
    [
        (order(order_status="CANCELLED"), (), Verdict.DONE),
        (TWO_ITEMS, (), Verdict.NOT_DONE),
        (TWO_ITEMS, (MUG_LINE,), Verdict.NOT_DONE),
        ({**TWO_ITEMS, "item_list": [item(), {**MUG, "cancelled_qty": 2}]}, (MUG_LINE,), Verdict.DONE),
        (
            {**TWO_ITEMS, "item_list": [item(), {**MUG, "cancelled_qty": 2}]},
            (MUG_LINE, APRON_LINE),
            Verdict.UNDECIDED,
        ),
        (TWO_ITEMS, ("7-0",), Verdict.UNDECIDED),
    ],
)
async def test_what_reading_a_cancellation_back_says(
    clock: DrivenClock, record: dict[str, Any], lines: tuple[str, ...], verdict: Verdict
) -> None:
    shop = ScriptedShop(clock, reading(record))
    assert await looked(shop, Verb.CANCEL, CancelChoice("OUT_OF_STOCK", "", lines)) is verdict


@pytest.mark.parametrize(
    ("region", "cod", "expected"),
    [
        ("SG", False, {"OUT_OF_STOCK", "CUSTOMER_REQUEST"}),
        ("MY", False, {"OUT_OF_STOCK", "CUSTOMER_REQUEST", "UNDELIVERABLE_AREA"}),
        ("TH", True, {"OUT_OF_STOCK", "CUSTOMER_REQUEST", "COD_NOT_SUPPORTED"}),
    ],
)
async def test_the_reasons_are_those_of_the_region_and_the_payment(
    clock: DrivenClock, region: str, cod: bool, expected: set[str]
) -> None:
    shop = ScriptedShop(clock, reading(order(cod=cod)))
    choices = await shop.shop.choices(store(region=region), Verb.CANCEL, await read(shop))
    assert not isinstance(choices, Unsupported)
    assert {reason.reason_id for reason in choices.reasons} == expected


@pytest.mark.parametrize(
    ("record", "is_whole"),
    [
        (TWO_ITEMS, False),
        ({**TWO_ITEMS, "can_partial_cancel_order": True}, False),
        ({**TWO_ITEMS, "can_partial_cancel_order": False}, True),
        (order(can_partial_cancel_order=False), False),
    ],
)
async def test_where_single_items_cannot_be_cancelled_is_said_before_they_are_chosen(
    clock: DrivenClock, record: dict[str, Any], is_whole: bool
) -> None:
    shop = ScriptedShop(clock, reading(record))
    choices = await shop.shop.choices(STORE, Verb.CANCEL, await read(shop))
    assert not isinstance(choices, Unsupported)
    assert bool(choices.whole_only) is is_whole


async def test_a_lost_answer_is_told_as_lost(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {**reading(order()), CANCEL: httpx.ReadTimeout("late")})
    with pytest.raises(Temporary):
        await send(shop, Verb.CANCEL, CancelChoice("CUSTOMER_REQUEST"))
    assert shop.paths().count(CANCEL) == 1


# -- answering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("accept", "operation"), [(True, "ACCEPT"), (False, "REJECT")])
async def test_an_answer_needs_no_reason(clock: DrivenClock, accept: bool, operation: str) -> None:
    shop = ScriptedShop(clock, {ANSWER: ok({"update_time": 1760000100})})
    assert (await send(shop, Verb.ANSWER_CANCEL, CancelAnswer(accept))).verdict is Verdict.DONE
    assert shop.bodies(ANSWER) == [{"order_sn": ORDER, "operation": operation}]


@pytest.mark.parametrize(
    ("accept", "status", "expected", "evidence"),
    [
        (True, "CANCELLED", (Verdict.ALREADY, None), Verdict.DONE),
        (True, "READY_TO_SHIP", (Verdict.REFUSED, CauseId.REQUEST_CLOSED), Verdict.NOT_DONE),
        (False, "READY_TO_SHIP", (Verdict.ALREADY, None), Verdict.DONE),
        (False, "CANCELLED", (Verdict.REFUSED, CauseId.REQUEST_CLOSED), Verdict.NOT_DONE),
    ],
)
async def test_a_request_that_is_closed_already(
    clock: DrivenClock,
    accept: bool,
    status: str,
    expected: tuple[Verdict, CauseId | None],
    evidence: Verdict,
) -> None:
    closed = no("order.cancel_order_invalid_status", "not waiting")
    shop = ScriptedShop(clock, {**reading(order(order_status=status)), ANSWER: closed})
    assert seen(await send(shop, Verb.ANSWER_CANCEL, CancelAnswer(accept))) == expected
    assert await looked(shop, Verb.ANSWER_CANCEL, CancelAnswer(accept)) is evidence


async def test_an_open_request_is_unanswered(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, reading(order(order_status="IN_CANCEL")))
    assert await looked(shop, Verb.ANSWER_CANCEL, CancelAnswer(True)) is Verdict.NOT_DONE


# -- splitting --------------------------------------------------------------------------------------------------------

GROUPS = SplitChoice(((APRON_LINE,), (MUG_LINE,)))
SPLIT_ORDER = {**TWO_ITEMS, "package_list": [part(), part(OTHER, item_list=[MUG_PACKED])]}


async def test_a_split_names_every_item_once(clock: DrivenClock) -> None:
    made = ok({"order_sn": ORDER, "package_list": [{"package_number": PACKAGE}, {"package_number": OTHER}]})
    shop = ScriptedShop(clock, {**reading(TWO_ITEMS), SPLIT: made})
    answer = await send(shop, Verb.SPLIT, GROUPS)
    assert (answer.verdict, answer.facts["packages"]) == (Verdict.DONE, f"{PACKAGE}, {OTHER}")
    mug = {"item_id": 19004420017, "model_id": 0, "order_item_id": 19004420017, "promotion_group_id": 0}
    apron = {"item_id": 19004417703, "model_id": 190044177031, "order_item_id": 19004417703, "promotion_group_id": 0}
    assert shop.bodies(SPLIT) == [{"order_sn": ORDER, "package_list": [{"item_list": [apron]}, {"item_list": [mug]}]}]


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ((("x-1",), (MUG_LINE,)), "no item x-1"),
        (((APRON_LINE,), ("9-9",)), "no item 9-9"),
    ],
)
async def test_what_the_order_does_not_have_cannot_be_split(
    clock: DrivenClock, groups: tuple[tuple[str, ...], ...], words: str
) -> None:
    answer = await send(ScriptedShop(clock, reading(TWO_ITEMS)), Verb.SPLIT, SplitChoice(groups))
    assert seen(answer) == (Verdict.REFUSED, CauseId.NO_SPLIT)
    assert answer.cause is not None
    assert words in answer.cause.message


async def test_an_item_that_is_in_no_parcel_is_named(clock: DrivenClock) -> None:
    third = item(item_id=7, model_id=0, order_item_id=7)
    record = {**TWO_ITEMS, "item_list": [item(), MUG, third]}
    answer = await send(ScriptedShop(clock, reading(record)), Verb.SPLIT, GROUPS)
    assert answer.cause is not None
    assert "put 7-0 into one" in answer.cause.message


async def test_what_is_cancelled_goes_into_no_parcel(clock: DrivenClock) -> None:
    gone = item(item_id=7, model_id=0, order_item_id=7, cancelled_qty=1)
    record = {**TWO_ITEMS, "item_list": [item(), MUG, gone]}
    shop = ScriptedShop(clock, {**reading(record), SPLIT: ok({"package_list": []})})
    wished = SplitChoice(((APRON_LINE,), (MUG_LINE, "7-0")))
    assert (await send(shop, Verb.SPLIT, wished)).verdict is Verdict.DONE
    assert [len(each["item_list"]) for each in shop.bodies(SPLIT)[0]["package_list"]] == [1, 1]
    alone = await send(shop, Verb.SPLIT, SplitChoice(((APRON_LINE, MUG_LINE), ("7-0",))))
    assert seen(alone) == (Verdict.REFUSED, CauseId.NO_SPLIT)


async def test_too_many_parcels_are_refused(clock: DrivenClock) -> None:
    items = [item(item_id=place, model_id=0, order_item_id=place) for place in range(1, 7)]
    groups = SplitChoice(tuple((f"{place}-0",) for place in range(1, 7)))
    answer = await send(ScriptedShop(clock, reading(order(item_list=items))), Verb.SPLIT, groups)
    assert answer.cause is not None
    assert "5 parcels at most" in answer.cause.message


async def test_a_split_that_is_there_already_is_not_asked_for(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, reading(SPLIT_ORDER))
    assert (await send(shop, Verb.SPLIT, GROUPS)).verdict is Verdict.ALREADY
    assert SPLIT not in shop.paths()


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("order.order_split_get_package_info_failed", Verdict.WAIT),
        ("order.order_cannot_split", Verdict.REFUSED),
        ("order.order_has_been_split", Verdict.REFUSED),
    ],
)
async def test_what_a_refused_split_means(clock: DrivenClock, code: str, verdict: Verdict) -> None:
    shop = ScriptedShop(clock, {**reading(TWO_ITEMS), SPLIT: no(code)})
    assert (await send(shop, Verb.SPLIT, GROUPS)).verdict is verdict


@pytest.mark.parametrize(("record", "verdict"), [(SPLIT_ORDER, Verdict.DONE), (TWO_ITEMS, Verdict.NOT_DONE)])
async def test_what_reading_a_split_back_says(clock: DrivenClock, record: dict[str, Any], verdict: Verdict) -> None:
    assert await looked(ScriptedShop(clock, reading(record)), Verb.SPLIT, GROUPS) is verdict


async def test_another_packing_is_a_persons_to_judge(clock: DrivenClock) -> None:
    other = SplitChoice(((APRON_LINE, MUG_LINE), ("7-0",)))
    assert await looked(ScriptedShop(clock, reading(SPLIT_ORDER)), Verb.SPLIT, other) is Verdict.UNDECIDED


# -- what never works, and why not now --------------------------------------------------------------------------------


def test_what_shopee_never_does_has_a_reason(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {}).shop
    assert set(shop.never) == {Verb.COMBINE, Verb.CHANGE_TRACKING}
    assert set(shop.desks) - THREAD_VERBS == set(Verb) - set(shop.never) - {Verb.PRINT} - THREAD_VERBS


@pytest.mark.parametrize(
    ("over", "verb", "reason"),
    [
        ({}, Verb.SHIP, None),
        ({}, Verb.SHIP_OWN, "platform_shipping"),
        ({"order_status": "UNPAID"}, Verb.SHIP, "unpaid"),
        ({"order_status": "PENDING"}, Verb.SHIP, "on_hold"),
        ({"order_status": "IN_CANCEL"}, Verb.SHIP, "cancel_requested"),
        ({"order_status": "IN_CANCEL"}, Verb.CANCEL, "answer_first"),
        ({"order_status": "ON_THE_MOON"}, Verb.SHIP, "unknown_status"),
        ({"fulfillment_flag": "fulfilled_by_shopee"}, Verb.SHIP, "fulfilled_by_platform"),
        ({"fulfillment_flag": "fulfilled_by_shopee"}, Verb.LABEL, "fulfilled_by_platform"),
        ({"is_buyer_shop_collection": True}, Verb.SHIP, "store_pickup"),
        ({"package_list": []}, Verb.SHIP, "no_package"),
        ({}, Verb.LABEL, None),
        ({"order_status": "SHIPPED"}, Verb.LABEL, "label_late"),
        ({"order_status": "SHIPPED"}, Verb.CANCEL, "in_transit"),
        ({"order_status": "COMPLETED"}, Verb.CANCEL, "closed"),
        ({}, Verb.ANSWER_CANCEL, "no_request"),
        ({"order_status": "IN_CANCEL"}, Verb.ANSWER_CANCEL, None),
        ({}, Verb.SPLIT, "one_item"),
        ({"item_list": [item(), MUG]}, Verb.SPLIT, None),
        ({"item_list": [item(), MUG], "package_list": [part(), part(OTHER)]}, Verb.SPLIT, "no_split"),
        ({"order_status": "COMPLETED"}, Verb.NOTE, None),
        ({}, Verb.COMBINE, "no_combine"),
    ],
)
async def test_why_a_verb_is_off(clock: DrivenClock, over: dict[str, Any], verb: Verb, reason: str | None) -> None:
    shop = ScriptedShop(clock, reading(order(**over), packages=[]))
    found = await read(shop)
    desk = shop.shop.desks.get(verb)
    refusal = desk.why_not(STORE, found) if desk is not None else shop.shop.never[verb]
    assert (refusal.id if refusal else None) == reason
