"""Reverse orders at the simulated Lazada: lists, units answered one by one, goods that came back, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shoptui.sandbox.lazada.return_words import SELLER_REASONS
from shoptui.sandbox.world.model import Order, OrderStatus

from .caller import Caller, Reply

LIST = "/reverse/getreverseordersforseller"
UPDATE = "/order/reverse/return/update"
DECIDE = "/order/reverse/onlyrefund/seller/decide"
HOUR = 3600
REASON = str(next(iter(SELLER_REASONS)))


def delivered(caller: Caller, units: int = 1) -> list[Order]:
    world = caller.sandbox.world
    return [
        order
        for status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
        for order in caller.orders(status)
        if len(world.returns.free_lines(order)) == len(order.lines) >= units
    ]


def asked(caller: Caller, units: int = 1, **about: Any) -> str:
    """A buyer's fresh request about so many units: its id."""
    order = delivered(caller, units)[0]
    return str(caller.sandbox.poke("buyer_returns", order_id=order.id, units=units, **about)["return_id"])


async def row(caller: Caller, reverse_id: str) -> dict[str, Any]:
    reply = await caller.get(LIST, page_no="1", page_size="10", reverse_order_id=reverse_id)
    (found,) = reply.body["result"]["items"]
    return dict(found)


async def words(caller: Caller, reverse_id: str) -> list[str]:
    return [line["reverse_status"] for line in (await row(caller, reverse_id))["reverse_order_lines"]]


async def ids(caller: Caller, reverse_id: str) -> list[int]:
    return [line["reverse_order_line_id"] for line in (await row(caller, reverse_id))["reverse_order_lines"]]


async def say(caller: Caller, path: str, action: str, reverse_id: str, lines: list[int], **more: str) -> Reply:
    listed = json.dumps(lines, separators=(",", ":"))
    return await caller.get(path, action=action, reverse_order_id=reverse_id, reverse_order_item_ids=listed, **more)


async def upload(caller: Caller) -> str:
    path = "/image/upload"
    response = await caller.client.post(
        caller.gateway + path, params=caller.params(path, {}), files={"image": ("a.jpg", b"\xff\xd8\xff" + bytes(50))}
    )
    return str(response.json()["data"]["image"]["url"])


async def test_a_request_is_listed_in_seconds_milliseconds_and_cents(caller: Caller) -> None:
    now = caller.sandbox.clocks.world_now()
    reverse_id = asked(caller, 2, ask="return", trouble="not_as_shown")
    case = caller.sandbox.world.returns.every()[-1]
    found = await row(caller, reverse_id)
    assert (found["request_type"], found["is_rtm"], found["trade_order_id"]) == ("RETURN", True, int(case.order.id))
    lines = found["reverse_order_lines"]
    assert [line["refund_amount"] for line in lines] == [unit.refund_minor for unit in case.units]
    for line in lines:
        assert (line["reverse_status"], line["reason_text"]) == ("REQUEST_INITIATE", "Item does not match description")
        assert line["return_order_line_gmt_create"] == now and line["sla"] == (now + 48 * HOUR) * 1000
    (item,) = [one for one in await caller.items(case.order) if one["order_item_id"] == lines[0]["trade_order_line_id"]]
    assert item["return_status"] == "request_initiate"


@pytest.mark.parametrize(("region", "times"), [("VN", 1), ("ID", 100), ("TH", 1)])
async def test_vietnam_counts_whole_dong_and_indonesia_hundredths(caller: Caller, region: str, times: int) -> None:
    shop = caller.for_region(region)
    reverse_id = asked(shop, ask="refund")
    case = shop.sandbox.world.returns.every()[-1]
    (line,) = (await row(shop, reverse_id))["reverse_order_lines"]
    assert line["refund_amount"] == case.units[0].refund_minor * times


async def test_pages_begin_at_1_and_both_numbers_are_needed(caller: Caller) -> None:
    for _ in range(5):
        asked(caller)
    seen = []
    for page in ("1", "2", "3"):
        result = (await caller.get(LIST, page_no=page, page_size="2")).body["result"]
        assert result["total"] == 5
        seen += [one["reverse_order_id"] for one in result["items"]]
    assert len(set(seen)) == 5
    assert (await caller.get(LIST, page_size="2")).code == "MissingParameter"
    assert (await caller.get(LIST, page_no="0", page_size="2")).code == "121"
    assert (await caller.get(LIST, page_no="1", page_size="101")).code == "120"


