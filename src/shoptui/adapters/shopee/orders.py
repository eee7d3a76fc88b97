"""Reading Shopee's orders: by update time, everything still open, and by number."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pydantic import ValidationError

from shoptui.adapters.base import Malformed, OrderPage, Rejected, SetAside
from shoptui.adapters.http import Answer
from shoptui.adapters.records import ID_PATTERN
from shoptui.adapters.rows import read_rows, set_aside
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.mapping import Reading, to_order
from shoptui.adapters.shopee.parcels import Parcels
from shoptui.adapters.shopee.wire import (
    FoundPackages,
    LooseOrderDetails,
    OrderDetails,
    OrderList,
    OrderRecord,
    WholeAnswer,
    read_response,
    read_whole,
)
from shoptui.domain.intents import CauseId
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store

#: Documented limits (sheet, section 5.1).
PAGE_MAX = 100
DETAIL_MAX = 50
WINDOW_MAX_S = 15 * 86400

#: Details come bare unless each field is asked for (sheet, trap 10).
WANTED_FIELDS = (
    "buyer_user_id,buyer_username,recipient_address,note,item_list,pay_time,buyer_cancel_reason,cancel_by,"
    "cancel_reason,fulfillment_flag,pickup_done_time,package_list,shipping_carrier,total_amount,"
    "checkout_shipping_carrier,advance_package,is_buyer_shop_collection,can_partial_cancel_order"
)

#: Statuses the carrier has nothing of and the package search may not show, with how far back they can lie.
_INVOICE = "INVOICE_PENDING"
_SWEPT_BY_LIST = (("UNPAID", "create_time", 2), ("IN_CANCEL", "update_time", 2), (_INVOICE, "create_time", 2))
#: Where orders can wait for an invoice at all (sheet, section 5.2).
_INVOICE_REGIONS = frozenset({"BR", "PH"})

#: Orders of a window sorted in memory; a busier window is halved.
_SORTED_MAX = 2000
_WINDOW_MIN_S = 60
#: Times a listing of several pages is repeated until it brings nothing more, where orders may have left it: that moves
#: others over page borders.
_LISTINGS_MAX = 3
#: Pages of one listing; more can only be a server that goes round in a circle.
_PAGES_MAX = 1000

_ORDER_NO = re.compile(ID_PATTERN)
_WholeDetails = WholeAnswer[OrderDetails]


@dataclass(slots=True)
class Listing:
    """What a window's list had: orders with the words for their statuses, and over how many pages."""

    words: dict[str, str] = field(default_factory=dict)
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """An order of an answer. `record` is None where it has to be read on its own; `raw` gives it as it was sent."""

    record: OrderRecord | None
    raw: Callable[[], Any]

    @property
    def packages(self) -> int:
        """How many packages it has, as far as can be told."""
        if self.record is not None:
            return len(self.record.package_list or ())
        raw = self.raw()
        parts = raw.get("package_list") if isinstance(raw, dict) else None
        return len(parts) if isinstance(parts, list) else 0


