"""Invented sales and how a marketplace settles them by the fee book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shoptui.domain.anomalies import Terms
from shoptui.domain.fee_rules import FeeBase
from shoptui.domain.finance import FeeKind, PaidState, Part, Statement, StatementLine
from shoptui.domain.money import Money
from shoptui.domain.orders import Line, Order, Status
from shoptui.domain.stores import REGIONS, Store
from shoptui.fee_book import load_fee_book

AT = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp())
BOOK = load_fee_book()


def a_shop(marketplace: str = "shopee", region: str = "MY") -> Store:
    zone, currency = REGIONS[region]
    return Store("sp-my-1", marketplace, region, "9", "Bags", zone, currency, "main")


def terms_of(store: Store) -> Terms:
    return Terms(store, BOOK)


@dataclass(frozen=True)
class Sale:
    """One sale: the list price, what seller and marketplace took off, and the carriage; all in minor units."""

    order_no: str = "1J8C3T"
    price: int = 4783
    seller_off: int = 0
    platform_off: int = 0
    buyer_ships: int = 300
    subsidy: int = 190

    def order(self, store: Store, status: Status = Status.COMPLETED) -> Order:
        paid = Money(self.price - self.seller_off - self.platform_off, store.currency)
        line = Line("L1", "BAG", "S1", "Bag", "red", 1, paid, status, "DONE")
        total = paid + Money(self.buyer_ships, store.currency)
        return Order(
            store.store_id, self.order_no, status, "DONE", AT - 600_000, AT - 300_000, total, (line,), paid_at=AT
        )

    def parts(self, store: Store) -> dict[FeeKind, int]:
        """What the marketplace settles by the book, kind by kind."""
        goods = self.price - self.seller_off
        bases = {
            FeeBase.GOODS: goods,
            FeeBase.PAID: goods - self.platform_off + self.buyer_ships,
            FeeBase.CARRIAGE: self.buyer_ships + self.subsidy,
            FeeBase.ORDER: 0,
        }
        found = {
            FeeKind.ITEM: self.price,
            FeeKind.SELLER_DISCOUNT: -self.seller_off,
            FeeKind.SHIPPING_BUYER: self.buyer_ships,
            FeeKind.SHIPPING_SUBSIDY: self.subsidy,
        }
        for kind, rule in terms_of(store).fees(AT).items():
            if not rule.varies:
                found[kind] = -rule.expected(bases[rule.base], store.currency)
        return {kind: minor for kind, minor in found.items() if minor}


def a_line(
    store: Store, order_no: str, parts: dict[FeeKind, int], line_id: str = "", statement_id: str = "W46"
) -> StatementLine:
    made = tuple(Part(kind, Money(minor, store.currency), kind.value) for kind, minor in parts.items())
    return StatementLine(
        store.store_id,
        statement_id,
        line_id or f"{order_no}-sale",
        order_no,
        AT,
        Money(sum(parts.values()), store.currency),
        made,
        "ORDER",
    )


def a_statement(store: Store, payout: int, statement_id: str = "W46", at: int = AT) -> Statement:
    return Statement(
        store.store_id,
        statement_id,
        at - 7 * 86400,
        at + 1,
        Money(payout, store.currency),
        PaidState.PAID,
        "1",
        at + 86400,
    )


def unit_lines(store: Store, sale: Sale, parts: dict[FeeKind, int]) -> list[StatementLine]:
    """The same settlement as a marketplace tells it that books one amount a row."""
    return [
        replace(a_line(store, sale.order_no, {kind: minor}, f"{sale.order_no}-{kind}"), order_line_id="U1", sku="BAG")
        for kind, minor in parts.items()
    ]
