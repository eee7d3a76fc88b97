"""Owns the requests about conversations: who has them, supervisors, snoozing, done, notes, orders, reading anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shoptui.adapters.base import Unsupported
from shoptui.domain.clocks import HOUR_S
from shoptui.engine.fields import (
    ID_MAX,
    NOTE_MAX,
    Refusal,
    flag,
    optional_text,
    optional_whole,
    pair,
    pairs,
    text,
)
from shoptui.engine.order_requests import audit, names_of
from shoptui.text import sanitise, sanitise_cell

if TYPE_CHECKING:
    from shoptui.engine.core import Engine, ThreadKey
    from shoptui.engine.requests import Session

#: The longest an operator's name may be.
_OPERATOR_MAX = 64
#: The longest a conversation may sleep, or an escalation may wait, seconds.
_FURTHEST_S = 366 * 24 * HOUR_S


async def assign(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Give conversations to somebody; without `to` to nobody."""
    targets, to = await _threads(engine, message), _operator(message, "to")
    await audit(engine, session, "assign", names_of(targets), to or "nobody")
    changed = await engine.house.writer.threads.assign(targets, to, session.operator, engine.house.now())
    return await _told(engine, changed)


async def escalate(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Put conversations before a supervisor with a reason and a clock; `on` false ends that."""
    house, targets = engine.house, await _threads(engine, message)
    now = house.now()
    if not flag(message, "on", default=True):
        await audit(engine, session, "end escalation", names_of(targets), "")
        changed = await house.writer.threads.escalate(targets, "", session.operator, now)
        return await _told(engine, changed)
    to = _operator(message, "to") or house.config.inbox.supervisor
    if not to:
        raise Refusal("no_supervisor", "Say to whom: no supervisor is set (inbox.supervisor in the settings).")
    reason = sanitise_cell(text(message, "reason", longest=NOTE_MAX))
    if not reason:
        raise Refusal("bad_request", "An escalation needs a reason: what shall the supervisor decide?")
    due_at = _moment(message, "due_at", now)
    if due_at is None:
        due_at = now + house.config.inbox.escalation_h * HOUR_S
    await audit(engine, session, "escalate", names_of(targets), f"to {to}")
    changed = await house.writer.threads.escalate(targets, to, session.operator, now, reason=reason, due_at=due_at)
    return {**await _told(engine, changed), "to": to, "due_at": due_at}


async def snooze(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Let conversations sleep until a moment, until the buyer writes, or whichever is first; neither wakes them."""
    house, targets = engine.house, await _threads(engine, message)
    now = house.now()
    until, for_buyer = _moment(message, "until", now), flag(message, "for_buyer", default=False)
    said = [f"until {until}"] if until is not None else []
    said += ["until the buyer writes"] if for_buyer else []
    await audit(engine, session, "snooze" if said else "wake", names_of(targets), ", ".join(said))
    changed = await house.writer.threads.snooze(targets, session.operator, now, until=until, for_buyer=for_buyer)
    return await _told(engine, changed)


async def thread_done(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Note that conversations need no answer, or take that back; `up_to` names the newest messages that were seen."""
    house, targets, on = engine.house, await _threads(engine, message), flag(message, "on", default=True)
    up_to = message.get("up_to") or []
    if up_to and (not isinstance(up_to, list) or len(up_to) != len(targets)):
        raise Refusal("bad_request", "up_to must name one message for each of threads, in their order.")
    if not all(isinstance(each, str) and len(each) <= ID_MAX for each in up_to):
        raise Refusal("bad_request", f"up_to must hold texts of at most {ID_MAX} characters.")
    seen = {key: message_id for key, message_id in zip(targets, up_to, strict=False) if message_id}
    await audit(engine, session, "done" if on else "not done", names_of(targets), "")
    changed = await house.writer.threads.done(targets, session.operator, on, house.now(), up_to=seen)
    return await _told(engine, changed)


async def thread_note(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Add a note to a conversation; it never leaves the house. The audit log names the thread, not the words."""
    target = await _thread(engine, message)
    words = sanitise(text(message, "text", longest=NOTE_MAX)).strip()
    if not words:
        raise Refusal("bad_request", "The note has no readable character.")
    await audit(engine, session, "note", names_of([target]), "")
    note_id = await engine.house.writer.threads.note(target, session.operator, words, engine.house.now())
    await engine.tell_threads([target])
    return {"note_id": note_id}


async def claim_thread(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Take conversations on for a while, or give up one's own claims.

    Without `take_over` a colleague's claim stays; `claimed` says whose they are.
    """
    house, targets, on = engine.house, await _threads(engine, message), flag(message, "on", default=True)
    claims = await house.writer.threads.claims(targets, house.now())
    theirs = {key: who for key, who in claims.items() if who and who != session.operator}
    if on and not flag(message, "take_over", default=False):
        targets = [key for key in targets if key not in theirs]
    else:
        theirs = {}
    changed: Sequence[ThreadKey] = ()
    if targets:
        await audit(engine, session, "claim" if on else "unclaim", names_of(targets), "")
        changed = await house.writer.threads.claim(targets, session.operator, on, house.now())
    return {**await _told(engine, changed), "claimed": [[*key, who] for key, who in theirs.items()]}


async def link_order(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Say which order of the store a conversation is about; "" leaves that to the marketplace."""
    house, target = engine.house, pair(message, "thread")
    order_no = optional_text(message, "order_no")
    if order_no and not await house.writer.orders_by_no(target[0], [order_no]):
        raise Refusal("unknown_order", f"{target[0]} has no order {order_no} in the cache; check the store first.")
    await audit(engine, session, "link order", names_of([target]), order_no)
    was = await house.writer.threads.linked(target)
    changed = await house.writer.threads.link_order(target, order_no, session.operator, house.now())
    return {**await _told(engine, [target] if changed else []), "was": was}


async def open_thread(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """The conversation with an order's buyer, opened at the marketplace where there was none yet."""
    house = engine.house
    store_id, order_no = pair(message, "order")
    lane = engine.lane(store_id)
    known = await house.writer.threads.of_order(store_id, order_no)
    if known:
        return {"thread_id": known[0], "opened": False}
    found = await house.writer.orders_by_no(store_id, [order_no])
    if not found:
        raise Refusal("unknown_order", f"{store_id} has no order {order_no} in the cache; check the store first.")
    if lane.market.chat is None:
        raise Refusal("unsupported", "This marketplace has no chat for programs.")
    await audit(engine, session, "open conversation", f"{store_id}/{order_no}", "")
    opened = await lane.market.chat.open_thread(lane.store, order_no, found[0].buyer_id)
    if isinstance(opened, Unsupported):
        raise Refusal(opened.id, opened.reason)
    await lane.chat.read_now(opened)
    return {"thread_id": opened, "opened": True}


async def thread_refresh(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Read one conversation again now; without `now` only among those that are read again from time to time.

    The latter says that somebody has it before them.
    """
    store_id, thread_id = pair(message, "thread")
    lane = engine.lane(store_id)
    lane.chat.opened(thread_id)
    if not flag(message, "now", default=True):
        return {}
    if not await lane.chat.read_now(thread_id):
        raise Refusal("unknown_thread", f"{store_id} has no conversation {thread_id} at the marketplace.")
    return {}


async def _told(engine: Engine, changed: Sequence[ThreadKey]) -> dict[str, Any]:
    await engine.tell_threads(changed)
    return {"changed": [list(key) for key in changed]}


async def _threads(engine: Engine, message: Mapping[str, Any]) -> list[ThreadKey]:
    """The conversations named, all of which are here."""
    return await _here(engine, pairs(message, "threads"))


async def _thread(engine: Engine, message: Mapping[str, Any]) -> ThreadKey:
    (target,) = await _here(engine, [pair(message, "thread")])
    return target


async def _here(engine: Engine, targets: list[ThreadKey]) -> list[ThreadKey]:
    threads = engine.house.writer.threads
    if len(await threads.rows(targets)) < len(targets):
        for store_id, thread_id in targets:
            if not await threads.rows([(store_id, thread_id)]):
                raise Refusal("unknown_thread", f"{store_id} has no conversation {thread_id} here. Nothing was done.")
    return targets


def _operator(message: Mapping[str, Any], key: str) -> str:
    name = optional_text(message, key, longest=_OPERATOR_MAX).strip()
    if any(char.isspace() or not char.isprintable() for char in name):
        raise Refusal("bad_request", f"{key} must be one operator's user name, without blanks.")
    return name


def _moment(message: Mapping[str, Any], key: str, now: int) -> int | None:
    at = optional_whole(message, key)
    if at is not None and not now < at <= now + _FURTHEST_S:
        raise Refusal("bad_request", f"{key} must be a moment ahead, within a year (epoch seconds).")
    return at
