"""Amounts of money as marketplaces write them, read exactly or refused in one sentence; never through a float's sum."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from shoptui.domain.money import Money, MoneyError, minor_digits

_LONGEST = 64
_MOST_MINOR = 2**63 - 1
_MOST_DIGITS = len(str(_MOST_MINOR))
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-"})
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009']+")
_CURRENCY = re.compile(r"^(?:(?P<before>[A-Za-z]{3})\s*)?(?P<number>[^A-DF-Za-df-z]*?)(?:\s*(?P<after>[A-Za-z]{3}))?$")
_SIGNED = re.compile(r"^(?P<sign>[+-]?)(?P<digits>[0-9][0-9.,]*(?:[eE][+-]?[0-9]{1,2})?)(?P<late>-?)$", re.ASCII)
_POWER = re.compile(r"^[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}$", re.ASCII)
#: What is left of sums that were made with floats: so little, and so far behind the point.
_CRUMB = Decimal("0.000001")
_CRUMB_DIGITS = 7
_FLOAT_DIGITS = 17


def read_amount(value: object, currency: str) -> Money:
    """An amount of this currency from a text (`"1,118.00"`, `"−1.208,00"`, `"99303.00 VND"`) or a number.

    Numbers are those of `exact_json`; a float counts as its shortest decimal text. Raises MoneyError with a sentence
    for what is no amount, is in another currency, has decimals the currency does not know, could mean two amounts, or
    does not fit into 64 bits of minor units.
    """
    match value:
        case bool() | None:
            raise MoneyError(f"{value!r} is no amount of money")
        case int():
            return _money(Decimal(value), currency, shown=str(value)[:_LONGEST])
        case float() | Decimal():
            return _money(
                _plain(Decimal(repr(value) if isinstance(value, float) else value)), currency, shown=str(value)
            )
        case str():
            return _from_text(value, currency)
        case _:
            raise MoneyError(f"an amount of money is a text or a number, not {type(value).__name__}")


def read_if_given(value: object, currency: str) -> Money | None:
    """As `read_amount`; None for an amount that is left out or empty."""
    return None if value is None or value == "" else read_amount(value, currency)


def currency_of(text: str) -> str:
    """The currency that stands behind or before an amount, "" where none does."""
    found = _CURRENCY.match(text.strip()[:_LONGEST])
    return ((found["after"] or found["before"] or "") if found else "").upper()


def exact_json(body: bytes | str) -> Any:
    """JSON whose numbers keep every digit: those with a point come as Decimal. Raises ValueError."""
    return json.loads(body, parse_float=Decimal, parse_constant=_no_number)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


# Most amounts of a settlement are nothing or stood in the line before.
@lru_cache(maxsize=16_384)
def _from_text(text: str, currency: str) -> Money:
    shown = text.strip()[:_LONGEST]
    if len(text.strip()) > _LONGEST:
        raise MoneyError(f"an amount of more than {_LONGEST} characters is no amount of money: {shown!r}...")
    found = _CURRENCY.match(shown)
    named = currency_of(shown)
    if found is None or (found["before"] and found["after"]):
        raise MoneyError(f"{shown!r} is no amount of money")
    if named and named != currency:
        raise MoneyError(f"{shown!r} is in {named}, the store's amounts are in {currency}")
    signed = _SIGNED.match(_BLANKS.sub("", found["number"].translate(_MINUS)))
    if signed is None or (signed["sign"] and signed["late"]):
        raise MoneyError(f"{shown!r} is no amount of money")
    number = _number(signed["digits"], shown)
    return _money(-number if "-" in (signed["sign"], signed["late"]) else number, currency, shown=shown)


def _number(digits: str, shown: str) -> Decimal:
    """Digits with points and commas as a number: which of them groups and which divides, their places tell."""
    if _POWER.match(digits):
        return Decimal(digits)
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        divider = "." if digits.rindex(".") > digits.rindex(",") else ","
        grouper = "," if divider == "." else "."
        whole, _, part = digits.partition(divider)
        if divider in part or grouper in part or not _grouped(whole, grouper):
            raise MoneyError(f"{shown!r} is no amount of money")
    elif points + commas == 0:
        whole, part, grouper = digits, "", ""
    else:
        mark = "." if points else ","
        if points + commas > 1 or (mark == "," and _grouped(digits, mark)):
            if not _grouped(digits, mark):
                raise MoneyError(f"{shown!r} is no amount of money")
            whole, part, grouper = digits, "", mark
        elif mark == "." and _grouped(digits, mark):
            raise MoneyError(f"{shown!r} could mean two amounts: the point may divide or group")
        else:
            whole, _, part = digits.partition(mark)
            grouper = ""
    try:
        return Decimal(f"{whole.replace(grouper, '') if grouper else whole}.{part or '0'}")
    except InvalidOperation:
        raise MoneyError(f"{shown!r} is no amount of money") from None


def _grouped(digits: str, mark: str) -> bool:
    """Whether a mark groups the digits by threes, as no number that begins with 0 is grouped."""
    first, *rest = digits.split(mark)
    return bool(rest) and 1 <= len(first) <= 3 and first[0] != "0" and all(len(one) == 3 for one in rest)


def _plain(number: Decimal) -> Decimal:
    """The number without the crumbs that sums of floats leave behind."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_CRUMB_DIGITS and number.adjusted() < _FLOAT_DIGITS:
        near = round(number, 6)
        return near if abs(number - near) < _CRUMB else number
    return number


def _money(number: Decimal, currency: str, *, shown: str) -> Money:
    """Worked out with integers: arithmetic on decimals keeps 28 digits only."""
    sign, figures, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise MoneyError(f"{shown[:_LONGEST]} is no amount of money")
    if not number:
        return Money(0, currency)
    shift = exponent + minor_digits(currency)
    if len(figures) + shift > _MOST_DIGITS:
        raise MoneyError(f"{shown[:_LONGEST]} {currency} is more than can be counted exactly (64 bits)")
    minor = int("".join(map(str, figures)))
    if shift >= 0:
        minor *= 10**shift
    else:
        # More places than figures leave a rest in any case; the power need not be larger than that.
        minor, rest = divmod(minor, 10 ** min(-shift, len(figures)))
        if rest:
            raise MoneyError(f"{shown[:_LONGEST]} has more decimals than {currency} knows")
    if minor > _MOST_MINOR:
        raise MoneyError(f"{shown[:_LONGEST]} {currency} is more than can be counted exactly (64 bits)")
    return Money(-minor if sign else minor, currency)
