"""How a list is ordered: by which column, which way."""

from __future__ import annotations

from array import array
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from shoptui.domain.alike import meant
from shoptui.domain.records import dataclass

Column = TypeVar("Column", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ColumnSort(Generic[Column]):
    """A column and a direction. Rows without a value come last either way.

    Each list has its own kind, whose default column says which columns there are.
    """

    by: Column
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `placed` or `-placed` (descending). Raises ValueError with a sentence for anything else."""
        name = text.strip().casefold()
        descending = name.startswith("-")
        name = name.removeprefix("-")
        default: Any = cls.__dataclass_fields__["by"].default
        columns: type[Column] = type(default)
        try:
            return cls(columns(name), descending)
        except ValueError:
            known = [column.value for column in columns]
            near = meant(name, known)
            hint = f"Did you mean {near}?" if near else f"Columns are {', '.join(known)}."
            raise ValueError(f"{name or text!r} is no column to sort by. {hint}") from None

    def __str__(self) -> str:
        return f"-{self.by}" if self.descending else self.by.value


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
class Sort(ColumnSort[SortBy]):
    """How a list of orders is sorted. By default: next loss first."""

    by: SortBy = SortBy.NEXT


class ThreadSortBy(StrEnum):
    """The columns a list of conversations can be sorted by. In every order, those that missed a clock come first."""

    NEXT = "next"
    STORE = "store"
    BUYER = "buyer"
    ORDER = "order"
    WHO = "who"
    ASKED = "asked"
    LAST = "last"
    UNREAD = "unread"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class ThreadSort(ColumnSort[ThreadSortBy]):
    """How a list of conversations is sorted. By default: next loss, then escalated, unread and newest first."""

    by: ThreadSortBy = ThreadSortBy.NEXT


class ReturnSortBy(StrEnum):
    """The columns a list of returns can be sorted by. In every order, those that missed a clock come first."""

    NEXT = "next"
    STORE = "store"
    RETURN = "return"
    ORDER = "order"
    ASK = "ask"
    STATE = "state"
    VALUE = "value"
    USD = "usd"
    REASON = "reason"
    BUYER = "buyer"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class ReturnSort(ColumnSort[ReturnSortBy]):
    """How a list of returns is sorted. By default: next loss, then the dearest first."""

    by: ReturnSortBy = ReturnSortBy.NEXT


class StockSortBy(StrEnum):
    """The columns a list of stock pools can be sorted by. In every order, those sold out and promised come first."""

    NEXT = "next"
    SKU = "sku"
    NAME = "name"
    HAND = "hand"
    RESERVED = "reserved"
    FREE = "free"
    SOLD = "sold"
    LISTED = "listed"
    COVER = "cover"
    OVER = "over"
    STEP = "step"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True)
class StockSort(ColumnSort[StockSortBy]):
    """How a list of stock pools is sorted. By default: what runs out first, then what is most oversold."""

    by: StockSortBy = StockSortBy.NEXT


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
