"""Bad days: stores that fail or sign us out, two operators on one order, an engine that is gone."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from shoptui.domain.intents import IntentState
from tests.e2e.cockpit import Cockpit
from tests.e2e.live import PersonalHouse

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("trouble")]


def test_failing_stores_are_named_and_the_others_go_on(live_house: PersonalHouse) -> None:
    shops = live_house.shop_ids()
    down, revoked, *well = sorted(shops)
    with Cockpit(live_house.env) as cockpit:
        cockpit.ready()
        assert "│ live │" in cockpit.status
        live_house.faults({"match": {"shop_id": shops[down]}, "do": {"status": 503}})
        live_house.poke("revoke_token", shop_id=shops[revoked])
        cockpit.key("f5")
        cockpit.until(
            lambda: re.search(rf"~({down} 503|{revoked} signed out) │", cockpit.status) is not None,
            "a failing store and why, in line 1",
            40,
        )
        cockpit.until(lambda: "2 old" in cockpit.view, "how many stores are old", 90)
        _see_alert(cockpit, f"{revoked} signed us out at ")
        _see_alert(cockpit, f"~ {down} has not answered since ")

        cockpit.go("e", "Stores 2")
        cockpit.until(lambda: "2 failing" in cockpit.view, "two failing stores")
        expected = {down: "503", revoked: "signed out", **dict.fromkeys(well, "good")}
        cockpit.until(lambda: _links(cockpit) == expected, f"the links {expected}")
        cockpit.wait_for("answered 503")

        # The others ship while these two are down.
        cockpit.go("o", "Orders")
        cockpit.show_filter(f"store:{well[0]} status:to_ship due:<24h")
        cockpit.key("home", "down")
        assert cockpit.ask_ship()[0] == 1
        cockpit.confirm()
        cockpit.until(lambda: len(live_house.shipped()) == 1, "an order of a store that works", 90)

        # The one that answers again is good by itself; the other needs a person.
        live_house.faults()
        cockpit.go("e", "Stores 2")
        cockpit.key("f5")
        cockpit.until(lambda: "1 failing" in cockpit.view, "one failing store", 90)
        cockpit.until(lambda: _links(cockpit)[down] == "good" and _links(cockpit)[revoked] == "signed out", "which")


def _see_alert(cockpit: Cockpit, begins: str) -> None:
    """Wait for an alert in the message line and put it aside."""
    cockpit.until(lambda: cockpit.message.startswith(begins), f"the alert {begins!r}", 90)
    cockpit.key("delete")
    cockpit.wait_gone(begins)


def _links(cockpit: Cockpit) -> dict[str, str]:
    """What the LINK column of Stores says, by store."""
    words = r"(good|signed out|paused|failing|first sync|\d{3}) "
    rows = (re.match(rf"[► ] [~ ▵](\S+-\d+) .*?\s{words}", line) for line in cockpit.screen.display)
    return {row.group(1): row.group(2) for row in rows if row is not None}


def test_two_cockpits_ship_the_same_order(live_house: PersonalHouse) -> None:
    with Cockpit(live_house.env) as one, Cockpit(live_house.env) as two:
        for cockpit in (one, two):
            cockpit.ready()
            cockpit.show_filter("due:<24h status:to_ship -flag:cancel")
            cockpit.key("home", "down")
        assert one.cursor_tail == two.cursor_tail
        assert one.ask_ship() == two.ask_ship() == (1, 1)
        # Nobody answers the engine, so that the order is still open when the second one comes.
        with live_house.silent():
            one.confirm()
            one.until(lambda: len(live_house.outbox()) == 1, "the first order")
            # The second strip was opened before: it says one, too, and F9 counts there.
            two.confirm()
            two.wait_for("1 was refused: ")
            assert len(live_house.outbox()) == 1
        one.until(lambda: len(live_house.shipped()) == 1, "the order goes out", 90)
        two.read_for(0.2)
        for cockpit in (one, two):
            cockpit.wait_for("✓ 1 shipped.", 20)
        assert [intent.state for intent in live_house.outbox()] == [IntentState.DONE]
        assert set(Counter(live_house.shipped()).values()) == {1}


@pytest.fixture
def personal_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalHouse]:
    """A house of one's own that was read once; no engine runs."""
    with PersonalHouse(tmp_path_factory.mktemp("personal") / "house") as house:
        assert house.run("engine", "--once").returncode == 0
        yield house


def test_no_engine_is_said_and_keys_say_why(personal_house: PersonalHouse) -> None:
    with Cockpit(personal_house.env) as cockpit:
        cockpit.ready()
        cockpit.show_view("3")
        cockpit.key("space", "space")
        cockpit.until(lambda: cockpit.marked_count == 2, "two marks")
        # Nobody can start an engine while its settings are wrong, so it stays away.
        personal_house.data_dir.config.write_text("[engine]\nhold_seconds = 5\n", encoding="utf-8")
        personal_house.end_engine(signal.SIGKILL)

        cockpit.until(lambda: re.search(r"NO ENGINE \d\d:\d\d", cockpit.status) is not None, "NO ENGINE in line 1")
        cockpit.wait_for("The engine is not running: data of ")
        cockpit.wait_for("The engine stopped at once (exit 1): ")
        cockpit.key("s")
        cockpit.wait_for("nothing can be sent or changed.")
        assert cockpit.strip is None
        cockpit.key("f5")
        cockpit.wait_for("nothing can be sent or changed.")
        # The reason in full, and looking goes on.
        cockpit.go("e", "Stores")
        cockpit.key("=")
        cockpit.until(lambda: "engine.hold_seconds" in cockpit.text(), "the wrong setting")
        cockpit.key("=", "=")
        cockpit.go("o", "Orders")
        cockpit.show_view("0")
        cockpit.key("end", "home")
        assert cockpit.order_count > 0
        assert cockpit.marked_count == 2

        personal_house.data_dir.config.write_text("[engine]\nhold_s = 1\n", encoding="utf-8")
        cockpit.until(lambda: "│ live │" in cockpit.status, "live again", 90)
        cockpit.wait_gone("The engine is not running")
        assert cockpit.marked_count == 2
        assert cockpit.ask_ship()[0] > 0
        cockpit.confirm()
        cockpit.until(lambda: len(personal_house.shipped()) > 0, "the first order after it", 90)


def test_a_killed_engine_is_started_again(personal_house: PersonalHouse) -> None:
    with Cockpit(personal_house.env) as cockpit:
        cockpit.ready()
        first = personal_house.engine_pid
        personal_house.end_engine(signal.SIGKILL)
        cockpit.until(lambda: personal_house.engine_pid not in (None, first), "another engine", 90)
        cockpit.until(lambda: "│ live │" in cockpit.status, "live again", 90)
        assert len(personal_house.engine_processes()) == 1
