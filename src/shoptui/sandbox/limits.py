"""Rate limits in wire time."""

from __future__ import annotations

from collections import deque


class RateLimiter:
    """At most so many calls per key within any one second."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, ...], deque[float]] = {}

    def admit(self, key: tuple[str, ...], now: float, calls_per_s: int) -> bool:
        """Whether one more call fits; refused calls do not count. 0 admits everything."""
        if calls_per_s <= 0:
            return True
        times = self._calls.setdefault(key, deque())
        while times and times[0] <= now - 1:
            times.popleft()
        if len(times) >= calls_per_s:
            return False
        times.append(now)
        return True
