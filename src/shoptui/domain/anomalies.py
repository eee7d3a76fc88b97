"""What may be wrong with a settlement, and what has to be known to tell: the types of verification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shoptui.domain.fee_rules import FeeBook, FeeRule, SettlementRule
from shoptui.domain.finance import FeeKind, Statement, StatementLine
from shoptui.domain.money import Money
from shoptui.domain.orders import Order, Status
from shoptui.domain.rule_types import zone_of
from shoptui.domain.stores import Store


class AnomalyKind(StrEnum):
    """What may be wrong with a settlement."""

    FEE_RATE = "fee_rate"
    SHIPPING_OVER_QUOTE = "shipping_over_quote"
    NEVER_SETTLED = "never_settled"
    SETTLED_TWICE = "settled_twice"
    REFUND_WITHOUT_RETURN = "refund_without_return"
    AMOUNT_DIFFERS = "amount_differs"
    UNKNOWN_FEE = "unknown_fee"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One thing that does not agree.

    `statement_id` is "" for an order that is in no statement, `order_no` for what belongs to no order. `fee` names the
    kind of fee where one is meant, else "". `why` is the id of a sentence and `args` what it is filled with. `at` is
    when it was booked; for an order never settled when it should have been (epoch s).
    """

    kind: AnomalyKind
    store_id: str
    statement_id: str
    order_no: str
    expected: Money
    paid: Money
    why: str
    args: tuple[tuple[str, str], ...]
    at: int
    fee: str = ""

    @property
    def difference(self) -> Money:
        """Paid less expected: below zero is missing."""
        return self.paid - self.expected


@dataclass(frozen=True, slots=True)
class Returned:
    """A return, refund or cancellation as far as it explains money paid back.

    `allowed` is False once it was refused or withdrawn. `value_minor` is what the buyer is paid by it.
    """

    return_id: str
    value_minor: int
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one settled order besides the statement.

    `sold` is None where the order is not in the house: then only what the statement itself says can be checked.
    `earlier` are its lines in statements before this one. `quote_minor` is the carriage quoted at checkout where the
    house knows it, None for what buyer and marketplace gave. `returns` is None where the house does not read returns:
    then refunds cannot be judged.
    """

    sold: Order | None = None
    earlier: tuple[StatementLine, ...] = ()
    returns: tuple[Returned, ...] | None = None
    quote_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying a statement found. `orders` is how many it has, `agreeing` how many of them show nothing wrong.

    `sold` is the goods at the seller's price less the seller's discounts, `paid` the sum of the lines, `expected` what
    it would be without the anomalies; paid less expected is the sum of their differences.
    """

    anomalies: tuple[Anomaly, ...]
    orders: int
    agreeing: int
    sold: Money
    paid: Money
    expected: Money


class Terms:
    """The rules for one store's money, by the days of its time zone."""

    def __init__(self, store: Store, book: FeeBook) -> None:
        self.store = store
        self._book = book
        self._zone = zone_of(store.time_zone)

    def day(self, at: int) -> date:
        """The store's local day of a moment (epoch s)."""
        return datetime.fromtimestamp(at, self._zone).date()

    def fees(self, at: int) -> Mapping[FeeKind, FeeRule]:
        """The fee rules in force at a moment; empty where the book says nothing of the store's market."""
        return self._book.fees(self.store.marketplace, self.store.region, self.day(at))

    def settlement(self, at: int) -> SettlementRule | None:
        """When sales of that moment are settled, None where the book does not say."""
        return self._book.settlement(self.store.marketplace, self.store.region, self.day(at))


def anomaly_of(
    statement: Statement,
    kind: AnomalyKind,
    order_no: str,
    expected: Money,
    paid: Money,
    why: str,
    args: tuple[tuple[str, str], ...],
    at: int,
    fee: str = "",
) -> Anomaly:
    """An anomaly of a statement."""
    return Anomaly(kind, statement.store_id, statement.statement_id, order_no, expected, paid, why, args, at, str(fee))


def price_of(order: Order) -> int:
    """What the buyer pays for all units that were not cancelled, without carriage."""
    return sum(line.unit_price.minor * line.quantity for line in order.lines if line.status is not Status.CANCELLED)
