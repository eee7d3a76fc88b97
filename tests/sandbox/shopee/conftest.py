"""A served Shopee of several regions with stopped world time, and a caller for its first shop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox

from .caller import START_AT, Caller


@pytest.fixture
async def sandbox() -> AsyncIterator[LiveSandbox]:
    async with running_sandbox(
        seed=7,
        stores=4,
        orders=420,
        start_at=START_AT,
        frozen=True,
        regions=("MY", "VN", "TH", "ID"),
        markets=("shopee",),
        settings=Settings(calls_per_s=0),
    ) as live:
        yield live


@pytest.fixture
def caller(sandbox: LiveSandbox, http: httpx.AsyncClient) -> Caller:
    return Caller(sandbox, http)
