"""Lazada's chat records as they might come: kinds, senders, odd types, and what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.lazada.chat_mapping import to_message, to_thread
from shoptui.adapters.lazada.chat_wire import MessageRecord, SessionRecord
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender

AT_MS = 1_767_574_100_412
SESSION = "100200300_2_300415728842_1_103"


def record(**over: Any) -> dict[str, Any]:
    return {
        "message_id": "26aQ9xK0BtmPq40117",
        "session_id": SESSION,
        "from_account_type": 1,
        "from_account_id": "300415728842",
        "to_account_type": 2,
        "to_account_id": "100200300",
        "type": 1,
        "template_id": 1,
        "content": '{"txt":"when will you ship?"}',
        "send_time": AT_MS,
        "status": 0,
        "auto_reply": False,
        "process_msg": "",
        "site_id": "MY",
        **over,
    }


def read(**over: Any) -> Message:
    return to_message(MessageRecord.model_validate(record(**over)), "lz-my-1", SESSION)


@pytest.mark.parametrize(
    ("template", "content", "kind", "text", "reference"),
    [
        (3, {"imgUrl": "https://my-live.example/i.jpg", "width": "304", "height": 290}, MessageKind.PICTURE, "", ""),
        (4, {"txt": "[happy]"}, MessageKind.STICKER, "[happy]", ""),
        (6, {"videoId": "v1", "videoUrl": "https://v.example/1.mp4", "imgUrl": "x"}, MessageKind.VIDEO, "", "v1"),
        (10006, {"itemId": 3120457781, "title": "Kettle"}, MessageKind.PRODUCT, "Kettle", "3120457781"),
        (10007, {"orderId": "498120337128842", "title": "Kettle"}, MessageKind.ORDER, "Kettle", "498120337128842"),
        (10008, {"voucherId": "9", "title": "5 off"}, MessageKind.VOUCHER, "5 off", "9"),
        (10011, {"refundOrderId": "7", "refundOrderReason": "Broken"}, MessageKind.RETURN, "Broken", "7"),
        (2, {"txt": "A message was recalled."}, MessageKind.NOTICE, "A message was recalled.", ""),
        (10010, {"title": "Follow us"}, MessageKind.OTHER, "Follow us", ""),
        (99, {}, MessageKind.OTHER, "", ""),
    ],
)
def test_every_template_has_its_kind(
    template: int, content: dict[str, Any], kind: MessageKind, text: str, reference: str
) -> None:
    found = read(template_id=template, content=json.dumps(content))
    assert (found.kind, found.text, found.reference) == (kind, text, reference)
    assert found.raw_kind == str(template)
    assert found.link == content.get("videoUrl", content.get("imgUrl", ""))
    assert (found.width, found.height) == (int(content.get("width", 0)), int(content.get("height", 0)))


@pytest.mark.parametrize(
    ("over", "sender"),
    [
        ({}, Sender.BUYER),
        ({"from_account_type": "2"}, Sender.STORE),
        ({"from_account_type": 2, "auto_reply": "true"}, Sender.ROBOT),
        ({"from_account_type": 2, "auto_reply": True, "type": 2}, Sender.ROBOT),
        ({"from_account_type": 2, "template_id": 10015}, Sender.ROBOT),
        ({"from_account_type": 2, "type": 2}, Sender.SYSTEM),
        ({"from_account_type": 1, "type": 2}, Sender.SYSTEM),
        ({"from_account_type": None}, Sender.SYSTEM),
    ],
)
def test_who_speaks(over: dict[str, Any], sender: Sender) -> None:
    assert read(**over).sender is sender


def test_an_automatic_menu_reads_with_its_choices() -> None:
    content = {"txt": "How can we help?", "actionSize": 2, "action1Txt": "Where is it?", "action2Txt": "Returns"}
    found = read(template_id=10015, from_account_type=2, content=json.dumps(content))
    assert found.kind is MessageKind.TEXT
    assert found.text == "How can we help?\n- Where is it?\n- Returns"


@pytest.mark.parametrize(
    ("over", "state", "text"),
    [
        ({"status": "1"}, MessageState.RECALLED, ""),
        ({"status": 1, "process_msg": "hidden"}, MessageState.RECALLED, ""),
        ({"process_msg": "Not delivered"}, MessageState.BLOCKED, "when will you ship?"),
        ({"process_msg": None, "status": None}, MessageState.NORMAL, "when will you ship?"),
    ],
)
def test_what_became_of_a_message(over: dict[str, Any], state: MessageState, text: str) -> None:
    found = read(**over)
    assert (found.state, found.text) == (state, text)


def test_messages_of_one_second_keep_their_order() -> None:
    first, second = read(send_time=str(AT_MS), message_id="Z"), read(send_time=AT_MS + 1, message_id="A")
    assert first.order_key < second.order_key and first.sent_at == second.sent_at == AT_MS // 1000


def test_halves_of_characters_and_broken_contents_stay_text() -> None:
    assert read(content='{"txt":"ok \\ud83d"}').text == "ok \ufffd"
    assert read(content="no json").text == "no json"
    assert read(content="[1]").text == "[1]"
    assert read(content='{"txt":{"a":1}}').text == ""
    assert read(content="[" * 100_000).text.startswith("[[[")


def test_sessions_read_with_numbers_as_text_and_huge_ids() -> None:
    found = to_thread(
        SessionRecord.model_validate(
            {
                "session_id": SESSION,
                "buyer_id": 9_223_372_036_854_775_807,
                "title": "\x1b[31mnur_a88",
                "unread_count": "2",
                "last_message_id": "26aQ9xK0BtmPq40117",
                "last_message_time": str(AT_MS),
            }
        ),
        "lz-my-1",
    )
    assert (found.buyer_id, found.buyer, found.unread) == ("9223372036854775807", "nur_a88", 2)
    assert (found.last_at, found.last_message_id) == (AT_MS // 1000, "26aQ9xK0BtmPq40117")


@given(st.text(max_size=200), st.one_of(st.none(), st.integers(), st.text(max_size=5)))
def test_nothing_in_a_record_breaks_reading_it(content: str, odd: object) -> None:
    found = read(content=content, from_account_type=odd, status=odd, auto_reply=odd, process_msg=odd)
    assert "\x1b" not in found.text and found.message_id == "26aQ9xK0BtmPq40117"
