"""Lazada's desk for answering a buyer who asks to cancel: agree, or refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.lazada import why_not
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.desk_calls import refusal_outcome, send_each
from shoptui.adapters.lazada.orders import OrderReader
from shoptui.adapters.lazada.parcels import ITEM_STATUS
from shoptui.adapters.lazada.wire import ItemRecord, read_raw
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import CancelAnswer
from shoptui.text import sanitise_cell

#: A request that still waits says so, and one that is decided cannot be decided again.
ANSWER_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=2)


class AnswerCancelDesk:
    """Decides buyers' requests (return and refund, SellerCancelDecide): one call for each request of an order."""

    verb = Verb.ANSWER_CANCEL
    rule = ANSWER_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader) -> None:
        self._client = client
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.answer_cancel(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="cancel")

        async def one(request: Request) -> Outcome:
            return await self._answer(store, request, units.get(request.order_no))

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="settle")
        return [_evidence(request, units.get(request.order_no)) for request in requests]

    async def _answer(self, store: Store, request: Request, units: Sequence[ItemRecord] | None) -> Outcome:
        if units is None:
            return refused(CauseId.NOT_OURS, "Lazada does not show this order; read it again.")
        waiting = [unit for unit in units if unit.need_cancel_confirm]
        if not waiting:
            return _of_answered(request, units)
        reverse_ids = list(dict.fromkeys(unit.reverse_order_id for unit in waiting if unit.reverse_order_id))
        if not reverse_ids:
            return refused(CauseId.NOT_READY, "Lazada has not numbered the buyer's request yet; try again later.")
        args = arguments_of(request, CancelAnswer)
        for reverse_id in reverse_ids:
            fields = {"reverse_order_id": reverse_id, "agree_cancel": "true" if args.accept else "false"}
            if not args.accept and args.reason_id:
                fields["reason_code"] = args.reason_id
            try:
                await self._client.get(
                    store, "/order/reverse/cancel/seller/decide", read_raw, feed="cancel", params=fields, write=True
                )
            except Rejected as refusal:
                return await self._after_refusal(store, request, refusal)
        facts = {"reverse_order_id": ", ".join(reverse_ids)}
        if args.comment:
            facts["comment"] = "kept here: Lazada takes none with an answer"
        return Outcome(Verdict.DONE, facts=facts)

    async def _after_refusal(self, store: Store, request: Request, refusal: Rejected) -> Outcome:
        """Somebody may have answered meanwhile, as was wished or against it."""
        if refusal.cause.id is not CauseId.REQUEST_CLOSED:
            return refusal_outcome(refusal)
        found = await self._orders.units(store, [request.order_no], feed="cancel")
        units = found.get(request.order_no, ())
        if any(unit.need_cancel_confirm for unit in units):
            return Outcome(Verdict.WAIT, refusal.cause, facts=_facts(units))
        return _of_answered(request, units)


def _of_answered(request: Request, units: Sequence[ItemRecord]) -> Outcome:
    """What to say where no request is open (any more)."""
    granted = _granted(units)
    if granted is None:
        return refused(CauseId.REQUEST_CLOSED, "No request is open; some items are cancelled, others not. Look at it.")
    if granted == arguments_of(request, CancelAnswer).accept:
        return Outcome(Verdict.ALREADY, facts=_facts(units))
    words = "The request is granted and the items cancelled." if granted else "The request is refused or withdrawn."
    return Outcome(Verdict.REFUSED, refused(CauseId.REQUEST_CLOSED, words).cause, facts=_facts(units))


def _evidence(request: Request, units: Sequence[ItemRecord] | None) -> Evidence:
    if units is None:
        return Evidence(Verdict.UNDECIDED)
    if any(unit.need_cancel_confirm for unit in units):
        return Evidence(Verdict.NOT_DONE, _facts(units))
    granted = _granted(units)
    if granted is None:
        return Evidence(Verdict.UNDECIDED, _facts(units))
    accepted = arguments_of(request, CancelAnswer).accept
    return Evidence(Verdict.DONE if granted == accepted else Verdict.NOT_DONE, _facts(units))


def _granted(units: Sequence[ItemRecord]) -> bool | None:
    """Whether a buyer's request that waits no more was granted; None where the units leave it open.

    A request that was turned down or withdrawn may leave no trace: then nothing is cancelled.
    """
    asked = [unit for unit in units if unit.reverse_order_id or unit.cancel_trigger_time] or units
    gone = sum(_is_gone(unit) for unit in asked)
    if gone in {0, len(asked)}:
        return gone > 0
    return None


def _is_gone(unit: ItemRecord) -> bool:
    return bool(unit.is_cancel_pending) or ITEM_STATUS.get(unit.status) is Status.CANCELLED


def _facts(units: Sequence[ItemRecord]) -> Mapping[str, str]:
    facts = {"item_status": sanitise_cell(", ".join(dict.fromkeys(unit.status for unit in units)))}
    reverse_ids = list(dict.fromkeys(unit.reverse_order_id for unit in units if unit.reverse_order_id))
    if reverse_ids:
        facts["reverse_order_id"] = sanitise_cell(", ".join(reverse_ids))
    return facts
