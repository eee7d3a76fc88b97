"""The pick list on paper: pages, names in several scripts, and what is said where no font can draw them."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from shoptui.cockpit.pick_files import pick_sheet, write_pick_list
from shoptui.queries.pick_list import PickLine, PickList
from shoptui.screens.order_papers import pick_lines

MOMENT = datetime(2026, 7, 14, 17, 42)


def picks(count: int, name: str = "Canvas bag", warehouse: str = "") -> PickList:
    lines = tuple(PickLine(warehouse, f"SKU-{n:03d}", name, n + 1, 1, 1, (str(n),)) for n in range(count))
    return PickList(lines, count, count, 0)


def test_a_long_list_takes_several_pages_each_with_its_head() -> None:
    content, undrawn = pick_sheet(picks(80), MOMENT)
    pages = PdfReader(BytesIO(content)).pages
    assert len(pages) == 3
    assert undrawn == 0
    for number, page in enumerate(pages, start=1):
        assert f"page {number}" in page.extract_text()
    assert "SKU-079" in pages[2].extract_text()


def test_without_a_font_for_it_a_name_is_counted_and_its_sku_is_there(tmp_path: Path) -> None:
    content, undrawn = pick_sheet(picks(2, "帆布袋"), MOMENT, folders=[str(tmp_path)])
    assert undrawn == 2
    text = PdfReader(BytesIO(content)).pages[0].extract_text()
    assert "SKU-001" in text
    assert "???" in text


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "cannot be written" in write_pick_list(picks(1), tmp_path / "file" / "exports", MOMENT)


def test_files_of_the_same_second_do_not_overwrite_each_other(tmp_path: Path) -> None:
    write_pick_list(picks(1), tmp_path, MOMENT)
    write_pick_list(picks(1), tmp_path, MOMENT)
    assert len(list(tmp_path.glob("*.pdf"))) == 2


def test_one_piece_is_one_piece() -> None:
    line = PickLine("", "BAG", "Bag", quantity=1, orders=1, parcels=1, order_nos=("576",))
    head = pick_lines(PickList((line,), orders=1, parcels=1, left_out=0), 78)[0]
    assert "PICK LIST 1 piece, 1 order, 1 parcel " in "".join(cell.text for cell in head)
