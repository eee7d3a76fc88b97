"""When the cockpit wakes up by itself: as something on the screen reads otherwise, and not before."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.app import App
from textual.events import Key
from textual.message import Message

from shoptui.cockpit import driver as driver_module
from shoptui.cockpit.driver import CalmDriver
from shoptui.domain.clocks import DAY_S, HOUR_S, MINUTE_S
from shoptui.widgets.columns import ClockColumn, ClockFace
from shoptui.widgets.grid_view import GridView
from tests.ui.app_support import NOW, Cockpit, cockpit, make_house, order
from tests.ui.grid_support import NOW as GRID_NOW
from tests.ui.grid_support import GridApp, OrderModel, OrderRow, index_of
from tests.ui.grid_support import order as grid_order

# The grid.


class WatchedGrid(GridApp):
    """A grid of clocks alone that notes which of its rows were asked for their clock."""

    def __init__(self, dues: dict[int, int]) -> None:
        model = OrderModel(index_of(len(dues)))
        model.changed = {number: grid_order(number, due_at=due_at, then_at=None) for number, due_at in dues.items()}
        self.asked: list[int] = []
        super().__init__(model, columns=(ClockColumn("clock", "NEXT LOSS", self._face),))
        self.told_sooner = 0

    def _face(self, row: OrderRow) -> ClockFace:
        self.asked.append(row.id)
        return ClockFace(row.due_at)

    def on_grid_view_turns_sooner(self, event: GridView.TurnsSooner) -> None:
        self.told_sooner += 1


async def test_only_rows_whose_clock_turns_are_asked_for_it() -> None:
    # Row 1 turns in 31 seconds, row 2 in 41, row 3 in hours.
    dues = {1: GRID_NOW + 2 * HOUR_S + 30, 2: GRID_NOW + 3 * HOUR_S + 40, 3: GRID_NOW + 5 * DAY_S + HOUR_S - 1}
    app = WatchedGrid(dues)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.grid.turns_at() == GRID_NOW + 31
        app.asked.clear()
        app.grid.tick(GRID_NOW + 30)
        assert app.asked == []
        app.grid.tick(GRID_NOW + 31)
        assert set(app.asked) == {1}
        await pilot.pause()
        assert app.grid.turns_at() == GRID_NOW + 41
        assert "1h59m" in "\n".join(app.lines())


async def test_a_clock_that_was_set_back_is_looked_at_everywhere() -> None:
    app = WatchedGrid({1: GRID_NOW + 2 * HOUR_S, 2: GRID_NOW + 3 * HOUR_S})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.grid.tick(GRID_NOW - HOUR_S)
        await pilot.pause()
        assert "3h00m" in app.lines()[1]
        assert "4h00m" in app.lines()[2]


async def test_a_row_under_ten_minutes_turns_every_second_until_its_time_is_up() -> None:
    app = WatchedGrid({1: GRID_NOW + 10 * MINUTE_S + 2, 2: GRID_NOW + 3 * DAY_S + HOUR_S - 1})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.grid.turns_at() == GRID_NOW + 3
        for second in (3, 4, 5):
            app.grid.tick(GRID_NOW + second)
            await pilot.pause()
            assert app.grid.turns_at() == GRID_NOW + second + 1
        assert "9:57" in app.lines()[1]
        app.grid.tick(GRID_NOW + 10 * MINUTE_S + 2)
        await pilot.pause()
        assert app.grid.turns_at() == GRID_NOW + 11 * MINUTE_S + 2


async def test_a_row_that_takes_the_seconds_of_one_whose_time_is_up_is_told_of() -> None:
    # Nine rows under ten minutes; the first eight beside the cursor's count seconds, and the first is soon over.
    dues = dict.fromkeys(range(1, 12), GRID_NOW + 5 * MINUTE_S + 30) | {2: GRID_NOW + 2}
    app = WatchedGrid(dues)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "5m" in app.lines()[9]
        app.grid.tick(GRID_NOW + 2)
        await pilot.pause()
        assert "5:28" in app.lines()[9]


async def test_a_row_that_turns_sooner_than_was_told_says_so_once() -> None:
    app = WatchedGrid(dict.fromkeys(range(1, 5), GRID_NOW + 3 * DAY_S + HOUR_S - 1))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        far_at = app.grid.turns_at()
        app.told_sooner = 0
        model = app.grid.model
        assert isinstance(model, OrderModel)
        model.change(grid_order(2, due_at=GRID_NOW + 5 * MINUTE_S, then_at=None))
        app.grid.rows_changed([2])
        await pilot.pause()
        # It is posted while the row is painted.
        await pilot.pause()
        assert app.told_sooner == 1
        assert app.grid.turns_at() == GRID_NOW + 1 < far_at


async def test_a_grid_that_is_not_shown_never_turns() -> None:
    app = WatchedGrid({1: GRID_NOW + 5 * MINUTE_S})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.grid.turns_at() == GRID_NOW + 1
        app.grid.display = False
        await pilot.pause()
        assert app.grid.turns_at() == float("inf")


# The cockpit.


async def settled_for_a_while(under_test: Cockpit) -> None:
    """Past what follows a key by itself: the passing word and the rows that held still."""
    under_test.clock.advance(20)
    under_test.app.tick_now()
    await under_test.settled()


async def test_far_clocks_let_the_cockpit_sleep_until_the_minute_turns(tmp_path: Path) -> None:
    # All due at the turn of some minute, as the time in the first line is.
    orders = [order(number, "tt-th-1", due_s=(5 + number) * HOUR_S - 1) for number in range(5)]
    house = await make_house(tmp_path, orders)
    async with cockpit(house) as under_test:
        await settled_for_a_while(under_test)
        frame, now = under_test.app.frame, under_test.app.session.now
        assert frame.turns_at(now) == NOW + MINUTE_S
        under_test.clock.advance(40)
        under_test.app.tick_now()
        assert under_test.line("status").startswith("17:43")


async def test_a_near_clock_wakes_the_cockpit_every_second(tmp_path: Path) -> None:
    house = await make_house(tmp_path, [order(1, "tt-th-1", due_s=5 * MINUTE_S)])
    async with cockpit(house) as under_test:
        await settled_for_a_while(under_test)
        now = under_test.app.session.now
        assert under_test.app.frame.turns_at(now) == now + 1


async def test_what_a_key_draws_shows_the_time_of_the_key(tmp_path: Path) -> None:
    orders = [order(number, "tt-th-1", due_s=(5 + number) * HOUR_S) for number in range(60)]
    house = await make_house(tmp_path, orders)
    async with cockpit(house) as under_test:
        await settled_for_a_while(under_test)
        under_test.clock.advance(10 * MINUTE_S)
        await under_test.do("row.last")
        assert "2d15h" in under_test.screen_text()
        assert "4h49m" not in under_test.screen_text()
        await under_test.do("row.first")
        assert "4h49m" in under_test.screen_text()


# The keys.


class Reader:
    """A driver that reads from a pipe, in a thread as Textual runs it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.got: list[Message] = []
        self.came = threading.Event()
        self.waiting = threading.Event()
        self.waits: list[float | None] = []
        read, self.write = os.pipe()
        select = driver_module.select.select

        def counted(*arguments: object) -> object:
            self.waits.append(arguments[3])  # type: ignore[arg-type]
            self.waiting.set()
            return select(*arguments)  # type: ignore[call-overload]

        monkeypatch.setattr(driver_module.select, "select", counted)
        self.driver = CalmDriver(App())
        self.driver.fileno = read
        monkeypatch.setattr(self.driver, "process_message", self._take)
        self.thread = threading.Thread(target=self.driver.run_input_thread)
        self.thread.start()

    def _take(self, message: Message) -> None:
        self.got.append(message)
        self.came.set()

    def key(self, sent: bytes) -> str:
        self.came.clear()
        os.write(self.write, sent)
        assert self.came.wait(10)
        message = self.got[-1]
        assert isinstance(message, Key)
        return message.key

    def stop(self) -> None:
        self.driver.exit_event.set()
        os.write(self.driver._wake_write, b"x")
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
async def reader(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reader]:
    reading = Reader(monkeypatch)
    yield reading
    if reading.thread.is_alive():
        reading.stop()


async def test_what_came_in_one_piece_came_at_one_time(reader: Reader) -> None:
    os.write(reader.write, b"577086512392194408\r")
    while len(reader.got) < 19:
        assert reader.came.wait(10)
        reader.came.clear()
    assert len({message.time for message in reader.got}) == 1
    os.write(reader.write, b"x")
    while len(reader.got) < 20:
        assert reader.came.wait(10)
        reader.came.clear()
    assert reader.got[-1].time > reader.got[0].time


async def test_keys_are_read_and_a_lone_escape_is_one(reader: Reader) -> None:
    assert reader.key(b"\x1b[A") == "up"
    assert reader.key("é".encode()) == "é"
    assert reader.key(b"\x1b") == "escape"


async def test_without_keys_nothing_is_looked_at_and_the_end_is_still_heard(reader: Reader) -> None:
    assert reader.waiting.wait(10)
    reader.stop()
    assert set(reader.waits) == {None}


async def test_a_terminal_that_is_gone_is_not_read_over_and_over(reader: Reader) -> None:
    os.close(reader.write)
    reader.stop()
    assert len(reader.waits) <= 3
