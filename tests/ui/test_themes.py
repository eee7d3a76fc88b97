"""Themes: files that cannot be used say why, every colour can be read, and ours never break a style sheet."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from textual.app import ComposeResult

from shoptui.theme_files import (
    Colour,
    ColourTheme,
    ThemeError,
    css_colour,
    load_theme,
    load_themes,
    parse_theme,
    shipped_themes_path,
)
from shoptui.themes import ThemedApp
from shoptui.widgets.columns import CellText
from shoptui.widgets.keyline import KeyHint, KeyLine
from shoptui.widgets.line import LineText, MessageLine
from shoptui.widgets.roles import Ground, Role

from .grid_support import GridApp, OrderModel, index_of

Rgb = tuple[int, int, int]

LOWEST = {"dark": 4.8, "light": 4.8, "high": 7.4, "ansi": 5.1}
"""The table of theme roles gives these to one decimal; all are above the 4.5 that WCAG asks for."""

# The stock palettes of the terminals operators use, colours 0 to 15.
PALETTES = {
    "xterm": [
        "000000",
        "cd0000",
        "00cd00",
        "cdcd00",
        "0000ee",
        "cd00cd",
        "00cdcd",
        "e5e5e5",
        "7f7f7f",
        "ff0000",
        "00ff00",
        "ffff00",
        "5c5cff",
        "ff00ff",
        "00ffff",
        "ffffff",
    ],
    "PuTTY": [
        "000000",
        "bb0000",
        "00bb00",
        "bbbb00",
        "0000bb",
        "bb00bb",
        "00bbbb",
        "bbbbbb",
        "555555",
        "ff5555",
        "55ff55",
        "ffff55",
        "5555ff",
        "ff55ff",
        "55ffff",
        "ffffff",
    ],
    "Windows Terminal": [
        "0c0c0c",
        "c50f1f",
        "13a10e",
        "c19c00",
        "0037da",
        "881798",
        "3a96dd",
        "cccccc",
        "767676",
        "e74856",
        "16c60c",
        "f9f1a5",
        "3b78ff",
        "b4009e",
        "61d6d6",
        "f2f2f2",
    ],
    "VGA": [
        "000000",
        "aa0000",
        "00aa00",
        "aa5500",
        "0000aa",
        "aa00aa",
        "00aaaa",
        "aaaaaa",
        "555555",
        "ff5555",
        "55ff55",
        "ffff55",
        "5555ff",
        "ff55ff",
        "55ffff",
        "ffffff",
    ],
}


def hex_rgb(text: str) -> Rgb:
    digits = text.lstrip("#")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def contrast(first: Rgb, second: Rgb) -> float:
    """WCAG 2 contrast ratio, to one decimal."""

    def luminance(rgb: Rgb) -> float:
        parts = [value / 255 for value in rgb]
        red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return round((lighter + 0.05) / (darker + 0.05), 1)


def in_256_colours(colour: str) -> Rgb:
    return tuple(Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor())  # type: ignore[return-value]


def in_palette(colour: Colour, palette: list[str]) -> Rgb:
    return hex_rgb(palette[colour]) if isinstance(colour, int) else hex_rgb(colour)


def shipped(name: str) -> ColourTheme:
    return load_themes()[name]


def test_the_shipped_themes_are_the_four_of_the_screens() -> None:
    assert set(load_themes()) == set(LOWEST)


@pytest.mark.parametrize("name", ["dark", "light", "high"])
def test_every_role_can_be_read_on_every_ground(name: str) -> None:
    theme = shipped(name)
    for role, ground in product(Role, Ground):
        text, paper = str(theme.text_on(role, ground)), str(theme.grounds[ground])
        assert contrast(hex_rgb(text), hex_rgb(paper)) >= LOWEST[name], (role, ground)
        assert contrast(in_256_colours(text), in_256_colours(paper)) >= LOWEST[name], (role, ground, "256 colours")


@pytest.mark.parametrize("palette", sorted(PALETTES))
def test_the_terminals_own_colours_can_be_read_in_every_stock_palette(palette: str) -> None:
    theme = shipped("ansi")
    colours = PALETTES[palette]
    for role, ground in product(Role, Ground):
        text, paper = theme.text_on(role, ground), theme.grounds[ground]
        assert contrast(in_palette(text, colours), in_palette(paper, colours)) >= LOWEST["ansi"], (role, ground)


def test_the_terminals_own_colours_leave_the_dark_ones_alone_as_text() -> None:
    theme = shipped("ansi")
    written = {theme.text_on(role, ground) for role, ground in product(Role, Ground)}

    assert written.isdisjoint({1, 2, 3, 4, 5, 6, 8, 12, 13})
    assert {theme.text_on(role, ground) for role, ground in product(Role, (Ground.CUR, Ground.BAR))} == {0}
    assert {theme.text_on(role, ground) for role, ground in product(Role, (Ground.S2, Ground.S3))} == {15}


def test_grounds_of_a_theme_differ_where_only_colour_could_tell() -> None:
    """Except in `high`, whose bars are set apart by their place alone."""
    for name in ("dark", "light"):
        grounds = [in_256_colours(str(shipped(name).grounds[ground])) for ground in Ground]
        assert len(set(grounds)) == len(Ground)


GOOD = (shipped_themes_path() / "dark.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('soon = "#ffaf5f"\n', "", "the colour 'soon' is missing in [roles]"),
        ('bar = "#262626"\n', "", "the colour 'bar' is missing in [grounds]"),
        ('"#ffaf5f"', '"#ffaf5"', "soon = '#ffaf5' in [roles] is no colour"),
        ('"#ffaf5f"', '"orange"', "soon = 'orange' in [roles] is no colour"),
        ('"#ffaf5f"', "16", "soon = 16 in [roles] is no colour"),
        ('"#ffaf5f"', "true", "soon = True in [roles] is no colour"),
        ("soon =", 'urgent = "#ffffff"\nsoon =', "'urgent' in [roles] is unknown"),
        ("[roles]", "[colours]", "the table [roles] is missing"),
        ('name = "dark"\n', "", "the name is missing"),
        ("dark = true", "dark = 1", "dark is 1"),
        ("dark = true", "dark = true\nshade = 1", "'shade' in the file is unknown"),
        ("[roles]", "[only]\nsky = 3\n\n[roles]", "'sky' in [only] is unknown"),
        ("[grounds]", "[grounds", "not a TOML file"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong(old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    with pytest.raises(ThemeError) as caught:
        parse_theme(GOOD.replace(old, new, 1), "mine.toml")

    assert str(caught.value).startswith("mine.toml: ")
    assert complaint in str(caught.value)
    assert str(caught.value).endswith((".", '."'))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ThemeError, match=r"gone\.toml: cannot be read"):
        load_theme(tmp_path / "gone.toml")


def test_a_theme_of_ones_own_replaces_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD.replace("#121212", "#010101"), encoding="utf-8")

    assert load_themes(tmp_path)["dark"].grounds[Ground.BG] == "#010101"


@pytest.mark.parametrize(
    ("colour", "css"), [("#ffaf5f", "#ffaf5f"), (0, "ansi_black"), (7, "ansi_white"), (9, "ansi_bright_red")]
)
def test_colours_in_css(colour: Colour, css: str) -> None:
    assert css_colour(colour) == css


class LinesApp(ThemedApp):
    CSS = "Screen { layout: vertical; }"

    def compose(self) -> ComposeResult:
        yield MessageLine(LineText((CellText("gone", Role.MISSED),)), id="message")
        yield KeyLine(id="keys")


@pytest.mark.parametrize("name", sorted(LOWEST))
async def test_widgets_are_drawn_in_the_colours_of_the_theme(name: str) -> None:
    app = LinesApp()
    theme = shipped(name)
    async with app.run_test(size=(40, 4)) as pilot:
        app.install_themes(load_themes(), name)
        app.query_one(KeyLine).show([KeyHint("s", "Ship")])
        await pilot.pause()
        message = app.query_one(MessageLine).render_line(0)
        keys = app.query_one(KeyLine).render_line(0)

    drawn = {segment.text.strip(): segment.style for segment in [*message, *keys] if segment.style}
    for text, role, ground in (("gone", Role.MISSED, Ground.BG), ("Ship", Role.TEXT, Ground.BAR)):
        style = next(style for word, style in drawn.items() if text in word)
        for wanted, got in ((theme.text_on(role, ground), style.color), (theme.grounds[ground], style.bgcolor)):
            assert got is not None
            assert got.number == wanted if isinstance(wanted, int) else got.name == wanted


async def test_our_widgets_work_under_a_theme_that_is_not_ours() -> None:
    app = GridApp(OrderModel(index_of(50)))
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = "nord"
        await pilot.pause()
        assert "►" in app.lines()[1]


async def test_a_theme_that_does_not_exist_is_refused_with_the_choice() -> None:
    app = LinesApp()
    async with app.run_test():
        with pytest.raises(ThemeError, match=r"no theme 'pink'. Choose one of: ansi, dark, high, light\."):
            app.install_themes(load_themes(), "pink")


async def test_the_palette_theme_writes_palette_numbers() -> None:
    """No true colour leaves the program, so that the terminal's own settings decide."""
    app = GridApp(OrderModel(index_of(50)), theme="ansi")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.frames.clear()
        app.grid.redraw()
        await pilot.pause()

        assert app.frames
        assert not any("38;2;" in frame or "48;2;" in frame for frame in app.frames)
