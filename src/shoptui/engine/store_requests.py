"""Owns the requests that look at stores and at the engine itself, and those that ask a marketplace something now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shoptui.adapters.base import AdapterError, HandoverOptions, OrderPage
from shoptui.engine.app_requests import reread
from shoptui.engine.fields import Refusal, flag, pairs, text, texts
from shoptui.engine.intake import take_in
from shoptui.engine.order_requests import audit
from shoptui.engine.sign_in_requests import check_name, store_of
from shoptui.engine.tenants import remove_store, rename_store
from shoptui.protocol import Changed

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.lanes import Lane
    from shoptui.engine.requests import Session


async def status(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine does: its lanes, its call budget, what waits, and the alerts that stand."""
    house = engine.house
    waiting: dict[str, int] = {}
    for intent in await house.writer.open_intents():
        waiting[intent.state.value] = waiting.get(intent.state.value, 0) + 1
    return {
        "started_at": engine.started_at,
        "stopping": engine.stopping,
        "now": house.now(),
        "lanes": [lane.status() for lane in engine.lanes.values()],
        "queue": waiting,
        "budgets": [
            {
                "app": row.app,
                "marketplace": row.marketplace,
                "feed": row.feed,
                "last_minute": row.last_minute,
                "today": row.today,
                "refused_today": row.refused_today,
            }
            for row in house.budget.snapshot()
        ],
        "clocks": [
            {"marketplace": row.marketplace, "off_s": row.off_s, "seen_at": row.seen_at}
            for row in house.budget.clocks()
        ],
        "alerts": [
            {"alert_id": alert.alert_id, "kind": alert.kind, "args": dict(alert.args)}
            for alert in house.alerts.standing()
        ],
        "clients": house.hub.subscribers,
    }


async def sync_now(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Look for changes now, in some stores or in all."""
    wanted = texts(message, "store_ids") if message.get("store_ids") else list(engine.lanes)
    lanes = [engine.lane(store_id) for store_id in wanted]
    for lane in lanes:
        lane.sync_now()
    return {"asked": len(lanes)}


async def pause_store(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Stop or resume all calls for a store. What is ordered meanwhile waits."""
    store_id, on = (await store_of(engine, text(message, "store_id"))).store_id, flag(message, "on")
    await audit(engine, session, "pause store" if on else "resume store", store_id, "")
    if await engine.house.writer.set_paused(store_id, on):
        await engine.reload_store(store_id)
        engine.house.hub.publish(Changed(stores=True))
    return {"paused": on}


async def store_remove(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Let a store go, with `sure` only; without it say what waits there. What waits is given up.

    A parcel that may be on its way to the marketplace is put before a person: only the seller's account can tell.
    """
    store = await store_of(engine, text(message, "store_id"))
    waiting: dict[str, int] = {}
    for intent in await engine.house.writer.open_intents(store.store_id):
        waiting[intent.state.value] = waiting.get(intent.state.value, 0) + 1
    if not flag(message, "sure", default=False):
        return {"removed": False, "queue": waiting}
    said = ", ".join(f"{count} {state}" for state, count in sorted(waiting.items())) or "nothing"
    await audit(engine, session, "remove store", store.store_id, f"{store.shop_id}, {said} waited")
    await remove_store(engine, store)
    return {"removed": True, "queue": waiting}


async def store_rename(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Give a store another short name; refused while something is on its way there."""
    house = engine.house
    reread(engine)
    store, new_id = await store_of(engine, text(message, "store_id")), text(message, "new_id")
    check_name(new_id, await house.writer.stores())
    waiting = len(await house.writer.open_intents(store.store_id))
    if waiting:
        raise Refusal(
            "busy", f"{waiting} orders are on their way in {store.store_id}: rename it when they are settled."
        )
    if house.config.stores.get(store.store_id) != house.config.stores.get(new_id):
        raise Refusal(
            "settings_differ",
            f"The settings have [stores.{store.store_id}] for its proxy or user agent: copy that section to "
            f"[stores.{new_id}] first, so that its calls go on leaving the same way.",
        )
    await audit(engine, session, "rename store", store.store_id, new_id)
    await rename_store(engine, store, new_id)
    return {"store_id": new_id}


async def handover(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """How packages can be handed over: asked for one package of each store, since slots belong to the warehouse."""
    first: dict[str, str] = {}
    for store_id, package_id in pairs(message, "targets"):
        first.setdefault(store_id, package_id)
    lanes = {store_id: engine.lane(store_id) for store_id in first}
    answers = await asyncio.gather(*(_options(lane, first[store_id]) for store_id, lane in lanes.items()))
    return {"options": dict(zip(lanes, answers, strict=True))}


async def order_refresh(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Read one order with its packages again now."""
    house, lane, order_no = engine.house, engine.lane(text(message, "store_id")), text(message, "order_no")
    page = await lane.market.orders_by_no(lane.store, [order_no])
    if not page.orders and not page.set_aside:
        raise Refusal("unknown_order", f"{lane.store.store_id} has no order {order_no} at the marketplace.")
    orders = tuple([await lane.market.order_packages(lane.store, order) for order in page.orders])
    await take_in(house, lane.market, lane.store, OrderPage(orders, page.set_aside))
    return {"read": len(orders), "set_aside": len(page.set_aside)}


async def tracking(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """The carrier's events of one order, oldest first."""
    lane, order_no = engine.lane(text(message, "store_id")), text(message, "order_no")
    events = await lane.market.tracking(lane.store, order_no)
    return {"events": [{"at": event.at, "what": event.what, "detail": event.detail} for event in events]}


async def stop(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """End the engine: with `drain` what is on its way is finished first, without it is settled at the next start."""
    drain = flag(message, "drain", default=True)
    await audit(engine, session, "stop engine", "engine", "finishing calls" if drain else "at once")
    engine.stop(f"{session.operator} asked", at_once=not drain)
    return {}


async def _options(lane: Lane, package_id: str) -> dict[str, Any]:
    try:
        found = await lane.market.handover_options(lane.store, package_id)
    except AdapterError as error:
        # One store that does not answer must not keep the others' slots from the operator.
        return {"unsupported": error.message}
    if not isinstance(found, HandoverOptions):
        return {"unsupported": found.reason}
    return {
        "can_pickup": found.can_pickup,
        "can_drop_off": found.can_drop_off,
        "honoured": found.honoured,
        "slots": [[slot.start_at, slot.end_at, slot.available] for slot in found.slots],
    }
