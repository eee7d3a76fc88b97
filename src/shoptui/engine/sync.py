"""Owns one store's order feed: first sync, changes by cursor, full sweeps that find what the cursor missed, re-reads.

The first sync reads a store's month at once, each order once. Where there are too many for that: everything that can
still be lost (open orders), then closed orders of the past month backwards from today, some days at a time, with looks
for changes in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from shoptui.adapters.ahead import ahead
from shoptui.adapters.base import (
    AdapterError,
    AuthError,
    Effect,
    Marketplace,
    OrderPage,
    RateLimited,
    ScopeError,
    Temporary,
    TooMany,
)
from shoptui.domain.orders import BEFORE_CARRIER, Order, ShippingType, Status
from shoptui.domain.stores import Store
from shoptui.engine import feed_state
from shoptui.engine.feed_state import HISTORY, ORDERS
from shoptui.engine.feed_trouble import gone_wrong
from shoptui.engine.house import House
from shoptui.engine.intake import ASIDE_MARK, gathered, take_in, tell_set_aside
from shoptui.engine.rereads import Rereads
from shoptui.engine.schedule import NEAR_S, poll_interval_s, spread
from shoptui.engine.secrets import SecretsError
from shoptui.protocol import Changed
from shoptui.queries.types import FeedRow

log = logging.getLogger(__name__)

_DAY_S = 86400
#: A month with more orders is not read at once: what is open comes first then, and a crash costs no more than this.
AT_ONCE_MAX = 3000
#: History is then read in windows of about so many orders, so that their last pages are a small part of the calls.
_WINDOW_ORDERS = 1500
#: An authorisation that ends within this time is announced.
_WARN_BEFORE_S = 14 * _DAY_S
#: A store that has failed so often in a row is announced as silent.
_SILENT_AFTER = 3
#: After arranging, tracking numbers appear late: waits between the re-reads, seconds. What is still missing afterwards
#: comes with the order's next change.
_REREAD_S = (0, 3, 5, 10, 20, 40, 80, 160, 300, 600)
#: Orders read again in one go, so that changes of other orders do not wait long behind them.
_REREADS_AT_ONCE = 50


class OrderSync:
    """The feed `orders` of one store. `step` does what is due.

    `stores_of_app` says how many stores share the app's call budget. `recovered` is called when calls work again.
    """

    def __init__(
        self,
        house: House,
        store: Store,
        market: Marketplace,
        *,
        stores_of_app: Callable[[], int],
        recovered: Callable[[], None],
    ) -> None:
        self.store = store
        self.looks = 0
        """How often the store was looked at and what came of it is written down."""
        self.feed: FeedRow = feed_state.blank(store.store_id, ORDERS)
        self._history: FeedRow = feed_state.blank(store.store_id, HISTORY)
        self._house = house
        self._market = market
        self._stores_of_app = stores_of_app
        self._recovered = recovered
        self._rereads = Rereads(_REREAD_S, _REREADS_AT_ONCE)
        self._asked = False
        self._sweep_at = 0.0
        self._changes_at = 0.0
        self._history_days = 1
        self._gap_before = False
        self._known_ends: tuple[int, int] | None = None
        #: Orders the first sync has read since `_began_at`, with their versions, until all of the month is there.
        self._read: dict[str, int] = {}
        self._began_at: int | None = None
        self._at_once = True

    async def load(self) -> None:
        """Take up where an earlier engine left off."""
        writer, store_id = self._house.writer, self.store.store_id
        self.feed = await writer.feed(store_id, ORDERS) or self.feed
        self._history = await writer.feed(store_id, HISTORY) or self._history
        if self.feed.counted_at is not None:
            self._sweep_at = self.feed.counted_at + self._house.config.engine.sweep_s

    def reread(self, order_nos: Iterable[str]) -> None:
        """Read these orders again soon, and until their packages have tracking numbers."""
        self._rereads.ask(order_nos, self._house.clock.now())

    def ask_now(self) -> None:
        """Look for changes and count at the next step, whatever the schedule says."""
        self._asked = True
        self._sweep_at = 0.0

    def ask_changes(self) -> None:
        """Look for changes at the next step, whatever the schedule says."""
        self._asked = True

    async def step(self) -> float:
        """Do all that is due; returns when to come back (epoch seconds), infinity while the store is paused."""
        if self.store.paused:
            return float("inf")
        house = self._house
        try:
            if self._due_at() <= house.clock.now() or self._asked:
                asked, self._asked = self._asked, False
                await self._look(asked)
            else:
                await self._read_again()
        except SecretsError as error:
            # Tokens that cannot be kept must not be used: the refresh token we have may be spent already.
            await self._failed(Temporary(str(error), effect=Effect.NONE))
        except AdapterError as error:
            await self._failed(error)
        return self._next_at()

    def _due_at(self) -> float:
        return float(self.feed.next_try_at or 0)

    def _next_at(self) -> float:
        return self._due_at() if self.feed.failures else min(self._due_at(), self._rereads.next_at())

    # -- one look ---------------------------------------------------------------------------------------------------

    async def _look(self, asked: bool) -> None:
        house = self._house
        await self._keep_tokens()
        await self._read_again()
        if self.feed.cursor_at is None:
            await self._begin()
        elif self._history_done() or asked or house.clock.now() >= self._changes_at:
            await self._changes()
            self._changes_at = house.clock.now() + house.pace.nearest_s
        if not self._history_done():
            await self._further_back()
        elif house.clock.now() >= self._sweep_at:
            await self._sweep()
        await self._succeeded()

    async def _begin(self) -> None:
        """The first look: the month at once, or all that is open where that is too much."""
        house = self._house
        if self._began_at is None:
            self._began_at = house.now()
        began_at = self._began_at
        house.first_looks.add(self.store.store_id)
        try:
            if not (self._at_once and await self._month(began_at)):
                self._at_once = False
                await self._sweep()
        finally:
            house.first_looks.discard(self.store.store_id)
        self.feed = feed_state.advanced(self.feed, began_at)
        self._changes_at = began_at + house.pace.nearest_s

    async def _month(self, began_at: int) -> bool:
        """All a house has of a store, each order once; False, with nothing read, when there is too much for that.

        After a failure it begins anew, without what was read in full already: nothing listed as unchanged since
        `began_at` can be newer than what was read after it.
        """
        house, store = self._house, self.store
        since = began_at - house.config.engine.history_days * _DAY_S
        total: int | None = None
        unreadable: set[str] = set()
        try:
            month = self._market.month(store, since, began_at, known=frozenset(self._read), at_most=AT_ONCE_MAX)
            async for page in gathered(ahead(month)):
                await take_in(house, self._market, store, self._unread(page))
                self._watch_tracking(order for order in page.orders if order.status in BEFORE_CARRIER)
                self._read.update((order.order_no, order.updated_at) for order in page.orders)
                unreadable.update(record.order_no for record in page.set_aside)
                total = total if page.total is None else (total or 0) + page.total
                self.feed = replace(self.feed, fetched=len(self._read), expected=total)
                await house.writer.save_feed(self.feed)
                house.hub.publish(Changed(stores=True))
        except TooMany:
            return False
        fetched = len(self._read)
        await self._count(set(self._read), unreadable, lacking=max((total or 0) - fetched, 0))
        self._read.clear()
        self._history = replace(
            self._history, cursor_at=since, fetched=fetched, expected=fetched, first_done=True, counted_at=began_at
        )
        await house.writer.save_feed(self._history)
        self.feed = replace(self.feed, fetched=fetched, expected=fetched, first_done=True)
        return True

    async def _changes(self) -> None:
        """Everything updated since the cursor, minus the overlap."""
        house, cursor = self._house, self.feed.cursor_at
        assert cursor is not None
        until = max(house.now(), cursor)
        walked = 0
        ascending = True
        async for page in ahead(self._market.changed_orders(self.store, cursor - house.config.engine.overlap_s, until)):
            await take_in(house, self._market, self.store, page)
            moments = [order.updated_at for order in page.orders]
            # Half a walk may move the cursor only as far as everything before it has been seen.
            ascending = ascending and [walked, *moments] == sorted([walked, *moments])
            if ascending and moments:
                walked = moments[-1]
                await self._advance(min(walked, until))
        self.feed = feed_state.advanced(self.feed, until)

    async def _advance(self, cursor_at: int) -> None:
        """Keep how far we have read; the pages up to there are durable already."""
        moved = feed_state.advanced(self.feed, cursor_at)
        if moved is not self.feed:
            self.feed = moved
            await self._house.writer.save_feed(moved)

    def _history_done(self) -> bool:
        return self._history.first_done

    async def _further_back(self) -> None:
        """The newest days of the past that have not been read yet: one, or more where little happened."""
        house = self._house
        end = self._history.cursor_at
        if end is None:
            assert self.feed.cursor_at is not None
            end = self.feed.cursor_at
        began_at = self._history.counted_at or house.now()
        oldest = began_at - house.config.engine.history_days * _DAY_S
        start = max(end - self._history_days * _DAY_S, oldest)
        found = 0
        async for page in ahead(self._market.changed_orders(self.store, start, end, known=self._read)):
            unread = self._unread(page)
            await take_in(house, self._market, self.store, unread)
            found += len(unread.orders)
        self._history_days = max(1, _WINDOW_ORDERS * self._history_days // max(found, 1))
        done = start <= oldest
        fetched = self._history.fetched + found
        days_read = max(1, (began_at - start + _DAY_S - 1) // _DAY_S)
        expected = fetched if done else fetched * house.config.engine.history_days // days_read
        self._history = replace(
            self._history, cursor_at=start, fetched=fetched, expected=expected, first_done=done, counted_at=began_at
        )
        await house.writer.save_feed(self._history)
        before = len(self._read)
        self.feed = replace(self.feed, fetched=before + fetched, expected=before + expected, first_done=done)
        if done:
            self._read.clear()

    def _unread(self, page: OrderPage) -> OrderPage:
        """The page without the copies that the first sync has brought already."""
        if not self._read:
            return page
        read = self._read
        return replace(page, orders=tuple(each for each in page.orders if read.get(each.order_no) != each.updated_at))

    async def _sweep(self) -> None:
        """Read every open order, then name the ones we believe open that were not among them, and count."""
        house = self._house
        seen: set[str] = set()
        unreadable: set[str] = set()
        there: int | None = None
        async for page in ahead(self._market.open_orders(self.store)):
            await take_in(house, self._market, self.store, page)
            self._watch_tracking(page.orders)
            seen.update(order.order_no for order in page.orders)
            unreadable.update(record.order_no for record in page.set_aside)
            # The sweep is a search per status; each begins with its own count.
            there = there if page.total is None else (there or 0) + page.total
            if not self.feed.first_done:
                self._read.update((order.order_no, order.updated_at) for order in page.orders)
                self.feed = replace(self.feed, fetched=len(seen), expected=there)
                await house.writer.save_feed(self.feed)
                house.hub.publish(Changed(stores=True))
        await self._count(seen, unreadable, there=there)

    async def _count(self, seen: set[str], unreadable: set[str], *, there: int | None = None, lacking: int = 0) -> None:
        """Compare what is open here with what is open there: `there` orders, or `lacking` more than came."""
        house, store_id = self._house, self.store.store_id
        await self._look_for(await house.writer.open_order_nos(store_id) - seen, unreadable)
        here = len(await house.writer.open_order_nos(store_id))
        counted_at = house.now()
        there = here + lacking if there is None else there
        self.feed = replace(self.feed, here=here, there=there, counted_at=counted_at)
        self._sweep_at = counted_at + spread(house.pace.sweep_s, house.dice)
        await self._tell_gap()
        await tell_set_aside(house, self.store)

    async def _look_for(self, missing: set[str], unreadable: set[str]) -> None:
        """Read by number what the sweep did not bring: open orders it lacked, and records set aside before."""
        writer, store_id = self._house.writer, self.store.store_id
        rows = await writer.set_aside_rows()
        aside = {row[1] for row in rows if row[0] == store_id and ASIDE_MARK not in row[1]}
        gone = aside - unreadable
        wanted = sorted((missing | gone) - unreadable - {""})
        if wanted:
            page = await self._market.orders_by_no(self.store, wanted)
            await take_in(self._house, self._market, self.store, page)
            gone -= {record.order_no for record in page.set_aside}
        if gone:
            await writer.forget_set_aside(store_id, sorted(gone))

    async def _tell_gap(self) -> None:
        """A difference is shown at once in the feed's row; two counts in a row that differ raise the alert.

        Orders move while they are counted, so one difference alone is often none.
        """
        differs = self.feed.here != self.feed.there
        if differs and self._gap_before:
            here, there = str(self.feed.here), str(self.feed.there)
            await self._house.alerts.put("gap", self.store.store_id, here=here, there=there)
        if not differs:
            await self._house.alerts.clear("gap", self.store.store_id)
        self._gap_before = differs
        if differs:
            # Not after a quarter of an hour: the next look counts again.
            self._sweep_at = self._house.clock.now() + self._house.pace.usual_s

    # -- re-reads ---------------------------------------------------------------------------------------------------

    def _watch_tracking(self, orders: Iterable[Order]) -> None:
        now = self._house.clock.now()
        for order in orders:
            if lacks_tracking(order) and order.order_no not in self._rereads:
                self._rereads.watch(order.order_no, now)

    async def _read_again(self) -> None:
        now = self._house.clock.now()
        if not (due := self._rereads.due(now)):
            return
        page = await self._market.orders_by_no(self.store, due)
        orders = []
        for order in page.orders:
            again = await self._market.order_packages(self.store, order) if lacks_tracking(order) else order
            orders.append(again)
        await take_in(self._house, self._market, self.store, OrderPage(tuple(orders), page.set_aside))
        lacking = {order.order_no for order in orders if lacks_tracking(order)}
        for order_no in due:
            self._rereads.was_read(order_no, now, done=order_no not in lacking)

    # -- how it went ------------------------------------------------------------------------------------------------

    async def _keep_tokens(self) -> None:
        """Renew tokens in good time, and write down when they and the authorisation end."""
        house, store_id = self._house, self.store.store_id
        tokens = house.secrets.load(store_id)
        if tokens is None:
            raise AuthError("This store has never been authorised.")
        if tokens.access_expires_at - house.now() < self._market.capabilities.renew_before_s:
            tokens = await self._market.refresh(self.store)
        ends = (tokens.access_expires_at, tokens.refresh_expires_at)
        if ends != self._known_ends:
            await house.writer.put_store_facts(store_id, *ends)
            self._known_ends = ends
        if tokens.refresh_expires_at - house.now() < _WARN_BEFORE_S:
            await house.alerts.put("authorisation_ends", store_id, ends_at=str(tokens.refresh_expires_at))
        else:
            await house.alerts.clear("authorisation_ends", store_id)

    async def _succeeded(self) -> None:
        house, now = self._house, self._house.now()
        troubled = self.feed.failures > 0
        nearest = await house.writer.soonest_loss(self.store.store_id, now, now + NEAR_S)
        left_s = None if nearest is None else float(nearest - now)
        wait = poll_interval_s(house.pace, left_s, self._stores_of_app())
        next_try_at = house.clock.now() + (0.0 if not self._history_done() else spread(wait, house.dice))
        self.feed = feed_state.succeeded(self.feed, now, next_try_at)
        await house.writer.save_feed(self.feed)
        if troubled:
            log.info("%s: reads again", self.store.store_id)
            for kind in ("signed_out", "no_permission", "store_silent"):
                await house.alerts.clear(kind, self.store.store_id)
            self._recovered()
        self.looks += 1
        house.hub.publish(Changed(stores=True))

    async def _failed(self, error: AdapterError) -> None:
        house, store_id = self._house, self.store.store_id
        self.feed = gone_wrong(house, self.feed, error)
        await house.writer.save_feed(self.feed)
        if isinstance(error, AuthError):
            await house.alerts.put("signed_out", store_id)
        elif isinstance(error, ScopeError):
            await house.alerts.put("no_permission", store_id, code=error.code)
        elif self.feed.failures >= _SILENT_AFTER and not isinstance(error, RateLimited):
            since_at = self.feed.last_ok_at
            await house.alerts.put("store_silent", store_id, since_at=str(since_at or ""), code=error.code)
        self.looks += 1
        house.hub.publish(Changed(stores=True))


def lacks_tracking(order: Order) -> bool:
    """Arranged through the platform, but without the tracking number that comes with it."""
    if order.shipping_type is not ShippingType.PLATFORM or order.status is not Status.TO_HAND_OVER:
        return False
    if order.packages:
        return any(package.status is Status.TO_HAND_OVER and not package.tracking_number for package in order.packages)
    return not order.tracking_number
