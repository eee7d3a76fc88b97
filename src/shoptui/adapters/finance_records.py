"""Reading rows about money one by one, and making a line's parts add up to its amount to the last unit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from shoptui.adapters.base import SetAside
from shoptui.adapters.records import what_is_wrong
from shoptui.domain.finance import FeeKind, Part
from shoptui.domain.money import Money, MoneyError
from shoptui.text import sanitise_cell

T = TypeVar("T")

#: The name of a part that no word of the marketplace explains: what its own figures leave over.
REST = "rest"
_NAME_MAX = 64


def read_rows(
    rows: Iterable[Any], store_id: str, name_field: str, mapped: Callable[[Any], T | None]
) -> tuple[tuple[T, ...], tuple[SetAside, ...]]:
    """The rows that can be read; each other one set aside under the name it has in `name_field`, "" without.

    A row mapped to None is none of what was asked for and left out.
    """
    found: list[T] = []
    aside: list[SetAside] = []
    for raw in rows:
        try:
            one = mapped(raw)
        except ValidationError as error:
            aside.append(_aside(raw, store_id, name_field, what_is_wrong(error)))
        except (MoneyError, ValueError) as error:
            aside.append(_aside(raw, store_id, name_field, str(error)))
        else:
            if one is not None:
                found.append(one)
    return tuple(found), tuple(aside)


def _aside(raw: Any, store_id: str, name_field: str, reason: str) -> SetAside:
    named = raw.get(name_field) if isinstance(raw, dict) else None
    name = sanitise_cell(str(named), limit=_NAME_MAX) if isinstance(named, str | int) else ""
    return SetAside(store_id, name, sanitise_cell(reason), json.dumps(raw, ensure_ascii=False, default=str))


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
