"""The sentences of alerts about money."""

from __future__ import annotations

from datetime import UTC, date, datetime

from shoptui.i18n import _
from shoptui.queries.types import Alert
from shoptui.words.said import Said
from shoptui.words.times import date_words, money_words

#: Alerts that lead to Money rather than to the store's link.
MONEY_ALERTS = frozenset({"statement_changed", "negative_balance", "payout_overdue"})


def money_alert_said(alert: Alert) -> Said | None:
    """The sentence of an alert about money, None for any other."""
    args = {key: str(value) for key, value in alert.args.items()}
    store = args.get("store", "")
    if alert.kind == "statement_changed":
        what = _("{store}: statement {statement} changed after {by} verified it; its mark came off.")
        return Said(
            what.format(store=store, statement=args.get("statement", "?"), by=args.get("by") or _("somebody")),
            _("Look at what differs now, then a verifies it again."),
        )
    if alert.kind == "payout_overdue":
        due = _day(args.get("due_at", ""), alert.raised_at)
        amount = _amount(args.get("amount", ""), args.get("currency", ""))
        what = _("{store}: a payout of {amount} was due {date} and has not come.")
        return Said(
            what.format(store=store, amount=amount or "?", date=due),
            _("Look at the bank account in the seller centre; F5 reads the balance again."),
        )
    if alert.kind != "negative_balance":
        return None
    currency = args.get("currency", "")
    said = {
        "store": store,
        "balance": _amount(args.get("balance", ""), currency),
        "days": args.get("days", "?"),
        "of": args.get("of", "?"),
        "left": _amount(args.get("left", ""), currency),
        "date": _day(args.get("frozen_at", ""), alert.raised_at),
    }
    if args.get("stage") == "frozen":
        what = _("{store}: {balance} for {days} days: withdrawals are frozen until it is paid.")
        return Said(what.format(**said), _("Top it up in the seller centre; the days begin anew above zero."))
    what = _("{store}: {balance}, day {days} of {of}; frozen from {date}.")
    todo = _("Withdrawals freeze then: top it up in the seller centre.")
    if said["left"]:
        todo = _("Withdrawals freeze at once with {left} more of debt; top it up in time.")
    return Said(what.format(**said), todo.format(**said))


def _amount(minor: str, currency: str) -> str:
    return money_words(int(minor), currency) if minor.lstrip("-").isdigit() and currency else ""


def _day(at: str, raised_at: int) -> str:
    """The day of a moment in UTC, "?" for what is none."""
    if not at.isdigit():
        return "?"
    day: date = datetime.fromtimestamp(int(at), UTC).date()
    return date_words(day, datetime.fromtimestamp(raised_at, UTC).date())
