"""Row numbers for things that have names: the grid keeps cursor and marks by number."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)


class IdMap(Generic[KeyT]):
    """Gives each key a number of its own, the same one whenever it is asked again."""

    def __init__(self) -> None:
        self._numbers: dict[KeyT, int] = {}

    def number(self, key: KeyT) -> int:
        """The key's number."""
        return self._numbers.setdefault(key, len(self._numbers) + 1)
