"""Sending on bad days: what the marketplace answers, loses or refuses, and what operators change meanwhile."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from shoptui.adapters.desks import Outcome, Request
from shoptui.domain.clocks import next_loss
from shoptui.domain.intents import CauseId, Intent, IntentState, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.engine.core import Engine
from shoptui.store.errors import DiskFull
from tests.engine.support import Bench, TunedDesk, accept, bench, new_intents, put_desk, shippable, shipped

SHIP = {"method": "POST", "path": r"packages/ship$|packages/\d+/ship$"}
BATCH = {"method": "POST", "path": r"packages/ship$"}


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path, orders=240) as found:
        yield found


@pytest.fixture
async def engine(made: Bench) -> Engine:
    found = await made.engine()
    await made.synced(found)
    return found


async def ready(made: Bench, engine: Engine, count: int, number: int = 0) -> list[Order]:
    """Orders nothing is wrong with."""
    flawed = {package.id for package in made.live.world.packages.values() if package.flaw is not None}
    orders = [
        order
        for order in await shippable(engine, made.stores[number].store_id)
        if not {package.package_id for package in order.packages} & flawed and len(order.packages) == 1
    ]
    assert len(orders) >= count
    return orders[:count]


async def now_of(engine: Engine, intents: Sequence[Intent]) -> list[Intent]:
    return await engine.house.writer.intents([intent.intent_id for intent in intents])


async def states(engine: Engine, intents: Sequence[Intent]) -> list[IntentState]:
    return [intent.state for intent in await now_of(engine, intents)]


def ship_calls(engine: Engine) -> int:
    return sum(row.today for row in engine.house.budget.snapshot() if row.feed == "ship")


def alerts(engine: Engine) -> set[str]:
    return {alert.alert_id for alert in engine.house.alerts.standing()}


async def test_nothing_leaves_before_its_hold_has_ended(made: Bench, engine: Engine) -> None:
    intents = await accept(engine, await ready(made, engine, 2))
    made.advance(9)
    await engine.turn()
    assert await states(engine, intents) == [IntentState.HELD] * 2 and ship_calls(engine) == 0
    made.advance(1)
    await engine.turn()
    assert await states(engine, intents) == [IntentState.DONE] * 2 and ship_calls(engine) == 1
    assert set(shipped(made.live).values()) == {1}


async def test_the_grid_shows_the_marketplaces_truth_afterwards(made: Bench, engine: Engine) -> None:
    orders = await ready(made, engine, 1)
    await accept(engine, orders)
    await made.until_quiet(engine)
    await engine.turn()
    found = await engine.house.writer.orders_by_no(orders[0].store_id, [orders[0].order_no])
    assert found[0].status is Status.TO_HAND_OVER


async def test_big_batches_go_in_calls_of_the_size_the_marketplace_takes(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    made.live.poke("new_orders", shop_id=store.shop_id, count=140)
    made.advance(7200)
    await engine.turn()
    orders = await shippable(engine, store.store_id)
    for package in made.live.world.packages.values():
        package.flaw, package.weight_g = None, 500
    intents = await accept(engine, orders[:120])
    assert len(intents) >= 120
    await made.until_quiet(engine)
    assert set(await states(engine, intents)) == {IntentState.DONE}
    assert ship_calls(engine) == -(-len(intents) // 50)


async def test_the_most_urgent_leaves_first(made: Bench, engine: Engine) -> None:
    orders = await ready(made, engine, 12)
    put_desk(engine, TunedDesk(engine.house.markets["tiktok"].desks[Verb.SHIP], batch_max=4))
    await accept(engine, list(reversed(orders)))
    made.advance(10)
    await engine.turn()
    order_of = {order.packages[0].package_id: order for order in orders}
    left = [order_of[str(entry["target"])] for entry in made.live.journal() if entry["op"] == "ship"]
    now = engine.house.now()
    dues = [next_loss(order.clocks, now).at or 2**40 for order in left]
    calls = [dues[start : start + 4] for start in (0, 4, 8)]
    assert max(calls[0]) <= min(calls[1]) and max(calls[1]) <= min(calls[2])


async def test_a_batch_is_taken_apart_row_by_row(made: Bench, engine: Engine) -> None:
    orders = await ready(made, engine, 4)
    packages = [order.packages[0].package_id for order in orders]
    made.live.poke("flaw", package_id=packages[0], kind="bad_postcode")
    made.live.poke("flaw", package_id=packages[1], kind="frozen")
    intents = await accept(engine, orders)
    made.advance(10)
    await engine.turn()
    found = await now_of(engine, intents)
    assert [intent.state for intent in found] == [IntentState.FAILED] * 2 + [IntentState.DONE] * 2
    assert [intent.cause.id for intent in found[:2] if intent.cause] == [CauseId.ADDRESS, CauseId.FROZEN]
    assert all(intent.cause and intent.cause.code for intent in found[:2])


async def test_a_call_refused_as_a_whole_is_asked_one_by_one(made: Bench, engine: Engine) -> None:
    orders = await ready(made, engine, 3)
    made.live.faults.replace([{"match": {**BATCH, "times": 1}, "do": {"code": 21001001}}])
    intents = await accept(engine, orders)
    made.advance(10)
    await made.until_quiet(engine)
    found = await now_of(engine, intents)
    assert [(intent.state, intent.attempts) for intent in found] == [(IntentState.DONE, 1)] * 3
    assert ship_calls(engine) == 4


@pytest.mark.parametrize("fault", ["drop_after", "truncate", "not_json", "status"])
async def test_an_answer_that_was_lost_is_read_back(made: Bench, engine: Engine, fault: str) -> None:
    do: dict[str, Any] = {"status": 502} if fault == "status" else {fault: True}
    made.live.faults.replace([{"match": {**SHIP, "times": 1}, "do": do}])
    intents = await accept(engine, await ready(made, engine, 2))
    made.advance(10)
    await engine.turn()
    found = await now_of(engine, intents)
    assert [intent.state for intent in found] == [IntentState.UNKNOWN] * 2
    assert all(intent.look_at is not None and intent.look_at > engine.house.now() for intent in found)
    await made.until_quiet(engine)
    assert await states(engine, intents) == [IntentState.DONE] * 2
    assert {shipped(made.live)[intent.target_id] for intent in intents} == {1}


async def test_what_had_no_effect_waits_and_the_try_does_not_count(made: Bench, engine: Engine) -> None:
    intents = await accept(engine, await ready(made, engine, 2))
    made.live.faults.replace([{"match": {**SHIP, "times": 3}, "do": {"status": 429, "retry_after_s": 30}}])
    made.advance(10)
    await engine.turn()
    found = await now_of(engine, intents)
    assert [(intent.state, intent.attempts) for intent in found] == [(IntentState.QUEUED, 0)] * 2
    made.advance(29)
    await engine.turn()
    assert ship_calls(engine) == 1
    await made.until_quiet(engine)
    assert await states(engine, intents) == [IntentState.DONE] * 2
    assert [intent.attempts for intent in await now_of(engine, intents)] == [1, 1]


async def test_a_signed_out_store_keeps_its_intents_waiting(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    intents = await accept(engine, await ready(made, engine, 2))
    made.live.poke("revoke_token", shop_id=store.shop_id)
    made.advance(10)
    await engine.turn()
    await engine.turn()
    assert await states(engine, intents) == [IntentState.QUEUED] * 2
    assert f"signed_out:{store.store_id}" in alerts(engine)
    code = made.live.poke("authorize", shop_id=store.shop_id)["code"]
    tokens = await engine.house.markets["tiktok"].consent.exchange(code)  # type: ignore[attr-defined]  # not every marketplace's
    await engine.house.secrets.save(store.store_id, tokens)
    await made.until_quiet(engine)
    assert await states(engine, intents) == [IntentState.DONE] * 2
    assert set(shipped(made.live).values()) == {1}


async def test_a_missing_scope_fails_with_its_cause(made: Bench, engine: Engine) -> None:
    intents = await accept(engine, await ready(made, engine, 1))
    made.live.poke("revoke_scope", shop_id=made.stores[0].shop_id, scope="seller.fulfillment.basic")
    made.advance(10)
    await engine.turn()
    (found,) = await now_of(engine, intents)
    assert found.state is IntentState.FAILED and found.cause is not None and found.cause.id is CauseId.NO_PERMISSION


async def test_one_stores_trouble_keeps_no_other_waiting(made: Bench, engine: Engine) -> None:
    bad, good = await ready(made, engine, 2, 0), await ready(made, engine, 2, 1)
    made.live.faults.replace([{"match": {**SHIP, "shop_id": made.stores[0].shop_id}, "do": {"status": 429}}])
    slow = await accept(engine, bad, batch_id="slow")
    fast = await accept(engine, good, batch_id="fast")
    made.advance(10)
    await engine.turn()
    assert await states(engine, slow) == [IntentState.QUEUED] * 2
    assert await states(engine, fast) == [IntentState.DONE] * 2


async def test_the_buyer_was_first_and_we_do_not_know_yet(made: Bench, engine: Engine) -> None:
    orders = await ready(made, engine, 2)
    intents = await accept(engine, orders)
    made.advance(10)
    made.live.poke("buyer_cancel_request", order_id=orders[0].order_no)
    made.live.poke("cancel_order", order_id=orders[1].order_no, by="buyer")
    await engine.lanes[orders[0].store_id].step_outbox()
    found = await now_of(engine, intents)
    assert [intent.state for intent in found] == [IntentState.FAILED] * 2
    assert {intent.cause.id for intent in found if intent.cause} == {CauseId.CANCEL_REQUESTED, CauseId.CANCELLED}
    assert shipped(made.live) == {}


async def test_the_buyer_was_first_and_we_know(made: Bench, engine: Engine) -> None:
    orders = await ready(made, engine, 2)
    intents = await accept(engine, orders, hold_s=100)
    made.live.poke("buyer_cancel_request", order_id=orders[0].order_no)
    made.live.poke("cancel_order", order_id=orders[1].order_no, by="buyer")
    made.advance(70)
    await engine.turn()
    made.advance(30)
    await engine.turn()
    found = await now_of(engine, intents)
    assert {intent.cause.id for intent in found if intent.cause} == {CauseId.CANCEL_REQUESTED, CauseId.CANCELLED}
    assert ship_calls(engine) == 0


async def test_an_order_put_on_hold_meanwhile_fails_and_says_by_whom(made: Bench, engine: Engine) -> None:
    orders = await ready(made, engine, 2)
    intents = await accept(engine, orders)
    await engine.house.writer.hold([(orders[0].store_id, orders[0].order_no)], "an", True, engine.house.now())
    made.advance(10)
    await engine.turn()
    first, second = await now_of(engine, intents)
    assert first.state is IntentState.FAILED and first.cause is not None
    assert (first.cause.id, first.cause.message) == (CauseId.HELD, "an")
    assert second.state is IntentState.DONE


async def test_a_paused_stores_intents_wait_and_can_be_taken_back(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    await engine.house.writer.set_paused(store.store_id, True)
    await engine.reload_store(store.store_id)
    first, second = await accept(engine, await ready(made, engine, 2))
    made.advance(100)
    await engine.turn()
    assert await states(engine, [first, second]) == [IntentState.QUEUED] * 2
    await engine.house.writer.take_back(None, [first.intent_id], engine.house.now())
    await engine.house.writer.set_paused(store.store_id, False)
    await engine.reload_store(store.store_id)
    await engine.turn()
    assert await states(engine, [first, second]) == [IntentState.TAKEN_BACK, IntentState.DONE]
    assert list(shipped(made.live)) == [second.target_id]


async def test_what_somebody_else_shipped_counts_as_done(made: Bench, engine: Engine) -> None:
    (order,) = await ready(made, engine, 1)
    made.live.poke("set_status", order_id=order.order_no, status="arranged")
    intents = await accept(engine, [order])
    made.advance(10)
    await engine.lanes[order.store_id].step_outbox()
    (found,) = await now_of(engine, intents)
    assert found.state is IntentState.DONE and found.evidence == {"answer": "already"}


async def test_a_person_is_asked_with_what_is_known_and_spared_when_evidence_turns_up(
    made: Bench, engine: Engine
) -> None:
    intents = await accept(engine, await ready(made, engine, 1))
    made.live.faults.replace(
        [
            {"match": {**SHIP, "times": 1}, "do": {"drop_after": True}},
            {"match": {"method": "GET", "path": r"packages/\d+$"}, "do": {"status": 503}},
        ]
    )
    lane = engine.lanes[made.stores[0].store_id]
    made.advance(10)
    for _ in range(40):
        next_at = await lane.step_outbox()
        (found,) = await now_of(engine, intents)
        if found.state is IntentState.NEEDS_PERSON:
            break
        made.advance(max(1, int(next_at - made.clock.now())))
    assert found.state is IntentState.NEEDS_PERSON
    assert found.evidence is not None and "unreadable" in found.evidence
    assert 600 <= engine.house.now() - (found.sent_at or 0) <= 620
    made.live.faults.clear()
    made.advance(900)
    await lane.step_outbox()
    assert await states(engine, intents) == [IntentState.DONE]


async def test_a_full_disk_stops_sending_and_forgets_no_answer(
    made: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    intents = await accept(engine, await ready(made, engine, 2))
    writer, full = engine.house.writer, True
    move = writer.move

    async def no_room_for_answers(ids: Sequence[int], state: IntentState, **facts: Any) -> list[Intent]:
        if full and state is IntentState.DONE:
            raise DiskFull("The disk is full.")
        return await move(ids, state, **facts)

    monkeypatch.setattr(writer, "move", no_room_for_answers)
    made.advance(10)
    lane = engine.lanes[made.stores[0].store_id]
    await lane.step_outbox()
    assert await states(engine, intents) == [IntentState.SENDING] * 2
    assert "disk_full" in alerts(engine)
    await lane.step_outbox()
    assert ship_calls(engine) == 1
    full = False
    await lane.step_outbox()
    assert await states(engine, intents) == [IntentState.DONE] * 2
    assert ship_calls(engine) == 1


async def test_nothing_is_sent_that_could_not_be_written_down(
    made: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    intents = await accept(engine, await ready(made, engine, 2))
    writer = engine.house.writer
    move = writer.move

    async def no_room(ids: Sequence[int], state: IntentState, **facts: Any) -> list[Intent]:
        if state is IntentState.SENDING:
            raise DiskFull("The disk is full.")
        return await move(ids, state, **facts)

    monkeypatch.setattr(writer, "move", no_room)
    made.advance(10)
    await engine.turn()
    assert await states(engine, intents) == [IntentState.QUEUED] * 2
    assert ship_calls(engine) == 0 and shipped(made.live) == {}


async def test_a_fault_of_ours_while_sending_is_settled_by_evidence(
    made: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    intents = await accept(engine, await ready(made, engine, 1))
    desk = engine.house.markets["tiktok"].desks[Verb.SHIP]
    send = desk.send

    async def broken(store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        await send(store, requests)
        raise RuntimeError("a mistake after the effect")

    monkeypatch.setattr(desk, "send", broken)
    made.advance(10)
    await engine.turn()
    assert await states(engine, intents) == [IntentState.UNKNOWN]
    monkeypatch.undo()
    await made.until_quiet(engine)
    assert await states(engine, intents) == [IntentState.DONE]
    assert set(shipped(made.live).values()) == {1}


async def test_the_same_package_cannot_be_ordered_twice(made: Bench, engine: Engine) -> None:
    orders = await ready(made, engine, 2)
    await accept(engine, orders[:1], batch_id="mine")
    intents = new_intents(orders)
    now = engine.house.now()
    answer = await engine.house.writer.accept_batch("yours", Verb.SHIP, "an", "pts/2", intents, [now] * 2, now)
    assert answer.refused == ((0, "open_intent"),) and len(answer.intent_ids) == 1


async def test_what_comes_after_another_waits_for_it_and_fails_with_it(made: Bench, engine: Engine) -> None:
    first, second, third = await ready(made, engine, 3)
    made.live.poke("flaw", package_id=first.packages[0].package_id, kind="frozen")
    (before,) = await accept(engine, [first], batch_id="one", hold_s=50)
    (after,) = await accept(engine, [second], batch_id="two", hold_s=0, after=before.intent_id)
    (last,) = await accept(engine, [third], batch_id="three", hold_s=0, after=after.intent_id)
    lane = engine.lanes[first.store_id]
    next_at = await lane.step_outbox()
    assert await states(engine, [before, after, last]) == [IntentState.HELD, IntentState.QUEUED, IntentState.QUEUED]
    assert next_at == before.release_at
    await made.until_quiet(engine)
    found = await now_of(engine, [before, after, last])
    assert [intent.state for intent in found] == [IntentState.FAILED] * 3
    assert {intent.cause.id for intent in found if intent.cause} == {CauseId.FROZEN}
    assert shipped(made.live) == {}


async def test_what_was_ordered_in_a_removed_store_is_closed(made: Bench, engine: Engine) -> None:
    store = made.stores[0]
    held, sent = await accept(engine, await ready(made, engine, 2))
    writer, now = engine.house.writer, engine.house.now()
    for state in (IntentState.QUEUED, IntentState.SENDING):
        await writer.move([sent.intent_id], state, now=now)
    await writer.remove_store(store.store_id)
    await made.close(engine)
    again = await made.engine()
    found = await now_of(again, [held, sent])
    assert [intent.state for intent in found] == [IntentState.FAILED, IntentState.NEEDS_PERSON]
    assert {intent.cause.id for intent in found if intent.cause} == {CauseId.STORE_REMOVED}
    assert store.store_id not in again.lanes


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_the_weather_each_package_ships_at_most_once_and_every_intent_ends(
    made: Bench, engine: Engine, seed: int
) -> None:
    """Every second ship call and every third reading goes wrong, in a mix the seed decides."""
    dice = random.Random(seed)
    harm: list[dict[str, Any]] = [
        {"drop_before": True},
        {"drop_after": True},
        {"truncate": True},
        {"not_json": True},
        {"status": 500},
        {"status": 429, "retry_after_s": 5},
    ]
    dice.shuffle(harm)
    made.live.faults.replace(
        [
            *({"match": {**SHIP, "probability": 0.12}, "do": do} for do in harm),
            {"match": {"method": "GET", "probability": 0.3}, "do": {"status": 503}},
        ]
    )
    intents: list[Intent] = []
    for number in (0, 1):
        orders = await ready(made, engine, 12, number)
        for start in range(0, 12, 3):
            batch = f"{number}-{start}"
            intents += await accept(engine, orders[start : start + 3], batch_id=batch, hold_s=dice.randrange(20))
    await made.until_quiet(engine, longest_s=20_000, turns=2000)
    counts = shipped(made.live)
    for intent in await now_of(engine, intents):
        assert intent.state in (IntentState.DONE, IntentState.FAILED, IntentState.NOT_DONE)
        assert counts.get(intent.target_id, 0) == (1 if intent.state is IntentState.DONE else 0)


async def test_arguments_an_older_program_accepted_fail_alone(made: Bench, engine: Engine) -> None:
    good, bad = await ready(made, engine, 2)
    intents = await accept(engine, [good], batch_id="good")
    strange = new_intents([bad], colour="red")
    now = engine.house.now()
    answer = await engine.house.writer.accept_batch("bad", Verb.SHIP, "mei", "pts/1", strange, [now] * 1, now)
    made.advance(10)
    await engine.turn()
    (refused,) = await engine.house.writer.intents(answer.intent_ids)
    assert refused.state is IntentState.FAILED and refused.cause is not None and "colour" in refused.cause.message
    assert await states(engine, intents) == [IntentState.DONE]
