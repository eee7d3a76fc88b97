"""Sorts as typed and printed."""

from __future__ import annotations

import pytest

from shoptui.queries.sorting import Sort, SortBy, ThreadSort, ThreadSortBy


@pytest.mark.parametrize("by", SortBy)
@pytest.mark.parametrize("descending", [False, True])
def test_a_sort_reads_back(by: SortBy, descending: bool) -> None:
    assert Sort.parse(str(Sort(by, descending))) == Sort(by, descending)


@pytest.mark.parametrize("by", ThreadSortBy)
@pytest.mark.parametrize("descending", [False, True])
def test_so_does_one_of_conversations(by: ThreadSortBy, descending: bool) -> None:
    assert ThreadSort.parse(str(ThreadSort(by, descending))) == ThreadSort(by, descending)


def test_conversations_have_columns_of_their_own() -> None:
    with pytest.raises(ValueError, match="Did you mean buyer"):
        ThreadSort.parse("buyr")
    with pytest.raises(ValueError, match="'carrier' is no column to sort by"):
        ThreadSort.parse("carrier")


@pytest.mark.parametrize(
    ("text", "said"), [("valeu", "Did you mean value?"), ("", "Columns are next"), ("--value", "no column")]
)
def test_a_strange_column_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        Sort.parse(text)
