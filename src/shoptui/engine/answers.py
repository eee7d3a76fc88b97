"""Owns what follows from a desk's answer to one request: the intent's next state, pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shoptui.adapters.base import Verdict
from shoptui.adapters.desks import Outcome
from shoptui.domain.intents import Cause, CauseId, Intent, IntentState, SettleRule, Settling
from shoptui.engine.moves import Move
from shoptui.engine.settle import ASKED_SINCE, asked_since, first_look_at, repeat_at

_ALREADY = {"answer": "already"}
#: Under these names an intent's evidence keeps what the marketplace last said against it without refusing it for good.
_SAID, _SAID_CODE, _SAID_WORDS = "said", "said_code", "said_words"


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
    move = after_silence(intent, rule, outcome.cause or Cause(CauseId.NOT_READY), now)
    if move.state is IntentState.FAILED and rule.settling is Settling.RECOMPUTE:
        return replace(move, evidence=facts)
    if move.state is not IntentState.UNKNOWN or outcome.cause is None:
        return move
    return replace(move, evidence={**(facts or {}), **_noted(outcome.cause)})


def _noted(cause: Cause) -> Mapping[str, object]:
    return {_SAID: cause.id.value, _SAID_CODE: cause.code, _SAID_WORDS: cause.message}


def said_before(intent: Intent) -> Mapping[str, object]:
    """The part of the intent's evidence that says why the marketplace did not do it yet."""
    return {key: value for key, value in (intent.evidence or {}).items() if key in (_SAID, _SAID_CODE, _SAID_WORDS)}


def cause_said(intent: Intent) -> Cause | None:
    """What the marketplace last said against an intent that it did not refuse for good, None for nothing."""
    said = said_before(intent)
    if _SAID not in said:
        return None
    return Cause(CauseId(str(said[_SAID])), str(said.get(_SAID_CODE, "")), str(said.get(_SAID_WORDS, "")))


def after_silence(intent: Intent, rule: SettleRule, cause: Cause, now: int) -> Move:
    """What follows when a request went out and nothing is known of its end; `cause` is why not.

    What can be repeated without harm is asked again later, and fails with the cause when it has been asked often or
    long enough. What has to be decided anew fails at once, and is never sent again. Everything else is read back, not
    before evidence can be trusted.
    """
    sent_at = intent.sent_at if intent.sent_at is not None else now
    if rule.settling is Settling.RECOMPUTE:
        # Whatever stands there may be the write's, a sale's or somebody else's: it is decided anew from what is read.
        return Move(intent, IntentState.FAILED, Cause(CauseId.ANSWER_LOST, cause.code, cause.message))
    if rule.settling is not Settling.REPEAT:
        return Move(intent, IntentState.UNKNOWN, look_at=first_look_at(rule, sent_at))
    at = repeat_at(intent, rule, now)
    if at is None:
        return Move(intent, IntentState.FAILED, cause)
    facts = {ASKED_SINCE: asked_since(intent), "last_answer": cause.message or cause.id.value}
    return Move(intent, IntentState.QUEUED, evidence=facts, look_at=at)
