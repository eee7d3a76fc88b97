"""Lazada's orders of a month for a house that has none: listed once, their items read once, open ones first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Container
from contextlib import aclosing
from dataclasses import dataclass, field

from shoptui.adapters.ahead import ahead, in_order, together
from shoptui.adapters.base import OrderPage, SetAside, TooMany
from shoptui.adapters.lazada.orders import ITEMS_MAX, OPEN_FILTERS, OrderReader, Rows, is_open
from shoptui.adapters.lazada.wire import OrderRecord
from shoptui.domain.stores import Store

_FEED = "orders"


@dataclass(slots=True)
class _Batch:
    """Records whose items are asked for in one call, and what was found unreadable or counted on the way."""

    records: list[OrderRecord] = field(default_factory=list)
    aside: tuple[SetAside, ...] = ()
    total: int | None = None


class MonthReader:
    """Reads with the order endpoints of one app's stores."""

    def __init__(self, orders: OrderReader) -> None:
        self._orders = orders

    async def read(
        self, store: Store, since: int, until: int, *, known: Container[str], at_most: int
    ) -> AsyncIterator[OrderPage]:
        """Orders updated in `[since, until)` and older open ones; TooMany as said in base."""

        async def in_full(batch: _Batch) -> OrderPage:
            orders, aside = await self._orders.in_full(store, batch.records, feed=_FEED)
            return OrderPage(orders, batch.aside + aside, batch.total)

        batches = self._batches(store, since, until, known, at_most)
        async with aclosing(in_order(batches, in_full)) as pages:
            async for page in pages:
                yield page

    async def _batches(
        self, store: Store, since: int, until: int, known: Container[str], at_most: int
    ) -> AsyncIterator[_Batch]:
        """What is open as it is listed, fifty by fifty; the closed ones when all are listed, the newest first."""
        still_open: list[OrderRecord] = []
        closed: list[OrderRecord] = []
        seen: set[str] = set()
        begun = False

        def sort_in(rows: Rows, wanted: Callable[[OrderRecord], bool]) -> _Batch | None:
            """Put the rows on their piles; what is to be told of them at once, if anything."""
            fresh = [record for record in rows.records if record.order_id not in seen and wanted(record)]
            seen.update(record.order_id for record in fresh)
            for record in fresh:
                if record.order_id not in known:
                    (still_open if is_open(record) else closed).append(record)
            # A search's first page counts all of it; what was counted before or lies outside is taken off again.
            total = (rows.total or 0) - (rows.listed - len(fresh) - len(rows.aside))
            return _Batch([], rows.aside, total) if total or rows.aside else None

        async with aclosing(ahead(self._orders.changed_rows(store, since, until))) as pages:
            async for rows in pages:
                if not begun and (rows.total or 0) > at_most:
                    raise TooMany(rows.total or 0)
                begun = True
                if (told := sort_in(rows, _anything)) is not None:
                    yield told
                while len(still_open) >= ITEMS_MAX:
                    yield _Batch(still_open[:ITEMS_MAX])
                    del still_open[:ITEMS_MAX]
        older = [self._older(store, word, since) for word in OPEN_FILTERS]
        for found in await together(older):
            for rows in found:
                if (told := sort_in(rows, is_open)) is not None:
                    yield told
        records = still_open + closed[::-1]
        for at in range(0, len(records), ITEMS_MAX):
            yield _Batch(records[at : at + ITEMS_MAX])

    async def _older(self, store: Store, word: str, before: int) -> list[Rows]:
        return [rows async for rows in self._orders.open_rows(store, word, before=before)]


def _anything(record: OrderRecord) -> bool:
    return True
