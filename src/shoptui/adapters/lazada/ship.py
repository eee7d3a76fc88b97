"""Lazada's ship desk: parcels that go by Lazada's logistics, packed and declared ready in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shoptui.adapters.base import AdapterError, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request
from shoptui.adapters.lazada import why_not
from shoptui.adapters.lazada.desk_calls import Goal, goal_of, not_to_go, worst
from shoptui.adapters.lazada.orders import OrderReader
from shoptui.adapters.lazada.packing import BATCH_MAX, LookAgain, Packer
from shoptui.adapters.lazada.parcels import RTS_PENDING, shipping_type
from shoptui.adapters.lazada.wire import ItemRecord
from shoptui.adapters.singles import refused
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, ShippingType
from shoptui.domain.stores import Store

#: The items' states decide, and every try begins by looking: what is done already is not done again.
SHIP_RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=600, resends=3)

_Units = Mapping[str, tuple[ItemRecord, ...]]


class ShipDesk:
    """Packs parcels and declares them ready (fulfilment, Pack and ReadyToShip)."""

    verb = Verb.SHIP
    rule = SHIP_RULE
    batch_max = BATCH_MAX

    def __init__(self, orders: OrderReader, packer: Packer) -> None:
        self._orders = orders
        self._packer = packer

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.ship(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Look, pack what is not packed, declare ready what is not.

        Raises AdapterError when nothing is known of any request; after it, reading back tells how far each came.
        """
        units = await self._orders.units(store, [request.order_no for request in requests], feed="ship")
        outcomes: dict[int, Outcome] = {}
        goals: dict[int, Goal] = {}
        for place, request in enumerate(requests):
            found = _standing(request, units)
            if isinstance(found, Outcome):
                outcomes[place] = found
            else:
                goals[place] = found
        packages = await self._packed(store, requests, goals, outcomes)
        outcomes.update(await self._declared(store, requests, packages))
        return [outcomes[place] for place in range(len(requests))]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="settle")
        return [evidence_of(request, units.get(request.order_no)) for request in requests]

    async def _packed(
        self, store: Store, requests: Sequence[Request], goals: Mapping[int, Goal], outcomes: dict[int, Outcome]
    ) -> dict[int, tuple[str, ...]]:
        """The package numbers to be declared, by place; what ends here is put among the outcomes."""
        packages: dict[int, tuple[str, ...]] = {
            place: (goal.parcel.package_no,) for place, goal in goals.items() if goal.is_packed
        }
        # The same parcel twice in one call is packed once.
        first_of = {(goal.order_no, goal.parcel.parcel_id): place for place, goal in reversed(list(goals.items()))}
        to_pack = {place: goals[place] for place in sorted(first_of.values()) if place not in packages}
        results = dict(zip(to_pack, await self._packer.pack(store, list(to_pack.values())), strict=True))
        look = {place: result.cause for place, result in results.items() if isinstance(result, LookAgain)}
        for place, found in (await self._look(store, requests, look)).items():
            results[place] = (found.parcel.package_no,) if isinstance(found, Goal) else found
        for place, goal in goals.items():
            if place in packages:
                continue
            result = results[first_of[(goal.order_no, goal.parcel.parcel_id)]]
            if isinstance(result, Outcome):
                outcomes[place] = result
            elif isinstance(result, tuple):
                packages[place] = result
        return packages

    async def _declared(
        self, store: Store, requests: Sequence[Request], packages: Mapping[int, tuple[str, ...]]
    ) -> dict[int, Outcome]:
        if not packages:
            return {}
        answers = await self._packer.ready(store, [number for numbers in packages.values() for number in numbers])
        outcomes: dict[int, Outcome] = {}
        look: dict[int, Cause] = {}
        for place, package_nos in packages.items():
            found = [answers[package_no] for package_no in package_nos]
            unclear = next((answer for answer in found if isinstance(answer, LookAgain)), None)
            if unclear is not None:
                look[place] = unclear.cause
                continue
            outcome = worst(answer for answer in found if isinstance(answer, Outcome))
            outcomes[place] = replace(outcome, facts={"package_id": ", ".join(package_nos)})
        for place, seen in (await self._look(store, requests, look)).items():
            if isinstance(seen, Outcome):
                outcomes[place] = seen
            elif (seen.parcel.package_no,) != packages[place]:
                # Packed anew by somebody else meanwhile: to be declared under its new number, by the next try.
                outcomes[place] = Outcome(Verdict.WAIT, look[place], facts=seen.facts())
            else:
                outcomes[place] = Outcome(Verdict.REFUSED, look[place], facts=seen.facts())
        return outcomes

    async def _look(
        self, store: Store, requests: Sequence[Request], causes: Mapping[int, Cause]
    ) -> dict[int, Goal | Outcome]:
        """Where the parcels stand whose state did not allow a step: packed by now, at an end, or refused for good."""
        if not causes:
            return {}
        try:
            units = await self._orders.units(store, [requests[place].order_no for place in causes], feed="ship")
        except AdapterError:
            # What the other parcels were told stands, whatever this reading met; these are read back later.
            return {place: Outcome(Verdict.WAIT, cause) for place, cause in causes.items()}
        found: dict[int, Goal | Outcome] = {}
        for place, cause in causes.items():
            standing = _standing(requests[place], units)
            if isinstance(standing, Goal) and not standing.is_packed:
                standing = Outcome(Verdict.REFUSED, cause, facts=standing.facts())
            found[place] = standing
        return found


def evidence_of(request: Request, units: Sequence[ItemRecord] | None) -> Evidence:
    """What the items say about a shipment that was ordered."""
    if units is None:
        return Evidence(Verdict.UNDECIDED)
    goal = goal_of(request, units)
    if isinstance(goal, Outcome):
        cancelled = goal.cause is not None and goal.cause.id is CauseId.CANCELLED
        return Evidence(Verdict.NOT_DONE if cancelled else Verdict.UNDECIDED, goal.facts)
    if any(unit.status == RTS_PENDING for unit in goal.kept):
        return Evidence(Verdict.WAIT, goal.facts())
    if goal.is_handed_over:
        return Evidence(Verdict.DONE, goal.facts())
    if goal.is_packed or goal.is_packable:
        return Evidence(Verdict.NOT_DONE, goal.facts())
    return Evidence(Verdict.UNDECIDED, goal.facts())


def _standing(request: Request, units: _Units) -> Goal | Outcome:
    """The parcel a request is about if it is still to go, else what has become of it."""
    goal = goal_of(request, units.get(request.order_no))
    if isinstance(goal, Outcome):
        return goal
    if goal.is_handed_over:
        # Declared and still being worked on: too early to say more.
        pending = any(unit.status == RTS_PENDING for unit in goal.kept)
        return Outcome(Verdict.WAIT if pending else Verdict.ALREADY, facts=goal.facts())
    if (refusal := not_to_go(goal)) is not None:
        return refusal
    if any(shipping_type(unit) is ShippingType.SELLER for unit in goal.kept):
        return refused(CauseId.UNSUPPORTED, "The seller's own fleet brings this parcel; give its tracking number.")
    return goal
