"""Rows read one by one: what cannot be read is named, said why, and kept as it came."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.amounts import exact_json
from shoptui.adapters.records import Id, Wire
from shoptui.adapters.rows import id_in, read_rows


class Numbered(Wire):
    id: Id
    count: int


def read(*rows: Any) -> Any:
    def counted(raw: Any) -> int | None:
        count = Numbered.model_validate(raw).count
        if count < 0:
            raise ArithmeticError("less than nothing")
        return count or None

    return read_rows(rows, "tt-1", "id", counted, or_field="ID")


def test_a_bad_row_is_named_and_costs_no_other() -> None:
    found, aside = read({"id": 1, "count": 7}, {"id": 2}, {"id": 3, "count": -1}, {"id": 4, "count": 0}, 5, {"ID": "6"})
    assert found == (7,)
    assert [(one.store_id, one.order_no) for one in aside] == [
        ("tt-1", "2"),
        ("tt-1", "3"),
        ("tt-1", ""),
        ("tt-1", "6"),
    ]
    assert ["count" in aside[0].reason, aside[1].reason] == [True, "less than nothing"]


@pytest.mark.parametrize(
    ("raw", "found"), [({"id": ["x"]}, ""), ([], ""), ({"id": None, "ID": 0}, "0"), ({"id": "\x1b"}, "")]
)
def test_an_id_is_a_short_text_or_nothing(raw: Any, found: str) -> None:
    assert id_in(raw, "id", "ID") == found
    assert len(id_in({"id": "9" * 999}, "id")) <= 64


numbers = st.decimals(allow_nan=False, allow_infinity=False) | st.integers() | st.floats(-1e9, 1e9)
values = st.recursive(
    numbers | st.text() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_what_cannot_be_read_is_kept_as_it_came(raw: dict[str, Any]) -> None:
    (aside,) = read_rows([raw], "tt-1", "id", Numbered.model_validate)[1]
    kept = exact_json(aside.raw)
    assert _alike(kept) == _alike(raw)


def _alike(value: Any) -> Any:
    match value:
        case dict():
            return {name: _alike(each) for name, each in value.items()}
        case list():
            return [_alike(each) for each in value]
        case bool() | None | str():
            return value
        case float():
            return Decimal(repr(value))
        case _:
            return Decimal(value)


def test_fractions_are_kept_as_numbers() -> None:
    raw = exact_json('{"amount": 90071992547409.93, "text": "\\u00001.5\\u0000x"}')
    (aside,) = read_rows([raw], "tt-1", "id", Numbered.model_validate)[1]
    assert aside.raw == '{"amount": 90071992547409.93, "text": "\\u00001.5\\u0000x"}'
    assert json.loads(aside.raw)["amount"] == 90071992547409.93
