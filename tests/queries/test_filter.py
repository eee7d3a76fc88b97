"""The filter language: what it reads, how it prints, and where it says that something is wrong."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shoptui.queries.fields import ACT_WORDS, EXAMPLE, FLAG_WORDS, IS_WORDS, SHORT_STATUS
from shoptui.queries.filter import DEPTH_MAX, LENGTH_MAX, TERMS_MAX, FilterError, parse
from shoptui.queries.query import And, Field, Limit, Match, Not, Or, Text, Word

DUE_4H = Match(Field.DUE, (Limit(True, 14400, "h", "4"),))
TEXT_A, TEXT_B, TEXT_C = Text("a", False), Text("b", False), Text("c", False)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", None),
        ("   ", None),
        ("due:<4h", DUE_4H),
        ("DUE:<4H", DUE_4H),
        ("due:4h", DUE_4H),
        ("due：＜４ｈ", DUE_4H),
        ("due:>2d", Match(Field.DUE, (Limit(False, 172800, "d", "2"),))),
        ("due:missed,<4h", Match(Field.DUE, (Word("missed"), *DUE_4H.values))),
        ("status:ship", Match(Field.STATUS, (Word("to_ship"),))),
        ("status:to_ship，hand", Match(Field.STATUS, (Word("to_ship"), Word("to_hand_over")))),
        ("region:uk", Match(Field.REGION, (Word("GB"),))),
        ("market:tt", Match(Field.MARKET, (Word("tiktok"),))),
        ('tag:"two words"', Match(Field.TAG, (Word("two-words"),))),
        ("value:>10", Match(Field.VALUE, (Limit(False, 10000, "", "10"),))),
        ("value:<5.25usd", Match(Field.VALUE, (Limit(True, 5250, "USD", "5.25"),))),
        ("a b", And((TEXT_A, TEXT_B))),
        ("a and b", And((TEXT_A, TEXT_B))),
        ("a or b", Or((TEXT_A, TEXT_B))),
        ("a|b", Or((TEXT_A, TEXT_B))),
        ("a b or c", Or((And((TEXT_A, TEXT_B)), TEXT_C))),
        ("a (b or c)", And((TEXT_A, Or((TEXT_B, TEXT_C))))),
        ("a（b｜c）", And((TEXT_A, Or((TEXT_B, TEXT_C))))),
        ("-a", Not(TEXT_A)),
        ("-(a b)", Not(And((TEXT_A, TEXT_B)))),
        ("--a", Not(Not(TEXT_A))),
        ('"a or (b"', Text("a or (b", True)),
        ("“陈 华”", Text("陈 华", True)),
        (r'"say \"hi\" \\ there"', Text('say "hi" \\ there', True)),
        ("12:30", Text("12:30", False)),
        ("orange", Text("orange", False)),
    ],
)
def test_what_is_typed_is_what_is_meant(text: str, root: object) -> None:
    query = parse(text)
    assert query.root == root
    assert query.text == text
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    ("text", "marked", "reason_id", "sentence"),
    [
        ("due:<4x", "x", "no_unit", "x is no unit. Use m, h or d, as in due:<4h"),
        ("due:<4", "", "no_unit", "4 has no unit"),
        ("a due:<4x b", "x", "no_unit", "x is no unit"),
        ("due:soon", "soon", "no_time", "soon is no time. Use due:<4h or due:missed or due:none"),
        ("due:<1.5h", "1.5", "no_number", "no number of whole h"),
        ("due:<9999999999h", "9999999999", "no_number", "no number"),
        ("due:", "", "no_value", "due: needs a value, as in due:<4h"),
        ("tag:a,", "", "no_value", "tag: needs a value"),
        ("status:shiped", "shiped", "no_such_word", "Did you mean status:ship?"),
        ("stor:x", "stor", "no_such_field", "Did you mean store:?"),
        ("qqq:x", "qqq", "no_such_field", "put it in quotes"),
        ("region:xx", "xx", "no_such_word", "xx is no region"),
        ("order:12", "12", "too_short", "at least its last 4 characters"),
        ("value:10", "10", "no_amount", "Use < or > and a number"),
        ("value:>10dollars", "dollars", "no_currency", "three letters"),
        ("(a or b", "(", "unclosed", "never closed"),
        ("a) b", ")", "unopened", "closes nothing"),
        ("()", "", "nothing_here", "missing here"),
        ("a or", "", "nothing_here", "missing here"),
        ("or a", "", "nothing_here", "missing here"),
        ("a - b", "", "nothing_negated", "Nothing follows the minus"),
        ('a "b', '"', "unclosed_quote", "never closed"),
        ("***", "***", "no_letters", "no letter or digit"),
        ('buyer:"**"', '"**"', "no_letters", "no letter or digit"),
    ],
)
def test_a_fault_is_marked_and_said(text: str, marked: str, reason_id: str, sentence: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    error = caught.value
    assert text[error.position : error.position + error.length] == marked
    assert error.reason_id == reason_id
    assert sentence in error.sentence


@pytest.mark.parametrize(
    ("text", "reason_id"),
    [
        ("a" * (LENGTH_MAX + 1), "too_long"),
        ("(" * (DEPTH_MAX + 1) + "a", "too_deep"),
        ("-" * (DEPTH_MAX + 1) + "a", "too_deep"),
        ("a " * (TERMS_MAX + 1), "too_many"),
    ],
)
def test_a_pasted_novel_is_refused(text: str, reason_id: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.reason_id == reason_id


@pytest.mark.parametrize("field", Field)
def test_every_field_has_an_example_that_reads(field: Field) -> None:
    (leaf,) = [parse(EXAMPLE[field]).root]
    assert isinstance(leaf, Match) and leaf.field is field


def test_every_offered_word_reads() -> None:
    for field, words in (("is", IS_WORDS), ("act", ACT_WORDS), ("flag", FLAG_WORDS), ("status", SHORT_STATUS)):
        for word in words:
            assert parse(f"{field}:{word}").root is not None


@given(st.text(max_size=60))
@example('due:"')
@example("tag:\\")
@example('"\\')
@example("：")
@example("value:>٣")
def test_any_text_reads_or_says_where_it_does_not(text: str) -> None:
    _read_or_said(text)


FIELDS = ["due:", "status:", "tag:", "value:>", "order:", "buyer:"]
WORDS = [*FIELDS, "is:open", "4h", "ship", "missed", "ab", "1234", "usd", "é", "陈", "ก", "*"]
PIECES = st.lists(st.sampled_from([*WORDS, " or ", " and ", *'()|-", :<>\\（）：，“”＜']), max_size=14).map("".join)


@given(PIECES)
def test_any_mixture_of_its_parts_reads_or_says_where_it_does_not(text: str) -> None:
    _read_or_said(text)


def _read_or_said(text: str) -> None:
    fault = None
    try:
        query = parse(text)
    except FilterError as error:
        fault = error
    if fault is None:
        again = parse(str(query))
        assert again == query
        assert str(again) == str(query)
    else:
        assert 0 <= fault.position <= len(text)
        assert 0 <= fault.length <= len(text) - fault.position
        assert fault.reason_id and fault.sentence
