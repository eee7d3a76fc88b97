"""The guided tour on a terminal: taken, left on the way, gone on with, and thrown away at its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.tour_house import TourHouse
from tests.e2e.cockpit import Cockpit

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("story")]


@pytest.fixture
def tour_house(tmp_path: Path) -> Iterator[TourHouse]:
    """Where a tour may be taken; what still runs there is ended."""
    house = TourHouse(tmp_path / "tour")
    yield house
    house.demo.stop()


def test_the_tour_goes_on_where_it_was_left_and_leaves_nothing_behind(tour_house: TourHouse, tmp_path: Path) -> None:
    root = tour_house.demo.root
    env = {"SHOPTUI_TOUR": str(root), "SHOPTUI_HOME": str(tmp_path / "house"), "SHOPTUI_NO_ENGINE": "1"}
    with Cockpit(env, "tour") as cockpit:
        cockpit.ready()
        cockpit.wait_for("Tour 1/15")
        cockpit.until(lambda: "clocks" in cockpit.text(), "an order that was read")
        cockpit.key("K")
        cockpit.wait_for("Tour 2/15")
        cockpit.key("left")
        cockpit.show_filter("due:<1d status:ship")
        cockpit.wait_for("Tour 3/15")
        cockpit.press("ctrl+q")
        assert cockpit.wait_exit(20) == 0
        assert "shoptui tour goes on there" in cockpit.text()
    assert not tour_house.demo.keeper_runs()
    assert not tour_house.demo.data_dir.root.exists()

    with Cockpit(env, "--data-dir", str(tmp_path / "house"), "tour", "--and-back") as cockpit:
        cockpit.ready()
        cockpit.wait_for("Tour 3/15")
        cockpit.key("space", "space")
        cockpit.wait_for("Tour 4/15")
        cockpit.key("p")
        cockpit.wait_for("Tour 5/15")
        cockpit.confirm()
        cockpit.wait_for("Tour 6/15")
        cockpit.key("z")
        cockpit.wait_for("Tour 7/15")
        cockpit.wait_for("Taken back: nothing was sent")
        for place in range(7, 11):
            cockpit.wait_for(f"Tour {place}/15")
            cockpit.key("f10")
            cockpit.until(lambda: "Enter choose" in cockpit.keys, "the menu")
            cockpit.type("tour")
            cockpit.key("enter")
            cockpit.wait_for("TOUR: a digit")
            cockpit.key("1")
        cockpit.wait_for("Tour 12/15")
        found = re.search(r"paste (\d{18})", cockpit.text())
        assert found is not None
        cockpit.paste(found.group(1))
        cockpit.wait_for("Tour 13/15")
        assert found.group(1) in cockpit.view + cockpit.line(3)
        cockpit.key("?")
        cockpit.wait_for("Tour 14/15")
        cockpit.key("f10")
        cockpit.wait_for("Tour 15/15")
        cockpit.press("ctrl+q")
        # Back in the house it was called for, which has no stores yet.
        cockpit.wait_for("First run", 30)
        assert "Tour" not in cockpit.line(-4)
        assert not root.exists()
        cockpit.press("ctrl+q")
        assert cockpit.wait_exit(20) == 0
