"""Reading TikTok Shop's orders: by update time, everything still open, and by number."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial

from shoptui.adapters.ahead import ahead, together
from shoptui.adapters.base import Malformed, OrderPage, Rejected, SetAside, TooMany
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.pages import read_orders
from shoptui.domain.intents import CauseId
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store

#: Documented limits (sheet, sections 1 and 5.1).
PAGE_MAX = 100
DETAIL_MAX = 50

#: The marketplace's words for everything the carrier does not have yet; a search takes one status.
OPEN_STATUSES = ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "ON_HOLD", "UNPAID")

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

    async def changed(self, store: Store, since: int, until: int) -> AsyncIterator[OrderPage]:
        """Orders updated in `[since, until)`, oldest change first."""
        if since >= until:
            return
        window = {"update_time_ge": since, "update_time_lt": until}
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
        older = [self._all(store, {"order_status": status, "update_time_lt": since}) for status in OPEN_STATUSES]
        for pages in await together(older):
            for page in pages:
                yield page

    async def _all(self, store: Store, body: Mapping[str, object]) -> list[OrderPage]:
        return [page async for page in self._search(store, body, sort_field="create_time", feed="sweep")]

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
        token = ""
        used_tokens: set[str] = set()
        seen: dict[tuple[str, int], None] = {}
        stale_pages = 0
        while True:
            params = {"page_size": str(self._page_size), "sort_field": sort_field, "sort_order": sort_order}
            if token:
                params["page_token"] = token
            page = await self._client.call(
                store,
                "order.search",
                "POST",
                "/order/202309/orders/search",
                partial(read_orders, store_id=store.store_id),
                feed=feed,
                params=params,
                body=body,
            )
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
