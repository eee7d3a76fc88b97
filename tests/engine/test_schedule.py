"""Intervals follow the nearest clock and the budget; waits after failures grow, within bounds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.engine.schedule import JITTER, Pace, backoff_s, poll_interval_s, spread

PACE = Pace(nearest_s=15, near_s=30, usual_s=60, sweep_s=900, calls_per_minute=600)


@pytest.mark.parametrize(
    ("left_s", "stores", "wanted"),
    [
        (None, 1, 60),
        (7200, 1, 60),
        (7199, 1, 30),
        (600, 1, 30),
        (599, 1, 15),
        (5, 1, 15),
        (5, 100, 15),
        # 300 stores on one app and 600 calls a minute: nobody may be asked more often than every half minute.
        (5, 300, 30),
        (None, 1200, 120),
    ],
)
def test_interval(left_s: float | None, stores: int, wanted: float) -> None:
    assert poll_interval_s(PACE, left_s, stores) == wanted


@given(st.integers(1, 200), st.integers(0, 2**32), st.none() | st.floats(0, 10_000))
def test_backoff_is_bounded_and_obeys_the_marketplace(failures: int, seed: int, asked: float | None) -> None:
    wait = backoff_s(failures, random.Random(seed), at_least_s=asked)
    assert wait >= (asked or 0)
    assert wait <= max(300, asked or 0) * (1 + JITTER)


@given(st.integers(1, 40), st.integers(0, 2**32))
def test_backoff_grows(failures: int, seed: int) -> None:
    still = random.Random(seed)
    assert backoff_s(failures + 1, random.Random(seed)) >= min(backoff_s(failures, still), 300)


@given(st.floats(0, 1e6), st.integers())
def test_spread_never_shortens(seconds: float, seed: int) -> None:
    assert seconds <= spread(seconds, random.Random(seed)) <= seconds * (1 + JITTER)
