"""Ending the cockpit in time: HUP, TERM and a lost terminal end it within a second, whatever the screen does."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

#: How long an orderly end may take before the process is ended hard, seconds.
GRACE_S = 0.8

_SIGNALS = (signal.SIGHUP, signal.SIGTERM)


class ExitWatch:
    """Watches for the end from a thread of its own.

    A terminal that has stopped reading blocks the event loop in a write, and an asyncio signal handler never runs then.
    A plain one does: it wakes the thread, the thread asks the app to end and, when that takes too long, ends the
    process itself. Nothing durable depends on an orderly end.
    """

    def __init__(self, ask_exit: Callable[[int], None], *, input_fd: int | None = None) -> None:
        """`ask_exit` is called from the watching thread with the exit code; `input_fd` None watches no terminal."""
        self._ask_exit = ask_exit
        self._input_fd = input_fd
        self._wake_read, self._wake_write = os.pipe()
        self._code = 0
        self._finished = threading.Event()
        self._before: dict[int, Any] = {}
        self._attributes: list[Any] | None = None
        self._thread = threading.Thread(target=self._watch, name="exit watch", daemon=True)

    def start(self) -> None:
        """Install the handlers and begin to watch. Only from the main thread."""
        if self._input_fd is not None and os.isatty(self._input_fd):
            self._attributes = termios.tcgetattr(self._input_fd)
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._signalled)
        self._thread.start()

    def stop(self) -> None:
        """The app has ended. One that was ended from outside is watched on: the process has to go in time as well."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._code:
            return
        self._finished.set()
        os.write(self._wake_write, b"x")
        self._thread.join(1.0)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self._code = 128 + number
        os.write(self._wake_write, b"x")

    def _watch(self) -> None:
        watched = select.poll()
        watched.register(self._wake_read, select.POLLIN)
        if self._input_fd is not None:
            # No input is waited for: only hang-ups and errors are reported then.
            watched.register(self._input_fd, 0)
        ready = watched.poll()
        if self._finished.is_set():
            return
        if self._input_fd in {descriptor for descriptor, _events in ready} and not self._code:
            self._code = 128 + signal.SIGHUP
        self._ask_exit(self._code or 1)
        if not self._finished.wait(GRACE_S):
            self._end_hard()

    def _end_hard(self) -> None:
        if self._input_fd is not None and self._attributes is not None:
            try:
                # TCSANOW: the other kinds wait for output that nobody reads.
                termios.tcsetattr(self._input_fd, termios.TCSANOW, self._attributes)
            except termios.error:
                # The terminal is gone; there is nothing to restore.
                os._exit(self._code or 1)
        os._exit(self._code or 1)


def terminal_input() -> int | None:
    """The descriptor of the terminal the cockpit reads from, None when it reads from none."""
    try:
        return sys.__stdin__.fileno() if sys.__stdin__ is not None else None
    except (OSError, ValueError):
        return None
