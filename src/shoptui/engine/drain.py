"""Owns the way of an intent from held to settled: written down first, then sent, then answered or read back.

The one rule everything here serves: a request may leave only after its intent is durably `sending`. Whatever stops the
engine afterwards, the next start finds `sending` rows, treats them as sent, and lets evidence decide.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shoptui.adapters.base import (
    AdapterError,
    AuthError,
    Effect,
    Malformed,
    Marketplace,
    RateLimited,
    Rejected,
    ScopeError,
    ShipAnswer,
    ShipEvidence,
    Temporary,
    Verdict,
)
from shoptui.domain.clocks import next_loss
from shoptui.domain.intents import OPEN_STATES, Cause, CauseId, Intent, IntentState, SettleRule, Verb
from shoptui.domain.orders import Flag, Order, Status
from shoptui.domain.stores import Store
from shoptui.engine.failpoints import around
from shoptui.engine.house import House
from shoptui.engine.intake import shown
from shoptui.engine.schedule import backoff_s
from shoptui.engine.settle import Decision, Outcome, decide, first_look_at, undecided
from shoptui.engine.verbs import ship_request
from shoptui.protocol import Changed
from shoptui.store.errors import StoreError

log = logging.getLogger(__name__)

#: How long intents of a store that signed us out wait before they are tried again, seconds.
SIGNED_OUT_S = 60.0
_NEVER = float("inf")

_STATE_AFTER: Mapping[Outcome, IntentState] = {
    Outcome.DONE: IntentState.DONE,
    Outcome.NOT_DONE: IntentState.NOT_DONE,
    Outcome.RESEND: IntentState.QUEUED,
    Outcome.PERSON: IntentState.NEEDS_PERSON,
}


@dataclass(frozen=True, slots=True)
class Move:
    """One change of state that follows from an answer, not yet written down."""

    intent: Intent
    state: IntentState
    cause: Cause | None = None
    evidence: Mapping[str, object] | None = None
    look_at: int | None = None
    attempts_plus: int = 0


class Outbox:
    """One store's intents. `step` does all that is due; nothing else moves them on towards the marketplace.

    `reread` is told the orders whose truth at the marketplace has changed; `trouble` is told of failed calls.
    """

    def __init__(
        self,
        house: House,
        store: Store,
        market: Marketplace,
        *,
        reread: Callable[[Iterable[str]], None],
        trouble: Callable[[AdapterError], None],
    ) -> None:
        self.store = store
        self._house = house
        self._market = market
        self._reread = reread
        self._trouble = trouble
        self._failures = 0
        self._not_before = 0.0
        self._alone: set[int] = set()
        self._unrecorded: list[Move] = []

    async def step(self) -> float:
        """Release, send and settle what is due; returns when to look again (epoch seconds), infinity for never."""
        house, points = self._house, self._house.points
        if self._unrecorded:
            waiting, self._unrecorded = self._unrecorded, []
            await self._record(waiting)
        intents = await around(points, "drain.read", house.writer.open_intents(self.store.store_id))
        await self._adopt_orphans(intents)
        queued = [intent for intent in intents if intent.state is IntentState.QUEUED]
        queued += await self._release(intents)
        if not self.store.paused:
            await self._send_all(queued)
            await self._settle([intent for intent in intents if self._may_look(intent)])
        return await self._next_at()

    async def _adopt_orphans(self, intents: Sequence[Intent]) -> None:
        """Nothing is on its way while a step begins, so every `sending` row was left by an engine that ended."""
        orphans = [intent for intent in intents if intent.state is IntentState.SENDING]
        rule = self._rule()
        moves = [
            Move(intent, IntentState.UNKNOWN, look_at=first_look_at(rule, intent.sent_at or intent.created_at))
            for intent in orphans
        ]
        await self._record(moves)

    async def _release(self, intents: Sequence[Intent]) -> list[Intent]:
        now = self._house.now()
        due = [intent for intent in intents if intent.state is IntentState.HELD and intent.release_at <= now]
        if not due:
            return []
        return await self._move("drain.release", due, IntentState.QUEUED)

    # -- sending ----------------------------------------------------------------------------------------------------

    async def _send_all(self, queued: Sequence[Intent]) -> None:
        waiting = list(await self._recheck(queued))
        most = max(1, self._market.capabilities.ship_batch_max)
        while waiting and self._house.clock.now() >= self._not_before:
            size = 1 if waiting[0].intent_id in self._alone else most
            group = [waiting[0]]
            for intent in waiting[1:]:
                if len(group) >= size:
                    break
                if intent.intent_id not in self._alone:
                    group.append(intent)
            taken = {intent.intent_id for intent in group}
            waiting = [intent for intent in waiting if intent.intent_id not in taken]
            await self._send(group)

    async def _in_their_turn(self, queued: Sequence[Intent]) -> list[Intent]:
        """Those whose predecessor is done or that have none; what comes after a failure fails with it."""
        earlier = [intent.after_intent_id for intent in queued if intent.after_intent_id is not None]
        if not earlier:
            return list(queued)
        house = self._house
        found = await around(house.points, "drain.earlier", house.writer.intents(earlier))
        before = {intent.intent_id: intent for intent in found}
        turn, failed = [], []
        for intent in queued:
            first = before.get(intent.after_intent_id) if intent.after_intent_id is not None else None
            if first is None or first.state is IntentState.DONE:
                turn.append(intent)
            elif first.state not in OPEN_STATES:
                failed.append(Move(intent, IntentState.FAILED, first.cause or Cause(CauseId.OTHER)))
        await self._record(failed)
        return turn

    async def _recheck(self, queued: Sequence[Intent]) -> list[Intent]:
        """Drop what must not go any more, by what we know now; the rest, most urgent first.

        An order put on hold, cancelled or asked to be cancelled since it was ordered fails with that cause instead of
        waiting: somebody decided something new, and somebody has to look again.
        """
        house, now = self._house, self._house.now()
        ready = [intent for intent in await self._in_their_turn(queued) if (intent.look_at or 0) <= now]
        if not ready or house.clock.now() < self._not_before:
            return []
        numbers = sorted({intent.order_no for intent in ready})
        orders = {
            order.order_no: order
            for order in await around(
                house.points, "drain.recheck", house.writer.orders_by_no(self.store.store_id, numbers)
            )
        }
        keys = [(self.store.store_id, order_no) for order_no in numbers]
        held = await around(house.points, "drain.held", house.writer.held(keys))
        stopped = [
            Move(intent, IntentState.FAILED, cause)
            for intent in ready
            if (cause := _reason_to_stop(orders.get(intent.order_no), held.get((intent.store_id, intent.order_no), "")))
            is not None
        ]
        await self._record(stopped)
        gone = {move.intent.intent_id for move in stopped}
        going = [intent for intent in ready if intent.intent_id not in gone]
        return sorted(going, key=lambda intent: (_due_at(orders.get(intent.order_no), now), intent.intent_id))

    async def _send(self, group: Sequence[Intent]) -> None:
        house = self._house
        now = house.now()
        # From here on the request counts as sent; only rows that really moved (nobody took them back) go out.
        moved = await self._move("drain.sending", group, IntentState.SENDING, sent_at=now, attempts_plus=1)
        if not moved:
            return
        requests = [ship_request(intent) for intent in moved]
        try:
            answers = await around(house.points, "drain.call", self._market.ship(self.store, requests))
        except AdapterError as error:
            moves = self._after_error(moved, error)
        except Exception as error:
            # A fault of ours between sending and reading: the request may have gone, so evidence has to decide.
            log.error("%s: a ship call ended in %s", self.store.store_id, type(error).__name__)
            moves = [self._unknown(intent) for intent in moved]
        else:
            self._failures = 0
            moves = self._after_answers(moved, answers)
        await self._record(moves)

    def _after_answers(self, sent: Sequence[Intent], answers: Sequence[ShipAnswer]) -> list[Move]:
        causes = {answer.cause for answer in answers}
        if len(sent) > 1 and len(causes) == 1 and all(answer.verdict is Verdict.REFUSED for answer in answers):
            # The call was refused as a whole, and one bad row can do that.
            return self._one_by_one(sent)
        return [self._after_answer(intent, answer) for intent, answer in zip(sent, answers, strict=True)]

    def _after_answer(self, intent: Intent, answer: ShipAnswer) -> Move:
        if answer.verdict is Verdict.DONE:
            return Move(intent, IntentState.DONE)
        if answer.verdict is Verdict.ALREADY:
            return Move(intent, IntentState.DONE, evidence={"answer": "already"})
        if answer.verdict is Verdict.REFUSED:
            return Move(intent, IntentState.FAILED, answer.cause or Cause(CauseId.OTHER))
        # In between, or undecided: the marketplace may be working on it, so it is read back rather than sent again.
        return self._unknown(intent)

    def _after_error(self, sent: Sequence[Intent], error: AdapterError) -> list[Move]:
        self._trouble(error)
        if isinstance(error, Rejected):
            return self._after_rejection(sent, error)
        if isinstance(error, ScopeError):
            cause = Cause(CauseId.NO_PERMISSION, error.code, error.message)
            return [Move(intent, IntentState.FAILED, cause) for intent in sent]
        if isinstance(error, Temporary | Malformed) and error.effect is Effect.POSSIBLE:
            self._pause(None)
            return [self._unknown(intent) for intent in sent]
        if isinstance(error, AuthError):
            self._not_before = self._house.clock.now() + SIGNED_OUT_S
        else:
            self._pause(error.retry_after_s if isinstance(error, RateLimited) else None)
        # Known to have had no effect: back to waiting, and the try does not count.
        return [Move(intent, IntentState.QUEUED, attempts_plus=-1) for intent in sent]

    def _after_rejection(self, sent: Sequence[Intent], error: Rejected) -> list[Move]:
        if len(sent) == 1:
            return [Move(sent[0], IntentState.FAILED, error.cause)]
        return self._one_by_one(sent)

    def _one_by_one(self, sent: Sequence[Intent]) -> list[Move]:
        """Back to waiting, to be asked singly: a refusal had no effect, and the good rows go through."""
        self._alone.update(intent.intent_id for intent in sent)
        return [Move(intent, IntentState.QUEUED, attempts_plus=-1) for intent in sent]

    def _unknown(self, intent: Intent) -> Move:
        sent_at = intent.sent_at if intent.sent_at is not None else self._house.now()
        return Move(intent, IntentState.UNKNOWN, look_at=first_look_at(self._rule(), sent_at))

    def _pause(self, at_least_s: float | None) -> None:
        self._failures += 1
        wait = backoff_s(self._failures, self._house.dice, at_least_s=at_least_s)
        self._not_before = self._house.clock.now() + wait

    # -- settling ---------------------------------------------------------------------------------------------------

    def _may_look(self, intent: Intent) -> bool:
        if intent.state not in (IntentState.UNKNOWN, IntentState.NEEDS_PERSON):
            return False
        return (intent.look_at or 0) <= self._house.clock.now()

    async def _settle(self, intents: Sequence[Intent]) -> None:
        """Read the marketplace back for what is due and act on what is found."""
        most = max(1, self._market.capabilities.detail_max)
        for start in range(0, len(intents), most):
            group = intents[start : start + most]
            requests = [ship_request(intent) for intent in group]
            found: Sequence[ShipEvidence | None]
            unreadable = ""
            try:
                found = await around(
                    self._house.points, "settle.read", self._market.ship_evidence(self.store, requests)
                )
            except AdapterError as error:
                self._trouble(error)
                found, unreadable = [None] * len(group), error.message
            moves, later = [], []
            for intent, evidence in zip(group, found, strict=True):
                decision, facts = self._judge(intent, evidence, unreadable)
                if decision.outcome is Outcome.LATER:
                    later.append(Move(intent, intent.state, evidence=facts, look_at=decision.look_at))
                else:
                    state = _STATE_AFTER[decision.outcome]
                    moves.append(Move(intent, state, evidence=facts, look_at=decision.look_at))
            await self._record(moves)
            await self._look_later(later)

    def _judge(
        self, intent: Intent, evidence: ShipEvidence | None, unreadable: str
    ) -> tuple[Decision, Mapping[str, object]]:
        now, rule = self._house.now(), self._rule()
        if evidence is None:
            return undecided(intent, rule, now), {"read_at": now, "unreadable": unreadable}
        return decide(intent, rule, evidence.verdict, now), {"read_at": now, **evidence.facts}

    async def _look_later(self, later: Sequence[Move]) -> None:
        house = self._house
        for group in _alike(later):
            look_at = group[0].look_at
            assert look_at is not None
            ids = [move.intent.intent_id for move in group]
            write = house.writer.look_later(ids, look_at, evidence=group[0].evidence)
            await around(house.points, "settle.later", write)
            house.hub.publish(Changed(batches=tuple(dict.fromkeys(move.intent.batch_id for move in group))))

    # -- writing down -----------------------------------------------------------------------------------------------

    async def _record(self, moves: Sequence[Move]) -> None:
        """Write down what follows from answers. What a full disk refuses is kept and written first at the next step."""
        waiting = _alike(moves)
        while waiting:
            group = waiting[0]
            first = group[0]
            try:
                await self._move(
                    f"drain.record.{first.state.value}",
                    [move.intent for move in group],
                    first.state,
                    cause=first.cause,
                    evidence=first.evidence,
                    look_at=first.look_at,
                    attempts_plus=first.attempts_plus,
                )
            except StoreError:
                self._unrecorded = [move for kept in waiting for move in kept]
                raise
            waiting.pop(0)
            self._alone.difference_update(
                move.intent.intent_id for move in group if first.state is not IntentState.QUEUED
            )
            if first.state not in (IntentState.QUEUED, IntentState.UNKNOWN):
                self._reread(move.intent.order_no for move in group)

    async def _move(
        self,
        point: str,
        intents: Sequence[Intent],
        state: IntentState,
        *,
        cause: Cause | None = None,
        evidence: Mapping[str, object] | None = None,
        sent_at: int | None = None,
        look_at: int | None = None,
        attempts_plus: int = 0,
    ) -> list[Intent]:
        house = self._house
        moved = await around(
            house.points,
            point,
            house.writer.move(
                [intent.intent_id for intent in intents],
                state,
                now=house.now(),
                cause=cause,
                evidence=evidence,
                sent_at=sent_at,
                look_at=look_at,
                attempts_plus=attempts_plus,
            ),
        )
        if moved:
            rows = await house.writer.row_ids([(intent.store_id, intent.order_no) for intent in moved])
            batches = tuple(dict.fromkeys(intent.batch_id for intent in moved))
            house.hub.publish(Changed(orders=shown(rows), batches=batches, counts=True))
        return list(moved)

    async def _next_at(self) -> float:
        """When the next intent of this store needs attention."""
        intents = await around(
            self._house.points, "drain.look_ahead", self._house.writer.open_intents(self.store.store_id)
        )
        still_open = {intent.intent_id for intent in intents}
        moments = [self._attention_at(intent) for intent in intents if intent.after_intent_id not in still_open]
        if self._unrecorded:
            moments.append(self._house.clock.now() + 1.0)
        return min(moments, default=_NEVER)

    def _attention_at(self, intent: Intent) -> float:
        if intent.state is IntentState.HELD:
            return float(intent.release_at)
        if self.store.paused:
            return _NEVER
        if intent.state is IntentState.QUEUED:
            return max(self._not_before, float(intent.look_at or 0))
        return float(intent.look_at or 0)

    def _rule(self) -> SettleRule:
        return self._market.capabilities.settle[Verb.SHIP]


async def close_orphans(house: House, store_ids: Collection[str]) -> None:
    """Close what was ordered in stores that are no longer in the house: nobody could send or settle it any more."""
    cause = Cause(CauseId.STORE_REMOVED)
    lost = [intent for intent in await house.writer.open_intents() if intent.store_id not in store_ids]
    ways = {
        IntentState.HELD: (IntentState.FAILED,),
        IntentState.QUEUED: (IntentState.FAILED,),
        # It may have gone out: only a person with the seller's account can say.
        IntentState.SENDING: (IntentState.UNKNOWN, IntentState.NEEDS_PERSON),
        IntentState.UNKNOWN: (IntentState.NEEDS_PERSON,),
    }
    for intent in lost:
        for state in ways.get(intent.state, ()):
            await house.writer.move([intent.intent_id], state, now=house.now(), cause=cause)


def _alike(moves: Sequence[Move]) -> list[list[Move]]:
    """Moves that can be written in one transaction, in their first one's order."""
    groups: dict[tuple[object, ...], list[Move]] = {}
    for move in moves:
        facts = tuple(sorted((key, str(value)) for key, value in (move.evidence or {}).items()))
        groups.setdefault((move.state, move.cause, facts, move.look_at, move.attempts_plus), []).append(move)
    return list(groups.values())


def _reason_to_stop(order: Order | None, held_by: str) -> Cause | None:
    """Why an order must not be shipped after all, None when nothing speaks against it."""
    if held_by:
        return Cause(CauseId.HELD, message=held_by)
    if order is None:
        return None
    if order.status is Status.CANCELLED:
        return Cause(CauseId.CANCELLED)
    if order.flags & Flag.CANCEL_REQUESTED:
        return Cause(CauseId.CANCEL_REQUESTED)
    return None


def _due_at(order: Order | None, now: int) -> float:
    at = next_loss(order.clocks, now).at if order is not None else None
    return _NEVER if at is None else float(at)
