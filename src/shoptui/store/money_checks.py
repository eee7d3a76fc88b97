"""Verification over the cache: a statement some hundred orders at a time, and what is kept of what it found."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shoptui.domain.anomalies import Anomaly, Booked, Known, Returned, Terms, Verified, decode_sold
from shoptui.domain.finance import MoveKind, Statement, Unsettled
from shoptui.domain.fx import Rates
from shoptui.domain.money import Money
from shoptui.domain.returns import ReturnState
from shoptui.domain.verify import never_settled, verify_statement
from shoptui.store import cache_reads
from shoptui.store.database import transaction
from shoptui.store.money_codes import KIND_CODE
from shoptui.store.money_lines import (
    FEE_KIND,
    INTEGER_MAX,
    STATEMENT_COLUMNS,
    StatementKey,
    decode_parts,
    statement_of,
)
from shoptui.store.money_schema import ENDED_SQL
from shoptui.store.return_codes import STATE_CODE

#: What verification reads of a line `l`, in the order of `Booked`.
_BOOKED = """
l.order_no, l.at, l.amount, l.parts, l.raw_kind, CASE l.sku_id WHEN '' THEN l.sku ELSE l.sku_id END, l.quantity,
l.order_line_id, l.return_id
"""
#: A request in one of these states explains no refund.
_NO_LONGER = frozenset({STATE_CODE[ReturnState.REFUSED], STATE_CODE[ReturnState.WITHDRAWN]})


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check of a statement under way: what was there when it began."""

    row_id: int
    statement: Statement
    digest: str
    orders: int


def stale(db: sqlite3.Connection, rules: str, store_id: str | None) -> list[StatementKey]:
    """Statements that are whole and were not checked since something changed or by other rules; the newest first."""
    return db.execute(
        """
        SELECT store_id, statement_id FROM statement
        WHERE lines_at IS NOT NULL AND arrived IS NULL AND (stale OR rules <> ?) AND (? IS NULL OR store_id = ?)
        ORDER BY end_at DESC, row_id
        """,
        (rules, store_id, store_id),
    ).fetchall()


def begin_check(db: sqlite3.Connection, key: StatementKey) -> CheckRun | None:
    """Begin to check a statement; None when it is not here or its lines are not whole."""
    with transaction(db):
        row = db.execute(
            f"""
            UPDATE statement SET checking = 0 WHERE store_id = ? AND statement_id = ? AND lines_at IS NOT NULL
            RETURNING row_id, digest, {STATEMENT_COLUMNS}
            """,
            key,
        ).fetchone()
        if row is None:
            return None
        orders = db.execute(
            "SELECT count(DISTINCT order_no) FROM statement_line WHERE statement_row = ? AND order_no <> ''", (row[0],)
        ).fetchone()[0]
    return CheckRun(int(row[0]), statement_of(row[2:]), str(row[1]), int(orders))


def check_some(
    db: sqlite3.Connection, run: CheckRun, terms: Terms, after: str | None, count: int, *, returns_known: bool
) -> tuple[str | None, Verified]:
    """Check the next `count` order numbers after one (None: from the beginning, with what belongs to no order).

    Returns the last number that was checked, None at the end, and what was found.
    """
    statement = run.statement
    rows = db.execute(
        """
        SELECT DISTINCT order_no FROM statement_line INDEXED BY line_by_place
        WHERE statement_row = ? AND order_no > ? ORDER BY order_no LIMIT ?
        """,
        (run.row_id, after or "", count),
    )
    numbers = [order_no for (order_no,) in rows]
    asked = numbers if after is not None else ["", *numbers]
    lines = _lines(db, run, asked)
    earlier, later = _elsewhere(db, run, numbers)
    bodies = cache_reads.bodies_by_no(db, statement.store_id, numbers)
    orders = {order_no: decode_sold(body) for order_no, body in bodies}
    returns = _returns(db, statement.store_id, numbers) if returns_known else None

    def known(order_no: str) -> Known:
        return Known(
            sold=orders.get(order_no),
            earlier=earlier.get(order_no, ()),
            returns=None if returns is None else tuple(returns.get(order_no, ())),
            later=later.get(order_no, ()),
        )

    found = verify_statement(terms, statement, lines, known, complete=False)
    db.execute("UPDATE statement SET checking = coalesce(checking, 0) + ? WHERE row_id = ?", (len(numbers), run.row_id))
    return (numbers[-1] if len(numbers) == count else None), found


