"""Nothing waits in these tests: retries happen at once and pauses move a driven clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from shoptui.clock import DrivenClock

#: 2026-01-01 00:00:00 UTC, the moment of the signature vectors.
START_AT = 1767225600


@pytest.fixture(autouse=True)
def _retries_without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock(START_AT)
