"""Fixtures of the end-to-end tests: demo houses in temporary directories, ended with the test or its module."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.demo import DemoHouse, DemoSize, ensure_demo
from tests.e2e.live import LiveDemo, wait_until


@contextlib.contextmanager
def running_demo(root: Path, size: DemoSize) -> Iterator[LiveDemo]:
    """A demo whose first sync is over; ended with the block."""
    house = DemoHouse(root)
    ensure_demo(house, size)
    try:
        live = LiveDemo(house)
        wait_until(live.is_synced, "the first sync")
        yield live
    finally:
        house.stop()


#: Four stores with 240 orders that stand still: nothing arrives by itself.
SMALL = DemoSize(stores=4, orders=240, rate=0, seed=7)


@pytest.fixture
def live_demo(tmp_path: Path) -> Iterator[LiveDemo]:
    """A small demo of the test's own, sandbox and engine running."""
    with running_demo(tmp_path / "demo", SMALL) as live:
        yield live


@pytest.fixture(scope="module")
def shared_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDemo]:
    """A small demo shared by the tests of one module."""
    with running_demo(tmp_path_factory.mktemp("shared") / "demo", SMALL) as live:
        yield live
