"""Shopee's conversations and messages as threads and messages of the house."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from shoptui.adapters.chat_records import word_in
from shoptui.adapters.chat_text import message_text, web_link
from shoptui.adapters.shopee.chat_wire import ConversationRecord, MessageRecord
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender, Thread
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

#: Where programs may read but not write (sheet, section 9.1).
NO_SENDING = frozenset({"TW"})

_ORDER = "order"
_KINDS: Mapping[str, MessageKind] = MappingProxyType(
    {
        "text": MessageKind.TEXT,
        "image": MessageKind.PICTURE,
        "image_with_text": MessageKind.PICTURE,
        "video": MessageKind.VIDEO,
        "sticker": MessageKind.STICKER,
        "item": MessageKind.PRODUCT,
        "item_list": MessageKind.PRODUCT,
        "shopping_cart": MessageKind.PRODUCT,
        "bundle_deal": MessageKind.PRODUCT,
        "add_on_deal": MessageKind.PRODUCT,
        "variation_card": MessageKind.PRODUCT,
        _ORDER: MessageKind.ORDER,
        "voucher": MessageKind.VOUCHER,
        "logistics_card": MessageKind.PARCEL,
        "return_refund_card": MessageKind.RETURN,
        "notification": MessageKind.NOTICE,
        "unrated_order_reminder": MessageKind.NOTICE,
        "out_of_stock_reminder_card": MessageKind.NOTICE,
    }
)
# The shop's assistant speaks by itself in these, whatever their status says.
_BY_ASSISTANT = ("faq", "new_faq", "general_option_pack", "unrated_order_reminder", "out_of_stock_reminder_card")
_AUTOMATIC_STATUS = frozenset({"auto_reply", "offwork_autoreply"})
# A broadcast to many buyers answers nobody's question.
_AUTOMATIC_SOURCE = frozenset({"chatbot", "crm", "push"})
_BLOCKED = frozenset({"blocked", "censored_blacklist"})
# What a card is about, by the first of these fields it has.
_REFERENCES = ("order_sn", "return_sn", "item_id", "voucher_code", "voucher_id", "vid")
_LINKS = ("url", "image_url", "video_url", "thumb_url")
_NOBODY = frozenset({"", "0"})
_SECONDS_DIGITS, _ID_DIGITS = 11, 20


def to_thread(record: ConversationRecord, store: Store) -> Thread:
    """The conversation as it is listed. Whether it takes a message only trying tells, but for where nothing does."""
    about = record.latest_message_content if record.latest_message_type == _ORDER else None
    return Thread(
        store_id=store.store_id,
        thread_id=record.conversation_id,
        buyer_id=_known(record.to_id),
        buyer=sanitise_cell(record.to_name or ""),
        unread=max(0, record.unread_count or 0),
        last_message_id=_known(record.latest_message_id),
        last_at=record.last_message_timestamp or 0,
        can_send=False if store.region in NO_SENDING else None,
        order_no=sanitise_cell(word_in(_fields(about), "order_sn"), limit=64),
    )


def to_message(record: MessageRecord, store: Store, thread_id: str) -> Message:
    """The message. Shopee leaves out what was taken back, and knows no names of a shop's staff."""
    content = _fields(record.content)
    kind = _KINDS.get(record.message_type, MessageKind.OTHER)
    has_link = kind in (MessageKind.PICTURE, MessageKind.VIDEO)
    reference = next((found for key in _REFERENCES if (found := word_in(content, key))), "")
    if kind is MessageKind.TEXT:
        reference = (record.source_content.order_sn if record.source_content else None) or ""
    return Message(
        store_id=store.store_id,
        thread_id=thread_id,
        message_id=record.message_id,
        # Seconds alone do not order what was said within one; ids grow with time.
        order_key=f"{record.created_timestamp:0{_SECONDS_DIGITS}d}.{record.message_id.zfill(_ID_DIGITS)}",
        kind=kind,
        sender=_sender(record, store),
        sent_at=record.created_timestamp,
        text=message_text(word_in(content, "text")),
        state=MessageState.BLOCKED if record.status in _BLOCKED else MessageState.NORMAL,
        link=next((link for key in _LINKS if (link := web_link(word_in(content, key)))), "") if has_link else "",
        reference=sanitise_cell(reference, limit=64),
        raw_kind=sanitise_cell(record.message_type, limit=64),
    )


def _sender(record: MessageRecord, store: Store) -> Sender:
    """Own messages are known by the shop, not by the user who speaks for it."""
    if record.from_shop_id == store.shop_id:
        by_itself = (
            record.status in _AUTOMATIC_STATUS
            or record.source in _AUTOMATIC_SOURCE
            or record.message_type.startswith(_BY_ASSISTANT)
        )
        return Sender.ROBOT if by_itself else Sender.STORE
    if record.message_type == "notification" or record.from_id == "0":
        return Sender.SYSTEM
    return Sender.BUYER


def _known(record_id: str | None) -> str:
    return "" if record_id is None or record_id in _NOBODY else record_id


def _fields(content: dict[str, Any] | str | None) -> Mapping[str, object]:
    """The content's fields; a bare string is the text itself."""
    return {"text": content} if isinstance(content, str) else content or {}
