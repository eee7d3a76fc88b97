"""Shopee's desk for return requests: confirming, offering, taking a counter-offer, and disputes with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shoptui.adapters.amounts import read_amount
from shoptui.adapters.base import AdapterError, Rejected
from shoptui.adapters.desks import Outcome, Reason, Request
from shoptui.adapters.return_answers import REFUSALS, no_such_reason, offer_fault
from shoptui.adapters.return_desk import ReturnDesk
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import TITLE, refusal_outcome
from shoptui.adapters.shopee.return_wire import Answered
from shoptui.adapters.shopee.returns import COMMENT_MAX, ShopeeReturns, dispute_text, evidence_list, required
from shoptui.adapters.shopee.wire import read_response
from shoptui.adapters.singles import after_failure, refused
from shoptui.domain.intents import CauseId, SettleRule, Settling
from shoptui.domain.money import Money, minor_digits
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnRequest
from shoptui.domain.stores import CONTACT_EMAIL, Store
from shoptui.domain.verbs import ReturnDecision

#: The request shows what became of it; a second answer to a settled one is refused.
RETURN_RULE = SettleRule(Settling.READ_BACK, first_look_s=10, give_up_s=600, resends=1)

#: Doubles, which Shopee's amounts are, count so many cents exactly.
_EXACT_MAX = 2**53


@dataclass(frozen=True, slots=True)
class _Call:
    """One call's name, and what goes along besides the request's number."""

    operation: str
    told: Mapping[str, object]


class AnswerReturnDesk(ReturnDesk[_Call]):
    """Confirms, offers or disputes (returns, confirm / offer / accept_offer / dispute): one call each."""

    rule = RETURN_RULE

    def __init__(self, client: ShopClient, returns: ShopeeReturns) -> None:
        super().__init__(returns)
        self._client = client
        self._returns = returns

    async def message(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> _Call | Outcome:
        if decision.answer in REFUSALS:
            return await self._dispute(store, decision, found)
        if decision.answer is ReturnAnswer.OFFER:
            return await self._offer(store, decision, found)
        if decision.answer is ReturnAnswer.AGREE and dict(found.wire).get("countered"):
            return _Call("accept_offer", {})
        if decision.answer is ReturnAnswer.AGREE and found.ask is ReturnAsk.RETURN:
            # Confirming would pay at once; that the goods shall come back is said by offering just that.
            return _Call("offer", {"proposed_solution": "RETURN_REFUND"})
        return _Call("confirm", {})

    async def tell(self, store: Store, request: Request, found: ReturnRequest, message: _Call) -> Mapping[str, str]:
        await self._client.post(
            store,
            f"/returns/{message.operation}",
            lambda answer: read_response(answer, Answered),
            feed="answer_return",
            body={"return_sn": found.return_id, **message.told},
            write=True,
        )
        return {}

    def refusal(self, rejected: Rejected) -> Outcome:
        return refusal_outcome(rejected)

    def failure(self, error: AdapterError) -> Outcome:
        return after_failure(error)

    async def _offer(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> _Call | Outcome:
        fault = offer_fault(found, decision)
        if fault is not None:
            return fault
        solution = await self._returns.solution(store, found.return_id, feed="answer_return")
        if solution is None or not solution.eligibility:
            return refused(CauseId.UNSUPPORTED, "Shopee lets nothing be offered for this request.")
        money = Money(decision.offer_minor or 0, found.value.currency)
        least, most = (
            read_amount(text, money.currency) if text else None
            for text in (solution.min_refund_amount, solution.max_refund_amount)
        )
        if (least is not None and money < least) or (most is not None and money > most):
            ends = " to ".join(one.plain() for one in (least, most) if one is not None)
            return refused(CauseId.AMOUNT, f"Shopee takes an offer of {ends} {money.currency} for this request.")
        if money.minor >= _EXACT_MAX:
            return refused(CauseId.AMOUNT, "The amount is too large to be sent to Shopee exactly.")
        whole = minor_digits(money.currency) == 0
        amount: object = money.minor if whole else float(money.plain())
        return _Call("offer", {"proposed_solution": "REFUND", "proposed_adjusted_refund_amount": amount})

    async def _dispute(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> _Call | Outcome:
        email = store.wire.get(CONTACT_EMAIL)
        if not email:
            return refused(
                CauseId.EVIDENCE, "Shopee wants the seller's e-mail address with a dispute; the store has none set."
            )
        if len(decision.comment) > COMMENT_MAX:
            return refused(CauseId.TOO_LONG, f"The text of a dispute may have at most {COMMENT_MAX} characters.")
        known = await self._returns.disputes(store, found.return_id, feed="answer_return")
        names = [Reason(one.dispute_reason, dispute_text(one)) for one in known]
        fault = no_such_reason(decision.reason_id, names, TITLE)
        if fault is not None:
            return fault
        reason = next(one for one in known if one.dispute_reason == decision.reason_id)
        if not reason.dispute_reason.isdigit():
            return refused(CauseId.REASON, "Shopee names this reason in a way shoptui cannot send; see Seller Centre.")
        evidence = evidence_list(reason, decision.pictures)
        if evidence is None:
            needed = required(reason)
            wants = "; ".join(one.requirement or "a picture" for one in needed) or "no pictures"
            return refused(CauseId.EVIDENCE, f"Shopee wants {len(needed)} pictures or more for this reason: {wants}.")
        told: dict[str, object] = {
            "email": email,
            "dispute_reason_id": int(reason.dispute_reason),
            "image_list": evidence,
        }
        if decision.comment:
            told["dispute_text_reason"] = decision.comment
        return _Call("dispute", told)
