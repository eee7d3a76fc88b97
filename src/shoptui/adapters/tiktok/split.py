"""TikTok Shop's desk for splitting an order over several packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.adapters.base import Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.adapters.tiktok import why_not
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import orders_of, send_each, units_of_groups
from shoptui.adapters.tiktok.desk_wire import SplitAnswer
from shoptui.adapters.tiktok.orders import OrderReader
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import SplitChoice

#: The order shows which unit is in which package.
SPLIT_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=1)


class SplitDesk:
    """Splits orders (fulfilment, Split Orders): one call each."""

    verb = Verb.SPLIT
    rule = SPLIT_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader) -> None:
        self._client = client
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.split(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        orders = await orders_of(self._orders, store, requests, feed="split")

        async def one(request: Request) -> Outcome:
            return await self._split(store, request, orders.get(request.order_no))

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [_evidence(request, orders.get(request.order_no)) for request in requests]

    async def _split(self, store: Store, request: Request, order: Order | None) -> Outcome:
        if order is None:
            return refused(CauseId.NOT_OURS, "TikTok Shop does not show this order; read it again.")
        groups = units_of_groups(order, arguments_of(request, SplitChoice).groups)
        known = {unit for line in order.lines for unit in line.unit_ids}
        strange = [unit for group in groups for unit in group if unit not in known]
        if strange:
            return refused(CauseId.NO_SPLIT, f"The order has no item {strange[0]} (any more); read it again.")
        if (already := _evidence(request, order)).verdict is Verdict.DONE:
            return Outcome(Verdict.ALREADY, facts=already.facts)
        envelope = await self._client.call(
            store,
            "order.split",
            "POST",
            f"/fulfillment/202309/orders/{segment(request.order_no)}/split",
            lambda answer: read_envelope(answer, SplitAnswer),
            feed="split",
            body={
                "splittable_groups": [
                    {"id": str(number), "order_line_item_ids": group} for number, group in enumerate(groups, start=1)
                ]
            },
            write=True,
        )
        made = (envelope.data.packages if envelope.data else None) or ()
        return Outcome(Verdict.DONE, facts={"packages": ", ".join(package.id for package in made)} if made else {})


def _evidence(request: Request, order: Order | None) -> Evidence:
    """Whether the units lie in packages as wished; in any other packing than one package it is a person's to say."""
    if order is None:
        return Evidence(Verdict.UNDECIDED)
    holding = _packing(order)
    facts = {"order_status": order.raw_status, "packages": ", ".join(sorted(holding))}
    groups = [set(group) for group in units_of_groups(order, arguments_of(request, SplitChoice).groups)]
    if all(group in holding.values() for group in groups):
        return Evidence(Verdict.DONE, facts)
    named = set().union(*groups)
    holders = [units for units in holding.values() if units & named]
    if order.status is Status.CANCELLED or (len(holders) == 1 and named <= holders[0]):
        return Evidence(Verdict.NOT_DONE, facts)
    return Evidence(Verdict.UNDECIDED, facts)


def _packing(order: Order) -> Mapping[str, set[str]]:
    """The units of each package, without the cancelled ones."""
    holding: dict[str, set[str]] = {}
    for line in order.lines:
        if line.package_id and line.status is not Status.CANCELLED:
            holding.setdefault(line.package_id, set()).update(line.unit_ids)
    return holding
