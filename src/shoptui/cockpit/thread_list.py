"""Where the Inbox list has its rows from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.row_list import AnySort, ListQuery, store_names
from shoptui.domain.clocks import ClockKind
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.sorting import IndexChunk, SortKey, ThreadSort
from shoptui.store.reader import Reader


class ThreadSource:
    """The conversations of a house."""

    def __init__(self, reader: Reader) -> None:
        self._threads = reader.threads

    def index(self, wanted: ListQuery, now: int) -> AsyncIterator[IndexChunk]:
        return self._threads.pieces(wanted.query, _sort(wanted.sort), now=now, operator=wanted.operator)

    async def sort_keys(self, row_ids: Sequence[int], wanted: ListQuery, now: int) -> Sequence[SortKey]:
        return await self._threads.sort_keys(row_ids, wanted.query, _sort(wanted.sort), now, wanted.operator)

    async def rows(self, row_ids: Sequence[int], now: int) -> Sequence[ThreadRow]:
        return await self._threads.rows(row_ids, now)

    async def row_ids(self, keys: Sequence[RowKey]) -> Mapping[RowKey, int]:
        found = {key: await self._threads.row_of(*key) for key in keys}
        return {key: row_id for key, row_id in found.items() if row_id is not None}

    def missed_kind(self, row: ThreadRow) -> str:
        return ClockKind.REPLY.value

    def missed_names(self, rows: Sequence[ThreadRow]) -> str:
        return store_names(row.store_id for row in rows)


def _sort(sort: AnySort) -> ThreadSort:
    assert isinstance(sort, ThreadSort), "a list of conversations is sorted by columns of conversations"
    return sort
