"""Reading Lazada's orders: by update time, everything still open, and by number; each with its items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pydantic import ValidationError

from shoptui.adapters.base import AdapterError, Malformed, OrderPage, Rejected, SetAside, Temporary
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.client import ShopClient, id_list
from shoptui.adapters.lazada.mapping import to_order
from shoptui.adapters.lazada.parcels import ITEM_STATUS
from shoptui.adapters.lazada.times import moment, wire_time
from shoptui.adapters.lazada.ventures import offset_s
from shoptui.adapters.lazada.wire import (
    ItemRecord,
    ItemsOfOrder,
    OrderList,
    OrderRecord,
    WholeAnswer,
    WholeItemsOfOrder,
    WholeOrderList,
    read_data,
    read_raw,
    read_whole,
)
from shoptui.adapters.quick import as_read
from shoptui.adapters.records import what_is_wrong
from shoptui.adapters.rows import id_in, set_aside
from shoptui.adapters.singles import each
from shoptui.domain.intents import CauseId
from shoptui.domain.orders import BEFORE_CARRIER, Order
from shoptui.domain.stores import Store

#: Documented limits (sheet, section 5.5).
PAGE_MAX = 100
ITEMS_MAX = 50
OFFSET_MAX = 5000

#: Filter words for all that the carrier does not have yet. Not every status has one: `topack` and `toship` bring what
#: is packed again or between two states, and what several searches bring is taken once.
OPEN_FILTERS = ("unpaid", "pending", "topack", "packed", "toship", "ready_to_ship")
#: Aliases of which one integrator doubts that every venture knows them; without them the others find nearly all.
_MAYBE_UNKNOWN = frozenset({"topack", "toship"})
#: What an unknown filter is answered with: its own code, or the one for everything (sheet, section 5.3).
_UNKNOWN_FILTER = frozenset({"36", "6"})
#: No order stays open for longer than this; a search must begin somewhere.
_OPEN_FOR_S = 365 * 86400

_WholeOrders = WholeAnswer[WholeOrderList]
_WholeItems = WholeAnswer[list[WholeItemsOfOrder]]

# Versions remembered to tell repeated rows from news.
_REMEMBERED = 20 * PAGE_MAX


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a list, its records read or set aside, those left out that came before.

    `count` rows were on it, `listed` of them not seen on an earlier page of the search. `total` is the search's own
    count, None without one.
    """

    records: tuple[OrderRecord, ...]
    aside: tuple[SetAside, ...]
    count: int
    total: int | None
    listed: int = 0


@dataclass(frozen=True, slots=True)
class _Search:
    """What is listed: by which time, from when on, under which other parameters."""

    after_name: str
    sort_by: str
    lower: int
    params: Mapping[str, str]


