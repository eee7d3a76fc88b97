"""The cockpit as a process: what it imports, and that it ends in time however its terminal goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from tests.e2e.terminal import Terminal
from tests.ui.app_support import make_house

HEAVY = ("pydantic", "httpx", "click", "keyring", "stamina", "aiolimiter", "starlette", "shoptui.adapters.http")

#: A second for the cockpit, the rest for a busy machine to notice.
_ENDS_WITHIN_S = 3.0

_RUN = "import sys; from shoptui.paths import DataDir; from pathlib import Path; from shoptui.app import run_cockpit; \
sys.exit(run_cockpit(DataDir(Path(sys.argv[1])), ensure=False))"


def modules_after(script: str) -> set[str]:
    found = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(found.stdout.split())


def test_the_cockpit_starts_without_heavy_imports() -> None:
    modules = modules_after("import shoptui.app")
    assert not modules.intersection(HEAVY)


def test_places_and_strips_that_are_not_shown_are_not_imported() -> None:
    modules = modules_after("import shoptui.app")
    for name in ("activity", "stores", "help", "order_form", "order_ship", "order_print"):
        assert f"shoptui.screens.{name}" not in modules
    for name in ("money_reader", "return_reader", "stock_reader", "stock_pools"):
        assert f"shoptui.store.{name}" not in modules
    assert "shoptui.domain.rules" not in modules


def test_garbage_is_looked_for_once_the_start_is_over_and_not_in_what_it_left() -> None:
    script = (
        "import gc; from shoptui.cockpit import collector; collector.rest(); resting = not gc.isenabled(); "
        "collector.begin(); frozen = gc.get_freeze_count(); collector.begin(); "
        "print(resting, gc.isenabled(), frozen > 1000, gc.get_freeze_count() <= frozen)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == ["True"] * 4


def test_the_command_table_is_printed_without_textual() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "shoptui.commands"], capture_output=True, text=True, check=True, timeout=60
    )
    assert printed.stdout.startswith("| key |")
    assert "textual" not in modules_after("import shoptui.commands")


@pytest.fixture
async def house(tmp_path: Path) -> DataDir:
    return await make_house(tmp_path, now=int(time.time()))


@pytest.fixture
def terminal(house: DataDir) -> Iterator[Terminal]:
    with Terminal([sys.executable, "-c", _RUN, str(house.root)], env={"TZ": "UTC"}) as opened:
        opened.wait_for("40 orders", 30)
        yield opened


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_it_in_time_and_leaves_the_terminal_in_order(terminal: Terminal, number: signal.Signals) -> None:
    started = time.monotonic()
    terminal.send_signal(number)
    assert terminal.wait_exit(_ENDS_WITHIN_S) == 128 + number
    assert time.monotonic() - started < _ENDS_WITHIN_S
    assert b"\x1b[?1049l" in terminal.raw_tail, "the alternate screen was left"


def test_a_signal_ends_it_even_when_the_terminal_has_stalled(terminal: Terminal) -> None:
    # Nobody reads: a full redraw for every key soon blocks the cockpit's loop in a write.
    for _round in range(400):
        terminal.press("\x0c")
    pid = terminal.pid
    deadline = time.monotonic() + 5
    while terminal.unread() < 4000 and time.monotonic() < deadline:
        os.sched_yield()
    terminal.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _ENDS_WITHIN_S
    ended = 0
    while not ended and time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
    assert ended == pid, "the process still runs"
    terminal.exit_code = os.waitstatus_to_exitcode(status)
    assert terminal.exit_code == 128 + signal.SIGTERM


def test_a_dropped_link_ends_it(terminal: Terminal) -> None:
    pid = terminal.pid
    terminal.hang_up()
    deadline = time.monotonic() + _ENDS_WITHIN_S
    ended = 0
    while not ended and time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
    assert ended == pid, "the process still runs"
    terminal.exit_code = os.waitstatus_to_exitcode(status)
    assert terminal.exit_code != 0


def test_ctrl_q_leaves_in_good_order(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert terminal.wait_exit(10) == 0


def test_end_of_input_on_a_pipe_ends_it(house: DataDir) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(house.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) != 0
    finally:
        process.kill()
