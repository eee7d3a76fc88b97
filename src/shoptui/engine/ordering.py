"""Owns the requests by which something is ordered: order, judge and retry, each for chains of verbs on many targets."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shoptui.domain.clocks import next_loss
from shoptui.domain.intents import OPEN_STATES, Intent, IntentState, NewIntent, TargetKind, Verb, hold_s
from shoptui.domain.orders import Order
from shoptui.domain.verbs import ORDERLESS_VERBS, TARGETS, BadArguments, read_args, write_args
from shoptui.engine.admission import MAY_FOLLOW, Refused, Stored, judge_chain
from shoptui.engine.chat_ordering import judge_talks, watch_while_held
from shoptui.engine.fields import (
    LIST_MAX,
    Refusal,
    choice,
    flag,
    mapping,
    numbers,
    optional_text,
    optional_whole,
    sequence,
    text,
)
from shoptui.engine.order_requests import audit, need_role, tell_intents
from shoptui.engine.print_requests import printed_before
from shoptui.engine.return_admission import judge_returns
from shoptui.engine.stock_admission import judge_stocks
from shoptui.engine.stock_requests import note_pushes, rule_asked

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session

#: The longest hold a client may ask for, seconds.
_HOLD_MAX_S = 3600
_RETRIED_STATES = (IntentState.FAILED, IntentState.NOT_DONE, IntentState.TAKEN_BACK)
_OPEN_SAY = "The same has been ordered already and is not settled yet."

OrderKey = tuple[str, str]
#: One thing acted on, and by which verb.
TargetKey = tuple[str, TargetKind, str, Verb]


@dataclass(frozen=True, slots=True)
class Chain:
    """What is ordered on one target: a first intent and what comes after it, each with the intent it repeats."""

    steps: tuple[NewIntent, ...]
    retry_of: tuple[int | None, ...]

    @property
    def key(self) -> OrderKey:
        return self.steps[0].store_id, self.steps[0].order_no


async def order(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Accept a batch. The same batch id again gets the first answer again, so a lost answer may be asked for twice."""
    batch_id = text(message, "batch_id")
    verb, chains = _chains(message)
    _allowed(session, chains)
    return await _accept(engine, session, message, batch_id, verb, chains)


