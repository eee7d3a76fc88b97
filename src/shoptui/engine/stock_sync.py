"""Owns one store's feed of stock: its listings, what of them buyers can order, re-reads of what was just written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from shoptui.adapters.stock import ListingPage, Stock
from shoptui.domain.stores import Store
from shoptui.engine.house import House
from shoptui.engine.intake import shown
from shoptui.engine.rereads import Rereads
from shoptui.engine.side_feed import DAY_S, SideFeed
from shoptui.protocol import Changed

STOCK = "stock"
#: How often all stock is read again, seconds: sales change it without changing a listing.
_EVERY_S = 300.0
#: A large store's readings take at most this share of the calls its app may make.
_CALLS_SHARE = 0.3
#: How often all listings are read, seconds: those that are gone, or changed unseen, are found then.
_SWEEP_S = DAY_S
#: Waits between readings of what was just written, seconds: lists lag behind answers.
_REREAD_S = (0, 3, 15)
#: What was written is read when no more was written for so long, seconds.
_SETTLES_S = 3
#: So many listings are read in one go.
_REREAD_MAX = 600


class StockSync(SideFeed):
    """The feed `stock` of one store. `stores_of_app` says how many stores share the app's call budget."""

    name = STOCK

    def __init__(self, house: House, store: Store, stock: Stock | None, *, stores_of_app: Callable[[], int]) -> None:
        super().__init__(house, store, served=stock is not None)
        self._stock = stock
        self._stores_of_app = stores_of_app
        self._swept_at = 0
        #: How many listings the store has, which decides how often all of them can be read.
        self._listings = 0
        self._rereads = Rereads(_REREAD_S, _REREAD_MAX)
        #: When listings were written (epoch s): a reading that had begun by then may not know it.
        self._written_at: dict[str, float] = {}
        #: What is read again once nothing was written for a while, and when that is (epoch s).
        self._settling: set[str] = set()
        self._settled_at = 0.0

    def reread(self, listing_ids: Iterable[str]) -> None:
        """Read these again at once, and some more times."""
        self._rereads.ask(listing_ids, self.house.clock.now())

    def refresh(self, listing_ids: Iterable[str]) -> None:
        """Read these soon, once."""
        self._rereads.ask_once(listing_ids, self.house.clock.now())

    def were_written(self, listing_ids: Iterable[str]) -> None:
        """Read these again, but not at once: what they show is known, and calls are better used for what is left."""
        now = self.house.clock.now()
        self._written_at.update((listing_id, now) for listing_id in listing_ids)
        self._settling.update(listing_ids)
        self._settled_at = now + _SETTLES_S

    async def look(self, since: int | None) -> int:
        assert self._stock is not None
        began_at = self.house.now()
        if since is None or began_at - self._swept_at >= _SWEEP_S:
            await self._sweep(self._stock, quiet=since is None)
            self._swept_at = began_at
        else:
            async for page in self._stock.listings(self.store, since):
                await self._take_in(page, quiet=False)
            await self._read_all()
        await self.between()
        return began_at

    async def _sweep(self, stock: Stock, *, quiet: bool) -> None:
        """Read all listings; those that are here and not there any more are gone."""
        seen: set[str] = set()
        aside: set[str] = set()
        async for page in stock.listings(self.store):
            await self._take_in(page, quiet=quiet)
            seen.update(listing.listing_id for listing in page.listings)
            aside.update(record.order_no for record in page.set_aside)
        await self._drop(await self.house.writer.stock.listing_ids(self.store.store_id) - seen, aside)
        self._listings = len(seen)

    async def _read_all(self) -> None:
        """Read the stock of all listings that are here, in the fewest calls."""
        listing_ids = sorted(await self.house.writer.stock.listing_ids(self.store.store_id))
        self._listings = len(listing_ids)
        for first in range(0, len(listing_ids), _REREAD_MAX):
            await self.read_now(listing_ids[first : first + _REREAD_MAX])

    async def between(self) -> None:
        now = self.house.clock.now()
        if self._settling and now >= self._settled_at:
            self._rereads.ask(self._settling, now)
            self._settling = set()
        due = self._rereads.due(now)
        await self.read_now(due)
        for listing_id in due:
            self._rereads.was_read(listing_id, now, done=False)

    def next_between_at(self) -> float:
        return min(self._rereads.next_at(), self._settled_at if self._settling else float("inf"))

    async def read_now(self, listing_ids: Sequence[str]) -> None:
        """Read the stock of these listings now; those that are gone leave the house. Raises AdapterError."""
        if self._stock is None or not listing_ids:
            return
        began_at = self.house.clock.now()
        reading = await self._stock.by_id(self.store, listing_ids)
        stocks = [one for one in reading.stocks if self._written_at.get(one.listing_id, began_at) <= began_at]
        self._written_at = {one: at for one, at in self._written_at.items() if at > began_at}
        found = {one.listing_id for one in reading.stocks}
        aside = {record.order_no for record in reading.set_aside}
        await self.set_aside(reading.set_aside, (_product_of(listing_id) for listing_id in found))
        house = self.house
        rows = await house.writer.stock.put_stock(self.store.store_id, stocks, house.now())
        if rows:
            house.hub.publish(Changed(pools=shown(rows), counts=True))
        await self._drop(set(listing_ids) - found, aside)

    async def _drop(self, gone: Collection[str], aside: Collection[str]) -> None:
        """Forget listings that are gone; what cannot be read now (`aside`, by product) is not gone."""
        gone = [listing_id for listing_id in gone if _product_of(listing_id) not in aside]
        if not gone:
            return
        house = self.house
        for listing_id in gone:
            self._rereads.drop(listing_id)
        rows = await house.writer.stock.drop_listings(self.store.store_id, gone, house.now())
        house.hub.publish(Changed(pools=shown(rows), counts=True))

    async def _take_in(self, page: ListingPage, *, quiet: bool) -> None:
        """Write a page. At the first sync nobody is told of single rows: a notice at its end says "many"."""
        house = self.house
        await self.set_aside(page.set_aside, (listing.product_id for listing in page.listings))
        rows = await house.writer.stock.put_listings(page.listings, house.now())
        if rows:
            house.hub.publish(Changed(pools=() if quiet else shown(rows), counts=True))

    async def interval_s(self) -> float:
        if self._stock is None:
            return _EVERY_S
        calls = -(-self._listings // max(self._stock.limits.read_max, 1)) * self._stores_of_app()
        return max(_EVERY_S, 60.0 * calls / (self.house.pace.calls_per_minute * _CALLS_SHARE))

    def notice(self, *, many: bool) -> Changed:
        return Changed(pools=None if many else ())


def _product_of(listing_id: str) -> str:
    """A listing's product, under whose id an unreadable record lies aside."""
    return listing_id.partition("/")[0]
