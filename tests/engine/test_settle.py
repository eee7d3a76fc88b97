"""What follows from evidence: a table of cases, and what may never follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Verdict
from shoptui.domain.intents import Intent, IntentState, SettleRule, Settling, TargetKind, Verb
from shoptui.engine.settle import Outcome, decide, first_look_at, undecided

READ_BACK = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=600, resends=1)
LATE = SettleRule(Settling.READ_BACK_LATE, first_look_s=1200, give_up_s=7200, resends=1)
PERSON = SettleRule(Settling.PERSON, first_look_s=5, give_up_s=600, resends=0)
SENT_AT = 1_000_000


def intent(state: IntentState = IntentState.UNKNOWN, attempts: int = 1) -> Intent:
    return Intent(
        intent_id=1,
        batch_id="b",
        verb=Verb.SHIP,
        store_id="tt-th-1",
        order_no="5770001",
        target_kind=TargetKind.PACKAGE,
        target_id="1152",
        args={},
        state=state,
        operator="mei",
        created_at=SENT_AT - 10,
        release_at=SENT_AT,
        attempts=attempts,
        sent_at=SENT_AT,
    )


@pytest.mark.parametrize(
    ("rule", "state", "attempts", "verdict", "after_s", "outcome"),
    [
        (READ_BACK, IntentState.UNKNOWN, 1, Verdict.DONE, 3, Outcome.DONE),
        (READ_BACK, IntentState.UNKNOWN, 1, Verdict.ALREADY, 3, Outcome.DONE),
        (READ_BACK, IntentState.UNKNOWN, 1, Verdict.NOT_DONE, 3, Outcome.RESEND),
        (READ_BACK, IntentState.UNKNOWN, 2, Verdict.NOT_DONE, 3, Outcome.NOT_DONE),
        (READ_BACK, IntentState.UNKNOWN, 1, Verdict.NOT_DONE, 2, Outcome.LATER),
        (READ_BACK, IntentState.UNKNOWN, 1, Verdict.WAIT, 599, Outcome.LATER),
        (READ_BACK, IntentState.UNKNOWN, 1, Verdict.WAIT, 600, Outcome.PERSON),
        (READ_BACK, IntentState.UNKNOWN, 1, Verdict.UNDECIDED, 600, Outcome.PERSON),
        (READ_BACK, IntentState.UNKNOWN, 1, Verdict.DONE, 9000, Outcome.DONE),
        # Shopee's state lags: nothing it says in the first twenty minutes counts.
        (LATE, IntentState.UNKNOWN, 1, Verdict.NOT_DONE, 1199, Outcome.LATER),
        (LATE, IntentState.UNKNOWN, 1, Verdict.DONE, 60, Outcome.LATER),
        (LATE, IntentState.UNKNOWN, 1, Verdict.NOT_DONE, 1200, Outcome.RESEND),
        # A label that was bought leaves no id to look for: its absence proves nothing.
        (PERSON, IntentState.UNKNOWN, 1, Verdict.NOT_DONE, 60, Outcome.LATER),
        (PERSON, IntentState.UNKNOWN, 1, Verdict.NOT_DONE, 600, Outcome.PERSON),
        (PERSON, IntentState.UNKNOWN, 1, Verdict.DONE, 60, Outcome.DONE),
        # Somebody was asked: evidence may still spare them, but nothing is sent behind their back.
        (READ_BACK, IntentState.NEEDS_PERSON, 1, Verdict.NOT_DONE, 1500, Outcome.NOT_DONE),
        (READ_BACK, IntentState.NEEDS_PERSON, 1, Verdict.DONE, 1500, Outcome.DONE),
        (READ_BACK, IntentState.NEEDS_PERSON, 1, Verdict.WAIT, 1500, Outcome.LATER),
    ],
)
def test_cases(
    rule: SettleRule, state: IntentState, attempts: int, verdict: Verdict, after_s: int, outcome: Outcome
) -> None:
    assert decide(intent(state, attempts), rule, verdict, SENT_AT + after_s).outcome is outcome


rules = st.builds(
    SettleRule,
    settling=st.sampled_from(Settling),
    first_look_s=st.integers(0, 2000),
    give_up_s=st.integers(0, 9000),
    resends=st.integers(0, 3),
)


@given(rules, st.sampled_from(Verdict), st.integers(1, 6), st.integers(0, 20_000))
def test_never_sent_more_often_than_the_rule_allows(
    rule: SettleRule, verdict: Verdict, attempts: int, after_s: int
) -> None:
    decision = decide(intent(attempts=attempts), rule, verdict, SENT_AT + after_s)
    if decision.outcome is Outcome.RESEND:
        assert attempts <= rule.resends
        assert rule.settling not in (Settling.PERSON, Settling.RECOMPUTE)
        assert verdict is Verdict.NOT_DONE
        assert after_s >= rule.first_look_s


@given(rules, st.integers(0, 20_000))
def test_every_unreadable_intent_is_looked_at_again_and_reaches_a_person_in_time(
    rule: SettleRule, after_s: int
) -> None:
    now = SENT_AT + after_s
    decision = undecided(intent(), rule, now)
    assert decision.look_at is not None and decision.look_at > now
    if decision.outcome is Outcome.LATER:
        assert decision.look_at <= SENT_AT + rule.give_up_s
    else:
        assert after_s >= rule.give_up_s


def test_first_look() -> None:
    assert first_look_at(LATE, SENT_AT) == SENT_AT + 1200
