"""Own keys: shown wherever keys are shown, refused in a sentence where they cannot be. What the menu finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.cockpit.keymap import keymap_path, load_keymap
from shoptui.cockpit.link import LinkState
from shoptui.i18n import set_language
from shoptui.paths import DataDir
from tests.ui.app_support import Cockpit, cockpit, make_house

OWN = '[keys]\n"order.ship" = "f"\n"row.claim" = "M"\n"notice.seen" = "E"\n"menu.open" = "ctrl+p"\n'


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    set_language("en")


@pytest.fixture
async def house(tmp_path: Path) -> DataDir:
    return await make_house(tmp_path)


def pretend_engine(under_test: Cockpit) -> None:
    under_test.app.session.link = replace(under_test.app.session.link, state=LinkState.UP)
    under_test.app.frame.draw_bars()


async def test_own_keys_are_shown_and_work(house: DataDir) -> None:
    keymap_path(house).write_text(OWN, encoding="utf-8")
    async with cockpit(house) as under_test:
        pretend_engine(under_test)
        assert under_test.line("message") == ""
        assert under_test.line("keys").startswith("f F6 Ship  p F7 Ship+print")
        # In the menu, which opens by its own new key.
        await under_test.press("ctrl+p")
        assert "Ship                   f " in under_test.screen_text()
        assert await found(under_test, "mine", "Mine                   M ")
        await under_test.press("escape")
        # In the help.
        await under_test.press("question_mark")
        help_lines = under_test.pane_text().splitlines()
        assert any(line.startswith(" f F6") and "Ship" in line for line in help_lines)
        assert not any(line.startswith(" s F6") for line in help_lines)
        await under_test.press("left")
        # The key that was free again does nothing, the own one does.
        await under_test.press("s")
        assert not under_test.app.frame.strip.is_open
        await under_test.press("f")
        assert "SHIP 1" in under_test.screen_text()


async def found(under_test: Cockpit, words: str, key: str) -> bool:
    await under_test.type(words)
    return key in under_test.screen_text()


async def test_the_message_line_names_own_keys(house: DataDir) -> None:
    keymap_path(house).write_text(OWN, encoding="utf-8")
    async with cockpit(house) as under_test:
        under_test.app.frame.say_fault("Something.")
        assert under_test.line("message").endswith("E seen")


WRONG = [
    ('"order.shp" = "f"', "order.shp is no command. Did you mean order.ship?"),
    ('"order.ship" = "p"', "p would mean both order.ship and order.print in orders."),
    ('"order.hold" = "f9"', "F9 confirms and can mean nothing else; take it from order.hold."),
    ('"strip.do" = "y"', "strip.do cannot be y: scanners, pastes and input methods type it. Use a function key."),
    ('"strip.do" = "enter"', "strip.do cannot be Enter: scanners, pastes and input methods type it."),
    ('"order.ship" = "f99"', "order.ship has the key f99, which no terminal sends."),
    ('"order.ship" = "Ctrl-Shift"', "order.ship has the key Ctrl-Shift, which no terminal sends."),
    ('"order.ship" = ""', "order.ship would have no key: name one, or take the line out."),
]


@pytest.mark.parametrize(("line", "words"), WRONG)
def test_keys_that_cannot_be_are_refused_in_a_sentence(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text(f"[keys]\n{line}\n", encoding="utf-8")
    keymap = load_keymap(path)
    assert words in keymap.fault and keymap.fault.endswith("The usual keys are in force.")
    assert keymap.keys == {}


@pytest.mark.parametrize("keys", ["f12", "ctrl+s, alt+s", "é", "发", "comma", "left", "shift+f5", "F"])
def test_keys_that_terminals_send_are_taken(tmp_path: Path, keys: str) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text(f'[keys]\n"order.split" = "{keys}"\n', encoding="utf-8")
    fault = load_keymap(path).fault
    assert "which no terminal sends" not in fault


FINDS = [
    ("en", "ship", "Ship "),
    ("en", "发货", "Ship "),
    ("en", "order.ship", "Ship "),
    ("en", "arrange shipment", "Ship "),
    ("zh", "发货", "发货 "),
    ("zh", "ship", "发货 "),
    ("zh", "clipboard", "复制单号 "),
    ("en", "剪贴板", "Copy number "),
]


@pytest.mark.parametrize(("language", "typed", "first"), FINDS)
async def test_the_menu_finds_by_name_id_and_help_in_every_language(
    house: DataDir, language: str, typed: str, first: str
) -> None:
    set_language(language)
    async with cockpit(house) as under_test:
        await under_test.do("menu.open")
        await under_test.type(typed)
        lines = under_test.screen_text().splitlines()
        assert any(line.startswith(f"►1 {first}") for line in lines), "\n".join(lines)
