"""What an operator may choose from for a verb on one order of Lazada."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import Rejected, Unsupported
from shoptui.adapters.desks import Choices
from shoptui.adapters.lazada.cancel import CancelCalls, reasons_of, units_of
from shoptui.adapters.lazada.labels import OFFERS
from shoptui.adapters.lazada.orders import OrderReader
from shoptui.adapters.lazada.own_shipping import OwnCarriers
from shoptui.adapters.lazada.parcels import parcels_of
from shoptui.adapters.lazada.wire import ItemRecord
from shoptui.domain.intents import Cause, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store


class Chooser:
    """Reads reasons, carriers and documents for a verb; nothing is changed."""

    def __init__(self, orders: OrderReader, carriers: OwnCarriers, cancellations: CancelCalls) -> None:
        self._orders = orders
        self._carriers = carriers
        self._cancellations = cancellations

    async def choices(self, store: Store, verb: Verb, order: Order) -> Choices | Unsupported:
        """The choices of a verb that may be done on the order; verbs without any have empty ones."""
        match verb:
            case Verb.SHIP_OWN:
                return Choices(providers=await self._carriers.of_store(store, feed="choices"), same_for_all_orders=True)
            case Verb.CANCEL:
                return await self._reasons(store, order)
            case Verb.LABEL:
                return Choices(documents=OFFERS, same_for_all_orders=True)
            case Verb.SPLIT:
                return Choices(can_split=True)
            case _:
                return Choices()

    async def _reasons(self, store: Store, order: Order) -> Choices | Unsupported:
        units = (await self._orders.units(store, [order.order_no], feed="choices")).get(order.order_no)
        if units is None:
            return Unsupported("Lazada does not show this order; read it again.", "not_ours")
        wanted = units_of(units, ())
        if isinstance(wanted, Cause):
            return Unsupported(wanted.message, wanted.id.value)
        unit_ids = [unit.order_item_id for unit in wanted]
        try:
            tip = await self._cancellations.validate(store, order.order_no, unit_ids, feed="choices")
        except Rejected as refusal:
            return Unsupported(refusal.message, refusal.cause.id.value)
        reasons = reasons_of(tip)
        if not reasons:
            return Unsupported("Lazada names no reason for cancelling this order; see Seller Center.", "reason")
        return Choices(reasons=reasons, whole_only=_whole_only(units, wanted))


def _whole_only(units: Sequence[ItemRecord], wanted: Sequence[ItemRecord]) -> str:
    """Why no single unit of those that can be cancelled may be chosen: Lazada cancels what is packed by the package."""
    going = {unit.order_item_id for unit in wanted}
    together = any(parcel.package_no and going <= set(parcel.unit_ids) for parcel in parcels_of(units))
    return "The items are packed together; Lazada cancels all of a parcel or nothing." if together else ""
