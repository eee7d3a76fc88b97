"""TikTok Shop's desk for correcting carrier and number of a parcel the seller sent: once, within 72 hours."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.adapters.tiktok import why_not
from shoptui.adapters.tiktok.carriers import Carriers
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import send_each
from shoptui.adapters.tiktok.fulfilment import Fulfilment
from shoptui.adapters.tiktok.wire import PackageDetail, PlainAnswer, read_envelope
from shoptui.domain.intents import CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import OwnShipping
from shoptui.text import sanitise_cell

#: The package shows the number it has; a second correction is refused, so a repetition cannot count twice.
CORRECTION_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=1)


class ChangeTrackingDesk:
    """Corrects a seller's shipment (fulfilment, Update Package Shipping Info): one call each."""

    verb = Verb.CHANGE_TRACKING
    rule = CORRECTION_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, fulfilment: Fulfilment, carriers: Carriers) -> None:
        self._client = client
        self._fulfilment = fulfilment
        self._carriers = carriers

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.change_tracking(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Look first: a package that has this number already must not spend its only correction on it."""
        shipments = await self._carriers.resolve(store, requests)
        details = await self._fulfilment.details(store, [request.target_id for request in requests], feed="ship")
        outcomes: dict[int, Outcome] = {}
        going: dict[int, Request] = {}
        for place, (request, shipment, detail) in enumerate(zip(requests, shipments, details, strict=True)):
            if not isinstance(shipment, OwnShipping):
                outcomes[place] = Outcome(Verdict.REFUSED, shipment)
                continue
            wished = Request(request.order_no, request.target_id, shipment, request.key)
            if isinstance(detail, Rejected):
                outcomes[place] = Outcome(Verdict.REFUSED, detail.cause)
            elif _has(detail, shipment):
                outcomes[place] = Outcome(Verdict.ALREADY, facts=_facts(detail))
            elif not detail.tracking_number:
                outcomes[place] = refused(
                    CauseId.WRONG_STATE, "The package has no tracking number yet; there is nothing to correct."
                )
            else:
                going[place] = wished

        async def one(request: Request) -> Outcome:
            return await self._correct(store, request)

        if going:
            outcomes.update(zip(going, await send_each(list(going.values()), one), strict=True))
        return [outcomes[place] for place in range(len(requests))]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        details = await self._fulfilment.details(store, [request.target_id for request in requests], feed="settle")
        return [_evidence(request, detail) for request, detail in zip(requests, details, strict=True)]

    async def _correct(self, store: Store, request: Request) -> Outcome:
        args = arguments_of(request, OwnShipping)
        await self._client.call(
            store,
            "package.correct",
            "POST",
            f"/fulfillment/202309/packages/{segment(request.target_id)}/shipping_info/update",
            lambda answer: read_envelope(answer, PlainAnswer),
            feed="ship",
            body={"tracking_number": args.tracking_number, "shipping_provider_id": args.provider_id},
            write=True,
        )
        return Outcome(Verdict.DONE)


def _evidence(request: Request, detail: PackageDetail | Rejected) -> Evidence:
    if isinstance(detail, Rejected):
        return Evidence(Verdict.UNDECIDED, {"package": detail.message})
    done = _has(detail, arguments_of(request, OwnShipping))
    return Evidence(Verdict.DONE if done else Verdict.NOT_DONE, _facts(detail))


def _has(detail: PackageDetail, wished: OwnShipping) -> bool:
    """Whether the package has the wished number, and the wished carrier where we know both by id."""
    if (detail.tracking_number or "").casefold() != wished.tracking_number.casefold():
        return False
    return not (wished.provider_id and detail.shipping_provider_id) or detail.shipping_provider_id == wished.provider_id


def _facts(detail: PackageDetail) -> dict[str, str]:
    found = {
        "package_status": detail.package_status,
        "tracking_number": detail.tracking_number or "",
        "carrier": detail.shipping_provider_name or "",
    }
    return {name: sanitise_cell(value) for name, value in found.items() if value}
