"""Owns the requests about what operators put on orders (holds, claims, tags, notes), reveals, alerts and the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shoptui.domain.intents import Cause, CauseId, IntentState
from shoptui.engine.admission import STOPPED_BY_HOLD
from shoptui.engine.fields import NOTE_MAX, Refusal, flag, optional_text, pair, pairs, text
from shoptui.engine.order_requests import audit, names_of, tell_intents
from shoptui.protocol import Changed
from shoptui.text import sanitise, sanitise_cell

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session

OrderKey = tuple[str, str]
_TAG_MAX = 32


async def hold(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Hold orders back, or release them. What was ordered on a held order and has not left fails with that cause."""
    house, targets, on = engine.house, pairs(message, "orders"), flag(message, "on")
    reason = sanitise_cell(optional_text(message, "reason", longest=NOTE_MAX))
    await audit(engine, session, "hold" if on else "release", names_of(targets), reason)
    changed = await house.writer.hold(targets, session.operator, on, house.now())
    if on:
        await _stop_waiting(engine, session, set(targets))
    await engine.tell_orders(changed)
    return {"changed": [list(target) for target in changed]}


async def claim(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Take orders on for a while, or give up one's own claims; a colleague's claim is taken over."""
    house, targets, on = engine.house, pairs(message, "orders"), flag(message, "on")
    await audit(engine, session, "claim" if on else "unclaim", names_of(targets), "")
    changed = await house.writer.claim(targets, session.operator, on, house.now())
    await engine.tell_orders(changed)
    return {"changed": [list(target) for target in changed]}


async def tag(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Put a tag of ours on orders, or take it off."""
    house, targets, on = engine.house, pairs(message, "orders"), flag(message, "on")
    name = sanitise_cell(text(message, "tag", longest=_TAG_MAX))
    if not name:
        raise Refusal("bad_request", "A tag needs at least one letter.")
    await audit(engine, session, "tag" if on else "untag", names_of(targets), name)
    changed = await house.writer.tag(targets, name, session.operator, on, house.now())
    await engine.tell_orders(changed)
    return {"changed": [list(target) for target in changed]}


async def note(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Add a note of ours to an order. The audit log names the order, not the note's words."""
    house, target = engine.house, pair(message, "order")
    words = sanitise(text(message, "text", longest=NOTE_MAX)).strip()
    if not words:
        raise Refusal("bad_request", "The note has no readable character.")
    await audit(engine, session, "note", names_of([target]), "")
    note_id = await house.writer.note(target, session.operator, words, house.now())
    await engine.tell_orders([target])
    return {"note_id": note_id}


async def reveal(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """A buyer's full name, phone and address. Written to the audit log before they are shown."""
    house = engine.house
    store_id, order_no = text(message, "store_id"), text(message, "order_no")
    await audit(engine, session, "reveal buyer", names_of([(store_id, order_no)]), "")
    recipient = await house.writer.vault_recipient(store_id, order_no)
    if recipient is None:
        cached = await house.writer.orders_by_no(store_id, [order_no])
        if not cached:
            raise Refusal("unknown_order", f"{store_id} has no order {order_no} in the cache.")
        recipient = cached[0].recipient
    return {
        "name": recipient.name,
        "phone": recipient.phone,
        "street": recipient.street,
        "city": recipient.city,
        "postal_code": recipient.postal_code,
        "region": recipient.region,
        # The marketplace hides the rest: there is nothing more to be revealed.
        "masked": recipient.masked,
    }


async def see_alert(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """An operator has seen an alert; it is not shown again while its condition lasts."""
    alert_id = text(message, "alert_id")
    seen = await engine.house.writer.see_alert(alert_id, session.operator, engine.house.now())
    engine.house.hub.publish(Changed(alerts=True))
    return {"seen": seen}


async def verify_audit(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Check the audit log's chain; `broken_at` is the number of the first entry that does not fit, or null."""
    return {"broken_at": await engine.check_audit(), "checked_at": engine.house.now()}


async def _stop_waiting(engine: Engine, session: Session, targets: set[OrderKey]) -> None:
    """Fail what waits on orders that were just put on hold; what has left cannot be called back."""
    waiting = [
        intent.intent_id
        for store_id in sorted({target[0] for target in targets})
        for intent in await engine.house.writer.open_intents(store_id)
        if (intent.store_id, intent.order_no) in targets
        and intent.state in (IntentState.HELD, IntentState.QUEUED)
        and intent.verb in STOPPED_BY_HOLD
    ]
    if not waiting:
        return
    cause = Cause(CauseId.HELD, message=session.operator)
    moved = await engine.house.writer.move(waiting, IntentState.FAILED, now=engine.house.now(), cause=cause)
    await tell_intents(engine, moved)
