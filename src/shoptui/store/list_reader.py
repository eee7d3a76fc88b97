"""The readers' side of a list whose rows are indexed by what they lose next."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
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


class ListReader(Generic[SortT]):
    """What every such list can be asked: its rows in order, how many there are, where single ones stand."""

    def __init__(self, run: Run, shape: Shape) -> None:
        self._run = run
        self._shape = shape

    async def index(self, query: Query, sort: SortT, *, now: int, operator: str) -> IndexChunk:
        """The rows that match, in order, in one piece; those that missed a clock come first and are counted."""
        return await self._run(plain_list.index, self._shape, query, sort, now, operator)

    async def count(self, query: Query, *, now: int, operator: str) -> int:
        """How many rows match."""
        return await self._run(plain_list.count, self._shape, query, now, operator)

    async def sort_keys(self, ids: Sequence[int], query: Query, sort: SortT, now: int, operator: str) -> list[SortKey]:
        """Where those of the rows that still match stand in the list."""
        return await self._run(plain_list.sort_keys, self._shape, ids, query, sort, now, operator)
