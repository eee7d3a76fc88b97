"""Words for money: what does not agree and why, alerts of balances, statements and payouts, states of disputes."""

from __future__ import annotations

from datetime import UTC, date, datetime

from shoptui.domain.anomalies import Anomaly, AnomalyKind
from shoptui.domain.disputes import DisputeState
from shoptui.domain.finance import FeeKind
from shoptui.domain.money import Money
from shoptui.i18n import _, ngettext
from shoptui.queries.types import Alert
from shoptui.words.said import Said
from shoptui.words.times import date_words, money_words

#: Alerts that lead to Money rather than to the store's link.
MONEY_ALERTS = frozenset({"statement_changed", "negative_balance", "payout_overdue"})


def kind_of_anomaly(kind: AnomalyKind) -> str:
    """What is wrong, in at most 19 cells."""
    return {
        AnomalyKind.FEE_RATE: _("fee rate"),
        AnomalyKind.SHIPPING_OVER_QUOTE: _("shipping too high"),
        AnomalyKind.NEVER_SETTLED: _("never settled"),
        AnomalyKind.SETTLED_TWICE: _("settled twice"),
        AnomalyKind.REFUND_WITHOUT_RETURN: _("refund, no return"),
        AnomalyKind.AMOUNT_DIFFERS: _("amount differs"),
        AnomalyKind.UNKNOWN_FEE: _("unknown fee"),
    }[kind]


def anomaly_title(anomaly: Anomaly) -> str:
    """The same with the fee it is about: `commission rate`."""
    if anomaly.kind is AnomalyKind.FEE_RATE and anomaly.fee:
        return _("{fee} rate").format(fee=fee_words(anomaly.fee))
    return kind_of_anomaly(anomaly.kind)


def fee_words(kind: str) -> str:
    """A kind of fee as people call it; a word no list has is shown as it is."""
    words = {
        FeeKind.ITEM: _("goods"),
        FeeKind.SELLER_DISCOUNT: _("our discount"),
        FeeKind.PLATFORM_DISCOUNT: _("their discount"),
        FeeKind.COMMISSION: _("commission"),
        FeeKind.PAYMENT_FEE: _("payment fee"),
        FeeKind.SERVICE_FEE: _("service fee"),
        FeeKind.AFFILIATE: _("affiliate"),
        FeeKind.MARKETING: _("marketing"),
        FeeKind.SHIPPING_BUYER: _("buyer's shipping"),
        FeeKind.SHIPPING: _("shipping"),
        FeeKind.SHIPPING_SUBSIDY: _("shipping subsidy"),
        FeeKind.SHIPPING_BACK: _("return shipping"),
        FeeKind.REFUND: _("refund"),
        FeeKind.TAX: _("tax"),
        FeeKind.PENALTY: _("penalty"),
        FeeKind.COMPENSATION: _("compensation"),
        FeeKind.ADJUSTMENT: _("adjustment"),
        FeeKind.WITHDRAWAL: _("withdrawal"),
        FeeKind.OTHER: _("other"),
    }
    return words[FeeKind(kind)] if kind in set(FeeKind) else kind.replace("_", " ")


def why_short(anomaly: Anomaly) -> str:
    """Why it does not agree, in the few words of a list's line."""
    sentences = {
        "rate_differs": _("{taken}% taken, book: {book}%"),
        "over_quote": _("quote {quote}"),
        "not_settled": _("{status}, in no statement"),
        "settled_again": _("settled {times} times"),
        "no_return": _("no return was open"),
        "return_refused": _("the return was refused"),
        "refunded_twice": _("the same refund twice"),
        "more_than_asked": _("only {asked} was asked"),
        "goods_differ": _("less than it was sold for"),
        "payout_differs": _("lines {lines}, payout {payout}"),
        "no_rule": _("no rule knows “{fee}”"),
    }
    sentence = sentences.get(anomaly.why)
    if sentence is None:
        return anomaly.why.replace("_", " ")
    return sentence.format_map(_Open({"fee": fee_words(anomaly.fee), **dict(anomaly.args)}))


