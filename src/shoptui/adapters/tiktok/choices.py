"""What an operator may choose from for a verb on one order of TikTok Shop."""

from __future__ import annotations

from shoptui.adapters.base import Rejected, Unsupported
from shoptui.adapters.desks import Choices
from shoptui.adapters.tiktok.cancellations import PENDING, Cancellations, buyers_request
from shoptui.adapters.tiktok.carriers import Carriers
from shoptui.adapters.tiktok.client import ShopClient
from shoptui.adapters.tiktok.combine import Combinable
from shoptui.adapters.tiktok.desk_wire import SplitAttributesAnswer
from shoptui.adapters.tiktok.documents import offers
from shoptui.adapters.tiktok.markets import cancels_whole, takes_units
from shoptui.adapters.tiktok.orders import DETAIL_MAX, OrderReader
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.intents import Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell


class Chooser:
    """Reads reasons, carriers, documents and partners for a verb; nothing is changed."""

    def __init__(
        self,
        client: ShopClient,
        orders: OrderReader,
        carriers: Carriers,
        cancellations: Cancellations,
        combinable: Combinable,
    ) -> None:
        self._client = client
        self._orders = orders
        self._carriers = carriers
        self._cancellations = cancellations
        self._combinable = combinable

    async def choices(self, store: Store, verb: Verb, order: Order) -> Choices | Unsupported:
        """The choices of a verb that may be done on the order; verbs without any have empty ones."""
        match verb:
            case Verb.SHIP_OWN | Verb.CHANGE_TRACKING:
                return await self._providers(store, order)
            case Verb.CANCEL:
                reasons = await self._cancellations.seller_reasons(store, order.order_no)
                if isinstance(reasons, Unsupported):
                    return reasons
                single = tuple(reason.reason_id for reason in reasons if takes_units(reason.reason_id))
                return Choices(reasons=reasons, whole_only=cancels_whole(store.region), line_reasons=single)
            case Verb.ANSWER_CANCEL:
                return await self._answers(store, order)
            case Verb.LABEL:
                return Choices(documents=offers(store.region), same_for_all_orders=True)
            case Verb.SPLIT:
                return await self._splitting(store, order)
            case Verb.COMBINE:
                return await self._partners(store, order)
            case _:
                return Choices()

    async def _providers(self, store: Store, order: Order) -> Choices | Unsupported:
        found = (await self._carriers.of_orders(store, [order.order_no]))[order.order_no]
        if isinstance(found, Rejected):
            return Unsupported(found.message, found.cause.id.value)
        return Choices(providers=found)

    async def _answers(self, store: Store, order: Order) -> Choices | Unsupported:
        listed = await self._cancellations.of_orders(store, [order.order_no], feed="choices")
        record = buyers_request(listed.get(order.order_no, ()))
        if record is None or record.cancel_status != PENDING:
            return Unsupported("The buyer's request is answered or withdrawn; read the order again.", "no_request")
        return Choices(reasons=await self._cancellations.reject_reasons(store, record.cancel_id, feed="choices"))

    async def _splitting(self, store: Store, order: Order) -> Choices | Unsupported:
        envelope = await self._client.call(
            store,
            "order.split_attributes",
            "GET",
            "/fulfillment/202309/orders/split_attributes",
            lambda answer: read_envelope(answer, SplitAttributesAnswer),
            feed="choices",
            params={"order_ids": order.order_no},
        )
        rows = (envelope.data.split_attributes if envelope.data else None) or ()
        row = next((each for each in rows if each.order_id == order.order_no), None)
        if row is not None and row.can_split:
            return Choices(can_split=True)
        why = sanitise_cell(row.reason or "", limit=200) if row is not None else ""
        sentence = "TikTok Shop does not allow to split this order."
        return Unsupported(f"{sentence} TikTok Shop says: {why}" if why else sentence, "no_split")

    async def _partners(self, store: Store, order: Order) -> Choices | Unsupported:
        group = await self._combinable.group_of(store, order.order_no, feed="choices")
        others = [order_no for order_no in (group.order_ids if group else None) or () if order_no != order.order_no]
        if not others:
            return Unsupported("No other order of this buyer can go into the same parcel.", "no_combine")
        page = await self._orders.by_no(store, others[:DETAIL_MAX], feed="choices")
        pairs = tuple(
            (other.order_no, package.package_id)
            for other in page.orders
            for package in other.packages
            if package.status is Status.TO_SHIP
        )
        return Choices(combinable=pairs)
