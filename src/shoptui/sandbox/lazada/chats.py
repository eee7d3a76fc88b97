"""Instant messaging: sessions and messages backwards in time, sending, reading, taking back (sheet section 11)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from ..failing import Dialect
from ..reading import is_digits
from ..world.chat_model import ChatMessage, ChatThread, Speaker, TalkKind
from ..world.chats import Chats
from .call import Answer, Call
from .chat_render import TEMPLATES, last_millis, message, millis, session
from .codes import PERMISSION, ApiError, invalid

PAGE_MAX = 20
HISTORY_S = 30 * 86_400
"""Sessions and messages older than this are not given."""
SESSIONS_MAX = 3000
OPENED_DAYS = 30
"""A session is opened only for orders younger than this: the API's own message says so, a guide says seven."""

TOO_OLD = "-22"
REFUSED = "-1"
"""Which codes the messaging service has besides -22 is not known: one stands for all, its message tells them apart."""

CHATTING: Dialect[str] = Dialect({}, REFUSED)

_KINDS = {
    "1": TalkKind.TEXT,
    "3": TalkKind.PICTURE,
    "4": TalkKind.STICKER,
    "6": TalkKind.VIDEO,
    "10006": TalkKind.PRODUCT,
    "10007": TalkKind.ORDER,
    "10008": TalkKind.VOUCHER,
}
_FIELDS = {
    "1": ("txt",),
    "3": ("img_url", "width", "height"),
    "4": ("txt",),
    "6": ("video_id", "width", "height", "img_url"),
    "10006": ("item_id",),
    "10007": ("order_id",),
    "10008": ("promotion_id",),
}
_ABOUT = ("order_id", "item_id", "promotion_id", "video_id")


def _done(**more: object) -> Answer:
    return Answer({"success": True, "err_code": "0", "err_message": "SUCCESS", **more})


