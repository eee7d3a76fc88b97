"""Seller chat: conversations, messages, sending, read marks, taking back (sheet, section 9)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from ..failing import Dialect
from ..world.chat_model import ChatMessage, ChatThread, Speaker, TalkKind
from ..world.chats import Chats
from ..world.refusal import Reason, Refused
from . import codes
from .call import Answer, Call
from .chat_render import NANO, TYPES, content_of, conversation, message, nano, shown
from .codes import ApiError, bad
from .params import INT64, Fields

PARAM = "param_error"
"""What `error_param` is called here."""
FORBIDDEN = "user_is_forbidden"
FIRST_ORDER = "first_chat_without_order_info"
SAME_TEXT = "error_business"

CHATTING = Dialect(
    {
        Reason.CHAT_EMPTY: PARAM,
        Reason.CHAT_TOO_LONG: "message_too_long",
        Reason.CHAT_SENSITIVE: "message_is_censored",
        Reason.CHAT_CLOSED: FORBIDDEN,
        Reason.CHAT_UNANSWERED: "reach_5_message_limit",
        Reason.CHAT_RECALL: PARAM,
        Reason.NOT_FOUND: codes.NOT_FOUND,
    },
    codes.SERVER,
)

NO_CHAT_STATUS = 491
PAGE_SHOWN_MAX = 25
"""A larger page comes empty, though the document allows 60."""
_PAGE_MAX = 60
_MESSAGES_MAX = 50
_DAY = 86_400
_BUYERS, _AFFILIATES = 0, 11

RECALL_S = {"TH": 180, "SG": 600, "ID": 600, "PH": 600, "BR": 600}
"""How long a shop may take a message back; elsewhere never."""

_CARDS = {
    "sticker": (TalkKind.STICKER, ("sticker_package_id", "sticker_id")),
    "item": (TalkKind.PRODUCT, ("item_id",)),
    "order": (TalkKind.ORDER, ("order_sn",)),
    "voucher": (TalkKind.VOUCHER, ("voucher_id", "voucher_code")),
}
_SENDABLE = ("text", "image", *_CARDS)

ChatHandler: TypeAlias = Callable[[Call, Chats], Answer]


def _chatting(handler: ChatHandler) -> Callable[[Call], Answer]:
    """The handler for shops whose app has chat; wrong values have this family's own code."""

    @wraps(handler)
    def answered(call: Call) -> Answer:
        chats = call.world.chats
        if not chats.is_granted(call.store):
            raise ApiError(codes.AUTH, "Your app has no permission to call the chat API.", NO_CHAT_STATUS)
        try:
            return handler(call, chats)
        except ApiError as error:
            if error.code != codes.PARAM:
                raise
            raise ApiError(PARAM, error.message) from error

    return answered


# --- reading --------------------------------------------------------------------------------------------------


@_chatting
def conversation_list(call: Call, chats: Chats) -> Answer:
    """GET get_conversation_list: `older` from the newest down, pinned ones on top; `latest` from the oldest up."""
    older = call.query.needed("direction", ("latest", "older")) == "older"
    wanted = call.query.needed("type", ("all", "pinned", "unread"))
    after = call.query.number("next_timestamp_nano", 0, INT64, 0)
    size = call.query.number("page_size", 1, _PAGE_MAX, PAGE_SHOWN_MAX)
    rows = [(nano(said[-1]), thread, said) for thread in chats.threads_of(call.store) if (said := shown(thread))]
    if call.query.text("business_type", ("0", "11")) == str(_AFFILIATES) or size > PAGE_SHOWN_MAX:
        rows = []
    if wanted != "all":
        rows = [row for row in rows if (row[1].is_pinned if wanted == "pinned" else row[1].unread)]
    rows.sort(key=lambda row: row[0], reverse=older)
    if after:
        rows = [row for row in rows if (row[0] < after if older else row[0] > after)]
    elif older:
        rows.sort(key=lambda row: not row[1].is_pinned)
    page = rows[:size]
    found = [conversation(thread, said) for _at, thread, said in page]
    found = call.side.repeats.page(f"{call.store.id}/chats", found, follows=bool(after))
    # Pinned conversations stand out of order: the cursor goes on from the others, or from the newest of all.
    ordered = [row for row in page if after or not older or not row[1].is_pinned]
    at, last = (ordered[-1][0], ordered[-1][1].id) if ordered else (rows[0][0] + NANO, "0") if rows else (0, "0")
    return Answer(
        {
            "page_result": {
                "page_size": size,
                "next_cursor": {"next_message_time_nano": str(at), "conversation_id": last},
                "more": len(rows) > size,
            },
            "conversations": found,
        }
    )


