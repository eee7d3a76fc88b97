"""Owns the requests about what was ordered: taking back, giving up, deciding and acknowledging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shoptui.domain.intents import Intent, IntentState, Verb
from shoptui.engine.fields import Refusal, flag, numbers, optional_text, text, whole
from shoptui.engine.roles import least_role_for
from shoptui.engine.touched import touched

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session


async def take_back(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Stop what has not been sent; `gone` names what had left already.

    A chain of verbs on one parcel is one target: nothing of `taken_targets` went, something of `gone_targets` did.
    """
    house = engine.house
    batch_id = optional_text(message, "batch_id") or None
    intent_ids = numbers(message, "intent_ids") if message.get("intent_ids") is not None else None
    if batch_id is None and intent_ids is None:
        raise Refusal("bad_request", "take_back needs a batch_id or intent_ids.")
    await audit(engine, session, "take back", batch_id or _ids(intent_ids or ()), "")
    done = await house.writer.take_back(batch_id, intent_ids, house.now())
    taken = await house.writer.intents(done.taken)
    await tell_intents(engine, taken)
    left = [one for one in await house.writer.intents(done.gone) if one.state is not IntentState.TAKEN_BACK]
    gone_targets = {_target(intent) for intent in left}
    taken_targets = {_target(intent) for intent in taken} - gone_targets
    return {
        "taken": list(done.taken),
        "gone": list(done.gone),
        "taken_targets": len(taken_targets),
        "gone_targets": len(gone_targets),
    }


async def drop(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Give up: what waits is taken back, what failed is acknowledged and will not be tried again, and what follows."""
    house = engine.house
    wanted = numbers(message, "intent_ids")
    need_role(session, [intent.verb for intent in await house.writer.intents(wanted)])
    await audit(engine, session, "give up", _ids(wanted), "")
    done = await house.writer.take_back(None, wanted, house.now())
    after = await house.writer.followers(wanted)
    seen = [*wanted, *(intent.intent_id for intent in after)]
    await house.writer.ack_intents(seen, session.operator, house.now())
    await tell_intents(engine, await house.writer.intents(seen))
    return {"dropped": wanted, "taken": list(done.taken)}


async def settle(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """A person decides what could not be read back: it was done, or it was not."""
    house = engine.house
    intent_id, done = whole(message, "intent_id"), flag(message, "done")
    found = await house.writer.intents([intent_id])
    if not found:
        raise Refusal("unknown_intent", "There is no such intent.")
    need_role(session, [found[0].verb])
    if found[0].state is not IntentState.NEEDS_PERSON:
        raise Refusal("not_open", "This is not waiting for a decision any more.", state=found[0].state.value)
    await audit(engine, session, "settle", _target(found[0]), "it was done" if done else "it was not done")
    state = IntentState.DONE if done else IntentState.NOT_DONE
    evidence = {**(found[0].evidence or {}), "decided_by": session.operator}
    moved = await house.writer.move([intent_id], state, now=house.now(), evidence=evidence)
    if not moved:
        raise Refusal("not_open", "Somebody else has just decided this.")
    await tell_intents(engine, moved)
    engine.reread_targets(found)
    return {"state": state.value}


async def ack(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a batch has been seen."""
    batch_id = text(message, "batch_id")
    count = await engine.house.writer.ack(batch_id, session.operator, engine.house.now())
    await tell_intents(engine, await engine.house.writer.batch(batch_id))
    return {"acked": count}


def need_role(session: Session, verbs: Iterable[Verb]) -> None:
    """Refuse who may not order these verbs; whoever may not order one may not decide what becomes of it either."""
    for verb in dict.fromkeys(verbs):
        least = least_role_for(verb)
        if session.role is None or session.role < least:
            word = session.role.word if session.role is not None else "nobody"
            raise Refusal(
                "not_allowed",
                f"{session.operator} is a {word}; to {verb.value.replace('_', ' ')} needs a {least.word}. "
                "Nothing was done.",
                role=word,
                needed=least.word,
            )


async def tell_intents(engine: Engine, intents: Sequence[Intent]) -> None:
    """Tell everybody that these intents changed, and their lanes that there may be something to do."""
    engine.house.hub.publish(await touched(engine.house.writer, intents))
    for store_id in dict.fromkeys(intent.store_id for intent in intents):
        engine.wake_outbox(store_id)


def _target(intent: Intent) -> str:
    return f"{intent.store_id}/{intent.order_no}/{intent.target_id}"


def _ids(intent_ids: Sequence[int]) -> str:
    shown = " ".join(str(intent_id) for intent_id in intent_ids[:10])
    return f"intents {shown}" if len(intent_ids) <= 10 else f"intents {shown} and {len(intent_ids) - 10} more"


def names_of(targets: Sequence[tuple[str, str]]) -> str:
    """What a request acts on as the audit log names it: the store and the marketplace's id of the first few."""
    shown = " ".join(f"{store_id}/{name}" for store_id, name in targets[:5])
    return shown if len(targets) <= 5 else f"{shown} and {len(targets) - 5} more"


async def audit(engine: Engine, session: Session, what: str, target: str, detail: str) -> None:
    """Write down what somebody asks for, before it is done: on a full disk neither happens."""
    await engine.house.writer.audit(engine.house.now(), session.operator, session.origin, what, target, detail)
