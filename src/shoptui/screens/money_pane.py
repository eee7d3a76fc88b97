"""What Money says beside its lists: a statement's head, a store, a difference, a line (screens, section 3.6)."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.cockpit.money_list import StoreMoney
from shoptui.cockpit.session import Session
from shoptui.domain.disputes import DisputeState
from shoptui.domain.money import Money
from shoptui.i18n import _, ngettext
from shoptui.queries.money import AnomalyRow, BalanceRow, Balances, DisputeRow, LineRow, StatementRow
from shoptui.screens.lines import Line, fit_line, plain, rule, text, width_of, wrap
from shoptui.screens.money_columns import mark_words, period_words
from shoptui.widgets.roles import Role
from shoptui.words import date_words, orders_count, stores_count
from shoptui.words.money import amount_plain, anomaly_title, dispute_words, fee_words, lines_count, why_said, why_short
from shoptui.words.times import clock_time, date_short, money_words

#: In fewer cells a statement's title has no room for what was said of it.
_TITLE_FROM = 70


def statement_title(session: Session, row: StatementRow, width: int) -> Line:
    """`sp-my-1  wallet-2026-W28  7Jul-13Jul  MYR  412 orders  not verified yet`."""
    statement = row.statement
    mark = mark_words(session, row)
    # What was said of it must stay in view; the end of a long number tells statements apart.
    name = statement.statement_id[-(18 if width >= 110 else 9) :].lstrip("-")
    orders = f"  {orders_count(row.orders)}" if row.checked_at is not None else ""
    return (
        text(statement.store_id),
        text(f"  {name}", Role.QUIET),
        text(f"  {period_words(session, row)}  {statement.payout.currency}{orders}  "),
        text(mark.text, mark.role),
    )


def said_line(session: Session, row: StatementRow) -> Line:
    """What was said of a statement, where its title has no room for it."""
    mark = mark_words(session, row)
    return plain(f" {mark.text}", mark.role)


def others_words(count: int) -> str:
    """How many other statements there are."""
    return ngettext("{count} more", "{count} more", count).format(count=count) if count else ""


def sums_lines(row: StatementRow, width: int) -> list[Line]:
    """What was sold, what was paid, what we expected and how far apart that is: one line, or two in a narrow pane."""
    if row.checked_at is None:
        paid = _("paid {amount}").format(amount=amount_plain(row.lines_sum))
        return wrap(f" {paid}   " + _("not compared with what was sold yet"), width, Role.QUIET, indent=1)
    told: Line = (
        text(" " + _("sold {amount}").format(amount=amount_plain(row.sold))),
        text("   " + _("paid {amount}").format(amount=amount_plain(row.lines_sum))),
    )
    judged: Line = (
        text(" " + _("we expected {amount}").format(amount=amount_plain(row.expected))),
        text("   " + _("difference "), Role.TEXT),
        text(amount_plain(row.difference), Role.MISSED if row.difference.minor < 0 else Role.TEXT),
    )
    whole: Line = (*told, text("  "), *judged)
    return [whole] if width_of(whole) <= width else [fit_line(told, width), fit_line(judged, width)]


def agreeing_line(row: StatementRow) -> Line:
    """How many orders agree, or what is still being read or compared."""
    if not row.whole:
        expected = f"{row.lines_expected:,}" if row.lines_expected is not None else "?"
        words = _("reading {here} of {expected} lines").format(here=f"{row.lines:,}", expected=expected)
        return plain(f" {words}", Role.INFO)
    if row.checking is not None:
        return plain(" " + _("comparing: {count} orders so far").format(count=f"{row.checking:,}"), Role.INFO)
    if row.checked_at is None or row.stale:
        return plain(" " + _("What it says is being compared with what was sold."), Role.INFO)
    if not row.orders:
        return plain(" " + _("There are no orders in it."), Role.QUIET)
    agree = ngettext("✓ {count} order agrees to the cent", "✓ {count} orders agree to the cent", row.agreeing).format(
        count=f"{row.agreeing:,}"
    )
    return plain(f" {agree}", Role.OK)


def head_lines(session: Session, row: StatementRow, others: int, width: int) -> list[Line]:
    """The three lines above a statement's differences."""
    right = plain(others_words(others), Role.QUIET) if others else ()
    return [
        rule(width, statement_title(session, row, width), right),
        # Where they do not fit one line, how far apart they are says most.
        sums_lines(row, width)[-1],
        agreeing_line(row),
    ]


