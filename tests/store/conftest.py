"""A house in a temporary directory, with its stores known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shoptui.paths import DataDir
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "house")


@pytest.fixture
async def writer(house: DataDir) -> AsyncIterator[Writer]:
    async with await Writer.open(house, NOW) as opened:
        for store in STORES:
            await opened.put_store(store)
        yield opened
