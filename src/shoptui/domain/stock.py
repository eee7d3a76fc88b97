"""Stock of listings as the marketplaces have it, in one vocabulary for all of them."""

from __future__ import annotations

from enum import StrEnum

from shoptui.domain.making import quickly_made
from shoptui.domain.money import Money
from shoptui.domain.records import dataclass


class ListingState(StrEnum):
    """Whether buyers can order it: `off` by the seller, `blocked` by the marketplace. `unknown` is shown as it is."""

    LIVE = "live"
    OFF = "off"
    BLOCKED = "blocked"
    DELETED = "deleted"
    UNKNOWN = "unknown"


@quickly_made
@dataclass(frozen=True, slots=True)
class StockAt:
    """One listing's stock at one of the store's warehouses.

    `shows` is what buyers can still order; `reserved` is held by orders or carts as the marketplace counts, None where
    it does not say. `floor` is the least that may be written (a promotion holds it), 0 without one. `warehouse_id` is
    "" where the store has one place only and calls must not name it. `ours` is False for stock in the marketplace's
    own warehouse, which nobody can write.
    """

    warehouse_id: str
    shows: int
    reserved: int | None = None
    floor: int = 0
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """One SKU as one store sells it.

    `listing_id` names it within its store: product and SKU with a slash between (`1729/4410`). `sku` is the seller's
    own code, which joins the listings of a pool; "" where the seller gave none. `price` is what a buyer pays for one.
    `updated_at` is the marketplace's version, None where it has none. `why_locked` is set where the marketplace lets
    nobody write its stock now (a bundle, a live auction), in a plain English sentence.
    """

    store_id: str
    listing_id: str
    product_id: str
    sku_id: str
    sku: str
    product_name: str
    variant_name: str
    state: ListingState
    raw_state: str
    stock: tuple[StockAt, ...]
    price: Money | None = None
    updated_at: int | None = None
    why_locked: str = ""

    @property
    def shows(self) -> int:
        """What buyers can still order of it, over all its warehouses; 0 when it is not live."""
        return sum(at.shows for at in self.stock) if self.state is ListingState.LIVE else 0


@quickly_made
@dataclass(frozen=True, slots=True)
class StockChange:
    """How many of a listing buyers shall be able to order at one warehouse.

    `shows` is the absolute number; `seen` is what was there when the operator decided, None for whatever is there.
    A push of a pool names its `pool` and what it keeps back (`reserve`): before it is written the listings are read
    again, and when sales moved the shares are worked out anew from what is there then.
    """

    shows: int
    seen: int | None = None
    reserve: int = 0
    pool: str = ""


def listing_target(listing_id: str, warehouse_id: str) -> str:
    """What a stock write acts on: one listing at one warehouse."""
    return f"{listing_id}@{warehouse_id}"


def listing_of(target: str) -> str:
    """The listing of a `listing_target`, "" for what names none."""
    return target.rpartition("@")[0]


def product_of(listing_id: str) -> str:
    """The product of a listing."""
    return listing_id.partition("/")[0]


def target_parts(target: str) -> tuple[str, str]:
    """The listing and the warehouse of a `listing_target`. Raises ValueError for anything else."""
    listing_id, mark, warehouse_id = target.partition("@")
    if not mark or "/" not in listing_id:
        raise ValueError(f"{target!r} names no listing at a warehouse")
    return listing_id, warehouse_id
