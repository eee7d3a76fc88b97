"""A served sandbox of Lazada shops in six countries with stopped world time, and a caller for its first shop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox

from .caller import START_AT, Caller


@pytest.fixture
async def lazada() -> AsyncIterator[LiveSandbox]:
    async with running_sandbox(
        seed=5,
        stores=6,
        orders=480,
        start_at=START_AT,
        frozen=True,
        markets=("lazada",),
        settings=Settings(calls_per_s=0),
    ) as live:
        yield live


@pytest.fixture
def caller(lazada: LiveSandbox, http: httpx.AsyncClient) -> Caller:
    return Caller(lazada, http)
