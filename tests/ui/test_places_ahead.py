"""Keys that announce a place have it made ready while nobody knows yet whether they are a person's or a scanner's."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from shoptui.command_state import Context
from shoptui.screens import places_ahead
from shoptui.widgets.scan_gate import ScanSettings
from tests.ui.app_support import cockpit, make_house
from tests.ui.inbox_support import make_inbox

_SIZE = (80, 24)
#: Keys are held for the whole test: what happens meanwhile is not done by them.
_HELD = ScanSettings(hold_s=60)


async def test_the_second_key_has_its_place_made_while_the_scan_gate_holds_it(tmp_path: Path) -> None:
    async with cockpit(await make_inbox(tmp_path), _SIZE) as under_test:
        frame = under_test.app.frame
        await under_test.do("go.screen")
        asked = under_test.screen_text()
        under_test.app.set_scan_settings(_HELD)
        await under_test.send("i")
        await under_test.settled()
        place = frame.places[Context.INBOX]
        assert place.first_rows_are_here  # type: ignore[attr-defined]  # InboxPlace
        assert frame.place is frame.orders and under_test.screen_text() == asked, "nothing of it is seen"
        under_test.app.set_scan_settings(ScanSettings(hold_s=0))
        await under_test.settled()
        assert frame.place is place and "no chat granted" in under_test.screen_text()


async def test_a_barcode_that_begins_like_going_somewhere_goes_nowhere(tmp_path: Path) -> None:
    async with cockpit(await make_inbox(tmp_path), _SIZE) as under_test:
        frame = under_test.app.frame
        await under_test.do("go.screen")
        under_test.app.set_scan_settings(_HELD)
        for key in "i41-77302":
            await under_test.send(key)
        await under_test.press("enter")
        assert frame.place is frame.orders and frame.strip.is_open
        assert "i41-77302" in under_test.message()


@pytest.mark.parametrize("keys", [("i",), ("slash", "g", "i"), ("g", "g"), ("g", "escape", "i")])
async def test_other_keys_make_no_place(tmp_path: Path, keys: Sequence[str]) -> None:
    async with cockpit(await make_house(tmp_path), _SIZE) as under_test:
        await under_test.press(*keys)
        assert list(under_test.app.frame.places) == [Context.ORDERS]


async def test_g_has_all_places_imported_until_one_of_them_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "ahead_inbox.py").write_text("import ahead_pause\nahead_pause.go_on.wait(5)\n")
    for name in ("ahead_stock", "ahead_returns", "ahead_again"):
        (tmp_path / f"{name}.py").write_text("")
    pause = type(sys)("ahead_pause")
    pause.go_on = go_on  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ahead_pause", pause)
    modules = {
        Context.INBOX: ("ahead_inbox",),
        Context.RETURNS: ("ahead_returns",),
        Context.STOCK: ("ahead_stock",),
        Context.MONEY: ("ahead_again",),
    }
    monkeypatch.setattr(places_ahead, "_MODULES", modules)
    async with cockpit(await make_house(tmp_path / "house"), _SIZE) as under_test:
        try:
            await under_test.send("g")
            await under_test.until(lambda: "ahead_inbox" in sys.modules)
            await under_test.send("k")
        finally:
            go_on.set()
        await under_test.settled()
        assert under_test.app.frame.place.context is Context.STOCK
        assert "ahead_stock" in sys.modules and not {"ahead_returns", "ahead_again"} & set(sys.modules)
        await under_test.press("g")
        assert {"ahead_returns", "ahead_again"} <= set(sys.modules)
    for name in ("ahead_inbox", "ahead_stock", "ahead_returns", "ahead_again"):
        sys.modules.pop(name)
