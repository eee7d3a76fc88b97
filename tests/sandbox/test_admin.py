"""The admin endpoints: clocks, journal, settings, pokes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.sandbox.clock import ClockError, Clocks
from shoptui.sandbox.testing import running_sandbox
from shoptui.sandbox.world.model import OrderStatus

from .caller import START_AT, Caller


async def _post(caller: Caller, what: str, body: Any) -> tuple[int, dict[str, Any]]:
    response = await caller.client.post(f"{caller.sandbox.admin_url}/{what}", json=body)
    return response.status_code, response.json()


async def test_health_tells_the_size_and_the_clocks(caller: Caller) -> None:
    health = (await caller.client.get(f"{caller.sandbox.admin_url}/health")).json()
    assert (health["ok"], health["stores"], health["orders"]) == (True, 6, 640)
    assert health["world_at"] == START_AT and health["frozen"] is True


async def test_the_clock_advances_and_never_goes_back(caller: Caller) -> None:
    held = caller.orders(OrderStatus.ON_HOLD)
    status, state = await _post(caller, "clock", {"advance_s": 3600})
    assert (status, state["world_at"]) == (200, START_AT + 3600)
    assert {order.status for order in held} == {OrderStatus.TO_SHIP}
    for bad in ({"advance_s": -1}, {"offset_s": state["offset_s"] - 100}, {}, {"speed": 2}, {"advance_s": "1"}, [1]):
        status, answer = await _post(caller, "clock", bad)
        assert status == 400 and answer["error"].endswith(".")
    status, state = await _post(caller, "clock", {"offset_s": state["offset_s"] + 100})
    assert status == 200 and 0 <= state["world_at"] - (START_AT + 3700) <= 2
    status, state = await _post(caller, "clock", {"freeze": False})
    assert state["frozen"] is False


def test_world_time_runs_with_the_wire_unless_frozen() -> None:
    wire = [1000.0]
    clocks = Clocks(lambda: wire[0], start_at=5000)
    wire[0] += 7
    assert (clocks.world_now(), clocks.offset_s) == (5007, 4000)
    clocks.freeze()
    wire[0] += 100
    assert clocks.world_now() == 5007
    clocks.advance(3)
    clocks.thaw()
    wire[0] += 1
    assert clocks.world_now() == 5011
    with pytest.raises(ClockError, match="past"):
        clocks.set_offset(0)


async def test_world_time_is_real_time_unless_told_otherwise(http: httpx.AsyncClient) -> None:
    async with running_sandbox(stores=1, orders=3, wire=lambda: 1_800_000_000.0) as live:
        assert live.world.clocks.world_now() == 1_800_000_000
        assert live.clocks.offset_s == 0


async def test_the_journal_is_read_from_a_number_on(caller: Caller) -> None:
    first, second = caller.shippable()[:2]
    for package in (first, second, first):
        await caller.ship(package.id)
    url = f"{caller.sandbox.admin_url}/journal"
    rows = (await caller.client.get(url)).json()
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert rows[2] == {
        "seq": 3,
        "world_at": START_AT,
        "wire_at": rows[2]["wire_at"],
        "marketplace": "tiktok",
        "shop_id": caller.shop.id,
        "op": "ship",
        "target": first.id,
        "order_id": first.orders[0].id,
        "effect": "already",
        "code": 21011020,
        "request_id": rows[2]["request_id"],
        "text": "",
    }
    assert (await caller.client.get(url, params={"since": "2"})).json() == rows[2:]
    assert (await caller.client.get(url, params={"since": "x"})).status_code == 400


async def test_reading_leaves_no_trace_in_the_journal(caller: Caller) -> None:
    await caller.search()
    await caller.get("/logistics/202309/warehouses")
    assert caller.sandbox.journal() == []


async def test_settings_change_together_or_not_at_all(caller: Caller) -> None:
    status, values = await _post(caller, "settings", {"tracking_delay_s": 60, "label_delay_s": 0})
    assert status == 200 and (values["tracking_delay_s"], values["label_delay_s"]) == (60, 0)
    for bad in ({"label_delay_s": 9, "nope": 1}, {"label_delay_s": -1}, {"collect_min_s": 10**9}, []):
        status, _ = await _post(caller, "settings", bad)
        assert status == 400
    assert caller.sandbox.settings.label_delay_s == 0
    package = caller.shippable()[0]
    await caller.ship(package.id)
    caller.sandbox.advance(59)
    assert (await caller.package(package.id))["tracking_number"] == ""
    caller.sandbox.advance(1)
    assert (await caller.package(package.id))["tracking_number"] != ""


async def test_new_orders_appear_at_the_top_of_the_search(caller: Caller) -> None:
    caller.sandbox.advance(60)
    _, made = await _post(caller, "world", {"do": "new_orders", "shop_id": caller.shop.id, "count": 3})
    rows = (await caller.search(page_size="3")).data["orders"]
    assert {row["id"] for row in rows} == set(made["order_ids"])


@pytest.mark.parametrize("wanted", ["to_ship", "arranged", "in_transit", "delivered", "completed"])
async def test_an_order_can_be_brought_forward(caller: Caller, wanted: str) -> None:
    for status in (OrderStatus.UNPAID, OrderStatus.TO_SHIP):
        order = caller.for_region("US").orders(status)[0]
        if wanted == "to_ship" and status is OrderStatus.TO_SHIP:
            continue
        answer, state = await _post(caller, "world", {"do": "set_status", "order_id": order.id, "status": wanted})
        assert (answer, state.get("status")) == (200, wanted), state


@pytest.mark.parametrize(
    "poke",
    [
        {"do": "dance"},
        {},
        [],
        {"do": "cancel_order"},
        {"do": "collect", "package_id": "1"},
        {"do": "revoke_token", "shop_id": "1"},
        {"do": "new_orders", "count": -1},
        {"do": "revoke_scope", "scope": "nothing"},
    ],
)
async def test_pokes_that_make_no_sense_are_explained(caller: Caller, poke: Any) -> None:
    status, answer = await _post(caller, "world", poke)
    assert status == 400 and answer["error"].endswith(".")


async def test_pokes_respect_the_state_of_things(caller: Caller) -> None:
    done = caller.orders(OrderStatus.COMPLETED)[0]
    waiting = caller.shippable()[0]
    for poke in (
        {"do": "cancel_order", "order_id": done.id},
        {"do": "buyer_cancel_request", "order_id": done.id},
        {"do": "set_status", "order_id": done.id, "status": "to_ship"},
        {"do": "withdraw_cancel", "order_id": waiting.orders[0].id},
        {"do": "collect", "package_id": waiting.id},
        {"do": "deliver", "package_id": waiting.id},
        {"do": "malform_order", "order_id": done.id, "how": "thoroughly"},
        {"do": "flaw", "package_id": waiting.id, "kind": "haunted"},
    ):
        assert (await _post(caller, "world", poke))[0] == 400, poke
