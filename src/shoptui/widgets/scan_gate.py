"""The scan gate: tells a barcode from typing before any key is acted on. Pure; times are given, none is read."""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, TypeVar

from shoptui.domain.records import dataclass

EventT = TypeVar("EventT")

SUFFIX_KEYS = frozenset({"enter", "tab", "ctrl+j", "ctrl+m", "ctrl+i", "return"})
"""What scanners send after a code: CR, LF or Tab, under the names Textual gives them."""


class Place(StrEnum):
    """Where keys would go now."""

    LIST = "list"
    """No text field has the focus."""
    CODE_FIELD = "code_field"
    """A field that expects a code has it; a scan fills it."""
    TEXT_FIELD = "text_field"
    """Another text field has it: what a person types there must never be taken for a scan."""


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """How a scanner is recognised.

    `hold_s` is the longest time between two characters of one scan, so also how long a key is held; 0 turns the gate
    off. `shortest` and `longest` count characters. `prefix` and `suffix` are what the scanner was set up to send around
    a code; a code between them is certain. After a prefix a pause of `prefix_hold_s` is allowed. A suffix key that
    comes within `late_suffix_s` after a scan still belongs to it.
    """

    hold_s: float = 0.03
    shortest: int = 6
    longest: int = 4096
    prefix: str = ""
    suffix: str = ""
    prefix_hold_s: float = 0.15
    late_suffix_s: float = 0.15


@dataclass(frozen=True, slots=True)
class PassKey(Generic[EventT]):
    """A key to act on now."""

    event: EventT


@dataclass(frozen=True, slots=True)
class Scan:
    """A code that was read. `certain` when prefix or suffix prove it, not timing alone; `place` is where keys went."""

    text: str
    certain: bool
    place: Place = Place.LIST


@dataclass(frozen=True, slots=True)
class _Held(Generic[EventT]):
    event: EventT
    character: str


class ScanGate(Generic[EventT]):
    """Holds printable keys for a moment; each becomes part of one scan or is passed on, once and in order.

    Feed it every key with the time it arrived, call `expire` when `deadline` has come. All times are seconds of one
    monotonic clock.
    """

    __slots__ = ("_held", "_last_s", "_place", "_scanned_at_s", "settings")

    def __init__(self, settings: ScanSettings | None = None) -> None:
        self.settings = settings if settings is not None else ScanSettings()
        self._held: list[_Held[EventT]] = []
        self._place = Place.LIST
        self._last_s = 0.0
        self._scanned_at_s: float | None = None

    @property
    def deadline(self) -> float | None:
        """When the keys held must be decided on, None while none is."""
        return self._last_s + self._patience() if self._held else None

    def feed(
        self, event: EventT, key: str, character: str | None, now_s: float, place: Place = Place.LIST
    ) -> list[PassKey[EventT] | Scan]:
        """Take one key and say what is to be done, in order.

        `character` is what the key prints, None if nothing. `now_s` is when it arrived.
        """
        if self.settings.hold_s <= 0:
            return [PassKey(event)]
        done: list[PassKey[EventT] | Scan] = []
        if self._held and (now_s > self._last_s + self._patience() or place is not self._place):
            done += self._decide(ended=False)
        if key in SUFFIX_KEYS:
            return done + self._end(event, now_s)
        if character is None or not _is_code_character(character):
            done += self._decide(ended=False)
            self._scanned_at_s = None
            return [*done, PassKey(event)]
        self._scanned_at_s = None
        self._place = place
        self._held.append(_Held(event, character))
        self._last_s = now_s
        settings = self.settings
        text = self._text()
        if settings.suffix and text.endswith(settings.suffix) and self._is_scan(ended=True):
            done += self._decide(ended=True, now_s=now_s)
        elif len(self._held) >= settings.longest:
            done += self._decide(ended=False, now_s=now_s)
        return done

    def expire(self, now_s: float) -> list[PassKey[EventT] | Scan]:
        """Decide on what is held if its time has come."""
        deadline = self.deadline
        return [] if deadline is None or now_s < deadline else self._decide(ended=False, now_s=deadline)

    def flush(self) -> list[PassKey[EventT] | Scan]:
        """Decide on what is held at once: before a paste, or when the focus moves."""
        return self._decide(ended=False)

    def _end(self, event: EventT, now_s: float) -> list[PassKey[EventT] | Scan]:
        if self._held:
            if self._is_scan(ended=True):
                return self._decide(ended=True, now_s=now_s)
            return [*self._decide(ended=False), PassKey(event)]
        if self._scanned_at_s is not None and now_s <= self._scanned_at_s + self.settings.late_suffix_s:
            # The second half of CR LF, or an Enter the line delayed: still the scanner's, never the operator's.
            return []
        self._scanned_at_s = None
        return [PassKey(event)]

    def _decide(self, *, ended: bool, now_s: float | None = None) -> list[PassKey[EventT] | Scan]:
        held = self._held
        if not held:
            return []
        if not self._is_scan(ended=ended):
            self._held = []
            return [PassKey(one.event) for one in held]
        text, certain = self._code()
        self._held = []
        self._scanned_at_s = self._last_s if now_s is None else now_s
        return [Scan(text, certain, self._place)]

    def _text(self) -> str:
        return "".join(one.character for one in self._held)

    def _patience(self) -> float:
        return self.settings.prefix_hold_s if self._has_prefix() else self.settings.hold_s

    def _has_prefix(self) -> bool:
        prefix = self.settings.prefix
        return bool(prefix) and len(self._held) >= len(prefix) and self._text().startswith(prefix)

    def _code(self) -> tuple[str, bool]:
        """The text without prefix and suffix, and whether they prove it to be a scan."""
        text = self._text()
        settings = self.settings
        by_prefix = bool(settings.prefix) and text.startswith(settings.prefix)
        if by_prefix:
            text = text[len(settings.prefix) :]
        by_suffix = bool(settings.suffix) and text.endswith(settings.suffix)
        if by_suffix:
            text = text[: -len(settings.suffix)]
        if by_prefix:
            return text, bool(text) and (by_suffix or not settings.suffix)
        # A suffix alone may be typed; with as many characters before it in one burst it may not.
        return text, by_suffix and not settings.prefix and len(text) >= settings.shortest

    def _is_scan(self, *, ended: bool) -> bool:
        """Whether what is held is a scan; `ended` says that a suffix followed it at once."""
        text, certain = self._code()
        if certain:
            return True
        if len(text) < self.settings.shortest or " " in text:
            return False
        has_digit = any(character.isdigit() for character in text)
        if self._place is Place.TEXT_FIELD:
            # A stalled line delivers typing in one burst; only what no sentence looks like may be taken from a field.
            return ended and has_digit
        # A key held down repeats as fast as a scanner writes.
        return len(set(text)) >= (2 if has_digit else 3)


def _is_code_character(character: str) -> bool:
    return len(character) == 1 and " " <= character <= "~"
