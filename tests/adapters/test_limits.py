"""Turns, pauses and the call budget."""

from __future__ import annotations

import pytest
from aiolimiter import AsyncLimiter

from shoptui.adapters.base import RateLimited
from shoptui.adapters.limits import BudgetRow, CallBudget, RateKey, RateLimits
from shoptui.clock import DrivenClock

KEY = RateKey("app", "shop", "order.search")


class _Sleeper:
    """Records waits and moves the clock by them."""

    def __init__(self, clock: DrivenClock) -> None:
        self.clock = clock
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)


async def test_a_short_pause_is_waited_out_and_a_long_one_refused(clock: DrivenClock) -> None:
    sleeper = _Sleeper(clock)
    limits = RateLimits(clock, calls_per_s=40, burst=8, sleep=sleeper)
    limits.pause(KEY, 3)
    await limits.turn(KEY, patience_s=5)
    assert sleeper.slept == [3]
    limits.pause(KEY, 60)
    clock.advance(10)
    with pytest.raises(RateLimited) as caught:
        await limits.turn(KEY, patience_s=5)
    assert caught.value.retry_after_s == 50
    clock.advance(50)
    await limits.turn(KEY, patience_s=5)
    assert sleeper.slept == [3]


async def test_an_app_has_one_limit_over_all_its_shops_and_endpoints(
    clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[float] = []

    async def acquire(bucket: AsyncLimiter, amount: float = 1) -> None:
        taken.append(bucket.max_rate / bucket.time_period)

    monkeypatch.setattr(AsyncLimiter, "acquire", acquire)
    limits = RateLimits(clock, calls_per_s=40, burst=8, app_calls_per_s=80, sleep=_Sleeper(clock))
    for key in (KEY, RateKey("app", "shop2", "order.search"), RateKey("other", "shop", "order.search")):
        await limits.turn(key, patience_s=0)
    assert taken == [40, 80] * 3
    assert {key: bucket.max_rate for key, bucket in limits._app_buckets.items()} == {"app": 8, "other": 8}


async def test_a_pause_holds_for_its_own_key_only(clock: DrivenClock) -> None:
    sleeper = _Sleeper(clock)
    limits = RateLimits(clock, calls_per_s=40, burst=8, sleep=sleeper)
    limits.pause(KEY, 60)
    for other in (RateKey("app", "shop", "order.detail"), RateKey("app", "shop2", "order.search")):
        await limits.turn(other, patience_s=0)
    assert sleeper.slept == []


async def test_a_shorter_pause_never_ends_a_longer_one(clock: DrivenClock) -> None:
    limits = RateLimits(clock, calls_per_s=40, burst=8, sleep=_Sleeper(clock))
    limits.pause(KEY, 60)
    limits.pause(KEY, 1)
    with pytest.raises(RateLimited):
        await limits.turn(KEY, patience_s=5)


@pytest.mark.parametrize(("calls_per_s", "burst"), [(0, 8), (40, 0), (-1, 1)])
def test_limits_that_let_nothing_through_are_refused(clock: DrivenClock, calls_per_s: float, burst: int) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        RateLimits(clock, calls_per_s=calls_per_s, burst=burst)
    with pytest.raises(ValueError, match="rate limit"):
        RateLimits(clock, calls_per_s=40, burst=8, app_calls_per_s=0)


def test_the_budget_counts_by_app_marketplace_and_feed(clock: DrivenClock) -> None:
    budget = CallBudget(clock)
    for _ in range(3):
        budget.count("main", "tiktok", "orders")
    budget.count("main", "tiktok", "ship")
    budget.refused("main", "tiktok", "orders")
    assert budget.snapshot() == (
        BudgetRow("main", "tiktok", "orders", 3, 3, 1),
        BudgetRow("main", "tiktok", "ship", 1, 1, 0),
    )


def test_a_minute_slides_and_a_day_ends_at_midnight_utc(clock: DrivenClock) -> None:
    budget = CallBudget(clock)
    budget.count("main", "tiktok", "orders")
    clock.advance(30)
    budget.count("main", "tiktok", "orders")
    clock.advance(30)
    assert budget.snapshot()[0].last_minute == 1
    assert budget.snapshot()[0].today == 2
    clock.advance(86400 - 60)
    assert budget.snapshot() == (BudgetRow("main", "tiktok", "orders", 0, 0, 0),)
