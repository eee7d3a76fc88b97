"""TikTok Shop's chat: conversations and messages page by page, opening one, and the shop's own response rate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from shoptui.adapters.base import Rejected, Unsupported
from shoptui.adapters.chat import ChatFigure, ChatPace, MessagePage, ReplyLimits, ThreadPage
from shoptui.adapters.chat_records import read_each
from shoptui.adapters.http import Answer
from shoptui.adapters.tiktok.chat_mapping import to_message, to_thread
from shoptui.adapters.tiktok.chat_wire import (
    ConversationRecord,
    ConversationsAnswer,
    MessageRecord,
    MessagesAnswer,
    OneConversationAnswer,
    OpenedAnswer,
    PerformanceAnswer,
)
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.messages import Message, Thread
from shoptui.domain.stores import Store

DataT = TypeVar("DataT")

#: The most a page may have (sheet, section 1).
THREADS_PAGE = 20
MESSAGES_PAGE = 10
#: Calls of customer service a day; whether of the app or of each shop is not said (sheet, section 4.4).
CALLS_PER_DAY = 10_000
#: How far back TikTok Shop judges a seller's answers (sheet, section 12.4).
FIGURE_DAYS = 30

CONVERSATIONS = "/customer_service/202309/conversations"
NO_SUCH_CONVERSATION = "45101003"
_CANNOT_OPEN = "45109003"
_FEED = "messages"


@dataclass(frozen=True, slots=True)
class _Page:
    """Raw records, and the token of the next page ("" on the last one)."""

    rows: Sequence[Any]
    next_token: str


class TikTokChat:
    """What stores and buyers say to each other, read for any store of the app."""

    limits = ReplyLimits(text_max=2000, links=False, contacts=False)
    pace = ChatPace(near_s=60, usual_s=300, calls_per_day=CALLS_PER_DAY)

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def threads(self, store: Store, since: int) -> AsyncIterator[ThreadPage]:
        """Conversations with anything new at or after `since`, newest activity first.

        TikTok Shop has no filter and no sorting, and lists the newest activity first: a page that ends with something
        older is the last that is read. What moves while pages are read comes once.
        """
        seen: set[str] = set()
        token = ""
        while True:
            page = await self._page(
                store, "chat.conversations", CONVERSATIONS, {"page_size": str(THREADS_PAGE)}, token, _conversations
            )
            threads, faults = read_each(
                page.rows, ConversationRecord, lambda record: to_thread(record, store.store_id), id_field="id"
            )
            new = [thread for thread in threads if thread.last_at >= since and thread.thread_id not in seen]
            seen.update(thread.thread_id for thread in new)
            if new or faults:
                yield ThreadPage(tuple(new), faults)
            if not page.next_token or page.next_token == token or (threads and threads[-1].last_at < since):
                return
            token = page.next_token

    async def thread(self, store: Store, thread_id: str) -> Thread | None:
        try:
            envelope = await self._client.call(
                store,
                "chat.conversation",
                "GET",
                f"/customer_service/202601/conversations/{segment(thread_id)}",
                lambda answer: read_envelope(answer, OneConversationAnswer),
                feed=_FEED,
            )
        except Rejected as refusal:
            if refusal.code == NO_SUCH_CONVERSATION:
                return None
            raise
        record = envelope.data.conversation if envelope.data else None
        return to_thread(record, store.store_id) if record else None

    async def messages(self, store: Store, thread_id: str) -> AsyncIterator[MessagePage]:
        """A conversation's messages, newest first; reading them marks nothing as read."""
        seen: set[str] = set()
        token = ""
        path = f"{CONVERSATIONS}/{segment(thread_id)}/messages"
        while True:
            params = {"page_size": str(MESSAGES_PAGE), "sort_field": "create_time", "sort_order": "DESC"}
            page = await self._page(store, "chat.messages", path, params, token, _messages)
            read, faults = read_each(
                page.rows, MessageRecord, lambda record: to_message(record, store.store_id, thread_id), id_field="id"
            )
            new: list[Message] = [message for message in read if message is not None and message.message_id not in seen]
            seen.update(message.message_id for message in new)
            if new or faults:
                yield MessagePage(tuple(new), faults)
            if not page.next_token or page.next_token == token:
                return
            token = page.next_token

    async def open_thread(self, store: Store, order_no: str, buyer_id: str) -> str | Unsupported:
        if not buyer_id:
            return Unsupported("The order does not say who its buyer is, so no conversation can be opened.", "no_buyer")
        try:
            envelope = await self._client.call(
                store,
                "chat.open",
                "POST",
                CONVERSATIONS,
                lambda answer: read_envelope(answer, OpenedAnswer),
                feed=_FEED,
                body={"buyer_user_id": buyer_id},
            )
        except Rejected as refusal:
            if refusal.code == _CANNOT_OPEN:
                return Unsupported(refusal.message, "cannot_open")
            raise
        found = envelope.data.conversation_id if envelope.data else None
        return found or Unsupported("TikTok Shop opened no conversation with this buyer.", "cannot_open")

    async def own_figure(self, store: Store, now: int) -> ChatFigure | Unsupported:
        """The share of questions answered within 24 hours, automatic answers included, over 30 days (UTC)."""
        until = datetime.fromtimestamp(now, UTC).date()
        envelope = await self._client.call(
            store,
            "chat.performance",
            "GET",
            "/customer_service/202407/performance",
            lambda answer: read_envelope(answer, PerformanceAnswer),
            feed=_FEED,
            params={
                "support_date_ge": (until - timedelta(days=FIGURE_DAYS)).isoformat(),
                "support_date_lt": until.isoformat(),
            },
        )
        figures = envelope.data.performance if envelope.data else None
        try:
            rate = float((figures.response_percentage if figures else None) or "") / 100
        except ValueError:
            return Unsupported("TikTok Shop shows no response rate for this store yet.", "no_figure")
        if not 0 <= rate <= 1:
            return Unsupported("TikTok Shop's response rate for this store is no share.", "no_figure")
        return ChatFigure(rate, FIGURE_DAYS, now)

    async def _page(
        self,
        store: Store,
        endpoint: str,
        path: str,
        params: Mapping[str, str],
        token: str,
        read: Callable[[Answer], _Page],
    ) -> _Page:
        asked = {**params, "page_token": token} if token else params
        return await self._client.call(store, endpoint, "GET", path, read, feed=_FEED, params=asked)


def _conversations(answer: Answer) -> _Page:
    data = read_envelope(answer, ConversationsAnswer).data
    return _Page((data.conversations if data else None) or (), (data.next_page_token if data else None) or "")


def _messages(answer: Answer) -> _Page:
    data = read_envelope(answer, MessagesAnswer).data
    return _Page((data.messages if data else None) or (), (data.next_page_token if data else None) or "")
