"""Shopee's desk for return requests: confirming, offering, taking a counter-offer, and disputes with evidence."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.amounts import read_amount
from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Reason, Request, arguments_of
from shoptui.adapters.return_answers import evidence_of, no_such_reason, offer_fault, overtaken
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import refusal_outcome
from shoptui.adapters.shopee.return_wire import Answered
from shoptui.adapters.shopee.returns import COMMENT_MAX, TITLE, ShopeeReturns, dispute_text, evidence_list, required
from shoptui.adapters.shopee.wire import read_response
from shoptui.adapters.singles import SINGLES_MAX, after_failure, refused, send_each
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.money import Money, minor_digits
from shoptui.domain.orders import Order
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnRequest
from shoptui.domain.stores import CONTACT_EMAIL, Store
from shoptui.domain.verbs import ReturnDecision

#: The request shows what became of it; a second answer to a settled one is refused.
RETURN_RULE = SettleRule(Settling.READ_BACK, first_look_s=10, give_up_s=600, resends=1)

_DISPUTES = frozenset({ReturnAnswer.REFUSE, ReturnAnswer.GOODS_REFUSED})
#: Doubles, which Shopee's amounts are, count so many cents exactly.
_EXACT_MAX = 2**53


class AnswerReturnDesk:
    """Confirms, offers or disputes (returns, confirm / offer / accept_offer / dispute): one call each."""

    verb = Verb.ANSWER_RETURN
    rule = RETURN_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, returns: ShopeeReturns) -> None:
        self._client = client
        self._returns = returns

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Each request is read first; what is answered already is told, not answered again."""
        shown = await self._shown(store, requests, feed="answer_return")

        async def one(request: Request) -> Outcome:
            decision, found = arguments_of(request, ReturnDecision), shown.get(request.target_id)
            over = overtaken(decision, found, TITLE)
            if over is not None or found is None:
                return over or Outcome(Verdict.WAIT)
            return await self._answer(store, request, decision, found)

        return await send_each(requests, one, refusal_outcome, after_failure)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        shown = await self._shown(store, requests, feed="settle")
        return [
            evidence_of(arguments_of(request, ReturnDecision), shown.get(request.target_id)) for request in requests
        ]

    async def _shown(self, store: Store, requests: Sequence[Request], *, feed: str) -> dict[str, ReturnRequest]:
        page = await self._returns.states(store, [request.target_id for request in requests], feed=feed)
        return {request.return_id: request for request in page.requests}

    async def _answer(self, store: Store, request: Request, decision: ReturnDecision, found: ReturnRequest) -> Outcome:
        body: dict[str, object] = {"return_sn": found.return_id}
        if decision.answer in _DISPUTES:
            told = await self._dispute(store, decision, found)
            operation = "dispute"
        elif decision.answer is ReturnAnswer.OFFER:
            told = await self._offer(store, decision, found)
            operation = "offer"
        elif decision.answer is ReturnAnswer.AGREE and dict(found.wire).get("countered"):
            told, operation = {}, "accept_offer"
        elif decision.answer is ReturnAnswer.AGREE and found.ask is ReturnAsk.RETURN:
            # Confirming would pay at once; that the goods shall come back is said by offering just that.
            told, operation = {"proposed_solution": "RETURN_REFUND"}, "offer"
        else:
            told, operation = {}, "confirm"
        if isinstance(told, Outcome):
            return told
        try:
            await self._client.post(
                store,
                f"/returns/{operation}",
                lambda answer: read_response(answer, Answered),
                feed="answer_return",
                body={**body, **told},
                write=True,
            )
        except Rejected as refusal:
            return await self._after_refusal(store, request, decision, refusal)
        return Outcome(Verdict.DONE, facts={"return_id": found.return_id})

    async def _offer(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> dict[str, object] | Outcome:
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
        return {"proposed_solution": "REFUND", "proposed_adjusted_refund_amount": amount}

    async def _dispute(
        self, store: Store, decision: ReturnDecision, found: ReturnRequest
    ) -> dict[str, object] | Outcome:
        email = store.wire.get(CONTACT_EMAIL)
        if not email:
            return refused(
                CauseId.EVIDENCE, "Shopee wants the seller's e-mail address with a dispute; the store has none set."
            )
        if len(decision.comment) > COMMENT_MAX:
            return refused(CauseId.TOO_LONG, f"The text of a dispute may have at most {COMMENT_MAX} characters.")
        known = await self._returns.disputes(store, found.return_id, feed="answer_return")
        names = [Reason(one.dispute_reason, dispute_text(one)) for one in known]
        fault = no_such_reason(decision, names, TITLE)
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
        return told

    async def _after_refusal(
        self, store: Store, request: Request, decision: ReturnDecision, refusal: Rejected
    ) -> Outcome:
        """Somebody may have answered meanwhile, as was wished or against it; what it became decides."""
        shown = await self._shown(store, [request], feed="answer_return")
        over = overtaken(decision, shown.get(request.target_id), TITLE)
        return over if over is not None else refusal_outcome(refusal)
