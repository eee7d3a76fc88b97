"""Returns and refunds at the simulated TikTok Shop: asking, answering, travelling back, judging, paying."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.sandbox.tiktok.return_words import GOODS_REASONS, REQUEST_REASONS, STATUSES
from shoptui.sandbox.tiktok.signing import sign
from shoptui.sandbox.world.model import Order, OrderStatus

from .caller import Caller

HOUR = 3600
RETURNS = "/return_refund/202309/returns"
NO = next(iter(REQUEST_REASONS))
GOODS_NO = next(iter(GOODS_REASONS))


def delivered(caller: Caller) -> list[Order]:
    returns = caller.sandbox.world.returns
    return [
        order
        for status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
        for order in caller.orders(status)
        if returns.free_lines(order)
    ]


def asked(caller: Caller, **about: Any) -> str:
    """A buyer's fresh request: its id."""
    return str(caller.sandbox.poke("buyer_returns", order_id=delivered(caller)[0].id, **about)["return_id"])


async def row(caller: Caller, return_id: str, version: str = "202309") -> dict[str, Any]:
    reply = await caller.post(f"/return_refund/{version}/returns/search", {"return_ids": [return_id]})
    assert reply.code == 0, reply.message
    (found,) = reply.data["return_orders"]
    assert found["return_status"] in STATUSES
    return dict(found)


async def say(caller: Caller, return_id: str, how: str, body: dict[str, Any], **query: str) -> int:
    return (await caller.post(f"{RETURNS}/{return_id}/{how}", body, **query)).code


