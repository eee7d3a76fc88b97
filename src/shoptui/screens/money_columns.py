"""The columns of Money: balances, differences, statements, lines (screens, section 3.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from shoptui.cellwidth import cell_width
from shoptui.cockpit.money_list import MoneyRow, What
from shoptui.cockpit.session import Session
from shoptui.domain.finance import PaidState
from shoptui.domain.money import Money
from shoptui.i18n import _
from shoptui.queries.money import AnomalyRow, BalanceRow, LineRow, StatementRow
from shoptui.widgets.columns import AnyColumn, Cell, CellContext, CellText, ClockColumn, ClockFace, Column
from shoptui.widgets.glyphs import Glyphs
from shoptui.widgets.roles import Role
from shoptui.words import kind_word
from shoptui.words.money import amount_in, amount_plain, anomaly_title, dispute_words, fee_words, why_short
from shoptui.words.times import date_short, weekday_word

RowT = TypeVar("RowT")

#: Signs of a sparkline: the last days, two steps of which make one cell where there is no room for all.
_SPARK_CELLS = 8
#: In fewer cells a payout's amount says too little: its day alone is told.
_AMOUNT_FROM = 6
#: From so many cells on the differences have a column for where their disputes stand.
_WIDE = 100


def of(kind: type[RowT], draw: Callable[[RowT, CellContext], Cell]) -> Callable[[MoneyRow, CellContext], Cell]:
    """A cell of one kind of row; another kind is drawn empty, for the moment in which a list gives way to another."""

    def cell(row: MoneyRow, context: CellContext) -> Cell:
        return draw(row, context) if isinstance(row, kind) else CellText("")

    return cell


def columns_of(what: What, session: Session, width: int) -> Sequence[AnyColumn[MoneyRow]]:
    """The columns of a list at a width."""
    if what is What.BALANCES:
        return _balances(session, width)
    if what is What.STATEMENTS:
        return _statements(session, width)
    if what is What.LINES:
        return _lines(session, width)
    return _anomalies(session, width, all_stores=what is What.ANOMALIES)


# Balances.


def balance_face(row: MoneyRow) -> ClockFace:
    """What the first column counts down: the next loss, else the age of the last missed clock."""
    if not isinstance(row, BalanceRow):
        return ClockFace(None)
    if row.next_at is not None:
        return ClockFace(row.next_at, missed=row.missed > 0)
    return ClockFace(row.last_missed_at, missed=row.missed > 0)


def sparkline(days: Sequence[int | None], cells: int, glyphs: Glyphs) -> str:
    """The last days in so many cells, each the last balance of its days; levels between the lowest and the highest."""
    if not days:
        return ""
    step = len(days) / cells
    ends = [days[min(len(days), max(1, round((place + 1) * step))) - 1] for place in range(cells)]
    known = [value for value in ends if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    signs = glyphs.sparks
    top = len(signs) - 1
    return "".join(
        " " if value is None else signs[top // 2 if high == low else 1 + (value - low) * (top - 1) // (high - low)]
        for value in ends
    )


def _balances(session: Session, width: int) -> Sequence[AnyColumn[MoneyRow]]:
    def kind(row: BalanceRow, context: CellContext) -> CellText:
        return CellText(kind_word(row.next_kind if row.next_at is not None else row.last_missed_kind), Role.QUIET)

    def store(row: BalanceRow, context: CellContext) -> tuple[CellText, ...]:
        stale = row.store_id in session.stale_stores
        return CellText(context.glyphs.stale if stale else " ", Role.SOON), CellText(row.store_id)

    def balance(row: BalanceRow, context: CellContext) -> CellText:
        if row.balance is None:
            return CellText(_("not told"), Role.QUIET)
        amount = amount_in(row.balance, context.width - 1, symbol=True)
        return CellText(f"{amount}{'d' if row.derived else ' '}", Role.MISSED if row.balance.minor < 0 else Role.TEXT)

    def spark(row: BalanceRow, context: CellContext) -> CellText:
        return CellText(sparkline(row.days, context.width, context.glyphs), Role.QUIET)

    def payout(row: BalanceRow, context: CellContext) -> CellText:
        if row.next_payout_at is None and row.next_payout is None:
            return CellText(_("none"), Role.QUIET)
        day = ""
        if row.next_payout_at is not None:
            day = payout_day(session, row.next_payout_at)
        said = _("was due {day}").format(day=day) if row.payout_overdue else day
        left = context.width - cell_width(said) - 1
        if row.next_payout is not None and left >= _AMOUNT_FROM:
            said = f"{said} {amount_in(row.next_payout, left, symbol=True)}".strip()
        return CellText(said, Role.SOON if row.payout_overdue else Role.TEXT)

    def last(row: BalanceRow, context: CellContext) -> CellText:
        if row.last_end_at is None:
            return CellText("-", Role.QUIET)
        return CellText(date_short(session.local(row.last_end_at - 1).date()), Role.QUIET)

    def unverified(row: BalanceRow, context: CellContext) -> CellText:
        if row.came_off:
            return CellText(f"!{row.unverified}", Role.SOON)
        return CellText(str(row.unverified), Role.TEXT if row.unverified else Role.QUIET)

    def anomalies(row: BalanceRow, context: CellContext) -> CellText:
        return CellText(f"{row.anomalies:,}", Role.NEAR if row.anomalies else Role.QUIET)

    def missing(row: BalanceRow, context: CellContext) -> CellText:
        return CellText(amount_in(row.missing, context.width) if row.missing.minor else "", Role.NEAR)

    def state(row: BalanceRow, context: CellContext) -> CellText:
        if row.reading is not None:
            return CellText(_("reading"), Role.INFO)
        return CellText(_("{count} to check").format(count=row.unchecked) if row.unchecked else "", Role.QUIET)

    columns: list[AnyColumn[MoneyRow]] = [
        ClockColumn("left", _("NEXT"), balance_face),
        Column("kind", _("LOSS"), 4, of(BalanceRow, kind)),
        Column("store", " " + _("STORE"), 9, of(BalanceRow, store)),
        Column("balance", _("BALANCE") + " ", 15 if width >= 80 else 14, of(BalanceRow, balance), align="right"),
        Column("days", _("30 DAYS"), 30 if width >= 150 else _SPARK_CELLS, of(BalanceRow, spark), drop=2, shrink_to=7),
        Column("payout", _("NEXT PAYOUT"), 19, of(BalanceRow, payout), drop=1, shrink_to=15),
        Column("unverified", _("UNVER"), 5, of(BalanceRow, unverified), align="right"),
        Column("anomalies", _("ANOM"), 4, of(BalanceRow, anomalies), align="right"),
    ]
    if width >= _WIDE:
        columns.insert(-2, Column("last", _("LAST"), 5, of(BalanceRow, last), drop=1))
        columns.append(Column("missing", _("MISSING"), 14, of(BalanceRow, missing), align="right", drop=1))
        columns.append(Column("state", "", 12, of(BalanceRow, state), drop=1, rest=True))
    return columns


def payout_day(session: Session, at: int) -> str:
    """`Wed 15`: within a week the weekday and the day, beyond it the day and the month."""
    then, today = session.local(at).date(), session.local(session.now).date()
    if abs((then - today).days) < 7:
        return f"{weekday_word(then.weekday())} {then.day}"
    return date_short(then).strip()


# Differences.


def difference_cell(money: Money, cells: int, *, symbol: bool = False) -> CellText:
    """A difference in so many cells: what is missing stands out."""
    return CellText(amount_in(money, cells, symbol=symbol), Role.MISSED if money.minor < 0 else Role.TEXT)


def _anomalies(session: Session, width: int, *, all_stores: bool) -> Sequence[AnyColumn[MoneyRow]]:
    def dispute(row: AnomalyRow, context: CellContext) -> CellText:
        return CellText(dispute_words(row.dispute_state) if row.dispute_state else "", Role.INFO)

    is_wide = width >= _WIDE
    amount = 11 if is_wide else 9

    def why(row: AnomalyRow, context: CellContext) -> tuple[CellText, ...]:
        words = CellText(why_short(row.anomaly, session.now), Role.QUIET)
        if is_wide or row.dispute_state is None:
            return (words,)
        return CellText(f"{dispute_words(row.dispute_state)} ", Role.INFO), words

    columns: list[AnyColumn[MoneyRow]] = [
        Column(
            "what",
            _("KIND"),
            19 if is_wide or not all_stores else 17,
            of(AnomalyRow, lambda row, context: CellText(anomaly_title(row.anomaly))),
            shrink_to=14,
            drop=5,
        ),
    ]
    if all_stores:
        columns.append(
            Column("store", _("STORE"), 8, of(AnomalyRow, lambda row, context: CellText(row.anomaly.store_id)))
        )
    order = 18 if width >= 140 else 6
    columns += [
        Column(
            "order",
            _("ORDER"),
            order,
            of(AnomalyRow, lambda row, context: CellText((row.anomaly.order_no or "-")[-context.width :])),
        ),
        Column(
            "expected",
            _("EXPECTED"),
            amount,
            of(AnomalyRow, lambda row, context: CellText(amount_in(row.anomaly.expected, context.width), Role.QUIET)),
            align="right",
            drop=3,
        ),
        Column(
            "paid",
            _("PAID"),
            amount,
            of(AnomalyRow, lambda row, context: CellText(amount_in(row.anomaly.paid, context.width), Role.QUIET)),
            align="right",
            drop=4,
        ),
        Column(
            "difference",
            _("DIFF"),
            # Amounts of several currencies say nothing without theirs.
            amount + 3 if all_stores else amount,
            of(
                AnomalyRow,
                lambda row, context: difference_cell(row.anomaly.difference, context.width, symbol=all_stores),
            ),
            align="right",
        ),
    ]
    if is_wide:
        columns.append(Column("dispute", _("DISPUTE"), 9, of(AnomalyRow, dispute), drop=1))
    columns.append(Column("why", _("WHY"), 11, of(AnomalyRow, why), rest=True))
    return columns


# Statements.


def paid_words(state: PaidState) -> str:
    """Whether a statement's money is there."""
    return {
        PaidState.OPEN: _("open"),
        PaidState.PROCESSING: _("on its way"),
        PaidState.PAID: _("paid"),
        PaidState.FAILED: _("failed"),
        PaidState.UNKNOWN: "?",
    }[state]


