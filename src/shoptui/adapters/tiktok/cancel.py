"""TikTok Shop's desk for cancelling as the seller: a whole order, or single units where the market allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.adapters.tiktok import why_not
from shoptui.adapters.tiktok.cancellations import CLOSED, GRANTED, PENDING, Cancellations
from shoptui.adapters.tiktok.client import ShopClient
from shoptui.adapters.tiktok.desk_calls import orders_of, refusal_outcome, send_each, units_of
from shoptui.adapters.tiktok.desk_wire import CancelledAnswer, CancelRecord
from shoptui.adapters.tiktok.orders import OrderReader
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import CancelChoice

#: A cancelled order says so, and so do cancelled units; a second cancellation is refused.
CANCEL_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=1)

# Codes that may mean "cancelled already": another request or the order's end (documented with both meanings).
_PERHAPS_ALREADY = frozenset({"25001010", "25001011", "25001051", "25020009"})
_SELLER = "SELLER"


class CancelDesk:
    """Cancels as the seller (return and refund, Cancel Order): one call each."""

    verb = Verb.CANCEL
    rule = CANCEL_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader, cancellations: Cancellations) -> None:
        self._client = client
        self._orders = orders
        self._cancellations = cancellations

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.cancel(store, order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        partial = [request for request in requests if arguments_of(request, CancelChoice).line_ids]
        orders = await orders_of(self._orders, store, partial, feed="cancel") if partial else {}

        async def one(request: Request) -> Outcome:
            return await self._cancel(store, request, orders.get(request.order_no))

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """What the orders say, and the cancellations TikTok Shop lists for them as the second witness."""
        orders = await orders_of(self._orders, store, requests, feed="settle")
        listed = await self._cancellations.of_orders(store, [each.order_no for each in requests], feed="settle")
        return [
            _evidence(request, orders.get(request.order_no), listed.get(request.order_no, ())) for request in requests
        ]

    async def _cancel(self, store: Store, request: Request, order: Order | None) -> Outcome:
        args = arguments_of(request, CancelChoice)
        body: dict[str, object] = {"order_id": request.order_no, "cancel_reason": args.reason_id}
        if args.line_ids:
            if order is None:
                return refused(CauseId.NOT_OURS, "TikTok Shop does not show this order; read it again.")
            body["order_line_item_ids"] = units_of(order, args.line_ids)
        try:
            envelope = await self._client.call(
                store,
                "order.cancel",
                "POST",
                "/return_refund/202309/cancellations",
                lambda answer: read_envelope(answer, CancelledAnswer),
                feed="cancel",
                body=body,
                write=True,
            )
        except Rejected as refusal:
            if refusal.code in _PERHAPS_ALREADY:
                return await self._already_or_refused(store, request, refusal)
            return refusal_outcome(refusal)
        data = envelope.data
        status = (data.cancel_status if data else None) or ""
        facts = {"cancel_id": data.cancel_id} if data is not None and data.cancel_id else {}
        # Without a word of its end the order itself has to say that it is cancelled.
        return Outcome(Verdict.DONE if status in GRANTED else Verdict.WAIT, facts=facts)

    async def _already_or_refused(self, store: Store, request: Request, refusal: Rejected) -> Outcome:
        orders = await orders_of(self._orders, store, [request], feed="cancel")
        evidence = _evidence(request, orders.get(request.order_no), ())
        if evidence.verdict is Verdict.DONE:
            return Outcome(Verdict.ALREADY, facts=evidence.facts)
        return Outcome(Verdict.REFUSED, refusal.cause, facts=evidence.facts)


def _evidence(request: Request, order: Order | None, listed: Sequence[CancelRecord]) -> Evidence:
    if order is None:
        return Evidence(Verdict.UNDECIDED)
    facts = _facts(order, listed)
    if order.status is Status.CANCELLED:
        return Evidence(Verdict.DONE, facts)
    ours = [record for record in listed if record.role == _SELLER and record.cancel_status != CLOSED]
    line_ids = arguments_of(request, CancelChoice).line_ids
    if not line_ids:
        # Listed but not yet seen on the order: on its way. Single units cancelled are not the whole.
        whole = any(_units(record) >= _open_units(order) for record in ours)
        return Evidence(Verdict.WAIT if whole else Verdict.NOT_DONE, facts)
    wanted = set(units_of(order, line_ids))
    gone = {unit for line in order.lines if line.status is Status.CANCELLED for unit in line.unit_ids}
    if wanted <= gone:
        return Evidence(Verdict.DONE, facts)
    if any(_units(record) & wanted for record in ours):
        return Evidence(Verdict.WAIT, facts)
    # Some units gone and others not: somebody else cancelled some, and what is left is a person's to decide.
    return Evidence(Verdict.UNDECIDED if wanted & gone else Verdict.NOT_DONE, facts)


def _units(record: CancelRecord) -> frozenset[str]:
    return frozenset(line.order_line_item_id for line in record.cancel_line_items or () if line.order_line_item_id)


def _open_units(order: Order) -> frozenset[str]:
    return frozenset(unit for line in order.lines if line.status is not Status.CANCELLED for unit in line.unit_ids)


def _facts(order: Order, listed: Sequence[CancelRecord]) -> Mapping[str, str]:
    facts = {"order_status": order.raw_status}
    for event in order.history:
        if event.what == "cancelled":
            facts["cancelled_at"], facts["cancelled_why"] = str(event.at), event.detail
    for record in listed:
        if record.cancel_status == PENDING or record.role == _SELLER:
            facts["cancellation"] = f"{record.role or ''} {record.cancel_status}".strip()
    return facts
