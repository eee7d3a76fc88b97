"""Shipping TikTok Shop's packages, reading back whether that happened, pick-up slots and carrier events."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from shoptui.adapters.base import (
    AdapterError,
    HandoverOptions,
    Rejected,
    ShipAnswer,
    ShipEvidence,
    ShipRequest,
    Unsupported,
    Verdict,
)
from shoptui.adapters.http import Answer
from shoptui.adapters.tiktok import markets
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.errors import cause_of, verdict_of
from shoptui.adapters.tiktok.mapping import to_event, with_package
from shoptui.adapters.tiktok.orders import OrderReader
from shoptui.adapters.tiktok.settle import evidence_of
from shoptui.adapters.tiktok.wire import (
    BatchAnswer,
    PackageAnswer,
    PackageDetail,
    PlainAnswer,
    RowError,
    SlotsAnswer,
    TrackingAnswer,
    read_envelope,
)
from shoptui.domain.intents import Cause, CauseId, ShipChoice
from shoptui.domain.orders import HistoryEvent, Order, Slot
from shoptui.domain.stores import Store

# Package details asked for at once; the rate limit holds all the same.
_AT_ONCE = 8


class Fulfilment:
    """The fulfilment endpoints of one app's stores."""

    def __init__(self, client: ShopClient, orders: OrderReader, *, batch_max: int) -> None:
        self._client = client
        self._orders = orders
        self._batch_max = batch_max

    async def with_packages(self, store: Store, order: Order) -> Order:
        """The order with every package's detail."""
        package_ids = [package.package_id for package in order.packages]
        for detail in await self._details(store, package_ids, feed="packages"):
            if isinstance(detail, Rejected):
                raise detail
            order = with_package(order, detail)
        return order

    async def handover_options(self, store: Store, package_id: str) -> HandoverOptions | Unsupported:
        if not package_id:
            return Unsupported("This order has no package yet, so there are no pick-up times to choose from.")
        data = (
            await self._client.call(
                store,
                "package.slots",
                "GET",
                f"/fulfillment/202309/packages/{segment(package_id)}/handover_time_slots",
                lambda answer: read_envelope(answer, SlotsAnswer),
                feed="slots",
            )
        ).data
        if data is None:
            return Unsupported("TikTok Shop names no way to hand this package over.")
        slots = tuple(
            Slot(slot.start_time, slot.end_time, available=slot.avaliable is not False)
            for slot in data.pickup_slots or ()
        )
        return HandoverOptions(
            can_pickup=bool(data.can_pickup),
            can_drop_off=bool(data.can_drop_off),
            slots=tuple(sorted(slots, key=lambda slot: slot.start_at)),
            honoured=store.region not in markets.SEA,
        )

    async def ship(self, store: Store, requests: Sequence[ShipRequest]) -> Sequence[ShipAnswer]:
        """One call for all packages; the answers stand in the order of the requests.

        Raises ValueError for more than the batch maximum, and AdapterError when the call as a whole got no answer.
        """
        if len(requests) > self._batch_max:
            raise ValueError(f"one call ships at most {self._batch_max} packages, not {len(requests)}")
        # The same package twice in one call is one package to TikTok Shop.
        sent = list({request.package_id: request for request in requests if request.package_id}.values())
        answers: dict[str, ShipAnswer] = {"": _no_package(store)}
        if len(sent) == 1:
            answers[sent[0].package_id] = await self._ship_one(store, sent[0])
        elif sent:
            answers.update(await self._ship_many(store, sent))
        return [answers[request.package_id] for request in requests]

    async def ship_evidence(self, store: Store, requests: Sequence[ShipRequest]) -> Sequence[ShipEvidence]:
        """What TikTok Shop says now of each package: its own detail, and its order as the second witness."""
        package_ids = list(dict.fromkeys(request.package_id for request in requests if request.package_id))
        details = dict(zip(package_ids, await self._details(store, package_ids, feed="settle"), strict=True))
        page = await self._orders.by_no(store, [request.order_no for request in requests], feed="settle")
        orders = {order.order_no: order for order in page.orders}
        return [
            evidence_of(request.package_id, details.get(request.package_id), orders.get(request.order_no))
            for request in requests
        ]

    async def tracking(self, store: Store, order_no: str) -> Sequence[HistoryEvent]:
        data = (
            await self._client.call(
                store,
                "order.tracking",
                "GET",
                f"/fulfillment/202309/orders/{segment(order_no)}/tracking",
                lambda answer: read_envelope(answer, TrackingAnswer),
                feed="tracking",
            )
        ).data
        events = [to_event(event) for event in (data.tracking if data else None) or ()]
        return sorted(events, key=lambda event: event.at)

    async def _ship_one(self, store: Store, request: ShipRequest) -> ShipAnswer:
        package_id = request.package_id
        try:
            await self._client.call(
                store,
                "package.ship",
                "POST",
                f"/fulfillment/202309/packages/{segment(package_id)}/ship",
                lambda answer: read_envelope(answer, PlainAnswer),
                feed="ship",
                body=_choice(request.choice),
                write=True,
            )
        except Rejected as refusal:
            return _refused(package_id, refusal)
        return ShipAnswer(package_id, Verdict.DONE)

    async def _ship_many(self, store: Store, requests: Sequence[ShipRequest]) -> Mapping[str, ShipAnswer]:
        package_ids = [request.package_id for request in requests]
        body = {"packages": [{"id": request.package_id, **_choice(request.choice)} for request in requests]}
        try:
            errors = await self._client.call(
                store,
                "package.ship_batch",
                "POST",
                "/fulfillment/202309/packages/ship",
                _row_errors,
                feed="ship",
                body=body,
                write=True,
            )
        except Rejected as refusal:
            verdict, _ = verdict_of(refusal.code, "")
            if verdict is Verdict.REFUSED:
                return {package_id: ShipAnswer(package_id, verdict, refusal.cause) for package_id in package_ids}
            # "Already shipped" and "not ready" speak of one package; of which, only reading back can tell.
            return {package_id: ShipAnswer(package_id, Verdict.WAIT, refusal.cause) for package_id in package_ids}
        return _rows(package_ids, errors)

    async def _details(
        self, store: Store, package_ids: Sequence[str], *, feed: str
    ) -> Sequence[PackageDetail | Rejected]:
        """The packages' details, in order; what TikTok Shop refuses to show stands as its refusal."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(package_id: str) -> PackageDetail | Rejected:
            async with gate:
                try:
                    return await self._client.call(
                        store,
                        "package.detail",
                        "GET",
                        f"/fulfillment/202309/packages/{segment(package_id)}",
                        _package_detail,
                        feed=feed,
                    )
                except Rejected as refusal:
                    return refusal

        failure: AdapterError | None = None
        tasks: list[asyncio.Task[PackageDetail | Rejected]] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(package_id)) for package_id in package_ids]
        except* AdapterError as failures:
            failure = _first(failures)
        if failure is not None:
            raise failure
        return [task.result() for task in tasks]


def _first(failures: BaseExceptionGroup[AdapterError]) -> AdapterError:
    """One error for the caller: the group's members all come from the same store and moment."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _package_detail(answer: Answer) -> PackageDetail:
    data = read_envelope(answer, PackageAnswer).data
    if data is None:
        raise Rejected(Cause(CauseId.NOT_OURS, "", "TikTok Shop shows nothing of this package."))
    return data


