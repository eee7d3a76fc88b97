"""Shopee's orders of a month for a house that has none: listed first, then each read in full once, open ones first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Sequence
from contextlib import aclosing
from functools import partial

from shoptui.adapters.ahead import in_order, together
from shoptui.adapters.base import AdapterError, OrderPage, TooMany
from shoptui.adapters.shopee.orders import DETAIL_MAX, Listing, OrderReader, Row, windows
from shoptui.adapters.shopee.parcels import PACKAGES_MAX
from shoptui.domain.stores import Store

#: Words of a list for what the seller has nothing to do with any more; whatever else it says is read first.
_WITH_CARRIER = frozenset({"SHIPPED", "TO_CONFIRM_RECEIVE", "TO_RETURN", "COMPLETED", "CANCELLED"})
_FEED = "orders"
#: Orders without packages go into a page too, up to so many.
_GROUP_MAX = 100


class MonthReader:
    """Reads with the order endpoints of one app's stores."""

    def __init__(self, orders: OrderReader) -> None:
        self._orders = orders

    async def read(
        self, store: Store, since: int, until: int, *, known: Container[str], at_most: int
    ) -> AsyncIterator[OrderPage]:
        """Orders updated in `[since, until)` and all with a waiting package; TooMany as said in base.

        A list may name an order's status, so that what is open needs no search of its own unless it is older.
        """
        newest_first = windows(since, until)[::-1]
        listings = await together(self._list(store, start, end, at_most) for start, end in newest_first)
        told = {number: word for listing in listings for number, word in listing.words.items()}
        if len(told) > at_most:
            raise TooMany(len(told))
        waiting = await self._orders.waiting(store)
        # Where less is read than the time in which there may be any.
        async for older in self._orders.without_parcels(store, before=since):
            waiting += older
        still_open = [number for number, word in told.items() if word not in _WITH_CARRIER]
        numbers = dict.fromkeys([*waiting, *still_open, *told])
        yield OrderPage((), total=len(numbers))
        moved: set[str] = set()
        async for page in self._read(store, [number for number in numbers if number not in known]):
            moved.update(order.order_no for order in page.orders if order.updated_at >= until)
            yield page
        for (start, end), listing in zip(newest_first, listings, strict=True):
            if listing.pages == 1 or moved.isdisjoint(listing.words):
                continue
            # Some left the window after they were listed and drew others over the border of a page.
            again = await self._orders.listed(store, "update_time", start, end, feed=_FEED)
            missed = [number for number in again if number not in numbers and number not in known]
            yield OrderPage((), total=len(missed))
            async for page in self._read(store, missed):
                yield page

    async def _list(self, store: Store, start: int, end: int, at_most: int) -> Listing:
        return await self._orders.listed_once(store, "update_time", start, end, feed=_FEED, at_most=at_most)

    async def _read(self, store: Store, numbers: Sequence[str]) -> AsyncIterator[OrderPage]:
        """The orders in full, in this order: as many a call as it takes, and their packages likewise."""
        batches = [numbers[at : at + DETAIL_MAX] for at in range(0, len(numbers), DETAIL_MAX)]
        records = in_order(batches, partial(self._orders.raw_records, store, feed=_FEED))
        async with aclosing(
            in_order(_by_packages(records), partial(self._orders.of_records, store, feed=_FEED))
        ) as read:
            async for page in read:
                yield page


async def _by_packages(batches: AsyncIterator[list[Row]]) -> AsyncIterator[list[Row]]:
    """The same records, cut where their packages fill a call; what came before a failure is not lost with it."""
    group: list[Row] = []
    packages = 0
    failure: AdapterError | None = None
    try:
        async for batch in batches:
            for row in batch:
                count = row.packages
                if group and (packages + count > PACKAGES_MAX or len(group) == _GROUP_MAX):
                    yield group
                    group, packages = [], 0
                group.append(row)
                packages += count
    except AdapterError as error:
        failure = error
    if group:
        yield group
    if failure is not None:
        raise failure
