"""Lazada as a `Marketplace`: what it can do, and each verb handed to the part that knows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.base import (
    AppCredentials,
    Capabilities,
    HandoverOptions,
    OrderPage,
    TokenSet,
    TokenVault,
    Unsupported,
)
from shoptui.adapters.calls import AppCalls
from shoptui.adapters.chat import Chat
from shoptui.adapters.chat_app import ChatClients, ChatVault
from shoptui.adapters.desks import Choices, Desk, why_not
from shoptui.adapters.finance import Finance
from shoptui.adapters.http import HttpClients, StoreHttpOptions
from shoptui.adapters.lazada.answer_cancel import AnswerCancelDesk
from shoptui.adapters.lazada.cancel import CancelCalls, CancelDesk
from shoptui.adapters.lazada.chat import LazadaChat
from shoptui.adapters.lazada.chat_desks import ReadDesk, ReplyDesk
from shoptui.adapters.lazada.choices import Chooser
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.consent import LazadaConsent
from shoptui.adapters.lazada.finance import LazadaFinance
from shoptui.adapters.lazada.labels import LabelDesk
from shoptui.adapters.lazada.month import MonthReader
from shoptui.adapters.lazada.orders import ITEMS_MAX, PAGE_MAX, OrderReader
from shoptui.adapters.lazada.own_shipping import OwnCarriers, OwnShippingDesk
from shoptui.adapters.lazada.packing import Packer
from shoptui.adapters.lazada.return_desk import AnswerReturnDesk
from shoptui.adapters.lazada.returns import LazadaReturns
from shoptui.adapters.lazada.ship import ShipDesk
from shoptui.adapters.lazada.split import SplitDesk
from shoptui.adapters.lazada.stock import LazadaStock
from shoptui.adapters.lazada.stock_desk import LazadaStockDesk
from shoptui.adapters.lazada.tracking import carrier_events
from shoptui.adapters.returns import Returns
from shoptui.adapters.stock import Stock
from shoptui.clock import Clock
from shoptui.domain.intents import Verb
from shoptui.domain.orders import HistoryEvent, Order
from shoptui.domain.stores import Store

NAME = "lazada"

#: What Lazada's interface can never do, whatever the venture.
NEVER: Mapping[Verb, Unsupported] = MappingProxyType(
    {
        Verb.NOTE: Unsupported("Lazada keeps no seller note: this one stays here, marked ours.", "note"),
        Verb.COMBINE: Unsupported("Lazada makes a parcel for each order; orders cannot share one.", "combine"),
        Verb.CHANGE_TRACKING: Unsupported(
            "Lazada takes no other tracking number once a parcel is declared ready.", "change_tracking"
        ),
    }
)

_NO_SLOTS = Unsupported(
    "Lazada lets sellers choose no pick-up time: how parcels leave is set in Seller Center.", "slots"
)


class Lazada:
    """All stores authorised through one Lazada app."""

    name = NAME

    def __init__(
        self,
        app: AppCredentials,
        *,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions] = MappingProxyType({}),
        page_size: int = PAGE_MAX,
    ) -> None:
        self.capabilities = Capabilities(page_max=PAGE_MAX, detail_max=ITEMS_MAX)
        calls = AppCalls(app, clock, http, stores_http)
        self._client = ShopClient(calls, vault)
        chat = LazadaChat(ChatClients(app.app, self._client, ShopClient(calls, ChatVault(vault))))
        self._orders = OrderReader(self._client, page_size=page_size)
        self._month = MonthReader(self._orders)
        packer = Packer(self._client)
        carriers = OwnCarriers(self._client)
        cancellations = CancelCalls(self._client)
        self._chooser = Chooser(self._orders, carriers, cancellations)
        stock = LazadaStock(self._client)
        returns = LazadaReturns(self._client)
        desks: list[Desk] = [
            ShipDesk(self._orders, packer),
            OwnShippingDesk(self._client, self._orders, packer, carriers),
            LabelDesk(self._client, self._orders),
            CancelDesk(self._orders, cancellations),
            AnswerCancelDesk(self._client, self._orders),
            SplitDesk(self._orders, packer),
            ReplyDesk(chat),
            ReadDesk(chat),
            AnswerReturnDesk(self._client, returns),
            LazadaStockDesk(self._client, stock),
        ]
        self.desks: Mapping[Verb, Desk] = MappingProxyType({desk.verb: desk for desk in desks})
        self.never = NEVER
        self.chat: Chat | None = chat
        self.returns: Returns | None = returns
        self.stock: Stock | None = stock
        self.finance: Finance | None = LazadaFinance(self._client)
        self.consent = LazadaConsent(app, self._client)

    async def refresh(self, store: Store) -> TokenSet:
        return await self._client.tokens.renew_ahead(store)

    def changed_orders(
        self, store: Store, since: int, until: int, *, known: Container[str] = frozenset()
    ) -> AsyncIterator[OrderPage]:
        return self._orders.changed(store, since, until, known=known)

    def month(
        self, store: Store, since: int, until: int, *, known: Container[str], at_most: int
    ) -> AsyncIterator[OrderPage]:
        return self._month.read(store, since, until, known=known, at_most=at_most)

    def open_orders(self, store: Store) -> AsyncIterator[OrderPage]:
        return self._orders.open(store)

    async def orders_by_no(self, store: Store, order_nos: Sequence[str]) -> OrderPage:
        return await self._orders.by_no(store, order_nos)

    async def order_packages(self, store: Store, order: Order) -> Order:
        """Items carry all there is to know of packages, so the order is read anew."""
        page = await self._orders.by_no(store, [order.order_no], feed="packages")
        return page.orders[0] if page.orders else order

    async def handover_options(self, store: Store, package_id: str) -> HandoverOptions | Unsupported:
        return _NO_SLOTS

    async def choices(self, store: Store, verb: Verb, order: Order) -> Choices | Unsupported:
        return why_not(self, verb, store, order) or await self._chooser.choices(store, verb, order)

    async def tracking(self, store: Store, order_no: str) -> Sequence[HistoryEvent]:
        return await carrier_events(self._client, store, order_no)

    async def close(self) -> None:
        await self._client.close()
