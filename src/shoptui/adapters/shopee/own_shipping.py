"""Shopee's desk for parcels that go with the seller's own carrier: shipped with that carrier's number."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import AdapterError, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.shopee import why_not
from shoptui.adapters.shopee.errors import refusal_outcome
from shoptui.adapters.shopee.handover import own_carrier
from shoptui.adapters.shopee.orders import OrderReader
from shoptui.adapters.shopee.parcels import Parcels
from shoptui.adapters.shopee.settle import SHIP_RULE, evidence_of, facts_of, orders_of, package_of, stands_against
from shoptui.adapters.shopee.shipping_calls import ShippingCalls
from shoptui.adapters.shopee.wire import PackageDetail
from shoptui.adapters.singles import SINGLES_MAX, after_failure, refused, send_each
from shoptui.domain.intents import Cause, CauseId, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import OwnShipping


class OwnShippingDesk:
    """Ships by non-integrated channels (sheet, sections 6.1 and 6.4): such a parcel is on its way at once."""

    verb = Verb.SHIP_OWN
    rule = SHIP_RULE
    batch_max = SINGLES_MAX

    def __init__(self, calls: ShippingCalls, parcels: Parcels, orders: OrderReader) -> None:
        self._calls = calls
        self._parcels = parcels
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.ship_own(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        orders = await orders_of(self._orders, store, requests, feed="ship")

        async def one(request: Request) -> Outcome:
            return await self._ship(store, request, orders.get(request.order_no))

        sent = await send_each(requests, one, refusal_outcome, after_failure)
        return await self._look_again(store, requests, sent)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        details = await self._parcels.details(store, [request.target_id for request in requests], feed="settle")
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [
            _evidence(request, details.get(request.target_id), orders.get(request.order_no)) for request in requests
        ]

    async def _ship(self, store: Store, request: Request, order: Order | None) -> Outcome:
        told = stands_against(request, order)
        if told is not None or order is None:
            return told or Outcome(Verdict.WAIT)
        is_split = len(order.packages) > 1
        parameters = await self._calls.parameters(
            store, request.order_no, request.target_id, is_split=is_split, feed="ship"
        )
        found = own_carrier(parameters, arguments_of(request, OwnShipping).tracking_number)
        if isinstance(found, Cause):
            return Outcome(Verdict.REFUSED, found)
        await self._calls.ship(store, request.order_no, request.target_id, found, is_split=is_split)
        self._parcels.note_arranged(store, request.target_id)
        return Outcome(Verdict.DONE)

    async def _look_again(
        self, store: Store, requests: Sequence[Request], answers: Sequence[Outcome]
    ) -> Sequence[Outcome]:
        """ "Already shipped" is only done if it was shipped with our number; somebody may have been faster."""
        told = [request for request, answer in zip(requests, answers, strict=True) if answer.verdict is Verdict.ALREADY]
        if not told:
            return answers
        details: dict[str, PackageDetail] = {}
        try:
            details = await self._parcels.details(store, [request.target_id for request in told], feed="ship")
        except AdapterError as error:
            # The others' answers stand, whatever this reading met; these are read back later.
            cause = Cause(CauseId.UNREACHABLE, error.code, error.message)
            return [Outcome(Verdict.WAIT, cause) if answer.verdict is Verdict.ALREADY else answer for answer in answers]
        return [
            _of_already(request, details.get(request.target_id)) if answer.verdict is Verdict.ALREADY else answer
            for request, answer in zip(requests, answers, strict=True)
        ]


def _of_already(request: Request, detail: PackageDetail | None) -> Outcome:
    number = detail.tracking_number if detail is not None else None
    facts = facts_of(detail, None, None)
    if not number:
        return Outcome(Verdict.WAIT, facts=facts)
    if _same(number, request):
        return Outcome(Verdict.ALREADY, facts=facts)
    words = f"It is shipped already, with number {facts['tracking_number']}."
    return Outcome(Verdict.REFUSED, refused(CauseId.ALREADY_SHIPPED, words).cause, facts=facts)


def _evidence(request: Request, detail: PackageDetail | None, order: Order | None) -> Evidence:
    """Our number proves it and another one disproves it; without any the state decides."""
    number = detail.tracking_number if detail is not None else None
    package = package_of(request, order) if order is not None else None
    if number:
        return Evidence(Verdict.DONE if _same(number, request) else Verdict.NOT_DONE, facts_of(detail, order, package))
    found = evidence_of(detail, order, request)
    # Gone without a number: somebody's shipment, perhaps ours, whose number does not show yet.
    return Evidence(Verdict.WAIT, found.facts) if found.verdict is Verdict.DONE else found


def _same(number: str, request: Request) -> bool:
    return number.strip().casefold() == arguments_of(request, OwnShipping).tracking_number.casefold()