def store_lines(
    row: BalanceRow,
    more: StoreMoney | None,
    told: Balances | None,
    session: Session,
    width: int,
    *,
    full: bool,
    explained: Sequence[str] = (),
) -> list[Line]:
    """A store: what its balance is, its debt, the statement to look at next; in full disputes, what all stores have by
    currency (`told`), and the store's newest moves. `explained` are the lines of `K`."""
    if more is None or more.store_id != row.store_id:
        return [rule(width, plain(row.store_id))]
    lines: list[Line] = []
    statement = more.statement
    if statement is None:
        lines.append(rule(width, (text(row.store_id), text("  " + _("no statement yet"), Role.QUIET))))
    else:
        right = plain(others_words(more.others), Role.QUIET) if more.others else ()
        lines.append(rule(width, statement_title(session, statement, width), right))
        if width < _TITLE_FROM:
            lines.append(said_line(session, statement))
        lines += sums_lines(statement, width)
    lines += why_lines(explained, width)
    if row.debt is not None:
        lines += debt_lines(row, session, width)
    if full and row.last_end_at is not None:
        day = date_short(session.local(row.last_end_at - 1).date()).strip()
        said = _("last statement to {day}; {count} not verified").format(day=day, count=row.unverified)
        lines.append(plain(f" {said}", Role.QUIET))
    if full and row.next_payout is not None:
        payout = money_words(row.next_payout.minor, row.next_payout.currency)
        lines.append(plain(" " + _("next payout {amount}").format(amount=payout)))
    if row.derived and row.balance is not None and full:
        basis = _("d: this marketplace tells no balance; it is added up from {basis}.")
        lines += wrap(" " + basis.format(basis=row.basis.replace("_", " ") or "?"), width, Role.QUIET, indent=1)
    for anomaly in more.anomalies[: None if full else 2]:
        lines.append(fit_line(anomaly_line(anomaly, session.now), width))
    if statement is not None:
        lines.append(agreeing_line(statement))
    if not full:
        return lines
    if row.pending is not None:
        pending = _("still to come {amount}").format(amount=money_words(row.pending.minor, row.pending.currency))
        lines.append(plain(f" {pending}", Role.QUIET))
    if more.disputes:
        lines.append(rule(width, plain(_("Disputes"))))
        lines += [fit_line(dispute_line(dispute, session), width) for dispute in more.disputes]
    if told is not None:
        lines += total_lines(told, session, width)
    if more.moves:
        lines.append(rule(width, plain(_("Wallet of {store}").format(store=row.store_id))))
    for move in more.moves:
        when = date_short(session.local(move.at).date())
        words = f" {when} {amount_plain(move.amount):>14}  {move.raw_kind.replace('_', ' ').lower()}"
        lines.append(fit_line(plain(f"{words} {move.order_no}".rstrip(), Role.QUIET), width))
    return lines


def why_lines(explained: Sequence[str], width: int) -> list[Line]:
    """What `K` explains, none while it is not asked for."""
    if not explained:
        return []
    lines = [rule(width, plain(_("Why this time (K closes)"), Role.QUIET))]
    for words in explained:
        lines += wrap(f" {words}", width, indent=3)
    return [*lines, rule(width)]


def total_lines(told: Balances, session: Session, width: int) -> list[Line]:
    """What all stores have: an exact line for each currency, and the converted sum with the day of its rates."""
    lines = [rule(width, plain(_("All stores")))]
    for total in told.totals:
        rows = [row for row in told.rows if row.balance is not None and row.currency == total.currency]
        derived = "d" if any(row.derived for row in rows) else " "
        said = money_words(total.minor, total.currency)
        amount = text(f" {said:>17}{derived} ", Role.MISSED if total.minor < 0 else Role.TEXT)
        lines.append(fit_line((amount, text(f" {total.currency}  {stores_count(len(rows))}", Role.QUIET)), width))
    return [*lines, *wrap(f" {converted_words(told, session)}", width, Role.QUIET, 1)] if told.converted else lines


def converted_words(told: Balances, session: Session) -> str:
    """`= US$ 48,210.00 at rates of 13 Jul, without PKR`; "" where there are no rates."""
    if told.converted is None or told.rates_date is None:
        return ""
    total = told.converted.total
    day = date_words(told.rates_date, session.local(session.now).date())
    words = _("= {amount} at rates of {day}").format(amount=money_words(total.minor, total.currency), day=day)
    if told.converted.left_out:
        words += _(", without {codes}").format(codes=" ".join(told.converted.left_out))
    return words


def debt_lines(row: BalanceRow, session: Session, width: int) -> list[Line]:
    """How near a balance below zero is to freezing withdrawals."""
    debt = row.debt
    assert debt is not None
    if debt.frozen:
        words = _("Below zero for {days} days: withdrawals are frozen until it is paid.").format(days=debt.days)
        return wrap(f" {words}", width, Role.MISSED, indent=1)
    day = date_short(session.local(debt.frozen_at).date()).strip()
    words = _("Day {days} of {of} below zero; withdrawals freeze {day}").format(
        days=debt.days, of=debt.of_days, day=f"{day} {clock_time(debt.frozen_at, session.zone)}"
    )
    if debt.left is not None:
        words += _(", or at once with {left} more").format(left=money_words(debt.left.minor, debt.left.currency))
    return wrap(f" {words}.", width, Role.SOON, indent=1)


def anomaly_line(row: AnomalyRow, now: int) -> Line:
    """A difference in one line of the pane."""
    anomaly = row.anomaly
    return (
        text(f" {anomaly_title(anomaly):<19} {anomaly.order_no[-6:]:<6} "),
        text(f"{amount_plain(anomaly.difference):>11}  ", Role.MISSED if anomaly.difference.minor < 0 else Role.TEXT),
        text(why_short(anomaly, now), Role.QUIET),
    )


