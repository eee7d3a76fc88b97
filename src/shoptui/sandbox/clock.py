"""The sandbox's two clocks: wire time for signatures and rate limits, world time for everything that ages."""

from __future__ import annotations

import time
from collections.abc import Callable


class ClockError(ValueError):
    """A clock was asked to do what would undo things that already happened in the world."""


class Clocks:
    """Wire time is real (or injected); world time is wire time plus an offset, unless it is frozen."""

    def __init__(
        self,
        wire: Callable[[], float] = time.time,
        *,
        start_at: int | None = None,
        frozen: bool = False,
    ) -> None:
        """`start_at` (epoch seconds) is the world time now; None starts at wire time. `frozen` stops world time."""
        self._wire = wire
        begun_at = int(wire())
        self.started_at = begun_at if start_at is None else start_at
        """World time at which this clock was made, whatever has passed since."""
        self._offset_s = self.started_at - begun_at
        self._frozen_at: int | None = None
        if frozen:
            self._frozen_at = self.started_at

    def wire_now(self) -> float:
        """Epoch seconds as a caller's own clock would read them."""
        return self._wire()

    def world_now(self) -> int:
        """Epoch seconds in the simulated world."""
        if self._frozen_at is not None:
            return self._frozen_at
        return int(self._wire()) + self._offset_s

    @property
    def offset_s(self) -> int:
        """World time minus wire time."""
        return self.world_now() - int(self._wire())

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def advance(self, seconds: int) -> None:
        """Move world time forward. Raises ClockError for a negative step."""
        if seconds < 0:
            raise ClockError("advance_s is negative: the world cannot go back, only forward.")
        if self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._offset_s += seconds

    def set_offset(self, offset_s: int) -> None:
        """Put world time at wire time plus `offset_s`. Raises ClockError when that lies in the world's past."""
        target = int(self._wire()) + offset_s
        step = target - self.world_now()
        if step < 0:
            raise ClockError(f"offset_s {offset_s} lies {-step} s in the world's past: give {self.offset_s} or more.")
        self.advance(step)

    def freeze(self) -> None:
        """Stop world time where it is; `advance` still moves it."""
        if self._frozen_at is None:
            self._frozen_at = self.world_now()

    def thaw(self) -> None:
        """Let world time run again from where it stands."""
        if self._frozen_at is not None:
            self._offset_s = self._frozen_at - int(self._wire())
            self._frozen_at = None
