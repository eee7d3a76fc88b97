"""Quick replies: what is read and refused, which one a store has, and how variables are filled in."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.templates import (
    VARIABLES,
    QuickReply,
    Rendered,
    TemplateError,
    checked,
    quick_replies_toml,
    read_quick_replies,
    render,
    replies_for,
    text_for,
    unknown_variables,
    variables_of,
    with_reply,
)

FILE = """
[[reply]]
number = 3
name = "ships today"
[reply.text]
en = "Hi {buyer}, order {order} leaves at {van}."
zh = "您好！订单 {order} 今天 {van} 交给 {carrier}。"

[[reply]]
number = 3
name = "ships today"
stores = ["sp-*"]
[reply.text]
th = "{order}"
"""
READ = read_quick_replies(tomllib.loads(FILE), "quick_replies.toml")


def a_table(**keys: object) -> dict[str, object]:
    table: dict[str, object] = {"number": 1, "name": "thanks", "text": {"en": "Thank you!"}, **keys}
    return {key: value for key, value in table.items() if value is not None}


def test_a_file_is_read() -> None:
    assert [(reply.number, reply.name, tuple(reply.texts), reply.stores) for reply in READ] == [
        (3, "ships today", ("en", "zh"), ()),
        (3, "ships today", ("th",), ("sp-*",)),
    ]
    assert read_quick_replies({}, "x") == ()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"replies": []}, "the key 'replies' is not known; did you mean 'reply'?"),
        ({"reply": {}}, "head each with [[reply]]"),
        ({"reply": [a_table(number=0)]}, "reply 0: number must be a whole number from 1 to 99"),
        ({"reply": [a_table(number=True)]}, "number must be a whole number"),
        ({"reply": [a_table(number=None)]}, "reply in place 1: number must be"),
        ({"reply": [a_table(name=" ")]}, 'as in name = "ships today"'),
        ({"reply": [a_table(name="x" * 41)]}, "at most 40 characters"),
        ({"reply": [a_table(store=["a"])]}, "did you mean 'stores'?"),
        ({"reply": [a_table(stores="sp-*")]}, "stores must be a list"),
        ({"reply": [a_table(text="hello")]}, "give it a text"),
        ({"reply": [a_table(text={})]}, "give it a text"),
        ({"reply": [a_table(text={"xx": "hello"})]}, "'xx' is no language; use one of en, zh"),
        ({"reply": [a_table(text={"en": " "})]}, "the text in en must be"),
        ({"reply": [a_table(text={"en": "x" * 2001})]}, "has 2001 characters; at most 2000 fit"),
        ({"reply": [a_table(text={"en": "{ordr}"})]}, "has {ordr}, which is no variable; did you mean {order}?"),
        ({"reply": [a_table(text={"en": "{zzz}"})]}, "use one of buyer, order"),
        ({"reply": [a_table(), a_table(name="again")]}, "reply 1 is there twice for the same stores"),
    ],
)
def test_what_cannot_be_used_is_refused(data: dict[str, object], sentence: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read_quick_replies(data, "quick_replies.toml")
    assert str(caught.value).startswith("quick_replies.toml: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Thank you!", {}, Rendered("Thank you!")),
        ("Order {order}.", {"order": "57"}, Rendered("Order 57.")),
        ("{ORDER}", {"order": "57"}, Rendered("57")),
        ("{order} {eta} {order}", {"order": "57"}, Rendered("", ("eta",))),
        ("{order} {eta}", {"order": " "}, Rendered("", ("order", "eta"))),
        ("{buyer}", {"buyer": "{order}", "order": "57"}, Rendered("{order}")),
        ("{buyer}", {"buyer": r"\g<0>"}, Rendered(r"\g<0>")),
        (":-{ {1} {} {{order}}", {"order": "57"}, Rendered(":-{ {1} {} {57}")),
    ],
)
def test_variables_are_filled_in_or_named(text: str, values: dict[str, str], expected: Rendered) -> None:
    assert render(text, values) == expected


@pytest.mark.parametrize(
    ("store_id", "languages"), [("sp-my-1", ("th",)), ("tt-th-2", ("en", "zh")), ("lz-ph-1", ("en", "zh"))]
)
def test_a_store_has_its_own_reply_before_the_general_one(store_id: str, languages: tuple[str, ...]) -> None:
    for replies in (READ, READ[::-1]):
        (reply,) = replies_for(replies, store_id)
        assert tuple(reply.texts) == languages


def test_the_marketplace_in_front_may_be_left_out() -> None:
    reply = QuickReply(1, "thanks", {"en": "Thanks"}, ("uk-*",))
    assert [name for name in ("tt-uk-1", "uk-1", "tt-us-1", "sp-uk-2") if reply.serves(name)] == [
        "tt-uk-1",
        "uk-1",
        "sp-uk-2",
    ]


@pytest.mark.parametrize(
    ("wanted", "code"), [(("zh",), "zh"), (("th", "zh"), "zh"), (("th",), "en"), ((), "en"), (("en", "zh"), "en")]
)
def test_the_text_is_in_the_first_language_there_is(wanted: tuple[str, ...], code: str) -> None:
    assert text_for(READ[0], wanted) == (code, READ[0].texts[code])
    assert text_for(READ[1], wanted)[0] == "th"


def test_a_reply_is_put_in_place_and_taken_out() -> None:
    other = QuickReply(3, "ships tomorrow", {"en": "Tomorrow"})
    replies = with_reply(READ, checked(other))
    assert [(reply.name, reply.stores) for reply in replies] == [("ships tomorrow", ()), ("ships today", ("sp-*",))]
    assert with_reply(replies, QuickReply(3, "", {})) == (READ[1],)
    with pytest.raises(TemplateError, match="Reply 3: the text in en has"):
        checked(QuickReply(3, "x", {"en": "{nope}"}))


PIECES = st.lists(
    st.sampled_from([*(f"{{{name}}}" for name in VARIABLES), "{", "}", "{x}", "{{", " ", "红", "a_b", "\\", '"', "\n"]),
    max_size=12,
).map("".join)
VALUES = st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(alphabet="ab \n1陈", max_size=6))


@given(PIECES, VALUES)
def test_no_variable_is_ever_left_in_what_is_sent(text: str, values: dict[str, str]) -> None:
    done = render(text, values)
    if done.missing:
        assert done.text == ""
        assert set(done.missing) <= set(variables_of(text))
        assert not any(values.get(name, "").strip() for name in done.missing)
    else:
        assert not {name for name in variables_of(done.text) if name in VARIABLES}
        assert not unknown_variables(text)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
    lambda text: text.strip() and not unknown_variables(text)
)
REPLIES = st.builds(
    QuickReply,
    st.integers(1, 99),
    TEXTS.map(str.strip).filter(lambda text: "\n" not in text),
    st.dictionaries(st.sampled_from(["en", "zh", "th", "tl"]), TEXTS, min_size=1),
    st.lists(st.sampled_from(["sp-*", "tt-uk-1", "uk-*"]), unique=True, max_size=2).map(lambda one: tuple(sorted(one))),
)


@given(st.lists(REPLIES, max_size=4, unique_by=lambda reply: (reply.number, reply.stores)))
def test_what_is_written_reads_back_the_same(replies: list[QuickReply]) -> None:
    text = quick_replies_toml(replies)
    again = read_quick_replies(tomllib.loads(text), "x")
    assert [(one.number, one.name, dict(one.texts), one.stores) for one in again] == [
        (one.number, one.name, dict(one.texts), one.stores) for one in replies
    ]
