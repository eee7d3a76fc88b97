"""The grid's behaviour: cursor, marks and scroll position by id through every refresh, folding, holding."""

from __future__ import annotations

from array import array

from textual import events

from shoptui.widgets.columns import ClockFace
from shoptui.widgets.grid import Grid
from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import GroupLine

from .grid_support import GROUP, NOW, GridApp, OrderModel, after, index_of, order

SIZE = (80, 24)
PAGE = 23


async def test_the_cursor_starts_on_the_first_row_below_the_group() -> None:
    app = GridApp(OrderModel(index_of(100)), group=GROUP)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.grid.cursor_id == 4
        assert app.grid.cursor_row == order(4)

        app.grid.move_by(-1)
        assert app.grid.cursor_id is None
        assert app.grid.cursor_on_group


async def test_past_the_edge_the_list_scrolls_by_half_a_page() -> None:
    app = GridApp(OrderModel(index_of(1_000)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.move_by(PAGE - 1)
        assert app.grid.cursor_line == PAGE

        app.grid.move_by(1)
        assert app.grid.cursor_id == PAGE + 1
        assert app.grid.cursor_line == 1 + PAGE // 2

        app.grid.move_by(-(PAGE // 2) - 1)
        assert app.grid.cursor_line == 1 + PAGE // 2


async def test_pages_keep_the_cursor_on_its_line() -> None:
    app = GridApp(OrderModel(index_of(1_000_000)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.move_by(4)
        app.grid.move_page(1)
        assert (app.grid.cursor_id, app.grid.cursor_line) == (5 + PAGE, 5)

        app.grid.move_half_page(-1)
        assert (app.grid.cursor_id, app.grid.cursor_line) == (5 + PAGE - PAGE // 2, 5)

        app.grid.move_page(100_000)
        assert (app.grid.cursor_id, app.grid.cursor_line) == (1_000_000, PAGE)

        app.grid.move_page(-100_000)
        assert (app.grid.cursor_id, app.grid.cursor_line) == (1, 1)


async def test_ends_of_a_million_rows() -> None:
    app = GridApp(OrderModel(index_of(1_000_000)))
    async with app.run_test(size=SIZE) as pilot:
        app.grid.move_last()
        lines = await after(pilot, app)
        assert app.grid.cursor_id == 1_000_000
        assert order(1_000_000).tail in lines[-1]

        app.grid.move_first()
        assert app.grid.cursor_id == 1


async def test_an_empty_list_has_no_cursor_and_survives_every_key() -> None:
    app = GridApp(OrderModel(RowIndex.empty()))
    async with app.run_test(size=SIZE) as pilot:
        grid = app.grid
        for act in (
            lambda: grid.move_by(1),
            lambda: grid.move_page(-1),
            grid.move_first,
            grid.move_last,
            grid.toggle_mark,
            grid.mark_range,
            grid.mark_all,
            grid.invert_marks,
            grid.open,
            grid.toggle_group,
            lambda: grid.tick(NOW + 1),
        ):
            act()
        lines = await after(pilot, app)

        assert grid.cursor_id is None
        assert grid.cursor_row is None
        assert lines[1].strip() == ""

        grid.replace_index(index_of(3))
        assert grid.cursor_id == 1


async def test_a_new_order_of_rows_leaves_the_cursor_on_its_row_and_line() -> None:
    app = GridApp(OrderModel(index_of(1_000, start=100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        grid = app.grid
        grid.move_page(3)
        grid.move_by(5)
        row_id, line = grid.cursor_id, grid.cursor_line
        assert row_id is not None

        arrived = grid.model.index.apply_changes({}, {number: number for number in range(1, 11)})
        grid.replace_index(arrived)
        lines = await after(pilot, app)

        assert (grid.cursor_id, grid.cursor_line) == (row_id, line)
        assert order(row_id).tail in lines[line]
        assert lines[line].startswith("►")


async def test_at_the_head_arrivals_stay_in_sight() -> None:
    app = GridApp(OrderModel(index_of(100, start=100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        grid = app.grid
        grid.replace_index(grid.model.index.apply_changes({}, {1: 1}))
        lines = await after(pilot, app)

        assert (grid.cursor_id, grid.cursor_line) == (100, 2)
        assert order(1).tail in lines[1]


async def test_a_row_that_goes_leaves_the_cursor_in_its_place() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        grid = app.grid
        grid.move_by(4)
        grid.replace_index(grid.model.index.apply_changes({5: 5}, {}))
        assert (grid.cursor_id, grid.cursor_line) == (6, 5)

        grid.move_last()
        grid.replace_index(grid.model.index.apply_changes({100: 100}, {}))
        assert grid.cursor_id == 99


async def test_another_list_starts_at_its_first_row_below_the_group() -> None:
    app = GridApp(OrderModel(index_of(1_000)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.move_last()
        app.grid.replace_index(index_of(1_000), group=GROUP, keep="first")

        assert (app.grid.cursor_id, app.grid.cursor_line) == (4, 2)


async def test_a_cursor_row_that_misses_its_clock_is_folded_away_from_under_it() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.move_by(1)
        app.grid.replace_index(index_of(100), group=GroupLine(3, ClockFace(None), "cxl", "3 missed", "3 missed"))

        assert app.grid.cursor_id == 5


async def test_a_held_list_counts_arrivals_and_moves_nothing() -> None:
    app = GridApp(OrderModel(index_of(100, start=100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        grid = app.grid
        before = app.lines()
        grid.hold()
        assert grid.is_held
        later = grid.model.index.apply_changes({101: 101}, {1: 1, 2: 2})
        grid.replace_index(later, arrived=2)
        latest = later.apply_changes({}, {3: 3})
        grid.replace_index(latest, arrived=1)

        assert await after(pilot, app) == before
        assert grid.arrivals == 3

        grid.release()
        lines = await after(pilot, app)
        assert grid.arrivals == 0
        assert not grid.is_held
        assert [order(row_id).tail in lines[row_id] for row_id in (1, 2, 3)] == [True] * 3
        assert grid.cursor_id == 100


async def test_another_list_is_shown_even_while_holding() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.hold()
        app.grid.replace_index(index_of(5, start=50), arrived=3)
        app.grid.replace_index(index_of(5, start=70), keep="first")

        assert app.grid.cursor_id == 70
        app.grid.release()
        assert app.grid.cursor_id == 70


async def test_while_held_a_row_still_shows_its_result() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.hold()
        model = app.grid.model
        assert isinstance(model, OrderModel)
        model.change(order(2, act="✓   "))
        app.grid.rows_changed([2])

        assert "✓" in (await after(pilot, app))[2]


async def test_enter_on_the_group_unfolds_it_and_folds_it_again() -> None:
    app = GridApp(OrderModel(index_of(100)), group=GROUP)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        grid = app.grid
        grid.move_first()
        grid.open()
        lines = await after(pilot, app)
        assert not grid.folded
        assert "Enter folds" in lines[1]
        assert [order(row_id).tail in lines[row_id + 1] for row_id in (1, 2, 3, 4)] == [True] * 4

        grid.move_by(2)
        assert grid.cursor_id == 2
        grid.toggle_group()
        assert grid.cursor_on_group


async def test_unfolding_leaves_the_cursor_on_its_row() -> None:
    app = GridApp(OrderModel(index_of(100)), group=GROUP)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.move_by(6)
        app.grid.toggle_group()
        assert app.grid.cursor_id == 10
        app.grid.toggle_group()
        assert app.grid.cursor_id == 10


async def test_going_to_a_folded_row_unfolds() -> None:
    app = GridApp(OrderModel(index_of(100)), group=GROUP)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()

        assert app.grid.move_to(2)
        assert app.grid.cursor_id == 2
        assert not app.grid.folded
        assert app.grid.move_to(88)
        assert app.grid.cursor_id == 88
        assert not app.grid.move_to(1_000)


async def test_enter_on_a_row_opens_it() -> None:
    app = GridApp(OrderModel(index_of(100)))
    opened: list[int] = []
    async with app.run_test(
        size=SIZE, message_hook=lambda m: opened.append(m.row_id) if isinstance(m, Grid.RowOpened) else None
    ) as pilot:
        await pilot.pause()
        app.grid.move_by(2)
        app.grid.open()
        await pilot.pause()

    assert set(opened) == {3}


async def test_marks_are_drawn_and_reach_folded_rows() -> None:
    app = GridApp(OrderModel(index_of(100)), group=GROUP)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        grid = app.grid
        grid.toggle_mark()
        grid.move_by(3)
        grid.mark_range()
        assert sorted(grid.marks) == [4, 5, 6, 7]

        grid.invert_marks()
        assert len(grid.marks) == 96
        lines = await after(pilot, app)
        assert lines[1].startswith(" *!")
        assert lines[2].startswith("  ▴")

        grid.mark_all()
        assert grid.marks.snapshot is not None
        assert (grid.marks.snapshot.count, grid.marks.snapshot.taken_at) == (100, NOW)
        grid.clear_marks()
        assert not any("*" in line[:2] for line in await after(pilot, app))


async def test_marking_the_group_marks_its_rows() -> None:
    app = GridApp(OrderModel(index_of(100)), group=GROUP)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.move_first()
        app.grid.toggle_mark()
        assert sorted(app.grid.marks) == [1, 2, 3]
        assert (await after(pilot, app))[1].startswith("►*!")

        app.grid.toggle_mark()
        assert len(app.grid.marks) == 0


async def test_marks_survive_another_order_and_another_list() -> None:
    app = GridApp(OrderModel(index_of(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.mark_all()
        app.grid.replace_index(index_of(50, start=80), keep="first")
        lines = await after(pilot, app)

        assert lines[1].startswith("►*")
        assert len(app.grid.marks) == 100
        app.grid.move_to(101)
        assert not (await after(pilot, app))[app.grid.cursor_line].startswith("►*")


async def test_a_click_moves_the_cursor_and_the_wheel_turns_half_pages() -> None:
    app = GridApp(OrderModel(index_of(1_000)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.click(Grid, offset=(10, 7))
        assert app.grid.cursor_id == 7

        await pilot._post_mouse_events([events.MouseScrollDown], Grid, offset=(10, 7))
        assert app.grid.cursor_id == 7 + PAGE // 2


async def test_positions_are_read_through_the_index_that_is_shown() -> None:
    """A worker may prepare the next index from the one that is drawn; that one never changes."""
    ids = array("q", [5, 3, 9])
    app = GridApp(OrderModel(RowIndex(ids)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.grid.move_to(9)
        app.grid.replace_index(RowIndex(array("q", [9, 5])))
        assert app.grid.cursor_id == 9
        assert list(ids) == [5, 3, 9]