class OrderReader:
    """The order endpoints of one app's stores."""

    def __init__(self, client: ShopClient, parcels: Parcels) -> None:
        self._client = client
        self._parcels = parcels

    async def changed(
        self, store: Store, since: int, until: int, *, known: Container[str] = frozenset()
    ) -> AsyncIterator[OrderPage]:
        """Orders updated in `[since, until)`, oldest change first, whatever order Shopee lists them in.

        Those in `known` are left out, for they need not be read again. Orders that have changed again while they were
        read come last: a later window lists them, or none does.
        """
        late: dict[str, Order] = {}
        told: set[str] = set()
        for start, end in windows(since, until):
            async for page in self._changed(store, start, end, known, late):
                # What lies on the border of two windows is listed in both.
                aside = tuple(record for record in page.set_aside if record.raw not in told)
                told.update(record.raw for record in aside)
                yield OrderPage(page.orders, aside)
        again = sorted((order for order in late.values() if order.updated_at >= until), key=_change)
        if again:
            yield OrderPage(tuple(again))

    async def open(self, store: Store) -> AsyncIterator[OrderPage]:
        """Every order that is not with the carrier: those with a waiting package, and those before payment.

        Shopee counts packages, not orders, so no page has a total.
        """
        seen: set[str] = set()
        async for numbers in self._waiting_packages(store):
            fresh = [number for number in dict.fromkeys(numbers) if number not in seen]
            seen.update(fresh)
            if fresh:
                yield await self.by_no(store, fresh, feed="sweep")
        async for listed in self.without_parcels(store):
            fresh = [number for number in listed if number not in seen]
            seen.update(fresh)
            for at in range(0, len(fresh), PAGE_MAX):
                yield await self.by_no(store, fresh[at : at + PAGE_MAX], feed="sweep")

    async def without_parcels(self, store: Store, *, before: int | None = None) -> AsyncIterator[list[str]]:
        """The numbers of open orders the package search may not show; with `before` those of the time up to then."""
        now = int(self._client.clock.now())
        until = now + 1 if before is None else before
        for status, by, count in _SWEPT_BY_LIST:
            if status == _INVOICE and store.region not in _INVOICE_REGIONS:
                continue
            for start, end in windows(now - count * WINDOW_MAX_S, until):
                yield await self.listed(store, by, start, end, feed="sweep", status=status)

    async def waiting(self, store: Store) -> list[str]:
        """The orders with a package that is not with the carrier, those created first first."""
        return [number async for numbers in self._waiting_packages(store) for number in numbers]

    async def by_no(self, store: Store, order_nos: Sequence[str], *, feed: str = "detail") -> OrderPage:
        """The named orders in full; those Shopee does not know are missing. Raises ValueError for what is no number."""
        wanted = list(dict.fromkeys(map(_checked, order_nos)))
        rows: list[Row] = []
        for start in range(0, len(wanted), DETAIL_MAX):
            rows += await self.raw_records(store, wanted[start : start + DETAIL_MAX], feed=feed)
        return await self.of_records(store, rows, feed=feed) if rows else OrderPage(())

    async def records(self, store: Store, order_nos: Sequence[str], *, feed: str) -> Mapping[str, OrderRecord]:
        """The named orders as Shopee writes them, for what only it names; unreadable and unknown ones are missing."""
        found: dict[str, OrderRecord] = {}
        wanted = list(dict.fromkeys(map(_checked, order_nos)))
        for start in range(0, len(wanted), DETAIL_MAX):
            for row in await self.raw_records(store, wanted[start : start + DETAIL_MAX], feed=feed):
                try:
                    record = row.record or OrderRecord.model_validate(row.raw())
                except ValidationError:
                    continue
                found[record.order_sn] = record
        return found

    async def _changed(
        self, store: Store, start: int, end: int, known: Container[str], late: dict[str, Order]
    ) -> AsyncIterator[OrderPage]:
        listing = await self.listed_once(store, "update_time", start, end, feed="orders")
        if len(listing.words) > _SORTED_MAX and end - start > _WINDOW_MIN_S:
            middle = (start + end) // 2
            for half in ((start, middle), (middle, end)):
                async for page in self._changed(store, *half, known, late):
                    yield page
            return
        wanted = [number for number in listing.words if number not in known]
        orders, set_aside = await self._in_window(store, wanted, end, late)
        # Known orders are not looked at, so that it cannot be seen whether one of them left.
        moved = len(wanted) < len(listing.words) or not late.keys().isdisjoint(listing.words)
        if listing.pages > 1 and moved:
            again = await self.listed(store, "update_time", start, end, feed="orders")
            missed = [number for number in again if number not in listing.words and number not in known]
            more, more_aside = await self._in_window(store, missed, end, late)
            orders += more
            set_aside += more_aside
        orders.sort(key=_change)
        for at in range(0, max(len(orders), 1), PAGE_MAX):
            yield OrderPage(tuple(orders[at : at + PAGE_MAX]), tuple(set_aside) if at == 0 else ())

    async def _in_window(
        self, store: Store, numbers: Sequence[str], end: int, late: dict[str, Order]
    ) -> tuple[list[Order], list[SetAside]]:
        """The orders still in the window that ends at `end`; those that have left it go into `late`."""
        read = await self.by_no(store, numbers, feed="orders")
        late.update((order.order_no, order) for order in read.orders if order.updated_at >= end)
        return [order for order in read.orders if order.updated_at < end], list(read.set_aside)

    async def listed(self, store: Store, field: str, start: int, end: int, *, feed: str, status: str = "") -> list[str]:
        """The numbers of a window, each once; a list of several pages is repeated until it brings nothing more."""
        numbers: dict[str, str] = {}
        for _ in range(_LISTINGS_MAX):
            before = len(numbers)
            listing = await self.listed_once(store, field, start, end, feed=feed, status=status)
            numbers.update(listing.words)
            if listing.pages == 1 or len(numbers) == before:
                break
        return list(numbers)

    async def listed_once(
        self,
        store: Store,
        field: str,
        start: int,
        end: int,
        *,
        feed: str,
        status: str = "",
        at_most: int | None = None,
    ) -> Listing:
        """A window's numbers with their statuses as they were listed; ends with the page that passes `at_most`."""
        listing = Listing()
        used: set[str] = set()
        cursor = ""
        while True:
            params = {
                "time_range_field": field,
                "time_from": str(start),
                "time_to": str(end),
                "page_size": str(PAGE_MAX),
                "cursor": cursor,
                "order_status": status,
                "response_optional_fields": "order_status",
                # Without it orders that Shopee still holds would not be seen at all (sheet, trap 13).
                "request_order_status_pending": "true",
            }
            page = await self._client.get(store, "/order/get_order_list", _read_list, feed=feed, params=params)
            listing.words.update((row.order_sn, row.order_status or "") for row in page.order_list or ())
            listing.pages += 1
            cursor = page.next_cursor or ""
            if not page.more or not cursor or (at_most is not None and len(listing.words) > at_most):
                return listing
            _check_pages(used, cursor)

    async def _waiting_packages(self, store: Store) -> AsyncIterator[list[str]]:
        """The orders of all packages that are not with the carrier, page by page."""
        cursor = ""
        used: set[str] = set()
        while True:
            body: dict[str, object] = {
                # Without a value the search leaves out pending and processed packages, and what Shopee fulfils itself.
                "filter": {"package_status": 0, "fulfillment_type": 0},
                "pagination": {"page_size": PAGE_MAX, "cursor": cursor},
                # By creation: it never changes, so packages that move do not push others over page borders.
                "sort": {"sort_type": 2, "ascending": True},
            }
            page = await self._client.post(store, "/order/search_package_list", _read_packages, feed="sweep", body=body)
            yield [row.order_sn for row in page.packages_list or ()]
            pages = page.pagination
            cursor = (pages.next_cursor if pages is not None else None) or ""
            if pages is None or not pages.more or not cursor:
                return
            _check_pages(used, cursor)

    async def raw_records(self, store: Store, order_nos: Sequence[str], *, feed: str) -> list[Row]:
        """One call's records. A number of another shop may spoil the whole call, so it is halved until found."""
        params = {
            "order_sn_list": ",".join(order_nos),
            "response_optional_fields": WANTED_FIELDS,
            "request_order_status_pending": "true",
        }
        try:
            return await self._client.get(store, "/order/get_order_detail", _read_rows, feed=feed, params=params)
        except Rejected as refusal:
            if refusal.cause.id is not CauseId.NOT_OURS:
                raise
            if len(order_nos) == 1:
                return []
        half = len(order_nos) // 2
        first = await self.raw_records(store, order_nos[:half], feed=feed)
        return first + await self.raw_records(store, order_nos[half:], feed=feed)

    async def of_records(self, store: Store, rows: Iterable[Row], *, feed: str) -> OrderPage:
        """The records as orders, with what their packages' own records add; the unreadable are set aside raw."""
        records: list[tuple[Row, OrderRecord]] = []
        aside: list[SetAside] = []
        for row in rows:
            if row.record is not None:
                records.append((row, row.record))
                continue
            read, unread = read_rows([row.raw()], store.store_id, "order_sn", OrderRecord.model_validate)
            records += [(row, record) for record in read]
            aside += unread
        parts = [part for _, record in records for part in record.package_list or ()]
        details = await self._parcels.details(store, [part.package_number for part in parts], feed=feed)
        channels = frozenset(part.logistics_channel_id for part in parts if part.logistics_channel_id)
        own = await self._parcels.own_channels(store, channels) if channels else frozenset()
        reading = Reading(store.store_id, details, own, self._parcels.arranged(store))
        orders: dict[str, Order] = {}
        for row, record in records:
            try:
                orders[record.order_sn] = to_order(record, reading)
            except (ValueError, ArithmeticError) as error:
                aside.append(set_aside(row.raw(), store.store_id, record.order_sn, str(error)))
        return OrderPage(tuple(orders.values()), tuple(aside))


