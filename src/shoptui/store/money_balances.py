"""One row per store of the Money screen: balance, its days, statements still to look at, and the clocks of it all."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date

from shoptui.domain.clocks import Clock, next_loss
from shoptui.domain.fee_rules import FeeBook
from shoptui.domain.finance import Statement
from shoptui.domain.fx import Rates
from shoptui.domain.money import Money
from shoptui.domain.negative import (
    Debt,
    day_of,
    debt_clock,
    debt_of,
    payout_clock,
    promised_payout_clock,
    verify_clock,
)
from shoptui.domain.stores import Store
from shoptui.queries.money import SPARK_DAYS, BalanceRow, Balances, totals_of
from shoptui.store import stores as store_table
from shoptui.store.codes import NEVER
from shoptui.store.money_desk import CHANGED, VERIFIED
from shoptui.store.money_lines import STATEMENT_COLUMNS, statement_of

#: The newest mark of a statement `s`, NULL without one.
MARK = """
(SELECT m.what FROM ledger.statement_mark m WHERE m.store_id = s.store_id AND m.statement_id = s.statement_id
 ORDER BY m.mark_id DESC LIMIT 1)
"""
_STATEMENTS = f"""
SELECT {", ".join(f"s.{column}" for column in STATEMENT_COLUMNS.split(", "))},
    {MARK}, s.lines_at, s.checked_at, s.stale, s.arrived, s.lines_expected, s.first_at
FROM statement s WHERE s.store_id = ? ORDER BY s.end_at DESC, s.row_id DESC
"""


def balances(db: sqlite3.Connection, now: int, book: FeeBook, rates: Rates | None, currency: str) -> Balances:
    """All stores' money, next loss first, with the sums of their balances."""
    rows = [_row(db, store, now, book, rates) for store in store_table.stores(db, "ledger")]
    rows.sort(key=lambda row: (row.missed == 0, row.next_at if row.next_at is not None else NEVER, row.store_id))
    amounts = [row.balance for row in rows if row.balance is not None]
    return Balances(
        rows=tuple(rows),
        totals=tuple(total for total, _ in totals_of(rows)),
        converted=rates.sum_in(amounts, currency) if rates is not None else None,
        rates_date=rates.date if rates is not None else None,
        rates_source=rates.source if rates is not None else "",
    )


def _row(db: sqlite3.Connection, store: Store, now: int, book: FeeBook, rates: Rates | None) -> BalanceRow:
    today = day_of(store, now)
    told = db.execute(
        """
        SELECT at, amount, currency, derived, basis, pending, next_payout, next_payout_at FROM balance
        WHERE store_id = ?
        """,
        (store.store_id,),
    ).fetchone()
    at, minor, currency, derived, basis, pending, payout_minor, payout_at = (
        told if told is not None else (None, None, store.currency, 0, "", None, None, None)
    )
    by_day = _days(db, store.store_id, currency)
    debt = _debt(store, by_day, today, book, rates, currency)
    clocks: list[Clock] = [] if debt is None else [debt_clock(store, debt, now)]
    unverified = came_off = unchecked = 0
    newest: Statement | None = None
    awaited: tuple[int, Money] | None = None
    reading: tuple[int, int | None] | None = None
    for row in db.execute(_STATEMENTS, (store.store_id,)):
        *columns, mark, lines_at, checked_at, is_stale, arrived, expected, first_at = row
        statement = statement_of(columns)
        newest = newest or statement
        unverified += mark != VERIFIED
        came_off += mark == CHANGED
        unchecked += lines_at is None or checked_at is None or bool(is_stale)
        if arrived is not None:
            reading = (int(arrived), expected)
        rule = book.settlement(store.marketplace, store.region, day_of(store, statement.end_at))
        verify = verify_clock(statement, mark == VERIFIED, rule, first_at)
        payout = payout_clock(statement, rule)
        clocks.extend(clock for clock in (verify, payout) if clock is not None)
        if payout is not None and (awaited is None or payout.due_at < awaited[0]):
            awaited = (payout.due_at, statement.payout)
    if awaited is None and payout_at is not None:
        clocks.append(promised_payout_clock(store.store_id, payout_at, f"{store.marketplace}:{basis or 'payout'}"))
    loss = next_loss(clocks, now)
    anomalies, missing = _missing(db, store.store_id, currency)
    return BalanceRow(
        store_id=store.store_id,
        currency=currency,
        balance=None if minor is None else Money(minor, currency),
        balance_at=at,
        derived=bool(derived),
        basis=basis,
        pending=None if pending is None else Money(pending, currency),
        days=_spark(by_day, today),
        next_at=loss.at,
        next_kind=loss.kind,
        missed=loss.missed,
        last_missed_at=loss.last_missed_at,
        last_missed_kind=loss.last_missed_kind,
        next_payout=awaited[1] if awaited else None if payout_minor is None else Money(payout_minor, currency),
        next_payout_at=awaited[0] if awaited else payout_at,
        last_id=newest.statement_id if newest else "",
        last_end_at=newest.end_at if newest else None,
        unverified=unverified,
        came_off=came_off,
        unchecked=unchecked,
        anomalies=anomalies,
        missing=missing,
        debt=debt,
        reading=reading,
        payout_overdue=any(clock.kind == "pay" and clock.missed(now) for clock in clocks),
    )


def _days(db: sqlite3.Connection, store_id: str, currency: str) -> dict[date, int]:
    """Balances of the last days known, in one currency: enough for the line and for any rule's days in a row."""
    rows = db.execute(
        "SELECT day, amount FROM balance_day WHERE store_id = ? AND currency = ? ORDER BY day DESC LIMIT 400",
        (store_id, currency),
    )
    return {date.fromordinal(day): amount for day, amount in rows}


def _debt(
    store: Store, by_day: dict[date, int], today: date, book: FeeBook, rates: Rates | None, currency: str
) -> Debt | None:
    rule = book.balance(store.marketplace, store.region, today)
    if rule is None or currency != store.currency:
        return None
    return debt_of(store, by_day, today, rule, rates)


def _spark(by_day: dict[date, int], today: date) -> tuple[int | None, ...]:
    """The last 30 days, oldest first; a day nobody looked at is as the day before it."""
    first = today.toordinal() - SPARK_DAYS + 1
    before = [day for day in by_day if day.toordinal() < first]
    value = by_day[max(before)] if before else None
    found: list[int | None] = []
    for ordinal in range(first, first + SPARK_DAYS):
        value = by_day.get(date.fromordinal(ordinal), value)
        found.append(value)
    return tuple(found)


def _missing(db: sqlite3.Connection, store_id: str, currency: str) -> tuple[int, Money]:
    rows: Sequence[tuple[int, str]] = db.execute(
        "SELECT difference, currency FROM anomaly WHERE store_id = ?", (store_id,)
    ).fetchall()
    # Added up here: SQLite's own sum ends at 64 bits.
    missing = sum(difference for difference, code in rows if difference < 0 and code == currency)
    return len(rows), Money(missing, currency)
