"""Tables of marketplaces' names for money, and making a line's parts add up to its amount to the last unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from shoptui.domain.finance import FeeKind, Part
from shoptui.domain.money import Money, MoneyError

#: The name of a part that no word of the marketplace explains: what its own figures leave over.
REST = "rest"

T = TypeVar("T")


def by_name(*rows: tuple[T, str]) -> Mapping[str, T]:
    """What names stand for, several to a row with blanks between them, as it is looked up."""
    return MappingProxyType({name: meant for meant, names in rows for name in names.split()})


def completed(parts: Sequence[Part], amount: Money) -> tuple[Part, ...]:
    """The parts that are not nothing, with what they leave over of the amount as a part of its own.

    Raises MoneyError for parts of another currency.
    """
    currency, rest = amount.currency, amount.minor
    for part in parts:
        if part.amount.currency != currency:
            raise MoneyError(f"a part is in {part.amount.currency}, its line in {currency}")
        rest -= part.amount.minor
    kept = [part for part in parts if part.amount.minor]
    if rest:
        kept.append(Part(FeeKind.OTHER, Money(rest, currency), REST))
    return tuple(kept)
