"""Prints: their order, their jobs, and that none comes out twice whatever ends the engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.config import PrintingConfig
from shoptui.domain.intents import Cause, CauseId, IntentState, NewIntent, TargetKind, Verb
from shoptui.engine.failpoints import KillAt, Killed
from shoptui.engine.print_requests import printed_before
from shoptui.engine.spool import JobState, SpoolError, SpoolTrouble
from shoptui.queries.labels import PrintState
from shoptui.sandbox.labels import png
from tests.engine.print_support import SILENT, HandClock, Paper, Shop, reached_points, shop
from tests.store.factories import NOW, STORES

STORE = STORES[0].store_id


async def test_labels_come_out_in_the_lists_order_as_one_job(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=4) as made:
        await made.order_prints([2, 0, 3, 1])
        await made.until_quiet()
        assert made.paper.labels() == ["2", "0", "3", "1"]
        assert len(made.paper.came_out) == 1
        assert await made.states() == [IntentState.DONE] * 4
        (printed,) = await made.writer.printed_of(STORE, "P3")
        assert (printed.state, printed.printer, printed.job) == (PrintState.SENT, "dock2", 1)
        first = (await made.writer.batch("b1"))[0]
        assert dict(first.evidence or {}) == {"printer": "dock2", "job": "1"}


async def test_a_jam_costs_one_job_at_most(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=5, printing=PrintingConfig(labels_per_job=2)) as made:
        await made.order_prints([0, 1, 2, 3, 4])
        await made.until_quiet()
        assert [len(made.paper.labels()), len(made.paper.came_out)] == [5, 3]
        assert made.paper.labels() == ["0", "1", "2", "3", "4"]


async def test_reverse_turns_the_whole_list_over(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=5, printing=PrintingConfig(labels_per_job=2, reverse=True)) as made:
        await made.order_prints([0, 1, 2, 3, 4])
        await made.until_quiet()
        assert made.paper.labels() == ["4", "3", "2", "1", "0"]


async def test_batches_and_printers_are_not_mixed(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=4) as made:
        await made.order_prints([0, 1], printer="dock1", batch_id="b1")
        await made.order_prints([2], printer="dock2", batch_id="b2")
        await made.order_prints([3], printer="dock1", batch_id="b3")
        await made.until_quiet()
        assert made.paper.labels("dock1") == ["0", "1", "3"]
        assert made.paper.labels("dock2") == ["2"]
        assert len(made.paper.came_out) == 3


async def test_other_formats_keep_their_place_in_the_list(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=4) as made:
        await made.label(1, content=b"^XA^FO50,50^FDTH1^FS^XZ", form="zpl")
        await made.label(2, content=png("TH2"), form="png")
        await made.order_prints([0, 1, 2, 3])
        await made.until_quiet()
        assert [content[:4] for _, content in made.paper.came_out] == [b"%PDF", b"^XA^", b"\x89PNG", b"%PDF"]
        assert [job.raw for job in made.paper.queue.values()] == [False, True, False, False]


async def test_what_cannot_be_printed_fails_by_itself(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=6) as made:
        await made.label(1, content=b"<html></html>", form="html")
        await made.label(2, content=b"%PDF-1.4 cut off")
        await made.writer.erase_buyer(STORE, "5003", NOW)
        await made.order_prints([0, 1, 2, 3, 4])
        await made.until_quiet()
        assert made.paper.labels() == ["0", "4"]
        assert await made.causes() == ["", "not_printable", "label_damaged", "label_missing", ""]
        damaged = (await made.writer.batch("b1"))[2]
        assert damaged.cause is not None and damaged.cause.message == "it ends early"


async def test_a_label_of_another_tracking_number_is_not_printed_before_it_is_fetched_anew(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        await made.label(1, tracking="TH1-NEW")
        await made.order_prints([0, 1])
        await made.until_quiet()
        assert (made.paper.labels(), await made.causes()) == (["0"], ["", "label_outdated"])
        cause = (await made.writer.batch("b1"))[1].cause
        assert cause is not None and cause.message == "TH1 > TH1-NEW"

        # What was fetched for this print is newer than what the cache knows of the parcel.
        before = await fetches(made, 2)
        await made.order_prints([1], batch_id="b2", after=before[1:])
        await done(made, before)
        await made.until_quiet()
        assert made.paper.labels() == ["0", "1"]


async def test_prints_wait_for_their_hold_and_can_be_taken_back(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=2) as made:
        intents = await made.order_prints([0, 1], hold_s=10)
        assert await made.room.step() == NOW + 10
        assert made.paper.calls == []
        await made.writer.take_back(None, [intents[0].intent_id], NOW)
        made.clock.at += 10
        await made.until_quiet()
        assert made.paper.labels() == ["1"]


async def test_a_held_or_cancelled_order_is_not_printed(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=2) as made:
        await made.order_prints([0, 1])
        await made.writer.hold([(STORE, "5000")], "an", True, NOW)
        await made.until_quiet()
        assert (made.paper.labels(), await made.causes()) == (["1"], ["held", ""])


# Chains: a print comes after the label it needs


async def fetches(made: Shop, count: int) -> list[int]:
    """Intents a print can come after, one per order, queued."""
    wanted = [
        NewIntent(Verb.LABEL, STORE, f"{5000 + number}", TargetKind.PACKAGE, f"P{number}") for number in range(count)
    ]
    accepted = await made.writer.accept_batch("b0", Verb.LABEL, "mei", "t", wanted, [NOW] * count, NOW)
    await made.writer.move(accepted.intent_ids, IntentState.QUEUED, now=NOW)
    await made.writer.move(accepted.intent_ids, IntentState.SENDING, now=NOW)
    return list(accepted.intent_ids)


async def done(made: Shop, intent_ids: list[int]) -> None:
    await made.writer.move(intent_ids, IntentState.DONE, now=made.house.now())


async def test_labels_wait_for_those_before_them_but_not_for_ever(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=4) as made:
        before = await fetches(made, 4)
        await made.order_prints([0, 1, 2, 3], after=before)
        await done(made, [before[0], before[2]])
        assert await made.room.step() == NOW + 20
        assert made.paper.calls == [], "the second is still on its way"
        made.clock.at += 19
        await made.room.step()
        assert made.paper.calls == []
        made.clock.at += 1
        await made.room.step()
        made.paper.run()
        assert made.paper.labels() == ["0", "2"]
        await done(made, [before[1], before[3]])
        await made.until_quiet()
        assert made.paper.labels() == ["0", "2", "1", "3"]


async def test_whole_jobs_go_as_they_fill_up(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=5, printing=PrintingConfig(labels_per_job=2)) as made:
        before = await fetches(made, 5)
        await made.order_prints([0, 1, 2, 3, 4], after=before)
        await done(made, before[:3])
        await made.room.step()
        made.paper.run()
        assert made.paper.labels() == ["0", "1"]
        await done(made, before[3:])
        await made.until_quiet()
        assert made.paper.labels() == ["0", "1", "2", "3", "4"]
        assert len(made.paper.came_out) == 3


async def test_what_comes_after_a_failure_fails_with_it_and_holds_up_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=3) as made:
        before = await fetches(made, 3)
        await made.order_prints([0, 1, 2], after=before)
        await done(made, [before[0], before[2]])
        late = Cause(CauseId.LABEL_LATE)
        await made.writer.move([before[1]], IntentState.FAILED, now=NOW, cause=late)
        await made.until_quiet()
        assert made.clock.at == NOW + 2, "nothing had to be waited for"
        assert (made.paper.labels(), await made.causes()) == (["0", "2"], ["", "label_late", ""])


# Second prints


async def test_a_second_print_needs_a_reason_and_is_audited(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=2) as made:
        await made.order_prints([0])
        await made.until_quiet()
        again = [NewIntent(Verb.PRINT, STORE, "5000", TargetKind.PACKAGE, "P0", {"printer": "dock1"})]
        engine = made  # has a house, which is all that is asked of an engine
        refused = await printed_before(engine, again)  # type: ignore[arg-type]
        assert refused[0][0] == "printed_before" and "dock2 by mei" in refused[0][1]

        await made.order_prints([0, 1], batch_id="b2", printer="dock1")
        await made.until_quiet()
        assert (made.paper.labels("dock1"), await made.causes("b2")) == (["1"], ["printed_before", ""])

        await made.order_prints([0], batch_id="b3", printer="dock1", reason="the first one jammed")
        await made.until_quiet()
        assert made.paper.labels("dock1") == ["1", "0"]
        assert [row.reason for row in await made.writer.printed_of(STORE, "P0")] == ["the first one jammed", ""]
        assert await made.writer.verify_audit() is None


# Nothing twice


async def test_an_answer_of_lp_that_is_lost_prints_once(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=2) as made:
        made.paper.failures["answer of put"] = [SpoolError(SpoolTrouble.SILENT, "lp did not end within 60 s.")]
        await made.order_prints([0, 1])
        await made.until_quiet()
        assert made.paper.labels() == ["0", "1"]
        held = [job for job in made.paper.queue.values() if job.state is JobState.HELD]
        assert held == [], "what was put there without an answer is taken away"


async def test_letting_go_is_tried_again(tmp_path: Path) -> None:
    async with shop(tmp_path, labels=1) as made:
        made.paper.failures["let_go"] = [SILENT, SILENT]
        await made.order_prints([0])
        await made.until_quiet()
        assert (made.paper.labels(), await made.states()) == (["0"], [IntentState.DONE])


#: Between these the print system may know what the ledger does not, or the other way round.
HANDING_OVER = ("print.begin:after", "print.put:before", "print.put:after", "print.number:after", "print.let_go:after")


@pytest.mark.parametrize("shows_titles", [True, False])
async def test_each_label_comes_out_once_wherever_the_engine_is_killed(tmp_path: Path, shows_titles: bool) -> None:
    points = await reached_points(tmp_path / "whole")
    assert set(HANDING_OVER) <= set(points)
    # The second job goes the first one's way, so each kind of point is visited once.
    for name in dict.fromkeys(points) if shows_titles else HANDING_OVER:
        index = points.index(name)
        paper, clock, kill = Paper(shows_titles=shows_titles), HandClock(), KillAt(index)
        root = tmp_path / f"{index}"
        settings_ = PrintingConfig(labels_per_job=2)
        async with shop(root, labels=3, points=kill, paper=paper, clock=clock, printing=settings_) as made:
            await made.order_prints([0, 1, 2])
            with pytest.raises(Killed):
                await made.until_quiet()
        paper.run()
        clock.at += 5
        async with shop(root, paper=paper, clock=clock, printing=settings_) as made:
            await made.until_quiet()
            assert sorted(paper.labels()) == ["0", "1", "2"], f"killed at {kill.killed_at}"
            assert await made.states() == [IntentState.DONE] * 3, f"killed at {kill.killed_at}"
            if shows_titles:
                assert not [job for job in paper.queue.values() if job.state is JobState.HELD]


async def test_a_job_that_was_taken_back_before_the_engine_ended_again_is_printed_all_the_same(tmp_path: Path) -> None:
    paper, clock = Paper(), HandClock()
    points = await reached_points(tmp_path / "whole")
    kill = KillAt(points.index("print.put:after"))
    async with shop(tmp_path / "house", labels=1, points=kill, paper=paper, clock=clock) as made:
        await made.order_prints([0])
        with pytest.raises(Killed):
            await made.until_quiet()
    # The engine that starts next takes the job without a number out of the queue and is killed before it notes that.
    again = KillAt(0)
    async with shop(tmp_path / "house", points=again, paper=paper, clock=clock) as made:
        with pytest.raises(Killed):
            await made.until_quiet()
    assert again.killed_at == "print.settle:before"
    assert [job.state for job in paper.queue.values()] == [JobState.CANCELLED]
    async with shop(tmp_path / "house", paper=paper, clock=clock) as made:
        await made.until_quiet()
        assert paper.labels() == ["0"]
        assert await made.states() == [IntentState.DONE]


@settings(max_examples=25, deadline=None)
@given(st.data())
async def test_no_label_comes_out_twice_whatever_goes_wrong(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("prints")
    paper, clock = Paper(), HandClock()
    wrong = st.sampled_from(["put", "answer of put", "let_go", "printers", "job", "jobs", "cancel"])
    printing = PrintingConfig(labels_per_job=2)
    first = True
    for kill_at in data.draw(st.lists(st.integers(0, 40), max_size=3), label="killed at"):
        for name in data.draw(st.lists(wrong, max_size=3), label="fails"):
            paper.failures.setdefault(name, []).append(SILENT)
        try:
            async with shop(
                root, labels=3 if first else 0, points=KillAt(kill_at), paper=paper, clock=clock, printing=printing
            ) as made:
                if first:
                    await made.order_prints([0, 1, 2])
                first = False
                await made.until_quiet()
        except Killed:
            pass
        if data.draw(st.booleans(), label="printers run"):
            paper.run()
        clock.at += data.draw(st.integers(0, 200), label="time passes")
    paper.failures.clear()
    async with shop(root, labels=3 if first else 0, paper=paper, clock=clock, printing=printing) as made:
        if first:
            await made.order_prints([0, 1, 2])
        await made.until_quiet()
        assert sorted(paper.labels()) == ["0", "1", "2"]
        assert await made.states() == [IntentState.DONE] * 3
