"""Statements and their lines in the cache: written page by page, added up exactly, told apart by a digest."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from shoptui.domain.anomalies import AnomalyKind
from shoptui.domain.finance import FeeKind, PaidState, Part, Statement, StatementLine
from shoptui.domain.money import Money, MoneyError
from shoptui.store.database import transaction
from shoptui.store.money_codes import KIND_CODE

StatementKey = tuple[str, str]

#: What SQLite keeps in an integer.
INTEGER_MAX = 2**63 - 1
#: Before any moment there is.
_EVER = -INTEGER_MAX

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
#: Reads `parts` of a line: kind, minor units, the marketplace's own name.
decode_parts = json.JSONDecoder().decode
#: A dictionary is several times faster than calling the enumeration.
FEE_KIND = {member.value: member for member in FeeKind}

#: The columns that make a `Statement`, in the order of `statement_of`.
STATEMENT_COLUMNS = (
    "store_id, statement_id, start_at, end_at, currency, payout, paid, raw_paid, paid_at, payment_id, "
    "opening, closing, revenue, fees, refunds, adjustments"
)
#: The columns of a line, in the order of `line_of`.
LINE_COLUMNS = "line_id, order_no, at, amount, parts, raw_kind, sku, sku_id, quantity, order_line_id, return_id, note"
_TOLD = STATEMENT_COLUMNS.split(", ")[2:]
_PUT_STATEMENT = f"""
INSERT INTO statement ({STATEMENT_COLUMNS}, seen_at, first_at) VALUES (?, ?{", ?" * (len(_TOLD) + 2)})
ON CONFLICT (store_id, statement_id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in _TOLD)},
    seen_at = excluded.seen_at, stale = 1, arrived = 0
WHERE {" OR ".join(f"{column} IS NOT excluded.{column}" for column in _TOLD)}
"""
_LINE_NAMES = LINE_COLUMNS.split(", ")
_PUT_LINE = f"""
INSERT INTO statement_line (statement_row, {LINE_COLUMNS}, reading) VALUES (?{", ?" * (len(_LINE_NAMES) + 1)})
ON CONFLICT (statement_row, line_id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in _LINE_NAMES[1:])}, reading = excluded.reading
"""


@dataclass(frozen=True, slots=True)
class LinesRead:
    """What reading all lines of a statement came to. `changed`: they are others than were here before."""

    row_id: int
    lines: int
    total: Money
    digest: str
    changed: bool


def put_statements(db: sqlite3.Connection, statements: Sequence[Statement], now: int) -> tuple[int, ...]:
    """Write statements as they are told; returns the rows that are new or say something else than before.

    The lines of those are to be read (anew), which outlasts a crash before it is done.
    """
    for statement in statements:
        _refuse_too_large(_amounts_of(statement), statement.store_id, statement.statement_id)
    changed = []
    with transaction(db):
        for statement in statements:
            done = db.execute(_PUT_STATEMENT, (*_statement_values(statement), now, now))
            if done.rowcount:
                row = db.execute(
                    "SELECT row_id FROM statement WHERE store_id = ? AND statement_id = ?",
                    (statement.store_id, statement.statement_id),
                ).fetchone()
                changed.append(int(row[0]))
    return tuple(changed)


def begin_lines(db: sqlite3.Connection, key: StatementKey, expected: int | None) -> int | None:
    """Begin to read a statement's lines; returns the number of this run, None when there is no such statement."""
    with transaction(db):
        row = db.execute(
            """
            UPDATE statement SET reading = reading + 1, arrived = 0, lines_expected = ?
            WHERE store_id = ? AND statement_id = ? RETURNING reading
            """,
            (expected, *key),
        ).fetchone()
    return None if row is None else int(row[0])


