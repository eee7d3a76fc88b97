"""TikTok Shop's desk for return and refund requests: one decision a call, by the request's type and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.return_answers import evidence_of, no_such_reason, offer_fault, overtaken
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.adapters.tiktok.cancellations import Cancellations
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import refusal_outcome, send_each
from shoptui.adapters.tiktok.returns import COMMENT_MAX, PICTURES_MAX, RETURNS, TITLE, TikTokReturns, picture_fields
from shoptui.adapters.tiktok.wire import PlainAnswer, read_envelope
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.money import Money
from shoptui.domain.orders import Order
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnRequest
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReturnDecision

#: The idempotency key makes a repetition the same answer, so sending again is harmless.
RETURN_RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=600, resends=3)

_KEY_MAX = 255
_YES = {
    ReturnAsk.REFUND: "APPROVE_REFUND",
    ReturnAsk.RETURN: "APPROVE_RETURN",
    ReturnAsk.REPLACE: "APPROVE_REPLACEMENT",
}
_NO = {
    ReturnAsk.REFUND: "REJECT_REFUND",
    ReturnAsk.RETURN: "REJECT_RETURN",
    ReturnAsk.REPLACE: "REJECT_REPLACEMENT",
}
_REFUSALS = frozenset({ReturnAnswer.REFUSE, ReturnAnswer.GOODS_REFUSED})


class AnswerReturnDesk:
    """Approves or rejects requests (return and refund, Approve/Reject Return): one call each."""

    verb = Verb.ANSWER_RETURN
    rule = RETURN_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, returns: TikTokReturns, cancellations: Cancellations) -> None:
        self._client = client
        self._returns = returns
        self._cancellations = cancellations

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """One search finds where all requests stand; what is answered already is told, not answered again."""
        shown = await self._shown(store, requests, feed="answer_return")

        async def one(request: Request) -> Outcome:
            decision, found = arguments_of(request, ReturnDecision), shown.get(request.target_id)
            over = overtaken(decision, found, TITLE)
            if over is not None or found is None:
                return over or Outcome(Verdict.WAIT)
            return await self._answer(store, request, decision, found)

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        shown = await self._shown(store, requests, feed="settle")
        return [
            evidence_of(arguments_of(request, ReturnDecision), shown.get(request.target_id)) for request in requests
        ]

    async def _shown(self, store: Store, requests: Sequence[Request], *, feed: str) -> dict[str, ReturnRequest]:
        page = await self._returns.states(store, [request.target_id for request in requests], feed=feed)
        return {request.return_id: request for request in page.requests}

    async def _answer(self, store: Store, request: Request, decision: ReturnDecision, found: ReturnRequest) -> Outcome:
        fault = await self._fault(store, decision, found)
        if fault is not None:
            return fault
        action = "reject" if decision.answer in _REFUSALS else "approve"
        try:
            await self._client.call(
                store,
                f"return.{action}",
                "POST",
                f"{RETURNS}/{segment(found.return_id)}/{action}",
                lambda answer: read_envelope(answer, PlainAnswer),
                feed="answer_return",
                params={"idempotency_key": request.key[:_KEY_MAX]} if request.key else None,
                body=_body(decision, found),
                write=True,
            )
        except Rejected as refusal:
            return await self._after_refusal(store, request, decision, refusal)
        return Outcome(Verdict.DONE, facts={"return_id": found.return_id})

    async def _fault(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> Outcome | None:
        """What TikTok Shop would refuse anyway, said before anything is sent."""
        if decision.answer is ReturnAnswer.OFFER:
            return offer_fault(found, decision)
        if decision.answer not in _REFUSALS:
            return None
        if len(decision.comment) > COMMENT_MAX:
            return refused(CauseId.TOO_LONG, f"TikTok Shop takes a comment of at most {COMMENT_MAX} characters.")
        if len(decision.pictures) > PICTURES_MAX:
            return refused(CauseId.EVIDENCE, f"TikTok Shop takes at most {PICTURES_MAX} pictures with a refusal.")
        # Which reasons fit depends on market, type and where the request stands (sheet, section 9.4).
        reasons = await self._cancellations.reject_reasons(store, found.return_id, feed="answer_return")
        return no_such_reason(decision, reasons, TITLE)

    async def _after_refusal(
        self, store: Store, request: Request, decision: ReturnDecision, refusal: Rejected
    ) -> Outcome:
        """Somebody may have answered meanwhile, as was wished or against it; what it became decides."""
        shown = await self._shown(store, [request], feed="answer_return")
        over = overtaken(decision, shown.get(request.target_id), TITLE)
        return over if over is not None else refusal_outcome(refusal)


def _body(decision: ReturnDecision, found: ReturnRequest) -> dict[str, object]:
    match decision.answer:
        case ReturnAnswer.AGREE:
            return {"decision": _YES[found.ask]}
        case ReturnAnswer.REFUND_ONLY if found.ask is ReturnAsk.RETURN:
            return {"decision": "APPROVE_RETURN", "buyer_keep_item": True}
        case ReturnAnswer.REFUND_ONLY if found.ask is ReturnAsk.REPLACE:
            return {"decision": "ISSUE_REPLACEMENT_REFUND"}
        case ReturnAnswer.REFUND_ONLY:
            return {"decision": "APPROVE_REFUND"}
        case ReturnAnswer.OFFER:
            money = Money(decision.offer_minor or 0, found.value.currency)
            part = {"currency": money.currency, "amount": money.plain()}
            return {"decision": "OFFER_PARTIAL_REFUND", "partial_refund": part}
        case ReturnAnswer.GOODS_OK:
            return {"decision": "APPROVE_RECEIVED_PACKAGE"}
        case ReturnAnswer.REFUSE | ReturnAnswer.GOODS_REFUSED:
            goods = decision.answer is ReturnAnswer.GOODS_REFUSED
            body: dict[str, object] = {
                "decision": "REJECT_RECEIVED_PACKAGE" if goods else _NO[found.ask],
                "reject_reason": decision.reason_id,
            }
            if decision.comment:
                body["comment"] = decision.comment
            if decision.pictures:
                body["images"] = [picture_fields(link) for link in decision.pictures]
            return body