async def judge(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """What an order with these fields would refuse now; nothing is ordered."""
    _, chains = _chains(message)
    _allowed(session, chains)
    _, refused = await _judge(engine, session, message, chains)
    already = await _open_targets(engine, chains)
    for index, chain in enumerate(chains):
        step = next((step for step in chain.steps if _target(step) in already), None)
        if step is not None:
            refused.setdefault(index, Refused(step.verb, "open_intent", _OPEN_SAY))
    return {"refused": _refusals(refused)}


async def retry(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Order again what failed, as new intents, and with it what failed because of it.

    Something that failed with what it came after is ordered again from that on. `args` replaces the old arguments of
    the named intents' verb.
    """
    batch_id = optional_text(message, "batch_id") or str(uuid.uuid4())
    writer = engine.house.writer
    named = await writer.intents(numbers(message, "intent_ids"))
    if not named:
        raise Refusal("unknown_intent", "There is no such intent to retry.")
    if moving := [intent for intent in named if intent.state not in _RETRIED_STATES]:
        raise Refusal("not_failed", f"{len(moving)} of these {len(named)} have not failed. Nothing was ordered again.")
    first = await _without_followers(engine, named)
    if len({intent.verb for intent in first}) > 1:
        raise Refusal("bad_request", "These intents are of different kinds; retry each kind by itself.")
    verb = first[0].verb
    arguments = _arguments(verb, mapping(message, "args")) if "args" in message else None
    heads = await _from_their_failure(engine, first)
    after = await writer.followers([intent.intent_id for intent in heads])
    chains = [_again(head, after, verb, arguments) for head in heads]
    _allowed(session, chains)
    answer = await _accept(engine, session, message, batch_id, verb, chains)
    # A failure that was ordered again has been seen; it would otherwise stay beside its successor for ever.
    refused = {item["index"] for item in answer["refused"]}
    again = [old for index, chain in enumerate(chains) if index not in refused for old in chain.retry_of]
    if seen := [old for old in again if old is not None]:
        await writer.ack_intents(seen, session.operator, engine.house.now())
    return answer


async def _without_followers(engine: Engine, named: Sequence[Intent]) -> list[Intent]:
    """The named intents without those that come after others of them anyway."""
    after = {intent.intent_id for intent in await engine.house.writer.followers([each.intent_id for each in named])}
    return [intent for intent in named if intent.intent_id not in after]


async def _from_their_failure(engine: Engine, intents: Sequence[Intent]) -> list[Intent]:
    """For each the first failure it hangs on, itself if what came before it was done; none twice."""
    found: dict[int, Intent] = {}
    climbing = list(intents)
    while climbing:
        earlier = [intent.after_intent_id for intent in climbing if intent.after_intent_id is not None]
        before = {each.intent_id: each for each in await engine.house.writer.intents(earlier)}
        higher = []
        for intent in climbing:
            first = before.get(intent.after_intent_id or 0)
            if first is not None and first.state in _RETRIED_STATES:
                higher.append(first)
            else:
                found[intent.intent_id] = intent
        climbing = higher
    return [found[intent_id] for intent_id in sorted(found)]


def _again(head: Intent, followers: Sequence[Intent], verb: Verb, arguments: Mapping[str, object] | None) -> Chain:
    """A chain like the one that failed; of several that came after the same one, the newest is taken up again."""
    old = [head]
    while after := [each for each in followers if each.after_intent_id == old[-1].intent_id]:
        old.append(after[-1])
    steps = []
    for index, intent in enumerate(old):
        steps.append(
            NewIntent(
                verb=intent.verb,
                store_id=intent.store_id,
                order_no=intent.order_no,
                target_kind=intent.target_kind,
                target_id=intent.target_id,
                args=arguments if arguments is not None and intent.verb is verb else intent.args,
                after_intent_id=head.after_intent_id if index == 0 else None,
            )
        )
    return Chain(tuple(steps), tuple(intent.intent_id for intent in old))


async def _accept(
    engine: Engine, session: Session, message: Mapping[str, Any], batch_id: str, verb: Verb, chains: Sequence[Chain]
) -> dict[str, Any]:
    house = engine.house
    now = house.now()
    rule = rule_asked(message)
    known = bool(await house.writer.batch(batch_id))
    due_at, refused = await _judge(engine, session, message, chains)
    configured_s = _hold_s(message, house.config.engine.hold_s)
    wanted: list[NewIntent] = []
    release: list[int] = []
    retry_of: list[int | None] = []
    chain_of: list[int] = []
    for index, chain in enumerate(chains):
        if index in refused:
            continue
        # Telling that something was read reaches nobody, so there is nothing to think over.
        held_s = 0 if chain.steps[0].verb is Verb.MARK_READ else hold_s(due_at.get(index), now, configured_s)
        at = now + held_s
        for place, step in enumerate(chain.steps):
            wanted.append(replace(step, after_index=len(wanted) - 1) if place else step)
        release += [at] * len(chain.steps)
        retry_of += chain.retry_of
        chain_of += [index] * len(chain.steps)
    if not known:
        if not wanted:
            return _answer(batch_id, [], refused)
        detail = f"{len(set(chain_of))} targets, {len(refused)} refused before"
        await audit(engine, session, f"order {_steps(chains[chain_of[0]])}", batch_id, detail)
    accepted = await house.writer.accept_batch(
        batch_id, verb, session.operator, session.origin, wanted, release, now, retry_of_by_index=retry_of
    )
    intents = await house.writer.intents(accepted.intent_ids)
    if accepted.already:
        # Asked again after a lost answer: what the batch has is what was accepted, whatever has become of it since.
        taken = {_target(intent) for intent in intents}
        refused = {
            index: refused.get(index, Refused(chain.steps[0].verb, "open_intent", _OPEN_SAY))
            for index, chain in enumerate(chains)
            if _target(chain.steps[0]) not in taken
        }
    else:
        for place, _ in accepted.refused:
            refused[chain_of[place]] = Refused(wanted[place].verb, "open_intent", _OPEN_SAY)
        await note_pushes(engine, session, batch_id, intents, rule)
        await tell_intents(engine, intents)
        watch_while_held(engine, intents)
    return _answer(batch_id, intents, refused)


async def _judge(
    engine: Engine, session: Session, message: Mapping[str, Any], chains: Sequence[Chain]
) -> tuple[Mapping[int, int | None], dict[int, Refused]]:
    """By place in the list: when the target's next loss is (epoch s), and what is refused."""
    firsts = [chain.steps[0] for chain in chains]
    kind = TARGETS[firsts[0].verb] if firsts else TargetKind.ORDER
    take_over = flag(message, "take_over", default=False)
    if kind is TargetKind.THREAD:
        return await judge_talks(engine, firsts, session.operator, take_over=take_over)
    if kind is TargetKind.RETURN:
        return await judge_returns(engine, firsts, session.operator, take_over=take_over)
    if kind is TargetKind.LISTING:
        return await judge_stocks(engine, firsts)
    orders = await _cached(engine, chains)
    held = await engine.house.writer.held(sorted({chain.key for chain in chains}))
    stored = await _stored(engine, chains)
    now = engine.house.now()
    due_at: dict[int, int | None] = {}
    refused: dict[int, Refused] = {}
    for index, chain in enumerate(chains):
        lane, cached = engine.lanes.get(chain.key[0]), orders.get(chain.key)
        documents = stored.get((chain.key[0], chain.steps[0].target_id), ())
        no = judge_chain(lane, cached, chain.steps, held.get(chain.key, ""), documents)
        if no is not None:
            refused[index] = no
        elif cached is not None:
            due_at[index] = next_loss(cached.clocks, now).at
    prints = [(index, step) for index, chain in enumerate(chains) for step in chain.steps if step.verb is Verb.PRINT]
    for place, (reason, say) in (await printed_before(engine, [step for _, step in prints])).items():
        refused.setdefault(prints[place][0], Refused(Verb.PRINT, reason, say))
    return due_at, refused


async def _cached(engine: Engine, chains: Sequence[Chain]) -> dict[OrderKey, Order]:
    by_store: dict[str, set[str]] = {}
    for chain in chains:
        store_id, order_no = chain.key
        by_store.setdefault(store_id, set()).add(order_no)
    found: dict[OrderKey, Order] = {}
    for store_id, numbers_of_store in by_store.items():
        for cached in await engine.house.writer.orders_by_no(store_id, sorted(numbers_of_store)):
            found[(store_id, cached.order_no)] = cached
    return found


async def _stored(engine: Engine, chains: Sequence[Chain]) -> dict[tuple[str, str], Stored]:
    """The documents in the house of what is to be printed without fetching it first."""
    packages = [(chain.key[0], chain.steps[0].target_id) for chain in chains if chain.steps[0].verb is Verb.PRINT]
    if not packages:
        return {}
    found: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for each in await engine.house.writer.stored_kinds(packages):
        found.setdefault((each[0], each[1]), []).append(each)
    return {key: tuple(each) for key, each in found.items()}


async def _open_targets(engine: Engine, chains: Sequence[Chain]) -> set[TargetKey]:
    store_ids = sorted({chain.key[0] for chain in chains})
    return {
        _target(intent)
        for store_id in store_ids
        for intent in await engine.house.writer.open_intents(store_id)
        if intent.state in OPEN_STATES
    }


def _target(intent: NewIntent | Intent) -> TargetKey:
    return intent.store_id, intent.target_kind, intent.target_id, intent.verb


def _answer(batch_id: str, intents: Sequence[Intent], refused: Mapping[int, Refused]) -> dict[str, Any]:
    ids = {intent.intent_id for intent in intents}
    first = [intent.intent_id for intent in intents if intent.after_intent_id not in ids]
    return {
        "batch_id": batch_id,
        "accepted": len(first),
        "intent_ids": first,
        "followers": sorted(ids.difference(first)),
        "release_at": max((intent.release_at for intent in intents), default=None),
        "refused": _refusals(refused),
    }


def _refusals(refused: Mapping[int, Refused]) -> list[dict[str, Any]]:
    return [
        {"index": index, "verb": no.verb.value, "reason": no.reason, "say": no.say, "args": dict(no.args)}
        for index, no in sorted(refused.items())
    ]


def _steps(chain: Chain) -> str:
    return ", ".join(step.verb.value for step in chain.steps)


def _allowed(session: Session, chains: Sequence[Chain]) -> None:
    need_role(session, [step.verb for chain in chains for step in chain.steps])


# -- reading requests -------------------------------------------------------------------------------------------------


def _chains(message: Mapping[str, Any]) -> tuple[Verb, list[Chain]]:
    verb = _verb(message)
    then = _then(message, verb)
    items = sequence(message, "intents")
    if len(items) * (1 + len(then)) > LIST_MAX:
        raise Refusal("bad_request", f"With what follows these are more than {LIST_MAX} intents; order in parts.")
    chains = []
    for item in items:
        first = _new_intent(item, verb)
        steps = (first, *(replace(first, verb=each, args=args) for each, args in then))
        chains.append(Chain(steps, (None,) * len(steps)))
    return verb, chains


def _then(message: Mapping[str, Any], verb: Verb) -> list[tuple[Verb, Mapping[str, object]]]:
    if not message.get("then"):
        return []
    steps: list[tuple[Verb, Mapping[str, object]]] = []
    before = verb
    for item in sequence(message, "then"):
        if not isinstance(item, dict):
            raise Refusal("bad_request", "Each of then must be an object with verb and args.")
        after = _verb(item)
        if before not in MAY_FOLLOW.get(after, ()):
            raise Refusal("bad_request", f"{after.value} cannot come after {before.value}.")
        steps.append((after, _arguments(after, mapping(item, "args"))))
        before = after
    return steps


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
    return NewIntent(
        verb=verb,
        store_id=text(item, "store_id"),
        order_no=optional_text(item, "order_no") if verb in ORDERLESS_VERBS else text(item, "order_no"),
        target_kind=choice(item, "target_kind", TargetKind),
        target_id=text(item, "target_id"),
        args=_arguments(verb, mapping(item, "args")),
        clock_due_at=optional_whole(item, "clock_due_at"),
    )


def _arguments(verb: Verb, arguments: Mapping[str, Any]) -> Mapping[str, object]:
    try:
        return write_args(read_args(verb, arguments))
    except BadArguments as error:
        raise Refusal("bad_request", str(error)) from error


def _hold_s(message: Mapping[str, Any], configured_s: int) -> int:
    asked = optional_whole(message, "hold_s")
    if asked is None:
        return configured_s
    if not 0 <= asked <= _HOLD_MAX_S:
        raise Refusal("bad_request", f"hold_s must be between 0 and {_HOLD_MAX_S} seconds.")
    return asked
