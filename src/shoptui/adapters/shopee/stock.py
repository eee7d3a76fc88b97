"""Shopee's listings: ids page by page, items fifty at a time, and the models of those that have some."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from shoptui.adapters.base import AdapterError, Rejected, SetAside
from shoptui.adapters.http import Answer
from shoptui.adapters.query import Repeated
from shoptui.adapters.rows import read_rows
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import last_segment
from shoptui.adapters.shopee.stock_errors import stock_cause
from shoptui.adapters.shopee.stock_mapping import (
    NO_MODEL,
    listing_of_item,
    listing_of_model,
    now_of_item,
    now_of_model,
)
from shoptui.adapters.shopee.stock_wire import ItemInfos, ItemList, ItemRecord, ModelList, ModelRecord
from shoptui.adapters.shopee.wire import Nothing, read_flat, read_response
from shoptui.adapters.singles import each
from shoptui.adapters.stock import ListingPage, StockLimits, StockNow, StockReading
from shoptui.domain.intents import CauseId
from shoptui.domain.stock import Listing
from shoptui.domain.stores import Store

#: Ids a page and items a call (sheet, section 8.1).
ITEMS_PAGE = 100
INFO_MAX = 50
#: Shopee ends its offsets somewhere it does not publish; windows of time are halved until they hold no more than this.
WINDOW_MAX = 5000
#: The number is 32 bits wide on the wire (sheet, section 8.3).
LIMITS = StockLimits(least=0, most=2**31 - 1, read_max=INFO_MAX)
#: Every status there is: what was deleted has to be seen as such.
STATUSES = Repeated("NORMAL", "BANNED", "UNLIST", "REVIEWING", "SELLER_DELETE", "SHOPEE_DELETE")

_FEED = "stock"
_PLACES_KEPT_S = 86_400
_ONE_PLACE = frozenset({"error_not_in_whitelist", "error_can_not_find_warehouse"})


class ShopeeStock:
    """What stores list, read for any store of the app."""

    limits = LIMITS

    def __init__(self, client: ShopClient) -> None:
        self._client = client
        self._places: dict[str, tuple[float, bool]] = {}

    async def listings(self, store: Store, since: int = 0) -> AsyncIterator[ListingPage]:
        """Items changed since, in pages of fifty items with all their models."""
        has_places = await self.has_places(store)
        seen: set[str] = set()
        waiting: list[str] = []
        async for item_ids in self._ids(store, since, int(self._client.clock.now())):
            waiting += [item_id for item_id in item_ids if item_id not in seen]
            seen.update(item_ids)
            while len(waiting) >= INFO_MAX:
                yield await self._page(store, waiting[:INFO_MAX], has_places=has_places)
                del waiting[:INFO_MAX]
        if waiting:
            yield await self._page(store, waiting, has_places=has_places)

    async def by_id(self, store: Store, listing_ids: Sequence[str]) -> StockReading:
        """Stock of items fifty a call, and of models with one call for each item that has some."""
        has_places = await self.has_places(store)
        asked = dict.fromkeys(listing_ids)
        stocks: list[StockNow] = []
        set_aside: list[SetAside] = []
        plain = [item_id for item_id, _, model_id in (one.partition("/") for one in asked) if model_id == NO_MODEL]
        for start in range(0, len(plain), INFO_MAX):
            items, faults = await self._items(store, plain[start : start + INFO_MAX])
            # An item that has models by now is no longer this listing.
            stocks += [now_of_item(item, has_places=has_places) for item in items if not item.has_model]
            set_aside += faults
        with_models = dict.fromkeys(
            item_id for item_id, _, model_id in (one.partition("/") for one in asked) if model_id != NO_MODEL
        )
        for item_id, found in await self._models_of(store, list(with_models)):
            models, unreadable = _read_models(found, store.store_id)
            stocks += [now_of_model(item_id, model, has_places=has_places) for model in models]
            set_aside += unreadable
        return StockReading(tuple(one for one in stocks if one.listing_id in asked), tuple(set_aside))

    async def has_places(self, store: Store) -> bool:
        """Whether the shop has several warehouses, so that its calls must name them; asked for once a day."""
        now = self._client.clock.now()
        kept = self._places.get(store.store_id)
        if kept is not None and now - kept[0] < _PLACES_KEPT_S:
            return kept[1]
        try:
            await self._client.get(store, "/shop/get_warehouse_detail", _read_anything, feed=_FEED)
        except Rejected as refusal:
            if last_segment(refusal.code) not in _ONE_PLACE:
                raise
            found = False
        else:
            found = True
        self._places[store.store_id] = (now, found)
        return found

    async def _ids(self, store: Store, since: int, until: int) -> AsyncIterator[list[str]]:
        offset = 0
        while True:
            window = {"update_time_from": str(since), "update_time_to": str(until)} if since else {}
            found = await self._client.get(
                store,
                "/product/get_item_list",
                lambda answer: read_response(answer, ItemList),
                feed=_FEED,
                params={"offset": str(offset), "page_size": str(ITEMS_PAGE), "item_status": STATUSES, **window},
            )
            if not offset and (found.total_count or 0) > WINDOW_MAX and since < until:
                middle = (since + until) // 2
                async for item_ids in self._ids(store, max(1, since), middle):
                    yield item_ids
                async for item_ids in self._ids(store, middle + 1, until):
                    yield item_ids
                return
            yield [item.item_id for item in found.item or ()]
            if not found.has_next_page or not found.next_offset or found.next_offset <= offset:
                return
            offset = found.next_offset

    async def _page(self, store: Store, item_ids: Sequence[str], *, has_places: bool) -> ListingPage:
        items, set_aside = await self._items(store, item_ids)
        models = dict(await self._models_of(store, [item.item_id for item in items if item.has_model]))
        listings: list[Listing] = []
        for item in items:
            if not item.has_model:
                listings.append(listing_of_item(item, store.store_id, has_places=has_places))
            elif (found := models.get(item.item_id)) is not None:
                read, faults = _read_models(found, store.store_id)
                listings += [
                    listing_of_model(item, model, found, store.store_id, has_places=has_places) for model in read
                ]
                set_aside += faults
        return ListingPage(tuple(listings), tuple(set_aside))

    async def _items(
        self, store: Store, item_ids: Sequence[str]
    ) -> tuple[tuple[ItemRecord, ...], tuple[SetAside, ...]]:
        found = await self._client.get(
            store,
            "/product/get_item_base_info",
            lambda answer: read_response(answer, ItemInfos, exact=True),
            feed=_FEED,
            params={"item_id_list": ",".join(item_ids)},
        )
        return read_rows(found.item_list or (), store.store_id, "item_id", ItemRecord.model_validate)

    async def _models_of(self, store: Store, item_ids: Sequence[str]) -> list[tuple[str, ModelList]]:
        """The models of items, a few items at a time; those that are gone are left out. Raises the first failure."""

        async def one(item_id: str) -> ModelList | None:
            try:
                return await self._client.get(
                    store,
                    "/product/get_model_list",
                    lambda answer: read_response(answer, ModelList, exact=True),
                    feed=_FEED,
                    params={"item_id": item_id},
                )
            except Rejected as refusal:
                cause = stock_cause(refusal.code, "")
                if cause is not None and cause.id is CauseId.LISTING_GONE:
                    return None
                raise

        found: list[tuple[str, ModelList]] = []
        for item_id, answer in zip(item_ids, await each(item_ids, one), strict=True):
            if isinstance(answer, AdapterError):
                raise answer
            if answer is not None:
                found.append((item_id, answer))
        return found


def _read_models(found: ModelList, store_id: str) -> tuple[tuple[ModelRecord, ...], tuple[SetAside, ...]]:
    return read_rows(found.model or (), store_id, "model_id", ModelRecord.model_validate)


def _read_anything(answer: Answer) -> Nothing:
    """An answer whose success alone tells what is asked for."""
    return read_flat(answer, Nothing)
