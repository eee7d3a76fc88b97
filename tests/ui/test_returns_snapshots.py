"""How Returns looks at its three sizes, with a fixed clock and invented requests."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from tests.ui.return_support import make_returns
from tests.ui.snapshot_support import SIZES, Compare, app_on, steps

pytestmark = pytest.mark.usefixtures("always_mei")

#: To Returns and to its first row below the missed ones.
HERE = ("g", "r", "0")


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(make_returns(tmp_path))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_requests(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps(*HERE))


def test_a_request_by_itself(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*HERE, "enter", "K"))


def test_the_other_columns(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*HERE, "W"))


def test_the_smallest_terminal(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(60, 16), run_before=steps(*HERE))
