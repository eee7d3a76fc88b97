"""What can be asked of an order, and what may stand after each field's colon."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.clocks import ClockKind
from shoptui.domain.intents import IntentState
from shoptui.domain.orders import Flag, ShippingType, Status
from shoptui.domain.tags import normal_tag
from shoptui.queries.field_reading import (
    FieldTable,
    Reader,
    choice,
    glob,
    market,
    money,
    region,
    tail,
    times,
)
from shoptui.queries.query import Field, Value, Word

#: Statuses in four letters, as the grid shows them (screens, section 7).
SHORT_STATUS: Mapping[str, Status] = MappingProxyType(
    {
        "unpd": Status.UNPAID,
        "wait": Status.ON_HOLD,
        "ship": Status.TO_SHIP,
        "hand": Status.TO_HAND_OVER,
        "move": Status.IN_TRANSIT,
        "undl": Status.DELIVERY_FAILED,
        "back": Status.RETURNING,
        "dlvd": Status.DELIVERED,
        "done": Status.COMPLETED,
        "lost": Status.LOST,
        "cxld": Status.CANCELLED,
    }
)

#: The words of `flag:`.
FLAG_WORDS: Mapping[str, Flag] = MappingProxyType(
    {
        "cancel": Flag.CANCEL_REQUESTED,
        "return": Flag.RETURN_OPEN,
        "part": Flag.PART_SHIPPED,
        "cod": Flag.CASH_ON_DELIVERY,
        "address": Flag.ADDRESS_CHANGED,
        "gift": Flag.GIFT,
        "sample": Flag.SAMPLE,
        "preorder": Flag.PRE_ORDER,
        "platform": Flag.FULFILLED_BY_PLATFORM,
    }
)

#: The words of `is:`. `mine` is claimed by whoever asks; `blocked` cannot be shipped by us now.
IS_WORDS = ("open", "closed", "held", "claimed", "mine", "missed", "noted", "tagged", "blocked")

#: The words of `act:`: the states an intent can be shown in, `going` for those on their way, `none` for no intent.
GOING = (IntentState.HELD, IntentState.QUEUED, IntentState.SENDING)
ACT_WORDS = (
    *(state.value for state in IntentState if state is not IntentState.TAKEN_BACK),
    "going",
    "none",
)

_SHIP = {**{kind.value: kind.value for kind in ShippingType}, "pickup": ShippingType.STORE_PICKUP.value}
_STATUS = {
    **{status.value: status.value for status in Status},
    **{short: status.value for short, status in SHORT_STATUS.items()},
    "open": "open",
    "closed": "closed",
}


def _folded(field: StrEnum, text: str, example: str) -> Value:
    return Word(normal_tag(text) or text)


_READERS: Mapping[StrEnum, Reader] = {
    Field.DUE: times("missed", "none"),
    Field.CLOCK: choice({kind.value: kind.value for kind in ClockKind}),
    Field.STORE: glob,
    Field.REGION: region,
    Field.MARKET: market,
    Field.STATUS: choice(_STATUS),
    Field.SKU: glob,
    Field.BUYER: glob,
    Field.ORDER: tail,
    Field.TRACK: tail,
    Field.SHIP: choice(_SHIP),
    Field.CARRIER: glob,
    Field.TAG: _folded,
    Field.IS: choice({word: word for word in IS_WORDS}),
    Field.ACT: choice({word: word for word in ACT_WORDS}),
    Field.FLAG: choice({word: word for word in FLAG_WORDS}),
    Field.CREATED: times(),
    Field.VALUE: money,
}

#: One example of each field, for help and for sentences.
EXAMPLE: Mapping[StrEnum, str] = MappingProxyType(
    {
        Field.DUE: "due:<4h",
        Field.CLOCK: "clock:pick",
        Field.STORE: "store:tt-th-*",
        Field.REGION: "region:th",
        Field.MARKET: "market:tiktok",
        Field.STATUS: "status:to_ship",
        Field.SKU: "sku:BAG-*",
        Field.BUYER: "buyer:nguyen",
        Field.ORDER: "order:483920",
        Field.TRACK: "track:044102",
        Field.SHIP: "ship:platform",
        Field.CARRIER: "carrier:j&t*",
        Field.TAG: "tag:fragile",
        Field.IS: "is:open",
        Field.ACT: "act:failed",
        Field.FLAG: "flag:cancel",
        Field.CREATED: "created:<2d",
        Field.VALUE: "value:>10",
    }
)

#: The language of the order lists.
ORDER_FIELDS = FieldTable(readers=_READERS, examples=EXAMPLE, searched=frozenset({Field.BUYER}))
