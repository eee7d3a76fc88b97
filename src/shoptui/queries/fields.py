"""What may stand after each field's colon, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from shoptui.domain.clocks import DAY_S, HOUR_S, MINUTE_S, ClockKind
from shoptui.domain.intents import IntentState
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.orders import Flag, ShippingType, Status
from shoptui.domain.stores import REGIONS
from shoptui.domain.tags import normal_tag
from shoptui.queries.query import Field, Limit, Value, Word

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
#: The operators say "uk" although the marketplaces' code is GB.
_REGION_ALIAS = {"UK": "GB"}

_UNITS = {"m": MINUTE_S, "h": HOUR_S, "d": DAY_S}
_NUMBER = re.compile(r"(?P<sign>[<>]?)(?P<number>\d*(?:\.\d*)?)(?P<unit>.*)", re.DOTALL)
_DIGITS_MAX = 9
_SHORTEST_TAIL = 4


class BadValue(ValueError):
    """A value a field cannot have. `offset` and `length` say which part of the value is meant."""

    def __init__(self, reason_id: str, sentence: str, offset: int, length: int, **args: str) -> None:
        super().__init__(sentence)
        self.reason_id = reason_id
        self.sentence = sentence
        self.offset = offset
        self.length = length
        self.args_by_name = args


def read_value(field: Field, text: str) -> Value:
    """One value of a field. Raises BadValue with a sentence that says what is wrong and what to type instead."""
    if not text:
        raise BadValue(
            "no_value", f"{field}: needs a value, as in {EXAMPLE[field]}", 0, 0, field=field, example=EXAMPLE[field]
        )
    return _READERS[field](field, text)


def _choice(words: Mapping[str, str]) -> Callable[[Field, str], Value]:
    def read(field: Field, text: str) -> Value:
        found = words.get(text.casefold())
        if found is None:
            near = get_close_matches(text.casefold(), words, n=1)
            what = f"Did you mean {field}:{near[0]}?" if near else f"Use one of {', '.join(words)}."
            raise BadValue(
                "no_such_word",
                f"{text} is no {field}. {what}",
                0,
                len(text),
                field=field,
                word=text,
                near=f"{field}:{near[0]}" if near else "",
                known=", ".join(words),
            )
        return Word(found)

    return read


def _market(field: Field, text: str) -> Value:
    words = {line.short: name for name, line in MARKETPLACES.items()} | {name: name for name in MARKETPLACES}
    return _choice(words)(field, text)


def _glob(field: Field, text: str) -> Value:
    return Word(text)


def _folded(field: Field, text: str) -> Value:
    return Word(normal_tag(text) or text)


def _region(field: Field, text: str) -> Value:
    code = text.upper()
    code = _REGION_ALIAS.get(code, code)
    if code not in REGIONS:
        known = ", ".join(sorted(REGIONS))
        raise BadValue(
            "no_such_word",
            f"{text} is no region. Use one of {known}.",
            0,
            len(text),
            field=field,
            word=text,
            near="",
            known=known,
        )
    return Word(code)


def _tail(field: Field, text: str) -> Value:
    if len(text.strip()) < _SHORTEST_TAIL:
        raise BadValue(
            "too_short",
            f"{text} is too short: type the whole number or at least its last {_SHORTEST_TAIL} characters.",
            0,
            len(text),
            field=field,
            word=text,
            least=str(_SHORTEST_TAIL),
        )
    return Word(text.strip())


def _time(*words: str) -> Callable[[Field, str], Value]:
    def read(field: Field, text: str) -> Value:
        if text.casefold() in words:
            return Word(text.casefold())
        match = _NUMBER.fullmatch(text)
        if match is None or not match["number"]:
            examples = [EXAMPLE[field], *(f"{field}:{word}" for word in words)]
            sentence = f"{text} is no time. Use {' or '.join(examples)}"
            raise BadValue("no_time", sentence, 0, len(text), word=text, examples=" ".join(examples))
        unit = match["unit"].casefold()
        if unit not in _UNITS:
            raise _no_unit(field, match)
        if not match["number"].isascii() or not match["number"].isdigit() or len(match["number"]) > _DIGITS_MAX:
            raise BadValue(
                "no_number",
                f"{match['number']} is no number of whole {unit}. Use {EXAMPLE[field]}",
                match.start("number"),
                len(match["number"]),
                word=match["number"],
                unit=unit,
                example=EXAMPLE[field],
            )
        number = int(match["number"])
        return Limit(match["sign"] != ">", number * _UNITS[unit], unit, str(number))

    return read


def _no_unit(field: Field, match: re.Match[str]) -> BadValue:
    unit = match["unit"]
    example = EXAMPLE[field]
    if not unit:
        sentence = f"{match['number']} has no unit. Use m, h or d, as in {example}"
    else:
        sentence = f"{unit} is no unit. Use m, h or d, as in {example}"
    return BadValue(
        "no_unit", sentence, match.start("unit"), len(unit), word=unit, number=match["number"], example=example
    )


def _money(field: Field, text: str) -> Value:
    match = _NUMBER.fullmatch(text)
    whole, _, part = (match["number"] if match else "").partition(".")
    if match is None or not whole or not match["sign"] or len(whole) > _DIGITS_MAX or len(part) > 3:
        raise BadValue(
            "no_amount",
            f"{text} is no amount. Use < or > and a number, as in {EXAMPLE[field]}",
            0,
            len(text),
            word=text,
            example=EXAMPLE[field],
        )
    if not (whole + part).isascii():
        raise BadValue(
            "no_plain_digits",
            f"Write the amount in plain digits, as in {EXAMPLE[field]}",
            0,
            len(text),
            word=text,
            example=EXAMPLE[field],
        )
    unit = match["unit"].upper()
    if unit and not (len(unit) == 3 and unit.isascii() and unit.isalpha()):
        raise BadValue(
            "no_currency",
            f"{match['unit']} is no currency. Use its three letters or none, as in value:>10 or value:>10usd",
            match.start("unit"),
            len(match["unit"]),
            word=match["unit"],
        )
    amount = int(whole) * 1000 + int(part.ljust(3, "0") or "0")
    typed = str(int(whole)) + (f".{part.rstrip('0')}" if part.rstrip("0") else "")
    return Limit(match["sign"] == "<", amount, unit, typed)


_READERS: Mapping[Field, Callable[[Field, str], Value]] = {
    Field.DUE: _time("missed", "none"),
    Field.CLOCK: _choice({kind.value: kind.value for kind in ClockKind}),
    Field.STORE: _glob,
    Field.REGION: _region,
    Field.MARKET: _market,
    Field.STATUS: _choice(_STATUS),
    Field.SKU: _glob,
    Field.BUYER: _glob,
    Field.ORDER: _tail,
    Field.TRACK: _tail,
    Field.SHIP: _choice(_SHIP),
    Field.CARRIER: _glob,
    Field.TAG: _folded,
    Field.IS: _choice({word: word for word in IS_WORDS}),
    Field.ACT: _choice({word: word for word in ACT_WORDS}),
    Field.FLAG: _choice({word: word for word in FLAG_WORDS}),
    Field.CREATED: _time(),
    Field.VALUE: _money,
}

#: One example of each field, for help and for sentences.
EXAMPLE: Mapping[Field, str] = MappingProxyType(
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
