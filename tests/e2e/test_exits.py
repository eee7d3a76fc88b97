"""How a cockpit ends: asked, by signals, with a terminal that no longer reads, at the end of input, after damage."""

from __future__ import annotations

import contextlib
import os
import pty
import random
import select
import shlex
import signal
import sqlite3
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.app import EXIT_FAULT
from tests.e2e.cockpit import Cockpit
from tests.e2e.live import SHOPTUI, PersonalHouse

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("exits")]

#: A cockpit has to go within a second; a busy test machine gets this long, seconds.
GONE_WITHIN_S = 10.0

ALTERNATE_SCREEN, MOUSE, BRACKETED_PASTE, CURSOR = 1049, 1000, 2004, 25


def _left_the_terminal_as_it_was(cockpit: Cockpit, before: list[object]) -> None:
    cockpit.read_for(0.2)
    assert not cockpit.private_mode(ALTERNATE_SCREEN)
    assert not cockpit.private_mode(MOUSE)
    assert not cockpit.private_mode(BRACKETED_PASTE)
    assert cockpit.private_mode(CURSOR)
    assert cockpit.line_settings() == before
    assert b"Traceback" not in cockpit.raw_tail


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_terminal_is_as_before(shared_house: PersonalHouse, number: signal.Signals) -> None:
    with Cockpit(shared_house.env) as cockpit:
        before = cockpit.line_settings()
        cockpit.ready()
        assert cockpit.private_mode(ALTERNATE_SCREEN)
        assert cockpit.line_settings() != before
        # At once after the keys: what they changed is kept all the same.
        cockpit.show_view("3")
        cockpit.key("space", "space")
        cockpit.until(lambda: cockpit.marked_count == 2, "two marks")
        tail = cockpit.cursor_tail
        cockpit.send_signal(number)
        assert cockpit.wait_exit(GONE_WITHIN_S) == 128 + number
        _left_the_terminal_as_it_was(cockpit, before)

    with Cockpit(shared_house.env) as cockpit:
        cockpit.ready()
        cockpit.until(lambda: cockpit.view.startswith(" 3 ") and cockpit.marked_count == 2, "view and marks")
        cockpit.until(lambda: cockpit.cursor_tail == tail, "the cursor's row")
        cockpit.key("u", "0")
        cockpit.until(lambda: cockpit.marked_count == 0 and cockpit.view.startswith(" 0 "), "no marks")
        cockpit.press("ctrl+q")
        assert cockpit.wait_exit(GONE_WITHIN_S) == 0


def test_killed_outright_it_comes_back_to_the_same_row(shared_house: PersonalHouse) -> None:
    state = shared_house.data_dir.operator_state
    with Cockpit(shared_house.env) as cockpit:
        cockpit.ready()
        cockpit.show_view("3")
        cockpit.key("pagedown", "space")
        cockpit.until(lambda: cockpit.marked_count == 1, "a mark")
        tail = cockpit.cursor_tail
        assert tail is not None
        cockpit.until(lambda: f'{tail}"],"marks":[[' in _saved(state), "the state on the disk")
        cockpit.key("/")
        cockpit.until(lambda: "Enter show" in cockpit.keys, "the filter field")
        cockpit.type("sku:TOTE")
        cockpit.until(lambda: "sku:TOTE" in _saved(state), "the draft on the disk")
        cockpit.send_signal(signal.SIGKILL)
        assert cockpit.wait_exit(GONE_WITHIN_S) == -signal.SIGKILL

    with Cockpit(shared_house.env) as cockpit:
        cockpit.ready()
        cockpit.until(lambda: cockpit.view.startswith(" 3 ") and cockpit.marked_count == 1, "view and mark")
        cockpit.until(lambda: cockpit.cursor_tail == tail, "the cursor's row")
        cockpit.key("/")
        cockpit.wait_for("sku:TOTE")
        cockpit.wait_for("as you left it")
        cockpit.press("\x15")
        cockpit.wait_gone("sku:TOTE")
        cockpit.key("escape")


#: The cockpit with a command that fails as only a mistake in the program can, with a buyer's data at hand.
_WITH_A_MISTAKE = """
import sys
from shoptui.cli import main
from shoptui.screens.frame import Frame

def mistaken(self, argument):
    phone = "+66812345678"
    raise KeyError("'Alice Fenwick' 576461413048015838")

Frame.do_app_redraw = mistaken
sys.argv = ["shoptui", "attach"]
main()
"""


def test_a_mistake_in_the_program_ends_it_with_one_sentence(shared_house: PersonalHouse) -> None:
    log = shared_house.data_dir.operator_state.parent / "cockpit.log"
    with Cockpit(shared_house.env, command=[sys.executable, "-c", _WITH_A_MISTAKE]) as cockpit:
        before = cockpit.line_settings()
        cockpit.ready()
        cockpit.press("\x0c")
        assert cockpit.wait_exit(GONE_WITHIN_S) == EXIT_FAULT
        _left_the_terminal_as_it_was(cockpit, before)
        # The terminal breaks its lines within words, where depends on the length of the log's path.
        said = "".join(cockpit.text().split())
        assert said.count("Thecockpithasstoppedbecauseofafaultofitsown.") == 1
        assert "startshoptuiagain:youwillbewhereyouwere." in said
        noted = log.read_text()
        for private in ("+66812345678", "Alice", "576461413048015838"):
            assert private not in said
            assert private not in noted
    assert "KeyError" in noted
    assert "mistaken" in noted, "the lines of code it passed through"
    assert log.stat().st_mode & 0o077 == 0

    with Cockpit(shared_house.env) as cockpit:
        cockpit.ready()
        cockpit.press("ctrl+q")
        assert cockpit.wait_exit(GONE_WITHIN_S) == 0


