"""How Shopee writes conversations and messages (sheet, sections 9.3, 9.4 and 9.6)."""

from __future__ import annotations

from typing import Any

from ..reading import is_digits
from ..world.chat_model import ChatMessage, ChatThread, Speaker, TalkKind
from ..world.model import Store

NANO = 1_000_000_000
_SHOP_USER = 1_777
"""A shop speaks as its owner's user, whose id is not the shop's."""

TYPES = {
    TalkKind.TEXT: "text",
    TalkKind.PICTURE: "image",
    TalkKind.VIDEO: "video",
    TalkKind.PRODUCT: "item",
    TalkKind.ORDER: "order",
    TalkKind.RETURN: "return_refund_card",
    TalkKind.PARCEL: "logistics_card",
    TalkKind.VOUCHER: "voucher",
    TalkKind.STICKER: "sticker",
    TalkKind.NOTICE: "notification",
    TalkKind.OTHER: "webview",
}
_ENTERED = frozenset({TalkKind.FROM_ORDER, TalkKind.FROM_PRODUCT})


def shown(thread: ChatThread) -> list[ChatMessage]:
    """What a shop can read of a conversation, oldest first.

    What was taken back is gone without a trace, and where a buyer came from stands in the message that follows.
    """
    return [one for one in thread.messages if one.recalled_at is None and one.kind not in _ENTERED]


def nano(one: ChatMessage) -> int:
    """When a message was sent, in nanoseconds: no two messages of the world have the same."""
    return one.sent_at * NANO + one.number % NANO


def shop_user(store: Store) -> int:
    """The user id of the shop's owner."""
    return int(store.id) + _SHOP_USER


def conversation(thread: ChatThread, messages: list[ChatMessage]) -> dict[str, Any]:
    """One conversation as list and single call give it; `messages` are its `shown` ones, of which there is one."""
    buyer, last = thread.buyer, messages[-1]
    read = next((one.id for one in reversed(messages) if one.number <= thread.read_number), "0")
    seen = next((one.id for one in reversed(messages) if one.number <= thread.buyer_read_number), "0")
    return {
        "conversation_id": thread.id,
        "to_id": int(buyer.id),
        "to_name": buyer.nickname,
        "to_avatar": f"https://cf.shopee.example/file/avatar_{buyer.id}",
        "shop_id": int(thread.store.id),
        "unread_count": thread.unread,
        "pinned": thread.is_pinned,
        "mute": thread.is_muted,
        "last_read_message_id": read,
        "latest_message_id": last.id,
        "latest_message_type": TYPES[last.kind],
        "latest_message_content": content_of(last),
        "latest_message_from_id": _from(last)[0],
        "last_message_timestamp": nano(last),
        "last_message_option": 0,
        "max_general_option_hide_time": "0",
        "opposite_last_deliver_msg_id": last.id,
        "opposite_last_read_msg_id": seen,
    }


def message(one: ChatMessage) -> dict[str, Any]:
    """One message of a conversation."""
    thread = one.thread
    from_id, from_shop_id = _from(one)
    by_shop = from_shop_id != 0
    return {
        "message_id": one.id,
        "conversation_id": thread.id,
        "message_type": TYPES[one.kind],
        "content": content_of(one),
        "from_id": from_id,
        "from_shop_id": from_shop_id,
        "to_id": int(thread.buyer.id) if by_shop else shop_user(thread.store),
        "to_shop_id": 0 if by_shop else int(thread.store.id),
        "created_timestamp": one.sent_at,
        "region": thread.store.region,
        "status": "blocked" if one.is_blocked else "auto_reply" if one.by is Speaker.ROBOT else "normal",
        "source": "openapi" if by_shop else "android",
        "message_option": 0,
        "source_content": _source(one),
        "business_type": 0,
    }


def content_of(one: ChatMessage) -> dict[str, Any]:
    """The object whose shape follows from the type."""
    shop_id = int(one.thread.store.id)
    match one.kind:
        case TalkKind.PICTURE:
            sizes = {"thumb_height": one.height // 4, "thumb_width": one.width // 4}
            return {"url": one.link, "thumb_url": one.link, **sizes, "file_server_id": 0}
        case TalkKind.VIDEO:
            return {"video_url": one.link, "thumb_url": "", "duration_seconds": 12, "vid": one.reference}
        case TalkKind.PRODUCT:
            return {"shop_id": shop_id, "item_id": _number(one.reference)}
        case TalkKind.ORDER | TalkKind.PARCEL:
            return {"shop_id": shop_id, "order_sn": one.reference}
        case TalkKind.RETURN:
            return {"shop_id": shop_id, "return_sn": one.reference}
        case TalkKind.VOUCHER:
            voucher_id, _, code = one.reference.partition("/")
            return {"voucher_id": _number(voucher_id), "voucher_code": code}
        case TalkKind.STICKER:
            pack, _, sticker = one.reference.partition("/")
            return {"sticker_id": sticker or "1", "sticker_package_id": pack or "shopee_lion"}
        case _:
            return {"text": one.text}


def _from(one: ChatMessage) -> tuple[int, int]:
    """Who speaks: user and shop. Shopee itself is nobody."""
    if one.by is Speaker.BUYER:
        return int(one.thread.buyer.id), 0
    if one.by in (Speaker.STORE, Speaker.ROBOT):
        return shop_user(one.thread.store), int(one.thread.store.id)
    return 0, 0


def _source(one: ChatMessage) -> dict[str, Any]:
    """The page the buyer came from right before writing this."""
    said = one.thread.messages
    if one.by is not Speaker.BUYER:
        return {}
    at = next(index for index in range(len(said) - 1, -1, -1) if said[index] is one)
    before = said[at - 1] if at else None
    if before is None or before.kind not in _ENTERED:
        return {}
    if before.kind is TalkKind.FROM_ORDER:
        return {"order_sn": before.reference}
    return {"item_id": _number(before.reference)}


def _number(text: str) -> int | str:
    return int(text) if is_digits(text) else text
