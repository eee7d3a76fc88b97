"""A real pseudo-terminal with a program on it: keys in, screen and byte counts out."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte
from wcwidth import wcwidth

#: Asked by Textual at start; a terminal that knows synchronised output answers "supported".
_SYNC_QUERY = b"\x1b[?2026$p"
_SYNC_ANSWER = b"\x1b[?2026;2$y"
#: Where is the cursor? Asked by whoever measures how wide something was drawn (xterm control sequences, DSR 6).
_CURSOR_QUERY = b"\x1b[6n"
#: A terminal shows nothing of a frame before its end; one that a program left unfinished is shown after so long. On a
#: busy machine eight programs that start at once may each wait a second for their turn in the middle of one.
_SYNCHRONISED, _FRAME_S = 2026, 5.0

KEYS: Mapping[str, bytes] = {
    "enter": b"\r",
    "escape": b"\x1b",
    "tab": b"\t",
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "space": b" ",
    "shift+tab": b"\x1b[Z",
    "f1": b"\x1bOP",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    "f5": b"\x1b[15~",
    "f6": b"\x1b[17~",
    "f7": b"\x1b[18~",
    "f8": b"\x1b[19~",
    "f9": b"\x1b[20~",
    "f10": b"\x1b[21~",
    "ctrl+q": b"\x11",
    "ctrl+y": b"\x19",
    "ctrl+s": b"\x13",
    "ctrl+u": b"\x15",
    "ctrl+g": b"\x07",
}


class _Screen(pyte.Screen):
    """The emulated screen, which also counts how often the bell rang."""

    bells = 0

    def bell(self, *args: Any) -> None:
        self.bells += 1

    def draw(self, data: str) -> None:
        """Draw without the signs that take no cell: pyte drops all that follows a Thai vowel above its consonant."""
        super().draw("".join(sign for sign in data if wcwidth(sign) != 0))

    @property
    def display(self) -> list[str]:
        """The lines of text; half of a wide character that was drawn over is a blank, where pyte's own fails."""
        return ["".join(self._cells(y)) for y in range(self.lines)]

    def _cells(self, y: int) -> Iterator[str]:
        line, was_wide = self.buffer[y], False
        for x in range(self.columns):
            sign = line[x].data
            if not (was_wide and not sign):
                yield sign or " "
            was_wide = bool(sign) and wcwidth(sign[0]) == 2


