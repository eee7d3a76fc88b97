"""What the grid writes to the terminal: the bytes of each event, and that the terminal shows what the grid means."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyte
from textual import events
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from shoptui.domain.clocks import HOUR_S, MINUTE_S

from .grid_support import GROUP, NOW, GridApp, OrderModel, index_of, order, order_columns

WIDE = (200, 50)
FULL_PAINT = 30_000
ROWS = 49


async def cost(pilot: Pilot[None], app: GridApp, act: Callable[[], object]) -> int:
    """Bytes written for what `act` does."""
    await pilot.pause()
    app.written()
    act()
    await pilot.pause()
    return app.written()


async def test_moving_about_a_million_rows_stays_within_the_budget() -> None:
    app = GridApp(OrderModel(index_of(1_000_000)), columns=order_columns(), group=GROUP)
    async with app.run_test(size=WIDE) as pilot:
        grid = app.grid

        assert await cost(pilot, app, app.refresh) <= FULL_PAINT
        assert 0 < await cost(pilot, app, lambda: grid.move_by(1)) <= 1_500
        assert 0 < await cost(pilot, app, lambda: grid.move_by(-1)) <= 1_500
        assert 0 < await cost(pilot, app, lambda: grid.move_page(1)) <= FULL_PAINT
        assert len(app.frames) == 0
        assert 0 < await cost(pilot, app, grid.move_last) <= FULL_PAINT
        assert 0 < await cost(pilot, app, lambda: grid.move_page(-1)) <= FULL_PAINT
        assert await cost(pilot, app, lambda: grid.move_by(0)) == 0


async def test_a_page_down_is_one_frame() -> None:
    app = GridApp(OrderModel(index_of(1_000_000)))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.frames.clear()
        app.grid.move_page(1)
        await pilot.pause()

        assert len(app.frames) == 1


async def test_a_quiet_second_writes_nothing() -> None:
    model = OrderModel(index_of(100))
    model.changed = {number: order(number, due_at=NOW + 3 * HOUR_S - 1, then_at=None) for number in range(1, 101)}
    app = GridApp(model)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        for second in range(1, 5):
            assert await cost(pilot, app, lambda now=NOW + second: app.grid.tick(now)) == 0  # type: ignore[misc]


async def test_every_clock_turning_at_once_stays_within_three_kilobytes() -> None:
    model = OrderModel(index_of(100))
    model.changed = {
        number: order(number, due_at=NOW + 3 * HOUR_S, then_at=NOW + 7 * HOUR_S) for number in range(1, 101)
    }
    app = GridApp(model, columns=order_columns())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.grid.mark_all()

        assert 0 < await cost(pilot, app, lambda: app.grid.tick(NOW + 1)) <= 3_000
        for second in range(2, 20):
            assert await cost(pilot, app, lambda now=NOW + second: app.grid.tick(now)) <= 3_000  # type: ignore[misc]
        assert await cost(pilot, app, lambda: app.grid.tick(NOW + 20)) == 0


async def test_nine_rows_counting_seconds_cost_little() -> None:
    model = OrderModel(index_of(100))
    model.changed = {number: order(number, due_at=NOW + 9 * MINUTE_S + 30, then_at=None) for number in range(1, 101)}
    app = GridApp(model)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.grid.move_by(20)
        # All are due at the same moment; the row below shows whole minutes.
        here, below = (app.grid.render_line(app.grid.cursor_line + offset).text[2:9] for offset in (0, 1))
        assert here != below
        ticks = [
            await cost(pilot, app, lambda now=NOW + second: app.grid.tick(now))  # type: ignore[misc]
            for second in range(1, 20)
        ]

        assert max(ticks) <= 9 * 100


async def test_a_typical_second_costs_half_a_kilobyte() -> None:
    """Three orders under ten minutes, the others minutes apart: a minute of ticks, averaged."""
    app = GridApp(OrderModel(index_of(1_000)), columns=order_columns())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.written()
        for second in range(1, 61):
            app.grid.tick(NOW + second)
            await pilot.pause()

        assert app.written() / 60 <= 500


async def test_a_mark_costs_its_cells_and_all_marks_less_than_a_page() -> None:
    app = GridApp(OrderModel(index_of(1_000_000)))
    async with app.run_test(size=WIDE) as pilot:
        assert 0 < await cost(pilot, app, app.grid.toggle_mark) <= 80
        assert 0 < await cost(pilot, app, app.grid.mark_all) <= 3_000
        assert await cost(pilot, app, app.grid.marks_changed) == 0


class TwoPlaces(GridApp):
    """A grid and a text field."""

    def compose(self) -> ComposeResult:
        yield self.grid
        yield Input(id="field")


async def test_the_focus_comes_and_goes_without_a_repaint_of_the_grid() -> None:
    app = TwoPlaces(OrderModel(index_of(1_000_000)))
    async with app.run_test(size=WIDE) as pilot:
        field = app.query_one("#field", Input)

        assert await cost(pilot, app, field.focus) <= 4_000
        assert not app.grid.has_focus
        assert await cost(pilot, app, app.grid.focus) <= 4_000
        assert app.grid.has_focus
        assert await cost(pilot, app, lambda: app.post_message(events.AppBlur())) == 0
        assert not app.grid.has_focus
        assert await cost(pilot, app, lambda: app.post_message(events.AppFocus())) == 0
        assert app.grid.has_focus


async def test_changes_out_of_sight_write_nothing() -> None:
    app = GridApp(OrderModel(index_of(1_000_000)))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        index = app.grid.model.index
        gone = index.apply_changes({900_000: 900_000}, {})

        assert await cost(pilot, app, lambda: app.grid.replace_index(gone)) == 0
        assert await cost(pilot, app, lambda: app.grid.rows_changed(range(5_000, 9_000))) == 0


async def test_a_changed_row_costs_its_line_and_five_thousand_no_more_than_a_page() -> None:
    app = GridApp(OrderModel(index_of(1_000_000)))
    async with app.run_test(size=WIDE) as pilot:
        assert 0 < await cost(pilot, app, lambda: app.grid.rows_changed([7])) <= 800
        assert 0 < await cost(pilot, app, lambda: app.grid.rows_changed(range(1, 5_001))) <= FULL_PAINT
        index = app.grid.model.index
        moved = index.apply_changes(
            {number: number for number in range(1, 5_001)}, {number: -number for number in range(1, 5_001)}
        )
        assert 0 < await cost(pilot, app, lambda: app.grid.replace_index(moved)) <= FULL_PAINT


async def test_the_terminal_shows_what_the_grid_means_whatever_was_done() -> None:
    """Partial paints add up: after each of many steps a terminal emulator has the same screen as a full paint."""
    chance = random.Random(20)
    model = OrderModel(index_of(300))
    model.changed = {
        number: order(number, buyer="Ma. D***", items="1x STK-CAT", act="m", then_at=NOW + number * 61)
        for number in range(1, 400)
    }
    app = GridApp(model, columns=order_columns(), group=GROUP)
    screen = pyte.Screen(120, 24)
    terminal = pyte.Stream(screen)
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        app.refresh()
        await pilot.pause()
        grid = app.grid
        now = NOW
        for _ in range(150):
            now += chance.choice([0, 1, 1, 1, 7, 61])
            _do_something(chance, app, model)
            grid.tick(now)
            await pilot.pause()
            _feed(terminal, app)
        # What is owed is paid within some ticks in which nothing else happens.
        for _ in range(10):
            grid.tick(now)
            await pilot.pause()
            _feed(terminal, app)

        assert [line.rstrip() for line in screen.display] == [line.rstrip() for line in app.lines()]


def _do_something(chance: random.Random, app: GridApp, model: OrderModel) -> None:
    grid = app.grid
    row_id = chance.randrange(1, 400)
    match chance.randrange(8):
        case 0:
            grid.move_by(chance.randrange(-9, 10))
        case 1:
            grid.move_page(chance.choice([-1, 1]))
        case 2:
            grid.toggle_mark()
        case 3:
            grid.invert_marks()
        case 4:
            grid.toggle_group()
        case 5:
            model.change(order(row_id, buyer="changed", items="1x MUG-WH", act="c", then_at=None))
            grid.rows_changed([row_id])
        case 6:
            grid.replace_index(model.index.apply_changes({row_id: row_id}, {}), group=GROUP)
        case _:
            grid.replace_index(model.index.apply_changes({}, {row_id: row_id}), group=GROUP)


def _feed(terminal: pyte.Stream, app: GridApp) -> None:
    for frame in app.frames:
        terminal.feed(frame)
    app.frames.clear()


def test_a_cockpit_with_a_million_rows_stays_under_eighty_megabytes() -> None:
    """In a process of its own, with sort keys, marks on every row and a change prepared beside the index in use."""
    script = """
import asyncio
from pathlib import Path
from tests.ui.grid_support import GridApp, OrderModel, index_of, order_columns

async def main():
    app = GridApp(OrderModel(index_of(1_000_000)), columns=order_columns())
    async with app.run_test(size=(200, 50)) as pilot:
        grid = app.grid
        for _ in range(30):
            grid.move_page(1)
            await pilot.pause()
        grid.mark_all()
        moved = {row_id: row_id for row_id in range(1, 5_001)}
        grid.replace_index(grid.model.index.apply_changes(moved, {row_id: -row_id for row_id in moved}))
        grid.move_first()
        await pilot.pause()
        assert 1 in grid.marks
    status = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))

asyncio.run(main())
"""
    root = Path(__file__).parents[2]
    result = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)

    assert int(result.stdout) < 80 * 1024
