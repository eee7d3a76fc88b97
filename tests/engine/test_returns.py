"""Returns in the engine: read, answered once whatever is lost, refused in time, and told of while they change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shoptui.domain.intents import CauseId, IntentState
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnState
from shoptui.engine.failpoints import KillAt, Killed
from shoptui.engine.fields import Refusal
from shoptui.queries.returns import ReturnRow
from shoptui.store.reader import Reader
from tests.engine.desk_support import AN, PACKER, Seen
from tests.engine.return_support import Asked, asked

APPROVE = {"method": "POST", "path": r"/approve$"}


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Asked]:
    async with asked(tmp_path) as found:
        yield found


def fault(match: Mapping[str, Any], **do: Any) -> dict[str, Any]:
    return {"match": dict(match), "do": do}


async def one(desk: Asked, answer: ReturnAnswer = ReturnAnswer.REFUND_ONLY) -> ReturnRow:
    """A request of the marketplace's that takes this answer now."""
    return next(row for row in await desk.rows() if answer in row.answers and row.ask is not ReturnAsk.CANCEL)


async def again(desk: Asked, row: ReturnRow) -> ReturnRow:
    return next(each for each in await desk.rows() if (each.store_id, each.return_id) == (row.store_id, row.return_id))


async def test_requests_are_read_with_their_clocks_most_urgent_first(desk: Asked) -> None:
    rows = await desk.rows("status:ours")
    assert len(rows) > 10
    assert {row.store_id for row in rows} == {store.store_id for store in desk.made.stores}
    moments = [row.next_at for row in rows]
    assert None not in moments
    assert moments == sorted(moments, key=lambda at: at or 0)
    for store in desk.made.stores:
        side = desk.engine.lanes[store.store_id].status()["sides"]["returns"]
        assert side["first_done"]
        assert side["error"] == ""


async def test_an_answer_goes_out_once_after_its_hold_and_the_list_shows_what_came_of_it(desk: Asked) -> None:
    row = await one(desk)
    ordered = await desk.order(row, ReturnAnswer.REFUND_ONLY)
    assert ordered["accepted"] == 1
    assert desk.answers_taken() == []
    assert (await again(desk, row)).act_state is IntentState.HELD
    desk.made.advance(11)
    await desk.settle()
    assert [intent.state for intent in await desk.batch()] == [IntentState.DONE]
    assert [entry["target"] for entry in desk.answers_taken()] == [row.return_id]
    await desk.polled(5)
    now = await again(desk, row)
    assert now.state is ReturnState.REFUNDED
    assert now.next_at is None
    assert not now.elsewhere


@pytest.mark.parametrize("lost", ["drop_before", "drop_after"])
async def test_a_lost_answer_is_settled_by_what_the_marketplace_shows(desk: Asked, lost: str) -> None:
    row = await one(desk)
    desk.live.faults.replace([fault({**APPROVE, "nth": 1}, **{lost: True})])
    await desk.order(row, ReturnAnswer.REFUND_ONLY)
    await desk.made.until_quiet(desk.engine)
    assert [intent.state for intent in await desk.batch()] == [IntentState.DONE]
    assert len(desk.answers_taken()) == 1


async def test_killed_anywhere_an_answer_is_given_once(tmp_path: Path) -> None:
    async with asked(tmp_path, returns=60) as desk:
        waiting = [row for row in await desk.rows() if ReturnAnswer.REFUND_ONLY in row.answers]
        places = Seen(tmp_path / "house" / "ledger.db", lambda: len(desk.answers_taken()))
        await desk.again(places)
        await run_to_end(desk, waiting.pop(0), "whole")
        places.close()
        assert "drain.returns:before" in places.reached
        for index in places.first:
            row, kill = waiting.pop(0), KillAt(index)
            before = len(desk.answers_taken())
            await desk.again(kill)
            with pytest.raises(Killed):
                await run_to_end(desk, row, f"killed {index}")
            await desk.again()
            await desk.made.until_quiet(desk.engine)
            states = [intent.state for intent in await desk.batch(f"killed {index}")]
            assert states == [IntentState.DONE], f"killed at {kill.killed_at}"
            assert len(desk.answers_taken()) - before == 1, f"killed at {kill.killed_at}"


async def run_to_end(desk: Asked, row: ReturnRow, batch_id: str) -> None:
    await desk.order(row, ReturnAnswer.REFUND_ONLY, batch_id=batch_id)
    desk.made.advance(11)
    await desk.made.until_quiet(desk.engine)


async def test_what_somebody_answered_in_the_seller_centre_is_not_answered_again(desk: Asked) -> None:
    row = await one(desk)
    await desk.order(row, ReturnAnswer.REFUND_ONLY)
    # Meanwhile the buyer withdraws; the engine reads that before the hold has ended.
    desk.live.poke("return_step", return_id=row.return_id, step="withdraw")
    lane = desk.engine.lanes[row.store_id]
    await lane.returns.read_now([row.return_id])
    desk.made.advance(11)
    await desk.settle()
    (intent,) = await desk.batch()
    assert intent.state is IntentState.FAILED
    assert intent.cause is not None
    assert intent.cause.id is CauseId.REQUEST_CLOSED
    assert desk.answers_taken() == []


