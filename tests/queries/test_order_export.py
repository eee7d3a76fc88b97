"""Exports: one list of fields for files, scripts and the cockpit; no cell is a formula."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.queries.order_export import FIELDS, order_record, safe_cell, safe_cells
from shoptui.queries.types import OrderRow
from shoptui.store.reader import Reader
from tests.ui.app_support import NOW, make_house


@pytest.fixture
async def row(tmp_path: Path) -> OrderRow:
    async with await Reader.open(await make_house(tmp_path)) as reader:
        (found,) = await reader.rows([3], NOW)
    return found


def test_record_and_cells_have_the_same_fields(row: OrderRow) -> None:
    row = replace(row, tags=("fragile", "vip"), currency="VND", value_minor=118_000)
    record = order_record(row)
    assert tuple(record) == FIELDS
    assert json.loads(json.dumps(record))["tags"] == ["fragile", "vip"]
    cells = dict(zip(FIELDS, safe_cells(order_record(row), FIELDS), strict=True))
    assert cells["tags"] == "fragile vip"
    assert cells["value"] == "118000"
    assert {name: value for name, value in cells.items() if name != "tags"} == {
        name: "" if value is None else value for name, value in record.items() if name != "tags"
    }


def test_an_unknown_status_is_the_marketplaces_own_word(row: OrderRow) -> None:
    assert order_record(replace(row, status="unknown", raw_status="AWAITING_MAGIC"))["status"] == "AWAITING_MAGIC"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+66", "+66"),
        ("-2d", "'-2d"),
        ("@you", "'@you"),
        ("\tx", "'\tx"),
        ("plain", "plain"),
        ("", ""),
        (None, ""),
        (-5, -5),
        (["=x", "y"], "'=x y"),
        ([], ""),
    ],
)
def test_a_spreadsheet_reads_no_cell_as_a_formula(value: object, cell: object) -> None:
    assert safe_cell(value) == cell
