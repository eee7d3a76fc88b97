"""Where the Orders list has its rows from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.row_list import AnySort, ListQuery, store_names
from shoptui.queries.sorting import IndexChunk, Sort, SortKey
from shoptui.queries.types import OrderRow
from shoptui.store.reader import Reader


class OrderSource:
    """The orders of a house."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def index(self, wanted: ListQuery, now: int) -> AsyncIterator[IndexChunk]:
        return self._reader.index(wanted.query, _sort(wanted.sort), now=now, operator=wanted.operator)

    async def sort_keys(self, row_ids: Sequence[int], wanted: ListQuery, now: int) -> Sequence[SortKey]:
        return await self._reader.sort_keys(row_ids, wanted.query, _sort(wanted.sort), now, wanted.operator)

    async def rows(self, row_ids: Sequence[int], now: int) -> Sequence[OrderRow]:
        return await self._reader.rows(row_ids, now)

    async def row_ids(self, keys: Sequence[RowKey]) -> Mapping[RowKey, int]:
        return await self._reader.row_ids(keys)

    def missed_kind(self, row: OrderRow) -> str:
        return row.last_missed_kind

    def missed_names(self, rows: Sequence[OrderRow]) -> str:
        return store_names(row.store_id for row in rows)


def _sort(sort: AnySort) -> Sort:
    assert isinstance(sort, Sort), "a list of orders is sorted by columns of orders"
    return sort
