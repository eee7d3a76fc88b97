"""Shopee's ship desk: parcels that go by the platform's logistics, arranged many alike in a call or one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptui.adapters.base import AdapterError, Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.shopee import why_not
from shoptui.adapters.shopee.errors import cause_of, refusal_outcome, verdict_of
from shoptui.adapters.shopee.handover import Handover, choose
from shoptui.adapters.shopee.mapping import PICKUP_RETRY
from shoptui.adapters.shopee.orders import OrderReader
from shoptui.adapters.shopee.parcels import Parcels
from shoptui.adapters.shopee.settle import SHIP_RULE, evidence_of, orders_of, package_of, stands_against
from shoptui.adapters.shopee.shipping_calls import MASS_MAX, ShippingCalls
from shoptui.adapters.singles import after_failure, each, gravest
from shoptui.domain.intents import Cause, CauseId, ShipChoice, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One parcel that is to go. `again`: its first pick-up failed."""

    place: int
    request: Request
    is_split: bool
    again: bool
    channel_id: str
    warehouse_id: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """Parcels that go alike in one call; `outcomes` are those that do not go, by place."""

    parcels: tuple[_Parcel, ...]
    handover: Handover | None
    outcomes: Mapping[int, Outcome]


class ShipDesk:
    """Arranges shipment (logistics, sections 6.1 to 6.4): parameters first, which change nothing, then the shipping."""

    verb = Verb.SHIP
    rule = SHIP_RULE
    batch_max = MASS_MAX

    def __init__(self, calls: ShippingCalls, parcels: Parcels, orders: OrderReader) -> None:
        self._calls = calls
        self._parcels = parcels
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.ship(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Look, ask how each parcel may go, then ship those of one channel and warehouse together.

        Raises AdapterError when nothing was sent, or when no call got an answer.
        """
        orders = await orders_of(self._orders, store, requests, feed="ship")
        outcomes: dict[int, Outcome] = {}
        going: list[_Parcel] = []
        for place, request in enumerate(requests):
            order = orders.get(request.order_no)
            told = stands_against(request, order)
            if told is not None or order is None:
                outcomes[place] = told or Outcome(Verdict.WAIT)
            else:
                going.append(_parcel(place, request, order))
        plans = await self._plans(store, going)
        for plan in plans:
            outcomes.update(plan.outcomes)
        outcomes.update(await self._carry_out(store, [plan for plan in plans if plan.handover is not None], outcomes))
        return [outcomes[place] for place in range(len(requests))]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """What Shopee says now of each package: its own record, and its order as the second witness."""
        details = await self._parcels.details(store, [request.target_id for request in requests], feed="settle")
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [
            evidence_of(details.get(request.target_id), orders.get(request.order_no), request) for request in requests
        ]

    async def _plans(self, store: Store, going: Sequence[_Parcel]) -> list[_Plan]:
        """How every parcel goes. Raises AdapterError when that cannot be asked; nothing has been sent then."""
        groups: dict[tuple[object, ...], list[_Parcel]] = {}
        for parcel in going:
            choice = arguments_of(parcel.request, ShipChoice)
            key = (parcel.again, parcel.channel_id, parcel.warehouse_id, choice, parcel.place if parcel.again else 0)
            groups.setdefault(key, []).append(parcel)

        async def one(group: Sequence[_Parcel]) -> list[_Plan]:
            if len(group) > 1:
                return await self._plan_many(store, group)
            return [await self._plan_one(store, group[0])]

        plans: list[_Plan] = []
        for found in await each(list(groups.values()), one):
            if isinstance(found, AdapterError):
                raise found
            plans += found
        return plans

    async def _plan_one(self, store: Store, parcel: _Parcel) -> _Plan:
        request = parcel.request
        try:
            parameters = await self._calls.parameters(
                store, request.order_no, request.target_id, is_split=parcel.is_split, feed="ship"
            )
        except Rejected as refusal:
            return _Plan((), None, {parcel.place: refusal_outcome(refusal)})
        found = choose(parameters, arguments_of(request, ShipChoice), store)
        if isinstance(found, Cause):
            return _Plan((), None, {parcel.place: Outcome(Verdict.REFUSED, found)})
        return _Plan((parcel,), found, {})

    async def _plan_many(self, store: Store, group: Sequence[_Parcel]) -> list[_Plan]:
        """One plan for what goes alike; what the mass call does not take is asked for by itself, with a real code."""
        numbers = [parcel.request.target_id for parcel in group]
        try:
            parameters = await self._calls.mass_parameters(store, numbers, _place(group[0]))
        except Rejected:
            return [await self._plan_one(store, parcel) for parcel in group]
        taken = {row.package_number for row in parameters.success_list or ()}
        if not taken and not parameters.fail_list:
            # The lists are documented by one source only; without them the answer is for all.
            taken = set(numbers)
        alike = [parcel for parcel in group if parcel.request.target_id in taken]
        plans = [await self._plan_one(store, parcel) for parcel in group if parcel.request.target_id not in taken]
        if alike:
            found = choose(parameters, arguments_of(alike[0].request, ShipChoice), store)
            if isinstance(found, Cause):
                plans.append(_Plan((), None, {parcel.place: Outcome(Verdict.REFUSED, found) for parcel in alike}))
            else:
                plans.append(_Plan(tuple(alike), found, {}))
        return plans

    async def _carry_out(self, store: Store, plans: Sequence[_Plan], told: Mapping[int, Outcome]) -> dict[int, Outcome]:
        """One write per plan. Raises AdapterError only when nothing was answered at all."""

        async def one(plan: _Plan) -> dict[int, Outcome]:
            return await self._ship(store, plan)

        found = await each(plans, one)
        failures = [result for result in found if isinstance(result, AdapterError)]
        if failures and len(failures) == len(found) and not told:
            raise gravest(failures)
        outcomes: dict[int, Outcome] = {}
        for plan, result in zip(plans, found, strict=True):
            if isinstance(result, AdapterError):
                outcomes.update({parcel.place: after_failure(result) for parcel in plan.parcels})
            else:
                outcomes.update(result)
        return outcomes

    async def _ship(self, store: Store, plan: _Plan) -> dict[int, Outcome]:
        assert plan.handover is not None
        facts = {"handover": plan.handover.method}
        if len(plan.parcels) > 1:
            return await self._ship_many(store, plan, plan.handover, facts)
        (parcel,) = plan.parcels
        request = parcel.request
        try:
            await self._calls.ship(
                store,
                request.order_no,
                request.target_id,
                plan.handover,
                is_split=parcel.is_split,
                again=parcel.again,
            )
        except Rejected as refusal:
            outcome = refusal_outcome(refusal)
        else:
            outcome = Outcome(Verdict.DONE, facts=facts)
        self._note(store, request, outcome)
        return {parcel.place: outcome}

    async def _ship_many(
        self, store: Store, plan: _Plan, handover: Handover, facts: Mapping[str, str]
    ) -> dict[int, Outcome]:
        numbers = [parcel.request.target_id for parcel in plan.parcels]
        try:
            result = await self._calls.mass_ship(store, numbers, _place(plan.parcels[0]), handover)
        except Rejected as refusal:
            return {parcel.place: _call_refused(refusal) for parcel in plan.parcels}
        done = {row.package_number for row in result.success_list or ()}
        failed = {row.package_number: row.fail_reason or "" for row in result.fail_list or ()}
        outcomes = {}
        for parcel in plan.parcels:
            number = parcel.request.target_id
            if number in done:
                outcome = Outcome(Verdict.DONE, facts=facts)
            elif number in failed:
                outcome = _row_refused(failed[number])
            else:
                # A row that is in neither list is nobody's; reading back tells.
                outcome = Outcome(Verdict.WAIT)
            self._note(store, parcel.request, outcome)
            outcomes[parcel.place] = outcome
        return outcomes

    def _note(self, store: Store, request: Request, outcome: Outcome) -> None:
        if outcome.verdict in {Verdict.DONE, Verdict.ALREADY}:
            self._parcels.note_arranged(store, request.target_id)


def _parcel(place: int, request: Request, order: Order) -> _Parcel:
    package = package_of(request, order)
    return _Parcel(
        place=place,
        request=request,
        is_split=len(order.packages) > 1,
        again=package is not None and package.raw_status == PICKUP_RETRY,
        channel_id=package.carrier_id if package is not None else "",
        warehouse_id=order.warehouse_id,
    )


def _place(parcel: _Parcel) -> dict[str, object]:
    """What parcels of one mass call share, as far as it is known."""
    found: dict[str, object] = {}
    if parcel.channel_id.isascii() and parcel.channel_id.isdigit():
        found["logistics_channel_id"] = int(parcel.channel_id)
    if parcel.warehouse_id:
        found["product_location_id"] = parcel.warehouse_id
    return found


def _call_refused(refusal: Rejected) -> Outcome:
    """The outcome of each parcel of a call that was refused as a whole."""
    if verdict_of(refusal.code, refusal.message) is Verdict.REFUSED:
        return Outcome(Verdict.REFUSED, refusal.cause, whole_call=True)
    # "Already shipped" and "not ready" speak of one parcel; of which, only reading back can tell.
    return Outcome(Verdict.WAIT, refusal.cause)


def _row_refused(reason: str) -> Outcome:
    """A failed row tells its reason in words alone: what they do not say, asking for the parcel by itself does."""
    verdict, cause = verdict_of("", reason), cause_of("", reason)
    if verdict is Verdict.ALREADY:
        return Outcome(verdict)
    return Outcome(verdict, cause, whole_call=verdict is Verdict.REFUSED and cause.id is CauseId.OTHER)
