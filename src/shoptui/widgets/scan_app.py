"""The scan gate in the app: every key passes it before any binding sees it."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from shoptui.widgets.scan_gate import PassKey, Place, Scan, ScanGate, ScanSettings
from shoptui.widgets.scan_keys import normalise_key

#: A key counts as dealt with after this at the latest, seconds: the widget that had it may be gone.
_KEY_TAKES_S = 0.5


class KeyFollower(Message):
    """Sent after a key through the same queues. When it reaches the app, whatever stands between has had the key.

    `rounds` are the round trips still to be made: a place that answers a key by a message to the screen needs one more.
    """

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds


class Scanned(Message):
    """A barcode was read. It goes to the field that expects a code, or else to the screen.

    `place` says what to do: open what was scanned (LIST), fill the field (CODE_FIELD), refuse and keep it
    (TEXT_FIELD). `certain` is False where only timing speaks for a scan.
    """

    def __init__(self, text: str, certain: bool, place: Place) -> None:
        super().__init__()
        self.text = text
        self.certain = certain
        self.place = place


def place_of(focused: Widget | None) -> Place:
    """Where keys go with this focus: a widget whose `accepts_scan` is true expects a code."""
    if focused is not None and getattr(focused, "accepts_scan", False):
        return Place.CODE_FIELD
    if isinstance(focused, Input) or _is_text_area(focused):
        return Place.TEXT_FIELD
    return Place.LIST


def _is_text_area(focused: Widget | None) -> bool:
    # Whoever shows one has imported it; it is slow to import, and the cockpit itself has none.
    module = sys.modules.get("textual.widgets._text_area")
    return module is not None and isinstance(focused, module.TextArea)


class ScanGateApp(App[Any]):
    """An app whose keys pass a scan gate.

    Arrows, function and control keys pass at once, after what is held. `saw_key` is told of every key as it arrives,
    for whoever needs to know that a key was alone. A key goes on only when the one before has been dealt with, so that
    keys typed ahead reach what the earlier ones opened.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scan_gate: ScanGate[events.Key] = ScanGate()
        self.monotonic: Callable[[], float] = time.monotonic
        self._gate_timer: Timer | None = None
        self._waiting: deque[PassKey[events.Key] | Scan] = deque()
        self._key_sent_at: float | None = None

    def set_scan_settings(self, settings: ScanSettings) -> None:
        """Recognise scans otherwise; what is held goes through first."""
        held = self.scan_gate.flush()
        self.scan_gate = ScanGate(settings)
        if held:
            self.call_later(self._perform, held)

    def saw_key(self, key: str, at_s: float) -> None:
        """A key arrived at `at_s` (monotonic seconds), held or not. Subclasses feed their guards here."""

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._gate_key(event)
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            await self._gate_paste(event)
        else:
            await super().on_event(event)

    async def _gate_key(self, event: events.Key) -> None:
        self.saw_key(event.key, event.time)
        place = place_of(self.focused)
        if place is not Place.TEXT_FIELD:
            key, character = normalise_key(event.key, event.character)
            if character != event.character:
                arrived_at = event.time
                event = events.Key(key, character)
                event.time = arrived_at
        await self._perform(self.scan_gate.feed(event, event.key, event.character, event.time, place))
        self._arm()

    async def _gate_paste(self, event: events.Paste) -> None:
        place = place_of(self.focused)
        await self._perform(self.scan_gate.flush())
        text = event.text.strip()
        if place is Place.LIST and text and len(text.splitlines()) == 1:
            self._announce(Scan(text, True, place))
        else:
            await super().on_event(event)

    async def _perform(self, outputs: Sequence[PassKey[events.Key] | Scan]) -> None:
        self._waiting.extend(outputs)
        while self._waiting and not self._key_is_under_way():
            output = self._waiting.popleft()
            if isinstance(output, Scan):
                self._announce(output)
                continue
            target = self.focused or self.screen
            await super().on_event(output.event)
            if target.post_message(KeyFollower(1)):
                self._key_sent_at = time.monotonic()

    def _key_is_under_way(self) -> bool:
        return self._key_sent_at is not None and time.monotonic() - self._key_sent_at < _KEY_TAKES_S

    def on_key_follower(self, event: KeyFollower) -> None:
        """The key before has been dealt with, once a change of focus that it asked for is made as well."""
        if event.rounds and (self.focused or self.screen).post_message(KeyFollower(event.rounds - 1)):
            return
        self._key_sent_at = None
        self.call_later(self._perform, ())

    def _announce(self, scan: Scan) -> None:
        focused = self.focused
        target: Widget = focused if scan.place is Place.CODE_FIELD and focused is not None else self.screen
        target.post_message(Scanned(scan.text, scan.certain, scan.place))

    def _arm(self) -> None:
        deadline = self.scan_gate.deadline
        if deadline is not None and self._gate_timer is None:
            wait_s = max(0.001, deadline - self.monotonic())
            self._gate_timer = self.set_timer(wait_s, self._timer_fired)

    def _timer_fired(self) -> None:
        # Behind the keys that are queued already: they arrived in time, although the loop was busy.
        self._gate_timer = None
        self.call_later(self._expire)

    async def _expire(self) -> None:
        await self._perform(self.scan_gate.expire(self.monotonic()))
        self._arm()
