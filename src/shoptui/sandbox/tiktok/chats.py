"""Customer service: conversations, messages, sending, reading, the shop's figures (sheet section 12)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from ..failing import Dialect
from ..reading import is_digits
from ..world.chat_model import ChatMessage, ChatThread, Speaker, TalkKind
from ..world.chats import Chats
from ..world.refusal import Reason
from .call import Answer, Call
from .chat_render import TYPES, conversation, conversation_json, message
from .codes import INTERNAL, NO_SCOPE, ApiError, bad
from .grants import CHAT_SCOPE
from .render import encode

BAD_CHAT_INPUT = 45101001
NO_RETURN_CARD = 45101002
NOT_FOUND = 45101003
QUOTA_USED = 45101004
SENSITIVE = 45101006
NO_ACCESS = 45102007
CANNOT_SEND = 45109001
CANNOT_OPEN = 45109003

CHATTING = Dialect(
    {
        Reason.CHAT_EMPTY: BAD_CHAT_INPUT,
        Reason.CHAT_TOO_LONG: BAD_CHAT_INPUT,
        Reason.CHAT_SENSITIVE: SENSITIVE,
        Reason.CHAT_CLOSED: CANNOT_SEND,
        Reason.CHAT_UNANSWERED: CANNOT_SEND,
        Reason.NOT_FOUND: NOT_FOUND,
    },
    INTERNAL,
)

_DAY = 86_400
_KINDS = {word: kind for kind, word in TYPES.items()}
_SENDABLE = ("TEXT", "IMAGE", "PRODUCT_CARD", "ORDER_CARD", "RETURN_REFUND_CARD", "COUPON_CARD")
_SENDABLE_NEWEST = (*_SENDABLE, "VIDEO", "LOGISTICS_CARD")
_NEWEST = "202606"
_SPEAKERS = {"CUSTOMER_SERVICE": Speaker.STORE, "SYSTEM": Speaker.SYSTEM, "ROBOT": Speaker.ROBOT}
_FIELDS = {
    "IMAGE": ("url", "width", "height"),
    "PRODUCT_CARD": ("product_id",),
    "ORDER_CARD": ("order_id",),
    "RETURN_REFUND_CARD": ("order_id", "sku_id"),
    "COUPON_CARD": ("coupon_id",),
    "VIDEO": ("vid",),
    "LOGISTICS_CARD": ("order_id", "package_id"),
}


class ChatCalls:
    """The day's count of calls of each shop."""

    def __init__(self) -> None:
        self._spent: dict[str, tuple[int, int]] = {}

    def spend(self, shop_id: str, day: int, per_day: int) -> bool:
        """Count one call of a shop on a day (of the epoch); False when the day's calls are used up."""
        of_day, count = self._spent.get(shop_id, (day, 0))
        count = count + 1 if of_day == day else 1
        self._spent[shop_id] = (day, count)
        return count <= per_day


def conversations(call: Call) -> Answer:
    """GET /customer_service/202309/conversations: newest activity first, no filter, no sort."""
    chats = _chats(call)
    size = call.query.size(1, 20, None)
    after = _place(call)
    rows = [
        thread
        for thread in chats.threads_of(call.store)
        if thread.last is not None and (after is None or _key(thread) < after)
    ]
    page, more = rows[:size], len(rows) > size
    found = [conversation_json(chats, thread, call.now) for thread in page]
    found = call.side.repeats.page(f"{call.store.id}/chats", found, follows=after is not None)
    token = _token(_key(page[-1])) if more else ""
    return f'{{"next_page_token":{encode(token)},"conversations":['.encode() + b",".join(found) + b"]}"


def one_conversation(call: Call) -> Answer:
    """GET /customer_service/202601/conversations/{conversation_id}."""
    chats = _chats(call)
    return {"conversation": conversation(chats, _thread(call, chats), call.now)}


