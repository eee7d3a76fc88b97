"""Owns what the feeds beside orders and messages have in common: when to look, what a failure costs, what is told.

Returns, stock and money are each one feed of a store. A feed's trouble is its own: orders go on whatever happens here.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace

from shoptui.adapters.base import AdapterError, Effect, ScopeError, SetAside, Temporary
from shoptui.domain.stores import Store
from shoptui.engine import feed_state
from shoptui.engine.feed_trouble import AFTER_ORDERS_S, NOT_PERMITTED_S, gone_wrong
from shoptui.engine.house import House
from shoptui.engine.intake import ASIDE_MARK, tell_set_aside
from shoptui.engine.schedule import spread
from shoptui.engine.secrets import SecretsError
from shoptui.protocol import Changed
from shoptui.queries.types import FeedRow

log = logging.getLogger(__name__)

DAY_S = 86400


class SideFeed(ABC):
    """One feed of one store. `step` does what is due; a feed says in `look` what a look is.

    `served` is False where the marketplace has nothing of the kind for programs: then nothing is ever due.
    """

    name = ""

    def __init__(self, house: House, store: Store, *, served: bool) -> None:
        self.store = store
        self.served = served
        self.feed: FeedRow = feed_state.blank(store.store_id, self.name)
        self.house = house
        self._asked = False
        #: Where this engine has read up to, which is not saved while a look has not been completed.
        self.read_until: int | None = None
        #: Which records of this feed lie aside, by the names they have there.
        self._lying: set[str] = set()

    async def load(self) -> None:
        """Take up where an earlier engine left off."""
        self.feed = await self.house.writer.feed(self.store.store_id, self.name) or self.feed
        mark, rows = self._aside(""), await self.house.writer.set_aside_rows()
        self._lying = {row[1] for row in rows if row[0] == self.store.store_id and row[1].startswith(mark)}

    def ask_now(self) -> None:
        """Look at the next step, whatever the schedule says."""
        self._asked = True

    async def step(self, *, ready: bool) -> float:
        """Do all that is due; returns when to come back (epoch seconds), infinity when there is nothing to wait for.

        `ready` says that the store's orders are read, which come first.
        """
        if self.store.paused or not self.served:
            return float("inf")
        house = self.house
        if not ready:
            return house.clock.now() + AFTER_ORDERS_S
        try:
            if self._asked or float(self.feed.next_try_at or 0) <= house.clock.now():
                self._asked = False
                await self._whole_look()
            elif self.feed.failures == 0:
                await self.between()
        except SecretsError as error:
            # Tokens that cannot be kept must not be used.
            await self._failed(Temporary(str(error), effect=Effect.NONE))
        except AdapterError as error:
            await self._failed(error)
        return min(float(self.feed.next_try_at or 0), self.next_between_at() if not self.feed.failures else 1e18)

    # -- what a feed is ---------------------------------------------------------------------------------------------

    @abstractmethod
    async def look(self, since: int | None) -> int:
        """Read what is new since a moment, everything when None; returns up to when all has been read."""

    @abstractmethod
    async def between(self) -> None:
        """What is due beside the looks, such as reading again what was acted on."""

    def next_between_at(self) -> float:
        """When `between` has something to do (epoch seconds)."""
        return float("inf")

    @abstractmethod
    async def interval_s(self) -> float:
        """How long to wait until the next look."""

    @abstractmethod
    def notice(self, *, many: bool) -> Changed:
        """What to tell when a look has ended; `many` after the first one, and when the feed begins or ends failing."""

    # -- how it went ------------------------------------------------------------------------------------------------

    async def _whole_look(self) -> None:
        house = self.house
        first, troubled = not self.feed.first_done, self.feed.failures > 0
        since = self.read_until if self.read_until is not None else self.feed.cursor_at
        until = await self.look(None if since is None else since - house.config.engine.overlap_s)
        self.read_until = until
        now = house.now()
        next_at = house.clock.now() + spread(await self.interval_s(), house.dice)
        self.feed = replace(
            feed_state.advanced(feed_state.succeeded(self.feed, now, next_at), until),
            first_done=True,
        )
        await house.writer.save_feed(self.feed)
        if troubled:
            log.info("%s: reads %s again", self.store.store_id, self.name)
        told = self.notice(many=first or troubled)
        house.hub.publish(replace(told, stores=True, counts=True))

    async def _failed(self, error: AdapterError) -> None:
        house = self.house
        self.feed = gone_wrong(house, self.feed, error, NOT_PERMITTED_S if isinstance(error, ScopeError) else None)
        await house.writer.save_feed(self.feed)
        told = self.notice(many=self.feed.failures == 1)
        house.hub.publish(replace(told, stores=True, counts=True))

    async def set_aside(self, records: Sequence[SetAside], readable: Iterable[str]) -> None:
        """Keep what could not be read, raw, and say that there is something; the rest of its page goes on.

        `readable` are the records of the page that could: what was set aside of them before is no longer wanted.
        """
        house, store_id = self.house, self.store.store_id
        if records:
            named = [replace(record, order_no=self._aside(record.order_no)) for record in records]
            await house.writer.set_aside(named, house.now())
            self._lying.update(record.order_no for record in named)
        if mended := sorted(self._lying.intersection(self._aside(record_id) for record_id in readable)):
            await house.writer.forget_set_aside(store_id, mended)
            self._lying.difference_update(mended)
        if records or mended:
            await tell_set_aside(house, self.store)

    def _aside(self, record_id: str) -> str:
        """Under which name a record lies beside unreadable orders, whose numbers have no such mark."""
        return f"{self.name}{ASIDE_MARK}{record_id}"
