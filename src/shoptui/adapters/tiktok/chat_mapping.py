"""TikTok Shop's conversations and messages as threads and messages of the house."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from shoptui.adapters.chat_records import word_in
from shoptui.adapters.chat_text import message_text, web_link
from shoptui.adapters.tiktok.chat_wire import ConversationRecord, MessageRecord, Participant
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender, Thread
from shoptui.text import sanitise_cell

_SENDERS: Mapping[str, Sender] = MappingProxyType(
    {
        "BUYER": Sender.BUYER,
        "SHOP": Sender.STORE,
        "CUSTOMER_SERVICE": Sender.STORE,
        "ROBOT": Sender.ROBOT,
        "SYSTEM": Sender.SYSTEM,
    }
)
_KINDS: Mapping[str, MessageKind] = MappingProxyType(
    {
        "TEXT": MessageKind.TEXT,
        "IMAGE": MessageKind.PICTURE,
        "VIDEO": MessageKind.VIDEO,
        "PRODUCT_CARD": MessageKind.PRODUCT,
        "ORDER_CARD": MessageKind.ORDER,
        "RETURN_REFUND_CARD": MessageKind.RETURN,
        "COUPON_CARD": MessageKind.VOUCHER,
        "LOGISTICS_CARD": MessageKind.PARCEL,
        "EMOTICONS": MessageKind.STICKER,
        "BUYER_ENTER_FROM_PRODUCT": MessageKind.NOTICE,
        "BUYER_ENTER_FROM_ORDER": MessageKind.NOTICE,
        "BUYER_ENTER_FROM_TRANSFER": MessageKind.NOTICE,
        "ALLOCATED_SERVICE": MessageKind.NOTICE,
        "NOTIFICATION": MessageKind.NOTICE,
    }
)
# What a card is about, by the first of these fields it has.
_REFERENCES = ("order_id", "product_id", "coupon_id", "vid")
_PEOPLE = frozenset({Sender.BUYER, Sender.STORE})
# TikTok Shop's own indices are about microseconds; what has none is put where its time belongs.
_INDEX_PER_S = 1_000_000
_INDEX_DIGITS = 20
_PIXELS_MAX = 100_000


def to_thread(record: ConversationRecord, store_id: str) -> Thread:
    """The conversation as it is listed. Its newest message may be one that is not to be shown."""
    buyer = _person(record, "BUYER")
    agent = _person(record, "CUSTOMER_SERVICE")
    last = record.latest_message
    return Thread(
        store_id=store_id,
        thread_id=record.id,
        buyer_id=(buyer.user_id if buyer else None) or "",
        buyer=sanitise_cell((buyer.nickname if buyer else None) or ""),
        unread=max(0, record.unread_count or 0),
        last_message_id=last.id if last else "",
        last_at=last.create_time if last else record.create_time or 0,
        can_send=record.can_send_message,
        agent=sanitise_cell((agent.nickname if agent else None) or ""),
    )


def to_message(record: MessageRecord, store_id: str, thread_id: str) -> Message | None:
    """The message, None for a notice that is not to be shown to anybody.

    TikTok Shop has no mark for what was taken back: a person's message that may not be shown any more counts as that.
    """
    sender = _SENDERS.get((record.sender.role if record.sender else None) or "", Sender.SYSTEM)
    recalled = record.is_visible is False
    if recalled and sender not in _PEOPLE:
        return None
    content = _content(record.content or "")
    kind = _KINDS.get(record.type, MessageKind.OTHER)
    name = record.sender.nickname if record.sender and sender is not Sender.BUYER else None
    return Message(
        store_id=store_id,
        thread_id=thread_id,
        message_id=record.id,
        order_key=_order_key(record),
        kind=kind,
        sender=sender,
        sent_at=record.create_time,
        text="" if recalled else message_text(word_in(content, "content")),
        state=MessageState.RECALLED if recalled else MessageState.NORMAL,
        link="" if recalled else web_link(word_in(content, "url")),
        width=_pixels(content, "width"),
        height=_pixels(content, "height"),
        reference=next((found for key in _REFERENCES if (found := sanitise_cell(word_in(content, key), limit=64))), ""),
        raw_kind=sanitise_cell(record.type, limit=64),
        name=sanitise_cell(name or ""),
    )


def _person(record: ConversationRecord, role: str) -> Participant | None:
    return next((person for person in record.participants or () if person.role == role), None)


def _order_key(record: MessageRecord) -> str:
    index = record.index or ""
    if index.isascii() and index.isdigit() and len(index) <= _INDEX_DIGITS:
        return index.zfill(_INDEX_DIGITS)
    return f"{record.create_time * _INDEX_PER_S:0{_INDEX_DIGITS}d}.{record.id}"


def _content(text: str) -> Mapping[str, object]:
    """The content's fields; what is no JSON object is taken for the text itself."""
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"content": text}


def _pixels(content: Mapping[str, object], key: str) -> int:
    """A size, which comes as text in pictures and as a number in videos; 0 when it is none."""
    text = word_in(content, key)
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
    return size if size <= _PIXELS_MAX else 0