def mark_words(session: Session, row: StatementRow) -> CellText:
    """What was said of a statement: verified by whom, changed since, or what keeps it from being looked at."""
    if row.mark is not None and row.mark.what == "changed":
        return CellText(_("changed since it was verified"), Role.SOON)
    if row.mark is not None and row.verified:
        day = date_short(session.local(row.mark.at).date()).strip()
        return CellText(_("verified by {who} {day}").format(who=row.mark.operator, day=day), Role.OK)
    if not row.whole:
        expected = f"{row.lines_expected:,}" if row.lines_expected is not None else "?"
        return CellText(
            _("reading {here} of {expected} lines").format(here=f"{row.lines:,}", expected=expected), Role.INFO
        )
    if row.checking is not None or row.checked_at is None or row.stale:
        return CellText(_("being compared"), Role.INFO)
    return CellText(_("not verified yet"), Role.QUIET)


def period_words(session: Session, row: StatementRow) -> str:
    """The days of a statement in the store's zone: `7-13 Jul`, `13 Jul`."""
    from shoptui.domain.rule_types import zone_of

    store = session.store(row.statement.store_id)
    zone = zone_of(store.time_zone) if store is not None else session.zone
    first = datetime.fromtimestamp(row.statement.start_at, zone).date()
    last = datetime.fromtimestamp(max(row.statement.start_at, row.statement.end_at - 1), zone).date()
    if first == last:
        return date_short(last).strip()
    return f"{date_short(first).strip()}-{date_short(last).strip()}"


