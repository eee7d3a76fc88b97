"""The scan gate in an app: what reaches bindings, fields and screens. Arrival times are given to the events."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from shoptui.widgets.code_input import CodeInput
from shoptui.widgets.scan_app import ScanGateApp, Scanned
from shoptui.widgets.scan_gate import Place, ScanSettings
from shoptui.widgets.scan_keys import ascii_character, normalise_key


class Pane(Vertical, can_focus=True):
    """A place that is no text field."""


class GateApp(ScanGateApp):
    BINDINGS = [Binding(key, f"did('{key}')") for key in ("s", "p", "enter", "f9", "down")] + [
        Binding("slash", "did('slash')"),
        Binding("1", "did('1')"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []
        self.scans: list[tuple[str, bool, Place]] = []
        self.seen: list[str] = []
        self.time_s = 1000.0
        self.monotonic = lambda: self.time_s

    def compose(self) -> ComposeResult:
        yield Pane()
        yield CodeInput(id="code")
        yield Input(id="filter")
        yield TextArea(id="reply")

    def action_did(self, what: str) -> None:
        self.did.append(what)

    def on_scanned(self, event: Scanned) -> None:
        self.scans.append((event.text, event.certain, event.place))

    def saw_key(self, key: str, at_s: float) -> None:
        self.seen.append(key)

    async def send(self, pilot: Pilot[None], keys: Sequence[str], pause_s: float = 0.002) -> None:
        """Keys that arrive `pause_s` apart, after a second of quiet, with all the waiting done at the end."""
        self.time_s += 1
        for number, key in enumerate(keys):
            self.time_s += pause_s if number else 0
            printed = {"space": " ", "slash": "/", "minus": "-", "enter": "\r", "tab": "\t"}.get(key)
            event = events.Key(key, printed if printed is not None else key if len(key) == 1 else None)
            event.time = self.time_s
            self.post_message(event)
        await self.settle(pilot)

    async def settle(self, pilot: Pilot[None]) -> None:
        await pilot.pause()
        self.time_s += 1
        await self._expire()
        await pilot.pause()


async def test_a_scan_reaches_the_screen_and_no_binding() -> None:
    app = GateApp()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await app.send(pilot, ["s", "p", "1", "2", "3", "minus", "4", "enter"])

        assert app.scans == [("sp123-4", False, Place.LIST)]
        assert app.did == []
        assert app.seen == ["s", "p", "1", "2", "3", "minus", "4", "enter"]


async def test_typing_reaches_bindings_in_order() -> None:
    app = GateApp()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await app.send(pilot, ["s", "p", "down", "s", "enter", "f9"])

        assert app.did == ["s", "p", "down", "s", "enter", "f9"]
        assert app.scans == []


async def test_the_timer_lets_a_single_key_go_by_itself() -> None:
    app = GateApp()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        app.monotonic = lambda: 10_000.0  # every deadline has come
        event = events.Key("s", "s")
        event.time = app.time_s
        app.post_message(event)
        await pilot.pause()
        while not app.did:
            await pilot.pause(0.01)

        assert app.did == ["s"]


async def test_a_field_that_expects_a_code_is_filled_without_the_enter() -> None:
    app = GateApp()
    submitted: list[str] = []
    async with app.run_test(message_hook=lambda message: _collect(message, submitted)) as pilot:
        app.query_one("#code", CodeInput).focus()
        await app.send(pilot, [*"JT0012345678", "enter"])

        assert app.query_one("#code", CodeInput).value == "JT0012345678"
        assert set(submitted) == {"filled"}
        assert app.scans == []


def _collect(message: object, into: list[str]) -> None:
    if isinstance(message, Input.Submitted):
        into.append("submitted")
    elif isinstance(message, CodeInput.Filled):
        into.append("filled")


async def test_the_composer_refuses_a_scan_and_keeps_every_typed_letter() -> None:
    app = GateApp()
    async with app.run_test() as pilot:
        reply = app.query_one("#reply", TextArea)
        reply.focus()
        await app.send(pilot, [*list("parcel"), "space", *list("ok")])
        await app.send(pilot, [*"1152780044102", "enter"])
        await app.send(pilot, ["帆", "；", "1"], pause_s=0.2)

        assert reply.text == "parcel ok帆；1"
        assert app.scans == [("1152780044102", False, Place.TEXT_FIELD)]
        assert app.did == []


async def test_a_paste_goes_to_a_field_and_is_a_certain_scan_elsewhere() -> None:
    app = GateApp()
    async with app.run_test() as pilot:
        app.query_one("#filter", Input).focus()
        app.post_message(events.Paste("BAG-RD-M"))
        await pilot.pause()
        assert app.query_one("#filter", Input).value == "BAG-RD-M"

        app.query_one(Pane).focus()
        await pilot.pause()
        app.post_message(events.Paste("JT1\r\n"))
        app.post_message(events.Paste("two\nlines"))
        await pilot.pause()
        assert app.scans == [("JT1", True, Place.LIST)]


async def test_what_is_held_comes_before_a_paste() -> None:
    app = GateApp()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await pilot.pause()
        event = events.Key("s", "s")
        event.time = app.time_s
        app.post_message(event)
        app.post_message(events.Paste("JT12"))
        await pilot.pause()

        assert app.did == ["s"]
        assert [text for text, _, _ in app.scans] == ["JT12"]


async def test_signs_of_an_input_method_work_as_keys() -> None:
    app = GateApp()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await app.send(pilot, ["／", "１", "ｓ"], pause_s=0.2)

        assert app.did == ["slash", "1", "s"]


async def test_a_gate_that_is_off_holds_nothing() -> None:
    app = GateApp()
    async with app.run_test() as pilot:
        app.set_scan_settings(ScanSettings(hold_s=0))
        app.query_one(Pane).focus()
        await pilot.press("s", "p", "1")

        assert app.did == ["s", "p", "1"]


@pytest.mark.parametrize(
    ("typed", "key", "character"),
    [
        ("；", "semicolon", ";"),
        ("：", "colon", ":"),
        ("？", "question_mark", "?"),
        ("／", "slash", "/"),
        ("、", "slash", "/"),
        ("。", "full_stop", "."),
        ("【", "left_square_bracket", "["),
        ("】", "right_square_bracket", "]"),
        ("！", "exclamation_mark", "!"),
        ("‘", "apostrophe", "'"),
        ("’", "apostrophe", "'"),
        ("１", "1", "1"),
        ("＠", "at", "@"),
        ("＃", "number_sign", "#"),
        ("＊", "asterisk", "*"),
        ("＝", "equals_sign", "="),
        ("Ｇ", "G", "G"),
        ("s", "s", "s"),
        ("帆", "帆", "帆"),
    ],
)
def test_normalised_keys(typed: str, key: str, character: str) -> None:
    assert normalise_key(typed, typed) == (key, character)


def test_a_key_that_prints_nothing_stays() -> None:
    assert normalise_key("f9", None) == ("f9", None)


def test_names_are_those_textual_gives_to_the_same_keys() -> None:
    from textual.keys import _character_to_key

    for code in range(0xFF01, 0xFF5F):
        plain = ascii_character(chr(code))
        assert normalise_key(chr(code), chr(code)) == (_character_to_key(plain), plain)
