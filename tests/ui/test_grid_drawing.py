"""How the grid is drawn: widths, columns, pages that are read, clocks that tick, signs and colours."""

from __future__ import annotations

import pytest

from shoptui.domain.clocks import CHINESE_UNITS, HOUR_S
from shoptui.widgets.columns import CellContext, CellText, Column
from shoptui.widgets.glyphs import ASCII_GLYPHS

from .grid_support import GROUP, NOW, GridApp, OrderModel, OrderRow, after, index_of, order, order_columns

SIZE = (80, 24)
PAGE = 23


async def test_the_screen_is_drawn_as_on_paper() -> None:
    app = GridApp(OrderModel(index_of(1_000_000)), group=GROUP)
    async with app.run_test(size=SIZE) as pilot:
        app.grid.toggle_mark()
        lines = await after(pilot, app)

    assert lines[0] == "   NEXT LOSS    STORE    ORDER  ST   ACT  ITEMS             CARR. BUYER         "
    assert lines[1] == "  ! 3h58m cxl   3 missed, folded: tt-uk-1 3, we cancel, at fault   Enter opens  "
    assert lines[2] == "►*▴   12m pick  sp-sg-1  480004 ship      2x 帆布袋 红 M …  J&T   กมล** ว.      "
    assert lines[3] == "  ▴   14m arr   tt-th-2  480005 ship    m 2x BAG-RD-M +1    SPX   Trần H***     "


@pytest.mark.parametrize("size", [(60, 16), (74, 20), (80, 24), (120, 40), (200, 50), (20, 3)])
async def test_every_line_has_exactly_the_width(size: tuple[int, int]) -> None:
    app = GridApp(OrderModel(index_of(40)), group=GROUP)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.grid.move_last()
        await pilot.pause()
        strips = [app.grid.render_line(y) for y in range(size[1])]

    assert all(strip.cell_length == size[0] for strip in strips)
    assert all(sum(segment.cell_length for segment in strip) == size[0] for strip in strips)


async def test_rows_not_read_yet_are_placeholders_until_they_come() -> None:
    model = OrderModel(index_of(1_000_000), answers=False)
    app = GridApp(model)
    async with app.run_test(size=SIZE) as pilot:
        lines = await after(pilot, app)
        assert all(line[:11] == ("► " if number == 0 else "  ") + "  . . .  " for number, line in enumerate(lines[1:]))
        assert {row_id for ids in model.asked for row_id in ids} >= set(range(1, 2 * PAGE + 1))

        app.grid.rows_changed(model.answer())
        assert order(1).tail in (await after(pilot, app))[1]


async def test_a_page_is_asked_for_with_one_on_either_side_and_only_once() -> None:
    model = OrderModel(index_of(1_000_000), answers=False)
    app = GridApp(model)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        model.answer()
        app.grid.move_to(500_000)
        await pilot.pause()
        app.grid.redraw()
        await pilot.pause()

        assert len(model.asked) == 1
        first, last = model.asked[0][0], model.asked[0][-1]
        assert last - first + 1 == 3 * PAGE
        assert first + PAGE <= 500_000 < last - PAGE + 1


async def test_clocks_tick_and_only_near_ones_by_the_second() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        lines = app.lines()
        assert [line[2:9] for line in lines[1:5]] == ["▴  6:00", "▴  8:00", "▴   10m", "▴   12m"]

        app.grid.tick(NOW + 1)
        assert [line[2:9] for line in (await after(pilot, app))[1:5]] == ["▴  5:59", "▴  7:59", "▴  9:59", "▴   11m"]

        app.grid.tick(NOW + 361)
        assert (await after(pilot, app))[1][2:9] == "!   -0m"


async def test_the_ninth_near_row_counts_minutes_unless_the_cursor_is_on_it() -> None:
    rows = {row_id: order(row_id, due_at=NOW + 590) for row_id in range(1, 13)}
    model = OrderModel(index_of(12))
    model.changed = rows
    app = GridApp(model)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert [line[2:9].strip("▴ ") for line in app.lines()[1:13]] == ["9:50"] * 8 + ["9m"] * 4

        app.grid.move_last()
        assert [line[2:9].strip("▴ ") for line in (await after(pilot, app))[9:13]] == ["9m"] * 3 + ["9:50"]

        app.grid.move_by(-1)
        assert [line[2:9].strip("▴ ") for line in (await after(pilot, app))[9:13]] == ["9m"] * 2 + ["9:50", "9m"]


