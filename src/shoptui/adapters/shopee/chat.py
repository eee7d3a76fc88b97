"""Shopee's seller chat: conversations and messages page by page, opening one, and the shop's own response rate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

from shoptui.adapters.base import Rejected, Unsupported
from shoptui.adapters.chat import ChatFigure, ChatPace, MessagePage, ReplyLimits, ThreadPage
from shoptui.adapters.chat_app import ChatClients
from shoptui.adapters.chat_records import read_each
from shoptui.adapters.http import Answer
from shoptui.adapters.records import Wire
from shoptui.adapters.shopee.chat_mapping import NO_SENDING, to_message, to_thread
from shoptui.adapters.shopee.chat_wire import (
    ConversationList,
    ConversationRecord,
    MessageList,
    MessageRecord,
    Performance,
    SentMessage,
)
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import last_segment
from shoptui.adapters.shopee.wire import as_number, read_response
from shoptui.domain.messages import Thread
from shoptui.domain.stores import Store

ModelT = TypeVar("ModelT", bound=Wire)

#: Pages above 25 were seen to come empty, as if there were no conversations (sheet, trap 30).
THREADS_PAGE = 25
#: The most any client was seen to use (sheet, section 9.4).
MESSAGES_PAGE = 50
#: Pages of one listing; more can only be a server that goes round in a circle.
_PAGES_MAX = 1000
#: How far a conversation with a buyer is looked for before one is begun, in pages.
_LOOK_BACK_PAGES = 8
#: Buyers remembered by conversation, so that most replies take one call.
_BUYERS_KEPT = 20_000

#: Of account health (sheet, section 11); the period it covers is a month.
_RESPONSE_RATE = 11
_FIGURE_DAYS = 30

_FEED = "messages"
_UNKNOWN_CODES = frozenset({"error_not_found", "param_error"})

_WANTS = "Shopee lets only apps of the types Seller In House System and Customer Service into conversations"

READ_ONLY = Unsupported("Shopee takes no messages from programs in Taiwan; answer in Seller Centre.", "read_only")


class ShopeeChat:
    """What stores and buyers say to each other, read for any store of the app."""

    limits = ReplyLimits(text_max=600, contacts=False, unanswered_max=5)
    # A message that was taken back is left out of its conversation, whose line in the list stays as it was.
    pace = ChatPace(near_s=60, usual_s=180, again_s=3600)

    def __init__(self, clients: ChatClients[ShopClient]) -> None:
        self._clients = clients
        self._buyers: dict[tuple[str, str], str] = {}

    async def threads(self, store: Store, since: int) -> AsyncIterator[ThreadPage]:
        """Conversations with anything new at or after `since`, newest first but for pinned ones, which come on top.

        A page that ends with something older is the last that is read; a pinned one tells nothing about that. Pages
        may overlap: each conversation comes once.
        """
        seen: set[str] = set()
        cursor = ""
        for _ in range(_PAGES_MAX):
            params = {
                "direction": "older",
                "type": "all",
                "page_size": str(THREADS_PAGE),
                "next_timestamp_nano": cursor,
            }
            listed = await self._get(store, "get_conversation_list", ConversationList, params)
            records, faults = read_each(
                listed.conversations or (), ConversationRecord, lambda record: record, id_field="conversation_id"
            )
            threads = [self._noted(record, store) for record in records]
            new = [thread for thread in threads if thread.last_at >= since and thread.thread_id not in seen]
            seen.update(thread.thread_id for thread in new)
            if new or faults:
                yield ThreadPage(tuple(new), faults)
            result = listed.page_result
            following = (result.next_cursor.next_message_time_nano if result and result.next_cursor else None) or ""
            unpinned = [thread for record, thread in zip(records, threads, strict=True) if not record.pinned]
            if not (result and result.more and listed.conversations) or following in {"", "0", cursor}:
                return
            if unpinned and 0 < unpinned[-1].last_at < since:
                return
            cursor = following

    async def thread(self, store: Store, thread_id: str) -> Thread | None:
        record = await self.conversation(store, thread_id)
        return self._noted(record, store) if record else None

    async def conversation(self, store: Store, thread_id: str) -> ConversationRecord | None:
        """One conversation as Shopee has it, None for one it does not know in this shop."""
        try:
            return await self._get(store, "get_one_conversation", ConversationRecord, {"conversation_id": thread_id})
        except Rejected as refusal:
            # The conversation's id is the call's only value that could be wrong.
            if last_segment(refusal.code) in _UNKNOWN_CODES:
                return None
            raise

    async def messages(self, store: Store, thread_id: str) -> AsyncIterator[MessagePage]:
        """A conversation's messages, newest first; reading them marks nothing as read.

        A page may be short in the middle, and the offset goes on behind the oldest: only one that brings nothing new
        is the end.
        """
        seen: set[str] = set()
        offset = ""
        for _ in range(_PAGES_MAX):
            params = {"conversation_id": thread_id, "page_size": str(MESSAGES_PAGE), "offset": offset}
            listed = await self._get(store, "get_message", MessageList, params)
            read, faults = read_each(
                listed.messages or (),
                MessageRecord,
                lambda record: to_message(record, store, thread_id),
                id_field="message_id",
            )
            new = [message for message in read if message.message_id not in seen]
            seen.update(message.message_id for message in new)
            if new or faults:
                yield MessagePage(tuple(new), faults)
            following = (listed.page_result.next_offset if listed.page_result else None) or ""
            if not new or following in {"", "0", offset}:
                return
            offset = following

    async def open_thread(self, store: Store, order_no: str, buyer_id: str) -> str | Unsupported:
        """The conversation with an order's buyer. Where there is none among the latest, the order's card begins it.

        Shopee has no other way to begin one, and takes the shop's first words only after a card. The card is a message
        the buyer sees; looking first is what keeps a second one from being sent when the answer was lost.
        """
        if store.region in NO_SENDING:
            return READ_ONLY
        if not buyer_id or not order_no:
            return Unsupported("The order does not say who its buyer is, so no conversation can be opened.", "no_buyer")
        looked = 0
        async for page in self.threads(store, 0):
            for thread in page.threads:
                if thread.buyer_id == buyer_id:
                    return thread.thread_id
            looked += 1
            if looked >= _LOOK_BACK_PAGES:
                break
        try:
            sent = await self.send_card(store, buyer_id, order_no, feed=_FEED)
        except Rejected as refusal:
            return Unsupported(refusal.message, "cannot_open")
        return sent.conversation_id or Unsupported("Shopee opened no conversation with this buyer.", "cannot_open")

    async def own_figure(self, store: Store, now: int) -> ChatFigure | Unsupported:
        """The chat response rate of account health, which leaves automatic answers out; the store's own app is told."""
        if store.app != self._clients.app:
            return Unsupported("Shopee tells a store's chat response rate to the app of its orders.", "other_app")

        def read(answer: Answer) -> Performance:
            return read_response(answer, Performance)

        performance = await self._clients.own.get(store, "/account_health/get_shop_performance", read, feed=_FEED)
        metrics = performance.metric_list or ()
        figure = next((each.current_period for each in metrics if each.metric_id == _RESPONSE_RATE), None)
        try:
            rate = float(figure or "") / 100
        except ValueError:
            return Unsupported("Shopee shows no chat response rate for this store yet.", "no_figure")
        if not 0 <= rate <= 1:
            return Unsupported("Shopee's chat response rate for this store is no share.", "no_figure")
        return ChatFigure(rate, _FIGURE_DAYS, now)

    async def buyer_in(self, store: Store, thread_id: str) -> str:
        """The user id of a conversation's buyer, "" where Shopee knows no such conversation of this shop."""
        known = self._buyers.get((store.store_id, thread_id))
        if known is not None:
            return known
        thread = await self.thread(store, thread_id)
        return thread.buyer_id if thread else ""

    async def post(
        self, store: Store, operation: str, model: type[ModelT], body: Mapping[str, object], *, feed: str
    ) -> ModelT:
        """Change something in a conversation. Raises AdapterError; it is never repeated by itself."""

        def read(answer: Answer) -> ModelT:
            return read_response(answer, model)

        with self._clients.permission(store, _WANTS):
            return await self._clients.of(store).post(
                store, f"/sellerchat/{operation}", read, feed=feed, body=body, write=True
            )

    async def send_card(self, store: Store, buyer_id: str, order_no: str, *, feed: str) -> SentMessage:
        """Send the card of an order, which the first words of a conversation have to follow."""
        body = {"to_id": as_number(buyer_id), "message_type": "order", "content": {"order_sn": order_no}}
        return await self.post(store, "send_message", SentMessage, body, feed=feed)

    async def _get(self, store: Store, operation: str, model: type[ModelT], params: dict[str, str]) -> ModelT:
        def read(answer: Answer) -> ModelT:
            return read_response(answer, model)

        with self._clients.permission(store, _WANTS):
            return await self._clients.of(store).get(store, f"/sellerchat/{operation}", read, feed=_FEED, params=params)

    def _noted(self, record: ConversationRecord, store: Store) -> Thread:
        """The thread, its buyer remembered: with whom a conversation is never changes."""
        thread = to_thread(record, store)
        if thread.buyer_id:
            while len(self._buyers) >= _BUYERS_KEPT:
                del self._buyers[next(iter(self._buyers))]
            self._buyers[store.store_id, thread.thread_id] = thread.buyer_id
        return thread
