"""The inbox's filters and views: the same language as for orders, over other fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.queries.field_reading import FieldTable
from shoptui.queries.fields import ORDER_FIELDS
from shoptui.queries.filter import FilterError, parse
from shoptui.queries.query import And, Field, Limit, Match, Not, Or, Text, ThreadField, Word
from shoptui.queries.thread_fields import LAST_WORDS, THREAD_EXAMPLE, THREAD_FIELDS, THREAD_IS_WORDS
from shoptui.queries.thread_filter import parse_threads
from shoptui.queries.thread_views import THREAD_VIEWS, thread_views
from shoptui.words.filters import filter_said


def a_match(field: ThreadField, word: str) -> Match:
    return Match(field, (Word(word),))


UNREAD = Match(ThreadField.IS, (Word("unread"),))
REPLY_2H = Match(ThreadField.REPLY, (Limit(True, 7200, "h", "2"),))


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", None),
        ("reply:<2h", REPLY_2H),
        ("reply:missed", Match(ThreadField.REPLY, (Word("missed"),))),
        ("reply:<2h,missed", Match(ThreadField.REPLY, (*REPLY_2H.values, Word("missed")))),
        ("unread", UNREAD),
        ("UNREAD", UNREAD),
        ("-unread", Not(UNREAD)),
        ('"unread"', Text("unread", True)),
        ("reply:<2h unread", And((REPLY_2H, UNREAD))),
        ("reply:<2h or (unread lang:th)", Or((REPLY_2H, And((UNREAD, Match(ThreadField.LANG, (Word("th"),))))))),
        ("lang:Chinese,vi", Match(ThreadField.LANG, (Word("zh"), Word("vi")))),
        ("lang:none", Match(ThreadField.LANG, (Word("none"),))),
        ("assigned:ME,mei", Match(ThreadField.ASSIGNED, (Word("me"), Word("mei")))),
        ("assigned:none", Match(ThreadField.ASSIGNED, (Word("none"),))),
        ("market:sp region:uk", And((a_match(ThreadField.MARKET, "shopee"), a_match(ThreadField.REGION, "GB")))),
        ("last:buyer", Match(ThreadField.LAST, (Word("buyer"),))),
        ("order:2N5TR8", Match(ThreadField.ORDER, (Word("2N5TR8"),))),
        ("红色包包", Text("红色包包", False)),
        ('"发货" is：waiting', And((Text("发货", True), a_match(ThreadField.IS, "waiting")))),
    ],
)
def test_what_is_typed_is_what_is_meant(text: str, root: object) -> None:
    query = parse_threads(text)
    assert query.root == root
    assert parse_threads(str(query)) == query


@pytest.mark.parametrize(
    ("text", "marked", "sentence"),
    [
        ("status:ship", "status", "status: is no field."),
        ("replay:<2h", "replay", "Did you mean reply:?"),
        ("reply:<2", "", "Use m, h or d, as in reply:<2h"),
        ("reply:soon", "soon", "Use reply:<2h or reply:missed or reply:none"),
        ("is:waitng", "waitng", "Did you mean is:waiting?"),
        ("lang:klingon", "klingon", "klingon is no lang."),
        ("last:me", "me", "Use one of buyer, store, robot, platform."),
        ("assigned:", "", "assigned: needs a value, as in assigned:me"),
        ('buyer:"**"', '"**"', "no letter or digit"),
        ("(unread", "(", "never closed"),
    ],
)
def test_a_fault_is_marked_and_said(text: str, marked: str, sentence: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_threads(text)
    error = caught.value
    assert text[error.position : error.position + error.length] == marked
    assert sentence in error.sentence
    assert filter_said(error) == error.sentence


@pytest.mark.parametrize("field", ThreadField)
def test_every_field_has_an_example_that_reads(field: ThreadField) -> None:
    leaf = parse_threads(THREAD_EXAMPLE[field]).root
    assert isinstance(leaf, Match) and leaf.field is field


def test_every_offered_word_reads() -> None:
    for field, words in (("is", THREAD_IS_WORDS), ("last", LAST_WORDS)):
        for word in words:
            assert parse_threads(f"{field}:{word}").root == Match(ThreadField(field), (Word(word),))


@pytest.mark.parametrize(("table", "fields"), [(ORDER_FIELDS, Field), (THREAD_FIELDS, ThreadField)])
def test_a_table_has_all_fields_of_its_list(table: FieldTable, fields: type[Field] | type[ThreadField]) -> None:
    assert set(table.readers) == set(table.examples) == set(fields)


def test_orders_know_nothing_of_unread() -> None:
    assert parse("unread").root == Text("unread", False)


PIECES = st.lists(
    st.sampled_from(
        [
            "reply:<2h",
            "unread",
            "is:",
            "done",
            "lang:",
            "th",
            "assigned:",
            "me",
            '"',
            "(",
            ")",
            "-",
            " or ",
            " ",
            ",",
            "陈",
        ]
    ),
    max_size=14,
).map("".join)


@given(PIECES)
def test_any_mixture_reads_back_or_says_where_it_does_not(text: str) -> None:
    fault = query = None
    try:
        query = parse_threads(text)
    except FilterError as error:
        fault = error
    if fault is not None:
        assert 0 <= fault.position <= fault.position + fault.length <= len(text)
    else:
        assert parse_threads(str(query)) == query


def test_every_shipped_view_reads() -> None:
    assert "".join(THREAD_VIEWS) == "0123456"
    for view in THREAD_VIEWS.values():
        assert view.query.root is not None
        assert view.name


def test_own_views_are_read_as_filters_of_the_inbox() -> None:
    views = thread_views({"1": "assigned:me lang:th", "9": "unread", "x": "unread"})
    assert "".join(views) == "01234569"
    assert views["1"].own and views["1"].query == parse_threads("assigned:me lang:th")
    assert views["9"].query.root == UNREAD
    assert views["2"] == THREAD_VIEWS["2"]
