"""How the strip of a dispute looks in Orders and in Returns."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from tests.ui.return_support import make_returns
from tests.ui.snapshot_support import Compare, app_on, steps

SIZES = [(80, 24), (120, 40)]


pytestmark = pytest.mark.usefixtures("always_mei")


@pytest.fixture(autouse=True)
def one_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DataDir, "exports", Path("/home/mei/exports"))


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(make_returns(tmp_path))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_return_is_disputed(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps("g", "r", "5", "D"))


def test_marked_orders_that_never_left_the_house_are_left_out(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps("0", "*", "D"))
