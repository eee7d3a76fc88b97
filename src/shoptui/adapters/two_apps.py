"""One store through two apps of its marketplace: everything through its own, conversations through another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.base import NONE_KNOWN, HandoverOptions, Marketplace, OrderPage, TokenSet, Unsupported
from shoptui.adapters.chat import Chat, ChatFigure, MessagePage, ThreadPage
from shoptui.adapters.desks import Choices, Desk
from shoptui.domain.intents import Verb
from shoptui.domain.messages import Thread
from shoptui.domain.orders import HistoryEvent, Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import THREAD_VERBS


def with_chat_app(orders: Marketplace, talks: Marketplace | None) -> Marketplace:
    """The store's own app with the conversations of another; the own one alone where there is no other."""
    if talks is None or talks is orders or talks.chat is None:
        return orders
    return _TwoApps(orders, talks, talks.chat)


class _OtherChat:
    """The other app's chat; the marketplace's figure of the store's answers is the own app's to read."""

    def __init__(self, chat: Chat, own: Chat | None) -> None:
        self._chat = chat
        self._own = own
        self.limits = chat.limits
        self.pace = chat.pace

    def threads(self, store: Store, since: int) -> AsyncIterator[ThreadPage]:
        return self._chat.threads(store, since)

    async def thread(self, store: Store, thread_id: str) -> Thread | None:
        return await self._chat.thread(store, thread_id)

    def messages(self, store: Store, thread_id: str) -> AsyncIterator[MessagePage]:
        return self._chat.messages(store, thread_id)

    async def open_thread(self, store: Store, order_no: str, buyer_id: str) -> str | Unsupported:
        return await self._chat.open_thread(store, order_no, buyer_id)

    async def own_figure(self, store: Store, now: int) -> ChatFigure | Unsupported:
        return await (self._own or self._chat).own_figure(store, now)


class _TwoApps:
    """Owns neither of the two: who made them closes them."""

    def __init__(self, orders: Marketplace, talks: Marketplace, chat: Chat) -> None:
        self._orders = orders
        self.name = orders.name
        self.capabilities = orders.capabilities
        self.never = orders.never
        self.chat: Chat | None = _OtherChat(chat, orders.chat)
        self.returns = orders.returns
        self.stock = orders.stock
        self.finance = orders.finance
        own = {verb: desk for verb, desk in orders.desks.items() if verb not in THREAD_VERBS}
        other = {verb: desk for verb, desk in talks.desks.items() if verb in THREAD_VERBS}
        self.desks: Mapping[Verb, Desk] = MappingProxyType(own | other)

    async def refresh(self, store: Store) -> TokenSet:
        return await self._orders.refresh(store)

    def changed_orders(
        self, store: Store, since: int, until: int, *, known: Mapping[str, int] = NONE_KNOWN
    ) -> AsyncIterator[OrderPage]:
        return self._orders.changed_orders(store, since, until, known=known)

    def month(
        self, store: Store, since: int, until: int, *, known: Container[str], at_most: int
    ) -> AsyncIterator[OrderPage]:
        return self._orders.month(store, since, until, known=known, at_most=at_most)

    def open_orders(self, store: Store) -> AsyncIterator[OrderPage]:
        return self._orders.open_orders(store)

    async def orders_by_no(self, store: Store, order_nos: Sequence[str]) -> OrderPage:
        return await self._orders.orders_by_no(store, order_nos)

    async def order_packages(self, store: Store, order: Order) -> Order:
        return await self._orders.order_packages(store, order)

    async def handover_options(self, store: Store, package_id: str) -> HandoverOptions | Unsupported:
        return await self._orders.handover_options(store, package_id)

    async def choices(self, store: Store, verb: Verb, order: Order) -> Choices | Unsupported:
        return await self._orders.choices(store, verb, order)

    async def tracking(self, store: Store, order_no: str) -> Sequence[HistoryEvent]:
        return await self._orders.tracking(store, order_no)

    async def close(self) -> None:
        """Nothing: see the class."""
