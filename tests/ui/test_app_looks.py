"""Looks: theme and language change at once and come back at the next start; own themes; what is wrong is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.app import CockpitApp
from shoptui.clock import DrivenClock
from shoptui.config import cockpit_config
from shoptui.i18n import set_language
from shoptui.looks import Looks, load_looks, looks_path
from shoptui.paths import DataDir
from shoptui.theme_files import shipped_themes_path
from shoptui.widgets.scan_gate import ScanSettings
from tests.ui.app_support import NOW, ZONE, Cockpit, cockpit, make_house

DARK = (shipped_themes_path() / "dark.toml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    set_language("en")


async def choose(under_test: Cockpit, command_id: str, digit: str) -> None:
    """Look a command up in the menu by its id, run it, and choose with a digit."""
    await under_test.do("menu.open")
    await under_test.type(command_id)
    await under_test.press("enter", digit)


def words_on(under_test: Cockpit) -> str:
    """The text on the screen, however it was broken into lines."""
    return " ".join(under_test.screen_text().split())


def drawn_colours(under_test: Cockpit) -> set[str]:
    """The background colours on the screen."""
    strips = under_test.app.screen._compositor.render_strips()
    return {
        segment.style.bgcolor.name for strip in strips for segment in strip if segment.style and segment.style.bgcolor
    }


async def test_a_theme_is_in_force_at_once_and_kept(tmp_path: Path) -> None:
    house = await make_house(tmp_path)
    async with cockpit(house) as under_test:
        assert "#121212" in drawn_colours(under_test)
        await choose(under_test, "look.theme", "4")
        assert "Theme light.  It is kept." in under_test.line("message")
        assert "#ffffff" in drawn_colours(under_test) and "#121212" not in drawn_colours(under_test)
        assert cockpit_config(house, {})[0].theme == "light"
        # What the settings say comes back with 0.
        house.config.write_text('[cockpit]\ntheme = "high"\n', encoding="utf-8")
        await choose(under_test, "look.theme", "0")
        assert "Theme high." in under_test.line("message")
        assert under_test.app.theme == "high"
        assert not looks_path(house).exists()


async def test_a_language_is_spoken_at_once_and_kept(tmp_path: Path) -> None:
    house = await make_house(tmp_path)
    async with cockpit(house) as under_test:
        for place in ("a", "e", "o"):
            await under_test.press("g", place)
        await choose(under_test, "look.language", "2")
        assert "语言：简体中文" in under_test.line("message")
        text = under_test.screen_text()
        assert "下一损失" in text and "NEXT LOSS" not in text
        assert "18分" in text and "18m" not in text
        assert "拣货单" in under_test.line("keys")
        assert "错过" in text and "missed" not in text
        await under_test.press("g", "a")
        assert "NEXT LOSS" not in under_test.screen_text()
        await under_test.press("g", "e")
        text = under_test.screen_text()
        assert "STORE" not in text and "live" not in text
        assert load_looks(looks_path(house)) == Looks(language="zh_CN")
        # The other choice stays what it was.
        await choose(under_test, "look.theme", "3")
        assert load_looks(looks_path(house)) == Looks(theme="high", language="zh_CN")
        await choose(under_test, "look.language", "1")
        assert "NEXT LOSS" not in under_test.screen_text() and "STORE" in under_test.screen_text()


async def test_a_choice_the_environment_overrules_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = await make_house(tmp_path)
    monkeypatch.setenv("SHOPTUI_THEME", "ansi")
    async with cockpit(house) as under_test:
        await choose(under_test, "look.theme", "4")
        assert under_test.app.theme == "light"
        assert "SHOPTUI_THEME decides at the start" in words_on(under_test)


def app_with(house: DataDir, theme: str) -> CockpitApp:
    app = CockpitApp(house, ensure=False, link=False, clock=DrivenClock(NOW), zone=ZONE, theme=theme, ticking=False)
    app.set_scan_settings(ScanSettings(hold_s=0))
    return app


async def test_an_own_theme_is_used_and_offered(tmp_path: Path) -> None:
    house = await make_house(tmp_path)
    (house.root / "themes").mkdir()
    dusk = DARK.replace('name = "dark"', 'name = "dusk"').replace('bg = "#121212"', 'bg = "#010203"')
    (house.root / "themes" / "dusk.toml").write_text(dusk, encoding="utf-8")
    app = app_with(house, "dusk")
    async with app.run_test(size=(80, 24)) as pilot:
        under_test = Cockpit(app, pilot, DrivenClock(NOW))
        await under_test.settled()
        assert "#010203" in drawn_colours(under_test)
        assert under_test.line("message") == ""
        await choose(under_test, "look.theme", "2")
        assert app.theme == "dark"


async def test_a_theme_without_a_colour_is_named_and_the_usual_one_stays(tmp_path: Path) -> None:
    house = await make_house(tmp_path)
    (house.root / "themes").mkdir()
    torn = DARK.replace('name = "dark"', 'name = "dusk"').replace('soon = "#ffaf5f"\n', "")
    (house.root / "themes" / "dusk.toml").write_text(torn, encoding="utf-8")
    app = app_with(house, "dusk")
    async with app.run_test(size=(80, 24)) as pilot:
        under_test = Cockpit(app, pilot, DrivenClock(NOW))
        await under_test.settled()
        assert app.theme == "dark"
        notice = app.session.notices.top
        assert notice is not None
        text = notice.said.what
        assert "There is no theme dusk." in text and "dusk.toml: the colour 'soon' is missing in [roles]" in text
