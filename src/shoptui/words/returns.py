"""Words for returns: what buyers ask, where requests stand, answers and their effects, what was found in parcels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.domain.money import Money
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.return_clock import AtZero, Zero
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnState
from shoptui.i18n import _, ngettext, pgettext
from shoptui.queries.return_preview import Effect
from shoptui.words.intents import left_out_sentence
from shoptui.words.orders import marketplace_name
from shoptui.words.times import money_words

#: What stands in place of what was done where only who did it is told.
_ONLY_WHO = frozenset({"buyer", "seller", "cs", "system"})


def returns_count(count: int) -> str:
    """`1 return`, `1,204 returns`; wishes to cancel are counted with them."""
    return ngettext("{count} return", "{count} returns", count).format(count=f"{count:,}")


def ask_word(ask: ReturnAsk | str) -> str:
    """What the buyer wants, in at most seven cells."""
    words = {
        ReturnAsk.REFUND: pgettext("asks", "refund"),
        ReturnAsk.RETURN: pgettext("asks", "return"),
        ReturnAsk.REPLACE: pgettext("asks", "replace"),
        ReturnAsk.CANCEL: pgettext("asks", "cancel"),
    }
    return words[ReturnAsk(ask)]


def ask_words(ask: ReturnAsk) -> str:
    """What the buyer wants, in full."""
    return {
        ReturnAsk.REFUND: _("wants the money and keeps the goods"),
        ReturnAsk.RETURN: _("sends the goods back for the money"),
        ReturnAsk.REPLACE: _("wants other goods in exchange"),
        ReturnAsk.CANCEL: _("wants to cancel the order"),
    }[ask]


def state_short(state: ReturnState) -> str:
    """Where a request stands, in four cells; "" while its clock says it."""
    return {
        ReturnState.ASKED: "",
        ReturnState.OFFERED: pgettext("return", "offr"),
        ReturnState.BUYER_SENDS: pgettext("return", "send"),
        ReturnState.ON_WAY_BACK: pgettext("return", "back"),
        ReturnState.ARRIVED: pgettext("return", "here"),
        ReturnState.JUDGED: pgettext("return", "judg"),
        ReturnState.REFUNDED: pgettext("return", "paid"),
        ReturnState.REFUSED: pgettext("return", "no"),
        ReturnState.WITHDRAWN: pgettext("return", "wdrn"),
        ReturnState.CLOSED: pgettext("return", "clsd"),
        ReturnState.UNKNOWN: "?",
    }[state]


def state_in_words(state: ReturnState) -> str:
    """Where a request stands and whose turn it is."""
    return {
        ReturnState.ASKED: _("asked: ours to answer"),
        ReturnState.OFFERED: _("offered: the buyer decides"),
        ReturnState.BUYER_SENDS: _("agreed: the buyer sends the goods"),
        ReturnState.ON_WAY_BACK: _("the goods are on their way back"),
        ReturnState.ARRIVED: _("the goods are here: ours to look at"),
        ReturnState.JUDGED: _("the marketplace decides"),
        ReturnState.REFUNDED: _("the buyer was paid"),
        ReturnState.REFUSED: _("refused"),
        ReturnState.WITHDRAWN: _("the buyer took it back"),
        ReturnState.CLOSED: _("closed"),
        ReturnState.UNKNOWN: _("in a state we do not know"),
    }[state]


def zero_words(zero: Zero) -> str:
    """What happens when nobody answers, "" while nothing does."""
    money = money_words(zero.money.minor, zero.money.currency) if zero.money is not None else ""
    return {
        AtZero.BUYER_PAID: _("if nobody answers: buyer is paid {money}").format(money=money),
        AtZero.RETURN_AGREED: _("if nobody answers: the return is agreed to"),
        AtZero.REPLACEMENT_AGREED: _("if nobody answers: the exchange is agreed to"),
        AtZero.CANCELLED: _("if nobody answers: the order is cancelled, {money} paid back").format(money=money),
        AtZero.NOTHING: "",
    }[zero.what]


def answer_word(answer: ReturnAnswer | str) -> str:
    """An answer as a few words; one that only a newer program knows as it is."""
    words = {
        ReturnAnswer.AGREE: _("agree"),
        ReturnAnswer.REFUND_ONLY: _("refund only"),
        ReturnAnswer.REFUSE: _("refuse"),
        ReturnAnswer.OFFER: _("offer a part"),
        ReturnAnswer.GOODS_OK: _("goods ok"),
        ReturnAnswer.GOODS_REFUSED: _("goods refused"),
    }
    known = set(ReturnAnswer)
    return words[ReturnAnswer(answer)] if answer in known else str(answer).replace("_", " ")


def answer_head(answer: ReturnAnswer) -> str:
    """An answer in capitals, for the head of its strip."""
    return {
        ReturnAnswer.AGREE: _("AGREE"),
        ReturnAnswer.REFUND_ONLY: _("REFUND ONLY"),
        ReturnAnswer.REFUSE: _("REFUSE"),
        ReturnAnswer.OFFER: _("OFFER A PART"),
        ReturnAnswer.GOODS_OK: _("GOODS OK, PAY"),
        ReturnAnswer.GOODS_REFUSED: _("REFUSE THE GOODS"),
    }[answer]


def answer_does(answer: ReturnAnswer, count: int) -> str:
    """What F9 does, as the key line says it."""
    words = {
        ReturnAnswer.AGREE: _("agree to {count}"),
        ReturnAnswer.REFUND_ONLY: _("refund {count}"),
        ReturnAnswer.REFUSE: _("refuse {count}"),
        ReturnAnswer.OFFER: _("offer {count}"),
        ReturnAnswer.GOODS_OK: _("pay {count}"),
        ReturnAnswer.GOODS_REFUSED: _("refuse {count}"),
    }[answer]
    return words.format(count=f"{count:,}")


def effect_words(effect: Effect, count: int, total: int) -> str:
    """What follows, for so many of the requests; said of all of them, or with their number."""
    of_all, of_some = {
        Effect.KEEP_GOODS: (_("buyers keep the goods"), _("{count} keep the goods")),
        Effect.OFFERED_GOODS: (
            _("they offered to send it back: refunded at once"),
            _("{count} offered to send it back: refunded at once"),
        ),
        Effect.PAID_AT_ONCE: (_("paid at once"), _("{count} paid at once")),
        Effect.GOODS_COME_BACK: (
            _("the goods come back first, then buyers are paid"),
            _("{count} paid when the goods are back"),
        ),
        Effect.REPLACED: (_("we send the goods once more"), _("{count} get the goods once more")),
        Effect.ORDERS_CANCELLED: (_("orders are cancelled and paid back"), _("{count} cancelled and paid back")),
        Effect.ORDERS_GO_ON: (_("orders go on and must be shipped in time"), _("{count} go on and must be shipped")),
        Effect.BUYER_DECIDES: (
            _("buyers take it or go to the marketplace"),
            _("{count} take it or go to the marketplace"),
        ),
        Effect.MAY_BE_DISPUTED: (
            _("buyers may take it to the marketplace"),
            _("{count} may go to the marketplace"),
        ),
        Effect.NOT_AS_SENT: (_("did not come back as it was sent"), _("{count} did not come back as sent")),
        Effect.UNCHECKED: (
            _("nobody has checked the parcel in (c)"),
            _("{count} not checked in by anybody (c)"),
        ),
    }[effect]
    return of_all if count == total else of_some.format(count=f"{count:,}")


#: What an operator should see before anything else.
WARNINGS = frozenset({Effect.NOT_AS_SENT, Effect.UNCHECKED})


def sums_words(sums: Sequence[Money], usd: Money, unconverted: Sequence[str]) -> str:
    """What is paid in all: `about US$ 29.45`, with what has no rate behind it."""
    known = [money for money in sums if money.currency not in unconverted]
    parts = []
    if known:
        same = len(known) == 1 and known[0].currency == usd.currency
        about = money_words(usd.minor, usd.currency)
        parts.append(about if same else _("about {money}").format(money=about))
    parts += [money_words(money.minor, money.currency) for money in sums if money.currency in unconverted]
    return " + ".join(parts)


def condition_words(condition: ParcelCondition) -> str:
    """What was found in a parcel."""
    return {
        ParcelCondition.AS_SENT: _("as it was sent"),
        ParcelCondition.OPENED: _("opened, otherwise as sent"),
        ParcelCondition.USED: _("used"),
        ParcelCondition.DAMAGED: _("damaged"),
        ParcelCondition.INCOMPLETE: _("something is missing"),
        ParcelCondition.WRONG_GOODS: _("other goods"),
        ParcelCondition.EMPTY: _("empty"),
    }[condition]


def condition_sign(condition: ParcelCondition) -> str:
    """The same in one cell beside a row: `✓` nothing speaks against paying, `!` something does."""
    return "✓" if condition in {ParcelCondition.AS_SENT, ParcelCondition.OPENED} else "!"


def offer_wrong(reason_id: str, typed: str) -> str:
    """Why what was typed is no offer, and what would be one."""
    if reason_id == "no_coin":
        return _("Offer more than nothing, and no parts of the smallest coin.")
    return _("{words} is no amount. Type 30% or a number as in 12.50").format(words=typed)


def event_who(who: str) -> str:
    """Who did something, in at most six cells."""
    return {
        "buyer": _("buyer"),
        "store": _("store"),
        "platform": _("staff"),
        "system": _("system"),
    }.get(who, who)


def event_what(what: str) -> str:
    """What somebody did, in the marketplace's words; "" where it tells no more than who (Lazada)."""
    return "" if what.casefold() in _ONLY_WHO else what.replace("_", " ")