def without_lines(db: sqlite3.Connection, store_id: str) -> list[Statement]:
    """A store's statements whose lines were never read to their end, oldest first."""
    rows = db.execute(
        f"""
        SELECT {STATEMENT_COLUMNS} FROM statement
        WHERE store_id = ? AND (lines_at IS NULL OR arrived IS NOT NULL) ORDER BY end_at, row_id
        """,
        (store_id,),
    )
    return [statement_of(row) for row in rows]


def unknown_orders(db: sqlite3.Connection, key: StatementKey, most: int) -> list[str]:
    """Numbers of orders that a statement settles and that are not in the house, at most so many."""
    rows = db.execute(
        """
        SELECT DISTINCT l.order_no FROM statement s JOIN statement_line l ON l.statement_row = s.row_id
        WHERE s.store_id = ?1 AND s.statement_id = ?2 AND l.order_no <> ''
            AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.store_id = ?1 AND o.order_no = l.order_no)
        ORDER BY l.order_no LIMIT ?3
        """,
        (*key, most),
    )
    return [str(row[0]) for row in rows]


def put_lines(
    db: sqlite3.Connection, key: StatementKey, run: int, lines: Sequence[StatementLine]
) -> tuple[int, int | None]:
    """Write some lines of a statement; returns how many of this run are here, and of how many (None where unsaid).

    Raises MoneyError for a line in another currency than its statement, or beyond 64 bits: nothing is written then.
    """
    for line in lines:
        _refuse_too_large((line.amount, *(part.amount for part in line.parts)), line.store_id, line.statement_id)
    with transaction(db):
        found = db.execute(
            "SELECT row_id, currency, lines_expected, reading FROM statement WHERE store_id = ? AND statement_id = ?",
            key,
        ).fetchone()
        if found is None or found[3] != run:
            raise MoneyError(f"the lines of statement {key[1]} of {key[0]} are no longer being read by this run")
        row_id, currency, expected, _ = found
        for line in lines:
            if line.amount.currency != currency or any(part.amount.currency != currency for part in line.parts):
                raise MoneyError(
                    f"line {line.line_id} of statement {key[1]} of {key[0]} is in {line.amount.currency}, "
                    f"the statement in {currency}"
                )
        # A line told twice counts once, so that "31,000 of 50,000" never says more than there are.
        named = {line.line_id for line in lines}
        (told,) = db.execute(
            """
            SELECT count(*) FROM json_each(?) j
            CROSS JOIN statement_line l ON l.statement_row = ? AND l.line_id = j.value WHERE l.reading = ?
            """,
            (json.dumps(list(named)), row_id, run),
        ).fetchone()
        db.executemany(_PUT_LINE, [(row_id, *_line_values(line), run) for line in lines])
        (arrived,) = db.execute(
            "UPDATE statement SET arrived = arrived + ? WHERE row_id = ? RETURNING arrived",
            (len(named) - told, row_id),
        ).fetchone()
    return int(arrived), expected