class Terminal:
    """One program on a pseudo-terminal of a given size.

    `read_for` pumps output into an emulated screen; `bytes_out` counts what the program wrote, which a slow
    link would have to carry. Without `emulate` nothing is drawn and only `raw_tail` tells what came, which costs no
    time (for measuring). Use as a context manager: leaving it ends the program if it still runs.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        emulate: bool = True,
    ) -> None:
        self.columns, self.rows = columns, rows
        self._emulate = emulate
        #: When output last came (time.monotonic), before the emulator worked on it.
        self.last_read_at = 0.0
        self.screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes_out = 0
        self.raw_tail = b""
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        environment.pop("TEXTUAL_ANIMATIONS", None)
        # This terminal has its own size.
        environment.pop("LINES", None)
        environment.pop("COLUMNS", None)
        # An installed program has its bytecode; without it every start compiles all of ours anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment.update(env or {})
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child becomes the program
            if cwd is not None:
                os.chdir(cwd)
            os.execvpe(command[0], list(command), environment)
        self.resize(columns, rows)
        self.exit_code: int | None = None

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if (columns, rows) != (self.columns, self.rows):
            self.columns, self.rows = columns, rows
            self.screen.resize(rows, columns)

    def read_for(self, seconds: float, until: Callable[[Terminal], bool] | None = None) -> bool:
        """Read output for at most `seconds` (real time). True as soon as `until` holds; False when time is up.

        `until` sees whole frames only, as people do.
        """
        end_at = time.monotonic() + seconds
        while True:
            if until is not None and not self._is_in_frame and until(self):
                return True
            left = end_at - time.monotonic()
            if left <= 0 or not self._pump(left):
                return until is not None and until(self)

    @property
    def _is_in_frame(self) -> bool:
        return self.private_mode(_SYNCHRONISED) and time.monotonic() - self.last_read_at < _FRAME_S

    def _pump(self, wait_s: float) -> bool:
        """Read once. False at the end of the program's output."""
        ready, _, _ = select.select([self.fd], [], [], wait_s)
        if not ready:
            return True
        try:
            chunk = os.read(self.fd, 65536)
        except OSError:
            return False
        if not chunk:
            return False
        self.last_read_at = time.monotonic()
        self.bytes_out += len(chunk)
        self.raw_tail = (self.raw_tail + chunk)[-200_000:]
        if _SYNC_QUERY in chunk:
            os.write(self.fd, _SYNC_ANSWER)
        if self._emulate:
            self._stream.feed(chunk)
            if _CURSOR_QUERY in chunk:
                cursor = self.screen.cursor
                os.write(self.fd, f"\x1b[{cursor.y + 1};{cursor.x + 1}R".encode())
        return True

    def press(self, *keys: str) -> None:
        """Send named keys (`f9`, `down`) or plain text."""
        for key in keys:
            os.write(self.fd, KEYS.get(key, key.encode()))

    def burst(self, *keys: str) -> None:
        """Send keys in one write, as a scanner does and a slow link that delivers all at once."""
        os.write(self.fd, b"".join(KEYS.get(key, key.encode()) for key in keys))

    def paste(self, text: str) -> None:
        """Send text as a terminal with bracketed paste does."""
        os.write(self.fd, b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def press_apart(self, *keys: str, gap_s: float = 0.12) -> None:
        """Send keys as a person does, one after the other with a pause, so that no burst looks like a scanner."""
        for key in keys:
            self.press(key)
            self.read_for(gap_s)

    def until(self, holds: Callable[[], bool], what: str, seconds: float = 45.0) -> None:
        """Read until `holds` is true, also of things outside this terminal; raises AssertionError with the screen."""
        end_at = time.monotonic() + seconds
        while self._is_in_frame or not holds():
            if time.monotonic() > end_at:
                raise AssertionError(f"{what}: not within {seconds} s. The screen:\n{self.text()}")
            if not self.read_for(0.1, lambda _terminal: holds()):
                # At the program's end reading returns at once.
                select.select([], [], [], 0.02)

    def wait_for(self, text: str, seconds: float = 45.0) -> None:
        """Read until `text` is on the screen; raises AssertionError with the screen when it does not come."""
        if not self.read_for(seconds, lambda terminal: text in terminal.text()):
            raise AssertionError(f"{text!r} did not appear within {seconds} s on:\n{self.text()}")

    def wait_gone(self, text: str, seconds: float = 45.0) -> None:
        if not self.read_for(seconds, lambda terminal: text not in terminal.text()):
            raise AssertionError(f"{text!r} did not go away within {seconds} s on:\n{self.text()}")

    def text(self) -> str:
        """The screen as lines of text."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line(self, number: int) -> str:
        return str(self.screen.display[number])

    def private_mode(self, number: int) -> bool:
        """Whether the program has a DEC private mode switched on, such as 1049 (alternate screen)."""
        return number << 5 in self.screen.mode

    def line_settings(self) -> list[Any]:
        """What the kernel's terminal driver is set to (`termios.tcgetattr`)."""
        return termios.tcgetattr(self.fd)

    def unread(self) -> int:
        """How many bytes the program has written that nobody has read yet."""
        answer = fcntl.ioctl(self.fd, termios.FIONREAD, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])

    def wait_exit(self, seconds: float = 30.0) -> int:
        """Wait for the program's end and read all it has written; its exit code, negative for a signal.

        Raises AssertionError when it stays longer than `seconds`.
        """
        end_at = time.monotonic() + seconds
        while time.monotonic() < end_at:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
                # Its last words may have come after the last look.
                while select.select([self.fd], [], [], 0)[0] and self._pump(0):
                    pass
                return self.exit_code
            self._pump(0.05)
        raise AssertionError(f"the program still runs after {seconds} s; its screen:\n{self.text()}")

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal as a dropped link does."""
        os.close(self.fd)
        self.fd = -1

    def wait_reaped(self, seconds: float) -> int:
        """Wait for the program's end without reading from it; its exit code, negative for a signal.

        Raises AssertionError when it stays longer than `seconds`.
        """
        if not self._reap(seconds) or self.exit_code is None:
            raise AssertionError(f"the program still runs after {seconds} s; its screen was:\n{self.text()}")
        return self.exit_code

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
        if self.exit_code is None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.kill(self.pid, number)
                except ProcessLookupError:
                    break
                if self._reap(2.0):
                    break

    def _reap(self, seconds: float) -> bool:
        end_at = time.monotonic() + seconds
        while time.monotonic() < end_at:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
                return True
            select.select([], [], [], 0.02)
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