async def test_filters_take_arrays_and_times_in_seconds_or_milliseconds(caller: Caller) -> None:
    now = caller.sandbox.clocks.world_now()
    goods, money = asked(caller, ask="return"), asked(caller, ask="refund")
    query = {"page_no": "1", "page_size": "10"}

    async def found(**more: str) -> set[str]:
        items = (await caller.get(LIST, **query, **more)).body["result"]["items"]
        return {str(one["reverse_order_id"]) for one in items}

    assert await found(request_type_list='["RETURN"]') == {goods}
    assert await found(request_type_list='["ONLY_REFUND"]') == {money}
    assert await found(reverse_status_list='["CS_APPROVING"]') == set()
    assert await found(return_to_type="RTW") == set()
    for start in (now, now * 1000):
        assert await found(ReverseOrderLineModifiedTimeRangeStart=str(start)) == {goods, money}
        assert await found(ReverseOrderLineModifiedTimeRangeEnd=str(start - (1 if start == now else 1000))) == set()
    assert (await caller.get(LIST, **query, request_type_list="RETURN")).code == "6"


async def test_goods_come_back_are_confirmed_and_then_paid(caller: Caller) -> None:
    reverse_id = asked(caller, 2, ask="return")
    lines = await ids(caller, reverse_id)
    assert (await say(caller, UPDATE, "confirmDelivery", reverse_id, lines)).code == "114"
    reply = await say(caller, UPDATE, "agreeReturn", reverse_id, lines)
    assert reply.data["total_refund"] == caller.sandbox.world.returns.every()[-1].asked_minor
    assert await words(caller, reverse_id) == ["SELLER_AGREE_RETURN"] * 2
    caller.sandbox.poke("return_step", return_id=reverse_id, step="send")
    assert await words(caller, reverse_id) == ["BUYER_RETURN_ITEM"] * 2
    caller.sandbox.poke("return_step", return_id=reverse_id, step="arrive")
    assert {line["ofc_status"] for line in (await row(caller, reverse_id))["reverse_order_lines"]} == {
        "RETURN_DELIVERED"
    }
    assert (await say(caller, UPDATE, "agreeRefund", reverse_id, lines)).code == "114"
    assert (await say(caller, UPDATE, "confirmDelivery", reverse_id, lines)).code == "0"
    assert (await say(caller, UPDATE, "confirmDelivery", reverse_id, lines)).code == "114"
    assert (await say(caller, UPDATE, "agreeRefund", reverse_id, lines)).code == "0"
    caller.sandbox.advance(2 * HOUR)
    assert await words(caller, reverse_id) == ["REFUND_SUCCESS"] * 2
    assert [refund.goods_back for refund in caller.sandbox.world.returns.refunds] == [True]


async def test_refusals_take_one_unit_with_reason_words_and_pictures(caller: Caller) -> None:
    reverse_id = asked(caller, 2, ask="return")
    first, second = await ids(caller, reverse_id)
    given = {"reason_id": REASON, "comment": "Washed."}
    assert (await say(caller, UPDATE, "refuseReturn", reverse_id, [first, second], **given)).code == "111"
    assert (await say(caller, UPDATE, "refuseReturn", reverse_id, [first], comment="No.")).code == "108"
    assert (await say(caller, UPDATE, "refuseReturn", reverse_id, [first], reason_id=REASON)).code == "109"
    assert (await say(caller, UPDATE, "refuseReturn", reverse_id, [first], reason_id="1", comment="No.")).code == "104"
    assert (await say(caller, UPDATE, "refuseReturn", reverse_id, [first], **given)).code == "0"
    assert await words(caller, reverse_id) == ["SELLER_REJECT_RETURN", "REQUEST_INITIATE"]
    assert (await say(caller, UPDATE, "refuseReturn", reverse_id, [first], **given)).code == "114"
    assert (await say(caller, UPDATE, "agreeReturn", reverse_id, [second])).code == "0"
    assert await words(caller, reverse_id) == ["SELLER_REJECT_RETURN", "SELLER_AGREE_RETURN"]
    goods = asked(caller, ask="return", stage="arrived")
    (line,) = await ids(caller, goods)
    await say(caller, UPDATE, "confirmDelivery", goods, [line])
    assert (await say(caller, UPDATE, "refuseRefund", goods, [line], **given)).code == "110"
    picture = json.dumps([{"name": "a.jpg", "url": await upload(caller)}])
    elsewhere = json.dumps([{"name": "a.jpg", "url": "https://elsewhere.invalid/a.jpg"}])
    assert (await say(caller, UPDATE, "refuseRefund", goods, [line], **given, image_info=elsewhere)).code == "110"
    assert (await say(caller, UPDATE, "refuseRefund", goods, [line], **given, image_info=picture)).code == "0"
    assert await words(caller, goods) == ["SELLER_REJECT_REFUND"]


