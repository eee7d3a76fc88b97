"""Lazada's desk for reverse orders: agreeing and paying for all units at once, refusing unit by unit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.lazada.client import ShopClient, id_list
from shoptui.adapters.lazada.desk_calls import refusal_outcome, send_each
from shoptui.adapters.lazada.returns import COMMENT_MAX, TITLE, LazadaReturns, lines_of
from shoptui.adapters.lazada.wire import read_raw
from shoptui.adapters.return_answers import evidence_of, no_such_reason, overtaken
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnRequest
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReturnDecision

#: Units that still wait say so, and one that is answered cannot be answered again.
RETURN_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=2)

_UPDATE = "/order/reverse/return/update"
_ONLY_REFUND = "/order/reverse/onlyrefund/seller/decide"
_NOT_NOW = "114"
_REFUSALS = frozenset({ReturnAnswer.REFUSE, ReturnAnswer.GOODS_REFUSED})
_NO_OFFERS = "Lazada knows no offers: agree, refund or refuse."


@dataclass(frozen=True, slots=True)
class _Step:
    """One call. `may_be_done` marks what somebody may have said before: then it is refused, and that is well."""

    path: str
    params: Mapping[str, str]
    may_be_done: bool = False


class AnswerReturnDesk:
    """Answers reverse orders (return and refund, update and onlyrefund decide), which is documented as GET."""

    verb = Verb.ANSWER_RETURN
    rule = RETURN_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, returns: LazadaReturns) -> None:
        self._client = client
        self._returns = returns

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Each request is read first; what is answered already is told, not answered again."""
        shown = await self._shown(store, requests, feed="answer_return")

        async def one(request: Request) -> Outcome:
            decision, found = arguments_of(request, ReturnDecision), shown.get(request.target_id)
            if decision.answer is ReturnAnswer.OFFER:
                return refused(CauseId.UNSUPPORTED, _NO_OFFERS)
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
        for step in _steps(decision, found):
            try:
                await self._client.get(store, step.path, read_raw, feed="answer_return", params=step.params, write=True)
            except Rejected as refusal:
                if step.may_be_done and refusal.code == _NOT_NOW:
                    continue
                return await self._after_refusal(store, request, decision, refusal)
        return Outcome(Verdict.DONE, facts={"return_id": found.return_id, "lines": ", ".join(lines_of(found))})

    async def _fault(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> Outcome | None:
        """What Lazada would refuse anyway, said before anything is sent."""
        if decision.answer not in _REFUSALS:
            return None
        if not decision.comment.strip():
            return refused(CauseId.EVIDENCE, "Lazada wants a comment with a refusal; write why.")
        if len(decision.comment) > COMMENT_MAX:
            return refused(CauseId.TOO_LONG, f"The comment may have at most {COMMENT_MAX} characters.")
        pictures_wanted = decision.answer is ReturnAnswer.GOODS_REFUSED or found.ask is ReturnAsk.REFUND
        if pictures_wanted and not decision.pictures:
            return refused(CauseId.EVIDENCE, "Lazada wants at least one picture with this refusal; hand one in first.")
        if found.ask is ReturnAsk.REFUND:
            return None
        reasons = await self._returns.reasons(store, found, feed="answer_return")
        return no_such_reason(decision, reasons, TITLE)

    async def _after_refusal(
        self, store: Store, request: Request, decision: ReturnDecision, refusal: Rejected
    ) -> Outcome:
        """Somebody may have answered meanwhile, as was wished or against it; what it became decides."""
        shown = await self._shown(store, [request], feed="answer_return")
        over = overtaken(decision, shown.get(request.target_id), TITLE)
        return over if over is not None else refusal_outcome(refusal)


def _steps(decision: ReturnDecision, found: ReturnRequest) -> list[_Step]:
    """The calls an answer takes, in order; refusals and money without goods go unit by unit."""
    lines = lines_of(found)
    own = {"reverse_order_id": found.return_id}
    each_line = [{**own, "reverse_order_item_ids": id_list([line])} for line in lines]
    whole = {**own, "reverse_order_item_ids": id_list(lines)}
    confirmed = _Step(_UPDATE, {**whole, "action": "confirmDelivery"}, may_be_done=True)
    said = {"comment": decision.comment, "reason_id": decision.reason_id}
    info = json.dumps([{"name": _name(link), "url": link} for link in decision.pictures], separators=(",", ":"))
    if decision.pictures:
        said["image_info"] = info
    match decision.answer:
        case ReturnAnswer.GOODS_OK:
            return [confirmed, _Step(_UPDATE, {**whole, "action": "agreeRefund"})]
        case ReturnAnswer.GOODS_REFUSED:
            refusals = [_Step(_UPDATE, {**line, **said, "action": "refuseRefund"}) for line in each_line]
            return [confirmed, *refusals]
        case ReturnAnswer.REFUSE if found.ask is ReturnAsk.REFUND:
            files = json.dumps(
                [{"file_name": _name(link), "file_url": link} for link in decision.pictures], separators=(",", ":")
            )
            told = {"comment": decision.comment, "image_info_list": files}
            return [_Step(_ONLY_REFUND, {**line, **told, "action": "startDispute"}) for line in each_line]
        case ReturnAnswer.REFUSE:
            return [_Step(_UPDATE, {**line, **said, "action": "refuseReturn"}) for line in each_line]
        case _ if found.ask is ReturnAsk.REFUND:
            return [_Step(_ONLY_REFUND, {**line, "action": "agreeRefund"}) for line in each_line]
        case ReturnAnswer.REFUND_ONLY:
            return [_Step(_UPDATE, {**whole, "action": "instantRefund"})]
        case _:
            return [_Step(_UPDATE, {**whole, "action": "agreeReturn"})]


def _name(link: str) -> str:
    """A file's name as its address ends."""
    return link.rpartition("/")[2][:100] or "picture.jpg"
