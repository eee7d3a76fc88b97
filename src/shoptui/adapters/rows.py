"""Reading what a marketplace lists row by row: a bad row is named and set aside, and costs no other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import ValidationError

from shoptui.adapters.base import SetAside
from shoptui.adapters.records import what_is_wrong
from shoptui.text import sanitise_cell

T = TypeVar("T")

_ID_MAX = 64
_MARKED = re.compile(r'"\\u0000([-+.0-9E]+)\\u0000"')


def read_rows(
    rows: Iterable[Any], store_id: str, id_field: str, mapped: Callable[[Any], T | None], *, or_field: str = ""
) -> tuple[tuple[T, ...], tuple[SetAside, ...]]:
    """The rows that can be read; each other one set aside under its id, which stands in `id_field` or `or_field`.

    `mapped` says by ValidationError, ValueError or ArithmeticError that a row cannot be read. A row mapped to None is
    none of what was asked for and left out.
    """
    found: list[T] = []
    aside: list[SetAside] = []
    for raw in rows:
        try:
            one = mapped(raw)
        except ValidationError as error:
            aside.append(set_aside(raw, store_id, id_in(raw, id_field, or_field), what_is_wrong(error)))
        except (ValueError, ArithmeticError) as error:
            aside.append(set_aside(raw, store_id, id_in(raw, id_field, or_field), str(error)))
        else:
            if one is not None:
                found.append(one)
    return tuple(found), tuple(aside)


def id_in(raw: Any, *id_fields: str) -> str:
    """The id in the first of these fields that a row has, which may be anything; "" where it has none."""
    named = next((raw[name] for name in id_fields if raw.get(name) is not None), "") if isinstance(raw, dict) else ""
    return sanitise_cell(str(named), limit=_ID_MAX) if isinstance(named, str | int) else ""


def set_aside(raw: Any, store_id: str, row_id: str, reason: str) -> SetAside:
    """A row that could not be read for this reason, whole."""
    whole = json.dumps(raw, ensure_ascii=False, default=_marked)
    return SetAside(store_id, row_id, sanitise_cell(reason), _MARKED.sub(r"\1", whole))


def _marked(number: Decimal) -> str:
    """Fractions that were read exactly, which JSON's writer does not know, go through it as marked text."""
    return f"\0{number}\0"
