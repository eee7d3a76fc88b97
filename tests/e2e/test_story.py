"""The day's main job at 80×24, with keys alone: see, mark, ship, mend what failed; and taking back in time."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.demo import DemoHouse
from shoptui.domain.intents import CauseId, IntentState
from shoptui.queries.preview import ship_preview
from tests.e2e.cockpit import Cockpit
from tests.e2e.conftest import running_house
from tests.e2e.live import LiveDemo, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("story")]


@pytest.fixture
def demo_house(tmp_path: Path) -> Iterator[DemoHouse]:
    """Where a demo may be started; what still runs there is ended."""
    house = DemoHouse(tmp_path / "demo")
    yield house
    house.stop()


def _spoil(live: LiveDemo) -> tuple[int, int]:
    """Let the parcels due within 4 h be sound, then spoil some: how many parcels are ready and how many will fail.

    In the United Kingdom, where TikTok Shop follows a chosen slot, the next pick-up slot is full; elsewhere one parcel
    is frozen.
    """
    preview = ship_preview(live.candidates("due:<4h"), int(time.time()))
    for target in preview.ready:
        live.poke("flaw", package_id=target.target_id, kind=None)
        live.poke("weight", package_id=target.target_id, weight_g=400)
    british = [target.target_id for target in preview.ready if target.store_id.startswith("tt-uk")]
    others = [target.target_id for target in preview.ready if not target.store_id.startswith("tt-uk")]
    assert len(british) >= 2, "this seed has British orders due within 4 h"
    for package_id in british:
        live.poke("flaw", package_id=package_id, kind="slot_gone")
    live.poke("flaw", package_id=others[0], kind="frozen")
    return len(preview.ready), len(british) + 1


def test_ship_what_is_due_then_mend_what_failed(demo_house: DemoHouse) -> None:
    size = ("--stores", "8", "--orders", "400", "--rate", "0", "--seed", "1", "--market", "tiktok")
    with Cockpit({"SHOPTUI_DEMO": str(demo_house.root)}, "demo", *size) as cockpit:
        cockpit.ready(60)
        live = LiveDemo(demo_house)
        wait_until(live.is_synced, "the first sync")
        parcels, spoiled = _spoil(live)

        # Screens, section 5, job a: these are all the keys there are to it.
        cockpit.key("g")
        cockpit.wait_for("GO: a letter")
        cockpit.key("o")
        cockpit.show_view("2")
        assert cockpit.mark_all() == cockpit.order_count
        ready, asked = cockpit.ask_ship()
        assert asked == cockpit.order_count
        assert 0 < ready <= asked
        assert f"left out  {asked - ready}:" in cockpit.text()
        assert live.outbox() == []
        cockpit.confirm()

        cockpit.wait_for(f"then SHIP {parcels} goes out   z takes it back")
        assert live.shipped() == []
        cockpit.until(lambda: any(row.act.startswith("»") for row in cockpit.shown_rows()), "rows that wait")
        cockpit.until(lambda: any(row.act.startswith("✓") for row in cockpit.shown_rows()), "rows that are done", 40)
        cockpit.wait_for(f"✗ {parcels - spoiled} shipped; {spoiled} failed for 2 reasons and are not shipped.", 40)
        assert len(live.shipped()) == parcels - spoiled

        # Job b: from the result line ' e F9. The cursor is on the biggest group, the full slots.
        cockpit.key("'")
        cockpit.until(lambda: cockpit.cursor_group("✗", "pick-up slot is gone", "[Act"), "the cursor on the full slots")
        assert re.search(r"✗ \d\d:\d\d .* ship +1 .*frozen by the marketplace", cockpit.text())
        assert re.search(r"✓ \d\d:\d\d .* ship +\d+ ", cockpit.text())
        cockpit.key("e")
        cockpit.wait_for(f"FIX AND RETRY {spoiled - 1} orders")
        cockpit.wait_for("2 slot: ")
        cockpit.confirm()
        cockpit.until(lambda: len(live.shipped()) == parcels - 1, "the mended parcels are shipped", 40)
        cockpit.until(lambda: f"✓ {spoiled - 1} shipped." in cockpit.message, "the result of the mended", 20)
        cockpit.until(lambda: "✗1" in cockpit.status, "what was mended no longer counts as failed")

        # The frozen one thaws; it goes as it is.
        frozen = next(one for one in live.outbox() if one.cause is not None and one.cause.id is CauseId.FROZEN)
        live.poke("flaw", package_id=frozen.target_id, kind=None)
        cockpit.show_view("1")
        cockpit.until(lambda: cockpit.cursor_group("✗", "frozen by the marketplace"), "the cursor on the frozen one")
        cockpit.until(lambda: "s F7 Retry as it is" in cockpit.keys, "a group that can be sent again")
        cockpit.key("s")
        cockpit.wait_for("RETRY AS IT IS: 1 order")
        cockpit.confirm()
        cockpit.until(lambda: len(live.shipped()) == parcels, "the thawed parcel is shipped", 40)

        cockpit.until(lambda: "✗0" in cockpit.status, "nothing counts as failed any more")

        assert set(Counter(live.shipped()).values()) == {1}
        cockpit.press("ctrl+q")
        assert cockpit.wait_exit(20) == 0
    assert not demo_house.keeper_runs()


def test_take_back_during_the_hold(tmp_path: Path) -> None:
    with running_house(tmp_path / "house", hold_s=10) as live_house, Cockpit(live_house.env) as cockpit:
        cockpit.ready()
        cockpit.show_view("2")
        cockpit.mark_all()
        ready, _asked = cockpit.ask_ship()
        cockpit.confirm()
        cockpit.wait_for("z takes it back")
        cockpit.key("z")
        cockpit.wait_for(f"Taken back: nothing was sent, all {ready} are as they were.")
        assert {intent.state for intent in live_house.outbox()} == {IntentState.TAKEN_BACK}
        assert len(live_house.outbox()) == ready

        # The engine goes on past the end of the hold: it ships what is ordered after that, and only that.
        cockpit.key("u", "home", "down")
        assert cockpit.ask_ship()[0] == 1
        cockpit.confirm()
        cockpit.wait_for("✓ 1 shipped.", 30)
        assert len(live_house.shipped()) == 1

        cockpit.key("z")
        cockpit.wait_for("Nothing to take back")
