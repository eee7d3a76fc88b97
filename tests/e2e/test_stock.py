"""A SKU that is on offer beyond what there is, counted from the shell and pushed to all its stores with a few keys."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shoptui.domain.intents import OPEN_STATES, IntentState
from tests.e2e.cockpit import Cockpit
from tests.e2e.live import PersonalHouse, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("stock")]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PersonalHouse]:
    """Two stores of each marketplace with little stock, counted by a file."""
    markets = ("tiktok", "shopee", "lazada")
    with PersonalHouse(tmp_path / "house", stores=6, orders=90, markets=markets, skus=24, stock="tight") as made:
        made.start_engine()
        wait_until(lambda: len(_rows(made)) >= 24, "the listings")
        path = tmp_path / "count.csv"
        pools = made.ask("/stock")["pools"]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["sku", "qty"], *([pool["sku"], pool["hand"]] for pool in pools)])
        counted = made.run("stock", "count", str(path), "--yes")
        assert counted.returncode == 0, counted.stderr
        yield made


def _rows(house: PersonalHouse, filter_text: str = "") -> list[dict[str, Any]]:
    found = house.run("stock", "list", "--format", "json", "--filter", filter_text)
    rows: list[dict[str, Any]] = json.loads(found.stdout or "[]")
    return rows


def test_a_pool_is_pushed_to_all_its_stores_with_a_few_keys(house: PersonalHouse) -> None:
    # One that no marketplace locks: a push leaves nothing of it over.
    over = [str(row["sku"]) for row in _rows(house, "risk:over")]
    sku = next(sku for sku in over if "left out" not in house.run("stock", "push", sku, "--dry-run").stderr)
    (pool,) = (pool for pool in house.ask("/stock")["pools"] if pool["sku"] == sku)
    assert pool["listed"] > pool["free"]
    with Cockpit(house.env) as cockpit:
        cockpit.ready()
        cockpit.go("k", "Stock")
        cockpit.show_filter(f"sku:{sku}")
        cockpit.until(lambda: cockpit.cursor_group(sku), "the SKU under the cursor")
        cockpit.key("s")
        cockpit.wait_for("who sees")
        cockpit.confirm()
        wait_until(lambda: house.outbox() != [], "a push")
        wait_until(lambda: all(intent.state not in OPEN_STATES for intent in house.outbox()), "everything settled")
        cockpit.until(lambda: "✓" in cockpit.text(), "the answer in the list")
    assert {intent.state for intent in house.outbox()} == {IntentState.DONE}
    (pool,) = (pool for pool in house.ask("/stock")["pools"] if pool["sku"] == sku)
    assert 0 <= pool["listed"] <= pool["free"]
    changed = [
        row
        for row in house.journal()
        if row["op"] == "set_stock" and row["effect"] == "applied" and len(set(str(row["text"]).split(">"))) == 2
    ]
    ours = {one["sku_id"] for one in pool["listings"]}
    assert changed
    assert all(any(sku_id in str(row["target"]) for sku_id in ours) for row in changed), "nothing else was written"
    assert len({str(row["target"]) for row in changed}) == len(changed), "each listing once"