async def test_an_answer_elsewhere_shows_in_place(desk: Asked) -> None:
    row = await one(desk)
    desk.live.poke("return_step", return_id=row.return_id, step="withdraw")
    await desk.polled()
    now = await again(desk, row)
    assert now.state is ReturnState.WITHDRAWN
    assert now.elsewhere


async def test_what_cannot_be_answered_is_refused_with_a_sentence(desk: Asked) -> None:
    row = await one(desk)
    wish = next(each for each in await desk.rows("ask:cancel"))
    ended = next(each for each in await desk.rows("status:ended"))
    for target, answer, decision, reason in (
        (row, ReturnAnswer.GOODS_OK, {}, "answer_not_taken"),
        (row, ReturnAnswer.OFFER, {"offer_minor": row.value_minor}, "offer"),
        (wish, ReturnAnswer.AGREE, {}, "is_cancel"),
        (ended, ReturnAnswer.REFUND_ONLY, {}, "not_our_turn"),
    ):
        answered = await desk.order(target, answer, decision=decision, batch_id=reason)
        assert answered["accepted"] == 0
        assert [no["reason"] for no in answered["refused"]] == [reason]
        assert answered["refused"][0]["say"].endswith(".")
    with pytest.raises(Refusal, match="agent"):
        await desk.order(row, ReturnAnswer.REFUND_ONLY, session=PACKER)


async def test_a_colleague_who_is_on_it_is_named_before_anything_is_sent(desk: Asked) -> None:
    row = await one(desk)
    await desk.ask("claim", AN, orders=[[row.store_id, row.order_no]], on=True)
    refused = await desk.order(row, ReturnAnswer.REFUND_ONLY)
    assert refused["refused"][0]["reason"] == "claimed"
    assert refused["refused"][0]["args"] == {"who": "an"}
    taken = await desk.order(row, ReturnAnswer.REFUND_ONLY, batch_id="b2", take_over=True)
    assert taken["accepted"] == 1


async def test_what_an_answer_wants_is_told_for_each_kind_of_request(desk: Asked) -> None:
    row = await one(desk, ReturnAnswer.REFUSE)
    found = await desk.ask("return_needs", targets=[[row.store_id, row.return_id]], answer="refuse")
    (needs,) = found["needs"]
    assert needs["store_id"] == row.store_id
    assert needs["reasons"]
    assert all(reason["id"] and reason["text"] for reason in needs["reasons"])


async def test_a_parcel_that_came_back_is_checked_in_and_the_note_stays_here(desk: Asked) -> None:
    row = await one(desk, ReturnAnswer.GOODS_OK)
    await desk.ask(
        "check_in", PACKER, returns=[[row.store_id, row.return_id]], condition="incomplete", note="lid missing"
    )
    assert (await again(desk, row)).condition is ParcelCondition.INCOMPLETE
    async with await Reader.open(desk.made.data_dir) as reader:
        detail = await reader.returns.detail(row.row_id, int(desk.made.clock.now()))
    assert detail is not None
    assert [(check.operator, check.note) for check in detail.checks] == [("pat", "lid missing")]
    assert desk.answers_taken() == []


async def test_reading_one_anew_brings_what_happened_to_it(desk: Asked) -> None:
    row = await one(desk)
    assert await desk.ask("return_refresh", PACKER, **{"return": [row.store_id, row.return_id]}) == {"found": True}
    async with await Reader.open(desk.made.data_dir) as reader:
        detail = await reader.returns.detail(row.row_id, int(desk.made.clock.now()))
    assert detail is not None
    assert detail.events


async def test_a_marketplace_that_fails_keeps_what_is_here_and_says_so(desk: Asked) -> None:
    before = len(await desk.rows())
    desk.live.faults.replace([fault({"path": r"/returns/search$"}, status=503)])
    await desk.polled(4000)
    side = desk.engine.lanes[desk.made.stores[0].store_id].status()["sides"]["returns"]
    assert side["error"]
    assert len(await desk.rows()) == before
    desk.live.faults.clear()
    await desk.polled(4000)
    assert desk.engine.lanes[desk.made.stores[0].store_id].status()["sides"]["returns"]["error"] == ""


async def test_one_unreadable_request_is_set_aside_and_the_others_are_read(desk: Asked) -> None:
    row = await one(desk)
    desk.live.poke("malform_return", return_id=row.return_id, how="bad_money")
    await desk.polled(4000)
    aside = await desk.engine.house.writer.set_aside_rows()
    assert [(each[0], each[1]) for each in aside] == [(row.store_id, f"returns:{row.return_id}")]
    desk.live.poke("malform_return", return_id=row.return_id, how="")
    await desk.polled(4000)
    assert await desk.engine.house.writer.set_aside_rows() == []
