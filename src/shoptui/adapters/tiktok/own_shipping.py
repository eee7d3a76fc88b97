"""TikTok Shop's desk for parcels that go with the seller's own carrier: shipped with a number, or marked as shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from shoptui.adapters.base import AdapterError, Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.adapters.tiktok import why_not
from shoptui.adapters.tiktok.carriers import Carriers
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import call_refused, orders_of, row_errors, row_outcomes, send_each
from shoptui.adapters.tiktok.desk_wire import MarkedAnswer
from shoptui.adapters.tiktok.orders import OrderReader
from shoptui.adapters.tiktok.wire import PlainAnswer, read_envelope
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, Package, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import OwnShipping
from shoptui.text import sanitise_cell

#: Our number on the order proves it, another one disproves it; a second call with the same number changes nothing.
OWN_SHIPPING_RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=600, resends=3)

_ARRANGED = frozenset({Status.TO_HAND_OVER, Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED})


class OwnShippingDesk:
    """Ships with `self_shipment` in SEA and LATAM, marks as shipped elsewhere (sheet, sections 6.1, 6.4, 6.7)."""

    verb = Verb.SHIP_OWN
    rule = OWN_SHIPPING_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader, carriers: Carriers) -> None:
        self._client = client
        self._orders = orders
        self._carriers = carriers

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.ship_own(store, order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Look first, then ship: what has gone with the same number is done, with another it is refused."""
        orders = await orders_of(self._orders, store, requests, feed="ship")
        shipments = await self._carriers.resolve(store, requests)
        outcomes: dict[int, Outcome] = {}
        going: dict[int, OwnShipping] = {}
        for place, (request, shipment) in enumerate(zip(requests, shipments, strict=True)):
            if not isinstance(shipment, OwnShipping):
                outcomes[place] = Outcome(Verdict.REFUSED, shipment)
            elif (told := _before(store, request, orders.get(request.order_no))) is not None:
                outcomes[place] = told
            else:
                going[place] = shipment
        if going:
            ship = self._ship if store.region in why_not.SELF_SHIPMENT else self._mark
            sent = [_with(requests[place], shipment) for place, shipment in going.items()]
            answers = await ship(store, sent, orders)
            answers = await self._look_again(store, sent, answers)
            outcomes.update(zip(going, answers, strict=True))
        return [outcomes[place] for place in range(len(requests))]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [_evidence(request, orders.get(request.order_no)) for request in requests]

    async def _ship(self, store: Store, requests: Sequence[Request], orders: Mapping[str, Order]) -> Sequence[Outcome]:
        if len(requests) == 1:
            return await send_each(requests, partial(self._ship_one, store))
        body = {"packages": [{"id": request.target_id, **_self_shipment(request)} for request in requests]}
        package_ids = [request.target_id for request in requests]
        try:
            errors = await self._client.call(
                store,
                "package.ship_batch",
                "POST",
                "/fulfillment/202309/packages/ship",
                row_errors,
                feed="ship",
                body=body,
                write=True,
            )
        except Rejected as refusal:
            return [call_refused(refusal) for _ in requests]
        rows = row_outcomes(package_ids, errors)
        return [rows[package_id] for package_id in package_ids]

    async def _ship_one(self, store: Store, request: Request) -> Outcome:
        await self._client.call(
            store,
            "package.ship",
            "POST",
            f"/fulfillment/202309/packages/{segment(request.target_id)}/ship",
            lambda answer: read_envelope(answer, PlainAnswer),
            feed="ship",
            body=_self_shipment(request),
            write=True,
        )
        return Outcome(Verdict.DONE)

    async def _mark(self, store: Store, requests: Sequence[Request], orders: Mapping[str, Order]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            return await self._mark_one(store, request, _units(request, orders[request.order_no]))

        return await send_each(requests, one)

    async def _mark_one(self, store: Store, request: Request, units: Sequence[str]) -> Outcome:
        args = arguments_of(request, OwnShipping)
        envelope = await self._client.call(
            store,
            "order.mark_shipped",
            "POST",
            f"/fulfillment/202309/orders/{segment(request.order_no)}/packages",
            lambda answer: read_envelope(answer, MarkedAnswer),
            feed="ship",
            body={
                "order_line_item_ids": list(units),
                "tracking_number": args.tracking_number,
                "shipping_provider_id": args.provider_id,
            },
            write=True,
        )
        facts: dict[str, str] = {}
        if envelope.data is not None and envelope.data.package_id:
            facts["package_id"] = envelope.data.package_id
        if envelope.data is not None and envelope.data.warning and envelope.data.warning.message:
            facts["warning"] = sanitise_cell(envelope.data.warning.message)
        return Outcome(Verdict.DONE, facts=facts)

    async def _look_again(
        self, store: Store, requests: Sequence[Request], answers: Sequence[Outcome]
    ) -> Sequence[Outcome]:
        """ "Already shipped" is only done if it was shipped with our number; somebody may have been faster."""
        told = [request for request, answer in zip(requests, answers, strict=True) if answer.verdict is Verdict.ALREADY]
        if not told:
            return answers
        try:
            orders = await orders_of(self._orders, store, told, feed="ship")
        except AdapterError:
            # The others' answers stand, whatever this reading met; these are read back later.
            orders = {}
        return [
            _of_already(request, orders.get(request.order_no)) if answer.verdict is Verdict.ALREADY else answer
            for request, answer in zip(requests, answers, strict=True)
        ]


def _with(request: Request, shipment: OwnShipping) -> Request:
    return Request(request.order_no, request.target_id, shipment, request.key)


def _self_shipment(request: Request) -> dict[str, object]:
    args = arguments_of(request, OwnShipping)
    return {
        "self_shipment": {"tracking_number": args.tracking_number, "shipping_provider_id": args.provider_id},
    }


def _packages(request: Request, order: Order) -> tuple[Package, ...]:
    """The packages a request is about: its own, or all where it names none or the marking has replaced it."""
    own = tuple(package for package in order.packages if package.package_id == request.target_id)
    return own or order.packages


def _units(request: Request, order: Order) -> list[str]:
    """The units to be marked as shipped: the package's own, or all that wait where there is no package yet."""
    return [
        unit
        for line in order.lines
        if line.status is Status.TO_SHIP and (not request.target_id or line.package_id == request.target_id)
        for unit in line.unit_ids
    ]


def _before(store: Store, request: Request, order: Order | None) -> Outcome | None:
    """What the order says before anything is sent; None when it may be sent."""
    if order is None:
        return refused(CauseId.NOT_OURS, "TikTok Shop does not show this order; read it again.")
    if order.status is Status.CANCELLED:
        return refused(CauseId.CANCELLED, "The order is cancelled; do not ship it.")
    packages = _packages(request, order)
    gone = any(package.status in _ARRANGED for package in packages) and not _waiting(packages)
    if gone and (request.target_id or not _units(request, order)):
        return _of_already(request, order)
    if store.region in why_not.SELF_SHIPMENT:
        return None if request.target_id else refused(CauseId.NOT_READY, "The order has no package yet; read it again.")
    if not _units(request, order):
        return refused(CauseId.WRONG_STATE, "Nothing of this package waits to be shipped; read the order again.")
    return None


def _of_already(request: Request, order: Order | None) -> Outcome:
    if order is None:
        return Outcome(Verdict.WAIT)
    facts = _facts(order)
    if _has_number(request, order):
        return Outcome(Verdict.ALREADY, facts=facts)
    other = facts.get("tracking_number", "")
    if not other:
        return Outcome(Verdict.WAIT, facts=facts)
    words = f"It is shipped already, with number {other}; change the tracking number if that is wrong."
    return Outcome(Verdict.REFUSED, refused(CauseId.ALREADY_SHIPPED, words).cause, facts=facts)


def _evidence(request: Request, order: Order | None) -> Evidence:
    if order is None:
        return Evidence(Verdict.UNDECIDED)
    facts = _facts(order)
    if not request.target_id and _units(request, order):
        # All that waits is marked at once, so nothing waits after it; the number may be an earlier parcel's.
        return Evidence(Verdict.NOT_DONE, facts)
    if _has_number(request, order):
        return Evidence(Verdict.DONE, facts)
    if order.status is Status.CANCELLED:
        return Evidence(Verdict.NOT_DONE, facts)
    packages = _packages(request, order)
    if any(package.tracking_number for package in packages):
        # Another number: somebody else shipped it, and a repetition is refused with just that.
        return Evidence(Verdict.NOT_DONE, facts)
    if any(package.status in _ARRANGED for package in packages):
        return Evidence(Verdict.WAIT, facts)
    if _waiting(packages) or (not packages and order.status is Status.TO_SHIP):
        return Evidence(Verdict.NOT_DONE, facts)
    return Evidence(Verdict.UNDECIDED, facts)


def _waiting(packages: Sequence[Package]) -> bool:
    return any(package.status is Status.TO_SHIP for package in packages)


def _has_number(request: Request, order: Order) -> bool:
    wanted = arguments_of(request, OwnShipping).tracking_number.casefold()
    return any(package.tracking_number.casefold() == wanted for package in _packages(request, order))


def _facts(order: Order) -> dict[str, str]:
    facts = {"order_status": order.raw_status}
    numbers = [package.tracking_number for package in order.packages if package.tracking_number]
    if numbers:
        facts["tracking_number"] = ", ".join(numbers)
    carriers = {package.carrier_name for package in order.packages if package.tracking_number}
    if carriers - {""}:
        facts["carrier"] = ", ".join(sorted(carriers - {""}))
    return facts
