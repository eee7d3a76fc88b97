"""How the Inbox looks at its three sizes, with a fixed clock and invented conversations."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from tests.ui.inbox_support import make_inbox
from tests.ui.snapshot_support import SIZES, Compare, app_on, steps

pytestmark = pytest.mark.usefixtures("always_mei")

#: To the Inbox and to its first row below the missed ones, from whatever order the cockpit begins on.
HERE = ("f2", "3", "0", "g", "g", "down")


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(make_inbox(tmp_path))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_conversations(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps(*HERE))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_reply_being_written(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    keys = (*HERE, "r", *"Today 18:00".replace(" ", ""), "enter", *"您好")
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps(*keys))


def test_a_conversation_by_itself(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*HERE, "enter", "K"))


def test_a_store_without_chat(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*HERE, "G"))


def test_nothing_waits(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*HERE, "5"))


def test_the_smallest_terminal(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(60, 16), run_before=steps(*HERE, "r"))
