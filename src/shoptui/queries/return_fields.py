"""What can be asked of a return, and what may stand after each field's colon."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.returns import ReturnAsk, ReturnState
from shoptui.queries.field_reading import FieldTable, Reader, choice, glob, market, money, region, tail, times
from shoptui.queries.fields import ACT_WORDS


class ReturnField(StrEnum):
    """What can be asked of a return, as typed before the colon."""

    RET = "ret"
    DUE = "due"
    STATUS = "status"
    ASK = "ask"
    VALUE = "value"
    REASON = "reason"
    STORE = "store"
    REGION = "region"
    MARKET = "market"
    BUYER = "buyer"
    ORDER = "order"
    RETURN = "return"
    SKU = "sku"
    TRACK = "track"
    ASKED = "asked"
    IS = "is"
    ACT = "act"


#: The words of `status:` beside the states. `open` has not ended; of those it is the store's turn with `ours`, and
#: somebody else's (the buyer's, the carrier's, the marketplace's) with `waiting`.
STATUS_WORDS = ("open", "ours", "waiting", "ended")

#: The words of `is:`. `missed` has a clock that has passed. `mine` is claimed by whoever asks. `disputed` is before the
#: marketplace; `checked` is a parcel that was checked in; `back` are goods that are with the carrier or here.
RETURN_IS_WORDS = ("missed", "mine", "claimed", "noted", "tagged", "disputed", "checked", "back", "pictured")

_READERS: Mapping[StrEnum, Reader] = MappingProxyType(
    {
        ReturnField.RET: times("missed", "none"),
        ReturnField.DUE: times("missed", "none"),
        ReturnField.STATUS: choice(
            {word: word for word in STATUS_WORDS} | {state.value: state.value for state in ReturnState}
        ),
        ReturnField.ASK: choice({ask.value: ask.value for ask in ReturnAsk}),
        ReturnField.VALUE: money,
        ReturnField.REASON: glob,
        ReturnField.STORE: glob,
        ReturnField.REGION: region,
        ReturnField.MARKET: market,
        ReturnField.BUYER: glob,
        ReturnField.ORDER: tail,
        ReturnField.RETURN: tail,
        ReturnField.SKU: glob,
        ReturnField.TRACK: tail,
        ReturnField.ASKED: times(),
        ReturnField.IS: choice({word: word for word in RETURN_IS_WORDS}),
        ReturnField.ACT: choice({word: word for word in ACT_WORDS}),
    }
)

#: One example of each field, for help and for sentences.
RETURN_EXAMPLE: Mapping[StrEnum, str] = MappingProxyType(
    {
        ReturnField.RET: "ret:<2h",
        ReturnField.DUE: "due:<2h",
        ReturnField.STATUS: "status:open",
        ReturnField.ASK: "ask:refund",
        ReturnField.VALUE: "value:<5usd",
        ReturnField.REASON: "reason:*damaged*",
        ReturnField.STORE: "store:tt-th-*",
        ReturnField.REGION: "region:th",
        ReturnField.MARKET: "market:shopee",
        ReturnField.BUYER: "buyer:dewi",
        ReturnField.ORDER: "order:483920",
        ReturnField.RETURN: "return:402118",
        ReturnField.SKU: "sku:BAG-*",
        ReturnField.TRACK: "track:044102",
        ReturnField.ASKED: "asked:<2d",
        ReturnField.IS: "is:disputed",
        ReturnField.ACT: "act:failed",
    }
)

#: The language of the returns. `ret:` is about the time the store has to answer. Bare words are looked for in reasons,
#: buyers' words, goods and buyers. `value:<5usd` compares by the day's rates, `value:<100` in the
#: store's own currency.
RETURN_FIELDS = FieldTable(
    readers=_READERS,
    examples=RETURN_EXAMPLE,
    searched=frozenset({ReturnField.BUYER}),
)
