"""Ordering over the socket: chains of verbs, what is refused and why, retries of what failed together, and choices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shoptui.adapters.desks import Choices
from shoptui.client import Answer, EngineClient
from shoptui.domain.intents import CauseId, Intent, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.orders import Order
from shoptui.engine.choices import KEPT_S, ChoiceMemory
from shoptui.engine.fields import LIST_MAX, Refusal
from shoptui.engine.peer import Peer
from shoptui.engine.requests import Requests, Session
from shoptui.engine.roles import Role
from tests.engine.support import Served, bench, served, shippable

pytestmark = pytest.mark.asyncio(loop_scope="module")

LABEL: Mapping[str, Any] = {"verb": "label", "args": {}}
PRINT: Mapping[str, Any] = {"verb": "print", "args": {"printer": "dock2"}}
HELD, DONE, FAILED = IntentState.HELD, IntentState.DONE, IntentState.FAILED


class Desk:
    """A running engine with a client, and orders nobody has touched."""

    def __init__(self, running: Served, client: EngineClient, orders: Iterator[Order]) -> None:
        self.running = running
        self.client = client
        self.writer = running.engine.house.writer
        self._orders = orders
        self._batches = 0

    def take(self, count: int = 1) -> list[Order]:
        return [next(self._orders) for _ in range(count)]

    def poke(self, what: str, order: Order, **fields: Any) -> None:
        self.running.made.live.poke(what, package_id=order.packages[0].package_id, **fields)

    async def order(self, verb: str, orders: Sequence[Order], *then: Mapping[str, Any], **fields: Any) -> Answer:
        self._batches += 1
        wanted = {"batch_id": f"b-{self._batches}", "args": {}, **fields}
        return await self.client.request(
            "order", verb=verb, intents=wire(verb, orders, wanted.pop("args")), then=list(then), **wanted
        )

    async def settled(self, answer: Answer) -> list[Intent]:
        assert answer.ok, answer.say
        return await self.running.settled(self.client, answer.body["batch_id"])

    async def now(self, answer: Answer) -> list[Intent]:
        return await self.writer.batch(answer.body["batch_id"])


def wire(verb: str, orders: Sequence[Order], args: Mapping[str, Any]) -> list[dict[str, Any]]:
    whole = verb in {"cancel", "answer_cancel", "note", "split"}
    return [
        {
            "store_id": order.store_id,
            "order_no": order.order_no,
            "target_kind": "order" if whole else "package",
            "target_id": order.order_no if whole else order.packages[0].package_id,
            "args": dict(args),
        }
        for order in orders
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    root: Path = tmp_path_factory.mktemp("ordering")
    async with bench(root, stores=1, orders=300, regions=("TH",)) as made:
        for package in made.live.world.packages.values():
            package.flaw, package.weight_g = None, 500
        async with served(made) as running, await running.connect() as client:
            await client.subscribe()
            orders = await shippable(running.engine, made.stores[0].store_id)
            yield Desk(running, client, (order for order in orders if len(order.packages) == 1))


def states(intents: Sequence[Intent]) -> list[tuple[Verb, IntentState]]:
    return [(intent.verb, intent.state) for intent in intents]


async def test_a_chain_is_done_in_its_order_and_the_label_is_here(desk: Desk) -> None:
    orders = desk.take(2)
    answer = await desk.order("ship", orders, LABEL)
    assert answer.body["accepted"] == 2
    ids = [(intent.intent_id, intent.after_intent_id) for intent in await desk.now(answer)]
    heads, followers = answer.body["intent_ids"], answer.body["followers"]
    assert ids == [(heads[0], None), (followers[0], heads[0]), (heads[1], None), (followers[1], heads[1])]
    assert states(await desk.settled(answer)) == [(Verb.SHIP, DONE), (Verb.LABEL, DONE)] * 2
    for order in orders:
        stored = await desk.writer.document(order.store_id, order.packages[0].package_id, "label")
        assert stored is not None and stored.content.startswith(b"%PDF")


async def test_a_target_is_refused_for_any_of_its_steps_and_the_rest_is_ordered(desk: Desk) -> None:
    first, second = desk.take(2)
    await desk.order("ship", [first], LABEL, PRINT, hold_s=600)
    answer = await desk.order("ship", [first, second], LABEL, hold_s=600)
    assert answer.body["accepted"] == 1
    (refused,) = answer.body["refused"]
    assert (refused["index"], refused["verb"], refused["reason"]) == (0, "ship", "open_intent")
    judged = await desk.client.request(
        "judge", verb="ship", intents=wire("ship", [second, *desk.take()], {}), then=[LABEL]
    )
    assert [(each["index"], each["reason"]) for each in judged.body["refused"]] == [(0, "open_intent")]


async def test_asking_again_after_a_lost_answer_orders_nothing(desk: Desk) -> None:
    orders = desk.take(2)
    first = await desk.order("ship", orders, LABEL, batch_id="asked twice", hold_s=600)
    again = await desk.order("ship", orders, LABEL, batch_id="asked twice", hold_s=600)
    assert again.body == first.body
    assert len(await desk.now(first)) == 4


async def test_judging_orders_nothing(desk: Desk) -> None:
    orders = desk.take(1)
    before = len(await desk.writer.open_intents())
    for verb, then, reason in (("ship", [LABEL, PRINT], None), ("label", [], "not_arranged"), ("print", [], None)):
        args = PRINT["args"] if verb == "print" else {}
        answer = await desk.client.request("judge", verb=verb, intents=wire(verb, orders, args), then=then)
        assert answer.ok, answer.say
        if verb == "ship":
            assert answer.body["refused"] == []
        if reason is not None:
            assert [each["reason"] for each in answer.body["refused"]] == [reason]
    assert len(await desk.writer.open_intents()) == before


async def test_taking_a_first_step_back_takes_what_follows(desk: Desk) -> None:
    answer = await desk.order("ship", desk.take(2), LABEL, PRINT, hold_s=600)
    first = await desk.client.request("take_back", intent_ids=answer.body["intent_ids"][:1])
    assert len(first.body["taken"]) == 3 and first.body["gone"] == []
    assert (first.body["taken_targets"], first.body["gone_targets"]) == (1, 0)
    rest = await desk.client.request("take_back", batch_id=answer.body["batch_id"])
    assert len(rest.body["taken"]) == 3
    assert (rest.body["taken_targets"], rest.body["gone_targets"]) == (1, 0), "taken back before is not gone"


async def test_a_hold_stops_parcels_and_not_cancellations(desk: Desk) -> None:
    order, other = desk.take(2)
    cancel = await desk.order("cancel", [order], args={"reason_id": "out_of_stock"}, hold_s=600)
    chain = await desk.order("ship", [other], LABEL, hold_s=600)
    assert cancel.ok and chain.ok, (cancel.say, chain.say)
    keys = [[each.store_id, each.order_no] for each in (order, other)]
    await desk.client.request("hold", orders=keys, on=True)
    assert states(await desk.now(cancel)) == [(Verb.CANCEL, HELD)]
    found = await desk.now(chain)
    assert states(found) == [(Verb.SHIP, FAILED), (Verb.LABEL, FAILED)]
    assert {intent.cause.id for intent in found if intent.cause} == {CauseId.HELD}
    again = await desk.order("ship", [other])
    assert [each["reason"] for each in again.body["refused"]] == ["held"]
    await desk.client.request("take_back", batch_id=cancel.body["batch_id"])


@pytest.mark.parametrize("named", ["the first", "what follows", "both"])
async def test_what_failed_together_is_ordered_again_together(desk: Desk, named: str) -> None:
    (order,) = desk.take()
    desk.poke("flaw", order, kind="frozen")
    answer = await desk.order("ship", [order], LABEL)
    failed = await desk.settled(answer)
    assert states(failed) == [(Verb.SHIP, FAILED), (Verb.LABEL, FAILED)]
    assert len({intent.cause for intent in failed}) == 1
    desk.poke("flaw", order, kind=None)
    wanted = {"the first": failed[:1], "what follows": failed[1:], "both": failed}[named]
    retried = await desk.client.request("retry", intent_ids=[intent.intent_id for intent in wanted])
    assert retried.ok and retried.body["accepted"] == 1
    again = await desk.settled(retried)
    assert states(again) == [(Verb.SHIP, DONE), (Verb.LABEL, DONE)]
    assert [intent.retry_of for intent in again] == [intent.intent_id for intent in failed]
    assert answer.body["batch_id"] not in await desk.writer.unacked()


async def test_only_what_failed_is_ordered_again(desk: Desk) -> None:
    (order,) = desk.take()
    desk.running.made.live.faults.replace(
        [{"match": {"path": "shipping_documents", "times": 1}, "do": {"code": 11034040}}]
    )
    first, label = await desk.settled(await desk.order("ship", [order], LABEL))
    assert (first.state, label.state) == (DONE, FAILED)
    desk.running.made.live.faults.clear()
    retried = await desk.client.request("retry", intent_ids=[label.intent_id], args={"size": "A5"})
    (again,) = await desk.settled(retried)
    assert (again.verb, again.state, again.args) == (Verb.LABEL, DONE, {"document": "label", "size": "A5"})
    refused = await desk.client.request("retry", intent_ids=[first.intent_id])
    assert refused.reason == "not_failed"


async def test_giving_up_on_a_failure_gives_up_on_what_follows(desk: Desk) -> None:
    (order,) = desk.take()
    desk.poke("flaw", order, kind="frozen")
    answer = await desk.order("ship", [order], LABEL)
    first, _ = await desk.settled(answer)
    await desk.client.request("drop", intent_ids=[first.intent_id])
    assert answer.body["batch_id"] not in await desk.writer.unacked()


@pytest.mark.parametrize("done", [True, False])
async def test_what_a_person_decides_holds_for_what_follows(desk: Desk, done: bool) -> None:
    (order,) = desk.take()
    answer = await desk.order("ship", [order], LABEL, hold_s=600)
    (first,) = answer.body["intent_ids"]
    house = desk.running.engine.house
    ways = (IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN, IntentState.NEEDS_PERSON)
    for state in ways:
        assert await desk.writer.move([first], state, now=house.now(), look_at=house.now() + 9000, sent_at=house.now())
    desk.poke("set_status", order, order_id=order.order_no, status="arranged")
    await desk.client.request("settle", intent_id=first, done=done)
    found = await desk.settled(answer)
    assert states(found) == [
        (Verb.SHIP, DONE if done else IntentState.NOT_DONE),
        (Verb.LABEL, DONE if done else FAILED),
    ]
    if not done:
        assert found[1].cause is not None and found[1].cause.id is CauseId.EARLIER


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"then": [PRINT]}, "print cannot come after ship"),
        ({"then": [LABEL, LABEL]}, "label cannot come after label"),
        ({"then": [{"verb": "label", "args": {"colour": "red"}}]}, "colour"),
        ({"then": ["label"]}, "object"),
        ({"then": [{"verb": "fax", "args": {}}]}, "it knows"),
        ({"verb": "cancel"}, "cancel needs reason_id"),
        ({"intents": []}, "intents"),
        ({"hold_s": -1}, "hold_s"),
    ],
)
async def test_bad_orders_are_refused_in_a_sentence(desk: Desk, fields: dict[str, Any], words: str) -> None:
    intents = [{"store_id": "s", "order_no": "1", "target_kind": "package", "target_id": "2", "args": {}}]
    answer = await desk.client.request("order", **{"batch_id": "bad", "verb": "ship", "intents": intents, **fields})
    if fields.keys() == {"hold_s"}:
        # Only what is ordered at all can be held.
        assert not answer.ok or answer.body["accepted"] == 0
        return
    assert not answer.ok and answer.reason == "bad_request" and words in answer.say


async def test_what_follows_counts_for_how_much_fits_into_an_order(desk: Desk) -> None:
    item = {"store_id": "s", "order_no": "1", "target_kind": "package", "target_id": "2", "args": {}}
    wanted: dict[str, Any] = {"batch_id": "many", "verb": "ship", "intents": [item] * (LIST_MAX // 2 + 1)}
    answer = await desk.client.request("order", **wanted, then=[LABEL])
    assert answer.reason == "bad_request" and "in parts" in answer.say


async def test_packers_cancel_nothing(desk: Desk) -> None:
    (order,) = desk.take()
    requests = Requests(desk.running.engine)
    wanted = {"do": "order", "batch_id": "c", "verb": "cancel", "intents": wire("cancel", [order], {"reason_id": "x"})}
    with pytest.raises(Refusal) as caught:
        await requests.handle(Session(Peer(1, 1001, "an", (), "pts/7"), Role.PACKER), wanted)
    assert (caught.value.reason, caught.value.details["needed"]) == ("not_allowed", "agent")
    judged = await requests.handle(Session(Peer(1, 1001, "mai", (), "pts/8"), Role.AGENT), {**wanted, "do": "judge"})
    assert judged == {"refused": []}


async def test_packers_decide_nothing_about_a_cancel_that_failed(desk: Desk) -> None:
    (order,) = desk.take()
    engine = desk.running.engine
    writer, now = engine.house.writer, engine.house.now()
    wanted = NewIntent(Verb.CANCEL, order.store_id, order.order_no, TargetKind.ORDER, order.order_no, {})
    (failed,) = (await writer.accept_batch("x", Verb.CANCEL, "mai", "t", [wanted], [now + 9], now)).intent_ids
    await writer.move([failed], IntentState.FAILED, now=now)
    requests, packer = Requests(engine), Session(Peer(1, 1001, "an", (), "pts/7"), Role.PACKER)
    for message in (
        {"do": "retry", "intent_ids": [failed]},
        {"do": "drop", "intent_ids": [failed]},
        {"do": "settle", "intent_id": failed, "done": True},
    ):
        with pytest.raises(Refusal) as caught:
            await requests.handle(packer, message)
        assert (caught.value.reason, caught.value.details["needed"]) == ("not_allowed", "agent")
    assert [intent.state for intent in await writer.batch("x")] == [IntentState.FAILED]
    agent = Session(Peer(1, 1001, "mai", (), "pts/8"), Role.AGENT)
    assert (await requests.handle(agent, {"do": "drop", "intent_ids": [failed]}))["dropped"] == [failed]


async def test_choices_are_the_marketplaces(desk: Desk) -> None:
    (order,) = desk.take()
    targets = [[order.store_id, order.order_no]]
    label = await desk.client.request("choices", verb="label", targets=targets)
    documents = label.body["options"][order.store_id]["documents"]
    assert ["label", ["A6", "A5"], "pdf"] in documents
    # What is offered is the same for all orders of the store, so it is not asked again.
    again = await desk.client.request("choices", verb="label", targets=[[order.store_id, "none"]])
    assert again.body == label.body
    cancel = await desk.client.request("choices", verb="cancel", targets=targets)
    assert cancel.body["options"][order.store_id]["reasons"]
    note = await desk.client.request("choices", verb="note", targets=targets)
    assert "seller note" in note.body["options"][order.store_id]["unsupported"]
    nobody = await desk.client.request("choices", verb="cancel", targets=[[order.store_id, "none"], targets[0]])
    assert "no order none" in nobody.body["options"][order.store_id]["unsupported"]
    assert (await desk.client.request("choices", verb="label", targets=[["nowhere", "1"]])).reason == "unknown_store"
    assert (await desk.client.request("choices", verb="fax", targets=targets)).reason == "bad_request"


async def test_a_store_that_does_not_answer_says_so(desk: Desk) -> None:
    (order,) = desk.take()
    desk.running.made.live.faults.replace([{"match": {"path": "aftersale|cancel"}, "do": {"status": 503}}])
    answer = await desk.client.request("choices", verb="cancel", targets=[[order.store_id, order.order_no]])
    desk.running.made.live.faults.clear()
    assert answer.ok and answer.body["options"][order.store_id]["unsupported"]


async def test_only_what_holds_for_all_orders_is_kept_and_not_for_long() -> None:
    memory, general = ChoiceMemory(), Choices(same_for_all_orders=True)
    memory.keep("tt-th-1", Verb.LABEL, general, 100.0)
    memory.keep("tt-th-1", Verb.CANCEL, Choices(), 100.0)
    assert memory.get("tt-th-1", Verb.LABEL, 100.0 + KEPT_S - 1) is general
    assert memory.get("tt-th-1", Verb.LABEL, 100.0 + KEPT_S) is None
    assert memory.get("tt-th-1", Verb.CANCEL, 101.0) is None
    assert memory.get("tt-th-2", Verb.LABEL, 101.0) is None
