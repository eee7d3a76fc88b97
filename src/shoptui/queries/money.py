"""What the Money screen shows: balances, statements, their lines and what does not agree, as frozen rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from shoptui.domain.anomalies import Anomaly
from shoptui.domain.disputes import DisputeState
from shoptui.domain.finance import Statement, StatementLine
from shoptui.domain.fx import Sum
from shoptui.domain.money import Money
from shoptui.domain.negative import Debt
from shoptui.domain.records import dataclass

#: How many days a balance's line on the screen goes back.
SPARK_DAYS = 30


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One store's money. Moments are epoch seconds, None where there is none; amounts are the store's currency.

    `balance` is None before the first was read; `derived` says that it was added up, from `basis`. `days` are the
    balances of the last 30 local days in minor units, oldest first, None for days before the first known.
    `payout_overdue` says that a payout should have come; `next_payout_at` is then in the past. `last_id` and
    `last_end_at` are of the newest statement. `unverified` counts statements nobody marked, `came_off` those whose mark
    a change took off, `unchecked` those not compared yet or no longer. `missing` is the sum of all differences below
    zero. `reading` is (here, expected) lines of a statement being read, expected None where unsaid.
    """

    store_id: str
    currency: str
    balance: Money | None
    balance_at: int | None
    derived: bool
    basis: str
    pending: Money | None
    days: tuple[int | None, ...]
    next_at: int | None
    next_kind: str
    missed: int
    last_missed_at: int | None
    last_missed_kind: str
    next_payout: Money | None
    next_payout_at: int | None
    last_id: str
    last_end_at: int | None
    unverified: int
    came_off: int
    unchecked: int
    anomalies: int
    missing: Money
    debt: Debt | None
    reading: tuple[int, int | None] | None
    payout_overdue: bool


@dataclass(frozen=True, slots=True)
class Balances:
    """All stores' money, next loss first. `totals` are exact, by currency; `converted` is their sum in one currency at
    the rates of `rates_date`, both None without rates."""

    rows: tuple[BalanceRow, ...]
    totals: tuple[Money, ...]
    converted: Sum | None
    rates_date: date | None
    rates_source: str


def totals_of(rows: Iterable[BalanceRow]) -> tuple[tuple[Money, int], ...]:
    """What stores have, exactly, by currency and with how many of them tell it; the currencies by their codes."""
    found: dict[str, tuple[Money, int]] = {}
    for amount in (row.balance for row in rows if row.balance is not None):
        total, count = found.get(amount.currency, (Money(0, amount.currency), 0))
        found[amount.currency] = (total + amount, count + 1)
    return tuple(found[code] for code in sorted(found))


@dataclass(frozen=True, slots=True)
class Mark:
    """What was last said of a statement: `verified`, `withdrawn` or `changed` (its lines are others since)."""

    what: str
    operator: str
    at: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement with what was found in it.

    `lines` are here of `lines_expected` (None where unsaid); `whole` says that all are. `lines_sum` is their sum.
    `sold`, `expected`, `orders` and `agreeing` are those of the last check, which was at `checked_at` (None: never);
    `stale` says that something changed since. `checking` is how many orders of a check under way are done.
    `anomalies` counts those of the statement, `missing` adds up differences below zero. `mark` is None where nobody
    said anything. `verify_by` is when its verification is due, None when it is verified or no rule says when.
    """

    row_id: int
    statement: Statement
    lines: int
    lines_expected: int | None
    whole: bool
    lines_sum: Money
    sold: Money
    expected: Money
    orders: int
    agreeing: int
    checked_at: int | None
    stale: bool
    checking: int | None
    anomalies: int
    missing: Money
    mark: Mark | None
    verify_by: int | None

    @property
    def verified(self) -> bool:
        return self.mark is not None and self.mark.what == "verified"

    @property
    def difference(self) -> Money:
        """Paid less expected."""
        return self.lines_sum - self.expected


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a statement with the row of its order, None where the order is not in the house."""

    row_id: int
    line: StatementLine
    order_row: int | None


@dataclass(frozen=True, slots=True)
class AnomalyRow:
    """Something that does not agree, with the row of its order and of its statement (None: in none), and the newest
    dispute about it. `about` tells anomalies of one kind apart; `verified` says that its statement is marked. What is
    claimed by the house itself has no row: `row_id` is 0, `about` the order or return."""

    row_id: int
    anomaly: Anomaly
    about: str
    order_row: int | None
    statement_row: int | None
    dispute_id: int | None
    dispute_state: DisputeState | None
    verified: bool


@dataclass(frozen=True, slots=True)
class DisputedRow:
    """One thing in a dispute: what kind of difference or claim it is, of which order, and where the dispute stands."""

    store_id: str
    order_no: str
    kind: str
    about: str
    dispute_id: int
    state: DisputeState


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute. `orders` counts its orders; `note` is the newest one; `state_at` and `state_by` are of its state."""

    dispute_id: int
    store_id: str
    state: DisputeState
    amount: Money
    orders: int
    folder: str
    language: str
    made_by: str
    made_at: int
    state_by: str
    state_at: int
    note: str
