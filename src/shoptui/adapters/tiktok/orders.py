"""Reading TikTok Shop's orders: by update time, everything still open, and by number."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial

from shoptui.adapters.ahead import ahead, together
from shoptui.adapters.base import NONE_KNOWN, Malformed, OrderPage, Rejected, SetAside, TooMany
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.pages import ReadPage, read_orders
from shoptui.domain.intents import CauseId
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store

#: Documented limits (sheet, sections 1 and 5.1).
PAGE_MAX = 100
DETAIL_MAX = 50

#: The marketplace's words for everything the carrier does not have yet; a search takes one status.
OPEN_STATUSES = ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "ON_HOLD", "UNPAID")
#: And those for everything else (sheet, section 5.3).
CLOSED_STATUSES = ("IN_TRANSIT", "DELIVERED", "COMPLETED", "CANCELLED")

# Pages in a row that bring nothing unseen; moving data explains one or two, a looping server all of them.
_STALE_PAGES_MAX = 3
# Times a month is searched until as many orders have come as there are: those that change leave it and move others.
_SEARCHES_MAX = 3
# Versions remembered to tell repeated pages from news.
_REMEMBERED = 20 * PAGE_MAX


class OrderReader:
    """The order endpoints of one app's stores."""

    def __init__(self, client: ShopClient, *, page_size: int = PAGE_MAX) -> None:
        if not 1 <= page_size <= PAGE_MAX:
            raise ValueError(f"TikTok Shop takes 1 to {PAGE_MAX} orders a page, not {page_size}")
        self._client = client
        self._page_size = page_size

    async def changed(
        self, store: Store, since: int, until: int, *, known: Mapping[str, int] = NONE_KNOWN
    ) -> AsyncIterator[OrderPage]:
        """Orders updated in `[since, until)`, oldest change first; in no order where most are open and `known`."""
        if since >= until:
            return
        window = {"update_time_ge": since, "update_time_lt": until}
        open_here = sum(since <= updated_at < until for updated_at in known.values())
        # A page of each status and a count are less than the pages that known orders fill.
        if open_here > self._page_size * (len(CLOSED_STATUSES) + 1):
            pages = await self._closed(store, window, but=open_here)
            if pages is not None:
                for page in pages:
                    yield page
                return
        async for page in self._search(store, window, sort_field="update_time", feed="orders"):
            yield page

    async def open(self, store: Store) -> AsyncIterator[OrderPage]:
        """Every order that is not with the carrier, status by status; each status begins a search with its count."""
        for status in OPEN_STATUSES:
            # By creation time: it never changes, so orders that move do not push others over page borders.
            async for page in self._search(store, {"order_status": status}, sort_field="create_time", feed="sweep"):
                yield page

    async def month(self, store: Store, since: int, until: int, *, at_most: int) -> AsyncIterator[OrderPage]:
        """What changed in `[since, until)`, newest first, and what is open and older; TooMany as said in base.

        A search takes one status or all, so the month is searched whole and each open status asked for older orders.
        """
        window = {"update_time_ge": since, "update_time_lt": until}
        seen: set[str] = set()
        for turn in range(_SEARCHES_MAX):
            came, total = 0, 0
            search = self._search(store, window, sort_field="update_time", feed="orders", sort_order="DESC")
            async for page in ahead(search):
                if page.total is not None:
                    total = page.total
                    if turn == 0 and total > at_most:
                        raise TooMany(total)
                came += len(page.orders) + len(page.set_aside)
                fresh = tuple(order for order in page.orders if order.order_no not in seen)
                seen.update(order.order_no for order in fresh)
                yield OrderPage(fresh, page.set_aside if turn == 0 else (), page.total if turn == 0 else None)
            if came >= total:
                break
        for page in await self._of_statuses(store, OPEN_STATUSES, {"update_time_lt": since}, feed="sweep"):
            yield page

    async def _closed(self, store: Store, window: Mapping[str, int], *, but: int) -> list[OrderPage] | None:
        """What of a window is with the carrier or past it; None where more than `but` others are in the window.

        Then some have a word that is not known here, or slipped over the border of a page: all of it must be read.
        """
        there = (await self._found(store, window, {"page_size": "1"}, "orders")).total
        if there is None:
            return None
        pages = await self._of_statuses(store, CLOSED_STATUSES, window, feed="orders")
        came = sum(len(page.orders) + len(page.set_aside) for page in pages)
        return pages if came + but >= there else None

    async def _of_statuses(
        self, store: Store, statuses: Sequence[str], window: Mapping[str, int], *, feed: str
    ) -> list[OrderPage]:
        """A search takes one status: all of them, side by side."""

        async def one(status: str) -> list[OrderPage]:
            body = {"order_status": status, **window}
            return [page async for page in self._search(store, body, sort_field="create_time", feed=feed)]

        return [page for pages in await together(one(status) for status in statuses) for page in pages]

    async def by_no(self, store: Store, order_nos: Sequence[str], *, feed: str = "detail") -> OrderPage:
        """The named orders; those TikTok Shop does not know are missing."""
        wanted = list(dict.fromkeys(map(segment, order_nos)))
        orders: list[Order] = []
        set_aside: list[SetAside] = []
        for start in range(0, len(wanted), DETAIL_MAX):
            page = await self._details(store, wanted[start : start + DETAIL_MAX], feed)
            orders.extend(page.orders)
            set_aside.extend(page.set_aside)
        return OrderPage(tuple(orders), tuple(set_aside))

    async def _details(self, store: Store, order_nos: Sequence[str], feed: str) -> OrderPage:
        """One call's orders. A number of another shop spoils the whole call, so it is halved until found."""
        try:
            page = await self._client.call(
                store,
                "order.detail",
                "GET",
                # 202507 has it too but, by some sources, without priority and recommended shipping time.
                "/order/202309/orders",
                partial(read_orders, store_id=store.store_id),
                feed=feed,
                params={"ids": ",".join(order_nos)},
            )
        except Rejected as refusal:
            if refusal.cause.id is not CauseId.NOT_OURS:
                raise
        else:
            return OrderPage(page.orders, page.set_aside)
        if len(order_nos) == 1:
            return OrderPage(())
        half = len(order_nos) // 2
        first = await self._details(store, order_nos[:half], feed)
        second = await self._details(store, order_nos[half:], feed)
        return OrderPage(first.orders + second.orders, first.set_aside + second.set_aside)

    async def _search(
        self, store: Store, body: Mapping[str, object], *, sort_field: str, feed: str, sort_order: str = "ASC"
    ) -> AsyncIterator[OrderPage]:
        """All pages of a search, the first with its count."""
        token = ""
        used_tokens: set[str] = set()
        seen: dict[tuple[str, int], None] = {}
        stale_pages = 0
        while True:
            params = {"page_size": str(self._page_size), "sort_field": sort_field, "sort_order": sort_order}
            if token:
                params["page_token"] = token
            page = await self._found(store, body, params, feed)
            fresh = tuple(order for order in page.orders if (order.order_no, order.updated_at) not in seen)
            yield OrderPage(fresh, page.set_aside, None if token else page.total)
            if not page.next_token:
                return
            stale_pages = 0 if fresh or page.set_aside else stale_pages + 1
            if page.next_token in used_tokens or stale_pages == _STALE_PAGES_MAX:
                raise Malformed("TikTok Shop's pages go round in a circle; the rest of this search was not read")
            used_tokens.add(page.next_token)
            token = page.next_token
            seen.update(dict.fromkeys((order.order_no, order.updated_at) for order in fresh))
            while len(seen) > _REMEMBERED:
                del seen[next(iter(seen))]

    async def _found(self, store: Store, body: Mapping[str, object], params: Mapping[str, str], feed: str) -> ReadPage:
        return await self._client.call(
            store,
            "order.search",
            "POST",
            "/order/202309/orders/search",
            partial(read_orders, store_id=store.store_id),
            feed=feed,
            params=params,
            body=body,
        )
