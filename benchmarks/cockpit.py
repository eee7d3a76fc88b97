"""The cockpit on a pseudo-terminal, seen from outside: start, keys, pages, idling, memory, filters."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import psutil
from tests.e2e.terminal import Terminal

from benchmarks.report import Figure, Report, percentile

#: Textual ends each frame with this when the terminal knows synchronised output.
FRAME_END = b"\x1b[?2026l"
COLUMNS, ROWS = 200, 50


def open_cockpit(house: Path, *, columns: int = COLUMNS, rows: int = ROWS) -> Terminal:
    """The cockpit on a house that must not get an engine of its own (SHOPTUI_NO_ENGINE).

    Nothing emulates the terminal: that would cost more than what is measured.
    """
    state = tempfile.mkdtemp(prefix="shoptui-bench-state-")
    env = {"SHOPTUI_HOME": str(house), "SHOPTUI_STATE": state, "SHOPTUI_NO_ENGINE": "1"}
    return Terminal([sys.executable, "-m", "shoptui"], columns=columns, rows=rows, env=env, emulate=False)


def _rows_shown(terminal: Terminal) -> bool:
    """A frame with real rows (store names) has come to its end."""
    return terminal.raw_tail.count(b"tt-") >= 10 and terminal.raw_tail.rstrip().endswith(FRAME_END)


def _list_shown(terminal: Terminal, wanted: bytes) -> bool:
    """The view line has told the list's length, rows came with it, and the frame has ended."""
    tail = terminal.raw_tail
    counted = re.search(rb"[\d,]+ orders", tail)
    return counted is not None and wanted in tail and tail.endswith(FRAME_END)


def measure_start(house: Path, report: Report, tries: int = 7) -> None:
    times = []
    for _ in range(tries):
        begun_at = time.monotonic()
        with open_cockpit(house) as terminal:
            if not terminal.read_for(30, _rows_shown):
                raise RuntimeError(f"no rows within 30 s: {terminal.raw_tail[-300:]!r}")
            times.append(terminal.last_read_at - begun_at)
            terminal.read_for(0.3)
    report.add(
        Figure("process start to first painted rows", percentile(times, 0.5), "s", 0.5, note=f"of {tries} starts")
    )


def frame_after(terminal: Terminal, key: str, within_s: float = 2.0) -> tuple[float, int]:
    """Seconds and bytes from a key to the end of the frame it caused."""
    terminal.raw_tail = b""
    before = terminal.bytes_out
    begun_at = time.monotonic()
    terminal.press(key)
    if not terminal.read_for(within_s, lambda t: FRAME_END in t.raw_tail):
        raise RuntimeError(f"no frame within {within_s} s after {key}")
    return terminal.last_read_at - begun_at, terminal.bytes_out - before


def measure_keys(house: Path, report: Report, label: str, presses: int = 300) -> None:
    with open_cockpit(house) as terminal:
        terminal.read_for(30, _rows_shown)
        terminal.read_for(2.0)
        times, sizes = [], []
        for number in range(presses):
            # Down and up in turn inside the first rows: the cursor moves, the list does not scroll.
            key = "down" if number % 20 < 10 else "up"
            elapsed, size = frame_after(terminal, key)
            times.append(elapsed * 1000)
            sizes.append(size)
            terminal.read_for(0.03)
        report.add(Figure(f"cursor key to painted, median{label}", percentile(times, 0.5), "ms", 5))
        report.add(Figure(f"cursor key to painted, 99th percentile{label}", percentile(times, 0.99), "ms", 16))
        report.add(Figure(f"cursor key, bytes (median){label}", percentile(sizes, 0.5), "bytes", 1500))
        terminal.read_for(1.0)
        pages = [frame_after(terminal, "pagedown") for _ in range(20) if not terminal.read_for(0.25)]
        report.add(
            Figure(f"page down to painted, median{label}", percentile([p[0] * 1000 for p in pages], 0.5), "ms", 30)
        )
        report.add(Figure(f"page down, bytes (median){label}", percentile([p[1] for p in pages], 0.5), "bytes", 30_000))


def measure_idle(house: Path, report: Report, seconds: float = 30.0) -> None:
    with open_cockpit(house) as terminal:
        terminal.read_for(30, _rows_shown)
        terminal.read_for(8.0)
        process = psutil.Process(terminal.pid)
        cpu, size = sum(process.cpu_times()[:2]), terminal.bytes_out
        terminal.read_for(seconds)
        used = sum(process.cpu_times()[:2]) - cpu
        report.add(Figure("idle, clocks running: share of one core", used / seconds * 100, "%", 0.5))
        report.add(Figure("idle, clocks running: bytes", (terminal.bytes_out - size) / seconds, "bytes/s", 500))
        report.add(Figure("cockpit memory (RSS)", process.memory_info().rss / 1e6, "MB", 80))


def measure_filters(house: Path, report: Report, filters: Sequence[tuple[str, str]]) -> None:
    """Time from Enter in the filter strip to the first rows of each filter."""
    with open_cockpit(house) as terminal:
        terminal.read_for(30, _rows_shown)
        terminal.read_for(2.0)
        for text, wanted in filters:
            terminal.press("/")
            terminal.read_for(0.6)
            terminal.press("ctrl+u")
            for letter in text:
                terminal.press(letter)
                terminal.read_for(0.06)
            terminal.read_for(0.3)
            terminal.raw_tail = b""
            begun_at = time.monotonic()
            terminal.press("enter")
            if not terminal.read_for(20, partial(_list_shown, wanted=wanted.encode())):
                raise RuntimeError(f"{text}: no rows within 20 s")
            elapsed_ms = (terminal.last_read_at - begun_at) * 1000
            report.add(Figure(f"filter {text}: first rows", elapsed_ms, "ms", 100))
            terminal.read_for(1.5)


def measure_datatable(rows: int, report: Report) -> None:
    """A plain Textual DataTable with rows of the same columns, measured the same way."""
    script = Path(__file__).with_name("datatable_app.py")
    begun_at = time.monotonic()
    env = {"TEXTUAL_ANIMATIONS": "none", "PYTHONPATH": os.pathsep.join(sys.path)}
    with Terminal(
        [sys.executable, str(script), str(rows)], columns=COLUMNS, rows=ROWS, env=env, emulate=False
    ) as terminal:
        if not terminal.read_for(180, _rows_shown):
            raise RuntimeError("DataTable showed nothing within 180 s")
        label = f"DataTable, {rows:,} rows: "
        report.add(Figure(f"{label}start to first painted rows", time.monotonic() - begun_at, "s"))
        terminal.read_for(180, lambda t: b"\x07" in t.raw_tail)
        report.add(Figure(f"{label}start to answering keys", time.monotonic() - begun_at, "s"))
        terminal.read_for(1.0)
        times = []
        for number in range(60):
            times.append(frame_after(terminal, "down" if number % 20 < 10 else "up", 10)[0] * 1000)
            terminal.read_for(0.03)
        report.add(Figure(f"{label}cursor key to painted, median", percentile(times, 0.5), "ms"))
        pages = [frame_after(terminal, "pagedown", 10)[0] * 1000 for _ in range(10) if not terminal.read_for(0.3)]
        report.add(Figure(f"{label}page down to painted, median", percentile(pages, 0.5), "ms"))
        memory = psutil.Process(terminal.pid).memory_info().rss / 1e6
        report.add(Figure(f"{label}memory (RSS)", memory, "MB"))