class OrderReader:
    """The order endpoints of one app's stores."""

    def __init__(self, client: ShopClient, *, page_size: int = PAGE_MAX) -> None:
        if not 1 <= page_size <= PAGE_MAX:
            raise ValueError(f"Lazada takes 1 to {PAGE_MAX} orders a page, not {page_size}")
        self._client = client
        self._page_size = page_size

    async def changed(
        self, store: Store, since: int, until: int, *, known: Container[str] = frozenset()
    ) -> AsyncIterator[OrderPage]:
        """Orders updated in `[since, until)`, oldest change first, without those in `known`: their items cost calls."""
        async for rows in self.changed_rows(store, since, until):
            wanted = [record for record in rows.records if record.order_id not in known]
            orders, aside = await self.in_full(store, wanted, feed="orders")
            yield OrderPage(orders, rows.aside + aside, rows.total)

    async def changed_rows(self, store: Store, since: int, until: int) -> AsyncIterator[Rows]:
        """The same without items."""
        if since >= until:
            return
        offset = offset_s(store.region)
        # Whether a bound is included is documented for one of them only: asked wider, then looked at exactly.
        search = _Search("update_after", "updated_at", max(since - 1, 0), {"update_before": wire_time(until, offset)})
        async for rows in self._walk(store, search, feed="orders"):
            wanted = tuple(record for record in rows.records if since <= moment(record.updated_at, offset) < until)
            yield replace(rows, records=wanted)

    async def open(self, store: Store) -> AsyncIterator[OrderPage]:
        """Every order that is not with the carrier, filter by filter.

        Filters overlap; an order that was there before is taken out of the page and of its count.
        """
        seen: set[str] = set()
        for word in OPEN_FILTERS:
            async for rows in self.open_rows(store, word):
                wanted = [record for record in rows.records if record.order_id not in seen and is_open(record)]
                left_out = len(rows.records) - len(wanted)
                seen.update(record.order_id for record in rows.records)
                orders, aside = await self.in_full(store, wanted, feed="sweep")
                total = None if rows.total is None and not left_out else (rows.total or 0) - left_out
                yield OrderPage(orders, rows.aside + aside, total)

    async def open_rows(self, store: Store, word: str, *, before: int | None = None) -> AsyncIterator[Rows]:
        """What one of OPEN_FILTERS brings, without items; with `before` what last changed before that moment."""
        offset = offset_s(store.region)
        lower = max(int(self._client.clock.now()) - _OPEN_FOR_S, 0)
        params = {"status": word} if before is None else {"status": word, "update_before": wire_time(before, offset)}
        begun = False
        try:
            async for rows in self._walk(store, _Search("created_after", "created_at", lower, params), feed="sweep"):
                begun = True
                yield rows
        except (Rejected, Temporary) as error:
            if begun or word not in _MAYBE_UNKNOWN or error.code not in _UNKNOWN_FILTER:
                raise

    async def by_no(self, store: Store, order_nos: Sequence[str], *, feed: str = "detail") -> OrderPage:
        """The named orders; those Lazada does not know are missing."""
        wanted = list(dict.fromkeys(order_nos))

        async def one(order_no: str) -> OrderRecord | SetAside | None:
            try:
                return await self._client.get(
                    store, "/order/get", partial(_read_one, store=store), feed=feed, params={"order_id": order_no}
                )
            except Rejected as refusal:
                if refusal.cause.id is CauseId.NOT_OURS:
                    return None
                raise

        records: list[OrderRecord] = []
        aside: list[SetAside] = []
        for found in await each(wanted, one):
            if isinstance(found, AdapterError):
                raise found
            if isinstance(found, OrderRecord):
                records.append(found)
            elif found is not None:
                aside.append(found)
        orders, more_aside = await self.in_full(store, records, feed=feed)
        return OrderPage(orders, tuple(aside) + more_aside)

    async def units(self, store: Store, order_nos: Sequence[str], *, feed: str) -> dict[str, tuple[ItemRecord, ...]]:
        """The items of orders by number; orders Lazada does not show, or whose items cannot be read, are missing."""
        found = await self._items(store, order_nos, feed)
        return {order_no: units for order_no, units in found.items() if not isinstance(units, SetAside)}

    async def in_full(
        self, store: Store, records: Sequence[OrderRecord], *, feed: str
    ) -> tuple[tuple[Order, ...], tuple[SetAside, ...]]:
        found = await self._items(store, [record.order_id for record in records], feed)
        orders: list[Order] = []
        aside: list[SetAside] = []
        for record in records:
            units = found.get(record.order_id, ())
            if isinstance(units, SetAside):
                aside.append(units)
                continue
            try:
                orders.append(to_order(record, units, store))
            except (ValueError, ArithmeticError) as error:
                raw = {"order": as_read(record), "items": [as_read(unit) for unit in units]}
                aside.append(set_aside(raw, store.store_id, record.order_id, str(error)))
        return tuple(orders), tuple(aside)

    async def _items(
        self, store: Store, order_nos: Sequence[str], feed: str
    ) -> dict[str, tuple[ItemRecord, ...] | SetAside]:
        found: dict[str, tuple[ItemRecord, ...] | SetAside] = {}
        wanted = list(dict.fromkeys(order_nos))
        for start in range(0, len(wanted), ITEMS_MAX):
            found.update(await self._items_of_some(store, wanted[start : start + ITEMS_MAX], feed))
        return found

    async def _items_of_some(
        self, store: Store, order_nos: Sequence[str], feed: str
    ) -> Mapping[str, tuple[ItemRecord, ...] | SetAside]:
        """One call's orders. A number of another shop spoils the whole call, so it is halved until found."""
        try:
            return await self._client.get(
                store,
                "/orders/items/get",
                partial(_read_items, store=store),
                feed=feed,
                params={"order_ids": id_list(order_nos)},
            )
        except Rejected as refusal:
            if refusal.cause.id is not CauseId.NOT_OURS:
                raise
        if len(order_nos) == 1:
            return {}
        half = len(order_nos) // 2
        first = await self._items_of_some(store, order_nos[:half], feed)
        return {**first, **await self._items_of_some(store, order_nos[half:], feed)}

    async def _walk(self, store: Store, search: _Search, *, feed: str) -> AsyncIterator[Rows]:
        """The pages of a search, each order once per version; the first page has the search's count.

        Orders that change while they are listed leave their place and draw others over the border of a page, so the
        next page is asked for by the time of the last row instead of by a number of rows; that also passes Lazada's
        largest offset. Only within one and the same second rows are counted.
        """
        offset = offset_s(store.region)
        after, skip = search.lower, 0
        seen: dict[tuple[str, str], None] = {}
        first = True
        while True:
            params = {
                **search.params,
                search.after_name: wire_time(after, offset),
                "sort_by": search.sort_by,
                "sort_direction": "ASC",
                "limit": str(self._page_size),
                "offset": str(skip),
            }
            page = await self._client.get(
                store, "/orders/get", partial(_read_list, store=store), feed=feed, params=params
            )
            fresh = tuple(each for each in page.records if (each.order_id, each.updated_at) not in seen)
            if first or fresh or page.aside:
                listed = len(fresh) + len(page.aside)
                yield Rows(fresh, page.aside, page.count, page.total if first else None, listed)
            first = False
            if page.count < self._page_size:
                return
            moments = [moment(getattr(each, search.sort_by), offset) for each in page.records]
            # A second earlier, whether the bound is included or not.
            next_after = max(moments, default=0) - 1
            if next_after > after and moments == sorted(moments):
                after, skip = next_after, 0
            else:
                # Pages overlap by half, for rows that leave this second while it is counted.
                skip += (self._page_size + 1) // 2
            if skip > OFFSET_MAX:
                raise Malformed("Lazada's pages do not end; the rest of this search was not read")
            seen.update(dict.fromkeys((each.order_id, each.updated_at) for each in fresh))
            while len(seen) > _REMEMBERED:
                del seen[next(iter(seen))]


