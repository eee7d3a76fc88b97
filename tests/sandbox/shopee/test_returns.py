"""Returns at the simulated Shopee: lists and details, confirming, offers and counter-offers, disputes with evidence."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.sandbox.shopee.return_words import GOODS_DISPUTES, REQUEST_DISPUTES, STATUSES
from shoptui.sandbox.world.model import Order, OrderStatus

from .caller import PREFIX, Caller, read

HOUR = 3600
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def delivered(caller: Caller) -> list[Order]:
    world = caller.sandbox.world
    return [
        order
        for status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
        for order in world.orders_of(caller.shop.id, status)
        if len(world.returns.free_lines(order)) == len(order.lines)
    ]


def asked(caller: Caller, **about: Any) -> str:
    """A buyer's fresh request: its number."""
    return str(caller.sandbox.poke("buyer_returns", order_id=delivered(caller)[0].id, **about)["return_id"])


async def detail(caller: Caller, return_sn: str) -> dict[str, Any]:
    reply = await caller.get("returns/get_return_detail", return_sn=return_sn)
    assert reply.error == "" and reply.data["status"] in STATUSES
    return dict(reply.data)


async def say(caller: Caller, operation: str, return_sn: str, **body: Any) -> str:
    return (await caller.post(f"returns/{operation}", {"return_sn": return_sn, **body})).error


async def convert(caller: Caller, return_sn: str, picture: bytes = PNG) -> Any:
    path = f"{PREFIX}returns/convert_image"
    response = await caller.client.post(
        caller.sandbox.base_url + path,
        params=caller.common(path),
        data={"return_sn": return_sn},
        files={"upload_image": ("a.png", picture)},
    )
    return read(response)


async def test_a_request_is_listed_with_its_deadline_and_the_buyers_words(caller: Caller) -> None:
    now = caller.sandbox.clocks.world_now()
    return_sn = asked(caller, ask="return", trouble="wrong_item")
    case = caller.sandbox.world.returns.every()[-1]
    assert len(return_sn) == 15
    (row,) = (await caller.get("returns/get_return_list", page_no=0, page_size=40)).data["return"]
    assert (row["return_sn"], row["status"], row["negotiation_status"]) == (return_sn, "REQUESTED", "PENDING_RESPOND")
    assert (row["due_date"], row["text_reason"], row["reason"]) == (now + 3 * 86_400, case.note, "WRONG_ITEM")
    assert round(row["refund_amount"] * 100) == case.asked_minor and row["currency"] == "MYR"
    assert sum(item["amount"] for item in row["item"]) == len(case.units)
    order = (await caller.get("order/get_order_detail", order_sn_list=case.order.id)).data["order_list"][0]
    assert order["order_status"] == "TO_RETURN"


async def test_page_0_and_1_are_the_same_and_windows_have_15_days(caller: Caller) -> None:
    for _ in range(5):
        asked(caller)
    pages = [(await caller.get("returns/get_return_list", page_no=page, page_size=2)).data for page in (0, 1, 2, 3, 4)]
    rows = [[row["return_sn"] for row in page["return"]] for page in pages]
    assert rows[0] == rows[1] and [len(page) for page in rows] == [2, 2, 2, 1, 0]
    assert [page["more"] for page in pages] == [True, True, True, False, False]
    now = caller.sandbox.clocks.world_now()
    window = {"update_time_from": now - 16 * 86_400, "update_time_to": now}
    for params in (window, {"page_size": 101}, {"status": "SOMEHOW"}):
        query = {"page_no": 0, "page_size": 40, **params}
        assert (await caller.get("returns/get_return_list", **query)).error == "error_param"
    fitting = {**window, "update_time_from": now - 15 * 86_400}
    assert len((await caller.get("returns/get_return_list", page_no=0, page_size=40, **fitting)).data["return"]) == 5


@pytest.mark.parametrize(
    ("about", "status"),
    [
        ({"stage": "asked"}, "REQUESTED"),
        ({"stage": "offered"}, "REQUESTED"),
        ({"stage": "buyer_sends", "ask": "return"}, "PROCESSING"),
        ({"stage": "on_way", "ask": "return"}, "PROCESSING"),
        ({"stage": "arrived", "ask": "return"}, "PROCESSING"),
        ({"stage": "judged"}, "JUDGING"),
        ({"stage": "withdrawn"}, "CANCELLED"),
    ],
)
async def test_every_stage_has_its_word(caller: Caller, about: dict[str, Any], status: str) -> None:
    found = await detail(caller, asked(caller, **about))
    assert found["status"] == status
    dues = [found["due_date"], found["return_ship_due_date"], found["return_seller_due_date"]]
    waits = {"asked": 0, "buyer_sends": 1, "arrived": 2}.get(about["stage"])
    assert [bool(due) for due in dues] == [at == waits for at in range(3)]


async def test_confirming_pays_and_cannot_be_repeated(caller: Caller) -> None:
    return_sn = asked(caller, ask="return")
    assert await say(caller, "confirm", return_sn) == ""
    assert (await detail(caller, return_sn))["status"] == "ACCEPTED"
    assert await say(caller, "confirm", return_sn) == "error_return_status"
    assert [entry["effect"] for entry in caller.sandbox.journal()] == ["applied", "already"]
    caller.sandbox.advance(2 * HOUR)
    assert [refund.goods_back for refund in caller.sandbox.world.returns.refunds] == [False]
    assert await say(caller, "confirm", "2601010K4MW3TQX") == "returns.return_not_found"


