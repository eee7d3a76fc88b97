"""Owns the named points at which tests kill the engine: before and after every await of drain and settle."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Points(Protocol):
    """Told at each named point; may raise to end the engine there."""

    def reach(self, name: str) -> None: ...


class Unarmed:
    """What runs in production: points that do nothing."""

    def reach(self, name: str) -> None:
        """Nothing happens."""


class Killed(BaseException):
    """The engine ends here as by `kill -9`: no handler of ordinary errors may catch it."""


class Recorder:
    """Notes every point in the order it is reached, so that a test can visit each of them."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    def reach(self, name: str) -> None:
        self.reached.append(name)


class KillAt:
    """Raises Killed at the point reached as number `index` (from 0), once."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.killed_at: str | None = None
        self._count = 0

    def reach(self, name: str) -> None:
        count, self._count = self._count, self._count + 1
        if count == self.index:
            self.killed_at = name
            raise Killed(name)


async def around(points: Points, name: str, step: Awaitable[Result]) -> Result:
    """Await one step between its two points, `<name>:before` and `<name>:after`."""
    try:
        points.reach(f"{name}:before")
    except BaseException:
        close = getattr(step, "close", None)
        if close is not None:
            close()
        raise
    result = await step
    points.reach(f"{name}:after")
    return result