def why_said(anomaly: Anomaly) -> Said:
    """Why it does not agree, in a sentence, and what to do about it."""
    claim = _("D makes the dispute pack for the marketplace's ticket.")
    said = {
        "rate_differs": Said(
            _("{fee} was taken at {taken} %, our terms say {book} %."),
            claim + " " + _("Other terms by now: fees.toml in the data directory."),
        ),
        "over_quote": Said(
            _("Carriage cost more than the {quote} quoted when the order was placed."),
            _("Compare weight and size on the label with the parcel.") + " " + claim,
        ),
        "not_settled": Said(_("The order is {status} and no statement has it, although its time is over."), claim),
        "settled_again": Said(
            _("The order was settled {times} times: the marketplace will take it back."),
            _("Do not spend it; tell the marketplace before it is taken with a penalty."),
        ),
        "no_return": Said(
            _("Money was paid back although nobody asked for a return or refund."),
            _("Look into the seller centre for a case that is not listed here.") + " " + claim,
        ),
        "return_refused": Said(_("Money was paid back although the request was refused or withdrawn."), claim),
        "refunded_twice": Said(_("The same refund was taken from us twice."), claim),
        "more_than_asked": Said(_("More was paid back than the {asked} the buyer was to get."), claim),
        "goods_differ": Said(_("Less was settled for the goods than they were sold for."), claim),
        "payout_differs": Said(
            _("The lines add up to {lines}, the payout is {payout}."),
            _("F5 reads it once more; what stays is a case for the marketplace."),
        ),
        "no_rule": Said(
            _("“{fee}” was charged, and no rule of ours knows such a charge."),
            _("A charge that is right gets a rule in fees.toml in the data directory; else D."),
        ),
    }.get(anomaly.why, Said(why_short(anomaly), claim))
    facts = _Open({"fee": fee_words(anomaly.fee), **dict(anomaly.args)})
    return Said(said.what.format_map(facts), said.todo)


class _Open(dict[str, str]):
    """What a sentence asks for and an anomaly does not say stays open."""

    def __missing__(self, name: str) -> str:
        return "?"


def dispute_words(state: DisputeState) -> str:
    """Where a dispute stands."""
    return {
        DisputeState.OPEN: _("pack made"),
        DisputeState.SENT: _("sent"),
        DisputeState.ANSWERED: _("answered"),
        DisputeState.WON: _("won"),
        DisputeState.LOST: _("lost"),
    }[state]


def statements_count(count: int) -> str:
    """`3 statements`."""
    return ngettext("{count} statement", "{count} statements", count).format(count=f"{count:,}")


def anomalies_count(count: int) -> str:
    """`3 differences`."""
    return ngettext("{count} difference", "{count} differences", count).format(count=f"{count:,}")


def lines_count(count: int) -> str:
    """`3 lines`."""
    return ngettext("{count} line", "{count} lines", count).format(count=f"{count:,}")


def amount_plain(money: Money) -> str:
    """An amount with its grouping and without its currency, for columns of one currency: `18,204.55`."""
    words = money_words(money.minor, money.currency)
    bare = words.lstrip("-")
    digits = bare[next((place for place, sign in enumerate(bare) if sign.isdigit()), 0) :]
    return f"-{digits}" if words.startswith("-") else digits


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
    what = _("{store}: {balance}, day {days} of {of} below zero; withdrawals freeze {date}.")
    todo = _("Top it up in the seller centre.")
    if said["left"]:
        todo = _("Another {left} of debt freezes them at once; top it up in the seller centre.")
    return Said(what.format(**said), todo.format(**said))


def _amount(minor: str, currency: str) -> str:
    return money_words(int(minor), currency) if minor.lstrip("-").isdigit() and currency else ""


def _day(at: str, raised_at: int) -> str:
    """The day of a moment in UTC, "?" for what is none."""
    if not at.isdigit():
        return "?"
    day: date = datetime.fromtimestamp(int(at), UTC).date()
    return date_words(day, datetime.fromtimestamp(raised_at, UTC).date())
