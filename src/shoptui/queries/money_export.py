"""Statements, lines, balances and anomalies as tables for files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from shoptui.domain.anomalies import MOMENT_FACTS, AnomalyKind, day_text
from shoptui.domain.clocks import DAY_S
from shoptui.domain.finance import FeeKind
from shoptui.domain.money import Money
from shoptui.queries.money import AnomalyRow, BalanceRow, LineRow, StatementRow
from shoptui.queries.sheets import Cell, Column, Kind

STATEMENT_COLUMNS = (
    Column("store"),
    Column("statement"),
    Column("start_at", Kind.MOMENT),
    Column("end_at", Kind.MOMENT),
    Column("currency"),
    Column("payout", Kind.MONEY, total=True),
    Column("paid"),
    Column("paid_at", Kind.MOMENT),
    Column("payment"),
    Column("opening", Kind.MONEY),
    Column("closing", Kind.MONEY),
    Column("lines", Kind.NUMBER),
    Column("sum_of_lines", Kind.MONEY, total=True),
    Column("sold", Kind.MONEY, total=True),
    Column("expected", Kind.MONEY, total=True),
    Column("difference", Kind.MONEY, total=True),
    Column("orders", Kind.NUMBER),
    Column("anomalies", Kind.NUMBER),
    Column("checked_at", Kind.MOMENT),
    Column("verified", Kind.FLAG),
    Column("verified_by"),
    Column("verified_at", Kind.MOMENT),
)

LINE_COLUMNS = (
    Column("store"),
    Column("statement"),
    Column("line"),
    Column("order"),
    Column("booked_at", Kind.MOMENT),
    Column("what"),
    Column("sku"),
    Column("quantity", Kind.NUMBER),
    Column("currency"),
    Column("amount", Kind.MONEY, total=True),
    *(Column(kind.value, Kind.MONEY, total=True) for kind in FeeKind),
    Column("order_line"),
    Column("return"),
    Column("note"),
)

BALANCE_COLUMNS = (
    Column("store"),
    Column("currency"),
    Column("balance", Kind.MONEY, total=True),
    Column("balance_at", Kind.MOMENT),
    Column("derived_from"),
    Column("pending", Kind.MONEY, total=True),
    Column("next_payout", Kind.MONEY, total=True),
    Column("next_payout_at", Kind.MOMENT),
    Column("payout_overdue", Kind.FLAG),
    Column("days_negative", Kind.NUMBER),
    Column("left_to_limit", Kind.MONEY),
    Column("next_loss"),
    Column("next_loss_at", Kind.MOMENT),
    Column("last_statement"),
    Column("unverified", Kind.NUMBER),
    Column("anomalies", Kind.NUMBER),
    Column("missing", Kind.MONEY, total=True),
)

ANOMALY_COLUMNS = (
    Column("store"),
    Column("statement"),
    Column("order"),
    Column("kind"),
    Column("fee"),
    Column("currency"),
    Column("expected", Kind.MONEY, total=True),
    Column("paid", Kind.MONEY, total=True),
    Column("difference", Kind.MONEY, total=True),
    Column("why"),
    Column("facts"),
    Column("at", Kind.MOMENT),
    Column("days_late", Kind.NUMBER),
    Column("dispute", Kind.NUMBER),
    Column("dispute_state"),
    Column("statement_verified", Kind.FLAG),
)


def statement_cells(row: StatementRow) -> list[Cell]:
    """A statement's line of `STATEMENT_COLUMNS`."""
    statement = row.statement
    mark = row.mark if row.verified else None
    checked = row.checked_at is not None
    return [
        statement.store_id,
        statement.statement_id,
        statement.start_at,
        statement.end_at,
        statement.payout.currency,
        statement.payout,
        statement.paid.value,
        statement.paid_at,
        statement.payment_id,
        statement.opening,
        statement.closing,
        row.lines,
        row.lines_sum,
        row.sold if checked else None,
        row.expected if checked else None,
        row.difference if checked else None,
        row.orders if checked else None,
        row.anomalies if checked else None,
        row.checked_at,
        row.verified,
        mark.operator if mark else "",
        mark.at if mark else None,
    ]


def line_cells(row: LineRow) -> list[Cell]:
    """A line's line of `LINE_COLUMNS`: what its parts add up to by kind, nothing where it has none of a kind."""
    line = row.line
    sums: dict[FeeKind, Money] = {}
    for part in line.parts:
        sums[part.kind] = sums[part.kind] + part.amount if part.kind in sums else part.amount
    return [
        line.store_id,
        line.statement_id,
        line.line_id,
        line.order_no,
        line.at,
        line.raw_kind,
        line.sku,
        line.quantity or None,
        line.amount.currency,
        line.amount,
        *(sums.get(kind) for kind in FeeKind),
        line.order_line_id,
        line.return_id,
        line.note,
    ]


def balance_cells(row: BalanceRow) -> list[Cell]:
    """A store's line of `BALANCE_COLUMNS`."""
    return [
        row.store_id,
        row.currency,
        row.balance,
        row.balance_at,
        row.basis if row.derived else "",
        row.pending,
        row.next_payout,
        row.next_payout_at,
        row.payout_overdue,
        row.debt.days if row.debt else None,
        row.debt.left if row.debt else None,
        row.next_kind,
        row.next_at,
        row.last_id,
        row.unverified,
        row.anomalies,
        row.missing,
    ]


def anomaly_cells(row: AnomalyRow, now: int) -> list[Cell]:
    """An anomaly's line of `ANOMALY_COLUMNS`; `now` (epoch s) says how late what was never settled is."""
    anomaly = row.anomaly
    late = (now - anomaly.at) // DAY_S if anomaly.kind is AnomalyKind.NEVER_SETTLED else None
    return [
        anomaly.store_id,
        anomaly.statement_id,
        anomaly.order_no,
        anomaly.kind.value,
        anomaly.fee,
        anomaly.paid.currency,
        anomaly.expected,
        anomaly.paid,
        anomaly.difference,
        anomaly.why,
        facts_text(anomaly.args),
        anomaly.at,
        late,
        row.dispute_id,
        row.dispute_state.value if row.dispute_state else "",
        row.verified,
    ]


def facts_text(args: Sequence[tuple[str, str]]) -> str:
    """What a reason is filled with, in one cell: `book 6.00; taken 9`; moments as days of UTC."""
    return "; ".join(f"{name} {day_text(value, UTC) if name in MOMENT_FACTS else value}" for name, value in args)
