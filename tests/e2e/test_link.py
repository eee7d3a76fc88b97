"""The link drops in the middle of a batch: the cockpit goes, the engine ships, and coming back is as if never away."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.cockpit import Cockpit
from tests.e2e.live import SHOPTUI, PersonalHouse, wait_until
from tests.e2e.sshd import sshd_on_loopback

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("link")]

#: Without what the batch ships, which leaves the list.
FILTER = "due:<24h -due:<4h status:to_ship"

#: A cockpit has to go within a second; a busy test machine gets this long, seconds.
GONE_WITHIN_S = 10.0


def _work_like_an_operator(cockpit: Cockpit, live: PersonalHouse) -> tuple[int, str, set[str]]:
    """Order a batch, then filter, mark and stand somewhere: how many were ordered, the cursor's order, the marks."""
    cockpit.ready()
    cockpit.show_view("2")
    cockpit.mark_all()
    ready, _asked = cockpit.ask_ship()
    cockpit.confirm()
    cockpit.until(lambda: len(live.outbox()) > 0, "the order is taken")
    cockpit.show_filter(FILTER)
    cockpit.key("pagedown", "space", "space", "down", "down", "space", "down")
    cockpit.until(lambda: cockpit.marked_count == 3, "three marks")
    tail = cockpit.cursor_tail
    assert tail is not None
    return ready, tail, cockpit.marked_tails()


def _is_as_left(cockpit: Cockpit, ordered: int, tail: str, marks: set[str]) -> None:
    cockpit.ready()
    cockpit.until(lambda: FILTER in cockpit.view and cockpit.marked_count == 3, "the filter and the marks")
    cockpit.until(lambda: cockpit.cursor_tail == tail, f"the cursor on {tail}")
    cockpit.until(lambda: cockpit.marked_tails() == marks, f"marks on {marks}")
    cockpit.wait_for(f"SHIP {ordered} went on: {ordered} shipped.")


def _make_all_sound(live: PersonalHouse) -> None:
    """Let nothing be refused, so that what was ordered is what is shipped."""
    for candidate in live.candidates("due:<4h"):
        for package_id in candidate.package_ids:
            live.poke("flaw", package_id=package_id, kind=None)
            live.poke("weight", package_id=package_id, weight_g=400)


def _all_shipped_once(live: PersonalHouse, count: int) -> bool:
    shipped = live.shipped()
    assert set(Counter(shipped).values()) <= {1}
    return len(shipped) == count


def _let_the_second_pass() -> None:
    """Times are whole seconds: what settles in the one in which the operator left did not go on without them."""
    left_at = int(time.time())
    wait_until(lambda: int(time.time()) > left_at, "the next second")


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_hang_up_in_mid_batch(live_house: PersonalHouse) -> None:
    _make_all_sound(live_house)
    # The marketplaces answer only when the operator has gone: the batch is under way then, on a machine of any speed.
    with live_house.silent(), Cockpit(live_house.env) as cockpit:
        ordered, tail, marks = _work_like_an_operator(cockpit, live_house)
        cockpit.hang_up()
        assert cockpit.wait_reaped(GONE_WITHIN_S) == 128 + signal.SIGHUP
        _let_the_second_pass()

    wait_until(lambda: _all_shipped_once(live_house, ordered), "everything shipped once", 90)
    with Cockpit(live_house.env) as cockpit:
        _is_as_left(cockpit, ordered, tail, marks)
        cockpit.key("delete")
        cockpit.wait_gone("went on")


def test_ssh_is_killed_in_mid_batch(live_house: PersonalHouse, tmp_path: Path) -> None:
    _make_all_sound(live_house)
    pid_file = tmp_path / "cockpit.pid"
    settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in {**live_house.env, "LANG": "C.UTF-8"}.items())
    remote = f"echo $$ > {pid_file}; exec env {settings} {shlex.join(SHOPTUI)} attach"
    with sshd_on_loopback(tmp_path / "sshd") as server:
        with live_house.silent(), Cockpit({}, command=server.command("sh", "-c", shlex.quote(remote))) as cockpit:
            ordered, tail, marks = _work_like_an_operator(cockpit, live_house)
            remote_pid = int(pid_file.read_text())
            assert not _is_gone(remote_pid)
            cockpit.send_signal(signal.SIGKILL)
            assert cockpit.wait_reaped(GONE_WITHIN_S) == -signal.SIGKILL
            wait_until(lambda: _is_gone(remote_pid), "the remote cockpit's end", GONE_WITHIN_S)
            _let_the_second_pass()

        wait_until(lambda: _all_shipped_once(live_house, ordered), "everything shipped once", 90)
        with Cockpit({}, command=server.command("sh", "-c", shlex.quote(remote))) as cockpit:
            _is_as_left(cockpit, ordered, tail, marks)
            cockpit.press("ctrl+q")
            assert cockpit.wait_exit() == 0


