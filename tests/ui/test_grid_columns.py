"""Columns: which fit a width, where they stand, and what a clock says."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.cellwidth import cell_width
from shoptui.domain.clocks import CHINESE_UNITS, DAY_S, HOUR_S, MINUTE_S
from shoptui.i18n import countdown_units, set_language
from shoptui.screens.inbox_columns import InboxColumns
from shoptui.screens.order_columns import OrderColumns
from shoptui.widgets.columns import (
    LEAD_CELLS,
    CellContext,
    CellText,
    ClockColumn,
    ClockFace,
    ClockText,
    Column,
    clock_text,
    lay_out,
)
from shoptui.widgets.glyphs import ASCII_GLYPHS
from shoptui.widgets.grid_seconds import rows_with_seconds
from shoptui.widgets.roles import Role
from shoptui.words import kind_word

from .grid_support import NOW, columns_for, order, order_columns

ENGLISH = CellContext()
CHINESE = CellContext(units=CHINESE_UNITS)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (120, "clock kind store tail status act items carrier then buyer"),
        (101, "clock kind store tail status act items carrier then buyer"),
        (87, "clock kind store tail status act items carrier then"),
        (74, "clock kind store tail status act items carrier then"),
        (60, "clock kind store tail status act items"),
        (50, "clock kind store tail status act items"),
        (49, "clock kind store tail status act items"),
        (48, "clock kind store tail status act items"),
        (47, "clock kind store tail status act"),
        (36, "clock kind store tail status"),
        (20, "clock kind store"),
    ],
)
def test_columns_go_in_the_order_of_their_rank(width: int, expected: str) -> None:
    assert " ".join(lay_out(order_columns(), width, ENGLISH).ids) == expected


def test_items_and_act_shrink_before_a_column_that_never_goes_is_cut() -> None:
    widths = {placed.column.id: placed.width for placed in lay_out(columns_for(60), 48, ENGLISH).columns}

    assert (widths["items"], widths["act"]) == (8, 2)
    assert [widths[name] for name in ("clock", "kind", "store", "tail", "status")] == [7, 4, 8, 6, 4]


@pytest.mark.parametrize(("width", "buyer"), [(80, 14), (200, 125)])
def test_what_is_left_over_goes_to_the_last_column(width: int, buyer: int) -> None:
    last = lay_out(columns_for(width), width, ENGLISH).columns[-1]

    assert (last.column.id, last.width, last.x + last.width) == ("buyer", buyer, width)


def test_the_places_are_those_the_screens_draw() -> None:
    places = {placed.column.id: placed.x for placed in lay_out(columns_for(80), 80, ENGLISH).columns}

    assert places == {
        "clock": 2,
        "kind": 10,
        "store": 16,
        "tail": 25,
        "status": 32,
        "act": 37,
        "items": 42,
        "carrier": 60,
        "buyer": 66,
    }


def test_chinese_units_widen_the_clock_by_two() -> None:
    english = lay_out(columns_for(80), 80, ENGLISH).columns
    chinese = lay_out(columns_for(80), 80, CHINESE).columns

    assert (english[0].width, chinese[0].width) == (7, 9)
    assert chinese[2].x == english[2].x + 2


@given(st.integers(0, 250), st.sampled_from([ENGLISH, CHINESE]))
def test_a_layout_never_leaves_its_line(width: int, context: CellContext) -> None:
    columns = lay_out(columns_for(width), width, context).columns

    x = LEAD_CELLS
    for placed in columns:
        assert placed.x == x
        assert placed.width > 0
        assert placed.gap >= 0
        x += placed.width + placed.gap
    assert x <= max(width, LEAD_CELLS)


ALL_NAMES = st.lists(
    st.tuples(st.integers(1, 20), st.one_of(st.none(), st.integers(1, 9)), st.one_of(st.none(), st.integers(1, 5))),
    max_size=8,
)


@given(ALL_NAMES, st.integers(0, 120))
def test_what_never_goes_is_there_as_long_as_it_fits(
    shapes: list[tuple[int, int | None, int | None]], width: int
) -> None:
    columns = [
        Column[object](
            str(number), "", cells, lambda row, context: CellText(""), drop=drop, shrink_to=shrink if drop else None
        )
        for number, (cells, drop, shrink) in enumerate(shapes)
    ]
    kept = {placed.column.id: placed.width for placed in lay_out(columns, width, ENGLISH).columns}
    never = [column for column in columns if column.drop is None]

    if LEAD_CELLS + sum(column.width + 1 for column in never) - 1 <= width:
        assert all(kept.get(column.id) == column.width for column in never)
    assert all(
        kept[column.id] >= min(column.shrink_to or column.width, column.width)
        for column in columns
        if column.drop and column.id in kept
    )


@pytest.mark.parametrize(
    ("left_s", "text", "sign", "role", "reverse"),
    [
        (12 * DAY_S, "12d", " ", Role.QUIET, False),
        (2 * DAY_S + 4 * HOUR_S, "2d04h", " ", Role.QUIET, False),
        (14 * HOUR_S + 20 * MINUTE_S, "14h20m", "◦", Role.DAY, False),
        (3 * HOUR_S + 5 * MINUTE_S, "3h05m", "▵", Role.NEAR, False),
        (72 * MINUTE_S, "1h12m", "▴", Role.SOON, False),
        (18 * MINUTE_S, "18m", "▴", Role.SOON, False),
        (598, "9:58", "▴", Role.SOON, True),
        (0, "-0m", "!", Role.MISSED, False),
        (-42 * MINUTE_S, "-42m", "!", Role.MISSED, False),
    ],
)
def test_clocks_say_what_the_screens_say(left_s: int, text: str, sign: str, role: Role, reverse: bool) -> None:
    said = clock_text(ClockFace(NOW + left_s), NOW, urgent=True, seconds=True, context=ENGLISH)

    assert said == ClockText(sign, text, role, reverse)


def test_a_missed_row_counts_its_other_clock_under_the_sign_of_the_missed_one() -> None:
    said = clock_text(ClockFace(NOW + 4 * HOUR_S, missed=True), NOW, urgent=True, seconds=False, context=ENGLISH)

    assert said == ClockText("!", "4h00m", Role.MISSED)


@pytest.mark.parametrize("fallback", ["=", "?", ""])
def test_a_clock_without_a_time_says_why(fallback: str) -> None:
    said = clock_text(ClockFace(None, fallback=fallback), NOW, urgent=True, seconds=True, context=ENGLISH)

    assert said == ClockText(" ", fallback, Role.QUIET)


def test_a_second_clock_has_a_label_and_no_seconds() -> None:
    said = clock_text(ClockFace(NOW + 500, label="cxl"), NOW, urgent=False, seconds=True, context=ENGLISH)

    assert said == ClockText("", "cxl 8m", Role.SOON)


def test_plain_signs() -> None:
    context = CellContext(glyphs=ASCII_GLYPHS)
    signs = [
        clock_text(ClockFace(NOW + left_s), NOW, urgent=True, seconds=False, context=context).sign
        for left_s in (HOUR_S, 3 * HOUR_S, 20 * HOUR_S, -5)
    ]

    assert signs == ["^", "'", ".", "!"]


def test_seconds_go_to_the_first_eight_near_rows() -> None:
    layout = lay_out(order_columns(), 120, ENGLISH)
    near = [(row_id, order(row_id, due_at=NOW + 300)) for row_id in range(1, 20)]
    far = [(row_id, order(row_id, due_at=NOW + 600)) for row_id in range(20, 25)]
    gone = [(row_id, order(row_id, due_at=NOW)) for row_id in range(25, 30)]

    chosen = rows_with_seconds([*far, *gone, (30, None), *near], layout, NOW)

    assert chosen == {1, 2, 3, 4, 5, 6, 7, 8}


def test_a_list_without_clocks_has_no_seconds() -> None:
    columns = (ClockColumn("then", "", lambda row: ClockFace(NOW + 5), urgent=False),)

    assert rows_with_seconds([(1, order(1))], lay_out(columns, 80, ENGLISH), NOW) == frozenset()


KINDS = ("arr", "pick", "hand", "fast", "cxl", "creq", "dlv", "scan")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [120, 200])
def test_the_second_clock_is_never_cut(language: str, width: int) -> None:
    set_language(language)
    try:
        context = CellContext(units=countdown_units())
        placed = lay_out(OrderColumns(lambda: "", frozenset, UTC).for_width(width), width, context).columns
        room = next(column.width for column in placed if column.column.id == "then")
        longest = max(
            cell_width(
                clock_text(
                    ClockFace(NOW + left_s, label=kind_word(kind)), NOW, urgent=False, seconds=False, context=context
                ).text
            )
            for kind in KINDS
            for left_s in (9 * DAY_S + 23 * HOUR_S, DAY_S - 1, 10 * HOUR_S + 1, 59 * MINUTE_S, 40 * DAY_S, -DAY_S + 1)
        )
        assert longest <= room
    finally:
        set_language("en")


def test_beside_its_pane_the_inbox_shows_who_has_it_and_what_is_new_with_w() -> None:
    columns = InboxColumns(lambda: "mei", frozenset)
    usual = lay_out(columns.for_width(57), 57, CellContext()).ids
    columns.next_variant()
    other = lay_out(columns.for_width(57), 57, CellContext()).ids
    assert {"unread", "who"}.isdisjoint(usual)
    assert {"left", "store", "buyer", "unread", "who", "words"} <= set(other)
