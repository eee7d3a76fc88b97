"""What may be wrong with a settlement, and what has to be known to tell: the types of verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple

from shoptui.domain.codec import decoded, sold_of
from shoptui.domain.fee_rules import FeeBook, FeeRule, SettlementRule
from shoptui.domain.finance import FeeKind, Statement, StatementLine
from shoptui.domain.money import Money
from shoptui.domain.orders import Order, Status
from shoptui.domain.records import dataclass
from shoptui.domain.rule_time import local_day
from shoptui.domain.stores import Store

_QUARTER_S = 900


#: What reasons are filled with besides words: amounts in the anomaly's currency, percentages, moments (epoch s).
AMOUNT_FACTS = frozenset({"quote", "asked", "lines", "payout"})
PERCENT_FACTS = frozenset({"taken", "book"})
MOMENT_FACTS = frozenset({"since"})


def percent_text(percent: str) -> str:
    """A percentage without zeros at its end: `6`, `2.5`."""
    return percent.rstrip("0").rstrip(".") if "." in percent else percent


def day_text(moment: str, zone: tzinfo) -> str:
    """The day of a moment in a time zone, `2026-11-22`; what is no moment stays as it is."""
    return datetime.fromtimestamp(int(moment), zone).date().isoformat() if moment.isdecimal() else moment


class AnomalyKind(StrEnum):
    """What may be wrong with a settlement, and what a house claims by itself (`CLAIMED`)."""

    FEE_RATE = "fee_rate"
    SHIPPING_OVER_QUOTE = "shipping_over_quote"
    NEVER_SETTLED = "never_settled"
    SETTLED_TWICE = "settled_twice"
    REFUND_WITHOUT_RETURN = "refund_without_return"
    AMOUNT_DIFFERS = "amount_differs"
    UNKNOWN_FEE = "unknown_fee"
    FEE_MISSING = "fee_missing"
    ORDER_LOSS = "order_loss"
    RETURN_LOSS = "return_loss"


#: No statement shows these: they are in disputes alone.
CLAIMED = frozenset({AnomalyKind.ORDER_LOSS, AnomalyKind.RETURN_LOSS})


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


class Booked(NamedTuple):
    """A line of a statement as verification reads it, in minor units of the statement's currency.

    `parts` are kind, amount and the marketplace's own name. `sku` is the marketplace's id of it, else the seller's.
    """

    order_no: str
    at: int
    net: int
    parts: Sequence[tuple[FeeKind, int, str]]
    raw_kind: str = ""
    sku: str = ""
    quantity: int = 0
    order_line_id: str = ""
    return_id: str = ""


def as_booked(line: StatementLine) -> Booked:
    """A line as verification reads it."""
    return Booked(
        line.order_no,
        line.at,
        line.amount.minor,
        [(part.kind, part.amount.minor, part.raw) for part in line.parts],
        line.raw_kind,
        line.sku_id or line.sku,
        line.quantity,
        line.order_line_id,
        line.return_id,
    )


class Sold(NamedTuple):
    """An order as verification reads it, in minor units of `currency`.

    `price` is what the buyer pays for all units that were not cancelled, without carriage. `units` has each line's
    marketplace's and seller's SKU with its quantity, `weights_g` what is known of its packages.
    """

    created_at: int
    status: Status
    total: int
    currency: str
    price: int
    units: Sequence[tuple[str, str, int]] = ()
    weights_g: Sequence[int] = ()


def as_sold(order: Order) -> Sold:
    """An order as verification reads it."""
    return Sold(
        order.created_at,
        order.status,
        order.total.minor,
        order.total.currency,
        price_of(order),
        [(line.sku_id, line.sku, line.quantity) for line in order.lines],
        [package.weight_g for package in order.packages if package.weight_g],
    )


def decode_sold(text: str) -> Sold:
    """The same of an order as it is kept, without reading the rest of it. Raises CodecError as `decode_order` does."""
    created_at, status, total, currency, lines, weights_g = decoded(text, sold_of)
    price = sum(unit_price * quantity for _, _, unit_price, quantity, at in lines if at is not Status.CANCELLED)
    units = [(sku_id, sku, quantity) for sku_id, sku, _, quantity, _ in lines]
    return Sold(created_at, status, total, currency, price, units, weights_g)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one settled order besides the statement.

    `sold` is None where the order is not in the house: then only what the statement itself says can be checked.
    `earlier` are its lines in statements before this one, `later` those in statements after it. `quote_minor` is the
    carriage quoted at checkout where the house knows it, None for what buyer and marketplace gave. `returns` is None
    where the house does not read returns: then refunds cannot be judged.
    """

    sold: Sold | None = None
    earlier: Sequence[Booked] = ()
    returns: tuple[Returned, ...] | None = None
    quote_minor: int | None = None
    later: Sequence[Booked] = ()


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
        self._by_quarter: dict[int, tuple[Mapping[FeeKind, FeeRule], SettlementRule | None]] = {}

    def at(self, at: int) -> tuple[Mapping[FeeKind, FeeRule], SettlementRule | None]:
        """The fee rules in force at a moment (epoch s), empty where the book says nothing of the store's market; and
        when sales of that moment are settled, None where it does not say."""
        # Local days begin and end at full quarters of an hour everywhere, so that all moments of one share their day.
        quarter = at // _QUARTER_S
        found = self._by_quarter.get(quarter)
        if found is None:
            market = (self.store.marketplace, self.store.region, local_day(at, self.store.time_zone))
            found = self._by_quarter[quarter] = (self._book.fees(*market), self._book.settlement(*market))
        return found

    def fees(self, at: int) -> Mapping[FeeKind, FeeRule]:
        """The fee rules of `at`."""
        return self.at(at)[0]

    def settlement(self, at: int) -> SettlementRule | None:
        """The settlement rule of `at`."""
        return self.at(at)[1]


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
