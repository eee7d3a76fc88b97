"""The Inbox on a pseudo-terminal, seen from outside: opening it, a thread, a search, and a message that comes in."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.e2e.terminal import Terminal

from benchmarks.cockpit import COLUMNS, FRAME_END, ROWS, frame_after
from benchmarks.inbox_screen import shows, wanted_now
from benchmarks.pipeline import connected, empty_house, engine_command, sandbox
from benchmarks.report import Figure, Report, percentile
from benchmarks.screen import Recorded, go, ms_until, ms_until_drawn, said, settled, type_filter
from benchmarks.talk import MARK, RARE_WORD
from shoptui.demo import enrol_sandbox
from shoptui.paths import DataDir
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.store.reader import Reader

#: Searches and filters: a rare word, words in most threads, a word of a script without blanks, fields with a word.
SEARCHES = (RARE_WORD, "parcel", "发货", "is:waiting refund", "reply:missed", "lang:th -is:done")
_CHATS = 24
#: What the Inbox lists at first.
_AT_FIRST = "is:open"
#: A conversation by the marketplace's ids of shop and thread.
Talk = tuple[str, str]


def measure_inbox(house: Path, report: Report) -> None:
    """Everything on a house of conversations; no engine runs."""
    _measure_opening(house, report)
    with settled(house) as terminal:
        _open(terminal, house)
        terminal.read_for(1.5)
        _measure_threads(terminal, report)
        _measure_keys(terminal, report)
        _measure_searches(terminal, house, report)


def _open(terminal: Recorded, house: Path) -> float:
    """Milliseconds from the second key of going to the Inbox until its first rows are painted."""
    wanted = wanted_now(house, _AT_FIRST)
    go(terminal)
    return ms_until_drawn(terminal, "i", shows(wanted), "the Inbox")


def _measure_opening(house: Path, report: Report, starts: int = 5, times: int = 5) -> None:
    first, again = [], []
    for _ in range(starts):
        with settled(house) as terminal:
            first.append(_open(terminal, house))
            if len(first) == starts:
                for _ in range(times):
                    terminal.read_for(0.8)
                    go(terminal)
                    terminal.press("o")
                    terminal.read_for(0.8)
                    again.append(_open(terminal, house))
    report.add(Figure("open the Inbox the first time: rows", percentile(first, 0.5), "ms", 100, note=f"of {starts}"))
    report.add(Figure("open the Inbox again: rows", percentile(again, 0.5), "ms", 100, note=f"of {times}"))


def _measure_threads(terminal: Terminal, report: Report, threads: int = 15) -> None:
    """From Enter on a row, before the pane follows the cursor by itself, to the thread's messages."""
    times = []
    for _ in range(threads):
        frame_after(terminal, "down")
        terminal.read_for(0.03)
        times.append(ms_until(terminal, "enter", said(MARK.encode()), "a thread's messages"))
        terminal.read_for(0.4)
        terminal.press("escape")
        terminal.read_for(0.4)
    report.add(Figure("open a thread: messages, median", percentile(times, 0.5), "ms", 50, note=f"of {threads}"))
    report.add(Figure("open a thread: messages, slowest", max(times), "ms"))


def _measure_keys(terminal: Terminal, report: Report, presses: int = 150) -> None:
    times, sizes = [], []
    for number in range(presses):
        elapsed, size = frame_after(terminal, "down" if number % 20 < 10 else "up")
        times.append(elapsed * 1000)
        sizes.append(size)
        terminal.read_for(0.03)
    report.add(Figure("cursor key in the Inbox to painted, median", percentile(times, 0.5), "ms", 5))
    report.add(Figure("cursor key in the Inbox to painted, 99th percentile", percentile(times, 0.99), "ms", 16))
    report.add(Figure("cursor key in the Inbox, bytes (median)", percentile(sizes, 0.5), "bytes", 1500))


def _measure_searches(terminal: Recorded, house: Path, report: Report, tries: int = 3) -> None:
    """From Enter in the filter strip until the view line tells that filter and its number, above its first rows."""
    for words in SEARCHES:
        times = []
        for _ in range(tries):
            times.append(_filter(terminal, house, words))
            _filter(terminal, house, _AT_FIRST)
        report.add(Figure(f"search {words}: first rows", percentile(times, 0.5), "ms", 200, note=f"of {tries}"))


def _filter(terminal: Recorded, house: Path, words: str) -> float:
    type_filter(terminal, words)
    wanted = wanted_now(house, words)
    terminal.read_for(0.3)
    return ms_until_drawn(terminal, "enter", shows(wanted), words)


# A message that comes in.


def measure_arrival(report: Report, messages: int = 9) -> None:
    """From asking for the next look to the painted row: a buyer's message through marketplace, engine and socket."""
    with sandbox(2, 200, is_quiet=True, chats=_CHATS) as announced, empty_house() as house:
        asyncio.run(enrol_sandbox(house, announced))
        engine = subprocess.Popen(engine_command(house), stdin=subprocess.DEVNULL)
        try:
            rows = asyncio.run(_conversations(house))
            times = _arrivals(house, announced, rows, messages)
        finally:
            engine.terminate()
            engine.wait(30)
    report.add(
        Figure("message visible after its poll began, median", percentile(times, 0.5), "s", 1, note=f"of {messages}")
    )
    report.add(Figure("message visible after its poll began, slowest", max(times), "s", 1))


async def _conversations(house: DataDir) -> list[Talk]:
    """What the engine has read once its first look is over."""
    async with await connected(house):
        for _ in range(300):
            async with await Reader.open(house) as reader:
                now = int(time.time())
                stores = await reader.stores()
                listed = await reader.threads.index(parse_threads(""), ThreadSort(), now=now, operator="")
                rows = [row for row in await reader.threads.rows(list(listed.ids), now) if not row.not_granted]
            read = all(s.messages is not None and (s.messages.first_done or s.messages.not_granted) for s in stores)
            if read and rows:
                shops = {store.store_id: store.shop_id for store in stores}
                return [(shops[row.store_id], row.thread_id) for row in rows]
            await asyncio.sleep(0.1)
    raise RuntimeError("the engine read no conversations within 30 s")


def _arrivals(house: DataDir, announced: dict[str, Any], rows: Sequence[Talk], messages: int) -> list[float]:
    env = {"SHOPTUI_HOME": str(house.root), "SHOPTUI_STATE": tempfile.mkdtemp(prefix="shoptui-bench-state-")}
    command = [sys.executable, "-m", "shoptui"]
    times = []
    with Terminal(command, columns=COLUMNS, rows=ROWS, env={**os.environ, **env}, emulate=False) as terminal:
        terminal.read_for(30, lambda t: t.raw_tail.rstrip().endswith(FRAME_END))
        terminal.read_for(3.0)
        go(terminal)
        terminal.press("i")
        terminal.read_for(2.0)
        for number in range(messages):
            (shop_id, thread_id), words = rows[number % len(rows)], f"fresh-{number:03d}"
            _poke(announced, do="buyer_writes", shop_id=shop_id, thread_id=thread_id, text=f"{words} is it sent?")
            times.append(ms_until(terminal, "f5", said(words.encode()), "a new message") / 1000)
            # Another second, so that no two messages share one and no look is still under way.
            terminal.read_for(1.5)
    return times


def _poke(announced: dict[str, Any], **arguments: object) -> None:
    request = urllib.request.Request(
        announced["admin_url"] + "/world",
        data=json.dumps(arguments).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10):
        pass
