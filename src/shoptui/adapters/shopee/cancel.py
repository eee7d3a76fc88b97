"""Shopee's desk for cancelling as the seller: a whole order, or some of its items where the shop may do that."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Reason, Request, arguments_of
from shoptui.adapters.http import Answer
from shoptui.adapters.shopee import why_not
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import refusal_outcome
from shoptui.adapters.shopee.mapping import item_key, line_id_of, packed_in
from shoptui.adapters.shopee.orders import OrderReader
from shoptui.adapters.shopee.settle import orders_of
from shoptui.adapters.shopee.wire import Item, Nothing, OrderRecord, as_number, named_item, read_response
from shoptui.adapters.singles import SINGLES_MAX, after_failure, refused, send_each
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Flag, Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import CancelChoice

#: A cancelled order says so, and so do cancelled items; a second cancellation is refused.
CANCEL_RULE = SettleRule(Settling.READ_BACK, first_look_s=10, give_up_s=600, resends=1)

OUT_OF_STOCK = "OUT_OF_STOCK"
#: Sheet, section 5.10; the area may be given as a reason in these regions only.
_UNDELIVERABLE_REGIONS = frozenset({"TW", "MY"})
_EVERYWHERE = (
    Reason(OUT_OF_STOCK, "Out of stock"),
    Reason("CUSTOMER_REQUEST", "The buyer asked for it"),
)
_UNDELIVERABLE = Reason("UNDELIVERABLE_AREA", "Unable to deliver to the buyer's area")
_NO_COD = Reason("COD_NOT_SUPPORTED", "Cash on delivery is not supported")

_WHOLE_ONLY = "Shopee cancels this order as a whole only."

#: The parcel's number at the end of a line's id: `OFG` and digits, in older data digits alone (sheet, section 4.5).
_OF_PARCEL = re.compile(r"(.+)-((?:OFG)?[0-9]{6,})")


def reasons(store: Store, order: Order) -> tuple[Reason, ...]:
    """The reasons a seller may give for this order."""
    found = list(_EVERYWHERE)
    if store.region in _UNDELIVERABLE_REGIONS:
        found.append(_UNDELIVERABLE)
    if order.flags & Flag.CASH_ON_DELIVERY:
        found.append(_NO_COD)
    return tuple(found)


class CancelDesk:
    """Cancels as the seller (order, cancel_order): one call each, before the carrier has the parcel."""

    verb = Verb.CANCEL
    rule = CANCEL_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader) -> None:
        self._client = client
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.cancel(order)

    async def whole_only(self, store: Store, order: Order) -> str:
        """Why single items of the order cannot be cancelled, "" where they can or Shopee does not say."""
        if len(order.lines) < 2:
            return ""
        record = (await self._orders.records(store, [order.order_no], feed="choices")).get(order.order_no)
        return _WHOLE_ONLY if record is not None and record.can_partial_cancel_order is False else ""

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Look first: what is to be cancelled is named by ids that only Shopee's own record has."""
        records = await self._orders.records(store, [request.order_no for request in requests], feed="cancel")

        async def one(request: Request) -> Outcome:
            return await self._cancel(store, request, records.get(request.order_no))

        return await send_each(requests, one, refusal_outcome, after_failure)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        return await self._look(store, requests, feed="settle")

    async def _cancel(self, store: Store, request: Request, record: OrderRecord | None) -> Outcome:
        if record is None:
            return refused(CauseId.NOT_OURS, "Shopee does not show this order; read it again.")
        if record.order_status == "CANCELLED":
            return Outcome(Verdict.ALREADY)
        args = arguments_of(request, CancelChoice)
        chosen = _chosen(record, args.line_ids)
        if isinstance(chosen, Outcome):
            return chosen
        body: dict[str, object] = {"order_sn": request.order_no, "cancel_reason": args.reason_id}
        partial = len(chosen) < len(_open(record))
        if partial:
            if record.can_partial_cancel_order is False:
                return refused(CauseId.WHOLE_ONLY, _WHOLE_ONLY)
            body["partial_cancel_item_list"] = [{**named_item(item), "model_quantity": _left(item)} for item in chosen]
        if args.reason_id == OUT_OF_STOCK:
            body["item_list"] = [
                {"item_id": as_number(item.item_id), "model_id": as_number(item.model_id)} for item in chosen
            ]
        try:
            await self._client.post(store, "/order/cancel_order", _read, feed="cancel", body=body, write=True)
        except Rejected as refusal:
            return await self._already_or_refused(store, request, refusal)
        return Outcome(Verdict.DONE)

    async def _already_or_refused(self, store: Store, request: Request, refusal: Rejected) -> Outcome:
        """A refusal may mean that the order was cancelled meanwhile; the order tells."""
        (evidence,) = await self._look(store, [request], feed="cancel")
        if evidence.verdict is Verdict.DONE:
            return Outcome(Verdict.ALREADY, facts=evidence.facts)
        outcome = refusal_outcome(refusal)
        return Outcome(outcome.verdict, outcome.cause, facts=evidence.facts)

    async def _look(self, store: Store, requests: Sequence[Request], *, feed: str) -> list[Evidence]:
        """What the orders say; for single items also what Shopee's own records say of those."""
        orders = await orders_of(self._orders, store, requests, feed=feed)
        partial = [request.order_no for request in requests if arguments_of(request, CancelChoice).line_ids]
        records = await self._orders.records(store, partial, feed=feed) if partial else {}
        return [_evidence(request, orders.get(request.order_no), records.get(request.order_no)) for request in requests]


