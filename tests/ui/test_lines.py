"""The lines around the grid: drawn as the screens draw them, repainted only when they change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.app import ComposeResult

from shoptui.cellwidth import cell_width
from shoptui.themes import ThemedApp
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import ASCII_GLYPHS, UNICODE_GLYPHS, Glyphs
from shoptui.widgets.keyline import KeyHint, keys_text
from shoptui.widgets.line import LineText, draw_line
from shoptui.widgets.roles import Role
from shoptui.widgets.statusline import StatusLine, status_text
from shoptui.widgets.tabs import Tab, tabs_text

STYLES = {role: Style(color=f"color({number})", bgcolor="color(0)") for number, role in enumerate(Role)}


def text(*words: str) -> tuple[CellText, ...]:
    return tuple(CellText(word) for word in words)


def drawn(line: LineText, width: int = 80) -> str:
    return draw_line(line, width, STYLES).text


STATUS = (
    text("17:42", "!3 missed", "▴20 <2h", "▵268 <12h", "◦412 <24h"),
    text("»0", "✗4", "?2", "Y1"),
    text("~lz-ph-2 11m"),
    text("mei"),
)


def test_the_status_line_of_the_screens() -> None:
    assert drawn(status_text(STATUS)) == (
        " 17:42 !3 missed ▴20 <2h ▵268 <12h ◦412 <24h │ »0 ✗4 ?2 Y1 │ ~lz-ph-2 11m │ mei "
    )


def test_an_empty_group_leaves_no_bar() -> None:
    assert drawn(status_text([text("17:42"), (), text("mei")]), 20) == " 17:42 │ mei        "


def test_plain_signs() -> None:
    assert draw_line(status_text([text("a"), text("b")], ASCII_GLYPHS), 8, STYLES, ASCII_GLYPHS).text == " a | b  "


TABS = (
    Tab("Today", 3),
    Tab("Orders", 13, here=True),
    Tab("Inbox", 5),
    Tab("Stock"),
    Tab("Money"),
    Tab("Ret", 5),
    Tab("Health", 2),
    Tab("Act", 5),
    Tab("Stores", 1),
    Tab("Pack"),
)


def test_the_tabs_of_the_screens() -> None:
    assert drawn(tabs_text(TABS, wide=False)) == (
        " Today 3 [Orders 13] Inbox 5 Stock Money Ret 5 Health 2 Act 5 Stores 1 Pack     "
    )
    assert drawn(tabs_text(TABS[:3], wide=True), 40) == " Today 3  [Orders 13]  Inbox 5          "
    assert drawn(tabs_text([Tab("Today", 3, "t"), Tab("Pack", 0, "p", True)], wide=True), 30) == (
        " t Today 3  [p Pack]          "
    )


def test_the_keys_of_the_screens() -> None:
    verbs = [KeyHint("s F6", "Ship"), KeyHint("p F7", "Ship+print"), KeyHint("b F8", "Hold")]
    fixed = [
        KeyHint("F2", "go"),
        KeyHint("F3", "find"),
        KeyHint("F4", "undo"),
        KeyHint("F10", "menu"),
        KeyHint("F1", "?"),
    ]

    assert drawn(keys_text(verbs, fixed)) == (
        " s F6 Ship  p F7 Ship+print  b F8 Hold    │ F2 go F3 find F4 undo F10 menu F1 ? "
    )


def test_keys_that_are_off_are_quiet() -> None:
    line = keys_text([KeyHint("s", "Ship", enabled=False), KeyHint("F9", "send")], [])

    assert [(piece.text.strip(), piece.role) for piece in line.left if piece.text.strip()] == [
        ("s", Role.QUIET),
        ("Ship", Role.QUIET),
        ("F9", Role.INFO),
        ("send", Role.TEXT),
    ]


@pytest.mark.parametrize(
    ("line", "width", "expected"),
    [
        (LineText(text("2 next 4 h"), text("38 orders")), 30, " 2 next 4 h         38 orders "),
        (LineText(text("a filter that is too long"), text("live")), 20, " a filter tha… live "),
        (LineText(text("Packages"), rule=True), 20, "── Packages ────────"),
        (LineText(text("In it"), text("2 of 3"), rule=True), 24, "── In it ───── 2 of 3 ──"),
        (LineText(text("陈*华  sp-my-1"), text("mei"), rule=True), 25, "── 陈*华  sp-my-1  mei ──"),
        (LineText(text("one row is old."), text("Del seen"), to_edge=True), 26, " one row is old.  Del seen"),
        (LineText(), 6, "      "),
        (LineText(rule=True), 8, "────────"),
    ],
)
def test_lines(line: LineText, width: int, expected: str) -> None:
    assert drawn(line, width) == expected


PIECES = st.lists(st.sampled_from(["Ship", "陈*华", "กมล** ว.", "", "  ", "a very long piece of text"]), max_size=6)


@given(PIECES, PIECES, st.booleans(), st.integers(0, 120), st.sampled_from([UNICODE_GLYPHS, ASCII_GLYPHS]))
def test_a_line_has_exactly_its_width(
    left: list[str], right: list[str], rule: bool, width: int, glyphs: Glyphs
) -> None:
    strip = draw_line(LineText(text(*left), text(*right), rule), width, STYLES, glyphs)

    assert cell_width(strip.text) == width


class StatusApp(ThemedApp):
    CSS = "Screen { layout: vertical; }"

    def compose(self) -> ComposeResult:
        yield StatusLine()


async def test_a_line_is_repainted_only_when_it_says_something_else() -> None:
    app = StatusApp()
    async with app.run_test(size=(80, 3)) as pilot:
        line = app.query_one(StatusLine)
        line.show(STATUS)
        await pilot.pause()
        first = line.render_line(0)
        line.show(tuple(STATUS))
        assert line.render_line(0) is first

        line.show(STATUS[:2])
        assert line.render_line(0) is not first
        await pilot.resize_terminal(60, 3)
        assert line.render_line(0).cell_length == 60
