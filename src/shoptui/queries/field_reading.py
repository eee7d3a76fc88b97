"""Owns how the values of a filter's fields are read, and the table that says which fields a list has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum

from shoptui.domain.alike import meant
from shoptui.domain.clocks import DAY_S, HOUR_S, MINUTE_S
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.records import dataclass
from shoptui.domain.stores import REGIONS
from shoptui.queries.query import Limit, Match, Value, Word

#: The operators say "uk" although the marketplaces' code is GB.
_REGION_ALIAS = {"UK": "GB"}

_UNITS = {"m": MINUTE_S, "h": HOUR_S, "d": DAY_S}
NUMBER = re.compile(r"(?P<sign>[<>]?)(?P<number>\d*(?:\.\d*)?)(?P<unit>.*)", re.DOTALL)
DIGITS_MAX = 9
_SHORTEST_TAIL = 4
#: No field has this word: whoever reads it says which there are.
_NO_WORD = "\0"


class BadValue(ValueError):
    """A value a field cannot have. `offset` and `length` say which part of the value is meant."""

    def __init__(self, reason_id: str, sentence: str, offset: int, length: int, **args: str) -> None:
        super().__init__(sentence)
        self.reason_id = reason_id
        self.sentence = sentence
        self.offset = offset
        self.length = length
        self.args_by_name = args


#: Reads one value: the field, what was typed, and an example of the field for sentences. Raises BadValue.
Reader = Callable[[StrEnum, str, str], Value]


@dataclass(frozen=True, slots=True)
class FieldTable:
    """What can be asked of the rows of one list.

    `readers` has each field with what may stand after its colon, `examples` one example of each for help and for
    sentences. `searched` are fields whose values are looked up in full text, so that they need a letter or digit.
    `short` are bare words that stand for a field with a value; in quotes they are text like any other.
    """

    readers: Mapping[StrEnum, Reader]
    examples: Mapping[StrEnum, str]
    searched: frozenset[StrEnum] = frozenset()
    short: Mapping[str, Match] = field(default_factory=dict)

    def named(self, word: str) -> StrEnum | None:
        """The field of that name in any case, None when there is none."""
        folded = word.casefold()
        return next((field for field in self.readers if field.value == folded), None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.value for field in self.readers)

    def words(self, field: StrEnum) -> tuple[str, ...]:
        """The words that may stand after a field's colon, () where it takes numbers, times or any text."""
        try:
            self.readers[field](field, _NO_WORD, self.examples[field])
        except BadValue as bad:
            known = bad.args_by_name.get("known", "")
            return tuple(known.split(", ")) if known else ()
        return ()

    def read(self, field: StrEnum, text: str) -> Value:
        """One value of a field. Raises BadValue with a sentence that says what is wrong and what to type instead."""
        example = self.examples[field]
        if not text:
            raise BadValue(
                "no_value", f"{field}: needs a value, as in {example}", 0, 0, field=field.value, example=example
            )
        return self.readers[field](field, text, example)


def choice(words: Mapping[str, str]) -> Reader:
    def read(field: StrEnum, text: str, example: str) -> Value:
        found = words.get(text.casefold())
        if found is None:
            near = meant(text, words)
            what = f"Did you mean {field}:{near}?" if near else f"Use one of {', '.join(words)}."
            raise BadValue(
                "no_such_word",
                f"{text} is no {field}. {what}",
                0,
                len(text),
                field=field,
                word=text,
                near=f"{field}:{near}" if near else "",
                known=", ".join(words),
            )
        return Word(found)

    return read


def market(field: StrEnum, text: str, example: str) -> Value:
    words = {line.short: name for name, line in MARKETPLACES.items()} | {name: name for name in MARKETPLACES}
    return choice(words)(field, text, example)


def glob(field: StrEnum, text: str, example: str) -> Value:
    return Word(text)


def region(field: StrEnum, text: str, example: str) -> Value:
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


def tail(field: StrEnum, text: str, example: str) -> Value:
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


def times(*words: str) -> Reader:
    def read(field: StrEnum, text: str, example: str) -> Value:
        if text.casefold() in words:
            return Word(text.casefold())
        match = NUMBER.fullmatch(text)
        if match is None or not match["number"]:
            examples = [example, *(f"{field}:{word}" for word in words)]
            sentence = f"{text} is no time. Use {' or '.join(examples)}"
            raise BadValue("no_time", sentence, 0, len(text), word=text, examples=" ".join(examples))
        unit = match["unit"].casefold()
        if unit not in _UNITS:
            raise _no_unit(example, match)
        if not match["number"].isascii() or not match["number"].isdigit() or len(match["number"]) > DIGITS_MAX:
            raise BadValue(
                "no_number",
                f"{match['number']} is no number of whole {unit}. Use {example}",
                match.start("number"),
                len(match["number"]),
                word=match["number"],
                unit=unit,
                example=example,
            )
        number = int(match["number"])
        return Limit(match["sign"] != ">", number * _UNITS[unit], unit, str(number))

    return read


def _no_unit(example: str, match: re.Match[str]) -> BadValue:
    unit = match["unit"]
    if not unit:
        sentence = f"{match['number']} has no unit. Use m, h or d, as in {example}"
    else:
        sentence = f"{unit} is no unit. Use m, h or d, as in {example}"
    return BadValue(
        "no_unit", sentence, match.start("unit"), len(unit), word=unit, number=match["number"], example=example
    )


def money(field: StrEnum, text: str, example: str) -> Value:
    match = NUMBER.fullmatch(text)
    whole, _, part = (match["number"] if match else "").partition(".")
    if match is None or not whole or not match["sign"] or len(whole) > DIGITS_MAX or len(part) > 3:
        raise BadValue(
            "no_amount",
            f"{text} is no amount. Use < or > and a number, as in {example}",
            0,
            len(text),
            word=text,
            example=example,
        )
    if not (whole + part).isascii():
        raise BadValue(
            "no_plain_digits",
            f"Write the amount in plain digits, as in {example}",
            0,
            len(text),
            word=text,
            example=example,
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
