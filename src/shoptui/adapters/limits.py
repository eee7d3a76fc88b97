"""How fast and how much we call: rate limits and pauses per app, shop and endpoint, and the counted call budget."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiolimiter import AsyncLimiter

from shoptui.adapters.base import RateLimited
from shoptui.clock import Clock

_MINUTE_S = 60
_DAY_S = 86400


@dataclass(frozen=True, slots=True)
class RateKey:
    """What a marketplace limits together. `shop_id` is "" for calls that belong to no shop."""

    app: str
    shop_id: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """Calls made by one app for one feed: in the last 60 seconds, since midnight UTC, and refused since midnight UTC
    because they came too fast."""

    app: str
    marketplace: str
    feed: str
    last_minute: int
    today: int
    refused_today: int


class _Tally:
    """The counts behind one BudgetRow."""

    __slots__ = ("day", "refused", "seconds", "today")

    def __init__(self) -> None:
        self.seconds: deque[tuple[int, int]] = deque()
        self.day = 0
        self.today = 0
        self.refused = 0

    def roll(self, second: int) -> None:
        """Forget what is older than a minute or of another day."""
        while self.seconds and self.seconds[0][0] <= second - _MINUTE_S:
            self.seconds.popleft()
        if second // _DAY_S != self.day:
            self.day = second // _DAY_S
            self.today = self.refused = 0


@dataclass(frozen=True, slots=True)
class ClockRow:
    """How far our clock was from a marketplace's when it last answered.

    `off_s` is ours minus theirs, seconds, way of the answer included; `seen_at` is epoch seconds by our clock.
    """

    marketplace: str
    off_s: float
    seen_at: float


class CallBudget:
    """Counts every call that leaves, per app, marketplace and feed; retries count too. Notes what time it is there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._clocks: dict[str, ClockRow] = {}
        self._tallies: dict[tuple[str, str, str], _Tally] = {}

    def count(self, app: str, marketplace: str, feed: str) -> None:
        """One call is about to leave."""
        second = int(self._clock.wire_now())
        tally = self._tally(app, marketplace, feed, second)
        tally.today += 1
        if tally.seconds and tally.seconds[-1][0] == second:
            tally.seconds[-1] = (second, tally.seconds[-1][1] + 1)
        else:
            tally.seconds.append((second, 1))

    def refused(self, app: str, marketplace: str, feed: str) -> None:
        """The marketplace found a counted call too fast."""
        self._tally(app, marketplace, feed, int(self._clock.wire_now())).refused += 1

    def saw_clock(self, marketplace: str, server_at: float, received_at: float) -> None:
        """An answer said what time it is at the marketplace."""
        self._clocks[marketplace] = ClockRow(marketplace, received_at - server_at, received_at)

    def clocks(self) -> tuple[ClockRow, ...]:
        """What is known of the marketplaces' clocks, by marketplace."""
        return tuple(row for _, row in sorted(self._clocks.items()))

    def snapshot(self) -> tuple[BudgetRow, ...]:
        """All counters as they are now, sorted by app, marketplace and feed."""
        second = int(self._clock.wire_now())
        rows = []
        for (app, marketplace, feed), tally in sorted(self._tallies.items()):
            tally.roll(second)
            minute = sum(calls for _, calls in tally.seconds)
            rows.append(BudgetRow(app, marketplace, feed, minute, tally.today, tally.refused))
        return tuple(rows)

    def _tally(self, app: str, marketplace: str, feed: str, second: int) -> _Tally:
        tally = self._tallies.setdefault((app, marketplace, feed), _Tally())
        tally.roll(second)
        return tally


class RateLimits:
    """Gives each call its turn, per RateKey.

    A leaky bucket lets `burst + calls_per_s` calls through in its first second, so the two together must stay below
    what the marketplace allows in one second. `app_calls_per_s` holds for all calls of one app together, whatever
    their shops and endpoints; None where the marketplace has no such limit.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        calls_per_s: float,
        burst: int,
        app_calls_per_s: float | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if calls_per_s <= 0 or burst < 1 or (app_calls_per_s is not None and app_calls_per_s <= 0):
            raise ValueError("a rate limit needs calls_per_s above 0 and a burst of at least 1")
        self._clock = clock
        self._calls_per_s = calls_per_s
        self._burst = burst
        self._app_calls_per_s = app_calls_per_s
        self._sleep = sleep
        self._buckets: dict[RateKey, AsyncLimiter] = {}
        self._app_buckets: dict[str, AsyncLimiter] = {}
        self._paused_until: dict[RateKey, float] = {}

    async def turn(self, key: RateKey, *, patience_s: float) -> None:
        """Wait until a call may leave.

        Raises RateLimited, without any call, when a pause the marketplace asked for lasts longer than `patience_s`.
        """
        left_s = self._paused_until.get(key, 0.0) - self._clock.wire_now()
        if left_s > patience_s:
            raise RateLimited(f"the marketplace asked for a pause; {left_s:.0f} s of it are left", retry_after_s=left_s)
        if left_s > 0:
            await self._sleep(left_s)
        self._paused_until.pop(key, None)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = self._bucket(self._calls_per_s)
        await bucket.acquire()
        if self._app_calls_per_s is not None:
            of_app = self._app_buckets.get(key.app)
            if of_app is None:
                of_app = self._app_buckets[key.app] = self._bucket(self._app_calls_per_s)
            await of_app.acquire()

    def _bucket(self, calls_per_s: float) -> AsyncLimiter:
        return AsyncLimiter(self._burst, self._burst / calls_per_s)

    def pause(self, key: RateKey, pause_s: float) -> None:
        """The marketplace asked to leave this key alone for so many seconds; a longer pause already known stays."""
        until = self._clock.wire_now() + pause_s
        self._paused_until[key] = max(until, self._paused_until.get(key, 0.0))