def _saved(state: Path) -> str:
    """The operator's state as another process reads it."""
    with contextlib.closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as db:
        row = db.execute("SELECT body FROM document WHERE name = 'cockpit'").fetchone()
    return str(row[0]) if row else ""


def test_a_state_that_is_locked_does_not_keep_it(shared_house: PersonalHouse) -> None:
    with Cockpit(shared_house.env) as cockpit:
        cockpit.wait_for("│ live │")
        with contextlib.closing(sqlite3.connect(shared_house.data_dir.operator_state, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            cockpit.key("down")
            cockpit.send_signal(signal.SIGTERM)
            # Sooner than the five seconds for which it would wait for the lock.
            assert cockpit.wait_exit(GONE_WITHIN_S) == 128 + signal.SIGTERM


def test_leaving_at_any_moment_ends_the_process(shared_house: PersonalHouse) -> None:
    dice = random.Random(11)
    for _ in range(5):
        with Cockpit(shared_house.env) as cockpit:
            # It comes back to the place it was left in.
            cockpit.wait_for("[")
            # Reads that are under way when the cockpit leaves.
            cockpit.burst(*dice.choices(["3", "0", "*", "f5", "g", "a", "s", "pagedown"], k=5))
            cockpit.read_for(dice.uniform(0, 0.2))
            cockpit.press("ctrl+q")
            assert cockpit.wait_exit(GONE_WITHIN_S) == 0
            assert not cockpit.private_mode(ALTERNATE_SCREEN)


def test_a_terminal_that_no_longer_reads(live_house: PersonalHouse) -> None:
    with Cockpit(live_house.env, columns=200, rows=50) as cockpit:
        cockpit.ready()
        # From here on nobody reads; each key asks for a whole page, until the cockpit can write no more.
        stalled, last = 0, -1
        while stalled < 20:
            cockpit.press("end", "home")
            select.select([], [], [], 0.05)
            unread = cockpit.unread()
            stalled, last = (stalled + 1 if unread == last else 0), unread
        # The engine does not wait for it: orders are taken and go out while notices pile up.
        ordered = live_house.run("orders", "ship", "--filter", "due:<2h", "--yes")
        assert ordered.returncode in (0, 1), ordered.stderr
        assert len(live_house.shipped()) > 0
        assert cockpit.unread() == last
        cockpit.send_signal(signal.SIGTERM)
        assert cockpit.wait_reaped(GONE_WITHIN_S) == 128 + signal.SIGTERM


def test_the_end_of_input_ends_it(shared_house: PersonalHouse) -> None:
    keyboard, keyboard_end = pty.openpty()
    # The same program on two terminals of one size: keys come from the one, the screen is the other.
    termios.tcsetwinsize(keyboard, (24, 80))
    command = f"exec {shlex.join(SHOPTUI)} attach < {os.ttyname(keyboard_end)}"
    with Cockpit(shared_house.env, command=["sh", "-c", command]) as cockpit:
        cockpit.wait_for("│ live │")
        os.close(keyboard_end)
        os.write(keyboard, b"j")
        os.close(keyboard)
        assert cockpit.wait_exit(GONE_WITHIN_S) == 128 + signal.SIGHUP
        assert not cockpit.private_mode(ALTERNATE_SCREEN)


def test_without_a_terminal_it_says_what_to_use_instead(shared_house: PersonalHouse) -> None:
    done = shared_house.run("attach")
    assert done.returncode == 2
    assert done.stderr == "The cockpit needs a terminal. In scripts use: shoptui orders list, shoptui --help\n"


@pytest.fixture(scope="module")
def quiet_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalHouse]:
    """A house that was read once and has no engine."""
    with PersonalHouse(tmp_path_factory.mktemp("quiet") / "house") as house:
        assert house.run("engine", "--once").returncode == 0
        yield house


def test_damaged_state_costs_only_the_state(quiet_house: PersonalHouse) -> None:
    quiet_house.data_dir.operator_state.write_bytes(b"this is no database" * 400)
    with Cockpit(quiet_house.env) as cockpit:
        cockpit.ready()
        assert cockpit.order_count > 0
        cockpit.press("ctrl+q")
        assert cockpit.wait_exit() == 0
    assert list(quiet_house.data_dir.root.glob("state.db.damaged-*"))


def test_state_that_cannot_be_opened_is_said_and_the_cockpit_works(quiet_house: PersonalHouse, tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    with Cockpit({**quiet_house.env, "SHOPTUI_STATE": str(tmp_path)}) as cockpit:
        cockpit.ready()
        assert cockpit.message.startswith("Views and marks cannot be kept")
        cockpit.press("ctrl+q")
        assert cockpit.wait_exit() == 0
        assert b"Traceback" not in cockpit.raw_tail
