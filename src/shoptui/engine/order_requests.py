"""Owns the requests about intents: ordering, taking back, retrying, deciding and acknowledging."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shoptui.domain.clocks import next_loss
from shoptui.domain.intents import Intent, IntentState, NewIntent, TargetKind, Verb, hold_s
from shoptui.domain.orders import Order
from shoptui.domain.verbs import BadArguments, read_args
from shoptui.engine.admission import judge_target
from shoptui.engine.fields import Refusal, flag, mapping, numbers, optional_text, optional_whole, sequence, text, whole
from shoptui.protocol import Changed

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session

#: The longest hold a client may ask for, seconds.
_HOLD_MAX_S = 3600
_RETRIED_STATES = (IntentState.FAILED, IntentState.NOT_DONE, IntentState.TAKEN_BACK)

OrderKey = tuple[str, str]


async def order(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Accept a batch. The same batch id again gets the first answer again, so a lost answer may be asked for twice."""
    batch_id = text(message, "batch_id")
    verb = _verb(message)
    wanted = [_new_intent(item, verb) for item in sequence(message, "intents")]
    return await _accept(engine, session, message, batch_id, verb, wanted, [None] * len(wanted))


async def retry(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Order again what failed, as new intents; `args` replaces the old arguments for all of them."""
    batch_id = optional_text(message, "batch_id") or str(uuid.uuid4())
    old = await engine.house.writer.intents(numbers(message, "intent_ids"))
    if not old:
        raise Refusal("unknown_intent", "There is no such intent to retry.")
    if len({intent.verb for intent in old}) > 1:
        raise Refusal("bad_request", "These intents are of different kinds; retry each kind by itself.")
    if moving := [intent for intent in old if intent.state not in _RETRIED_STATES]:
        raise Refusal("not_failed", f"{len(moving)} of these {len(old)} have not failed. Nothing was ordered again.")
    arguments = mapping(message, "args")
    if "args" in message:
        _check_arguments(old[0].verb, arguments)
    wanted = [
        NewIntent(
            verb=intent.verb,
            store_id=intent.store_id,
            order_no=intent.order_no,
            target_kind=intent.target_kind,
            target_id=intent.target_id,
            args=arguments if "args" in message else intent.args,
        )
        for intent in old
    ]
    answer = await _accept(
        engine, session, message, batch_id, old[0].verb, wanted, [intent.intent_id for intent in old]
    )
    # A failure that was ordered again has been seen; it would otherwise stay beside its successor for ever.
    refused = {item["index"] for item in answer["refused"]}
    again = [intent.intent_id for index, intent in enumerate(old) if index not in refused]
    if again:
        await engine.house.writer.ack_intents(again, session.operator, engine.house.now())
    return answer


async def take_back(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Stop what has not been sent; `gone` names what had left already."""
    house = engine.house
    batch_id = optional_text(message, "batch_id") or None
    intent_ids = numbers(message, "intent_ids") if message.get("intent_ids") is not None else None
    if batch_id is None and intent_ids is None:
        raise Refusal("bad_request", "take_back needs a batch_id or intent_ids.")
    await audit(engine, session, "take back", batch_id or _ids(intent_ids or ()), "")
    done = await house.writer.take_back(batch_id, intent_ids, house.now())
    await tell_intents(engine, await house.writer.intents(done.taken))
    return {"taken": list(done.taken), "gone": list(done.gone)}


async def drop(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Give up: what waits is taken back, what failed is acknowledged and will not be tried again."""
    house = engine.house
    wanted = numbers(message, "intent_ids")
    await audit(engine, session, "give up", _ids(wanted), "")
    done = await house.writer.take_back(None, wanted, house.now())
    await house.writer.ack_intents(wanted, session.operator, house.now())
    await tell_intents(engine, await house.writer.intents(wanted))
    return {"dropped": wanted, "taken": list(done.taken)}


async def settle(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """A person decides what could not be read back: it was done, or it was not."""
    house = engine.house
    intent_id, done = whole(message, "intent_id"), flag(message, "done")
    found = await house.writer.intents([intent_id])
    if not found:
        raise Refusal("unknown_intent", "There is no such intent.")
    if found[0].state is not IntentState.NEEDS_PERSON:
        raise Refusal("not_open", "This is not waiting for a decision any more.", state=found[0].state.value)
    await audit(engine, session, "settle", _target(found[0]), "it was done" if done else "it was not done")
    state = IntentState.DONE if done else IntentState.NOT_DONE
    evidence = {**(found[0].evidence or {}), "decided_by": session.operator}
    moved = await house.writer.move([intent_id], state, now=house.now(), evidence=evidence)
    if not moved:
        raise Refusal("not_open", "Somebody else has just decided this.")
    await tell_intents(engine, moved)
    engine.reread(found[0].store_id, [found[0].order_no])
    return {"state": state.value}


async def ack(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a batch has been seen."""
    batch_id = text(message, "batch_id")
    count = await engine.house.writer.ack(batch_id, session.operator, engine.house.now())
    await tell_intents(engine, await engine.house.writer.batch(batch_id))
    return {"acked": count}


async def tell_intents(engine: Engine, intents: Iterable[Intent]) -> None:
    """Tell everybody that these intents changed, and their lanes that there may be something to do."""
    by_store: dict[str, list[str]] = {}
    batches: dict[str, None] = {}
    for intent in intents:
        by_store.setdefault(intent.store_id, []).append(intent.order_no)
        batches[intent.batch_id] = None
    await engine.tell_orders([(store_id, no) for store_id, nos in by_store.items() for no in nos])
    engine.house.hub.publish(Changed(batches=tuple(batches), counts=True))
    for store_id in by_store:
        engine.wake_outbox(store_id)


async def _accept(
    engine: Engine,
    session: Session,
    message: Mapping[str, Any],
    batch_id: str,
    verb: Verb,
    wanted: Sequence[NewIntent],
    retry_of: Sequence[int | None],
) -> dict[str, Any]:
    house = engine.house
    now = house.now()
    known = bool(await house.writer.batch(batch_id))
    orders = await _cached(engine, wanted)
    refused: dict[int, tuple[str, str]] = {}
    admitted: list[int] = []
    held = await house.writer.held(sorted({(intent.store_id, intent.order_no) for intent in wanted}))
    for index, intent in enumerate(wanted):
        key = (intent.store_id, intent.order_no)
        no = judge_target(engine.lanes.get(intent.store_id), orders.get(key), intent, held.get(key, ""))
        if no is None:
            admitted.append(index)
        else:
            refused[index] = no
    configured_s = _hold_s(message, house.config.engine.hold_s)
    release = []
    for index in admitted:
        due_at = _due_at(orders[(wanted[index].store_id, wanted[index].order_no)], now)
        release.append(now + hold_s(due_at, now, configured_s))
    if not known:
        if not admitted:
            return _answer(batch_id, (), [], refused)
        detail = f"{len(admitted)} targets, {len(refused)} refused before"
        await audit(engine, session, f"order {verb.value}", batch_id, detail)
    accepted = await house.writer.accept_batch(
        batch_id,
        verb,
        session.operator,
        session.origin,
        [wanted[index] for index in admitted],
        release,
        now,
        retry_of_by_index=[retry_of[index] for index in admitted],
    )
    intents = await house.writer.intents(accepted.intent_ids)
    taken = {(intent.store_id, intent.target_kind, intent.target_id) for intent in intents}
    if accepted.already:
        # Asked again after a lost answer: what the batch has is what was accepted, whatever has become of it since.
        refused = {
            index: refused.get(index, _OPEN)
            for index, intent in enumerate(wanted)
            if (intent.store_id, intent.target_kind, intent.target_id) not in taken
        }
    else:
        refused |= {admitted[index]: _OPEN for index, _ in accepted.refused}
        await tell_intents(engine, intents)
    return _answer(batch_id, accepted.intent_ids, intents, refused)


_OPEN = ("open_intent", "The same has been ordered already and is not settled yet.")


def _answer(
    batch_id: str, intent_ids: Sequence[int], intents: Sequence[Intent], refused: Mapping[int, tuple[str, str]]
) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "accepted": len(intent_ids),
        "intent_ids": list(intent_ids),
        "release_at": max((intent.release_at for intent in intents), default=None),
        "refused": [{"index": index, "reason": reason, "say": say} for index, (reason, say) in sorted(refused.items())],
    }


async def _cached(engine: Engine, wanted: Sequence[NewIntent]) -> dict[OrderKey, Order]:
    by_store: dict[str, set[str]] = {}
    for intent in wanted:
        by_store.setdefault(intent.store_id, set()).add(intent.order_no)
    found: dict[OrderKey, Order] = {}
    for store_id, numbers_of_store in by_store.items():
        for cached in await engine.house.writer.orders_by_no(store_id, sorted(numbers_of_store)):
            found[(store_id, cached.order_no)] = cached
    return found


def _due_at(cached: Order, now: int) -> int | None:
    return next_loss(cached.clocks, now).at


def _hold_s(message: Mapping[str, Any], configured_s: int) -> int:
    asked = optional_whole(message, "hold_s")
    if asked is None:
        return configured_s
    if not 0 <= asked <= _HOLD_MAX_S:
        raise Refusal("bad_request", f"hold_s must be between 0 and {_HOLD_MAX_S} seconds.")
    return asked


def _verb(message: Mapping[str, Any]) -> Verb:
    word = text(message, "verb")
    try:
        return Verb(word)
    except ValueError as error:
        known = ", ".join(verb.value for verb in Verb)
        raise Refusal("bad_request", f"This engine cannot order that; it knows: {known}.") from error


def _new_intent(item: object, verb: Verb) -> NewIntent:
    if not isinstance(item, dict):
        raise Refusal("bad_request", "Each of intents must be an object.")
    try:
        kind = TargetKind(text(item, "target_kind"))
    except ValueError as error:
        raise Refusal("bad_request", "target_kind must be package or order.") from error
    arguments = mapping(item, "args")
    _check_arguments(verb, arguments)
    return NewIntent(
        verb=verb,
        store_id=text(item, "store_id"),
        order_no=text(item, "order_no"),
        target_kind=kind,
        target_id=text(item, "target_id"),
        args=arguments,
        clock_due_at=optional_whole(item, "clock_due_at"),
    )


def _check_arguments(verb: Verb, arguments: Mapping[str, Any]) -> None:
    try:
        read_args(verb, arguments)
    except BadArguments as error:
        raise Refusal("bad_request", str(error)) from error


def _target(intent: Intent) -> str:
    return f"{intent.store_id}/{intent.order_no}/{intent.target_id}"


def _ids(intent_ids: Sequence[int]) -> str:
    shown = " ".join(str(intent_id) for intent_id in intent_ids[:10])
    return f"intents {shown}" if len(intent_ids) <= 10 else f"intents {shown} and {len(intent_ids) - 10} more"


async def audit(engine: Engine, session: Session, what: str, target: str, detail: str) -> None:
    """Write down what somebody asks for, before it is done: on a full disk neither happens."""
    await engine.house.writer.audit(engine.house.now(), session.operator, session.origin, what, target, detail)
