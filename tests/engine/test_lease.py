"""One engine per data directory, and a socket nobody else can put there."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from shoptui.engine.lease import Lease, LeaseError, LeaseTaken, holder
from shoptui.paths import DataDir

NOW = 1_790_000_000


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_second_is_told_who_has_it(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path / "house")
    with Lease.take(data_dir, NOW):
        with pytest.raises(LeaseTaken) as caught:
            Lease.take(data_dir, NOW + 5)
        assert caught.value.pid == os.getpid()
        assert caught.value.since_at == NOW
        assert str(os.getpid()) in str(caught.value)
        found = holder(data_dir)
        assert found is not None and (found.pid, found.since_at) == (os.getpid(), NOW)
    assert holder(data_dir) is None
    Lease.take(data_dir, NOW + 9).release()


def test_it_is_free_again_when_the_holder_was_killed(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path / "house")
    script = (
        "import sys, pathlib\n"
        "from shoptui.engine.lease import Lease\n"
        "from shoptui.paths import DataDir\n"
        "lease = Lease.take(DataDir(pathlib.Path(sys.argv[1])), 1)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdout.readline() == b"held\n"
    with pytest.raises(LeaseTaken):
        Lease.take(data_dir, NOW)
    process.kill()
    process.communicate()
    Lease.take(data_dir, NOW).release()


def test_who_only_asks_does_not_keep_an_engine_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir = DataDir(tmp_path / "house")
    Lease.take(data_dir, NOW).release()
    with data_dir.lock.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        # Who asks is done by the time the engine has waited.
        waiting = SimpleNamespace(select=lambda *_: fcntl.flock(asking, fcntl.LOCK_UN))
        monkeypatch.setattr("shoptui.engine.lease.select", waiting)
        Lease.take(data_dir, NOW).release()


def test_a_personal_house_is_closed_to_others(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path / "house")
    with Lease.take(data_dir, NOW) as lease, lease.bind_socket():
        assert mode(data_dir.root) == 0o700
        assert mode(data_dir.lock) == 0o600
        assert mode(data_dir.socket) == 0o600


def test_a_shared_house_lets_its_group_in(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path / "house", shared=True)
    with Lease.take(data_dir, NOW) as lease, lease.bind_socket():
        assert mode(data_dir.root) & 0o777 == 0o750
        assert mode(data_dir.socket) == 0o660


def test_a_directory_others_can_write_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    root = tmp_path / "house"
    root.mkdir()
    root.chmod(0o777)
    with pytest.raises(LeaseError, match="chmod go-w"):
        Lease.take(DataDir(root), NOW)
    assert mode(root) == 0o777


def test_what_an_earlier_engine_left_at_the_socket_is_replaced_and_taken_away_at_the_end(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path / "house")
    with Lease.take(data_dir, NOW) as first:
        first.bind_socket().close()
        # As a killed engine leaves it: a socket file that nobody listens on.
        assert data_dir.socket.exists()
        with first.bind_socket() as listening, socket.socket(socket.AF_UNIX) as client:
            client.connect(str(data_dir.socket))
            assert listening.getsockname() == str(data_dir.socket)
    assert not data_dir.socket.exists()


def test_a_long_path_gets_a_short_socket(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_time = tmp_path_factory.mktemp("run") / "made"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run_time))
    data_dir = DataDir(tmp_path / ("long-" * 20) / "house")
    with Lease.take(data_dir, NOW) as lease, lease.bind_socket():
        assert len(os.fsencode(data_dir.socket)) <= 107
        assert data_dir.socket.exists()
        assert data_dir.socket.parent == run_time and mode(run_time) == 0o700


def test_a_run_time_directory_with_a_long_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("run-" * 20)))
    data_dir = DataDir(tmp_path / ("long-" * 20) / "house")
    assert len(os.fsencode(data_dir.socket)) <= 107
    assert tmp_path not in data_dir.socket.parents
