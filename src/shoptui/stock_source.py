"""Where the number of goods in the house comes from: a counted file, the marketplaces, others behind one interface."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from shoptui.domain.counting import CountLine
from shoptui.domain.shares import PoolStock
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
        read = await asyncio.to_thread(read_count, self.content)
        return StockCounted(read.lines, (*((read.doubt,) if read.doubt else ()), *read.problems))


@dataclass(frozen=True, slots=True)
class ListedStock:
    """The marketplaces' own figures taken for a count: what buyers can order everywhere, and what open orders hold.

    For a house whose goods are split among its listings and that counts nowhere else: where listings show the same
    goods, their sum is more than there is. `pools` are codes with their stock. Listings that nobody can order and stock
    in a marketplace's own warehouse do not count.
    """

    pools: tuple[tuple[str, PoolStock], ...]

    @property
    def name(self) -> str:
        return "marketplaces"

    async def counted(self) -> StockCounted:
        """The sums by code; codes without any listing in the house's own warehouses are left out."""
        lines: list[CountLine] = []
        problems: list[str] = []
        for code, stock in self.pools:
            ours = [one for one in stock.listings if one.ours]
            if not ours:
                problems.append(f"{code}: no listing shows goods of the house's own.")
                continue
            if old := sorted({one.store_id for one in ours if one.silent}):
                problems.append(f"{code}: {', '.join(old)} did not answer lately, its figures are old.")
            lines.append(CountLine(code, sum(one.shows for one in ours if one.live) + stock.reserved))
        return StockCounted(tuple(lines), tuple(problems))
