"""Owns how a lost answer is settled: pure decisions from the verb's rule, the evidence read back and the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shoptui.adapters.base import Verdict
from shoptui.domain.intents import Intent, IntentState, SettleRule, Settling

#: Between two looks for evidence, seconds; the wait grows with the age of the request between these bounds.
_LOOK_SOONEST_S = 5
_LOOK_LATEST_S = 120
#: The evidence field that says since when a repeatable request has been asked for, epoch seconds.
ASKED_SINCE = "asked_since"
#: How often evidence is still looked for after a person has been asked, seconds: it may turn up and spare them.
LOOK_FOR_PERSON_S = 900


class Outcome(StrEnum):
    """What to do with an intent whose answer was lost."""

    DONE = "done"
    NOT_DONE = "not_done"
    RESEND = "resend"
    PERSON = "person"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Decision:
    """`look_at` is when to look for evidence again (epoch seconds), None when nothing more is to be read."""

    outcome: Outcome
    look_at: int | None = None


def first_look_at(rule: SettleRule, sent_at: int) -> int:
    """The earliest moment at which evidence about a request sent at `sent_at` can be trusted."""
    return sent_at + rule.first_look_s


def asked_since(intent: Intent) -> int:
    """When a repeatable request was asked for the first time (epoch seconds)."""
    noted = (intent.evidence or {}).get(ASKED_SINCE)
    if isinstance(noted, int):
        return noted
    return intent.sent_at if intent.sent_at is not None else intent.created_at


def repeat_at(intent: Intent, rule: SettleRule, now: int) -> int | None:
    """When to ask again for what may be repeated without harm (epoch seconds); None when it is to be given up.

    `intent` has just been sent; `give_up_s` counts from the first time it was.
    """
    since = asked_since(intent)
    give_up_at = since + rule.give_up_s
    if intent.attempts > rule.resends or now >= give_up_at:
        return None
    wait = min(max((now - since) // 2, rule.first_look_s, 1), _LOOK_LATEST_S)
    return min(now + wait, give_up_at)


def decide(intent: Intent, rule: SettleRule, verdict: Verdict, now: int) -> Decision:
    """What follows from one reading of the marketplace.

    `intent` is in state unknown or needs_person and has been sent at least once.
    """
    sent_at = intent.sent_at if intent.sent_at is not None else intent.created_at
    if now < first_look_at(rule, sent_at):
        return Decision(Outcome.LATER, first_look_at(rule, sent_at))
    if verdict in (Verdict.DONE, Verdict.ALREADY):
        return Decision(Outcome.DONE)
    if verdict is Verdict.NOT_DONE and rule.settling not in (Settling.PERSON, Settling.RECOMPUTE):
        # A person who was asked may be acting on it right now, so from there on we only read.
        may_resend = intent.state is IntentState.UNKNOWN and intent.attempts <= rule.resends
        return Decision(Outcome.RESEND if may_resend else Outcome.NOT_DONE)
    return undecided(intent, rule, now)


def undecided(intent: Intent, rule: SettleRule, now: int) -> Decision:
    """What follows when nothing could be read or the reading decides nothing."""
    if intent.state is IntentState.NEEDS_PERSON:
        return Decision(Outcome.LATER, now + LOOK_FOR_PERSON_S)
    sent_at = intent.sent_at if intent.sent_at is not None else intent.created_at
    give_up_at = sent_at + rule.give_up_s
    if now >= give_up_at:
        return Decision(Outcome.PERSON, now + LOOK_FOR_PERSON_S)
    wait = min(max((now - sent_at) // 2, _LOOK_SOONEST_S), _LOOK_LATEST_S)
    return Decision(Outcome.LATER, min(now + wait, give_up_at))