async def test_second_clocks_of_many_rows_turn_within_some_ticks() -> None:
    model = OrderModel(index_of(100))
    model.changed = {n: order(n, due_at=NOW + 30 * HOUR_S + 1_000, then_at=NOW + 7 * HOUR_S) for n in range(1, 101)}
    app = GridApp(model, columns=order_columns())
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        assert sum("cxl 7h00" in line for line in app.lines()) == PAGE

        turned = []
        for second in range(1, 8):
            app.grid.tick(NOW + second)
            turned.append(sum("cxl 6h59" in line for line in await after(pilot, app)))

        assert turned == sorted(turned)
        assert turned[0] < PAGE
        assert turned[-1] == PAGE


async def test_chinese_units_and_plain_signs() -> None:
    app = GridApp(OrderModel(index_of(100)), context=CellContext(units=CHINESE_UNITS))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        app.grid.move_by(3)
        assert (await after(pilot, app))[4].startswith("► ▴    12分 pick  ")

        app.grid.set_context(CellContext(glyphs=ASCII_GLYPHS))
        assert (await after(pilot, app))[4].startswith("> ^   12m pick  ")


async def test_columns_follow_the_width() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.grid.layout_columns[-1] == "buyer"
        app.grid.move_by(20)
        await pilot.resize_terminal(60, 16)
        lines = await after(pilot, app)

        assert app.grid.layout_columns == ("clock", "kind", "store", "tail", "status", "act", "items")
        assert lines[app.grid.cursor_line].startswith("►")
        assert app.grid.cursor_id == 21


async def test_other_columns_are_drawn_at_once() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()

        def reversed_tail(row: OrderRow, context: CellContext) -> CellText:
            return CellText(row.tail[::-1])

        app.grid.set_columns([Column("tail", "LIAT", 6, reversed_tail)])
        lines = await after(pilot, app)

        assert lines[0].strip() == "LIAT"
        assert lines[1].strip("► ") == order(1).tail[::-1]


async def test_outside_text_is_never_markup_nor_an_escape() -> None:
    model = OrderModel(index_of(3))
    model.changed = {
        1: order(1, buyer="[READY STOCK] bag"),
        2: order(2, buyer="[/]"),
        3: order(3, buyer="a\x1b]0;x\x07b"),
    }
    app = GridApp(model)
    async with app.run_test(size=SIZE) as pilot:
        lines = await after(pilot, app)

    assert "[READY STOCK]…" in lines[1]
    assert "[/]" in lines[2]
    assert "a]0;xb" in lines[3]
    assert not any("\x07" in frame or "\x1b]" in frame for frame in app.frames)


async def test_a_theme_changes_every_colour() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.theme = "light"
        await pilot.pause()
        colours = {
            segment.style.bgcolor.name
            for y in range(24)
            for segment in app.grid.render_line(y)
            if segment.style is not None and segment.style.bgcolor is not None
        }

    assert colours == {"#ffffff", "#d7d7ff"}


async def test_a_new_size_is_drawn_for_that_size_at_once() -> None:
    app = GridApp(OrderModel(index_of(100)), group=GROUP)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        painted: list[list[str]] = []
        app.watch_frames = lambda: painted.append(app.lines())
        await pilot.resize_terminal(120, 30)
        await pilot.pause()
        widths = {len(lines[0].rstrip()) for lines in painted}
        assert painted and widths == {len(app.lines()[0].rstrip())}
        assert all(len(lines) == 30 and ". . ." not in lines[-1] for lines in painted)


async def test_what_was_out_of_sight_keeps_turning_when_it_is_back() -> None:
    app = GridApp(OrderModel(index_of(5)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        turns_at = app.grid.turns_at()
        app.grid.display = False
        await pilot.pause()
        app.grid.display = True
        await pilot.pause()
        assert app.grid.turns_at() == turns_at
