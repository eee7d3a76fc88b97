"""A cockpit on a real engine behind a real socket, over the sandbox: what operators' flows are tested with."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from shoptui.app import CockpitApp
from shoptui.cockpit.link import NotLinked
from shoptui.cockpit.tour import Tour
from shoptui.command_state import Context
from shoptui.config import Config
from shoptui.engine.core import Engine
from shoptui.engine.lease import Lease
from shoptui.engine.requests import Requests
from shoptui.engine.server import Server
from shoptui.screens.row_looks import RowLooks
from shoptui.screens.rows_index import ListedRow
from shoptui.widgets.scan_gate import ScanSettings
from tests.engine.support import Bench, bench, shipped
from tests.ui.app_support import ZONE, Cockpit

PlaceT = TypeVar("PlaceT", bound=RowLooks[Any])
RowT = TypeVar("RowT", bound=ListedRow)


class Served:
    """An engine whose turns the test takes, behind its socket."""

    def __init__(self, made: Bench, engine: Engine) -> None:
        self.made = made
        self.engine = engine
        self._lease: Lease | None = None
        self._server: Server | None = None

    async def open_door(self) -> None:
        """Listen on the socket."""
        self._lease = Lease.take(self.made.data_dir, int(self.made.clock.now()))
        self._server = Server(Requests(self.engine), self.engine.house.hub, notice_gap_s=0.0)
        await self._server.start(self._lease.bind_socket())

    async def close_door(self) -> None:
        """Stop listening: cockpits lose their engine."""
        if self._server is not None:
            await self._server.close()
        if self._lease is not None:
            self._lease.release()
        self._server = self._lease = None

    def shipped_twice(self) -> list[str]:
        """Packages that were shipped more than once, by the sandbox's journal."""
        return [target for target, count in shipped(self.made.live).items() if count > 1]


@asynccontextmanager
async def serving(made: Bench, engine: Engine) -> AsyncIterator[Served]:
    """An engine that answers at its socket meanwhile."""
    served = Served(made, engine)
    await served.open_door()
    try:
        yield served
    finally:
        await served.close_door()


class FlowCockpit(Cockpit):
    """A cockpit with an engine: strips can be confirmed and time moves for everybody."""

    served: Served
    #: The keyboard's clock, which moves only by hand, so that no test waits for the guard or races it. It is far ahead
    #: of the real one, by which keys that are really pressed arrive.
    monotonic_s: float = 1e9

    async def confirm(self) -> None:
        """Read the strip for as long as it takes, then press F9 alone; again where it has changed meanwhile."""
        for _try in range(5):
            if self.app.frame.strip.form is not None and self.app.frame.strip.form.does():
                await self.until(lambda: self.app.frame.guard.has_strip)
            self.monotonic_s += 1.0
            await self.send("f9")
            self.monotonic_s += 0.2
            # Among the app's own messages: called from here, it would look at the clock of the cockpit opened last.
            self.app.call_later(self.app.frame.settle_guard)
            await self.settled()
            await self.settled()
            if "read the strip first" not in self.message():
                return

    async def pass_time(self, seconds: int) -> None:
        """Let world time pass; the engine takes its turns until nothing is due, the screen follows."""
        self.served.made.advance(seconds)
        self.app.tick_now()
        await self.served.engine.turn()
        await self.settled()
        self.app.tick_now()
        await self.settled()

    async def to_the_end(self) -> None:
        """Let everything that was ordered be sent and settled."""
        await self.served.made.until_quiet(self.served.engine)
        await self.served.engine.turn()
        await self.settled()
        self.app.tick_now()
        await self.settled()

    async def settled(self) -> None:
        """Wait until the cockpit is at rest and knows what its engine knows."""
        await super().settled()
        with contextlib.suppress(NotLinked):
            # What the engine told before these answers has arrived with them.
            await self.app.link.ask("status")
            await self.app.link.ask("status")
        await super().settled()

    async def linked(self) -> None:
        """Wait until the engine answers."""
        await self.until(lambda: self.app.session.link.up)
        await self.settled()


@asynccontextmanager
async def flow(
    root: Path,
    *,
    stores: int = 3,
    orders: int = 90,
    regions: tuple[str, ...] = ("TH", "VN", "MY"),
    markets: tuple[str, ...] = ("tiktok",),
    seed: int = 7,
    config: Config | None = None,
    money_errors: int = 0,
) -> AsyncIterator[Served]:
    """A synced engine behind its socket."""
    async with bench(
        root,
        stores=stores,
        orders=orders,
        regions=regions,
        markets=markets,
        seed=seed,
        config=config,
        money_errors=money_errors,
    ) as made:
        engine = await made.engine()
        await made.synced(engine)
        await engine.house.writer.counts(int(made.clock.now()))
        async with serving(made, engine) as served:
            yield served


@asynccontextmanager
async def flow_cockpit(
    served: Served, size: tuple[int, int] = (80, 24), *, linked: bool = True, tour: Tour | None = None
) -> AsyncIterator[FlowCockpit]:
    """A cockpit on that engine."""
    app = CockpitApp(served.made.data_dir, ensure=False, clock=served.made.clock, zone=ZONE, ticking=False, tour=tour)
    app.set_scan_settings(ScanSettings(hold_s=0))
    async with app.run_test(size=size) as pilot:
        under_test = FlowCockpit(app, pilot, None)  # type: ignore[arg-type]  # time is the bench's
        under_test.served = served
        app.monotonic = lambda: under_test.monotonic_s
        await under_test.settled()
        if linked:
            await under_test.linked()
        yield under_test


@asynccontextmanager
async def flow_place(
    served: Served, context: Context, kind: type[PlaceT], size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[FlowCockpit, PlaceT]]:
    """A cockpit on that engine in one of the long lists, at its first view, with nothing left of the tests before."""
    served.made.live.faults.clear()
    async with flow_cockpit(served, size) as under_test:
        under_test.app.frame.show_place(context)
        await under_test.settled()
        place = under_test.app.frame.place
        assert isinstance(place, kind)
        await under_test.press("0")
        await under_test.do("mark.none")
        yield under_test, place


async def stand_on(under_test: FlowCockpit, place: RowLooks[RowT], row: RowT) -> None:
    """Put the cursor on a row, filtered out or not."""
    place.open_row(place.key_of(row))
    await under_test.settled()
    assert place.grid.cursor_id == row.row_id
