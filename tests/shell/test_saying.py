"""What commands say: words stay whole at a terminal's edge, and what goes to a file or a pipe stays as it is."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TextIO

import pytest

from shoptui.cellwidth import cell_width
from shoptui.shell.saying import wrapped

SENTENCE = "The engine stopped: what waits at a printer stays there, and is followed when it runs again."


@pytest.fixture
def terminal() -> Iterator[Callable[[int], TextIO]]:
    """A terminal of so many columns."""
    with ExitStack() as opened:

        def made(columns: int) -> TextIO:
            leader, follower = pty.openpty()
            fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            opened.callback(os.close, leader)
            return opened.enter_context(os.fdopen(follower, "w"))

        yield made


@pytest.mark.parametrize("columns", [20, 40, 79, 80, 200])
def test_words_stay_whole(terminal: Callable[[int], TextIO], columns: int) -> None:
    lines = wrapped(SENTENCE, terminal(columns)).split("\n")
    assert [word for line in lines for word in line.split()] == SENTENCE.split()
    assert all(cell_width(line) <= columns for line in lines)


def test_later_lines_stand_under_the_first_ones_words(terminal: Callable[[int], TextIO]) -> None:
    first, *later = wrapped(f"  left out 3: {SENTENCE}", terminal(40)).split("\n")
    assert first.startswith("  left out 3:")
    assert later
    assert all(line.startswith("    ") and line[4] != " " for line in later)
    assert wrapped("a b\nc", terminal(40)) == "a b\nc"


def test_an_address_is_left_whole(terminal: Callable[[int], TextIO]) -> None:
    link = f"https://example.com/{'a' * 90}"
    assert link in wrapped(f"Open {link} and agree.", terminal(40)).split("\n")[1]


def test_a_file_and_a_pipe_get_the_sentence_as_it_is() -> None:
    assert wrapped(SENTENCE, io.StringIO()) == SENTENCE
    with open(os.devnull, "w", encoding="utf-8") as out:
        assert wrapped(SENTENCE, out) == SENTENCE


def test_wrong_usage_is_said_in_whole_words() -> None:
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    command = [sys.executable, "-m", "shoptui", "returns", "answer", "offer", "tt-th-1/1"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=follower, check=False, timeout=60)
    os.close(follower)
    said = os.read(leader, 4096).decode()
    os.close(leader)
    assert done.returncode == 2
    assert "An offer needs --part (30% or 12.50)," in " ".join(said.split())
    assert all(len(line) <= 40 for line in said[said.index("Error: ") :].splitlines())
