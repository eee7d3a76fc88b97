"""Owns asking a terminal how wide it draws what we write: it reports where its cursor stands afterwards."""

from __future__ import annotations

import contextlib
import os
import re
import select
import termios
import time
import tty
from collections.abc import Iterator, Mapping

from shoptui.cellwidth import cell_width
from shoptui.doctor.finding import Finding, State
from shoptui.i18n import _

#: What orders and buyers bring to the screen, and the signs our own lines are drawn with.
SAMPLES: Mapping[str, str] = {
    "cjk": "退款地址",
    "korean": "한글",
    "thai": "ที่อยู่",
    "vietnamese": "Hồ Chí Minh",
    "emoji": "📦🎁",
    "signs": "►▴◦»✓✗│─…",
}

_ASK = b"\x1b[6n"
_REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")


def measure(input_fd: int, output_fd: int, *, within_s: float = 1.0) -> dict[str, int | None]:
    """The cells each sample takes on this terminal, None where it did not answer in time.

    Both descriptors must be the terminal. The line the cursor is on is used and left empty; keys typed meanwhile are
    lost. A terminal that does not answer the first time is not asked again.
    """
    found: dict[str, int | None] = dict.fromkeys(SAMPLES)
    with _raw(input_fd):
        try:
            for name, text in SAMPLES.items():
                os.write(output_fd, b"\r\x1b[K" + text.encode() + _ASK)
                column = _answer(input_fd, within_s)
                if column is None:
                    break
                found[name] = column - 1
        finally:
            os.write(output_fd, b"\r\x1b[K")
    return found


def check_widths(measured: Mapping[str, int | None]) -> list[Finding]:
    """Where the terminal and we do not agree; an empty mapping means that there was no terminal to ask."""
    answered = {name: width for name, width in measured.items() if width is not None}
    if not answered:
        why = _("The terminal does not say where its cursor is.") if measured else _("There is no terminal to measure.")
        return [Finding("widths", State.UNKNOWN, why, _("Run `shoptui doctor` on the terminal that is to be used."))]
    wrong = {name: width for name, width in answered.items() if width != cell_width(SAMPLES[name])}
    if not wrong:
        count = len(answered)
        return [Finding("widths", State.OK, _("{count} kinds of writing are as wide as we count.").format(count=count))]
    return [
        Finding(
            f"widths:{name}",
            State.WARN,
            _("{sample} takes {drawn} cells here, we count {counted}: what follows it in a line is shifted.").format(
                sample=SAMPLES[name], drawn=width, counted=cell_width(SAMPLES[name])
            ),
            _advice(name),
        )
        for name, width in wrong.items()
    ]


def _advice(name: str) -> str:
    if name == "signs":
        return _("Set ambiguous characters to narrow (single width) in the terminal's settings.")
    return _("Use a newer terminal, or check the locale where tmux or screen was started: it must be UTF-8.")


@contextlib.contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """The terminal without echo and lines, as it was afterwards."""
    before = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor, termios.TCSANOW)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


def _answer(descriptor: int, within_s: float) -> int | None:
    """The column of the cursor report that comes in, None when none comes in time."""
    end_at = time.monotonic() + within_s
    heard = b""
    while (left := end_at - time.monotonic()) > 0:
        ready, _out, _err = select.select([descriptor], [], [], left)
        if not ready:
            break
        heard += os.read(descriptor, 256)
        if report := _REPORT.search(heard):
            return int(report[2])
    return None
