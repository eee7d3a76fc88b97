"""What is said of a press of F9 that did not count: it stays until the operator goes on, and is covered by nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shoptui.cockpit.notices import Notice, Tone
from shoptui.screens.forms import Field, Form
from shoptui.screens.lines import Line, plain
from shoptui.words import Said
from tests.ui.app_support import Cockpit, cockpit, make_house

_ALONE = "Not sent: another key came with F9"
_TOO_SOON = "Not sent: read the strip first"


class Sending(Form):
    """A form that F9 sends, with a digit and a letter of its own, and a field to type in where wanted."""

    def __init__(self, field: Field | None = None) -> None:
        super().__init__()
        self.field = field
        self.sent = 0

    def title(self) -> Line:
        return plain("SEND")

    def does(self) -> str:
        return "send"

    def do(self) -> None:
        self.sent += 1
        self.close()

    def key(self, key: str, character: str | None) -> bool:
        return self.field is None and key == "j"


class Pressing:
    """A form in the strip of a cockpit whose time stands still."""

    def __init__(self, under_test: Cockpit, form: Sending) -> None:
        self.under_test, self.form = under_test, form
        self.at_s = 100.0
        under_test.app.monotonic = lambda: self.at_s

    async def press(self, *keys: str, after_s: float = 1.0) -> str:
        """Press keys so long after each other; what the message line says then."""
        for key in keys:
            self.at_s += after_s
            await self.under_test.send(key, self.at_s)
        await self.under_test.settled()
        self.under_test.app.frame.draw_bars()
        return self.under_test.message()


@asynccontextmanager
async def pressing(root: Path, form: Sending) -> AsyncIterator[Pressing]:
    async with cockpit(await make_house(root), (80, 24)) as under_test:
        found = Pressing(under_test, form)
        under_test.app.frame.open_form(form)
        await under_test.settled()
        await under_test.until(lambda: under_test.app.frame.guard.has_strip)
        yield found


async def refused(found: Pressing, key: str) -> str:
    """F9, and another key with it."""
    await found.press("f9")
    return await found.press(key, after_s=0.02)


@pytest.mark.parametrize("key", ["down", "tab", "1", "j", "x"])
async def test_it_stays_when_both_keys_came_at_once(tmp_path: Path, key: str) -> None:
    async with pressing(tmp_path, Sending()) as found:
        found.at_s += 1
        await asyncio.gather(*(found.under_test.send(each, found.at_s) for each in ("f9", key)))
        assert _ALONE in await found.press()
        assert "Not sent" not in await found.press("tab"), "until the next one"
        assert found.form.sent == 0


@pytest.mark.parametrize("key", ["down", "tab", "1", "j", "delete", "x"])
async def test_it_stays_whatever_the_key_that_spoilt_it_does_besides(tmp_path: Path, key: str) -> None:
    async with pressing(tmp_path, Sending()) as found:
        assert _ALONE in await refused(found, key)
        assert found.form.sent == 0
        found.at_s += 1
        found.under_test.app.frame.settle_guard()
        assert found.form.sent == 0


async def test_it_is_said_of_a_strip_that_was_left_with_the_same_press(tmp_path: Path) -> None:
    async with pressing(tmp_path, Sending()) as found:
        said = await refused(found, "escape")
        assert _ALONE in said and "Read the strip" not in said
        assert not found.under_test.app.frame.strip.is_open


@pytest.mark.parametrize("key", ["tab", "1", "j"])
async def test_the_next_key_takes_it_away(tmp_path: Path, key: str) -> None:
    async with pressing(tmp_path, Sending()) as found:
        assert _ALONE in await refused(found, "down")
        assert "Not sent" not in await found.press(key)


async def test_typing_on_takes_it_away(tmp_path: Path) -> None:
    async with pressing(tmp_path, Sending(Field("words"))) as found:
        assert _ALONE in await refused(found, "a")
        assert "Not sent" not in await found.press("b")
        assert found.under_test.app.frame.strip.field_value() == "ab"


async def test_no_time_takes_it_away_while_its_strip_is_open(tmp_path: Path) -> None:
    async with pressing(tmp_path, Sending()) as found:
        frame = found.under_test.app.frame
        frame.guard.strip_painted(found.at_s)
        assert _TOO_SOON in await found.press("f9", after_s=0.1)
        result = Notice("result", Said("1 shipped."), Tone.GOOD, sticky=True)
        frame.post_notice(result)
        found.under_test.clock.advance(60)
        found.under_test.app.tick_now()
        assert _TOO_SOON in found.under_test.message()
        assert "1 shipped." in await found.press("escape")


async def test_a_press_that_counts_says_nothing_of_the_one_before(tmp_path: Path) -> None:
    async with pressing(tmp_path, Sending()) as found:
        await refused(found, "down")
        await found.press("f9")
        found.at_s += 0.2
        found.under_test.app.frame.settle_guard()
        await found.under_test.settled()
        assert found.form.sent == 1 and "Not sent" not in found.under_test.message()
