"""Owns reading everything the checks of a house need, and their order."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence

from shoptui.client import EngineClient, EngineGone, Refused
from shoptui.cockpit.shelf_file import ShelfFile
from shoptui.config import ConfigError, check_file, config_path, load_config, own_config_path
from shoptui.doctor.finding import Finding
from shoptui.doctor.house import (
    EngineFacts,
    check_backups,
    check_clocks,
    check_databases,
    check_engine,
    check_settings,
    check_stores,
)
from shoptui.doctor.machine import check_machine, read_machine
from shoptui.doctor.terminal import check_terminal, read_terminal
from shoptui.doctor.widths import check_widths, measure
from shoptui.paths import DataDir
from shoptui.queries.types import StoreRow
from shoptui.settings import Config
from shoptui.store.backup_names import backup_directory, backups_in
from shoptui.store.errors import StoreError
from shoptui.store.health import look_through
from shoptui.store.reader import Reader

_ANSWER_WITHIN_S = 10.0


def examine_terminal() -> list[Finding]:
    """Everything about the terminal; it is asked for its widths, which takes a line of it for a moment."""
    facts = read_terminal()
    measured = measure(sys.stdin.fileno(), sys.stdout.fileno()) if facts.is_terminal else {}
    return [*check_terminal(facts), *check_widths(measured)]


async def examine_house(data_dir: DataDir) -> list[Finding]:
    """Everything about machine and house; nothing is changed, and no engine is started."""
    problems = check_file(config_path(data_dir), system=data_dir.shared)
    if data_dir.shared:
        problems += check_file(own_config_path(data_dir), own=True)
    shelf_file = ShelfFile(data_dir)
    await asyncio.to_thread(shelf_file.look)
    if shelf_file.fault:
        problems += (shelf_file.fault,)
    config = _config(data_dir)
    machine, engine, stores, databases = await asyncio.gather(
        asyncio.to_thread(read_machine, data_dir),
        read_engine(data_dir),
        _stores(data_dir),
        asyncio.to_thread(look_through, data_dir),
    )
    now = int(time.time())
    world_now = now + config.test_clock_offset_s
    folder = backup_directory(data_dir, config.backup.directory)
    looked = os.access(folder, os.R_OK | os.X_OK) or (not folder.exists() and os.access(data_dir.root, os.W_OK))
    backups = backups_in(folder, data_dir) if looked else []
    newest_at = backups[-1][0] if backups else None
    return [
        *check_settings(problems),
        *check_machine(data_dir, machine, config.printing.printer),
        *check_engine(data_dir, engine),
        *check_clocks(engine),
        *check_stores(stores, world_now),
        *check_databases(databases),
        *check_backups(newest_at, world_now, oldest_h=config.backup.oldest_h, looked=looked),
    ]


async def read_engine(data_dir: DataDir) -> EngineFacts:
    """What the engine says of itself."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            async with await EngineClient.connect(data_dir, program="shell") as client:
                hello = client.hello
                answer = await client.request("status")
    except EngineGone:
        return EngineFacts(gone=True)
    except Refused as refused:
        return EngineFacts(refused=str(refused))
    except TimeoutError:
        return EngineFacts(refused=f"It listens, but did not answer within {_ANSWER_WITHIN_S:.0f} s.")
    status = answer.body if answer.ok else {}
    return EngineFacts(version=hello.version, role=hello.role, pid=hello.pid, status=status)


async def _stores(data_dir: DataDir) -> Sequence[StoreRow] | None:
    try:
        async with await Reader.open(data_dir) as reader:
            return await reader.stores()
    except (StoreError, OSError):
        # Why is said by the checks of directory, databases and engine.
        return None


def _config(data_dir: DataDir) -> Config:
    try:
        return load_config(config_path(data_dir))
    except ConfigError:
        return Config()