def windows(since: int, until: int, most_s: int = WINDOW_MAX_S) -> list[tuple[int, int]]:
    """`[since, until)` in pieces that Shopee takes, oldest first; counted in seconds, so that no calendar matters."""
    return [(start, min(start + most_s, until)) for start in range(since, until, most_s)]


def _change(order: Order) -> int:
    return order.updated_at


def _checked(order_no: str) -> str:
    if not _ORDER_NO.fullmatch(order_no):
        raise ValueError(f"{order_no[:64]!r} is no order number of Shopee: it has letters and digits only")
    return order_no


def _check_pages(used: set[str], cursor: str) -> None:
    """Remember the cursor. Raises Malformed when it was used before or there is no end of pages."""
    if cursor in used or len(used) == _PAGES_MAX:
        raise Malformed("Shopee's pages go round in a circle; the rest of this search was not read")
    used.add(cursor)


def _read_list(answer: Answer) -> OrderList:
    return read_response(answer, OrderList)


def _read_packages(answer: Answer) -> FoundPackages:
    return read_response(answer, FoundPackages)


def _read_rows(answer: Answer) -> list[Row]:
    whole = read_whole(answer, _WholeDetails)
    if whole is not None:
        return [Row(record, partial(_raw_at, answer, at)) for at, record in enumerate(whole.order_list or ())]
    return [Row(None, partial(_itself, raw)) for raw in read_response(answer, LooseOrderDetails).order_list or ()]


def _raw_at(answer: Answer, at: int) -> Any:
    """An order as it was sent, for one of the few that cannot be mapped."""
    return (read_response(answer, LooseOrderDetails).order_list or ())[at]


def _itself(raw: Any) -> Any:
    return raw
