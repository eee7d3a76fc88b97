"""Bazaar as a `Marketplace`: reads its yard's sales and ships them; it can do nothing else."""

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
    TooMany,
    Unsupported,
    Verdict,
)
from shoptui.adapters.chat import Chat
from shoptui.adapters.consent import CodeWrong, OfferedShop, Pasted
from shoptui.adapters.desks import Choices, Desk, Evidence, Outcome, Request, why_not
from shoptui.adapters.finance import Finance
from shoptui.adapters.http import DIRECT, HttpClients, StoreHttpOptions
from shoptui.adapters.returns import Returns
from shoptui.adapters.stock import Stock
from shoptui.clock import Clock
from shoptui.domain.clocks import Clock as Deadline
from shoptui.domain.clocks import ClockKind, Consequence, StopEvent
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.money import Money
from shoptui.domain.orders import HistoryEvent, Line, Order, Package, ShippingType, Status
from shoptui.domain.stores import Store
from tests.bazaar.yard import YARDS, Sale, Yard, changed_at

PAGE = 20
_FOREVER_S = 365 * 86400


class Bazaar:
    """All shops of one Bazaar app; its address names the yard."""

    name = "bazaar"
    capabilities = Capabilities(page_max=PAGE, detail_max=PAGE)

    def __init__(
        self,
        app: AppCredentials,
        *,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions],
    ) -> None:
        self._vault = vault
        yard = YARDS.get(app.base_url) or Yard({}, lambda: int(clock.now()))
        self._yard = yard
        self.desks: Mapping[Verb, Desk] = MappingProxyType({Verb.SHIP: ShipDesk(yard)})
        self.chat: Chat | None = None
        self.returns: Returns | None = None
        self.stock: Stock | None = None
        self.finance: Finance | None = None
        self.never: Mapping[Verb, Unsupported] = MappingProxyType(
            {Verb.CANCEL: Unsupported("At Bazaar a deal is a deal.", "no_cancel")}
        )
        self.consent = BazaarConsent(yard)

    async def refresh(self, store: Store) -> TokenSet:
        tokens = _tokens(self._yard)
        await self._vault.save(store.store_id, tokens)
        return tokens

    async def changed_orders(
        self, store: Store, since: int, until: int, *, known: Container[str] = frozenset()
    ) -> AsyncIterator[OrderPage]:
        for page in _pages(store, [s for s in self._yard.of_shop(store.shop_id) if since <= changed_at(s) < until]):
            yield page

    async def open_orders(self, store: Store) -> AsyncIterator[OrderPage]:
        for page in _pages(store, self._yard.of_shop(store.shop_id)):
            yield page

    async def month(
        self, store: Store, since: int, until: int, *, known: Container[str], at_most: int
    ) -> AsyncIterator[OrderPage]:
        sales = self._yard.of_shop(store.shop_id)
        if len(sales) > at_most:
            raise TooMany(len(sales))
        for page in _pages(store, sales):
            yield page

    async def orders_by_no(self, store: Store, order_nos: Sequence[str]) -> OrderPage:
        sales = self._yard.of_shop(store.shop_id)
        return OrderPage(tuple(_order(store, sale) for sale in sales if sale.number in order_nos))

    async def order_packages(self, store: Store, order: Order) -> Order:
        return (await self.orders_by_no(store, [order.order_no])).orders[0]

    async def handover_options(self, store: Store, package_id: str) -> HandoverOptions | Unsupported:
        return Unsupported("Bazaar's carts come when they come.", "no_slots")

    async def choices(self, store: Store, verb: Verb, order: Order) -> Choices | Unsupported:
        return why_not(self, verb, store, order) or Choices()

    async def tracking(self, store: Store, order_no: str) -> Sequence[HistoryEvent]:
        return ()

    async def close(self) -> None:
        """Nothing is open."""


class ShipDesk:
    """Tells the yard what to ship."""

    verb = Verb.SHIP
    rule = SettleRule(Settling.READ_BACK, first_look_s=1, give_up_s=60, resends=1)
    batch_max = 10

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        return [
            Outcome(Verdict.DONE)
            if self._yard.ship(store.shop_id, request.order_no)
            else Outcome(Verdict.REFUSED, Cause(CauseId.WRONG_STATE, "gone", "It is gone."))
            for request in requests
        ]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        gone = {sale.number for sale in self._yard.of_shop(store.shop_id) if sale.arranged_at is not None}
        return [Evidence(Verdict.DONE if one.order_no in gone else Verdict.NOT_DONE) for one in requests]


class BazaarConsent:
    """Every seller says yes; the code is always the same."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    def link(self, state: str) -> str:
        return f"https://bazaar.example/agree?state={state}"

    def read_pasted(self, text: str) -> Pasted:
        if text.strip() != "open sesame":
            raise CodeWrong("not_a_code", "Say the word.")
        return Pasted(text.strip())

    async def exchange(self, code: str, *, options: StoreHttpOptions = DIRECT) -> TokenSet:
        return _tokens(self._yard)

    async def shops(self, tokens: TokenSet, *, options: StoreHttpOptions = DIRECT) -> Sequence[OfferedShop]:
        return [OfferedShop(shop_id, f"Stall {shop_id}", region) for shop_id, region in self._yard.regions.items()]


def _tokens(yard: Yard) -> TokenSet:
    return TokenSet("in", "again", (end_at := yard.now() + _FOREVER_S), end_at)


def _pages(store: Store, sales: Sequence[Sale]) -> list[OrderPage]:
    cuts = range(0, max(1, len(sales)), PAGE)
    return [
        OrderPage(
            tuple(_order(store, sale) for sale in sales[cut : cut + PAGE]), total=len(sales) if cut == 0 else None
        )
        for cut in cuts
    ]


def _order(store: Store, sale: Sale) -> Order:
    status = Status.TO_SHIP if sale.arranged_at is None else Status.TO_HAND_OVER
    word = "BOUGHT" if sale.arranged_at is None else "ON_THE_CART"
    price = Money(1_250, store.currency)
    tracking = "" if sale.arranged_at is None else f"CART{sale.number}"
    return Order(
        store_id=store.store_id,
        order_no=sale.number,
        status=status,
        raw_status=word,
        created_at=sale.sold_at,
        updated_at=changed_at(sale),
        total=price,
        lines=(Line("1", "RUG-RD", "rug", "Carpet", "red", 1, price, status, word, f"B{sale.number}"),),
        packages=(Package(f"B{sale.number}", status, word, ("1",), tracking_number=tracking),),
        clocks=(
            Deadline(
                ClockKind.ARRANGE,
                sale.ship_by_at,
                Consequence.LATE_DISPATCH,
                StopEvent.ARRANGED,
                "bazaar:ship_by",
                stopped_at=sale.arranged_at,
            ),
        ),
        paid_at=sale.sold_at,
        shipping_type=ShippingType.PLATFORM,
        tracking_number=tracking,
        buyer_id="b1",
        buyer_name="Aladdin M",
    )