def _statements(session: Session, width: int) -> Sequence[AnyColumn[MoneyRow]]:
    def face(row: MoneyRow) -> ClockFace:
        if not isinstance(row, StatementRow):
            return ClockFace(None)
        return ClockFace(row.verify_by, missed=row.verify_by is not None and row.verify_by <= session.now)

    def difference(row: StatementRow, context: CellContext) -> CellText:
        if row.checked_at is None:
            return CellText("?", Role.QUIET)
        return difference_cell(row.difference, context.width)

    return (
        ClockColumn("left", _("VERIFY"), face),
        Column("days", _("DAYS"), 12, of(StatementRow, lambda row, context: CellText(period_words(session, row)))),
        Column(
            "id",
            _("STATEMENT"),
            18,
            of(StatementRow, lambda row, context: CellText(row.statement.statement_id, Role.QUIET)),
            drop=1,
        ),
        Column(
            "paid",
            _("PAYOUT"),
            14,
            of(StatementRow, lambda row, context: CellText(amount_in(row.statement.payout, context.width))),
            align="right",
        ),
        Column(
            "state",
            "",
            10,
            of(StatementRow, lambda row, context: CellText(paid_words(row.statement.paid), Role.QUIET)),
            drop=2,
        ),
        Column(
            "orders",
            _("ORDERS"),
            6,
            of(StatementRow, lambda row, context: CellText(f"{row.orders:,}")),
            align="right",
            drop=4,
        ),
        Column(
            "anomalies",
            _("ANOM"),
            4,
            of(
                StatementRow,
                lambda row, context: CellText(str(row.anomalies), Role.NEAR if row.anomalies else Role.QUIET),
            ),
            align="right",
        ),
        Column("difference", _("DIFF"), 11, of(StatementRow, difference), align="right"),
        Column("mark", "", 16, of(StatementRow, lambda row, context: mark_words(session, row)), rest=True),
    )


# Lines.


def _lines(session: Session, width: int) -> Sequence[AnyColumn[MoneyRow]]:
    def when(row: LineRow, context: CellContext) -> CellText:
        local = session.local(row.line.at)
        return CellText(f"{date_short(local.date())} {local:%H:%M}", Role.QUIET)

    def parts(row: LineRow, context: CellContext) -> CellText:
        words = [f"{fee_words(part.kind)} {amount_plain(part.amount)}" for part in row.line.parts]
        return CellText("  ".join(words), Role.QUIET)

    return (
        Column("when", _("BOOKED"), 12, of(LineRow, when)),
        Column(
            "order",
            _("ORDER"),
            18 if width >= 120 else 8,
            of(LineRow, lambda row, context: CellText((row.line.order_no or "-")[-context.width :])),
        ),
        Column(
            "what",
            _("WHAT"),
            12,
            of(LineRow, lambda row, context: CellText(row.line.raw_kind.replace("_", " ").lower(), Role.QUIET)),
            drop=1,
        ),
        Column(
            "amount",
            _("AMOUNT"),
            12,
            of(LineRow, lambda row, context: difference_cell(row.line.amount, context.width)),
            align="right",
        ),
        Column("parts", _("MADE OF"), 20, of(LineRow, parts), rest=True),
    )
