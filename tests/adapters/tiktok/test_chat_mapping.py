"""TikTok Shop's chat records as they might come: kinds, senders, keys, and what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.tiktok.chat_mapping import to_message, to_thread
from shoptui.adapters.tiktok.chat_wire import ConversationRecord, MessageRecord
from shoptui.clock import DrivenClock
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from tests.adapters.tiktok.support import ScriptedShop, ok, store

AT = 1_767_225_011
LIST = "/customer_service/202309/conversations"


def record(**over: Any) -> dict[str, Any]:
    return {
        "id": "7494560109732339003",
        "index": "1767225011000003",
        "type": "TEXT",
        "content": json.dumps({"content": "Khi nào shop gửi hàng ạ?"}),
        "create_time": AT,
        "is_visible": True,
        "sender": {"im_user_id": "7494560109732335001", "role": "BUYER", "nickname": "lan.anh", "avatar": ""},
        **over,
    }


def read(**over: Any) -> Message:
    found = to_message(MessageRecord.model_validate(record(**over)), "tt-vn-1", "9")
    assert found is not None
    return found


def by(role: str, nickname: str = "Mug House") -> dict[str, str]:
    return {"role": role, "nickname": nickname}


@pytest.mark.parametrize(
    ("kind", "content", "expected", "reference"),
    [
        ("IMAGE", {"url": "https://p16.example/i.jpeg", "width": "304", "height": "290"}, MessageKind.PICTURE, ""),
        ("VIDEO", {"url": "https://p16.example/v.mp4", "width": 304, "vid": "v1"}, MessageKind.VIDEO, "v1"),
        ("PRODUCT_CARD", {"product_id": "1729"}, MessageKind.PRODUCT, "1729"),
        ("ORDER_CARD", {"order_id": "5770"}, MessageKind.ORDER, "5770"),
        ("RETURN_REFUND_CARD", {"order_id": "5770", "sku_id": "8"}, MessageKind.RETURN, "5770"),
        ("COUPON_CARD", {"coupon_id": "33"}, MessageKind.VOUCHER, "33"),
        ("LOGISTICS_CARD", {"order_id": "5770", "package_id": "4"}, MessageKind.PARCEL, "5770"),
        ("BUYER_ENTER_FROM_ORDER", {"order_id": "5770"}, MessageKind.NOTICE, "5770"),
        ("BUYER_ENTER_FROM_PRODUCT", {"product_id": 1729}, MessageKind.NOTICE, "1729"),
        ("ALLOCATED_SERVICE", {"content": "An agent joined"}, MessageKind.NOTICE, ""),
        ("EMOTICONS", {}, MessageKind.STICKER, ""),
        ("HOLOGRAM", {"content": "?"}, MessageKind.OTHER, ""),
    ],
)
def test_every_kind_has_its_own(kind: str, content: dict[str, Any], expected: MessageKind, reference: str) -> None:
    found = read(type=kind, content=json.dumps(content))
    assert (found.kind, found.reference, found.raw_kind) == (expected, reference, kind)
    assert found.link == content.get("url", "")
    assert found.width == int(content.get("width", 0))


@pytest.mark.parametrize(
    ("role", "sender", "name"),
    [
        ("BUYER", Sender.BUYER, ""),
        ("SHOP", Sender.STORE, "Mug House"),
        ("CUSTOMER_SERVICE", Sender.STORE, "Mug House"),
        ("ROBOT", Sender.ROBOT, "Mug House"),
        ("SYSTEM", Sender.SYSTEM, "Mug House"),
        ("GHOST", Sender.SYSTEM, "Mug House"),
    ],
)
def test_every_role_is_somebody(role: str, sender: Sender, name: str) -> None:
    assert (read(sender=by(role)).sender, read(sender=by(role)).name) == (sender, name)


def test_notices_nobody_shall_see_are_left_out() -> None:
    hidden = record(is_visible=False, sender=by("SYSTEM"), type="NOTIFICATION")
    assert to_message(MessageRecord.model_validate(hidden), "tt-vn-1", "9") is None
    assert read(is_visible=False).state is MessageState.RECALLED


@pytest.mark.parametrize("content", ["plain words", "", "[1,2]", '{"content":', "null", '{"content":{"a":1}}'])
def test_content_that_is_no_object_is_text_or_nothing(content: str) -> None:
    found = read(content=content)
    assert found.text in {content, ""}
    assert read(content=None).text == ""


def test_pictures_link_only_to_the_web() -> None:
    assert read(type="IMAGE", content=json.dumps({"url": "javascript:x", "width": "9" * 40})).link == ""
    assert read(type="IMAGE", content=json.dumps({"url": "javascript:x", "width": "9" * 40})).width == 0


@given(st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 999_999)), min_size=2, unique=True))
def test_keys_sort_as_indices_do(places: list[tuple[int, int]]) -> None:
    indices = sorted((AT + second) * 1_000_000 + number for second, number in places)
    keys = [read(index=str(index)).order_key for index in indices]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)


def test_a_message_without_an_index_stands_where_its_time_belongs() -> None:
    keys = [read(index=index, create_time=at).order_key for index, at in ((str(AT * 10**6), AT), ("", AT + 1))]
    assert keys == sorted(keys)
    assert read(index=None).order_key != read(index=None, id="8").order_key


def test_a_conversation_without_messages_or_people_is_one_all_the_same() -> None:
    found = to_thread(ConversationRecord.model_validate({"id": "7", "create_time": AT}), "tt-vn-1")
    assert (found.last_message_id, found.last_at, found.buyer, found.can_send) == ("", AT, "", None)


def test_a_support_person_is_named() -> None:
    people = [by("BUYER", "lan.anh"), by("SHOP"), by("CUSTOMER_SERVICE", "Mika")]
    found = to_thread(ConversationRecord.model_validate({"id": "7", "participants": people}), "tt-vn-1")
    assert (found.buyer, found.agent) == ("lan.anh", "Mika")


async def test_a_bad_record_costs_only_itself(clock: DrivenClock) -> None:
    rows = [record(), {"id": "8"}, "what?", record(id="9", content='{"content":"\\ud83d half"}')]
    shop = ScriptedShop(clock, {f"{LIST}/7/messages": ok({"messages": rows, "next_page_token": ""})})
    assert shop.shop.chat is not None
    (page,) = [page async for page in shop.shop.chat.messages(store(), "7")]
    assert [message.message_id for message in page.messages] == ["7494560109732339003", "9"]
    assert page.messages[1].text == "\ufffd half"
    assert [record_id for record_id, _why in page.faults] == ["8", ""]


async def test_a_token_that_leads_nowhere_ends_the_reading(clock: DrivenClock) -> None:
    conversation = {"id": "7", "latest_message": record()}
    page = ok({"conversations": [conversation], "next_page_token": "same"})
    shop = ScriptedShop(clock, {LIST: page})
    assert shop.shop.chat is not None
    found = [thread async for page in shop.shop.chat.threads(store(), 0) for thread in page.threads]
    assert [thread.thread_id for thread in found] == ["7"]
    assert len(shop.asked) == 2


async def test_half_a_character_does_not_cost_the_page(clock: DrivenClock) -> None:
    conversation = {"id": "7", "latest_message": record(), "participants": [by("BUYER", "lan \ud83d")]}
    body = json.dumps({"code": 0, "data": {"conversations": [conversation]}}).encode()
    shop = ScriptedShop(clock, {LIST: httpx.Response(200, content=body)})
    assert shop.shop.chat is not None
    found = [thread async for page in shop.shop.chat.threads(store(), 0) for thread in page.threads]
    assert found[0].buyer == "lan \ufffd"


async def test_a_page_that_is_none_is_empty(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {LIST: ok(None)})
    assert shop.shop.chat is not None
    assert [page async for page in shop.shop.chat.threads(store(), 0)] == []
