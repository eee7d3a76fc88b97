"""Reading the terminal's keys without waking up while none come."""

from __future__ import annotations

import os
import select
import time
from codecs import getincrementaldecoder
from typing import Any

from textual import constants
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

#: How often the parser is asked whether a lone Escape is a key of its own, seconds.
_LOOK_EVERY_S = 0.1

#: After so many looks nothing that has come waits for more.
_LOOKS = round(max(1.0, 2 * constants.ESCAPE_DELAY) / _LOOK_EVERY_S)

_CHUNK_BYTES = 4096


class CalmDriver(LinuxDriver):
    """Textual's driver for terminals, whose thread sleeps until there is something to read.

    Textual's own looks ten times a second whether its parser waits for the rest of a sequence: in a cockpit that is
    left alone that is most of what wakes the processor. Here it looks only just after something came.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)

    def disable_input(self) -> None:
        """End the thread that reads."""
        os.write(self._wake_write, b"x")
        super().disable_input()

    def run_input_thread(self) -> None:
        """Pass on what is typed until `disable_input`."""
        self._forget_wakes()
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        watched = [self.fileno, self._wake_read]
        looks_left = 0
        while not self.exit_event.is_set():
            ready, _, _ = select.select(watched, [], [], _LOOK_EVERY_S if looks_left else None)
            looks_left = max(0, looks_left - 1)
            if self.fileno in ready:
                typed = self._read_typed()
                if typed:
                    looks_left, read_at = _LOOKS, time.monotonic()
                    for message in parser.feed(decode(typed)):
                        # What came in one piece came at one time, however slowly this thread gets to pass it on: the
                        # Enter behind a scanned code must not look like a person's on a busy machine.
                        message.time = read_at
                        self.process_message(message)
                else:
                    # The terminal is gone; whoever watches for that ends the cockpit.
                    watched.remove(self.fileno)
            for message in parser.tick():
                self.process_message(message)

    def _read_typed(self) -> bytes:
        try:
            return os.read(self.fileno, _CHUNK_BYTES)
        except OSError:
            return b""

    def _forget_wakes(self) -> None:
        """Drop what woke the thread before this one: input is disabled and enabled again around other programs."""
        try:
            os.read(self._wake_read, _CHUNK_BYTES)
        except BlockingIOError:
            # Nothing did.
            return
