"""The house as the cockpit reads it: one reader, opened as soon as there is something to read."""

from __future__ import annotations

from shoptui.cockpit.money_terms import MoneyTerms
from shoptui.cockpit.rule_file import RulesInForce
from shoptui.cockpit.session import HouseView
from shoptui.paths import DataDir
from shoptui.store.reader import Reader

#: Batches read for the message line; Activity reads its own.
_BATCHES = 20


class House:
    """The reader of one house. `open` may be tried again until there is one."""

    def __init__(self, data_dir: DataDir) -> None:
        self._data_dir = data_dir
        self._reader: Reader | None = None
        #: What its clocks are explained by.
        self.rules = RulesInForce(data_dir)
        #: What its money is judged and converted by.
        self.money = MoneyTerms(data_dir)

    @property
    def is_open(self) -> bool:
        """Whether there is something to read."""
        return self._reader is not None

    @property
    def reader(self) -> Reader:
        """The reader. Only after `open`."""
        assert self._reader is not None, "the house is not open"
        return self._reader

    async def open(self) -> None:
        """Open the reader. Raises NoHouse where there is nothing to read yet."""
        if self._reader is None:
            self._reader = await Reader.open(self._data_dir)

    async def close(self) -> None:
        """Close the reader; harmless when repeated."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    async def view(self) -> HouseView:
        """Counts, stores, alerts, the newest batches and what could not be read, as they are now."""
        reader = self.reader
        return HouseView(
            counts=await reader.counts(),
            stores=tuple(await reader.stores()),
            alerts=tuple(await reader.alerts()),
            batches=tuple(await reader.batches(None, _BATCHES)),
            set_aside=await reader.set_aside_counts(),
        )
