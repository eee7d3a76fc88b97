"""Lazada's listings: products fifty at a time, re-read by the sellers' own codes where those are known."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from shoptui.adapters.base import AdapterError, Rejected, SetAside
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.stock_mapping import to_listings, to_stocks
from shoptui.adapters.lazada.stock_wire import ProductList, ProductRecord, Warehouses
from shoptui.adapters.lazada.ventures import offset_s
from shoptui.adapters.lazada.wire import read_data, read_raw, read_result
from shoptui.adapters.rows import read_rows
from shoptui.adapters.singles import each, look_each
from shoptui.adapters.stock import ListingPage, StockLimits, StockNow, StockReading
from shoptui.domain.intents import CauseId
from shoptui.domain.stock import Listing
from shoptui.domain.stores import Store

#: Products a page, and how far offsets go (sheet, section 10).
PRODUCTS_PAGE = 50
OFFSET_MAX = 10_000
#: Sellers' codes in one search (sheet, section 10); each may bring a product of its own.
CODES_MAX = 50
LIMITS = StockLimits(least=0, most=2**31 - 1, read_max=CODES_MAX)

_FEED = "stock"
_Products = tuple[tuple[ProductRecord, ...], tuple[SetAside, ...]]
_PLACES_KEPT_S = 86_400


class LazadaStock:
    """What stores list, read for any store of the app.

    The sellers' codes of what was read are remembered: Lazada finds fifty products by them in one call, by ids one.
    """

    limits = LIMITS

    def __init__(self, client: ShopClient) -> None:
        self._client = client
        self._codes: dict[tuple[str, str], str] = {}
        self._places: dict[str, tuple[float, tuple[str, ...]]] = {}

    def code_of(self, store: Store, listing_id: str) -> str:
        """The seller's own code of a listing that was read, "" where it has none."""
        return self._codes.get((store.store_id, listing_id), "")

    async def listings(self, store: Store, since: int = 0) -> AsyncIterator[ListingPage]:
        """Products changed since, fifty a page; Lazada's offsets end, so that many are read in windows of time."""
        places = await self._warehouses(store)
        seen: set[str] = set()
        async for products, set_aside in self._products(store, since, int(self._client.clock.now())):
            now = int(self._client.clock.now())
            found: list[Listing] = []
            for product in products:
                if product.item_id not in seen:
                    found += to_listings(product, store, places, now)
            seen.update(product.item_id for product in products)
            if found or set_aside:
                yield ListingPage(tuple(found), tuple(set_aside))

    async def by_id(self, store: Store, listing_ids: Sequence[str]) -> StockReading:
        """Stock of listings, fifty a call by their codes; those without a known one product by product."""
        places = await self._warehouses(store)
        asked = dict.fromkeys(listing_ids)
        products: list[ProductRecord] = []
        set_aside: list[SetAside] = []
        # A search gives whole products, so that the codes of one belong into the same search.
        codes = list(dict.fromkeys(code for one in sorted(asked) if (code := self.code_of(store, one))))
        if len({one.partition("/")[0] for one in asked}) > 1:

            async def by_codes(named: Sequence[str]) -> _Products:
                page, _total = await self._search(store, {"sku_seller_list": json.dumps(named, ensure_ascii=False)})
                return self._read(store, page)

            searches = [codes[start : start + CODES_MAX] for start in range(0, len(codes), CODES_MAX)]
            for records, faults in await look_each(searches, by_codes):
                products += records
                set_aside += faults
        stocks = {one.listing_id: one for product in products for one in to_stocks(product, places, asked)}
        missing = dict.fromkeys(one.partition("/")[0] for one in asked if one not in stocks)
        broken = {aside.order_no for aside in set_aside}

        async def by_item(item_id: str) -> _Products:
            return await self._product(store, item_id)

        for answer in await each([item_id for item_id in missing if item_id not in broken], by_item):
            if isinstance(answer, AdapterError):
                raise answer
            records, faults = answer
            set_aside += faults
            stocks |= {one.listing_id: one for product in records for one in to_stocks(product, places, asked)}
        found: list[StockNow] = [stocks[one] for one in asked if one in stocks]
        return StockReading(tuple(found), tuple(set_aside))

    async def _product(self, store: Store, item_id: str) -> _Products:
        """One product, none where it is gone."""
        try:
            raw = await self._client.get(
                store,
                "/product/item/get",
                lambda answer: read_raw(answer, exact=True).get("data"),
                feed=_FEED,
                params={"item_id": item_id},
            )
        except Rejected as refusal:
            if refusal.cause.id is CauseId.LISTING_GONE:
                return (), ()
            raise
        return self._read(store, [raw])

    async def _products(self, store: Store, since: int, until: int) -> AsyncIterator[_Products]:
        """Products by when they changed; whether the ends count is not said, so that windows touch each other."""
        offset = 0
        while True:
            window = {"update_after": _wire_time(since, store), "update_before": _wire_time(until, store)}
            page, total = await self._search(store, {"offset": str(offset), **(window if since else {})})
            if not offset and total > OFFSET_MAX and until - since > 1:
                middle = (since + until) // 2
                async for found in self._products(store, max(1, since), middle):
                    yield found
                async for found in self._products(store, middle, until):
                    yield found
                return
            yield self._read(store, page)
            offset += PRODUCTS_PAGE
            if offset >= min(total, OFFSET_MAX) or not page:
                return

    async def _search(self, store: Store, params: Mapping[str, str]) -> tuple[Sequence[Any], int]:
        found = await self._client.get(
            store,
            "/products/get",
            lambda answer: read_data(answer, ProductList, exact=True),
            feed=_FEED,
            params={"filter": "all", "limit": str(PRODUCTS_PAGE), "options": "1", **params},
        )
        return found.products or (), found.total_products or 0

    def _read(self, store: Store, rows: Sequence[Any]) -> _Products:
        def remembered(raw: Any) -> ProductRecord:
            record = ProductRecord.model_validate(raw)
            for sku in record.skus or ():
                self._codes[store.store_id, f"{record.item_id}/{sku.sku_id}"] = sku.seller_sku or ""
            return record

        return read_rows(rows, store.store_id, "item_id", remembered, or_field="itemId")

    async def _warehouses(self, store: Store) -> tuple[str, ...]:
        """The codes of the store's warehouses, asked for once a day: products leave out those that are empty."""
        now = self._client.clock.now()
        kept = self._places.get(store.store_id)
        if kept is not None and now - kept[0] < _PLACES_KEPT_S:
            return kept[1]
        found = await self._client.get(
            store,
            "/seller/warehouse/get",
            lambda answer: read_result(answer, Warehouses, under=""),
            feed=_FEED,
            params={"addressTypes": '["warehouse"]'},
        )
        codes = tuple(one.code for one in found.module or ())
        self._places[store.store_id] = (now, codes)
        return codes


def _wire_time(at: int, store: Store) -> str:
    """A moment as product searches want it: `2018-01-01T00:00:00+0800`, without a colon in the offset."""
    zone = timezone(timedelta(seconds=offset_s(store.region)))
    return datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S%z")