def end_lines(db: sqlite3.Connection, key: StatementKey, run: int, now: int) -> LinesRead | None:
    """All lines of a run are here: drop those it did not have, add up the rest. None when another run has begun.

    Where the lines changed, this statement and later ones of the store with the same orders are to be checked anew, and
    earlier ones that lack a fee these lines may bring; where they were others before, all with the same orders.
    Raises MoneyError when the sum is beyond 64 bits.
    """
    with transaction(db):
        found = db.execute(
            """
            SELECT row_id, currency, digest, end_at, store_id FROM statement
            WHERE store_id = ? AND statement_id = ? AND reading = ?
            """,
            (*key, run),
        ).fetchone()
        if found is None:
            return None
        row_id, currency, before, end_at, store_id = found
        gone = _orders_gone(db, row_id, run)
        db.execute("DELETE FROM statement_line WHERE statement_row = ? AND reading <> ?", (row_id, run))
        count, total, digest = _added_up(db, row_id)
        if abs(total) > INTEGER_MAX:
            raise MoneyError(f"the lines of statement {key[1]} of {key[0]} add up to more than 64 bits hold")
        changed = digest != before
        db.execute(
            """
            UPDATE statement SET lines = ?, lines_minor = ?, lines_expected = ?, lines_at = ?, arrived = NULL,
                digest = ?, stale = stale OR ? WHERE row_id = ?
            """,
            (count, total, count, now, digest, int(changed), row_id),
        )
        if changed:
            db.execute(
                """
                UPDATE statement SET stale = 1 WHERE store_id = ? AND end_at >= ? AND row_id IN (
                    SELECT other.statement_row FROM statement_line mine
                    CROSS JOIN statement_line other ON other.order_no = mine.order_no AND other.order_no <> ''
                    WHERE mine.statement_row = ? AND mine.order_no <> ''
                )
                """,
                (store_id, _EVER if before else end_at, row_id),
            )
            db.execute(
                """
                UPDATE statement SET stale = 1 WHERE store_id = ?1 AND end_at <= ?2 AND statement_id IN (
                    SELECT a.statement_id FROM statement_line mine
                    CROSS JOIN anomaly a INDEXED BY anomaly_by_order
                        ON a.store_id = ?1 AND a.order_no = mine.order_no AND a.kind = ?4
                    WHERE mine.statement_row = ?3 AND mine.order_no <> ''
                )
                """,
                (store_id, end_at, row_id, KIND_CODE[AnomalyKind.FEE_MISSING]),
            )
            make_stale(db, store_id, gone)
    return LinesRead(row_id, count, Money(total, currency), digest, changed)


def stop_lines(db: sqlite3.Connection) -> None:
    """No run is under way: what a crash cut short is not whole, and is read again from its beginning."""
    with transaction(db):
        db.execute(
            """
            UPDATE statement SET lines_at = CASE WHEN arrived IS NULL THEN lines_at END, arrived = NULL, checking = NULL
            """
        )


def make_stale(db: sqlite3.Connection, store_id: str, order_nos: Iterable[str]) -> None:
    """Have the statements that settle these orders checked anew; runs inside the caller's transaction."""
    db.execute(
        """
        UPDATE statement SET stale = 1 WHERE store_id = ? AND row_id IN (
            SELECT l.statement_row FROM json_each(?) j
            CROSS JOIN statement_line l ON l.order_no = j.value AND l.order_no <> ''
        )
        """,
        (store_id, json.dumps(list(order_nos))),
    )


def forget(db: sqlite3.Connection, store_id: str, most: int) -> int:
    """Drop up to `most` lines of a store, its other figures with the last ones; returns how many lines there were."""
    with transaction(db):
        gone = db.execute(
            """
            DELETE FROM statement_line WHERE row_id IN (
                SELECT l.row_id FROM statement s CROSS JOIN statement_line l ON l.statement_row = s.row_id
                WHERE s.store_id = ? LIMIT ?
            )
            """,
            (store_id, most),
        ).rowcount
        if gone < most:
            for table in (
                "statement",
                "anomaly",
                "wallet_move",
                "unsettled",
                "balance",
                "balance_day",
                "money_covered",
            ):
                db.execute(f"DELETE FROM {table} WHERE store_id = ?", (store_id,))
    return gone


def statement_of(row: Sequence[object]) -> Statement:
    """A statement from the columns `STATEMENT_COLUMNS`."""
    (
        store_id, statement_id, start_at, end_at, currency, payout, paid, raw_paid, paid_at, payment_id, *sums
    ) = row  # fmt: skip
    code = str(currency)

    def amount(minor: object) -> Money | None:
        return None if minor is None else Money(int(str(minor)), code)

    opening, closing, revenue, fees, refunds, adjustments = map(amount, sums)
    return Statement(
        store_id=str(store_id),
        statement_id=str(statement_id),
        start_at=int(str(start_at)),
        end_at=int(str(end_at)),
        payout=Money(int(str(payout)), code),
        paid=PaidState(str(paid)),
        raw_paid=str(raw_paid),
        paid_at=None if paid_at is None else int(str(paid_at)),
        payment_id=str(payment_id),
        opening=opening,
        closing=closing,
        revenue=revenue,
        fees=fees,
        refunds=refunds,
        adjustments=adjustments,
    )


