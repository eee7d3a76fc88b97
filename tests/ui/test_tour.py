"""The guided tour: its steps as data, when each is done or lapses, and the whole of it walked in the real cockpit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.cellwidth import cell_width
from shoptui.cockpit.tour import LAST, STEPS, Seen, Sight, Tour, in_a_new_world
from shoptui.command_state import Context
from shoptui.commands import BY_ID
from shoptui.i18n import available_languages, set_language
from shoptui.screens.tour_line import step_lines
from shoptui.tour_house import FAULTS, TourHouse
from shoptui.widgets.scan_app import Scanned
from shoptui.widgets.scan_gate import Place as ScanPlace
from tests.ui.app_support import cockpit, make_house
from tests.ui.flow_support import FlowCockpit, flow, flow_cockpit

CALM = Sight()
IDS = [step.id for step in STEPS]


@pytest.fixture(params=available_languages())
def in_each_language(request: pytest.FixtureRequest) -> Iterator[None]:
    set_language(request.param)
    yield
    set_language("en")


def test_every_step_leads_on_by_something_that_exists() -> None:
    assert len(set(IDS)) == len(IDS)
    for step in STEPS:
        assert {step.back, step.then, step.again} <= {"", *IDS}
        assert bool(step.holds) == bool(step.back)
        assert all(command_id in BY_ID for command_id in step.commands)
        assert step.commands or step.seen or step.id == LAST


@pytest.mark.usefixtures("in_each_language")
@pytest.mark.parametrize("step_id", IDS)
def test_a_step_takes_two_lines_of_a_small_terminal(step_id: str) -> None:
    tour = Tour(step_id)
    tour.code = "577086519103078301"
    lines = step_lines(tour, {}, 80)
    assert len(lines) <= 2
    assert all(cell_width("".join(piece.text for piece in line)) <= 80 for line in lines)


def test_the_keys_are_the_operators_own() -> None:
    assert "s" in Tour("ship").text({}).replace(",", "").split()
    assert "ä" in Tour("ship").text({"order.ship": "ä,ö"}).replace(",", "").split()


def test_what_is_there_already_is_not_asked_for() -> None:
    tour = Tour()
    tour.look(replace(CALM, explained=True, filtered=True, marked=2))
    assert tour.step.id == "print"


def test_a_question_that_was_left_is_asked_for_again() -> None:
    tour = Tour("print")
    tour.look(replace(CALM, marked=2, asks=True))
    assert tour.step.id == "send"
    tour.look(replace(CALM, marked=2))
    assert tour.step.id == "print"


def test_a_question_that_is_still_being_read_is_waited_for() -> None:
    tour = Tour("fix")
    in_activity = replace(CALM, place=Context.ACTIVITY, failed=1)
    tour.ran("intent.fix", in_activity)
    tour.look(in_activity)
    assert tour.step.id == "fix_send"


def test_who_is_too_late_gets_another_try() -> None:
    tour = Tour("send")
    tour.look(replace(CALM, takeable=1))
    assert tour.step.id == "take_back"
    tour.look(replace(CALM, takeable=1))
    tour.look(replace(CALM, ended=1))
    assert tour.step.id == "late"
    assert tour.position == Tour("take_back").position
    tour.look(replace(CALM, ended=1, takeable=1))
    assert tour.step.id == "take_back"
    tour.ran("undo.last", replace(CALM, ended=1))
    assert tour.step.id == "ship"


def test_where_nothing_failed_nothing_is_mended() -> None:
    tour = Tour("ship")
    tour.look(replace(CALM, ended=2, going=1))
    assert tour.step.id == "ship", "something is still on its way"
    tour.look(replace(CALM, ended=2))
    assert tour.step.id == "scan", "back among the orders already"


def test_steps_that_need_what_the_old_world_held_begin_earlier_in_a_new_one() -> None:
    assert in_a_new_world("") == ""
    assert in_a_new_world("no such step") == ""
    for step in STEPS:
        fresh = Tour(in_a_new_world(step.id)).step
        assert fresh.only is not Seen.FAILED
        assert not fresh.holds


@given(st.lists(st.tuples(st.sampled_from(["", *BY_ID]), st.builds(Sight, st.sampled_from(Context))), max_size=30))
def test_whatever_somebody_does_the_tour_is_at_one_of_its_steps(done: list[tuple[str, Sight]]) -> None:
    kept: list[str] = []
    tour = Tour(keep=kept.append)
    for command_id, sight in done:
        tour.ran(command_id, sight) if command_id else tour.look(sight)
        place, count = tour.position
        assert 1 <= place <= count
    assert set(kept) <= set(IDS)


def test_progress_is_kept_and_forgotten(tmp_path: Path) -> None:
    house = TourHouse(tmp_path)
    assert house.step_id == ""
    tour = Tour(house.step_id, keep=house.keep)
    tour.look(replace(CALM, explained=True))
    assert house.step_id == "filter"
    (tmp_path / "progress.json").write_text("[1]")
    assert house.step_id == ""
    house.keep("menu")
    house.forget()
    assert house.step_id == ""


def step(under_test: FlowCockpit) -> str:
    assert under_test.app.frame.tour is not None
    return under_test.app.frame.tour.tour.step.id


async def test_the_whole_tour_in_the_cockpit(tmp_path: Path) -> None:
    kept: list[str] = []
    tour = Tour(keep=kept.append)
    async with flow(tmp_path) as served, flow_cockpit(served, tour=tour) as under_test:
        served.made.live.faults.replace(FAULTS)
        frame = under_test.app.frame
        assert "Tour 1/15" in under_test.screen_text()
        await under_test.do("row.runbook")
        assert step(under_test) == "filter"
        await under_test.do("go.back")
        await under_test.do("filter.open")
        await under_test.press("ctrl+u")
        await under_test.type("status:ship -flag:cancel")
        await under_test.press("enter")
        assert step(under_test) == "mark"
        await under_test.do("mark.toggle")
        assert step(under_test) == "mark"
        await under_test.do("mark.toggle")
        assert step(under_test) == "print"
        await under_test.do("order.print")
        assert step(under_test) == "send"
        await under_test.confirm()
        assert step(under_test) == "take_back"
        await under_test.do("undo.last")
        assert step(under_test) == "ship"
        assert len(frame.orders.grid.marks) == 2
        await under_test.do("order.ship")
        await under_test.confirm()
        assert step(under_test) == "ship", "it waits for the hold"
        await under_test.to_the_end()
        assert step(under_test) == "failed"
        await under_test.do("go.notice")
        assert step(under_test) == "fix"
        await under_test.do("intent.fix")
        assert step(under_test) == "fix_send"
        await under_test.confirm()
        assert step(under_test) == "orders"
        await under_test.do("go.screen")
        await under_test.press("o")
        assert step(under_test) == "scan"
        frame.post_message(Scanned(tour.code, True, ScanPlace.LIST))
        await under_test.settled()
        assert step(under_test) == "help"
        await under_test.do("app.help")
        assert step(under_test) == "menu"
        await under_test.do("menu.open")
        assert step(under_test) == LAST
        assert "Tour 15/15" in under_test.screen_text()
        await under_test.to_the_end()
        assert served.shipped_twice() == []
    assert kept == [one.id for one in STEPS if not one.aside][1:]


async def test_the_tour_takes_no_key_and_can_be_put_away(tmp_path: Path) -> None:
    tour = Tour("mark")
    async with flow(tmp_path, stores=1, orders=20) as served, flow_cockpit(served, tour=tour) as under_test:
        await under_test.do("go.screen")
        await under_test.press("e")
        assert under_test.app.frame.place.context is Context.STORES, "somebody does something else"
        assert step(under_test) == "mark"
        await under_test.do("menu.open")
        await under_test.type("tour")
        await under_test.press("enter", "4")
        assert "Tour 3/15" not in under_test.screen_text()
        under_test.app.do_tour_open("")
        await under_test.press("4")
        assert "Tour 3/15" in under_test.screen_text()
        under_test.app.do_tour_open("")
        await under_test.press("1")
        assert step(under_test) == "print"
        under_test.app.do_tour_open("")
        await under_test.press("2")
        assert step(under_test) == "mark"
        under_test.app.do_tour_open("")
        await under_test.press("3")
        assert step(under_test) == STEPS[0].id


async def test_from_a_house_that_is_worked_in_the_tour_is_another_program(tmp_path: Path) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        await under_test.do("menu.open")
        await under_test.type("tour")
        await under_test.press("enter")
        assert under_test.app.goes_on_as == ("--data-dir", str(data_dir.root), "tour", "--and-back")
