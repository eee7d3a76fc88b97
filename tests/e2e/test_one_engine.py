"""However many start at once, a house has one engine."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import pytest

from shoptui.shell.exits import Exit
from tests.e2e.cockpit import Cockpit
from tests.e2e.live import PersonalHouse, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("one-engine")]

COCKPITS, COMMANDS = 5, 3


def test_two_engines_at_once(tmp_path: Path) -> None:
    with PersonalHouse(tmp_path / "house", stores=1, orders=40) as house:
        both = [house.start("engine"), house.start("engine")]
        wait_until(lambda: any(engine.poll() is not None for engine in both), "one of the two gives way", 60)
        loser = next(engine for engine in both if engine.poll() is not None)
        holder = next(engine for engine in both if engine is not loser)
        assert loser.returncode == 3
        said = loser.communicate()[1]
        assert len(said.splitlines()) == 1
        assert str(holder.pid) in said and str(house.data_dir.root) in said
        assert house.engine_pid == holder.pid

        assert house.run("engine", "--stop").returncode == Exit.OK
        assert holder.wait(60) == 0
        assert holder.communicate()[1] == ""
        assert house.engine_pid is None
        assert not house.data_dir.socket.exists()


def test_eight_at_once_make_one_engine(tmp_path: Path) -> None:
    with PersonalHouse(tmp_path / "house", stores=2, orders=120) as house:
        assert house.run("engine", "--once").returncode == 0
        wanted = [one for one in house.candidates("status:to_ship") if len(one.package_ids) == 1 and not one.ship_block]
        targets = [one for one in wanted if not one.flags][:COMMANDS]
        for target in targets:
            house.poke("flaw", package_id=target.package_ids[0], kind=None)
            house.poke("weight", package_id=target.package_ids[0], weight_g=400)

        with contextlib.ExitStack() as stack:
            commands = [
                house.start("orders", "ship", "--filter", f"order:{target.order_no}", "--yes") for target in targets
            ]
            cockpits = [stack.enter_context(Cockpit(house.env)) for _ in range(COCKPITS)]
            for cockpit in cockpits:
                cockpit.ready(60)
                cockpit.wait_for("│ live │")
            # Those that found the lock taken may still be on their way out; the log below tells that none served.
            wait_until(lambda: house.engine_processes() == [house.engine_pid], "one engine", 60)
            for command in commands:
                # Read while it runs, so that it never waits for us.
                _out, said = command.communicate(timeout=120)
                assert command.returncode == Exit.OK, said
        assert Counter(house.shipped()) == {target.package_ids[0]: 1 for target in targets}
        log = house.data_dir.log.read_text(encoding="utf-8")
        # One for `engine --once`, one for all the others.
        assert log.count(" starts, pid ") == 2
        # Leaving the cockpits leaves the engine.
        assert house.engine_pid is not None
