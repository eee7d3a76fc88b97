"""Where a row stands in a list, as a key that compares in Python as the list's SQL orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shoptui.queries.sorting import SortKey
from shoptui.store.codes import GROUP_MISSED


class Backwards:
    """A text that compares the other way round, for keys of descending sorts."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __lt__(self, other: Backwards) -> bool:
        return other.text < self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backwards) and self.text == other.text

    def __hash__(self) -> int:
        return hash(("backwards", self.text))

    def __repr__(self) -> str:
        return f"Backwards({self.text!r})"


def key_of(row: Sequence[Any], order: Sequence[tuple[str, bool]]) -> SortKey:
    """The key of a row: its id, its group, then the value of each expression of the order with whether it descends."""
    row_id, group, *values = row
    key: list[object] = [group]
    for value, (_, descending) in zip(values, order, strict=True):
        if not descending:
            key.append(value)
        else:
            key.append(Backwards(value) if isinstance(value, str) else -value)
    return SortKey(row_id, tuple(key), group == GROUP_MISSED)
