"""Where the Returns list has its rows from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.row_list import AnySort, ListQuery, store_names
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import IndexChunk, ReturnSort, SortKey
from shoptui.store.reader import Reader


class ReturnSource:
    """The return requests of a house."""

    def __init__(self, reader: Reader) -> None:
        self._returns = reader.returns

    def index(self, wanted: ListQuery, now: int) -> AsyncIterator[IndexChunk]:
        return self._returns.pieces(wanted.query, _sort(wanted.sort), now=now, operator=wanted.operator)

    async def sort_keys(self, row_ids: Sequence[int], wanted: ListQuery, now: int) -> Sequence[SortKey]:
        return await self._returns.sort_keys(row_ids, wanted.query, _sort(wanted.sort), now, wanted.operator)

    async def rows(self, row_ids: Sequence[int], now: int) -> Sequence[ReturnRow]:
        return await self._returns.rows(row_ids, now)

    async def row_ids(self, keys: Sequence[RowKey]) -> Mapping[RowKey, int]:
        found = {key: await self._returns.row_of(*key) for key in keys}
        return {key: row_id for key, row_id in found.items() if row_id is not None}

    def missed_kind(self, row: ReturnRow) -> str:
        return row.last_missed_kind

    def missed_names(self, rows: Sequence[ReturnRow]) -> str:
        return store_names(row.store_id for row in rows)


def _sort(sort: AnySort) -> ReturnSort:
    assert isinstance(sort, ReturnSort), "a list of returns is sorted by columns of returns"
    return sort