@_chatting
def one_conversation(call: Call, chats: Chats) -> Answer:
    """GET get_one_conversation."""
    thread = _thread(call, chats, call.query.needed("conversation_id"))
    return Answer(conversation(thread, shown(thread)))


@_chatting
def messages(call: Call, chats: Chats) -> Answer:
    """GET get_message: newest first; `next_offset` is the last row's id, and a page after the oldest is empty."""
    thread = _thread(call, chats, call.query.needed("conversation_id"))
    size = call.query.number("page_size", 1, _MESSAGES_MAX, PAGE_SHOWN_MAX)
    offset = call.query.text("offset")
    rows = shown(thread)[::-1]
    if offset and offset != "0":
        if (before := chats.message_of(call.store, offset)) is None or before.thread is not thread:
            raise bad("offset", "is invalid")
        rows = [one for one in rows if one.number < before.number]
    page = rows[:size]
    found = [message(one) for one in page]
    found = call.side.repeats.page(f"{call.store.id}/messages", found, follows=bool(offset))
    return Answer(
        {"messages": found, "page_result": {"next_offset": page[-1].id if page else "", "page_size": len(found)}}
    )


@_chatting
def unread_count(call: Call, chats: Chats) -> Answer:
    """GET get_unread_conversation_count: conversations, not messages."""
    return Answer({"total_unread_count": sum(thread.unread > 0 for thread in chats.threads_of(call.store))})


# --- speaking -------------------------------------------------------------------------------------------------


@_chatting
def send(call: Call, chats: Chats) -> Answer:
    """POST send_message: to a buyer, whether there is a conversation yet or not."""
    body = call.body
    word = body.needed("message_type", _SENDABLE)
    content = _content(body)
    if body.integer("business_type") not in (None, _BUYERS):
        raise bad("business_type", "must be 0: the shop has no affiliates")
    thread = _with_buyer(call, chats, body.needed_integer("to_id"))
    text = content.needed("text") if word == "text" else ""

    def do() -> ChatMessage:
        if word != "order" and not _may_begin(thread):
            raise ApiError(FIRST_ORDER, "Please send the order card first.")
        if word == "text":
            _check_said(thread, text, call.now)
            return chats.say_as_store(thread, text, call.now)
        if word == "image":
            return chats.say_as_store(
                thread, "", call.now, kind=TalkKind.PICTURE, link=content.needed("image_url"), size=(1080, 1080)
            )
        return _send_card(call, chats, thread, word, content)

    return _sent(call, thread, word, text, do)


@_chatting
def send_autoreply(call: Call, chats: Chats) -> Answer:
    """POST send_autoreply_message: a text that does not count as a person's."""
    text = _content(call.body).needed("text")
    thread = _with_buyer(call, chats, call.body.needed_integer("to_id"))

    def do() -> ChatMessage:
        if not _may_begin(thread):
            raise ApiError(FIRST_ORDER, "Please send the order card first.")
        return chats.say_as_store(thread, text, call.now, by=Speaker.ROBOT)

    return _sent(call, thread, "text", text, do)


@_chatting
def delete_message(call: Call, chats: Chats) -> Answer:
    """POST delete_message: takes back an own message while the region lets it."""
    message_id = call.body.needed("message_id")

    def do() -> None:
        found = chats.message_of(call.store, message_id)
        if found is None or found.recalled_at is not None:
            raise Refused(Reason.NOT_FOUND, f"the message {message_id} is not found")
        own = found.by in (Speaker.STORE, Speaker.ROBOT)
        if not own or call.now - found.sent_at > RECALL_S.get(call.store.region, -1):
            raise Refused(Reason.CHAT_RECALL, "the message cannot be deleted (any more)")
        chats.recall(found, call.now)

    call.act(CHATTING, "chat_recall", message_id, "", do)
    return Answer()


# --- marks ----------------------------------------------------------------------------------------------------


