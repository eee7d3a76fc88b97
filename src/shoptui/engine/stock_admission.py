"""Owns whether stock may be set, and whether a push must wait or stop just before it is sent.

A push lowers first. A listing is raised when everything that the same pool lowers has been written and the orders of
all its stores are as new as what its listings show: only then are the units that it is given nobody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shoptui.adapters.base import Marketplace
from shoptui.domain.intents import Cause, CauseId, Intent, NewIntent, Verb
from shoptui.domain.pools import pool_key
from shoptui.domain.shares import PoolListing, PoolStock
from shoptui.domain.stock import Listing, StockChange, listing_of, listing_target, target_parts
from shoptui.domain.verbs import read_args
from shoptui.engine.admission import No, Refused, judge_each, unfit
from shoptui.queries.types import FeedRow

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.lanes import Lane

#: A store whose orders or stock were read longer ago than this is silent: what it shows may have been sold.
SILENT_S = 900
Target = tuple[str, str]


def judge_stock(market: Marketplace, intent: NewIntent, listing: Listing | None, *, silent: bool) -> No | None:
    """Why this listing may not be set to that number, None when it may. `silent`: its store does not answer."""
    if (no := unfit(market, intent)) is not None:
        return no
    try:
        listing_id, warehouse_id = target_parts(intent.target_id)
    except ValueError:
        return No(
            "bad_request", "target_id must be a listing and its warehouse with an @ between: product/SKU@warehouse."
        )
    if listing is None:
        say = f"{intent.store_id} has no listing {listing_id} here; check the store first."
        return No("unknown_listing", say, {"store": intent.store_id, "listing": listing_id})
    if silent:
        say = f"{intent.store_id} does not answer: what it shows may have been sold meanwhile."
        return No("silent", say, {"store": intent.store_id})
    if listing.why_locked:
        return No("locked", listing.why_locked)
    at = next((one for one in listing.stock if one.warehouse_id == warehouse_id), None)
    if at is None:
        return No(
            "warehouse", f"{listing_id} has no stock in warehouse {warehouse_id or 'of the store'}; read it again."
        )
    if not at.ours:
        return No("not_ours", "This stock lies in the marketplace's own warehouse; nobody can write it.")
    change = change_of(intent)
    assert market.stock is not None
    limits = market.stock.limits
    if not limits.least <= change.shows <= limits.most:
        say = f"The marketplace takes {limits.least} to {limits.most}, not {change.shows}."
        return No("quantity", say, {"least": str(limits.least), "most": str(limits.most)})
    if change.shows < at.floor:
        say = f"A promotion holds {at.floor}; no less can be written."
        return No("below_floor", say, {"floor": str(at.floor)})
    return None


def change_of(intent: NewIntent | Intent) -> StockChange:
    """What a stock write is told."""
    args = read_args(Verb.SET_STOCK, intent.args)
    assert isinstance(args, StockChange)
    return args


def is_silent(lane: Lane, now: int) -> bool:
    """Whether a store's figures are too old to decide anything by: its orders or its stock were not read lately."""
    return lane.store.paused or any(_is_old(feed, now) for feed in (lane.sync.feed, lane.stock.feed))


def _is_old(feed: FeedRow, now: int) -> bool:
    return feed.signed_out or feed.last_ok_at is None or now - feed.last_ok_at > max(SILENT_S, _looks_after(feed))


def _looks_after(feed: FeedRow) -> int:
    """A store with very many listings is read more seldom: twice its own interval is late."""
    if feed.failures or feed.last_ok_at is None or feed.next_try_at is None:
        return 0
    return 2 * (feed.next_try_at - feed.last_ok_at)


def silent_stores(engine: Engine) -> frozenset[str]:
    """The stores whose figures are too old to push them over."""
    now = engine.house.now()
    return frozenset(store_id for store_id, lane in engine.lanes.items() if is_silent(lane, now))


async def judge_stocks(
    engine: Engine, intents: Sequence[NewIntent]
) -> tuple[dict[int, int | None], dict[int, Refused]]:
    """By place in the list: nothing is due by a clock of its own, and what is refused."""
    house = engine.house
    now = house.now()
    listings = await house.writer.stock.listings(
        {(intent.store_id, listing_of(intent.target_id)) for intent in intents}
    )

    async def judge(lane: Lane, intent: NewIntent) -> No | None:
        listing_id = listing_of(intent.target_id)
        listing = listings.get((intent.store_id, listing_id))
        no = judge_stock(lane.market, intent, listing, silent=is_silent(lane, now))
        if no is None and listing is not None and change_of(intent).pool not in ("", pool_key(listing.sku)):
            no = No("other_pool", f"{listing_id} is not of the pool {change_of(intent).pool}; read the list again.")
        return no

    return await judge_each(engine.lanes, intents, judge)


# -- just before sending ----------------------------------------------------------------------------------------------


def target_of(listing: PoolListing) -> Target:
    """A listing at its warehouse as a write names it."""
    return listing.store_id, listing_target(listing.listing_id, listing.warehouse_id)


def may_raise(stock: PoolStock, target: Target, change: StockChange, writes: Mapping[Target, int]) -> Cause | bool:
    """Whether a listing may be raised now: True, False while it must wait for what lowers, or the cause against it.

    `writes` are the pool's open writes, this one or not. Lowering and what changes nothing may always go.
    """
    offered, shows, lowers = 0, 0, False
    for one in stock.listings:
        each = target_of(one)
        if each == target:
            shows, wanted = one.shows, change.shows
        else:
            wanted = writes.get(each, one.shows)
            lowers = lowers or wanted < one.shows
        if one.live and one.ours:
            # The most that buyers may be able to order of it once all is written, or half of it.
            offered += max(one.shows, wanted)
    if stock.hand is None or change.shows <= shows:
        return True
    if lowers:
        return False
    free = stock.hand - stock.reserved
    if offered > free:
        say = f"{offered} would be on offer of {max(free, 0)} that are free now: others were ordered meanwhile."
        return Cause(CauseId.STOCK_MOVED, "", say)
    return True
