"""Parameters read the same from every place clients put them in, and money that reads back exactly."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.sandbox.lazada.codes import ApiError, ResultError
from shoptui.sandbox.lazada.params import Params, gather
from shoptui.sandbox.lazada.render import masked, number, text
from shoptui.sandbox.world.regions import REGIONS

NAMES = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABCXYZ_"), min_size=1, max_size=12)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=40)
PARAMETERS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=6)


def _read(request: httpx.Request) -> dict[str, str]:
    return gather(request.url.query.decode(), request.headers.get("content-type", ""), request.read())


@given(PARAMETERS)
def test_every_encoding_carries_the_same(values: dict[str, str]) -> None:
    url = "http://127.0.0.1/rest/x"
    parts = {name: (None, value) for name, value in values.items()}
    for request in (
        httpx.Request("GET", url, params=values),
        httpx.Request("POST", url, data=values),
        httpx.Request("POST", url, files=parts),
        httpx.Request("POST", url, json=values),
        httpx.Request("POST", url, params=values, json=values),
    ):
        assert _read(request) == values


def test_the_query_wins_and_scalars_count_as_their_json_text() -> None:
    body = json.dumps({"a": "body", "n": 7, "b": True, "l": [1, 2]}).encode()
    assert gather("a=query", "application/json; charset=utf-8", body) == {
        "a": "query",
        "n": "7",
        "b": "true",
        "l": "[1,2]",
    }


@pytest.mark.parametrize("value", ["1,2", "[]", '["x"]', "{}", "[true]", "[-1]", "[1.5]"])
def test_only_arrays_of_numbers_are_ids(value: str) -> None:
    assert Params({"ids": value}).ids("ids") is None


def test_ids_may_be_text() -> None:
    assert Params({"ids": '[1,"22"]'}).ids("ids") == ["1", "22"]
    with pytest.raises(ApiError, match="ids"):
        Params({}).ids("ids")


@pytest.mark.parametrize("value", ['{"packages": {}}', '{"packages": []}', '{"packages": [1]}'])
def test_lists_of_objects_are_filled_and_hold_objects(value: str) -> None:
    with pytest.raises(ResultError):
        Params({"r": value}).request("r").objects("packages", 20, "700022")


@given(st.integers(0, 10**12), st.sampled_from(["MY", "VN", "ID", "SG"]))
def test_prices_read_back_exactly(minor: int, code: str) -> None:
    region = REGIONS[code]
    factor = 10**region.minor_digits
    assert Decimal(text(minor, region).replace(",", "")) * factor == minor
    assert Decimal(repr(number(minor, region))) * factor == minor


def test_names_are_masked_word_by_word() -> None:
    assert masked("Nguyễn Thị Lan") == "N*** T*** L***"
