"""Reading a page of conversations or messages record by record: a bad one is named and costs no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from shoptui.adapters.records import Wire, what_is_wrong
from shoptui.adapters.rows import id_in

RecordT = TypeVar("RecordT", bound=Wire)
T = TypeVar("T")


def read_each(
    rows: Sequence[Any], model: type[RecordT], mapped: Callable[[RecordT], T], *, id_field: str
) -> tuple[list[T], tuple[tuple[str, str], ...]]:
    """The records that can be read, and of each other one its id (under `id_field`, "" without) with what is wrong."""
    found: list[T] = []
    faults: list[tuple[str, str]] = []
    for raw in rows:
        try:
            found.append(mapped(model.model_validate(raw)))
        except ValidationError as error:
            faults.append((id_in(raw, id_field), what_is_wrong(error)))
    return found, tuple(faults)


def word_in(content: Mapping[str, object], key: str) -> str:
    """A text or number of a message's content as text, "" for what is neither."""
    value = content.get(key)
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
