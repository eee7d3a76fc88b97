"""Owns what may go now of a chain: an intent has its turn when what it comes after is done, and fails with it."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.intents import OPEN_STATES, Cause, CauseId, Intent, IntentState
from shoptui.engine.failpoints import around
from shoptui.engine.house import House
from shoptui.engine.moves import Move


async def in_their_turn(house: House, queued: Sequence[Intent]) -> tuple[list[Intent], list[Move]]:
    """Those of the queued that may go now, and the failures of those whose predecessor ended otherwise than done.

    What is in neither waits. The moves are not written down yet.
    """
    earlier = [intent.after_intent_id for intent in queued if intent.after_intent_id is not None]
    if not earlier:
        return list(queued), []
    found = await around(house.points, "drain.earlier", house.writer.intents(earlier))
    before = {intent.intent_id: intent for intent in found}
    turn: list[Intent] = []
    failed: list[Move] = []
    for intent in queued:
        if intent.after_intent_id is None:
            turn.append(intent)
            continue
        # The ledger keeps every intent, so the predecessor is there; without it nothing would say that it was done.
        first = before.get(intent.after_intent_id)
        if first is not None and first.state is IntentState.DONE:
            turn.append(intent)
        elif first is None or first.state not in OPEN_STATES:
            cause = first.cause if first is not None else None
            failed.append(Move(intent, IntentState.FAILED, cause or Cause(CauseId.EARLIER)))
    return turn, failed
