"""Owns what follows from a desk's answer to one request: the intent's next state, pure."""

from __future__ import annotations

from shoptui.adapters.base import Verdict
from shoptui.adapters.desks import Outcome
from shoptui.domain.intents import Cause, CauseId, Intent, IntentState, SettleRule, Settling
from shoptui.engine.moves import Move
from shoptui.engine.settle import ASKED_SINCE, asked_since, first_look_at, repeat_at

_ALREADY = {"answer": "already"}


def after_outcome(intent: Intent, outcome: Outcome, rule: SettleRule, now: int) -> Move:
    """What follows from the answer to an intent that was just sent."""
    facts = dict(outcome.facts) or None
    if outcome.verdict is Verdict.DONE:
        return Move(intent, IntentState.DONE, evidence=facts)
    if outcome.verdict is Verdict.ALREADY:
        return Move(intent, IntentState.DONE, evidence=facts or _ALREADY)
    if outcome.verdict is Verdict.REFUSED:
        return Move(intent, IntentState.FAILED, outcome.cause or Cause(CauseId.OTHER), evidence=facts)
    # In between, or undecided: the marketplace may be working on it.
    return after_silence(intent, rule, outcome.cause or Cause(CauseId.NOT_READY), now)


def after_silence(intent: Intent, rule: SettleRule, cause: Cause, now: int) -> Move:
    """What follows when a request went out and nothing is known of its end; `cause` is why not.

    What can be repeated without harm is asked again later, and fails with the cause when it has been asked often or
    long enough. Everything else is read back, not before evidence can be trusted.
    """
    sent_at = intent.sent_at if intent.sent_at is not None else now
    if rule.settling is not Settling.REPEAT:
        return Move(intent, IntentState.UNKNOWN, look_at=first_look_at(rule, sent_at))
    at = repeat_at(intent, rule, now)
    if at is None:
        return Move(intent, IntentState.FAILED, cause)
    facts = {ASKED_SINCE: asked_since(intent), "last_answer": cause.message or cause.id.value}
    return Move(intent, IntentState.QUEUED, evidence=facts, look_at=at)
