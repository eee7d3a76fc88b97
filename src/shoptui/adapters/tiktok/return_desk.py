"""TikTok Shop's desk for return and refund requests: one decision a call, by the request's type and where it stands."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.adapters.base import Rejected
from shoptui.adapters.desks import Outcome, Request, arguments_of
from shoptui.adapters.return_answers import REFUSALS, no_such_reason, offer_fault
from shoptui.adapters.return_desk import ReturnDesk
from shoptui.adapters.singles import refused
from shoptui.adapters.tiktok.cancellations import Cancellations
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import answer_buyer, refusal_outcome
from shoptui.adapters.tiktok.errors import TITLE
from shoptui.adapters.tiktok.returns import COMMENT_MAX, PICTURES_MAX, RETURNS, TikTokReturns, picture_fields
from shoptui.domain.intents import CauseId, SettleRule, Settling
from shoptui.domain.money import Money
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnRequest
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReturnDecision

#: The idempotency key makes a repetition the same answer, so sending again is harmless.
RETURN_RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=600, resends=3)

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


class AnswerReturnDesk(ReturnDesk[Mapping[str, object]]):
    """Approves or rejects requests (return and refund, Approve/Reject Return): one call each."""

    rule = RETURN_RULE

    def __init__(self, client: ShopClient, returns: TikTokReturns, cancellations: Cancellations) -> None:
        super().__init__(returns)
        self._client = client
        self._cancellations = cancellations

    async def message(
        self, store: Store, decision: ReturnDecision, found: ReturnRequest
    ) -> Mapping[str, object] | Outcome:
        return await self._fault(store, decision, found) or _body(decision, found)

    async def tell(
        self, store: Store, request: Request, found: ReturnRequest, message: Mapping[str, object]
    ) -> Mapping[str, str]:
        action = "reject" if arguments_of(request, ReturnDecision).answer in REFUSALS else "approve"
        path = f"{RETURNS}/{segment(found.return_id)}/{action}"
        await answer_buyer(self._client, store, request, f"return.{action}", path, message, "answer_return")
        return {}

    def refusal(self, rejected: Rejected) -> Outcome:
        return refusal_outcome(rejected)

    async def _fault(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> Outcome | None:
        if decision.answer is ReturnAnswer.OFFER:
            return offer_fault(found, decision)
        if decision.answer not in REFUSALS:
            return None
        if len(decision.comment) > COMMENT_MAX:
            return refused(CauseId.TOO_LONG, f"TikTok Shop takes a comment of at most {COMMENT_MAX} characters.")
        if len(decision.pictures) > PICTURES_MAX:
            return refused(CauseId.EVIDENCE, f"TikTok Shop takes at most {PICTURES_MAX} pictures with a refusal.")
        # Which reasons fit depends on market, type and where the request stands (sheet, section 9.4).
        reasons = await self._cancellations.reject_reasons(store, found.return_id, feed="answer_return")
        return no_such_reason(decision.reason_id, reasons, TITLE)


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
