"""The clocks of a store's money: a balance below zero, a payout that is awaited, a statement to look through.

Pure: moments are epoch seconds and arguments; days are the store's local days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta

from shoptui.domain.clock_source import rule_source
from shoptui.domain.clocks import DAY_S, Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.fee_rules import BalanceRule, SettlementRule
from shoptui.domain.finance import PaidState, Statement
from shoptui.domain.fx import Rates
from shoptui.domain.money import Money
from shoptui.domain.records import dataclass
from shoptui.domain.rule_time import local_day
from shoptui.domain.rule_types import at_local, zone_of
from shoptui.domain.stores import Store


@dataclass(frozen=True, slots=True)
class Debt:
    """How near a balance below zero is to freezing withdrawals.

    `days` counts local days in a row that ended or stand below zero, today among them, of `of_days`. `limit` is the
    rule's limit in the store's currency and `left` how much more debt it would take, None where there is no rate.
    `frozen` says that the rule's days are over or its limit is passed; `frozen_at` is when the days are (epoch s).
    """

    since: date
    days: int
    of_days: int
    limit: Money | None
    left: Money | None
    frozen: bool
    frozen_at: int
    rule_id: str


def day_of(store: Store, at: int) -> date:
    """The store's local day of a moment."""
    return local_day(at, store.time_zone)


def negative_since(balances: Mapping[date, int], today: date) -> date | None:
    """The first of the days in a row, up to today, whose balance was below zero; None when today's is not.

    `balances` has the last balance known of a day, in minor units. A day without one is as the day before it, for
    nobody has told otherwise.
    """
    known = sorted((day for day in balances if day <= today), reverse=True)
    since = None
    for day in known:
        if balances[day] >= 0:
            # The days after it that nobody looked at were as this one, so the debt began with the first told.
            break
        since = day
    return since


def debt_of(
    store: Store, balances: Mapping[date, int], today: date, rule: BalanceRule, rates: Rates | None
) -> Debt | None:
    """How a store's debt stands today, None when its balance is not below zero."""
    since = negative_since(balances, today)
    if since is None:
        return None
    newest = balances[max(day for day in balances if day <= today)]
    limit = rates.convert(rule.limit, store.currency) if rates is not None else None
    left = None if limit is None else Money(limit.minor + newest, store.currency)
    days = (today - since).days + 1
    # With the end of the last day allowed.
    frozen_at = at_local(since + timedelta(days=rule.negative_days), time.min, zone_of(store.time_zone))
    return Debt(
        since=since,
        days=days,
        of_days=rule.negative_days,
        limit=limit,
        left=left,
        frozen=days > rule.negative_days or (left is not None and left.minor < 0),
        frozen_at=frozen_at,
        rule_id=rule.rule_id,
    )


def debt_clock(store: Store, debt: Debt, now: int) -> Clock:
    """When a store's withdrawals are frozen: at the end of the last day allowed, at once beyond the limit."""
    over = debt.left is not None and debt.left.minor < 0
    due_at = min(debt.frozen_at, now) if over else debt.frozen_at
    source = rule_source(debt.rule_id)
    return _clock(ClockKind.NEGATIVE, due_at, source, store.store_id, Consequence.WITHDRAWALS_FROZEN)


def payout_clock(statement: Statement, rule: SettlementRule | None) -> Clock | None:
    """When a statement's money should be there; None when it is, or nothing is to come, or nobody says when."""
    if statement.paid in (PaidState.PAID, PaidState.UNKNOWN) or statement.payout.minor <= 0 or rule is None:
        return None
    due_at = statement.end_at + rule.payout_after_days * DAY_S
    return _clock(ClockKind.PAYOUT, due_at, rule_source(rule.rule_id), statement.store_id)


def promised_payout_clock(store_id: str, due_at: int, source: str) -> Clock:
    """When the marketplace itself says that money comes."""
    return _clock(ClockKind.PAYOUT, due_at, source, store_id)


def verify_clock(statement: Statement, verified: bool, rule: SettlementRule | None, first_at: int) -> Clock | None:
    """When a statement should have been looked through; None when it was, or no rule says when.

    `first_at` is when the house first saw it (epoch s): what is older than the house is not late from the beginning.
    """
    if verified or rule is None:
        return None
    due_at = max(statement.end_at, first_at) + rule.verify_within_days * DAY_S
    return _clock(ClockKind.VERIFY, due_at, rule_source(rule.rule_id), statement.store_id)


def _clock(
    kind: ClockKind, due_at: int, source: str, store_id: str, consequence: Consequence = Consequence.NOTHING
) -> Clock:
    return Clock(kind, due_at, consequence, StopEvent.CLOSED, source, ClockScope.STORE, store_id)
