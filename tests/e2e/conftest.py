"""Fixtures of the end-to-end tests: houses in temporary directories, ended with the test or its module."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.live import PersonalHouse


@contextlib.contextmanager
def running_house(root: Path, *, hold_s: int = 1) -> Iterator[PersonalHouse]:
    """Four stores with 240 orders that stand still, and an engine that has read them all; ended with the block."""
    with PersonalHouse(root, stores=4, orders=240, hold_s=hold_s) as house:
        house.start_engine()
        yield house


@pytest.fixture
def live_house(tmp_path: Path) -> Iterator[PersonalHouse]:
    """A house of the test's own, sandbox and engine running. Orders can be taken back for one second."""
    with running_house(tmp_path / "house") as house:
        yield house


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalHouse]:
    """A house shared by the tests of one module, sandbox and engine running."""
    with running_house(tmp_path_factory.mktemp("shared") / "house") as house:
        yield house
