"""Owns what is read again some times: marketplaces' lists lag behind what was just done there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Rereads:
    """What to read again, by its id. `waits_s` are the waits before each of the readings, `most` how many in one go."""

    def __init__(self, waits_s: Sequence[float], most: int) -> None:
        self._waits_s = waits_s
        self._most = most
        #: When each is read again (epoch s), and which of the readings that is.
        self._due: dict[str, tuple[float, int]] = {}

    def __contains__(self, one: str) -> bool:
        return one in self._due

    def ask(self, ids: Iterable[str], now: float) -> None:
        """Read these at once, and some more times."""
        self._due.update((one, (now, 0)) for one in ids)

    def ask_once(self, ids: Iterable[str], now: float) -> None:
        """Read these at once, and unless that was asked for before no more after that."""
        for one in ids:
            self._due.setdefault(one, (now, len(self._waits_s)))

    def watch(self, one: str, now: float) -> None:
        """Go on reading what has just been read."""
        self._due[one] = (now + self._waits_s[1], 1)

    def due(self, now: float) -> list[str]:
        """What is to be read now."""
        return [one for one, (at, _) in self._due.items() if at <= now][: self._most]

    def next_at(self) -> float:
        """When something is to be read (epoch s), infinity for never."""
        return min((at for at, _ in self._due.values()), default=float("inf"))

    def was_read(self, one: str, now: float, *, done: bool) -> None:
        """It was read: later once more, unless that would bring nothing (`done`) or it was read often enough."""
        if (before := self._due.pop(one, None)) is None:
            return
        tries = before[1] + 1
        if not done and tries < len(self._waits_s):
            self._due[one] = (now + self._waits_s[tries], tries)

    def drop(self, one: str) -> None:
        """It is gone."""
        self._due.pop(one, None)
