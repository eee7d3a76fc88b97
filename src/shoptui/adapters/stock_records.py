"""Reading listings and stock record by record, and the numbers in them: a bad one is named and costs no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from shoptui.adapters.base import SetAside
from shoptui.adapters.records import Wire, what_is_wrong
from shoptui.text import sanitise_cell

RecordT = TypeVar("RecordT", bound=Wire)
T = TypeVar("T")

_ID_MAX = 64
_LIMIT = 2**63

#: A number of units; what no column of 64 bits holds spoils its record. Oversold figures come below zero.
Units = Annotated[int, Field(ge=-_LIMIT, lt=_LIMIT)]


def read_records(
    rows: Sequence[Any],
    model: type[RecordT],
    mapped: Callable[[RecordT], T],
    *,
    store_id: str,
    id_fields: Sequence[str],
) -> tuple[list[T], tuple[SetAside, ...]]:
    """The records that can be read, and the others set aside under the id found in the first of `id_fields`."""
    found: list[T] = []
    set_aside: list[SetAside] = []
    for raw in rows:
        try:
            found.append(mapped(model.model_validate(raw)))
        except ValidationError as error:
            set_aside.append(_aside(raw, store_id, id_fields, what_is_wrong(error)))
        except (ValueError, ArithmeticError) as error:
            set_aside.append(_aside(raw, store_id, id_fields, str(error)))
    return found, tuple(set_aside)


def on_offer(units: int) -> int:
    """What buyers can order: a marketplace that oversold itself may count below zero."""
    return max(0, units)


def floors(held: int, shows: Sequence[int]) -> list[int]:
    """The least each warehouse may be set to so that all of them together keep what a promotion holds."""
    total = sum(shows)
    return [min(own, max(0, held - (total - own))) for own in shows]


def _aside(raw: Any, store_id: str, id_fields: Sequence[str], reason: str) -> SetAside:
    named = next((raw[name] for name in id_fields if raw.get(name) is not None), "") if isinstance(raw, dict) else ""
    product_id = sanitise_cell(str(named), limit=_ID_MAX) if isinstance(named, str | int) else ""
    return SetAside(store_id, product_id, sanitise_cell(reason), json.dumps(raw, ensure_ascii=False))
