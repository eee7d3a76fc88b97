"""Where goods lie in a shop's own warehouse: a shelf for each SKU, and the order in which one walks along them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from shoptui.domain.records import dataclass

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Clash:
    """Line `line` of a table gives a SKU another shelf than line `first` did (numbers from 1). The first one counts."""

    line: int
    first: int
    sku: str


@dataclass(frozen=True, slots=True)
class Shelves:
    """Shelves by SKU in small letters, and the lines of the table that contradict an earlier one."""

    by_sku: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    clashes: tuple[Clash, ...] = ()

    def of(self, sku: str) -> str:
        """The shelf of a SKU, "" where the table has none. Capitals make no difference."""
        return self.by_sku.get(sku_key(sku), "")


NO_SHELVES = Shelves()


def sku_key(sku: str) -> str:
    """What two spellings of one SKU have in common."""
    return sku.strip().casefold()


def walking_order(shelf: str) -> tuple[bool, tuple[tuple[str, int], ...]]:
    """A sort key in which A-2 comes before A-10, and goods without a shelf last."""
    parts = _DIGITS.split(shelf.casefold())
    words, numbers = parts[::2], [int(part) for part in parts[1::2]]
    return not shelf, tuple(zip(words, [*numbers, -1], strict=True))
