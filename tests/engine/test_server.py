"""The socket as clients see it: requests, refusals, notices, versions, and clients that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from shoptui.client import Answer, EngineClient, EngineGone, Refused
from shoptui.config import Config
from shoptui.domain.intents import CauseId, IntentState, Verb
from shoptui.domain.orders import Order, ShippingType, Status
from shoptui.engine.fields import Refusal
from shoptui.engine.peer import Peer
from shoptui.engine.requests import Requests, Session
from shoptui.engine.roles import Role
from shoptui.protocol import LINE_MAX, NOTICE_ROWS_MAX, PROTOCOL, SCHEMA, Changed, decode, encode
from shoptui.store.reader import Reader
from tests.engine.support import Bench, Served, bench, served, shippable, shipped


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path, orders=160) as found:
        for package in found.live.world.packages.values():
            package.flaw, package.weight_g = None, 500
        yield found


@pytest.fixture
async def running(made: Bench) -> AsyncIterator[Served]:
    async with served(made) as found:
        yield found


@pytest.fixture
async def client(running: Served) -> AsyncIterator[EngineClient]:
    async with await running.connect() as found:
        await found.subscribe()
        yield found


async def orders_of(running: Served, count: int) -> list[Order]:
    orders = await shippable(running.engine, running.made.stores[0].store_id)
    return [order for order in orders if len(order.packages) == 1][:count]


def wire(orders: Sequence[Order], **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "store_id": order.store_id,
            "order_no": order.order_no,
            "target_kind": "package",
            "target_id": order.packages[0].package_id,
            "args": {},
            "clock_due_at": None,
            **changes,
        }
        for order in orders
    ]


async def ship(client: EngineClient, orders: Sequence[Order], batch_id: str = "b-1", **fields: Any) -> Answer:
    return await client.request("order", batch_id=batch_id, verb="ship", origin="test", intents=wire(orders), **fields)


async def audit_of(running: Served) -> list[tuple[str, str, str]]:
    async with await Reader.open(running.made.data_dir) as reader:
        return [(row.what, row.target, row.detail) for row in await reader.audit(50, None)]


async def test_hello_says_who_we_are(running: Served, client: EngineClient) -> None:
    assert client.hello.role == "admin" and not client.hello.shared
    assert client.hello.started_at == running.engine.started_at
    assert client.hello.allowed == frozenset(Verb)
    assert "ship" in client.hello.can["tiktok"] and "seller note" in client.hello.never[("tiktok", "note")]
    answer = await client.request("status")
    assert {lane["store_id"] for lane in answer.body["lanes"]} == {store.store_id for store in running.made.stores}
    assert answer.body["budgets"] and answer.body["queue"] == {} and answer.body["alerts"] == []


async def test_an_order_goes_its_way(running: Served, client: EngineClient) -> None:
    orders = await orders_of(running, 3)
    answer = await ship(client, orders)
    assert answer.ok and answer.body["accepted"] == 3 and answer.body["refused"] == []
    assert answer.body["release_at"] == running.engine.house.now() + 10
    intents = await running.settled(client, "b-1")
    assert {intent.state for intent in intents} == {IntentState.DONE}
    assert sorted(shipped(running.made.live)) == sorted(order.packages[0].package_id for order in orders)
    assert (await client.request("ack", batch_id="b-1")).body == {"acked": 3}
    assert await running.engine.house.writer.unacked() == []
    assert ("order ship", "b-1", "3 targets, 0 refused before") in await audit_of(running)
    assert (await client.request("verify_audit")).body["broken_at"] is None


async def test_the_same_batch_again_gets_the_same_answer_and_orders_nothing(
    running: Served, client: EngineClient
) -> None:
    orders = await orders_of(running, 2)
    first = await ship(client, orders)
    assert (await ship(client, orders)).body == first.body
    await running.settled(client, "b-1")
    # Even when the orders could not be ordered any more.
    again = await ship(client, orders)
    assert again.body["intent_ids"] == first.body["intent_ids"] and again.body["refused"] == []
    assert set(shipped(running.made.live).values()) == {1}


async def test_two_cockpits_and_one_package(running: Served, client: EngineClient) -> None:
    orders = await orders_of(running, 2)
    async with await running.connect() as other:
        first, second = await asyncio.gather(ship(client, orders, "mine"), ship(other, orders, "yours"))
    reasons = [item["reason"] for item in (*first.body["refused"], *second.body["refused"])]
    assert reasons == ["open_intent"] * 2
    assert first.body["accepted"] + second.body["accepted"] == 2
    await running.settled(client, "mine")
    await running.settled(client, "yours")
    assert set(shipped(running.made.live).values()) == {1}


async def test_what_cannot_be_ordered_is_refused_one_by_one(running: Served, client: EngineClient) -> None:
    good, held, asked, other = await orders_of(running, 4)
    await client.request("hold", orders=[[held.store_id, held.order_no]], on=True)
    running.made.live.poke("buyer_cancel_request", order_id=asked.order_no)
    await client.request("order_refresh", store_id=asked.store_id, order_no=asked.order_no)
    writer = running.engine.house.writer
    open_orders = await writer.orders_by_no(good.store_id, sorted(await writer.open_order_nos(good.store_id)))
    gone = next(order for order in open_orders if order.status is Status.TO_HAND_OVER and order.packages)
    seller = next(order for order in open_orders if order.shipping_type is ShippingType.SELLER)
    package = {"target_id": good.packages[0].package_id}
    intents = [
        *wire([good]),
        *wire([held]),
        *wire([asked]),
        *wire([gone]),
        *wire([other], target_id="1"),
        *wire([other], order_no="577", **package),
        *wire([other], store_id="tt-xx-9", **package),
        *wire([seller], **({} if seller.packages else package)),
    ]
    answer = await client.request("order", batch_id="b-1", verb="ship", origin="test", intents=intents)
    reasons = {item["index"]: item["reason"] for item in answer.body["refused"]}
    assert answer.body["accepted"] == 1
    assert {index: reasons[index] for index in (1, 2, 4, 5, 6)} == {
        1: "held",
        2: "cancel_requested",
        4: "unknown_package",
        5: "unknown_order",
        6: "unknown_store",
    }
    assert {3, 7} <= set(reasons)
    assert all(item["say"].endswith(".") for item in answer.body["refused"])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"batch_id": ""}, "batch_id"),
        ({"batch_id": "x" * 500}, "batch_id is longer"),
        ({"verb": "explode"}, "it knows: ship"),
        ({"intents": []}, "intents"),
        ({"intents": "all"}, "intents"),
        ({"intents": [3]}, "object"),
        ({"intents": [{"store_id": "a", "order_no": "b", "target_kind": "planet", "target_id": "c"}]}, "target_kind"),
        ({"hold_s": -1}, "hold_s"),
        ({"args": {"method": "THROW"}}, "PICKUP or DROP_OFF"),
        ({"args": {"slot_start_at": 5}}, "slot_end_at"),
        ({"args": {"slot_start_at": 9, "slot_end_at": 5}}, "end after it starts"),
        ({"args": {"colour": "red"}}, "colour"),
    ],
)
async def test_a_malformed_order_is_refused_with_the_field(
    running: Served, client: EngineClient, fields: dict[str, Any], words: str
) -> None:
    arguments = fields.pop("args", {})
    intents = wire(await orders_of(running, 1), args=arguments)
    answer = await client.request("order", **{"batch_id": "b-1", "verb": "ship", "intents": intents, **fields})
    assert not answer.ok and answer.reason == "bad_request" and words in answer.say
    assert await running.engine.house.writer.open_intents() == []


async def test_taken_back_in_time_and_too_late(running: Served, client: EngineClient) -> None:
    orders = await orders_of(running, 3)
    answer = await ship(client, orders)
    first = answer.body["intent_ids"][0]
    taken = await client.request("take_back", intent_ids=[first])
    assert taken.body == {"taken": [first], "gone": [], "taken_targets": 1, "gone_targets": 0}
    await running.settled(client, "b-1")
    late = await client.request("take_back", batch_id="b-1")
    assert late.body["taken"] == [] and len(late.body["gone"]) == 3
    assert len(shipped(running.made.live)) == 2


async def test_a_hold_stops_what_has_not_left(running: Served, client: EngineClient) -> None:
    orders = await orders_of(running, 2)
    await ship(client, orders)
    target = [orders[0].store_id, orders[0].order_no]
    assert (await client.request("hold", orders=[target], on=True, reason="ask Mei")).body == {"changed": [target]}
    intents = await running.settled(client, "b-1")
    assert [intent.state for intent in intents] == [IntentState.FAILED, IntentState.DONE]
    assert intents[0].cause is not None and intents[0].cause.id is CauseId.HELD
    assert (await client.request("hold", orders=[target], on=False)).body == {"changed": [target]}
    kept = [(what, detail) for what, _, detail in await audit_of(running)]
    assert ("hold", "ask Mei") in kept and ("release", "") in kept


async def test_a_failure_is_retried_as_a_new_intent_and_counts_as_seen(running: Served, client: EngineClient) -> None:
    (order,) = await orders_of(running, 1)
    package = order.packages[0].package_id
    running.made.live.poke("flaw", package_id=package, kind="frozen")
    await ship(client, [order])
    (failed,) = await running.settled(client, "b-1")
    assert failed.state is IntentState.FAILED
    running.made.live.poke("flaw", package_id=package, kind=None)
    answer = await client.request("retry", intent_ids=[failed.intent_id], args={"method": "PICKUP"})
    assert answer.body["accepted"] == 1
    (again,) = await running.settled(client, answer.body["batch_id"])
    assert again.state is IntentState.DONE
    assert again.retry_of == failed.intent_id and again.args == {"method": "PICKUP"}
    assert await running.engine.house.writer.unacked() == [again.batch_id]
    refused = await client.request("retry", intent_ids=[again.intent_id])
    assert refused.reason == "not_failed"


async def test_giving_up(running: Served, client: EngineClient) -> None:
    order, other = await orders_of(running, 2)
    running.made.live.poke("flaw", package_id=order.packages[0].package_id, kind="frozen")
    await ship(client, [order])
    (failed,) = await running.settled(client, "b-1")
    waiting = (await ship(client, [other], "b-2")).body["intent_ids"]
    answer = await client.request("drop", intent_ids=[failed.intent_id, *waiting])
    assert answer.body["taken"] == waiting
    assert await running.engine.house.writer.unacked() == []


async def test_a_person_decides_once(running: Served, client: EngineClient) -> None:
    writer, orders = running.engine.house.writer, await orders_of(running, 1)
    (intent_id,) = (await ship(client, orders, hold_s=3000)).body["intent_ids"]
    refused = await client.request("settle", intent_id=intent_id, done=True)
    assert refused.reason == "not_open" and refused.body["state"] == "held"
    now = running.engine.house.now()
    for state in (IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN, IntentState.NEEDS_PERSON):
        await writer.move([intent_id], state, now=now, sent_at=now, look_at=now + 9000)
    assert (await client.request("settle", intent_id=intent_id, done=False)).body == {"state": "not_done"}
    (found,) = await writer.batch("b-1")
    assert found.evidence is not None and found.evidence["decided_by"] == client.hello.operator
    assert (await client.request("settle", intent_id=intent_id, done=True)).reason == "not_open"
    assert any(what == "settle" and detail == "it was not done" for what, _, detail in await audit_of(running))


async def test_the_desk(running: Served, client: EngineClient) -> None:
    (order,) = await orders_of(running, 1)
    target = [order.store_id, order.order_no]
    assert (await client.request("claim", orders=[target], on=True)).body == {"changed": [target]}
    assert (await client.request("tag", orders=[target], tag="Gift Wrap", on=True)).body == {"changed": [target]}
    assert (await client.request("note", order=target, text="call \x1b[31mfirst")).ok
    shown = await client.request("reveal", store_id=order.store_id, order_no=order.order_no)
    assert shown.ok and shown.body["name"] and isinstance(shown.body["masked"], bool)
    (row_id,) = await running.engine.house.writer.row_ids([(order.store_id, order.order_no)])
    async with await Reader.open(running.made.data_dir) as reader:
        detail = await reader.order(row_id, running.engine.house.now())
    assert detail is not None
    assert detail.row.claimed_by == client.hello.operator and detail.row.tags == ("gift-wrap",)
    assert [note.text for note in detail.notes] == ["call first"]
    assert len(detail.reveals) == 1
    words = {what for what, _, _ in await audit_of(running)}
    assert {"claim", "tag", "note", "reveal buyer"} <= words
    assert not any("first" in detail for _, _, detail in await audit_of(running))
    assert (await client.request("tag", orders=[target], tag=" ", on=True)).reason == "bad_request"


async def test_questions_to_the_marketplace(running: Served, client: EngineClient) -> None:
    (order,) = await orders_of(running, 1)
    targets = [[order.store_id, order.packages[0].package_id]]
    options = (await client.request("handover", targets=targets)).body["options"][order.store_id]
    assert options["honoured"] is False and all(len(slot) == 3 for slot in options["slots"])
    running.made.live.poke("set_status", order_id=order.order_no, status="arranged")
    refreshed = await client.request("order_refresh", store_id=order.store_id, order_no=order.order_no)
    assert refreshed.body == {"read": 1, "set_aside": 0}
    (found,) = await running.engine.house.writer.orders_by_no(order.store_id, [order.order_no])
    assert found.status is Status.TO_HAND_OVER
    assert (await client.request("tracking", store_id=order.store_id, order_no=order.order_no)).ok
    assert (await client.request("order_refresh", store_id=order.store_id, order_no="577")).reason == "unknown_order"
    running.made.live.faults.replace([{"match": {}, "do": {"status": 503}}])
    broken = await client.request("tracking", store_id=order.store_id, order_no=order.order_no)
    assert broken.reason == "marketplace"
    assert "unsupported" in (await client.request("handover", targets=targets)).body["options"][order.store_id]


async def test_stores_are_paused_and_looked_at_on_demand(running: Served, client: EngineClient) -> None:
    store = running.made.stores[0]
    number = running.made.live.poke("new_orders", shop_id=store.shop_id)["order_ids"][0]
    assert (await client.request("pause_store", store_id=store.store_id, on=True)).body == {"paused": True}
    assert (await client.request("sync_now")).body == {"asked": 2}
    assert (await client.request("pause_store", store_id=store.store_id, on=False)).ok
    while not await running.engine.house.writer.orders_by_no(store.store_id, [number]):
        await client.request("sync_now", store_ids=[store.store_id])
        await client.next_notice()
    assert (await client.request("sync_now", store_ids=["tt-xx-9"])).reason == "unknown_store"


async def test_an_alert_is_seen(running: Served, client: EngineClient) -> None:
    await running.engine.house.alerts.put("gap", "tt-th-1", here="1", there="2")
    while not (await client.next_notice()).alerts:
        pass
    assert (await client.request("see_alert", alert_id="gap:tt-th-1")).body == {"seen": True}
    assert await running.engine.house.writer.alerts() == []


async def test_a_full_disk_is_said_and_nothing_is_promised(running: Served, client: EngineClient) -> None:
    ledger = running.engine.house.writer._ledger
    pages = await ledger.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await ledger.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    target = ["tt-th-1", "577"]
    while (await client.request("note", order=target, text="x" * 2000)).ok:
        pass
    promised: list[int] = []
    for round_ in range(200):
        # What is left of half-filled pages takes a few more.
        orders = await orders_of(running, 40)
        answer = await ship(client, orders, f"b-{round_}", hold_s=3000)
        if not answer.ok:
            break
        promised += answer.body["intent_ids"]
        await client.request("take_back", batch_id=f"b-{round_}")
    assert answer.reason == "disk_full" and "disk is full" in answer.say
    assert await running.engine.house.writer.batch(f"b-{round_}") == []
    assert len(await running.engine.house.writer.intents(promised)) == len(promised)
    assert any(alert["kind"] == "disk_full" for alert in (await client.request("status")).body["alerts"])
    await ledger.run(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone())
    assert (await ship(client, orders, "later")).ok


async def test_hello_comes_first_and_bad_lines_end_the_connection(running: Served) -> None:
    path = str(running.made.data_dir.socket)
    for line, reason in [
        (encode({"id": 1, "do": "status"}), "hello_first"),
        (b"[1]\n", "bad_request"),
        (b"\xff\xfe\n", "bad_request"),
        (b"x" * (LINE_MAX + 10) + b"\n", "bad_request"),
        (encode({"id": 1, "do": "hello", "protocol": "1", "schema": 1}), "bad_request"),
    ]:
        reader, writer = await asyncio.open_unix_connection(path)
        with contextlib.suppress(ConnectionError):
            writer.write(line)
            await writer.drain()
        answer = decode(await reader.readline())
        assert answer["no"]["reason"] == reason
        writer.close()


async def test_what_is_not_known_is_refused(running: Served, client: EngineClient) -> None:
    for do in ("fly", None, 3, ["order"]):
        answer = await client.request(do)  # type: ignore[arg-type]  # on purpose: what strange clients send
        assert answer.reason == "unknown_request"


async def test_an_old_cockpit_is_told(running: Served) -> None:
    with pytest.raises(Refused) as caught:
        await EngineClient.connect(running.made.data_dir, protocol=PROTOCOL - 1)
    assert caught.value.reason == "cockpit_too_old"
    assert not running.engine.stopping


async def test_an_old_engine_gives_way_to_a_newer_cockpit(running: Served, client: EngineClient) -> None:
    with pytest.raises(Refused) as caught:
        await EngineClient.connect(running.made.data_dir, protocol=PROTOCOL + 1)
    assert caught.value.reason == "engine_too_old"
    assert running.engine.stopping
    assert (await client.request("sync_now")).reason == "engine_stopping"


async def refusal_of(requests: Requests, session: Session, message: dict[str, Any]) -> str:
    """The reason for which a request is refused, "" when it is granted."""
    try:
        await requests.handle(session, message)
    except Refusal as refusal:
        return refusal.reason
    return ""


@pytest.mark.parametrize("role", list(Role))
async def test_roles_are_kept(running: Served, role: Role) -> None:
    requests = Requests(running.engine)
    session = Session(Peer(1, 1001, "an", (), "pts/7"), role)
    refused = set()
    for do in ("status", "sync_now", "reveal", "pause_store", "stop"):
        message = {"do": do, "store_id": running.made.stores[0].store_id, "order_no": "1", "on": False}
        if await refusal_of(requests, session, message) == "not_allowed":
            refused.add(do)
    least = {"sync_now": Role.PACKER, "reveal": Role.AGENT, "pause_store": Role.MANAGER, "stop": Role.ADMIN}
    assert refused == {do for do, needed in least.items() if role < needed}


async def test_who_has_no_role_is_refused_at_the_door(running: Served) -> None:
    running.engine.house.config = Config(roles={"@packers": "packer"})
    requests = Requests(running.engine)
    hello = {"do": "hello", "protocol": PROTOCOL, "schema": SCHEMA}
    with pytest.raises(Refusal) as caught:
        await requests.handle(Session(Peer(1, 1001, "eve", ("users",), "")), hello)
    assert caught.value.reason == "not_allowed"
    session = Session(Peer(1, 1002, "bo", ("packers",), ""))
    assert (await requests.handle(session, hello))["role"] == "packer"
    # A newer program of somebody who may not stop the engine does not stop it.
    with pytest.raises(Refusal, match="administrator"):
        await requests.handle(Session(Peer(1, 1002, "bo", ("packers",), "")), {**hello, "protocol": PROTOCOL + 1})
    assert not running.engine.stopping


async def test_notices_are_merged_while_nobody_reads(running: Served, client: EngineClient) -> None:
    hub = running.engine.house.hub
    for number in range(500):
        hub.publish(Changed(orders=(number,), batches=("b",)))
    seen: set[int] = set()
    notices = 0
    while len(seen) < 500:
        changed = await client.next_notice()
        notices += 1
        seen.update(changed.orders or ())
    assert seen == set(range(500)) and notices < 20
    for number in range(NOTICE_ROWS_MAX + 1):
        hub.publish(Changed(orders=(number,)))
    while (await client.next_notice()).orders is not None:
        pass


async def test_a_client_that_never_reads_is_dropped_and_the_others_go_on(made: Bench) -> None:
    async with served(made, unread_s=0.05) as running, await running.connect() as client:
        await client.subscribe()
        reader, writer = await asyncio.open_unix_connection(str(made.data_dir.socket))
        writer.write(encode({"id": 1, "do": "hello", "protocol": PROTOCOL, "schema": SCHEMA}))
        writer.write(encode({"id": 2, "do": "subscribe"}))
        while b'"id":2' not in await reader.readline():
            pass
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a client whose terminal has stalled
        before = running.engine.house.hub.subscribers
        while running.engine.house.hub.subscribers == before:
            running.engine.house.hub.publish(Changed(orders=tuple(range(NOTICE_ROWS_MAX))))
            await client.next_notice()
        assert (await client.request("status")).ok
        writer.close()


async def test_a_client_learns_that_the_engine_has_gone(made: Bench) -> None:
    async with served(made) as running:
        client = await running.connect()
        assert (await client.request("stop", drain=False)).ok
        assert running.engine.stopping
    with pytest.raises(EngineGone):
        await client.next_notice()
    with pytest.raises(EngineGone):
        await client.request("status")
    with pytest.raises(EngineGone):
        await EngineClient.connect(made.data_dir)
    await client.close()