def is_open(record: OrderRecord) -> bool:
    """Whether the carrier does not have all of it yet; an order without words is looked at."""
    words = record.statuses or ()
    return not words or any(ITEM_STATUS.get(word) in BEFORE_CARRIER for word in words)


def _read_list(answer: Answer, store: Store) -> Rows:
    whole = read_whole(answer, _WholeOrders)
    if whole is not None and all(_has_moments(record, store) for record in whole.orders or ()):
        records = tuple(whole.orders or ())
        return Rows(records, (), len(records), whole.count_total)
    listed = read_data(answer, OrderList)
    found = [_record(raw, store) for raw in listed.orders or ()]
    return Rows(
        tuple(record for record in found if isinstance(record, OrderRecord)),
        tuple(record for record in found if isinstance(record, SetAside)),
        len(found),
        listed.count_total,
    )


def _read_one(answer: Answer, store: Store) -> OrderRecord | SetAside:
    data = read_raw(answer).get("data")
    # The documents have it one level deeper than the gateway.
    inner = data.get("order") if isinstance(data, dict) else None
    return _record(inner if isinstance(inner, dict) else data, store)


def _read_items(answer: Answer, store: Store) -> Mapping[str, tuple[ItemRecord, ...] | SetAside]:
    whole = read_whole(answer, _WholeItems)
    if whole is not None:
        return {row.order_id: _each_once(row.order_items or ()) for row in whole}
    listed = read_raw(answer).get("data")
    if not isinstance(listed, list):
        raise Malformed("Lazada's answer lacks what it promises: a list of orders with their items")
    found: dict[str, tuple[ItemRecord, ...] | SetAside] = {}
    for raw in listed:
        try:
            row = ItemsOfOrder.model_validate(raw)
        except ValidationError as error:
            raise Malformed(f"Lazada's answer lacks what it promises: {what_is_wrong(error)}") from None
        try:
            units = [ItemRecord.model_validate(item) for item in row.order_items or ()]
            found[row.order_id] = _each_once(units)
        except ValidationError as error:
            found[row.order_id] = set_aside(raw, store.store_id, row.order_id, what_is_wrong(error))
    return found


def _record(raw: Any, store: Store) -> OrderRecord | SetAside:
    try:
        record = OrderRecord.model_validate(raw)
        _check_moments(record, store)
    except ValidationError as error:
        reason = what_is_wrong(error)
    except ValueError as error:
        reason = str(error)
    else:
        return record
    return set_aside(raw, store.store_id, id_in(raw, "order_id"), reason)


def _each_once(units: Sequence[ItemRecord]) -> tuple[ItemRecord, ...]:
    return tuple(units) if len(units) == 1 else tuple({unit.order_item_id: unit for unit in units}.values())


def _check_moments(record: OrderRecord, store: Store) -> None:
    """Raises ValueError for a time that is none."""
    for text in (record.created_at, record.updated_at):
        moment(text, offset_s(store.region))


def _has_moments(record: OrderRecord, store: Store) -> bool:
    try:
        _check_moments(record, store)
    except ValueError:
        return False
    return True
