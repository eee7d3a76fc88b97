"""Words for money: what does not agree and why, alerts of balances, statements and payouts, states of disputes."""

from __future__ import annotations

from shoptui.cellwidth import cell_width
from shoptui.domain.anomalies import AMOUNT_FACTS, PERCENT_FACTS, Anomaly, AnomalyKind, percent_text
from shoptui.domain.disputes import DisputeState
from shoptui.domain.finance import FeeKind
from shoptui.domain.money import Money, MoneyError, minor_digits
from shoptui.i18n import _, ngettext
from shoptui.words.orders import status_words
from shoptui.words.said import Said
from shoptui.words.times import money_words, span_words


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
        AnomalyKind.FEE_MISSING: _("fee missing"),
        AnomalyKind.ORDER_LOSS: _("loss on the order"),
        AnomalyKind.RETURN_LOSS: _("loss by the return"),
    }[kind]


def anomaly_title(anomaly: Anomaly) -> str:
    """The same with the fee it is about: `commission rate`."""
    if anomaly.kind is AnomalyKind.FEE_RATE and anomaly.fee:
        return _("{fee} rate").format(fee=fee_words(anomaly.fee))
    if anomaly.kind is AnomalyKind.FEE_MISSING and anomaly.fee:
        return _("no {fee}").format(fee=fee_words(anomaly.fee))
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


def why_short(anomaly: Anomaly, now: int) -> str:
    """Why it does not agree, in the few words of a list's line; `now` (epoch s) tells how late what is late is."""
    sentences = {
        "rate_differs": _("{taken}% taken, book: {book}%"),
        "over_quote": _("quote {quote}"),
        "not_settled": _("{late} late, {status}"),
        "settled_again": _("settled {times} times"),
        "no_return": _("no return was open"),
        "return_refused": _("the return was refused"),
        "refunded_twice": _("the same refund twice"),
        "more_than_asked": _("only {asked} was asked"),
        "goods_differ": _("less than it was sold for"),
        "payout_differs": _("lines {lines}, payout {payout}"),
        "no_rule": _("no rule knows “{fee}”"),
        "fee_missing": _("not taken, book: {book}%"),
        "parcel_lost": _("the parcel was lost"),
        "parcel_damaged": _("damaged on its way"),
        "not_paid": _("delivered and not paid"),
        "goods_not_back": _("paid back, goods not back"),
        "not_as_sent": _("back otherwise than sent"),
        "unfounded": _("the request is unfounded"),
    }
    sentence = sentences.get(anomaly.why)
    if sentence is None:
        return anomaly.why.replace("_", " ")
    return sentence.format_map(_facts(anomaly, now))


def why_said(anomaly: Anomaly, now: int) -> Said:
    """Why it does not agree, in a sentence, and what to do about it; `now` is epoch seconds."""
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
        "not_settled": Said(_("The order is {status} and no statement has it: its money is {late} late."), claim),
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
        "fee_missing": Said(
            _("No {fee} was taken; our terms say {book} %. Nothing is lost by it."),
            _("It may be taken later: keep it back. Other terms by now: fees.toml in the data directory."),
        ),
    }.get(anomaly.why, Said(why_short(anomaly, now), claim))
    return Said(said.what.format_map(_facts(anomaly, now)), said.todo)


def _facts(anomaly: Anomaly, now: int) -> _Open:
    """What the sentences about an anomaly are filled with, as people write it."""
    facts = {"fee": fee_words(anomaly.fee), "late": span_words(now - anomaly.at)}
    for name, value in anomaly.args:
        if name in AMOUNT_FACTS:
            value = _amount_said(value, anomaly.paid.currency)
        elif name in PERCENT_FACTS:
            value = percent_text(value)
        elif name == "status":
            value = status_words(value)
        facts[name] = value
    return _Open(facts)


def _amount_said(plain: str, currency: str) -> str:
    try:
        return money_words(Money.parse(plain, currency).minor, currency)
    except MoneyError:
        return plain


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


def amount_in(money: Money, cells: int, *, symbol: bool = False) -> str:
    """An amount in so many cells, with its currency's symbol or without: without its cents where all its digits do not
    fit, then in thousands (`₫1.265k`), millions (`M`) or billions (`G`); half of the digits would be another amount."""
    said = _said(money, symbol=symbol)
    decimals = minor_digits(money.currency)
    whole = abs(money.minor) // 10**decimals
    for power, letter in ((0, ""), (3, "k"), (6, "M"), (9, "G")):
        if cell_width(said) <= cells:
            break
        short = whole // 10**power * 10**decimals
        words = _said(Money(-short if money.minor < 0 else short, money.currency), symbol=symbol)
        said = (words[: -decimals - 1] if decimals else words) + letter
    return said


def _said(money: Money, *, symbol: bool) -> str:
    return money_words(money.minor, money.currency) if symbol else amount_plain(money)


def amount_plain(money: Money) -> str:
    """An amount with its grouping and without its currency, for columns of one currency: `18,204.55`."""
    words = money_words(money.minor, money.currency)
    bare = words.lstrip("-")
    digits = bare[next((place for place, sign in enumerate(bare) if sign.isdigit()), 0) :]
    return f"-{digits}" if words.startswith("-") else digits
