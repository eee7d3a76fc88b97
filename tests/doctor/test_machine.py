"""What the doctor says about the machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.doctor.finding import Finding, State, any_bad
from shoptui.doctor.machine import FileFacts, MachineFacts, check_machine, read_machine, read_printers
from shoptui.paths import DataDir

HOUSE = DataDir(Path("/srv/shoptui"))
SHARED = DataDir(Path("/srv/shoptui"), shared=True)
MINE = FileFacts(owner_uid=1000, mode=0o700, readable=True, writable=True)
GOOD = MachineFacts(
    uid=1000,
    root=MINE,
    file_system="ext4",
    secrets=replace(MINE, mode=0o600),
    state_folder=MINE,
    free_bytes=50_000_000_000,
    printers=(("dock1", "idle"),),
)


def found(facts: MachineFacts, house: DataDir = HOUSE) -> dict[str, Finding]:
    return {finding.id: finding for finding in check_machine(house, facts)}


def test_a_good_machine_has_nothing_to_do() -> None:
    assert {finding.state for finding in found(GOOD).values()} == {State.OK}


@pytest.mark.parametrize(
    ("facts", "house", "check", "state", "words"),
    [
        (replace(GOOD, root=None), HOUSE, "directory", State.WARN, "no house"),
        (replace(GOOD, root=replace(MINE, mode=0o770)), HOUSE, "directory", State.BAD, "chmod go-w /srv/shoptui"),
        (replace(GOOD, root=replace(MINE, mode=0o755)), HOUSE, "directory", State.WARN, "chmod 700 /srv/shoptui"),
        (replace(GOOD, root=replace(MINE, mode=0o2750)), SHARED, "directory", State.OK, "shared"),
        (replace(GOOD, root=replace(MINE, owner_uid=7)), HOUSE, "directory", State.BAD, "another user"),
        (replace(GOOD, root=replace(MINE, owner_uid=7)), SHARED, "directory", State.OK, "shared"),
        (replace(GOOD, root=replace(MINE, readable=False)), SHARED, "directory", State.BAD, "group"),
        (replace(GOOD, file_system="nfs4"), HOUSE, "file system", State.BAD, "network"),
        (replace(GOOD, file_system=""), HOUSE, "file system", State.UNKNOWN, ""),
        (replace(GOOD, secrets=None), HOUSE, "secrets", State.UNKNOWN, "none yet"),
        (replace(GOOD, secrets=replace(MINE, mode=0o640)), HOUSE, "secrets", State.BAD, "chmod 600"),
        (replace(GOOD, secrets=replace(MINE, mode=0o600, owner_uid=0)), HOUSE, "secrets", State.BAD, "chown 1000"),
        (replace(GOOD, state_folder=replace(MINE, writable=False)), SHARED, "own state", State.WARN, "SHOPTUI_STATE"),
        (GOOD, DataDir(Path("/srv"), True, Path("/run/" + "x" * 110)), "socket", State.BAD, "115 bytes"),
        (GOOD, DataDir(Path("/srv/" + "x" * 200)), "socket", State.OK, ""),
        (replace(GOOD, free_bytes=900_000_000), HOUSE, "disk", State.WARN, "900 MB free"),
        (replace(GOOD, free_bytes=1000), HOUSE, "disk", State.BAD, "Make room now"),
        (replace(GOOD, printers=None), HOUSE, "printers", State.UNKNOWN, "CUPS"),
        (replace(GOOD, printers=()), HOUSE, "printers", State.UNKNOWN, "lpadmin"),
        (replace(GOOD, printers=(("d", "disabled"),)), HOUSE, "printer:d", State.WARN, "cupsenable d"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    facts: MachineFacts, house: DataDir, check: str, state: State, words: str
) -> None:
    finding = found(facts, house)[check]
    assert finding.state is state
    assert words in f"{finding.said} {finding.todo}"
    assert finding.todo or state in (State.OK, State.UNKNOWN)


def test_the_printer_of_the_settings_has_to_be_there() -> None:
    (missing,) = [one for one in check_machine(HOUSE, GOOD, "dock9") if one.id.startswith("printer")]
    assert missing.state is State.WARN and "dock9" in missing.said and missing.todo
    assert State.WARN not in {finding.state for finding in check_machine(HOUSE, GOOD, "dock1")}


def test_printers_as_lpstat_tells_of_them() -> None:
    said = """printer dock1 is idle.  enabled since Sat 21 Nov 2026 09:00:00 AM UTC
printer dock2 disabled since Sat 21 Nov 2026 09:00:00 AM UTC -
\tPaused
printer dock3 now printing dock3-12.  enabled since Sat 21 Nov 2026 09:00:00 AM UTC
"""
    assert read_printers(said) == (("dock1", "idle"), ("dock2", "disabled"), ("dock3", "printing dock3-12"))
    assert read_printers("lpstat: No destinations added.\n") == ()


def test_reading_a_real_directory(tmp_path: Path) -> None:
    house = DataDir(tmp_path / "house")
    assert read_machine(house).root is None
    house.root.mkdir(mode=0o700)
    facts = read_machine(house)
    assert facts.root is not None and facts.root.mode == 0o700
    assert facts.free_bytes is not None and facts.free_bytes > 0
    house.root.chmod(0o777)
    assert any_bad(check_machine(house, read_machine(house)))