async def test_money_without_goods_is_decided_unit_by_unit(caller: Caller) -> None:
    reverse_id = asked(caller, 2, ask="refund")
    first, second = await ids(caller, reverse_id)
    assert (await say(caller, UPDATE, "instantRefund", reverse_id, [first])).code == "114"
    assert (await say(caller, DECIDE, "agreeRefund", reverse_id, [first, second])).code == "133"
    reply = await say(caller, DECIDE, "agreeRefund", reverse_id, [first])
    assert (reply.code, reply.data) == ("0", None)
    assert await words(caller, reverse_id) == ["REFUND_PENDING", "REQUEST_INITIATE"]
    assert (await say(caller, DECIDE, "startDispute", reverse_id, [second])).code == "109"
    assert (await say(caller, DECIDE, "startDispute", reverse_id, [second], comment="It came.")).code == "110"
    picture = json.dumps([{"file_name": "a.jpg", "file_url": await upload(caller)}])
    dispute = await say(
        caller, DECIDE, "startDispute", reverse_id, [second], comment="It came.", image_info_list=picture
    )
    assert dispute.code == "0"
    assert await words(caller, reverse_id) == ["REFUND_AUTHORIZED", "SELLER_REJECT_REFUND"]
    case = caller.sandbox.world.returns.every()[-1]
    caller.sandbox.advance(2 * HOUR)
    (paid,) = caller.sandbox.world.returns.refunds
    assert paid.amount_minor == case.units[0].refund_minor and len(case.units) == 1
    whole = asked(caller, ask="refund")
    (line,) = await ids(caller, whole)
    await say(caller, DECIDE, "startDispute", whole, [line], comment="It came.", image_info_list=picture)
    assert await words(caller, whole) == ["CS_APPROVING"]


async def test_what_goes_to_lazadas_warehouse_is_not_the_sellers_to_answer(caller: Caller) -> None:
    reverse_id = asked(caller, ask="return", platform_checks=True)
    found = await row(caller, reverse_id)
    assert found["is_rtm"] is False and found["reverse_order_lines"][0]["sla"] == 0
    assert (await say(caller, UPDATE, "agreeReturn", reverse_id, await ids(caller, reverse_id))).code == "114"


async def test_details_and_history_have_their_own_names(caller: Caller) -> None:
    reverse_id = asked(caller, ask="return")
    case = caller.sandbox.world.returns.every()[-1]
    detail = (await caller.get("/order/reverse/return/detail/list", reverse_order_id=reverse_id)).data
    (line,) = detail["reverseOrderLineDTOList"]
    assert set(line["productDTO"]) == {"product_id", "sku"} and set(line["buyer"]) == {"user_id"}
    assert "receiver_address" not in line
    line_id = str(line["reverse_order_line_id"])
    told = (await caller.get("/order/reverse/return/history/list", reverse_order_line_id=line_id)).data
    assert [(one["operator"], one["picture"]) for one in told["list"]] == [("BUYER", list(case.pictures))]
    listed = (await caller.get("/order/reverse/reason/list", reverse_order_line_id=line_id)).data
    assert {one["reason_id"] for one in listed} == set(SELLER_REASONS) and listed[0]["muti_language_text"]
    for path, name, code in (
        ("/order/reverse/return/detail/list", "reverse_order_id", "106"),
        ("/order/reverse/reason/list", "reverse_order_line_id", "103"),
    ):
        assert (await caller.get(path, **{name: "99"})).code == code


async def test_foreign_and_unknown_lines_are_told_apart(caller: Caller) -> None:
    own, other = asked(caller), asked(caller.for_region("TH"))
    foreign = caller.sandbox.world.returns.every()[-1]
    assert foreign.id == other
    assert (await say(caller, UPDATE, "agreeReturn", own, [int(foreign.units[0].id)])).code == "127"
    assert (await say(caller, UPDATE, "agreeReturn", own, [1])).code == "112"
    assert (await say(caller, UPDATE, "burn", own, [1])).code == "107"
    assert (await caller.get(UPDATE, action="agreeReturn", reverse_order_id=own)).code == "126"
