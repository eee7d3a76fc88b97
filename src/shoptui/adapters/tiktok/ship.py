"""TikTok Shop's ship desk: packages that go by the platform's logistics, arranged one by one or many in a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.tiktok import markets
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import call_refused, orders_of, refusal_outcome, row_errors, row_outcomes
from shoptui.adapters.tiktok.fulfilment import Fulfilment
from shoptui.adapters.tiktok.orders import OrderReader
from shoptui.adapters.tiktok.settle import evidence_of
from shoptui.adapters.tiktok.wire import PlainAnswer, read_envelope
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, ShipChoice, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store

#: No source says how many packages one ship call takes; the page size of the package search is known to be safe.
SHIP_BATCH_MAX = 50

#: Reading back decides (package status, "already shipped" codes), so sending again is harmless.
SHIP_RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=600, resends=3)


class ShipDesk:
    """Arranges shipment of packages (fulfilment, Ship Package and Batch Ship Packages)."""

    verb = Verb.SHIP
    rule = SHIP_RULE

    def __init__(
        self, client: ShopClient, fulfilment: Fulfilment, orders: OrderReader, *, batch_max: int = SHIP_BATCH_MAX
    ) -> None:
        if batch_max < 1:
            raise ValueError("a ship call carries at least one package")
        self.batch_max = batch_max
        self._client = client
        self._fulfilment = fulfilment
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return markets.why_not_ship(store, order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """One call for all packages; the outcomes stand in the order of the requests.

        Raises ValueError for more than the batch maximum, and AdapterError when the call as a whole got no answer.
        """
        if len(requests) > self.batch_max:
            raise ValueError(f"one call ships at most {self.batch_max} packages, not {len(requests)}")
        # The same package twice in one call is one package to TikTok Shop.
        sent = list({request.target_id: request for request in requests if request.target_id}.values())
        outcomes: dict[str, Outcome] = {"": _no_package(store)}
        if len(sent) == 1:
            outcomes[sent[0].target_id] = await self._ship_one(store, sent[0])
        elif sent:
            outcomes.update(await self._ship_many(store, sent))
        return [outcomes[request.target_id] for request in requests]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """What TikTok Shop says now of each package: its own detail, and its order as the second witness."""
        package_ids = list(dict.fromkeys(request.target_id for request in requests if request.target_id))
        read = await self._fulfilment.details(store, package_ids, feed="settle")
        details = dict(zip(package_ids, read, strict=True))
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [
            evidence_of(request.target_id, details.get(request.target_id), orders.get(request.order_no))
            for request in requests
        ]

    async def _ship_one(self, store: Store, request: Request) -> Outcome:
        try:
            await self._client.call(
                store,
                "package.ship",
                "POST",
                f"/fulfillment/202309/packages/{segment(request.target_id)}/ship",
                lambda answer: read_envelope(answer, PlainAnswer),
                feed="ship",
                body=_choice(arguments_of(request, ShipChoice)),
                write=True,
            )
        except Rejected as refusal:
            return refusal_outcome(refusal)
        return Outcome(Verdict.DONE)

    async def _ship_many(self, store: Store, requests: Sequence[Request]) -> Mapping[str, Outcome]:
        package_ids = [request.target_id for request in requests]
        packages = [{"id": request.target_id, **_choice(arguments_of(request, ShipChoice))} for request in requests]
        try:
            errors = await self._client.call(
                store,
                "package.ship_batch",
                "POST",
                "/fulfillment/202309/packages/ship",
                row_errors,
                feed="ship",
                body={"packages": packages},
                write=True,
            )
        except Rejected as refusal:
            return dict.fromkeys(package_ids, call_refused(refusal))
        return row_outcomes(package_ids, errors)


def _no_package(store: Store) -> Outcome:
    reason = markets.buys_labels(store.region) or "The order has no package to ship; read it again."
    return Outcome(Verdict.REFUSED, Cause(CauseId.UNSUPPORTED, "", reason))


def _choice(choice: ShipChoice) -> dict[str, object]:
    """The wire form of a choice; nothing chosen is nothing sent, and the warehouse's setting decides."""
    body: dict[str, object] = {}
    if choice.method is not None:
        body["handover_method"] = choice.method.upper().replace("-", "_")
    if choice.slot_start_at is not None and choice.slot_end_at is not None:
        body.setdefault("handover_method", "PICKUP")
        body["pickup_slot"] = {"start_time": choice.slot_start_at, "end_time": choice.slot_end_at}
    return body
