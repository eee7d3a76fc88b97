"""What the doctor says about terminals, and that it measures what a terminal really draws."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pyte
import pytest

from shoptui.cellwidth import cell_width
from shoptui.doctor.finding import Finding, State
from shoptui.doctor.terminal import TerminalFacts, check_terminal
from shoptui.doctor.widths import SAMPLES, check_widths, measure

GOOD = TerminalFacts(
    is_terminal=True,
    term="xterm-256color",
    colour_term="truecolor",
    no_colour=False,
    columns=80,
    rows=24,
    locale="en_US.UTF-8",
    locale_variable="LANG",
    locale_installed=True,
    encoding="utf-8",
)


def found(facts: TerminalFacts) -> dict[str, Finding]:
    return {finding.id: finding for finding in check_terminal(facts)}


def test_a_good_terminal_has_nothing_to_do() -> None:
    assert {finding.state for finding in check_terminal(GOOD)} == {State.OK}
    assert all(not finding.todo for finding in check_terminal(GOOD))


@pytest.mark.parametrize(
    ("changes", "check", "state", "words"),
    [
        ({"term": "dumb"}, "terminal", State.BAD, "TERM is 'dumb'"),
        ({"term": ""}, "terminal", State.BAD, "TERM is ''"),
        ({"is_terminal": False}, "terminal", State.UNKNOWN, "no terminal"),
        ({"columns": 79}, "size", State.WARN, "79x24 is smaller than 80x24"),
        ({"rows": 20}, "size", State.WARN, "80x20 is smaller"),
        ({"no_colour": True}, "colours", State.WARN, "NO_COLOR"),
        ({"colour_term": ""}, "colours", State.OK, "256"),
        ({"colour_term": "", "term": "screen"}, "colours", State.WARN, "Sixteen"),
        ({"locale": "en_US.ISO-8859-1"}, "locale", State.BAD, "LANG=en_US.ISO-8859-1 is no UTF-8"),
        ({"locale": "C"}, "locale", State.WARN, "No locale"),
        ({"locale": "", "locale_variable": ""}, "locale", State.WARN, "No locale"),
        ({"locale_installed": False}, "locale", State.WARN, "not installed"),
        ({"encoding": "ascii"}, "locale", State.BAD, "written as ascii"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    changes: dict[str, object], check: str, state: State, words: str
) -> None:
    finding = found(replace(GOOD, **changes))[check]  # type: ignore[arg-type]  # the table names real fields
    assert finding.state is state
    assert words in finding.said
    assert finding.todo or state is State.OK


def test_widths_that_differ_are_named() -> None:
    right: dict[str, int | None] = {name: cell_width(text) for name, text in SAMPLES.items()}
    assert [finding.state for finding in check_widths(right)] == [State.OK]
    (wrong,) = check_widths({**right, "emoji": 2})
    assert (wrong.id, wrong.state) == ("widths:emoji", State.WARN)
    assert f"takes 2 cells here, we count {cell_width(SAMPLES['emoji'])}" in wrong.said
    (ambiguous,) = check_widths({**right, "signs": 18})
    assert "narrow" in ambiguous.todo


@pytest.mark.parametrize("measured", [{}, dict.fromkeys(SAMPLES)])
def test_without_an_answer_nothing_is_claimed(measured: dict[str, int | None]) -> None:
    (finding,) = check_widths(measured)
    assert finding.state is State.UNKNOWN


@contextmanager
def terminal(*, answers: bool = True) -> Iterator[tuple[int, pyte.Screen]]:
    """The program's end of a terminal that draws what is written, and says where its cursor is."""
    master, slave = os.openpty()
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)
    done = threading.Event()

    def run() -> None:
        while True:
            ready, _, _ = select.select([master], [], [], 0.02)
            if not ready:
                # Only when all that was written has been drawn.
                if done.is_set():
                    return
                continue
            for part in os.read(master, 4096).partition(b"\x1b[6n"):
                if part != b"\x1b[6n":
                    stream.feed(part)
                elif answers:
                    os.write(master, f"\x1b[{screen.cursor.y + 1};{screen.cursor.x + 1}R".encode())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield slave, screen
    finally:
        done.set()
        thread.join()
        os.close(master)
        os.close(slave)


def test_a_terminal_is_measured_and_left_clean() -> None:
    with terminal() as (slave, screen):
        measured = measure(slave, slave)
    assert measured["cjk"] == 8 == cell_width(SAMPLES["cjk"])
    assert measured["vietnamese"] == cell_width(SAMPLES["vietnamese"])
    assert set(measured) == set(SAMPLES) and None not in measured.values()
    assert "".join(screen.display).strip() == ""


def test_a_silent_terminal_is_asked_once_only() -> None:
    with terminal(answers=False) as (slave, screen):
        measured = measure(slave, slave, within_s=0.05)
    assert set(measured.values()) == {None}
    assert "".join(screen.display).strip() == ""
