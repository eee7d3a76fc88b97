"""Sorted look-ups of one store's things by time, so that a page of a search never scans the shop."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Key: TypeAlias = tuple[int, str]


class TimeIndex:
    """Ids in the order of (time, id)."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys: list[Key] = sorted(keys)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: Key) -> None:
        insort(self._keys, key)

    def discard(self, key: Key) -> None:
        at = bisect_left(self._keys, key)
        if at < len(self._keys) and self._keys[at] == key:
            del self._keys[at]

    def count(self, ge: int | None, lt: int | None) -> int:
        """How many fall in the half-open window; None leaves that side open."""
        low, high = self._window(ge, lt)
        return max(0, high - low)

    def walk(self, *, ge: int | None, lt: int | None, descending: bool, after: Key | None) -> Iterator[Key]:
        """Keys of the window in order, beginning behind `after`. The index must not change meanwhile."""
        low, high = self._window(ge, lt)
        if descending:
            if after is not None:
                high = min(high, bisect_left(self._keys, after))
            for at in range(high - 1, low - 1, -1):
                yield self._keys[at]
        else:
            if after is not None:
                low = max(low, bisect_right(self._keys, after))
            for at in range(low, high):
                yield self._keys[at]

    def _window(self, ge: int | None, lt: int | None) -> tuple[int, int]:
        low = 0 if ge is None else bisect_left(self._keys, (ge, ""))
        high = len(self._keys) if lt is None else bisect_left(self._keys, (lt, ""))
        return low, high


class StatusIndex:
    """Two sorted look-ups (by creation and by last change) over all things and over each status."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str | None], TimeIndex] = {}

    def lookup(self, sort: str, status: str | None) -> TimeIndex:
        """`sort` is `created` or `updated`; None as status means all."""
        return self._by.setdefault((sort, status), TimeIndex())

    def load(self, rows: Iterable[tuple[str, str, int, int]]) -> None:
        """Fill an empty index at once from (id, status, created_at, updated_at)."""
        collected: dict[tuple[str, str | None], list[Key]] = {}
        for thing_id, status, created_at, updated_at in rows:
            for sort, at in (("created", created_at), ("updated", updated_at)):
                collected.setdefault((sort, None), []).append((at, thing_id))
                collected.setdefault((sort, status), []).append((at, thing_id))
        self._by = {name: TimeIndex(keys) for name, keys in collected.items()}

    def add(self, thing_id: str, status: str, created_at: int, updated_at: int) -> None:
        for sort, at in (("created", created_at), ("updated", updated_at)):
            self.lookup(sort, None).add((at, thing_id))
            self.lookup(sort, status).add((at, thing_id))

    def discard(self, thing_id: str, status: str, created_at: int, updated_at: int) -> None:
        for sort, at in (("created", created_at), ("updated", updated_at)):
            self.lookup(sort, None).discard((at, thing_id))
            self.lookup(sort, status).discard((at, thing_id))
