"""The two clocks: wire time for signatures and rate limits, world time for deadlines and ages."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What gives the time. Tests and the sandbox drive one; everything else uses `SystemClock`."""

    def now(self) -> float:
        """World time, epoch seconds UTC: what deadlines, ages and token expiry are measured with."""

    def wire_now(self) -> float:
        """Real time, epoch seconds UTC: what signatures carry."""


class SystemClock:
    """The machine's clock. `offset_s` shifts world time for a driven sandbox (setting `test_clock_offset_s`)."""

    def __init__(self, offset_s: float = 0.0) -> None:
        self.offset_s = offset_s

    def now(self) -> float:
        return time.time() + self.offset_s

    def wire_now(self) -> float:
        return time.time()


class DrivenClock:
    """A clock that moves only when told to; world and wire time advance together unless `advance_world` is used."""

    def __init__(self, start_at: float) -> None:
        self._wire = start_at
        self._offset_s = 0.0

    def now(self) -> float:
        return self._wire + self._offset_s

    def wire_now(self) -> float:
        return self._wire

    def advance(self, seconds: float) -> None:
        self._wire += seconds

    def advance_world(self, seconds: float) -> None:
        self._offset_s += seconds
