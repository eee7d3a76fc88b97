"""The clocks of a store's money: days below zero, the limit in its own currency, payouts and verification."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shoptui.domain.clocks import DAY_S, ClockKind, Consequence
from shoptui.domain.finance import PaidState
from shoptui.domain.fx import Rates
from shoptui.domain.money import Money
from shoptui.domain.negative import debt_clock, debt_of, negative_since, payout_clock, verify_clock
from tests.domain.builders import local
from tests.domain.settlement_builders import AT, BOOK, a_shop, a_statement

SHOP = a_shop("lazada", "PH")
TODAY = date(2026, 11, 20)
RATES = Rates(date(2026, 11, 13), "bank", {"PHP": "58"})
RULE = BOOK.balance("lazada", "PH", TODAY)
SETTLEMENT = BOOK.settlement("lazada", "PH", TODAY)
NOON = local("Asia/Manila", "2026-11-20 12:00")


def days(*minor: int) -> dict[date, int]:
    """Balances of days in a row up to today."""
    return {TODAY - timedelta(days=len(minor) - 1 - number): value for number, value in enumerate(minor)}


@pytest.mark.parametrize(
    ("balances", "since"),
    [
        (days(5, -1, -2), TODAY - timedelta(days=1)),
        (days(-5, 0, -2), TODAY),
        (days(-5, -1, 0), None),
        ({}, None),
        ({TODAY - timedelta(days=6): -3}, TODAY - timedelta(days=6)),
        ({TODAY + timedelta(days=1): -3}, None),
        ({TODAY - timedelta(days=9): 5, TODAY - timedelta(days=4): -3, TODAY: -1}, TODAY - timedelta(days=4)),
    ],
)
def test_days_below_zero_in_a_row(balances: dict[date, int], since: date | None) -> None:
    assert negative_since(balances, TODAY) == since


def test_a_debt_counts_its_days_and_what_is_left_to_the_limit_in_the_stores_currency() -> None:
    assert RULE is not None
    debt = debt_of(SHOP, days(100, *[-120_450] * 9), TODAY, RULE, RATES)
    assert debt is not None
    assert (debt.days, debt.of_days, debt.limit, debt.left) == (
        9,
        10,
        Money(580_000, "PHP"),
        Money(459_550, "PHP"),
    )
    clock = debt_clock(SHOP, debt, NOON)
    assert (clock.kind, clock.consequence) == (ClockKind.NEGATIVE, Consequence.WITHDRAWALS_FROZEN)
    assert clock.due_at == local("Asia/Manila", "2026-11-22 00:00")
    assert not clock.missed(NOON)


def test_beyond_the_limit_it_is_frozen_at_once() -> None:
    assert RULE is not None
    debt = debt_of(SHOP, days(0, -580_001), TODAY, RULE, RATES)
    assert debt is not None and debt.frozen and debt.left == Money(-1, "PHP")
    assert debt_clock(SHOP, debt, NOON).missed(NOON)


def test_after_ten_days_it_is_frozen() -> None:
    assert RULE is not None
    last = debt_of(SHOP, days(1, *[-1] * 10), TODAY, RULE, RATES)
    over = debt_of(SHOP, days(1, *[-1] * 11), TODAY, RULE, RATES)
    assert last is not None and not last.frozen and not debt_clock(SHOP, last, NOON).missed(NOON)
    assert over is not None and over.frozen and debt_clock(SHOP, over, NOON).missed(NOON)


def test_without_a_rate_only_the_days_count() -> None:
    assert RULE is not None
    debt = debt_of(SHOP, days(-(10**9)), TODAY, RULE, replace(RATES, per_usd={}))
    assert debt is not None and (debt.limit, debt.left, debt.frozen) == (None, None, False)


def test_payouts_are_awaited_until_they_are_paid() -> None:
    waiting = replace(a_statement(SHOP, 5000), paid=PaidState.OPEN, paid_at=None)
    clock = payout_clock(waiting, SETTLEMENT)
    assert clock is not None and (clock.kind, clock.due_at) == (ClockKind.PAYOUT, AT + 1 + 7 * DAY_S)
    assert payout_clock(a_statement(SHOP, 5000), SETTLEMENT) is None
    assert payout_clock(replace(waiting, payout=Money(-5, "PHP")), SETTLEMENT) is None
    assert payout_clock(waiting, None) is None


def test_a_statement_is_to_be_verified_within_the_rules_days() -> None:
    clock = verify_clock(a_statement(SHOP, 1), False, SETTLEMENT, 0)
    assert clock is not None and (clock.kind, clock.due_at) == (ClockKind.VERIFY, AT + 1 + 7 * DAY_S)
    later = verify_clock(a_statement(SHOP, 1), False, SETTLEMENT, AT + 90 * DAY_S)
    assert later is not None and later.due_at == AT + 97 * DAY_S, "older than the house"
    assert verify_clock(a_statement(SHOP, 1), True, SETTLEMENT, 0) is None