def messages(call: Call) -> Answer:
    """GET /customer_service/202309/conversations/{conversation_id}/messages; reading marks nothing as read."""
    thread = _thread(call, _chats(call))
    size = call.query.size(1, 10, None)
    call.query.text("sort_field", "create_time", ("create_time", "index"))
    descending = call.query.text("sort_order", "DESC", ("ASC", "DESC")) == "DESC"
    after = _place(call)
    every = reversed(thread.messages) if descending else iter(thread.messages)
    rows = [one for one in every if after is None or (_at(one) < after if descending else _at(one) > after)]
    page = rows[:size]
    found = [encode(message(one)).encode() for one in page]
    found = call.side.repeats.page(f"{call.store.id}/messages", found, follows=after is not None)
    token = _token(_at(page[-1])) if len(rows) > size else ""
    tips = encode("Open Seller Center to see this message.")
    head = f'{{"next_page_token":{encode(token)},"unsupported_msg_tips":{tips},"messages":['.encode()
    return head + b",".join(found) + b"]}"


def send(call: Call) -> Answer:
    """POST /customer_service/{202309,202606}/conversations/{conversation_id}/messages."""
    chats = _chats(call)
    sendable = _SENDABLE_NEWEST if call.version == _NEWEST else _SENDABLE
    word = call.body.needed("type", sendable)
    content = _content(call.body.needed("content"))
    role = call.body.text("sender_role", tuple(_SPEAKERS)) if call.version == _NEWEST else None
    by = _SPEAKERS[role or "CUSTOMER_SERVICE"]
    thread_id = call.params["conversation_id"]
    known = chats.thread_of(call.store, thread_id)
    order_id = known.order.id if known is not None and known.order is not None else ""

    def do() -> ChatMessage:
        thread = _thread(call, chats)
        if word == "TEXT":
            text = content.get("content")
            if not isinstance(text, str):
                raise ApiError(BAD_CHAT_INPUT, "content must be JSON with the text under content")
            return chats.say_as_store(thread, text, call.now, by=by)
        return _send_card(call, chats, thread, word, content, by)

    made = call.act(CHATTING, "chat_send", thread_id, order_id, do, text=str(content.get("content") or word))
    return {"message_id": made.id}


def mark_read(call: Call) -> Answer:
    """POST /customer_service/202309/conversations/{conversation_id}/messages/read: the whole conversation."""
    chats = _chats(call)

    def do() -> bool:
        return chats.mark_read(_thread(call, chats), call.now) > 0

    call.act(CHATTING, "chat_read", call.params["conversation_id"], "", do)
    return {}


def open_conversation(call: Call) -> Answer:
    """POST /customer_service/202309/conversations: the conversation with a buyer of the shop."""
    chats = _chats(call)
    buyer_id = call.body.needed("buyer_user_id")

    def do() -> ChatThread:
        buyer = next((one for one in call.store.buyers if one.id == buyer_id), None)
        if buyer is None:
            raise ApiError(NOT_FOUND, "the buyer is not found")
        orders = chats.orders_with(call.store, buyer)
        if not orders and chats.with_buyer(call.store, buyer_id) is None:
            raise ApiError(CANNOT_OPEN, "the buyer has no order in this shop")
        return (
            chats.open_thread(call.store, orders[-1], call.now)
            if orders
            else chats.open_with(call.store, buyer, call.now)
        )

    return {"conversation_id": call.act(CHATTING, "chat_open", buyer_id, "", do).id}


def agent_settings(call: Call) -> Answer:
    """GET /customer_service/202309/agents/settings."""
    chats = _chats(call)
    return {"can_accept_chat": call.store.id not in chats.away}


def change_agent_settings(call: Call) -> Answer:
    """PUT /customer_service/202309/agents/settings."""
    chats = _chats(call)
    accepts = call.body.flag("can_accept_chat")
    if accepts is None:
        raise bad("can_accept_chat", "is required")
    (chats.away.discard if accepts else chats.away.add)(call.store.id)
    return {}


