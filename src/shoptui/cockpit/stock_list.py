"""Where the Stock list has its rows from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.row_list import AnySort, ListQuery
from shoptui.queries.sorting import IndexChunk, SortKey, StockSort
from shoptui.queries.stock import PoolRow
from shoptui.store.reader import Reader
from shoptui.words.stock import named

#: A pool is named by its key alone: it is of all stores.
OF_ALL_STORES = ""
_NAMED = 2


class StockSource:
    """The pools of a house."""

    def __init__(self, reader: Reader) -> None:
        self._stock = reader.stock

    def index(self, wanted: ListQuery, now: int) -> AsyncIterator[IndexChunk]:
        return self._stock.pieces(wanted.query, _sort(wanted.sort), now=now, operator=wanted.operator)

    async def sort_keys(self, row_ids: Sequence[int], wanted: ListQuery, now: int) -> Sequence[SortKey]:
        sort = _sort(wanted.sort)
        return await self._stock.sort_keys(row_ids, wanted.query, sort, now, wanted.operator)

    async def rows(self, row_ids: Sequence[int], now: int) -> Sequence[PoolRow]:
        return await self._stock.rows(row_ids)

    async def row_ids(self, keys: Sequence[RowKey]) -> Mapping[RowKey, int]:
        found = {key: await self._stock.row_of(key[1]) for key in keys}
        return {key: row_id for key, row_id in found.items() if row_id is not None}

    def missed_kind(self, row: PoolRow) -> str:
        return row.last_missed_kind

    def missed_names(self, rows: Sequence[PoolRow]) -> str:
        return named([row.sku for row in rows], _NAMED)


def _sort(sort: AnySort) -> StockSort:
    assert isinstance(sort, StockSort), "a list of pools is sorted by columns of pools"
    return sort
