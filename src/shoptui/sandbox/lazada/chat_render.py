"""How Lazada writes sessions and messages: times in milliseconds, contents as JSON text (sheet section 11)."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Any

from ..world.chat_model import ChatMessage, ChatThread, Speaker, TalkKind

SYSTEM_TEMPLATE = 2
_UNKNOWN_TEMPLATE = 10_999
BUYER, SELLER = 1, 2

TEMPLATES = {
    TalkKind.TEXT: 1,
    TalkKind.NOTICE: SYSTEM_TEMPLATE,
    TalkKind.PICTURE: 3,
    TalkKind.STICKER: 4,
    TalkKind.VIDEO: 6,
    TalkKind.PRODUCT: 10006,
    TalkKind.FROM_PRODUCT: 10006,
    TalkKind.ORDER: 10007,
    TalkKind.FROM_ORDER: 10007,
    TalkKind.PARCEL: 10007,
    TalkKind.VOUCHER: 10008,
    TalkKind.RETURN: 10011,
}
BLOCKED = "This message contains content that is not allowed and was not delivered to the buyer."


def millis(one: ChatMessage) -> int:
    """When it was sent, in milliseconds: those of one second stand in the order in which they were said."""
    same = one.thread.messages
    at = bisect_left(same, one.number, key=lambda each: each.number)
    before = 0
    while before < at and same[at - before - 1].sent_at == one.sent_at:
        before += 1
    return one.sent_at * 1000 + min(before, 999)


def last_millis(thread: ChatThread) -> int:
    """When the last message was sent, in milliseconds; of a session without any, when it began."""
    return millis(thread.last) if thread.last is not None else thread.created_at * 1000


def session(thread: ChatThread, *, listed: bool) -> dict[str, Any]:
    """One session; positions are text in the list and numbers in the single call."""
    last = thread.last
    positions = {
        "self_position": _position(thread, thread.read_number),
        "to_position": _position(thread, thread.buyer_read_number),
    }
    return {
        "session_id": thread.id,
        "buyer_id": int(thread.buyer.id),
        "title": thread.buyer.nickname,
        "head_url": f"https://{thread.store.region.lower()}-live.slatic.example/p/{thread.buyer.id}.png",
        "summary": _summary(last) if last is not None else "",
        "unread_count": thread.unread,
        "last_message_id": last.id if last is not None else "",
        "last_message_time": last_millis(thread),
        **({name: str(at) for name, at in positions.items()} if listed else positions),
        "tags": [],
        "site_id": thread.store.region,
    }


def message(one: ChatMessage) -> dict[str, Any]:
    """One message. What was taken back stays in its place, without its words."""
    thread = one.thread
    by_buyer = one.by is Speaker.BUYER
    people = (BUYER, thread.buyer.id), (SELLER, thread.store.id)
    sender, receiver = people if by_buyer else people[::-1]
    return {
        "message_id": one.id,
        "session_id": thread.id,
        "from_account_type": sender[0],
        "from_account_id": sender[1],
        "to_account_type": receiver[0],
        "to_account_id": receiver[1],
        "type": 2 if one.by in (Speaker.SYSTEM, Speaker.PLATFORM) else 1,
        "template_id": _template(one),
        "content": json.dumps(_content(one), ensure_ascii=False, separators=(",", ":")),
        "send_time": millis(one),
        "status": 0 if one.recalled_at is None else 1,
        "auto_reply": one.by is Speaker.ROBOT,
        "process_msg": BLOCKED if one.is_blocked else "",
        "site_id": thread.store.region,
    }


def _template(one: ChatMessage) -> int:
    if one.by in (Speaker.SYSTEM, Speaker.PLATFORM):
        return SYSTEM_TEMPLATE
    return TEMPLATES.get(one.kind, _UNKNOWN_TEMPLATE)


def _content(one: ChatMessage) -> dict[str, Any]:
    if one.recalled_at is not None:
        return {"txt": ""}
    match _template(one):
        case 3:
            return {"imgUrl": one.link, "width": one.width, "height": one.height, "osskey": ""}
        case 4:
            return {"txt": one.text or "[happy]"}
        case 6:
            size = {"width": one.width, "height": one.height}
            return {"videoId": one.reference, "imgUrl": "", "videoDuration": 12_000, "videoUrl": one.link, **size}
        case 10006:
            return {"itemId": one.reference, "title": one.text, "price": "", "iconUrl": "", "actionUrl": ""}
        case 10007:
            order_id = one.reference.partition("/")[0]
            return {"orderId": order_id, "title": _item_of(one, order_id), "status": "", "actionUrl": ""}
        case 10008:
            return {"voucherId": one.reference, "title": one.text}
        case 10011:
            return {"refundOrderId": one.reference, "refundOrderReason": one.text, "orderTotalPrice": ""}
        case _:
            return {"txt": one.text}


def _item_of(one: ChatMessage, order_id: str) -> str:
    """The name of the first thing ordered."""
    order = one.thread.order
    return order.lines[0].sku.product_name if order is not None and order.id == order_id else ""


def _summary(one: ChatMessage) -> str:
    return "" if one.recalled_at is not None else one.text or f"[{one.kind}]"


def _position(thread: ChatThread, number: int) -> int:
    """When the last message was sent that somebody has seen, 0 for none."""
    seen = next((one for one in reversed(thread.messages) if one.number <= number), None)
    return millis(seen) if seen is not None else 0
