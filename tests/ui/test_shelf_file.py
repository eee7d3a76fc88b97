"""The file of shelves that the settings name: found, read again when it changes, and named when it is wrong."""

from __future__ import annotations

import json
import os
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from shoptui.cellwidth import cell_width
from shoptui.cockpit.pick_files import pick_csv, pick_sheet
from shoptui.cockpit.shelf_file import ShelfFile
from shoptui.doctor.examine import examine_house
from shoptui.paths import DataDir
from shoptui.queries.pick_list import PickLine, PickList
from shoptui.screens.order_pane import pieces_text
from shoptui.screens.order_papers import pick_lines
from shoptui.shell.exits import Exit
from shoptui.shell.group import cli


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    (tmp_path / "config.toml").write_text('[pick]\nlocations = "shelves.csv"\n')
    return DataDir(tmp_path)


def write(house: DataDir, content: bytes, at: int = 1) -> None:
    path = house.root / "shelves.csv"
    path.write_bytes(content)
    os.utime(path, (at, at))


def test_a_changed_file_is_read_again(house: DataDir) -> None:
    file = ShelfFile(house)
    write(house, b"sku,location\nBAG,A-1\n")
    assert file.look().of("BAG") == "A-1" and file.fault == "" and not file.is_none
    write(house, b"sku,location\nBAG,A-2\n", at=2)
    assert file.look().of("BAG") == "A-2"
    (house.root / "shelves.csv").unlink()
    assert file.look().of("BAG") == "" and "shelves.csv" in file.fault
    write(house, b"sku,location\nBAG,A-2\n", at=2)
    assert file.look().of("BAG") == "A-2" and file.fault == ""


def test_where_none_is_named_there_is_nothing_to_say(tmp_path: Path) -> None:
    file = ShelfFile(DataDir(tmp_path))
    assert not file.is_none
    assert file.look().of("BAG") == "" and file.fault == "" and file.is_none


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"sku,quantity\nBAG,4\n", "needs a column named sku and one named location"),
        (b"\x00\x01\x02\x03", "too large or no text"),
        (b"BAG,A-1\nBAG,A-2\n", "line 2: BAG has another shelf in line 1, which counts."),
        (b"BAG,A-1\nBAG,A-2\nBAG,A-3\nBAG,A-4\n", "2 more lines like it."),
    ],
)
def test_what_is_wrong_is_said_with_the_file(house: DataDir, content: bytes, said: str) -> None:
    write(house, content)
    file = ShelfFile(house)
    file.look()
    assert said in file.fault and "shelves.csv" in file.fault
    done = CliRunner().invoke(cli, ["--data-dir", str(house.root), "config", "check"])
    assert (done.exit_code, file.fault in done.output) == (Exit.FAILED, True)


async def test_doctor_names_what_is_wrong(house: DataDir) -> None:
    found = [finding for finding in await examine_house(house) if finding.id == "settings"]
    assert len(found) == 1 and "The shelves cannot be read from" in found[0].said


def picks(*shelves: str) -> PickList:
    lines = tuple(PickLine("", f"S{n}", "Canvas bag", 2, 1, 1, (str(n),), shelf) for n, shelf in enumerate(shelves))
    return PickList(lines, len(lines), len(lines), 0)


def test_shelves_stand_on_screen_paper_and_spreadsheet() -> None:
    found = picks("A-03-12", "货架 7", "")
    for width in (40, 80):
        shown = [pieces_text(line) for line in pick_lines(found, width)][1:]
        assert [word in line for word, line in zip(("A-03-12", "货架 7", "S2"), shown, strict=True)] == [True] * 3
        assert all(cell_width(line) <= width for line in shown)
        # SKUs stand below each other, whatever the shelves are called.
        assert len({cell_width(line[: line.index(f"S{n}")]) for n, line in enumerate(shown)}) == 1
    paper = PdfReader(BytesIO(pick_sheet(found, datetime(2026, 7, 14))[0])).pages[0].extract_text()
    assert "shelf" in paper and "A-03-12" in paper
    heads, first, *_ = pick_csv(found).decode("utf-8-sig").splitlines()
    assert heads.split(",")[1] == "location" and first.split(",")[1] == "A-03-12"


def test_without_shelves_nothing_is_said_of_them() -> None:
    assert "shelf" not in PdfReader(BytesIO(pick_sheet(picks(""), datetime(2026, 7, 14))[0])).pages[0].extract_text()


def test_the_setting_is_listed_with_its_file(house: DataDir) -> None:
    done = CliRunner().invoke(cli, ["--data-dir", str(house.root), "config", "--format", "json"])
    found = {row["setting"]: row["value"] for row in json.loads(done.output)}
    assert found["pick.locations"] == "shelves.csv"
