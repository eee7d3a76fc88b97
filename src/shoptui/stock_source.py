"""Where the number of goods in the house comes from: a counted file, the marketplaces, others behind one interface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from shoptui.domain.counting import CountLine
from shoptui.domain.pools import pool_key
from shoptui.domain.stock import Listing, ListingState
from shoptui.stock_count import read_count


@dataclass(frozen=True, slots=True)
class StockCounted:
    """What a source says there is, each code once; `problems` are sentences about what it said and cannot be used."""

    lines: tuple[CountLine, ...]
    problems: tuple[str, ...] = ()


class StockSource(Protocol):
    """Something that knows how many of each code are in the house.

    `name` is kept with the count: who said so. An inventory manager is one more of these.
    """

    @property
    def name(self) -> str: ...

    async def counted(self) -> StockCounted:
        """What there is now. Raises BadCount, or what its service raises, with a sentence saying what to do."""


@dataclass(frozen=True, slots=True)
class CountFile:
    """A CSV or XLSX file somebody filled in; `path` is how it is called where it came from."""

    path: str
    content: bytes

    @property
    def name(self) -> str:
        return f"file {self.path}"

    async def counted(self) -> StockCounted:
        """The file's lines. Raises BadCount."""
        read = read_count(self.content)
        return StockCounted(read.lines, (*((read.doubt,) if read.doubt else ()), *read.problems))


@dataclass(frozen=True, slots=True)
class ListedStock:
    """The marketplaces' own figures taken for a count: what buyers can order and what orders hold, over all listings.

    For a house whose goods are split among its listings and that counts nowhere else. Listings that nobody can order
    and stock in a marketplace's own warehouse do not count.
    """

    listings: tuple[Listing, ...]

    @property
    def name(self) -> str:
        return "marketplaces"

    async def counted(self) -> StockCounted:
        """The sums by code; codes without any listing in the house's own warehouses are left out."""
        return StockCounted(tuple(_sums(self.listings)))


def _sums(listings: Iterable[Listing]) -> list[CountLine]:
    codes: dict[str, str] = {}
    units: dict[str, int] = {}
    for listing in listings:
        key = pool_key(listing.sku)
        ours = [at for at in listing.stock if at.ours]
        if not key or not ours:
            continue
        codes.setdefault(key, listing.sku.strip())
        on_offer = sum(at.shows for at in ours) if listing.state is ListingState.LIVE else 0
        units[key] = units.get(key, 0) + on_offer + sum(at.reserved or 0 for at in ours)
    return [CountLine(codes[key], units[key]) for key in codes]