@_chatting
def read(call: Call, chats: Chats) -> Answer:
    """POST read_conversation: everything up to a message is read."""
    thread_id = call.body.needed("conversation_id")
    message_id = call.body.needed("last_read_message_id")

    def do() -> bool:
        thread = _thread(call, chats, thread_id)
        last = chats.message_of(call.store, message_id)
        if last is None or last.thread is not thread:
            raise bad("last_read_message_id", "is invalid")
        return chats.mark_read(thread, call.now, up_to=last) > 0

    call.act(CHATTING, "chat_read", thread_id, "", do)
    return Answer()


def marking(name: str, mark: Callable[[Chats, ChatThread, int], None]) -> Callable[[Call], Answer]:
    """The handler of one of the calls that take a conversation and change a mark on it."""

    @_chatting
    def handler(call: Call, chats: Chats) -> Answer:
        thread_id = call.body.needed("conversation_id")
        call.act(CHATTING, name, thread_id, "", lambda: mark(chats, _thread(call, chats, thread_id), call.now))
        return Answer()

    return handler


def _pin(value: bool) -> Callable[[Chats, ChatThread, int], None]:
    def mark(chats: Chats, thread: ChatThread, now: int) -> None:
        thread.is_pinned = value

    return mark


def _mute(chats: Chats, thread: ChatThread, now: int) -> None:
    thread.is_muted = True


unread = marking("chat_unread", lambda chats, thread, now: chats.mark_unread(thread, now))
pin = marking("chat_pin", _pin(True))
unpin = marking("chat_unpin", _pin(False))
mute = marking("chat_mute", _mute)


# --- the parts of calls ---------------------------------------------------------------------------------------


def _thread(call: Call, chats: Chats, thread_id: str) -> ChatThread:
    """Raises ApiError for a conversation that is not the shop's, or has nothing in it yet."""
    thread = chats.thread_of(call.store, thread_id)
    if thread is None or not shown(thread):
        raise ApiError(codes.NOT_FOUND, "The conversation is not found.")
    return thread


def _with_buyer(call: Call, chats: Chats, to_id: int) -> ChatThread:
    """The conversation with a user, an empty one where there was none. Raises ApiError for strangers."""
    known = chats.with_buyer(call.store, str(to_id))
    if known is not None:
        return known
    buyer = next((one for one in call.store.buyers if one.id == str(to_id)), None)
    orders = chats.orders_with(call.store, buyer) if buyer is not None else []
    if not orders:
        raise ApiError(FORBIDDEN, "The user neither wrote nor bought here.")
    return chats.open_thread(call.store, orders[-1], call.now)


def _content(body: Fields) -> Fields:
    content = body.object("content")
    if content is None:
        raise bad("content", "is required")
    return content


def _may_begin(thread: ChatThread) -> bool:
    """Whether anybody spoke yet, or the shop said which order it writes about."""
    return any(one.by is Speaker.BUYER or one.kind is TalkKind.ORDER for one in shown(thread))


def _check_said(thread: ChatThread, text: str, now: int) -> None:
    """Raise ApiError for what the shop has said within a day."""
    own = (one for one in shown(thread) if one.by is Speaker.STORE and now - one.sent_at < _DAY)
    if any(one.text == text for one in own):
        raise ApiError(SAME_TEXT, "The same message was sent within 24 hours.")


def _send_card(call: Call, chats: Chats, thread: ChatThread, word: str, content: Fields) -> ChatMessage:
    kind, names = _CARDS[word]
    if not content.has(names[0]):
        raise bad(content.name(names[0]), "is required")
    if kind is TalkKind.ORDER:
        order = call.world.order_of(call.store, content.needed("order_sn"))
        if order is None or order.buyer is not thread.buyer:
            raise ApiError(codes.NOT_FOUND, "The order is not found.")
    reference = "/".join(str(content.values[name]) for name in names if content.has(name))
    return chats.say_as_store(thread, "", call.now, kind=kind, reference=reference)


def _sent(call: Call, thread: ChatThread, word: str, text: str, do: Callable[[], ChatMessage]) -> Answer:
    order_id = thread.order.id if thread.order is not None else ""
    made = call.act(CHATTING, "chat_send", thread.id, order_id, do, text=text or word)
    data: dict[str, Any] = {
        "message_id": made.id,
        "to_id": int(thread.buyer.id),
        "message_type": TYPES[made.kind],
        "content": content_of(made),
        "conversation_id": thread.id,
        "created_timestamp": made.sent_at,
        "message_option": 0,
        "region": call.store.region,
    }
    return Answer(data)
