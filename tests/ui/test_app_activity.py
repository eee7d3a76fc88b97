"""Activity: heading and rows change together, verbs act on what is still true, and only where they can work."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from shoptui.config import Config, EngineConfig
from shoptui.domain.intents import Cause, CauseId, IntentState, NewIntent, TargetKind, Verb
from shoptui.protocol import Changed
from shoptui.queries.types import BatchRow
from shoptui.screens.activity import ActivityPlace
from tests.ui.flow_support import FlowCockpit, Served, flow, flow_cockpit

FROZEN = Cause(CauseId.FROZEN, "11002", "")


async def ordered(served: Served, under_test: FlowCockpit, batch_id: str, count: int, first: int = 0) -> list[int]:
    """A batch of some orders of the house, accepted and sent, behind the cockpit's back."""
    writer, now = served.engine.house.writer, int(served.made.clock.now())
    rows = await under_test.app.house.reader.rows(list(under_test.app.frame.orders.listed_ids)[: first + count], now)
    wanted = [
        NewIntent(Verb.SHIP, row.store_id, row.order_no, TargetKind.PACKAGE, f"pkg-{row.order_no}", {})
        for row in rows[first:]
    ]
    accepted = await writer.accept_batch(
        batch_id, Verb.SHIP, under_test.app.session.operator, "test", wanted, [now] * len(wanted), now
    )
    ids = list(accepted.intent_ids)
    await writer.move(ids, IntentState.QUEUED, now=now)
    await writer.move(ids, IntentState.SENDING, now=now, sent_at=now)
    return ids


async def settle(served: Served, ids: list[int], state: IntentState, cause: Cause | None = None) -> None:
    await served.engine.house.writer.move(ids, state, now=int(served.made.clock.now()), cause=cause)


async def activity(under_test: FlowCockpit) -> ActivityPlace:
    await under_test.do("go.screen")
    await under_test.press("a")
    place = under_test.app.frame.place
    assert isinstance(place, ActivityPlace)
    return place


def shown(place: ActivityPlace) -> list[tuple[str, IntentState]]:
    rows = [place.window.row(row_id) for row_id in place.window.index.ids]
    return [(row.batch_id, row.state) for row in rows if isinstance(row, BatchRow)]


@pytest.mark.parametrize(
    ("configured_s", "in_strip", "after"),
    [(25, "held 25 s, then sent", "25 s  then SHIP "), (0, "sent at once", "")],
)
async def test_strip_and_message_say_how_long_the_engine_holds(
    tmp_path: Path, configured_s: int, in_strip: str, after: str
) -> None:
    config = Config(engine=EngineConfig(hold_s=configured_s))
    async with flow(tmp_path, config=config) as served, flow_cockpit(served) as under_test:
        failed = await ordered(served, under_test, "frozen", 1, first=8)
        await settle(served, failed, IntentState.FAILED, FROZEN)
        await under_test.do("mark.all")
        await under_test.do("order.ship")
        assert in_strip in under_test.screen_text()
        await under_test.confirm()
        assert after in under_test.line("message")
        if not configured_s:
            assert "takes it back" not in under_test.line("message")
        await activity(under_test)
        await under_test.press("1")
        await under_test.do("intent.again")
        assert in_strip in under_test.screen_text()


async def test_heading_and_rows_of_a_view_change_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await settle(served, await ordered(served, under_test, "mended", 1), IntentState.DONE)
        await settle(served, await ordered(served, under_test, "frozen", 2, first=1), IntentState.FAILED, FROZEN)
        place = await activity(under_test)
        everything = [("frozen", IntentState.FAILED), ("mended", IntentState.DONE)]
        assert shown(place) == everything
        reader, may_answer = under_test.app.house.reader, asyncio.Event()
        really_read = reader.batches

        async def slow(*arguments: Any) -> Any:
            await may_answer.wait()
            return await really_read(*arguments)

        monkeypatch.setattr(reader, "batches", slow)
        await under_test.pilot.press("2", "1")
        await under_test.pilot.pause(0.1)
        assert under_test.line("view").startswith("0 all")
        assert shown(place) == everything
        await under_test.pilot.press("s")
        await under_test.pilot.pause(0.1)
        assert not under_test.app.frame.strip.is_open
        assert "Another view is being read" in under_test.line("message")
        # Something changes meanwhile: the view that is wanted is read again, and is shown although rows hold still.
        place.changed(Changed(batches=("frozen",)))
        may_answer.set()
        await under_test.settled()
        assert under_test.line("view").startswith("1 failed")
        assert shown(place) == [("frozen", IntentState.FAILED)]
        await under_test.do("intent.again")
        assert "RETRY AS IT IS: 2 orders" in under_test.screen_text()


async def test_a_group_that_is_finished_meanwhile_asks_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await settle(served, await ordered(served, under_test, "frozen", 2), IntentState.FAILED, FROZEN)
        unsure = await ordered(served, under_test, "unsure", 1, first=2)
        await settle(served, unsure, IntentState.UNKNOWN)
        await settle(served, unsure, IntentState.NEEDS_PERSON)
        place = await activity(under_test)
        await under_test.press("1")
        assert shown(place) == [("unsure", IntentState.NEEDS_PERSON), ("frozen", IntentState.FAILED)]

        # A colleague decides; nobody has told this cockpit yet.
        await settle(served, unsure, IntentState.DONE)
        await under_test.do("intent.settle", 0)
        assert not under_test.app.frame.strip.is_open
        assert "SHIP 1 is finished meanwhile (done)" in under_test.line("message")
        assert shown(place) == [("frozen", IntentState.FAILED)] or place.grid.is_held

        # One of the two is ordered again: only the other is asked about. Then that one, too.
        again = await ordered(served, under_test, "again", 1)
        await under_test.do("list.resort")
        await under_test.do("intent.fix")
        assert "FIX AND RETRY 1 order" in under_test.screen_text()
        await under_test.do("strip.leave")
        await settle(served, again, IntentState.DONE)
        await settle(served, await ordered(served, under_test, "rest", 1, first=1), IntentState.DONE)
        await under_test.do("intent.again")
        assert not under_test.app.frame.strip.is_open
        assert "is finished meanwhile (ordered again)" in under_test.line("message")
        await under_test.do("list.resort")
        assert shown(place) == []


async def test_verbs_are_offered_where_they_can_work(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served, (120, 40)) as under_test:
        failed = await ordered(served, under_test, "frozen", 1)
        await settle(served, failed, IntentState.FAILED, FROZEN)
        place = await activity(under_test)
        assert "e F6 Fix and retry  s F7 Retry as it is  x F8 Give up" in under_test.line("keys")
        assert place.state().group_verb == "ship"
        done = await ordered(served, under_test, "again", 1)
        await settle(served, done, IntentState.DONE)
        place.read_list("first")
        await under_test.settled()
        await under_test.app.frame.cockpit._read_house()
        await under_test.settled()
        assert under_test.app.session.house.counts.failed == 0
        rows = {row.batch_id: row for row in place.all_rows if isinstance(row, BatchRow)}
        assert rows["frozen"].again
        assert "ordered again" in under_test.screen_text()
        for _row in range(place.window.row_count):
            assert "Retry" not in under_test.line("keys"), "neither a done group nor one ordered again is retried"
            assert "Give up" not in under_test.line("keys")
            await under_test.press("down")
        await under_test.do("intent.again")
        assert under_test.line("message")
        assert not under_test.app.frame.strip.is_open
