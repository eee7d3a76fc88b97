"""How Money looks at its three sizes, with a fixed clock and invented settlements."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from tests.ui.money_support import make_money
from tests.ui.snapshot_support import SIZES, Compare, app_on, steps

pytestmark = pytest.mark.usefixtures("always_mei")

HERE = ("f2", "5", "0", "g", "g")


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(make_money(tmp_path))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_balances(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps(*HERE))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_statement_with_a_pack_to_be_made(
    snap_compare: Compare, house: DataDir, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DataDir, "exports", Path("/home/mei/exports"))
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps(*HERE, "enter", "asterisk", "D"))


def test_the_lines_of_a_statement(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*HERE, "enter", "L"))


def test_differences_of_all_stores(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(120, 40), run_before=steps(*HERE, "1", "down"))


def test_the_smallest_terminal(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(60, 16), run_before=steps(*HERE, "enter"))
