"""What a shell command says and does about databases it cannot read."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from shoptui.shell import connect
from shoptui.shell.connect import Stop, open_reader
from shoptui.shell.exits import Exit
from tests.ui.app_support import make_house


@pytest.fixture
async def house(tmp_path: Path) -> DataDir:
    return await make_house(tmp_path)


def change(house: DataDir, sql: str, *values: str) -> None:
    with closing(sqlite3.connect(house.cache, isolation_level=None)) as db:
        db.execute(sql, values)


def take_newest(house: DataDir) -> str:
    """Make the cache one of an older program; returns the name of what it lacks."""
    with closing(sqlite3.connect(house.cache)) as db:
        name = str(db.execute("SELECT name FROM migration ORDER BY rowid DESC LIMIT 1").fetchone()[0])
    change(house, "DELETE FROM migration WHERE name = ?", name)
    return name


async def test_an_older_engine_makes_way_first(house: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = take_newest(house)

    @asynccontextmanager
    async def newer_engine(of: DataDir) -> AsyncIterator[None]:
        change(of, "INSERT INTO migration VALUES (?, 0)", newest)
        yield

    monkeypatch.setattr(connect, "engine_client", newer_engine)
    async with await open_reader(house) as reader:
        assert await reader.stores()


async def test_files_that_stay_old_are_a_sentence(
    house: DataDir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    take_newest(house)

    @asynccontextmanager
    async def same_engine(of: DataDir) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr(connect, "engine_client", same_engine)
    with pytest.raises(Stop) as stopped:
        await open_reader(house)
    assert stopped.value.code == Exit.FAILED
    assert "belongs to an older shoptui" in capsys.readouterr().err


async def test_no_house_is_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Stop) as stopped:
        await open_reader(DataDir(tmp_path / "nothing"))
    assert stopped.value.code == Exit.NOTHING
    assert "no shoptui house" in capsys.readouterr().err