@pytest.mark.parametrize("version", ["202309", "202602"])
async def test_a_request_shows_who_asks_for_what_and_until_when_to_answer(caller: Caller, version: str) -> None:
    now = caller.sandbox.clocks.world_now()
    return_id = asked(caller, ask="return", trouble="not_as_shown")
    found = await row(caller, return_id, version)
    assert found["return_type"] == "RETURN_AND_REFUND"
    assert found["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    assert found["seller_next_action_response"] == [{"action": "SELLER_RESPOND_RETURN", "deadline": now + 48 * HOUR}]
    case = caller.sandbox.world.returns.every()[-1]
    assert found["refund_amount"]["refund_total"] == str(case.asked_minor)
    assert {line["order_line_item_id"] for line in found["return_line_items"]} == {unit.line.id for unit in case.units}
    (first,) = (await caller.get(f"{RETURNS}/{return_id}/records")).data["records"]
    assert (first["event"], first["role"], first["note"]) == ("ORDER_RETURN", "BUYER", case.note)
    assert case.note and len(first["images"]) == len(case.pictures)


async def test_pages_have_ten_to_fifty_rows_and_an_empty_search_has_no_list(caller: Caller) -> None:
    for _ in range(12):
        asked(caller)
    seen: list[str] = []
    query = {"page_size": "10"}
    while True:
        data = (await caller.post(f"{RETURNS}/search", {}, **query)).data
        seen += [one["return_id"] for one in data["return_orders"]]
        assert data["total_count"] == 12
        if not data["next_page_token"]:
            break
        query["page_token"] = data["next_page_token"]
    assert len(seen) == len(set(seen)) == 12
    empty = await caller.post(f"{RETURNS}/search", {"return_types": ["REPLACEMENT"]})
    assert (empty.code, "return_orders" in empty.data) == (0, False)
    for size in ("9", "51"):
        assert (await caller.post(f"{RETURNS}/search", {}, page_size=size)).code == 36009004
    foreign = await caller.for_region("TH").post(f"{RETURNS}/search", {"return_ids": seen[:1]})
    assert foreign.data["total_count"] == 0


async def test_the_decision_must_fit_type_and_status(caller: Caller) -> None:
    refund, back = asked(caller, ask="refund"), asked(caller, ask="return")
    goods = asked(caller, ask="return", stage="arrived")
    taken = asked(caller, ask="return", stage="judged")
    cases = [
        (refund, "approve", {}, 36009004),
        (refund, "approve", {"decision": "APPROVE_RETURN"}, 25020004),
        (refund, "approve", {"decision": "APPROVE_RECEIVED_PACKAGE"}, 25011013),
        (back, "approve", {"decision": "APPROVE_REFUND"}, 25020004),
        (back, "reject", {"decision": "REJECT_REFUND", "reject_reason": NO}, 25020004),
        (back, "reject", {"decision": "REJECT_RETURN"}, 36009004),
        (back, "reject", {"decision": "REJECT_RETURN", "reject_reason": "because"}, 25001014),
        (back, "reject", {"decision": "REJECT_RETURN", "reject_reason": GOODS_NO}, 25001016),
        (back, "reject", {"decision": "REJECT_RECEIVED_PACKAGE", "reject_reason": GOODS_NO}, 25011014),
        (back, "approve", {"decision": "OFFER_PARTIAL_REFUND"}, 36009004),
        (goods, "approve", {"decision": "APPROVE_RETURN"}, 25020010),
        (taken, "approve", {"decision": "APPROVE_RETURN"}, 25011010),
        ("4035227657962164811", "approve", {"decision": "APPROVE_RETURN"}, 25007006),
    ]
    for return_id, how, body, code in cases:
        assert await say(caller, return_id, how, body) == code, (how, body)
    assert not [entry for entry in caller.sandbox.journal() if entry["effect"] == "applied"]


async def test_goods_travel_back_and_are_paid_once_the_store_accepts_them(caller: Caller) -> None:
    return_id = asked(caller, ask="return")
    case = caller.sandbox.world.returns.every()[-1]
    assert await say(caller, return_id, "approve", {"decision": "APPROVE_RETURN"}) == 0
    assert (await row(caller, return_id))["return_status"] == "AWAITING_BUYER_SHIP"
    caller.sandbox.poke("return_step", return_id=return_id, step="send")
    on_way = await row(caller, return_id)
    assert (on_way["return_status"], on_way["return_tracking_number"]) == ("BUYER_SHIPPED_ITEM", case.tracking)
    assert not on_way["seller_next_action_response"]
    caller.sandbox.poke("return_step", return_id=return_id, step="arrive")
    (action,) = (await row(caller, return_id))["seller_next_action_response"]
    assert action["action"] == "SELLER_RESPOND_RECEIVE_PACKAGE"
    assert await say(caller, return_id, "approve", {"decision": "APPROVE_RECEIVED_PACKAGE"}) == 0
    caller.sandbox.advance(2 * HOUR)
    caller.renew()
    assert (await row(caller, return_id))["return_status"] == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    (paid,) = caller.sandbox.world.returns.refunds
    assert (paid.return_id, paid.amount_minor, paid.goods_back) == (return_id, case.asked_minor, True)


@pytest.mark.parametrize(
    ("about", "status", "waits_s"),
    [
        ({"ask": "refund"}, "RETURN_OR_REFUND_REQUEST_COMPLETE", 48 * HOUR),
        ({"ask": "return"}, "AWAITING_BUYER_SHIP", 48 * HOUR),
        ({"ask": "replace"}, "REPLACEMENT_REQUEST_COMPLETE", 24 * HOUR),
        ({"ask": "return", "stage": "arrived"}, "RETURN_OR_REFUND_REQUEST_COMPLETE", 48 * HOUR),
        ({"ask": "refund", "left_s": HOUR}, "RETURN_OR_REFUND_REQUEST_COMPLETE", HOUR),
    ],
)
async def test_silence_is_consent(caller: Caller, about: dict[str, Any], status: str, waits_s: int) -> None:
    return_id = asked(caller, **about)
    before = (await row(caller, return_id))["return_status"]
    caller.sandbox.advance(waits_s - 1)
    assert (await row(caller, return_id))["return_status"] == before
    caller.sandbox.advance(1 + (0 if status == "AWAITING_BUYER_SHIP" else HOUR))
    assert (await row(caller, return_id))["return_status"] == status
    assert not caller.sandbox.journal()


async def test_a_refused_buyer_may_ask_the_platform_which_decides(caller: Caller) -> None:
    return_id = asked(caller, ask="refund")
    image = await upload(caller, b"\x89PNG\r\n\x1a\n" + bytes(300))
    body = {
        "decision": "REJECT_REFUND",
        "reject_reason": NO,
        "comment": "It works.",
        "images": [{"image_id": image, "mime_type": "image/png", "width": 800, "height": 800}],
    }
    assert await say(caller, return_id, "reject", {**body, "images": [{"image_id": "elsewhere"}]}) == 36009004
    assert await say(caller, return_id, "reject", body) == 0
    assert (await row(caller, return_id))["return_status"] == "REFUND_OR_RETURN_REQUEST_REJECT"
    assert await say(caller, return_id, "approve", {"decision": "APPROVE_REFUND"}) == 25001010
    caller.sandbox.poke("return_step", return_id=return_id, step="complain")
    assert (await row(caller, return_id))["arbitration_status"] == "IN_PROGRESS"
    caller.sandbox.poke("return_step", return_id=return_id, step="judge_for_buyer")
    judged = await row(caller, return_id)
    assert (judged["arbitration_status"], judged["return_status"]) == (
        "SUPPORT_BUYER",
        "RETURN_OR_REFUND_REQUEST_SUCCESS",
    )
    assert caller.sandbox.journal()[-1]["effect"] == "refused"
    told = next(entry for entry in caller.sandbox.journal() if entry["effect"] == "applied")
    assert (told["op"], told["text"]) == ("reject_return", "REJECT_REFUND: asked > refused")


async def upload(caller: Caller, picture: bytes) -> str:
    """Upload as any client does: multipart, signed without the body and without a shop."""
    path = "/product/202309/images/upload"
    pairs = caller.pairs([], cipher=False)
    request = caller.client.build_request("POST", caller.sandbox.base_url + path, files={"data": ("a.png", picture)})
    kind = request.headers["content-type"]
    pairs.append(("sign", sign(caller.sandbox.app_secret, path, pairs, b"", kind)))
    headers = {**caller.headers(), "content-type": kind}
    reply = await caller.raw("POST", path, pairs, request.read(), headers)
    assert reply.code == 0, reply.message
    uri = str(reply.data["uri"])
    assert caller.sandbox.world.returns.pictures[uri] == len(picture)
    return uri


async def test_an_offer_is_taken_or_left(caller: Caller) -> None:
    taken, left = asked(caller, ask="return"), asked(caller, ask="return")
    part = {"decision": "OFFER_PARTIAL_REFUND", "partial_refund": {"currency": "VND", "amount": "2000"}}
    for return_id in (taken, left):
        assert await say(caller, return_id, "approve", part) == 0
        assert (await row(caller, return_id))["return_status"] == "AWAITING_BUYER_RESPONSE"
    caller.sandbox.poke("return_step", return_id=taken, step="take_offer")
    caller.sandbox.poke("return_step", return_id=left, step="decline_offer")
    again = await row(caller, left)
    assert again["buyer_rejected_partial_refund"] is True
    assert again["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING" and again["seller_next_action_response"]
    caller.sandbox.advance(2 * HOUR)
    assert [refund.amount_minor for refund in caller.sandbox.world.returns.refunds] == [2000]
    for amount, code in (("99999999", 25005005), ("2000.5", 36009004), ("NaN", 36009004), ("9" * 25, 36009004)):
        body = {"decision": "OFFER_PARTIAL_REFUND", "partial_refund": {"currency": "VND", "amount": amount}}
        assert await say(caller, left, "approve", body) == code


async def test_the_same_idempotency_key_again_changes_nothing_and_succeeds(caller: Caller) -> None:
    return_id = asked(caller, ask="refund")
    yes = {"decision": "APPROVE_REFUND"}
    codes = [await say(caller, return_id, "approve", yes, idempotency_key=key) for key in ("k1", "k1", "k2")]
    assert codes == [0, 0, 25020010]
    assert [entry["effect"] for entry in caller.sandbox.journal()] == ["applied", "already", "already"]


async def test_reasons_are_the_requests_own_and_end_in_uk_there(caller: Caller) -> None:
    names = {}
    for region in ("VN", "GB"):
        shop = caller.for_region(region)
        return_id = asked(shop, ask="return")
        found = (await shop.get("/return_refund/202309/reject_reasons", return_or_cancel_id=return_id)).data["reasons"]
        names[region] = {one["name"] for one in found}
    assert names["VN"] == set(REQUEST_REASONS)
    assert "reverse_reject_request_reason_1_uk" in names["GB"] and NO in names["GB"]


async def test_an_estimate_adds_up_the_chosen_items(caller: Caller) -> None:
    order = next(one for one in delivered(caller) if len(one.lines) > 1)
    path = "/return_refund/202309/refunds/calculate"
    line = order.lines[0]
    body = {"order_id": order.id, "order_line_item_ids": [line.id]}
    found = (await caller.post(path, body)).data["order_refund_amount"]
    assert found["refund_total"] == str(line.paid_minor)
