"""Owns whether an answer to a return request may be ordered, and whether it must still not be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shoptui.adapters.base import Marketplace
from shoptui.domain.clocks import next_loss
from shoptui.domain.intents import Cause, CauseId, Intent, NewIntent, Verb
from shoptui.domain.returns import OUR_TURN, ReturnAsk
from shoptui.domain.verbs import ReturnDecision, read_args
from shoptui.engine.admission import No, Rechecked, Refused, judge_each, unfit
from shoptui.store.results import ReturnFacts
from shoptui.store.writer import Writer

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.lanes import Lane


def judge_return(
    market: Marketplace, intent: NewIntent, facts: ReturnFacts | None, claimed_by: str = "", *, take_over: bool = False
) -> No | None:
    """Why this answer may not be ordered, None when it may. `claimed_by` is a colleague or "".

    `take_over`: whoever answers knows that a colleague works on it and answers all the same.
    """
    if (no := unfit(market, intent)) is not None:
        return no
    if facts is None:
        say = f"{intent.store_id} has no return {intent.target_id} here; check the store first."
        return No("unknown_return", say, {"store": intent.store_id, "return": intent.target_id})
    request = facts.request
    if request.ask is ReturnAsk.CANCEL:
        return No("is_cancel", "This buyer wants to cancel: agree or refuse on the order.", {"order": request.order_no})
    if request.state not in OUR_TURN:
        return No("not_our_turn", "It is not the store's turn to answer this request.", {"state": request.state.value})
    decision = _decision(intent)
    if decision.answer not in request.answers:
        taken = ", ".join(sorted(answer.value.replace("_", " ") for answer in request.answers)) or "no answer"
        say = f"The marketplace does not take that answer to this request now; it takes {taken}."
        return No("answer_not_taken", say, {"answer": decision.answer.value})
    if decision.offer_minor is not None and not 0 < decision.offer_minor < request.value.minor:
        say = f"Offer more than nothing and less than the {request.value.plain()} {request.value.currency} asked for."
        return No("offer", say, {"most": request.value.plain(), "currency": request.value.currency})
    if claimed_by and not take_over:
        return No("claimed", f"{claimed_by} is on this. Order again to answer all the same.", {"who": claimed_by})
    return None


def _decision(intent: NewIntent | Intent) -> ReturnDecision:
    args = read_args(Verb.ANSWER_RETURN, intent.args)
    assert isinstance(args, ReturnDecision)
    return args


async def judge_returns(
    engine: Engine, intents: Sequence[NewIntent], operator: str, *, take_over: bool
) -> tuple[dict[int, int | None], dict[int, Refused]]:
    """By place in the list: when the time to answer ends (epoch s, None without one), and what is refused."""
    house = engine.house
    keys = [(intent.store_id, intent.target_id) for intent in intents]
    known = {key: await house.writer.returns.facts(*key) for key in dict.fromkeys(keys)}
    orders = [(facts.request.store_id, facts.request.order_no) for facts in known.values() if facts is not None]
    claims = await house.writer.claimed(orders, house.now())

    async def judge(lane: Lane, intent: NewIntent) -> No | int | None:
        facts = known[intent.store_id, intent.target_id]
        who = "" if facts is None else claims.get((intent.store_id, facts.request.order_no), "")
        no = judge_return(lane.market, intent, facts, "" if who == operator else who, take_over=take_over)
        return no or _due_at(facts, house.now())

    return await judge_each(engine.lanes, intents, judge)


def _due_at(facts: ReturnFacts | None, now: int) -> int | None:
    return None if facts is None else next_loss(facts.request.clocks, now).at


async def recheck_answers(writer: Writer, intents: Sequence[Intent], now: int) -> Rechecked:
    """What of the queued answers may still go: nobody has answered elsewhere, and time has not answered for us."""
    found = Rechecked()
    for intent in intents:
        facts = await writer.returns.facts(intent.store_id, intent.target_id)
        if facts is not None and _decision(intent).answer not in facts.request.answers:
            found.stopped.append((intent, Cause(CauseId.REQUEST_CLOSED, message=facts.request.raw_state)))
            continue
        found.go(intent, _due_at(facts, now))
    return found
