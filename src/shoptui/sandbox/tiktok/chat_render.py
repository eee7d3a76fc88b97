"""How TikTok Shop writes conversations and messages (sheet sections 12.2 and 12.3)."""

from __future__ import annotations

import json
from typing import Any

from ..world.chat_model import ChatMessage, ChatThread, Speaker, TalkKind
from ..world.chats import Chats
from ..world.model import Store
from .render import encode

AVATARS = "https://p16-oec-sg.example"

_ROLES = {
    Speaker.BUYER: "BUYER",
    Speaker.STORE: "CUSTOMER_SERVICE",
    Speaker.ROBOT: "ROBOT",
    Speaker.PLATFORM: "SYSTEM",
    Speaker.SYSTEM: "SYSTEM",
}
TYPES = {
    TalkKind.TEXT: "TEXT",
    TalkKind.PICTURE: "IMAGE",
    TalkKind.VIDEO: "VIDEO",
    TalkKind.PRODUCT: "PRODUCT_CARD",
    TalkKind.ORDER: "ORDER_CARD",
    TalkKind.RETURN: "RETURN_REFUND_CARD",
    TalkKind.PARCEL: "LOGISTICS_CARD",
    TalkKind.VOUCHER: "COUPON_CARD",
    TalkKind.STICKER: "EMOTICONS",
    TalkKind.NOTICE: "NOTIFICATION",
    TalkKind.FROM_ORDER: "BUYER_ENTER_FROM_ORDER",
    TalkKind.FROM_PRODUCT: "BUYER_ENTER_FROM_PRODUCT",
    TalkKind.OTHER: "OTHER",
}


def im_user(role: str, owner_id: str) -> str:
    """A person's id in chats, which is no user id: of no use for orders."""
    return str(7_494_560_000_000_000_000 + (int(owner_id) * 31 + len(role)) % 10**15)


def conversation_json(chats: Chats, thread: ChatThread, now: int) -> bytes:
    """One entry of the list of conversations, with its newest message."""
    return encode(conversation(chats, thread, now)).encode()


def conversation(chats: Chats, thread: ChatThread, now: int) -> dict[str, Any]:
    """One conversation as the list and the single call give it."""
    buyer, store = thread.buyer, thread.store
    participants: list[dict[str, Any]] = [
        {
            "im_user_id": im_user("BUYER", buyer.id),
            "user_id": buyer.id,
            "role": "BUYER",
            "nickname": buyer.nickname,
            "avatar": f"{AVATARS}/b{buyer.id}.jpeg",
        },
        {
            "im_user_id": im_user("SHOP", store.id),
            "user_id": store.id,
            "role": "SHOP",
            "nickname": store.name,
            "avatar": f"{AVATARS}/s{store.id}.jpeg",
        },
    ]
    if thread.agent:
        participants.append(
            {
                "im_user_id": im_user("CUSTOMER_SERVICE", store.id),
                "user_id": "",
                "role": "CUSTOMER_SERVICE",
                "nickname": thread.agent,
                "avatar": "",
            }
        )
    found: dict[str, Any] = {
        "id": thread.id,
        "participant_count": len(participants),
        "can_send_message": chats.can_send(thread, now),
        "unread_count": thread.unread,
        "create_time": thread.created_at,
        "participants": participants,
    }
    if thread.last is not None:
        found["latest_message"] = message(thread.last)
    return found


def index_of(one: ChatMessage) -> str:
    """A number as text that grows with time, with gaps."""
    return f"{one.sent_at}{one.number % 10**6:06d}"


def message(one: ChatMessage) -> dict[str, Any]:
    """One message; what was taken back is there but not to be shown."""
    return {
        "id": one.id,
        "index": index_of(one),
        "type": TYPES[one.kind],
        "content": json.dumps(_content(one), ensure_ascii=False, separators=(",", ":")),
        "create_time": one.sent_at,
        "is_visible": one.recalled_at is None and not one.is_blocked,
        "sender": _sender(one),
    }


def _sender(one: ChatMessage) -> dict[str, Any]:
    thread = one.thread
    if one.by is Speaker.BUYER:
        return {
            "im_user_id": im_user("BUYER", thread.buyer.id),
            "role": "BUYER",
            "nickname": thread.buyer.nickname,
            "avatar": f"{AVATARS}/b{thread.buyer.id}.jpeg",
        }
    store: Store = thread.store
    names = {Speaker.PLATFORM: thread.agent or "TikTok Shop", Speaker.SYSTEM: "TikTok Shop"}
    return {
        "im_user_id": im_user("SHOP", store.id),
        "role": _ROLES[one.by],
        "nickname": names.get(one.by, store.name),
        "avatar": "",
    }


def _content(one: ChatMessage) -> dict[str, Any]:
    match one.kind:
        case TalkKind.PICTURE:
            # Sizes come as strings here and as numbers in videos.
            return {"url": one.link, "width": str(one.width), "height": str(one.height)}
        case TalkKind.VIDEO:
            return {
                "url": one.link,
                "cover": "",
                "width": one.width,
                "height": one.height,
                "duration": "12",
                "vid": one.reference,
                "format": "mp4",
            }
        case TalkKind.PRODUCT | TalkKind.FROM_PRODUCT:
            return {"product_id": one.reference}
        case TalkKind.ORDER | TalkKind.FROM_ORDER:
            return {"order_id": one.reference}
        case TalkKind.RETURN:
            order_id, _, sku_id = one.reference.partition("/")
            return {"order_id": order_id, "sku_id": sku_id}
        case TalkKind.PARCEL:
            order_id, _, package_id = one.reference.partition("/")
            return {"order_id": order_id, "package_id": package_id}
        case TalkKind.VOUCHER:
            return {"coupon_id": one.reference}
        case TalkKind.STICKER:
            return {}
        case _:
            return {"content": one.text}