def end_check(
    db: sqlite3.Connection, run: CheckRun, verified: Verified, rules: str, rates: Rates | None, now: int
) -> bool:
    """Keep what a check found. False when the lines changed meanwhile: then it has to be checked again."""
    statement = run.statement
    with transaction(db):
        row = db.execute("SELECT digest FROM statement WHERE row_id = ?", (run.row_id,)).fetchone()
        if row is None or row[0] != run.digest:
            db.execute("UPDATE statement SET checking = NULL WHERE row_id = ?", (run.row_id,))
            return False
        db.execute(
            """
            UPDATE statement SET sold = ?, expected = ?, orders = ?, agreeing = ?, checked_at = ?, rules = ?, stale = 0,
                checking = NULL WHERE row_id = ?
            """,
            (
                _clamped(verified.sold.minor),
                _clamped(verified.expected.minor),
                verified.orders,
                verified.agreeing,
                now,
                rules,
                run.row_id,
            ),
        )
        _put_anomalies(db, statement.store_id, statement.statement_id, verified.anomalies, rates, now)
    return True


def find_never_settled(
    db: sqlite3.Connection, terms: Terms, rates: Rates | None, now: int, waiting: int
) -> tuple[int, bool]:
    """Look for ended orders that no statement has; returns how many, and whether the house can tell at all.

    It can when all settlements of some span of time were read and no statement waits for its lines.
    """
    store_id = terms.store.store_id
    covered = db.execute("SELECT from_at, until_at FROM money_covered WHERE store_id = ?", (store_id,)).fetchone()
    if covered is None or waiting:
        return 0, False
    from_at, until_at = covered
    rows = db.execute(
        f"""
        SELECT o.order_no FROM orders o INDEXED BY orders_ended
        WHERE o.store_id = ? AND o.status IN ({ENDED_SQL}) AND o.updated_at >= ? AND o.updated_at <= ?
        AND NOT EXISTS (
            SELECT 1 FROM statement_line l CROSS JOIN statement s ON s.row_id = l.statement_row
            WHERE l.order_no = o.order_no AND l.order_no <> '' AND s.store_id = o.store_id
        )
        """,
        (store_id, from_at, until_at),
    )
    paid = _in_wallet(db, store_id, from_at)
    numbers = [order_no for (order_no,) in rows if order_no not in paid]
    pending = {
        row[0]: Unsettled(store_id, row[0], Money(row[1], row[2]), row[3], row[4], row[5])
        for row in db.execute(
            """
            SELECT order_no, amount, currency, expected_at, delivered_at, reason FROM unsettled
            WHERE store_id = ? AND order_no IN (SELECT value FROM json_each(?))
            """,
            (store_id, json.dumps(numbers)),
        )
    }
    orders = cache_reads.orders_by_no(db, store_id, numbers)
    returned = {
        order_no: sum(one.value_minor for one in returns if one.allowed)
        for order_no, returns in _returns(db, store_id, numbers).items()
    }
    found = never_settled(
        terms,
        orders,
        lambda order_no: False,
        pending,
        covered_from=from_at,
        covered_until=until_at,
        returned=returned,
    )
    with transaction(db):
        _put_anomalies(db, store_id, "", found, rates, now)
    return len(found), True


def _in_wallet(db: sqlite3.Connection, store_id: str, since: int) -> set[str]:
    """Orders whose money is in the wallet already, whose statement has not been drawn up yet."""
    rows = db.execute(
        """
        SELECT DISTINCT order_no FROM wallet_move INDEXED BY move_by_time
        WHERE store_id = ? AND at >= ? AND done AND kind = ? AND order_no <> ''
        """,
        (store_id, since, MoveKind.SETTLED.value),
    )
    return {order_no for (order_no,) in rows}


def lines_waited_for(db: sqlite3.Connection, store_id: str) -> int:
    """How many statements of a store are known without their lines."""
    row = db.execute(
        "SELECT count(*) FROM statement WHERE store_id = ? AND (lines_at IS NULL OR arrived IS NOT NULL)", (store_id,)
    ).fetchone()
    return int(row[0])


def _lines(db: sqlite3.Connection, run: CheckRun, numbers: Sequence[str]) -> list[Booked]:
    if not numbers:
        return []
    rows = db.execute(
        f"""
        SELECT {_BOOKED} FROM statement_line l INDEXED BY line_by_place
        WHERE l.statement_row = ? AND l.order_no >= ? AND l.order_no <= ? ORDER BY l.order_no, l.row_id
        """,
        (run.row_id, numbers[0], numbers[-1]),
    )
    return [_booked(row) for row in rows]


