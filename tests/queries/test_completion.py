"""Completing a filter: fields, their words, stores; what cannot be completed stays as it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.queries.completion import Completion, completed
from shoptui.queries.field_reading import FieldTable
from shoptui.queries.fields import ORDER_FIELDS
from shoptui.queries.money_fields import MONEY_FIELDS
from shoptui.queries.return_fields import RETURN_FIELDS
from shoptui.queries.stock_fields import STOCK_FIELDS
from shoptui.queries.thread_fields import THREAD_FIELDS

STORES = ["tt-th-1", "tt-th-2", "sp-my-1"]
TABLES = [ORDER_FIELDS, THREAD_FIELDS, STOCK_FIELDS, RETURN_FIELDS, MONEY_FIELDS]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("as", Completion("ask", ("ask:", "asked:"))),
        ("val", Completion("value:")),
        ("status:open va", Completion("status:open value:")),
        ("status:op", Completion("status:open ")),
        ("is:che", Completion("is:checked ")),
        ("-is:ch", Completion("-is:checked ")),
        ("(is:mi", Completion("(is:mi", ("missed", "mine"))),
        ("is:missed,no", Completion("is:missed,noted ")),
        ("store:sp", Completion("store:sp-my-1 ")),
        ("store:t", Completion("store:tt-th-", ("tt-th-1", "tt-th-2"))),
        ("STORE:TT", Completion("STORE:tt-th-", ("tt-th-1", "tt-th-2"))),
        ("region:v", Completion("region:VN ")),
        ("value:<", Completion("value:<")),
        ("zzz", Completion("zzz")),
        ("zzz:a", Completion("zzz:a")),
        ('"red v', Completion('"red v')),
    ],
)
def test_the_last_condition_goes_on_as_far_as_it_is_sure(typed: str, expected: Completion) -> None:
    assert completed(typed, RETURN_FIELDS, STORES) == expected


@pytest.mark.parametrize("fields", TABLES)
def test_an_empty_filter_begins_with_any_field(fields: FieldTable) -> None:
    assert completed("", fields, STORES).choices == tuple(f"{name}:" for name in fields.names)


@given(st.sampled_from(TABLES), st.data())
def test_every_word_of_every_field_can_be_read_as_it_was_completed(fields: FieldTable, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from([field for field in fields.readers if fields.words(field)]))
    word = data.draw(st.sampled_from(fields.words(field)))
    fields.read(field, word)
    found = completed(f"{field.value}:{word}", fields, STORES)
    assert found.text.strip() == f"{field.value}:{word}"
    assert not found.choices or word in found.choices


@given(st.sampled_from(TABLES), st.text(max_size=30))
def test_nothing_that_was_typed_is_lost(fields: FieldTable, typed: str) -> None:
    assert completed(typed, fields, STORES).text.casefold().startswith(typed.casefold())
