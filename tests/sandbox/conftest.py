"""A served sandbox of several regions with stopped world time, and a caller for its first shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox

from .caller import START_AT, Caller
from .npm_packages import install


@pytest.fixture
async def sandbox() -> AsyncIterator[LiveSandbox]:
    async with running_sandbox(
        seed=7,
        stores=6,
        orders=640,
        start_at=START_AT,
        frozen=True,
        regions=("VN", "GB", "US", "JP", "TH", "PH"),
        settings=Settings(calls_per_s=0),
    ) as live:
        yield live


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    # Plain HTTP on loopback: reading the machine's certificates would cost more than most of the tests.
    async with httpx.AsyncClient(timeout=10, trust_env=False, verify=False) as client:
        yield client


@pytest.fixture
def caller(sandbox: LiveSandbox, http: httpx.AsyncClient) -> Caller:
    return Caller(sandbox, http)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The installed npm packages; skipped where they cannot be had."""
    return install()
