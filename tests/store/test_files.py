"""Who may read the files: the owner alone, or the group of a shared house, engine running or not."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from shoptui.store import files
from shoptui.store.errors import StoreError
from shoptui.store.writer import Writer
from tests.store.factories import NOW, order

NOBODY = 65534

READ = """
import asyncio, os, sys
from pathlib import Path
from shoptui.paths import DataDir
from shoptui.store.reader import Reader

async def main():
    async with await Reader.open(DataDir(Path(sys.argv[1]), shared=True)) as reader:
        print(len(await reader.find("483920")))

# Only now: the interpreter's own files may be closed to the other user.
if len(sys.argv) > 2:
    os.chdir("/")
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))
asyncio.run(main())
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("shared", "directory", "readable", "private"), [(False, 0o700, 0o600, 0o600), (True, 0o2750, 0o640, 0o600)]
)
async def test_modes_hold_whatever_the_umask(
    tmp_path: Path, shared: bool, directory: int, readable: int, private: int
) -> None:
    house = DataDir(tmp_path / "house", shared=shared)
    before = os.umask(0o077 if shared else 0)
    try:
        writer = await Writer.open(house, NOW)
        await writer.upsert_orders([order()], seen_at=NOW, now=NOW)
    finally:
        os.umask(before)
    assert mode(house.root) == directory
    for path in house.root.iterdir():
        assert mode(path) == (private if path.name.startswith("vault") else readable), path.name
    await writer.close()


@pytest.fixture
def shared_house() -> Iterator[DataDir]:
    """A shared house where another user could get to; pytest's own directories are closed to them."""
    root = Path(tempfile.mkdtemp(prefix="shoptui-test-"))
    root.chmod(0o755)
    yield DataDir(root / "house", shared=True)
    shutil.rmtree(root)


def read_as_another_user(house: DataDir) -> str:
    """Read the house with a user who has no right to write there (or, when we are not root, with that right gone)."""
    command = [sys.executable, "-c", READ, str(house.root)]
    kept = mode(house.root)
    if os.geteuid() == 0:
        for path in (house.root, *house.root.iterdir()):
            os.chown(path, 0, NOBODY)
        # A change of owner clears the set-group bit.
        house.root.chmod(kept)
        command.append(str(NOBODY))
    else:
        house.root.chmod(0o550)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        house.root.chmod(kept)
    return done.stdout.strip() or done.stderr


async def test_another_user_reads_while_the_engine_runs_and_after_it_stopped(shared_house: DataDir) -> None:
    writer = await Writer.open(shared_house, NOW)
    await writer.upsert_orders([order()], seen_at=NOW, now=NOW)
    assert await asyncio.to_thread(read_as_another_user, shared_house) == "1"
    await writer.close()
    assert await asyncio.to_thread(read_as_another_user, shared_house) == "1"
    # And the engine starts again on what the reader left.
    async with await Writer.open(shared_house, NOW) as again:
        assert not again.opened.cache_rebuilt


async def test_an_existing_directory_keeps_its_mode(tmp_path: Path) -> None:
    root = tmp_path / "house"
    root.mkdir(mode=0o750)
    async with await Writer.open(DataDir(root), NOW):
        assert mode(root) == 0o750


def test_what_is_put_aside_takes_its_log_along(tmp_path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"cache.db{suffix}").write_text(suffix, encoding="utf-8")
    target = files.put_aside(tmp_path / "cache.db", 5)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cache.db.damaged-5",
        "cache.db.damaged-5-shm",
        "cache.db.damaged-5-wal",
    ]
    assert target.name == "cache.db.damaged-5"


async def test_closing_twice_is_closing_once_and_a_closed_writer_says_so(tmp_path: Path) -> None:
    writer = await Writer.open(DataDir(tmp_path / "house"), NOW)
    await writer.close()
    await writer.close()
    with pytest.raises(StoreError, match=r"ledger\.db has been closed"):
        await writer.open_intents()
