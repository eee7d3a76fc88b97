"""TikTok Shop's desk for answering a buyer who asks to cancel: agree, or refuse with one of its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.return_answers import no_such_reason
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.adapters.tiktok import why_not
from shoptui.adapters.tiktok.cancellations import BUYER_CANCEL, GRANTED, PENDING, Cancellations, buyers_request
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import answer_buyer, refusal_outcome, send_each
from shoptui.adapters.tiktok.desk_wire import CancelRecord
from shoptui.adapters.tiktok.errors import TITLE
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import CancelAnswer
from shoptui.text import sanitise_cell

#: The idempotency key makes a repetition the same answer, so sending again is harmless.
ANSWER_RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=600, resends=3)


class AnswerCancelDesk:
    """Approves or rejects buyers' requests (return and refund, Approve/Reject Cancellation): one call each."""

    verb = Verb.ANSWER_CANCEL
    rule = ANSWER_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, cancellations: Cancellations) -> None:
        self._client = client
        self._cancellations = cancellations

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.answer_cancel(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """One search finds the requests of all orders; what is answered already is told, not answered again."""
        listed = await self._cancellations.of_orders(store, [each.order_no for each in requests], feed="cancel")

        async def one(request: Request) -> Outcome:
            record = buyers_request(listed.get(request.order_no, ()))
            if record is None or record.cancel_status != PENDING:
                return _of_answered(request, record)
            return await self._answer(store, request, record)

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        listed = await self._cancellations.of_orders(store, [each.order_no for each in requests], feed="settle")
        return [_evidence(request, listed.get(request.order_no, ())) for request in requests]

    async def _answer(self, store: Store, request: Request, record: CancelRecord) -> Outcome:
        args = arguments_of(request, CancelAnswer)
        body: dict[str, object] = {}
        if not args.accept:
            # Sellers in SEA must take a reason from this list, and the names differ by market and change.
            reasons = await self._cancellations.reject_reasons(store, record.cancel_id, feed="cancel")
            wrong = no_such_reason(args.reason_id, reasons, TITLE)
            if wrong is not None:
                return wrong
            body["reject_reason"] = args.reason_id
            if args.comment:
                body["comment"] = args.comment
        action = "approve" if args.accept else "reject"
        try:
            path = f"/return_refund/202309/cancellations/{segment(record.cancel_id)}/{action}"
            await answer_buyer(self._client, store, request, f"cancellation.{action}", path, body, "cancel")
        except Rejected as refusal:
            return await self._after_refusal(store, request, refusal)
        return Outcome(Verdict.DONE, facts={"cancel_id": record.cancel_id})

    async def _after_refusal(self, store: Store, request: Request, refusal: Rejected) -> Outcome:
        """Somebody may have answered meanwhile, as was wished or against it."""
        outcome = refusal_outcome(refusal)
        if refusal.cause.id is not CauseId.REQUEST_CLOSED and outcome.verdict is not Verdict.ALREADY:
            return outcome
        listed = await self._cancellations.of_orders(store, [request.order_no], feed="cancel")
        return _of_answered(request, buyers_request(listed.get(request.order_no, ())))


def _of_answered(request: Request, record: CancelRecord | None) -> Outcome:
    """What to say where the buyer's request is not open (any more)."""
    if record is None:
        return refused(CauseId.REQUEST_CLOSED, "The buyer has no request to cancel this order.")
    if record.cancel_status == PENDING:
        return Outcome(Verdict.WAIT, facts=_facts(record))
    granted = record.cancel_status in GRANTED
    if granted == arguments_of(request, CancelAnswer).accept:
        return Outcome(Verdict.ALREADY, facts=_facts(record))
    words = "The request is granted and the order cancelled." if granted else "The request is refused or withdrawn."
    return Outcome(Verdict.REFUSED, refused(CauseId.REQUEST_CLOSED, words).cause, facts=_facts(record))


def _evidence(request: Request, records: Sequence[CancelRecord]) -> Evidence:
    record = buyers_request(records)
    if record is None:
        return Evidence(Verdict.UNDECIDED)
    facts = _facts(record)
    if record.cancel_status == PENDING:
        asked = sum(each.cancel_type == BUYER_CANCEL for each in records)
        # After a refusal the buyer may ask again: then nobody can tell which request our answer met.
        return Evidence(Verdict.NOT_DONE if asked == 1 else Verdict.UNDECIDED, facts)
    granted = record.cancel_status in GRANTED
    accepted = arguments_of(request, CancelAnswer).accept
    return Evidence(Verdict.DONE if granted == accepted else Verdict.NOT_DONE, facts)


def _facts(record: CancelRecord) -> Mapping[str, str]:
    facts = {"cancel_id": record.cancel_id, "request": sanitise_cell(record.cancel_status)}
    if record.cancel_reason_text or record.cancel_reason:
        facts["buyers_reason"] = sanitise_cell(record.cancel_reason_text or record.cancel_reason or "")
    if record.update_time:
        facts["updated_at"] = str(record.update_time)
    return facts
