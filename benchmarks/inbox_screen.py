"""What the Inbox must show, told by the cache."""

from __future__ import annotations

import asyncio
import getpass
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.terminal import Terminal

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


def shows(wanted: tuple[Wanted, ...]) -> Callable[[Terminal], bool]:
    """Whether a terminal shows one of the lists wanted."""
    return lambda terminal: any(one.shown(terminal) for one in wanted)
