"""What a store offers of its goods, and what of a pool's goods the house really has."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .model import Sku, Store, Warehouse


class OfferState(StrEnum):
    """Whether buyers can order it, and whose decision that is."""

    LIVE = "live"
    OFF = "off"
    """The seller took it off sale."""
    BLOCKED = "blocked"
    """The marketplace took it down."""
    DELETED = "deleted"


class StockLock(StrEnum):
    """Why nobody can write its stock for now."""

    BUNDLE = "bundle"
    AUCTION = "auction"


@dataclass(slots=True, eq=False)
class Place:
    """What buyers can still order from one warehouse. `floor` is held by a promotion: nobody may write less."""

    warehouse: Warehouse
    quantity: int
    floor: int = 0

    @property
    def held(self) -> int:
        """How much of what is left the promotion still holds."""
        return min(self.floor, self.quantity)


@dataclass(slots=True, eq=False)
class Offer:
    """One SKU as its store offers it. `platform` is stock in the marketplace's own warehouse."""

    sku: Sku
    store: Store
    places: list[Place]
    created_at: int
    updated_at: int
    state: OfferState = OfferState.LIVE
    lock: StockLock | None = None
    platform: int = 0
    is_written: bool = False
    """Whether the seller has set its stock since the world began; what nobody touches is filled up by itself."""

    @property
    def shows(self) -> int:
        """How many buyers can order."""
        return sum(place.quantity for place in self.places) + self.platform if self.state is OfferState.LIVE else 0

    def place(self, warehouse_id: str) -> Place | None:
        return next((place for place in self.places if place.warehouse.id == warehouse_id), None)


@dataclass(slots=True, eq=False)
class Pool:
    """The goods behind one seller's code in all stores. `free` are units nobody was promised: below 0 is oversold."""

    code: str
    offers: list[Offer] = field(default_factory=list)
    free: int = 0
    sold: int = 0
    oversold_orders: int = 0
    """Orders that were taken although the house no longer had the goods."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """Units of open orders that have not left the house."""

    unpaid: int = 0
    paid: int = 0
    arranged: int = 0
    """Paid for and ready to be fetched; some marketplaces no longer count these."""

    @property
    def units(self) -> int:
        return self.unpaid + self.paid + self.arranged


NOTHING_RESERVED = Reserved()


def pool_key(code: str) -> str:
    """What the codes of one pool have in common."""
    return code.strip().casefold()
