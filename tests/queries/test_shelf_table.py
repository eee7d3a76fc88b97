"""A shop's own table of shelves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.shelves import Clash, walking_order
from shoptui.queries.shelf_table import SHELF_MAX, BadShelves, read_shelves


@pytest.mark.parametrize(
    "text",
    [
        "sku,location\nBAG-1,A-03\n",
        "Name;Location;SKU\nBag;A-03;BAG-1\n",
        "BAG-1\tA-03\n",
        "BAG-1 A-03\n",
        '\n商品编码,货位\n="BAG-1",A-03\n',
    ],
)
def test_columns_are_told_by_their_names_or_by_being_two(text: str) -> None:
    shelves = read_shelves(text)
    assert shelves.of("BAG-1") == shelves.of(" bag-1 ") == "A-03"
    assert shelves.of("sku") == shelves.of("MUG-2") == shelves.of("") == ""


@pytest.mark.parametrize(
    "text", ["sku,quantity\nBAG-1,4\n", "Bag,BAG-1,A-03\n", "BAG-1\n", "name,location\nBag,A-03\n"]
)
def test_columns_that_cannot_be_told_apart_are_refused(text: str) -> None:
    with pytest.raises(BadShelves):
        read_shelves(text)


def test_of_two_shelves_for_a_sku_the_first_counts_and_the_other_line_is_named() -> None:
    shelves = read_shelves("sku,location\nA,1\nB,\n,9\nA,1\na,2\nB,3\n")
    assert (shelves.of("A"), shelves.of("B")) == ("1", "3")
    assert shelves.clashes == (Clash(line=6, first=2, sku="a"),)


def test_nothing_in_it_reaches_the_terminal_as_more_than_words() -> None:
    shelf = read_shelves(f"A,\x1b[2J{'x' * 40}\n").of("A")
    assert shelf.isprintable() and len(shelf) == SHELF_MAX


def test_an_empty_table_has_no_shelf_for_anything() -> None:
    assert read_shelves("\n \n").of("A") == ""


def test_shelves_are_walked_along_by_their_numbers() -> None:
    assert sorted(["", "B-1", "A-10", "a-2", "A-2-1", "7"], key=walking_order) == [
        "7",
        "a-2",
        "A-2-1",
        "A-10",
        "B-1",
        "",
    ]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_names_of_shelves_have_an_order_and_those_without_come_last(shelves: list[str]) -> None:
    walked = sorted(shelves, key=walking_order)
    named = [shelf for shelf in walked if shelf]
    assert walked == named + [""] * (len(walked) - len(named))


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        shelves = read_shelves(text)
    except BadShelves:
        return
    assert all(sku and shelf for sku, shelf in shelves.by_sku.items())
