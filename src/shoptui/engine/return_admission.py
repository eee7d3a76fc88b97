"""Owns whether an answer to a return request may be ordered, and whether it must still not be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shoptui.adapters.base import Marketplace
from shoptui.domain.clocks import next_loss
from shoptui.domain.intents import Cause, CauseId, Intent, NewIntent, TargetKind, Verb
from shoptui.domain.returns import OUR_TURN, ReturnAsk
from shoptui.domain.verbs import ReturnDecision, read_args
from shoptui.engine.admission import Refused
from shoptui.engine.chat_admission import No, Rechecked
from shoptui.store.results import ReturnFacts
from shoptui.store.writer import Writer

if TYPE_CHECKING:
    from shoptui.engine.core import Engine


def judge_return(
    market: Marketplace, intent: NewIntent, facts: ReturnFacts | None, claimed_by: str = "", *, take_over: bool = False
) -> No | None:
    """Why this answer may not be ordered, None when it may. `claimed_by` is a colleague or "".

    `take_over`: whoever answers knows that a colleague works on it and answers all the same.
    """
    if intent.target_kind is not TargetKind.RETURN:
        return No("bad_request", f"{intent.verb.value} acts on returns; target_kind must be return.")
    if market.returns is None or intent.verb not in market.desks:
        never = market.never.get(intent.verb)
        if never is not None:
            return No(never.id, never.reason)
        return No("no_desk", "shoptui cannot answer returns at this marketplace.")
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
    due_at: dict[int, int | None] = {}
    refused: dict[int, Refused] = {}
    known = [await house.writer.returns.facts(intent.store_id, intent.target_id) for intent in intents]
    orders = [(facts.request.store_id, facts.request.order_no) for facts in known if facts is not None]
    claims = await house.writer.claimed(orders, house.now())
    for index, (intent, facts) in enumerate(zip(intents, known, strict=True)):
        lane = engine.lanes.get(intent.store_id)
        if lane is None:
            refused[index] = Refused(intent.verb, "unknown_store", f"There is no store {intent.store_id} here.")
            continue
        who = "" if facts is None else claims.get((intent.store_id, facts.request.order_no), "")
        no = judge_return(lane.market, intent, facts, "" if who == operator else who, take_over=take_over)
        if no is not None:
            refused[index] = Refused(intent.verb, no.reason, no.say, no.args)
        else:
            due_at[index] = None if facts is None else next_loss(facts.request.clocks, house.now()).at
    return due_at, refused


async def recheck_answers(writer: Writer, intents: Sequence[Intent], now: int) -> Rechecked:
    """What of the queued answers may still go: nobody has answered elsewhere, and time has not answered for us."""
    found = Rechecked([], [], {})
    for intent in intents:
        facts = await writer.returns.facts(intent.store_id, intent.target_id)
        if facts is not None and _decision(intent).answer not in facts.request.answers:
            found.stopped.append((intent, Cause(CauseId.REQUEST_CLOSED, message=facts.request.raw_state)))
            continue
        found.going.append(intent)
        at = None if facts is None else next_loss(facts.request.clocks, now).at
        found.due_at[intent.intent_id] = float("inf") if at is None else float(at)
    return found