async def test_an_offer_may_be_countered_and_the_counter_taken(caller: Caller) -> None:
    return_sn = asked(caller, ask="refund")
    case = caller.sandbox.world.returns.every()[-1]
    solutions = (await caller.get("returns/get_available_solutions", return_sn=return_sn)).data
    assert solutions["offer_refund"]["eligibility"] is True
    assert solutions["offer_return_refund"]["eligibility"] is False
    assert round(solutions["offer_refund"]["max_refund_amount"] * 100) == case.asked_minor
    assert await say(caller, "accept_offer", return_sn) == "error_no_buyer_offer"
    part = {"proposed_solution": "REFUND", "proposed_adjusted_refund_amount": 1.25}
    assert await say(caller, "offer", return_sn, **part) == ""
    found = await detail(caller, return_sn)
    assert found["negotiation"]["latest_offer_amount"] == 1.25 and found["negotiation"]["offer_due_date"]
    assert await say(caller, "accept_offer", return_sn) == "err_data"
    caller.sandbox.poke("return_step", return_id=return_sn, step="counter", amount_minor=175)
    countered = (await detail(caller, return_sn))["negotiation"]
    assert (countered["latest_offer_creator"], countered["latest_offer_amount"]) == ("BUYER", 1.75)
    assert await say(caller, "accept_offer", return_sn) == ""
    caller.sandbox.advance(2 * HOUR)
    assert [refund.amount_minor for refund in caller.sandbox.world.returns.refunds] == [175]
    other = asked(caller, ask="refund")
    for amount in (10**9, 0, -1, 0.001, "1.25", True):
        body = {"proposed_solution": "REFUND", "proposed_adjusted_refund_amount": amount}
        assert await say(caller, "offer", other, **body) == "error_param"


async def test_agreeing_to_a_return_is_an_offer_of_all_that_was_asked(caller: Caller) -> None:
    return_sn = asked(caller, ask="return")
    assert await say(caller, "offer", return_sn, proposed_solution="RETURN_REFUND") == ""
    assert (await detail(caller, return_sn))["status"] == "PROCESSING"
    refund = asked(caller, ask="refund")
    assert await say(caller, "offer", refund, proposed_solution="RETURN_REFUND") == "error_return_request_type"


@pytest.mark.parametrize(("stage", "reasons"), [("asked", REQUEST_DISPUTES), ("arrived", GOODS_DISPUTES)])
async def test_a_dispute_wants_a_fitting_reason_and_its_evidence(caller: Caller, stage: str, reasons: Any) -> None:
    return_sn = asked(caller, ask="return", stage=stage)
    listed = (await caller.get("returns/get_return_dispute_reason", return_sn=return_sn)).data["dispute_reason_list"]
    assert {int(row["dispute_reason"]) for row in listed} == set(reasons)
    row = next(row for row in listed if any(one["is_required"] for one in row["evidence_module_list"]))
    reason = int(row["dispute_reason"])
    body: dict[str, Any] = {"email": "desk@house.example", "dispute_reason_id": reason, "dispute_text_reason": "No."}
    links = [(await convert(caller, return_sn)).data["url"] for _ in range(2)]
    needed = [one for one in row["evidence_module_list"] if one["is_required"]]
    proof = [
        {"module_index": one["module_index"], "requirement": one["requirement"], "image_url": links} for one in needed
    ]
    elsewhere = [{**proof[0], "image_url": ["https://cf.sandbox.invalid/other"]}, *proof[1:]]
    too_many = [{**proof[0], "image_url": links * 2}, *proof[1:]]
    wrong = "dispute.request.param.error"
    assert await say(caller, "dispute", return_sn, **body) == wrong
    assert await say(caller, "dispute", return_sn, **body, image_list=elsewhere) == wrong
    assert await say(caller, "dispute", return_sn, **body, image_list=too_many) == wrong
    assert await say(caller, "dispute", return_sn, **{**body, "email": "nobody"}, image_list=proof) == wrong
    assert await say(caller, "dispute", return_sn, **{**body, "dispute_reason_id": 1}, image_list=proof) == wrong
    assert await say(caller, "dispute", return_sn, **body, image_list=proof) == ""
    found = await detail(caller, return_sn)
    assert (found["status"], found["dispute_reason"]) == ("SELLER_DISPUTE", [str(reason)])
    assert await say(caller, "dispute", return_sn, **body, image_list=proof) == "error_ongoing_dispute"
    caller.sandbox.poke("return_step", return_id=return_sn, step="judge_for_seller")
    assert (await detail(caller, return_sn))["status"] == "CLOSED"


async def test_only_pictures_are_taken(caller: Caller) -> None:
    return_sn = asked(caller)
    assert (await convert(caller, return_sn, b"GIF89a")).error == "format.unsupport"
    assert (await convert(caller, "2601010K4MW3TQX")).error == "returns.return_not_found"
    assert (await convert(caller, return_sn)).data["thumbnail"]


async def test_silence_is_consent_and_the_way_back_is_told(caller: Caller) -> None:
    return_sn = asked(caller, ask="return", left_s=HOUR)
    caller.sandbox.advance(HOUR)
    assert (await detail(caller, return_sn))["status"] == "PROCESSING"
    caller.sandbox.poke("return_step", return_id=return_sn, step="send")
    way = (await caller.get("returns/get_reverse_tracking_info", return_sn=return_sn)).data
    assert way["tracking_number"] and len(way["tracking_info"]) == 1
    caller.sandbox.poke("return_step", return_id=return_sn, step="arrive")
    assert (await detail(caller, return_sn))["logistics_status"] == "LOGISTICS_DELIVERY_DONE"
    assert await say(caller, "confirm", return_sn) == ""
