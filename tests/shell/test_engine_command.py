"""`shoptui engine --stop`: an engine that is just starting is waited for, one that is not there is said so at once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from shoptui.client import EngineClient, EngineGone
from shoptui.engine.lease import Lease
from shoptui.paths import DataDir
from shoptui.shell import engine
from shoptui.shell.exits import Exit


async def test_nobody_is_waited_for_where_no_engine_is(tmp_path: Path) -> None:
    assert await engine._stop(DataDir(tmp_path)) == Exit.NO_ENGINE


async def test_one_that_holds_the_house_is_asked_again_until_it_lets_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, asked, asked_thrice = DataDir(tmp_path), 0, asyncio.Event()

    async def connect(data_dir: DataDir, *, program: str) -> EngineClient:
        nonlocal asked
        asked += 1
        if asked == 3:
            asked_thrice.set()
        raise EngineGone("nobody listens")

    monkeypatch.setattr(EngineClient, "connect", connect)
    monkeypatch.setattr(engine, "_LOOK_EVERY_S", 0)
    with Lease.take(house, int(time.time())):
        waiting = asyncio.create_task(engine._stop(house))
        await asked_thrice.wait()
        assert not waiting.done()
    assert await waiting == Exit.NO_ENGINE