def _row_errors(answer: Answer) -> Sequence[RowError]:
    data = read_envelope(answer, BatchAnswer).data
    return (data.errors if data else None) or ()


def _rows(package_ids: Sequence[str], errors: Sequence[RowError]) -> Mapping[str, ShipAnswer]:
    """Packages without an error were shipped, provided that every error names one of ours."""
    answers: dict[str, ShipAnswer] = {}
    stray: RowError | None = None
    for error in errors:
        package_id = (error.detail.package_id if error.detail else None) or ""
        if package_id not in package_ids:
            stray = error
            continue
        verdict, cause = verdict_of(error.code, error.message or "")
        answers[package_id] = ShipAnswer(package_id, verdict, cause)
    # An error of nobody may be anybody's: the rest is read back before it counts as done.
    rest = Verdict.DONE if stray is None else Verdict.WAIT
    cause = cause_of(stray.code, stray.message or "") if stray is not None else None
    return {package_id: answers.get(package_id, ShipAnswer(package_id, rest, cause)) for package_id in package_ids}


def _refused(package_id: str, refusal: Rejected) -> ShipAnswer:
    verdict, _ = verdict_of(refusal.code, "")
    return ShipAnswer(package_id, verdict, None if verdict is Verdict.ALREADY else refusal.cause)


def _no_package(store: Store) -> ShipAnswer:
    reason = markets.buys_labels(store.region) or "The order has no package to ship; read it again."
    return ShipAnswer("", Verdict.REFUSED, Cause(CauseId.UNSUPPORTED, "", reason))


def _choice(choice: ShipChoice) -> dict[str, object]:
    """The wire form of a choice; nothing chosen is nothing sent, and the warehouse's setting decides."""
    body: dict[str, object] = {}
    if choice.method is not None:
        body["handover_method"] = choice.method.upper().replace("-", "_")
    if choice.slot_start_at is not None and choice.slot_end_at is not None:
        body.setdefault("handover_method", "PICKUP")
        body["pickup_slot"] = {"start_time": choice.slot_start_at, "end_time": choice.slot_end_at}
    return body
