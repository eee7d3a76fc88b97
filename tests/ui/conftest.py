"""Fixtures of the cockpit's tests."""

from __future__ import annotations

import pytest


@pytest.fixture
def always_mei(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests, the operator is mei."""
    monkeypatch.setattr("shoptui.cockpit.session.os_user", lambda: "mei")
