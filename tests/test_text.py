"""Outside text never reaches the terminal as commands, and masking hides what it should."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.text import MAX_CELL, mask_name, mask_phone, mask_street, sanitise, sanitise_cell

NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "\x1b\x9b\x9d\x90\x07\x9c\\[]P^_X;0123mHJ \t\n\r\u2028\u202e\u2066\u200d\ufe0f\U0001f3fb\U000e0041"
        ),
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Mn", "Sk"]),
    ),
    max_size=80,
)
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(NASTY)
def test_no_control_survives(text: str) -> None:
    clean = sanitise(text)
    assert not [char for char in clean if unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t"]
    assert not BIDI & set(clean)
    cell = sanitise_cell(text)
    assert not [char for char in cell if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not re.search("[\ufe0f\u200b-\u200d\u2060\U0001f3fb-\U0001f3ff]|  ", cell)
    assert cell == cell.strip()


@given(NASTY, st.integers(min_value=1, max_value=60))
def test_cleaning_again_changes_nothing_and_never_lengthens(text: str, limit: int) -> None:
    for clean in (
        lambda value: sanitise(value, limit=limit),
        lambda value: sanitise(value, keep_newlines=False, limit=limit),
        lambda value: sanitise_cell(value, limit=limit),
    ):
        once = clean(text)
        assert clean(once) == once
        assert len(once) <= min(len(text), limit)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"]), max_size=60))
def test_plain_letters_are_left_alone(text: str) -> None:
    assert sanitise(text) == text
    assert sanitise_cell(text) == text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x1b]0;owned\x07b", "ab"),
        ("a\x1b]52;c;ZXZpbA==\x1b\\b", "ab"),
        ("a\x9d0;owned\x9cb", "ab"),
        ("a\x1bPq#0\x1b\\b", "ab"),
        ("a\x1b_payload\x1b\\b", "ab"),
        ("a\x9b2Jb", "ab"),
        ("a\x1bcb", "ab"),
        ("a\x1b(Bb", "ab"),
        ("end\x1b", "end"),
        ("end\x1b[12", "end"),
        ("\x1b]never closed", "never closed"),
        ("\x1b\x1b[2Jx", "x"),
        ("a\x00b\x7fc\x85d", "abcd"),
        ("one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("one\u2028two", "one\ntwo"),
        ("\u202egnp.exe", "gnp.exe"),
        ("[bold]kept[/]", "[bold]kept[/]"),
        ("half \ud83d emoji", "half \ufffd emoji"),
    ],
)
def test_escape_sequences_go_as_a_whole(raw: str, clean: str) -> None:
    assert sanitise(raw) == clean


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        ("  two\n lines\tand   blanks ", "two lines and blanks"),
        ("❤️ 👍🏽 👨‍👩‍👧", "❤ 👍 👨👩👧"),
        ("กระเป๋าผ้าแคนวาส สีแดง", "กระเป๋าผ้าแคนวาส สีแดง"),
        ("全角　空格", "全角 空格"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("", ""),
    ],
)
def test_a_cell_is_one_line_of_stable_width(raw: str, cell: str) -> None:
    assert sanitise_cell(raw) == cell


def test_newlines_become_blanks_when_not_kept() -> None:
    assert sanitise("a\nb\tc", keep_newlines=False) == "a b c"


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert sanitise("abcdef", limit=4) == "abc…"
    assert sanitise("abcd", limit=4) == "abcd"
    assert sanitise_cell("ab cdef", limit=4) == "ab…"
    assert len(sanitise_cell("x" * 5000)) == MAX_CELL


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Nguyễn Thị Hoa", "N*** T*** H***"),
        ("R. Santos", "R*** S***"),
        ("陈建华", "陈*华"),
        ("陈华", "陈*"),
        ("欧阳建华", "欧**华"),
        ("สมชาย ใจดี", "ส*** ใ***"),
        ("ที่รัก", "ที่***"),
        ("", ""),
        ("สมช** ใ*****", "สมช** ใ*****"),
        ("陈*华", "陈*华"),
        ("Nguyễn T***", "Nguyễn T***"),
        ("\x1b[2JEve", "E***"),
    ],
)
def test_names_keep_initials_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+66812345321", "+66 ******321"),
        ("+66 81 234 5321", "+66 ******321"),
        ("(+84)981234521", "+84 ******521"),
        ("+1 415 555 0123", "+1 *******123"),
        ("+852 2345 6789", "+852 *****789"),
        ("0812345678", "*******678"),
        ("12345", "*****"),
        ("unknown", ""),
        ("", ""),
        ("+66 ******321", "+66 ******321"),
        ("(+84)98*****21", "(+84)98*****21"),
    ],
)
def test_phones_keep_country_and_last_digits(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("street", "masked"),
    [("99/1 ถนนสีลม", "*******"), ("1** ***", "1** ***"), ("Apt *5", "*******"), ("", "")],
)
def test_streets_are_hidden_whole(street: str, masked: str) -> None:
    assert mask_street(street) == masked


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=4, max_size=20))
def test_a_masked_name_shows_at_most_its_ends(name: str) -> None:
    masked = mask_name(name)
    assert name not in masked
    assert mask_name(masked) == masked
