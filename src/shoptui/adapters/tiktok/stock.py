"""TikTok Shop's listings: products page by page, and their stock in blocks of hundreds of SKUs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from shoptui.adapters.base import Rejected, SetAside
from shoptui.adapters.rows import read_rows
from shoptui.adapters.stock import ListingPage, StockLimits, StockNow, StockReading
from shoptui.adapters.tiktok.client import ShopClient
from shoptui.adapters.tiktok.stock_mapping import to_listings, to_stocks
from shoptui.adapters.tiktok.stock_wire import (
    ProductPage,
    ProductRecord,
    ProductsAnswer,
    ProductStock,
    StockAnswer,
)
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.clock import Clock
from shoptui.domain.intents import CauseId
from shoptui.domain.stock import Listing
from shoptui.domain.stores import Store

#: The most a page of products may have, and the most that one search gives (sheet, sections 4.4 and 10.2).
PRODUCTS_PAGE = 100
RESULTS_MAX = 10_000
#: SKUs per stock search, and what a stock update takes: 0 sells out (sheet, sections 10.4 and 10.5).
STOCK_SEARCH_MAX = 600
LIMITS = StockLimits(least=0, most=99_999, read_max=STOCK_SEARCH_MAX)

_FEED = "stock"


class TikTokStock:
    """What stores list, read for any store of the app."""

    limits = LIMITS

    def __init__(self, client: ShopClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def listings(self, store: Store, since: int = 0) -> AsyncIterator[ListingPage]:
        """Products changed since, with their stock; pages are as large as one stock search permits."""
        waiting: list[Listing] = []
        set_aside: list[SetAside] = []
        seen: set[str] = set()
        async for listings, faults in self._products(store, since, int(self._clock.now())):
            waiting += [listing for listing in listings if listing.listing_id not in seen]
            seen.update(listing.listing_id for listing in listings)
            set_aside += faults
            while len(waiting) >= STOCK_SEARCH_MAX:
                yield await self._with_stock(store, waiting[:STOCK_SEARCH_MAX], set_aside)
                del waiting[:STOCK_SEARCH_MAX]
                set_aside = []
        if waiting or set_aside:
            yield await self._with_stock(store, waiting, set_aside)

    async def by_id(self, store: Store, listing_ids: Sequence[str]) -> StockReading:
        """Stock of SKUs, up to 600 a call."""
        stocks: list[StockNow] = []
        set_aside: list[SetAside] = []
        asked = dict.fromkeys(listing_ids)
        sku_ids = [listing_id.partition("/")[2] for listing_id in asked]
        for start in range(0, len(sku_ids), STOCK_SEARCH_MAX):
            found, faults = await self._stock(store, sku_ids[start : start + STOCK_SEARCH_MAX])
            stocks += [one for one in found if one.listing_id in asked]
            set_aside += faults
        return StockReading(tuple(stocks), tuple(set_aside))

    async def _products(
        self, store: Store, since: int, until: int
    ) -> AsyncIterator[tuple[list[Listing], tuple[SetAside, ...]]]:
        """Products by when they changed, both ends included. More than one search gives are searched by halves."""
        token = ""
        while True:
            page = await self._page(store, since, until, token)
            if not token and (page.total_count or 0) > RESULTS_MAX and since < until:
                middle = (since + until) // 2
                async for found in self._products(store, since, middle):
                    yield found
                async for found in self._products(store, middle + 1, until):
                    yield found
                return
            records, faults = read_rows(
                page.products or (),
                store.store_id,
                "id",
                lambda raw: to_listings(ProductRecord.model_validate(raw), store.store_id),
            )
            yield [listing for listings in records for listing in listings], faults
            if not page.next_page_token or page.next_page_token == token:
                return
            token = page.next_page_token

    async def _page(self, store: Store, since: int, until: int, token: str) -> ProductPage:
        params = {"page_size": str(PRODUCTS_PAGE)}
        envelope = await self._client.call(
            store,
            "product.search",
            "POST",
            "/product/202309/products/search",
            lambda answer: read_envelope(answer, ProductsAnswer, exact=True),
            feed=_FEED,
            params={**params, "page_token": token} if token else params,
            body={"status": "ALL", "update_time_ge": since, "update_time_le": until},
        )
        return envelope.data or ProductPage()

    async def _with_stock(
        self, store: Store, listings: Sequence[Listing], set_aside: Sequence[SetAside]
    ) -> ListingPage:
        """The listings with their stock; one whose stock cannot be read has none."""
        found, faults = await self._stock(store, [listing.sku_id for listing in listings]) if listings else ([], [])
        stock = {one.listing_id: one.stock for one in found}
        whole = tuple(replace(listing, stock=stock.get(listing.listing_id, ())) for listing in listings)
        return ListingPage(whole, (*set_aside, *faults))

    async def _stock(self, store: Store, sku_ids: Sequence[str]) -> tuple[list[StockNow], list[SetAside]]:
        """One stock search. Where it is refused for a SKU that is gone, the others are found by halves."""
        try:
            envelope = await self._client.call(
                store,
                "stock.search",
                "POST",
                "/product/202309/inventory/search",
                lambda answer: read_envelope(answer, StockAnswer),
                feed=_FEED,
                body={"sku_ids": list(sku_ids)},
            )
        except Rejected as refusal:
            if refusal.cause.id is not CauseId.LISTING_GONE:
                raise
            if len(sku_ids) == 1:
                return [], []
            middle = len(sku_ids) // 2
            left, left_faults = await self._stock(store, sku_ids[:middle])
            right, right_faults = await self._stock(store, sku_ids[middle:])
            return left + right, left_faults + right_faults
        records, faults = read_rows(
            (envelope.data.inventory if envelope.data else None) or (),
            store.store_id,
            "product_id",
            lambda raw: to_stocks(ProductStock.model_validate(raw)),
        )
        return [one for stocks in records for one in stocks], list(faults)