def dispute_line(dispute: DisputeRow, session: Session) -> Line:
    """A dispute in one line: its number, what it claims and where it stands."""
    amount = money_words(dispute.amount.minor, dispute.amount.currency)
    day = date_short(session.local(dispute.state_at).date()).strip()
    ended = dispute.state in {DisputeState.WON, DisputeState.LOST}
    return (
        text(f" {dispute.dispute_id:>3} {amount:>14}  "),
        text(dispute_words(dispute.state), Role.QUIET if ended else Role.INFO),
        text(f"  {dispute.state_by} {day}  {dispute.note}".rstrip(), Role.QUIET),
    )


def anomaly_lines(
    row: AnomalyRow, session: Session, width: int, *, full: bool, explained: Sequence[str] = ()
) -> list[Line]:
    """A difference: why, what to do, and where its dispute stands. `explained` are the lines of `K`."""
    anomaly = row.anomaly
    amount = money_words(anomaly.difference.minor, anomaly.difference.currency)
    title: Line = (
        text(f"{anomaly_title(anomaly)}  "),
        text(amount, Role.MISSED if anomaly.difference.minor < 0 else Role.TEXT),
        # The end of a long number may be cut, an amount not.
        text(f"  {anomaly.store_id}  {anomaly.order_no}", Role.QUIET),
    )
    right: Line = ()
    if row.dispute_state is not None:
        state = _("dispute {number}: {state}").format(number=row.dispute_id, state=dispute_words(row.dispute_state))
        right = plain(state, Role.INFO)
    said = why_said(anomaly, session.now)
    lines = [rule(width, title, right)]
    lines += wrap(f" {said.what}", width, indent=1)
    lines += wrap(f" {said.todo}", width, Role.QUIET, indent=1)
    lines += why_lines(explained, width)
    if not full:
        return lines
    day = f"{session.local(anomaly.at):%Y-%m-%d}"
    where = _("statement {id}, booked {day}").format(id=anomaly.statement_id, day=day)
    if not anomaly.statement_id:
        since = int(dict(anomaly.args).get("since", anomaly.at))
        where = _("in no statement; it ended {ended}, its money was due {day}").format(
            ended=f"{session.local(since):%Y-%m-%d}", day=day
        )
    lines += wrap(f" {where}", width, Role.QUIET, 1)
    for name, money in ((_("expected"), anomaly.expected), (_("paid"), anomaly.paid)):
        lines.append((text(f" {name:<12}", Role.QUIET), text(amount_plain(money))))
    if row.order_row is None and anomaly.order_no:
        lines += wrap(
            " " + _("This order is older than the house: only the statement itself can be checked."),
            width,
            Role.QUIET,
            1,
        )
    return lines


def line_lines(row: LineRow, session: Session, width: int, *, full: bool) -> list[Line]:
    """A line of a statement: what it is made of."""
    line = row.line
    title: Line = (
        text(line.order_no or _("no order")),
        text(f"  {line.raw_kind.replace('_', ' ').lower()}  ", Role.QUIET),
        text(money_words(line.amount.minor, line.amount.currency)),
    )
    lines = [rule(width, title, plain(f"{session.local(line.at):%Y-%m-%d %H:%M}", Role.QUIET))]
    parts = [(fee_words(part.kind), part.amount, part.raw) for part in line.parts]
    if not full:
        words = "   ".join(f"{name} {amount_plain(amount)}" for name, amount, _raw in parts)
        lines += wrap(f" {words}", width, indent=1)
        return lines
    for name, amount, raw in parts:
        lines.append(fit_line((text(f" {name:<18}{amount_plain(amount):>14}"), text(f"  {raw}", Role.QUIET)), width))
    for word, value in ((_("SKU"), line.sku), (_("return"), line.return_id), (_("note"), line.note)):
        if value:
            lines += wrap(f" {word} {value}", width, Role.QUIET, indent=1)
    return lines


def statement_lines(row: StatementRow, session: Session, width: int) -> list[Line]:
    """A statement of a store's list: its sums."""
    lines = [rule(width, statement_title(session, row, width))]
    if width < _TITLE_FROM:
        lines.append(said_line(session, row))
    return [*lines, *sums_lines(row, width), agreeing_line(row)]


def sum_words(amounts: Sequence[Money]) -> str:
    """Amounts added up by currency: `RM 26.60, ฿120.00`."""
    totals: dict[str, int] = {}
    for amount in amounts:
        totals[amount.currency] = totals.get(amount.currency, 0) + amount.minor
    return ", ".join(money_words(minor, code) for code, minor in sorted(totals.items()))


def read_words(here: int, expected: int | None) -> str:
    """How much of a list has come."""
    if expected is None:
        return lines_count(here)
    return _("reading {here} of {expected} lines").format(here=f"{here:,}", expected=f"{expected:,}")
