"""Money as integer minor units with an ISO 4217 currency; never a float."""

from __future__ import annotations

import re

from shoptui.domain.making import quickly_made
from shoptui.domain.records import dataclass

# Digits after the point that the marketplaces use. TikTok Shop and Shopee send VND and IDR without decimals although
# ISO 4217 gives IDR two (reference sheets, "money"); JPY and KRW have none by ISO.
_MINOR_DIGITS = {"VND": 0, "IDR": 0, "JPY": 0, "KRW": 0, "CLP": 0}

_NUMBER = re.compile(r"^\s*(?P<sign>[+-]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d+))?\s*$", re.ASCII)


class MoneyError(ValueError):
    """An amount that is no exact number of minor units in its currency."""


def minor_digits(currency: str) -> int:
    """How many decimals an amount of this currency has on the wire and on screen."""
    return _MINOR_DIGITS.get(currency, 2)


@quickly_made
@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount. `minor` counts the smallest unit (cents; whole dong for VND)."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a wire amount such as `"1,118.00"`, `"-3.5"` or `"249000"`.

        Raises MoneyError for anything that is not a plain decimal number or has more decimals than the currency.
        """
        match = _NUMBER.match(text)
        if match is None:
            raise MoneyError(f"{text!r} is no amount of money")
        digits = minor_digits(currency)
        part = match["part"] or ""
        if part[digits:].strip("0"):
            raise MoneyError(f"{text!r} has more decimals than {currency} knows")
        whole = int(match["whole"].replace(",", ""))
        minor = whole * 10**digits + int(part[:digits].ljust(digits, "0") or "0")
        return cls(-minor if match["sign"] == "-" else minor, currency)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    @property
    def milli(self) -> int:
        """Thousandths of the main unit, in which amounts of several currencies compare as numbers."""
        return int(self.minor * 10 ** (3 - minor_digits(self.currency)))

    def plain(self) -> str:
        """The amount without grouping or symbol, as the wire and CSV want it: `747.00`, `41220000`."""
        digits = minor_digits(self.currency)
        sign = "-" if self.minor < 0 else ""
        units = abs(self.minor)
        if digits == 0:
            return f"{sign}{units}"
        return f"{sign}{units // 10**digits}.{units % 10**digits:0{digits}d}"

    def _same(self, other: Money) -> None:
        if other.currency != self.currency:
            raise MoneyError(f"cannot add {other.currency} to {self.currency}")
