"""A count of the house's goods against what is on the books: what differs, what is not known, what was not counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.domain.pools import pool_key
from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class CountLine:
    """One counted code. `line` is where it stands in what was read, from 1; 0 for what was typed."""

    sku: str
    counted: int
    line: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """What is on the books of one pool: units in the house (None: never counted), its code, name and listings."""

    sku: str
    name: str
    hand: int | None
    listings: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A counted pool beside its books. `booked` is None for one that was never counted, `by` then too."""

    key: str
    sku: str
    name: str
    counted: int
    booked: int | None
    listings: int

    @property
    def by(self) -> int | None:
        """How many more there are than on the books."""
        return None if self.booked is None else self.counted - self.booked


@dataclass(frozen=True, slots=True)
class CountDifferences:
    """What a count would change.

    `changed` differ from the books or were never counted, the largest difference first; `same` agree. `unknown` are
    codes no store lists. `missing` are keys of counted pools that this count does not name: they stay as they are.
    """

    changed: tuple[Difference, ...]
    same: tuple[Difference, ...]
    unknown: tuple[CountLine, ...]
    missing: tuple[str, ...]

    @property
    def total_by(self) -> int:
        """The sum of all differences to books that there were."""
        return sum(one.by or 0 for one in self.changed)


def count_differences(lines: Sequence[CountLine], books: Mapping[str, Booked]) -> CountDifferences:
    """Compare a count with the books, which are by pool key. Codes must be in the count once each."""
    changed: list[Difference] = []
    same: list[Difference] = []
    unknown: list[CountLine] = []
    named = set()
    for line in lines:
        key = pool_key(line.sku)
        named.add(key)
        book = books.get(key)
        if book is None:
            unknown.append(line)
            continue
        found = Difference(key, book.sku, book.name, line.counted, book.hand, book.listings)
        (same if found.by == 0 else changed).append(found)
    changed.sort(key=lambda one: (one.by is None, -abs(one.by or 0), one.key))
    missing = tuple(sorted(key for key, book in books.items() if book.hand is not None and key not in named))
    return CountDifferences(tuple(changed), tuple(same), tuple(unknown), missing)