def _refusing(handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    """The service's own refusals stand inside an envelope that says all went well."""

    @wraps(handler)
    def guarded(call: Call) -> Answer:
        try:
            return handler(call)
        except ApiError as error:
            if error.code != REFUSED:
                raise
            return Answer({"success": False, "err_code": error.code, "err_message": error.message})

    return guarded


@_refusing
def session_list(call: Call) -> Answer:
    """GET /im/session/list: the newest activity first, nothing after `start_time`."""
    chats, now = _chats(call), call.now
    until, size, last_id = _millis(call, "start_time"), _size(call), call.params.text("last_session_id")
    oldest = (now - HISTORY_S) * 1000
    known = [one for one in chats.threads_of(call.store) if one.last is not None and last_millis(one) >= oldest]
    known.sort(key=_place, reverse=True)
    rows = [one for one in known[:SESSIONS_MAX] if last_millis(one) <= until]
    after = next((one for one in rows if one.id == last_id), None)
    if after is not None:
        rows = [one for one in rows if _place(one) < _place(after)]
    page = rows[:size]
    found = [session(one, listed=True) for one in page]
    found = call.side.repeats.page(f"{call.store.id}/chats", found, follows=bool(last_id))
    return _done(
        data={
            "has_more": len(rows) > size,
            "next_start_time": last_millis(page[-1]) if page else until,
            "last_session_id": page[-1].id if page else "",
            "session_list": found,
        }
    )


@_refusing
def session_get(call: Call) -> Answer:
    """GET /im/session/get."""
    return _done(data=session(_thread(call, _chats(call)), listed=False))


@_refusing
def message_list(call: Call) -> Answer:
    """GET /im/message/list: newest first, nothing after `start_time`; reading marks nothing as read."""
    thread = _thread(call, _chats(call))
    until, size, last_id = _millis(call, "start_time"), _size(call), call.params.text("last_message_id")
    oldest = call.now - HISTORY_S
    rows = [one for one in reversed(thread.messages) if one.sent_at >= oldest and millis(one) <= until]
    after = next((one for one in rows if one.id == last_id), None)
    if after is not None:
        rows = [one for one in rows if one.number < after.number]
    page = rows[:size]
    found = [message(one) for one in page]
    found = call.side.repeats.page(f"{call.store.id}/messages", found, follows=bool(last_id))
    data = {
        "has_more": len(rows) > size,
        "next_start_time": millis(page[-1]) if page else until,
        "last_message_id": page[-1].id if page else "",
        "message_list": found,
    }
    return Answer({"success": True, "err_code": "0", "err_message": None, "data": data})


@_refusing
def message_send(call: Call) -> Answer:
    """POST /im/message/send: a text or a card; what moderation hides is taken all the same."""
    chats = _chats(call)
    template = call.params.needed("template_id")
    if template not in _KINDS:
        raise invalid("template_id", f"use one of {', '.join(_KINDS)}")
    given = {name: call.params.needed(name) for name in _FIELDS[template]}
    session_id = call.params.needed("session_id")
    known = chats.thread_of(call.store, session_id)
    about = known.order.id if known is not None and known.order is not None else ""

    def do() -> ChatMessage:
        thread = _thread(call, chats)
        if "order_id" in given and call.world.order_of(call.store, given["order_id"]) is None:
            raise ApiError(REFUSED, "order not found")
        return chats.say_as_store(
            thread,
            given.get("txt", ""),
            call.now,
            kind=_KINDS[template],
            reference=next((given[name] for name in _ABOUT if name in given), ""),
            link=given.get("img_url", ""),
            size=(_pixels(given, "width"), _pixels(given, "height")),
        )

    text = given.get("txt") or f"template {template}"
    made = call.act(CHATTING, "chat_send", session_id, about, do, text=text)
    sent = {"message_id": made.id, "template_id": TEMPLATES[made.kind], "current_time": millis(made)}
    return _done(data=sent)


@_refusing
def session_read(call: Call) -> Answer:
    """POST /im/session/read: everything up to a message of the session has been seen."""
    chats = _chats(call)
    last_id = call.params.needed("last_read_message_id")

    def do() -> bool:
        thread = _thread(call, chats)
        return chats.mark_read(thread, call.now, _message(thread, last_id)) > 0

    call.act(CHATTING, "chat_read", call.params.needed("session_id"), "", do)
    return _done()


@_refusing
def message_recall(call: Call) -> Answer:
    """GET or POST /im/message/recall: a message of the store's own, within two minutes."""
    chats = _chats(call)
    message_id = call.params.needed("message_id")

    def do() -> bool:
        one = _message(_thread(call, chats), message_id)
        if one.by is not Speaker.STORE:
            raise ApiError(REFUSED, "only messages of the seller can be recalled")
        was_recalled = one.recalled_at is not None
        chats.recall(one, call.now)
        return not was_recalled

    call.act(CHATTING, "chat_recall", message_id, "", do)
    return _done()


def session_open(call: Call) -> Answer:
    """GET or POST /im/session/open: the session with an order's buyer; its refusals stand in the envelope."""
    chats = _chats(call)
    order = call.order(call.params.number("order_id"))

    def do() -> ChatThread:
        if call.now - order.created_at > OPENED_DAYS * 86_400:
            raise ApiError(TOO_OLD, f"order out of day limit: {OPENED_DAYS}")
        return chats.open_thread(call.store, order, call.now)

    return Answer({"session_id": call.act(CHATTING, "chat_open", order.id, order.id, do).id})


def _chats(call: Call) -> Chats:
    """The world's conversations, for a shop whose seller lets the app chat. Raises ApiError."""
    chats = call.world.chats
    if not chats.is_granted(call.store):
        raise ApiError(PERMISSION, "App does not have permission to access this api")
    return chats


def _thread(call: Call, chats: Chats) -> ChatThread:
    thread = chats.thread_of(call.store, call.params.needed("session_id"))
    if thread is None:
        raise ApiError(REFUSED, "session not found")
    return thread


def _message(thread: ChatThread, message_id: str) -> ChatMessage:
    one = next((one for one in thread.messages if one.id == message_id), None)
    if one is None:
        raise ApiError(REFUSED, "message not found")
    return one


def _place(thread: ChatThread) -> tuple[int, str]:
    return last_millis(thread), thread.id


def _size(call: Call) -> int:
    """How many rows a page has; what more than twenty do is not known, so they are refused."""
    size = int(call.params.number("page_size"))
    if not 1 <= size <= PAGE_MAX:
        raise invalid("page_size", f"it must be from 1 to {PAGE_MAX}")
    return size


def _millis(call: Call, name: str) -> int:
    text = call.params.number(name)
    if len(text) != 13:
        raise invalid(name, "use milliseconds since 1970")
    return int(text)


def _pixels(given: dict[str, str], name: str) -> int:
    text = given.get(name, "0")
    if not (is_digits(text) and len(text) < 6):
        raise invalid(name, "it must be a number of pixels")
    return int(text)