def return_left_out(reason_id: str, args: Mapping[str, str] | None = None) -> str:
    """Why a request is left out of an answer, as it stands after a number of them."""
    arguments = dict(args or {})
    state = str(arguments.get("state", ""))
    if reason_id == "answer_ordered":
        return _("answered already, not settled yet")
    if reason_id in {"ended", "not_our_turn"} and state in set(ReturnState):
        return state_in_words(ReturnState(state))
    if reason_id == "not_offered" and "marketplace" in arguments:
        market = marketplace_name(str(arguments["marketplace"]))
        return _("{market} does not take that answer here").format(market=market)
    words = {
        "ended": _("over already"),
        "not_our_turn": _("not ours to answer now"),
        "unknown_state": _("in a state we do not know: look in Seller Center"),
        "only_cancel_answers": _("wants to cancel: only a and x answer that"),
        "not_offered": _("the marketplace does not take that answer"),
        "answer_not_taken": _("the marketplace does not take that answer"),
        "one_by_one": _("refused one by one there: mark one of them alone"),
        "offer_not_that_currency": _("in another currency: offer a percentage"),
        "offer_too_much": _("asks for no more than that"),
        "comment_due": _("a comment to the buyer is due"),
        "picture_due": _("pictures are due: name the request alone, with --picture FILE"),
    }
    return words[reason_id] if reason_id in words else left_out_sentence(reason_id, arguments)
