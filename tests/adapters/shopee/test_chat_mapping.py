"""Shopee's chat records as they might come: kinds, senders, moments, big ids, and what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Rejected, ScopeError, Verdict
from shoptui.adapters.desks import Request
from shoptui.adapters.shopee.chat_mapping import to_message, to_thread
from shoptui.adapters.shopee.chat_wire import ConversationRecord, MessageRecord
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from shoptui.domain.verbs import ReplyText
from tests.adapters.shopee.support import STORE, ScriptedShop, no, ok

AT = 1_790_562_330
LIST = "/sellerchat/get_conversation_list"
MESSAGES = "/sellerchat/get_message"
SEND = "/sellerchat/send_message"
ONE = "/sellerchat/get_one_conversation"


def record(**over: Any) -> dict[str, Any]:
    return {
        "message_id": "2415201187345121280",
        "conversation_id": "964055178203498872",
        "message_type": "text",
        "content": {"text": "When will it ship?"},
        "from_id": 880214477,
        "from_shop_id": 0,
        "to_id": 224461900,
        "to_shop_id": 224460123,
        "created_timestamp": AT,
        "region": "MY",
        "status": "normal",
        "source": "android",
        "message_option": 0,
        "source_content": {"order_sn": "260928K3T7WQ9P"},
        **over,
    }


def conversation(**over: Any) -> dict[str, Any]:
    return {
        "conversation_id": "964055178203498872",
        "to_id": 880214477,
        "to_name": "mei_ling88",
        "shop_id": 224460123,
        "unread_count": 1,
        "pinned": False,
        "last_read_message_id": "2415200113458745344",
        "latest_message_id": "2415201187345121280",
        "latest_message_type": "text",
        "latest_message_content": {"text": "When will it ship?"},
        "latest_message_from_id": 880214477,
        "last_message_timestamp": AT * 10**9,
        **over,
    }


def listed(*rows: Any, more: bool = False, cursor: str = "0") -> httpx.Response:
    following = {"next_message_time_nano": cursor, "conversation_id": "1"}
    return ok({"page_result": {"page_size": 25, "next_cursor": following, "more": more}, "conversations": list(rows)})


def page(*rows: Any, following: str = "") -> httpx.Response:
    return ok({"page_result": {"next_offset": following, "page_size": 25}, "messages": list(rows)})


def read(**over: Any) -> Message:
    return to_message(MessageRecord.model_validate(record(**over)), STORE, "964055178203498872")


def own(**over: Any) -> dict[str, Any]:
    return {"from_id": 224461900, "from_shop_id": 224460123, "to_id": 880214477, "to_shop_id": 0, **over}


@pytest.mark.parametrize(
    ("kind", "content", "expected", "reference", "link"),
    [
        ("image", {"url": "https://cf.example/i.jpg"}, MessageKind.PICTURE, "", "https://cf.example/i.jpg"),
        ("image_with_text", {"url": "javascript:x", "text": "Broken"}, MessageKind.PICTURE, "", ""),
        ("video", {"video_url": "https://cf.example/v", "vid": "v1"}, MessageKind.VIDEO, "v1", "https://cf.example/v"),
        ("item", {"shop_id": 1, "item_id": 23620853561}, MessageKind.PRODUCT, "23620853561", ""),
        ("order", {"shop_id": 1, "order_sn": "260928K3T7WQ9P"}, MessageKind.ORDER, "260928K3T7WQ9P", ""),
        ("return_refund_card", {"return_sn": "2609280SRFR1K2"}, MessageKind.RETURN, "2609280SRFR1K2", ""),
        ("voucher", {"voucher_id": 7, "voucher_code": "MUG10"}, MessageKind.VOUCHER, "MUG10", ""),
        ("sticker", {"sticker_id": "3", "sticker_package_id": "lion"}, MessageKind.STICKER, "", ""),
        ("notification", {"text": "The order is completed."}, MessageKind.NOTICE, "", ""),
        ("hologram", {"url": "https://cf.example/h"}, MessageKind.OTHER, "", ""),
        ("hologram", [1, 2], MessageKind.OTHER, "", ""),
    ],
)
def test_every_kind_has_its_own(kind: str, content: Any, expected: MessageKind, reference: str, link: str) -> None:
    found = read(message_type=kind, content=content)
    assert (found.kind, found.reference, found.link, found.raw_kind) == (expected, reference, link, kind)


@pytest.mark.parametrize(
    ("over", "sender"),
    [
        ({}, Sender.BUYER),
        ({"from_shop_id": 555}, Sender.BUYER),
        ({"from_shop_id": None}, Sender.BUYER),
        (own(), Sender.STORE),
        (own(status="web_chat"), Sender.STORE),
        (own(status="auto_reply"), Sender.ROBOT),
        (own(status="offwork_autoreply"), Sender.ROBOT),
        (own(source="chatbot"), Sender.ROBOT),
        (own(source="crm"), Sender.ROBOT),
        (own(message_type="faq_liveagent"), Sender.ROBOT),
        ({"message_type": "notification"}, Sender.SYSTEM),
        ({"from_id": 0}, Sender.SYSTEM),
    ],
)
def test_who_speaks_is_known_by_the_shop(over: dict[str, Any], sender: Sender) -> None:
    assert read(**over).sender is sender


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("normal", MessageState.NORMAL),
        ("censored_whitelist", MessageState.NORMAL),
        ("blocked", MessageState.BLOCKED),
        ("censored_blacklist", MessageState.BLOCKED),
        ("tomorrows_word", MessageState.NORMAL),
    ],
)
def test_what_moderation_did(status: str, state: MessageState) -> None:
    assert read(status=status).state is state


def test_a_text_says_which_order_it_was_written_from() -> None:
    assert read().reference == "260928K3T7WQ9P"
    assert read(source_content=None).reference == read(source_content={"item_id": 1}).reference == ""


def test_big_ids_come_as_numbers_too() -> None:
    found = read(message_id=2415201187345121281)
    assert found.message_id == "2415201187345121281" and found.order_key.endswith(found.message_id)
    thread = to_thread(ConversationRecord.model_validate(conversation(conversation_id=964055178203498873)), STORE)
    assert thread.thread_id == "964055178203498873"


@pytest.mark.parametrize("stamp", [AT, AT * 10**3, AT * 10**6, AT * 10**9 + 77, str(AT * 10**9)])
def test_moments_of_any_fineness_are_seconds(stamp: Any) -> None:
    found = to_thread(ConversationRecord.model_validate(conversation(last_message_timestamp=stamp)), STORE)
    assert (found.last_at, found.buyer_id, found.unread) == (AT, "880214477", 1)


@given(st.lists(st.tuples(st.integers(0, AT), st.integers(1, 2**63 - 1)), unique=True))
def test_keys_sort_as_times_and_ids_do(stamps: list[tuple[int, int]]) -> None:
    found = [read(created_timestamp=at, message_id=str(number)).order_key for at, number in sorted(stamps)]
    assert found == sorted(found) and len(set(found)) == len(found)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda each: st.lists(each, max_size=3)))
def test_nothing_that_may_be_absent_spoils_a_record(value: Any) -> None:
    of_message = ("content", "status", "source", "source_content")
    assert read(**dict.fromkeys(of_message, value)).sent_at == AT
    of_thread = ("to_name", "unread_count", "pinned", "latest_message_content", "last_message_timestamp")
    assert to_thread(
        ConversationRecord.model_validate(conversation(**dict.fromkeys(of_thread, value))), STORE
    ).thread_id


async def test_a_bad_record_is_named_and_costs_no_other() -> None:
    clock = DrivenClock(AT)
    script = {
        LIST: listed(conversation(), conversation(conversation_id="../x"), "nonsense"),
        MESSAGES: page(record(created_timestamp=None), record()),
    }
    shop = ScriptedShop(clock, script)
    assert shop.shop.chat is not None
    (first,) = [found async for found in shop.shop.chat.threads(STORE, 0)]
    assert [thread.thread_id for thread in first.threads] == ["964055178203498872"]
    assert [fault[0] for fault in first.faults] == ["../x", ""]
    (told,) = [found async for found in shop.shop.chat.messages(STORE, "964055178203498872")]
    assert len(told.messages) == 1 and told.faults[0][0] == "2415201187345121280"


async def test_half_an_emoji_costs_neither_name_nor_message() -> None:
    body = json.dumps({"error": "", "response": {"messages": [record(content={"text": "cut \ud83d off"})]}}).encode()
    shop = ScriptedShop(DrivenClock(AT), {MESSAGES: httpx.Response(200, content=body)})
    assert shop.shop.chat is not None
    (told,) = [found async for found in shop.shop.chat.messages(STORE, "964055178203498872")]
    assert told.messages[0].text == "cut \ufffd off"


async def test_a_list_that_goes_round_in_a_circle_ends() -> None:
    clock = DrivenClock(AT)
    script = {
        LIST: listed(conversation(), more=True, cursor=str(AT * 10**9)),
        MESSAGES: page(record(), following="2415201187345121280"),
    }
    shop = ScriptedShop(clock, script)
    assert shop.shop.chat is not None
    assert len([found async for found in shop.shop.chat.threads(STORE, 0)]) == 1
    assert len([found async for found in shop.shop.chat.messages(STORE, "964055178203498872")]) == 1


@pytest.mark.parametrize(
    "answer",
    [no("error_auth", "no chat", status=491), httpx.Response(491, text="<html>no</html>"), httpx.Response(491)],
)
async def test_the_gateways_own_status_is_a_missing_permission(answer: httpx.Response) -> None:
    shop = ScriptedShop(DrivenClock(AT), {LIST: answer})
    assert shop.shop.chat is not None
    with pytest.raises(ScopeError):
        _ = [found async for found in shop.shop.chat.threads(STORE, 0)]


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("user_is_forbidden", CauseId.CANNOT_SEND),
        ("reach_5_message_limit", CauseId.UNANSWERED),
        ("message_too_long", CauseId.TOO_LONG),
        ("message_is_censored", CauseId.SENSITIVE),
        ("error_business", CauseId.SENSITIVE),
        ("exceed_send_limitaion", CauseId.QUOTA),
        ("block_by_internal_safety_strategies", CauseId.CANNOT_SEND),
        ("error_sender_block_receiver", CauseId.CANNOT_SEND),
        ("assigned_to_subaccount", CauseId.CANNOT_SEND),
        ("sellerchat.shop_bound_subaccount", CauseId.CANNOT_SEND),
        ("first_chat_without_order_info", CauseId.CANNOT_SEND),
    ],
)
async def test_every_refusal_of_a_reply_is_named(code: str, cause: CauseId) -> None:
    request = Request("", "964055178203498872", ReplyText("Today.", "2415201187345121280"))
    shop = ScriptedShop(DrivenClock(AT), {ONE: ok(conversation()), SEND: no(code, "No.")})
    (outcome,) = await shop.shop.desks[Verb.REPLY].send(STORE, [request])
    assert outcome.verdict is Verdict.REFUSED and outcome.cause is not None and outcome.cause.id is cause
    assert shop.bodies(SEND) == [{"to_id": 880214477, "content": {"text": "Today."}, "message_type": "text"}]


async def test_a_success_without_a_message_is_looked_for() -> None:
    request = Request("", "964055178203498872", ReplyText("Today.", ""))
    shop = ScriptedShop(DrivenClock(AT), {ONE: ok(conversation()), SEND: ok({})})
    (outcome,) = await shop.shop.desks[Verb.REPLY].send(STORE, [request])
    assert outcome.verdict is Verdict.WAIT


async def test_other_refusals_of_a_conversation_are_not_taken_for_unknown() -> None:
    shop = ScriptedShop(DrivenClock(AT), {ONE: no("shop_banned", "No.")})
    assert shop.shop.chat is not None
    with pytest.raises(Rejected):
        await shop.shop.chat.thread(STORE, "1")