def _elsewhere(
    db: sqlite3.Connection, run: CheckRun, numbers: Sequence[str]
) -> tuple[dict[str, list[Booked]], dict[str, list[Booked]]]:
    """What statements before this one have of the orders, and what those after it have."""
    statement = run.statement
    rows = db.execute(
        f"""
        SELECT s.end_at > ? OR (s.end_at = ? AND s.row_id > ?), {_BOOKED} FROM json_each(?) j
        CROSS JOIN statement_line l INDEXED BY line_by_order ON l.order_no = j.value AND l.order_no <> ''
            AND l.statement_row <> ?
        CROSS JOIN statement s ON s.row_id = l.statement_row
        WHERE s.store_id = ? AND s.currency = ? ORDER BY s.end_at, l.row_id
        """,
        (
            statement.end_at,
            statement.end_at,
            run.row_id,
            json.dumps(list(numbers)),
            run.row_id,
            statement.store_id,
            statement.payout.currency,
        ),
    )
    before: dict[str, list[Booked]] = {}
    after: dict[str, list[Booked]] = {}
    for is_later, *row in rows:
        (after if is_later else before).setdefault(row[0], []).append(_booked(row))
    return before, after


def _booked(row: Sequence[Any]) -> Booked:
    order_no, at, net, parts, *rest = row
    return Booked(order_no, at, net, [(FEE_KIND[kind], minor, raw) for kind, minor, raw in decode_parts(parts)], *rest)


def _returns(db: sqlite3.Connection, store_id: str, numbers: Sequence[str]) -> dict[str, list[Returned]]:
    rows = db.execute(
        """
        SELECT r.order_no, r.return_id, r.value_minor, r.state FROM json_each(?) j
        CROSS JOIN return_request r INDEXED BY return_by_order ON r.store_id = ? AND r.order_no = j.value
        """,
        (json.dumps(list(numbers)), store_id),
    )
    found: dict[str, list[Returned]] = {}
    for order_no, return_id, value_minor, state in rows:
        found.setdefault(order_no, []).append(Returned(return_id, value_minor, allowed=state not in _NO_LONGER))
    return found


def _put_anomalies(
    db: sqlite3.Connection,
    store_id: str,
    statement_id: str,
    anomalies: Sequence[Anomaly],
    rates: Rates | None,
    now: int,
) -> None:
    """Write what was found about a statement; a row that was there keeps its number, what no longer holds goes."""
    here: set[tuple[int, str, str]] = set()
    times: Counter[tuple[int, str, str]] = Counter()
    for anomaly in anomalies:
        about = anomaly.order_no or dict(anomaly.args).get("fee", "")
        key = (KIND_CODE[anomaly.kind], about, anomaly.fee)
        times[key] += 1
        if times[key] > 1:
            # The same charge several times in one statement.
            key = (key[0], f"{about} {times[key]}", key[2])
        here.add(key)
        _put_anomaly(db, anomaly, key, rates, now)
    rows = db.execute(
        "SELECT row_id, kind, about, fee FROM anomaly WHERE store_id = ? AND statement_id = ?",
        (store_id, statement_id),
    ).fetchall()
    gone = [(row_id,) for row_id, *key in rows if tuple(key) not in here]
    db.executemany("DELETE FROM anomaly WHERE row_id = ?", gone)


def _put_anomaly(
    db: sqlite3.Connection, anomaly: Anomaly, key: tuple[int, str, str], rates: Rates | None, now: int
) -> None:
    kind, about, fee = key
    difference = anomaly.difference
    size = Money(abs(difference.minor), difference.currency)
    dollars = rates.convert(size, "USD") if rates is not None else None
    db.execute(
        """
        INSERT INTO anomaly (store_id, statement_id, kind, fee, order_no, about, expected, paid, difference, currency,
            size_milli, size_usd, why, args, at, found_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (store_id, statement_id, kind, about, fee) DO UPDATE SET expected = excluded.expected,
            paid = excluded.paid, difference = excluded.difference, currency = excluded.currency,
            size_milli = excluded.size_milli, size_usd = excluded.size_usd, why = excluded.why, args = excluded.args,
            at = excluded.at
        """,
        (
            anomaly.store_id,
            anomaly.statement_id,
            kind,
            fee,
            anomaly.order_no,
            about,
            _clamped(anomaly.expected.minor),
            _clamped(anomaly.paid.minor),
            _clamped(difference.minor),
            difference.currency,
            _clamped(size.milli),
            -1 if dollars is None else _clamped(dollars.milli),
            anomaly.why,
            json.dumps(anomaly.args, ensure_ascii=False),
            anomaly.at,
            now,
        ),
    )


def _clamped(minor: int) -> int:
    return max(-INTEGER_MAX, min(minor, INTEGER_MAX))
