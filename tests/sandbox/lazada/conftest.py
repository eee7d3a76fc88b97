"""A served sandbox of Lazada shops in six countries with stopped world time, and a caller for its first shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

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


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Lazada's own SDK for Python; the test is skipped where it is not installed."""
    # On import it makes a folder for logs in the home directory.
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return pytest.importorskip("lazop_sdk", reason="the package lazop-sdk is not installed")
