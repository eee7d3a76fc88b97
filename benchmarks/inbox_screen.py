"""What the Inbox must show, told by the cache, and when a terminal showed it."""

from __future__ import annotations

import asyncio
import getpass
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.terminal import Terminal

from benchmarks.cockpit import COLUMNS, FRAME_END, ROWS
from shoptui.paths import DataDir
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.store.reader import Reader
from shoptui.words.inbox import threads_count

#: So many of a list's first rows must be on the screen, or all of a shorter one.
FIRST_ROWS = 10
#: A clock that passes between question and answer may change a list: it may be that of so much later, seconds.
_LATER_S = 5
_VIEW_LINE = 2


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list as the view line and its first rows tell it; `buyers` of the first rows below the folded line."""

    filter_text: str
    count: str
    buyers: tuple[str, ...]

    def shown(self, terminal: Terminal) -> bool:
        """Whether the view line tells the filter and the number, and the first rows stand in their order."""
        lines = terminal.screen.display
        view = lines[_VIEW_LINE]
        if self.filter_text not in view or f" {self.count} " not in f"{view} ":
            return False
        rows = iter(lines[_VIEW_LINE + 1 :])
        return all(any(f" {buyer} " in line for line in rows) for buyer in self.buyers)


def wanted_now(house: Path, filter_text: str) -> tuple[Wanted, ...]:
    """What the Inbox must show for a filter: now, and where that differs a few seconds later."""
    return asyncio.run(_wanted(house, filter_text))


async def _wanted(house: Path, filter_text: str) -> tuple[Wanted, ...]:
    found = []
    async with await Reader.open(DataDir(house)) as reader:
        for now in (int(time.time()), int(time.time()) + _LATER_S):
            query = parse_threads(filter_text)
            listed = await reader.threads.index(query, ThreadSort(), now=now, operator=getpass.getuser())
            # Missed rows are folded into one line, unless there is nothing else.
            first = 0 if listed.missed == len(listed.ids) else listed.missed
            rows = await reader.threads.rows(list(listed.ids[first : first + FIRST_ROWS]), now)
            buyers = tuple(row.buyer for row in rows)
            found.append(Wanted(filter_text, threads_count(len(listed.ids)), buyers))
    return tuple(dict.fromkeys(found))


def ms_until_shown(terminal: Recorded, key: str, wanted: tuple[Wanted, ...], what: str) -> float:
    """Milliseconds from a key to the end of the first frame that shows one of the lists wanted."""
    terminal.draw()
    begun_at = time.monotonic()
    terminal.press(key)
    while time.monotonic() < begun_at + 20:
        terminal.read_for(1.0)
        if (shown_at := terminal.draw(lambda _: any(one.shown(terminal) for one in wanted))) is not None:
            return (shown_at - begun_at) * 1000
    raise RuntimeError(f"{what}: {wanted[0]} was not shown within 20 s on:\n{terminal.text()}")
