"""How Stock looks at its three sizes, with a fixed clock and invented goods."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from tests.ui.snapshot_support import SIZES, Compare, app_on, steps
from tests.ui.stock_support import make_stock

pytestmark = pytest.mark.usefixtures("always_mei")

HERE = ("f2", "4", "0", "g", "g", "enter")


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(make_stock(tmp_path))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_pools(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps(*HERE, "G", "up"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_push_of_all(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps(*HERE, "asterisk", "s"))


def test_a_pool_by_itself(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*HERE, "G", "up", "enter", "K"))


def test_the_smallest_terminal(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(60, 16), run_before=steps(*HERE, "G", "s"))
