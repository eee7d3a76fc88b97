"""`shoptui logs`: rotated files as one, and only what was asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shoptui.paths import DataDir
from shoptui.shell.exits import Exit
from shoptui.shell.group import cli


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    monkeypatch.setenv("SHOPTUI_HOME", str(tmp_path))
    return DataDir(tmp_path)


def line(ago: timedelta, words: str, level: str = "INFO") -> str:
    return f"{datetime.now(UTC) - ago:%Y-%m-%dT%H:%M:%S+0000} {level} shoptui.engine: {words}\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["logs", *arguments], prog_name="shoptui")


def said(*arguments: str) -> list[str]:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return [text.partition("engine: ")[2] or text for text in done.output.splitlines()]


@pytest.fixture
def written(house: DataDir) -> DataDir:
    """Three files, the oldest with the highest number; one line came without a moment of its own."""
    log = house.log
    log.with_name("engine.log.2").write_text(line(timedelta(days=4), "tt-th-1: oldest"))
    log.with_name("engine.log.1").write_text(line(timedelta(hours=3), "tt-th-10: older", "ERROR"))
    log.write_text(
        line(timedelta(hours=1), "tt-th-1: newer", "WARNING")
        + "shoptui engine: said without a moment\n"
        + line(timedelta(seconds=5), "tt-vn-1: newest")
    )
    log.with_name("engine.log.tmp").write_text("not ours\n")
    return house


def test_all_files_as_one(written: DataDir) -> None:
    assert said() == [
        "tt-th-1: oldest",
        "tt-th-10: older",
        "tt-th-1: newer",
        "said without a moment",
        "tt-vn-1: newest",
    ]


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (("--since", "2h"), ["tt-th-1: newer", "said without a moment", "tt-vn-1: newest"]),
        (("--since", "5m"), ["tt-vn-1: newest"]),
        (("--since", "3d"), ["tt-th-10: older", "tt-th-1: newer", "said without a moment", "tt-vn-1: newest"]),
        (("--store", "tt-th-1"), ["tt-th-1: oldest", "tt-th-1: newer", "said without a moment"]),
        (("--level", "error"), ["tt-th-10: older"]),
        (("--store", "tt-th-1", "--since", "2h", "--level", "warning"), ["tt-th-1: newer", "said without a moment"]),
        (("--store", "tt-th"), []),
    ],
)
def test_only_what_was_asked_for(written: DataDir, arguments: tuple[str, ...], lines: list[str]) -> None:
    assert said(*arguments) == lines


def test_a_moment_in_local_time(written: DataDir) -> None:
    moment = (datetime.now() - timedelta(minutes=90)).isoformat(timespec="minutes")
    assert said("--since", moment)[0] == "tt-th-1: newer"


def test_what_is_no_time_is_said(written: DataDir) -> None:
    done = run("--since", "yesterday")
    assert done.exit_code == Exit.USAGE
    assert "'yesterday' is no time. Write 90m" in done.output


def test_no_log_yet(house: DataDir) -> None:
    done = run()
    assert done.exit_code == Exit.NOTHING
    assert "no engine has run" in done.stderr


def test_following_goes_on_after_a_rotation(written: DataDir) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "shoptui", "logs", "-f", "--since", "1m"],
        env={**os.environ, "SHOPTUI_HOME": str(written.root), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        # A run of the tests that was itself started in the background hands down that Ctrl-C is to be ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    # A line that never comes ends the test instead of keeping it.
    limit = threading.Timer(30, process.kill)
    limit.start()
    try:
        assert "newest" in process.stdout.readline()
        with written.log.open("a") as log:
            log.write(line(timedelta(0), "before the rotation"))
        assert "before the rotation" in process.stdout.readline()
        with written.log.open("a") as log:
            log.write(line(timedelta(0), "in the last moment"))
        written.log.rename(written.log.with_name("engine.log.3"))
        written.log.write_text(line(timedelta(0), "after it"))
        assert "in the last moment" in process.stdout.readline()
        assert "after it" in process.stdout.readline()
    finally:
        limit.cancel()
        process.send_signal(signal.SIGINT)
        process.wait(10)
        process.stdout.close()
    assert process.returncode == Exit.OK
