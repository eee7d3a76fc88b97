"""The readers' side of returns: `Reader.returns`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shoptui.queries.returns import ReturnCandidate, ReturnDetail, ReturnRow
from shoptui.queries.sorting import ReturnSort
from shoptui.store import return_lookups, return_reads
from shoptui.store.list_reader import ListReader, Pieces, Run
from shoptui.store.return_list import RETURNS


class ReturnReader(ListReader[ReturnSort]):
    """What screens and commands ask about returns."""

    def __init__(self, run: Run, pieces: Pieces) -> None:
        super().__init__(run, pieces, RETURNS)

    async def rows(self, ids: Sequence[int], now: int) -> list[ReturnRow]:
        """The rows with these ids, in this order; ids that are gone are left out."""
        return await self._run(return_reads.rows, ids, now)

    async def detail(self, row_id: int, now: int) -> ReturnDetail | None:
        """Everything of one request, None when the row is gone."""
        return await self._run(return_reads.detail, row_id, now)

    async def candidates(self, ids: Sequence[int], now: int, operator: str) -> list[ReturnCandidate]:
        """What `answer_preview` needs of these requests; `claimed_by` is empty for the operator's own claims."""
        return await self._run(return_reads.candidates, ids, now, operator)

    async def row_of(self, store_id: str, return_id: str) -> int | None:
        """The row of a request, None when it is not here."""
        found = await self._run(return_lookups.row_ids, [(store_id, return_id)])
        return found[0] if found else None

    async def scanned(self, code: str) -> tuple[str, str] | None:
        """Store and id of the newest request that carries exactly this number, its own or its parcel's back."""
        return await self._run(return_lookups.scanned, code)

    async def of_order(self, store_id: str, order_no: str) -> list[int]:
        """The rows of an order's requests, the newest first."""
        return await self._run(return_lookups.of_order, store_id, order_no)

    async def of_order_rows(self, order_rows: Collection[int]) -> list[int]:
        """The rows of requests about orders with these row ids."""
        return await self._run(return_lookups.of_order_rows, order_rows)

    async def ours_of_stores(self) -> dict[str, int]:
        """How many requests wait for each store's answer; stores without any are left out."""
        return await self._run(return_reads.ours_of_stores)
