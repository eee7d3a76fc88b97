"""Cell widths: what Rich and the terminals we measured agree on, and that a fitted cell never overflows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.cellwidth import cell_width, cut_cells, fit

SCRIPTS = st.sampled_from(
    [
        "กระเป๋าผ้าแคนวาส สีแดง",
        "Nguyễn Thị Ánh",
        "Đèn ngủ mini",
        "帆布袋 红 M",
        "한국어",
        "📦👨‍👩‍👧🇹🇭❤️👍🏽1️⃣",
        "ខ្មែរ ကြောင်",
        "\u0301\u0e34\u0e49",
        "\u200d\ufe0f",
        "\x1b[31mred\x07\t\n",
        "A-12-3",
    ]
)
TEXTS = st.one_of(st.text(max_size=30), st.lists(SCRIPTS, max_size=4).map("".join))


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("กำ", 2),
        ("ที่", 1),
        ("Nguye\u0302\u0303n Ha\u0300", 9),
        ("中文", 4),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", 4),
        ("📦", 2),
        ("👨‍👩‍👧", 2),
        ("🇹🇭", 2),
        ("✓●│…", 4),
        ("►▴▵◦»✗─█", 8),
        ("❤️", 2),
        ("❤", 1),
        ("\u0301", 0),
        ("", 0),
    ],
)
def test_widths_are_the_measured_ones(text: str, cells: int) -> None:
    assert cell_width(text) == cells


@pytest.mark.parametrize(
    ("text", "width", "align", "fitted"),
    [
        ("ship", 6, "left", "ship  "),
        ("18m", 6, "right", "   18m"),
        ("ab", 5, "center", " ab  "),
        ("BAG-RD-MAXI", 8, "left", "BAG-RD-…"),
        ("帆布袋红色", 6, "left", "帆布… "),
        ("帆布袋红色", 7, "left", "帆布袋…"),
        ("帆布袋", 6, "left", "帆布袋"),
        ("ที่นี่", 2, "left", "ที่นี่"),
        ("帆", 1, "left", "…"),
        ("abc", 0, "left", ""),
        ("", 3, "left", "   "),
        ("a\tb\nc", 5, "left", "a b c"),
        ("a\x1b[2Jb", 6, "left", "a[2Jb "),
        ("\u0301x", 3, "left", " \u0301x "),
        ("⚠\ufe0fx", 3, "left", "⚠x "),
        ("👍🏽", 3, "left", "👍 "),
        ("ab\u200d", 3, "left", "ab "),
    ],
)
def test_fit(text: str, width: int, align: str, fitted: str) -> None:
    assert fit(text, width, align) == fitted  # type: ignore[arg-type]


def test_fit_without_a_sign_cuts_hard() -> None:
    assert fit("arr 4h17m", 8, "left", "") == "arr 4h17"


@given(TEXTS, st.integers(0, 40), st.sampled_from(["left", "right", "center"]), st.sampled_from(["…", ".", ""]))
def test_a_fitted_text_has_exactly_the_width(text: str, width: int, align: str, sign: str) -> None:
    fitted = fit(text, width, align, sign)  # type: ignore[arg-type]

    assert cell_width(fitted) == width
    # Beside other cells it must still have that width: nothing in it joins its neighbours.
    assert cell_width("|" + fitted + "|") == width + 2


@given(TEXTS, st.integers(0, 40))
def test_no_control_survives_fitting(text: str, width: int) -> None:
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in fit(text, width))


@given(TEXTS, st.integers(0, 40))
def test_cutting_loses_nothing(text: str, width: int) -> None:
    head, rest = cut_cells(text, width)

    assert head + rest == text
    assert cell_width(head) <= width
