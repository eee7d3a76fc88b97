"""Lazada's chat: sessions and messages page by page backwards in time, opening one, and the seller's response rate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar

from shoptui.adapters.base import Rejected, Unsupported
from shoptui.adapters.chat import ChatFigure, ChatPace, MessagePage, ReplyLimits, ThreadPage
from shoptui.adapters.chat_app import ChatClients
from shoptui.adapters.chat_records import read_each
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.chat_mapping import to_message, to_thread
from shoptui.adapters.lazada.chat_wire import (
    ChatRefused,
    MessageRecord,
    MessagesPage,
    Metrics,
    Opened,
    SessionPage,
    SessionRecord,
    read_chat,
    read_session,
)
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.wire import read_data, read_flat
from shoptui.domain.messages import Thread
from shoptui.domain.stores import Store

T = TypeVar("T")

#: The most a page may have (sheet, section 11).
PAGE_MAX = 20
#: The days of the response rate, as Lazada's rule has them.
FIGURE_DAYS = 7

_FEED = "messages"
_WANTS = "Lazada wants an app of its own for conversations"
#: The API's own words for an order whose buyer cannot be written to any more: it is older than 30 days.
_TOO_OLD = "-22"
_NO_FIGURE = Unsupported("Lazada shows no response rate for this store yet.", "no_figure")
_OTHER_APP = Unsupported("Lazada tells a store's response rate to the app its orders are read through.", "other_app")


class LazadaChat:
    """What stores and buyers say to each other, read for any store whose conversations this app has.

    Lazada wants programs to be told of messages and not to ask, may withdraw the right to ask too often, and names no
    figure. A list every quarter of an hour is 96 calls a store and day, a hundredth of what even an app under test may
    make; every five minutes while an answer falls due within two hours still leaves room for a hundred sellers there.

    How long a text may be is not documented: what other marketplaces take is taken for it. Moderation takes a message
    with links or contacts and keeps it from the buyer without a word: such a reply is better not sent.
    """

    limits = ReplyLimits(text_max=2000, links=False, contacts=False, unanswered_max=5)
    pace = ChatPace(near_s=300, usual_s=900)

    def __init__(self, clients: ChatClients[ShopClient]) -> None:
        self._clients = clients

    async def get(self, store: Store, path: str, read: Callable[[Answer], T], params: Mapping[str, str]) -> T:
        """Read something of a store's conversations. Raises AdapterError, but no AuthError of another app's consent."""
        with self._clients.permission(store, _WANTS):
            return await self._clients.of(store).get(store, path, read, feed=_FEED, params=params)

    async def post(
        self,
        store: Store,
        path: str,
        read: Callable[[Answer], T],
        fields: Mapping[str, str],
        *,
        feed: str = _FEED,
        write: bool = True,
    ) -> T:
        """Change something in a store's conversations, never repeated by itself. Raises as `get` does."""
        with self._clients.permission(store, _WANTS):
            return await self._clients.of(store).post(store, path, read, feed=feed, fields=fields, write=write)

    async def threads(self, store: Store, since: int) -> AsyncIterator[ThreadPage]:
        """Sessions with anything new at or after `since`, newest activity first; Lazada keeps a month of them.

        A page that ends with something older is the last that is read. What moves while pages are read comes once.
        """
        seen: set[str] = set()
        async for rows in self._pages(store, "/im/session/list", SessionPage, {}, "last_session_id"):
            found, faults = read_each(
                rows, SessionRecord, lambda record: to_thread(record, store.store_id), id_field="session_id"
            )
            new = [thread for thread in found if thread.last_at >= since and thread.thread_id not in seen]
            seen.update(thread.thread_id for thread in new)
            if new or faults:
                yield ThreadPage(tuple(new), faults)
            if found and found[-1].last_at < since:
                return

    async def thread(self, store: Store, thread_id: str) -> Thread | None:
        try:
            record = await self.get(store, "/im/session/get", read_session, {"session_id": thread_id})
        except ChatRefused:
            # The only thing the call says is the session's id.
            return None
        return to_thread(record, store.store_id)

    async def messages(self, store: Store, thread_id: str) -> AsyncIterator[MessagePage]:
        """A session's messages, newest first; reading them marks nothing as read."""
        seen: set[str] = set()
        params = {"session_id": thread_id}
        async for rows in self._pages(store, "/im/message/list", MessagesPage, params, "last_message_id"):
            found, faults = read_each(
                rows, MessageRecord, lambda record: to_message(record, store.store_id, thread_id), id_field="message_id"
            )
            new = [message for message in found if message.message_id not in seen]
            seen.update(message.message_id for message in new)
            if new or faults:
                yield MessagePage(tuple(new), faults)

    async def open_thread(self, store: Store, order_no: str, buyer_id: str) -> str | Unsupported:
        try:
            found = await self.post(store, "/im/session/open", _read_opened, {"order_id": order_no}, write=False)
        except Rejected as refusal:
            if refusal.code == _TOO_OLD:
                return Unsupported("Lazada opens conversations only about orders of the last 30 days.", "cannot_open")
            raise
        return found.session_id or Unsupported("Lazada opened no conversation about this order.", "cannot_open")

    async def own_figure(self, store: Store, now: int) -> ChatFigure | Unsupported:
        """The share of questions answered in time (sheet, section 13). Apps for chat alone are not told."""
        if store.app != self._clients.app:
            return _OTHER_APP
        metrics = await self._clients.own.get(store, "/seller/metrics/get", _read_metrics, feed=_FEED)
        try:
            rate = float(metrics.response_rate or "")
        except ValueError:
            return _NO_FIGURE
        # The document's sample has a share; its neighbours are in per cent.
        rate = rate / 100 if rate > 1 else rate
        return ChatFigure(rate, FIGURE_DAYS, now) if 0 <= rate <= 1 else _NO_FIGURE

    async def _pages(
        self,
        store: Store,
        path: str,
        model: type[SessionPage] | type[MessagesPage],
        params: Mapping[str, str],
        last_name: str,
    ) -> AsyncIterator[Sequence[Any]]:
        """The rows of each page, from now backwards: a page begins where the one before it says."""

        def read(answer: Answer) -> SessionPage | MessagesPage:
            return read_chat(answer, model)

        # To the end of this second: the times of messages are finer than our clock.
        place = (1000 * (int(self._clients.own.clock.now()) + 1), "")
        been: set[tuple[int, str]] = set()
        while place not in been:
            been.add(place)
            asked = {**params, "start_time": str(place[0]), "page_size": str(PAGE_MAX), last_name: place[1]}
            page = await self.get(store, path, read, asked)
            yield page.rows or ()
            if not page.has_more or not 0 < (page.next_start_time or 0) <= place[0]:
                return
            place = (page.next_start_time or 0, page.last_id or "")


def _read_opened(answer: Answer) -> Opened:
    return read_flat(answer, Opened)


def _read_metrics(answer: Answer) -> Metrics:
    return read_data(answer, Metrics)