class Tmux:
    """A tmux server of the test's own, with one session in which a cockpit runs."""

    def __init__(self, live: PersonalHouse, home: Path) -> None:
        self._socket = f"shoptui-{uuid.uuid4().hex[:12]}"
        config = home / "tmux.conf"
        config.write_text(
            """
            set -g default-terminal "tmux-256color"
            set -sg escape-time 10
            set -g status off
            set -g remain-on-exit on
            """
        )
        self._base = ["tmux", "-L", self._socket, "-f", str(config)]
        # Some login scripts export the size; the terminal's own is what counts.
        exported = {**live.env, "LANG": "C.UTF-8", "COLUMNS": "80", "LINES": "24"}
        settings = [f"{name}={value}" for name, value in exported.items()]
        self._ended = home / "ended"
        # Written down by the shell: tmux now and then leaves a program that has ended unreaped and knows no status.
        command = f"{shlex.join(['env', *settings, *SHOPTUI])}; echo $? > {shlex.quote(str(self._ended))}"
        self("new-session", "-d", "-s", "bench", "-x", "80", "-y", "24", command)

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run([*self._base, *arguments], capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.strip()

    @property
    def attach(self) -> Sequence[str]:
        """The command that shows the session on a terminal."""
        return [*self._base, "-u", "attach-session", "-t", "bench"]

    @property
    def exit_code(self) -> str:
        """What the cockpit ended with, "" while it runs."""
        return self._ended.read_text(encoding="utf-8").strip() if self._ended.exists() else ""

    def end(self) -> None:
        subprocess.run([*self._base, "kill-server"], capture_output=True, check=False, timeout=60)


@contextmanager
def running_tmux(live: PersonalHouse, home: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    tmux = Tmux(live, home)
    try:
        yield tmux
    finally:
        tmux.end()


def _fits(tmux: Tmux, client: Cockpit, columns: int, rows: int, tail: str) -> bool:
    """Whether the cockpit has taken the size: the same row under the cursor, and a word where it is too small."""
    return (
        tmux("display-message", "-p", "-t", "bench", "#{pane_width}x#{pane_height}") == f"{columns}x{rows}"
        and re.match(r" \d\d:\d\d !", client.status) is not None
        and "NEXT LOSS" in client.line(3)
        and client.cursor_tail == tail
        and client.text().count("►") == 1
        and (f"80x24 is wanted, this is {columns}x{rows}" in client.view) == (columns < 80)
    )


def test_tmux_detach_attach_and_resize(live_house: PersonalHouse, tmp_path: Path) -> None:
    _make_all_sound(live_house)
    with running_tmux(live_house, tmp_path) as tmux:
        with live_house.silent(), Cockpit({}, command=tmux.attach) as client:
            ordered, tail, marks = _work_like_an_operator(client, live_house)
            assert tmux("show-options", "-gv", "default-terminal") == "tmux-256color"
            tmux("detach-client", "-s", "bench")
            assert client.wait_exit() == 0

        wait_until(lambda: _all_shipped_once(live_house, ordered), "everything shipped once", 90)
        with Cockpit({}, command=tmux.attach) as client:
            client.until(lambda: client.cursor_tail == tail, f"the cursor on {tail}")
            # The cockpit itself was never away: its result waits like any other.
            client.wait_for(f"✓ {ordered} shipped.")
            assert client.marked_tails() == marks
            for columns, rows in ((120, 40), (200, 50), (60, 16), (80, 24)):
                client.resize(columns, rows)
                client.until(partial(_fits, tmux, client, columns, rows, tail), f"all as it was at {columns}x{rows}")
            assert client.marked_count == len(marks)
            client.key("down")
            client.until(lambda: client.cursor_tail != tail, "another row")
            client.press("ctrl+q")
            client.until(lambda: tmux.exit_code != "", "the cockpit's end")
            assert tmux.exit_code == "0"
