"""Commands typed in a house whose engine runs in the test's own process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from click.testing import CliRunner, Result

from shoptui.engine.lanes import Lane
from shoptui.shell.group import cli
from tests.engine.support import Served


class Shell:
    """The commands of one group, as `Shell(running, "returns")`; time goes on for the engine while one runs."""

    def __init__(self, running: Served, group: str) -> None:
        self.running = running
        self._where = ("--data-dir", str(running.made.data_dir.root), group)

    async def until(self, read: Callable[[Lane], bool]) -> None:
        """Let time pass until this holds for every store."""
        while not all(read(lane) for lane in self.running.engine.lanes.values()):
            await asyncio.sleep(0.01)
            self.running.advance(1)

    async def ordered(self) -> None:
        """Wait until a command that runs has ordered something; no time passes for the engine by this."""
        house = self.running.engine.house
        box = house.hub.subscribe()
        try:
            while not await house.writer.open_intents():
                await box.take()
        finally:
            house.hub.unsubscribe(box)

    async def type(self, *words: str) -> Result:
        """Run a command to its end."""
        done = asyncio.create_task(asyncio.to_thread(self._invoke, words))
        while not done.done():
            await asyncio.wait([done], timeout=0.05)
            self.running.advance(1)
        return done.result()

    def _invoke(self, words: tuple[str, ...]) -> Result:
        return CliRunner().invoke(cli, [*self._where, *words], catch_exceptions=False)

    async def rows(self, filter_text: str = "") -> list[dict[str, Any]]:
        """What `list` tells of the rows that match."""
        found = await self.type("list", "--format", "json", "--filter", filter_text)
        rows: list[dict[str, Any]] = json.loads(found.stdout)
        return rows
