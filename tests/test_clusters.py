"""One step of the cursor is one character as its reader sees it, whatever it is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.events import Key

from shoptui.clusters import backspace_to, next_boundary, previous_boundary
from shoptui.screens.strip_editor import StripEditor

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"a{FAMILY}", "a"),
        ("a👍🏽", "a"),
        ("a❤\ufe0f", "a"),
        ("a🇹🇭🇻🇳", "a🇹🇭"),
        ("a1\ufe0f\u20e3", "a"),
        # Of a letter with marks the last mark goes first, as Thai and Vietnamese writers expect.
        ("กี่", "กี"),
        ("e\u0301", "e"),
        ("中文", "中"),
        ("a\u200d", ""),
        ("", ""),
    ],
)
def test_backspace(text: str, left: str) -> None:
    assert text[: backspace_to(text, len(text))] == left


@given(st.text(alphabet="ab中กี่\u0301👩👍🏽\u200d\ufe0f🇹🇭", max_size=12))
def test_steps_there_and_back_meet_the_same_places(text: str) -> None:
    there, at = [0], 0
    while at < len(text):
        at = next_boundary(text, at)
        there.append(at)
    back = [at]
    while at:
        at = previous_boundary(text, at)
        back.append(at)
    assert there == back[::-1]


class Field(App[None]):
    def get_css_variables(self) -> dict[str, str]:
        return {**super().get_css_variables(), "ground-bg": "black", "text-on-bg": "white"}

    def compose(self) -> ComposeResult:
        yield StripEditor("")


async def test_an_emoji_that_is_typed_stays_one_and_goes_as_one() -> None:
    app = Field()
    async with app.run_test() as pilot:
        editor = app.query_one(StripEditor)
        editor.focus()
        for char in f"ok {FAMILY}":
            editor.post_message(Key("zero_width_joiner" if char == "\u200d" else char, char))
        await pilot.pause()
        assert editor.text == f"ok {FAMILY}"
        await pilot.press("left")
        assert editor.cursor_location == (0, 3)
        await pilot.press("delete")
        assert editor.text == "ok "
        editor.text = f"ok {FAMILY}"
        editor.to_end()
        await pilot.press("backspace")
        assert editor.text == "ok "
