"""Frozen rows of stock that cross from the store to screens and commands."""

from __future__ import annotations

from enum import StrEnum

from shoptui.domain.intents import Intent, IntentState
from shoptui.domain.pools import per_day
from shoptui.domain.records import dataclass
from shoptui.domain.shares import PoolStock, ShareRule
from shoptui.domain.stock import ListingState


@dataclass(frozen=True, slots=True)
class StoreShows:
    """What buyers can order of a pool at one store. `wanted` is what the pool's rule gives it, None for just that."""

    store_id: str
    shows: int
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class PoolRow:
    """What one line of Stock needs.

    Times are epoch seconds, None where there is none. `hand` is what the house has by its last count, None while nobody
    has counted. `reserved` is in open orders, `listed` what buyers can still order at `listings` listings. `sold_24h`
    and `sold_7d` are units ordered, `week_units` the speed. `cover_s` is how long what is left lasts, None when nothing
    sells. `oversold` units are promised beyond what there is, `step` units the rule would offer and nobody offers.
    `act_*` are of the newest write to one of its listings that is not acknowledged: the first that is not done, else
    done. `seen_at` is when the oldest of its listings was read. `stores` is what each store shows, None where that was
    not asked for.
    """

    row_id: int
    key: str
    sku: str
    name: str
    hand: int | None
    reserved: int
    listed: int
    listings: int
    sold_24h: int
    sold_7d: int
    week_units: int
    cover_s: int | None
    oversold: int
    step: int
    next_at: int | None
    next_kind: str
    then_at: int | None
    then_kind: str
    missed: int
    last_missed_at: int | None
    last_missed_kind: str
    counted_at: int | None
    figures_at: int
    seen_at: int
    own_rule: bool = False
    act_state: IntentState | None = None
    act_cause: str = ""
    stores: tuple[StoreShows, ...] | None = None

    @property
    def free(self) -> int | None:
        """What is promised to nobody yet, None without a count; below zero when more is sold than there is."""
        return None if self.hand is None else self.hand - self.reserved

    @property
    def moves(self) -> int:
        """How many units a push would take from stores or give them, the larger of both; 0 where that was not asked."""
        changes = [one.wanted - one.shows for one in self.stores or () if one.wanted is not None]
        return max(sum(by for by in changes if by > 0), -sum(by for by in changes if by < 0))

    @property
    def sold_per_day(self) -> int:
        """The speed in units a day, rounded up."""
        return per_day(self.week_units)


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One listing of a pool at one warehouse.

    `in_carts` is what the marketplace holds for orders and carts, None where unsaid. `sold_24h` is its store's.
    `pushed` is what was last ordered to be shown and `pushed_at` when that was settled or ordered, None without one;
    `answer` and `cause` what became of it. `before`, `after` and `window_ms` are the facts of a write that was done.
    """

    store_id: str
    marketplace: str
    region: str
    listing_id: str
    warehouse_id: str
    state: ListingState
    raw_state: str
    shows: int
    in_carts: int | None
    floor: int
    ours: bool
    why_locked: str
    price_minor: int | None
    currency: str
    sold_24h: int
    sold_7d: int
    seen_at: int
    product_name: str
    variant_name: str
    pushed: int | None = None
    pushed_at: int | None = None
    answer: IntentState | None = None
    cause: str = ""
    before: int | None = None
    after: int | None = None
    window_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count of a pool: how many, when they were counted, what said so, who entered it and when."""

    counted: int
    counted_at: int
    source: str
    operator: str
    at: int


@dataclass(frozen=True, slots=True)
class PushShare:
    """What a listing showed and was to show when a pool was pushed."""

    store_id: str
    listing_id: str
    warehouse_id: str
    before: int
    shows: int


@dataclass(frozen=True, slots=True)
class PushRow:
    """What was seen and ordered when a pool was pushed, as the simulation said it."""

    batch_id: str
    free: int | None
    buffer: int
    proposed: int
    promised: int
    rule: ShareRule
    shares: tuple[PushShare, ...]
    operator: str
    at: int


@dataclass(frozen=True, slots=True)
class OpenWrite:
    """A write of a push that is not settled: what a listing shall show, and what it showed when that was decided."""

    store_id: str
    target_id: str
    shows: int
    seen: int | None
    pool: str

    @property
    def lowers(self) -> bool:
        """Whether it takes something off offer, as far as was known then."""
        return self.seen is not None and self.shows < self.seen


@dataclass(frozen=True, slots=True)
class PoolDetail:
    """Everything the pane shows of one pool.

    `rule` is the one that applies, its own or the house's. `stores` has each store's units: what its listings show and
    what it sold. `counts`, `pushes` and `intents` are newest first.
    """

    row: PoolRow
    listings: tuple[ListingRow, ...]
    stores: tuple[StoreShare, ...]
    rule: ShareRule
    counts: tuple[CountRow, ...]
    pushes: tuple[PushRow, ...]
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class StoreShare:
    """One store's part of a pool: what buyers can order there, what open orders hold, what it sold."""

    store_id: str
    shows: int
    reserved: int
    sold_24h: int
    sold_7d: int


@dataclass(frozen=True, slots=True)
class PoolCandidate:
    """What the simulation of a push needs of one marked pool. `acts` are listings with a write that is not settled."""

    row_id: int
    sku: str
    stock: PoolStock
    rule: ShareRule
    acts: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A write of a push. `seen_to`: somebody has seen to its failure, or the engine has, by working it out anew."""

    intent: Intent
    seen_to: bool


class StockFactKind(StrEnum):
    """What an alert may be about."""

    LOW_QUANTITY = "low_quantity"
    LOW_COVER = "low_cover"
    OVERSOLD = "oversold"
    OUT_OF_STEP = "out_of_step"


@dataclass(frozen=True, slots=True)
class StockFact:
    """A condition of a pool that an alert is raised for while it holds.

    `units` are those left, oversold or out of step; `due_at` when it costs something (epoch s), None when unknown.
    """

    kind: StockFactKind
    row_id: int
    key: str
    sku: str
    units: int
    due_at: int | None
