"""The readers' side of a list whose rows are indexed by what they lose next."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from shoptui.queries.query import Query
from shoptui.queries.sorting import ColumnSort, IndexChunk, SortKey
from shoptui.store import plain_list
from shoptui.store.plain_list import Shape

P = ParamSpec("P")
T = TypeVar("T")
SortT = TypeVar("SortT", bound=ColumnSort[Any])


class Run(Protocol):
    """Runs a function on a reader's connection."""

    def __call__(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]: ...


class Stream(Protocol):
    """A list being read piece by piece, on the thread of a connection."""

    def next(self, db: sqlite3.Connection, size: int) -> IndexChunk:
        """The next `size` ids, fewer at the end."""

    def close(self, db: sqlite3.Connection) -> None:
        """Give up the snapshot."""


#: Reads a list to its end on a connection of its own; the first piece is small and there at once.
Pieces = Callable[[Stream], AsyncGenerator[IndexChunk, None]]


class ListReader(Generic[SortT]):
    """What every such list can be asked: its rows in order, how many there are, where single ones stand."""

    def __init__(self, run: Run, pieces: Pieces, shape: Shape) -> None:
        self._run = run
        self._pieces = pieces
        self._shape = shape

    def pieces(self, query: Query, sort: SortT, *, now: int, operator: str) -> AsyncGenerator[IndexChunk, None]:
        """The rows that match, in order, piece by piece; those that missed a clock come first and are counted."""
        return self._pieces(plain_list.PlainStream(self._shape, query, sort, now, operator))

    async def index(self, query: Query, sort: SortT, *, now: int, operator: str) -> IndexChunk:
        """As `pieces`, in one."""
        return await self._run(plain_list.index, self._shape, query, sort, now, operator)

    async def count(self, query: Query, *, now: int, operator: str) -> int:
        """How many rows match."""
        return await self._run(plain_list.count, self._shape, query, now, operator)

    async def sort_keys(self, ids: Sequence[int], query: Query, sort: SortT, now: int, operator: str) -> list[SortKey]:
        """Where those of the rows that still match stand in the list."""
        return await self._run(plain_list.sort_keys, self._shape, ids, query, sort, now, operator)
