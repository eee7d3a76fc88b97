"""Printers that stop, refuse, are slow or are taken away: what becomes of the labels that waited there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from shoptui.config import PrintingConfig
from shoptui.domain.intents import Cause, CauseId, IntentState
from shoptui.engine.failpoints import KillAt, Killed
from shoptui.engine.spool import JobState, Printer, SpoolError, SpoolTrouble
from tests.engine.print_support import SILENT, HandClock, Paper, Shop, reached_points, shop
from tests.store.factories import NOW, STORES

STORE = STORES[0].store_id


async def alerts(made: Shop) -> dict[str, dict[str, str]]:
    return {alert.kind: dict(alert.args) for alert in await made.writer.alerts()}


async def waits_for(made: Shop, batch_id: str = "b1") -> list[str]:
    """The printers that the prints of a batch are said to wait for."""
    causes = [intent.cause for intent in await made.writer.batch(batch_id)]
    return [cause.message for cause in causes if cause is not None and cause.id is CauseId.PRINTER_WAITS]


async def test_a_stopped_printer_keeps_its_jobs_and_is_told_of(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=3) as made:
        made.paper.stopped["dock2"] = "media empty"
        await made.order_prints([0, 1, 2])
        next_at = await made.room.step()
        assert (await alerts(made))["printer_stopped"] == {"printer": "dock2", "reason": "media empty", "waiting": "3"}
        assert next_at > NOW + 2, "a stopped printer is not asked all the time"
        assert await made.states() == [IntentState.SENDING] * 3
        assert await waits_for(made) == ["dock2"] * 3
        made.paper.run()
        assert made.paper.came_out == []
        del made.paper.stopped["dock2"]
        await made.until_quiet()
        assert made.paper.labels() == ["0", "1", "2"]
        assert await alerts(made) == {}


async def test_a_printer_that_takes_nothing_now_is_tried_again(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=2) as made:
        made.paper.rejecting.add("dock2")
        await made.order_prints([0], printer="dock2")
        await made.order_prints([1], printer="dock1", batch_id="b2")
        assert await made.room.step() > NOW
        assert (await alerts(made))["printer_stopped"]["printer"] == "dock2"
        assert await made.states() == [IntentState.QUEUED]
        assert (await waits_for(made), await waits_for(made, "b2")) == (["dock2"], [])
        made.paper.rejecting.clear()
        await made.until_quiet()
        assert (made.paper.labels("dock2"), made.paper.labels("dock1")) == (["0"], ["1"])
        assert await alerts(made) == {}


async def test_an_unknown_printer_fails_at_once(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        await made.order_prints([0], printer="dock9")
        await made.room.step()
        assert await made.causes() == ["printer_gone"]
        assert (await made.writer.batch("b1"))[0].cause == Cause(CauseId.PRINTER_GONE, message="dock9")


@pytest.mark.parametrize("trouble", [SpoolTrouble.SILENT, SpoolTrouble.NO_CUPS])
async def test_a_print_system_that_is_away_loses_nothing(tmp_path: Path, trouble: SpoolTrouble) -> None:
    async with shop(tmp_path, labels=2) as made:
        made.paper.failures["printers"] = [SpoolError(trouble, "It is away.")] * 3
        await made.order_prints([0, 1])
        await made.room.step()
        assert (await alerts(made))["printing_down"] == {"reason": "It is away.", "waiting": "2"}
        await made.room.step()
        assert "printing_down" in await alerts(made), "resting is not being well"
        assert await waits_for(made) == ["dock2", "dock2"]
        await made.until_quiet()
        assert made.paper.labels() == ["0", "1"]
        assert await alerts(made) == {}
        assert await waits_for(made) == []


async def test_an_order_wakes_a_room_that_rests(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        made.paper.failures["printers"] = [SILENT]
        await made.order_prints([0])
        await made.room.step()
        made.room.wake()
        await made.room.step()
        assert made.paper.calls == ["put 1", "let go 1"]


async def test_a_job_the_print_system_refuses_fails_with_its_words(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        made.paper.failures["put"] = [SpoolError(SpoolTrouble.REFUSED, "lp: Unsupported document-format.")]
        await made.order_prints([0])
        await made.room.step()
        intent = (await made.writer.batch("b1"))[0]
        assert intent.cause == Cause(CauseId.PRINT_REFUSED, message="lp: Unsupported document-format.")
        assert await made.writer.printed_before([(STORE, "P0", "label")]) == {}


async def test_a_removed_printer_takes_its_jobs_along(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        await made.order_prints([0])
        await made.room.step()
        made.paper.remove("dock2")
        await made.room.step()
        assert await made.causes() == ["printer_gone"]
        await made.order_prints([0], printer="dock1", batch_id="b2")
        await made.until_quiet()
        assert made.paper.labels() == ["0"], "nothing had come out, so no reason is needed"


async def test_a_printer_removed_while_we_look_took_its_jobs_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shop(tmp_path, labels=2) as made:
        await made.order_prints([1], printer="dock1", batch_id="b0")
        await made.until_quiet()
        await made.order_prints([0])
        await made.room.step()
        told = made.paper.printers

        async def told_before_it_went() -> Sequence[Printer]:
            found = await told()
            if "dock2" in made.paper.names:
                made.paper.remove("dock2")
            return found

        monkeypatch.setattr(Paper, "printers", lambda _paper: told_before_it_went())
        await made.room.step()
        assert await made.causes() == ["printer_gone"]


REFUSED = SpoolError(SpoolTrouble.REFUSED, "lp: Unable to release the job.")


@pytest.mark.parametrize(
    ("answers", "cause", "state"),
    [
        ([REFUSED, REFUSED], "printer_gone", IntentState.FAILED),
        # The first answer was lost: the printer may have begun before it was taken away.
        ([SILENT, REFUSED], "", IntentState.NEEDS_PERSON),
        ([SILENT, SILENT], "", IntentState.NEEDS_PERSON),
    ],
)
async def test_a_job_that_was_never_let_go_is_unprinted_when_its_printer_goes(
    tmp_path: Path, answers: list[SpoolError], cause: str, state: IntentState
) -> None:
    async with shop(tmp_path, labels=1) as made:
        made.paper.failures["let_go"] = list(answers)
        await made.order_prints([0])
        await made.room.step()
        made.paper.remove("dock2")
        await made.room.step()
        assert (await made.causes(), await made.states()) == ([cause], [state])
        assert bool(await made.writer.printed_before([(STORE, "P0", "label")])) is (state is IntentState.NEEDS_PERSON)


@pytest.mark.parametrize(
    ("killed_at", "state"),
    [
        ("print.letting_go:before", IntentState.FAILED),
        ("print.letting_go:after", IntentState.NEEDS_PERSON),
        ("print.let_go:after", IntentState.NEEDS_PERSON),
    ],
)
async def test_a_printer_that_went_while_no_engine_ran_is_told_apart_by_what_was_written_first(
    tmp_path: Path, killed_at: str, state: IntentState
) -> None:
    points = await reached_points(tmp_path / "whole")
    paper, clock = Paper(), HandClock()
    kill = KillAt(points.index(killed_at))
    async with shop(tmp_path / "house", labels=1, points=kill, paper=paper, clock=clock) as made:
        await made.order_prints([0])
        with pytest.raises(Killed):
            await made.room.step()
    paper.remove("dock2")
    async with shop(tmp_path / "house", paper=paper, clock=clock) as made:
        await made.room.step()
        assert await made.states() == [state]


@pytest.mark.parametrize(
    ("begun", "cause", "needs_reason"), [(False, "print_cancelled", False), (True, "print_broken", True)]
)
async def test_a_cancelled_job_may_have_come_out_in_part(
    tmp_path: Path, begun: bool, cause: str, needs_reason: bool
) -> None:
    async with shop(tmp_path, labels=1) as made:
        await made.order_prints([0])
        await made.room.step()
        made.paper.queue[1].begun = begun
        made.paper.queue[1].state = JobState.CANCELLED
        await made.room.step()
        assert await made.causes() == [cause]
        assert bool(await made.writer.printed_before([(STORE, "P0", "label")])) is needs_reason


async def test_what_waits_can_be_taken_off_a_printer(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=3, printing=PrintingConfig(labels_per_job=2)) as made:
        made.paper.stopped["dock2"] = "cover open"
        await made.order_prints([0, 1, 2])
        await made.room.step()
        made.paper.queue[1].begun = True
        assert await made.room.take_off("dock2") == (1, 2)
        await made.room.step()
        assert await made.causes() == ["printer_waits", "printer_waits", "print_cancelled"]


async def test_a_job_that_nobody_remembers_is_for_a_person(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=2) as made:
        await made.order_prints([1], batch_id="b0")
        await made.until_quiet()
        await made.order_prints([0])
        await made.room.step()
        del made.paper.queue[2]
        await made.room.step()
        assert await made.states() == [IntentState.NEEDS_PERSON]
        intent = (await made.writer.batch("b1"))[0]
        assert dict(intent.evidence or {}) == {"printer": "dock2", "job": "2"}
        assert await made.writer.printed_before([(STORE, "P0", "label")])


async def test_somebody_elses_job_under_our_number_is_left_alone(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        made.paper.failures["let_go"] = [SILENT, SILENT]
        await made.order_prints([0])
        await made.room.step()
        theirs = made.paper.queue[1]
        theirs.title = "invoices for March"
        assert await made.room.take_off("dock2") == (0, 1)
        await made.room.step()
        assert theirs.state is JobState.HELD
        assert await made.states() == [IntentState.NEEDS_PERSON]


async def test_a_print_system_without_a_memory_is_believed(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        made.paper.keeps_history = False
        await made.order_prints([0])
        await made.until_quiet()
        assert (await made.states(), made.paper.labels()) == ([IntentState.DONE], ["0"])


async def test_a_slow_printer_is_told_of(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        await made.order_prints([0])
        await made.room.step()
        made.paper.queue[1].state = JobState.PROCESSING
        made.paper.queue[1].begun = True
        made.clock.at += 100
        await made.room.step()
        assert await alerts(made) == {}
        made.clock.at += 60
        await made.room.step()
        assert (await alerts(made))["printer_stopped"]["reason"] == "no answer"


async def test_old_labels_are_forgotten_once_a_day(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=2, printing=PrintingConfig(keep_days=1)) as made:
        await made.room.step()
        made.clock.at += 86_400 + 60
        await made.room.step()
        assert await made.writer.document(STORE, "P0", "label") is None
        await made.order_prints([0])
        await made.until_quiet()
        assert await made.causes() == ["label_missing"]
