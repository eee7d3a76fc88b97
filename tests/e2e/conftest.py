"""Real processes for end-to-end tests: a demo house in a temporary directory, ended with the test."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shoptui.demo import DemoHouse, DemoSize, ensure_demo

SHOPTUI = (sys.executable, "-m", "shoptui")


class LiveDemo:
    """A running demo house and the admin side of its sandbox."""

    def __init__(self, house: DemoHouse) -> None:
        self.house = house
        self.facts = json.loads(house.ready.read_text())

    @property
    def env(self) -> dict[str, str]:
        return {"SHOPTUI_DEMO": str(self.house.root), "SHOPTUI_HOME": str(self.house.data_dir.root)}

    def ask(self, path: str, body: object | None = None) -> Any:
        """Call the sandbox's admin side; a body makes it a POST."""
        request = urllib.request.Request(
            self.facts["sandbox_url"].rstrip("/") + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def shipped(self) -> list[str]:
        """The package ids the sandbox has shipped, one entry for each time it took effect."""
        entries = self.ask("/journal")
        rows = entries["entries"] if isinstance(entries, dict) else entries
        return [row["target"] for row in rows if row["op"] == "ship" and row["effect"] == "applied"]


@pytest.fixture
def live_demo(tmp_path: Path) -> Iterator[LiveDemo]:
    """Four stores with 240 orders that stand still (no arrivals), sandbox and engine running."""
    house = DemoHouse(tmp_path / "demo")
    ensure_demo(house, DemoSize(stores=4, orders=240, rate=0, seed=7))
    try:
        yield LiveDemo(house)
    finally:
        house.stop()
