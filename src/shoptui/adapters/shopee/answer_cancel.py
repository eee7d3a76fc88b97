"""Shopee's desk for answering a buyer who asks to cancel: accept or reject, without a reason."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.http import Answer
from shoptui.adapters.shopee import why_not
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import refusal_outcome
from shoptui.adapters.shopee.orders import OrderReader
from shoptui.adapters.shopee.settle import orders_of
from shoptui.adapters.shopee.wire import Nothing, read_response
from shoptui.adapters.singles import SINGLES_MAX, after_failure, refused, send_each
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Flag, Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import CancelAnswer

#: The order shows whether the request is open; a second answer to a closed one is refused.
ANSWER_RULE = SettleRule(Settling.READ_BACK, first_look_s=10, give_up_s=600, resends=1)


class AnswerCancelDesk:
    """Accepts or rejects buyers' requests (order, handle_buyer_cancellation): one call each."""

    verb = Verb.ANSWER_CANCEL
    rule = ANSWER_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader) -> None:
        self._client = client
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.answer_cancel(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            return await self._answer(store, request)

        return await send_each(requests, one, refusal_outcome, after_failure)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [_evidence(request, orders.get(request.order_no)) for request in requests]

    async def _answer(self, store: Store, request: Request) -> Outcome:
        operation = "ACCEPT" if arguments_of(request, CancelAnswer).accept else "REJECT"
        body = {"order_sn": request.order_no, "operation": operation}
        try:
            await self._client.post(
                store, "/order/handle_buyer_cancellation", _read, feed="cancel", body=body, write=True
            )
        except Rejected as refusal:
            return await self._after_refusal(store, request, refusal)
        return Outcome(Verdict.DONE)

    async def _after_refusal(self, store: Store, request: Request, refusal: Rejected) -> Outcome:
        """Somebody may have answered meanwhile, as was wished or against it, or the buyer may have withdrawn."""
        if refusal.cause.id is not CauseId.REQUEST_CLOSED:
            return refusal_outcome(refusal)
        orders = await orders_of(self._orders, store, [request], feed="cancel")
        order = orders.get(request.order_no)
        if order is None:
            return refusal_outcome(refusal)
        evidence = _evidence(request, order)
        if evidence.verdict is Verdict.DONE:
            return Outcome(Verdict.ALREADY, facts=evidence.facts)
        cancelled = order.status is Status.CANCELLED
        words = "The order is cancelled already." if cancelled else "The buyer's request is refused or withdrawn."
        return Outcome(Verdict.REFUSED, refused(CauseId.REQUEST_CLOSED, words).cause, facts=evidence.facts)


def _evidence(request: Request, order: Order | None) -> Evidence:
    """An open request is unanswered; a closed one was accepted where the order is cancelled, else refused."""
    if order is None:
        return Evidence(Verdict.UNDECIDED)
    facts = {"order_status": order.raw_status}
    if order.flags & Flag.CANCEL_REQUESTED:
        return Evidence(Verdict.NOT_DONE, facts)
    cancelled = order.status is Status.CANCELLED
    accepted = arguments_of(request, CancelAnswer).accept
    return Evidence(Verdict.DONE if cancelled == accepted else Verdict.NOT_DONE, facts)


def _read(answer: Answer) -> Nothing:
    return read_response(answer, Nothing)