def performance(call: Call) -> Answer:
    """GET /customer_service/202407/performance: shares in per cent, as text."""
    chats = _chats(call)
    since, until = _day(call, "support_date_ge"), _day(call, "support_date_lt")
    if since >= until:
        raise bad("support_date_ge", "must be before support_date_lt")
    asked, answered = chats.answered_in_time(call.store, since, min(until, call.now))
    return {
        "performance": {
            "support_session_count": asked,
            "response_percentage": f"{100 * answered / asked:.2f}" if asked else "",
            "satisfaction_percentage": "91.30" if asked else "",
            "response_time_mins": "47" if asked else "",
        }
    }


def _chats(call: Call) -> Chats:
    """The world's conversations, for a shop that has chat and calls left. Raises 105005 or 45101004."""
    chats = call.world.chats
    if not chats.is_granted(call.store):
        raise ApiError(NO_SCOPE, f"access denied: scope {CHAT_SCOPE} is not granted")
    per_day = call.world.settings.chat_calls_per_day
    if per_day and not call.side.chat_calls.spend(call.store.id, call.now // _DAY, per_day):
        raise ApiError(QUOTA_USED, f"the daily limit of {per_day} customer service requests is reached")
    return chats


def _thread(call: Call, chats: Chats) -> ChatThread:
    """Raises 45101003 for a conversation nobody has, 45102007 for another shop's."""
    thread_id = call.params["conversation_id"]
    thread = chats.thread_of(call.store, thread_id)
    if thread is not None:
        return thread
    others = (store for store in call.world.stores_of(call.side.name) if store is not call.store)
    if any(chats.thread_of(store, thread_id) is not None for store in others):
        raise ApiError(NO_ACCESS, "the shop has no access to this conversation")
    raise ApiError(NOT_FOUND, f"conversation {thread_id} is not found")


def _send_card(
    call: Call, chats: Chats, thread: ChatThread, word: str, content: dict[str, Any], by: Speaker
) -> ChatMessage:
    for name in _FIELDS[word]:
        if not content.get(name):
            raise ApiError(BAD_CHAT_INPUT, f"content lacks {name}")
    kind = _KINDS[word]
    if kind is TalkKind.PICTURE:
        size = (int(content["width"]), int(content["height"]))
        return chats.say_as_store(thread, "", call.now, kind=kind, by=by, link=str(content["url"]), size=size)
    if "order_id" in _FIELDS[word] and call.world.order_of(call.store, str(content["order_id"])) is None:
        code = NO_RETURN_CARD if kind is TalkKind.RETURN else NOT_FOUND
        raise ApiError(code, "the order is not found")
    reference = "/".join(str(content[name]) for name in _FIELDS[word])
    return chats.say_as_store(thread, "", call.now, kind=kind, by=by, reference=reference)


def _content(text: str) -> dict[str, Any]:
    """The content, which is JSON inside a JSON string. Raises 45101001 for anything else."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ApiError(BAD_CHAT_INPUT, "content is not valid JSON") from error
    if not isinstance(value, dict):
        raise ApiError(BAD_CHAT_INPUT, "content must be a JSON object")
    return value


def _key(thread: ChatThread) -> tuple[int, int]:
    last = thread.last
    return (last.sent_at, last.number) if last is not None else (thread.created_at, -1)


def _at(one: ChatMessage) -> tuple[int, int]:
    return one.sent_at, one.number


def _token(place: tuple[int, int]) -> str:
    """Where a page ended, as a number that begins with its time."""
    return f"{place[0]}{place[1]:09d}"


def _place(call: Call) -> tuple[int, int] | None:
    """Where the page before ended, None for the first page."""
    token = call.query.text("page_token")
    if not token:
        return None
    if not (is_digits(token) and len(token) > 9):
        raise bad("page_token")
    return int(token[:-9]), int(token[-9:])


def _day(call: Call, name: str) -> int:
    """The first moment of a day given as YYYY-MM-DD, in epoch seconds."""
    text = call.query.needed(name)
    try:
        return int(datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC).timestamp())
    except ValueError as error:
        raise bad(name, "must be a day such as 2026-01-31") from error
