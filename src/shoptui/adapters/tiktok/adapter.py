"""TikTok Shop as a `Marketplace`: what it can do, and each verb handed to the part that knows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.base import (
    NONE_KNOWN,
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
from shoptui.adapters.desks import Choices, Desk, why_not
from shoptui.adapters.finance import Finance
from shoptui.adapters.http import HttpClients, StoreHttpOptions
from shoptui.adapters.returns import Returns
from shoptui.adapters.stock import Stock
from shoptui.adapters.tiktok.answer_cancel import AnswerCancelDesk
from shoptui.adapters.tiktok.cancel import CancelDesk
from shoptui.adapters.tiktok.cancellations import Cancellations
from shoptui.adapters.tiktok.carriers import Carriers
from shoptui.adapters.tiktok.chat import TikTokChat
from shoptui.adapters.tiktok.chat_desks import ReadDesk, ReplyDesk
from shoptui.adapters.tiktok.choices import Chooser
from shoptui.adapters.tiktok.client import ShopClient
from shoptui.adapters.tiktok.combine import Combinable, CombineDesk
from shoptui.adapters.tiktok.consent import TikTokConsent
from shoptui.adapters.tiktok.corrections import ChangeTrackingDesk
from shoptui.adapters.tiktok.documents import LabelDesk
from shoptui.adapters.tiktok.finance import TikTokFinance
from shoptui.adapters.tiktok.fulfilment import Fulfilment
from shoptui.adapters.tiktok.orders import DETAIL_MAX, PAGE_MAX, OrderReader
from shoptui.adapters.tiktok.own_shipping import OwnShippingDesk
from shoptui.adapters.tiktok.return_desk import AnswerReturnDesk
from shoptui.adapters.tiktok.returns import TikTokReturns
from shoptui.adapters.tiktok.ship import SHIP_BATCH_MAX, ShipDesk
from shoptui.adapters.tiktok.split import SplitDesk
from shoptui.adapters.tiktok.stock import TikTokStock
from shoptui.adapters.tiktok.stock_desk import TikTokStockDesk
from shoptui.clock import Clock
from shoptui.domain.intents import Verb
from shoptui.domain.orders import HistoryEvent, Order
from shoptui.domain.stores import Store

NAME = "tiktok"

#: What TikTok Shop's interface can never do, whatever the market.
NEVER: Mapping[Verb, Unsupported] = MappingProxyType(
    {Verb.NOTE: Unsupported("TikTok Shop shows its seller note to programs but lets only people write it.", "note")}
)


class TikTokShop:
    """All stores authorised through one TikTok Shop app."""

    name = NAME

    def __init__(
        self,
        app: AppCredentials,
        *,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions] = MappingProxyType({}),
        ship_batch_max: int = SHIP_BATCH_MAX,
    ) -> None:
        self.capabilities = Capabilities(page_max=PAGE_MAX, detail_max=DETAIL_MAX)
        self._client = ShopClient(AppCalls(app, clock, http, stores_http), vault)
        self._orders = OrderReader(self._client)
        self._fulfilment = Fulfilment(self._client)
        carriers = Carriers(self._client)
        cancellations = Cancellations(self._client)
        combinable = Combinable(self._client)
        self._chooser = Chooser(self._client, self._orders, carriers, cancellations, combinable)
        chat = TikTokChat(self._client)
        stock = TikTokStock(self._client, clock)
        returns = TikTokReturns(self._client, cancellations)
        desks: list[Desk] = [
            ShipDesk(self._client, self._fulfilment, self._orders, batch_max=ship_batch_max),
            OwnShippingDesk(self._client, self._orders, carriers),
            ChangeTrackingDesk(self._client, self._fulfilment, carriers),
            LabelDesk(self._client),
            CancelDesk(self._client, self._orders, cancellations),
            AnswerCancelDesk(self._client, cancellations),
            SplitDesk(self._client, self._orders),
            CombineDesk(self._client, self._fulfilment, self._orders, combinable),
            ReplyDesk(self._client, chat),
            ReadDesk(self._client, chat),
            AnswerReturnDesk(self._client, returns, cancellations),
            TikTokStockDesk(self._client, stock, clock),
        ]
        self.desks: Mapping[Verb, Desk] = MappingProxyType({desk.verb: desk for desk in desks})
        self.never = NEVER
        self.chat: Chat | None = chat
        self.returns: Returns | None = returns
        self.stock: Stock | None = stock
        self.finance: Finance | None = TikTokFinance(self._client)
        self.consent = TikTokConsent(app, self._client)

    async def refresh(self, store: Store) -> TokenSet:
        return await self._client.tokens.renew_ahead(store, refusal_counts=True)

    def changed_orders(
        self, store: Store, since: int, until: int, *, known: Mapping[str, int] = NONE_KNOWN
    ) -> AsyncIterator[OrderPage]:
        return self._orders.changed(store, since, until, known=known)

    def month(
        self, store: Store, since: int, until: int, *, known: Container[str], at_most: int
    ) -> AsyncIterator[OrderPage]:
        return self._orders.month(store, since, until, at_most=at_most)

    def open_orders(self, store: Store) -> AsyncIterator[OrderPage]:
        return self._orders.open(store)

    async def orders_by_no(self, store: Store, order_nos: Sequence[str]) -> OrderPage:
        return await self._orders.by_no(store, order_nos)

    async def order_packages(self, store: Store, order: Order) -> Order:
        return await self._fulfilment.with_packages(store, order)

    async def handover_options(self, store: Store, package_id: str) -> HandoverOptions | Unsupported:
        return await self._fulfilment.handover_options(store, package_id)

    async def choices(self, store: Store, verb: Verb, order: Order) -> Choices | Unsupported:
        return why_not(self, verb, store, order) or await self._chooser.choices(store, verb, order)

    async def tracking(self, store: Store, order_no: str) -> Sequence[HistoryEvent]:
        return await self._fulfilment.tracking(store, order_no)

    async def close(self) -> None:
        await self._client.close()
