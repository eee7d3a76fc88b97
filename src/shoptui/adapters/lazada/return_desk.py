"""Lazada's desk for reverse orders: agreeing and paying for all units at once, refusing unit by unit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptui.adapters.base import Rejected
from shoptui.adapters.desks import Outcome, Request
from shoptui.adapters.lazada.client import ShopClient, id_list
from shoptui.adapters.lazada.desk_calls import refusal_outcome
from shoptui.adapters.lazada.errors import TITLE
from shoptui.adapters.lazada.returns import COMMENT_MAX, LazadaReturns, lines_of
from shoptui.adapters.lazada.wire import read_raw
from shoptui.adapters.return_answers import REFUSALS, no_such_reason
from shoptui.adapters.return_desk import ReturnDesk
from shoptui.adapters.singles import refused
from shoptui.domain.intents import CauseId, SettleRule, Settling
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnRequest
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReturnDecision

#: Units that still wait say so, and one that is answered cannot be answered again.
RETURN_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=2)

_UPDATE = "/order/reverse/return/update"
_ONLY_REFUND = "/order/reverse/onlyrefund/seller/decide"
_NOT_NOW = "114"


@dataclass(frozen=True, slots=True)
class _Step:
    """One call. `may_be_done` marks what somebody may have said before: then it is refused, and that is well."""

    path: str
    params: Mapping[str, str]
    may_be_done: bool = False


class AnswerReturnDesk(ReturnDesk[Sequence[_Step]]):
    """Answers reverse orders (return and refund, update and onlyrefund decide), which is documented as GET."""

    rule = RETURN_RULE

    def __init__(self, client: ShopClient, returns: LazadaReturns) -> None:
        super().__init__(returns)
        self._client = client
        self._returns = returns

    async def message(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> Sequence[_Step] | Outcome:
        return await self._fault(store, decision, found) or _steps(decision, found)

    async def tell(
        self, store: Store, request: Request, found: ReturnRequest, message: Sequence[_Step]
    ) -> Mapping[str, str]:
        for step in message:
            try:
                await self._client.get(store, step.path, read_raw, feed="answer_return", params=step.params, write=True)
            except Rejected as refusal:
                if not (step.may_be_done and refusal.code == _NOT_NOW):
                    raise
        return {"lines": ", ".join(lines_of(found))}

    def refusal(self, rejected: Rejected) -> Outcome:
        return refusal_outcome(rejected)

    async def _fault(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> Outcome | None:
        if decision.answer not in REFUSALS:
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
        return no_such_reason(decision.reason_id, reasons, TITLE)


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
