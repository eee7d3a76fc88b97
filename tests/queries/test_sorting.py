"""Sorts as typed and printed."""

from __future__ import annotations

import pytest

from shoptui.queries.sorting import Sort, SortBy


@pytest.mark.parametrize("by", SortBy)
@pytest.mark.parametrize("descending", [False, True])
def test_a_sort_reads_back(by: SortBy, descending: bool) -> None:
    assert Sort.parse(str(Sort(by, descending))) == Sort(by, descending)


@pytest.mark.parametrize(
    ("text", "said"), [("valeu", "Did you mean value?"), ("", "Columns are next"), ("--value", "no column")]
)
def test_a_strange_column_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        Sort.parse(text)
