"""Shopee as a `Marketplace`: what it can do, and each verb handed to the part that knows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.base import (
    AdapterError,
    AppCredentials,
    Capabilities,
    HandoverOptions,
    OrderPage,
    Rejected,
    TokenSet,
    TokenVault,
    Unsupported,
)
from shoptui.adapters.calls import AppCalls
from shoptui.adapters.chat import Chat
from shoptui.adapters.chat_app import ChatClients, ChatVault
from shoptui.adapters.desks import Choices, Desk, why_not
from shoptui.adapters.finance import Finance
from shoptui.adapters.http import Answer, HttpClients, StoreHttpOptions
from shoptui.adapters.returns import Returns
from shoptui.adapters.shopee.answer_cancel import AnswerCancelDesk
from shoptui.adapters.shopee.cancel import CancelDesk, reasons
from shoptui.adapters.shopee.chat import ShopeeChat
from shoptui.adapters.shopee.chat_desks import ReadDesk, ReplyDesk
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.consent import ShopeeConsent
from shoptui.adapters.shopee.finance import ShopeeFinance
from shoptui.adapters.shopee.handover import options
from shoptui.adapters.shopee.label_calls import LabelCalls
from shoptui.adapters.shopee.labels import LabelDesk
from shoptui.adapters.shopee.month import MonthReader
from shoptui.adapters.shopee.note import NoteDesk
from shoptui.adapters.shopee.orders import DETAIL_MAX, PAGE_MAX, OrderReader
from shoptui.adapters.shopee.own_shipping import OwnShippingDesk
from shoptui.adapters.shopee.parcels import Parcels
from shoptui.adapters.shopee.return_desk import AnswerReturnDesk
from shoptui.adapters.shopee.returns import ShopeeReturns
from shoptui.adapters.shopee.ship import ShipDesk
from shoptui.adapters.shopee.shipping_calls import ShippingCalls
from shoptui.adapters.shopee.split import SplitDesk
from shoptui.adapters.shopee.stock import ShopeeStock
from shoptui.adapters.shopee.stock_desk import ShopeeStockDesk
from shoptui.adapters.shopee.wire import ShopInfo, read_flat
from shoptui.adapters.stock import Stock
from shoptui.adapters.tokens import RENEW_BEFORE_END_S
from shoptui.clock import Clock
from shoptui.domain.intents import Verb
from shoptui.domain.orders import HistoryEvent, Order
from shoptui.domain.stores import Store

NAME = "shopee"

#: What Shopee's interface can never do, whatever the market.
NEVER: Mapping[Verb, Unsupported] = MappingProxyType(
    {
        Verb.COMBINE: Unsupported("Shopee has no call that puts several orders into one parcel.", "no_combine"),
        Verb.CHANGE_TRACKING: Unsupported(
            "Shopee takes a tracking number once, when the order is shipped; it cannot be corrected.", "only_once"
        ),
    }
)


#: The engine renews before calls have to, so that the end of consents is noted as it goes.
ENGINE_RENEWS_S = 2 * RENEW_BEFORE_END_S


class Shopee:
    """All stores authorised through one Shopee app."""

    name = NAME

    def __init__(
        self,
        app: AppCredentials,
        *,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions] = MappingProxyType({}),
    ) -> None:
        self.capabilities = Capabilities(page_max=PAGE_MAX, detail_max=DETAIL_MAX, renew_before_s=ENGINE_RENEWS_S)
        calls = AppCalls(app, clock, http, stores_http)
        self._client = ShopClient(calls, vault)
        self._parcels = Parcels(self._client)
        self._orders = OrderReader(self._client, self._parcels)
        self._month = MonthReader(self._orders)
        self._shipping = ShippingCalls(self._client)
        self._labels = LabelDesk(LabelCalls(self._client), self._parcels)
        self._cancel = CancelDesk(self._client, self._orders)
        self._split = SplitDesk(self._client, self._orders, self._parcels)
        chat = ShopeeChat(ChatClients(app.app, self._client, ShopClient(calls, ChatVault(vault))))
        stock = ShopeeStock(self._client)
        returns = ShopeeReturns(self._client)
        desks: list[Desk] = [
            ShipDesk(self._shipping, self._parcels, self._orders),
            OwnShippingDesk(self._shipping, self._parcels, self._orders),
            self._labels,
            NoteDesk(self._client, self._orders),
            self._cancel,
            AnswerCancelDesk(self._client, self._orders),
            self._split,
            ReplyDesk(chat),
            ReadDesk(chat),
            AnswerReturnDesk(self._client, returns),
            ShopeeStockDesk(self._client, stock),
        ]
        self.desks: Mapping[Verb, Desk] = MappingProxyType({desk.verb: desk for desk in desks})
        self.never = NEVER
        self.chat: Chat | None = chat
        self.returns: Returns | None = returns
        self.stock: Stock | None = stock
        self.finance: Finance | None = ShopeeFinance(self._client)
        self.consent = ShopeeConsent(app, self._client)

    async def refresh(self, store: Store) -> TokenSet:
        """Renew the tokens, and note when the seller's consent ends: renewals go on for ever, consents do not.

        After a renewal of no avail those there are come back, while they last.
        """
        keeper = self._client.tokens
        stale = keeper.held(store).access_token
        tokens = await keeper.renew_ahead(store)
        if tokens.access_token == stale:
            return tokens
        try:
            info = await self._client.get(store, "/shop/get_shop_info", _read_info, feed="tokens")
        except AdapterError:
            # The tokens are good without it: when the consent ends is asked for again with the next renewal.
            return tokens
        return await keeper.bounded(store, tokens, info.expire_time or 0)

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
        """Every reading of an order has its packages in full already; they are read again here."""
        page = await self._orders.by_no(store, [order.order_no], feed="packages")
        return page.orders[0] if page.orders else order

    async def handover_options(self, store: Store, package_id: str) -> HandoverOptions | Unsupported:
        if not package_id:
            return Unsupported("This order has no package yet, so there are no pick-up times to choose from.")
        detail = (await self._parcels.details(store, [package_id], feed="slots")).get(package_id)
        if detail is None:
            return Unsupported("Shopee does not show this package; read its order again.")
        try:
            parameters = await self._shipping.parameters(
                store, detail.order_sn, package_id, is_split=bool(detail.is_split_up), feed="slots"
            )
        except Rejected as refusal:
            return Unsupported(refusal.message, refusal.cause.id.value)
        return options(parameters, store)

    async def choices(self, store: Store, verb: Verb, order: Order) -> Choices | Unsupported:
        if (reason := why_not(self, verb, store, order)) is not None:
            return reason
        match verb:
            case Verb.CANCEL:
                return Choices(reasons=reasons(store, order), whole_only=await self._cancel.whole_only(store, order))
            case Verb.LABEL:
                return await self._labels.choices(store, order)
            case Verb.SPLIT:
                return await self._split.choices(store, order)
            case _:
                return Choices()

    async def tracking(self, store: Store, order_no: str) -> Sequence[HistoryEvent]:
        page = await self._orders.by_no(store, [order_no], feed="tracking")
        packages = page.orders[0].packages if page.orders else ()
        events: list[HistoryEvent] = []
        for package in packages:
            number = package.package_id if len(packages) > 1 else ""
            events += await self._parcels.events(store, order_no, number)
        return sorted(events, key=lambda event: event.at)

    async def close(self) -> None:
        await self._client.close()


def _read_info(answer: Answer) -> ShopInfo:
    return read_flat(answer, ShopInfo)
