"""Queries as they are put onto addresses."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.query import encoded, escaped, params_of, with_params, with_query

BASE = httpx.URL("https://api.test:8443/order/get?old=1#part")
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(_TEXT)
def test_text_is_escaped_as_the_library_would(text: str) -> None:
    assert escaped(text) == quote(text, safe="")


@given(st.dictionaries(_TEXT.filter(bool), _TEXT, max_size=5))
def test_an_address_with_a_query_is_what_httpx_would_make_of_it(params: dict[str, str]) -> None:
    query = encoded(params)
    made = with_query(BASE, query)
    theirs = BASE.copy_with(query=query.encode("ascii"))
    assert (made, str(made), made.raw_path, made.query, made.fragment) == (
        theirs,
        str(theirs),
        theirs.raw_path,
        theirs.query,
        theirs.fragment,
    )
    assert params_of(made, without=()) == params
    assert BASE.query == b"old=1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "sign=n%2Fw"),
        ("ids=1%2C2", "ids=1%2C2&sign=n%2Fw"),
        ("sign=old&ids=1%2C2", "ids=1%2C2&sign=n%2Fw"),
        ("ids=a+b", "ids=a%20b&sign=n%2Fw"),
        ("design=1", "design=1&sign=n%2Fw"),
    ],
)
def test_own_parameters_come_after_the_others_and_instead_of_theirs(before: str, after: str) -> None:
    made = with_params(with_query(BASE, before), {"sign": "n/w"}, instead_of={"sign"})
    assert made.query.decode() == after
