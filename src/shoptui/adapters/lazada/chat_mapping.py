"""Lazada's sessions and messages as threads and messages of the house."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from shoptui.adapters.chat_text import message_text, web_link
from shoptui.adapters.lazada.chat_wire import MessageRecord, SessionRecord
from shoptui.adapters.lazada.times import from_number
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender, Thread
from shoptui.text import sanitise_cell

_KINDS: Mapping[str, MessageKind] = MappingProxyType(
    {
        "1": MessageKind.TEXT,
        "2": MessageKind.NOTICE,
        "3": MessageKind.PICTURE,
        "4": MessageKind.STICKER,
        "6": MessageKind.VIDEO,
        "10006": MessageKind.PRODUCT,
        "10007": MessageKind.ORDER,
        "10008": MessageKind.VOUCHER,
        "10011": MessageKind.RETURN,
        "10015": MessageKind.TEXT,
    }
)
_MENU = "10015"
_BUYER, _SELLER = 1, 2
_BY_SYSTEM = 2
_RECALLED = 1
# What a card is about, what it reads, and where its picture is, by the first of these fields it has.
_REFERENCES = ("orderId", "itemId", "voucherId", "refundOrderId", "videoId")
_TEXTS = ("txt", "title", "refundOrderReason", "desc")
_LINKS = ("videoUrl", "imgUrl")
_PIXELS_MAX = 100_000
_ACTIONS_MAX = 20


def to_thread(record: SessionRecord, store_id: str) -> Thread:
    """The session as it is listed. Whether it takes a message only trying tells."""
    return Thread(
        store_id=store_id,
        thread_id=record.session_id,
        buyer_id=record.buyer_id or "",
        buyer=sanitise_cell(record.title or ""),
        unread=max(0, record.unread_count or 0),
        last_message_id=record.last_message_id or "",
        last_at=from_number(record.last_message_time) or 0,
    )


def to_message(record: MessageRecord, store_id: str, thread_id: str) -> Message:
    """The message; one that was taken back keeps its place without its words."""
    content = _content(record.content or "")
    recalled = record.status == _RECALLED
    state = MessageState.NORMAL
    if recalled:
        state = MessageState.RECALLED
    elif record.process_msg:
        state = MessageState.BLOCKED
    return Message(
        store_id=store_id,
        thread_id=thread_id,
        message_id=record.message_id,
        order_key=f"{record.send_time:014d}.{record.message_id}",
        kind=_KINDS.get(record.template_id, MessageKind.OTHER),
        sender=_sender(record),
        sent_at=from_number(record.send_time) or 0,
        text="" if recalled else message_text(_text(record.template_id, content)),
        state=state,
        link="" if recalled else web_link(_first(content, _LINKS)),
        width=_pixels(content, "width"),
        height=_pixels(content, "height"),
        reference=sanitise_cell(_first(content, _REFERENCES), limit=64),
        raw_kind=sanitise_cell(record.template_id, limit=64),
    )


def _sender(record: MessageRecord) -> Sender:
    """Automatic answers are the store's robot, also where Lazada's system sends them."""
    if record.from_account_type == _SELLER and (record.auto_reply or record.template_id == _MENU):
        return Sender.ROBOT
    if record.type == _BY_SYSTEM:
        return Sender.SYSTEM
    if record.from_account_type == _BUYER:
        return Sender.BUYER
    return Sender.STORE if record.from_account_type == _SELLER else Sender.SYSTEM


def _text(template: str, content: Mapping[str, object]) -> str:
    text = _first(content, _TEXTS)
    if template != _MENU:
        return text
    choices = (_words(content, f"action{number}Txt") for number in range(1, _ACTIONS_MAX))
    return "\n".join([text, *(f"- {choice}" for choice in choices if choice)])


def _content(text: str) -> Mapping[str, object]:
    """The content's fields; what is no JSON object is taken for the text itself."""
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"txt": text}


def _first(content: Mapping[str, object], names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := _words(content, name))), "")


def _words(content: Mapping[str, object], key: str) -> str:
    value = content.get(key)
    if isinstance(value, bool):
        return ""
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _pixels(content: Mapping[str, object], key: str) -> int:
    """A size, as a number or as text; 0 when it is none."""
    text = _words(content, key)
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
    return size if size <= _PIXELS_MAX else 0