def _open(record: OrderRecord) -> list[Item]:
    return [item for item in record.item_list if _left(item) > 0]


def _left(item: Item) -> int:
    return item.model_quantity_purchased - min(max(item.cancelled_qty or 0, 0), item.model_quantity_purchased)


def _chosen(record: OrderRecord, line_ids: Sequence[str]) -> list[Item] | Outcome:
    """The items that are to be cancelled, all open ones where no lines are named."""
    open_items = _open(record)
    if not line_ids:
        return open_items
    by_id: dict[str, Item] = {}
    for item in open_items:
        by_id.setdefault(line_id_of(item), item)
    named: dict[str, set[str]] = {}
    for line_id in line_ids:
        own, parcel = _named(line_id, by_id)
        if own not in by_id:
            return refused(CauseId.WRONG_STATE, f"The order has no item {line_id} to cancel (any more); read it again.")
        named.setdefault(own, set()).add(parcel)
    packed = packed_in(record)
    for own, parcels in named.items():
        holding = {number for number, _ in packed.get(item_key(by_id[own]), ())}
        if "" in parcels:
            continue
        if not parcels <= holding:
            return refused(CauseId.WRONG_STATE, f"Item {own} lies in other parcels by now; read the order again.")
        if parcels < holding:
            # Shopee takes a number of units, not the parcel they lie in: others would go with those that were meant.
            words = (
                f"Item {own} lies in several parcels, and Shopee cancels it in all of them or in none; name them all."
            )
            return refused(CauseId.WHOLE_ONLY, words)
    return [by_id[own] for own in named]


def _named(line_id: str, own_ids: Container[str]) -> tuple[str, str]:
    """The item a line's id names, and its parcel's number where it is a line of an item that lies in several."""
    found = None if line_id in own_ids else _OF_PARCEL.fullmatch(line_id)
    return (found[1], found[2]) if found is not None else (line_id, "")


def _evidence(request: Request, order: Order | None, record: OrderRecord | None) -> Evidence:
    """What an order says of a cancellation; single items are looked up by what they are, wherever they lie by now."""
    if order is None:
        return Evidence(Verdict.UNDECIDED)
    facts = _facts(order)
    if order.status is Status.CANCELLED:
        return Evidence(Verdict.DONE, facts)
    line_ids = arguments_of(request, CancelChoice).line_ids
    if not line_ids:
        return Evidence(Verdict.NOT_DONE, facts)
    items = {line_id_of(item): item for item in (record.item_list if record is not None else ())}
    wanted = {_named(line_id, items)[0] for line_id in line_ids}
    if not wanted <= items.keys():
        return Evidence(Verdict.UNDECIDED, facts)
    gone = sum(_left(items[own]) == 0 for own in wanted)
    if gone == len(wanted):
        return Evidence(Verdict.DONE, facts)
    # Some gone and others not: somebody else cancelled some, and what is left is a person's to decide.
    return Evidence(Verdict.UNDECIDED if gone else Verdict.NOT_DONE, facts)


def _facts(order: Order) -> Mapping[str, str]:
    facts = {"order_status": order.raw_status}
    for event in order.history:
        if event.what == "cancelled":
            facts["cancelled_at"], facts["cancelled_why"] = str(event.at), event.detail
    return {name: value for name, value in facts.items() if value}


def _read(answer: Answer) -> Nothing:
    return read_response(answer, Nothing)
