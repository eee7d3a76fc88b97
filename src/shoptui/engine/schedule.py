"""Owns when things are tried: polling intervals that follow the nearest clock and the call budget, and back-off."""

from __future__ import annotations

import random
from dataclasses import dataclass

#: How far a wait is spread, so that many lanes do not call in the same second.
JITTER = 0.2
#: A clock with less than this left makes its store's orders asked for more often; with less than NEAREST_S most often.
NEAR_S = 7200
NEAREST_S = 600


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a store's orders are asked for, seconds.

    `nearest_s` while a clock has less than NEAREST_S left, `near_s` under NEAR_S, `usual_s` otherwise. `sweep_s` is the
    time between full sweeps. `calls_per_minute` is the budget of one app for this feed, shared by its stores.
    """

    nearest_s: float = 15.0
    near_s: float = 30.0
    usual_s: float = 60.0
    sweep_s: float = 900.0
    calls_per_minute: float = 600.0


def poll_interval_s(pace: Pace, next_loss_left_s: float | None, stores_of_app: int) -> float:
    """Seconds until the next look for changes; `next_loss_left_s` None means that nothing is due.

    A look costs one call at least, so with many stores on one app the budget stretches the interval.
    """
    if next_loss_left_s is None or next_loss_left_s >= NEAR_S:
        wanted = pace.usual_s
    elif next_loss_left_s < NEAREST_S:
        wanted = pace.nearest_s
    else:
        wanted = pace.near_s
    affordable = 60.0 * max(1, stores_of_app) / pace.calls_per_minute
    return max(wanted, affordable)


def spread(seconds: float, dice: random.Random) -> float:
    """The wait with jitter: never shorter than asked, at most a fifth longer."""
    return seconds * (1.0 + JITTER * dice.random())


def backoff_s(
    failures: int,
    dice: random.Random,
    *,
    first_s: float = 2.0,
    longest_s: float = 300.0,
    at_least_s: float | None = None,
) -> float:
    """Seconds to wait after `failures` failed tries in a row (1 or more): doubling, capped, with jitter.

    `at_least_s` is what the marketplace asked for; it is always obeyed, even above the cap.
    """
    grown = min(first_s * 2.0 ** min(failures - 1, 30), longest_s)
    return spread(max(grown, at_least_s or 0.0), dice)