def line_of(row: Sequence[object], store_id: str, statement_id: str, currency: str) -> StatementLine:
    """A line from the columns `LINE_COLUMNS`."""
    line_id, order_no, at, amount, parts, raw_kind, sku, sku_id, quantity, order_line_id, return_id, note = row
    return StatementLine(
        store_id,
        statement_id,
        line_id,  # type: ignore[arg-type]
        order_no,  # type: ignore[arg-type]
        at,  # type: ignore[arg-type]
        Money(amount, currency),  # type: ignore[arg-type]
        tuple([Part(FEE_KIND[kind], Money(minor, currency), raw) for kind, minor, raw in decode_parts(str(parts))]),
        raw_kind,  # type: ignore[arg-type]
        sku,  # type: ignore[arg-type]
        sku_id,  # type: ignore[arg-type]
        quantity,  # type: ignore[arg-type]
        order_line_id,  # type: ignore[arg-type]
        return_id,  # type: ignore[arg-type]
        note,  # type: ignore[arg-type]
    )


def _orders_gone(db: sqlite3.Connection, row_id: int, run: int) -> list[str]:
    rows = db.execute(
        "SELECT DISTINCT order_no FROM statement_line WHERE statement_row = ? AND reading <> ? AND order_no <> ''",
        (row_id, run),
    )
    return [order_no for (order_no,) in rows]


def _added_up(db: sqlite3.Connection, row_id: int) -> tuple[int, int, str]:
    """How many lines, their sum (of any size) and a digest that says whether two readings are the same."""
    digest = blake2b(digest_size=16)
    count = total = 0
    rows = db.execute(
        "SELECT line_id, order_no, at, amount, parts FROM statement_line WHERE statement_row = ? ORDER BY line_id",
        (row_id,),
    )
    for line_id, order_no, at, amount, parts in rows:
        count += 1
        total += amount
        digest.update(f"{line_id}\x1f{order_no}\x1f{at}\x1f{amount}\x1f{parts}\x1e".encode())
    return count, total, digest.hexdigest()


def _amounts_of(statement: Statement) -> list[Money]:
    told = (
        statement.payout,
        statement.opening,
        statement.closing,
        statement.revenue,
        statement.fees,
        statement.refunds,
        statement.adjustments,
    )
    return [amount for amount in told if amount is not None]


def _refuse_too_large(amounts: Iterable[Money], store_id: str, statement_id: str) -> None:
    for amount in amounts:
        if abs(amount.minor) > INTEGER_MAX:
            raise MoneyError(f"statement {statement_id} of {store_id} has an amount beyond 64 bits; it is left out")


def _statement_values(statement: Statement) -> tuple[object, ...]:
    sums = (
        statement.opening,
        statement.closing,
        statement.revenue,
        statement.fees,
        statement.refunds,
        statement.adjustments,
    )
    return (
        statement.store_id,
        statement.statement_id,
        statement.start_at,
        statement.end_at,
        statement.payout.currency,
        statement.payout.minor,
        statement.paid.value,
        statement.raw_paid,
        statement.paid_at,
        statement.payment_id,
        *(None if amount is None else amount.minor for amount in sums),
    )


def _line_values(line: StatementLine) -> tuple[object, ...]:
    return (
        line.line_id,
        line.order_no,
        line.at,
        line.amount.minor,
        _encode([[part.kind.value, part.amount.minor, part.raw] for part in line.parts]),
        line.raw_kind,
        line.sku,
        line.sku_id,
        line.quantity,
        line.order_line_id,
        line.return_id,
        line.note,
    )
