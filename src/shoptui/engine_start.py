"""Owns starting the engine of a personal house, detached from the terminal that asked; many at once make one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from shoptui.client import may_start_engine
from shoptui.paths import DataDir
from shoptui.protocol import encode

#: How long a starting engine may take until it listens, seconds. Checking a big database after a crash takes a while.
START_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.05
_ANSWER_WITHIN_S = 5.0
#: The engine's exit code when another engine holds the data directory.
TAKEN = 3


class EngineNotStarted(RuntimeError):
    """No engine could be had; the message says why and what to do."""


async def ensure_engine(data_dir: DataDir, *, within_s: float = START_WITHIN_S) -> None:
    """Return when an engine of this house answers, starting it if need be.

    Raises EngineNotStarted: in the shared arrangement (an administrator starts that engine), when the engine ends
    before it listens, or when it does not listen in time.
    """
    if await _answers(data_dir):
        return
    if not may_start_engine(data_dir):
        raise EngineNotStarted(
            f"The engine of {data_dir.root} is not running. It is shared: start it with "
            "`systemctl start shoptui-engine`, or ask whoever looks after this machine."
        )
    process = await asyncio.to_thread(_start, data_dir)
    try:
        async with asyncio.timeout(within_s):
            while not await _answers(data_dir):
                # Exit 3 means that another one was quicker: its socket is the one to wait for.
                if process.poll() not in (None, TAKEN):
                    raise EngineNotStarted(
                        f"The engine stopped at once (exit {process.returncode}): {_last_line(data_dir.log)}"
                    )
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError as error:
        raise EngineNotStarted(
            f"The engine did not come up within {within_s:.0f} s. Its log is {data_dir.log}."
        ) from error


def _start(data_dir: DataDir) -> subprocess.Popen[bytes]:
    log = _open_log(data_dir)
    try:
        # Popen rather than asyncio's own: that one kills its child when the loop closes, and the engine has to stay.
        return subprocess.Popen(
            [sys.executable, "-m", "shoptui", "--data-dir", str(data_dir.root), "engine"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=0o077,
            cwd="/",
        )
    finally:
        os.close(log)


async def _answers(data_dir: DataDir) -> bool:
    """Whether a living engine is there. A dying one may still accept a connection, so only an answer counts."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            reader, writer = await asyncio.open_unix_connection(str(data_dir.socket))
            try:
                # Anything but hello is refused at once, whoever asks.
                writer.write(encode({"id": 0, "do": "status"}))
                return bool(await reader.readline())
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def _open_log(data_dir: DataDir) -> int:
    data_dir.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(data_dir.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return "there is no log."
    return lines[-1] if lines else f"its log {log} is empty."
