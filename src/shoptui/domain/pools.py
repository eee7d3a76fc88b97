"""Stock pools: one seller's code over all stores, what of it is promised, how fast it sells and when it runs out.

Units are integers. A speed is units a week, exact: of the last 24 hours (times seven) or of the last seven days,
whichever is faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from shoptui.domain.clocks import DAY_S, Clock, ClockKind, ClockScope, Consequence, NextLoss, StopEvent, next_loss
from shoptui.domain.orders import BEFORE_CARRIER, CLOSED, Flag, Order, Status
from shoptui.domain.records import dataclass

WEEK_S = 7 * DAY_S

#: What happened to goods that are not in the house any more; a cancelled line never left it.
_LEFT = frozenset(
    {
        Status.IN_TRANSIT,
        Status.DELIVERY_FAILED,
        Status.RETURNING,
        Status.DELIVERED,
        Status.COMPLETED,
        Status.LOST,
    }
)
_LEFT_EVENTS = frozenset({"collected", "delivered", "completed"})
#: As a plain number: asked of every order that is written.
_BY_PLATFORM = int(Flag.FULFILLED_BY_PLATFORM)


@lru_cache(maxsize=8192)
def pool_key(sku: str) -> str:
    """What joins the listings of a pool: the seller's code without blanks around it, whatever its case."""
    return sku.strip().casefold()


@dataclass(frozen=True, slots=True)
class OrderUnits:
    """What an order does to pools, by their keys: units sold, still in the house, gone since `left_at` (epoch s)."""

    sold: Mapping[str, int]
    reserved: Mapping[str, int]
    left: Mapping[str, int]
    left_at: int


NO_UNITS = OrderUnits({}, {}, {}, 0)


def units_of(order: Order) -> OrderUnits:
    """What an order does to pools. Goods in a marketplace's own warehouse are not the house's."""
    if int(order.flags) & _BY_PLATFORM:
        return NO_UNITS
    sold: dict[str, int] = {}
    reserved: dict[str, int] = {}
    left: dict[str, int] = {}
    of_order = order.status if order.status in CLOSED else Status.UNKNOWN
    for line in order.lines:
        key = pool_key(line.sku)
        status = of_order if of_order is not Status.UNKNOWN else line.status
        if status is Status.UNKNOWN:
            status = order.status
        if not key or line.quantity <= 0 or status is Status.CANCELLED:
            continue
        sold[key] = sold.get(key, 0) + line.quantity
        if status in BEFORE_CARRIER:
            reserved[key] = reserved.get(key, 0) + line.quantity
        elif status in _LEFT:
            left[key] = left.get(key, 0) + line.quantity
    if not sold:
        return NO_UNITS
    went = [event.at for event in order.history if event.what in _LEFT_EVENTS]
    return OrderUnits(sold, reserved, left, min(went, default=order.updated_at))


def week_units(sold_24h: int, sold_7d: int) -> int:
    """The speed in units a week; negative sums (more cancelled than ordered in the time) count as none."""
    return max(7 * sold_24h, sold_7d, 0)


def cover_s(units: int, speed: int) -> int | None:
    """How long so many units last at a speed in units a week; None when nothing sells. Rounded down."""
    return None if speed <= 0 else max(units, 0) * WEEK_S // speed


def per_day(speed: int) -> int:
    """A speed as units a day, rounded up: what sells at all is never shown as nothing."""
    return -(-speed // 7)


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """A pool at one moment.

    `hand` is what the house has of it, None while nobody has counted. `reserved` is in open orders that have not left.
    `listed` is what buyers can still order over all live listings, `speed` units a week.
    """

    hand: int | None
    reserved: int
    listed: int
    speed: int

    @property
    def free(self) -> int | None:
        """What is not promised to anybody yet; below zero when more is sold than there is. None without a count."""
        return None if self.hand is None else self.hand - self.reserved

    @property
    def left(self) -> int:
        """What can still be sold: free units, or where nobody has counted what the listings show."""
        return self.listed if self.free is None else self.free

    @property
    def oversold(self) -> int:
        """How many more are sold or on offer than there are; 0 without a count."""
        return 0 if self.free is None else max(self.listed - self.free, 0)

    @property
    def cover_s(self) -> int | None:
        """How long what is left lasts, None when nothing sells."""
        return cover_s(self.left, self.speed)


def pool_clocks(figures: PoolFigures, key: str, at: int, over_since: int | None = None) -> tuple[Clock, ...]:
    """The clocks of a pool whose figures are of that moment (epoch s).

    `out`: when what is left is sold at its speed; nothing is said where nothing is offered or nothing sells. `over`:
    when the first order comes that cannot be filled, or since when that is so (`over_since`).
    """
    found: list[Clock] = []
    lasts_s = figures.cover_s
    if figures.listed > 0 and figures.left > 0 and lasts_s is not None:
        found.append(_clock(ClockKind.OUT_OF_STOCK, at + lasts_s, Consequence.ORDERS_STOP, key))
    free = figures.free
    if free is not None and figures.oversold > 0:
        if free <= 0:
            since = at if over_since is None else over_since
            found.append(_clock(ClockKind.OVERSOLD, since, Consequence.AUTO_CANCEL, key))
        elif lasts_s is not None:
            found.append(_clock(ClockKind.OVERSOLD, at + lasts_s, Consequence.AUTO_CANCEL, key))
    return tuple(found)


def pool_loss(figures: PoolFigures, key: str, at: int, over_since: int | None = None) -> NextLoss:
    """What a pool loses next, by `pool_clocks`."""
    return next_loss(pool_clocks(figures, key, at, over_since), at)


def _clock(kind: ClockKind, due_at: int, consequence: Consequence, key: str) -> Clock:
    return Clock(kind, due_at, consequence, StopEvent.CLOSED, "ours:sales speed", ClockScope.POOL, key)
