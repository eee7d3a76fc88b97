"""Messages at the edge: hostile text becomes harmless, real text stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.chat_text import MESSAGE_MAX, message_text, same_words, web_link


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "Khi nào shop gửi hàng ạ?",
        "ของส่งวันไหนคะ",
        "什么时候发货？",
        "two\nlines",
        "👩\u200d🚀 ok",
        "naïve café",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert message_text(text) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07hi", "hi"),
        ("a\u202eb\u202c", "ab"),
        ("a" + "\u200b" * 500 + "b", "ab"),
        ("\ufeff" * 9 + "hi", "hi"),
        ("Z" + "\u0301" * 40, "Z" + "\u0301" * 4),
        ("a" + "\n" * 60 + "b", "a\n\n\nb"),
        ("  hi \n", "hi"),
        ("0\n\x1b", "0"),
        ("\x1b\n0", "0"),
        ("a" + "\n\x00" * 60 + "b", "a\n\n\nb"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_what_would_trouble_a_terminal_goes(raw: str, text: str) -> None:
    assert message_text(raw) == text


def test_endless_text_is_cut_with_a_mark() -> None:
    for raw in ("x" * 100_000, "\u200b" * 1_000_000 + "x", "wörd " * 20_000):
        text = message_text(raw)
        assert len(text) <= MESSAGE_MAX
        assert text.endswith("…")


@given(
    st.one_of(
        st.text(max_size=300),
        st.text(alphabet="a0 \n\t\x1b[\x9b;m\u200b\u0301\u202e\u2028\ud83d\U000e0041", max_size=60),
    )
)
def test_nothing_that_a_terminal_obeys_is_left(raw: str) -> None:
    text = message_text(raw)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert message_text(text) == text


@pytest.mark.parametrize(
    ("raw", "link"),
    [
        ("https://p16.example/i.jpeg", "https://p16.example/i.jpeg"),
        ("http://p16.example/i.jpeg?a=b", "http://p16.example/i.jpeg?a=b"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://", ""),
        ("https://[bad", ""),
        ("https://a b", ""),
        ("https://p.example/" + "x" * 3000, ""),
        ("", ""),
    ],
)
def test_only_addresses_of_the_web_are_links(raw: str, link: str) -> None:
    assert web_link(raw) == link


def test_words_are_the_same_whatever_blanks_lie_between() -> None:
    assert same_words("Hello\r\nthere ", "Hello\nthere")
    assert same_words("a  b", "a b")
    assert not same_words("Hello", "Hello!")
