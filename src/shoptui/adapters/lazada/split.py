"""Lazada's desk for splitting an order: each group of units is packed into a parcel of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shoptui.adapters.base import Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.lazada import why_not
from shoptui.adapters.lazada.desk_calls import Goal, worst
from shoptui.adapters.lazada.mapping import lines_of
from shoptui.adapters.lazada.orders import OrderReader
from shoptui.adapters.lazada.packing import BATCH_MAX, LookAgain, Packer
from shoptui.adapters.lazada.parcels import ITEM_STATUS, PACKABLE, Parcel, parcels_of
from shoptui.adapters.lazada.wire import ItemRecord
from shoptui.adapters.singles import refused
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import SplitChoice
from shoptui.text import sanitise_cell

#: The items show which package holds them, and every try packs only what is not packed yet.
SPLIT_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=2)


class SplitDesk:
    """Packs groups of units apart (fulfilment, Pack names the units of each parcel)."""

    verb = Verb.SPLIT
    rule = SPLIT_RULE
    batch_max = BATCH_MAX

    def __init__(self, orders: OrderReader, packer: Packer) -> None:
        self._orders = orders
        self._packer = packer

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.split(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="split")
        outcomes: dict[int, Outcome] = {}
        goals: list[tuple[int, Goal]] = []
        for place, request in enumerate(requests):
            found = _to_pack(request, units.get(request.order_no))
            if isinstance(found, Outcome):
                outcomes[place] = found
            else:
                goals += [(place, goal) for goal in found]
        results = await self._packer.pack(store, [goal for _, goal in goals])
        parts: dict[int, list[Outcome]] = {}
        for (place, _), result in zip(goals, results, strict=True):
            if isinstance(result, LookAgain):
                outcome = Outcome(Verdict.WAIT, result.cause)
            elif isinstance(result, Outcome):
                outcome = result
            else:
                outcome = Outcome(Verdict.DONE, facts={"packages": ", ".join(result)})
            parts.setdefault(place, []).append(outcome)
        outcomes.update({place: _together(found) for place, found in parts.items()})
        return [outcomes[place] for place in range(len(requests))]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="settle")
        return [_evidence(request, units.get(request.order_no)) for request in requests]


def _together(parts: Sequence[Outcome]) -> Outcome:
    """The outcome of an order whose groups were packed one by one, with the packages that were made."""
    made = ", ".join(part.facts["packages"] for part in parts if "packages" in part.facts)
    return replace(worst(parts), facts={"packages": made} if made else {})


def groups_of(units: Sequence[ItemRecord], groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """Line ids as unit ids, group by group.

    A line of several units has the id of its first unit, and that id means the whole line, less the units that are
    named by themselves; any other unit's id means that unit.
    """
    named = {line_id for group in groups for line_id in group}
    whole = {
        line.line_id: [unit for unit in line.unit_ids if unit == line.line_id or unit not in named]
        for line in lines_of(units, parcels_of(units))
    }
    return [[unit for line_id in group for unit in whole.get(line_id, [line_id])] for group in groups]


def _to_pack(request: Request, units: Sequence[ItemRecord] | None) -> list[Goal] | Outcome:
    """The groups that are still to be packed, or why nothing is."""
    if units is None:
        return refused(CauseId.NOT_OURS, "Lazada does not show this order; read it again.")
    evidence = _evidence(request, units)
    if evidence.verdict is Verdict.DONE:
        return Outcome(Verdict.ALREADY, facts=evidence.facts)
    by_id = {unit.order_item_id: unit for unit in units}
    goals: list[Goal] = []
    for group in groups_of(units, arguments_of(request, SplitChoice).groups):
        if strange := [unit_id for unit_id in group if unit_id not in by_id]:
            return refused(CauseId.NO_SPLIT, f"The order has no item {strange[0]} (any more); read it again.")
        members = tuple(by_id[unit_id] for unit_id in group)
        if set(group) in _packing(units).values():
            continue
        if any(unit.need_cancel_confirm for unit in members):
            return refused(CauseId.CANCEL_REQUESTED, "The buyer asks to cancel; answer that first.")
        if not all(unit.status in PACKABLE for unit in members):
            words = "Some of these items are packed or gone already; take the parcel apart in Seller Center first."
            return refused(CauseId.NO_SPLIT, words)
        goals.append(Goal(request.order_no, Parcel(members[0].order_item_id, "", members)))
    return goals


def _evidence(request: Request, units: Sequence[ItemRecord] | None) -> Evidence:
    """Whether the units lie in packages as wished; in any other packing than none it is a person's to say."""
    if units is None:
        return Evidence(Verdict.UNDECIDED)
    holding = _packing(units)
    words = ", ".join(dict.fromkeys(unit.status for unit in units))
    facts = {"item_status": sanitise_cell(words), "packages": ", ".join(sorted(holding))}
    groups = [set(group) for group in groups_of(units, arguments_of(request, SplitChoice).groups)]
    if all(group in holding.values() for group in groups):
        return Evidence(Verdict.DONE, facts)
    named = set().union(*groups)
    # Groups packed as wished stay so; the others must not be in any package.
    astray = [held for held in holding.values() if held & named and held not in groups]
    return Evidence(Verdict.UNDECIDED if astray else Verdict.NOT_DONE, facts)


def _packing(units: Sequence[ItemRecord]) -> Mapping[str, set[str]]:
    """The units of each package, without the cancelled ones."""
    holding: dict[str, set[str]] = {}
    for parcel in parcels_of(units):
        kept = {unit.order_item_id for unit in parcel.units if ITEM_STATUS.get(unit.status) is not Status.CANCELLED}
        if parcel.package_no and kept:
            holding[sanitise_cell(parcel.package_no)] = kept
    return holding
