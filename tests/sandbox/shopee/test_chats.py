"""Seller chat of the Shopee side over HTTP: lists and their oddities, sending and its rules, marks, permission."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.shopee.chat_render import shown
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from shoptui.sandbox.world.chat_model import ChatThread, Speaker, TalkKind
from shoptui.sandbox.world.model import Buyer, Order

from .caller import START_AT, Caller, Reply

DAY = 86_400
LIST = "sellerchat/get_conversation_list"
MESSAGES = "sellerchat/get_message"
SEND = "sellerchat/send_message"
TOO_BIG_FOR_A_FLOAT = 2**53


@pytest.fixture
async def sandbox() -> AsyncIterator[LiveSandbox]:
    async with running_sandbox(
        seed=7,
        stores=2,
        orders=300,
        start_at=START_AT,
        frozen=True,
        regions=("TH", "MY"),
        markets=("shopee",),
        settings=Settings(calls_per_s=0),
        chats=80,
    ) as live:
        yield live


@pytest.fixture
def caller(sandbox: LiveSandbox, http: httpx.AsyncClient) -> Caller:
    return Caller(sandbox, http)


def threads(caller: Caller) -> list[ChatThread]:
    world = caller.sandbox.world
    return [thread for thread in world.chats.threads_of(world.stores[caller.shop.id]) if shown(thread)]


def longest(caller: Caller) -> ChatThread:
    return max(threads(caller), key=lambda thread: len(shown(thread)))


def unread_one(caller: Caller) -> ChatThread:
    return next(thread for thread in threads(caller) if thread.unread and thread.is_waiting)


def stranger(caller: Caller) -> tuple[Buyer, Order]:
    """Somebody who bought lately and never wrote."""
    world = caller.sandbox.world
    known = {thread.buyer.id for thread in threads(caller)}
    order = max(
        (one for one in world.orders_of(caller.shop.id) if one.buyer.id not in known), key=lambda one: one.created_at
    )
    return order.buyer, order


async def walked(caller: Caller, direction: str, size: int, kind: str = "all") -> list[str]:
    """The ids of all pages of the list."""
    found: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        reply = await caller.get(LIST, direction=direction, type=kind, page_size=size, **cursor)
        assert reply.error == "", reply.message
        found += [row["conversation_id"] for row in reply.data["conversations"]]
        result = reply.data["page_result"]
        if not result["more"]:
            return found
        cursor = {"next_timestamp_nano": result["next_cursor"]["next_message_time_nano"]}


async def say(caller: Caller, buyer: Buyer, text: str) -> Reply:
    return await caller.post(SEND, {"to_id": int(buyer.id), "message_type": "text", "content": {"text": text}})


async def test_older_goes_down_from_the_newest_and_latest_up_from_the_oldest(caller: Caller) -> None:
    down = await walked(caller, "older", 7)
    by_time = sorted(threads(caller), key=lambda each: shown(each)[-1].number, reverse=True)
    assert set(down) == {thread.id for thread in by_time} and len(down) == len(by_time)
    stamps = {thread.id: (shown(thread)[-1].sent_at, shown(thread)[-1].number) for thread in by_time}
    assert [stamps[each] for each in down] == sorted(stamps.values(), reverse=True)
    assert await walked(caller, "latest", 7) == down[::-1]


async def test_pinned_conversations_come_on_top_and_again_in_their_place(caller: Caller) -> None:
    oldest = (await walked(caller, "older", 25))[-1]
    await caller.post("sellerchat/pin_conversation", {"conversation_id": oldest})
    found = await walked(caller, "older", 7)
    assert found[0] == found[-1] == oldest and len(set(found)) == len(threads(caller))
    assert await walked(caller, "older", 7, "pinned") == [oldest]
    await caller.post("sellerchat/unpin_conversation", {"conversation_id": oldest})
    assert (await walked(caller, "older", 7))[0] != oldest


async def test_a_first_page_of_pinned_ones_alone_leaves_nobody_out(caller: Caller) -> None:
    for thread in threads(caller)[:4]:
        thread.is_pinned = True
    assert set(await walked(caller, "older", 3)) == {thread.id for thread in threads(caller)}


async def test_a_page_above_25_is_empty_and_says_there_is_no_more(caller: Caller) -> None:
    reply = await caller.get(LIST, direction="older", type="all", page_size=26)
    assert reply.error == "" and reply.data["conversations"] == [] and reply.data["page_result"]["more"] is False
    assert len((await caller.get(LIST, direction="older", type="all")).data["conversations"]) == 25


async def test_a_conversation_has_text_ids_big_numbers_and_nanoseconds(caller: Caller) -> None:
    (row,) = (await caller.get(LIST, direction="older", type="all", page_size=1)).data["conversations"]
    thread = next(each for each in threads(caller) if each.id == row["conversation_id"])
    last = shown(thread)[-1]
    assert (row["to_id"], row["to_name"]) == (int(thread.buyer.id), thread.buyer.nickname)
    assert row["last_message_timestamp"] // 10**9 == last.sent_at
    assert row["latest_message_id"] == last.id and int(last.id) > TOO_BIG_FOR_A_FLOAT
    single = await caller.get("sellerchat/get_one_conversation", conversation_id=thread.id)
    assert single.data == row


async def test_messages_go_back_by_offset_to_an_empty_page(caller: Caller) -> None:
    thread = longest(caller)
    found: list[dict[str, Any]] = []
    offset = ""
    while True:
        reply = await caller.get(MESSAGES, conversation_id=thread.id, page_size=3, offset=offset)
        found += reply.data["messages"]
        offset = reply.data["page_result"]["next_offset"]
        if not reply.data["messages"]:
            break
    assert offset == ""
    assert [row["message_id"] for row in found] == [one.id for one in reversed(shown(thread))]
    assert [row["created_timestamp"] for row in found] == [one.sent_at for one in reversed(shown(thread))]
    own = [row["from_shop_id"] == int(caller.shop.id) for row in found]
    assert own == [one.by in (Speaker.STORE, Speaker.ROBOT) for one in reversed(shown(thread))]


async def test_where_a_buyer_came_from_stands_in_what_they_wrote_next(caller: Caller) -> None:
    thread = next(
        each for each in threads(caller) if any(one.kind is TalkKind.FROM_ORDER for one in each.messages[:-1])
    )
    rows = (await caller.get(MESSAGES, conversation_id=thread.id, page_size=50)).data["messages"]
    entered = next(one for one in thread.messages if one.kind is TalkKind.FROM_ORDER)
    assert {"order_sn": entered.reference} in [row["source_content"] for row in rows]
    assert entered.id not in [row["message_id"] for row in rows]


async def test_an_automatic_message_says_so(caller: Caller) -> None:
    thread = unread_one(caller)
    body = {"to_id": int(thread.buyer.id), "content": {"text": "We are closed."}}
    sent = await caller.post("sellerchat/send_autoreply_message", body)
    rows = (await caller.get(MESSAGES, conversation_id=thread.id)).data["messages"]
    assert rows[0]["message_id"] == sent.data["message_id"] and rows[0]["status"] == "auto_reply"
    assert thread.is_waiting


async def test_the_first_words_to_a_stranger_follow_an_order_card(caller: Caller) -> None:
    buyer, order = stranger(caller)
    assert (await say(caller, buyer, "Hello")).error == "first_chat_without_order_info"
    card = {"to_id": int(buyer.id), "message_type": "order", "content": {"order_sn": order.id}}
    sent = await caller.post(SEND, card)
    assert sent.data["content"]["order_sn"] == order.id
    assert (await say(caller, buyer, "Hello")).error == ""
    begun = next(thread for thread in threads(caller) if thread.buyer is buyer)
    assert [one.kind for one in shown(begun)] == [TalkKind.ORDER, TalkKind.TEXT]


async def test_another_buyers_order_is_no_card(caller: Caller) -> None:
    thread = unread_one(caller)
    _buyer, order = stranger(caller)
    card = {"to_id": int(thread.buyer.id), "message_type": "order", "content": {"order_sn": order.id}}
    assert (await caller.post(SEND, card)).error == "error_not_found"


async def test_the_sixth_message_waits_for_the_buyer(caller: Caller) -> None:
    thread = next(each for each in threads(caller) if each.is_waiting)
    for number in range(5):
        assert (await say(caller, thread.buyer, f"Part {number}")).error == ""
    assert (await say(caller, thread.buyer, "Part 6")).error == "reach_5_message_limit"
    caller.sandbox.poke("buyer_writes", shop_id=caller.shop.id, thread_id=thread.id, text="And?")
    assert (await say(caller, thread.buyer, "Part 6")).error == ""


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x" * 601, "message_too_long"),
        ("Add me on WhatsApp", "message_is_censored"),
        (" ", "param_error"),
        ("", "param_error"),
    ],
)
async def test_texts_that_are_refused(caller: Caller, text: str, error: str) -> None:
    assert (await say(caller, unread_one(caller).buyer, text)).error == error


async def test_the_same_text_is_refused_for_a_day(caller: Caller) -> None:
    thread = unread_one(caller)
    assert (await say(caller, thread.buyer, "Soon")).error == ""
    assert (await say(caller, thread.buyer, "Soon")).error == "error_business"
    assert [effect for _target, effect, _code in caller.effects("chat_send")] == ["applied", "refused"]


async def test_nobody_may_be_written_to_after_the_windows(caller: Caller) -> None:
    thread = next(each for each in threads(caller) if each.order is not None)
    for one in thread.messages:
        one.sent_at -= 8 * DAY
    for order in caller.sandbox.world.chats.orders_with(thread.store, thread.buyer):
        order.created_at -= 31 * DAY
    assert (await say(caller, thread.buyer, "Hello")).error == "user_is_forbidden"
    nobody = {"to_id": 1, "message_type": "text", "content": {"text": "Hello"}}
    assert (await caller.post(SEND, nobody)).error == "user_is_forbidden"


async def test_reading_marks_up_to_a_message(caller: Caller) -> None:
    thread = unread_one(caller)
    before = (await caller.get("sellerchat/get_unread_conversation_count")).data["total_unread_count"]
    newest = shown(thread)[-1]
    caller.sandbox.poke("buyer_writes", shop_id=caller.shop.id, thread_id=thread.id, text="One more")
    body = {"conversation_id": thread.id, "last_read_message_id": newest.id}
    assert (await caller.post("sellerchat/read_conversation", body)).error == ""
    row = (await caller.get("sellerchat/get_one_conversation", conversation_id=thread.id)).data
    assert (row["unread_count"], row["last_read_message_id"]) == (1, newest.id)
    body["last_read_message_id"] = shown(thread)[-1].id
    await caller.post("sellerchat/read_conversation", body)
    after = (await caller.get("sellerchat/get_unread_conversation_count")).data["total_unread_count"]
    assert after == before - 1
    await caller.post("sellerchat/unread_conversation", {"conversation_id": thread.id})
    assert thread.unread > 0


async def test_taking_back_has_a_window_by_region(caller: Caller) -> None:
    for region, wait_s, error in (("TH", 170, ""), ("TH", 190, "param_error"), ("MY", 0, "param_error")):
        here = caller.for_region(region)
        thread = next(each for each in threads(here) if each.unanswered == 0)
        made = (await say(here, thread.buyer, f"Wrong words {wait_s}")).data
        caller.sandbox.clocks.advance(wait_s)
        reply = await here.post("sellerchat/delete_message", {"message_id": made["message_id"]})
        assert reply.error == error
        rows = (await here.get(MESSAGES, conversation_id=thread.id)).data["messages"]
        assert (made["message_id"] in [row["message_id"] for row in rows]) is bool(error)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        (LIST, {"direction": "newer", "type": "all"}),
        (LIST, {"direction": "older"}),
        (LIST, {"direction": "older", "type": "all", "page_size": 61}),
        (LIST, {"direction": "older", "type": "all", "next_timestamp_nano": "soon"}),
        (MESSAGES, {}),
    ],
)
async def test_wrong_values_have_this_familys_own_code(caller: Caller, operation: str, params: dict[str, Any]) -> None:
    assert (await caller.get(operation, **params)).error == "param_error"


async def test_a_conversation_of_another_shop_is_not_found(caller: Caller) -> None:
    other = caller.for_region("MY" if caller.shop.region == "TH" else "TH")
    reply = await caller.get(MESSAGES, conversation_id=threads(other)[0].id)
    assert (reply.status, reply.error) == (200, "error_not_found")


async def test_without_the_permission_the_gateway_answers_491(caller: Caller) -> None:
    caller.sandbox.poke("chat_access", shop_id=caller.shop.id, granted=False)
    reply = await caller.get(LIST, direction="older", type="all")
    assert (reply.status, reply.error) == (491, "error_auth")
    assert (await say(caller, unread_one(caller).buyer, "Hello")).status == 491
    assert (await caller.listed()).error == ""


async def test_a_module_that_is_closed_to_the_app_is_named(caller: Caller) -> None:
    caller.sandbox.poke("revoke_scope", shop_id=caller.shop.id, scope="sellerchat")
    assert (await caller.get(LIST, direction="older", type="all")).error == "error_api_permission"


async def test_the_response_rate_leaves_robots_out(caller: Caller) -> None:
    before = await rate(caller)
    assert before is not None and 0 < before <= 100
    thread = unread_one(caller)
    body = {"to_id": int(thread.buyer.id), "content": {"text": "We are closed."}}
    await caller.post("sellerchat/send_autoreply_message", body)
    assert await rate(caller) == before
    for one in (one for each in threads(caller) for one in each.messages):
        one.sent_at -= 90 * DAY
    assert await rate(caller) is None


async def rate(caller: Caller) -> float | None:
    (metric,) = (await caller.get("account_health/get_shop_performance")).data["metric_list"]
    assert metric["metric_id"] == 11
    found: float | None = metric["current_period"]
    return found
