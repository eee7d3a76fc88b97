"""The readers' side of money: `Reader.money`."""

from __future__ import annotations

from array import array
from collections.abc import AsyncGenerator, Sequence

from shoptui.domain.disputes import DisputeState
from shoptui.domain.fee_rules import FeeBook
from shoptui.domain.finance import Unsettled, WalletMove
from shoptui.domain.fx import BASE, Rates
from shoptui.queries.money import AnomalyRow, Balances, DisputedRow, DisputeRow, LineRow, Mark, StatementRow
from shoptui.queries.money_views import AnomalySort
from shoptui.queries.query import EVERYTHING, Query
from shoptui.queries.sorting import IndexChunk
from shoptui.store import dispute_reads, money_balances, money_names, money_reads
from shoptui.store.list_reader import Run

#: What is read first of a statement's lines: more than a screen shows.
_FIRST_CHUNK = 500
_CHUNK = 20_000
_MOST = 1000


class MoneyReader:
    """What screens and commands ask about money."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def balances(self, now: int, book: FeeBook, rates: Rates | None, currency: str = BASE) -> Balances:
        """All stores' money, next loss first, with totals by currency and their sum in one currency."""
        return await self._run(money_balances.balances, now, book, rates, currency)

    async def statement_ids(self, store_id: str, most: int = _MOST) -> list[int]:
        """The rows of a store's statements, newest first."""
        return await self._run(money_reads.statement_ids, store_id, most)

    async def statement_row(self, store_id: str, statement_id: str) -> int | None:
        """The row of a statement, None when it is not here."""
        return await self._run(money_reads.statement_row, store_id, statement_id)

    async def row_ids(self, names: Sequence[Sequence[str]]) -> list[int | None]:
        """The rows of statements, lines or anomalies by what they are called (`money_names`), None for those gone."""
        return await self._run(money_names.row_ids, names)

    async def statements(self, ids: Sequence[int], book: FeeBook | None = None) -> list[StatementRow]:
        """The statements of these rows, in this order; `book` says until when they are to be verified."""
        return await self._run(money_reads.statements, ids, book)

    async def statement(self, store_id: str, statement_id: str, book: FeeBook | None = None) -> StatementRow | None:
        """One statement, None when it is not here."""
        row_id = await self.statement_row(store_id, statement_id)
        found = [] if row_id is None else await self.statements([row_id], book)
        return found[0] if found else None

    async def line_index(self, statement_row: int) -> AsyncGenerator[IndexChunk, None]:
        """The rows of a statement's lines by time, piece by piece; the first piece is small and there at once."""
        after: tuple[int, int] | None = None
        size = _FIRST_CHUNK
        while True:
            rows = await self._run(money_reads.line_ids, statement_row, after, size)
            last = len(rows) < size
            yield IndexChunk(array("q", [row_id for _, row_id in rows]), 0, last)
            if last:
                return
            after, size = rows[-1], _CHUNK

    async def lines(self, ids: Sequence[int]) -> list[LineRow]:
        """The lines of these rows, in this order; those that are gone are left out."""
        return await self._run(money_reads.lines, ids)

    async def lines_of_order(self, store_id: str, order_no: str) -> list[LineRow]:
        """Everything a store's statements have of an order, oldest statement first."""
        return await self.lines(await self._run(money_reads.line_ids_of_order, store_id, order_no))

    async def anomaly_index(
        self,
        query: Query = EVERYTHING,
        sort: AnomalySort | None = None,
        *,
        now: int,
        operator: str,
        statement_row: int | None = None,
    ) -> IndexChunk:
        """The rows of anomalies that match, largest first unless sorted otherwise.

        Of one statement with `statement_row`: its own, and the store's orders that should have been settled within its
        days and are in no statement.
        """
        ids = await self._run(money_reads.anomaly_ids, query, sort or AnomalySort(), now, operator, statement_row)
        return IndexChunk(ids, 0, last=True)

    async def anomalies(self, ids: Sequence[int]) -> list[AnomalyRow]:
        """The anomalies of these rows, in this order; those that are gone are left out."""
        return await self._run(money_reads.anomalies, ids)

    async def anomalies_of(self, orders: Sequence[tuple[str, str]]) -> list[int]:
        """The rows of what does not agree in the settlements of orders (store, number)."""
        return await self._run(dispute_reads.anomaly_ids, orders)

    async def disputed(self, orders: Sequence[tuple[str, str]]) -> list[DisputedRow]:
        """All that was ever disputed about orders (store, number) and their returns, newest dispute first."""
        return await self._run(dispute_reads.disputed, orders)

    async def marks(self, store_id: str, statement_id: str) -> list[Mark]:
        """Everything that was said of a statement, newest first."""
        return await self._run(money_reads.marks, store_id, statement_id)

    async def moves(self, store_id: str, most: int = _MOST) -> list[WalletMove]:
        """A store's newest wallet moves, newest first."""
        return await self._run(money_reads.moves, store_id, most)

    async def unsettled(self, store_id: str) -> list[Unsettled]:
        """What a store's marketplace says is still to come, the oldest promise first."""
        return await self._run(money_reads.unsettled, store_id)

    async def disputes(self, store_id: str | None = None, most: int = _MOST) -> list[DisputeRow]:
        """The newest disputes, of all stores with None."""
        return await self._run(money_reads.disputes, store_id, None, most)

    async def dispute(self, dispute_id: int) -> DisputeRow | None:
        """The dispute of a number, None when there is none."""
        return next(iter(await self._run(money_reads.disputes, None, dispute_id, 1)), None)

    async def dispute_events(self, dispute_id: int) -> list[tuple[int, str, DisputeState, str]]:
        """A dispute's way, oldest first: when (epoch s), who, state, note."""
        return await self._run(money_reads.dispute_events, dispute_id)
