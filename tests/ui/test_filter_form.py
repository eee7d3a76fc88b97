"""The filter strip: a fault is marked where it is and said in words, also where the field has scrolled."""

from __future__ import annotations

import pytest

from shoptui.cellwidth import cell_width
from shoptui.queries.completion import completed
from shoptui.queries.fields import ORDER_FIELDS
from shoptui.queries.filter import FilterError, parse
from shoptui.screens.filter_form import FilterForm
from shoptui.screens.lines import width_of


def refuse(typed: str) -> FilterError | None:
    try:
        parse(typed)
    except FilterError as error:
        return error
    return None


def below(typed: str, width: int = 80) -> list[str]:
    form = FilterForm("", refuse, lambda digit, words: None, help_words="due:<4h", draft="filter:orders")
    form.text_submitted(typed)
    lines = form.lines_below(width)
    assert all(width_of(line) <= width for line in lines)
    return ["".join(piece.text for piece in line) for line in lines]


@pytest.mark.parametrize("typed", ["due:<4x", "陈 due:<4x", "a b stor:x"])
def test_the_fault_is_marked_under_the_field(typed: str) -> None:
    error = refuse(typed)
    assert error is not None
    pointer, *_sentence = below(typed)
    assert pointer == " " * (3 + cell_width(typed[: error.position])) + "^" * error.length


def test_a_fault_out_of_view_is_shown_with_what_stands_around_it() -> None:
    typed = " ".join(f"tag:x{number}" for number in range(14)) + " due:<4x store:tt-th-1"
    excerpt, pointer, *sentence = below(typed)
    assert excerpt.strip().startswith("…")
    assert "due:<4x store" in excerpt
    assert excerpt[len(pointer) - 1] == "x"
    assert pointer.strip() == "^"
    assert "x is no unit" in sentence[0]


def test_a_long_sentence_is_wrapped() -> None:
    lines = below("qqq:x")
    assert " ".join(" ".join(lines[1:]).split()).endswith("To look for it as text, put it in quotes.")
    assert len(lines) > 2


def test_tab_goes_on_with_what_is_typed_and_says_what_there_is() -> None:
    form = FilterForm(
        "",
        refuse,
        lambda digit, words: None,
        help_words="due:<4h",
        draft="filter:orders",
        complete=lambda typed: completed(typed, ORDER_FIELDS, ["tt-th-1"]),
    )
    shown: list[str] = []
    form.set_text = shown.append
    form.text_changed("due:<4h sto")
    assert form.key("tab", None)
    form.text_changed("due:<4h store:t")
    assert form.key("tab", None)
    assert shown == ["due:<4h store:", "due:<4h store:tt-th-1 "]
    form.text_changed("is:")
    assert form.key("tab", None)
    (line, *_more) = form.lines_below(80)
    assert "held  " in line[0].text
    form.text_changed("is:h")
    assert "due:<4h" in form.lines_below(80)[0][0].text, "the words go as soon as something is typed"
