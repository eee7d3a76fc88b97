"""The first run of a house without stores: the terminal is tested on itself, and the first store connected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.cockpit import Cockpit
from tests.e2e.test_connect import EmptyHouse, agree, house, link_on

__all__ = ["house"]

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("connect")]


def test_the_terminal_is_tested_on_itself(tmp_path: Path) -> None:
    env = {"SHOPTUI_HOME": str(tmp_path / "house"), "SHOPTUI_NO_ENGINE": "1"}
    with Cockpit(env, "attach") as cockpit:
        cockpit.wait_for("Press F9, then Ctrl-Y", 30)
        cockpit.wait_for("no stores yet")
        cockpit.wait_for("None runs now")
        assert "widths" in cockpit.text() and "does not say where its cursor is" not in cockpit.text()
        cockpit.press_apart("f9", "ctrl+y")
        cockpit.wait_for("F9 and Ctrl-Y arrived")
        cockpit.burst(*"8850123004412", "enter")
        cockpit.wait_for("seen: 8850123004412, 13 characters")
        cockpit.paste("12 Example Street, Bangkok")
        cockpit.wait_for("bracketed paste arrived, 26 characters")
        cockpit.press_apart("down", "enter")
        cockpit.wait_for("订单")
        looks = tmp_path / "house" / "looks.toml"
        cockpit.until(lambda: looks.exists() and 'language = "zh_CN"' in looks.read_text(), "the language is kept")
        cockpit.press_apart("5")
        cockpit.until(lambda: "[订单" in cockpit.line(1), "the orders")
        cockpit.press("ctrl+q")
        cockpit.wait_exit()


def test_the_first_store_is_connected_from_the_page(house: EmptyHouse) -> None:
    facts = house.facts
    root = house.data_dir.root
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    (root / "config.toml").write_text(
        f'[apps.tiktok]\nbase_url = "{facts["base_url"]}"\nauth_url = "{facts["auth_url"]}"\n', encoding="utf-8"
    )
    with Cockpit(house.env, "attach") as small:
        small.wait_for("disk, engine", 30)
        # What no house has before its first store pushes nothing off the smallest screen.
        small.wait_for("Connect a store", 5)
        small.press("ctrl+q")
        small.wait_exit()
    with Cockpit(house.env, "attach", columns=120, rows=40) as cockpit:
        cockpit.wait_for("Connect a store", 30)
        cockpit.wait_for("disk, engine", 30)
        cockpit.key("3")
        cockpit.wait_for("1 TikTok: set up an app")
        cockpit.key("1")
        cockpit.wait_for("the app key")
        cockpit.paste(facts["app_key"])
        cockpit.wait_for(facts["app_key"])
        cockpit.key("enter")
        cockpit.wait_for("It is not shown")
        cockpit.paste(house.secret)
        cockpit.read_for(0.3)
        assert house.secret not in cockpit.text()
        cockpit.key("enter")
        cockpit.wait_for("code or address")
        cockpit.wait_for("▀▀▀")
        cockpit.paste(agree(link_on(cockpit), house.shops))
        cockpit.read_for(0.3)
        cockpit.key("enter")
        cockpit.wait_for(f"CONNECT: the seller opened up {len(house.shops)} shops")
        cockpit.confirm()
        cockpit.wait_for("[Stores")
        cockpit.until(lambda: cockpit.text().count(" good ") >= len(house.shops), "stores that were read", 60)
        cockpit.press("ctrl+q")
        assert cockpit.wait_exit() == 0
    with Cockpit(house.env, "attach") as again:
        # Back in the same place, and no first run any more.
        again.wait_for("[Stores", 30)
        again.wait_for(f"{len(house.shops)} stores", 30)
        again.press("ctrl+q")
        again.wait_exit()
