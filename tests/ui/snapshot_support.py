"""What pictures of the cockpit are compared with: its sizes, a cockpit with a fixed clock, keys pressed in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual.pilot import Pilot

from shoptui.app import CockpitApp
from shoptui.clock import DrivenClock
from shoptui.cockpit.link import LinkState
from shoptui.paths import DataDir
from shoptui.widgets.scan_gate import ScanSettings
from tests.ui.app_support import NOW, ZONE, Cockpit

SIZES = [(80, 24), (120, 40), (200, 50)]

Compare = Callable[..., bool]


def app_on(data_dir: DataDir, theme: str = "dark") -> CockpitApp:
    app = CockpitApp(data_dir, ensure=False, link=False, clock=DrivenClock(NOW), zone=ZONE, theme=theme, ticking=False)
    app.set_scan_settings(ScanSettings(hold_s=0))
    return app


def steps(*keys: str, linked: bool = True) -> Callable[[Pilot[object]], Awaitable[None]]:
    """Wait until the cockpit is at rest, pretend an engine (none answers), press keys one by one."""

    async def run(pilot: Pilot[object]) -> None:
        app = pilot.app
        assert isinstance(app, CockpitApp)
        under_test = Cockpit(app, pilot, DrivenClock(NOW))
        await under_test.settled()
        if linked:
            app.session.link = replace(app.session.link, state=LinkState.UP)
            app.frame.draw_bars()
        for key in keys:
            await under_test.press(key)
        await under_test.settled()

    return run
