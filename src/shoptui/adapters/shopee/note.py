"""Shopee's desk for the seller's note on an order: written as a whole, an empty text clears it."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.http import Answer
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import refusal_outcome
from shoptui.adapters.shopee.orders import OrderReader
from shoptui.adapters.shopee.settle import orders_of
from shoptui.adapters.shopee.wire import Nothing, read_response
from shoptui.adapters.singles import SINGLES_MAX, after_failure, send_each
from shoptui.domain.intents import SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import SellerNote
from shoptui.text import sanitise

#: The order shows its note; writing the same again changes nothing.
NOTE_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=3)


class NoteDesk:
    """Writes notes (order, set_note): one call each."""

    verb = Verb.NOTE
    rule = NOTE_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader) -> None:
        self._client = client
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            body = {"order_sn": request.order_no, "note": arguments_of(request, SellerNote).text}
            await self._client.post(store, "/order/set_note", _read, feed="notes", body=body, write=True)
            return Outcome(Verdict.DONE)

        return await send_each(requests, one, refusal_outcome, after_failure)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [_evidence(request, orders.get(request.order_no)) for request in requests]


def _evidence(request: Request, order: Order | None) -> Evidence:
    if order is None:
        return Evidence(Verdict.UNDECIDED)
    wished = sanitise(arguments_of(request, SellerNote).text)
    facts = {"note": order.seller_note}
    return Evidence(Verdict.DONE if order.seller_note.strip() == wished.strip() else Verdict.NOT_DONE, facts)


def _read(answer: Answer) -> Nothing:
    return read_response(answer, Nothing)
