"""Exchange rates of one day: converts exact money for figures that are shown and marked as converted, never booked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from shoptui.domain.money import Money, minor_digits
from shoptui.domain.records import dataclass
from shoptui.domain.rule_reader import TableReader
from shoptui.domain.rule_types import RuleError

FORMAT = 1
BASE = "USD"

_CURRENCY = re.compile(r"[A-Z]{3}")
_RATE = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)


class RatesError(RuleError):
    """A file of exchange rates that cannot be used; the sentence names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What one US dollar cost in each currency on one day.

    `per_usd` holds decimal texts such as `"32.45"` (units of the currency for US$ 1); the dollar itself need not be in
    it. `date` is the day the rates are of and `source` who says so: both are shown beside every converted figure.
    Raises RatesError when a rate is no positive plain decimal.
    """

    date: date
    source: str
    per_usd: Mapping[str, str]
    _exact: Mapping[str, Fraction] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exact = {currency: _exact(currency, text) for currency, text in self.per_usd.items()}
        exact[BASE] = Fraction(1)
        object.__setattr__(self, "per_usd", MappingProxyType(dict(self.per_usd)))
        object.__setattr__(self, "_exact", MappingProxyType(exact))

    @property
    def currencies(self) -> frozenset[str]:
        """All that can be converted."""
        return frozenset(self._exact)

    def convert(self, money: Money, currency: str) -> Money | None:
        """The amount in `currency`, rounded half to even; None when either has no rate.

        An amount of that very currency comes back unchanged, known here or not.
        """
        if money.currency == currency:
            return money
        ours, theirs = self._exact.get(money.currency), self._exact.get(currency)
        if ours is None or theirs is None:
            return None
        scale = Fraction(10) ** (minor_digits(currency) - minor_digits(money.currency))
        return Money(round(money.minor * scale * theirs / ours), currency)

    def sum_in(self, amounts: Iterable[Money], currency: str) -> Sum:
        """All amounts added up in one currency: the total of each currency is converted once, so that nothing of the
        single roundings adds up."""
        by_currency: dict[str, int] = {}
        for amount in amounts:
            by_currency[amount.currency] = by_currency.get(amount.currency, 0) + amount.minor
        found, left_out = Money(0, currency), []
        for code, minor in sorted(by_currency.items()):
            converted = self.convert(Money(minor, code), currency)
            if converted is None:
                left_out.append(code)
            else:
                found = found + converted
        return Sum(found, tuple(left_out), any(code != currency for code in by_currency if code not in left_out))


@dataclass(frozen=True, slots=True)
class Sum:
    """A total in one currency. `left_out` are currencies without a rate; `converted` is False where none was needed."""

    total: Money
    left_out: tuple[str, ...] = ()
    converted: bool = False


#: Stands in until rates are known: dollars alone are worth dollars.
NO_RATES = Rates(date.min, "", {})


def parse_rates(data: Mapping[str, object], file: str) -> Rates:
    """Read a file's mapping; `file` is the name shown in errors. Raises RatesError."""
    try:
        return _parse(data, file)
    except RatesError:
        raise
    except RuleError as error:
        raise RatesError(str(error)) from error


def _parse(data: Mapping[str, object], file: str) -> Rates:
    top = TableReader(data, file, ("format", "date", "source", "per_usd"))
    if (version := top.integer("format")) != FORMAT:
        raise top.error(f"format {version} is not known to this version of shoptui; write format = {FORMAT}")
    day = top.day("date") or top.must("date")
    table = data.get("per_usd")
    if not isinstance(table, dict) or not table:
        raise top.error('per_usd is missing or empty; add a table [per_usd] with lines such as THB = "32.45"')
    per_usd: dict[str, str] = {}
    for currency, text in table.items():
        if not _CURRENCY.fullmatch(currency):
            raise top.error(f"{currency!r} is no currency; use its three capital letters, such as THB")
        if not isinstance(text, str):
            raise top.error(
                f'{currency} must be a decimal number in quotes, such as {currency} = "32.45", not {text!r}'
            )
        per_usd[currency] = text.strip()
    try:
        return Rates(date=day, source=top.text("source"), per_usd=per_usd)
    except RatesError as error:
        raise top.error(str(error)) from error


def _exact(currency: str, text: str) -> Fraction:
    if not _RATE.fullmatch(text):
        raise RatesError(f"the rate of {currency} must be a plain decimal number such as 32.45, not {text[:40]!r}")
    rate = Fraction(text)
    if rate <= 0:
        raise RatesError(f"the rate of {currency} is 0; say how many units one US dollar costs, or leave it out")
    if currency == BASE and rate != 1:
        raise RatesError(f"one {BASE} is {text} {BASE}; write 1 or leave it out")
    return rate
