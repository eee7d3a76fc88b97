"""Lazada's desk for cancelling as the seller: the whole order, single units while they are not packed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Reason, Request, arguments_of
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada import why_not
from shoptui.adapters.lazada.client import ShopClient, id_list
from shoptui.adapters.lazada.desk_calls import send_each
from shoptui.adapters.lazada.mapping import lines_of
from shoptui.adapters.lazada.orders import OrderReader
from shoptui.adapters.lazada.parcels import ITEM_STATUS, parcels_of
from shoptui.adapters.lazada.wire import ItemRecord, Tip, read_data
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import BEFORE_CARRIER, Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import CancelChoice
from shoptui.text import sanitise_cell

#: A cancelled unit says so; cancelling it again is refused.
CANCEL_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=1)

#: Reasons named in a refusal, so that the sentence stays readable.
_NAMED_MAX = 5
_NO = "error"
#: Reasons with these words make Lazada set the SKU's stock to 0 (sheet, section 8).
_EMPTIES_STOCK = ("out of stock", "wrong price", "pricing")


class CancelCalls:
    """Reading whether units can be cancelled, and for which reasons."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def validate(self, store: Store, order_no: str, unit_ids: Sequence[str], *, feed: str) -> Tip:
        """Lazada's opinion. Raises Rejected with its words where the units cannot be cancelled."""
        tip = await self._client.get(
            store,
            "/order/reverse/cancel/validate",
            _read_tip,
            feed=feed,
            params={"order_id": order_no, "order_item_id_list": id_list(unit_ids)},
        )
        _raise_if_refused(tip)
        return tip

    async def create(self, store: Store, order_no: str, unit_ids: Sequence[str], reason_id: str) -> Tip:
        """Cancel. Lazada documents this write as GET."""
        tip = await self._client.get(
            store,
            "/order/reverse/cancel/create",
            _read_tip,
            feed="cancel",
            params={"order_id": order_no, "order_item_id_list": id_list(unit_ids), "reason_id": reason_id},
            write=True,
        )
        _raise_if_refused(tip)
        return tip


class CancelDesk:
    """Cancels as the seller (return and refund, InitCancel after ValidateCancel)."""

    verb = Verb.CANCEL
    rule = CANCEL_RULE
    batch_max = SINGLES_MAX

    def __init__(self, orders: OrderReader, calls: CancelCalls) -> None:
        self._orders = orders
        self._calls = calls

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.cancel(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="cancel")

        async def one(request: Request) -> Outcome:
            return await self._cancel(store, request, units.get(request.order_no))

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="settle")
        return [_evidence(request, units.get(request.order_no)) for request in requests]

    async def _cancel(self, store: Store, request: Request, units: Sequence[ItemRecord] | None) -> Outcome:
        if units is None:
            return refused(CauseId.NOT_OURS, "Lazada does not show this order; read it again.")
        evidence = _evidence(request, units)
        if evidence.verdict is Verdict.DONE:
            return Outcome(Verdict.ALREADY, facts=evidence.facts)
        args = arguments_of(request, CancelChoice)
        wanted = units_of(units, args.line_ids)
        if isinstance(wanted, Cause):
            return Outcome(Verdict.REFUSED, wanted)
        going = [unit.order_item_id for unit in wanted if not _is_going(unit)]
        tip = await self._calls.validate(store, request.order_no, going, feed="cancel")
        reasons = reasons_of(tip)
        if args.reason_id not in {reason.reason_id for reason in reasons}:
            known = ", ".join(reason.text for reason in reasons[:_NAMED_MAX]) or "none"
            return refused(CauseId.REASON, f"Lazada does not take the reason {args.reason_id} here; it takes: {known}.")
        done = await self._calls.create(store, request.order_no, going, args.reason_id)
        told = sanitise_cell(done.tip_content or "")
        return Outcome(Verdict.DONE, facts={"lazada_says": told} if told else {})


def units_of(units: Sequence[ItemRecord], line_ids: Sequence[str]) -> list[ItemRecord] | Cause:
    """The units that line ids mean, or all that can still be cancelled where none are given; else what is wrong.

    A line of several units has the id of its first unit, and that id means the whole line.
    """
    if not line_ids:
        left = [unit for unit in units if ITEM_STATUS.get(unit.status) in BEFORE_CARRIER]
        return left or Cause(CauseId.WRONG_STATE, "", "Nothing of this order can be cancelled any more; read it again.")
    whole = {line.line_id: line.unit_ids for line in lines_of(units, parcels_of(units))}
    named = {unit_id for line_id in line_ids for unit_id in whole.get(line_id, (line_id,))}
    by_id = {unit.order_item_id: unit for unit in units}
    if strange := sorted(named - by_id.keys()):
        return Cause(CauseId.WRONG_STATE, "", f"The order has no item {strange[0]} (any more); read it again.")
    for parcel in parcels_of(units):
        # Lazada cancels packed items by the package, so others would go with them unasked.
        held = {unit.order_item_id for unit in parcel.units if not _is_going(unit)}
        if parcel.package_no and held & named and not held <= named:
            words = "These items are packed together with others; cancel all of that parcel, or repack it first."
            return Cause(CauseId.WHOLE_ONLY, "", words)
    return [by_id[unit_id] for unit_id in sorted(named)]


def reasons_of(tip: Tip) -> tuple[Reason, ...]:
    """The reasons that may be given, those that empty the stock marked as such."""
    return tuple(
        Reason(option.reason_id, _with_warning(sanitise_cell(option.reason_name or option.reason_id)))
        for option in tip.reason_options or ()
    )


def _with_warning(name: str) -> str:
    words = name.casefold()
    return f"{name} (sets the stock to 0)" if any(word in words for word in _EMPTIES_STOCK) else name


def _is_going(unit: ItemRecord) -> bool:
    """Cancelled, or on its way to be."""
    return bool(unit.is_cancel_pending) or ITEM_STATUS.get(unit.status) is Status.CANCELLED


def _evidence(request: Request, units: Sequence[ItemRecord] | None) -> Evidence:
    if units is None:
        return Evidence(Verdict.UNDECIDED)
    words = ", ".join(dict.fromkeys(unit.status for unit in units))
    facts: Mapping[str, str] = {"item_status": sanitise_cell(words)}
    line_ids = arguments_of(request, CancelChoice).line_ids
    wanted: Sequence[ItemRecord] | Cause = units_of(units, line_ids) if line_ids else units
    if isinstance(wanted, Cause):
        return Evidence(Verdict.UNDECIDED, facts)
    going = [unit for unit in wanted if _is_going(unit)]
    if len(going) == len(wanted):
        return Evidence(Verdict.DONE, facts)
    left = [unit for unit in wanted if not _is_going(unit)]
    if not line_ids and going and all(ITEM_STATUS.get(unit.status) not in BEFORE_CARRIER for unit in left):
        # All that could still be cancelled is; the rest was with the carrier before.
        return Evidence(Verdict.UNDECIDED, facts)
    # Some gone and others not: somebody else cancelled some, and what is left is a person's to decide.
    return Evidence(Verdict.UNDECIDED if going and line_ids else Verdict.NOT_DONE, facts)


def _raise_if_refused(tip: Tip) -> None:
    if (tip.tip_type or "").lower() == _NO:
        words = "Lazada does not let these items be cancelled now."
        told = sanitise_cell(tip.tip_content or "", limit=200)
        raise Rejected(Cause(CauseId.WRONG_STATE, _NO, f"{words} Lazada says: {told}" if told else words))


def _read_tip(answer: Answer) -> Tip:
    return read_data(answer, Tip)
