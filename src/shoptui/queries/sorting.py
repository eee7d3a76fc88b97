"""How a list is ordered: by which column, which way."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class SortBy(StrEnum):
    """The columns a list of orders can be sorted by. In every order, rows that missed a clock come first."""

    NEXT = "next"
    THEN = "then"
    STORE = "store"
    ORDER = "order"
    STATUS = "status"
    ACT = "act"
    ITEMS = "items"
    CARRIER = "carrier"
    TRACKING = "tracking"
    SERVICE = "service"
    BUYER = "buyer"
    PLACED = "placed"
    UPDATED = "updated"
    VALUE = "value"
    TAGS = "tags"
    WHO = "who"


@dataclass(frozen=True, slots=True)
class Sort:
    """A column and a direction. Rows without a value come last either way."""

    by: SortBy = SortBy.NEXT
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Sort:
        """Read `placed` or `-placed` (descending). Raises ValueError with a sentence for anything else."""
        name = text.strip().casefold()
        descending = name.startswith("-")
        name = name.removeprefix("-")
        try:
            return cls(SortBy(name), descending)
        except ValueError:
            columns = [column.value for column in SortBy]
            near = get_close_matches(name, columns, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Columns are {', '.join(columns)}."
            raise ValueError(f"{name or text!r} is no column to sort by. {hint}") from None

    def __str__(self) -> str:
        return f"-{self.by}" if self.descending else self.by.value


DEFAULT_SORT = Sort()


@dataclass(frozen=True, slots=True)
class IndexChunk:
    """A piece of a list: row ids in order. `missed` of them, always the first, belong to the missed group."""

    ids: array[int]
    missed: int
    last: bool


@dataclass(frozen=True, slots=True)
class SortKey:
    """Where a row stands: `key` compares ascending in the list's order, the missed group first."""

    row_id: int
    key: tuple[object, ...]
    missed: bool
