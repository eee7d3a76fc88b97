"""Shopee's desk for splitting an order over several parcels."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Choices, Evidence, Outcome, Request, arguments_of
from shoptui.adapters.http import Answer
from shoptui.adapters.records import Id, Wire
from shoptui.adapters.shopee import why_not
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import refusal_outcome, verdict_of
from shoptui.adapters.shopee.mapping import line_id_of
from shoptui.adapters.shopee.orders import OrderReader
from shoptui.adapters.shopee.parcels import Parcels
from shoptui.adapters.shopee.settle import orders_of
from shoptui.adapters.shopee.wire import Item, OrderRecord, named_item, read_response
from shoptui.adapters.singles import SINGLES_MAX, after_failure, refused, send_each
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import SplitChoice

#: The order shows which item is in which package.
SPLIT_RULE = SettleRule(Settling.READ_BACK, first_look_s=10, give_up_s=600, resends=1)

#: Parcels an order can be split into (sheet, section 5.1).
_PARCELS_MAX, _PARCELS_MAX_TW = 5, 30


class MadePackage(Wire):
    package_number: Id


class SplitResult(Wire):
    package_list: list[MadePackage] | None = None


class SplitDesk:
    """Splits orders (order, split_order): one call each."""

    verb = Verb.SPLIT
    rule = SPLIT_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader, parcels: Parcels) -> None:
        self._client = client
        self._orders = orders
        self._parcels = parcels

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.split(order)

    async def choices(self, store: Store, order: Order) -> Choices | Unsupported:
        """Whether Shopee lets this order be split now."""
        details = await self._parcels.details(store, [each.package_id for each in order.packages], feed="choices")
        if any(detail.can_split_order is False for detail in details.values()):
            return Unsupported("Shopee does not allow to split this order.", "no_split")
        return Choices(can_split=True)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Look first: parcels are made of ids that only Shopee's own record has."""
        order_nos = [request.order_no for request in requests]
        records = await self._orders.records(store, order_nos, feed="split")
        orders = await orders_of(self._orders, store, requests, feed="split")

        async def one(request: Request) -> Outcome:
            return await self._split(store, request, orders.get(request.order_no), records.get(request.order_no))

        return await send_each(requests, one, refusal_outcome, after_failure)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [_evidence(request, orders.get(request.order_no)) for request in requests]

    async def _split(self, store: Store, request: Request, order: Order | None, record: OrderRecord | None) -> Outcome:
        if order is None or record is None:
            return refused(CauseId.NOT_OURS, "Shopee does not show this order; read it again.")
        if (already := _evidence(request, order)).verdict is Verdict.DONE:
            return Outcome(Verdict.ALREADY, facts=already.facts)
        groups = _groups(store, _wished(request, order), order, record)
        if isinstance(groups, Outcome):
            return groups
        body = {"order_sn": request.order_no, "package_list": groups}
        try:
            found = await self._client.post(store, "/order/split_order", _read, feed="split", body=body, write=True)
        except Rejected as refusal:
            if verdict_of(refusal.code, refusal.message) is Verdict.REFUSED:
                return await self._already_or_refused(store, request, refusal)
            return refusal_outcome(refusal)
        made = [each.package_number for each in found.package_list or ()]
        return Outcome(Verdict.DONE, facts={"packages": ", ".join(made)} if made else {})

    async def _already_or_refused(self, store: Store, request: Request, refusal: Rejected) -> Outcome:
        """Somebody may have split it meanwhile, in just this way."""
        orders = await orders_of(self._orders, store, [request], feed="split")
        evidence = _evidence(request, orders.get(request.order_no))
        if evidence.verdict is Verdict.DONE:
            return Outcome(Verdict.ALREADY, facts=evidence.facts)
        return Outcome(Verdict.REFUSED, refusal.cause, facts=evidence.facts)


def _wished(request: Request, order: Order) -> list[tuple[str, ...]]:
    """The wished parcels without what is cancelled of the order: it goes into none, and says nothing of the split."""
    gone = {line.line_id for line in order.lines if line.status is Status.CANCELLED}
    groups = arguments_of(request, SplitChoice).groups
    left = [tuple(line_id for line_id in group if line_id not in gone) for group in groups]
    return [group for group in left if group]


def _groups(
    store: Store, wished: Sequence[Sequence[str]], order: Order, record: OrderRecord
) -> list[dict[str, object]] | Outcome:
    """The parcels as the wire wants them: every open item in exactly one of them."""
    most = _PARCELS_MAX_TW if store.region == "TW" else _PARCELS_MAX
    if len(wished) < 2:
        return refused(CauseId.NO_SPLIT, "What is left of the order fits into one parcel; there is nothing to split.")
    if len(wished) > most:
        return refused(CauseId.NO_SPLIT, f"Shopee splits an order into {most} parcels at most; make fewer.")
    open_lines = {line.line_id for line in order.lines if line.status is not Status.CANCELLED}
    items: dict[str, Item] = {}
    for item in record.item_list:
        items.setdefault(line_id_of(item), item)
    named = [line_id for group in wished for line_id in group]
    strange = [line_id for line_id in named if line_id not in open_lines or line_id not in items]
    if strange:
        return refused(CauseId.NO_SPLIT, f"The order has no item {strange[0]} (any more); read it again.")
    missing = sorted(open_lines - set(named))
    if missing:
        words = f"Shopee wants every item of the order in a parcel; put {missing[0]} into one, too."
        return refused(CauseId.NO_SPLIT, words)
    return [{"item_list": [named_item(items[line_id]) for line_id in group]} for group in wished]


def _evidence(request: Request, order: Order | None) -> Evidence:
    """Whether the items lie in packages as wished; in any other packing than one package it is a person's to say."""
    if order is None:
        return Evidence(Verdict.UNDECIDED)
    holding: dict[str, set[str]] = {}
    for line in order.lines:
        if line.package_id and line.status is not Status.CANCELLED:
            holding.setdefault(line.package_id, set()).add(line.line_id)
    facts = {"order_status": order.raw_status, "packages": ", ".join(sorted(holding))}
    groups = [set(group) for group in _wished(request, order)]
    if len(groups) > 1 and all(group in holding.values() for group in groups):
        return Evidence(Verdict.DONE, facts)
    if order.status is Status.CANCELLED or len(holding) <= 1:
        return Evidence(Verdict.NOT_DONE, facts)
    return Evidence(Verdict.UNDECIDED, facts)


def _read(answer: Answer) -> SplitResult:
    return read_response(answer, SplitResult)
