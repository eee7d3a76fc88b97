"""The readers' side of stock: `Reader.stock`."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.counting import Booked
from shoptui.domain.pools import pool_key
from shoptui.domain.shares import ShareRule
from shoptui.queries.sorting import StockSort
from shoptui.queries.stock import PoolCandidate, PoolDetail, PoolRow, Pushed, StockFact, StoreShows
from shoptui.store import stock_desk, stock_reads, stock_shows
from shoptui.store.list_reader import ListReader, Pieces, Run
from shoptui.store.stock_list import STOCK
from shoptui.store.stock_pools import ListingKey


class StockReader(ListReader[StockSort]):
    """What screens and commands ask about stock."""

    def __init__(self, run: Run, pieces: Pieces) -> None:
        super().__init__(run, pieces, STOCK)

    async def rows(self, ids: Sequence[int]) -> list[PoolRow]:
        """The rows with these ids, in this order; ids that are gone are left out."""
        return await self._run(stock_reads.rows, ids)

    async def detail(self, row_id: int, now: int, house_rule: ShareRule) -> PoolDetail | None:
        """A pool with its listings and what became of writes to them, None when the row is gone."""
        return await self._run(stock_reads.detail, row_id, now, house_rule)

    async def candidates(
        self, ids: Sequence[int], now: int, silent: frozenset[str], house_rule: ShareRule
    ) -> list[PoolCandidate]:
        """What `push_preview` needs of these pools; `silent` are stores that do not answer."""
        return await self._run(stock_reads.candidates, ids, now, silent, house_rule)

    async def shows(
        self, ids: Sequence[int], now: int, silent: frozenset[str], house_rule: ShareRule, gap_s: float
    ) -> dict[int, tuple[StoreShows, ...]]:
        """What each store shows of these pools, by row, and what it would show; `gap_s` as for `simulate`."""
        return await self._run(stock_shows.shows, ids, now, silent, house_rule, gap_s)

    async def row_of(self, sku: str) -> int | None:
        """The pool of a code, however it is typed; None when there is none."""
        return await self._run(stock_reads.row_of, pool_key(sku))

    async def rows_of_listings(self, listings: Sequence[ListingKey]) -> tuple[int, ...]:
        """The rows of the pools these listings are of."""
        return await self._run(stock_reads.rows_of_listings, listings)

    async def books(self) -> dict[str, Booked]:
        """What is on the books of every pool, by its key, to compare a count with."""
        return await self._run(stock_desk.books)

    async def pushed(self, batch_id: str) -> list[Pushed]:
        """The writes of a push and of what the engine worked out anew of it, oldest first."""
        return await self._run(stock_desk.pushed, batch_id, "ledger")

    async def facts(self, low_units: int, low_cover_s: int) -> list[StockFact]:
        """What alerts are about now; see `StockWriter.facts`."""
        return await self._run(stock_reads.facts, low_units, low_cover_s)
