"""How a marketplace tells what stores list and what of it buyers can order.

Writing stock is a desk like every other verb (`Verb.SET_STOCK` on one listing at one warehouse). No marketplace offers
compare-and-set, so the desk's rule is `Settling.RECOMPUTE`: a write whose answer was lost is never repeated; the engine
reads anew and decides anew. A desk takes several targets in one call and answers row by row.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from shoptui.adapters.base import SetAside
from shoptui.domain.making import quickly_made
from shoptui.domain.stock import Listing, ListingState, StockAt
from shoptui.domain.stores import Store


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Some listings. `set_aside` are records that could not be read (`order_no` is then the product's id)."""

    listings: tuple[Listing, ...]
    set_aside: tuple[SetAside, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class StockNow:
    """What one listing has at this moment, at every warehouse.

    `state` and `why_locked` are as in `Listing`; None where the call that reads stock does not tell, so that what was
    known of them holds.
    """

    listing_id: str
    stock: tuple[StockAt, ...]
    state: ListingState | None = None
    why_locked: str | None = None


@dataclass(frozen=True, slots=True)
class StockReading:
    """The stock of some listings, re-read. `set_aside` are records that could not be read, by the product's id."""

    stocks: tuple[StockNow, ...]
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True, slots=True)
class StockLimits:
    """What the marketplace takes: the least and most that may be written, and listings per re-reading call."""

    least: int
    most: int
    read_max: int


class Stock(Protocol):
    """One marketplace's listings and their stock. All methods may raise AdapterError; reads may be repeated."""

    @property
    def limits(self) -> StockLimits: ...

    def listings(self, store: Store, since: int = 0) -> AsyncIterator[ListingPage]:
        """Listings changed at or after `since` (epoch s) with their stock; 0 means all there are.

        Sales change stock without changing a listing's version: the engine re-reads stock by `by_id`.
        """

    async def by_id(self, store: Store, listing_ids: Sequence[str]) -> StockReading:
        """The named listings' stock as it is now, any number, in the fewest calls; those that are gone are left out.

        It tells stock alone: names, prices and versions come with `listings`.
        """
