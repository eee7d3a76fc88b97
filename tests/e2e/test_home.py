"""The house's tools as an operator calls them: doctor, backup and restore beside and without an engine, settings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.client import EngineClient
from shoptui.domain.intents import IntentState
from shoptui.shell.exits import Exit
from tests.e2e.live import SHOPTUI, PersonalHouse, wait_until
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("home")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalHouse]:
    """A house of one's own that was read once; what is ordered is held for a minute."""
    root = tmp_path_factory.mktemp("home") / "house"
    with PersonalHouse(root, stores=2, orders=80, config="[engine]\nhold_s = 60\n") as made:
        assert made.run("engine", "--once").returncode == Exit.OK
        yield made


def states(house: PersonalHouse) -> dict[str, str]:
    """What the doctor finds, by id."""
    done = house.run("doctor", "--format", "json")
    return {finding["id"]: finding["state"] for finding in json.loads(done.stdout)}


def test_the_doctor_changes_nothing_and_starts_nothing(house: PersonalHouse) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in house.data_dir.root.glob("*.db")}
    found = states(house)
    assert house.engine_pid is None
    assert {path.name: path.stat().st_mtime_ns for path in house.data_dir.root.glob("*.db")} == before
    assert found["engine"] == "warn" and found["clock"] == "unknown" and found["backup"] == "warn"
    assert {found[name] for name in ("ledger.db", "vault.db", "cache.db", "directory", "secrets", "settings")} == {"ok"}
    assert {found[f"store:{store_id}"] for store_id in house.store_ids} == {"ok"}


def test_the_doctors_exit_code_says_whether_something_does_not_work(house: PersonalHouse) -> None:
    assert house.run("doctor").returncode == Exit.OK
    house.data_dir.secrets.chmod(0o644)
    try:
        done = house.run("doctor")
        assert done.returncode == Exit.FAILED
        assert f"-> chmod 600 {house.data_dir.secrets}" in done.stdout
    finally:
        house.data_dir.secrets.chmod(0o600)


def test_the_doctor_measures_the_terminal_it_runs_on(house: PersonalHouse) -> None:
    with Terminal([*SHOPTUI, "doctor"], env=house.env, columns=100, rows=60) as asked:
        asked.wait_for("backup")
        assert asked.wait_exit() == Exit.OK
        shown = "\n".join(asked.screen.display)
    assert "100x60" in shown
    # It asked the terminal where its cursor is, and nothing of that is left on the screen.
    assert "widths" in shown
    assert "does not say where its cursor is" not in shown
    assert "[6n" not in shown


def test_a_typing_error_keeps_nobody_from_the_orders(house: PersonalHouse) -> None:
    good = house.data_dir.config.read_text()
    house.data_dir.config.write_text('[cockpit]\nthem = "high"\n')
    try:
        with Terminal([*SHOPTUI, "attach"], env={**house.env, "SHOPTUI_NO_ENGINE": "1"}, columns=120) as cockpit:
            # It waits its turn behind what is graver: that there is no engine.
            cockpit.wait_for("The engine is not running", 30)
            for _ in range(4):
                cockpit.press("delete")
                if cockpit.read_for(1, lambda terminal: "cockpit.them. Did you mean" in terminal.text()):
                    break
            cockpit.wait_for("Did you mean cockpit.theme?", 1)
            cockpit.press("ctrl+q")
            assert cockpit.wait_exit() == Exit.OK
        refused = house.run("engine", "--once")
        assert refused.returncode == 1
        assert "there is no setting cockpit.them. Did you mean cockpit.theme?" in refused.stderr
    finally:
        house.data_dir.config.write_text(good)


def test_backup_and_restore_with_an_engine_in_between(house: PersonalHouse, tmp_path: Path) -> None:
    alone = house.run("backup")
    assert alone.returncode == Exit.OK, alone.stderr
    assert "no secrets" in alone.stderr

    # The engine takes an order, and makes the backup with that order in it.
    numbers = house.run("orders", "list", "--filter", "status:to_ship", "--format", "json")
    number = json.loads(numbers.stdout)[0]["order"]
    assert house.run("orders", "ship", "--filter", f"order:{number}", "--yes", "--no-wait").returncode == 5
    assert house.engine_pid is not None
    file = tmp_path / "kept.tar.gz"
    asked = house.run("backup", str(file), "--quiet")
    assert (asked.returncode, asked.stdout, asked.stderr) == (Exit.OK, "", "")
    asyncio.run(_look_now(house))
    wait_until(lambda: "clock:tiktok" in states(house), "an answer that says what time it is")
    found = states(house)
    assert (found["engine"], found["backup"], found["clock:tiktok"]) == ("ok", "ok", "ok")

    refused = house.run("restore", str(file), "--yes")
    assert refused.returncode == Exit.FAILED
    assert "shoptui engine --stop" in refused.stderr and "only while no engine runs" in refused.stderr
    assert house.run("engine", "--stop").returncode == Exit.OK
    wait_until(lambda: house.engine_pid is None, "the engine's end")

    assert "The file is whole" in house.run("restore", str(file), "--dry-run").stderr
    unanswered = house.run("restore", str(file))
    assert unanswered.returncode == Exit.NOTHING and "add --yes" in unanswered.stderr
    assert house.data_dir.cache.exists()
    done = house.run("restore", str(file), "--yes")
    assert done.returncode == Exit.OK, done.stderr
    assert "wait for a person in Activity (g a): 1." in done.stderr
    # No order is there before an engine has asked for them again, and reading says so and does not fail.
    read = house.run("orders", "list", "--format", "json")
    assert (json.loads(read.stdout), read.returncode) == ([], Exit.NOTHING), read.stderr

    assert house.run("engine", "--once").returncode == Exit.OK
    (intent,) = house.outbox()
    assert intent.order_no == number and intent.state in (IntentState.NEEDS_PERSON, IntentState.NOT_DONE)
    assert house.shipped() == []


async def _look_now(house: PersonalHouse) -> None:
    async with await EngineClient.connect(house.data_dir) as client:
        assert (await client.request("sync_now")).ok
