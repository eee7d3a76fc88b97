"""Owns reading lost answers back from the marketplace, and what the evidence does to their intents."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from shoptui.adapters.base import AdapterError, Marketplace
from shoptui.adapters.desks import Desk, Evidence
from shoptui.domain.intents import Intent, IntentState, SettleRule, Settling, Verb
from shoptui.domain.stores import Store
from shoptui.domain.verbs import BadArguments
from shoptui.engine.answers import cause_said, said_before
from shoptui.engine.failpoints import around
from shoptui.engine.house import House
from shoptui.engine.moves import Move, Recorder, alike
from shoptui.engine.settle import Decision, Outcome, decide, undecided
from shoptui.engine.verbs import request_of
from shoptui.protocol import Changed

log = logging.getLogger(__name__)

#: Single readings that fail one after the other before the rest of their group is left for later.
_FAILURES_IN_A_ROW = 2

_STATE_AFTER: Mapping[Outcome, IntentState] = {
    Outcome.DONE: IntentState.DONE,
    Outcome.NOT_DONE: IntentState.NOT_DONE,
    Outcome.RESEND: IntentState.QUEUED,
    Outcome.PERSON: IntentState.NEEDS_PERSON,
}


#: For a verb this marketplace has no desk for any more: nothing can be read, so a person decides at once.
_NO_DESK_RULE = SettleRule(Settling.PERSON, first_look_s=0, give_up_s=0, resends=0)


def rule_of(desk: Desk | None) -> SettleRule:
    """The desk's row of the verb table."""
    return _NO_DESK_RULE if desk is None else desk.rule


class ReadBack:
    """Settles one store's intents whose answer was lost."""

    def __init__(
        self, house: House, market: Marketplace, recorder: Recorder, trouble: Callable[[AdapterError], None]
    ) -> None:
        self._house = house
        self._market = market
        self._recorder = recorder
        self._trouble = trouble

    async def settle(self, store: Store, intents: Sequence[Intent]) -> None:
        """Read the marketplace back for those that are due and act on what is found."""
        by_verb: dict[Verb, list[Intent]] = {}
        for intent in intents:
            if self._may_look(intent):
                by_verb.setdefault(intent.verb, []).append(intent)
        most = max(1, self._market.capabilities.detail_max)
        for verb, due in by_verb.items():
            desk = self._market.desks.get(verb)
            for start in range(0, len(due), most):
                await self._settle_group(store, desk, due[start : start + most])

    async def _settle_group(self, store: Store, desk: Desk | None, group: Sequence[Intent]) -> None:
        rule = rule_of(desk)
        found, unreadable = await self._read_back(store, desk, group)
        moves, later = [], []
        for intent, evidence in zip(group, found, strict=True):
            decision, facts = self._judge(intent, rule, evidence, unreadable)
            if decision.outcome is Outcome.LATER:
                later.append(Move(intent, intent.state, evidence=facts, look_at=decision.look_at))
            else:
                state = _STATE_AFTER[decision.outcome]
                cause = cause_said(intent) if state is IntentState.NOT_DONE else None
                moves.append(Move(intent, state, cause, evidence=facts, look_at=decision.look_at))
        await self._recorder.record(moves)
        await self._look_later(later)

    def _may_look(self, intent: Intent) -> bool:
        if intent.state not in (IntentState.UNKNOWN, IntentState.NEEDS_PERSON):
            return False
        return (intent.look_at or 0) <= self._house.clock.now()

    async def _read_back(
        self, store: Store, desk: Desk | None, group: Sequence[Intent]
    ) -> tuple[Sequence[Evidence | None], str]:
        """What the marketplace says of each, None where it could not be read, and why not.

        When the whole group cannot be read they are tried singly, so that one bad answer does not keep many in the
        dark; a marketplace that fails twice in a row is left in peace.
        """
        if desk is None:
            return [None] * len(group), "This program has no way to look for it."
        found, unreadable = await self._evidence(store, desk, group)
        if not unreadable or len(group) == 1:
            return found, unreadable
        singly: list[Evidence | None] = []
        in_a_row = 0
        for intent in group:
            if in_a_row == _FAILURES_IN_A_ROW:
                singly.append(None)
                continue
            single, why = await self._evidence(store, desk, [intent])
            in_a_row = in_a_row + 1 if why else 0
            singly += single
        return singly, unreadable

    async def _evidence(
        self, store: Store, desk: Desk, group: Sequence[Intent]
    ) -> tuple[Sequence[Evidence | None], str]:
        try:
            requests = [request_of(intent) for intent in group]
            found = await around(self._house.points, "settle.read", desk.read_back(store, requests))
        except AdapterError as error:
            self._trouble(error)
            return [None] * len(group), error.message
        except BadArguments as error:
            return [None] * len(group), str(error)
        except Exception as error:
            # A reading that we cannot make sense of must not keep the rest of the store from being sent.
            log.error("%s: reading back ended in %s", store.store_id, type(error).__name__)
            return [None] * len(group), "The answer could not be understood."
        return list(found), ""

    def _judge(
        self, intent: Intent, rule: SettleRule, evidence: Evidence | None, unreadable: str
    ) -> tuple[Decision, Mapping[str, object]]:
        now = self._house.now()
        if evidence is None:
            facts: Mapping[str, object] = {"read_at": now, "unreadable": unreadable}
            return undecided(intent, rule, now), {**said_before(intent), **facts}
        return decide(intent, rule, evidence.verdict, now), {**said_before(intent), "read_at": now, **evidence.facts}

    async def _look_later(self, later: Sequence[Move]) -> None:
        house = self._house
        for group in alike(later):
            look_at = group[0].look_at
            assert look_at is not None
            ids = [move.intent.intent_id for move in group]
            write = house.writer.look_later(ids, look_at, evidence=group[0].evidence)
            await around(house.points, "settle.later", write)
            house.hub.publish(Changed(batches=tuple(dict.fromkeys(move.intent.batch_id for move in group))))
