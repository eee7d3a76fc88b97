"""A cockpit on a pseudo-terminal, its output kept, and how long after a key a terminal showed something."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.terminal import Terminal

from benchmarks.cockpit import COLUMNS, FRAME_END, ROWS
from benchmarks.report import Figure, Report, percentile


class Recorded(Terminal):
    """A terminal that keeps what the program wrote and draws it afterwards: drawing would cost what is measured."""

    def __init__(self, house: Path) -> None:
        state = tempfile.mkdtemp(prefix="shoptui-bench-state-")
        env = {"SHOPTUI_HOME": str(house), "SHOPTUI_STATE": state, "SHOPTUI_NO_ENGINE": "1"}
        super().__init__([sys.executable, "-m", "shoptui"], columns=COLUMNS, rows=ROWS, env=env, emulate=False)
        self._kept: list[tuple[float, bytes]] = []

    def _pump(self, wait_s: float) -> bool:
        before = self.bytes_out
        goes_on = super()._pump(wait_s)
        if came := self.bytes_out - before:
            self._kept.append((self.last_read_at, self.raw_tail[-came:]))
        return goes_on

    def draw(self, holds: Callable[[Terminal], bool] | None = None) -> float | None:
        """Draw all that was kept. Returns when the first frame ended that shows it (monotonic s), if any."""
        shown_at = None
        kept, self._kept = self._kept, []
        for came_at, output in kept:
            *frames, rest = output.split(FRAME_END)
            for frame in frames:
                self._stream.feed(frame + FRAME_END)
                if shown_at is None and holds is not None and holds(self):
                    shown_at = came_at
            self._stream.feed(rest)
        return shown_at


def said(words: bytes) -> Callable[[Terminal], bool]:
    def shown(terminal: Terminal) -> bool:
        return words in terminal.raw_tail and terminal.raw_tail.endswith(FRAME_END)

    return shown


def ms_until(terminal: Terminal, key: str, until: Callable[[Terminal], bool], what: str) -> float:
    """Milliseconds from a key to the end of the frame that shows something."""
    terminal.raw_tail = b""
    begun_at = time.monotonic()
    terminal.press(key)
    if not terminal.read_for(20, until):
        raise RuntimeError(f"{what}: not within 20 s: {terminal.raw_tail[-300:]!r}")
    return (terminal.last_read_at - begun_at) * 1000


#: Between `g` and the letter of a place, seconds: as fast as trained typists press two keys with two hands.
#: What the cockpit gets ready meanwhile is not timed, and more time than this would flatter it.
GO_GAP_S = 0.09


def go(terminal: Terminal) -> None:
    """The first key of going somewhere; the second, `GO_GAP_S` later, is what is timed."""
    terminal.press("g")
    terminal.read_for(GO_GAP_S)
    terminal.raw_tail = b""


def settled(house: Path, calm_s: float = 3.0) -> Recorded:
    """A cockpit that has started and looked around; it must not get an engine of its own (SHOPTUI_NO_ENGINE)."""
    terminal = Recorded(house)
    terminal.read_for(30, lambda t: t.raw_tail.rstrip().endswith(FRAME_END))
    terminal.read_for(calm_s)
    return terminal


#: So long after the first frame a place is gone to: before anything was made ready, while it is, and after all was.
_CALM_S = {"at once": 0.3, "2 s after the start": 2.0, "made ready": 6.0}


def measure_first_visits(report: Report, house: Path, place: str, key: str, words: str, times: int) -> None:
    """The first visit to a place, in so many cockpits each, until a row that has these words is painted.

    Timed from the second of its two keys, which follows the first as fast as typists are (`GO_GAP_S`).
    """
    for when, calm_s in _CALM_S.items():
        opened, processor_ms = [], []
        for _ in range(times):
            with settled(house, calm_s) as terminal:
                go(terminal)
                before_ms = _processor_ms(terminal)
                opened.append(ms_until(terminal, key, said(words.encode()), place))
                processor_ms.append(_processor_ms(terminal) - before_ms)
        what = f"open {place} the first time, {when}: rows"
        note = f"of {times} starts; {percentile(processor_ms, 0.5):.0f} ms of processor time"
        report.add(Figure(what, percentile(opened, 0.5), "ms", 100, note=note))


def _processor_ms(terminal: Terminal) -> float:
    """What the program has taken of the processor so far, all its threads."""
    taken = Path(f"/proc/{terminal.pid}/task").glob("*/schedstat")
    return sum(int(path.read_text().split()[0]) for path in taken) / 1e6


def ms_until_drawn(terminal: Recorded, key: str, holds: Callable[[Terminal], bool], what: str) -> float:
    """Milliseconds from a key to the end of the first frame, drawn whole, that shows something."""
    terminal.draw()
    begun_at = time.monotonic()
    terminal.press(key)
    while time.monotonic() < begun_at + 20:
        terminal.read_for(1.0)
        if (shown_at := terminal.draw(holds)) is not None:
            return (shown_at - begun_at) * 1000
    raise RuntimeError(f"{what} was not shown within 20 s on:\n{terminal.text()}")


def type_filter(terminal: Terminal, words: str) -> None:
    """Open the filter strip and write these words in place of what is there; nothing is confirmed."""
    terminal.press("/")
    terminal.read_for(0.4)
    terminal.press("ctrl+u")
    for letter in words:
        terminal.press(letter)
        terminal.read_for(0.06)
